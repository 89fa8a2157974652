"""What is earlier than it can be: a notice dated before its service, and a denial that a later notice has paid since."""

from __future__ import annotations

from datetime import date

from appeals.intake.remittance import Claim
from appeals.model import State
from appeals.record import RemittanceEntry, Situation
from appeals.services.importing import Importing, Source

SETTLED = "paid, nothing in dispute"
BY = f"{SETTLED}, by the notice of "


def settled(source: Source) -> str:
    """What is kept of a claim that was paid: the day says later whether a denial is older."""
    day = source.transaction.notice_date
    return f"{BY}{day}" if day else SETTLED


def notice_in_doubt(at: Importing, situation: Situation | None, claim: Claim, source: Source, notice: date) -> str:
    """Why no clock may start from the notice of a denial; "" where nothing speaks against it."""
    served = claim.service_from
    if served and notice < served and (situation is None or situation.case.kind == "post_service"):
        days = (source.transaction.paid_on.on, source.transaction.produced_on.on)
        other = next((day for day in days if day and day >= served), None)
        told = f"; the payment has another date, {other}" if other else ""
        return f"denied by a notice of {notice}, before the day of service{told}: which day is it of?"
    if situation is not None and (situation.case.state, situation.case.outcome) != (State.RESOLVED, "paid"):
        return ""
    since = _paid_since(at, claim, source, notice)
    return f"denied by a notice of {notice}, and a later notice of {since} paid it: nothing was opened" if since else ""


def _paid_since(at: Importing, claim: Claim, source: Source, notice: date) -> date | None:
    """The day of a later notice that paid the claim, unless that was taken back."""
    of_payer = [one for one in at.overlay.taken(claim.claim_number) if one.payer_id == source.payer.id]
    alike = [one for one in of_payer if abs(one.charge_cents) == claim.charge_cents]
    days = [day for one in alike if one.paid_cents > 0 and (day := _day(one)) and day > notice]
    return max(days, default=None) if sum(one.paid_cents for one in alike) > 0 else None


def _day(one: RemittanceEntry) -> date | None:
    """The day of the notice by which an entry settled its claim."""
    return date.fromisoformat(one.reason[len(BY) : len(BY) + len("2026-11-20")]) if one.reason.startswith(BY) else None
