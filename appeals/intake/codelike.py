"""What looks like a code may be shown; text that stands where a code belongs may be a patient's name, and is not given out."""

from __future__ import annotations

import re
from functools import lru_cache

UNREADABLE = "?"  # what is shown instead
IS_TEXT = f"text stands where a code belongs: it is shown as {UNREADABLE}, the file that is kept has it"
_GROUP = re.compile(r"[A-Za-z]{2}")
_CODE = re.compile(r"[A-Za-z0-9]{1,2}|[A-Za-z]{0,2}[0-9]{1,4}")
_STATUS = re.compile(r"[0-9]{1,2}")
_SHORT = re.compile(r"[A-Za-z0-9]{1,3}")
_PROCEDURE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9.-]{0,14}")
_OWN = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._-]{0,11}")
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1 << 12)
def _shown(form: re.Pattern[str], text: str) -> str:
    return text if not text or form.fullmatch(text) else UNREADABLE


def group(text: str) -> str:
    """A group code (CAS01): two letters."""
    return _shown(_GROUP, text)


def code(text: str) -> str:
    """An adjustment reason, a remark or the code of a 277: 50, A1, N115, MA130."""
    return _shown(_CODE, text)


def status(text: str) -> str:
    """The status of a claim (CLP02): one or two figures."""
    return _shown(_STATUS, text)


def short(text: str) -> str:
    """A qualifier, a frequency, a category: no more than three letters and figures."""
    return _shown(_SHORT, text)


def procedure(text: str) -> str:
    """A procedure, revenue or diagnosis code, or the number of a drug: letters and figures without blanks."""
    return _shown(_PROCEDURE, text)


def own(text: str) -> str:
    """A payer's code of its own: it has a figure, and no blank."""
    return _shown(_OWN, text)


def number(text: str) -> str:
    """A claim or batch number as a list may show it: one without a figure, or with two words in it, may be a name."""
    words = [word for word in re.split(r"[^\w]+", text) if _WORD.fullmatch(word)]
    return text if not text or (len(words) < 2 and any(letter.isdecimal() for letter in text)) else UNREADABLE
