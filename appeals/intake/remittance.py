"""What one remittance says, as values; never decides what it means.

Named tuples, not frozen dataclasses: as immutable, and a file of 100,000 claims makes a million of them in a third
of the time. Money is cents of US dollars; None is "not given or not readable". `segment` counts over the file, the
first ISA is 1. Text is as the payer sent it, without blanks around it; "" is "not given".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from appeals import record
from appeals.intake import codelike

NO_CODE = "an unreadable code"


class Dated(NamedTuple):
    """One date with its X12 qualifier; `on` is None where the text names no day."""

    qualifier: str
    raw: str
    on: date | None


class Name(NamedTuple):
    """A person or an organisation (which has only `last`), with the number it is known by."""

    last: str = ""
    first: str = ""
    middle: str = ""
    id_qualifier: str = ""
    id: str = ""


class Adjustment(NamedTuple):
    """One CAS triplet: who owes it (group), why (CARC), how much."""

    group: str
    carc: str
    amount_cents: int | None
    quantity: str = ""


class Line(NamedTuple):
    """One service line. `procedure` is the composite as sent; `control` is REF*6R."""

    segment: int
    procedure: str
    charge_cents: int | None
    paid_cents: int | None
    revenue: str = ""
    units: str = ""
    dates: tuple[Dated, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    control: str = ""

    @property
    def code(self) -> str:
        """The procedure code alone; text that is none is not given out."""
        return _procedure(self.procedure)

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The modifiers, up to four."""
        return tuple(part for part in components(self.procedure)[2:6] if part)

    @property
    def service_date(self) -> date | None:
        """The day of service: DTM*472, else the start of the period (150)."""
        return first_date(self.dates, "472", "150")


class Claim(NamedTuple):
    """One CLP with all that hangs on it. `position` counts the claims of its transaction from 1.

    Where a source has one claim a transaction, and of a claim sent, `position` is a number that tells its versions apart.

    `references` are (qualifier, value): EA is the medical record number, G1 the authorisation, 1L the group number.
    """

    segment: int
    position: int
    claim_number: str
    status: str
    charge_cents: int | None
    paid_cents: int | None
    patient_cents: int | None
    filing: str = ""
    payer_control: str = ""
    facility: str = ""
    frequency: str = ""
    patient: Name = Name()
    insured: Name = Name()
    corrected: Name = Name()
    rendering: Name = Name()
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    dates: tuple[Dated, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def member_id(self) -> str:
        """The number the payer knows the patient by: the patient's own, else the insured's."""
        return self.patient.id or self.insured.id

    @property
    def service_from(self) -> date | None:
        """The first day of service: the claim's own, else the earliest of its lines."""
        own = first_date(self.dates, "232", "472", "150")
        return own or min((day for line in self.lines if (day := line.service_date)), default=None)

    @property
    def service_to(self) -> date | None:
        """The last day of service: the claim's own, else the latest of its lines, else the first day."""
        own = first_date(self.dates, "233")
        last = (first_date(line.dates, "151", "472", "150") for line in self.lines)
        return own or max((day for day in last if day), default=self.service_from)

    def reference(self, qualifier: str) -> str:
        """The first REF of the claim with this qualifier, or ""."""
        return next((value for name, value in self.references if name == qualifier), "")


class ProviderAdjustment(NamedTuple):
    """One PLB entry: money moved between payer and provider beside the claims; positive takes from the payment."""

    segment: int
    provider_id: str
    fiscal_date: Dated
    reason: str
    amount_cents: int | None

    @property
    def code(self) -> str:
        """The reason code alone, for example WO (a takeback). It is printed, so that text which is no code is not given out."""
        code = components(self.reason)[0]
        return code if len(code) == 2 and code.isalnum() and code.isascii() else NO_CODE if code else ""

    @property
    def reference(self) -> str:
        """The number behind the reason code, often the claim it takes back."""
        return components(self.reason)[1]


class Interchange(NamedTuple):
    """One ISA: who sent what to whom. `usage` is P (production) or T (test)."""

    segment: int
    sender: str
    receiver: str
    date: str
    control: str
    usage: str


class Transaction(NamedTuple):
    """One ST: one payment of one payer to one payee. `trace` is TRN02, `paid_on` BPR16, `produced_on` DTM*405."""

    segment: int
    control: str
    handling: str = ""
    amount_cents: int | None = None
    method: str = ""
    paid_on: Dated = Dated("BPR16", "", None)
    trace: str = ""
    produced_on: Dated = Dated("405", "", None)
    payer: str = ""
    payer_id: str = ""
    payee: str = ""
    payee_id: str = ""
    payee_tax_id: str = ""

    @property
    def notice_date(self) -> date | None:
        """The earlier of the payment date and the production date; None if neither can be read."""
        return min((dated.on for dated in (self.paid_on, self.produced_on) if dated.on), default=None)


class Caution(NamedTuple):
    """Something odd that keeps nothing out. `kind` is one word for a program, `message` for a person.

    `message` never holds patient data; `raw` may.
    """

    segment: int
    kind: str
    message: str
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimProblem(record.Problem):
    """A claim a person must treat: `claim` is what could be read of it, `raw` the text that could not.

    `segment` is where the unreadable text lies; `claim.segment` is where the claim starts.
    """

    claim: Claim


Item = Interchange | Transaction | Claim | ClaimProblem | ProviderAdjustment | Caution


def components(composite: str) -> tuple[str, ...]:
    """The parts of a composite that starts with a two-letter qualifier.

    The separator is read from the composite itself: payers send another than the one their ISA declares.
    """
    separator = composite[2:3]
    parts = composite.split(separator) if separator and not separator.isalnum() else [composite]
    return (*parts, "") if len(parts) == 1 else tuple(parts)


@lru_cache(maxsize=1 << 12)
def _procedure(composite: str) -> str:
    """The code of a SVC01 as it may be shown. Cached: a file says the same few over and over."""
    return codelike.procedure(components(composite)[1])


def first_date(dates: tuple[Dated, ...], *qualifiers: str) -> date | None:
    """The first readable date with one of the qualifiers, which are tried in order."""
    return next((dated.on for wanted in qualifiers for dated in dates if dated.qualifier == wanted and dated.on), None)
