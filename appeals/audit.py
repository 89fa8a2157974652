"""The trail's arithmetic: canonical text, leaf hash and RFC 9162 Merkle tree; it never reads or writes a log.

The format is described for strangers in `docs/audit-format.md`. An entry's sequence number starts at 1 and its leaf
stands at index `seq - 1` of the tree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple

from appeals.merkle import Tree, verify_consistency, verify_inclusion
from appeals.model import Clock
from appeals.record import Event, Json

__all__ = [
    "HASH",
    "KEYS",
    "Tree",
    "canonical",
    "instant",
    "leaf",
    "plain",
    "verify_consistency",
    "verify_inclusion",
]

VERSION = 1
KEYS = frozenset(each.name for each in fields(Event)) | {"v"}  # of an entry's text
HASH = re.compile(r"[0-9a-f]{64}")
# RFC 8785 section 3.2.2.3: a larger integer is another number to a reader that keeps numbers as doubles.
LARGEST_INTEGER = 2**53 - 1

AS_IT_IS = frozenset((str, bool, type(None)))  # values of these types need no looking at

_CLOCK_FIELDS = tuple(sorted(each.name for each in fields(Clock)))
_clock_values = attrgetter(*_CLOCK_FIELDS)
encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode


@lru_cache(maxsize=8)  # the entries of one write are mostly of one instant
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


class Place(NamedTuple):
    """Where an entry stands: its log, its number there, and its number among the patient's."""

    log: str
    seq: int
    patient_seq: int | None


def canonical(event: Event, place: Place | None = None) -> str:
    """The text of an entry, version 1: the bytes that are stored and hashed, equal to RFC 8785. Without `place` it stands where it says.

    Raises:
        TypeError: a value is not str, int, bool, None, list or string-keyed dict.
        ValueError: an integer JSON readers would round, a naive instant, or text that is not Unicode (a lone surrogate).
    """
    told = _told(event, place or Place(event.log, event.seq, event.patient_seq))
    for name, value in told.items():
        if value.__class__ not in AS_IT_IS and name != "clocks":
            told[name] = _checked(value)
    text = encoded(told)
    text.encode()  # a lone surrogate is refused here, before anything is stored
    return text


def _told(event: Event, place: Place) -> dict[str, Json]:
    """What the text says, in the order RFC 8785 section 3.2.3 sorts it."""
    return {
        "acting_for": event.acting_for,
        "actor": event.actor,
        "case": event.case,
        "case_version": event.case_version,
        "changes": event.changes,
        "clocks": [clock_row(clock) for clock in event.clocks],
        "facts": event.facts,
        "kind": event.kind,
        "log": place.log,
        "name": event.name,
        "nonce": event.nonce,
        "on": event.on.isoformat(),
        "patient": event.patient,
        "patient_seq": place.patient_seq,
        "practice": event.practice,
        "purpose": event.purpose,
        "reason": event.reason,
        "recorded_at": instant(event.recorded_at),
        "request": event.request,
        "sandbox": event.sandbox,
        "seq": place.seq,
        "source": event.source,
        "undoes": event.undoes,
        "v": VERSION,
    }


def clock_row(clock: Clock) -> dict[str, Json]:
    """A clock as it stands in the trail: every field, by name."""
    values = zip(_CLOCK_FIELDS, _clock_values(clock), strict=True)
    return {name: value if value.__class__ in AS_IT_IS else _checked(plain(value)) for name, value in values}


def leaf(text: str) -> bytes:
    """The leaf hash of an entry's canonical text (RFC 9162 section 2.1.1)."""
    return sha256(b"\0" + text.encode()).digest()


def _checked(value: Json) -> Json:
    """`value` with keys in RFC 8785 order, or TypeError / ValueError where it is outside the canonical subset."""
    if value.__class__ in AS_IT_IS or isinstance(value, str):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError("an integer beyond 2**53 - 1 cannot be recorded exactly")
        return value
    if isinstance(value, list):
        return [_checked(each) for each in value]
    if isinstance(value, (dict, Mapping)):  # asked of a dict alone, it is answered at once
        return {key: _checked(value[key]) if value[key].__class__ not in AS_IT_IS else value[key] for key in sorted(value, key=_utf16)}
    raise TypeError(f"a {type(value).__name__} cannot be recorded: only str, int, bool, None, list and dict")


@lru_cache(maxsize=512)  # names are few, and stand in every entry
def _utf16(key: Any) -> bytes:
    """RFC 8785 section 3.2.3: names sort by their UTF-16 code units."""
    if not isinstance(key, str):
        raise TypeError(f"a name in the trail is a str, not a {type(key).__name__}")
    return key.encode("utf-16-be")
