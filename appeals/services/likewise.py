"""What a new case need not be told: it is as another case's, or as the member on file. Nobody is merged by guess."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from appeals import identity
from appeals.errors import Ambiguous, ImpossibleValue, MissingFact
from appeals.model import UNKNOWN, Patient, Payer
from appeals.record import Situation
from appeals.services.parties import Known
from appeals.services.store import Store

WHO = "Give the name (`--patient`)"


def completed(store: Store, facts: Mapping[str, Any]) -> tuple[dict[str, Any], Known]:
    """The facts of a new case with what is on file, and who it is about where that is certain. A fact that was typed stands.

    Raises:
        NotFound, Ambiguous: the case, or the member, that the rest would come from.
        MissingFact, ImpossibleValue: neither was named, or it contradicts what was typed.
    """
    if facts.get("same_as"):
        return _as_case(store, store.situation(facts["same_as"]), facts)
    missing = [name for name in ("payer", "patient") if not facts.get(name)]
    if missing and not (missing == ["patient"] and facts.get("member_id")):
        raise MissingFact(
            f"open needs --{' and --'.join(reversed(missing))}, or --same-as.",
            "Say who it is about (`--patient` and `--payer`, or `--payer` and `--member-id` of a member on file), "
            "or `--same-as CASE` takes both from another case.",
        )
    if not missing:
        return dict(facts), Known()
    payer = store.payer(name_key=identity.name_key(facts["payer"]), payer_number=identity.number_key(facts.get("payer_number") or ""))
    patient = _member(store, payer, identity.number_key(facts["member_id"]), facts.get("born"))
    number = _new_record_number(store, patient, identity.number_key(facts.get("mrn") or ""))
    return {**facts, "patient": patient.name}, Known(patient=patient, payer=payer, record_number=number)


def _as_case(store: Store, other: Situation, facts: Mapping[str, Any]) -> tuple[dict[str, Any], Known]:
    """As in another case, except where something else was typed: another payer or person has another plan, or the same one anew."""
    payer, patient = _same_payer(store, other, facts), _same_patient(other, facts)
    if patient is not None:
        _same_birth_date(patient, facts.get("born"))
    record_number = _new_record_number(store, patient, identity.number_key(facts.get("mrn") or "")) if patient is not None else ""
    member = identity.number_key(facts.get("member_id") or "")
    plan = payer is not None and member in ("", other.coverage.member_id)
    same = plan and patient is not None
    taken: dict[str, Any] = {"kind": other.case.kind, "owner": other.case.owner, "patient": other.patient.name, "payer": other.payer.name}
    if payer is not None:
        taken |= {"payer_number": payer.payer_number, "network": other.case.network}
    if plan:
        taken |= {"member_id": other.coverage.member_id, "group": other.coverage.group_number}
    if same:
        taken["assignment"] = other.case.assignment
    new_provider = facts.get("provider") or facts.get("npi")
    known = Known(
        patient=patient,
        payer=payer,
        provider=None if new_provider else other.provider,
        coverage=other.coverage if same else None,
        like=other.coverage if plan else None,
        record_number=record_number,
    )
    given = {name: value for name, value in facts.items() if value not in (None, "")}
    return {**{k: v for k, v in taken.items() if v not in ("", UNKNOWN)}, **given, "same_as": other.case.number}, known


def _same_payer(store: Store, other: Situation, facts: Mapping[str, Any]) -> Payer | None:
    """The other case's payer, unless the one that was typed is another."""
    name, number = facts.get("payer") or other.payer.name, identity.number_key(facts.get("payer_number") or "")
    if not facts.get("payer") and not number:
        return other.payer
    found = store.payer(name_key=identity.name_key(name), payer_number=number)
    return other.payer if found is not None and found.id == other.payer.id else None


def _same_patient(other: Situation, facts: Mapping[str, Any]) -> Patient | None:
    """The other case's patient, unless another name was typed: a dependant shares the plan and is another person."""
    name = facts.get("patient")
    return other.patient if not name or identity.name_key(name) == other.patient.name_key else None


def _same_birth_date(patient: Patient, born: date | None) -> None:
    """Refuse another birth date than the one on file. Raises ImpossibleValue."""
    if born is not None and patient.birth_date not in (None, born):
        raise ImpossibleValue("--born is not the birth date of that case's patient.", f"Leave it out, or say who it is. {WHO}.")


def _new_record_number(store: Store, patient: Patient, number: str) -> str:
    """The record number that was typed, where the patient has none yet. Raises ImpossibleValue: it is another person's."""
    if not number:
        return ""
    known = {row.value for row in store.identifiers(patient.id) if row.system == "mrn"}
    owner = store.patient(mrn=number, payer_id="", member_id="", name_key="", birth_date=None)
    if (known and number not in known) or (owner is not None and owner.id != patient.id):
        raise ImpossibleValue("--mrn is not the record number of this patient.", f"Leave it out, or say who it is. {WHO}.")
    return "" if known else number


def _member(store: Store, payer: Payer | None, member: str, born: date | None) -> Patient:
    """The one patient with this member id at this payer and this birth date: dependants share an id, and not all are on file.

    Raises:
        Ambiguous: several have it. MissingFact: nobody has, or the birth date is not the one on file.
    """
    if born is None:
        raise MissingFact("open needs --patient, or --born beside the member id: dependants share one.", f"{WHO} or the birth date.")
    found = store.insured(payer_id=payer.id, member_id=member) if payer is not None else ()
    fits = [one for one in found if born is None or one.birth_date == born]
    if len(fits) > 1:
        also = "" if born else " or the birth date (`--born`)"
        raise Ambiguous("Several patients have this member id with this payer: dependants share one.", f"{WHO}{also}.")
    if not fits:
        why = "nobody with this member id and payer was born that day" if found else "nobody on file has this member id with this payer"
        raise MissingFact(f"open needs --patient: {why}.", f"{WHO} as the payer writes it.")
    return fits[0]
