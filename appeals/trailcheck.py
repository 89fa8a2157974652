"""Checking an exported trail by itself: no database, no trust in whoever wrote it. Every difference is a finding.

The rules stand in `docs/audit-format.md`; `verify_trail.py` checks the same in one file, for somebody without this program.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, BinaryIO

from appeals import derivation, heads, trail, trailclaims
from appeals.audit import HASH, KEYS, VERSION, leaf, verify_inclusion
from appeals.errors import FileRefused
from appeals.record import Head
from appeals.trailclaims import Own

LONGEST = 16 << 20  # bytes of a line
MARK = b'"schema":"appeals-trail/'
WHICH = "Only the JSON Lines copy can be verified: `appeals audit export --format jsonl`."
ENOUGH = 100  # findings: whoever brings a foreign file need not read a million of them
SHAPES: dict[str, dict[str, tuple[type, ...]]] = {
    "header": {
        **dict.fromkeys(("schema", "head", "log", "root", "recorded_at", "patient", "practice"), (str,)),
        **dict.fromkeys(("practice_name", "exported_on", "statement"), (str,)),
        **dict.fromkeys(("size", "entries", "of", "upto"), (int,)),
        **dict.fromkeys(("sandbox", "redacted"), (bool,)),
        **dict.fromkeys(("case", "from", "to"), (str, type(None))),
        "since": (dict, type(None)),
    },
    "entry": {"seq": (int,), "leaf": (str,), "proof": (list,), "text": (str, type(None)), "shown": (dict, type(None))},
    "seal": {"entries": (int,), "sha256": (str,)},
}
NAMED = ("log", "patient", "practice", "sandbox")  # what every entry and the header must agree on


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in an exported file that does not fit: the line, the entry's number in the log if known, and what differs."""

    line: int
    seq: int | None
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a file proved. `kept`: how many heads kept outside vouch for it; without one it only agrees with itself.

    `withheld` is how many entries a redacted copy shows without their text; `clocks` how many deadlines were counted again,
    and `uncounted` how many were recorded without the steps to do so.
    """

    entries: int
    statement: str
    head: str
    redacted: bool
    withheld: int
    clocks: int
    uncounted: int
    kept: int
    findings: tuple[Finding, ...]


def read(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, none longer than an entry can be. Raises FileRefused."""
    while line := stream.readline(LONGEST):
        if len(line) == LONGEST:
            raise FileRefused("It is no exported trail: one line of it is longer than any entry is.", WHICH)
        yield line


def kept(raw: bytes) -> heads.Kept:
    """What a file kept outside holds: head lines, and where it is an exported trail also the leaves of its entries.

    Raises:
        FileRefused: there is no head line in it, or it is an export that is damaged itself.
    """
    found = heads.found(raw)
    if MARK not in raw.partition(b"\n")[0]:
        return heads.Kept(heads=found)
    lines = raw.splitlines(keepends=True)
    if wrong := verify(lines).findings:
        raise FileRefused(f"The export that was kept is damaged itself: {wrong[0]}.", "Take another copy of it, or a head line.")
    entries = (json.loads(line) for line in lines[1:-1])
    return heads.Kept(heads=found, leaves={entry["seq"]: entry["leaf"] for entry in entries})


def verify(lines: Iterable[bytes], kept: Iterable[Head] = ()) -> Verdict:
    """Check an exported file, line by line; a file without a finding is what the log held. `kept` are heads kept outside.

    Give a file opened in binary mode: reading it as text would hide changed line ends.

    Raises:
        FileRefused: it is no exported trail at all, or one of a version this program does not read.
    """
    reading, numbered = _Reading(), enumerate(lines, 1)
    first = next(numbered, (1, b""))[1]
    reading.header = _header(first, reading)
    reading.seal.update(first)
    held = b""  # the line before: whether it is an entry or the seal shows when there is another
    for number, line in numbered:
        if held:
            reading.seal.update(held)
            _take(reading, number - 1, held)
        held = line
    _sealed(reading, held)
    if reading.header is not None:
        own = Own(seq=reading.seq, told=reading.told if reading.text is not None else {})
        kept_by, wrong = trailclaims.judged(reading.header, own, entries=reading.entries, counted=reading.counted, kept=tuple(kept))
        reading.kept = kept_by
        for message in wrong:
            reading.find(message)
    told = reading.header or {}
    return Verdict(
        entries=reading.entries,
        statement=told.get("statement", ""),
        head=told.get("head", ""),
        redacted=told.get("redacted", False),
        withheld=reading.withheld,
        clocks=reading.clocks,
        uncounted=reading.uncounted,
        kept=reading.kept,
        findings=tuple(reading.findings),
    )


