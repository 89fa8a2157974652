"""The mapping of a CSV file: which column is what and how it writes dates, money and codes. Read strictly; it guesses nothing."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import tomli

from appeals import fields as f
from appeals.errors import BadConfiguration
from appeals.intake.csvcells import NEGATIVE, DateForm, MoneyForm, date_forms

PRESETS = ("generic-claims", "generic-lines")
HINT = "`appeals intake mapping-template FILE.csv` writes a mapping for a file; docs/intake.md explains every key. Nothing was taken."
NO_NOTICE = (
    "name one in [columns], for example that of the remittance or the check; `--received` does not stand in for it, "
    "and a denied row without it is left for a person"
)
STATUSES: Mapping[str, str] = {
    "paid": "1", "paid_secondary": "2", "paid_tertiary": "3", "denied": "4", "pending": "5", "reversed": "22",
}  # fmt: skip
OF_A_LINE = ("line_number", "procedure", "modifiers", "units")
AMOUNTS = ("charge", "paid", "denied", "contractual", "deductible", "coinsurance", "copay")
NEEDED = ("claim_number", "charge")
DATES = ("notice_date", "service_from", "service_to")
FIELDS = (
    "claim_number", "control_number", "payer", "payer_id", "patient", "patient_last", "patient_first", "patient_middle", "member_id",
    "group_number", "mrn", "provider", "npi", "status", "trace", "codes", "group", "carc", "rarc", *DATES, *AMOUNTS, *OF_A_LINE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the file is laid out. `rows` is claim or line, `header_line` counts from 1, `optional` are fields a file may lack."""

    rows: str
    delimiter: str
    encoding: str
    header_line: int
    optional: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeForm:
    """How codes stand in a cell: what parts several, and a code from its own amount ("" where it has none)."""

    separator: str
    amount_separator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvMapping:
    """One mapping. `columns` gives each field the headers it may have; `payer` is every row's where no column says."""

    id: str
    title: str
    sha256: str
    file: Shape
    dates: tuple[DateForm, ...]
    money: MoneyForm
    codes: CodeForm
    columns: Mapping[str, tuple[str, ...]]
    status: Mapping[str, str]
    payer: str


def preset_text(name: str) -> str:
    """The text of a mapping that ships."""
    return resources.files("appeals.intake.mappings").joinpath(f"{name}.toml").read_text("utf-8")


def preset(name: str) -> CsvMapping:
    """A mapping that ships, by its name."""
    return read(f"{name}.toml", preset_text(name).encode())


def read(name: str, content: bytes) -> CsvMapping:
    """The mapping in these bytes of the file `name`.

    Raises:
        BadConfiguration: everything that is wrong with it, each with file, line and key.
    """
    try:
        text = content.decode("utf-8-sig")
        raw = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadConfiguration(f"{name}: not a TOML file ({error}); text stands in quotes.", HINT) from error
    try:
        found: dict[str, Any] = f.read(dict, _FILE, raw)
    except f.Wrong as error:
        raise BadConfiguration("\n".join(f"{name}{_line(text, fault)}: {fault}." for fault in error.faults), HINT) from error
    if wrong := tuple(_wrong_together(found)):
        raise BadConfiguration("\n".join(f"{name}{_line(text, fault)}: {fault}." for fault in wrong), HINT)
    return CsvMapping(
        id=found["mapping"]["id"],
        title=found["mapping"]["title"],
        sha256=hashlib.sha256(content).hexdigest(),
        file=found["file"],
        dates=found["dates"]["formats"],
        money=found["money"],
        codes=found["codes"],
        columns=found["columns"],
        status=found["status"],
        payer=found["fixed"]["payer"],
    )


def headed(text: str) -> str:
    """A column's header as it is compared: capitals, blanks and underscores make no difference."""
    return " ".join(text.replace("_", " ").split()).casefold()


def _wrong_together(found: Mapping[str, Any]) -> Iterator[str]:
    """What no key alone shows."""
    columns, shape = found["columns"], found["file"]
    for field in NEEDED:
        if field not in columns or field in shape.optional:
            yield f"columns: {field!r} is missing or optional: no claim is taken in without it"
    for field in shape.optional:
        if field not in columns:
            instead = NO_NOTICE if field == "notice_date" else "name one in [columns], or leave it out"
            yield f"file: optional: {field!r} has no column: {instead}"
    if not {"patient", "patient_last"} & {*columns}:
        yield "columns: 'patient' or 'patient_last' is missing: no claim is taken in without a name"
    if "payer" not in columns and not found["fixed"]["payer"]:
        yield 'fixed: "payer" is empty and no column has it'
    if shape.rows == "claim":
        yield from (f'columns: {field!r} belongs to a file with rows = "line"' for field in OF_A_LINE if field in columns)
    if "status" in columns and not found["status"]:
        yield "status: no word of the status column has a meaning"
    if ("codes" in columns) and {"group", "carc"} & {*columns}:
        yield "columns: 'codes' holds group and reason in one cell; leave 'group' and 'carc' out, or 'codes'"
    yield from _signs_together(found["codes"], found["money"])
    names = [headed(name) for headers in columns.values() for name in headers]
    yield from (f"columns: {name!r} is given to two fields" for name in dict.fromkeys(names) if names.count(name) > 1)


