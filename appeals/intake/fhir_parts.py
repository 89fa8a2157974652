"""Takes the parts of a FHIR resource by name; whatever stands there instead of what should is "not given", never an exception."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from appeals.intake.amounts import MOST_DIGITS

LONGEST_TEXT = 200  # characters of a name or a number; what is longer is no such thing
Json = Mapping[str, Any]
NOTHING: Json = {}
_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)  # fmt: skip
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_EXACT = Context(prec=120)  # digits: more than any text `_DECIMAL` lets through has
_PROCEDURES = (("cpt", "HC"), ("hcpcs", "HC"), ("sid/ndc", "N4"))
_FARTHEST_WEST = ZoneInfo("Pacific/Honolulu")


class Coding(NamedTuple):
    """One code and the system it is of."""

    system: str
    code: str


def part(whole: Any, name: str) -> Json:
    """The object of this name; the first where there are several."""
    return next(parts(whole, name), NOTHING)


def parts(whole: Any, name: str) -> Iterator[Json]:
    """The objects of this name, whether one or an array of them stands there."""
    found = whole.get(name) if isinstance(whole, Mapping) else None
    for one in found if isinstance(found, list) else (found,):
        if isinstance(one, Mapping):
            yield one


def text(whole: Any, name: str) -> str:
    """A short text or a number of this name on one line, without what cannot be printed; "" for anything else."""
    found = whole.get(name) if isinstance(whole, Mapping) else None
    return clean(found[0] if isinstance(found, list) and found else found)


def clean(found: Any) -> str:
    """The value as `text` gives it out."""
    if not isinstance(found, str) or len(found) > LONGEST_TEXT:
        return ""
    shown = found if found.isprintable() else "".join(letter if letter.isprintable() else " " for letter in found)
    return " ".join(shown.split())


def codings(concept: Json) -> tuple[Coding, ...]:
    """The codes of a concept; the last part of a code that is an address."""
    return tuple(Coding(text(one, "system"), text(one, "code").rsplit("/", 1)[-1]) for one in parts(concept, "coding"))


def kinds(resource: Json) -> frozenset[str]:
    """The codes of its `type`."""
    return frozenset(coding.code for coding in codings(part(resource, "type")))


def procedure(item: Json) -> str:
    """The procedure and its modifiers as an 835 writes them; a code of no list that payers use is called ZZ."""
    found = [
        one for name in ("productOrService", "service") for one in codings(part(item, name)) if one.code and "absent" not in one.system
    ]
    if not found:
        return ""
    chosen, qualifier = _of_a_list(found)
    modifiers = [one.code for concept in parts(item, "modifier") for one in codings(concept)[:1]]
    return ":".join([qualifier, *(code.replace(":", " ") for code in (chosen.code, *modifiers))])


def _of_a_list(found: list[Coding]) -> tuple[Coding, str]:
    for ending, qualifier in _PROCEDURES:
        for one in found:
            if one.system.lower().endswith(ending):
                return one, qualifier
    return found[0], "ZZ"


def identifier(resource: Json, *wanted: str) -> str:
    """The value of the first identifier of the first kind that is there: a type's code, or how its system ends."""
    known = list(parts(resource, "identifier"))
    for kind in wanted:
        for one in known:
            if text(one, "value") and (kind in kinds(one) or text(one, "system").lower().endswith(kind)):
                return text(one, "value")
    return ""


def cents(raw: str) -> int | None:
    """A JSON number as cents; None for what is no whole number of cents, which is never rounded."""
    if not _DECIMAL.fullmatch(raw):
        return None
    scaled = _EXACT.scaleb(Decimal(raw), 2)
    return int(scaled) if scaled == scaled.to_integral_value(context=_EXACT) and abs(scaled) < 10 ** (MOST_DIGITS + 2) else None


def day(raw: str) -> date | None:
    """The calendar day of a date or a moment as it is written; None for a month, a year, and what names no day."""
    found = _DATE.fullmatch(raw)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None  # 2023-02-29: the text is kept and reported


def notice_day(raw: str) -> date | None:
    """The day a notice is of: of a moment the earliest it may have been in the United States.

    With an offset of the United States it is the day as written there; with any other, and in universal time, that of the farthest west
    where it is earlier. Midnight sharp of universal time is a date that was written as a moment, and stands as it is.
    """
    written, found = day(raw), _DATE.fullmatch(raw)
    if written is None or found is None or found[4] is None or "-04:00" <= found[4] <= "-10:00":
        return written
    universal = found[4] in ("Z", "+00:00", "-00:00")
    if universal and (found[2], found[3] or "00") == ("00:00", "00"):
        return written
    offset = "+00:00" if universal else found[4]
    try:
        return min(written, datetime.fromisoformat(f"{found[1]}T{found[2]}:00{offset}").astimezone(_FARTHEST_WEST).date())
    except (ValueError, OverflowError):
        return None  # 25:00, or the first day there is
