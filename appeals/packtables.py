"""Which keys the tables of a rule pack have, and what each may say. Every key is required: a default would be a claim nobody checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from appeals import contractrows as c
from appeals import fields as f
from appeals import packrows as p
from appeals.contract import WHAT
from appeals.counting import IF_NO_SUCH_DAY, UNITS
from appeals.holidays import CALENDARS
from appeals.model import CARE, KINDS, PROGRAMMES, State
from appeals.wording import RECORDED, STANDS_IN

TRIGGERS = (
    "open", "denial", "filing", "peer_review", "dismissal", "forward", "favourable", "deemed", "info_request", "appeal_info_request",
    "parity_request", "escalation", "wrong_party",
    "dispute_denial",
)  # fmt: skip
TRACKS = ("member_appeal", "external_review", "hearing", "court", "provider_dispute")
PARTIES = ("patient", "representative", "provider")
AUTHORITIES = ("assignment", "representative", "power_of_attorney", "waiver_of_liability", "written_consent")
FACTS = tuple(RECORDED)
BASES = (
    "official_text_copy", "mirror_of_regulation", "agency_or_payer_page", "regulation_quoted_by_third_party",
    "secondary_source_only", "memory", "contract",
)  # fmt: skip
FORUMS = ("formal_review", "hearing", "court")
DAYS = ("calendar_days", "business_days")
CALENDARS_OR_NONE = ("none", *CALENDARS)
IN_MONTHS = ("calendar_months", "years")

PROVENANCE: Mapping[str, f.Convert] = {
    "cite": f.text, "source": f.text, "checked_on": f.day, "verified": f.flag, "basis": f.one_of(*BASES),
}  # fmt: skip
LENGTH: Mapping[str, f.Convert] = {"length": f.positive, "unit": f.one_of(*UNITS)}
VERSION: Mapping[str, f.Convert] = {
    "effective_from": f.day_or("unstated"),
    "effective_to": f.day_or("open"),
    "direction": f.one_of("within", "before", "wait"),
    "length": f.count,
    "unit": f.one_of(*UNITS),
    "business_calendar": f.one_of(*CALENDARS_OR_NONE),
    "start_day_counts": f.flag,
    "if_no_such_day": f.one_of(*IF_NO_SUCH_DAY),
    "by_time": f.time_or("none"),
    "waits": f.table_or_none(
        p.Wait, {"length": f.positive, "unit": f.one_of(*DAYS), "calendar": f.one_of(*CALENDARS_OR_NONE), "cite": f.text}
    ),
    "presumption": f.table_or_none(
        p.Presumption,
        {
            "length": f.positive, "unit": f.one_of(*DAYS), "counted_from": f.one_of(*FACTS),
            "rebuttable": f.one_of("both", "earlier", "later"), "cite": f.text,
        },
    ),
    "also": f.table_or_none(
        p.Bound,
        {
            "pick": f.one_of("later", "earlier"), "counted_from": f.one_of(*FACTS), "length": f.count,
            "unit": f.one_of(*DAYS), "cite": f.text,
        },
    ),
    "roll": f.one_of(*CALENDARS_OR_NONE),
    "fallback": f.table_or_none(p.Fallback, {"calendar": f.one_of(*CALENDARS), "cite": f.text}),
    "shorter": f.table_or_none(p.Shorter, {**LENGTH, "counted_from": f.one_of(*FACTS), "why": f.text}),
    "alternative": f.table_or_none(p.Alternative, {**LENGTH, "when": f.text}),
    "extension": f.table_or_none(p.Extension, {**LENGTH, "terms": f.text}),
    "tolling": f.table_or_none(
        p.Tolling,
        {"stops": f.one_of(*FACTS), "restarts": f.one_of(*FACTS), "with_extension": f.flag, "cite": f.text, "terms": f.text},
    ),
    "filed_when": f.one_of("sent", "postmarked", "received"),
    "if_missed": f.text_or_empty,
    "next_step": f.text_or_empty,
    "notes": f.many(f.text),
    **PROVENANCE,
}  # fmt: skip
TERM: Mapping[str, f.Convert] = {
    "id": f.text, "what": f.one_of(*WHAT), "level": f.positive, "care": f.many(f.one_of(*CARE)),
    "urgency": f.some(f.one_of("standard", "expedited")), "network": f.many(f.one_of("in", "out", "unknown")),
    "programmes": f.many(f.one_of(*PROGRAMMES)), **LENGTH,
    "business_calendar": f.one_of(*CALENDARS_OR_NONE),
    "counts_from": f.one_of("notice", "received", "sent", "posted", "service_date", "processed"),
    "filed_when": f.one_of("sent", "postmarked", "received"),
    "effective_from": f.day_or("unstated"), "effective_to": f.day_or("open"), "notes": f.many(f.text), **PROVENANCE,
}  # fmt: skip
TABLES: Mapping[str, tuple[Callable[..., Any], Mapping[str, f.Convert]]] = {
    "rule": (p.Rule, {
        "id": f.text, "title": f.text, "event": f.text, "kind": f.text,
        "owed_by": f.one_of("us", "patient", "payer", "reviewer"),
        "starts_on": f.many(f.one_of(*TRIGGERS)), "levels": f.many(f.text), "states": f.many(f.text),
        "filed_by": f.many(f.one_of(*PARTIES)), "case_kinds": f.some(f.one_of(*KINDS)), "care": f.many(f.one_of(*CARE)),
        "urgency": f.some(f.one_of("standard", "expedited")),
        "counts_from": f.some(f.one_of(*FACTS)), "pick": f.one_of("only", "earliest", "latest"),
        "else_from": f.many(f.one_of(*STANDS_IN)), "versioned_by": f.one_of(*FACTS),
        "version": f.some(lambda raw: f.read(p.Version, VERSION, raw)),
    }),
    "level": (p.LevelRow, {
        "id": f.text, "name": f.text, "track": f.one_of(*TRACKS), "decided_by": f.text,
        "obligation": f.one_of("mandatory", "voluntary", "automatic"), "silence": f.one_of("deemed", "forwarded", "none"),
        "clock_kind": f.text,
        "amount": f.one_of("none", *FORUMS), "cite": f.text, "gap": f.text_or_empty,
    }),
    "right": (p.Right, {
        "levels": f.some(f.text), "party": f.one_of(*PARTIES), "network": f.many(f.one_of("in", "out", "unknown")),
        "case_kinds": f.many(f.one_of(*KINDS)), "standing": f.one_of("own", "with", "never"),
        "documents": f.many(f.one_of(*AUTHORITIES)), "says": f.text, **PROVENANCE,
    }),
    "statement": (p.Statement, {"id": f.text, "says": f.text, "no_clock": f.text, **PROVENANCE}),
    "regime": (p.RegimeRow, {
        "id": f.text, "label": f.text, "why": f.text, "programme": f.some(f.one_of(*PROGRAMMES)),
        "funding": f.some(f.one_of("self_funded", "insured")), "grandfathered": f.some(f.one_of("yes", "no")),
        "one_level": f.many(f.text), "two_levels": f.many(f.text), "external": f.many(f.text),
        "by_state": f.one_of("none", "external", "medicaid_managed_care", "medicaid_ffs"), "packs": f.many(f.text), "gap": f.text_or_empty,
    }),
    "state": (p.StateRow, {
        "code": f.text, "name": f.text, "external": f.many(f.text), "external_packs": f.many(f.text),
        "medicaid_managed_care": f.many(f.text), "medicaid_ffs": f.many(f.text), "medicaid_packs": f.many(f.text),
    }),
    "amount": (p.Amount, {
        "id": f.text, "programmes": f.some(f.one_of(*PROGRAMMES)), "cents": f.table_of(FORUMS, f.positive),
        "effective_from": f.day_or("unstated"), "effective_to": f.day_or("open"), **PROVENANCE,
    }),
    "target": (p.Target, {
        "id": f.text, "state": f.one_of(*(s for s in State if s is not State.RESOLVED), "payment", "recoupment", "rejected"),
        "kind": f.text, "owed_by": f.one_of("us", "payer"), "length": f.positive, "unit": f.one_of(*DAYS),
        "why": f.text, "next_step": f.text,
    }),
    "channel": (p.Channel, {"id": f.text, "lead_business_days": f.count, "default": f.flag}),
    "reminding": (p.KindReminding, {
        "id": f.text, "kinds": f.some(f.text), "offsets": f.many(f.count), "hours": f.many(f.count),
    }),
    "term": (c.Term, TERM),
    "address": (c.Address, {
        "purpose": f.one_of(*WHAT), "line_of_business": f.text, "address": f.text_or_empty, "fax": f.text_or_empty,
        "portal": f.text_or_empty, "telephone": f.text_or_empty, "verified_on": f.day,
    }),
}  # fmt: skip
REMINDING: Mapping[str, f.Convert] = {
    "offsets": f.some(f.count), "hours": f.many(f.count), "soon_days": f.count, "stale_hours": f.positive,
}  # fmt: skip
CONTRACT: Mapping[str, f.Convert] = {
    "payer": f.text, "payer_number": f.text_or_empty, "closed_by_member_appeal": f.flag, "closing_cite": f.text_or_empty,
}  # fmt: skip


def wrong_together(rule: p.Rule) -> str:
    """Keys that each are allowed but together say nothing, or two things: which, and why; "" where they agree."""
    if (len(rule.counts_from) == 1) != (rule.pick == "only"):
        return "pick: `only` goes with one fact in `counts_from`, `earliest` and `latest` with several"
    if rule.starts_on and not rule.levels and not rule.states:
        return "levels: a rule that starts by itself must name levels or states, or it would start everywhere"
    for number, version in enumerate(rule.version, start=1):
        if said := _wrong_version(version):
            return f"version {number}: {said}"
    spans = sorted((v.effective_from or date.min, v.effective_to or date.max) for v in rule.version)
    for (begins, ends), following in zip(spans, [*spans[1:], None], strict=True):
        if begins > ends or (following and following[0] <= ends):
            return "version: effective dates run backwards or overlap"
    return ""


def _wrong_version(version: p.Version) -> str:
    if (version.unit in IN_MONTHS) != (version.if_no_such_day != "none"):
        return "if_no_such_day: months and years must say it, other units must not"
    if (version.unit == "business_days") != (version.business_calendar != "none"):
        return "business_calendar: business days must name it, other units must not"
    if version.unit == "hours" and (version.roll != "none" or version.start_day_counts or version.by_time is not None):
        return "roll: hours elapse, they are neither rolled nor counted by days"
    if (version.unit == "event") != (version.length == 0) and version.unit != "calendar_days":
        return "length: only an `event` has none, and every other unit has one"
    if version.direction == "before" and version.unit not in (*DAYS, "event"):
        return "direction: only days and events are counted backwards"
    return ""
