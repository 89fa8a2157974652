"""What a payer's system says of one claim it was sent, as values; never decides what it means. Conventions as in `remittance`."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from appeals.intake.remittance import Claim

CLAIM, PROVIDER, RECEIVER = "claim", "provider", "receiver"


class Status(NamedTuple):
    """One STC composite: its category, status code and whom it is about; `line` counts service lines, 0 is the claim itself.

    `action` is STC03 where a 277CA gives one: WQ accepted, U rejected.
    """

    category: str
    code: str
    entity: str = ""
    on: date | None = None
    action: str = ""
    line: int = 0


class Batch(NamedTuple):
    """What a report says of the batch it is about as a whole: who sent it, how many claims it has, and what they charge; None: not said."""

    submitter: str = ""
    claims: int | None = None
    charge_cents: int | None = None


class StatusReport(NamedTuple):
    """What is said of one claim, or of everything a provider or a submitter sent (`level`).

    `claim` holds its number, charge, payer control number, patient, references and dates. `trace` is TRN02 of the level:
    of a whole batch the BHT03 of the 837 it answers. `received` is the day the sender of the report had the claims
    (DTP*050); `by_payer` is whether that sender is the payer and not a clearing house. `answer`: it answers a question
    (277) and is no acknowledgement (277CA). `message` is free text (STC12). `batch` is given of all that a submitter sent.
    """

    claim: Claim
    level: str
    trace: str
    statuses: tuple[Status, ...]
    received: date | None = None
    by_payer: bool = True
    answer: bool = False
    message: str = ""
    batch: Batch = Batch()
