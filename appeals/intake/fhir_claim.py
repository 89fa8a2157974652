"""One explanation of benefits as the transaction and the claim an 835 would bring; never decides what they mean."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from appeals.codes import Codes
from appeals.intake.fhir_adjudication import LESS, MORE, Scope, balance, header, is_partly_covered, read_scope, settled
from appeals.intake.fhir_parts import Json, codings, day, identifier, notice_day, part, parts, procedure, text
from appeals.intake.fhir_people import People, Who
from appeals.intake.remittance import Adjustment, Caution, Claim, ClaimProblem, Dated, Item, Line, Transaction

INACTIVE = ("cancelled", "entered-in-error", "draft")
MOST_LINES = 10_000  # of one claim
MOST_MESSAGES = 3  # of one claim: who looks at it sees the rest
_USES = ("preauthorization", "predetermination", "complete", "proposed", "exploratory", "other")  # of R4 and of STU3
_ORDER = {"2": "2", "3": "3"}  # precedence of the coverage, as the claim status of a second and a third payer
_OWN_NUMBERS = ("clm_id", "pde_id", "uc")
_CONTROLS = ("carr_clm_cntl_num", "fi_doc_clm_cntl_num")
_TO_THE_PATIENT = ("subscriber", "beneficiary")
_NO_AMOUNTS = "it says no amounts: ask the payer for the explanation of benefits with its financial part"


@dataclass(slots=True)
class _Reading:
    """An EOB that is being read: where it stands, and what is wrong or odd. `problems` are (message, text)."""

    eob: Json
    position: int
    codes: Codes
    problems: list[tuple[str, str]] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    def odd(self, kind: str, message: str, raw: str = "") -> None:
        self.cautions.append(Caution(self.position, kind, message, raw))

    def take(self, scope: Scope, where: str) -> None:
        """Keep what could not be read of a line or of the claim."""
        self.problems += [(f"{where}{message}", raw) for message, raw in scope.problems]

    def dated(self, qualifier: str, raw: str, *, notice: bool = False) -> Dated:
        found = Dated(qualifier, raw, notice_day(raw) if notice else day(raw))
        if raw and found.on is None:
            self.odd("date", f"{qualifier} names no day", raw)
        return found


def read_eob(eob: Json, position: int, people: People, codes: Codes, url: str = "") -> Iterator[Item]:
    """The transaction, the claim or the problem it is, and what is odd. An EOB that is not in force is a caution alone."""
    status = text(eob, "status")
    if status in INACTIVE:
        yield Caution(position, "not_in_force", f"the explanation of benefits is {status}: passed over, it opens no case", status)
        return
    reading = _Reading(eob, position, codes)
    who = people.who(eob, url)
    transaction = _transaction(reading, who)
    claim = _claim(reading, who, transaction)
    for kind in who.unsure:
        reading.problems.append((f"two different resources of the file are called as its {kind} is: nobody knows which is meant", ""))
    if status != "active":
        reading.problems.append(("it does not say that it is in force (status)", status))
    if (use := text(eob, "use")) not in ("", "claim"):
        about = f"a {use}" if use in _USES else "something else (its `use` is an unreadable code)"
        reading.problems.append((f"it is about no claim but about {about}: enter it with `appeals open`", use))
    if not claim.claim_number:
        reading.problems.append(("it has no claim number", ""))
    yield transaction if transaction.amount_cents is not None else transaction._replace(amount_cents=claim.paid_cents)
    if reading.problems:
        messages = list(dict.fromkeys(message for message, _ in reading.problems))
        more = [f"and {len(messages) - MOST_MESSAGES} more"] if len(messages) > MOST_MESSAGES else []
        message = "; ".join([*messages[:MOST_MESSAGES], *more])
        raw = "\n".join(dict.fromkeys(raw for _, raw in reading.problems if raw))
        yield ClaimProblem(segment=position, message=message, raw=raw, claim=claim)
    else:
        yield claim
    yield from reading.cautions


def _transaction(reading: _Reading, who: Who) -> Transaction:
    eob = reading.eob
    payment = part(eob, "payment")
    scope = Scope()
    amount = scope.money(part(payment, "amount"), "payment")
    reading.take(scope, "")
    return Transaction(
        segment=reading.position,
        control="",
        amount_cents=amount,
        paid_on=reading.dated("payment.date", text(payment, "date"), notice=True),
        trace=text(eob, "id") or identifier(eob, *_OWN_NUMBERS, ""),
        produced_on=_produced(reading),
        payer=who.payer,
        payer_id=who.payer_id,
        payee=who.provider,
        payee_id=who.npi,
    )


def _produced(reading: _Reading) -> Dated:
    """`created`, unless the server last changed the EOB before that: then it is the day it was asked for, not of the decision."""
    created = reading.dated("created", text(reading.eob, "created"), notice=True)
    changed = day(text(part(reading.eob, "meta"), "lastUpdated"))
    if created.on and changed and created.on > changed:
        reading.odd("created", "`created` is after the last change: the day of this copy, not of a notice", created.raw)
        return created._replace(on=None)
    return created


def _claim(reading: _Reading, who: Who, transaction: Transaction) -> Claim:
    eob, codes = reading.eob, reading.codes
    scope = read_scope(header(eob), eob, codes)
    totals = read_scope(parts(eob, "total"), {}, codes)
    scopes = [(one, read_scope(parts(one, "adjudication"), one, codes)) for one in _items(reading)]
    _move_up(scope, scopes)
    charge = _charge(eob, scope, totals, scopes)
    paid = _paid(scope, totals, transaction, scopes)
    lines = tuple(_line(reading, at, item, own, paid) for at, (item, own) in enumerate(scopes, 1))
    adjustments = _adjustments(reading, scope, charge, paid, lines)
    reading.take(scope, "")
    _hold_to_sums(reading, charge, paid, [*adjustments, *(one for line in lines for one in line.adjustments)])
    if not reading.problems and charge is not None and (silent := sum(line.charge_cents is None for line in lines)):
        reading.odd("missing_amount", f"{silent} of {len(lines)} lines do not say what was charged")
    if charge is None or paid is None:
        missing = "charged" if paid is not None else "paid"
        reading.problems.append((_NO_AMOUNTS if charge is paid else f"it does not say what was {missing}", ""))
    patient = totals.amount("memberliability", "paidbypatient")
    refused = paid == 0 and any(one.carc == "" for scoped in (adjustments, *(line.adjustments for line in lines)) for one in scoped)
    own = identifier(eob, *_OWN_NUMBERS, "")
    facts: dict[str, Any] = {
        "status": _ORDER.get(text(eob, "precedence"), "4" if refused else "1"),
        "charge_cents": charge,
        "paid_cents": paid,
        "adjustments": adjustments,
        "remarks": tuple(dict.fromkeys(scope.remarks)),
    }
    return Claim(
        segment=reading.position,
        position=_version(facts, lines, transaction),
        claim_number=who.claim_number or _info(eob, "patientaccountnumber") or own or _tail(eob),
        patient_cents=patient,
        payer_control=_control(eob) or own,
        patient=who.patient,
        dates=_period(reading, part(eob, "billablePeriod"), "232", "233"),
        references=tuple((kind, value) for kind, value in (("EA", _info(eob, "medicalrecordnumber")), ("1L", who.group)) if value),
        lines=lines,
        **facts,
    )


def _hold_to_sums(reading: _Reading, charge: int | None, paid: int | None, taken: list[Adjustment]) -> None:
    """What does not add up is odd where money is denied; where nothing was paid nobody knows how much, and it is a person's.

    Of a claim that denies nothing few payers say what became of the rest.
    """
    unequal, denies = balance(charge, paid, taken, reading.codes)
    if unequal and denies and not (paid and unequal == LESS):
        reading.problems.append((unequal, ""))
    elif unequal and (denies or unequal == MORE):
        reading.odd("claim_balance", unequal)


def _version(facts: dict[str, Any], lines: tuple[Line, ...], transaction: Transaction) -> int:
    """A number for what the EOB decides and when: a server changes an EOB under its id, and the change is no repetition.

    Of `created` the day of the notice alone: a server that writes the moment of its answer there would say something new each time.
    """
    told = (sorted(facts.items()), [line._replace(segment=0) for line in lines], transaction.paid_on.raw, transaction.produced_on.on)
    return zlib.crc32(repr(told).encode("utf-8", "replace")) >> 1


def _items(reading: _Reading) -> list[Json]:
    """The lines: the items and those the payer added; an item that is decided in its details is each of them."""
    found: list[Json] = []
    for name in ("item", "addItem"):
        for one in parts(reading.eob, name):
            details = [{**one, **detail} for detail in parts(one, "detail") if part(detail, "adjudication")]
            found += details if details and not part(one, "adjudication") else [one]
    if len(found) > MOST_LINES:
        reading.problems.append((f"it has more than {MOST_LINES} lines", ""))
    return found[:MOST_LINES]


def _move_up(scope: Scope, scopes: list[tuple[Json, Scope]]) -> None:
    """Why a line is denied that has no amounts, as an institution's often have none, is why the claim is."""
    for item, own in scopes:
        if _charged(item, own) is None and not own.problems:
            scope.reasons += [one for one in own.reasons if one.amount_cents is None]
            scope.unexplained |= own.unexplained
            own.reasons, own.unexplained = [one for one in own.reasons if one.amount_cents is not None], False


