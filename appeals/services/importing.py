"""One import while it runs: what it knows, the payment a claim came with, and what became of the claim. Values; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from appeals import identity
from appeals.codes import Codes
from appeals.intake.remittance import Claim, Transaction
from appeals.model import Payer
from appeals.record import Change, RulePack, Run
from appeals.services.overlay import Overlay
from appeals.services.payees import OwnNumbers
from appeals.services.store import Store

NO_TRACE = ("", "NONE", "NA", "N/A", "NO CHECK", "NONPAY")  # what stands where a payment without money has no number


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The payment a claim came with. `anew` are the claim numbers it decides, other than by taking an earlier decision back.

    `elsewhere`: it goes to a number that is none of this practice's.
    """

    file_id: str
    sha256: str
    transaction: Transaction
    payer: Payer
    anew: frozenset[str] = field(default=frozenset())
    elsewhere: bool = False


def trace_of(claim: Claim, source: Source) -> str:
    """What says which payment an entry came with: its trace, else the day of its notice; of a claim without a number also whose it is.

    The person is told by a hash, so that it can be printed.
    """
    trace, day = source.transaction.trace, source.transaction.notice_date
    if trace.strip("0 ").upper() in NO_TRACE:
        trace = day.isoformat() if day else ""
    if claim.claim_number.strip("0 ") or claim.payer_control.strip("0 "):
        return trace
    person = identity.number_key(claim.member_id), identity.name_key(f"{claim.patient.first} {claim.patient.last}")
    return f"{trace} {sha256(repr((person, claim.service_from)).encode()).hexdigest()[:12]}"


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
