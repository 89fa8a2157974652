"""Checks a whole log against itself and against what was kept outside it, in one pass; it never reads or writes one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from appeals.audit import encoded, instant, leaf
from appeals.merkle import Tree
from appeals.record import Columns, Head, Json, StoredEvent

NOTHING: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first entry of a log that does not fit: `what` is sequence, leaf, root, text, column, head, exported or end.

    Where only a head differs, `seq` is the first entry it could be; the message says up to which.
    """

    seq: int
    what: str
    message: str


def first_break(
    entries: Iterable[StoredEvent],
    kept: Iterable[Head] = (),
    exported: Mapping[int, str] = NOTHING,
    *,
    own: Head | None = None,
    peaks: str = "",
) -> Break | None:
    """The first entry of a whole log that does not fit, or None: each leaf and each stored root is computed again, in one pass.

    The log's `own` head and each that was `kept` outside it must be met on the way: only the latter find a log that was cut
    off, put back to an old copy or rewritten as a whole. `exported` are leaves (hex) by number that were handed out before:
    they name the very entry that differs, where heads alone name the first and last it can be. `peaks` is the end of the tree
    that the next entry would be added to, as it is stored.
    """
    reading = _Reading(log=own.log if own else "", exported=exported)
    for head in kept:
        reading.noted.setdefault(head.size, []).append(head)
        reading.log = reading.log or head.log
    for entry in entries:
        if found := reading.take(entry):
            return found
    if found := _ended(reading.tree, reading.noted, reading.agreed, exported, own):
        return found
    if peaks and peaks != json.dumps(reading.tree.to_hex()):
        what = "the end to which the next entry is added is not what the entries give"
        return Break(seq=reading.tree.size + 1, what="end", message=what)
    return None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """How far a log was read: what is kept outside vouches up to entry `agreed`, the roots stored in it up to `rooted`."""

    log: str
    exported: Mapping[int, str]
    noted: dict[int, list[Head]] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)
    agreed: int = 0
    rooted: int = 0

    def take(self, entry: StoredEvent) -> Break | None:
        """Read the next entry; what is wrong with it, if anything is."""
        newest = leaf(entry.text)
        self.tree = self.tree.append(newest)
        size = self.tree.size
        self.log = self.log or _log_of(entry.text)
        fault = _misfit(entry, newest, size, self.log)
        if fault is None and self.exported.get(entry.seq, entry.leaf) != entry.leaf:
            fault = "exported", "it is not the one that was exported under this number"
        if fault:
            return Break(seq=size, what=fault[0], message=f"entry {size}: {fault[1]}")
        if entry.root and (found := self._rooted(entry)):
            return found
        vouched = size in self.noted or (self.agreed == size - 1 and entry.seq in self.exported)
        for head in self.noted.get(size, ()):
            if found := _against(head, entry, self.log, self.tree, self.agreed):
                return found
        self.agreed = size if vouched else self.agreed
        return None

    def _rooted(self, entry: StoredEvent) -> Break | None:
        if entry.root == self.tree.root().hex():
            self.rooted = self.tree.size
            return None
        which = f": one of the entries {self.rooted + 1} to {entry.seq} is the first that differs" if self.rooted + 1 < entry.seq else ""
        message = f"entry {entry.seq}: the root stored with it is not the root of the entries up to it{which}"
        return Break(seq=self.rooted + 1, what="root", message=message)


def _ended(tree: Tree, noted: Mapping[int, list[Head]], agreed: int, exported: Mapping[int, str], own: Head | None) -> Break | None:
    """What is wrong with a log that ends here; outside is kept what vouches for its entries up to `agreed`."""
    size = tree.size
    if not size:
        return Break(seq=1, what="sequence", message="the log is empty, and every log begins with the entry that founded it")
    newest = max((head for same in noted.values() for head in same), key=lambda head: head.size, default=None)
    if newest is not None and newest.size > size:
        return _cut_off(size, agreed, "head", f"{newest.size} were noted{_when(newest)}")
    if max(exported, default=0) > size:
        return _cut_off(size, agreed, "exported", f"entry {max(exported)} was exported")
    if own is not None and (own.size, own.root) != (size, tree.root().hex()):
        return Break(seq=size + 1, what="end", message=_own_head(own, size))
    return None


