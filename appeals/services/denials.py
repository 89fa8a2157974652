"""The rows one denial notice makes: the notice, its lines and its adjustments. Decides; never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appeals.codes import Codes
from appeals.errors import ImpossibleValue
from appeals.model import Adjustment, Case, Denial, ServiceLine
from appeals.record import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialRows:
    """One notice with what it says of each line."""

    denial: Denial
    lines: tuple[ServiceLine, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def all(self) -> tuple[Any, ...]:
        return (self.denial, *self.lines, *self.adjustments)


def by_line(lines: Sequence[LineFacts], codes: Codes) -> tuple[LineFacts, ...]:
    """Typed lines numbered; what only routine codes take off (a fee schedule, a deductible) is not denied."""
    return tuple(
        replace(line, position=at, denied_cents=0 if _routine(line, codes) else line.denied_cents) for at, line in enumerate(lines, 1)
    )


def _routine(line: LineFacts, codes: Codes) -> bool:
    return bool(line.adjustments) and all(codes.is_routine(carc) for _group, carc, _rarc, _cents in line.adjustments)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What a remittance or a person says of one line; `adjustments` are (group, CARC, RARC, cents)."""

    position: int
    procedure: str = ""
    service_date: date | None = None
    charge_cents: int = 0
    paid_cents: int = 0
    denied_cents: int = 0
    adjustments: tuple[tuple[str, str, str, int], ...] = ()


def denial_rows(case: Case, facts: Mapping[str, Any], run: Run, *, level: int, already: Sequence[ServiceLine] = ()) -> DenialRows:
    """The notice as rows. `facts`: notice, received, amount, printed_due, codes, words, lines.

    `codes` are (group, CARC, RARC, cents) at claim level; a line known by its position keeps its id.

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
    known = {line.position: line.id for line in already}
    lines = tuple(_line(case, line, known.get(line.position) or run.new_id()) for line in line_facts)
    adjustments = [_adjustment(case, denial, None, code, run) for code in codes]
    for row, told in zip(lines, line_facts, strict=True):
        adjustments += [_adjustment(case, denial, row, code, run) for code in told.adjustments]
    return DenialRows(denial=denial, lines=lines, adjustments=tuple(adjustments))


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
