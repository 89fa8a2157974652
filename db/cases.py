"""Reading cases: one with all that hangs on it, or pages of them. It never writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, bindparam, not_, or_, select, text

from appeals.errors import Ambiguous, NotFound
from appeals.identity import number_key
from appeals.model import (
    RUNNING,
    Adjustment,
    Case,
    CaseLink,
    ClaimNumber,
    Clock,
    Coverage,
    Denial,
    Filing,
    Patient,
    Payer,
    PeerReview,
    Provider,
    ServiceLine,
    State,
)
from appeals.officetexts import CODE_LISTS
from appeals.record import Approval, Contact, Document, Mark, Proposal, RulePack, Situation
from appeals.services.store import ORDER, CaseRow
from db.columns import STILL_OPEN
from db.log import in_parts
from db.rows import columns, fetch, value_of
from db.schema_case import case, case_link, claim_number, clock
from db.schema_people import coverage, patient, payer
from db.schema_work import document, rule_pack

CHILDREN: dict[str, type[Any]] = {
    "denials": Denial,
    "lines": ServiceLine,
    "adjustments": Adjustment,
    "filings": Filing,
    "peer_reviews": PeerReview,
    "clocks": Clock,
    "marks": Mark,
    "contacts": Contact,
    "documents": Document,
    "claim_numbers": ClaimNumber,
    "proposals": Proposal,
    "approvals": Approval,
}
LARGEST_PAGE = 1000
OPEN = frozenset(str(state) for state in State if state is not State.RESOLVED)
FIRST = ""


def case_by_id(connection: Connection, practice: str, case_id: str) -> Case:
    """The case with this id. Raises NotFound."""
    found = fetch(connection, Case, practice, id=case_id)
    if not found:
        raise NotFound("No case of this practice has this id.", "Look for it: appeals find WORDS")
    return found[0]


def situation(connection: Connection, practice: str, ref: str) -> Situation:
    """A case and everything that hangs on it. Raises NotFound, Ambiguous."""
    found = _resolved(connection, practice, ref)
    hanging = {name: fetch(connection, kind, practice, case_id=found.id, order=ORDER[name]) for name, kind in CHILDREN.items()}
    linked = select(*columns(CaseLink)).where(
        case_link.c.practice_id == practice, or_(case_link.c.case_id == found.id, case_link.c.other_case_id == found.id)
    )
    merged = select(patient.c.name).where(patient.c.practice_id == practice, patient.c.merged_into == found.patient_id)
    return Situation(
        case=found,
        also_called=tuple(connection.execute(merged.order_by(patient.c.id)).scalars()),
        patient=fetch(connection, Patient, practice, id=found.patient_id)[0],
        payer=fetch(connection, Payer, practice, id=found.payer_id)[0],
        coverage=fetch(connection, Coverage, practice, id=found.coverage_id)[0],
        provider=fetch(connection, Provider, practice, id=found.provider_id)[0] if found.provider_id else None,
        rule_packs=rule_packs(connection, practice, active=True),
        links=tuple(value_of(CaseLink, row) for row in connection.execute(linked.order_by(case_link.c.id))),
        **hanging,
    )


def rule_packs(connection: Connection, practice: str, *, active: bool | None, codes: bool = False) -> tuple[RulePack, ...]:
    """What the practice loaded by pack id, of what holds or (None) ever held: rules, or lists of codes, which no case needs."""
    a_list = rule_pack.c.pack_id.startswith(CODE_LISTS, autoescape=True)
    found = select(*columns(RulePack)).where(rule_pack.c.practice_id == practice, a_list if codes else not_(a_list))
    if active is not None:
        found = found.where(rule_pack.c.active == active)
    return tuple(value_of(RulePack, row) for row in connection.execute(found.order_by(rule_pack.c.pack_id, rule_pack.c.id)))


def _resolved(connection: Connection, practice: str, ref: str) -> Case:
    number = as_case_number(ref)
    found = fetch(connection, Case, practice, number=number) if number else ()
    if found and not ref.strip().isdigit():
        return found[0]
    claims = select(*columns(Case)).where(case.c.practice_id == practice, has_claim_number(practice, ref)).order_by(case.c.number)
    known = {one.id: one for one in (*found, *(value_of(Case, row) for row in connection.execute(claims)))}
    if len(known) > 1:
        numbers = [one.number for one in known.values()]
        raise Ambiguous(f"Several cases have this number: {', '.join(numbers)}.", "Give the case number itself.", numbers)
    if not known:
        what = f"There is no case {number}" if number else "There is no case with this number"
        raise NotFound(f"{what}, and no claim or payer control number like it.", "Look for it: appeals find WORDS")
    return next(iter(known.values()))


def as_case_number(ref: str) -> str:
    """`A-000123`, `a123` and `123` as a case number; "" where `ref` cannot be one."""
    match = re.fullmatch(r"\s*(?:A-?)?(\d{1,12})\s*", ref, re.IGNORECASE | re.ASCII)
    return f"A-{int(match[1]):06d}" if match else ""


def has_claim_number(practice: str, *refs: str) -> ColumnElement[bool]:
    """The condition for a case with one of these claim, payer control or authorisation numbers."""
    spellings = {spelling for ref in refs for spelling in (ref.strip(), number_key(ref))}
    numbered = select(claim_number.c.case_id).where(claim_number.c.practice_id == practice, claim_number.c.value.in_(spellings))
    return or_(case.c.claim_number.in_(spellings), case.c.id.in_(numbered))


def case_by_claim(connection: Connection, practice: str, payer_id: str, number: str) -> Case | None:
    """The case of a payer with this claim number: of several (a corrected claim) an open one, else the newest."""
    if not number.strip():
        return None
    statement = select(*columns(Case)).where(case.c.practice_id == practice, _is_of(payer_id), has_claim_number(practice, number))
    found = [value_of(Case, row) for row in connection.execute(statement.order_by(case.c.number.desc()))]
    return next((one for one in found if not one.outcome), found[0] if found else None)


def cases_by_numbers(connection: Connection, practice: str, payer_id: str, numbers: Sequence[str]) -> tuple[Case, ...]:
    """Every case of a payer that has one of these numbers, by number."""
    if not numbers:
        return ()
    statement = select(*columns(Case)).where(case.c.practice_id == practice, _is_of(payer_id), has_claim_number(practice, *numbers))
    return tuple(value_of(Case, row) for row in connection.execute(statement.order_by(case.c.number)))


def numbers_known(connection: Connection, practice: str, numbers: Sequence[str]) -> frozenset[str]:
    """Which of these numbers, spelled so, are a claim, payer control or authorisation number of any case."""
    found: set[str] = set()
    for some in in_parts(numbers):
        ours = select(case.c.claim_number).where(case.c.practice_id == practice, case.c.claim_number.in_(some))
        also = select(claim_number.c.value).where(claim_number.c.practice_id == practice, claim_number.c.value.in_(some))
        found.update(connection.execute(ours.union(also)).scalars())
    return frozenset(found)


def numbered(connection: Connection, practice: str, numbers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The numbers of the cases, none of them void, that have each of these claim, payer control or authorisation numbers, spelled so."""
    found: dict[str, set[str]] = {}
    standing = case.c.practice_id == practice, case.c.outcome != "void"
    of_case = (claim_number.c.practice_id == case.c.practice_id) & (claim_number.c.case_id == case.c.id)
    for some in in_parts(numbers):
        ours = select(case.c.claim_number, case.c.number).where(*standing, case.c.claim_number.in_(some))
        also = select(claim_number.c.value, case.c.number).join_from(claim_number, case, of_case)
        for value, number in connection.execute(ours.union(also.where(*standing, claim_number.c.value.in_(some)))):
            found.setdefault(value, set()).add(number)
    return {value: tuple(sorted(of)) for value, of in found.items()}


