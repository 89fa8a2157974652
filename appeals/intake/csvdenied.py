"""Which codes a row of a CSV file has and how its money is divided among them; what it does not say is left for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from appeals.codes import Codes
from appeals.intake import codelike
from appeals.intake.csvcells import words
from appeals.intake.csvmapping import AMOUNTS, STATUSES, headed
from appeals.intake.csvvalues import Values
from appeals.intake.remittance import Adjustment

OF_COLUMNS = {"contractual": ("CO", "45"), "deductible": ("PR", "1"), "coinsurance": ("PR", "2"), "copay": ("PR", "3")}
UNDECIDED = (STATUSES["pending"], STATUSES["reversed"])
SHORT = "what is denied, paid and taken off comes to less than the charge: nobody says what became of the rest"
_CODE = re.compile(r"(?:(CO|PR|OA|PI|CR)[- ]?)?([A-Z]?[0-9]{1,3})(?:/([A-Z]{1,2}[0-9]{1,4}))?")
_REMARK = re.compile(r"(?:MA?|N)[0-9]{1,4}")


class Said(NamedTuple):
    """One code of a row, with the amount that stands beside it; None where none does."""

    group: str
    carc: str
    cents: int | None


class Cut(NamedTuple):
    """What a row says was taken off: the adjustments with their amounts, and the remarks. `odd`: what does not add up, or ""."""

    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    odd: str = ""


def status_of(row: Values) -> str:
    """The claim status of a row as X12 writes it; "1" where no column says. A word the mapping does not know is a fault."""
    if row.row.fault:
        return ""
    if "status" not in row.places:
        return STATUSES["paid"]
    word = row.mapping.status.get(headed(words(row.cell("status"))))
    if word is None:
        row.wrong("status", "holds a word that [status] of the mapping gives no meaning to")
    return STATUSES[word] if word else ""


def cut_of(row: Values, status: str, codes: Codes) -> Cut:
    """The adjustments of a row. Money that several codes share is divided only where the row itself says how."""
    remarks: list[str] = []
    said = [*_said(row, remarks)]
    remarks += [part for part in _parts(row, "rarc") if _is_remark(row, part)]
    if status in UNDECIDED:
        return Cut(tuple(Adjustment(group, carc, None) for group, carc, _ in said), tuple(remarks))
    fixed = [Said(*OF_COLUMNS[name], cents) for name in OF_COLUMNS if (cents := row.amount(name))]
    taken = {code.carc for code in fixed}
    known = [code for code in said if code.cents is not None]
    rest = [code for code in said if code.cents is None and code.carc not in taken]
    left = (row.amount("charge") or 0) - (row.amount("paid") or 0) - sum(code.cents or 0 for code in (*fixed, *known))
    shared = _shared(row, status, rest, left, codes, coded=any(not codes.is_routine(code.carc) for code in known))
    taken_off = (*known, *shared, *fixed)
    denied = sum(code.cents or 0 for code in taken_off if not codes.is_routine(code.carc))
    odd = _odd(row, sum(code.cents or 0 for code in taken_off), denied) if denied or status == STATUSES["denied"] else ""
    return Cut(tuple(Adjustment(*code) for code in taken_off), tuple(dict.fromkeys(remarks)), odd)


def _odd(row: Values, taken_off: int, denied: int) -> str:
    """Hold a row that denies money to its own sums. What cannot be is a fault of the row, what is missing in them an oddity."""
    charge = row.amount("charge") or 0
    negative = [name for name in AMOUNTS if (row.amount(name) or 0) < 0]
    for name in negative:
        row.wrong(name, "is less than nothing, and money is denied")
    if row.faults:
        return ""
    left = charge - (row.amount("paid") or 0) - taken_off
    if not charge and (row.mapping.file.rows == "claim" or not row.cell("charge")):
        row.wrong("charge", "says nothing, and the row is denied: nobody knows how much")
    elif left < 0:
        row.wrong("denied" if row.amount("denied") else "paid", "comes to more than the charge, with what else is paid and taken off")
    return SHORT if left > 0 and denied else ""


def _shared(row: Values, status: str, rest: list[Said], left: int, codes: Codes, *, coded: bool) -> list[Said]:
    """The codes that stand without an amount, with what is left for them; `coded`: another code says what is denied."""
    denied = row.amount("denied") or None
    refused = [code for code in rest if not codes.is_routine(code.carc)]
    routine = [code for code in rest if codes.is_routine(code.carc)]
    if denied and not refused and not coded:
        if rest:
            row.wrong("denied", "says that money is denied, and the codes of the row deny none")
            return []
        return [Said("", "", denied)]
    if routine and not refused and not coded and status == STATUSES["denied"]:
        what = "holds routine codes alone, without amounts, and the row is denied: map a column for what is denied"
        row.wrong("codes" if "codes" in row.places else "carc", what)
        return []
    if refused and routine and denied is None:
        row.wrong("codes" if "codes" in row.places else "carc", "holds codes that share one amount: map a column for what is denied")
        return []
    if refused and denied is None and left < 0:
        row.wrong("paid", "comes to more than the charge, with what is taken off, and a code denies money")
        return []
    amount = left if denied is None else denied
    first = [code._replace(cents=amount if at == 0 else 0) for at, code in enumerate(refused)]
    for_routine = left - (amount if refused else 0)
    return first + [code._replace(cents=for_routine if len(routine) == 1 else None) for code in routine]


def _said(row: Values, remarks: list[str]) -> Iterator[Said]:
    """The codes of the row's cells; remarks among them go to `remarks`."""
    groups = _parts(row, "group")
    if codelike.UNREADABLE in map(codelike.group, groups):
        row.wrong("group", "holds something that is no group like CO")
        groups = []
    for at, part in enumerate(_parts(row, "codes") or _parts(row, "carc")):
        text, amount = part, None
        if mark := row.mapping.codes.amount_separator:
            text, has_amount, written = part.partition(mark)
            amount = row.mapping.money.cents(words(written)) if has_amount else None
            if has_amount and amount is None:
                row.wrong("codes" if "codes" in row.places else "carc", f"holds a code with no amount like {row.mapping.money.words}")
        found = _CODE.fullmatch(words(text).upper())
        if _REMARK.fullmatch(words(text).upper()):
            remarks.append(words(text).upper())
        elif found is None or (groups and found[1]):
            row.wrong("codes" if "codes" in row.places else "carc", "holds something that is no code like CO-50")
        else:
            remarks += [found[3]] if found[3] else []
            group = found[1] or (groups[at] if at < len(groups) else groups[-1] if groups else "")
            yield Said(group.upper(), found[2].lstrip("0") or found[2], amount)


def _is_remark(row: Values, part: str) -> bool:
    if _REMARK.fullmatch(part.upper()):
        return True
    row.wrong("rarc", "holds something that is no remark code like N130")
    return False


def _parts(row: Values, name: str) -> list[str]:
    """The codes of one cell, parted as the mapping declares."""
    cell = words(row.cell(name))
    parts = cell.split(row.mapping.codes.separator) if row.mapping.codes.separator else [cell]
    return [part.strip() for part in parts if part.strip()]
