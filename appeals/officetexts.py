"""The office's own texts of codes as values: what a code means in X12's licensed words, and the file that says so."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from appeals import show
from appeals.explaining import wrapped
from appeals.record import RulePack

# A list is kept as a rule pack that holds no rules: its `pack_id` begins so, its `version` is the file it came in.
CODE_LISTS = "codes:"
KINDS = ("carc", "rarc", "group", "status")
GROUPS = ("CO", "PR", "OA", "PI", "CR")
_REMARK = re.compile(r"(?:MA?|N)[0-9]{1,4}")

Texts = Mapping[tuple[str, str], "OfficeText"]  # by kind and code


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeText:
    """One code as the office's own list has it, and the file that list came from."""

    kind: str
    code: str
    text: str
    origin: str
    loaded_on: date
    loaded_by: str

    @property
    def lines(self) -> list[str]:
        """The text, marked as the office's, with where it is from."""
        told = f"{show.text(self.origin)}, loaded {self.loaded_on} by {show.text(self.loaded_by)}"
        return wrapped(f"the office's own text ({told}): {show.text(self.text)}")


NO_TEXTS: Texts = MappingProxyType({})


def plain(code: str) -> str:
    """A code as it is listed: capitals, no blanks, and "050" is 50."""
    return code.strip().upper().lstrip("0") or code.strip().upper()


def kind_of(code: str) -> str:
    """Which list a code is of, by its form: N115 a remark, CO a group, everything else a reason."""
    return "group" if code in GROUPS else "rarc" if _REMARK.fullmatch(code) else "carc"


def kept(descriptions: Mapping[str, str]) -> str:
    """The descriptions of one kind as the database keeps them, whatever file they came in."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(sorted(descriptions.items()))
    return out.getvalue()


def texts(lists: Iterable[RulePack]) -> Texts:
    """What the lists in the database say."""
    return {
        (kind, code): OfficeText(kind=kind, code=code, text=text, origin=one.version, loaded_on=one.loaded_on, loaded_by=one.loaded_by)
        for one in lists
        for kind in [one.pack_id.removeprefix(CODE_LISTS)]
        for code, text in csv.reader(io.StringIO(one.text))
    }
