"""Checked reading of TOML tables into frozen values; every field is required and it never fills in a default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")
Convert = Callable[[Any], Any]


class Wrong(ValueError):
    """What is wrong with a value, without saying where it stands; the reader of the file adds that. Several things may be."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read(kind: Callable[..., T], converters: Mapping[str, Convert], raw: Any) -> T:
    """One table as `kind`: exactly the keys of `converters`, each converted.

    Raises:
        Wrong: everything that is wrong: unknown or missing keys, values a converter does not take; each names its key.
    """
    if not isinstance(raw, dict):
        raise Wrong("must be a table")
    wrong, meant = [], set()
    for key in raw:
        if key not in converters:
            near = get_close_matches(key, [known for known in converters if known not in raw], n=1)
            meant.update(near)
            wrong.append(f"unknown key {key!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
    wrong += [f"missing key {key!r}" for key in converters if key not in raw and key not in meant]
    found = {}
    for key, convert in converters.items():
        try:
            if key in raw:
                found[key] = convert(raw[key])
        except Wrong as error:
            wrong += [f"{key}: {fault}" for fault in error.faults]
    if wrong:
        raise Wrong(*wrong)
    return kind(**found)


def text(value: Any) -> str:
    """Text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong("must be text that is not empty")
    if "\0" in value:
        raise Wrong("must be text without a NUL in it")
    return value


def text_or_empty(value: Any) -> str:
    """Text, where "" is an answer."""
    if not isinstance(value, str):
        raise Wrong("must be text")
    return value


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def count(value: Any) -> int:
    """A whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Wrong("must be a whole number, 0 or more")
    return value


def positive(value: Any) -> int:
    """A whole number from 1."""
    if count(value) == 0:
        raise Wrong("must be 1 or more")
    return count(value)


def day(value: Any) -> date:
    """A TOML date, not a date and time."""
    if type(value) is not date:
        raise Wrong("must be a date like 2026-11-23, without quotes")
    return value


def day_or(word: str) -> Convert:
    """A date, or None where the file says `word`."""

    def convert(value: Any) -> date | None:
        return None if value == word else day(value)

    return convert


def time_or(word: str) -> Convert:
    """A TOML time of day, or None where the file says `word`."""

    def convert(value: Any) -> time | None:
        if value == word:
            return None
        if not isinstance(value, time):
            raise Wrong(f"must be a time like 12:00:00, without quotes, or {word!r}")
        return value

    return convert


def table_of(keys: Sequence[str], convert: Convert) -> Convert:
    """A table with some of these keys, each value converted."""

    def convert_all(value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict) or not value:
            raise Wrong("must be a table that is not empty")
        for key in value:
            if key not in keys:
                raise Wrong(f"unknown key {key!r}")
        return {key: convert(inner) for key, inner in value.items()}

    return convert_all


def one_of(*allowed: str) -> Convert:
    """One of these words."""

    def convert(value: Any) -> str:
        if value not in allowed:
            raise Wrong(f"{value!r} is none of {', '.join(allowed)}")
        return str(value)

    return convert


def many(convert: Convert) -> Convert:
    """A list, each item converted; it may be empty."""

    def convert_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Wrong("must be a list")
        found = []
        for number, item in enumerate(value, start=1):
            try:
                found.append(convert(item))
            except Wrong as error:
                raise Wrong(f"{number}: {error}") from error
        return tuple(found)

    return convert_all


def some(convert: Convert) -> Convert:
    """A list that is not empty, each item converted."""

    def convert_all(value: Any) -> tuple[Any, ...]:
        found: tuple[Any, ...] = many(convert)(value)
        if not found:
            raise Wrong("must not be empty")
        return found

    return convert_all


def table_or_none(kind: Callable[..., Any], converters: Mapping[str, Convert]) -> Convert:
    """A table, or None where the file says "none"."""

    def convert(value: Any) -> Any:
        return None if value == "none" else read(kind, converters, value)

    return convert
