"""Reads a CSV export of claims by its mapping as the values of a remittance: one claim a row, or one a group of service lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from appeals import codes as codes_
from appeals.codes import Codes
from appeals.intake import csvrows
from appeals.intake.csvdenied import Cut, cut_of, status_of
from appeals.intake.csvmapping import STATUSES, CsvMapping
from appeals.intake.csvvalues import Values
from appeals.intake.formats import Format
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Dated, Item, Line, Name, Transaction

KIND = "csv"
_SAME = ("patient", "patient_last", "patient_first", "patient_middle", "member_id", "mrn")
_KEY = ("claim_number", "control_number", "payer", "payer_id", "trace")


def format_by(mapping: CsvMapping) -> Format:
    """The format of files that are read by this mapping. Its kind says which, so that another mapping may try the same bytes again."""

    def read_by_mapping(stream: BinaryIO) -> Iterator[Item]:
        return read(stream, mapping)

    return Format(f"{KIND} {mapping.id} {mapping.sha256[:12]}", "line", read_by_mapping, names_payee=False)


def read(stream: BinaryIO, mapping: CsvMapping) -> Iterator[Item]:
    """Everything the file says, claim by claim in the order of their first lines; each behind the notice it came with.

    Raises:
        FileRefused: it is no table, or its header does not fit the mapping. Nothing was given out.
    """
    codes = codes_.load()
    groups: dict[tuple[str, ...], list[Values]] = {}
    with csvrows.table(stream, mapping.file) as table:
        places = csvrows.places(table.header, mapping)
        for row in table.rows:
            values = Values(row, table.header, places, mapping)
            groups.setdefault(_key(values), []).append(values)
    told = _transaction(None, mapping)
    for rows in groups.values():
        items = [*_of_lines(rows, codes)] if mapping.file.rows == "line" else [*_of_claims(rows, codes)]
        notice = _transaction(rows[0], mapping)
        if notice != told:
            told = notice
            yield notice
        yield from items


def _key(row: Values) -> tuple[str, ...]:
    """What makes rows one claim of one notice; a row whose number cannot be read stands alone."""
    if not row.text("claim_number"):
        return ("", str(row.row.line))
    day = row.day("notice_date")
    return (*(row.text(name).upper() for name in _KEY), day.isoformat() if day else "")


def _transaction(row: Values | None, mapping: CsvMapping) -> Transaction:
    """Who paid or refused, and when; the same for rows that say the same."""
    if row is None:
        return Transaction(0, "")
    return Transaction(
        0,
        "",
        paid_on=row.days["notice_date"],
        trace=row.text("trace"),
        payer=row.text("payer") or mapping.payer,
        payer_id=row.text("payer_id"),
        payee=row.text("provider"),
        payee_id=row.text("npi"),
    )


def _of_claims(rows: Sequence[Values], codes: Codes) -> Iterator[Item]:
    """One claim a row; the same row again is given out again, and found to be known. Rows that contradict each other are a person's."""
    first = rows[0]
    again = all(row.said == first.said for row in rows)
    for row in rows:
        status = status_of(row)
        cut = cut_of(row, status, codes)
        if not again:
            other = next(each.row.line for each in rows if each is not row)
            row.faults.append(
                (row.row.line, f"line {other} has the same claim with other values: is this file one service line a row?", "")
            )
        elif row is not first:
            yield Caution(row.row.line, "duplicate", f"already in this file, at line {first.row.line}")
        yield _claim([row], status, cut, ())
        yield from _odd([row], [cut])


def _of_lines(rows: list[Values], codes: Codes) -> Iterator[Item]:
    """One claim of all the rows of its number."""
    kept: list[Values] = []
    for row in rows:
        same = next((each for each in kept if _same_line(each, row)), None)
        if same is None:
            kept.append(row)
        elif same.said == row.said and row.text("line_number"):
            yield Caution(row.row.line, "duplicate", f"already in this file, at line {same.row.line}")
        else:
            how = (
                "has the same line number with other values" if row.text("line_number") else "is the same, and no column numbers the lines"
            )
            row.faults.append((row.row.line, f"line {same.row.line} {how}: is it one service or two?", ""))
            kept.append(row)
    statuses = [status_of(row) for row in kept]
    cuts = [cut_of(row, status, codes) for row, status in zip(kept, statuses, strict=True)]
    status = _of_all(kept, statuses, cuts)
    lines = tuple(_line(row, cut) for row, cut in zip(kept, cuts, strict=True))
    for name in _SAME:
        if len({row.text(name).casefold() for row in kept}) > 1:
            kept[0].wrong(name, "is not the same in all rows of this claim")
    yield _claim(kept, status, Cut(), lines)
    yield from _odd(kept, cuts)


