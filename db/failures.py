"""What the database's own complaints mean to a person, in one line without a stored value; it never hides an unknown one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from appeals.errors import AppealsError, CannotWrite, FileRefused, StaleCase, StorageError

AGAIN = "Run the same command again; it is safe."
DOCTOR = "Run `appeals doctor`; if it finds damage, go back to a copy with `appeals restore`."

# SQLite's words (sqlite.org/rescode.html), in lower case -> what is raised.
KNOWN: tuple[tuple[str, type[AppealsError], str, str], ...] = (
    ("is locked", StaleCase, "{path} stayed busy; nothing was written.", AGAIN),
    ("unique constraint failed", StaleCase, "Somebody else wrote the same at the same moment ({detail}); nothing was written.", AGAIN),
    ("readonly database", CannotWrite, "{path} cannot be written: it, its folder or its disk is read-only.", "Look at `ls -ld` of both."),
    ("unable to open", CannotWrite, "{path} or its journal cannot be opened.", "Its folder must be yours to write: look at `ls -la`."),
    ("disk is full", StorageError, "The disk of {path} is full.", "Make room, then run the same command again; it is safe."),
    ("disk i/o error", StorageError, "The disk of {path} failed.", "Look at the disk, then run the same command again; it is safe."),
    ("malformed", StorageError, "{path} is damaged.", DOCTOR),
    ("not a database", StorageError, "{path} is damaged, or encrypted with another key.", DOCTOR),
    ("could not decode", StorageError, "{path} holds text that is not Unicode: it was changed by another program.", DOCTOR),
    ("the audit trail", StorageError, "The audit trail in {path} does not go on where it ended; nothing was written.", DOCTOR),
    ("ck_document_content", FileRefused, "The document is larger than 50 MB; nothing was written.", "Make it smaller, or split it in two."),
)


def is_busy(error: Exception) -> bool:
    """Whether somebody else was writing: the whole transaction may be tried again."""
    return "is locked" in _said(error)


def told(error: Exception, path: Path) -> AppealsError | None:
    """The error a person can mend, or None: then it is a bug of ours, and must show as one."""
    said = _said(error)
    for words, kind, message, hint in KNOWN:
        if words in said:
            # SQLite names tables and columns after the colon, never values.
            return kind(message.format(path=path, detail=said.rpartition(": ")[2]), hint)
    return None


def _said(error: Exception) -> str:
    """The driver's own words: SQLAlchemy adds the statement to them."""
    return str(error.orig if isinstance(error, DBAPIError) else error).lower()
