"""The daily run: what is due to whom, once. Ledger, events and what a channel adds commit together, before anything is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from appeals import reminders
from appeals.digest import PersonDigest
from appeals.errors import NotFound
from appeals.mailterms import FAILED, SENDING, WAITING
from appeals.model import Person
from appeals.outbox import Outbox
from appeals.record import Change, Head, Run
from appeals.services import digests, governing, stuck, writing
from appeals.services.ledger import Count, Ledger
from appeals.services.store import Store

TERMINAL = "terminal"
HOUR = timedelta(hours=1)
Beside = Callable[[PersonDigest], Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What one run tells: everybody's digest, those without items too; how much was told earlier the same day; the log's head after it."""

    people: tuple[PersonDigest, ...]
    earlier: int
    head: Head
    dry_run: bool
    warnings: tuple[str, ...] = ()
    again: bool = False

    @property
    def reminders(self) -> int:
        """How many there are."""
        return sum(len(person.items) for person in self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """When the last good run was, and whether that is too long ago; `stuck` is mail that has not left for as long."""

    last: datetime | None
    by: str
    hours: int
    stale: bool
    stale_hours: int
    head: Head
    reminders: int = 0
    stuck: tuple[Outbox, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whose mail does not arrive: a server refused it (`at` these addresses), or it has waited too long."""

    refused: tuple[str, ...]
    delayed: tuple[str, ...]
    at: frozenset[tuple[str, str]]


def nothing_beside(_digest: PersonDigest) -> Sequence[object]:
    """A channel that adds nothing."""
    return ()


def remind(
    store: Store, run: Run, *, channel_of: Callable[[str], str] = lambda _account: TERMINAL, beside: Beside = nothing_beside
) -> Digests:
    """Tell everybody what is due, each stage of each clock once: the same day never twice, missed days caught up once.

    `channel_of` gives the channel of an account, and of "" for owners who are no known person. `beside` gives rows that a channel
    adds (mails to send) for each digest, in the same transaction; those without items are given to it until a run of the day has
    added something. It may be called again where the database was busy, and reads no store but the digest. A repeated request id
    tells the same again.
    """
    writing.of_many_cases(run)
    if not run.dry_run and (before := writing.already(store, run, "remind")) is not None:
        return _told_again(store, run, before)
    people = {person.account: person for person in store.people()}
    packs, key, waits = governing.office(store), run.new_id(), _waits(store, people)
    asked = reminders.plan(packs, run.on, stuck.moment(run), _routes(people, run, channel_of))
    said = _before_the_last(_runs_of(store, run), run)
    held = _held(store, run)
    if run.dry_run:
        ledger = store.ledger(key, asked)
        found = waits(digests.of(ledger, people, run))
        said = _warnings(found, people, _unreached(ledger.counts(), asked.routes), held)
        return Digests(people=found, earlier=_told(ledger, run), head=ledger.head, dry_run=True, warnings=said)
    counts: list[Count] = []
    earlier = 0

    def decide(ledger: Ledger) -> Iterator[Change]:
        nonlocal earlier
        counts[:], earlier = ledger.counts(), _told(ledger, run)
        told = _as_sent(waits(digests.of(ledger, people, run)), _unreached(counts, asked.routes), held)
        return _changes(ledger, told, run, key, beside)

    head = store.remind(asked, key, decide, request_id=run.request_id)
    found = waits(digests.of(store.ledger(key), people, run, counts))
    also = _warnings(found, people, _unreached(counts, asked.routes), held)
    return Digests(people=found, earlier=earlier, head=head, dry_run=False, warnings=(*said, *also))


def again(store: Store, run: Run) -> Digests:
    """What the last run told, once more: for a run whose output was lost; of its day the last one that told something.

    Raises NotFound where there was none.
    """
    for stored in store.runs():
        last = json.loads(stored.text)
        runs = [json.loads(each.text) for each in store.runs(date.fromisoformat(last["on"]))]
        told = [entry for entry in runs if entry["facts"]["reminders"]]
        return _told_again(store, run, (told or [last])[-1])
    raise NotFound("There was no daily run yet.", "`appeals remind` makes one.")


def _told_again(store: Store, run: Run, entry: Mapping[str, Any]) -> Digests:
    people = {person.account: person for person in store.people()}
    found = _waits(store, people)(digests.of(store.ledger(entry["facts"]["ledger"]), people, run))
    return Digests(people=found, earlier=0, head=store.head(), dry_run=False, again=True)


def _waits(store: Store, people: Mapping[str, Person]) -> Callable[[Sequence[PersonDigest]], tuple[PersonDigest, ...]]:
    """Gives digests what files brought and nobody has answered: read once, before anything is written."""
    return partial(digests.with_what_waits, people=people, asked=store.asked(), left=store.left_count())


def status(store: Store, run: Run) -> Status:
    """How long ago the last good run was. None at all, and one from a day to come, are too long ago."""
    limit = governing.office(store).reminders.stale_hours
    found, held = store.runs(), stuck.stuck(store, run)
    if not found:
        return Status(last=None, by="", hours=0, stale=True, stale_hours=limit, head=store.head(), stuck=held)
    entry = json.loads(found[-1].text)
    last = _recorded(entry)
    hours = (run.recorded_at - last) // HOUR
    late = run.recorded_at - last > limit * HOUR or run.recorded_at < last
    return Status(
        last=last,
        by=entry["actor"],
        hours=hours,
        stale=late,
        stale_hours=limit,
        head=store.head(),
        reminders=entry["facts"]["reminders"],
        stuck=held,
    )


def _routes(people: Mapping[str, Person], run: Run, channel_of: Callable[[str], str]) -> tuple[reminders.Route, ...]:
    """Who is told of whose work. What is nobody's goes to the managers, else to everybody known, else to who runs this."""
    managers = tuple(account for account, person in people.items() if person.role == digests.MANAGER)
    above = {
        account: (person.backup, (person.manager,) if person.manager else tuple(m for m in managers if m != account))
        for account, person in people.items()
    }
    return reminders.routes(above, managers, tuple(people) or (run.actor,), channel_of)


def _runs_of(store: Store, run: Run) -> list[dict[str, Any]]:
    """The good runs of this day, and the last one whatever its day."""
    found = {stored.seq: json.loads(stored.text) for stored in (*store.runs(run.on), *store.runs())}
    return list(found.values())


def _told(ledger: Ledger, run: Run) -> int:
    """How much earlier runs of the day told."""
    return sum(json.loads(stored.text)["facts"]["reminders"] for stored in ledger.runs(run.on))


def _before_the_last(runs: Sequence[Mapping[str, Any]], run: Run) -> tuple[str, ...]:
    """A clock that was set back is said: what a run of a day to come has told counts as told when that day is there."""
    if not runs:
        return ()
    last = max(runs, key=lambda entry: str(entry["recorded_at"]))
    if _recorded(last) <= run.recorded_at and last["on"] <= run.on.isoformat():
        return ()
    return (
        f"this machine's clock stands at {run.recorded_at:%Y-%m-%d %H:%M} UTC, before the last run at {_recorded(last):%Y-%m-%d %H:%M} UTC "
        f"(day {last['on']}): correct the clock and run again; what was told then is not told again on {last['on']}: have it printed "
        "after that day's run with `appeals remind --again`",
    )


def _recorded(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["recorded_at"])


def _unreached(counts: Sequence[Count], routes: Sequence[reminders.Route]) -> tuple[str, ...]:
    """Who is told on the terminal alone, where others are told elsewhere: nobody may be reading it."""
    if all(route.channel == TERMINAL for route in routes):
        return ()
    return tuple(sorted({count.recipient for count in counts if count.channel == TERMINAL}))


def _held(store: Store, run: Run) -> Held:
    failed, late = store.outbox(FAILED), stuck.stuck(store, run)
    at = frozenset((one.account, one.recipient) for one in failed)
    return Held(refused=stuck.accounts(failed), delayed=stuck.accounts(late, WAITING, SENDING), at=at)


def _as_sent(found: Sequence[PersonDigest], unreached: Sequence[str], held: Held) -> tuple[PersonDigest, ...]:
    """The digests as they go out: a manager's says whom no mail reaches, since nobody need see the run's own output.

    A refused sign of life would be refused every day: the refusal stands until the address changes or somebody mends it.
    """
    found = [each for each in found if each.items or each.waits or (each.account, each.email) not in held.at]
    return tuple(replace(each, unreached=unreached, refused=held.refused, delayed=held.delayed) if each.manager else each for each in found)


def _warnings(found: Sequence[PersonDigest], people: Mapping[str, Person], unreached: Sequence[str], held: Held) -> tuple[str, ...]:
    """Whom no mail reaches; and that nobody is there to hear of what is nobody's, or of what is lost."""
    said = [f"no mail goes to {account}: told here only (`appeals person {account} --email NAME@DOMAIN`)" for account in unreached]
    said += [f"a mail to {account} was refused and is for a person to mend (`appeals outbox`)" for account in held.refused]
    said += [f"a mail to {account} has waited for longer than it may (`appeals outbox`)" for account in held.delayed]
    if any(person.role == digests.MANAGER for person in people.values()) or not any(d.items for d in found):
        return tuple(said)
    heard = "everybody on record" if people else "the account that ran this"
    return (*said, f"no manager is on record: what nobody owns is told to {heard} (`appeals person ACCOUNT --role manager`)")


def _changes(ledger: Ledger, found: Sequence[PersonDigest], run: Run, key: str, beside: Beside) -> Iterator[Change]:
    """One event for the run, one a person told, which vouch for the rows of the ledger, and one for each reminder in its case's trail.

    The sign of life goes out with the first run of a day that has a channel to send it by: one by hand on a terminal takes it from nobody.
    """
    channels = {count.recipient: count.channel for count in ledger.counts()}
    told = [person for person in found if person.items]
    before = any(json.loads(stored.text)["facts"].get("messages", 1) for stored in ledger.runs(run.on))
    rows = tuple(row for person in (told if before else found) for row in beside(person))
    facts = {"reminders": sum(len(person.items) for person in told), "people": len(told), "ledger": key, "messages": len(rows)}
    yield Change(event=writing.event(run, "reminder", "remind", facts=facts), puts=rows)
    for person in told:
        sent = {"to": person.account, "channel": channels[person.account], "reminders": len(person.items)}
        sent["sha256"] = ledger.hashed(person.account)
        yield Change(event=writing.event(run, "reminder", "reminded", facts=sent))
    for one in ledger.sent():
        said = {"clock": one.clock, "stage": one.stage, "to": one.recipient, "channel": one.channel}
        yield Change(event=writing.event(run, "reminder", "reminder-sent", case=one.case_id, patient=one.patient_id, facts=said))
