"""The rows one denial notice makes: the notice, its lines and its adjustments. Decides; never writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from appeals import money
from appeals.codes import Codes
from appeals.errors import ImpossibleValue
from appeals.intake.findings import PAID_TO_PATIENT
from appeals.model import Adjustment, Case, Denial, ServiceLine
from appeals.record import Run
from appeals.services.told_lines import LineFacts, placed
from appeals.services.writing import Replaced

OTHER_PAYERS_MONEY = "23"  # CARC 23: what the payers before this one paid or took off


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRows:
    """What a notice says of each line, and the lines that stood before it."""

    lines: tuple[ServiceLine, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    known: tuple[ServiceLine, ...] = ()

    @property
    def new(self) -> tuple[Any, ...]:
        """What is written and was not there: of the lines, those no notice before this one had."""
        before = {line.id for line in self.known}
        return (*(line for line in self.lines if line.id not in before), *self.adjustments)

    def in_step(self, case: Case) -> Self:
        """The rows with lines that together say no more of any bucket than the case does.

        Lines of an earlier notice that this one does not speak of give way before its own do.
        """
        mine = {line.id for line in self.lines}
        beside = tuple(line for line in self.known if line.id not in mine)
        purse = money.given_way(money.Purse(case, (*self.lines, *beside)), {line.position for line in beside})
        lines = money.reconciled(purse).lines
        return replace(self, lines=tuple(line for line in lines if line not in beside))

    @property
    def replaced(self) -> tuple[Replaced, ...]:
        """Lines of which this notice says something else than the one before."""
        before = {line.id: line for line in self.known}
        return tuple(Replaced(before=before[line.id], after=line) for line in self.lines if line.id in before)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialRows(NoticeRows):
    """One notice of a denial with what it says of each line."""

    denial: Denial

    @property
    def new(self) -> tuple[Any, ...]:
        """What is written and was not there: the notice, the lines no notice before this one had, and their adjustments."""
        return (self.denial, *super(DenialRows, self).new)


def by_line(lines: Sequence[LineFacts], codes: Codes) -> tuple[LineFacts, ...]:
    """Typed lines numbered; what only routine codes take off (a fee schedule, a deductible) is not denied, and not paid either.

    Raises:
        ImpossibleValue: denied and taken off come to more than the line's charge.
    """
    return tuple(_typed(replace(line, position=at), codes) for at, line in enumerate(lines, 1))


def _typed(line: LineFacts, codes: Codes) -> LineFacts:
    routine = bool(line.adjustments) and all(codes.is_routine(carc) for _group, carc, _rarc, _cents in line.adjustments)
    denied, off = 0 if routine else line.denied_cents, shares(line.adjustments, codes)
    if routine and line.denied_cents > sum(off.values()):
        raise ImpossibleValue(
            f"Line {line.position} denies more than its codes, all routine, take off.",
            "Give the code of the denial too: 99214:400.00:240.00:CO-50:240.00,CO-45:100.00.",
        )
    paid = line.charge_cents - denied - sum(off.values())
    if paid < 0:
        raise ImpossibleValue(
            f"Line {line.position}: denied and taken off come to more than its charge.",
            "Give each code its amount: 99213:200.00:0:CO-45:60.00,PR-2:20.00 (what is left is taken as paid).",
        )
    return replace(line, denied_cents=denied, paid_cents=paid, **off)


def shares(adjustments: Iterable[tuple[str, str, str, int]], codes: Codes) -> dict[str, Any]:
    """What routine codes take off: `contractual_cents`, `patient_cents` (group PR, code 100) and `other_payer_cents` (code 23).

    What a negative adjustment gives back is taken off the others, so that none is below 0 and their sum is the remittance's.
    """
    sums = {"contractual_cents": 0, "patient_cents": 0, "other_payer_cents": 0}
    for group, carc, _rarc, cents in adjustments:
        if codes.is_routine(carc):
            of_patient = group == "PR" or carc == PAID_TO_PATIENT  # who has the payer's money owes it to the practice
            bucket = "other_payer_cents" if carc == OTHER_PAYERS_MONEY else "patient_cents" if of_patient else "contractual_cents"
            sums[bucket] += cents
    given_back = -sum(min(cents, 0) for cents in sums.values())
    found = {bucket: max(cents, 0) for bucket, cents in sums.items()}
    for bucket in sorted(found, key=lambda each: -found[each]):
        less = min(given_back, found[bucket])
        found[bucket], given_back = found[bucket] - less, given_back - less
    return found


def denial_rows(case: Case, facts: Mapping[str, Any], run: Run, *, level: int, already: Sequence[ServiceLine] = ()) -> DenialRows:
    """The notice as rows. `facts`: notice, received, amount, printed_due, codes, words, lines.

    `codes` are (group, CARC, RARC, cents) at claim level; a line the case has keeps its place and its id.

    Raises:
        ImpossibleValue: received before the notice was written, or more denied than billed.
    """
    _possible(case, facts)
    received = facts.get("received")
    codes, line_facts = facts.get("codes") or (), facts.get("lines") or ()
    reasons = [f"{g}-{c}" for g, c, _r, _a in (*codes, *(a for line in line_facts for a in line.adjustments))]
    denial = Denial(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        level=level,
        notice_date=facts["notice"],
        received_date=received,
        received_how="evidence" if received else "unreadable" if facts.get("receipt_unreadable") else "not_recorded",
        denied_cents=facts["amount"],
        reasons=facts.get("reasons") or " ".join(dict.fromkeys(reasons)),
        letter_words=facts.get("words") or "",
        printed_due=facts.get("printed_due"),
        source=facts.get("source") or "",
    )
    lines = line_rows(case, line_facts, already, run, part=bool(facts.get("split")))
    adjustments = [_adjustment(case, denial, None, code, run) for code in codes]
    for row, told in zip(lines, line_facts, strict=True):
        adjustments += [_adjustment(case, denial, row, code, run) for code in told.adjustments]
    standing = tuple(line for line in already if not line.voided)
    return DenialRows(denial=denial, lines=lines, adjustments=tuple(adjustments), known=standing)


def line_rows(
    case: Case, told: Sequence[LineFacts], already: Sequence[ServiceLine], run: Run, *, part: bool = False
) -> tuple[ServiceLine, ...]:
    """Lines of a notice as rows; `part`: of another part of a split claim."""
    known = {line.position: line.id for line in already}
    return tuple(_line(case, line, known.get(line.position) or run.new_id()) for line in placed(told, already, part=part))


def _possible(case: Case, facts: Mapping[str, Any]) -> None:
    possible_dates(facts["notice"], facts.get("received"), facts.get("printed_due"))
    # A remittance out of balance is a warning, never a refusal: its date must reach the calendar all the same.
    by_hand = not facts.get("source")
    if by_hand and case.billed_cents and facts["amount"] > case.billed_cents:
        raise ImpossibleValue("The amount denied is more than the amount billed.", "Check `--amount` and the case's `--billed`.")


def possible_dates(notice: date, received: date | None, printed: date | None) -> None:
    """Refuse a notice that was received, or whose printed deadline lies, before its own date. Raises ImpossibleValue."""
    if received and received < notice:
        raise ImpossibleValue(
            f"Received on {received}, before the notice was written on {notice}.", "Check `--received` and the notice's date."
        )
    if printed and printed < notice:
        raise ImpossibleValue(f"The notice prints {printed} as the last day, before its own date {notice}.", "Check `--printed-due`.")


def _line(case: Case, told: LineFacts, line_id: str) -> ServiceLine:
    outcome = "denied" if told.denied_cents else "paid" if told.paid_cents else "routine"
    return ServiceLine(
        id=line_id,
        practice_id=case.practice_id,
        case_id=case.id,
        position=told.position,
        procedure=told.procedure,
        service_date=told.service_date,
        charge_cents=told.charge_cents,
        paid_cents=told.paid_cents,
        denied_cents=told.denied_cents,
        outcome=outcome,
        disputed_cents=told.denied_cents,
        contractual_cents=told.contractual_cents,
        patient_cents=told.patient_cents,
        other_payer_cents=told.other_payer_cents,
    )


def _adjustment(case: Case, denial: Denial, line: ServiceLine | None, code: tuple[str, str, str, int], run: Run) -> Adjustment:
    group, carc, rarc, cents = code
    return Adjustment(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        denial_id=denial.id,
        line_id=line.id if line else None,
        group_code=group,
        carc=carc,
        rarc=rarc,
        amount_cents=cents,
    )
