"""Reads one cell of a CSV file by the form its mapping declares: a date, an amount, a text. None is "not in that form"; never a guess."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from appeals import fields as f

LONGEST = 300  # characters of a name or number; the command line takes no more either
_SEEN = "\t\n\r\u200c\u200d"  # Persian and Indic scripts are written with joiners
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TOKENS = {
    "YYYY": r"(?P<year>(?:19|20)[0-9]{2})", "MON": rf"(?P<name>{'|'.join(_MONTHS)})", "MM": r"(?P<month>[0-9]{2})",
    "DD": r"(?P<day>[0-9]{2})", "M": r"(?P<month>[0-9]{1,2})", "D": r"(?P<day>[0-9]{1,2})",
    "hh": "[0-9]{1,2}", "mm": "[0-9]{2}", "ss": r"[0-9]{2}(?:\.[0-9]+)?",
}  # fmt: skip
_TOKEN = re.compile("|".join(_TOKENS))
_PROBES = (date(2026, 3, 4), date(2026, 4, 3), date(2011, 12, 10))  # days that two readings of one text would tell apart
_MOST_DIGITS = 15  # a thousand times the money there is
NEGATIVE = ("minus", "parentheses", "trailing_minus")


@dataclass(frozen=True, slots=True)
class DateForm:
    """One way a file writes its dates, for example MM/DD/YYYY; the time of day behind a date is passed over."""

    words: str
    pattern: re.Pattern[str]

    def day(self, text: str) -> date | None:
        """The day of a text in this form; None where it is in another or the calendar has no such day."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        month = _MONTHS.index(parts["name"].upper()) + 1 if parts.get("name") else int(parts["month"])
        try:
            return date(int(parts["year"]), month, int(parts["day"]))
        except ValueError:
            return None

    def written(self, day: date) -> str:
        """A day in this form."""
        told = {
            "YYYY": f"{day.year:04d}", "MON": _MONTHS[day.month - 1], "MM": f"{day.month:02d}", "DD": f"{day.day:02d}",
            "M": str(day.month), "D": str(day.day), "hh": "00", "mm": "00", "ss": "00",
        }  # fmt: skip
        return _TOKEN.sub(lambda token: told[token[0]], self.words)


def date_form(value: object) -> DateForm:
    """A form of dates out of a mapping. Raises Wrong."""
    words = f.text(value)
    tokens = _TOKEN.findall(words)
    named = [{"MON": "month", "MM": "month", "M": "month", "DD": "day", "D": "day", "YYYY": "year"}.get(token) for token in tokens]
    if any(named.count(part) != 1 for part in ("year", "month", "day")):
        raise f.Wrong(f"{words!r} must have YYYY, one of MM, M, MON and one of DD, D; a year of two figures is never guessed")
    if re.search(r"[0-9A-Za-z]", _TOKEN.sub("", words).replace("T", "")):
        raise f.Wrong(f"{words!r} has letters that are no part of a date: use YYYY MM M MON DD D hh mm ss")
    at, pattern = 0, ""
    for token in _TOKEN.finditer(words):
        pattern += re.escape(words[at : token.start()]) + _TOKENS[token[0]]
        at = token.end()
    return DateForm(words, re.compile(pattern + re.escape(words[at:]), re.IGNORECASE | re.ASCII))


def date_forms(value: object) -> tuple[DateForm, ...]:
    """Every form a mapping declares. Raises Wrong: two of them would read one text as two days."""
    found: tuple[DateForm, ...] = f.some(date_form)(value)
    for one in found:
        for other in found:
            if any(other.day(one.written(day)) not in (None, day) for day in _PROBES):
                raise f.Wrong(f"{one.words!r} and {other.words!r} read one text as two days: declare the one the file has")
    return found


@lru_cache(maxsize=1 << 12)
def day_of(forms: tuple[DateForm, ...], text: str) -> date | None:
    """The day of a text by the first form it is in. Cached: a file says the same days over and over."""
    return next((day for form in forms if (day := form.day(text))), None)


@dataclass(frozen=True, kw_only=True)
class MoneyForm:
    """How a file writes amounts. `blank` says what an empty cell is: zero, or missing."""

    decimal: str
    thousands: str
    currency: tuple[str, ...]
    negative: tuple[str, ...]
    blank: str

    @property
    def words(self) -> str:
        """An amount in this form, for a message."""
        return f"1{self.thousands}234{self.decimal}56"

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        whole = r"[0-9]+" + (rf"|[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+" if self.thousands else "")
        sign = f"(?:{'|'.join(re.escape(each) for each in self.currency)})?" if self.currency else ""
        body = rf"(?P<whole>{whole})?(?:{re.escape(self.decimal)}(?P<rest>[0-9]{{1,2}}))?"
        return re.compile(rf"{sign} ?(?P<minus>-?) ?{sign} ?{body} ?{sign}(?P<trailing>-?)", re.ASCII)

    def cents(self, text: str) -> int | None:
        """The amount in cents; None for anything that is not in this form, a third decimal and an empty text too."""
        inner, negative = text, False
        if "parentheses" in self.negative and text.startswith("(") and text.endswith(")"):
            inner, negative = text[1:-1], True
        found = self._pattern.fullmatch(inner)
        if found is None or not (found["whole"] or found["rest"]):
            return None
        for part, style in (("minus", "minus"), ("trailing", "trailing_minus")):
            if found[part]:
                if negative or style not in self.negative:
                    return None
                negative = True
        digits = re.sub(r"[^0-9]", "", found["whole"] or "0")
        if len(digits) > _MOST_DIGITS:
            return None
        amount = int(digits + (found["rest"] or "").ljust(2, "0"))
        return -amount if negative else amount


def words(cell: str) -> str:
    """A cell without blanks around it, inner blanks as one; formulas stay the text they are."""
    return " ".join(cell.split())


def unfit(cell: str) -> str:
    """Why a cell cannot be kept as a name or number; "" where it can."""
    if len(cell) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if cell.isprintable():
        return ""
    if "\n" in cell.strip() or "\r" in cell.strip():
        return "holds a line break"
    return "holds a character nobody can see" if hidden(cell) else ""


def hidden(cell: str) -> bool:
    """Whether a cell holds a character that nobody can see, line ends and tabs aside."""
    return any(unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp") and each not in _SEEN for each in cell.strip())
