"""The ledger of reminders, as services see it: what one run told, read in pages. `db.reminded` provides it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from appeals import model, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One row of the ledger of one run, with what a digest says of its clock."""

    id: str
    clock_id: str
    stage: str
    rank: int
    number: str
    payer: str
    owner: str
    clock: model.Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many reminders of one rank a run has for one recipient, over one channel."""

    recipient: str
    channel: str
    rank: int
    reminders: int


class Sent(NamedTuple):
    """One reminder as a case's own trail tells it: whose case, what kind of clock, its stage, to whom and how."""

    case_id: str
    patient_id: str
    clock: str
    stage: str
    recipient: str
    channel: str


class Ledger(Protocol):
    """The reminders of one run: read in pages, so that a run of any size fits into memory."""

    def counts(self) -> tuple[Count, ...]:
        """How many there are, by recipient, worst first."""
        ...

    def page(self, recipient: str, after: str, size: int) -> list[Told]:
        """The next of a recipient behind the row id `after` ("" at the beginning), in the order they are to be worked."""
        ...

    def sent(self) -> Iterator[Sent]:
        """Every reminder of the run, in the order they are told; one at a time, since there may be very many."""
        ...

    def hashed(self, recipient: str) -> str:
        """SHA-256 over a recipient's rows, by which the log vouches for the ledger."""
        ...

    def runs(self, on: date) -> tuple[record.StoredEvent, ...]:
        """The entries of the good runs of a day; inside a run's transaction those that really came before it."""
        ...

    @property
    def head(self) -> record.Head:
        """The log's head."""
        ...