def _odd(rows: Sequence[Values], cuts: Sequence[Cut]) -> Iterator[Caution]:
    """What does not add up in rows that are taken."""
    for row, cut in zip(rows, cuts, strict=True):
        if cut.odd and not any(each.faults for each in rows):
            yield Caution(row.row.line, "claim_balance", cut.odd)


def _same_line(one: Values, other: Values) -> bool:
    """Whether two rows may be one service line twice."""
    number = one.text("line_number"), other.text("line_number")
    return number[0] == number[1] if any(number) else one.said == other.said


def _of_all(rows: Sequence[Values], statuses: Sequence[str], cuts: Sequence[Cut]) -> str:
    """The status of a claim by those of its lines; where they do not go together the rows get a fault."""
    if len({*statuses}) == 1 and (statuses[0] != STATUSES["denied"] or len({bool(cut.adjustments) for cut in cuts}) == 1):
        return statuses[0]
    decided = {STATUSES["paid"], STATUSES["denied"]}
    coded = all(cut.adjustments for cut, status in zip(cuts, statuses, strict=True) if status == STATUSES["denied"])
    if not {*statuses} <= decided or not coded:
        rows[0].wrong("status", "and the codes of the rows of this claim do not go together: some are denied without a code, or undecided")
    return STATUSES["paid"]


def _line(row: Values, cut: Cut) -> Line:
    procedure, modifiers = row.text("procedure"), row.text("modifiers").replace(",", " ").split()
    if any(":" in part for part in (procedure, *modifiers)):
        row.wrong("procedure", "holds a colon: give modifiers a column of their own")
    return Line(
        row.row.line,
        ":".join(("HC", procedure, *modifiers)),
        row.amount("charge"),
        row.amount("paid") or 0,
        units=row.text("units"),
        dates=tuple(Dated("472", each.raw, each.on) for each in (row.days["service_from"],) if each.on),
        adjustments=cut.adjustments,
        remarks=cut.remarks,
        control=row.text("line_number"),
    )


def _claim(rows: Sequence[Values], status: str, cut: Cut, lines: tuple[Line, ...]) -> Claim | ClaimProblem:
    """The claim of these rows, or what keeps it from being one."""
    row, day = rows[0], rows[0].day("notice_date")
    told = (
        ("claim_number", "is empty: no claim number", row.text("claim_number")),
        ("patient", "is empty: no patient", row.text("patient") or row.text("patient_last")),
        ("payer", "is empty: no payer", row.text("payer") or row.mapping.payer),
    )
    for name, what, value in told:
        if not value and not row.faults:
            row.wrong(name, what)
    claim = Claim(
        row.row.line,
        1 if row.text("trace") or day is None else int(day.strftime("%Y%m%d")),  # one claim may be refused on several days
        row.text("claim_number"),
        status,
        sum(each.amount("charge") or 0 for each in rows),
        sum(each.amount("paid") or 0 for each in rows),
        None,
        payer_control=row.text("control_number"),
        patient=_patient(row),
        adjustments=cut.adjustments,
        remarks=cut.remarks,
        dates=() if lines else _dates(row),
        references=tuple((code, value) for code, name in (("EA", "mrn"), ("1L", "group_number")) if (value := row.text(name))),
        lines=lines,
    )
    faults = [(at, f"line {at}: {said}" if at != row.row.line else said, raw) for each in rows for at, said, raw in each.faults]
    if not faults:
        return claim
    raw = "\n".join(dict.fromkeys(raw for _, _, raw in faults if raw))
    return ClaimProblem(segment=row.row.line, message="; ".join(dict.fromkeys(said for _, said, _ in faults)), raw=raw, claim=claim)


def _dates(row: Values) -> tuple[Dated, ...]:
    return tuple(
        Dated(qualifier, row.days[name].raw, row.day(name))
        for qualifier, name in (("232", "service_from"), ("233", "service_to"))
        if row.day(name)
    )


def _patient(row: Values) -> Name:
    """The patient; of a whole name what stands behind a comma is the first name."""
    if row.text("patient_last"):
        return Name(row.text("patient_last"), row.text("patient_first"), row.text("patient_middle"), "MI", row.text("member_id"))
    last, _, first = row.text("patient").partition(",")
    return Name(last.strip(), first.strip(), "", "MI", row.text("member_id"))
