"""The whole log checked against itself and against what was kept outside. It never repairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appeals import logcheck
from appeals.heads import Kept
from appeals.logcheck import Break
from appeals.record import Head, StoredEvent
from appeals.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class LogVerdict:
    """The whole log checked: how many entries, its head, and the first that does not fit, with what the database says `about` it.

    `kept` is how many heads kept outside vouch for the log, `covered` up to which entry, `unused` how many are of other logs.
    """

    entries: int
    head: Head
    broken: Break | None
    about: str = ""
    kept: int = 0
    covered: int = 0
    unused: int = 0


def verify_log(store: Store, kept: Kept) -> LogVerdict:
    """Recompute every leaf and root from the stored texts, and meet the log's own head and those kept outside on the way."""
    head = store.head()
    mine = [each for each in kept.heads if each.log == head.log]
    unused = len(kept.heads) - len(mine)
    if kept.heads and not mine:
        message = f"the heads kept outside are of log {kept.heads[0].log}, and this practice's log is {head.log}: it is another one"
        return LogVerdict(entries=0, head=head, broken=Break(seq=1, what="head", message=message), unused=unused)
    read = _Reading(store)
    broken = logcheck.first_break(read.entries(), mine, kept.leaves if mine else {}, own=head, peaks=store.log_peaks())
    if broken is not None:
        about = read.about if broken.seq == read.count and broken.what != "head" else ""
        return LogVerdict(entries=read.count, head=head, broken=broken, about=about, unused=unused)
    if wrong := store.log_amiss():
        beside = Break(seq=read.count + 1, what="end", message=f"the entries agree, and what is kept beside them does not: {wrong[0]}")
        return LogVerdict(entries=read.count, head=head, broken=beside, unused=unused)
    covered = max((each.size for each in mine), default=0)
    return LogVerdict(entries=read.count, head=head, broken=None, kept=len(mine), covered=covered, unused=unused)


@dataclass(slots=True)
class _Reading:
    """How far the log was read, and the entry read last."""

    store: Store
    count: int = 0
    newest: StoredEvent | None = None

    def entries(self) -> Iterator[StoredEvent]:
        """Every entry, counted as it is read."""
        for stored in self.store.checked_events():
            self.count += 1
            self.newest = stored
            yield stored

    @property
    def about(self) -> str:
        """Day, kind, name and account of the entry read last, as the columns beside it have them."""
        columns = self.newest.columns if self.newest else None
        return f"{columns.on}, {columns.kind} {columns.name}, by {columns.actor}" if columns else ""
