"""What a payer takes back: a reversed claim, or an entry beside the claims that names one. Proposed, never taken by an import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from appeals import identity, show
from appeals.intake.remittance import Claim, ProviderAdjustment
from appeals.model import Case, State
from appeals.record import Change, Proposal, Situation
from appeals.services import matching, parts, writing
from appeals.services.importing import Fate, Importing, Source
from appeals.services.overlay import CHANGED, Entry
from appeals.services.proposals import proposed, raised

REOPEN, NOTICE = "reopen", "recoupment-notice"
REVERSED = "the payer reversed its earlier payment (status 22)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One provider adjustment and what it led to. `amount_cents` positive: less is paid; None: nobody can read it.

    `open`: a takeback nobody could place, which a person must look for: it is left. The payer's reference is not in it: some write
    the patient's number there.
    """

    segment: int
    code: str
    amount_cents: int | None
    what: str
    fate: str = "listed"
    case_id: str = ""
    number: str = ""
    changes: tuple[Change, ...] = ()
    open: bool = False


def reversed_claim(at: Importing, situation: Situation | None, claim: Claim, source: Source) -> Fate:
    """The fate of a claim that takes an earlier decision back: by its status (22), or because it pays less than nothing."""
    amount = abs(claim.paid_cents or 0)
    reversal = at.codes.status(claim.status).role == "reversal"
    reason = REVERSED if reversal else f"the payer takes {show.money(amount)} back (paid below zero)"
    if situation is None:
        note = f"takes back {show.money(amount)} of a claim that is no case here: look for what was posted for it"
        return Fate(name="ignored", reason="reverses a claim that is no case here", notes=(note,) if amount else ())
    if not amount:
        return Fate(name="ignored", reason="reverses a decision that paid nothing")
    anew = matching.own_number(claim) in source.anew
    # Of a split claim the new decision may leave the other parts as they were: what is taken of this one is seen beside it.
    if anew and situation.case.state is not State.RESOLVED and len(parts.payers_numbers(situation)) < 2:
        return Fate(name="ignored", reason="reversed and decided anew in the same remittance")
    if (before := _before(situation)) and REVERSED not in before[0].reason and before[1].get("amount") == amount:
        return Fate(name="ignored", reason=f"a takeback of {show.money(amount)} is proposed already")
    facts: dict[str, Any] = {"reason": reason, "amount": amount}
    changes = _proposed(at, situation, facts, reason, source, claim.segment, alone=not anew)
    return Fate(name="proposed", reason=reason, changes=changes)


def settled(at: Importing, entry: ProviderAdjustment, position: int, source: Source) -> Settled:
    """What becomes of one provider adjustment: a takeback that names the number of a case is proposed, all are listed."""
    amount = entry.amount_cents
    bare = Settled(segment=entry.segment, code=entry.code, amount_cents=amount, what="its amount cannot be read")
    if amount is None:
        return bare
    if source.elsewhere:
        return replace(bare, what="of a payment to a number that is none of this practice's", fate="elsewhere")
    if seen := at.overlay.seen(key(entry, position, source), (0, -amount)):
        return replace(bare, what=seen, fate="known", open=seen in CHANGED)
    if amount <= 0 or not at.codes.takes_back(entry.code):
        return replace(bare, what="no takeback of a claim")
    found = _named(at, entry, source)
    if len(found) > 1:
        return replace(
            bare, what=f"look for a takeback: it may mean {' or '.join(_called(one) for one in found)}", open=True, fate="person"
        )
    if not found:
        return replace(bare, what="look for a takeback: it names no claim known here", open=True, fate="person")
    return _placed(at, bare, amount, found[0], source)


def _placed(at: Importing, bare: Settled, amount: int, situation: Situation, source: Source) -> Settled:
    """A takeback of one case: proposed, unless it is already."""
    case = situation.case
    placed = replace(bare, case_id=case.id, number=case.number)
    reason = f"the payer takes {show.money(amount)} back (provider adjustment {bare.code})"
    before = _before(situation)
    if before and REVERSED in before[0].reason and before[1].get("amount") == amount:
        return replace(placed, what=f"a takeback of {_called(situation)} is proposed already")
    paid = case.paid_cents + case.recovered_cents
    facts = {"reason": reason, "amount": min(amount, paid) if paid else amount}
    changes = _proposed(at, situation, facts, reason, source, bare.segment, alone=True)
    what = f"names {_called(situation)}: a person takes or refuses it"
    more = f"; {show.money(before[1].get('amount', 0))} was proposed to be taken back before" if before else ""
    return replace(placed, what=what + more, fate="proposed", changes=changes)


def _before(situation: Situation) -> tuple[Proposal, dict[str, Any]] | None:
    """The takeback that is proposed already, with its facts: one proposal says all that is taken back, and since when."""
    found = [(one, json.loads(one.facts)) for one in situation.proposals if one.status == "open" and one.step == _step(situation)]
    return next(((one, facts) for one, facts in found if "amount" in facts and "notice" not in facts), None)


def _step(situation: Situation) -> str:
    """What a takeback proposes: a resolved case is opened again, an open one gets the mark."""
    return REOPEN if situation.case.state is State.RESOLVED else NOTICE


def _together(before: Mapping[str, Any], told: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """The facts of one proposal for two takebacks: no more than was paid, answered by the earlier day."""
    paid, amount = case.paid_cents + case.recovered_cents, before.get("amount", 0) + told["amount"]
    said = {name: f"{before[name]}; {told[name]}" for name in ("reason", "text") if name in told}
    days = {name: min(before.get(name, day), day) for name, day in told.items() if name in ("dated", "taken_back")}
    return {**before, **told, **said, **days, "amount": min(amount, paid) if paid else amount}


def key(entry: ProviderAdjustment, position: int, source: Source) -> Entry:
    """What a provider adjustment is known by when it is sent again: `position` counts those of its payment from 1."""
    return Entry(source.payer.id, entry.reference, f"PLB {entry.code}", source.trace, position, entry.code)


def _named(at: Importing, entry: ProviderAdjustment, source: Source) -> tuple[Situation, ...]:
    """The cases of the payer whose number the reference is or, where it has several parts, holds."""
    whole = identity.number_key(entry.reference)
    found = at.overlay.cases(source.payer, (whole,)) if whole.strip("0") else ()
    return found or at.overlay.cases(source.payer, [part for part in whole.replace(",", " ").split() if part.strip("0")])


def _proposed(
    at: Importing, situation: Situation, facts: dict[str, Any], reason: str, source: Source, segment: int, *, alone: bool
) -> tuple[Change, ...]:
    """The proposal, or what it adds to the one there is. `alone`: no new decision came with it."""
    resolved, run = situation.case.state is State.RESOLVED, at.run
    noticed = min(source.transaction.notice_date or run.on, run.on)
    marked = {"dated": noticed, "text": reason, "amount": facts["amount"]}
    told = {**facts, **({"taken_back": noticed} if alone else {})} if resolved else marked
    trace = {"sha256": source.sha256, "segment": segment}
    if before := _before(situation):
        told = _together(before[1], writing.plain(told), situation.case)
        changes = raised(situation, before[0], told, f"{before[0].reason}; {reason}", trace, run)
    else:
        changes = proposed(situation, _step(situation), told, reason, trace, run)
    at.overlay.take(situation, changes)
    return changes


def _called(situation: Situation) -> str:
    return f"case {situation.case.number}" if situation.case.number else "a case this file opens"
