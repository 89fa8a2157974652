"""An itemised statement a patient can hand to whoever keeps an HSA or FSA: plain text, from the case's own lines and money. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from appeals import money, money_guards, show
from appeals.errors import StepRefused
from appeals.model import Case, Practice, ServiceLine
from appeals.record import Situation

WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What marks say of money that is none of the claim's: each payment of the patient's, what the plan is to reimburse, and has."""

    payments: tuple[tuple[date, int], ...] = ()
    expected_cents: int = 0
    to_patient_cents: int = 0

    @property
    def paid_cents(self) -> int:
        return sum(cents for _, cents in self.payments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One service, or all of a claim that has no lines. `rest_cents` is what nobody has decided yet, or will pay."""

    dated: date | None
    procedure: str
    charge_cents: int
    plan_cents: int
    off_cents: int
    patient_cents: int
    rest_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Everything the paper says, in cents."""

    situation: Situation
    rows: tuple[Row, ...]
    total: Row
    told: Told

    @property
    def owed_cents(self) -> int:
        """What the patient has still to pay us."""
        return max(self.total.patient_cents - self.told.paid_cents, 0)


def of(situation: Situation, told: Told) -> Statement:
    """The statement of a case.

    Raises:
        StepRefused: nothing is on the patient, and the patient has paid nothing.
    """
    case = situation.case
    share = min(max(money_guards.patient_cents(situation), 0), case.disputed_cents)
    total = _row(case, case.service_from, "all services", share)
    if not total.patient_cents and not told.paid_cents:
        raise StepRefused(
            f"Case {case.number}: no money is on the patient, so there is nothing to state.",
            "`deny --patient-share` or a PR code says what the payer puts on the patient, `mark CASE patient-paid` what was paid.",
        )
    lines = [line for line in sorted(situation.lines, key=lambda each: each.position) if not line.voided]
    rows = tuple(_row(line, line.service_date or case.service_from, line.procedure, _share(situation, line)) for line in lines)
    return Statement(situation=situation, rows=rows or (replace(total, procedure="services"),), total=total, told=told)


def text(statement: Statement, practice: Practice, day: date) -> list[str]:
    """The paper itself, line by line."""
    situation, total, told = statement.situation, statement.total, statement.told
    case, provider = situation.case, situation.provider
    by = f"{provider.name}{f', NPI {provider.npi}' if provider.npi else ''}" if provider else practice.name
    born = f", born {situation.patient.birth_date}" if situation.patient.birth_date else ""
    member = f", member {situation.coverage.member_id}" if situation.coverage.member_id else ""
    head = [
        *(["SANDBOX: made up, no statement of anything"] if practice.sandbox else []),
        "ITEMISED STATEMENT OF SERVICES",
        f"practice          {practice.name}",
        f"provider          {by}",
        f"patient           {situation.patient.name}{born}",
        f"health plan       {situation.payer.name}{member}",
        f"claim             {case.claim_number} (our case {case.number})",
        f"dates of service  {_days(case)}",
        f"statement of      {day}",
        "",
    ]
    columns = ("date", "procedure", "charge", "plan pays", "taken off", "yours", "undecided or unpaid")
    cells = [_cells(row) for row in (*statement.rows, *([total] if len(statement.rows) > 1 else []))]
    paid = [f"paid by you       {show.money(cents)} on {dated}" for dated, cents in told.payments]
    to_you = [f"plan paid to you  {show.money(told.to_patient_cents)}"] if told.to_patient_cents else []
    foot = [
        "",
        f"your share        {show.money(total.patient_cents)}",
        *paid,
        *to_you,
        f"still to pay      {show.money(statement.owed_cents)}",
    ]
    return [*map(show.text, head), *show.table(columns, cells, tty=False, width=WIDTH), *foot]


def _row(of: Case | ServiceLine, dated: date | None, procedure: str, share: int) -> Row:
    """Where the money is; `share` of what is in dispute is the patient's by the payer's own codes, billed or not."""
    charge = money.total(of) if isinstance(of, Case) else max(of.charge_cents, money.held(of))
    plan = of.paid_cents + of.recovered_cents + of.other_payer_cents
    off, yours = of.contractual_cents + of.written_off_cents, of.patient_cents + share
    rest = charge - plan - off - yours
    return Row(dated=dated, procedure=procedure, charge_cents=charge, plan_cents=plan, off_cents=off, patient_cents=yours, rest_cents=rest)


def _share(situation: Situation, line: ServiceLine) -> int:
    return min(max(money_guards.patient_cents(situation, [str(line.position)]), 0), line.disputed_cents)


def _cells(row: Row) -> Sequence[str]:
    amounts = (row.charge_cents, row.plan_cents, row.off_cents, row.patient_cents, row.rest_cents)
    return (row.dated.isoformat() if row.dated else "-", row.procedure, *map(show.money, amounts))


def _days(case: Case) -> str:
    if case.service_from is None:
        return "not recorded"
    same = case.service_to in (None, case.service_from)
    return case.service_from.isoformat() if same else f"{case.service_from} to {case.service_to}"
