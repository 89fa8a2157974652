"""A practice is added to a file: its row, and the log that begins with its first event."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, insert

from appeals.audit import Tree
from appeals.errors import BadConfiguration
from appeals.model import Practice
from appeals.record import Change, Head
from db.opening import open_database
from db.practices import all_practices
from db.rows import row_of
from db.schema_people import practice as practices
from db.writing import write


def add_practice(path: str | Path, practice: Practice, *, log_id: str, first_change: Change, driver: ModuleType | None = None) -> Head:
    """Add a practice whose log begins with `first_change`'s event. Raises BadConfiguration where the name is taken."""
    database = open_database(path, driver=driver)
    try:
        return database.write(lambda connection: _added(connection, practice, log_id, first_change))
    finally:
        database.close()


def _added(connection: Connection, practice: Practice, log_id: str, first_change: Change) -> Head:
    if any(known.name.casefold() == practice.name.casefold() for known in all_practices(connection)):
        raise BadConfiguration("A practice of this name is already there.", "Give the new one another name.")
    empty = Tree()
    start = {
        "log_id": log_id,
        "log_size": empty.size,
        "log_frontier": json.dumps(empty.to_hex()),
        "log_root": empty.root().hex(),
        "next_case_number": 1,
    }
    connection.execute(insert(practices), row_of(practice) | start)
    return write(connection, practice.id, (first_change,), first_change.event.request).head
