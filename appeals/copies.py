"""A copy of a patient's trail for somebody else: what every form of it (JSON Lines, CSV, HTML) is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from appeals.model import Practice
from appeals.record import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One entry of the log: `told` is its canonical text read as JSON (of a redacted copy: what is left of it).

    `leaf` and the hashes of `proof` (leaf upwards) are hex.
    """

    seq: int
    leaf: str
    proof: Sequence[str]
    told: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One patient's trail as it is handed out. `statement` says how many entries there are and in which log; `head` is its head line.

    `numbers` are the cases' numbers by id, `case_number` is "" for a copy of every case; `first` and `last` are the days it was narrowed
    to. A redacted copy has no `patient_name`.
    """

    practice: Practice
    patient: str
    patient_name: str
    exported_on: date
    exported_by: str
    purpose: str
    recipient: str
    statement: str
    head: str
    redacted: bool
    numbers: Mapping[str, str] = field(default_factory=dict)
    case_number: str = ""
    first: date | None = None
    last: date | None = None
    entries: Sequence[Shown]
