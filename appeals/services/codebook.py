"""The office's own descriptions of codes: loaded as an event, each list in place of the one before, and read for whoever explains codes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from appeals import officecodes, officetexts, typed
from appeals.officetexts import CODE_LISTS, Texts
from appeals.record import Change, RulePack, Run
from appeals.services import hindsight, writing
from appeals.services.store import Store
from appeals.services.writing import Replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was taken in: codes by kind, and of the kinds that were there before the file they came from."""

    origin: str
    sha256: str
    counts: dict[str, int]
    replaces: dict[str, str]
    already: bool = False
    dry_run: bool = False


def load(store: Store, name: str, content: bytes, run: Run) -> Loaded:
    """Take a list of descriptions into the practice's database, as one event; a list of a kind takes the place of the one before.

    Raises:
        FileRefused: the list is wrong; every fault is named with its line. Nothing was written.
    """
    found = officecodes.read(name, content)
    digest = hashlib.sha256(content).hexdigest()
    origin = typed.words(name)
    standing = {row.pack_id.removeprefix(CODE_LISTS): row for row in store.code_lists()}
    counts = {kind: len(rows) for kind, rows in sorted(found.items())}
    if all(kind in standing and standing[kind].sha256 == digest for kind in found):
        return Loaded(origin=origin, sha256=digest, counts=counts, replaces={}, already=True)
    fresh = [
        RulePack(
            id=run.new_id(), practice_id=run.practice.id, pack_id=f"{CODE_LISTS}{kind}", version=origin, sha256=digest,
            text=officetexts.kept(rows), loaded_on=run.on, loaded_by=run.actor,
        )
        for kind, rows in sorted(found.items())
    ]  # fmt: skip
    ends = [Replaced(before=standing[kind], after=replace(standing[kind], active=False)) for kind in counts if kind in standing]
    told = {"codes": counts, "sha256": digest}
    entry = writing.event(run, "setup", "codes-load", facts=writing.plain(told) | writing.rows_told(fresh, ends))
    writing.commit(store, run, [Change(event=entry, puts=(*(row.after for row in ends), *fresh))])
    replaces = {kind: standing[kind].version for kind in counts if kind in standing}
    return Loaded(origin=origin, sha256=digest, counts=counts, replaces=replaces, dry_run=run.dry_run)


def texts(store: Store, day: date) -> Texts:
    """What the office's own lists said on `day`, by kind and code."""
    return officetexts.texts(hindsight.on(store, day).code_lists())
