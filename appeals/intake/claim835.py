"""Reads one claim of an 835 from the texts of its segments; never looks beyond that claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from appeals.intake import codelike
from appeals.intake.amounts import cents, day
from appeals.intake.remittance import Adjustment, Caution, Claim, ClaimProblem, Dated, Line, Name

ENDS_EARLY = "the file ends before the end of this claim: ask for it again, a resend is safe"
TWO_PATIENTS = "the claim names two patients: the beginning of another claim is missing or cannot be read"
NO_CLP = "it begins with a segment that nobody knows, where a CLP belongs"
SWALLOWED = "an unknown segment stands in it and it does not add up: another claim may begin there"
SILENT = ("AMT", "QTY", "PER", "N2", "N3", "N4", "TS2", "TS3", "RDM", "CUR", "TA1", "NTE", "K3", "REF")
_KEPT = frozenset(("REF", "NM1"))
_SILENT_KEYS = frozenset(tag for tag in SILENT if len(tag) == 3)
_NOBODY = Name()
_PAD = [""] * 10  # so that elements a segment leaves out read as ""
_REMARKS = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}

Problems = list[tuple[int, str, str]]


class Outcome(NamedTuple):
    """A claim read: the claim or the problem it is, what was odd, and what it adds to the payment (None: unreadable)."""

    item: Claim | ClaimProblem
    cautions: list[Caution]
    paid_cents: int | None


@dataclass(slots=True)
class Notes:
    """What is wrong with a claim, collected while it is read. `problems` are (segment, message, raw)."""

    problems: Problems
    cautions: list[Caution] = field(default_factory=list)
    unreadable: bool = False

    def amount(self, parts: list[str], at: int, segment: int, name: str, *, needed: bool) -> None:
        """An amount that is none: a problem, unless it is left out where it may be."""
        raw = "*".join(parts).rstrip("*")
        if parts[at]:
            self.unreadable = True
            self.problems.append((segment, f"{name} is not an amount", raw))
        elif needed:
            self.problems.append((segment, f"{name} is missing", raw))
        else:
            self.cautions.append(Caution(segment, "missing_amount", f"{name} is missing", raw))

    def code(self, form: Callable[[str], str], text: str, segment: int) -> str:
        """The text where it looks like a code of this form; what does not is told, and not given out."""
        return self.masked(form(text), segment)

    def masked(self, code: str, segment: int) -> str:
        """The code as it may be shown; where it may not, a caution says so once."""
        if code == codelike.UNREADABLE and not any((one.segment, one.kind) == (segment, "code") for one in self.cautions):
            self.cautions.append(Caution(segment, "code", codelike.IS_TEXT))
        return code


def element(parts: list[str], number: int) -> str:
    """Element `number` of a split segment; "" where the segment is shorter."""
    return parts[number] if number < len(parts) else ""


@lru_cache(maxsize=1 << 12)
def dated(qualifier: str, raw: str) -> Dated:
    """A date with its qualifier."""
    return Dated(qualifier, raw, day(raw))


@lru_cache(maxsize=1 << 13)
def dtm(text: str, separator: str) -> Dated:
    """The date of a DTM, which stands in DTM02 or, as a range, in DTM06. Cached: a file says the same days over and over."""
    parts = text.split(separator)
    return dated(element(parts, 1), element(parts, 2) or element(parts, 6))


def begins_a_claim(parts: list[str]) -> bool:
    """Whether a segment that nobody knows has the form of a CLP: a number, a status, a charge and a payment."""
    return len(parts) > 4 and parts[0] not in SILENT and bool(parts[1]) and parts[2].isdigit() and None not in map(cents, parts[3:5])


def read_claim(texts: list[str], separator: str, segment: int, position: int, problems: Problems, *, ended: bool) -> Outcome:
    """Read the claim whose CLP and following segments are `texts`.

    `problems` are those already known. `ended`: a later segment shows that nothing of the claim is missing.
    """
    notes = Notes(problems)
    claim = _claim(texts, separator, segment, position, notes)
    stray = next((caution for caution in notes.cautions if caution.kind == "stray"), None)
    off = _off_balance(claim, notes.cautions)
    if off and not ended:
        notes.problems.append((segment, ENDS_EARLY, texts[0]))
    if stray and (off or _lines_differ(claim)):
        notes.problems.append((stray.segment, SWALLOWED, stray.raw))
    if not texts[0].startswith("CLP"):
        notes.problems.append((segment, NO_CLP, texts[0]))
    if not claim.claim_number:
        notes.problems.append((segment, "CLP01 (claim number) is missing", texts[0]))
    paid = None if notes.unreadable else claim.paid_cents or 0
    if not notes.problems:
        return Outcome(claim, notes.cautions, paid)
    message = "; ".join(message for _, message, _ in notes.problems)
    raw = "\n".join(dict.fromkeys(raw for _, _, raw in notes.problems))
    return Outcome(ClaimProblem(segment=notes.problems[0][0], message=message, raw=raw, claim=claim), notes.cautions, paid)


def _claim(texts: list[str], separator: str, segment: int, position: int, notes: Notes) -> Claim:
    """Gather what hangs on the claim: before its first SVC its own, then that of one line after the other."""
    starts = [at for at, text in enumerate(texts) if text[:3] == "SVC"]
    dates, adjustments, remarks, others = _scope(texts[1 : starts[0]] if starts else texts[1:], separator, segment + 1, notes)
    lines = [
        _line(texts[at:until], separator, segment + at, notes) for at, until in zip(starts, [*starts[1:], len(texts)], strict=bool(starts))
    ]
    names: dict[str, Name] = {}
    references = []
    for other in others:
        part = other.split(separator) + _PAD
        if part[0] == "REF":
            references.append((part[1], part[2]))
        else:
            name = Name(part[3], part[4], part[5], part[8], part[9])
            if names.setdefault(part[1], name) != name and part[1] == "QC":
                notes.problems.append((segment, TWO_PATIENTS, other))
    known = names.get
    parts = texts[0].split(separator) + _PAD
    charge, paid, patient = cents(parts[3]), cents(parts[4]), cents(parts[5])
    if charge is None:
        notes.amount(parts, 3, segment, "CLP03 (charge)", needed=True)
    if paid is None:
        notes.amount(parts, 4, segment, "CLP04 (payment)", needed=True)
    if patient is None and parts[5]:
        notes.amount(parts, 5, segment, "CLP05 (patient responsibility)", needed=True)
    return Claim(
        segment, position, parts[1], notes.code(codelike.status, parts[2], segment), charge, paid, patient, parts[6], parts[7], parts[8],
        notes.code(codelike.short, parts[9], segment),
        known("QC", _NOBODY), known("IL", _NOBODY), known("74", _NOBODY), known("82", _NOBODY),
        tuple(adjustments), tuple(remarks), tuple(dates), tuple(references), tuple(lines),
    )  # fmt: skip


def _line(texts: list[str], separator: str, segment: int, notes: Notes) -> Line:
    """The line whose SVC and following segments are `texts`."""
    parts = texts[0].split(separator) + _PAD
    charge, paid = cents(parts[2]), cents(parts[3])
    if charge is None:
        notes.amount(parts, 2, segment, "SVC02 (line charge)", needed=False)
    if paid is None:
        notes.amount(parts, 3, segment, "SVC03 (line payment)", needed=False)
    dates, adjustments, remarks, others = _scope(texts[1:], separator, segment + 1, notes)
    control = ""
    for other in others:
        if other.startswith("REF" + separator + "6R"):
            control = element(other.split(separator), 2)
        elif other.startswith("NM1" + separator + "QC"):
            notes.problems.append((segment, TWO_PATIENTS, other))
    revenue = notes.code(codelike.procedure, parts[4], segment) if parts[4] else ""
    found = Line(segment, parts[1], charge, paid, revenue, parts[5], tuple(dates), tuple(adjustments), tuple(remarks), control)
    notes.masked(found.code, segment)
    return found


def _scope(texts: list[str], separator: str, first: int, notes: Notes) -> tuple[list[Dated], list[Adjustment], list[str], list[str]]:
    """Dates, adjustments and remark codes of a claim or of one line; and its REF and NM1, as text."""
    dates: list[Dated] = []
    adjustments: list[Adjustment] = []
    remarks: list[str] = []
    others: list[str] = []
    for segment, text in enumerate(texts, first):
        tag = text[:3]
        if tag == "DTM":
            found = dtm(text, separator)
            dates.append(found)
            if found.on is None and found.raw:
                notes.cautions.append(Caution(segment, "date", f"DTM*{codelike.short(found.qualifier)} holds no date", found.raw))
        elif tag == "CAS":
            for adjustment in (triplets := _triplets(text.split(separator))):
                if adjustment.amount_cents is None:
                    _unreadable(text, separator, segment, notes)
                    break
                if codelike.UNREADABLE in (adjustment.group, adjustment.carc):
                    notes.masked(codelike.UNREADABLE, segment)
            adjustments += triplets
        elif tag in _KEPT:
            others.append(text)
        elif tag not in _SILENT_KEYS:
            _remark(text.split(separator), segment, remarks, notes)
    return dates, adjustments, remarks, others


def _triplets(parts: list[str]) -> list[Adjustment]:
    """The triplets of one CAS: six by the standard, more if somebody sends more."""
    if len(parts) == 4:
        return [Adjustment(codelike.group(parts[1]), codelike.code(parts[2]), cents(parts[3]))]
    parts += ("", "", "")
    group = codelike.group(parts[1])
    triplets = [(parts[at], parts[at + 1], parts[at + 2]) for at in range(2, len(parts) - 2, 3)]
    return [Adjustment(group, codelike.code(carc), cents(amount), quantity) for carc, amount, quantity in triplets if carc or amount]


def _unreadable(text: str, separator: str, segment: int, notes: Notes) -> None:
    """Say which amounts of a CAS are none."""
    parts = [*text.split(separator), "", ""]
    for at in range(2, len(parts) - 1, 3):
        if (parts[at] or parts[at + 1]) and cents(parts[at + 1]) is None:
            notes.amount(parts, at + 1, segment, f"CAS{at + 1:02d} (adjustment amount)", needed=True)


def _remark(parts: list[str], segment: int, remarks: list[str], notes: Notes) -> None:
    """The remark codes of a LQ, MOA or MIA; anything else has no place in a claim."""
    tag = parts[0]
    if tag == "LQ":
        kind, code = element(parts, 1), element(parts, 2)
        found = [notes.code(codelike.code, code, segment)]
        remarks += found if kind in ("HE", "") else [f"{notes.code(codelike.short, kind, segment)}:{each}" for each in found]
    elif tag in _REMARKS:
        remarks += [notes.code(codelike.code, code, segment) for at in _REMARKS[tag] if (code := element(parts, at))]
    elif tag not in SILENT:
        notes.cautions.append(Caution(segment, "stray", "an unknown segment was passed over", "*".join(parts)))


def _lines_differ(claim: Claim) -> bool:
    """Whether the lines that say what was charged do not come to the claim's charge."""
    charges = [line.charge_cents for line in claim.lines if line.charge_cents is not None]
    return bool(charges) and sum(charges) != claim.charge_cents


def _off_balance(claim: Claim, cautions: list[Caution]) -> bool:
    """Whether charge - adjustments = paid fails, for the claim or for a line; each failure is a caution."""
    before = len(cautions)
    total = 0
    for adjustment in claim.adjustments:
        total += adjustment.amount_cents or 0
    for number, line in enumerate(claim.lines, 1):
        own = 0
        for adjustment in line.adjustments:
            own += adjustment.amount_cents or 0
        if line.charge_cents is not None and line.paid_cents is not None and line.charge_cents - own != line.paid_cents:
            cautions.append(Caution(line.segment, "line_balance", f"line {number}: charge less adjustments is not what was paid"))
        total += own
    if claim.charge_cents is not None and claim.paid_cents is not None and claim.charge_cents - total != claim.paid_cents:
        cautions.append(Caution(claim.segment, "claim_balance", "charge less adjustments is not what was paid"))
    return len(cautions) > before
