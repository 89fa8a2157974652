"""The log replayed: what every case and clock must look like if its entries are the truth; it never repairs anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from appeals.audit import plain
from appeals.errors import StorageError
from appeals.model import Case, Clock
from appeals.record import Json

NEEDED = frozenset(("seq", "on", "case", "changes", "clocks"))
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """An entry that changes a field from a value it did not have; `case` is the case's id."""

    seq: int
    case: str
    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Cases and clocks by id, each as the JSON of its fields, and where entries contradict each other."""

    cases: Mapping[str, Mapping[str, Json]]
    clocks: Mapping[str, Mapping[str, Json]]
    mismatches: tuple[Mismatch, ...]


def fold(texts: Iterable[str], until: date | None = None) -> Fold:
    """Replay canonical texts in the order of the log; with `until`, only entries whose `on` is that day or before.

    Raises:
        StorageError: a text is not an entry of a log.
    """
    cases: dict[str, dict[str, Json]] = {}
    clocks: dict[str, Mapping[str, Json]] = {}
    mismatches: list[Mismatch] = []
    last = until.isoformat() if until else None
    for position, text in enumerate(texts, 1):
        entry = entry_of(text, position)
        if last is not None and entry["on"] > last:
            continue
        for clock in entry["clocks"]:
            clocks[clock["id"]] = clock
        if entry["changes"]:
            case = cases.setdefault(entry["case"], {})
            mismatches += _change(case, entry)
    return Fold(cases=cases, clocks=clocks, mismatches=tuple(mismatches))


def case_changes(before: Case | None, after: Case) -> dict[str, list[Json]]:
    """Field -> [before, after] of each field that changed; every field, from null, where the case is opened."""
    if before is None:
        return {each.name: [None, plain(getattr(after, each.name))] for each in fields(Case)}
    pairs = ((each.name, getattr(before, each.name), getattr(after, each.name)) for each in fields(Case))
    return {name: [plain(old), plain(new)] for name, old, new in pairs if old != new}


def field_of(kind: Callable[..., Any], name: str, raw: Json) -> Any:
    """A field's value from the JSON the log keeps of it."""
    return raw if raw is None else _readers(kind)[name](raw)


def case_of(values: Mapping[str, Json]) -> Case:
    """The case with these fields. Raises StorageError when they do not make one."""
    return _made(Case, values)


def clock_of(values: Mapping[str, Json]) -> Clock:
    """The clock with these fields. Raises StorageError when they do not make one."""
    return _made(Clock, values)


def entry_of(text: str, position: int) -> dict[str, Any]:
    """An entry read from its canonical text. Raises StorageError where it is none."""
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or not entry.keys() >= NEEDED:
        raise StorageError(f"Text {position} read from the log is not an entry.", "`appeals audit verify` says where the log is damaged.")
    return entry


def _change(case: dict[str, Json], entry: Mapping[str, Any]) -> list[Mismatch]:
    """Take an entry's changes into `case`; what they claim stood there before is compared first."""
    found = []
    for field, (before, after) in entry["changes"].items():
        if case.get(field) != before:
            message = f"entry {entry['seq']}: it changes {field} from a value the entries before it did not give"
            found.append(Mismatch(seq=entry["seq"], case=entry["case"], field=field, message=message))
        case[field] = after
    return found


def _made(kind: Callable[..., T], values: Mapping[str, Json]) -> T:
    """A value rebuilt from the JSON of its fields; a field an older log does not have takes its default."""
    readers = _readers(kind)
    try:
        return kind(**{name: value if value is None else readers[name](value) for name, value in values.items()})
    except (KeyError, TypeError, ValueError) as error:
        name = Case.__name__ if kind is Case else Clock.__name__
        raise StorageError(f"An entry of the log does not hold a whole {name.lower()}.", "`appeals doctor` says which.") from error


@cache
def _readers(kind: Callable[..., Any]) -> dict[str, Callable[[Any], Any]]:
    """For each field, what turns its JSON back into its own type."""
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items()}


def _reader(hint: Any) -> Callable[[Any], Any]:
    types = [each for each in get_args(hint) if each is not type(None)] if isinstance(hint, UnionType) else [hint]
    [only] = types
    if only is datetime:
        return datetime.fromisoformat
    if only is date:
        return date.fromisoformat
    if isinstance(only, type) and issubclass(only, Enum):
        return only
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
