"""What a mapping would find in a CSV file: columns and counts, and a mapping with the file's own headers. It never gives out a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from appeals.errors import FileRefused
from appeals.intake import csvrows
from appeals.intake.csvcells import words
from appeals.intake.csvdenied import status_of
from appeals.intake.csvmapping import AMOUNTS, DATES, FIELDS, NEEDED, CsvMapping, headed
from appeals.intake.csvvalues import Values

_FIGURE = re.compile(r"[$(-]*[0-9][0-9.,:/ -]*[0-9)]?|[0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: the field that reads it ("" none), how many cells say something, and how many of those the mapping cannot read."""

    header: str
    field: str
    filled: int
    unread: int
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A file as a mapping sees it. `missing` are needed fields no column has; `uneven` are rows that are none."""

    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    rows: int
    uneven: int


def looked_at(stream: BinaryIO, mapping: CsvMapping) -> Preview:
    """Count what the mapping finds in the file.

    Raises:
        FileRefused: it is no table, or the line of its header holds data: that might be somebody's, so it is not shown.
    """
    with csvrows.table(stream, mapping.file) as table:
        header = table.header
        if any(_FIGURE.fullmatch(name) for name in header) or sum(not name for name in header) > len(header) // 2:
            raise FileRefused(
                f"Line {mapping.file.header_line} holds figures or blanks: it is no header.",
                "Set header_line in a mapping of your own and name it with --mapping.",
            )
        places = _fitting(header, mapping)
        fields = {at: name for name, at in places.items()}
        filled, unread = [0] * len(header), [0] * len(header)
        rows = uneven = 0
        for row in table.rows:
            rows += 1
            if row.fault:
                uneven += 1
                continue
            bad = _unread(Values(row, header, places, mapping), places)
            for at, cell in enumerate(row.cells):
                filled[at] += bool(cell.strip())
                unread[at] += at in bad
    columns = tuple(
        Column(header=name, field=fields.get(at, ""), filled=filled[at], unread=unread[at], form=_form(fields.get(at, ""), mapping))
        for at, name in enumerate(header)
    )
    return Preview(columns=columns, missing=_missing(places, mapping), rows=rows, uneven=uneven)


def template(found: Preview, mapping: CsvMapping) -> str:
    """A mapping in TOML with the headers of this file where a field is known, and a line to fill in where it is not."""
    known = {column.field: column.header for column in found.columns if column.field}
    named = [f"{name} = {_quoted(known[name])}" for name in FIELDS if name in known]
    blank = [f'# {name} = ""' for name in FIELDS if name not in known and not (mapping.file.rows == "claim" and name in _lines())]
    unused = [f"#   {column.header}" for column in found.columns if not column.field]
    return "\n".join((
        "# Which column is what. Fill in, take the # away, and try it: appeals intake FILE.csv --mapping THIS --dry-run",
        "", "[mapping]", 'id = "our-export"', 'title = "The claims export of our practice-management program"',
        "", "[file]", f'rows = "{mapping.file.rows}"  # claim: one row a claim; line: one row a service line',
        f"delimiter = {_quoted(mapping.file.delimiter)}", f'encoding = "{mapping.file.encoding}"',
        f"header_line = {mapping.file.header_line}",
        "optional = []  # fields of [columns] that a file may lack",
        "", "[dates]", "# As the file writes them; 03/04/2026 is March 4 in MM/DD/YYYY and April 3 in DD/MM/YYYY: nobody guesses.",
        f"formats = [{', '.join(_quoted(form.words) for form in mapping.dates)}]",
        "", "[money]", f"decimal = {_quoted(mapping.money.decimal)}", f"thousands = {_quoted(mapping.money.thousands)}",
        f"currency = [{', '.join(map(_quoted, mapping.money.currency))}]",
        f"negative = [{', '.join(map(_quoted, mapping.money.negative))}]",
        f'blank = "{mapping.money.blank}"  # an empty amount: zero or missing',
        "", "[codes]", f"separator = {_quoted(mapping.codes.separator)}  # CO-50; CO-197",
        f"amount_separator = {_quoted(mapping.codes.amount_separator)}  # CO-50:240.00 has \":\"",
        "", "[columns]", *named, *blank, *(["# Columns of the file that no field reads:"] if unused else []), *unused,
        "", "[fixed]", f"payer = {_quoted(mapping.payer)}  # of every row, where no column names it",
        "", "[status]  # words of the status column: denied, paid, paid_secondary, paid_tertiary, pending, reversed",
        *(f"{_quoted(word)} = {_quoted(ours)}" for word, ours in mapping.status.items()),
    )) + "\n"  # fmt: skip


def _lines() -> Iterable[str]:
    return ("line_number", "procedure", "modifiers", "units")


def _quoted(text: str) -> str:
    """Text as a TOML string."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{inner}"'


def _fitting(header: Iterable[str], mapping: CsvMapping) -> dict[str, int]:
    """The columns that fit, the first of several; nothing is refused here."""
    known = [headed(name) for name in header]
    found = {}
    for field, names in mapping.columns.items():
        if at := next((place for place, name in enumerate(known) if name in {headed(each) for each in names}), -1) + 1:
            found[field] = at - 1
    return found


def _missing(places: dict[str, int], mapping: CsvMapping) -> tuple[str, ...]:
    needed = [
        name for name in (*NEEDED, "status", "notice_date", "payer") if name not in places and not (name == "payer" and mapping.payer)
    ]
    return (*needed, *(() if {"patient", "patient_last"} & {*places} else ("patient",)))


def _unread(values: Values, places: dict[str, int]) -> set[int]:
    """Where the row has a cell that the mapping cannot read."""
    bad = {places[name] for name in (*DATES, *AMOUNTS) if name in places and values.cell(name) and _read(values, name) is None}
    before = len(values.faults)
    if values.cell("status"):
        status_of(values)
    return bad | ({places["status"]} if len(values.faults) > before else set())


def _read(values: Values, name: str) -> object:
    return values.day(name) if name in DATES else values.amount(name)


def _form(field: str, mapping: CsvMapping) -> str:
    if field in DATES:
        return " or ".join(form.words for form in mapping.dates)
    return mapping.money.words if field in AMOUNTS else words(", ".join(mapping.status)) if field == "status" else ""
