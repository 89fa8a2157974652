"""What waits in the outbox goes out: each message is claimed, handed over, and its end written with its event.

Nothing is lost: a message that was begun and not ended is sent again, under the same Message-ID. A server that took it without
saying so makes one more copy, and nothing else does. Which transport it is, and what time it is, are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

from appeals import mailing
from appeals.digest import PersonDigest
from appeals.errors import AppealsError, BadConfiguration, ImpossibleValue, NotFound, StaleCase
from appeals.mailterms import DROPPED, FAILED, SENDING, SENT, WAITING, Terms, terms
from appeals.outbox import Outbox
from appeals.record import Change, Run
from appeals.services import writing
from appeals.services.store import Store

ALL = "all"
LISTED = "`appeals outbox` lists what waits and what was refused."
PERSON = "No server was asked: the address is none."


class Unreachable(StaleCase):
    """No mail server answers; every message still waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server made of one message: it took it, it may take it later, or it never will. `words` are its own, on one line."""

    outcome: str  # SENT, WAITING or FAILED
    code: int = 0
    words: str = ""


class Transport(Protocol):
    """Hands one message to a mail server."""

    def deliver(self, recipient: str, body: bytes) -> Answer:
        """What became of it; an answer that never came is `WAITING`.

        Raises:
            Unreachable, BadConfiguration: no server was spoken to about this message.
        """
        ...


@dataclass(slots=True, kw_only=True)
class Posted:
    """What one run did. `again` are the messages whose fate was unknown after a crash; `problem` is what ended the run early."""

    sent: list[Outbox] = field(default_factory=list)
    later: list[Outbox] = field(default_factory=list)
    failed: list[Outbox] = field(default_factory=list)
    again: list[Outbox] = field(default_factory=list)
    left: int = 0
    problem: AppealsError | None = None
    dry_run: bool = False

    @property
    def code(self) -> int:
        """The exit code: 4 where something was not sent that should have been."""
        return 4 if self.later or self.failed or self.problem else 0


def outbox_row(run: Run, digest: PersonDigest, message: EmailMessage) -> Outbox:
    """The message as it waits; to be put in the transaction that says the person was reminded.

    Its Message-ID is unique in the practice: of two commands that tell one person the same at once, one gets StaleCase.
    """
    return Outbox(
        id=run.new_id(),
        practice_id=run.practice.id,
        channel=mailing.CHANNEL,
        account=digest.account,
        recipient=digest.email,
        message_id=str(message["Message-ID"]),
        body=message.as_bytes(policy=SMTP).decode("ascii"),
        created_on=digest.on,
    )


def post(store: Store, run: Run, transport: Transport, *, now: Callable[[], datetime], by: Terms | None = None) -> Posted:
    """Send what is due, the oldest first, each message by whoever claims it first.

    `now` is asked again for each message: one slow server must not make a claim look older than it is.
    """
    by = by or terms()
    posted = Posted(dry_run=run.dry_run)
    out_of_reach = 0
    due, addresses = _due(store, posted, by, now()), {person.account: person.email for person in store.people()}
    for place, message in enumerate(due):
        if run.dry_run:
            posted.sent.append(message)
            continue
        # Also what a lost answer may have delivered to the old address: under the same Message-ID, since one copy more is
        # better than a reminder its reader never gets.
        claimed = replace(
            _readdressed(message, addresses), status=SENDING, attempts=message.attempts + 1, tried_at=now(), next_attempt_at=None
        )
        if not store.move(message, claimed):  # another run has it
            posted.left += 1
            continue
        try:
            answer = _handed(transport, claimed)
        except (Unreachable, BadConfiguration) as error:
            store.move(claimed, message)  # nobody was told anything: as if it had not been tried
            posted.later.append(message)
            posted.problem, out_of_reach = error, out_of_reach + 1
            if isinstance(error, BadConfiguration) or out_of_reach >= by.unreachable:
                posted.left += len(due) - place - 1
                break
            continue
        out_of_reach, posted.problem = 0, None
        _end(store, replace(run, recorded_at=now()), posted, claimed, answer, by, was=message)
    return posted


def _due(store: Store, posted: Posted, by: Terms, now: datetime) -> list[Outbox]:
    unsent = store.outbox(WAITING, SENDING)
    due = [message for message in unsent if by.is_due(message, now)]
    posted.left = len(unsent) - len(due)
    return due


def _handed(transport: Transport, message: Outbox) -> Answer:
    if not mailing.is_address(message.recipient):
        return Answer(outcome=FAILED, words=PERSON)
    return transport.deliver(message.recipient, message.body.encode("utf-8"))


def _end(store: Store, run: Run, posted: Posted, claimed: Outbox, answer: Answer, by: Terms, *, was: Outbox) -> None:
    """Write what became of a claimed message, with its event where that is final."""
    now = run.recorded_at
    after = replace(claimed, status=answer.outcome, last_answer=answer.words)
    if answer.outcome == SENT:
        after = replace(after, sent_at=now)
    elif answer.outcome == WAITING:
        after = replace(after, next_attempt_at=by.next_attempt(claimed.attempts, now))
    if was.status == SENDING:
        posted.again.append(after)
    changes = () if answer.outcome == WAITING else (_told(run, "mailed" if answer.outcome == SENT else "refused", after, was, answer),)
    if not _written(store, claimed, after, changes, by.busy_tries) and not _ended_late(store, after, changes):
        posted.left += 1
        return
    {SENT: posted.sent, WAITING: posted.later, FAILED: posted.failed}[answer.outcome].append(after)


def _written(store: Store, claimed: Outbox, after: Outbox, changes: tuple[Change, ...], tries: int) -> bool:
    """The server has answered, and the database may be busy for long (an import): to give up would send the message twice."""
    for _ in range(tries - 1):
        with suppress(StaleCase):
            return store.move(claimed, after, changes)
    return store.move(claimed, after, changes)


def _ended_late(store: Store, after: Outbox, changes: tuple[Change, ...]) -> bool:
    """It took so long that somebody else took the message for lost; where it still waits after that, what is sent is sent."""
    found = store.message(after.message_id) if after.status == SENT else None
    return found is not None and found.status in (WAITING, FAILED) and store.move(found, replace(after, attempts=found.attempts), changes)


def _told(run: Run, name: str, message: Outbox, was: Outbox, answer: Answer) -> Change:
    """The entry of a message's end. The server's own words stay out: they may repeat anything."""
    facts: dict[str, object] = {"message": message.message_id, "to": message.account, "attempts": message.attempts}
    facts |= {"code": answer.code} if answer.code else {}
    facts |= {"again": True} if was.status == SENDING else {}
    facts |= {"readdressed": True} if was.recipient != message.recipient else {}
    return Change(event=writing.event(run, "reminder", name, facts=facts))


def retry(store: Store, run: Run, which: str) -> tuple[Outbox, ...]:
    """Put messages that were refused, or wait for their next turn, back to be sent at once, to the address the person has now.

    `which` is how a Message-ID begins, or `all`.

    Raises:
        NotFound: there is no such message. ImpossibleValue: it was sent, is being sent, or was given up.
    """
    return _decided(store, run, which, "retried", WAITING)


def drop(store: Store, run: Run, which: str) -> tuple[Outbox, ...]:
    """Give messages up that were refused or wait: whom they were for has left, or was told otherwise. Raises as `retry`."""
    return _decided(store, run, which, "dropped", DROPPED)


def drop_for(store: Store, run: Run, account: str) -> tuple[Outbox, ...]:
    """Give up what waits for, or was refused to, somebody who gets no mail any more."""
    chosen = [(one, replace(one, status=DROPPED, next_attempt_at=None)) for one in store.outbox(FAILED, WAITING) if one.account == account]
    return _moved(store, run, "dropped", chosen)


def _decided(store: Store, run: Run, which: str, name: str, status: str) -> tuple[Outbox, ...]:
    """What a person decides about messages that are stuck, each with its entry."""
    wanted = which.strip().strip("<>").casefold()
    chosen = [one for one in store.outbox(FAILED, WAITING) if wanted == ALL or _begins(one, wanted)]
    if not chosen and wanted != ALL:
        if any(_begins(one, wanted) for one in store.outbox(SENT, SENDING, DROPPED)):
            raise ImpossibleValue("This message was sent, is being sent, or was given up.", LISTED)
        raise NotFound("No message begins like this.", LISTED)
    addresses = {person.account: person.email for person in store.people()} if status == WAITING else {}
    moved = [(one, replace(_readdressed(one, addresses), status=status, next_attempt_at=None)) for one in chosen]
    return _moved(store, run, name, [(before, after) for before, after in moved if before != after])


def _moved(store: Store, run: Run, name: str, changed: list[tuple[Outbox, Outbox]]) -> tuple[Outbox, ...]:
    """Those that were still as they were read, each with its entry; in a dry run all."""
    if not run.dry_run:
        changed = [(before, after) for before, after in changed if store.move(before, after, (_by_hand(run, name, before, after),))]
    return tuple(after for _before, after in changed)


def _begins(message: Outbox, wanted: str) -> bool:
    return message.message_id.strip("<>").casefold().startswith(wanted)


def _readdressed(message: Outbox, addresses: Mapping[str, str]) -> Outbox:
    """The same message at the address the person has now; whoever gets no mail any more has none, and no server is asked."""
    address = addresses.get(message.account, message.recipient)
    if not address:
        return replace(message, recipient="")
    if address == message.recipient or not mailing.is_address(address):
        return message
    return replace(message, recipient=address, body=mailing.readdressed(message.body, address))


def _by_hand(run: Run, name: str, before: Outbox, message: Outbox) -> Change:
    facts: dict[str, object] = {"message": message.message_id, "to": message.account, "attempts": message.attempts}
    facts |= {"readdressed": True} if before.recipient != message.recipient else {}
    return Change(event=writing.event(run, "reminder", name, facts=facts))
