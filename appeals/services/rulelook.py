"""Looking at the rules: all of them, one whole, and when their sources were last checked. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from appeals import law
from appeals.errors import NotFound
from appeals.model import Coverage
from appeals.packrows import Rule, Statement
from appeals.packs import Pack, Packs
from appeals.record import RulePack
from appeals.services import governing


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One rule and the pack it stands in; `sample` where it is a published example that counts nowhere."""

    rule: Rule
    pack: Pack
    sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place that rules were read at: the day it was last checked, how many rest on it, and how many of those are unverified."""

    source: str
    checked_on: date
    rules: int
    unverified: int
    packs: tuple[str, ...]


def listed(own: Sequence[RulePack], *, programme: str = "", pack: str = "", unverified: bool = False) -> tuple[Listed, ...]:
    """The rules that count, law and the practice's own, and the samples when asked for by pack. By pack, in its order."""
    packs = law.for_coverage(Coverage(id="", practice_id="", patient_id="", payer_id="", programme=programme)) if programme else None
    chosen = packs or law.with_own(governing.own(own))
    found = [Listed(rule=rule, pack=chosen.origin[rule.id]) for rule in chosen.rules.values()]
    if pack.startswith("sample"):
        found = [Listed(rule=rule, pack=law.samples().origin[rule.id], sample=True) for rule in law.samples().rules.values()]
    wanted = [one for one in found if not pack or one.pack.id.startswith(pack)]
    if not wanted:
        names = ", ".join((*law.ids(law.everything().packs), *(row.pack_id for row in own), "sample_..."))
        raise NotFound(f"No pack {pack!r} has rules.", f"Packs: {names}.")
    return tuple(one for one in wanted if not unverified or not all(version.verified for version in one.rule.version))


def one(own: Sequence[RulePack], rule_id: str) -> Listed | Statement:
    """The rule or provision with this id: of the practice's own packs, the law, or the samples.

    Raises:
        NotFound: there is none.
    """
    for packs, sample in ((law.with_own(governing.own(own)), False), (law.samples(), True)):
        if found := _in(packs, rule_id, sample=sample):
            return found
    raise NotFound(f"There is no rule {rule_id}.", "`appeals rules list` names them.")


def _in(packs: Packs, rule_id: str, *, sample: bool) -> Listed | Statement | None:
    if rule_id in packs.statements:
        return packs.statements[rule_id]
    rule = packs.rules.get(rule_id)
    return Listed(rule=rule, pack=packs.origin[rule_id], sample=sample) if rule else None


def sources(own: Sequence[RulePack]) -> tuple[Source, ...]:
    """Every source, the one that was checked longest ago first."""
    seen: dict[tuple[str, date], list[tuple[str, bool]]] = {}
    for one_listed in listed(own):
        for version in one_listed.rule.version:
            seen.setdefault((version.source, version.checked_on), []).append((one_listed.pack.id, version.verified))
    found = [
        Source(
            source=source,
            checked_on=day,
            rules=len(rows),
            unverified=sum(not verified for _pack, verified in rows),
            packs=tuple(dict.fromkeys(pack for pack, _verified in rows)),
        )
        for (source, day), rows in seen.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.checked_on, each.source)))
