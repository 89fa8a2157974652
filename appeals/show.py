"""Everything that is printed: values as text, tables and JSON. What came from outside is escaped here, never trusted."""

from __future__ import annotations

import json
import re
import traceback
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from io import StringIO
from itertools import islice
from pathlib import PurePath
from typing import Any

from appeals.audit import plain
from appeals.errors import AppealsError

SCHEMA = "appeals/1"
UNSAFE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PAGE = 1_000
GAP = "  "
SHORT = 15  # cells: as wide as a weekday and a date
NUMBER = re.compile(r"-?\$?[0-9][0-9,]*(\.[0-9]+)?|-?")


def text(value: str) -> str:
    r"""Text from outside, safe on any terminal: control, format and unassigned characters are shown as \xNN or \uNNNN."""
    if value.isprintable():
        return value
    return "".join(_escaped(each) if unicodedata.category(each) in UNSAFE else each for each in value)


def _escaped(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def mask(name: str) -> str:
    """A person's initials, first name first: `Jane Doe` and `Doe, Jane` are both `J. D.`."""
    last, _, first = name.partition(",")
    letters = [next((each for each in word if each.isalpha()), "") for word in f"{first} {last}".split()]
    initials = [f"{letter.upper()}." for letter in letters if letter]
    return " ".join(initials[:1] + initials[1:][-1:])


def money(cents: int) -> str:
    """Cents as dollars: `$1,234.50`, `-$0.05`."""
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${dollars:,}.{rest:02}"


def count(number: int, thing: str, things: str = "") -> str:
    """`1 case`, `2 cases`; `things` where several are no plain plural."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def day(when: date | None) -> str:
    """A date with its weekday, `Mon 2026-11-23`; `-` where there is none."""
    return "-" if when is None else f"{WEEKDAYS[when.weekday()]} {when.isoformat()}"


def disputed(printed: date | None, legal: date | None) -> str:
    """The date a notice prints, where it is not the one the law gives; else nothing."""
    return "" if printed is None or printed == legal else f" (printed {printed})"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, tty: bool, width: int) -> Iterator[str]:
    """Lines without line ends: a table as wide as the terminal, or plain columns, one line a row, never cut.

    Rows are taken by the page, so that a long list is neither held in memory nor waited for.
    """
    columns = [text(name) for name in columns]
    escaped = (tuple(text(cell) for cell in row) for row in rows)
    page = list(islice(escaped, PAGE))
    right = [bool(page) and any(row[i] for row in page) and all(NUMBER.fullmatch(row[i]) for row in page) for i in range(len(columns))]
    if tty:
        while True:
            yield from _drawn(columns, page, right, width)
            page = list(islice(escaped, PAGE))
            if not page:
                return
    widths = [max(len(row[i]) for row in [columns, *page]) for i in range(len(columns))]
    yield _line(columns, widths, right)
    while page:
        yield from (_line(row, widths, right) for row in page)
        page = list(islice(escaped, PAGE))


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = [cell.rjust(size) if to_right else cell.ljust(size) for cell, size, to_right in zip(row, widths, right, strict=True)]
    return GAP.join(cells).rstrip()


def _drawn(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool], width: int) -> Iterator[str]:
    from rich import box  # noqa: PLC0415 - 37 ms nobody pays in a pipe
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    rows = list(rows)
    for at, (name, to_right) in enumerate(zip(columns, right, strict=True)):
        widest = max(len(cell) for cell in (name, *(row[at] for row in rows)))
        numbers = any(character.isdigit() for row in rows for character in row[at])
        short = widest <= SHORT and numbers  # a number or a date that is folded cannot be read; words give way
        drawn.add_column(
            Text(name), justify="right" if to_right else "left", overflow="fold", no_wrap=short, min_width=widest if short else None
        )
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))  # Text, so that "[red]" in a name stays a name
    console = Console(file=StringIO(), width=width, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(drawn)
    yield from (line.rstrip() for line in captured.get().splitlines())


def json_envelope(command: str, as_of: date, practice: str, sandbox: bool, data: Any, warnings: Iterable[str] = ()) -> str:
    """One JSON object for a program to read; see `docs/json`."""
    return _ascii(
        {
            "schema": SCHEMA,
            "command": command,
            "as_of": as_of.isoformat(),
            "practice": practice,
            "sandbox": sandbox,
            "data": as_json(data),
            "warnings": list(warnings),
        }
    )


def json_error(error: AppealsError) -> str:
    """An expected error as one JSON object."""
    told = {"code": error.exit_code, "name": error.name, "message": error.message, "hint": error.hint, "possible": list(error.possible)}
    return _ascii({"schema": SCHEMA, "error": told})


def bug(error: BaseException) -> Iterator[str]:
    """Where a bug happened and its kind, never its message: that may hold a patient's data."""
    yield "This is a bug in appeals; please report these lines. `appeals doctor` says whether anything was harmed."
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
    yield f"  {type(error).__name__}"


def as_json(value: Any) -> Any:
    """Our values as JSON: fields by name, dates and instants as text, enums as their value; the bytes of papers are left out.

    Raises:
        TypeError: a value has no form in JSON.
    """
    if isinstance(value, date | datetime | Enum):
        return plain(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {name: as_json(inner) for name, inner in pairs if not isinstance(inner, bytes)}
    if isinstance(value, Mapping):
        return {str(as_json(key)): as_json(inner) for key, inner in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(as_json(inner) for inner in value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [as_json(inner) for inner in value]
    if isinstance(value, Iterator):
        return [as_json(inner) for inner in value]
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _ascii(value: Any) -> str:
    """JSON in printable ASCII: exact for a program, harmless on a terminal."""
    return json.dumps(value, allow_nan=False)
