"""The head of a log as one line that somebody else keeps, and finding such lines again in whatever it was kept in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes

from appeals.audit import instant
from appeals.errors import FileRefused, ImpossibleValue, StorageError
from appeals.record import Head

FORM = "LOG-ID SIZE ROOT TIME"
PRINT_ONE = "`appeals audit head` prints one, and so does every digest and export."
LOG = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SIZE, ROOT, TIME = r"[1-9][0-9]{0,14}", r"[0-9a-f]{64}", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
# A mail program may fold the line, and put `>` before what somebody answers to.
GAP = r"[ \t]*(?:[ \t]|\r?\n[> \t]*)"
LINE = re.compile(rf"(?<![0-9a-f-])({LOG}){GAP}({SIZE}){GAP}({ROOT}){GAP}({TIME})(?![0-9A-Za-z])")
PARTS = (("log id", LOG), ("size", SIZE), ("root", ROOT), ("time", TIME))
BOM, WIDE = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
EXPORT = b'{"case":'  # how the first line of an exported trail begins
FOR_PEOPLE = (b"<!doctype html", b'"entry","on",')  # a page, a table
MESSAGE = re.compile(rb"^From [^\n]*\n", re.MULTILINE)  # what begins a message of a mailbox; in a text it reads `>From`


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What somebody kept outside: heads, the oldest first, and of exported trails the leaves (hex) of their entries by number."""

    heads: tuple[Head, ...] = ()
    leaves: Mapping[int, str] = field(default_factory=dict)


def line(head: Head) -> str:
    """The head as it is printed, written down and mailed. Raises StorageError where the log has no such entry."""
    if head.at is None:
        raise StorageError("The log has no last entry: it was emptied or cut off.", "`appeals audit verify` says where it breaks.")
    return f"{head.log} {head.size} {head.root} {instant(head.at)}"


def typed(text: str) -> Head:
    """The head of a line somebody typed or pasted.

    Raises:
        ImpossibleValue: it is none; says which part of it is wrong.
    """
    words = text.split()
    words = words[1:] if words[:1] == ["head"] else words  # as it is printed
    if len(words) != len(PARTS):
        raise ImpossibleValue(f"A head line has {len(PARTS)} parts, {FORM}; this has {len(words)}.", PRINT_ONE)
    for (name, form), word in zip(PARTS, words, strict=True):
        if not re.fullmatch(form, word):
            wanted = f"64 of 0-9 and a-f, and it has {len(word)} characters" if name == "root" else "in the form it is printed in"
            raise ImpossibleValue(f"The {name} of the head line is not {wanted}.", f"Copy the whole line again. {PRINT_ONE}")
    head = next(heads_in(" ".join(words)), None)
    if head is None:
        raise ImpossibleValue("The time of the head line is no time of any day.", f"Copy the whole line again. {PRINT_ONE}")
    return head


def heads_in(text: str) -> Iterator[Head]:
    """Every head line in a text, folded or quoted as mail programs do."""
    for log, size, root, time in LINE.findall(text):
        try:
            at = datetime.fromisoformat(time)
        except ValueError:
            continue  # 31 February: no head of ours says that
        yield Head(log=log, size=int(size), root=root, at=at)


def found(raw: bytes) -> tuple[Head, ...]:
    """The heads in a file somebody kept: a text, an export of any form, an e-mail or a mailbox (mbox); each once, the oldest first.

    Of an export only its own: what somebody typed into a case may look like a head, and its trail holds those words.

    Raises:
        FileRefused: there is none in it.
    """
    if raw.startswith(EXPORT):
        first = raw.partition(b"\n")[0].decode("utf-8", "replace")
        heads = dict.fromkeys(heads_in(_own(first)))
    elif raw.removeprefix(BOM).lower().startswith(FOR_PEOPLE):
        heads = dict.fromkeys(list(heads_in(raw.decode("utf-8", "replace")))[-1:])  # it closes the copy
    else:
        heads = dict.fromkeys(head for message in MESSAGE.split(raw) for text in _texts(message) for head in heads_in(text))
    if not heads:
        raise FileRefused(f"There is no head line ({FORM}) in it.", PRINT_ONE)
    return tuple(sorted(heads, key=lambda head: (head.log, head.size)))


def _own(header: str) -> str:
    """The head line of an export's first line; "" where it is damaged."""
    try:
        return str(json.loads(header)["head"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _texts(raw: bytes) -> Iterator[str]:
    """A message as it lies there, and its readable parts as they were written: a mail program may have encoded a plain line."""
    yield raw.decode("utf-8", "replace")
    if raw.startswith(WIDE):
        yield raw.decode("utf-16", "replace")
    try:
        parts = [part.get_payload(decode=True) for part in message_from_bytes(raw).walk() if part.get_content_maintype() == "text"]
    except RecursionError:  # parts within parts without end: no mail program writes that, and the plain text was looked at
        return
    yield from (part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes))
