"""The outbox: which messages are not sent yet, and the one way a message moves. It sends nothing and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, update

from appeals.model import Practice
from appeals.record import Change, Outbox
from db.engine import Database
from db.rows import fetch, row_of
from db.schema_work import outbox
from db.writing import write

# Whoever sees the message as it was read moves it; a second one finds another status or count, and moves nothing.
_move = update(outbox).where(
    outbox.c.practice_id == bindparam("key_practice"),
    outbox.c.id == bindparam("key_id"),
    outbox.c.status == bindparam("key_status"),
    outbox.c.attempts == bindparam("key_attempts"),
)


class Outboxes:
    """What a store knows of messages."""

    database: Database
    practice: Practice

    def outbox(self, *statuses: str) -> tuple[Outbox, ...]:
        """The messages of these statuses, the oldest first."""
        read = self.database.read
        found = read(lambda cx: [one for status in statuses for one in fetch(cx, Outbox, self.practice.id, status=status)])
        return tuple(sorted(found, key=lambda one: (one.created_on, one.id)))

    def message(self, message_id: str) -> Outbox | None:
        """The message with this Message-ID, whatever became of it."""
        found = self.database.read(lambda cx: fetch(cx, Outbox, self.practice.id, message_id=message_id))
        return found[0] if found else None

    def move(self, before: Outbox, after: Outbox, changes: Sequence[Change] = (), *, request_id: str = "") -> bool:
        """Put `after` in the place of `before`, with the events that say so, in one transaction.

        False where the message is no longer as it was read; nothing was written then.
        """
        return self.database.write(lambda cx: _moved(cx, before, after, changes, request_id))


def _moved(connection: Connection, before: Outbox, after: Outbox, changes: Sequence[Change], request_id: str) -> bool:
    keys = {"key_practice": before.practice_id, "key_id": before.id, "key_status": before.status, "key_attempts": before.attempts}
    row = {name: value for name, value in row_of(after).items() if name not in ("practice_id", "id")}
    if connection.execute(_move, row | keys).rowcount != 1:
        return False
    if changes:
        write(connection, before.practice_id, changes, request_id)
    return True
