"""A payer's contract: terms a practice entered or a published sample, as values and as rules on the track `provider_dispute`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appeals import identity
from appeals.contractrows import Term
from appeals.model import KINDS, Case, Coverage, Payer
from appeals.packrows import Rule, Version
from appeals.packs import Pack

WHAT = ("timely_filing", "corrected_claim", "dispute", "dispute_decision", "peer_to_peer", "member_appeal", "member_appeal_decision")
DISPUTE = "provider_dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What a kind of term means: the words, the clock, who owes it and what starts it."""

    title: str
    event: str
    kind: str
    owed_by: str
    starts_on: tuple[str, ...]
    if_missed: str
    next_step: str


_SHAPES = {
    "timely_filing": _Shape(
        title="file the claim", event="the service was given", kind="timely_filing", owed_by="us", starts_on=(),
        if_missed="the claim is denied for late filing (CO-29)", next_step="",
    ),
    "corrected_claim": _Shape(
        title="send a corrected claim", event="the claim was processed", kind="corrected_claim", owed_by="us", starts_on=("denial",),
        if_missed="a corrected claim is refused; the denial's own appeal is not touched by that", next_step="",
    ),
    "dispute": _Shape(
        title="file the provider's dispute", event="the payer decided", kind="file_provider_dispute", owed_by="us", starts_on=("denial",),
        if_missed="the contract's own dispute is lost; the member's appeal is not", next_step="",
    ),
    "dispute_decision": _Shape(
        title="answer the provider's dispute", event="the payer received the dispute", kind="decide_provider_dispute", owed_by="payer",
        starts_on=("filing",), if_missed="the contract says what follows", next_step="call the payer for its answer",
    ),
    "peer_to_peer": _Shape(
        title="ask for a peer-to-peer call", event="the payer posted the denial", kind="peer_to_peer", owed_by="us", starts_on=("denial",),
        if_missed="no call; the appeal is not touched by that", next_step="",
    ),
    "member_appeal": _Shape(
        title="file the member's appeal by the payer's own terms", event="the payer decided", kind="file_internal_appeal", owed_by="us",
        starts_on=("denial",), if_missed="the payer may refuse it; the law's own time may still run", next_step="",
    ),
    "member_appeal_decision": _Shape(
        title="decide the member's appeal by the payer's own terms", event="the payer received the appeal", kind="decide_appeal",
        owed_by="payer", starts_on=("filing",), if_missed="", next_step="call the payer",
    ),
}  # fmt: skip


def rule_of(term: Term) -> Rule:
    """The term as a rule of the engine. It has no level of a law's ladder: `Term.level` says where it applies."""
    shape = _SHAPES[term.what]
    later_level = term.what == "dispute" and term.level > 1
    return Rule(
        id=term.id,
        title=shape.title,
        event=shape.event,
        kind=shape.kind,
        owed_by=shape.owed_by,
        starts_on=("dispute_denial",) if later_level else shape.starts_on,
        levels=(),
        states=(),
        filed_by=("provider",) if term.what == "dispute" else (),
        case_kinds=KINDS,
        care=term.care,
        urgency=term.urgency,
        counts_from=(term.counts_from,),
        pick="only",
        else_from=_stand_in(term, shape),
        versioned_by="sent" if shape.owed_by == "payer" else "notice",
        version=(_version(term, shape),),
    )


def _stand_in(term: Term, shape: _Shape) -> tuple[str, ...]:
    wanted = "sent" if shape.owed_by == "payer" else "notice"
    return () if term.counts_from in (wanted, "service_date") else (wanted,)


def _version(term: Term, shape: _Shape) -> Version:
    return Version(
        effective_from=term.effective_from,
        effective_to=term.effective_to,
        direction="within",
        length=term.length,
        unit=term.unit,
        business_calendar=term.business_calendar,
        start_day_counts=False,
        if_no_such_day="clamp" if term.unit in ("calendar_months", "years") else "none",
        by_time=None,
        waits=None,
        presumption=None,
        also=None,
        roll="none",
        fallback=None,
        shorter=None,
        alternative=None,
        extension=None,
        tolling=None,
        filed_when=term.filed_when,
        if_missed=shape.if_missed,
        next_step=shape.next_step,
        notes=term.notes,
        cite=term.cite,
        source=term.source,
        checked_on=term.checked_on,
        verified=term.verified,
        basis=term.basis,
    )


def concerns(pack: Pack, payer: Payer) -> bool:
    """Whether a loaded pack is about this payer: by number where both give one, else by name. A pack without a contract is about all."""
    contract = pack.contract
    if contract is None:
        return True
    if contract.payer_number and payer.payer_number:
        return identity.number_key(contract.payer_number) == payer.payer_number
    return identity.name_key(contract.payer) == payer.name_key


def terms_started(
    pack: Pack, trigger: str, case: Case, coverage: Coverage, dispute_level: int, track: object
) -> Iterator[tuple[Term, str]]:
    """The terms of a contract that a trigger starts, each with the track it stands on.

    The first denial opens the dispute, the peer-to-peer call and the corrected claim; `dispute_level` is the dispute's own
    level: one that was lost opens the next. A member appeal's term holds at the rung of the member's ladder it names.
    """
    rung = case.level
    for term in pack.term:
        if (term.network and case.network not in term.network) or (term.programmes and coverage.programme not in term.programmes):
            continue
        if trigger not in rule_of(term).starts_on:
            continue
        of_member, of_dispute = term.what.startswith("member_appeal"), term.what in ("dispute", "dispute_decision")
        level = rung if of_member else dispute_level if of_dispute else 1
        wrong_track = trigger == "filing" and (track == DISPUTE) != of_dispute
        if wrong_track or term.level != level or (trigger == "denial" and not of_member and rung != 1):
            continue
        yield term, DISPUTE if of_dispute else "member_appeal" if of_member else ""
