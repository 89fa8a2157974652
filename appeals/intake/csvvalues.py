"""The values of one row of a CSV file, by the fields of its mapping; what cannot be read is collected, never raised and never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from appeals.intake import csvcells
from appeals.intake.csvmapping import AMOUNTS, DATES, CsvMapping
from appeals.intake.csvrows import Row
from appeals.intake.remittance import Dated

TEXTS = (
    "claim_number", "control_number", "payer", "payer_id", "patient", "patient_last", "patient_first", "patient_middle", "member_id",
    "group_number", "mrn", "provider", "npi", "trace", "procedure", "modifiers", "units", "line_number",
)  # fmt: skip


@dataclass(slots=True)
class Values:
    """One row. `faults` are (line, what is wrong, the text that could not be read); only the last may hold a patient's data."""

    row: Row
    header: Sequence[str]
    places: Mapping[str, int]
    mapping: CsvMapping
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    days: dict[str, Dated] = field(default_factory=dict)
    cents: dict[str, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.row.fault:
            self.faults.append((self.row.line, self.row.fault, ""))
        else:
            self.cells = {name: self.row.cells[at].strip() for name, at in self.places.items()}
        self.texts = {name: self._text(name) for name in TEXTS}
        self.days = {name: self._day(name) for name in DATES}
        self.cents = {name: self._cents(name) for name in AMOUNTS}

    @property
    def said(self) -> tuple[str, ...]:
        """The cells that fields read: two rows that differ in none of them say the same."""
        return tuple(self.cells.values())

    def text(self, name: str) -> str:
        """A text field; "" where it is empty or no column has it."""
        return self.texts[name]

    def amount(self, name: str) -> int | None:
        """An amount in cents; None where it is missing or cannot be read."""
        return self.cents[name]

    def day(self, name: str) -> date | None:
        """A date; None where it is empty, cannot be read, or no column has it."""
        return self.days[name].on

    def cell(self, name: str) -> str:
        """The cell of a field as it stands, without blanks around it; "" where the row or the file has none."""
        return self.cells.get(name, "")

    def wrong(self, name: str, what: str) -> None:
        """Keep that the cell of this field is wrong; `what` never holds the cell."""
        at = self.places.get(name)
        column = f"column {self.header[at]!r} " if at is not None else f"{name} "
        self.faults.append((self.row.line, f"{column}{what}", self.cell(name)))

    def _text(self, name: str) -> str:
        raw = self.cell(name)
        if not raw:
            return ""
        if why := csvcells.unfit(raw):
            self.wrong(name, why)
            return ""
        return csvcells.words(raw)

    def _day(self, name: str) -> Dated:
        raw = csvcells.words(self.cell(name))
        if not raw:
            return Dated(name, "", None)
        found = csvcells.day_of(self.mapping.dates, raw)
        if found is None:
            self.wrong(name, f"holds no date like {' or '.join(form.words for form in self.mapping.dates)}")
        return Dated(name, raw if found else "", found)

    def _cents(self, name: str) -> int | None:
        raw = csvcells.words(self.cell(name))
        if name not in self.places or self.row.fault:
            return None
        if not raw:
            if self.mapping.money.blank == "zero":
                return 0
            if name in ("charge", "paid"):
                self.wrong(name, "is empty, and the mapping says that an empty amount is missing")
            return None
        found = self.mapping.money.cents(raw)
        if found is None:
            self.wrong(name, f"holds no amount like {self.mapping.money.words}")
        return found
