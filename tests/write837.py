"""Writes an 837 from the values `claim837` reads, with any delimiters; for tests only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from appeals.intake.amounts import decimal_text
from appeals.intake.remittance import Interchange, Line, Name, Transaction
from appeals.intake.submission import Submission
from appeals.intake.write835 import USUAL
from appeals.intake.x12 import Delimiters

GUIDES = {"P": "005010X222A1", "I": "005010X223A2", "D": "005010X224A2"}
Segments = Iterator[tuple[str, ...]]


def write837(
    head: Interchange, batch: Transaction, sent: Sequence[Submission], *, delimiters: Delimiters = USUAL, line_end: str = "", wrap: int = 0
) -> str:
    """One interchange with one transaction. A patient who is not the insured stands in a level of their own."""
    body = list(_transaction(batch, sent, delimiters.component))
    return enveloped(head, "HC", "837", batch.control, body, delimiters=delimiters, line_end=line_end, wrap=wrap)


def enveloped(
    head: Interchange,
    group: str,
    kind: str,
    control: str,
    body: Sequence[tuple[str, ...]],
    *,
    delimiters: Delimiters,
    line_end: str,
    wrap: int,
) -> str:
    """The segments of one transaction, its ST first, in an interchange."""
    segments = [
        ("ISA", "00", " " * 10, "00", " " * 10, "ZZ", head.sender.ljust(15), "ZZ", head.receiver.ljust(15), head.date, "1200",
         delimiters.repetition or "U", "00501", head.control, "0", head.usage, delimiters.component),
        ("GS", group, head.sender, head.receiver, f"20{head.date}", "1200", "1", "X", body[0][3]),
        *body,
        ("SE", str(len(body) + 1), control),
        ("GE", "1", "1"),
        ("IEA", "1", head.control),
    ]  # fmt: skip
    text = "".join(delimiters.element.join(_trimmed(segment)) + delimiters.terminator + line_end for segment in segments)
    return text if not wrap else "\r\n".join(text[at : at + wrap] for at in range(0, len(text), wrap))


def named(role: str, name: Name) -> tuple[str, ...]:
    return ("NM1", role, "1", name.last, name.first, name.middle, "", "", name.id_qualifier, name.id)


def money(cents: int | None) -> str:
    return "" if cents is None else decimal_text(cents)


def _trimmed(segment: tuple[str, ...]) -> tuple[str, ...]:
    while len(segment) > 1 and not segment[-1]:
        segment = segment[:-1]
    return segment


def _transaction(batch: Transaction, sent: Sequence[Submission], component: str) -> Segments:
    kind = sent[0].kind if sent else "P"
    yield ("ST", "837", batch.control, GUIDES[kind])
    yield ("BHT", "0019", "00", batch.trace, batch.produced_on.raw, "1200", sent[0].purpose if sent else "CH")
    yield ("NM1", "41", "2", "MADE-UP BILLING", "", "", "", "", "46", "S1")
    yield ("NM1", "40", "2", "RECEIVER", "", "", "", "", "46", "R1")
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "85", "2", batch.payee, "", "", "", "", "XX", batch.payee_id)
    number = 1
    for each in sent:
        claim, own = each.claim, each.claim.patient == each.claim.insured
        number += 1
        yield ("HL", str(number), "1", "22", "0" if own else "1")
        yield ("SBR", each.rank, each.relation if own else "", each.group, "", "", "", "", "", claim.filing)
        yield named("IL", claim.insured)
        if own and each.born:
            yield ("DMG", "D8", each.born.strftime("%Y%m%d"), "U")
        yield ("NM1", "PR", "2", batch.payer, "", "", "", "", "PI", batch.payer_id)
        if not own:
            number += 1
            yield ("HL", str(number), str(number - 1), "23", "0")
            yield ("PAT", each.relation)
            yield named("QC", claim.patient)
            if each.born:
                yield ("DMG", "D8", each.born.strftime("%Y%m%d"), "U")
        yield from _claim(each, component)


def _claim(sent: Submission, component: str) -> Segments:
    claim = sent.claim
    place = component.join((claim.facility, "B", claim.frequency))
    yield ("CLM", claim.claim_number, money(claim.charge_cents), "", "", place, "Y", "A", sent.assigned, "Y")
    for dated in claim.dates:
        yield ("DTP", dated.qualifier, "D8", dated.raw)
    for qualifier, value in claim.references:
        yield ("REF", qualifier, value)
    if sent.diagnoses:
        yield ("HI", *(component.join(("ABF" if at else "ABK", code)) for at, code in enumerate(sent.diagnoses)))
    if claim.rendering != Name():
        yield named("82", claim.rendering)
    # What another payer was told and answered is no part of what this one is told.
    yield ("SBR", "S", "18", "OTHER-GROUP", "", "", "", "", "", "MB")
    yield named("IL", Name("ELSEWHERE", "INSURED", "", "MI", "OTHER-1"))
    yield ("NM1", "PR", "2", "OTHER PAYER", "", "", "", "", "PI", "OTHER")
    yield ("REF", "F8", "OTHER-ICN")
    for at, line in enumerate(claim.lines, 1):
        yield ("LX", str(at))
        yield from _line(line, sent.kind)


def _line(line: Line, kind: str) -> Segments:
    if kind == "I":
        yield ("SV2", line.revenue, line.procedure, money(line.charge_cents), "UN", line.units)
    elif kind == "D":
        yield ("SV3", line.procedure, money(line.charge_cents), "", "", "", line.units)
    else:
        yield ("SV1", line.procedure, money(line.charge_cents), "UN", line.units, "11", "", "1")
    for dated in line.dates:
        yield ("DTP", dated.qualifier, "D8", dated.raw)
    if line.control:
        yield ("REF", "6R", line.control)
