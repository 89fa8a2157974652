"""A copy of a patient's trail as a table: RFC 4180, one row an entry, and no cell that a spreadsheet would run.

The header comes first, so that columns can be filtered; what the copy is, its statement and its head come last.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from appeals import redaction, show, trail_words
from appeals.copies import Copy, Shown
from appeals.record import Json

BOM = "\ufeff"  # by it Excel knows UTF-8
COLUMNS = (
    "entry", "on", "recorded_at", "by", "for", "case", "kind", "what", "reason", "purpose", "told", "changes", "clocks", "documents",
    "leaf",
)  # fmt: skip
BEGINS = frozenset("=+-@")
# Where a list separator of another locale (`;`) parts the line, a piece of a cell becomes a cell of its own.
PARTED = re.compile(r"([;|])(\s*)(?=\S)")


def lines(copy: Copy) -> Iterator[str]:
    """The file, line by line with its line ends; the first begins with a byte order mark."""
    yield BOM + line(COLUMNS)
    numbers = trail_words.numbers(copy)
    for entry in copy.entries:
        yield line(_row(entry, numbers))
    for name, said in _about(copy):
        yield line([said if column == "what" else name if column == "entry" else "" for column in COLUMNS])


def line(cells: Sequence[str]) -> str:
    """One row, every cell quoted, with its line end."""
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([cell(each) for each in cells])
    return out.getvalue()


def cell(words: str) -> str:
    """A cell that is only ever read: what a spreadsheet would take for a formula begins with an apostrophe."""
    safe = PARTED.sub(lambda found: found[1] + found[2] + ("'" if _runs(words[found.end() :]) else ""), words)
    return show.text(f"'{safe}" if _runs(words) else safe)


def _runs(words: str) -> bool:
    """Whether a spreadsheet could take it for a formula: `=`, `+`, `-` or `@` in any width, also after blanks, or a tab or return."""
    bare = words.lstrip()
    return words[:1] in ("\t", "\r", "\n") or (bool(bare) and unicodedata.normalize("NFKC", bare[0])[:1] in BEGINS)


def _row(entry: Shown, numbers: Mapping[str, str]) -> list[str]:
    told = entry.told
    case = told["case"] or ""
    return [
        str(entry.seq),
        told["on"],
        told["recorded_at"],
        told["actor"],
        told["acting_for"],
        numbers.get(case, case),
        told["kind"],
        trail_words.happened(told),
        told["reason"],
        told["purpose"],
        "; ".join(f"{name}: {held}" for name, held in trail_words.facts(told)),
        "; ".join(f"{name}: {before} -> {after}" for name, before, after in trail_words.changes(told)),
        "; ".join(_clock(clock) for clock in told["clocks"]),
        "; ".join(f"{what} {digest}" for what, digest in trail_words.papers(told)),
        entry.leaf,
    ]


def _clock(clock: Mapping[str, Json]) -> str:
    """A clock as it stood: its name, how it stands, its date and citation, and what is not certain about it."""
    doubts = f"{', candidate' if clock['candidate'] else ''}{'' if clock['verified'] else ', UNVERIFIED'}"
    due = clock["due_at"] or clock["legal_due"] or clock["target_due"] or clock["work_by"]
    cite = f" ({clock['cite']})" if clock["cite"] else ""
    return f"{trail_words.clock_name(clock)}: {clock['status']}, due {due}, work by {clock['work_by']}{doubts}{cite}"


def _about(copy: Copy) -> Iterator[tuple[str, str]]:
    """What the copy is, in rows of its own at the end."""
    if copy.practice.sandbox:
        yield "sandbox", "SANDBOX: nothing here is real"
    yield "practice", copy.practice.name
    yield "patient", redaction.WITHHELD if copy.redacted else copy.patient_name
    yield "patient id", copy.patient
    yield "holds", trail_words.scope(copy)
    if copy.redacted:
        yield "left out", f"{redaction.WITHHELD} stands for {redaction.LEFT_OUT}"
    yield "exported", f"{copy.exported_on} by {copy.exported_by}"
    yield from ((name, said) for name, said in (("purpose", copy.purpose), ("recipient", copy.recipient)) if said)
    yield "statement", copy.statement
    yield "head", copy.head
