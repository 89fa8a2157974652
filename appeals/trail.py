"""A patient's trail as a file a stranger can verify, and that verification; it needs no database and trusts none of us.

The file is described in `docs/audit-format.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import islice
from typing import Any

from appeals.audit import VERSION, leaf, root_of, verify_inclusion
from appeals.errors import StorageError
from appeals.merkle import levels, path
from appeals.model import Practice
from appeals.record import Head, Json, StoredEvent

SCHEMA = "appeals-trail/1"
HASH = re.compile(r"[0-9a-f]{64}")
HEADER = {
    "schema": str,
    "log": str,
    "size": int,
    "root": str,
    "patient": str,
    "entries": int,
    "practice": str,
    "practice_name": str,
    "exported_on": str,
    "sandbox": bool,
    "statement": str,
}
ENTRY = {"seq": int, "leaf": str, "text": str, "proof": list}
TRAILER = {"entries": int, "sha256": str}


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
    """What a file proved. `confirmed`: its root is one that was kept outside; without that it only agrees with itself."""

    entries: int
    log: str
    size: int
    root: str
    patient: str
    confirmed: bool
    findings: tuple[Finding, ...]


def export(
    events: Iterable[StoredEvent], leaves: Iterable[bytes], head: Head, *, practice: Practice, patient: str, on: date
) -> Iterator[str]:
    """The lines (with their line ends, printable ASCII) of one patient's trail.

    `events` are the patient's entries, `leaves` all of the log by sequence; what was appended after `head` is left out.

    Raises:
        StorageError: the log does not fit its own head, so nothing could be proven with it.
    """
    nodes = levels(islice(leaves, head.size))
    mine = [event for event in events if event.seq <= head.size]
    root = nodes[-1][0] if nodes[0] else root_of(())
    if len(nodes[0]) != head.size or root.hex() != head.root or any(leaf(event.text) != nodes[0][event.seq - 1] for event in mine):
        raise StorageError(
            "The log does not fit its own head; an export would prove nothing.", "`appeals audit verify` says where it breaks."
        )
    seal = sha256()
    for line in (_header(len(mine), head, practice, patient, on), *(_entry(event, nodes) for event in mine)):
        seal.update(line.encode())
        yield line
    yield _line({"entries": len(mine), "sha256": seal.hexdigest()})


def verify(lines: Iterable[bytes | str], heads: Iterable[Head] = ()) -> Verdict:
    """Check an exported file; every difference is a finding, and a file without one is what the log held.

    Give a file opened in binary mode: reading it as text would hide changed line ends. `heads` are those kept outside.
    """
    raw = [line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass") for line in lines]
    findings: list[Finding] = []
    header = _read(raw[0], 1, HEADER, findings) if raw else None
    told = [_read(line, number, ENTRY, findings) for number, line in enumerate(raw[1:-1], 2)]
    if header is None:
        findings.insert(0, Finding(line=1, seq=None, message="the first line is not the header of a trail"))
    else:
        _check_entries(told, header, findings)
        findings += _check_header(header, len(told))
    if not raw or raw[-1] != _line({"entries": len(told), "sha256": sha256(b"".join(raw[:-1])).hexdigest()}).encode():
        findings.append(
            Finding(line=len(raw), seq=None, message="the last line is not the seal of the lines before it: changed or cut off")
        )
    known = header or {"log": "", "size": 0, "root": "", "patient": ""}
    same = [head for head in heads if head.size == known["size"] and head.log == known["log"]]
    if any(head.root != known["root"] for head in same):
        findings.append(Finding(line=1, seq=None, message="the root is not the one that was noted outside for this log and size"))
    return Verdict(
        entries=sum(entry is not None for entry in told),
        log=known["log"],
        size=known["size"],
        root=known["root"],
        patient=known["patient"],
        confirmed=bool(same) and all(head.root == known["root"] for head in same),
        findings=tuple(findings),
    )


def statement(entries: int, head: Head) -> str:
    """What an export says of itself: how many entries there are, in which log."""
    return f"{entries} entries for this patient, log size {head.size}, root {head.root}"


def _header(entries: int, head: Head, practice: Practice, patient: str, on: date) -> str:
    return _line(
        {
            "schema": SCHEMA,
            "log": head.log,
            "size": head.size,
            "root": head.root,
            "patient": patient,
            "entries": entries,
            "practice": practice.id,
            "practice_name": practice.name,
            "exported_on": on.isoformat(),
            "sandbox": practice.sandbox,
            "statement": statement(entries, head),
        }
    )


def _entry(event: StoredEvent, nodes: Sequence[Sequence[bytes]]) -> str:
    proof = [each.hex() for each in path(nodes, event.seq - 1)]
    return _line({"seq": event.seq, "leaf": event.leaf, "text": event.text, "proof": proof})


def _line(value: Mapping[str, Json]) -> str:
    """One line of the file, the only way it may be written: printable ASCII, so that it is harmless on a terminal too."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def _read(raw: bytes, number: int, shape: Mapping[str, type], findings: list[Finding]) -> dict[str, Any] | None:
    """A line as its values, or None and a finding where it is not one of this shape written in the one way."""
    try:
        value = json.loads(raw)
        fits = isinstance(value, dict) and {name: type(each) for name, each in value.items()} == shape and _line(value).encode() == raw
    except (ValueError, RecursionError):
        fits = False
    if fits:
        return dict(value)
    findings.append(Finding(line=number, seq=None, message=f"line {number} is damaged: it is not written as an export writes it"))
    return None


