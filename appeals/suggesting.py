"""What the codes of a denial say, in our own words, and what is usually done about it: a suggestion, never a decision. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from appeals.codes import Codes
from appeals.model import Adjustment
from appeals.officetexts import NO_TEXTS, OfficeText, Texts, plain
from appeals.record import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One code as it stands on the notice: what it means, whose the amount is, what staff usually do, and the office's own texts."""

    code: str
    amount_cents: int
    meaning: str
    bears: str
    remark: str
    staff: str
    office: tuple[OfficeText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The readings of a case's newest notice, and the category and path they speak for; "" where it has no codes."""

    category: str = ""
    path: str = ""
    readings: tuple[Reading, ...] = ()


def of(situation: Situation, codes: Codes, texts: Texts = NO_TEXTS) -> Suggestion:
    """What the codes of the newest notice speak for: the category with most money, and the usual path of its largest amount.

    Shares of the patient and agreed prices are read like the rest, but decide only where nothing else is denied.
    """
    found = _newest(situation)
    if not found:
        return Suggestion()
    refused = [a for a in found if not codes.is_routine(a.carc)] or found
    category = codes.category([(a.carc, a.amount_cents) for a in refused])
    largest = max((a for a in refused if codes.carc(a.carc).category == category), key=lambda a: a.amount_cents)
    path = codes.path(largest.carc, [largest.rarc] if largest.rarc else [])
    return Suggestion(category=category, path=path, readings=tuple(_reading(a, codes, texts) for a in found))


def _newest(situation: Situation) -> list[Adjustment]:
    """The adjustments of the newest notice that has any, the largest first."""
    standing = [d for d in situation.denials if not d.voided]
    for notice in sorted(standing, key=lambda d: (d.level, d.notice_date, d.id), reverse=True):
        if rows := [a for a in situation.adjustments if a.denial_id == notice.id and a.carc]:
            return sorted(rows, key=lambda a: -a.amount_cents)
    return []


def _reading(adjustment: Adjustment, codes: Codes, texts: Texts) -> Reading:
    reason, remark = codes.carc(adjustment.carc), codes.rarc(adjustment.rarc) if adjustment.rarc else None
    return Reading(
        code=f"{adjustment.group_code}-{adjustment.carc}{f'/{adjustment.rarc}' if adjustment.rarc else ''}",
        amount_cents=adjustment.amount_cents,
        meaning=reason.meaning,
        bears=codes.group(adjustment.group_code),
        remark=remark.meaning if remark else "",
        staff=(remark.staff if remark and remark.staff else reason.staff),
        office=tuple(text for key in _keys(adjustment) if (text := texts.get(key))),
    )


def _keys(adjustment: Adjustment) -> list[tuple[str, str]]:
    """Where a list of descriptions has the codes of one adjustment; a notice may give several remarks."""
    return [("carc", plain(adjustment.carc)), *(("rarc", plain(remark)) for remark in adjustment.rarc.split())]
