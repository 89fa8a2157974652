"""Writes an 835 from the values `era835` reads, with any delimiters; for our own demonstration and tests, never for a payer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from appeals.intake.amounts import decimal_text
from appeals.intake.remittance import Adjustment, Claim, Interchange, Line, Name, ProviderAdjustment, Transaction
from appeals.intake.x12 import Delimiters

USUAL = Delimiters("*", ":", "^", "~")
_TRIPLETS = 6  # what one CAS may hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One transaction with its claims and what is settled beside them."""

    transaction: Transaction
    claims: tuple[Claim, ...] = ()
    settled: tuple[ProviderAdjustment, ...] = ()


def write(
    interchange: Interchange, payments: Sequence[Payment], *, delimiters: Delimiters = USUAL, line_end: str = "", wrap: int = 0
) -> str:
    """One interchange as text. `line_end` follows every segment; with `wrap` a line break follows every so many characters.

    Text of the values must not hold a delimiter: the format has no way to say it.
    """
    segments = [_isa(interchange, delimiters), _gs(interchange)]
    for payment in payments:
        body = list(_transaction(payment))
        segments += [*body, ("SE", str(len(body) + 1), payment.transaction.control)]
    segments += [("GE", str(len(payments)), "1"), ("IEA", "1", interchange.control)]
    terminator = delimiters.terminator + line_end
    text = "".join(delimiters.element.join(_trimmed(segment)) + terminator for segment in segments)
    if not wrap:
        return text
    return "\r\n".join(text[at : at + wrap] for at in range(0, len(text), wrap))


def _isa(interchange: Interchange, delimiters: Delimiters) -> tuple[str, ...]:
    return (
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", interchange.sender.ljust(15), "ZZ", interchange.receiver.ljust(15),
        interchange.date, "1200", delimiters.repetition or "U", "00501", interchange.control, "0", interchange.usage, delimiters.component,
    )  # fmt: skip


def _gs(interchange: Interchange) -> tuple[str, ...]:
    return ("GS", "HP", interchange.sender, interchange.receiver, f"20{interchange.date}", "1200", "1", "X", "005010X221A1")


def _transaction(payment: Payment) -> Iterator[tuple[str, ...]]:
    head = payment.transaction
    yield ("ST", "835", head.control)
    yield ("BPR", head.handling, _money(head.amount_cents), "C", head.method, *[""] * 11, head.paid_on.raw)
    yield ("TRN", "1", head.trace, "1999999999")
    yield ("DTM", "405", head.produced_on.raw)
    yield ("N1", "PR", head.payer, "XV" if head.payer_id else "", head.payer_id)
    yield ("N1", "PE", head.payee, "XX" if head.payee_id else "", head.payee_id)
    if payment.claims:
        yield ("LX", "1")
    for claim in payment.claims:
        yield from _claim(claim)
    for entry in payment.settled:
        yield ("PLB", entry.provider_id, entry.fiscal_date.raw, entry.reason, _money(entry.amount_cents))


def _claim(claim: Claim) -> Iterator[tuple[str, ...]]:
    amounts = (_money(claim.charge_cents), _money(claim.paid_cents), _money(claim.patient_cents))
    yield ("CLP", claim.claim_number, claim.status, *amounts, claim.filing, claim.payer_control, claim.facility, claim.frequency)
    yield from _adjustments(claim.adjustments)
    for role, name in (("QC", claim.patient), ("IL", claim.insured), ("74", claim.corrected), ("82", claim.rendering)):
        if name != Name():
            yield ("NM1", role, "1", name.last, name.first, name.middle, "", "", name.id_qualifier, name.id)
    for at in range(0, len(claim.remarks), 5):
        yield ("MOA", "", "", *claim.remarks[at : at + 5])
    for qualifier, value in claim.references:
        yield ("REF", qualifier, value)
    for dated in claim.dates:
        yield ("DTM", dated.qualifier, dated.raw)
    for line in claim.lines:
        yield from _line(line)


def _line(line: Line) -> Iterator[tuple[str, ...]]:
    yield ("SVC", line.procedure, _money(line.charge_cents), _money(line.paid_cents), line.revenue, line.units)
    for dated in line.dates:
        yield ("DTM", dated.qualifier, dated.raw)
    yield from _adjustments(line.adjustments)
    if line.control:
        yield ("REF", "6R", line.control)
    for remark in line.remarks:
        yield ("LQ", "HE", remark)


def _adjustments(adjustments: Iterable[Adjustment]) -> Iterator[tuple[str, ...]]:
    """One CAS for neighbours of the same group, up to six triplets each."""
    held: list[Adjustment] = []
    for adjustment in adjustments:
        if held and (held[0].group != adjustment.group or len(held) == _TRIPLETS):
            yield _cas(held)
            held = []
        held.append(adjustment)
    if held:
        yield _cas(held)


def _cas(held: Sequence[Adjustment]) -> tuple[str, ...]:
    triplets = ((one.carc, _money(one.amount_cents), one.quantity) for one in held)
    return ("CAS", held[0].group, *(part for triplet in triplets for part in triplet))


def _money(amount_cents: int | None) -> str:
    return "" if amount_cents is None else decimal_text(amount_cents)


def _trimmed(segment: tuple[str, ...]) -> list[str]:
    """A segment without the empty elements at its end."""
    parts = list(segment)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts
