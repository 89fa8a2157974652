"""What adjustment and remark codes mean, in our own words, from `rulepacks/codes.toml`; never refuses a code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import tomli

from appeals import fields as f
from appeals.errors import BadConfiguration

CATEGORIES = (
    "medical_necessity", "experimental", "prior_authorisation", "timely_filing", "non_covered", "coding", "billing_error",
    "documentation", "duplicate", "coordination", "eligibility", "bundling", "contractual", "patient_share", "appeal_upheld", "other",
)  # fmt: skip
PATHS = ("appeal", "peer_to_peer", "corrected_claim", "bill_other_payer", "patient_responsibility", "write_off")
UNKNOWN_CODE = "unknown code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One adjustment reason (CARC) or remark (RARC). `path` and `staff` are what is usually done, not law.

    A remark's `category` and `path` are often "": only some say anything about them.
    """

    code: str
    category: str
    path: str
    meaning: str
    staff: str
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One claim status (CLP02). `role` is processed, denied, pending or reversal; `order` is whose claim it was."""

    code: str
    role: str
    order: str
    forwarded: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usual:
    """What is usually done for a category."""

    path: str
    staff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One code as the file has it."""

    code: str
    category: str
    meaning: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Added:
    """One code counted as routine beyond the first list, and why."""

    carc: str
    why: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The whole table. Every lookup answers: an unknown code is a code whose meaning is `UNKNOWN_CODE`."""

    written_on: date
    source: str
    remark_source: str
    routine: frozenset[str]
    takebacks: frozenset[str]
    groups: Mapping[str, str]
    statuses: Mapping[str, Status]
    carcs: Mapping[str, Code]
    rarcs: Mapping[str, Code]

    def carc(self, code: str) -> Code:
        """The adjustment reason `code`; leading zeros are no part of it."""
        return self.carcs.get(_plain(code)) or Code(
            code=code, category="other", path="appeal", meaning=UNKNOWN_CODE, staff=self.carcs["A1"].staff, known=False
        )

    def rarc(self, code: str) -> Code:
        """The remark `code`."""
        return self.rarcs.get(_plain(code)) or Code(code=code, category="", path="", meaning=UNKNOWN_CODE, staff="", known=False)

    def group(self, code: str) -> str:
        """Who bears the amount, by the group code."""
        return self.groups.get(_plain(code), UNKNOWN_CODE)

    def status(self, code: str) -> Status:
        """The claim status `code`; an unknown one counts as processed by the first payer."""
        unknown = Status(code=code, role="processed", order="primary", forwarded=False, meaning=UNKNOWN_CODE)
        return self.statuses.get(_plain(code), unknown)

    def is_routine(self, code: str) -> bool:
        """Whether an adjustment reason is no denial whatever its amount."""
        return _plain(code) in self.routine

    def takes_back(self, code: str) -> bool:
        """Whether a provider adjustment of this code may take back what was paid for a claim."""
        return _plain(code) in self.takebacks

    def category(self, reasons: Iterable[tuple[str, int]]) -> str:
        """The category under which most money is denied, of (CARC, cents) pairs; `other` where there is none."""
        sums: dict[str, int] = {}
        for carc, cents in reasons:
            category = self.carc(carc).category
            sums[category] = sums.get(category, 0) + cents
        return max(sums, key=lambda category: sums[category], default="other")

    def path(self, carc: str, rarcs: Iterable[str] = ()) -> str:
        """The usual next path for a reason; a remark that names one goes before the reason."""
        return next((path for rarc in rarcs if (path := self.rarc(rarc).path)), self.carc(carc).path)


def load() -> Codes:
    """The table this release ships."""
    return _shipped()


def read(text: str, name: str) -> Codes:
    """A table from TOML text; `name` is what errors call the file.

    Raises BadConfiguration: a key or value it does not know, or a code twice; names the key.
    """
    try:
        raw = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise BadConfiguration(f"{name} is not TOML: {error}.", "Mend the file; every key is described in docs/intake.md.") from error
    try:
        return _codes(raw)
    except f.Wrong as error:
        raise BadConfiguration(f"{name}: {error}.", "Mend the file; every key is described in docs/intake.md.") from error


@cache
def _shipped() -> Codes:
    return read(resources.files("appeals.rulepacks").joinpath("codes.toml").read_text("utf-8"), "codes.toml")


_USUAL: Mapping[str, f.Convert] = {"path": f.one_of(*PATHS), "staff": f.text}
_STATUS: Mapping[str, f.Convert] = {
    "code": f.text,
    "role": f.one_of("processed", "denied", "pending", "reversal"),
    "order": f.one_of("primary", "secondary", "tertiary"),
    "forwarded": f.flag,
    "meaning": f.text,
}
_CARC: Mapping[str, f.Convert] = {"code": f.text, "category": f.one_of(*CATEGORIES), "meaning": f.text}
_RARC: Mapping[str, f.Convert] = {
    "code": f.text, "category": f.one_of(*CATEGORIES, ""), "path": f.one_of(*PATHS, ""), "meaning": f.text,
}  # fmt: skip
_ADDED: Mapping[str, f.Convert] = {"carc": f.text, "why": f.text, "source": f.text}
_FILE: Mapping[str, f.Convert] = {
    "written_on": f.day,
    "source": f.text,
    "remark_source": f.text,
    "routine": f.some(f.text),
    "routine_added": f.many(lambda raw: f.read(_Added, _ADDED, raw)),
    "takebacks": f.some(f.text),
    "groups": lambda raw: f.read(dict, dict.fromkeys(("CO", "PR", "OA", "PI", "CR"), f.text), raw),
    "status": f.some(lambda raw: f.read(Status, _STATUS, raw)),
    "category": lambda raw: f.read(dict, dict.fromkeys(CATEGORIES, lambda one: f.read(_Usual, _USUAL, one)), raw),
    "carc": f.some(lambda raw: f.read(_Row, _CARC, raw)),
    "rarc": f.some(lambda raw: f.read(_Row, _RARC, raw)),
}


def _codes(raw: Mapping[str, Any]) -> Codes:
    found: dict[str, Any] = f.read(dict, _FILE, raw)
    usual: Mapping[str, _Usual] = found["category"]

    def reason(row: _Row) -> Code:
        steps = usual[row.category]
        return Code(code=row.code, category=row.category, path=steps.path, meaning=row.meaning, staff=steps.staff)

    def remark(row: _Row) -> Code:
        staff = usual[row.category].staff if row.category else ""
        return Code(code=row.code, category=row.category, path=row.path, meaning=row.meaning, staff=staff)

    return Codes(
        written_on=found["written_on"],
        source=found["source"],
        remark_source=found["remark_source"],
        routine=frozenset((*found["routine"], *(added.carc for added in found["routine_added"]))),
        takebacks=frozenset(found["takebacks"]),
        groups=found["groups"],
        statuses=_by_code(found["status"], lambda row: row),
        carcs=_by_code(found["carc"], reason),
        rarcs=_by_code(found["rarc"], remark),
    )


def _by_code(rows: Iterable[Any], made: Callable[[Any], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        if row.code in found:
            raise f.Wrong(f"code {row.code!r} stands there twice")
        found[row.code] = made(row)
    return found


def _plain(code: str) -> str:
    """A code as it is listed: capitals, no blanks, and "0050" is 50."""
    return code.strip().upper().lstrip("0") or code
