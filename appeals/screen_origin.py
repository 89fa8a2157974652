"""What `intake trace` and `intake original` print: files by their hash, places by their number, never a file's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from appeals import show
from appeals.record import IntakeFile
from appeals.screens import Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.tracing import Trace, Traced

SHORT = 12
STATES = {
    "not kept": "its bytes were not kept: it was taken in by an older program",
    "damaged": "DAMAGED: its kept bytes are not those that were taken in; restore a backup, then `appeals doctor`",
}


def traced(found: Trace) -> Screen:
    """Each claim of each file that said something of a case, and what stands there. Exit 3 with a damaged file."""
    number = found.situation.case.number
    lines = [line for each in found.places for line in _traced_lines(each)]
    lines = lines or [f"No file that was taken in says anything of {number}."]
    bad = any(each.state == "damaged" for each in found.places)
    data = {"case": number, "places": [_traced_json(each) for each in found.places]}
    return Screen(command="intake trace", data=data, lines=lines, code=3 if bad else 0)


def _traced_lines(each: Traced) -> Iterator[str]:
    file, entry = each.file, each.entry
    yield f"{file.kind} {file.sha256[:SHORT]}, taken in on {file.taken_on} by {file.taken_by}: {each.place} {entry.segment}"
    reason = f", {show.text(entry.reason)}" if entry.reason else ""
    money = f"charge {show.money(entry.charge_cents)}, paid {show.money(entry.paid_cents)}, denied {show.money(entry.denied_cents)}"
    yield f"  {entry.fate}{reason}: {money}; trace {show.text(entry.trace) or '-'}"
    for made in each.made:
        yield f"  {made.table.replace('_', ' ')}: {show.text(made.words)}{f' ({each.place} {made.at})' if made.at else ''}"
    for at, text in each.said:
        yield f"  {at:>8}  {show.text(text)}"
    if each.state in STATES:
        yield f"  {STATES[each.state]}"
    elif not each.said:
        yield f"  `appeals intake original {file.sha256[:SHORT]} --out FILE` writes the whole file."


def _traced_json(each: Traced) -> dict[str, Any]:
    file, entry = each.file, each.entry
    return {
        "sha256": file.sha256,
        "kind": file.kind,
        "taken_on": file.taken_on,
        "taken_by": file.taken_by,
        "original": each.state,
        "place": each.place,
        "number": entry.segment,
        "fate": entry.fate,
        "reason": entry.reason,
        "trace": entry.trace,
        "charge_cents": entry.charge_cents,
        "paid_cents": entry.paid_cents,
        "denied_cents": entry.denied_cents,
        "said": [{"number": at, "text": text} for at, text in each.said],
        "made": [{"table": made.table, "words": made.words, "number": made.at or entry.segment} for made in each.made],
    }


def original(file: IntakeFile, state: str, out: str) -> Screen:
    """Where the bytes of a file were written; exit 3 where they were not, because they are damaged or were never kept."""
    told = f"{file.kind} {file.sha256[:SHORT]}, taken in on {file.taken_on} by {file.taken_by}"
    line = f"{told}: {STATES[state]}; nothing was written" if state in STATES else f"{told}: {file.size} bytes written to {show.text(out)}"
    data = {"sha256": file.sha256, "kind": file.kind, "size": file.size, "taken_on": file.taken_on, "taken_by": file.taken_by}
    data |= {"original": state, "file": "" if state in STATES else out}
    return Screen(command="intake original", data=data, lines=[line], code=3 if state in STATES else 0)