def _check_header(header: Mapping[str, Any], entries: int) -> Iterator[Finding]:
    head = Head(log=header["log"], size=header["size"], root=header["root"])
    if header["schema"] != SCHEMA:
        yield Finding(line=1, seq=None, message=f"this program reads {SCHEMA} only")
    if header["entries"] != entries:
        yield Finding(line=1, seq=None, message=f"the header says {header['entries']} entries, the file has {entries}")
    if header["statement"] != statement(header["entries"], head):
        yield Finding(line=1, seq=None, message="the statement does not say what the header says")


def _check_entries(entries: Iterable[Mapping[str, Any] | None], header: Mapping[str, Any], findings: list[Finding]) -> None:
    """Each entry by itself, then that the patient's own count runs from 1 without a gap and the log's never back."""
    expected, last = 1, 0
    for number, entry in enumerate(entries, 2):
        if entry is None:
            expected += 1
            continue
        seq = entry["seq"]
        told = _told(entry["text"])
        messages = list(_misfits(entry, told, header))
        count = told.get("patient_seq")
        if count != expected:
            missing = isinstance(count, int) and count > expected
            messages.append(
                f"the patient's entry {expected} is missing before it"
                if missing
                else f"it stands where the patient's entry {expected} should"
            )
        if seq <= last:
            messages.append(f"it stands after entry {last}")
        expected, last = (count if isinstance(count, int) else expected) + 1, seq
        findings += [Finding(line=number, seq=seq, message=f"entry {seq}: {message}") for message in messages]


def _misfits(entry: Mapping[str, Any], told: Mapping[str, Any], header: Mapping[str, Any]) -> Iterator[str]:
    hashed = _leaf(entry["text"])
    if hashed.hex() != entry["leaf"]:
        yield "its text is not the one that was hashed"
    hashes = [each for each in entry["proof"] if isinstance(each, str) and HASH.fullmatch(each)]
    whole = len(hashes) == len(entry["proof"]) and HASH.fullmatch(header["root"])
    proof = [bytes.fromhex(each) for each in hashes]
    if not whole or not verify_inclusion(hashed, entry["seq"] - 1, header["size"], proof, bytes.fromhex(header["root"])):
        yield "its proof does not lead to the root of the log"
    if told.get("v") != VERSION:
        yield f"its text is not of version {VERSION}"
    for name, wanted in (("seq", entry["seq"]), *((name, header[name]) for name in ("log", "patient", "practice", "sandbox"))):
        if told.get(name) != wanted:
            yield f"its text names another {name} than the file does"


def _leaf(text: str) -> bytes:
    """The leaf of a text that may hold what no canonical text does: a lone surrogate then gives another leaf."""
    return leaf(text.encode("utf-8", "replace").decode())


def _told(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
