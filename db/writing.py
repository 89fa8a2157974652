"""The one door that writes: cases with compare-and-set, what hangs on them, and the events that say so. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from appeals.errors import Overtaken, StaleCase
from appeals.model import Case, Practice
from appeals.record import Change
from appeals.services.kept import Original
from appeals.services.store import Applied
from db import log, originals
from db.rows import KINDS_IN_ORDER, TABLES, Kind, names, row_of, upsert
from db.schema_case import case
from db.schema_people import practice
from db.schema_work import event

_open_case = insert(case)
_move_case = update(case).where(
    case.c.practice_id == bindparam("key_practice"), case.c.id == bindparam("key_id"), case.c.version == bindparam("key_version")
)
_stored_case = select(case.c.number, case.c.state).where(case.c.practice_id == bindparam("practice"), case.c.id == bindparam("case"))
_last_move = (
    select(event.c.actor, event.c.recorded_at, event.c.case_version)
    .where(event.c.practice_id == bindparam("practice"), event.c.case_id == bindparam("case"), event.c.case_version.is_not(None))
    .order_by(event.c.seq.desc())
    .limit(1)
)
_change_practice = update(practice).where(practice.c.id == bindparam("key_practice"))


@dataclass(slots=True)
class _Move:
    """A case from how it was read to how this call leaves it."""

    before: Case | None
    after: Case


def write(
    connection: Connection,
    practice_id: str,
    changes: Sequence[Change],
    request_id: str,
    since: int | None = None,
    original: Original | None = None,
) -> Applied:
    """Write `changes` and their events in the caller's transaction, which ends with this call. Raises StaleCase, Overtaken."""
    if not changes:
        raise ValueError("nothing to write")
    end = log.end_of(connection, practice_id)
    if since is not None and (faster := log.overtaken(connection, end, since)):
        raise Overtaken(f"{faster} has just opened a case or changed who is known; nothing was written.", "Run the same command again.")
    first_seq = end.tree.size + 1
    numbered = _numbered(changes, end)
    moves = _moves(numbered)
    rows = _rows(numbered, practice_id)
    for kind in KINDS_IN_ORDER:
        if kind is Case:
            _write_cases(connection, moves)
        elif kind is Practice:
            _write_practice(connection, rows.get(kind, {}))
        elif kind in rows:
            connection.execute(upsert(kind), list(rows[kind].values()))
    if original is not None:
        originals.keep(connection, practice_id, original)
    head = log.append(connection, end, [(change.event, _moved_to(change)) for change in numbered], request_id)
    return Applied(head=head, cases=tuple(move.after for move in moves.values()), first_seq=first_seq)


def _moved_to(change: Change) -> int | None:
    return change.after.version if change.after is not None and change.after != change.before else None


def _numbered(changes: Sequence[Change], end: log.End) -> list[Change]:
    """The changes with a number for every case that has none yet, in its event too."""
    given: dict[str, str] = {}
    found = []
    for change in changes:
        before, after, entry = change.before, change.after, change.event
        if after is not None and not after.number:
            if before is None:
                given[after.id] = f"A-{end.next_case_number:06d}"
                end.next_case_number += 1
                entry = replace(entry, changes={**entry.changes, "number": [None, given[after.id]]})
            number = given[after.id]
            before = before and replace(before, number=number)
            change = Change(event=entry, before=before, after=replace(after, number=number), clocks=change.clocks, puts=change.puts)
        found.append(change)
    return found


def _moves(changes: Sequence[Change]) -> dict[str, _Move]:
    """Case id -> where this call takes it. Raises ValueError where changes of one call do not follow each other: a bug."""
    moves: dict[str, _Move] = {}
    for change in changes:
        before, after = change.before, change.after
        if after is None:
            continue
        if after != before and after.version != (before.version + 1 if before else after.version):
            raise ValueError("a change raises the version of its case by one")
        known = moves.get(after.id)
        if known is None:
            moves[after.id] = _Move(before, after)
        elif before is None or before.version != known.after.version:
            raise ValueError("two changes of one case do not follow each other")
        else:
            known.after = after
    return moves


def _rows(changes: Sequence[Change], practice_id: str) -> dict[Kind, dict[str, dict[str, Any]]]:
    """Type -> id -> row; of several versions of one row the last is written."""
    rows: dict[Kind, dict[str, dict[str, Any]]] = {}
    for change in changes:
        if change.event.practice != practice_id:
            raise ValueError("an event of another practice")
        for value in (*change.puts, *change.clocks):
            kind: Kind = type(value)
            if kind not in TABLES or kind is Case:
                raise TypeError(f"{kind.__name__} is not written as a row of its own")
            if (value.id if kind is Practice else value.practice_id) != practice_id:
                raise ValueError(f"a {kind.__name__} of another practice")
            rows.setdefault(kind, {})[value.id] = row_of(value)
    return rows


def _write_cases(connection: Connection, moves: dict[str, _Move]) -> None:
    opened = [row_of(move.after) for move in moves.values() if move.before is None]
    if opened:
        connection.execute(_open_case, opened)
    moved = [move for move in moves.values() if move.before is not None]
    if moved and connection.execute(_move_case, [_keyed(move) for move in moved]).rowcount != len(moved):
        raise _stale(connection, moved)


def _keyed(move: _Move) -> dict[str, Any]:
    row = row_of(move.after)
    expected = move.before.version if move.before else 0
    return row | {"key_practice": row.pop("practice_id"), "key_id": row.pop("id"), "key_version": expected}


def _stale(connection: Connection, moved: Sequence[_Move]) -> StaleCase:
    """Who moved the first of these cases that is not as it was read. Our own events are not in the log yet."""
    for move in moved:
        which = {"practice": move.after.practice_id, "case": move.after.id}
        last = connection.execute(_last_move, which).one_or_none()
        if last is not None and move.before is not None and last.case_version != move.before.version:
            stored = connection.execute(_stored_case, which).one()
            return StaleCase(
                f"Case {stored.number} was moved to {stored.state.value} by {last.actor} at {last.recorded_at:%Y-%m-%d %H:%M} UTC; "
                "nothing was written.",
                f"Look at it as it is now: appeals show {stored.number}",
            )
    return StaleCase("A case is no longer as it was read; nothing was written.", "Run `appeals doctor`.")


def _write_practice(connection: Connection, rows: dict[str, dict[str, Any]]) -> None:
    for row in rows.values():
        connection.execute(_change_practice, {name: row[name] for name in names(Practice) if name != "id"} | {"key_practice": row["id"]})
