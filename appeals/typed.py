"""Dates, money and words as people type them; nothing is guessed, and what was typed is never repeated in an error."""

from __future__ import annotations

import re
from datetime import date, timedelta

from appeals.errors import ImpossibleValue

ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
US = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
AGO = re.compile(r"-([0-9]{1,6})d")
MONEY = re.compile(r"\$?([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?")
FIRST_YEAR = 1900
LAST_YEAR = 2199
LARGEST_CENTS = 9_999_999_999
DATE_HINT = "Type a date as 2026-11-23, 11/23/2026 (four-digit year), today, yesterday or -3d (three days ago)."
MONEY_HINT = "Type US dollars as 1234.5, 1,234.50 or $1,234.50, up to $99,999,999.99; never negative, never thirds of a cent."


def words(text: str) -> str:
    """Text as it is kept: without blanks around it, and with what is no Unicode (a file name's odd bytes) replaced."""
    return text.encode("utf-8", "replace").decode().strip()


def day(text: str, *, today: date) -> date:
    """The date somebody typed.

    Raises:
        ImpossibleValue: it is in no accepted form, the calendar has no such day, or its year cannot be meant.
    """
    words = text.strip().lower()
    if words in ("today", "yesterday"):
        return today - timedelta(days=words == "yesterday")
    try:
        if ago := AGO.fullmatch(words):
            found = today - timedelta(days=int(ago[1]))
        elif iso := ISO.fullmatch(words):
            found = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif us := US.fullmatch(words):
            found = date(int(us[3]), int(us[1]), int(us[2]))
        else:
            raise ImpossibleValue("This is not a date in an accepted form.", DATE_HINT)
    except (ValueError, OverflowError) as error:
        raise ImpossibleValue("The calendar has no such date.", DATE_HINT) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ImpossibleValue(f"A date in the year {found.year} cannot be meant.", DATE_HINT)
    return found


def cents(text: str) -> int:
    """The amount somebody typed, in cents of US dollars.

    Raises:
        ImpossibleValue: it is in no accepted form, or larger than any claim.
    """
    found = MONEY.fullmatch(text.strip())
    if found is None:
        raise ImpossibleValue("This is not an amount in an accepted form.", MONEY_HINT)
    dollars, rest = found[1].replace(",", ""), (found[2] or "").ljust(2, "0")
    if len(dollars.lstrip("0")) > len(str(LARGEST_CENTS)) or (amount := int(dollars + rest)) > LARGEST_CENTS:
        raise ImpossibleValue("This amount is larger than any claim.", MONEY_HINT)
    return amount
