"""Reads FHIR explanations of benefits (R4 and STU3) as the values of a remittance; never raises for what one of them holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from appeals import codes
from appeals.errors import FileRefused
from appeals.intake.fhir_claim import read_eob
from appeals.intake.fhir_json import resources
from appeals.intake.fhir_parts import parts, text
from appeals.intake.fhir_people import People
from appeals.intake.remittance import Caution, Item

EOB = "ExplanationOfBenefit"
_SHOWN = 40  # characters of what a resource calls itself


def read(stream: BinaryIO) -> Iterator[Item]:
    """Everything the explanations of benefits of a file say, in its order: a bundle, NDJSON, an array, or a single one.

    Each EOB is a Transaction with one Claim or ClaimProblem; `segment` is the number of the resource in the file. The
    file is read twice, first for the patients and payers its EOBs refer to. Take the whole iterator before acting on any of it.

    Raises FileRefused: no JSON, no EOB in it, or beyond a limit of `fhir_json` or `fhir_people`.
    """
    start, people = stream.tell(), People()
    seen, found = "", 0
    for each in resources(stream):
        kind = text(each.resource, "resourceType")
        seen = seen or kind
        found += kind == EOB
        people.keep(each)
    if not found:
        raise _without(seen)
    stream.seek(start)
    known = codes.load()
    for position, resource, url in resources(stream):
        kind = text(resource, "resourceType")
        if kind == EOB:
            yield from read_eob(resource, position, people, known, url)
        elif kind == "Bundle" and any(text(link, "relation") == "next" for link in parts(resource, "link")):
            yield Caution(position, "page", "the bundle is one page of several: take in the others too")


def _without(kind: str) -> FileRefused:
    """The error that says what the JSON is, where it holds no explanation of benefits."""
    plain = kind.isascii() and kind.isalpha() and len(kind) < _SHOWN
    what = f"FHIR of another kind ({kind})" if plain else "JSON that is no FHIR"
    if kind == "OperationOutcome":
        what = "an error message of a FHIR server (OperationOutcome)"
    remedy = "Ask for the ExplanationOfBenefit resources, as a bundle or NDJSON."
    return FileRefused(f"This is {what}, without an explanation of benefits.", remedy)
