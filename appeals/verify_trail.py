#!/usr/bin/env python3
"""Verify an exported trail (appeals-trail/1) with Python 3.10 or newer alone: python3 verify_trail.py FILE [HEAD LINE, or a file with one].

It checks every entry, proof and count, and counts every deadline again from what was recorded about it. docs/audit-format.md describes the
format and each rule: whoever does not trust this file can write another from that page alone. Exit 0: whole. Exit 1: it is not.
"""

from __future__ import annotations

import json
import os.path
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

LINE = "{0[log]} {0[size]} {0[root]} {0[recorded_at]}"
DATES = ("start_date", "start_at", "raw_due", "legal_due", "safe_due", "printed_due", "target_due", "work_by", "due_at")
DAY, FRIDAY, MONTHS, UTC = timedelta(days=1), 4, {"calendar_months": 1, "years": 12}, timezone(timedelta())
LONGEST, MOST_STEPS, MOST_DAYS = 20_000, 50, 3_000  # characters and steps of one deadline, business days of one step
ASKED = ("upto", "practice_name", "case", "from", "to", "redacted")
HEADER = {
    "schema", "head", "log", "size", "root", "recorded_at", "patient", "practice", "sandbox", "exported_on", "entries", "of", "statement",
    "since", *ASKED,
}  # fmt: skip
ENTRY = {"seq", "leaf", "proof", "text", "shown"}


