"""How long to wait before a message is tried again: data in `rulepacks/mail.toml`. It sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

import tomli

from appeals.outbox import Outbox

WAITING, SENDING, SENT, FAILED, DROPPED = "waiting", "sending", "sent", "failed", "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The numbers of `mail.toml`."""

    retry_minutes: tuple[int, ...]
    lost_minutes: int
    unreachable: int
    busy_tries: int
    timeout_seconds: int
    longest_timeout_seconds: int
    conversation_timeouts: int

    def next_attempt(self, attempts: int, now: datetime) -> datetime:
        """When a message is tried again after so many tries."""
        return now + timedelta(minutes=self.retry_minutes[min(attempts, len(self.retry_minutes)) - 1])

    def is_lost(self, message: Outbox, now: datetime) -> bool:
        """Whether somebody began to send it and never said how it went. A clock that was put back must not hide that."""
        return message.status == SENDING and (
            message.tried_at is None or abs(now - message.tried_at) > timedelta(minutes=self.lost_minutes)
        )

    def is_due(self, message: Outbox, now: datetime) -> bool:
        """Whether it is to be handed over now. With a clock that was put back, what was tried "later than now" is due as well."""
        if message.status != WAITING:
            return self.is_lost(message, now)
        put_back = message.tried_at is not None and message.tried_at - now > timedelta(minutes=self.lost_minutes)
        return message.next_attempt_at is None or message.next_attempt_at <= now or put_back


@cache
def terms() -> Terms:
    """The terms that ship."""
    given = tomli.loads(resources.files("appeals.rulepacks").joinpath("mail.toml").read_text("utf-8"))["mail"]
    return Terms(**{**given, "retry_minutes": tuple(given["retry_minutes"])})
