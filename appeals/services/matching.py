"""Which case a claim of a file belongs to, and by what; one person's money never lands in another's trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from appeals import identity
from appeals.intake.remittance import Claim
from appeals.model import Payer
from appeals.record import Situation
from appeals.services.claim_facts import full_name
from appeals.services.overlay import Overlay

ORIGINAL = "F8"  # REF*F8: the payer's number of the claim that this one replaces


class Match(NamedTuple):
    """The case and the words for what it was found by; or, with `doubt`, why only a person can say which it is."""

    situation: Situation | None = None
    by: str = ""
    doubt: str = ""


def match(overlay: Overlay, payer: Payer, claim: Claim) -> Match:
    """The case of this payer that a claim is about. Neither a case nor a doubt: it is nobody's yet.

    Our own claim number goes first, then the payer's control number, then the number of the claim it replaces; a claim whose number
    is a case's but for zeros and blanks, or that has none, also goes by patient, days of service and charge.
    """
    ours, theirs, replaced = numbers(claim)
    known = overlay.cases(payer, (ours, theirs, replaced))
    numbered = [one for one in known if ours and _has(one, ours)]
    fits = [one for one in numbered if may_be_of(one, claim)]
    if numbered and not fits:
        return Match(doubt=f"this claim number belongs to {_named(numbered)} of another patient")
    by_theirs = _by_the_payers(overlay, known, claim, theirs, replaced)
    if fits:
        return _one_of(fits, by_theirs, claim)
    if len(by_theirs) > 1:
        return Match(doubt=f"this payer control number belongs to {_named(by_theirs)}: nobody can tell which is meant")
    if by_theirs:
        what = "payer control number" if theirs and _has(by_theirs[0], theirs) else "number of the claim it replaces"
        return Match(by_theirs[0], _words(what, by_theirs[0], claim))
    return _by_spelling(overlay, payer, claim) if ours else _by_service(overlay, payer, claim)


def numbers(claim: Claim) -> tuple[str, str, str]:
    """Our claim number, the payer's control number, and that of the claim it replaces, as they are compared; "" where there is none."""
    return own_number(claim), identity.number_key(claim.payer_control), identity.number_key(claim.reference(ORIGINAL))


def spelled(claim: Claim) -> tuple[str, ...]:
    """Our claim number as it may be written otherwise."""
    return identity.spellings(own_number(claim))


def own_number(claim: Claim) -> str:
    """CLP01 as it is compared; "" where the payer sent none: zeros stand for it."""
    number = identity.number_key(claim.claim_number)
    return number if number.strip("0") else ""


def may_be_of(situation: Situation, claim: Claim) -> bool:
    """Whether nothing says that the claim is about another person than the case."""
    return not _another_id(situation, claim) and _same_name(situation, claim) is not False


def is_of(situation: Situation, claim: Claim) -> bool:
    """Whether member id or name says that the claim is about the case's patient, and neither says otherwise."""
    return may_be_of(situation, claim) and (_same_id(situation, claim) or bool(_same_name(situation, claim)))


def _one_of(fits: Sequence[Situation], by_theirs: Sequence[Situation], claim: Claim) -> Match:
    """The one case, of those with our claim number, that the other things the claim says speak for."""
    beside = [one for one in by_theirs if one.case.id not in {each.case.id for each in fits}]
    if len(fits) == 1 and not beside:
        return Match(fits[0], _words("claim number", fits[0], claim))
    if beside:
        return Match(
            doubt=f"{_named(fits)} by the claim number, {_named(beside)} by the payer control number: nobody can tell which is meant"
        )
    narrowed = (
        ("claim number and payer control number", [one for one in fits if one in by_theirs]),
        ("claim number and days of service", [one for one in fits if _same_days(one, claim)]),
        ("claim number, the only open case that has it,", [one for one in fits if not one.case.outcome]),
    )
    for what, left in narrowed:
        if len(left) == 1:
            return Match(left[0], _words(what, left[0], claim))
    return Match(doubt=f"this claim number belongs to {_named(fits)}: nobody can tell which is meant")


