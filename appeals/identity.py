"""Who is who: the normalised names that patients and payers go by. Never merges two people by guess."""

from __future__ import annotations

import re
import unicodedata


def name_key(name: str) -> str:
    """`name` as identity compares it: `Doe, Jane A.` and `JANE A DOE` are one, `Jane Doe` is another."""
    last, comma, first = name.partition(",")
    ordered = f"{first} {last}" if comma else name
    folded = unicodedata.normalize("NFKD", ordered).casefold()
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s]|_", " ", letters).split())


def number_key(number: str) -> str:
    """A member, claim or control number as it is compared: no spaces around, letters in capitals."""
    return number.strip().upper()


def may_be_one(name: str, other: str) -> bool:
    """Whether two names may be one person's: every part of the shorter stands in the longer (a middle name left out)."""
    parts, others = set(name_key(name).split()), set(name_key(other).split())
    return parts <= others or others <= parts


def share_a_part(name: str, other: str) -> bool:
    """Whether two names have a part in common: a record number outlives a married name, not a whole other one."""
    return bool(set(name_key(name).split()) & set(name_key(other).split()))