def _own_head(own: Head, size: int) -> str:
    """What is wrong where the practice's own record of the log's end does not fit its entries."""
    if own.size == size:
        return f"the practice's record says another root after entry {size} than its entries give"
    more = f"entry {size + 1} is the first that is missing" if own.size > size else "there are more than it knows of"
    return f"the log ends after {size} entries, and the practice's record says {own.size}: {more}"


def _cut_off(size: int, agreed: int, what: str, known: str) -> Break:
    """A log that ends too early; whether the entries nobody vouches for are still the same cannot be said either."""
    sure = f"the log ends after {size} entries, but {known}: entry {size + 1} is "
    if agreed == size:
        return Break(seq=size + 1, what=what, message=f"{sure}the first that is missing")
    unsure = f"missing, and the first that differs is one of the entries {agreed + 1} to {size + 1}: no head kept outside lies between"
    return Break(seq=agreed + 1, what=what, message=sure + unsure)


def _misfit(entry: StoredEvent, newest: bytes, size: int, log: str) -> tuple[str, str] | None:
    """What is wrong with an entry that should be number `size` and have the leaf `newest`: a word and a sentence."""
    if entry.seq != size:
        return "sequence", f"the next entry stored is number {entry.seq}"
    if entry.leaf != newest.hex():
        return "leaf", "the text is not the one that was hashed"
    # A quote inside a JSON string is escaped, so these are names and values and not words somebody typed; parsing every
    # text of a large log would double the time it takes.
    if f'"seq":{entry.seq},"source":' not in entry.text:
        return "text", "the text says it is another entry"
    if _belonging(log) not in entry.text:
        return "text", "the text belongs to another log"
    if entry.columns and not _in_its_place(entry.text, entry.columns):
        return "column", "what the database searches it by is not what its text says"
    return None


def _in_its_place(text: str, columns: Columns) -> bool:
    """Whether the columns beside a text say what it says: whoever changes one hides the entry from a search or an export."""
    who, what, whose = _searched_by(*columns[:7])
    recorded = str(columns.recorded_at).replace(" ", "T")
    counted = f'{whose}{_plainly(columns.patient_seq)},"practice":'
    return who in text and what in text and counted in text and f'"recorded_at":"{recorded}Z","request":' in text


@lru_cache(maxsize=4)
def _belonging(log: str) -> str:
    """The log's id as it stands in a canonical text."""
    return f'"log":{encoded(log)},"name":'


@lru_cache(maxsize=4096)
def _searched_by(actor: Json, case: Json, kind: Json, log: Json, name: Json, on: Json, patient: Json) -> tuple[str, str, str]:
    """The columns as they stand in a canonical text, in three places; the same few are met again and again."""
    return (
        f'"actor":{encoded(actor)},"case":{encoded(case)},"case_version":',
        f'"kind":{encoded(kind)},"log":{encoded(log)},"name":{encoded(name)},"nonce":',
        f'"on":{encoded(on)},"patient":{encoded(patient)},"patient_seq":',
    )


def _plainly(value: Json) -> str:
    return str(value) if type(value) is int else encoded(value)


def _against(head: Head, entry: StoredEvent, log: str, tree: Tree, agreed: int) -> Break | None:
    """What speaks against the log's being the one whose head was noted after `entry`; up to entry `agreed` it is."""
    seq = entry.seq
    if head.log != log:
        return Break(seq=seq, what="head", message=f"entry {seq}: the noted head is of another log")
    if head.root != tree.root().hex():
        which = f"entry {seq}" if agreed + 1 == seq else f"one of the entries {agreed + 1} to {seq}"
        message = f"the first {seq} entries are not those that were noted{_when(head)}: {which} is the first that differs"
        return Break(seq=agreed + 1, what="head", message=message)
    if head.at is not None and f'"recorded_at":"{instant(head.at)}","request":' not in entry.text:
        return Break(seq=seq, what="head", message=f"entry {seq}: it was recorded at another time than was noted")
    return None


def _when(head: Head) -> str:
    return f" on {instant(head.at)}" if head.at else ""


def _log_of(text: str) -> str:
    """The log an entry says it belongs to; "" where it is no JSON object, which no text then matches."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return str(told.get("log", "")) if isinstance(told, dict) else ""
