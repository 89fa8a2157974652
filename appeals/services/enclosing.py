"""What the appeal to be filed next should carry, and what of it is on file. Reads only; papers are named by kind, date and hash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from appeals import checklists, codes, filing_guards, rights, rules, suggesting
from appeals.checklists import Item
from appeals.model import Case
from appeals.record import Document
from appeals.services import looking
from appeals.services.governing import packs_of
from appeals.services.store import Store

FIRST = "member_appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One kind of paper, the documents on file of it, and the days of marks that count as one."""

    item: Item
    papers: tuple[Document, ...]
    noted: tuple[date, ...]

    @property
    def missing(self) -> bool:
        return not self.papers and not self.noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """What an appeal on `track` should carry. `by_codes`: nobody has reviewed the case, its codes say the category."""

    case: Case
    track: str
    level: str
    category: str
    by_codes: bool
    items: tuple[Listed, ...]


def checklist(store: Store, ref: str, track: str, day: date) -> Checklist:
    """The checklist of a case as things stood at the end of `day`; without a track, of the level the case stands on."""
    situation = looking.case_on(store, ref, day)
    case, packs = situation.case, packs_of(situation)
    here = rules.ladder_level(packs, situation.coverage, case.level)
    wanted = track or (here.track if here else FIRST)
    rungs = rights.rungs_filed_on(packs, situation.coverage, case.level, wanted)
    category = case.category or suggesting.of(situation, codes.load()).category
    asked = filing_guards.papers_asked(situation, packs, wanted, category)
    if rungs and all(rung.order > case.level for rung in rungs):  # to get there, an appeal below must be decided first
        asked = replace(asked, after_decision=True)
    noted = checklists.noted(situation.marks)
    found = tuple(
        Listed(
            item=item,
            papers=tuple(paper for paper in situation.documents if paper.kind == item.kind),
            noted=tuple(mark.dated for kind, mark in noted if kind == item.kind),
        )
        for item in checklists.items(asked)
    )
    level = " or ".join(rung.name for rung in rungs)
    return Checklist(case=case, track=wanted, level=level, category=category, by_codes=not case.category, items=found)