def _signs_together(code: CodeForm, money: MoneyForm) -> Iterator[str]:
    """Signs that would be read as two things."""
    if code.amount_separator and {code.amount_separator, code.separator} & {money.decimal, money.thousands, *money.currency}:
        yield "codes: a separator is also a sign of the amounts beside the codes"
    if code.separator and code.separator == code.amount_separator:
        yield "codes: separator and amount_separator are the same"
    if money.decimal == money.thousands:
        yield "money: decimal and thousands are the same sign"


def _line(text: str, fault: str) -> str:
    """ ", line 12" where the mapping's text has the key that a fault names last; "" where it has none of its keys."""
    unknown = re.search(r"unknown key '([^']+)'", fault)
    keys = [*re.match(r"(?:\w+: )*", fault)[0].split(": ")[:-1], *([unknown[1]] if unknown else [])]  # type: ignore[index]  # it always matches
    lines = text.splitlines()
    for key in reversed(keys):
        form = re.compile(rf"\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[=\]]")
        if number := next((at for at, line in enumerate(lines, 1) if form.match(line)), 0):
            return f", line {number}"
    return ""


def _delimiter(value: Any) -> str:
    if value not in (",", ";", "\t", "|"):
        raise f.Wrong('must be ",", ";", "|" or a tab ("\\t")')
    return str(value)


def _encoding(value: Any) -> str:
    try:
        found = codecs.lookup(f.text(value)).name
    except LookupError as error:
        raise f.Wrong(f"{value!r} is no encoding: utf-8, utf-16 or windows-1252") from error
    if found not in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-1"):
        raise f.Wrong(f"{value!r} is none of utf-8, utf-16, windows-1252, latin-1")
    return found


def _headers(value: Any) -> tuple[str, ...]:
    return (f.text(value),) if isinstance(value, str) else tuple(f.some(f.text)(value))


def _statuses(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise f.Wrong("must be a table: a word of the file = one of ours")
    found = {}
    for word, ours in value.items():
        if ours not in STATUSES:
            raise f.Wrong(f"{word}: {ours!r} is none of {', '.join(STATUSES)}")
        if headed(word) in found:
            raise f.Wrong(f"{word}: it stands there twice")
        found[headed(word)] = ours
    return found


def _name(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", f.text(value)):
        raise f.Wrong(f"{value!r} must be letters, figures and hyphens, at most 40")
    return str(value)


def _separator(value: Any) -> str:
    if re.search(r"[A-Za-z0-9-]", f.text_or_empty(value)):
        raise f.Wrong(f"{value!r} stands in codes themselves")
    return str(value)


def _sign(value: Any) -> str:
    if value not in (".", ","):
        raise f.Wrong('must be "." or ","')
    return str(value)


def _thousands(value: Any) -> str:
    if value not in ("", ".", ",", " ", "'"):
        raise f.Wrong('must be "", ".", ",", " " or "\'"')
    return str(value)


def _currency(value: Any) -> str:
    if re.search(r"[0-9().,\-]", f.text(value)):
        raise f.Wrong(f"{value!r} would be taken for a part of the amount")
    return f.text(value)


_SHAPE: Mapping[str, f.Convert] = {
    "rows": f.one_of("claim", "line"), "delimiter": _delimiter, "encoding": _encoding, "header_line": f.positive,
    "optional": f.many(f.one_of(*FIELDS)),
}  # fmt: skip
_MONEY: Mapping[str, f.Convert] = {
    "decimal": _sign, "thousands": _thousands, "currency": f.many(_currency), "negative": f.many(f.one_of(*NEGATIVE)),
    "blank": f.one_of("zero", "missing"),
}  # fmt: skip
_FILE: Mapping[str, f.Convert] = {
    "mapping": lambda raw: f.read(dict, {"id": _name, "title": f.text}, raw),
    "file": lambda raw: f.read(Shape, _SHAPE, raw),
    "dates": lambda raw: f.read(dict, {"formats": date_forms}, raw),
    "money": lambda raw: f.read(MoneyForm, _MONEY, raw),
    "codes": lambda raw: f.read(CodeForm, {"separator": _separator, "amount_separator": _separator}, raw),
    "columns": f.table_of(FIELDS, _headers),
    "fixed": lambda raw: f.read(dict, {"payer": f.text_or_empty}, raw),
    "status": _statuses,
}
