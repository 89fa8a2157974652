"""A message on its way to somebody: a frozen value, no I/O. The same conventions as `record`, which gives it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """A message to send to one account; what it tells of and the intent to send it commit together.

    `status`: waiting (until `next_attempt_at`, if that is set), sending (since `tried_at`), sent, failed (a person must look),
    dropped (one did, and gave it up).
    `recipient` is the address, `body` the whole message as it goes out, `last_answer` what the server said last.
    """

    id: str
    practice_id: str
    channel: str
    recipient: str
    message_id: str
    body: str
    status: str = "waiting"
    attempts: int = 0
    created_on: date
    account: str = ""
    last_answer: str = ""
    next_attempt_at: datetime | None = None
    tried_at: datetime | None = None
    sent_at: datetime | None = None