@dataclass(slots=True)
class _Reading:
    """How far a file was read, and what the entries so far said."""

    header: Mapping[str, Any] | None = None
    seal: Any = field(default_factory=sha256)
    entries: int = 0
    counted: int = 0  # entries that were there when the export counted them
    withheld: int = 0
    clocks: int = 0
    uncounted: int = 0
    kept: int = 0
    seq: int = 0
    patient_seq: int = 0
    text: str | None = None  # of the newest entry
    told: Mapping[str, Any] = field(default_factory=dict)
    line: int = 1
    findings: list[Finding] = field(default_factory=list)

    def find(self, message: str, *, line: int = 1, seq: int | None = None) -> None:
        if len(self.findings) < ENOUGH:
            self.findings.append(Finding(line=line, seq=seq, message=f"entry {seq}: {message}" if seq is not None else message))


def _header(raw: bytes, reading: _Reading) -> Mapping[str, Any] | None:
    header = _shaped(raw, "header")
    if header is None and MARK not in raw:
        raise FileRefused("It is no exported trail: its first line is not the header of one.", WHICH)
    if header is not None and header["schema"] != trail.SCHEMA:
        raise FileRefused(
            f"It is a trail of another version; this program reads {trail.SCHEMA}.", "Check it with the program that wrote it."
        )
    if header is None:
        reading.find("the header is damaged: it is not written as an export writes it, and nothing can be checked against it")
    return header


def _shaped(raw: bytes, what: str) -> dict[str, Any] | None:
    """A line as its values; None where it is not one of this shape, written in the one way."""
    shape = SHAPES[what]
    try:
        value = json.loads(raw, parse_float=_refused, parse_constant=_refused)
        fits = isinstance(value, dict) and value.keys() == shape.keys() and all(type(value[name]) in shape[name] for name in shape)
        return value if fits and trail.line_of(value).encode() == raw else None
    except (ValueError, RecursionError):
        return None


def _take(reading: _Reading, number: int, raw: bytes) -> None:
    """One entry; that the one before it is not the last has come out now."""
    if reading.entries:
        _in_scope(reading)
    reading.entries += 1
    entry = _shaped(raw, "entry")
    if entry is None:
        reading.find(f"line {number} is damaged: it is not written as an export writes it", line=number)
        reading.told, reading.text, reading.patient_seq, reading.counted = {}, None, reading.patient_seq + 1, reading.counted + 1
        return
    told = _told(entry["text"]) if entry["text"] is not None else entry["shown"] or {}
    for message in () if reading.header is None else (*_misfits(entry, told, reading.header), *_in_order(reading, entry, told)):
        reading.find(message, line=number, seq=entry["seq"])
    for clock in told.get("clocks") or () if isinstance(told.get("clocks"), list) else ():
        amiss = derivation.misfits(clock if isinstance(clock, Mapping) else {})
        reading.uncounted += amiss == derivation.NO_STEPS
        reading.clocks += amiss != derivation.NO_STEPS
        for message in _counted_wrong(clock, amiss):
            reading.find(message, line=number, seq=entry["seq"])
    count = told.get("patient_seq")
    reading.seq, reading.patient_seq = entry["seq"], count if isinstance(count, int) else reading.patient_seq + 1
    reading.told, reading.text, reading.line = told, entry["text"], number
    reading.withheld += entry["text"] is None
    reading.counted += reading.header is not None and entry["seq"] <= reading.header["upto"]


