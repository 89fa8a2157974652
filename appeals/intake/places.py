"""Finds again what a file says at a place: the segments of a claim, the record at a line, a resource. Reads; decides nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import BinaryIO

from appeals import identity
from appeals.errors import FileRefused
from appeals.intake import x12
from appeals.intake.amounts import cents
from appeals.intake.csvrows import HEAD, encoding_of
from appeals.intake.fhir_json import resources
from appeals.intake.fhir_shown import Number, lines
from appeals.intake.remittance import components

MOST = 2_000  # parts of one claim that are shown
_ENDS = ("SE", "GE", "IEA", "ST", "ISA", "GS", "CLP", "PLB", "CLM", "HL")  # where something else begins, whatever began before
_QUOTED = re.compile('"[^"]*"?')
_WORD = re.compile(r"[^,\s]+")
MASKED = "\N{HORIZONTAL ELLIPSIS}"  # stands for what is not shown: another claim's, or too much
Part = tuple[int, str]  # where it stands, and its text


def said_at(stream: BinaryIO, place: str, wanted: Collection[int]) -> dict[int, tuple[Part, ...]]:
    """What stands at each of the wanted places of a file whose places are called `place`: from there to where the next thing begins.

    A place that cannot be found again has nothing.
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
                    begins, parts, ends = number, [], _ENDS if tag == "CLM" else (*_ENDS, "LX")
                if begins:
                    ends = (*ends, "TRN") if tag == "STC" else ends  # of a report: behind its status, the next TRN is another claim's
                    parts.append((number, text + run.delimiters.terminator.strip()))
    except FileRefused:
        return  # its reader took it, so this is damage; whoever asks compares the hash
    if begins:
        yield begins, tuple(parts)


def _lines(stream: BinaryIO, wanted: frozenset[int]) -> Iterator[tuple[int, tuple[Part, ...]]]:
    """The record that begins in a line; counted as `csvrows` counts them, so that no other patient's is taken for it."""
    buffered = io.BufferedReader(stream)  # type: ignore[type-var]  # any stream that can be read into a buffer will do
    text = io.TextIOWrapper(buffered, encoding=encoding_of(buffered.peek(HEAD)), errors="replace", newline="")
    number = 0
    try:
        for line in text:
            number += 1
            if number in wanted:
                record = _record(line, text)
                yield number, tuple((at, each.rstrip("\r\n")) for at, each in enumerate(record, number))
                number += len(record) - 1
            if number >= max(wanted):
                break
    finally:
        text.detach()
        buffered.detach()  # the stream is its opener's to close


def _record(first: str, following: Iterator[str]) -> list[str]:
    """The lines of the record that begins with `first`: it runs on only where a cell opens a quote and does not close it.

    Which mark parts the cells is not known here: it is the one the line has most of outside of quotes.
    """
    outside = _QUOTED.sub("", first)
    lines = [first]

    def taken() -> Iterator[str]:
        yield first
        for line in islice(following, MOST - 1):
            lines.append(line)
            yield line

    try:
        next(csv.reader(taken(), delimiter=max(",;|\t", key=outside.count), strict=True))
    except (csv.Error, StopIteration):
        return [first]  # nobody knows where it ends: the lines below may be another patient's
    return lines


def only(text: str, code: str, reference: str, amount_cents: int, numbers: Collection[str]) -> str:
    """A PLB with nothing of its adjustments but one: the others are other claims'. Of its reference only what is in `numbers` stays."""
    parts, last = text.split(text[3:4]), ""
    if not parts[-1][-1:].isalnum():
        parts[-1], last = parts[-1][:-1], parts[-1][-1:]  # the end of the segment
    for at in range(3, len(parts), 2):
        its = components(parts[at])
        if its[:2] == (code, reference) and cents("".join(parts[at + 1 : at + 2])) == amount_cents:
            own = _WORD.sub(lambda word: word[0] if identity.number_key(word[0]) in numbers else MASKED, reference)
            parts[at] = parts[at][: len(code) + 1] + (reference if identity.number_key(reference) in numbers else own)
        else:
            parts[at : at + 2] = [MASKED] * len(parts[at : at + 2])
    return text[3:4].join(parts) + last


def _resources(stream: BinaryIO, wanted: frozenset[int]) -> Iterator[tuple[int, tuple[Part, ...]]]:
    """A resource as lines, each with the number of the resource: in the file it may stand on one line, or in a bundle."""
    last = max(wanted)
    try:
        for found in resources(stream, Number):
            if found.position in wanted:
                shown = lines(found.resource)
                told = list(islice(shown, MOST))
                yield found.position, tuple((found.position, text) for text in (*told, *([MASKED] if next(shown, "") else [])))
            if found.position >= last:
                break
    except FileRefused:
        return  # damage, as above


READERS: dict[str, Callable[[BinaryIO, frozenset[int]], Iterator[tuple[int, tuple[Part, ...]]]]] = {
    "segment": _segments,
    "line": _lines,
    "resource": _resources,
}
