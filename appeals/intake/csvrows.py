"""Cuts a CSV file into rows with their line numbers, whatever its line ends and quotes; it never says what a cell means."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import BinaryIO, NamedTuple

from appeals.errors import FileRefused
from appeals.intake.csvmapping import CsvMapping, Shape, headed
from appeals.intake.kinds import refuse_no_table

HEAD = 1 << 12
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ESCAPED = re.compile("[\udc80-\udcff]")
_AGAIN = "Save it again as CSV (UTF-8) from the program it comes from. Nothing was taken."


class Row(NamedTuple):
    """One row of the file, from its first line on; `fault` says why it is none, and then it has no cells."""

    line: int
    cells: tuple[str, ...]
    fault: str = ""


class Table(NamedTuple):
    """The header of a file and the rows below it, blank ones left out."""

    header: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def table(stream: BinaryIO, shape: Shape) -> Iterator[Table]:
    """The file as header and rows; the rows are read while they are asked for.

    Raises:
        FileRefused: it is no text table, not in its encoding, ends inside quotation marks, or has no header; with the line.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    encoding = _marked(head) or shape.encoding
    shape = replace(shape, encoding=encoding)
    wide = encoding.startswith(("utf-16", "utf-32"))
    refuse_no_table(head, wide=wide)
    # A byte that is none of the encoding's spoils its row and not the file; with two bytes a letter nobody knows where rows begin.
    errors = "strict" if wide else "surrogateescape"
    text = io.TextIOWrapper(stream, encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors=errors, newline="")
    try:
        rows = _rows(text, shape)
        first = next(rows, None)
        if first is None or first.fault or any(_ESCAPED.search(cell) for cell in first.cells):
            raise FileRefused(
                f"Line {shape.header_line} holds no header.", "Set header_line in the mapping to the line the column names stand in."
            )
        yield Table(tuple(" ".join(cell.split()) for cell in first.cells), _even(rows, len(first.cells), shape))
    finally:
        text.detach()  # the stream is its opener's to close


def encoding_of(head: bytes) -> str:
    """The encoding of a file that begins so, where its mapping is not at hand: good for showing it."""
    if (marked := _marked(head)) or b"\0" in head:
        return marked or ("utf-16-be" if head.startswith(b"\0") else "utf-16-le")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter that goes on behind the head is whole
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _marked(head: bytes) -> str:
    """The encoding a byte order mark says, or ""."""
    return next((name for bom, name in _BOMS if head.startswith(bom)), "")


def places(header: Sequence[str], mapping: CsvMapping) -> dict[str, int]:
    """Where in a row each field of the mapping stands.

    Raises:
        FileRefused: columns are missing, stand there twice, or several fit one field; the missing and the unused are named.
    """
    known = [headed(name) for name in header]
    found: dict[str, int] = {}
    missing, doubled = [], []
    for field, names in mapping.columns.items():
        at = [place for place, name in enumerate(known) if name in {headed(each) for each in names}]
        if len(at) == 1:
            found[field] = at[0]
        elif at:
            doubled.append(f"{field} (columns {', '.join(str(place + 1) for place in at)})")
        elif field not in mapping.file.optional:
            missing.append(f"{field} ({' or '.join(repr(name) for name in names)})")
    if not missing and not {"patient", "patient_last"} & {*found}:
        missing.append("patient or patient_last")
    if not missing and not mapping.payer and "payer" not in found:
        missing.append("payer")
    if missing:
        raise FileRefused(
            f"Columns are missing: {'; '.join(missing)}. {_unused(header, found)}", "Put the file's own headers into the mapping."
        )
    if doubled:
        raise FileRefused(
            f"Several columns fit one field: {'; '.join(doubled)}.", "Name one of them in the mapping, or rename one in the file."
        )
    return found


def unused(header: Sequence[str], found: dict[str, int]) -> tuple[str, ...]:
    """The columns no field stands for."""
    return tuple(name for place, name in enumerate(header) if place not in found.values() and name)


def _unused(header: Sequence[str], found: dict[str, int]) -> str:
    """The columns nobody asked for, named only where the line is a header: data that stands in its place is a patient's."""
    if len(found) < 2:
        return "Is that line the header? Fewer than two of its names are the mapping's."
    return f"Not in the mapping: {', '.join(repr(name) for name in unused(header, found)) or 'none'}."


def _rows(text: io.TextIOWrapper, shape: Shape) -> Iterator[Row]:
    """Every row from the header on. Raises FileRefused where nobody can say where rows begin and end."""
    before = shape.header_line - 1
    reader = None
    first = shape.header_line
    try:
        for _line in islice(text, before):
            pass
        reader = csv.reader(text, delimiter=shape.delimiter, strict=True)
        while True:
            first = before + reader.line_num + 1
            try:
                cells = next(reader)
            except csv.Error as error:
                last = before + reader.line_num
                if last > first or "end of data" in str(error):
                    raise FileRefused(
                        f"Lines {first} to {last}: quotation marks open and do not close, so nobody can say where rows end.", _AGAIN
                    ) from error
                yield Row(first, (), _fault(error))
                continue
            yield Row(first, tuple(cells))
    except StopIteration:
        return
    except UnicodeError as error:
        raise FileRefused(
            f"Near line {first} the text is not in {shape.encoding}.",
            'Set encoding in the mapping ("windows-1252", "utf-16"), or save the file as UTF-8.',
        ) from error


def _fault(error: csv.Error) -> str:
    return (
        "a cell is longer than any cell may be"
        if "field limit" in str(error)
        else "quotation marks stand inside a cell without being doubled"
    )


def _even(rows: Iterator[Row], width: int, shape: Shape) -> Iterator[Row]:
    """The rows that say something, each as wide as the header."""
    for row in rows:
        line, cells, fault = row
        if fault:
            yield row
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) < width or any(cell.strip() for cell in cells[width:]):
            if any("\n" in cell or "\r" in cell for cell in cells):
                raise FileRefused(
                    f"The row that begins in line {line} runs over several lines and has {len(cells)} cells, the header {width}.", _AGAIN
                )
            yield Row(line, cells, f"has {len(cells)} cells, the header {width}")
        elif any(_ESCAPED.search(cell) for cell in cells):
            yield Row(line, cells[:width], f"is not in {shape.encoding}: set encoding in the mapping, for example windows-1252")
        elif any("\0" in cell for cell in cells):
            yield Row(line, cells[:width], "holds a NUL character")
        else:
            yield Row(line, cells[:width])
