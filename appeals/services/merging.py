"""Two patients who turn out to be one: an explicit order of a person, never a guess. Nothing is erased, and both trails say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from appeals.errors import ImpossibleValue, MissingFact
from appeals.model import Case, Coverage, Patient, PatientIdentifier
from appeals.record import Change, Run
from appeals.services import looking, writing
from appeals.services.store import Store
from appeals.services.writing import Replaced

NAME = "patient-merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Who became one, by id, and how much went along. `cases` are as they stand now."""

    kept: str
    gone: str
    cases: tuple[Case, ...] = ()
    coverages: int = 0
    identifiers: int = 0
    dry_run: bool = False
    already: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """The patient who stays and the one who turned out to be the same, with what is that one's."""

    kept: Patient
    gone: Patient
    cases: tuple[Case, ...]
    coverages: tuple[Coverage, ...]
    identifiers: tuple[PatientIdentifier, ...]
    differ: tuple[str, ...]


def merge(store: Store, kept: str, gone: str, reason: str, run: Run, *, override: str = "") -> Merged:
    """Give every case, coverage and number of `gone` to `kept`, in one transaction.

    `override` says why they are one although birth dates or record numbers say otherwise.

    Raises:
        NotFound, Ambiguous: no one patient fits. ImpossibleValue: they are one already.
        MissingFact: no reason, or birth dates or record numbers differ and no `override` was given.
    """
    writing.of_many_cases(run)
    if not reason:
        raise MissingFact("patient merge needs --reason.", "Who found out, and how.")
    if before := writing.entries_of(store, run):
        return _already(store, before, kept, gone)
    pairs: list[_Pair] = []

    def decide() -> list[Change]:
        pairs[:] = [_pair(store, kept, gone, override)]
        return _changes(store, pairs[0], reason, override, run)

    applied = writing.commit_afresh(store, run, decide)
    [pair] = pairs
    return Merged(
        kept=pair.kept.id,
        gone=pair.gone.id,
        cases=applied.cases if applied else pair.cases,
        coverages=len(pair.coverages),
        identifiers=len(pair.identifiers),
        dry_run=run.dry_run,
    )


def _already(store: Store, before: Sequence[Mapping[str, Any]], kept: str, gone: str) -> Merged:
    """What an earlier run with this request id did. Raises ImpossibleValue where that was something else."""
    first = before[0]
    if first["name"] == NAME and first["patient"] == looking.one_patient(store, kept, itself=True).id:
        other = looking.one_patient(store, gone, itself=True)
        if other.id in (first["facts"]["from"], first["patient"]):
            return Merged(kept=first["patient"], gone=first["facts"]["from"], already=True)
    raise ImpossibleValue(f"This request id was used before, for {first['name']}.", "Give each command a request id of its own.")


def _pair(store: Store, kept_words: str, gone_words: str, override: str) -> _Pair:
    kept, gone = (looking.one_patient(store, words, itself=True) for words in (kept_words, gone_words))
    for one in (kept, gone):
        if one.merged_into:
            raise ImpossibleValue(f"{one.id} was merged before, into {one.merged_into}.", "Name that one.")
    if kept.id == gone.id:
        raise ImpossibleValue("Both words name the same patient.", "Name two: `appeals show CASE --json` has the patient's id.")
    ours, theirs = store.identifiers(kept.id), store.identifiers(gone.id)
    differ = _differ(kept, gone, ours, theirs)
    if differ and not override:
        raise MissingFact(
            f"These two have another {' and another '.join(differ)}: they look like two people.",
            "Check the charts. If they are one, `--override REASON` says how that is known.",
        )
    known = {(number.system, number.value) for number in ours}
    return _Pair(
        kept=kept,
        gone=gone,
        cases=store.cases_of_patient(gone.id),
        coverages=store.coverages(gone.id),
        # A number both are known by stays where it is: it leads to the patient who stays either way.
        identifiers=tuple(number for number in theirs if (number.system, number.value) not in known),
        differ=differ,
    )


def _differ(kept: Patient, gone: Patient, ours: Sequence[PatientIdentifier], theirs: Sequence[PatientIdentifier]) -> tuple[str, ...]:
    """What speaks against their being one person. A record number is one person's, so two are two people's."""
    born = kept.birth_date and gone.birth_date and kept.birth_date != gone.birth_date
    numbered = all(any(number.system == "mrn" for number in numbers) for numbers in (ours, theirs))
    return (*(("birth date",) if born else ()), *(("record number",) if numbered else ()))


def _changes(store: Store, pair: _Pair, reason: str, override: str, run: Run) -> list[Change]:
    """An entry in each trail that names the other by id, then one for each case."""
    kept, gone = pair.kept, pair.gone
    about = {"differ": list(pair.differ), "override": override if pair.differ else ""}
    filled = kept.birth_date is None and gone.birth_date is not None
    moved = {
        "cases": [case.number for case in pair.cases],
        "coverages": [coverage.id for coverage in pair.coverages],
        "identifiers": [number.id for number in pair.identifiers],
        "filled": ["birth_date"] if filled else [],
    }
    # Whoever was merged into the one that goes now is one with the patient who stays: every trace is one step long.
    former = _with((gone, *store.merged_into(gone.id)), merged_into=kept.id)
    rows = (
        *_with((kept,), birth_date=kept.birth_date or gone.birth_date),
        *_with((*pair.coverages, *pair.identifiers), patient_id=kept.id),
    )
    return [
        _entry(run, kept, reason, {"from": gone.id, **about, **moved}, rows),
        _entry(run, gone, reason, {"into": kept.id, **about}, former),
        *(
            writing.case_change(
                run,
                "correction",
                "patient-changed",
                before=case,
                after=writing.touched(case, patient_id=kept.id),
                facts={"from": gone.id},
                reason=reason,
            )
            for case in pair.cases
        ),
    ]


def _with(rows: Iterable[Any], **fields: Any) -> tuple[Replaced, ...]:
    pairs = (Replaced(before=row, after=replace(row, **fields)) for row in rows)
    return tuple(pair for pair in pairs if pair.before != pair.after)


def _entry(run: Run, patient: Patient, reason: str, facts: Mapping[str, Any], rows: Sequence[Replaced]) -> Change:
    told = writing.plain(facts) | writing.rows_told(replaces=rows)
    entry = writing.event(run, "correction", NAME, patient=patient.id, reason=reason, facts=told)
    return Change(event=entry, puts=tuple(row.after for row in rows))
