"""Names as parts of file names: of characters every share, cron and systemd take, and never one for two."""

from __future__ import annotations

import re
from hashlib import sha256

LONGEST = 40
TAIL = 8  # hexadecimal digits enough to tell the names of a folder apart
OF_ACCOUNT = re.compile(r"[^a-z0-9._-]+")
OF_PRACTICE = re.compile(r"[^a-z0-9-]+")  # cron passes over a file with a dot


def account(name: str) -> str:
    """The part an account is."""
    safe = OF_ACCOUNT.sub("_", name.lower())[:LONGEST]
    return safe if safe == name else _told_apart(safe, name)


def practice(name: str) -> str:
    """The part a practice is: no two are called the same but for upper and lower case."""
    known = name.casefold()
    safe = OF_PRACTICE.sub("_", known)[:LONGEST]
    return safe if safe == known.replace(" ", "_") and "_" not in known else _told_apart(safe, known)


def _told_apart(safe: str, name: str) -> str:
    return f"{safe}-{sha256(name.encode()).hexdigest()[:TAIL]}"
