"""In which order files that came together are taken in: what was sent, what was reported of it, what was decided; that by its day.

By their names an answer often goes before what it answers, and a correction before what it corrects.
"""

from __future__ import annotations

from datetime import date
from io import BytesIO

from appeals.errors import FileRefused
from appeals.intake import x12
from appeals.intake.amounts import day
from appeals.intake.formats import CLAIMS, REMITTANCE, STATUSES

Turn = tuple[int, date]
_ORDER = (CLAIMS.kind, STATUSES.kind, REMITTANCE.kind)
_BODY = ("LX", "CLP", "HL")  # behind the header of a transaction
LAST: Turn = (len(_ORDER), date.max)


def turn_of(head: bytes) -> Turn:
    """The turn of a file that begins so; what is no X12 file, or says no day, comes behind the others of its kind."""
    kind, days = "", list[date]()
    try:
        for segment in x12.segments(BytesIO(head)):
            if segment.tag in _BODY or (segment.tag == "ST" and kind):
                break
            kind = kind or (segment.at(1) if segment.tag == "ST" else "")
            days += [found for found in (_day_of(segment),) if found]
    except FileRefused:
        return LAST  # whoever reads it says what it is instead
    return (_ORDER.index(kind), min(days, default=date.max)) if kind in _ORDER else LAST


def _day_of(segment: x12.Segment) -> date | None:
    """The day of a notice (BPR16, DTM*405), or on which claims or a report were made (BHT04)."""
    if segment.tag == "BPR":
        return day(segment.at(16))
    if segment.tag == "DTM" and segment.at(1) == "405":
        return day(segment.at(2))
    return day(segment.at(4)) if segment.tag == "BHT" else None
