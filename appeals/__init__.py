"""The appeal tracker's domain: what a denied claim is, which clocks run on it, and who did what."""

__version__ = "0.1.0"