def _charge(eob: Json, scope: Scope, totals: Scope, scopes: list[tuple[Json, Scope]]) -> int | None:
    """What was charged: the total, in STU3 `totalCost`, else the header's own amount, else the sum of all lines."""
    total = totals.amount("submitted") if "submitted" in totals.amounts else scope.money(part(eob, "totalCost"), "totalCost")
    if total is None:
        alone = [one for one in parts(eob, "total") if not codings(part(one, "category"))]
        total = scope.amount("submitted") if len(alone) != 1 else scope.money(part(alone[0], "amount"), "total")
    if total:
        return total
    summed = _sum([_charged(one, own) for one, own in scopes])  # Blue Button's totals may be 0 where the lines are not
    return total if summed is None else summed


def _charged(item: Json, own: Scope) -> int | None:
    submitted = own.amount("submitted")
    return own.money(part(item, "net"), "net") if submitted is None else submitted


def _paid(scope: Scope, totals: Scope, transaction: Transaction, scopes: list[tuple[Json, Scope]]) -> int | None:
    """What the provider was paid: as the total says, else the payment, else the benefit, else the sum of all lines."""
    stated = totals.amount("paidtoprovider")
    stated = scope.amount("paidtoprovider") if stated is None else stated
    for found in (stated, transaction.amount_cents, totals.amount("benefit"), scope.amount("benefit")):
        if found is not None:
            return found
    return _sum([_line_paid(own) for _one, own in scopes])


