"""Standard output: a disk that is full behind it is an error like any other, and a reader that went away is none."""

from __future__ import annotations

import os
import sys

import click

from appeals.errors import StorageError


class OutputLost(StorageError):
    """What was printed did not arrive."""


def said(message: str | bytes, *, end: bool = True) -> None:
    """Write to standard output, with a line end where `end`, and see that it arrived.

    Raises:
        OutputLost: it did not. BrokenPipeError: whoever read it went away.
    """
    try:
        click.echo(message, nl=end)
    except BrokenPipeError:
        raise
    except OSError as error:
        silenced()
        raise OutputLost(f"The output could not be written: {error.strerror}.", "Make room where it goes, then run it again.") from error


def silenced() -> None:
    """Let what is still to be written go nowhere: Python would try once more when it ends, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
