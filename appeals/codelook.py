"""What somebody asks about a code, in whatever form it stands on paper, and everything that is known of it. Never refuses a code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appeals.codes import UNKNOWN_CODE, Codes
from appeals.officetexts import OfficeText, Texts, kind_of, plain

WORDS = {
    "status": "status", "group": "group", "carc": "carc", "reason": "carc", "adjustment": "carc", "rarc": "rarc", "remark": "rarc",
}  # fmt: skip
_WHOLE = re.compile(r"(CO|PR|OA|PI|CR)[- ]?([A-Z]?[0-9]{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One code with what is known of it. `kind` is carc, rarc, group or status; `known` says whether our own table has it.

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
    """Every code of the words, in their order: CO-50, 50, N115, PR, CO-50/N115, and `status 22`."""
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
    if kind:
        yield kind, plain(text)
    elif whole:
        yield "group", whole[1]
        yield "carc", plain(whole[2])
    else:
        code = plain(text)
        only_status = not codes.carc(code).known and codes.status(code).meaning != UNKNOWN_CODE
        yield "status" if only_status else kind_of(code), code


def _one(kind: str, code: str, codes: Codes, texts: Texts) -> Explained:
    office = texts.get((kind, code))
    if kind == "group":
        return Explained(kind=kind, code=code, known=code in codes.groups, meaning=codes.group(code), office=office)
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
