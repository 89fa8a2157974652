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
from hashlib import sha256
from operator import attrgetter
from typing import Any

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

_CLOCK_FIELDS = tuple(sorted(each.name for each in fields(Clock)))
_clock_values = attrgetter(*_CLOCK_FIELDS)
encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode


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
    text = encoded(
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
