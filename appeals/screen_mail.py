"""What the outbox prints: what waits, what was refused, and what a run did. It shows no address and no text of a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from appeals import show
from appeals.audit import instant
from appeals.mailterms import FAILED, SENDING, WAITING
from appeals.outbox import Outbox
from appeals.screens import Look, Screen

if TYPE_CHECKING:
    from appeals.services.posting import Posted

ByHand = tuple[Sequence[Outbox], Sequence[Outbox]]  # put back to be sent at once; given up
Held = tuple[Sequence[Outbox], int]  # what has not left for longer than it may; how many hours that are
SHORT_ID = 12
COLUMNS = ("message", "to", "of", "status", "tries", "next try", "the server said")


def outbox(
    messages: Sequence[Outbox],
    posted: Posted | None,
    by_hand: ByHand,
    look: Look,
    *,
    held: Held = ((), 0),
    dry_run: bool,
    checked: str = "",
) -> Screen:
    """The messages, below what a run did with them; `checked` is a server that was opened to try the settings.

    Exit 4 where something was not sent, 3 where only a list shows it refused, or not sent for longer than it may (`held`).
    """
    again, dropped = by_hand
    lines = [f"The mail server {checked} was opened as a mail would open it, and nothing was sent."] if checked else []
    lines += [f"{show.count(len(again), 'message')} put back, to be sent at once."] if again else []
    lines += [f"{show.count(len(dropped), 'message')} given up."] if dropped else []
    lines += told(posted) if posted is not None else []
    rows = [_cells(each) for each in messages]
    lines += [*show.table(COLUMNS, rows, tty=look.tty, width=look.width)] if rows else [] if posted else ["Nothing waits to be sent."]
    refused = [each for each in messages if each.status == FAILED]
    if refused:
        lines.append("Refused for good: mend the address or the server, then `appeals outbox --send --retry MESSAGE`; or --drop it.")
    lines += stuck(*held)
    lines += ["  [dry run: nothing was sent or written]"] if dry_run else []
    data: dict[str, Any] = {
        "messages": [message_json(each) for each in messages],
        "retried": [each.message_id for each in again],
        "dropped": [each.message_id for each in dropped],
        "run": posted_json(posted) if posted is not None else None,
        "stuck": [each.message_id for each in held[0]],
        "checked": checked,
        "dry_run": dry_run,
    }
    listed = 3 if refused or held[0] else 0
    return Screen(command="outbox", data=data, lines=lines, code=posted.code or listed if posted is not None else listed)


def stuck(messages: Sequence[Outbox], hours: int) -> list[str]:
    """Whose mail has not left for longer than the reminders pack allows."""
    if not messages:
        return []
    whom = ", ".join(show.text(account) for account in sorted({each.account for each in messages}))
    have = show.count(len(messages), "mail has", "mails have")
    return [f"{have} not left for more than {hours} hours, to {whom}: nobody got it. `appeals outbox --send` tries and says why."]


def told(posted: Posted) -> list[str]:
    """What a run did, in a few lines; `remind` prints them below its own."""
    if posted.dry_run:
        return [f"{show.count(len(posted.sent), 'mail')} would be sent."]
    counts = f"{show.count(len(posted.sent), 'mail')} sent"
    counts += "".join(
        f", {len(found)} {what}" for found, what in ((posted.later, "to be tried again"), (posted.failed, "refused")) if found
    )
    counts += f", {posted.left} not due or in other hands" if posted.left else ""
    lines = [f"{counts}."]
    if posted.again:
        number = show.count(len(posted.again), "mail was", "mails were")
        lines.append(f"{number} begun before and never ended; whoever got one twice sees the same Message-ID.")
    lines += [f"  refused, for a person: mail to {show.text(each.account)}: {show.text(each.last_answer)}" for each in posted.failed]
    lines += [f"  {posted.problem.message} {posted.problem.hint}".rstrip()] if posted.problem is not None else []
    return lines


def posted_json(posted: Posted) -> dict[str, Any]:
    """What a run did, for a program."""
    problem = posted.problem
    return {
        **{name: [each.message_id for each in getattr(posted, name)] for name in ("sent", "later", "failed", "again")},
        "left": posted.left,
        "problem": {"code": problem.exit_code, "name": problem.name, "message": problem.message} if problem is not None else None,
    }


def message_json(message: Outbox) -> dict[str, Any]:
    """One message, without its address and its text."""
    return {
        "message_id": message.message_id,
        "to": message.account,
        "channel": message.channel,
        "status": message.status,
        "attempts": message.attempts,
        "created_on": message.created_on.isoformat(),
        "last_answer": message.last_answer,
        **{name: _instant(getattr(message, name)) for name in ("next_attempt_at", "tried_at", "sent_at")},
    }


def _cells(message: Outbox) -> tuple[str, ...]:
    word = {WAITING: "waits", SENDING: "being sent", FAILED: "REFUSED"}.get(message.status, message.status)
    turn = message.next_attempt_at.strftime("%Y-%m-%d %H:%M UTC") if message.next_attempt_at else "-"
    short = message.message_id.strip("<>")[:SHORT_ID]
    return (short, message.account, message.created_on.isoformat(), word, str(message.attempts), turn, message.last_answer)


def _instant(when: datetime | None) -> str | None:
    return None if when is None else instant(when)
