"""One import while it runs: what it knows, the payment a claim came with, and what became of the claim. Values; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from appeals import identity
from appeals.codes import Codes
from appeals.intake.remittance import Claim, ClaimProblem, Line, Transaction
from appeals.model import Payer
from appeals.record import Change, RulePack, Run
from appeals.services.overlay import Overlay
from appeals.services.payees import OwnNumbers
from appeals.services.store import Store

HASHED = 12  # hex digits: enough to tell what is said under one number
NO_TRACE = ("", "NONE", "NA", "N/A", "NO CHECK", "NONPAY")  # what stands where a payment without money has no number


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The payment a claim came with. `anew` are the claim numbers it decides, other than by taking an earlier decision back.

    `elsewhere`: it goes to a number that is none of this practice's. `unsure`: why nobody can tell which payer on file it is.
    """

    file_id: str
    sha256: str
    transaction: Transaction
    payer: Payer
    anew: frozenset[str] = field(default=frozenset())
    elsewhere: bool = False
    unsure: str = ""

    @property
    def trace(self) -> str:
        """The number of the payment; of one without a number the day of its notice."""
        trace, day = self.transaction.trace, self.transaction.notice_date
        return trace if trace.strip("0 ").upper() not in NO_TRACE else day.isoformat() if day else ""


def trace_of(claim: Claim, source: Source) -> str:
    """What says which payment an entry came with: its trace, else the day of its notice and whose claim it is.

    So it is, too, where a claim has no number. The person is told by a hash, so that it can be printed.
    """
    trace = source.trace
    if trace == source.transaction.trace and (claim.claim_number.strip("0 ") or claim.payer_control.strip("0 ")):
        return trace
    return f"{trace} {_hashed(_person(claim), claim.service_from)}"


def said_of(claim: Claim, source: Source) -> str:
    """A hash of all that a remittance says of a claim, wherever it stands and however it is wrapped."""
    lines = [(line.procedure, line.revenue, *_money(line), line.service_date, line.remarks) for line in claim.lines]
    told = claim.charge_cents, claim.paid_cents, claim.patient_cents, claim.frequency, claim.service_from, claim.service_to
    return _hashed(_person(claim), source.transaction.notice_date, told, tuple(map(tuple, claim.adjustments)), claim.remarks, lines)


def problem_said(problem: ClaimProblem, source: Source) -> str:
    """A hash of what was read of a claim nobody can read, and of the text that was not."""
    return _hashed(said_of(problem.claim, source), problem.raw)


def _person(claim: Claim) -> tuple[str, str]:
    return identity.number_key(claim.member_id), identity.name_key(f"{claim.patient.first} {claim.patient.last}")


def _money(line: Line) -> tuple[object, ...]:
    return line.charge_cents, line.paid_cents, tuple(map(tuple, line.adjustments))


def _hashed(*told: object) -> str:
    return sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()[:HASHED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one claim, and the changes that make it so. Nothing in it but `raw` ever holds patient data.

    `matched` says by what the case was found, `notes` are things to know that change nothing.
    """

    name: str
    reason: str = ""
    matched: str = ""
    changes: tuple[Change, ...] = ()
    case_id: str = ""
    number: str = ""
    denied_cents: int = 0
    segment: int = 0
    raw: str = ""
    said: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """One import: the records, what it has decided so far, who runs it, and who owns what it opens."""

    store: Store
    overlay: Overlay
    codes: Codes
    run: Run
    owner: str
    received: date | None
    rule_packs: tuple[RulePack, ...]
    own: OwnNumbers
