"""What claim status categories say, in plain words: data in `rulepacks/claimstatus.toml`. It decides no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import tomli

from appeals.intake.status_report import Status

ACCEPTED, REJECTED, REFUSED, TOLD = "accepted", "rejected", "refused", "told"
_REFUSED = "U"  # STC03 of a 277CA: it is not taken, whatever the category


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category code: `says` is accepted, rejected, refused or told."""

    code: str
    says: str
    meaning: str


def category(code: str) -> Category:
    """The category with this code; one nobody listed is shown as unknown and says nothing about the claim."""
    return _table().get(code) or Category(code=code, says=TOLD, meaning="unknown category")


def verdict(statuses: Iterable[Status]) -> str:
    """What statuses of one claim say together. One rejection is enough, in a line too: somebody has to look at the claim."""
    told = [REJECTED if status.action == _REFUSED else category(status.category).says for status in statuses]
    return next((word for word in (REJECTED, REFUSED, ACCEPTED) if word in told), TOLD)


def in_words(statuses: Iterable[Status]) -> str:
    """The statuses with their codes, as a person reads them: `A7:562 rejected, something in it is invalid (line 2)`."""
    said = []
    for status in statuses:
        who = f":{status.entity}" if status.entity else ""
        line = f" (line {status.line})" if status.line else ""
        said.append(f"{status.category}:{status.code}{who} {category(status.category).meaning}{line}")
    return "; ".join(dict.fromkeys(said))


@cache
def _table() -> dict[str, Category]:
    raw = tomli.loads(resources.files("appeals.rulepacks").joinpath("claimstatus.toml").read_text("utf-8"))
    return {code: Category(code=code, **row) for code, row in raw["category"].items()}