def read(text: str | bytes) -> Any:
    """JSON in which every number is whole: no other is ever recorded."""
    return json.loads(text, parse_float=int, parse_constant=int)  # a ValueError where it is none


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    last, found = size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            found = node(sibling, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node(found, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, section 2.1.4.2."""
    if old == new or not 0 < old < new:
        return old == new and not proof and old_root == new_root
    nodes, here, last = proof if old & (old - 1) else [old_root, *proof], old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            first, second = node(sibling, first), node(sibling, second)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            second = node(second, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def check(lines: list[bytes], kept: str = "") -> Iterator[str]:
    """Every difference, as text; none: the file is what the log held."""
    values = [read(line) for line in lines]
    header, entries, seal = values[0], values[1:-1], values[-1]
    if any(
        json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n" != line for value, line in zip(values, lines, strict=True)
    ):
        yield "a line is not written as an export writes it"
    if header.keys() != HEADER or any(entry.keys() != ENTRY for entry in entries):
        yield "a line has other keys than an export writes"
    if header["schema"] != "appeals-trail/1" or any(type(header[name]) is not int for name in ("size", "entries", "of", "upto")):
        yield "this is no appeals-trail/1"
    if seal != {"entries": len(entries), "sha256": sha256(b"".join(lines[:-1])).hexdigest()} or type(seal["entries"]) is not int:
        yield "the seal does not fit: something was changed or cut off"
    seq = count = 0
    for entry in entries:
        told = entry["shown"] if entry["text"] is None else read(entry["text"])
        found = [*alone(entry, told, header), *(wrong for clock in told["clocks"] for wrong in recounted(clock))]
        narrow = header["case"] or header["from"] or header["to"]
        if entry["seq"] <= seq or told["patient_seq"] <= count or (told["patient_seq"] > count + 1 and not narrow):
            found.append(f"it does not follow this patient's entry {count}")
        fits = header["case"] in (None, told["case"]) and (header["from"] or "") <= told["on"] <= (header["to"] or "9")
        if not fits and entry is not entries[-1]:
            found.append("it is not one of those that were asked for")
        yield from (f"entry {entry['seq']}: {wrong}" for wrong in found)
        seq, count = entry["seq"], told["patient_seq"]
    yield from claims(header, entries)
    yield from outside(header, kept.split())


def alone(entry: dict[str, Any], told: dict[str, Any], header: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an entry by itself."""
    text, proof = entry["text"], [bytes.fromhex(each) for each in entry["proof"]]
    leaf = bytes.fromhex(entry["leaf"]) if text is None else sha256(b"\0" + text.encode("utf-8", "replace")).digest()
    if leaf.hex() != entry["leaf"] or (text is None) != (entry["shown"] is not None) or (text is None and not header["redacted"]):
        yield "its text is not the one that was hashed"
    if text is not None and json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) != text:
        yield "its text is not written in the one way an entry is: two readers might read two things"
    if type(entry["seq"]) is not int or not 0 < entry["seq"] <= header["size"]:
        yield "the log has no such entry"
    if not included(leaf, entry["seq"] - 1, header["size"], proof, bytes.fromhex(header["root"])):
        yield "its proof does not lead to the root"
    same = {"v": 1, "seq": entry["seq"]} | {name: header[name] for name in ("log", "patient", "practice", "sandbox")}
    if {name: told.get(name) for name in same} != same:
        yield "its text is of another log, place, patient or practice"


def claims(header: dict[str, Any], entries: list[dict[str, Any]]) -> Iterator[str]:
    """What the header says, held against the last entry: the one that the export wrote of itself."""
    last = read(entries[-1]["text"] or "{}") if entries else {}
    facts, size = last.get("facts", {}), header["size"]
    said = {name: facts.get(name) for name in ASKED} | {"of": last.get("patient_seq"), "entries": len(entries)}
    said |= {"exported_on": last.get("on"), "recorded_at": last.get("recorded_at"), "size": entries[-1]["seq"] if entries else 0}
    counted = sum(entry["seq"] <= header["upto"] for entry in entries)
    own = last.get("kind"), last.get("name"), facts.get("format"), facts.get("entries")
    if own != ("export", "audit export", "jsonl", counted) or any(header[name] != value for name, value in said.items()):
        yield "the header does not say what the export's own entry says: something is missing or was cut off"
    held = f"{len(entries)} entries" if len(entries) == header["of"] else f"{len(entries)} of {header['of']} entries"
    if header["statement"] != f"{held} for this patient, log {header['log']}, size {size}, root {header['root']}":
        yield "the statement does not say what the header says"
    if header["head"] != LINE.format(header):
        yield "the head line does not say what the header says"


def outside(header: dict[str, Any], kept: list[str]) -> Iterator[str]:
    """What speaks against the older head in the file, and against the head line that was kept elsewhere."""
    known, since = {str(header["size"]): header["root"]}, header["since"]
    if since is not None:
        proof, old, new = [bytes.fromhex(each) for each in since["proof"]], bytes.fromhex(since["root"]), bytes.fromhex(header["root"])
        known[str(since["size"])] = since["root"]
        if not consistent(since["size"], header["size"], proof, old, new):
            yield "the log does not go on from the older head"
    if kept and [header["log"], known.get(kept[1])] != [kept[0], kept[2]]:
        yield "the head line kept elsewhere is of another log, of another size, or the log was changed"


def recounted(clock: dict[str, Any]) -> Iterator[str]:
    """Which dates of a deadline do not follow from the steps that were recorded with it (docs/clocks.md, "Derived again")."""
    kind, text, given = clock.get("kind"), str(clock.get("derivation")), dict[str, Any]()
    try:
        if not text:
            return  # the clock is older than the steps: there is nothing to count from
        kept = json.loads(text[:LONGEST])
        closed = {name: {date.fromisoformat(day) for day in days} for name, days in kept["closed"].items()}
        at = None
        for step in kept["steps"] if len(kept["steps"]) <= MOST_STEPS else ():
            at = taken(at, step, given, closed)
            given.update(dict.fromkeys(step.get("gives", ()), at))
        found = {name: written(name, given[name]) for name in DATES if name in given or name == "work_by"}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        yield f"clock {kind}: its steps cannot be taken again"
    else:
        yield from (f"clock {kind}: its {name} does not follow from its steps" for name in DATES if clock.get(name) != found.get(name))


def written(name: str, at: Any) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if name.endswith("_at") else str(day_of(at))


def day_of(at: Any) -> Any:
    return at.date() if isinstance(at, datetime) else at


def named(step: dict[str, Any], given: dict[str, Any]) -> Any:
    if "of" in step:
        return given[step["of"]]
    if "at" not in step:
        return date.fromisoformat(step["on"])
    at: Any = datetime.fromisoformat(step["at"])
    return at.replace(tzinfo=timezone(at.utcoffset()))  # without an offset it is no instant, and a TypeError


def taken(at: Any, step: dict[str, Any], given: dict[str, Any], closed: dict[str, set[date]]) -> Any:
    """Where one step leads from `at`, a day or an instant."""
    what, day = step["do"], day_of(at)
    if what == "start":
        return named(step, given)
    if what == "add":
        return added(at, step, closed)
    if what == "pause":
        return day + (date.fromisoformat(step["to"]) - date.fromisoformat(step["from"]))
    if what == "time":
        return datetime.combine(day, time.fromisoformat(step["at"]), offset(step))
    if what in ("roll", "back"):
        shut = closed[step["calendar"]]
        while day.weekday() > FRIDAY or day in shut:
            day += DAY if what == "roll" else -DAY
        return day
    other = named(step, given)
    if what not in ("later", "earlier"):
        raise ValueError(what)
    return other if (day_of(other) >= day if what == "later" else day_of(other) < day) else at


def added(at: Any, step: dict[str, Any], closed: dict[str, set[date]]) -> Any:
    """A length after `at`; before it, where it is negative."""
    length, unit, day, first = step["length"], step["unit"], day_of(at), step.get("first", False)
    if type(length) is not int or type(first) is not bool:
        raise ValueError(length)
    if unit == "hours":
        return (at.astimezone(UTC) + timedelta(hours=length)).astimezone(offset(step))
    if unit == "calendar_days":
        day += timedelta(days=length - first)
        return datetime.combine(day, at.time(), offset(step)) if "offset" in step else day
    if unit == "business_days" and abs(length) <= MOST_DAYS:
        return business_day(day, length, first, closed[step["calendar"]])
    if unit == "year_ends":
        return day.replace(year=day.year + length, month=12, day=31)
    if unit in MONTHS:
        return month_day(day, length * MONTHS[unit], step.get("missing")) - DAY * first
    raise ValueError(unit)


def business_day(day: date, length: int, first: bool, shut: set[date]) -> date:
    left, way = abs(length), DAY if length > 0 else -DAY
    left -= left > 0 and first and day.weekday() <= FRIDAY and day not in shut
    while left:
        day += way
        left -= day.weekday() <= FRIDAY and day not in shut
    return day


def month_day(day: date, months: int, missing: Any) -> date:
    """The same day number so many months later, or what stands in for it in a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        after = date(year, month + 2, 1)  # no December: every month without a day is followed by one of its year
        return {"clamp": after - DAY, "first_of_next_month": after}[missing]


def offset(step: dict[str, Any]) -> Any:
    return datetime.strptime(step["offset"], "%z").tzinfo


def findings(lines: list[bytes], kept: str = "") -> list[str]:
    """The same as a list; what cannot even be read is a finding."""
    found: list[str] = []
    try:
        found.extend(check(lines, kept))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        found.append(f"it cannot be read ({type(error).__name__}): it is damaged or cut off, or no appeals-trail/1")
    return found


def head_of(words: str) -> str:
    """The head line in what was given: the line itself, or a file that holds one; "" where there is none."""
    text = Path(words).read_text("utf-8", "replace") if os.path.isfile(words) else words  # noqa: PTH113 - too long a name is none
    found = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\s+[0-9]+\s+[0-9a-f]{64}\s+\S+Z", text)
    return " ".join(found[-1].split()) if found else ""


def stated(lines: list[bytes]) -> Iterator[str]:
    """What a file without a difference shows, and what it does not."""
    header, entries = read(lines[0]), [read(line) for line in lines[1:-1]]
    clocks = [clock for entry in entries for clock in (entry["shown"] or read(entry["text"]))["clocks"]]
    uncounted = sum(clock["derivation"] == "" for clock in clocks)
    yield "Whole: every entry, proof, count and date agrees."
    yield f"{header['statement']}; {len(clocks) - uncounted} deadlines counted again, {uncounted} recorded without their steps."
    if withheld := sum(entry["text"] is None for entry in entries):
        yield f"Redacted: of {withheld} entries only a place in the log is proven; what is shown of them, and whose they are, is not."
    yield f"Compare with a head kept elsewhere, if you gave none: {header['head']}"


def main(name: str = "", *words: str) -> int:
    kept = head_of(" ".join(words))
    if not Path(name).is_file() or (words and not kept):
        sys.stderr.write(f"{__doc__}\n{'The second argument holds no head line.' if Path(name).is_file() else 'Name an exported trail.'}\n")
        return 2
    lines = Path(name).read_bytes().splitlines(keepends=True)
    found = findings(lines, kept)
    told = found[:100] or list(stated(lines))
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
