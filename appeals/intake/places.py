"""Finds again what a file says at a place: the segments of a claim, the record at a line. Reads; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO

from appeals.errors import FileRefused
from appeals.intake import x12

MOST = 2_000  # parts of one claim that are shown
_ENDS = ("SE", "GE", "IEA", "ST", "ISA")
_ENDS_OF = {"CLP": ("CLP", "LX", "PLB"), "CLM": ("CLM", "HL"), "HL": ("HL",), "TRN": ("TRN", "HL")}
Part = tuple[int, str]  # where it stands, and its text


def said_at(stream: BinaryIO, place: str, wanted: Collection[int]) -> dict[int, tuple[Part, ...]]:
    """What stands at each of the wanted places of a file whose places are called `place`: from there to where the next thing begins.

    A place that cannot be found again has nothing, and so has every place of a file whose places are no segments or lines.
    """
    reader = READERS.get(place)
    return dict(reader(stream, frozenset(wanted))) if reader and wanted else {}


def _segments(stream: BinaryIO, wanted: frozenset[int]) -> Iterator[tuple[int, tuple[Part, ...]]]:
    parts: list[Part] = []
    begins = 0
    ends: tuple[str, ...] = _ENDS
    last = max(wanted)
    try:
        for run in x12.runs(stream):
            if not begins and (run.first > last or not any(run.first <= one < run.first + len(run.texts) for one in wanted)):
                if run.first > last:
                    break
                continue
            for number, text in enumerate(run.texts, run.first):
                tag = text.split(run.delimiters.element, 1)[0]
                if begins and (tag in ends or len(parts) == MOST):
                    yield begins, tuple(parts)
                    begins = 0
                if number in wanted:
                    begins, parts, ends = number, [], (*_ENDS, *_ENDS_OF.get(tag, (tag,)))
                if begins:
                    parts.append((number, text + run.delimiters.terminator.strip()))
    except FileRefused:
        return  # its reader took it, so this is damage; whoever asks compares the hash
    if begins:
        yield begins, tuple(parts)


def _lines(stream: BinaryIO, wanted: frozenset[int]) -> Iterator[tuple[int, tuple[Part, ...]]]:
    """A record may run over several lines, as long as a quote is open."""
    parts: list[Part] = []
    begins = 0
    number, last = 0, max(wanted)
    while (line := stream.readline(x12.LONGEST)) and (begins or number < last):
        number += 1
        if not begins and number in wanted:
            begins, parts = number, []
        if begins:
            parts.append((number, line.decode("utf-8", errors="replace").lstrip("\ufeff").rstrip("\r\n")))
            if sum(text.count('"') for _, text in parts) % 2 == 0 or len(parts) == MOST:
                yield begins, tuple(parts)
                begins = 0
    if begins:
        yield begins, tuple(parts)


READERS: dict[str, Callable[[BinaryIO, frozenset[int]], Iterator[tuple[int, tuple[Part, ...]]]]] = {"segment": _segments, "line": _lines}
