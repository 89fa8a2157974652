"""What good runs told, out of the ledger: for a folder in which the files of a run are missing. It writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from appeals.counting import ONE_DAY
from appeals.digest import PersonDigest
from appeals.record import Run
from appeals.services import digests
from appeals.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The last run whose files are all there: its day, and what the ledger calls it."""

    on: date
    key: str


def since(store: Store, run: Run, mark: Mark | None) -> Iterator[tuple[Mark, tuple[PersonDigest, ...]]]:
    """Each run behind `mark` that told something, with the digests of whom it told; without a mark those of the last run's day."""
    last = [date.fromisoformat(json.loads(stored.text)["on"]) for stored in store.runs()]
    if not last:
        return
    until = last[0]
    day = min(mark.on, until) if mark else until  # a mark of a day to come is one of a clock that was set back since
    runs: list[Mark] = []
    while day <= until:
        entries = [json.loads(stored.text) for stored in store.runs(day)]
        runs += [Mark(on=day, key=entry["facts"]["ledger"]) for entry in entries if entry["facts"]["reminders"]]
        day += ONE_DAY
    for told in runs[runs.index(mark) + 1 if mark in runs else 0 :]:
        yield told, _digests(store, replace(run, on=told.on), told.key)


def _digests(store: Store, run: Run, key: str) -> tuple[PersonDigest, ...]:
    people = {person.account: person for person in store.people()}
    found = digests.of(store.ledger(key), people, run)
    found = digests.with_what_waits(found, people, store.asked(), store.left_count())
    return tuple(each for each in found if each.items)
