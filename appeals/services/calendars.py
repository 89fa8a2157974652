"""Whose calendar shows which clocks: read from the cases and the log, written nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from appeals import feeds, fold
from appeals.errors import NotFound
from appeals.feeds import EVERYBODY, NOBODY, Entry, Feed
from appeals.model import RUNNING, Case, Clock, State
from appeals.record import Run
from appeals.services import governing
from appeals.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendars:
    """The feeds to be written, by account, and the accounts that can have no file of their own."""

    feeds: tuple[Feed, ...]
    nameless: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lately:
    """Clocks that were started, changed or ended, and by case who had it before it was handed over."""

    clocks: set[str] = field(default_factory=set)
    owners: dict[str, set[str]] = field(default_factory=dict)


def calendars(store: Store, run: Run, *, owner: str = "", there: Iterable[str] = ()) -> Calendars:
    """A feed for everybody in the office, for each owner, for `unowned` and for `everybody`; with `owner`, that one alone.

    `there` are accounts that have a file already: a feed nobody writes any more would go on showing what was once due.

    Raises:
        NotFound: nobody is called `owner`, and no case is theirs.
    """
    since = run.on - timedelta(days=feeds.numbers().cancelled_days)
    shown: dict[str, list[Entry]] = {EVERYBODY: [], NOBODY: []}
    for account in (*(person.account for person in store.people()), *there):
        shown.setdefault(account, [])
    lately = _lately(store, since)
    for entry, case_id in _entries(store, lately):
        holder = entry.owner or NOBODY
        shown[EVERYBODY].append(entry)
        if holder != EVERYBODY:
            shown.setdefault(holder, []).append(entry)
        for account in sorted(lately.owners.get(case_id, set()) - {holder, EVERYBODY}):
            shown.setdefault(account, []).append(replace(entry, gone=True))
    if owner and owner not in shown:
        raise NotFound(f"Nobody here is called {owner}, and no case is theirs.", "`appeals person` lists who works here.")
    wanted = {owner: shown[owner]} if owner else shown
    named, nameless = _named(wanted)
    offsets = governing.office(store).reminders.offsets
    made = (Feed(account=each, practice=run.practice, entries=wanted[each], offsets=offsets, at=run.recorded_at) for each in named)
    return Calendars(feeds=tuple(made), nameless=nameless)


def _entries(store: Store, lately: _Lately) -> Iterator[tuple[Entry, str]]:
    """Every clock that runs, and those that ended lately, with the id of its case."""
    payers = {payer.id: payer.name for payer in store.payers()}
    for case, clocks in store.state_rows():
        for clock in clocks:
            runs = _runs(case, clock)
            if runs or clock.id in lately.clocks:
                payer = payers.get(case.payer_id, "")
                yield Entry(clock=clock, number=case.number, version=case.version, payer=payer, owner=case.owner, gone=not runs), case.id


def _runs(case: Case, clock: Clock) -> bool:
    """As for reminders: what we owed on a case that is over wants nothing of anybody."""
    return clock.status in RUNNING and (case.state is not State.RESOLVED or clock.owed_by == "payer")


def _lately(store: Store, since: date) -> _Lately:
    """What the entries since that day did. A clock may end on an earlier day than the one somebody said so: the entry's counts."""
    found = _Lately()
    for stored in store.events(first=since):
        entry = fold.entry_of(stored.text, stored.seq)
        found.clocks.update(clock["id"] for clock in entry["clocks"])
        before, _after = (entry["changes"] or {}).get("owner", (None, None))
        if before is not None:
            found.owners.setdefault(entry["case"], set()).add(before or NOBODY)
    return found


def _named(accounts: Iterable[str]) -> tuple[list[str], tuple[str, ...]]:
    """Accounts that can have a file, and those that cannot: unsafe characters, or another's name on a share that knows no case."""
    taken: dict[str, str] = {}
    nameless = []
    for account in sorted(accounts, key=lambda each: (each not in (EVERYBODY, NOBODY), each)):
        if not feeds.file_name(account) or account.casefold() in taken:
            nameless.append(account)
        else:
            taken[account.casefold()] = account
    return list(taken.values()), tuple(nameless)