def cases_by_claim(connection: Connection, practice: str, number: str) -> tuple[Case, ...]:
    """The cases with this number at whatever payer, by number."""
    if not number.strip():
        return ()
    statement = select(*columns(Case)).where(case.c.practice_id == practice, has_claim_number(practice, number))
    return tuple(value_of(Case, row) for row in connection.execute(statement.order_by(case.c.number)))


def _is_of(payer_id: str) -> ColumnElement[bool]:
    """The condition for a case of a payer: its own, or one found to be the same under another name, which a number of the case names."""
    mine = select(claim_number.c.id).where(
        claim_number.c.practice_id == case.c.practice_id, claim_number.c.case_id == case.c.id, claim_number.c.payer_id == payer_id
    )
    return or_(case.c.payer_id == payer_id, mine.exists())


def page(
    connection: Connection,
    practice: str,
    *,
    after: str,
    size: int,
    states: Sequence[str] = (),
    ids: Select[Any] | CompoundSelect[Any] | None = None,
) -> list[CaseRow]:
    """The next `size` cases behind the number `after`, with their running clocks; with `ids`, those that it selects."""
    given: dict[str, Any] = {"practice": practice, "after": after, "size": min(size, LARGEST_PAGE)}
    statement = _in_states(bool(states))
    if set(states) == OPEN:
        statement = _open()
    elif states:
        given["states"] = list(states)
    if ids is not None:
        statement = statement.where(case.c.id.in_(ids))
    return rows_of(connection, practice, statement, given)