def _misfits(entry: Mapping[str, Any], told: Mapping[str, Any], header: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an entry by itself."""
    if (entry["text"] is None) == (entry["shown"] is None):
        yield "it has both its text and what is left of it, or neither"
    if entry["text"] is None and not header["redacted"]:
        yield "its text is withheld in a copy that is not redacted"
    hashed = entry["leaf"] if entry["text"] is None else _leaf(entry["text"])
    if hashed != entry["leaf"]:
        yield "its text is not the one that was hashed"
    hashes = [hashed, header["root"], *entry["proof"]]
    whole = all(isinstance(each, str) and HASH.fullmatch(each) for each in hashes)
    found, root, *proof = (bytes.fromhex(each) for each in hashes) if whole else (b"", b"")
    if not whole or not verify_inclusion(found, entry["seq"] - 1, header["size"], proof, root):
        yield "its proof does not lead to the root of the log"
    kinds = told.keys() == KEYS and (type(told["clocks"]), type(told["on"]), type(told["v"])) == (list, str, int)
    if told and not kinds:
        yield "it has other keys or kinds of values than an entry has"
    if not told:
        yield "its text is not written in the one way an entry is: two readers might read two things"
    elif told.get("v") != VERSION:
        yield f"its text is not of version {VERSION}"
    for name, wanted in (("seq", entry["seq"]), *((name, header[name]) for name in NAMED)):
        if told.get(name) != wanted or type(told.get(name)) is not type(wanted):
            yield f"its text names another {name} than the file does"


def _in_order(reading: _Reading, entry: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    """The log's numbers only grow; the patient's own run from 1 without a gap, unless entries were left out on purpose."""
    if entry["seq"] <= reading.seq:
        yield f"it stands after entry {reading.seq}"
    header, count, expected = reading.header or {}, told.get("patient_seq"), reading.patient_seq + 1
    narrow = any(header.get(name) for name in ("case", "from", "to"))
    if not isinstance(count, int) or count < expected or (count > expected and not narrow):
        missing = isinstance(count, int) and count > expected
        yield (
            f"the patient's entry {expected} is missing before it" if missing else f"it stands where the patient's entry {expected} should"
        )


def _counted_wrong(clock: Any, amiss: tuple[str, ...]) -> Iterator[str]:
    """Which dates of a deadline do not follow from what was recorded about it."""
    kind = clock.get("kind") if isinstance(clock, Mapping) else None
    if amiss == derivation.NOT_REPLAYED:
        yield f"clock {kind}: its steps cannot be taken again"
    elif amiss != derivation.NO_STEPS:
        yield from (f"clock {kind}: its {name} does not follow from its steps" for name in amiss)


def _in_scope(reading: _Reading) -> None:
    """The newest entry, which is not the last one, is one of those that were asked for."""
    header, told = reading.header or {}, reading.told
    wrong = (
        (header.get("case") and told and told.get("case") != header["case"], "it is not of the case the file is about"),
        (header.get("from") and told and str(told.get("on")) < header["from"], "it is of a day before those the file is about"),
        (header.get("to") and told and str(told.get("on")) > header["to"], "it is of a day after those the file is about"),
    )
    for found, message in wrong:
        if found:
            reading.find(message, line=reading.line, seq=reading.seq)


def _sealed(reading: _Reading, raw: bytes) -> None:
    seal = _shaped(raw, "seal")
    if seal is None or seal["entries"] != reading.entries or seal["sha256"] != reading.seal.hexdigest():
        reading.find("the last line is not the seal of the lines before it: the file was changed or cut off", line=reading.entries + 2)


def _leaf(text: str) -> str:
    """The leaf of a text that may hold what no canonical text does: a lone surrogate then gives another leaf."""
    return leaf(text.encode("utf-8", "replace").decode()).hex()


def _told(text: str) -> Mapping[str, Any]:
    """What a text says; nothing where it is not written in the one way, as then two readers might read two things."""
    try:
        told = json.loads(text, parse_float=_refused, parse_constant=_refused)
        again = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and again == text else {}


def _refused(number: str) -> None:
    raise ValueError(f"{number}: only whole numbers are recorded")
