"""Guards: reasons a step may not be taken now. Each answers None, or why not and what would help. They write nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from appeals import rights, rules, standing
from appeals.model import RUNNING, Clock, ClockStatus, Filing, Practice
from appeals.record import Situation
from appeals.rules import Level, Packs

Facts = Mapping[str, Any]
DISPUTE = rights.DISPUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A step somebody wants to take: the case with all that hangs on it, the facts given, who, and the day."""

    situation: Situation
    facts: Facts
    practice: Practice
    actor: str
    on: date
    level: Level | None = None
    next_level: Level | None = None
    packs: Packs | None = None


Guard = Callable[[Attempt], str | None]


def asked_before_the_service(attempt: Attempt) -> str | None:
    kind = attempt.situation.case.kind
    if kind in ("pre_service", "concurrent"):
        return None
    return f"it is {kind}: only a request made before or during the service can be approved or talked over before a denial"


def peer_window_open(attempt: Attempt) -> str | None:
    windows = [c for c in attempt.situation.clocks if c.kind == "peer_to_peer" and c.status in RUNNING]
    if windows and all(rules.is_overdue(c, attempt.on) for c in windows) and not attempt.facts.get("override"):
        return "the payer's peer-to-peer window has closed; `--override REASON` records why it is asked for all the same"
    return None


def beside_expedited(attempt: Attempt) -> str | None:
    # 45 CFR 147.136(d)(3)(i)(A): an expedited external review may be asked for beside an expedited internal appeal.
    pending = pending_filings(attempt.situation)
    tracks = {filing.track for filing in pending}
    asked = attempt.facts.get("track") == "external_review" and attempt.facts.get("expedited")
    if asked and "external_review" not in tracks and any(filing.expedited for filing in pending):
        return None
    return "an appeal is pending; only an expedited external review may be filed beside an expedited internal appeal"


def one_filing_pending(attempt: Attempt) -> str | None:
    pending = pending_filings(attempt.situation)
    if not pending:
        return "no filing is pending"
    if len(pending) > 1 and not attempt.facts.get("filing"):
        return f"{len(pending)} filings are pending; say which with `--filing {'|'.join(f.track for f in pending)}`"
    if attempt.facts.get("filing") and chosen_filing(attempt) is None:
        return f"no pending filing is on the track {attempt.facts['filing']}"
    return None


def not_sent_on_by_law(attempt: Attempt) -> str | None:
    filing, rung = chosen_filing(attempt), attempt.next_level
    if rung is None or rung.obligation != "automatic" or (filing is not None and filing.track == "provider_dispute"):
        return None
    return f"the payer must send the file on to {rung.decided_by} by law; `forward` records that, and starts the next decision clock"


def payer_clock_ran_out(attempt: Attempt) -> str | None:
    """Silence is called silence only past the latest of the clocks that could hold, and not on an unverified one's word."""
    held = relied_on(attempt.situation)
    if held and all(rules.is_overdue(c, attempt.on) for c in held):
        return None
    unread = [c for c in silent(attempt.situation) if not c.verified and rules.is_overdue(c, attempt.on)]
    if unread and held:
        return (
            f"only a time that nobody has read has run out ({unread[0].cite}); by law that was read the payer has until "
            f"{max(map(rules.latest, held))}"
        )
    return "no decision clock of the payer has run out (`appeals clocks CASE` shows them)"


def silent(situation: Situation) -> list[Clock]:
    """The clocks whose running out is a silence: of the rung the case stands on. A contract's dispute exhausts nothing in law."""
    return [c for c in decision_clocks(situation) if c.hard and c.track != DISPUTE and c.level == situation.case.level]


def relied_on(situation: Situation) -> list[Clock]:
    """The payer's decision clocks that are law somebody read; where there are none, all of them."""
    hard = silent(situation)
    return [c for c in hard if c.verified] or hard


def silence_counts(attempt: Attempt) -> str | None:
    rung = attempt.level
    if rung is None or rung.silence == "deemed":
        return None
    return f"at {rung.name} nothing is deemed decided when the time runs out ({rung.cite}): call, or escalate"


def a_level_is_left(attempt: Attempt) -> str | None:
    return None if attempt.next_level else "no level is left on this plan's ladder"


def forwarded_by_law(attempt: Attempt) -> str | None:
    if attempt.next_level and attempt.next_level.obligation == "automatic":
        return None
    # 42 CFR 423.590(c), (e): a Part D plan that let its time run out sends the file on; one that decided in time does not.
    if attempt.level and attempt.level.silence == "forwarded" and payer_clock_ran_out(attempt) is None:
        return None
    return "this plan's ladder has no level the payer must send the file on to by law"


def every_route_has_run_out(attempt: Attempt) -> str | None:
    routes = [c for c in standing.routes(attempt.situation.clocks) if c.status in RUNNING or c.status is ClockStatus.MISSED]
    if not routes:
        return "no legal or payer deadline has run out: the case has none on record (`write-off` gives a case up)"
    alive = [c for c in routes if not rules.is_overdue(c, attempt.on)]
    if alive:
        last = max(alive, key=rules.latest)
        return f"a route is still open: {last.kind} until {rules.latest(last)}"
    return None


# Guards that ask for no fact of the step itself: `next` can try them.
SITUATION_ONLY = frozenset(
    {asked_before_the_service, payer_clock_ran_out, silence_counts, a_level_is_left, forwarded_by_law, every_route_has_run_out}
)


def its_time(clock: Clock, party: str) -> bool:
    """Whether a clock is the party's: some times are the patient's alone, or the provider's."""
    return not clock.filer or party in clock.filer.split(",")


def pending_filings(situation: Situation) -> tuple[Filing, ...]:
    """Filings nobody has decided yet, oldest first."""
    return tuple(f for f in situation.filings if not f.outcome and not f.voided)


def chosen_filing(attempt: Attempt) -> Filing | None:
    """The pending filing a decision is about: the one on the named track, or the only one."""
    wanted = attempt.facts.get("filing")
    found = [f for f in pending_filings(attempt.situation) if not wanted or f.track == wanted]
    return found[0] if found else None


def filing_clocks(situation: Situation) -> tuple[Clock, ...]:
    """The running clocks by which somebody on our side must file at the rung the case stands on, or its payer's dispute."""
    return tuple(
        c
        for c in situation.clocks
        if c.hard
        and c.owed_by in ("us", "patient")
        and c.kind.startswith("file_")
        and (c.level >= situation.case.level or c.track == DISPUTE)
        and c.status in RUNNING
    )


def decision_clocks(situation: Situation) -> tuple[Clock, ...]:
    """The running clocks by which a payer or reviewer must decide a filing."""
    return tuple(
        c
        for c in situation.clocks
        if c.owed_by not in ("us", "patient") and c.kind.startswith("decide_") and c.kind != "decide_claim" and c.status in RUNNING
    )
