"""Reads the list of descriptions an office holds, CSV or TOML, strictly: what is wrong is named with its line, and nothing is taken."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import tomli

from appeals import fields as f
from appeals.errors import FileRefused
from appeals.intake import csvcells, csvrows
from appeals.intake.csvmapping import Shape, headed
from appeals.officetexts import KINDS, kind_of, plain

LONGEST_TEXT = 4_000  # characters; the longest remark of X12's list has less than a thousand
HINT = (
    "A list has the columns code and description, and may have kind (carc, rarc, group, status); or it is TOML with [[code]] tables. "
    "Nothing was taken."
)
_CODE = re.compile(r"[A-Z0-9]{1,6}")
_ROW: Mapping[str, f.Convert] = {"code": f.text, "description": f.text, "kind": f.one_of(*KINDS)}
_WIDE = (";", "\t", ",")


def read(name: str, content: bytes) -> dict[str, dict[str, str]]:
    """The descriptions of a list by kind and code; `name` is the file's.

    Raises:
        FileRefused: everything that is wrong with it, each with its line or its number.
    """
    found: dict[str, dict[str, str]] = {}
    first: dict[tuple[str, str], str] = {}
    wrong: list[str] = []
    try:
        rows = [*(_of_toml(content, wrong) if name.lower().endswith(".toml") else _of_csv(content, wrong))]
    except FileRefused as error:
        raise FileRefused(f"{name}: {error.message}", HINT) from error
    for where, raw, description, kind in rows:
        code, text = plain(raw), csvcells.words(description)
        if fault := _fault(code, text, description, kind):
            wrong.append(f"{where}: {fault}")
            continue
        kind = kind or kind_of(code)
        if (kind, code) in first:
            wrong.append(f"{where}: the code stands in {first[kind, code]} already")
        first.setdefault((kind, code), where)
        found.setdefault(kind, {})[code] = text
    if wrong:
        raise FileRefused("\n".join(f"{name}, {fault}." for fault in wrong), HINT)
    if not found:
        raise FileRefused(f"{name}: it lists no code.", HINT)
    return found


def _fault(code: str, text: str, description: str, kind: str) -> str:
    if not _CODE.fullmatch(code):
        return "the code is none: up to six letters and figures"
    if not text:
        return "the description is empty"
    if len(text) > LONGEST_TEXT or csvcells.hidden(description):
        return f"the description is longer than {LONGEST_TEXT} characters, or holds one nobody can see"
    return f"the kind is none of {', '.join(KINDS)}" if kind and kind not in KINDS else ""


def _of_csv(content: bytes, wrong: list[str]) -> Iterator[tuple[str, str, str, str]]:
    head = content[:512].split(b"\n")[0]
    delimiter = max(_WIDE, key=lambda sign: head.count(sign.encode()))
    shape = Shape(rows="claim", delimiter=delimiter, encoding="utf-8", header_line=1, optional=())
    with csvrows.table(io.BytesIO(content), shape) as table:
        known = [headed(column) for column in table.header]
        if missing := [column for column in ("code", "description") if known.count(column) != 1]:
            raise FileRefused(f"line 1 must name each of code and description once; {' and '.join(missing)} it does not.")
        places = [known.index(column) for column in ("code", "description")]
        kind = known.index("kind") if "kind" in known else None
        for row in table.rows:
            if row.fault:
                wrong.append(f"line {row.line}: {row.fault.removesuffix(': set encoding in the mapping, for example windows-1252')}")
            else:
                code, description = (row.cells[at] for at in places)
                yield f"line {row.line}", code, description, row.cells[kind].strip().lower() if kind is not None else ""


def _of_toml(content: bytes, wrong: list[str]) -> Iterator[tuple[str, str, str, str]]:
    try:
        raw: dict[str, Any] = tomli.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileRefused(f"not a TOML file ({error}).") from error
    wrong += [f"unknown table {table!r}" for table in raw if table != "code"]
    rows = raw.get("code", [])
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        keys = _ROW if isinstance(row, dict) and "kind" in row else {key: _ROW[key] for key in ("code", "description")}
        try:
            found: dict[str, str] = f.read(dict, keys, row)
        except f.Wrong as error:
            wrong += [f"code {number}: {fault}" for fault in error.faults]
            continue
        yield f"code {number}", found["code"], found["description"], found.get("kind", "")
