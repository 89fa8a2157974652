"""What somebody asks about a code, in whatever form it stands on paper, and everything that is known of it. Never refuses a code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appeals.codes import UNKNOWN_CODE, Codes
from appeals.intake import claimstatus
from appeals.officetexts import OfficeText, Texts, kind_of, plain

WORDS = {
    "status": "status", "category": "category",
    "group": "group", "carc": "carc", "reason": "carc", "adjustment": "carc", "rarc": "rarc", "remark": "rarc",
}  # fmt: skip
UNKNOWN_CATEGORY = claimstatus.category("").meaning
_REPORTED = re.compile(r"[A-Z][0-9][A-Z]?(:[0-9A-Z]+)+")  # as a report about claims sent has it: A3:187
_WHOLE = re.compile(r"(CO|PR|OA|PI|CR)[- ]?([A-Z]?[0-9]{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One code with what is known of it. `kind` is carc, rarc, group, status, or category; `known` says whether our own table has it.

    `routine` is a reason that is no denial whatever its amount. `also` names another list that has a code written the same.
    """

    kind: str
    code: str
    known: bool
    meaning: str
    category: str = ""
    path: str = ""
    staff: str = ""
    routine: bool = False
    also: str = ""
    office: OfficeText | None = None


def explained(words: Sequence[str], codes: Codes, texts: Texts) -> tuple[Explained, ...]:
    """Every code of the words, in their order: CO-50, 50, N115, PR, CO-50/N115, `status 22`, and of a report A3:187 or `status A3`."""
    found = []
    kind = ""
    for word in filter(None, re.split(r"[\s,;/]+", " ".join(words))):
        if word.casefold() in WORDS:
            kind = WORDS[word.casefold()]
            continue
        for at, code in _asked(word, kind, codes):
            found.append(_one(at, code, codes, texts))
        kind = ""
    return tuple(dict.fromkeys(found))


def _asked(word: str, kind: str, codes: Codes) -> Iterator[tuple[str, str]]:
    """The codes in one word with the list each is of."""
    text = word.upper()
    whole = _WHOLE.fullmatch(text)
    if _REPORTED.fullmatch(text) or (kind == "status" and _of_report(text, codes)):
        yield "category", text
    elif kind:
        yield kind, plain(text)
    elif whole:
        yield "group", whole[1]
        yield "carc", plain(whole[2])
    else:
        code = plain(text)
        only_status = not codes.carc(code).known and codes.status(code).meaning != UNKNOWN_CODE
        yield "status" if only_status else kind_of(code), code


def _of_report(code: str, codes: Codes) -> bool:
    """Whether a status is one of a report, and none of a remittance."""
    return codes.status(plain(code)).meaning == UNKNOWN_CODE and claimstatus.category(code).meaning != UNKNOWN_CATEGORY


def _one(kind: str, code: str, codes: Codes, texts: Texts) -> Explained:
    office = texts.get((kind, code))
    if kind == "group":
        return Explained(kind=kind, code=code, known=code in codes.groups, meaning=codes.group(code), office=office)
    if kind == "category":
        told = claimstatus.category(code.partition(":")[0])
        return Explained(kind=kind, code=code, known=told.meaning != UNKNOWN_CATEGORY, meaning=told.meaning, office=office)
    if kind == "status":
        status = codes.status(code)
        return Explained(kind=kind, code=code, known=status.meaning != UNKNOWN_CODE, meaning=status.meaning, office=office)
    one = codes.rarc(code) if kind == "rarc" else codes.carc(code)
    return Explained(
        kind=kind,
        code=code,
        known=one.known,
        meaning=one.meaning,
        category=one.category if one.known else "",
        path=one.path if one.known else "",
        staff=one.staff,
        routine=kind == "carc" and codes.is_routine(code),
        also="status" if kind == "carc" and codes.status(code).meaning != UNKNOWN_CODE else "",
        office=office,
    )
