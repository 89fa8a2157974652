"""What a remittance that comes while an appeal is pending suggests of it: lost, won in part, won, or no answer. Decides; never writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from appeals import guards
from appeals.codes import Codes
from appeals.intake.findings import DenialFinding
from appeals.money import PAID, RECOVERED
from appeals.record import Situation
from appeals.services.spoken_of import SpokenOf

UPHELD = "appeal_upheld"  # the category of the reasons that answer an appeal
NO_ANSWER = "if it does not answer the appeal, refuse this and `appeals mark CASE denial-added`"


def before_it(situation: Situation, notice: date) -> bool:
    """Whether a notice was written before any appeal that is pending was sent: it answers none of them, however late it comes."""
    sent = [filing.sent_date for filing in guards.pending_filings(situation)]
    return bool(sent) and notice < min(sent)


def of_denial(about: SpokenOf, finding: DenialFinding, facts: Mapping[str, Any], codes: Codes) -> tuple[str, dict[str, Any], str]:
    """The step, its facts and the reason that a denial suggests: lost, or won in part where more is paid than before."""
    told = {"decided": facts["notice"], "reason": facts["reasons"]} | ({"received": facts["received"]} if facts.get("received") else {})
    more = facts["paid"] - about.cents(PAID, RECOVERED)
    if 0 < more < about.case.disputed_cents:
        won = about.won(more)
        return "partially-overturn", told | {"amount": more} | ({"won_line": won} if won else {}), "paid in part while an appeal is pending"
    if any(codes.carc(reason.carc).category == UPHELD for reason in finding.reasons):
        return "uphold", told, "the payer upholds its decision"
    return "uphold", told, f"denied again while an appeal is pending: {NO_ANSWER}"
