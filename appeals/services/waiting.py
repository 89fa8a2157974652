"""What waits for a person: steps that imports propose, and claims of files no import could take. `db.waiting` provides it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An open proposal: its id, of which case, whose that is, the step, and since when it waits."""

    id: str
    number: str
    owner: str
    step: str
    made_on: date


class Waiting(Protocol):
    """What nobody has answered yet."""

    def asked(self) -> tuple[Asked, ...]:
        """Every open proposal, oldest first."""
        ...

    def left_count(self) -> int:
        """How many claims of files are left for a person."""
        ...
