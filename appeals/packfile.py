"""One rule pack file: which keys its tables have, and a refusal that names file, rule and key. It never guesses a value."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from appeals import fields as f
from appeals import packs as p
from appeals.counting import IF_NO_SUCH_DAY, UNITS
from appeals.deadlines import RECORDED, STANDS_IN
from appeals.errors import AppealsError, BadConfiguration
from appeals.model import KINDS, PROGRAMMES, State

SHIPPED = (
    "regimes.toml", "erisa.toml", "aca.toml", "north_carolina.toml", "medicare_ffs.toml", "medicare_advantage.toml",
    "house.toml", "channels.toml", "reminders.toml",
)  # fmt: skip
TRIGGERS = ("open", "denial", "filing", "peer_review", "dismissal", "forward", "favourable", "deemed")
TRACKS = ("member_appeal", "external_review", "hearing", "court", "provider_dispute")
FACTS = (
    "submitted", "notice", "received", "sent", "requested", "decided", "on", "mailed", "service_date", "event",
    "information_received", "period_given_ends",
)  # fmt: skip
BASES = (
    "official_text_copy", "mirror_of_regulation", "agency_or_payer_page", "regulation_quoted_by_third_party",
    "secondary_source_only", "memory",
)  # fmt: skip
DAYS = ("calendar_days", "business_days")
ROLLS = ("none", "federal")

PROVENANCE: Mapping[str, f.Convert] = {
    "cite": f.text, "source": f.text, "checked_on": f.day, "verified": f.flag, "basis": f.one_of(*BASES),
}  # fmt: skip
VERSION: Mapping[str, f.Convert] = {
    "effective_from": f.day_or("unstated"),
    "effective_to": f.day_or("open"),
    "length": f.positive,
    "unit": f.one_of(*UNITS),
    "business_calendar": f.one_of(*ROLLS),
    "start_day_counts": f.flag,
    "if_no_such_day": f.one_of(*IF_NO_SUCH_DAY),
    "presumption": f.table_or_none(
        p.Presumption, {"length": f.positive, "unit": f.one_of(*DAYS), "counted_from": f.one_of(*RECORDED), "cite": f.text}
    ),
    "roll": f.one_of(*ROLLS),
    "fallback": f.table_or_none(p.Fallback, {"calendar": f.one_of("federal"), "cite": f.text}),
    "shorter": f.table_or_none(p.Shorter, {"counted_from": f.one_of(*FACTS), "why": f.text}),
    "extension": f.table_or_none(p.Extension, {"length": f.positive, "unit": f.one_of(*UNITS), "terms": f.text}),
    "tolling": f.text_or_empty,
    "filed_when": f.one_of("sent", "received"),
    "if_missed": f.text_or_empty,
    "notes": f.many(f.text),
    **PROVENANCE,
}
TABLES: Mapping[str, tuple[Callable[..., Any], Mapping[str, f.Convert]]] = {
    "rule": (p.Rule, {
        "id": f.text, "title": f.text, "event": f.text, "kind": f.text,
        "owed_by": f.one_of("us", "patient", "payer", "reviewer"),
        "starts_on": f.many(f.one_of(*TRIGGERS)), "levels": f.many(f.text),
        "case_kinds": f.some(f.one_of(*KINDS)), "urgency": f.some(f.one_of("standard", "expedited")),
        "counts_from": f.some(f.one_of(*FACTS)), "pick": f.one_of("only", "earliest", "latest"),
        "else_from": f.many(f.one_of(*STANDS_IN)), "versioned_by": f.one_of(*FACTS),
        "version": f.some(lambda raw: f.read(p.Version, VERSION, raw)),
    }),
    "level": (p.LevelRow, {
        "id": f.text, "name": f.text, "track": f.one_of(*TRACKS), "decided_by": f.text, "filed_by": f.many(f.text),
        "obligation": f.one_of("mandatory", "voluntary", "automatic"), "clock_kind": f.text,
        "amount": f.one_of("none", "hearing", "court"), "cite": f.text, "gap": f.text_or_empty,
    }),
    "regime": (p.RegimeRow, {
        "id": f.text, "label": f.text, "why": f.text, "programme": f.some(f.one_of(*PROGRAMMES)),
        "funding": f.some(f.one_of("self_funded", "insured")), "grandfathered": f.some(f.one_of("yes", "no")),
        "one_level": f.some(f.text), "two_levels": f.many(f.text), "external": f.many(f.text), "gap": f.text_or_empty,
    }),
    "state": (p.StateRow, {"code": f.text, "name": f.text, "external": f.many(f.text), "also": f.many(f.text)}),
    "amount": (p.Amount, {
        "id": f.text, "programmes": f.some(f.one_of(*PROGRAMMES)), "hearing_cents": f.positive, "court_cents": f.positive,
        "effective_from": f.day, "effective_to": f.day, **PROVENANCE,
    }),
    "target": (p.Target, {
        "id": f.text, "state": f.one_of(*(s for s in State if s is not State.RESOLVED), "payment"), "kind": f.text,
        "owed_by": f.one_of("us", "payer"), "length": f.positive, "unit": f.one_of(*DAYS), "why": f.text, "next_step": f.text,
    }),
    "channel": (p.Channel, {"id": f.text, "lead_business_days": f.count, "default": f.flag}),
}  # fmt: skip
REMINDING: Mapping[str, f.Convert] = {"offsets": f.some(f.count), "soon_days": f.count}


def read_pack(name: str, content: bytes, *, refuse: type[AppealsError] = BadConfiguration) -> p.Pack:
    """The pack in these bytes of the file `name`, fully checked; `refuse` is raised with file, rule and key named."""

    def refused(where: str, what: object) -> AppealsError:
        place = f"{name}, {where}" if where else name
        return refuse(f"{place}: {what}.", "`docs/clocks.md` lists the keys of a rule pack; nothing of the file was taken.")

    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise refused("", f"not a TOML file ({error})") from error
    rows: dict[str, Any] = {}
    for table in raw:
        if table not in ("pack", "reminders", *TABLES):
            raise refused("", f"unknown table {table!r}")
    for table, (kind, converters) in TABLES.items():
        found = []
        for number, row in enumerate(raw.get(table, ()), start=1):
            label = f"{table} {_label(row) or number}"
            try:
                found.append(f.read(kind, converters, row))
                if table == "rule":
                    _counts_sensibly(found[-1])
            except f.Wrong as error:
                raise refused(label, error) from error
        rows[table] = tuple(found)
    try:
        rows["reminders"] = f.read(p.Reminding, REMINDING, raw["reminders"]) if "reminders" in raw else None
        rows |= f.read(dict, {"id": f.text, "version": f.text, "title": f.text}, raw.get("pack"))
    except f.Wrong as error:
        raise refused("pack", error) from error
    return p.Pack(hash=hashlib.sha256(content).hexdigest(), **rows)


def _label(row: Any) -> str:
    return str(row.get("id") or row.get("code") or "") if isinstance(row, dict) else ""


def _counts_sensibly(rule: p.Rule) -> None:
    """Keys that each are allowed but together say nothing, or two things."""
    if (len(rule.counts_from) == 1) != (rule.pick == "only"):
        raise f.Wrong("pick: `only` goes with one fact in `counts_from`, `earliest` and `latest` with several")
    for number, version in enumerate(rule.version, start=1):
        months = version.unit in ("calendar_months", "years")
        if months != (version.if_no_such_day != "none"):
            raise f.Wrong(f"version {number}: if_no_such_day: months and years must say it, other units must not")
        if (version.unit == "business_days") != (version.business_calendar != "none"):
            raise f.Wrong(f"version {number}: business_calendar: business days must name it, other units must not")
        if version.unit == "hours" and (version.roll != "none" or version.start_day_counts):
            raise f.Wrong(f"version {number}: roll: hours elapse, they are neither rolled nor counted by days")
    spans = sorted((v.effective_from or date.min, v.effective_to or date.max) for v in rule.version)
    for (begins, ends), following in zip(spans, [*spans[1:], None], strict=True):
        if begins > ends or (following and following[0] <= ends):
            raise f.Wrong("version: effective dates run backwards or overlap")


def together(packs: Iterable[p.Pack], *, refuse: type[AppealsError] = BadConfiguration) -> p.Packs:
    """Several packs as one, with every reference between them checked."""
    listed = tuple(packs)
    origin = {row.id: pack for pack in listed for row in pack.rule} | {row.id: pack for pack in listed for row in pack.target}
    reminders = next((pack.reminders for pack in listed if pack.reminders), p.Reminding(offsets=(), soon_days=0))
    for table in ("rule", "level", "regime", "target", "channel", "amount"):
        seen: dict[str, str] = {}
        for pack in listed:
            for row in getattr(pack, table):
                if row.id in seen:
                    raise refuse(f"{pack.id}, {table} {row.id}: id is already used in {seen[row.id]}.", "Ids are unique across all packs.")
                seen[row.id] = pack.id
    found = p.Packs(
        packs=listed,
        rules=MappingProxyType({row.id: row for pack in listed for row in pack.rule}),
        levels=MappingProxyType({row.id: row for pack in listed for row in pack.level}),
        regimes=tuple(row for pack in listed for row in pack.regime),
        states=tuple(row for pack in listed for row in pack.state),
        amounts=tuple(row for pack in listed for row in pack.amount),
        targets=MappingProxyType({row.state: row for pack in listed for row in pack.target}),
        channels=MappingProxyType({row.id: row for pack in listed for row in pack.channel}),
        offsets=reminders.offsets,
        soon_days=reminders.soon_days,
        origin=MappingProxyType(origin),
    )
    for where, level in _levels_named(found):
        if level not in found.levels:
            raise refuse(f"{where}: level {level!r} is in no pack.", "Every level a rule or a regime names is a `[[level]]` of some pack.")
    for state in found.states:
        for rule in state.also:
            if rule not in found.rules:
                raise refuse(f"state {state.code}: also: rule {rule!r} is in no pack.", "Add the rule, or drop it from the state.")
    return found


def _levels_named(packs: p.Packs) -> Iterable[tuple[str, str]]:
    yield from ((f"rule {rule.id}", level) for rule in packs.rules.values() for level in rule.levels)
    yield from ((f"state {state.code}", level) for state in packs.states for level in state.external)
    for row in packs.regimes:
        external = () if row.external == ("state_of_issue",) else row.external
        yield from ((f"regime {row.id}", level) for level in (*row.one_level, *row.two_levels, *external))


@cache
def load() -> p.Packs:
    """The packs that ship with the program."""
    folder = resources.files("appeals.rulepacks")
    return together(read_pack(name, folder.joinpath(name).read_bytes()) for name in SHIPPED)
