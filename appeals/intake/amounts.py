"""Reads the amounts and dates of X12 exactly; never a float, never an exception, never a guess."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

MOST_DIGITS = 10  # of whole dollars: no payment is so large, and the sums of a file stay exact in its entry of the trail (2**53)
_ZEROS = ("00", "0", "")


def cents(text: str) -> int | None:
    """An X12 decimal ("100", "100.5", ".5", "-3.00") as cents; None for anything else, and for a third decimal."""
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if digits.isdigit() and digits.isascii() and len(fraction) < 3 and len(whole) <= MOST_DIGITS:
        return int(digits + _ZEROS[len(fraction)])
    if not text.startswith("-") or text.startswith("--"):
        return None
    amount = cents(text[1:])
    return None if amount is None else -amount


@lru_cache(maxsize=1 << 12)
def day(text: str) -> date | None:
    """A date as CCYYMMDD, or the first day of a range CCYYMMDD-CCYYMMDD; None for anything else."""
    start, _, end = text.partition("-")
    if len(start) != 8 or not (start.isdigit() and start.isascii()) or (end and len(end) != 8):
        return None
    try:
        return date(int(start[:4]), int(start[4:6]), int(start[6:]))
    except ValueError:
        return None  # 20002316 was seen where a date belongs: the raw text is kept and reported


def decimal_text(amount_cents: int) -> str:
    """Cents as an X12 decimal: no trailing zeros, no plus sign."""
    whole, fraction = divmod(abs(amount_cents), 100)
    text = f"{whole}.{fraction:02d}".rstrip("0").rstrip(".")
    return f"-{text}" if amount_cents < 0 else text
