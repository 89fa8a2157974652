"""What was counted is not counted again: a count is kept with the facts it asked for, and holds for all whose facts are these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from appeals.model import Clock
from appeals.reckoning import Fact, Facts

KEPT = 8  # counts of one kind: the claims of a remittance share one or two days
Found = tuple[tuple[Clock, ...], tuple[str, ...]]


class Noted(Mapping[str, Fact]):
    """Facts that note which of them were asked for, those that are not there too; `asked` is what was asked and answered."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.asked: dict[str, Fact] = {}

    def __getitem__(self, name: str) -> Fact:
        self.asked[name] = self._facts.get(name)
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


class Counted:
    """Counts of one kind: the same rules for the same plan, asked by the same sort of fact."""

    def __init__(self) -> None:
        self._kept: list[tuple[Mapping[str, Fact], Found]] = []

    def of(self, facts: Facts) -> Found | None:
        """What was counted from these facts, if it was."""
        return next((found for asked, found in self._kept if all(facts.get(name) == fact for name, fact in asked.items())), None)

    def keep(self, noted: Noted, found: Found) -> None:
        """Keep a count; one from an instant is not, since equal instants may be told in other zones."""
        if not any(isinstance(fact, datetime) for fact in noted.asked.values()):
            self._kept = [(noted.asked, found), *self._kept[: KEPT - 1]]
