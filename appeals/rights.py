"""Who may file: the party's right under the regime, where it says so, and what would give it. It refuses nothing itself."""

from __future__ import annotations

from collections.abc import Iterator

from appeals.model import Case, Coverage
from appeals.packrows import Right
from appeals.packs import Packs
from appeals.regimes import Level, regimes

DISPUTE = "provider_dispute"


def rungs_filed_on(packs: Packs, coverage: Coverage, order: int, track: str) -> tuple[Level, ...]:
    """The rung of each regime that could apply on which a filing of this track would stand: the case's own, or the next one there is."""
    found = []
    for regime in regimes(packs, coverage):
        rung = next((level for level in regime.ladder[order - 1 :] if level.track == track), None)
        found += [rung] if rung else []
    return tuple({rung.id: rung for rung in found}.values())


def right_at(packs: Packs, rung: Level, party: str, case: Case) -> Right | None:
    """The first row that says whether this party may file at this rung in such a case."""
    for right in packs.rights:
        applies = (not right.network or case.network in right.network) and (not right.case_kinds or case.kind in right.case_kinds)
        if rung.id in right.levels and right.party == party and applies:
            return right
    return None


def refusals(packs: Packs, coverage: Coverage, case: Case, track: str, party: str, document: str) -> tuple[str, ...]:
    """Why the party may not file, one sentence for each regime that could apply; empty where one of them lets it.

    `document` is the one it has (`assignment`, `representative` ...); an assignment on the case's record counts as one.
    """
    if track == DISPUTE:
        return () if party == "provider" else ("a provider's dispute is the provider's own, under its contract with the payer",)
    held = {document} | ({"assignment"} if case.assignment == "yes" else set())
    said = []
    for rung in rungs_filed_on(packs, coverage, case.level, track):
        right = right_at(packs, rung, party, case)
        if right is None or right.standing == "own" or (right.standing == "with" and held & set(right.documents)):
            return ()
        said.append("; ".join(_why_not(rung, party, right)))
    return tuple(dict.fromkeys(said))


def _why_not(rung: Level, party: str, right: Right) -> Iterator[str]:
    doubt = "" if right.verified else ", unverified"
    yield f"{rung.name}: the {party} has no right of its own here: {right.says} ({right.cite}{doubt})"
    if right.documents:
        yield f"`--authority {'|'.join(right.documents)}` names the document that gives it"
