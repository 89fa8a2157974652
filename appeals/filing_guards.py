"""Guards of `file-appeal`: the path, the ladder, the right, the window, the amount and the papers. They write nothing."""

from __future__ import annotations

from appeals import checklists, rights, rules
from appeals.errors import MissingFact
from appeals.guards import DISPUTE, Attempt, filing_clocks, its_time, pending_filings
from appeals.model import RUNNING, State
from appeals.packs import Packs
from appeals.record import Situation

DECIDED = ("upheld", "partial")  # outcomes of a filing that another can be filed against


def appeal_decided_on(attempt: Attempt) -> str | None:
    case = attempt.situation.case
    if case.appealable == "no":
        return "the review found the denial not appealable; take `review-eob` again to change that"
    if case.path in ("appeal", "peer_to_peer"):
        return None
    return f"the path decided in the review is {case.path}; take `review-eob` again with `--path appeal` first"


def appellant_has_the_right(attempt: Attempt) -> str | None:
    situation, facts = attempt.situation, attempt.facts
    if attempt.packs is None:
        raise RuntimeError("an attempt to file always knows the rules of its case")
    party, document = facts.get("appellant", ""), facts.get("authority", "")
    refused = rights.refusals(attempt.packs, situation.coverage, situation.case, facts.get("track", ""), party, document)
    return "; ".join(refused) or None


def enough_in_dispute(attempt: Attempt) -> str | None:
    """42 CFR 405.1006: hearings and courts take only what is worth a certain amount, by the day of filing."""
    situation, facts = attempt.situation, attempt.facts
    if attempt.packs is None or facts.get("override"):
        return None
    for rung in rights.rungs_filed_on(attempt.packs, situation.coverage, situation.case.level, facts.get("track", "")):
        found = rules.amount_in_controversy(attempt.packs, situation.coverage, rung, facts["sent"])
        if found is None and rung.amount != "none" and rules.has_amounts(attempt.packs, situation.coverage):
            return (
                f"no amount in controversy is on record for a filing of {facts['sent']} at {rung.name}: look it up, then "
                "`--override REASON` files it"
            )
        if found and situation.case.disputed_cents < found[0]:
            cents, row = found
            doubt = "" if row.verified else f", unverified ({row.basis.replace('_', ' ')})"
            return (
                f"{rung.name} takes only ${cents / 100:,.2f} or more in dispute for a filing of {facts['sent']} ({row.cite}{doubt}); "
                "`--override REASON` files all the same, for example where claims are added up"
            )
    return None


def member_appeal_closes_no_dispute(attempt: Attempt) -> str | None:
    """A contract may close the provider's dispute as soon as the member appeals: that is said before it happens."""
    if attempt.packs is None or attempt.facts.get("closes_dispute"):
        return None
    closing = [pack.contract for pack in attempt.packs.contracts if pack.contract and pack.contract.closed_by_member_appeal]
    if attempt.facts.get("track") == DISPUTE:
        member = [f for f in attempt.situation.filings if f.track != DISPUTE and not f.voided and f.outcome != "withdrawn"]
        if not closing or not member or attempt.facts.get("override"):
            return None
        return f"the member's appeal of {member[0].sent_date} has closed the provider's dispute ({closing[0].closing_cite})"
    alive = any(f.track == DISPUTE for f in pending_filings(attempt.situation)) or any(
        c.track == DISPUTE and c.status in RUNNING for c in attempt.situation.clocks
    )
    if not closing or not alive:
        return None
    return (
        f"with this payer a member appeal closes the provider's dispute ({closing[0].closing_cite}); `--closes-dispute` says that is meant"
    )


def on_the_ladder(attempt: Attempt) -> str | None:
    track = attempt.facts.get("track")
    if track == "provider_dispute" or attempt.level is None or attempt.facts.get("good_cause"):
        return None
    rung = attempt.level
    # 45 CFR 147.136(d)(3)(i)(A): an expedited external review stands beside an expedited internal appeal, never in its place.
    beside = attempt.facts.get("expedited") and track == "external_review" and attempt.situation.case.state is State.APPEAL_FILED
    if track == rung.track or beside or (rung.obligation == "voluntary" and attempt.next_level and track == attempt.next_level.track):
        return None
    return f"the case stands at {rung.name} (track {rung.track}); {track} is another level and would be sent back"


def inside_the_window(attempt: Attempt) -> str | None:
    if attempt.facts.get("good_cause"):
        return None
    sent = attempt.facts["sent"]
    track, party = attempt.facts["track"], attempt.facts["appellant"]
    windows = [c for c in filing_clocks(attempt.situation) if (not c.track or c.track == track) and its_time(c, party)]
    if windows and all(rules.is_overdue(c, sent) for c in windows):
        last = max(rules.latest(c) for c in windows)
        return f"the time to file ran out on {last}; `--good-cause REASON` files late, `expire` records the loss"
    return None


def documents_enclosed(attempt: Attempt) -> str | None:
    if attempt.facts.get("override"):
        return None
    situation = attempt.situation
    noted = {kind for kind, _ in checklists.noted(situation.marks)}
    at_hand = {*(attempt.facts.get("enclosed") or ()), *(paper.kind for paper in situation.documents), *noted}
    asked = papers_asked(situation, attempt.packs, attempt.facts["track"], situation.case.category)
    missing = [kind for kind in checklists.required(asked) if kind not in at_hand]
    if not missing:
        return None
    raise MissingFact(
        f"Case {attempt.situation.case.number}: not enclosed: {', '.join(missing)}.",
        f"`appeals document add {attempt.situation.case.number} FILE --kind KIND` keeps it, `--enclosed KIND` says it goes with this; "
        f"or say why it goes without: `--override REASON`. `appeals checklist {attempt.situation.case.number}` says what each is.",
    )


def papers_asked(situation: Situation, packs: Packs | None, track: str, category: str) -> checklists.Filing:
    """What the checklists are asked about an appeal of this case on this track."""
    case = situation.case
    rungs = rights.rungs_filed_on(packs, situation.coverage, case.level, track) if packs else ()
    decided = any(f.outcome in DECIDED and f.track != DISPUTE and not f.voided for f in situation.filings)
    return checklists.Filing(category=category, track=track, levels=tuple(rung.id for rung in rungs), after_decision=decided)


FILING = (
    appeal_decided_on, on_the_ladder, appellant_has_the_right, inside_the_window, enough_in_dispute, member_appeal_closes_no_dispute,
    documents_enclosed,
)  # fmt: skip
