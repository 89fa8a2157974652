"""A patient's trail as a file a stranger can verify: what it consists of, and writing it. `trailcheck` reads it again.

The file is described in `docs/audit-format.md`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import chain
from typing import Any

from appeals import heads
from appeals.audit import instant, leaf, verify_consistency
from appeals.copies import Shown
from appeals.errors import StorageError
from appeals.merkle import Proofs, prove
from appeals.model import Practice
from appeals.record import Head, Json, StoredEvent

SCHEMA = "appeals-trail/1"
Redact = Callable[[Mapping[str, Json]], dict[str, Json]]
NAME = "audit export"
FORMAT = "jsonl"
EXPORT = "export"  # the kind of the entry an export writes before itself: it is the last one in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is asked for of one patient's trail: everything, or one case (its id and number), or certain days; whole or redacted."""

    patient: str
    case: str = ""
    number: str = ""
    first: date | None = None
    last: date | None = None
    redacted: bool = False

    @property
    def narrow(self) -> bool:
        """Whether entries of this patient are left out on purpose."""
        return bool(self.case or self.first or self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many entries a file holds, how many the patient has, and the size of the log when they were counted: before its own."""

    entries: int
    of: int
    upto: int


def statement(counts: Counts, head: Head) -> str:
    """What an export says of itself: how many of this patient's entries it holds, of a log of what size and root."""
    held = f"{counts.entries} entries" if counts.entries == counts.of else f"{counts.entries} of {counts.of} entries"
    return f"{held} for this patient, log {head.log}, size {head.size}, root {head.root}"


def proven(leaves: Iterable[bytes], seqs: Sequence[int], head: Head, *, since: Head | None = None) -> Proofs:
    """The proofs of the entries `seqs` (ascending) in the log with this head, and that it goes on from the older head.

    Raises:
        StorageError: the log does not fit its own head, or the older one, so nothing could be proven with it.
    """
    try:
        proofs = prove(leaves, [seq - 1 for seq in seqs], old_size=since.size if since and since.size <= head.size else 0)
    except IndexError:
        proofs = None
    if proofs is None or (proofs.size, proofs.root.hex()) != (head.size, head.root):
        raise StorageError(
            "The log does not fit its own head; an export would prove nothing.", "`appeals audit verify` says where it breaks."
        )
    return proofs


def entries(events: Iterable[StoredEvent], seqs: Sequence[int], proofs: Proofs) -> Iterator[tuple[StoredEvent, tuple[str, ...]]]:
    """Each entry with its proof in hex.

    Raises:
        StorageError: an entry is missing, or its text is not the one that was hashed into the tree.
    """
    read = 0
    for which, event in enumerate(events):
        read += 1
        if which >= len(seqs) or event.seq != seqs[which] or leaf(event.text).hex() != event.leaf:
            break
        yield event, tuple(each.hex() for each in proofs.inclusion(which, event.seq - 1))
    else:
        if read == len(seqs):
            return
    raise StorageError(f"Entry {seqs[min(read, len(seqs)) - 1]} of the log was changed.", "`appeals audit verify` says where it breaks.")


def shown(event: StoredEvent, proof: Sequence[str], redact: Redact | None) -> Shown:
    """An entry as a value for people's copies."""
    told = json.loads(event.text)
    return Shown(seq=event.seq, leaf=event.leaf, proof=proof, told=redact(told) if redact else told)


def header(scope: Scope, counts: Counts, head: Head, *, practice: Practice, on: date, since: Mapping[str, Json] | None) -> dict[str, Json]:
    """The first line of the file as values."""
    return {
        "schema": SCHEMA,
        "head": heads.line(head),
        "log": head.log,
        "size": head.size,
        "root": head.root,
        "recorded_at": instant(head.at) if head.at else None,
        "patient": scope.patient,
        "practice": practice.id,
        "practice_name": practice.name,
        "sandbox": practice.sandbox,
        "exported_on": on.isoformat(),
        "case": scope.case or None,
        "from": scope.first.isoformat() if scope.first else None,
        "to": scope.last.isoformat() if scope.last else None,
        "redacted": scope.redacted,
        "upto": counts.upto,
        "entries": counts.entries,
        "of": counts.of,
        "statement": statement(counts, head),
        "since": since,
    }


def older(since: Head, head: Head, proofs: Proofs) -> dict[str, Json]:
    """The older head and the proof that the log has only grown since (RFC 9162 section 2.1.4).

    Raises:
        StorageError: it has not: what was there then was changed or cut off.
    """
    proof = proofs.consistency() if since.size <= head.size else []
    if not verify_consistency(since.size, head.size, proof, bytes.fromhex(since.root), bytes.fromhex(head.root)):
        raise StorageError(
            "The log does not go on from the head you kept: it was changed since, or the line is mistyped.",
            "`appeals audit verify --against LINE` says where it differs.",
        )
    return {"size": since.size, "root": since.root, "proof": [each.hex() for each in proof]}


def lines(
    first: Mapping[str, Json],
    held: Iterable[tuple[StoredEvent, Sequence[str]]],
    redact: Redact | None = None,
) -> Iterator[str]:
    """The file, line by line with its line ends: the header, the entries, the seal.

    The last entry, whose number is the size of the log, is the export's own: it says what was asked for, and is never redacted.
    """
    seal, count = sha256(), -1  # the header is no entry
    for value in chain((first,), (_entry(event, proof, redact if event.seq != first["size"] else None) for event, proof in held)):
        line = line_of(value)
        seal.update(line.encode())
        count += 1
        yield line
    yield line_of({"entries": count, "sha256": seal.hexdigest()})


def _entry(event: StoredEvent, proof: Sequence[str], redact: Redact | None) -> dict[str, Json]:
    one: dict[str, Json] = {"seq": event.seq, "leaf": event.leaf, "proof": list(proof), "text": event.text, "shown": None}
    if redact is None:
        return one
    return one | {"text": None, "shown": redact(json.loads(event.text))}


def line_of(value: Mapping[str, Any]) -> str:
    """One line of the file, the only way it may be written: printable ASCII, so that it is harmless on a terminal too."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"
