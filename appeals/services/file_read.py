"""What is known of a file while it is taken in: the part in hand, and what became of those before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from appeals.intake.formats import Format
from appeals.model import Payer
from appeals.record import Change, IntakeFile, Problem, RemittanceEntry
from appeals.services.importing import Fate
from appeals.services.kept import WAITING
from appeals.services.late_reports import Late
from appeals.services.overlay import AGAIN
from appeals.services.reconciling import Became, Sums
from appeals.services.takebacks import Settled

# Told now and then how many claims of the file are decided, and what they pay in cents.
Progress = Callable[[int, int], None]


def unwatched(_claims: int, _paid_cents: int) -> None:
    """Nobody looks on."""


@dataclass(slots=True)
class Part:
    """What was decided together: claims of one payment, what stands beside them, the entries that say so; `payers` it named first."""

    fates: list[Fate] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    entries: list[RemittanceEntry] = field(default_factory=list)
    payers: list[Payer] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)

    @property
    def changes(self) -> Iterator[Change]:
        """All of them, in order."""
        for fate in self.fates:
            yield from fate.changes
        for late in self.late:
            yield from late.changes
        for one in self.settled:
            yield from one.changes


# Writes a part; gives the number of each case in it by the case's id.
Keep = Callable[[Part], Mapping[str, str]]


@dataclass(slots=True, kw_only=True)
class FileRead:
    """What became of a file, as far as it is read. `ignored` and `waiting` count claims by the reason why nothing came of them."""

    file_id: str
    format: Format
    digest: str
    sums: Sums = field(default_factory=Sums)
    entries: int = 0
    repeated: int = 0
    cases: list[Became] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    left: list[Problem] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)
    reconciled: str = ""

    def warn(self, segment: int, message: str) -> None:
        """Keep a warning with its place, once."""
        self.warnings[f"{self.format.place} {segment}: {message}"] = None

    def lost(self, file: IntakeFile) -> None:
        """Say that an earlier file, which may speak of these claims, cannot be read any more."""
        self.warnings[f"the file taken in on {file.taken_on} ({file.sha256[:12]}) is damaged: `appeals doctor`"] = None

    def account(self, part: Part, numbers: Mapping[str, str]) -> None:
        """Keep what is told of a part that was written, and nothing else of it."""
        self.entries += len(part.entries)
        for fate, entry in zip(part.fates, part.entries, strict=False):  # behind them stand the entries of what is beside the claims
            self.repeated += fate.reason == AGAIN
            if fate.name in ("ignored", WAITING):
                (self.ignored if fate.name == "ignored" else self.waiting)[fate.reason] += 1
            if fate.case_id and fate.reason:
                number, cents = numbers.get(fate.case_id, fate.number), entry.denied_cents or entry.paid_cents or entry.charge_cents
                self.cases.append(Became(number=number, what=fate.reason, matched=fate.matched, claim=entry.claim_number, cents=cents))
            if fate.name == "person":
                self.left.append(Problem(segment=fate.segment, message=fate.reason))
        self.cases += [
            Became(number=numbers.get(one.case_id, ""), what=one.what, matched="", claim=one.claim, cents=0)
            for one in part.late
            if one.what
        ]
        self.settled += [replace(one, number=numbers.get(one.case_id, one.number), changes=()) for one in part.settled]
