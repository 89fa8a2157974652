"""What the entries after a day did, read once and taken off again: the rows of today become those of that day's end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from appeals import fold
from appeals.record import Json

Row = TypeVar("Row")
RULES = "the rules the practice loaded are those that hold today: entries of an older program do not say which held before"
MEMBER = "the member id is the one known today: an entry of an older program does not say what was known before"
BIRTH = "the birth date is the one known today: an entry of an older program does not say what was known before"


@dataclass(slots=True)
class Since:
    """By id: rows that were first written since, and of the others each changed field as it was before the first change.

    `clocked` are the cases of which a clock was started, changed or ended; `untold` says what entries of an older program leave open.
    """

    made: set[str] = field(default_factory=set)
    before: dict[str, dict[str, Json]] = field(default_factory=dict)
    clocked: set[str] = field(default_factory=set)
    untold: dict[str, None] = field(default_factory=dict)

    def was(self, row: Row) -> Row | None:
        """The row as it was, or None where it was not there yet."""
        return None if row.id in self.made else self.as_before(row)  # type: ignore[attr-defined]  # every row has an id

    def as_before(self, row: Row) -> Row:
        """The same of a row that was there."""
        changed = self.before.get(row.id)  # type: ignore[attr-defined]  # every row has an id
        if not changed:
            return row
        return replace(row, **{name: fold.field_of(type(row), name, raw) for name, raw in changed.items()})  # type: ignore[type-var]  # rows are dataclasses

    def take(self, entry: Mapping[str, Any]) -> None:
        """Take in the next entry of the log."""
        facts = entry["facts"]
        if entry["clocks"]:
            self.clocked.add(entry["case"])
        if entry["changes"]:
            if entry["changes"].get("id", (True,))[0] is None:
                self.made.add(entry["case"])
            self._changed(entry["case"], entry["changes"])
        for row in facts.get("made", ()):
            self.made.add(row["id"])
        for row in facts.get("replaced", ()):
            self._changed(row["id"], row["fields"])
        if entry["name"] == "person" and entry["kind"] == "setup":
            self._person(facts)
        elif "made" not in facts and "replaced" not in facts:
            self._silent(entry["name"], facts)

    def _changed(self, row: str, fields: Mapping[str, Any]) -> None:
        known = self.before.setdefault(row, {})
        for name, (old, _new) in fields.items():
            known.setdefault(name, old)

    def _person(self, facts: Mapping[str, Any]) -> None:
        if facts["new"]:
            self.made.add(facts["person"])
        self._changed(facts["person"], facts.get("fields", {}))

    def _silent(self, name: str, facts: Mapping[str, Any]) -> None:
        if name == "rules-load":
            self.untold[RULES] = None
        elif name == "patient-merged" and facts.get("filled"):
            self.untold[BIRTH] = None


def since(texts: Iterable[str]) -> Since:
    """What these entries, in the order of the log, did. Raises StorageError where a text is no entry."""
    found = Since()
    for position, text in enumerate(texts, 1):
        found.take(fold.entry_of(text, position))
    return found