def rows_of(connection: Connection, practice: str, statement: Select[Any], given: dict[str, Any]) -> list[CaseRow]:
    """The rows of a statement made by `listed`, with their running clocks."""
    rows = connection.execute(statement, given).all()
    clocks = _clocks(connection, practice, [row.id for row in rows], running=True)
    return [
        CaseRow(
            case=value_of(Case, row),
            clocks=clocks.get(row.id, ()),
            patient_name=row[-5],
            payer_name=row[-4],
            member_id=row[-3],
            facts_from=row[-2],
            programme=row[-1],
        )
        for row in rows
    ]


def states_page(connection: Connection, practice: str, *, after: str) -> list[tuple[Case, tuple[Clock, ...]]]:
    """The next cases behind the number `after`, with all their clocks."""
    statement = select(*columns(Case)).where(case.c.practice_id == practice, case.c.number > after).order_by(case.c.number)
    cases = [value_of(Case, row) for row in connection.execute(statement.limit(LARGEST_PAGE))]
    clocks = _clocks(connection, practice, [one.id for one in cases], running=False)
    return [(one, clocks.get(one.id, ())) for one in cases]


def _clocks(connection: Connection, practice: str, cases: Sequence[str], *, running: bool) -> dict[str, tuple[Clock, ...]]:
    if not cases:
        return {}
    found: dict[str, list[Clock]] = {}
    for row in connection.execute(_clocks_of(running), {"practice": practice, "cases": cases}):
        found.setdefault(row.case_id, []).append(value_of(Clock, row))
    return {case_id: tuple(clocks) for case_id, clocks in found.items()}


@cache
def _clocks_of(running: bool) -> Select[Any]:
    statement = (
        select(*columns(Clock))
        .where(clock.c.practice_id == bindparam("practice"), clock.c.case_id.in_(bindparam("cases", expanding=True)))
        .order_by(clock.c.case_id, clock.c.work_by, clock.c.kind, clock.c.id)
    )
    return statement.where(clock.c.status.in_(RUNNING)) if running else statement


def listed() -> Select[Any]:
    """Cases of a practice (`:practice`), each with the names a person knows it by."""
    return (
        select(*columns(Case), patient.c.name, payer.c.name, coverage.c.member_id, coverage.c.facts_from, coverage.c.programme)
        .join_from(case, patient, (patient.c.practice_id == case.c.practice_id) & (patient.c.id == case.c.patient_id))
        .join(payer, (payer.c.practice_id == case.c.practice_id) & (payer.c.id == case.c.payer_id))
        .join(coverage, (coverage.c.practice_id == case.c.practice_id) & (coverage.c.id == case.c.coverage_id))
        .where(case.c.practice_id == bindparam("practice"))
    )


def _by_number() -> Select[Any]:
    return listed().where(case.c.number > bindparam("after")).order_by(case.c.number).limit(bindparam("size"))


@cache
def _open() -> Select[Any]:
    # Spelled as the index of open cases is: a parameter would not let it be used, and closed cases would be read.
    return _by_number().where(text(f'"case".{STILL_OPEN}'))


@cache
def _in_states(by_state: bool) -> Select[Any]:
    statement = _by_number()
    return statement.where(case.c.state.in_(bindparam("states", expanding=True))) if by_state else statement


def content(connection: Connection, practice: str, document_id: str) -> bytes:
    """The bytes of a document. Raises NotFound."""
    found = connection.execute(select(document.c.content).where(document.c.practice_id == practice, document.c.id == document_id)).scalar()
    if found is None:
        raise NotFound("No document of this practice has this id.", "See the case's documents: appeals show CASE")
    return bytes(found)
