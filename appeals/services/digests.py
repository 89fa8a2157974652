"""Digests out of the ledger of one run: what each person is told, read in pages as it is asked for. It writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import overload

from appeals import heads
from appeals.appointments import hour
from appeals.digest import Item, PersonDigest
from appeals.model import Person
from appeals.record import Run
from appeals.reminders import LATE, OURS, RANKS, STANDING
from appeals.services.ledger import Count, Ledger, Told
from appeals.services.waiting import Asked
from appeals.standing import latest
from appeals.wording import spoken

PAGE = 100
MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Items(Sequence[Item]):
    """One person's reminders of one run, in the order they are to be worked: so many that only a page of them is in memory."""

    ledger: Ledger
    person: Person
    people: Mapping[str, Person]
    run: Run
    size: int

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Item]:
        after = ""
        while page := self.ledger.page(self.person.account, after, PAGE):
            after = page[-1].id
            yield from (_item(told, self.person, self.people, self.run) for told in page)

    @overload
    def __getitem__(self, at: int) -> Item: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Item]: ...

    def __getitem__(self, at: int | slice) -> Item | Sequence[Item]:
        return tuple(self)[at]


def of(ledger: Ledger, people: Mapping[str, Person], run: Run, counts: Sequence[Count] | None = None) -> tuple[PersonDigest, ...]:
    """A digest a person, by account: everybody known, and every owner of work who is not; one without items is the sign of life."""
    counted: dict[str, list[Count]] = {}
    for count in ledger.counts() if counts is None else counts:
        counted.setdefault(count.recipient, []).append(count)
    head = heads.line(ledger.head)
    return tuple(
        _digest(ledger, _known(people, account, run), people, run, counted.get(account, []), head)
        for account in sorted({*people, *counted})
    )


def _digest(ledger: Ledger, person: Person, people: Mapping[str, Person], run: Run, counted: Sequence[Count], head: str) -> PersonDigest:
    totals: dict[str, int] = {}
    for count in counted:
        totals[RANKS[count.rank]] = totals.get(RANKS[count.rank], 0) + count.reminders
    return PersonDigest(
        practice=run.practice.name,
        account=person.account,
        name=person.name,
        email=person.email,
        manager=person.role == MANAGER,
        on=run.on,
        items=Items(ledger, person, people, run, sum(totals.values())) if totals else (),
        totals=totals,
        head=head,
        sandbox=run.practice.sandbox,
    )


def with_what_waits(
    found: Iterable[PersonDigest], people: Mapping[str, Person], asked: Sequence[Asked], left: int
) -> tuple[PersonDigest, ...]:
    """The digests with what files brought and nobody answered: of one's own cases, and to managers, else to everybody, all of it."""
    managed = any(person.role == MANAGER for person in people.values())
    return tuple(
        replace(each, asked=tuple(one.number for one in asked if all_ or one.owner == each.account), left=left if all_ else 0)
        for each in found
        for all_ in [each.manager or not managed]
    )


def _known(people: Mapping[str, Person], account: str, run: Run) -> Person:
    return people.get(account) or Person(id="", practice_id=run.practice.id, account=account, name=account)


def _item(told: Told, person: Person, people: Mapping[str, Person], run: Run) -> Item:
    clock, owner = told.clock, people.get(told.owner)
    because = "owner" if told.owner == person.account else "backup" if owner and owner.backup == person.account else MANAGER
    # What a payer let run out opens a way, and what we let run out is lost: both are said with what follows.
    told_more = told.rank <= LATE or clock.owed_by not in OURS
    return Item(
        clock_id=told.clock_id,
        number=told.number,
        payer=told.payer,
        clock=spoken(clock),
        kind=clock.kind,
        bucket=RANKS[told.rank],
        work_by=clock.work_by,
        last_day=latest(clock),
        days_left=(clock.work_by - run.on).days,
        hour=hour(clock),
        owed_by=clock.owed_by,
        owner=told.owner,
        because=because,
        stage=told.stage.partition(":")[0] if told.stage[0].isdigit() else told.stage,
        consequence=clock.consequence if told_more else "",
        next_step=clock.next_step if told_more else "",
        candidate=clock.candidate,
        verified=clock.verified,
        standing=told.rank == STANDING,
    )