def _by_the_payers(overlay: Overlay, known: Sequence[Situation], claim: Claim, theirs: str, replaced: str) -> list[Situation]:
    """Cases of this very patient that have the payer's number, unless their days of service are others.

    A number that claims of one file share is none to go by: payers send such.
    """
    numbers = [number for number in (theirs, replaced) if number.strip("0")]
    return [
        one
        for one in known
        if any(_has(one, number, "payer") for number in numbers)
        and not overlay.opened(one.case.id)
        and is_of(one, claim)
        and _same_days(one, claim) is not False
    ]


def _by_spelling(overlay: Overlay, payer: Payer, claim: Claim) -> Match:
    """The patient's case of the same days and charge whose number is this one but for leading zeros and blanks."""
    known = overlay.cases(payer, spelled(claim))
    fits = [one for one in known if is_of(one, claim) and _same_days(one, claim) and one.case.billed_cents == abs(claim.charge_cents or 0)]
    return (
        Match(fits[0], _words("claim number but for zeros or blanks, days of service, charge", fits[0], claim))
        if len(fits) == 1
        else Match()
    )


def _by_service(overlay: Overlay, payer: Payer, claim: Claim) -> Match:
    """A claim without a number: the patient's case of the same days and charge."""
    if not claim.service_from or not claim.member_id:
        return Match()
    fits = [
        one
        for one in overlay.cases_of_member(payer, identity.number_key(claim.member_id), identity.name_key(full_name(claim)))
        if is_of(one, claim) and _same_days(one, claim) and one.case.billed_cents == (claim.charge_cents or 0)
    ]
    if len(fits) > 1:
        return Match(doubt=f"it has no claim number, and its days and charge are those of {_named(fits)}: nobody can tell which is meant")
    return Match(fits[0], _words("days of service, charge", fits[0], claim)) if fits else Match()


def _has(situation: Situation, number: str, *systems: str) -> bool:
    values = [row.value for row in situation.claim_numbers if row.system in (systems or ("ours", "payer"))]
    return number in values or (not systems and number == situation.case.claim_number)


def _same_id(situation: Situation, claim: Claim) -> bool:
    member = identity.number_key(claim.member_id)
    return bool(member) and member == identity.number_key(situation.coverage.member_id)


def _another_id(situation: Situation, claim: Claim) -> bool:
    ours, theirs = identity.number_key(situation.coverage.member_id), identity.number_key(claim.member_id)
    return bool(ours and theirs) and ours != theirs


def _same_name(situation: Situation, claim: Claim) -> bool | None:
    """None where the claim names nobody."""
    name = full_name(claim)
    return any(identity.may_be_one(name, known) for known in (situation.patient.name, *situation.also_called)) if name else None


def _same_days(situation: Situation, claim: Claim) -> bool | None:
    """None where one of them has no day of service."""
    case = situation.case
    if case.service_from is None or claim.service_from is None:
        return None
    return (case.service_from, case.service_to) == (claim.service_from, claim.service_to)


def other_days(situation: Situation, claim: Claim) -> bool:
    """Whether both say their days of service, and those are others."""
    return _same_days(situation, claim) is False


def _words(what: str, situation: Situation, claim: Claim) -> str:
    """For a person: by what the case was found, without saying any of it."""
    who = "member id" if _same_id(situation, claim) else "patient name" if _same_name(situation, claim) else ""
    return f"matched by {what} and {who}" if who else f"matched by {what} alone: the claim names nobody"


def _named(found: Sequence[Situation]) -> str:
    """The cases by number. One that this very import opens has none yet."""
    numbers = [f"case {one.case.number}" if one.case.number else "an earlier claim of this file, and so to a case" for one in found]
    return " and ".join(dict.fromkeys(numbers))
