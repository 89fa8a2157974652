"""Which documents an appeal should carry, by denial category and level: data in `rulepacks/checklists.toml`, read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import tomli

from appeals import fields as f
from appeals.errors import BadConfiguration
from appeals.packtables import TRACKS
from appeals.record import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What is asked about: an appeal of this category, on this track, at one of these rungs."""

    category: str
    track: str = ""
    levels: tuple[str, ...] = ()
    after_decision: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One kind of paper: whether filing without it is refused, what it is, and why it belongs there."""

    kind: str
    required: bool
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    categories: tuple[str, ...]
    tracks: tuple[str, ...]
    levels: tuple[str, ...]
    after_decision: bool
    required: tuple[str, ...]
    recommended: tuple[str, ...]
    why: str

    def fits(self, asked: Filing) -> bool:
        return (
            (not self.categories or asked.category in self.categories)
            and (not self.tracks or asked.track in self.tracks)
            and (not self.levels or bool(set(self.levels) & set(asked.levels)))
            and (asked.after_decision or not self.after_decision)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    pack: Mapping[str, str]
    kinds: Mapping[str, str]
    marks: Mapping[str, str]
    row: tuple[_Row, ...]


def items(asked: Filing) -> tuple[Item, ...]:
    """Every kind of paper such an appeal should carry, required ones first, each once."""
    file = _shipped()
    rows = [row for row in file.row if row.fits(asked)]
    found: dict[str, Item] = {}
    for required in (True, False):
        for row in rows:
            for kind in row.required if required else row.recommended:
                found.setdefault(kind, Item(kind=kind, required=required, what=file.kinds[kind], why=row.why))
    return tuple(found.values())


def required(asked: Filing) -> tuple[str, ...]:
    """The kinds without which such an appeal is refused."""
    return tuple(item.kind for item in items(asked) if item.required)


def kinds() -> tuple[str, ...]:
    """Every kind of paper that is kept, for the command line to offer."""
    return tuple(_shipped().kinds)


def noted(marks: Iterable[Mark]) -> tuple[tuple[str, Mark], ...]:
    """Marks that are evidence of their own, each with the kind of paper it counts as."""
    by_mark = _shipped().marks
    return tuple((by_mark[mark.name], mark) for mark in marks if mark.name in by_mark and not mark.voided)


def read(text: str, name: str) -> _File:
    """A table from TOML text; `name` is what errors call the file.

    Raises BadConfiguration: a key or value it does not know; names the key.
    """
    try:
        raw = tomli.loads(text)
        return _file(raw)
    except (tomli.TOMLDecodeError, f.Wrong) as error:
        raise BadConfiguration(f"{name}: {error}.", "Mend the file; its own comments describe every key.") from error


def _file(raw: Mapping[str, object]) -> _File:
    listed = raw.get("kinds")
    known = tuple(listed) if isinstance(listed, Mapping) else ()
    kind = f.one_of(*known)
    row: Mapping[str, f.Convert] = {
        "categories": f.many(f.text), "tracks": f.many(f.one_of(*TRACKS)), "levels": f.many(f.text), "after_decision": f.flag,
        "required": f.many(kind), "recommended": f.many(kind), "why": f.text,
    }  # fmt: skip
    file: Mapping[str, f.Convert] = {
        "pack": lambda one: f.read(dict, dict.fromkeys(("id", "version", "title"), f.text), one),
        "kinds": lambda one: f.read(dict, dict.fromkeys(known, f.text), one),
        "marks": lambda one: f.read(dict, dict.fromkeys(one, kind), one),
        "row": f.some(lambda one: f.read(_Row, row, one)),
    }
    found: _File = f.read(_File, file, raw)
    return found


def meanings() -> dict[str, str]:
    """What each kind of paper is, in a few words."""
    return dict(_shipped().kinds)


@cache
def _shipped() -> _File:
    return read(resources.files("appeals.rulepacks").joinpath("checklists.toml").read_text("utf-8"), "checklists.toml")
