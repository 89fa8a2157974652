"""The trail's arithmetic: canonical text, leaf hash and RFC 9162 Merkle tree; it never reads or writes a log.

The format is described for strangers in `docs/audit-format.md`. An entry's sequence number starts at 1 and its leaf
stands at index `seq - 1` of the tree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from appeals.merkle import Tree, verify_consistency, verify_inclusion
from appeals.model import Clock
from appeals.record import Event, Head, Json, StoredEvent

__all__ = [
    "HASH",
    "Break",
    "Tree",
    "canonical",
    "first_break",
    "instant",
    "leaf",
    "plain",
    "verify_consistency",
    "verify_inclusion",
]

VERSION = 1
HASH = re.compile(r"[0-9a-f]{64}")
# RFC 8785 section 3.2.2.3: a larger integer is another number to a reader that keeps numbers as doubles.
LARGEST_INTEGER = 2**53 - 1

_CLOCK_FIELDS = tuple(sorted(each.name for each in fields(Clock)))
_clock_values = attrgetter(*_CLOCK_FIELDS)
NOTHING: Mapping[int, str] = MappingProxyType({})
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first entry of a log that does not fit: `what` is sequence, leaf, root, text, column, head, exported or end.

    Where only a head differs, `seq` is the first entry it could be; the message says up to which.
    """

    seq: int
    what: str
    message: str


def instant(at: datetime) -> str:
    """An aware datetime as ISO text in UTC with microseconds and `Z`. Raises ValueError on a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be recorded")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def plain(value: Any) -> Json:
    """A field of one of our values as JSON: dates and instants as text, enums as their value, the rest as it is."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def canonical(event: Event) -> str:
    """The text of an entry, version 1: the bytes that are stored and hashed, equal to RFC 8785.

    Raises:
        TypeError: a value is not str, int, bool, None, list or string-keyed dict.
        ValueError: an integer JSON readers would round, a naive instant, or text that is not Unicode (a lone surrogate).
    """
    text = _encode(
        {  # in the order RFC 8785 section 3.2.3 sorts them
            "acting_for": _checked(event.acting_for),
            "actor": _checked(event.actor),
            "case": _checked(event.case),
            "case_version": _checked(event.case_version),
            "changes": _checked(event.changes),
            "clocks": [clock_row(clock) for clock in event.clocks],
            "facts": _checked(event.facts),
            "kind": _checked(event.kind),
            "log": _checked(event.log),
            "name": _checked(event.name),
            "nonce": _checked(event.nonce),
            "on": event.on.isoformat(),
            "patient": _checked(event.patient),
            "patient_seq": _checked(event.patient_seq),
            "practice": _checked(event.practice),
            "purpose": _checked(event.purpose),
            "reason": _checked(event.reason),
            "recorded_at": instant(event.recorded_at),
            "request": _checked(event.request),
            "sandbox": _checked(event.sandbox),
            "seq": _checked(event.seq),
            "source": _checked(event.source),
            "undoes": _checked(event.undoes),
            "v": VERSION,
        }
    )
    text.encode()  # a lone surrogate is refused here, before anything is stored
    return text


def clock_row(clock: Clock) -> dict[str, Json]:
    """A clock as it stands in the trail: every field, by name."""
    values = zip(_CLOCK_FIELDS, _clock_values(clock), strict=True)
    return {name: value if value.__class__ is str else _checked(plain(value)) for name, value in values}


def leaf(text: str) -> bytes:
    """The leaf hash of an entry's canonical text (RFC 9162 section 2.1.1)."""
    return sha256(b"\0" + text.encode()).digest()


