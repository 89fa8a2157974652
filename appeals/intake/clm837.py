"""Reads one claim of an 837 from its segments; never looks beyond that claim."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from appeals.intake import codelike
from appeals.intake.amounts import cents
from appeals.intake.claim835 import ENDS_EARLY, Notes, Problems, dated, element
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Dated, Line, Name, components
from appeals.intake.submission import Submission

Segments = list[tuple[int, list[str]]]
# Where a line's procedure, charge, units and revenue code stand.
_SERVICE = {"SV1": (1, 2, 4, 0), "SV2": (2, 3, 5, 1), "SV3": (1, 2, 6, 0)}
_KIND = {"SV1": "P", "SV2": "I", "SV3": "D"}
_DIAGNOSES = ("ABK", "BK", "ABF", "BF")  # principal and further ones; what else a HI tells is no diagnosis of this claim
_STATEMENT, _SERVICE_DATE = "434", "472"
_PAD = [""] * 12


class Billed(NamedTuple):
    """What stands above the claim: who is insured and who is treated, in what order, and which kind of claim it is."""

    insured: Name = Name()
    patient: Name = Name()
    rank: str = ""
    relation: str = ""
    group: str = ""
    filing: str = ""
    born: date | None = None
    kind: str = ""
    purpose: str = ""


class Outcome(NamedTuple):
    """A claim read: what it is, and what was odd."""

    item: Submission | ClaimProblem
    cautions: list[Caution]


def read_claim(segments: Segments, who: Billed, made: str, problems: Problems, *, ended: bool) -> Outcome:
    """Read the claim whose CLM and following segments are `segments`, sent on the day `made`; `problems` are those already known.

    `ended`: a later segment shows that nothing of the claim is missing.
    """
    notes = Notes(problems)
    found = _submission(segments, who, notes)
    found = found._replace(claim=found.claim._replace(position=_version(found, made)))
    claim = found.claim
    first, raw = segments[0][0], "*".join(segments[0][1])
    if _off_balance(claim, notes.cautions) and not ended:
        notes.problems.append((first, ENDS_EARLY, raw))
    if not claim.claim_number:
        notes.problems.append((first, "CLM01 (claim number) is missing", raw))
    if not notes.problems:
        return Outcome(found, notes.cautions)
    message = "; ".join(message for _, message, _ in notes.problems)
    texts = "\n".join(dict.fromkeys(text for _, _, text in notes.problems))
    return Outcome(ClaimProblem(segment=notes.problems[0][0], message=message, raw=texts, claim=claim), notes.cautions)


def pieces(composite: str) -> list[str]:
    """The parts of a composite that starts with a plain code, taken apart with the separator it was written with."""
    separator = next((char for char in composite if not char.isalnum()), "")
    return composite.split(separator) if separator else [composite]


def name_of(parts: list[str]) -> Name:
    """The person or organisation of a NM1."""
    return Name(*(element(parts, at) for at in (3, 4, 5, 8, 9)))


def _version(found: Submission, made: str) -> int:
    """A number for what the claim says and when it was sent: what is sent anew is no repetition, whatever number its batch has."""
    lines = [(line._replace(segment=0, procedure=""), components(line.procedure)) for line in found.claim.lines]
    told = (found._replace(claim=found.claim._replace(segment=0, lines=())), lines, made)
    return zlib.crc32(repr(told).encode("utf-8", "replace")) >> 1


def _submission(segments: Segments, who: Billed, notes: Notes) -> Submission:
    """What stands before another payer's part (SBR) and before the first line is the claim's own."""
    starts = _line_starts(segments)
    head = segments[: starts[0]] if starts else segments
    own = head[: next((at for at, (_, parts) in enumerate(head) if parts[0] == "SBR"), len(head))]
    first, clm = own[0][0], own[0][1] + _PAD
    charge = cents(clm[2])
    if charge is None:
        notes.amount(clm, 2, first, "CLM02 (charge)", needed=True)
    place, _, frequency, *_ = [*pieces(clm[5]), "", ""]
    lines = tuple(_line(segments[at:until], notes) for at, until in zip(starts, [*starts[1:], None], strict=False))
    claim = Claim(
        first, 0, clm[1], "", charge, None, None,
        filing=who.filing, facility=place, frequency=notes.code(codelike.short, frequency, first),
        patient=who.patient, insured=who.insured, rendering=_named(own, "82"),
        dates=tuple(_dates(own, notes)), references=tuple((parts[1], element(parts, 2)) for _, parts in own if _is(parts, "REF")),
        lines=tuple(line for line, _ in lines),
    )  # fmt: skip
    return Submission(
        claim,
        kind=next((_KIND[tag] for _, tag in lines if tag), who.kind),
        purpose=who.purpose,
        rank=who.rank,
        relation=who.relation,
        diagnoses=tuple(_diagnoses(own)),
        original=claim.reference("F8"),
        group=who.group,
        assigned=clm[8],
        born=who.born,
    )


def _line_starts(segments: Segments) -> list[int]:
    """Where each line starts: at its LX, or at its service segment where nobody numbers them."""
    numbered = [at for at, (_, parts) in enumerate(segments) if parts[0] == "LX"]
    return numbered or [at for at, (_, parts) in enumerate(segments) if parts[0] in _SERVICE]


def _line(segments: Segments, notes: Notes) -> tuple[Line, str]:
    """One service line, and the tag of its service segment."""
    at, service = next(((at, parts) for at, parts in segments if parts[0] in _SERVICE), segments[0])
    if service[0] not in _SERVICE:
        notes.cautions.append(Caution(at, "stray", "a line without a service was passed over", "*".join(service)))
        return Line(at, "", None, None), ""
    parts = service + _PAD
    procedure, amount, units, revenue = _SERVICE[service[0]]
    charge = cents(parts[amount])
    if charge is None:
        notes.amount(parts, amount, at, f"{service[0]}{amount:02d} (line charge)", needed=False)
    control = next((element(each, 2) for _, each in segments if _is(each, "REF") and each[1] == "6R"), "")
    own = segments[: next((n for n, (_, each) in enumerate(segments) if each[0] == "SVD"), len(segments))]
    told = notes.code(codelike.procedure, parts[revenue], at) if revenue else ""
    dates = tuple(_dates(own, notes))
    found = Line(at, parts[procedure], charge, None, told, parts[units], dates, control=control)
    notes.masked(found.code, at)
    return found, service[0]


def _dates(segments: Segments, notes: Notes) -> list[Dated]:
    """The DTP of a claim or a line. A period becomes its first and its last day under the qualifiers an 835 has for them."""
    found: list[Dated] = []
    for position, parts in segments:
        if not _is(parts, "DTP") or element(parts, 2) == "TM":
            continue
        qualifier, raw = parts[1], element(parts, 3)
        start, _, end = raw.partition("-")
        start, end = start[:8] if element(parts, 2) == "DT" else start, end or start
        if qualifier == _STATEMENT:
            told = [dated("232", start), dated("233", end)]
        elif qualifier == _SERVICE_DATE and end != start:
            told = [dated(qualifier, start), dated("151", end)]
        else:
            told = [dated(qualifier, start)]
        if any(each.on is None for each in told) and raw:
            notes.cautions.append(Caution(position, "date", f"DTP*{codelike.short(qualifier)} holds no date", raw))
        found += told
    return found


def _diagnoses(segments: Segments) -> list[str]:
    found = []
    for _, parts in segments:
        if parts[0] == "HI":
            codes = [pieces(composite) for composite in parts[1:]]
            found += [code[1] for code in codes if len(code) > 1 and code[0] in _DIAGNOSES]
    return found


def _named(segments: Segments, role: str) -> Name:
    return next((name_of(parts) for _, parts in segments if _is(parts, "NM1") and parts[1] == role), Name())


def _is(parts: Sequence[str], tag: str) -> bool:
    return len(parts) > 1 and parts[0] == tag


def _off_balance(claim: Claim, cautions: list[Caution]) -> bool:
    """Whether the lines do not come to what the claim charges; that is a caution."""
    if claim.charge_cents is None or sum(line.charge_cents or 0 for line in claim.lines) == claim.charge_cents:
        return False
    cautions.append(Caution(claim.segment, "claim_balance", "the charges of the lines are not the charge of the claim"))
    return True
