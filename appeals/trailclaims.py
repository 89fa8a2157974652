"""What the header of an exported trail says, held against the entry the export wrote of itself, and against heads kept outside.

The log holds that last entry: it says what was asked for, and how many entries there were. So nothing of the header has to be believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appeals import trail
from appeals.audit import HASH, verify_consistency
from appeals.record import Head

ASKED = ("upto", "practice_name", "case", "from", "to", "redacted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The last entry of a file: its number, and its text read ({} where it has none)."""

    seq: int
    told: Mapping[str, Any]


def judged(header: Mapping[str, Any], own: Own, *, entries: int, counted: int, kept: Sequence[Head]) -> tuple[int, tuple[str, ...]]:
    """How many of the heads kept outside vouch for the file, and what is wrong with what its header says.

    `entries` is how many the file has, `counted` how many of them were there when the export counted them.
    """
    sizes, since = _sizes(header)
    comparable = [head for head in kept if head.log == header["log"] and head.size in sizes]
    wrong = (*_itself(header, entries), *_against(header, own, counted), *since, *_outside(header, kept, comparable, sizes))
    return sum(head.root == sizes[head.size] for head in comparable), wrong


def _itself(header: Mapping[str, Any], entries: int) -> Iterator[str]:
    if header["entries"] != entries:
        yield f"the header says {header['entries']} entries, the file has {entries}"
    counts = trail.Counts(entries=header["entries"], of=header["of"], upto=header["upto"])
    if header["statement"] != trail.statement(counts, Head(log=header["log"], size=header["size"], root=header["root"])):
        yield "the statement does not say what the header says"
    if header["head"] != " ".join(str(header[each]) for each in ("log", "size", "root", "recorded_at")):
        yield "the head line does not say what the header says"


def _against(header: Mapping[str, Any], own: Own, counted: int) -> Iterator[str]:
    told = own.told
    if (told.get("kind"), told.get("name")) != (trail.EXPORT, trail.NAME):
        yield "the last entry is not the export itself: entries were cut off"
        return
    said = told.get("facts")
    facts = said if isinstance(said, Mapping) else {}
    if own.seq != header["size"]:
        yield "the export's own entry is not the last one of the log the file is proven against"
    if told.get("patient_seq") != header["of"]:
        yield f"the header says this patient has {header['of']} entries, the log says {told.get('patient_seq')}"
    if facts.get("format") != trail.FORMAT:
        yield "the last entry is of a copy in another format than this one"
    if facts.get("entries") != counted:
        yield f"{facts.get('entries')} entries were counted for it, the file has {counted} of them"
    asked = {name: facts.get(name) for name in ASKED} | {"exported_on": told.get("on"), "recorded_at": told.get("recorded_at")}
    yield from (f"its header says another {name} than the export's own entry" for name, value in asked.items() if header[name] != value)


def _sizes(header: Mapping[str, Any]) -> tuple[dict[int, str], tuple[str, ...]]:
    """The sizes of the log whose roots the file proves, and what is wrong with the older one."""
    sizes, since = {header["size"]: header["root"]}, header["since"]
    if since is None:
        return sizes, ()
    if not _goes_on(since, header):
        return sizes, ("the log does not go on from the older head the header names",)
    return sizes | {since["size"]: since["root"]}, ()


def _goes_on(since: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    if since.keys() != {"size", "root", "proof"} or type(since["size"]) is not int or not isinstance(since["proof"], list):
        return False
    hashes = [since["root"], header["root"], *since["proof"]]
    if not all(isinstance(each, str) and HASH.fullmatch(each) for each in hashes):
        return False
    old, new, *proof = (bytes.fromhex(each) for each in hashes)
    return verify_consistency(since["size"], header["size"], proof, old, new)


def _outside(header: Mapping[str, Any], kept: Sequence[Head], comparable: Sequence[Head], sizes: Mapping[int, str]) -> Iterator[str]:
    for head in comparable:
        if head.root != sizes[head.size]:
            yield f"the root is not the one that was noted outside for size {head.size}"
    if kept and not comparable:
        mine = [str(head.size) for head in kept if head.log == header["log"]]
        sizes_kept = f"they are of size {', '.join(mine)}, and only an export with `--since LINE` goes on from one"
        yield f"none of the heads kept outside can be compared with this file: {sizes_kept if mine else 'they are of other logs'}"
