"""Who a case is about: the patient, payer, coverage and provider, found or made. Never merges two people by guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from appeals import identity
from appeals.errors import Ambiguous, ImpossibleValue, MissingFact
from appeals.model import Coverage, Patient, PatientIdentifier, Payer, Provider
from appeals.record import Run
from appeals.services.store import Directory
from appeals.services.writing import Replaced

PLAN_FACTS = ("programme", "funding", "grandfathered", "issue_state", "internal_levels")
SEVERAL_PATIENTS = ("Several patients have this payer, member id and name.", "Give the record number, or the date of birth.")
OF_THE_COVERAGE = (*PLAN_FACTS, "rating_period_start")  # what a payer has no default for


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who a case is about, the rows that are new, and those of which something is learned."""

    patient: Patient
    payer: Payer
    coverage: Coverage
    provider: Provider | None
    new: tuple[Any, ...] = ()
    learned: tuple[Replaced, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who is on file for certain: `coverage` is the very one to use, `like` one whose plan a new coverage shares.

    `record_number` is one that was typed for a patient who had none.
    """

    patient: Patient | None = None
    payer: Payer | None = None
    provider: Provider | None = None
    coverage: Coverage | None = None
    like: Coverage | None = None
    record_number: str = ""


NOBODY = Known()


def parties_of(store: Directory, facts: Mapping[str, Any], run: Run, known: Known = NOBODY, *, given: str = "") -> Parties:
    """Find or make the patient, payer, coverage and provider, unless they are known.

    A member shares an id with dependants: another name under it is another person. A record number may be a
    household's: of the `given` names, if they are told, one must be the patient's too.
    """
    new: list[Any] = []
    payer = known.payer or payer_of(store, facts, run, new)
    member = identity.number_key(facts.get("member_id") or "")
    patient = known.patient or _patient(store, payer, member, facts, run, new, given=given)
    if known.patient and known.record_number:
        new.append(_identifier(known.patient, run, "mrn", known.record_number))
    coverage = _coverage(store, patient, payer, member, facts, run, new, known)
    provider = known.provider or _provider(store, facts, run, new)
    learned = tuple(each for each in new if isinstance(each, Replaced))
    made = tuple(each for each in new if not isinstance(each, Replaced))
    return Parties(patient=patient, payer=payer, coverage=coverage, provider=provider, new=made, learned=learned)


def _patient(store: Directory, payer: Payer, member: str, facts: Mapping[str, Any], run: Run, new: list[Any], *, given: str) -> Patient:
    mrn = identity.number_key(facts.get("mrn") or "")
    name_key, born = identity.name_key(facts["patient"]), facts.get("born")
    if not name_key:
        raise MissingFact("open needs --patient.", "Give the name as the payer writes it.")
    patient = store.patient(mrn=mrn, payer_id=payer.id, member_id=member, name_key=name_key, birth_date=born)
    if patient is not None and not _called(store, patient, given or facts["patient"]):
        raise Ambiguous("This record number belongs to a patient of another name.", "Check the record number (`--mrn`) against the chart.")
    if patient is not None and born and patient.birth_date and born != patient.birth_date:
        raise Ambiguous("This record number belongs to a patient born on another day.", "Check both against the chart.")
    if patient is None:
        patient = Patient(id=run.new_id(), practice_id=run.practice.id, name=facts["patient"].strip(), name_key=name_key, birth_date=born)
        new.append(patient)
        if mrn:
            new.append(_identifier(patient, run, "mrn", mrn))
        if member:
            new.append(_identifier(patient, run, f"member:{payer.id}", member))
    return patient


def _called(store: Directory, patient: Patient, name: str) -> bool:
    """Whether the patient, or somebody who turned out to be them, has part of this name."""
    known = (patient.name, *(earlier.name for earlier in store.merged_into(patient.id)))
    return any(identity.share_a_part(each, name) for each in known)


def payer_of(store: Directory, facts: Mapping[str, Any], run: Run, new: list[Any]) -> Payer:
    """The payer with this name or number, made and added to `new` where nobody knows it."""
    key = identity.name_key(facts["payer"])
    payer = store.payer(name_key=key, payer_number=identity.number_key(facts.get("payer_number") or ""))
    if payer is None:
        number = identity.number_key(facts.get("payer_number") or "")
        payer = Payer(id=run.new_id(), practice_id=run.practice.id, name=facts["payer"].strip(), name_key=key, payer_number=number)
        new.append(payer)
    return payer


def _coverage(
    store: Directory, patient: Patient, payer: Payer, member: str, facts: Mapping[str, Any], run: Run, new: list[Any], known: Known
) -> Coverage:
    told = {name: facts[name] for name in PLAN_FACTS if facts.get(name)}
    on_file = () if patient in new else store.coverages(patient.id)
    same_payer = [c for c in on_file if c.payer_id == payer.id and c.member_id in (member, "")]
    found = known.coverage or next(iter(sorted(same_payer, key=lambda c: c.member_id != member)), None)
    if found is not None:
        if any(getattr(found, name) != value for name, value in told.items()):
            raise ImpossibleValue(
                "This patient's coverage is on record with other plan facts.",
                "Open the case without them; `appeals coverage CASE` changes the facts and re-dates every case they cover.",
            )
        if member and not found.member_id:  # the card was seen only now
            known_so_far, found = found, replace(found, member_id=member)
            new += [Replaced(before=known_so_far, after=found), _identifier(patient, run, f"member:{payer.id}", member)]
        return found
    of_the_plan = known.like or payer
    defaults = {name: getattr(of_the_plan, name) for name in PLAN_FACTS}
    coverage = Coverage(
        id=run.new_id(),
        practice_id=run.practice.id,
        patient_id=patient.id,
        payer_id=payer.id,
        member_id=member,
        group_number=facts.get("group") or "",
        facts_from="entered" if told or (known.like and known.like.facts_from == "entered") else "payer_default",
        rating_period_start=known.like.rating_period_start if known.like else None,
        **(defaults | told),
    )
    new.append(coverage)
    return coverage


def _provider(store: Directory, facts: Mapping[str, Any], run: Run, new: list[Any]) -> Provider | None:
    npi = facts.get("npi") or ""
    if not npi and not facts.get("provider"):
        return None
    provider = store.provider(npi) if npi else None
    if provider is None:
        provider = Provider(id=run.new_id(), practice_id=run.practice.id, name=facts.get("provider") or "", npi=npi)
        new.append(provider)
    return provider


def _identifier(patient: Patient, run: Run, system: str, value: str) -> PatientIdentifier:
    return PatientIdentifier(id=run.new_id(), practice_id=run.practice.id, patient_id=patient.id, system=system, value=value)
