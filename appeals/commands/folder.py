"""Digests as files, one a person and run, for an office without a mail server. What a crash or a full disk cut off is made up for."""

from __future__ import annotations

import os
import shlex
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path

from appeals import filenames, mailing
from appeals.digest import PersonDigest
from appeals.errors import CannotWrite
from appeals.record import Run
from appeals.services import untold
from appeals.services.store import Store
from appeals.services.untold import Mark

TAIL = 8  # of the ledger's name of a run, which ends in random digits


def usable(folder: Path) -> None:
    """Refuse a folder that is none, or cannot be written. Raises CannotWrite."""
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(f"{folder} is no folder this account may write to.", "Make it, or name another.")


def to_folder(folder: Path, store: Store, run: Run, *, again: bool = False) -> tuple[Path, ...]:
    """Write what the runs told and the folder was not given yet; no file is ever replaced.

    How far it came stands in a file of its own beside them, so that a digest somebody took away does not come back; `again` looks
    at what is there instead, for all runs of the last one's day.

    Raises:
        CannotWrite: the folder is none, or cannot be written; the same again writes what is missing.
    """
    usable(folder)
    marked = folder / f".appeals-told-{run.practice.id}"
    written = []
    try:
        for told, digests in untold.since(store, run, None if again else _mark(marked)):
            for digest in digests:
                target = folder / file_name(digest, told.key)
                if not os.path.lexists(target):
                    _put(target, mailing.text(digest))
                    written.append(target)
            _put(marked, f"{told.on.isoformat()} {told.key}\n")
    except OSError as error:
        command = shlex.join(["appeals", "remind", "--practice", run.practice.name, "--to-folder", str(folder)])
        raise CannotWrite(
            f"The digests cannot be written into {folder}: {error.strerror}.", f"Mend that; then `{command}` writes what is missing."
        ) from error
    return tuple(written)


def file_name(digest: PersonDigest, key: str) -> str:
    """What the file of a digest of the run `key` is called: another one for each run, practice and account, on every share."""
    return f"{digest.on.isoformat()}-{filenames.practice(digest.practice)}-{filenames.account(digest.account)}-{key[-TAIL:]}.txt"


def _mark(marked: Path) -> Mark | None:
    with suppress(FileNotFoundError, ValueError):
        on, key = marked.read_text("utf-8").split()
        return Mark(on=date.fromisoformat(on), key=key)
    return None


def _put(target: Path, text: str) -> None:
    """The file whole and on the disk, or none."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".appeals-new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    opened = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
