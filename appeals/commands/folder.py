"""Digests as files, one a person and day, for an office without a mail server."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from appeals import mailing
from appeals.digest import PersonDigest
from appeals.errors import CannotWrite

SAFE = re.compile(r"[^A-Za-z0-9._-]")


def to_folder(folder: Path, digests: Iterable[PersonDigest]) -> tuple[Path, ...]:
    """Write each digest into `folder` as `DAY-ACCOUNT.txt`, private and whole; the same day again takes the place of the first.

    Raises:
        CannotWrite: the folder is none, or cannot be written.
    """
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(f"{folder} is no folder this account may write to.", "Make it, or name another.")
    return tuple(_written(folder / file_name(digest), mailing.text(digest)) for digest in digests)


def file_name(digest: PersonDigest) -> str:
    """What the file of a digest is called; an account cannot lead out of the folder."""
    return f"{digest.on.isoformat()}-{SAFE.sub('_', digest.account) or '_'}.txt"


def _written(target: Path, text: str) -> Path:
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".appeals-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{target} cannot be written: {error.strerror}.", "Choose a folder you may write to.") from error
    return target