def first_break(
    entries: Iterable[StoredEvent], kept: Iterable[Head] = (), exported: Mapping[int, str] = NOTHING, *, own: Head | None = None
) -> Break | None:
    """The first entry of a whole log that does not fit, or None: each leaf and root is computed again, in one pass.

    The log's `own` head and each that was `kept` outside it must be met on the way: only the latter find a log that was cut
    off, put back to an old copy or rewritten as a whole. `exported` are leaves (hex) by number that were handed out before:
    they name the very entry that differs, where heads alone name the first and last it can be.
    """
    noted: dict[int, list[Head]] = {}
    for head in kept:
        noted.setdefault(head.size, []).append(head)
    log = own.log if own else next((head.log for same in noted.values() for head in same), "")
    tree, agreed = Tree(), 0
    for entry in entries:
        newest = leaf(entry.text)
        tree = tree.append(newest)
        log = log or _log_of(entry.text)
        fault = _misfit(entry, newest, tree, log)
        if fault is None and exported.get(entry.seq, entry.leaf) != entry.leaf:
            fault = "exported", "it is not the one that was exported under this number"
        if fault:
            return Break(seq=tree.size, what=fault[0], message=f"entry {tree.size}: {fault[1]}")
        vouched = agreed == tree.size - 1 and entry.seq in exported
        for head in noted.get(tree.size, ()):
            if found := _against(head, entry, log, agreed):
                return found
            vouched = True
        agreed = tree.size if vouched else agreed
    return _ended(tree, noted, agreed, exported, own)


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


def _misfit(entry: StoredEvent, newest: bytes, tree: Tree, log: str) -> tuple[str, str] | None:
    """What is wrong with an entry whose leaf should be `newest`, the last of `tree`: a word and a sentence."""
    if entry.seq != tree.size:
        return "sequence", f"the next entry stored is number {entry.seq}"
    if entry.leaf != newest.hex():
        return "leaf", "the text is not the one that was hashed"
    if entry.root != tree.root().hex():
        return "root", "the root stored with it is not the root of the entries up to it"
    # A quote inside a JSON string is escaped, so these are names and values and not words somebody typed; parsing every
    # text of a large log would double the time it takes.
    if f'"seq":{entry.seq},"source":' not in entry.text:
        return "text", "the text says it is another entry"
    if f'"log":{_encode(log)},"name":' not in entry.text:
        return "text", "the text belongs to another log"
    if entry.columns and not _in_its_place(entry.text, entry.columns):
        return "column", "what the database searches it by is not what its text says"
    return None


def _in_its_place(text: str, columns: Mapping[str, Json]) -> bool:
    """Whether the columns beside a text say what it says: whoever changes one hides the entry from a search or an export."""
    who, what, whose = _searched_by(*(columns[name] for name in ("actor", "case_id", "kind", "log_id", "name", "on", "patient_id")))
    recorded = str(columns["recorded_at"]).replace(" ", "T")
    counted = f'{whose}{_plainly(columns["patient_seq"])},"practice":'
    return who in text and what in text and counted in text and f'"recorded_at":"{recorded}Z","request":' in text


@lru_cache(maxsize=4096)
def _searched_by(actor: Json, case: Json, kind: Json, log: Json, name: Json, on: Json, patient: Json) -> tuple[str, str, str]:
    """The columns as they stand in a canonical text, in three places; the same few are met again and again."""
    return (
        f'"actor":{_encode(actor)},"case":{_encode(case)},"case_version":',
        f'"kind":{_encode(kind)},"log":{_encode(log)},"name":{_encode(name)},"nonce":',
        f'"on":{_encode(on)},"patient":{_encode(patient)},"patient_seq":',
    )


def _plainly(value: Json) -> str:
    return str(value) if type(value) is int else _encode(value)


def _against(head: Head, entry: StoredEvent, log: str, agreed: int) -> Break | None:
    """What speaks against the log's being the one whose head was noted after `entry`; up to entry `agreed` it is."""
    seq = entry.seq
    if head.log != log:
        return Break(seq=seq, what="head", message=f"entry {seq}: the noted head is of another log")
    if head.root != entry.root:
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


def _checked(value: Json) -> Json:
    """`value` with keys in RFC 8785 order, or TypeError / ValueError where it is outside the canonical subset."""
    if isinstance(value, str) or value is None or value is True or value is False:
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError("an integer beyond 2**53 - 1 cannot be recorded exactly")
        return value
    if isinstance(value, list):
        return [_checked(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _checked(value[key]) for key in sorted(value, key=_utf16)}
    raise TypeError(f"a {type(value).__name__} cannot be recorded: only str, int, bool, None, list and dict")


def _utf16(key: Any) -> bytes:
    """RFC 8785 section 3.2.3: names sort by their UTF-16 code units."""
    if not isinstance(key, str):
        raise TypeError(f"a name in the trail is a str, not a {type(key).__name__}")
    return key.encode("utf-16-be")
