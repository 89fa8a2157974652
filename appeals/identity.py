"""Who is who: the normalised names that patients and payers go by. Never merges two people by guess."""

from __future__ import annotations

import re
import unicodedata

PADDED = 12  # figures a number is filled up to with zeros


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


def spellings(number: str) -> tuple[str, ...]:
    """How a number may be written otherwise: spreadsheets and payers drop or add leading zeros, and drop blanks. Never evidence alone."""
    key = number_key(number)
    bare = "".join(key.split()).lstrip("0")
    written = (bare.zfill(length) for length in range(len(bare), PADDED + 1)) if bare.isdigit() else (bare,)
    return tuple(dict.fromkeys(each for each in (*written, bare) if each and each != key))


def may_be_one(name: str, other: str) -> bool:
    """Whether two names may be one person's: every part of the shorter stands in the longer (a middle name left out).

    Payers leave out what is no letter: `O'Brien` is `OBRIEN`, `De la Cruz` is `DELACRUZ`.
    """
    key, other_key = name_key(name), name_key(other)
    parts, others = set(key.split()), set(other_key.split())
    return parts <= others or others <= parts or key.replace(" ", "") == other_key.replace(" ", "")


def share_a_part(name: str, other: str) -> bool:
    """Whether two names have a part in common: a record number outlives a married name, not a whole other one."""
    return bool(set(name_key(name).split()) & set(name_key(other).split()))
