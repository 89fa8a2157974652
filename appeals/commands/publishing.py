"""Files others may read, replaced whole: a reader sees the former one or the new one. No link is followed, nothing of others replaced."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appeals.errors import CannotWrite

READABLE = 0o644  # by choice: whoever may see the folder may read the feeds
WRITABLE_BY_ALL = 0o002
BEGINNING = 4096
IsOurs = Callable[[bytes], bool]


@contextmanager
def folder(out: str) -> Iterator[int]:
    """A folder to publish in, held open so that it cannot be exchanged meanwhile.

    Raises:
        CannotWrite: it is no folder, may not be written, or everybody may write to it: then anybody could publish other dates.
    """
    try:
        handle = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise CannotWrite(f"{out} is no folder that can be opened: {error.strerror}.", "Make it first, or choose another.") from error
    try:
        if os.fstat(handle).st_mode & WRITABLE_BY_ALL:
            raise CannotWrite(f"Everybody may write to {out}, so anybody could put other dates there.", f"chmod o-w {out}")
        if not os.access(out, os.W_OK | os.X_OK):
            raise CannotWrite(f"{out} is no folder this account may write to.", "Choose one that is.")
        yield handle
    finally:
        os.close(handle)


def there(handle: int, is_ours: IsOurs) -> tuple[str, ...]:
    """The names of the files in it that are ours, in order."""
    return tuple(name for name in sorted(os.listdir(handle)) if name.endswith(".ics") and is_ours(_beginning(handle, name) or b""))


def refuse_anothers(handle: int, name: str, is_ours: IsOurs) -> None:
    """Refuse a name behind which lies something that is not ours to replace. Raises CannotWrite."""
    begins = _beginning(handle, name)
    if begins is not None and not is_ours(begins):
        raise CannotWrite(f"{name} exists already and is no feed of this practice.", "Choose another folder, or move it away.")


def replaced(handle: int, name: str, content: bytes) -> None:
    """Put the file there whole, on the disk before its name is given to it. Raises CannotWrite; the former file stays then."""
    temporary = f".{name}.{os.getpid()}.new"
    try:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=handle)
        made = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=handle)
        try:
            with os.fdopen(made, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fchmod(stream.fileno(), READABLE)
                os.fsync(stream.fileno())
            os.rename(temporary, name, src_dir_fd=handle, dst_dir_fd=handle)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=handle)
            raise
        os.fsync(handle)
    except OSError as error:
        raise CannotWrite(f"{name} cannot be written: {error.strerror}.", "Mend that, then run it again; the former file stays.") from error


def _beginning(handle: int, name: str) -> bytes | None:
    """How the file begins; b"" where it is no ordinary file or cannot be read, None where there is none."""
    try:
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=handle)
    except FileNotFoundError:
        return None
    except OSError:
        return b""
    try:
        return os.read(opened, BEGINNING) if stat.S_ISREG(os.fstat(opened).st_mode) else b""
    finally:
        os.close(opened)


def place(out: str, name: str) -> str:
    """The file's whole name, for people."""
    return str(Path(out) / name)
