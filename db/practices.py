"""Which practice of a file is meant. It never writes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from appeals.errors import Ambiguous, NoDatabase, NotFound, StorageError
from appeals.model import Practice
from db.rows import columns, value_of
from db.schema_people import practice as practices


def all_practices(connection: Connection) -> tuple[Practice, ...]:
    """Every practice in the file, by name. Raises StorageError where a record of one cannot be read."""
    try:
        return tuple(value_of(Practice, row) for row in connection.execute(select(*columns(Practice)).order_by(practices.c.name)))
    except (ValueError, TypeError) as error:
        raise StorageError("The record of a practice is damaged.", "Restore the last backup, then `appeals doctor`.") from error


def called(known: Sequence[Practice], wanted: str) -> Practice:
    """The practice of this name or id, or the only one. Raises NoDatabase, NotFound, Ambiguous."""
    names = [practice.name for practice in known]
    found = [practice for practice in known if not wanted or wanted == practice.id or wanted.casefold() == practice.name.casefold()]
    if not known:
        raise NoDatabase("The database has no practice yet.", "Add one with `appeals init`.")
    if not found:
        raise NotFound(f"There is no practice {wanted!r} here.", f"Give one of: {', '.join(names)}.")
    if len(found) > 1:
        raise Ambiguous("There are several practices here.", f"Name one with --practice: {', '.join(names)}.", names)
    return found[0]
