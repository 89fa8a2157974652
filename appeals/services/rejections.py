"""A claim that was not taken in (277CA), and what sends it again. No time of the law starts: the house's target does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from appeals import rules
from appeals.model import RUNNING, ClockStatus, State
from appeals.record import Run, Situation
from appeals.services import clockwork as cw
from appeals.services.delays import MarkEffect
from appeals.services.governing import packs_of

SEND_AGAIN = "send_again"
SINCE = ("claim-sent", "claim-accepted")  # what came of it after it was rejected


def rejected(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """Nobody works on the claim: the house asks for it to be sent again, not for an answer to it."""
    later = any(m.name in SINCE and m.dated > dated and not m.voided for m in situation.marks)
    if situation.case.state is not State.SUBMITTED or later:
        return MarkEffect()
    asked = [c for c in situation.clocks if not c.hard and c.trigger == "state" and c.status in RUNNING]
    ended = (cw.ended(cw.Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="claim-rejected")) for c in asked)
    clock = rules.rejected(packs_of(situation), case=situation.case, since=dated, new_id=run.new_id)
    return MarkEffect(clocks=(*ended, clock))


def sent(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The claim went out: what asked for it to be sent again is met, and its answer is waited for anew."""
    waiting = [c for c in situation.clocks if c.kind == SEND_AGAIN and c.status in RUNNING and c.start_date <= dated]
    if not waiting:
        return MarkEffect()
    met = (cw.ended(cw.Ending(clock=c, status=ClockStatus.MET, on=dated, by="claim-sent")) for c in waiting)
    house = rules.house(packs_of(situation), case=situation.case, since=dated, new_id=run.new_id)
    return MarkEffect(clocks=(*met, *([house] if house else [])))
