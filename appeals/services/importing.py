"""One import while it runs: what it knows, the payment a claim came with, and what became of the claim. Values; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from appeals.codes import Codes
from appeals.intake.remittance import Transaction
from appeals.model import Payer
from appeals.record import Change, RulePack, Run
from appeals.services.overlay import Overlay
from appeals.services.payees import OwnNumbers
from appeals.services.store import Store


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