def _line_paid(own: Scope) -> int | None:
    """What the provider was paid for a line; a benefit that went to the patient is not the provider's."""
    to_provider, benefit = own.amount("paidtoprovider"), own.amount("benefit")
    if to_provider is not None or benefit is None:
        return to_provider
    return benefit - (own.amount("paidtopatient") or 0)


def _sum(amounts: list[int | None]) -> int | None:
    known = [one for one in amounts if one is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def _adjustments(reading: _Reading, scope: Scope, charge: int | None, paid: int | None, lines: tuple[Line, ...]) -> tuple[Adjustment, ...]:
    """The claim's own adjustments, without what its lines say already: a header often sums them up."""
    on_lines = [one for line in lines for one in line.adjustments]
    if on_lines:
        scope.amounts = {kind: amount for kind, amount in scope.amounts.items() if kind in ("submitted", "benefit", "noncovered")}
        scope.reasons = [one for one in scope.reasons if one.carc not in {known.carc for known in on_lines}]
        scope.unexplained = scope.unexplained and not any(one.carc == "" for one in on_lines)
    found = settled(scope, charge, paid, reading.codes, before=sum(one.amount_cents or 0 for one in on_lines))
    if not lines and is_partly_covered(scope, charge, paid):
        reading.odd("not_covered", "a part of the claim is not covered, and no reason is given: look at it")
    payee = {one.code for one in codings(part(part(reading.eob, "payee"), "type"))}
    if payee & set(_TO_THE_PATIENT) and paid and not any(one.carc == "100" for one in (*found, *on_lines)):
        reading.odd("payee", "the payment went to the patient, not to the provider")
    return found


def _line(reading: _Reading, number: int, item: Json, own: Scope, claim_paid: int | None) -> Line:
    charge, paid = _charged(item, own), _line_paid(own)
    if paid is None and claim_paid == 0:
        paid = 0
    adjustments = settled(own, charge, paid, reading.codes)
    if is_partly_covered(own, charge, paid):
        reading.odd("not_covered", f"line {number}: a part is not covered, and no reason is given: look at it")
    reading.take(own, f"line {number}: ")
    served = text(item, "servicedDate")
    dates = (reading.dated("472", served),) if served else _period(reading, part(item, "servicedPeriod"), "150", "151")
    revenue = next((one.code for one in codings(part(item, "revenue"))), "")
    units = text(part(item, "quantity"), "value")
    return Line(
        reading.position, procedure(item), charge, paid, revenue, units, dates, adjustments,
        tuple(dict.fromkeys(own.remarks)), text(item, "sequence"),
    )  # fmt: skip


def _period(reading: _Reading, period: Json, first: str, last: str) -> tuple[Dated, ...]:
    ends = ((first, text(period, "start")), (last, text(period, "end")))
    return tuple(reading.dated(qualifier, raw) for qualifier, raw in ends if raw)


def _info(eob: Json, kind: str) -> str:
    """The text of the supporting information of this kind, which an institution or a clinic sent with its claim."""
    for one in (*parts(eob, "supportingInfo"), *parts(eob, "information")):
        if any(coding.code == kind for coding in codings(part(one, "category"))):
            return text(one, "valueString")
    return ""


def _control(eob: Json) -> str:
    """Medicare's control number of the claim; only zeros are none."""
    for one in parts(eob, "extension"):
        if text(one, "url").endswith(_CONTROLS) and (value := text(part(one, "valueIdentifier"), "value")).strip("0"):
            return value
    return ""


def _tail(eob: Json) -> str:
    """The last resort for a claim number: how the claim is called on the server, else the EOB."""
    return text(part(eob, "claim"), "reference").rsplit("/", 1)[-1].removeprefix("urn:uuid:") or text(eob, "id")
