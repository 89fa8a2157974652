"""What looks like a code may be shown; text that stands where a code belongs may be a patient's name, and is not given out."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

UNREADABLE = "?"  # what is shown instead
IS_TEXT = f"text stands where a code belongs: it is shown as {UNREADABLE}, the file that is kept has it"
_WORD = re.compile(r"[^\W\d_]+")


def _form(pattern: str) -> Callable[[str], str]:
    """What shows a text of this form, and UNREADABLE instead of any other. Cached: a file says the same codes over and over."""
    form = re.compile(pattern)

    @lru_cache(maxsize=1 << 12)
    def shown(text: str) -> str:
        return text if not text or form.fullmatch(text) else UNREADABLE

    return shown


group = _form(r"[A-Za-z]{2}")  # a group code (CAS01)
code = _form(r"[A-Za-z0-9]{1,2}|[A-Za-z]{0,2}[0-9]{1,4}")  # an adjustment reason, a remark, a code of a 277: 50, A1, N115, MA130
status = _form(r"[0-9]{1,2}")  # of a claim (CLP02)
short = _form(r"[A-Za-z0-9]{1,3}")  # a qualifier, a frequency, a category
procedure = _form(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9.-]{0,14}")  # also a revenue or diagnosis code, and the number of a drug
own = _form(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._-]{0,11}")  # a payer's code of its own


def number(text: str) -> str:
    """A claim or batch number as a list may show it: one without a figure, or with two words in it, may be a name."""
    words = [word for word in re.split(r"[^\w]+", text) if _WORD.fullmatch(word)]
    return text if not text or (len(words) < 2 and any(letter.isdecimal() for letter in text)) else UNREADABLE
