"""Cuts a file of JSON into FHIR resources, one at a time and within limits; never knows what a resource means.

A plain decoder of the standard library over a window of the text: a streaming parser from elsewhere (ijson) would be a
dependency that neither refuses a key given twice nor bounds the depth, which this has to do anyway.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple, NoReturn

from appeals.errors import FileRefused
from appeals.intake.fhir_text import decoded

LARGEST = 2 << 20  # characters of one resource: twenty times the longest real one seen; bounds what decoding it may take
DEEPEST = 64  # levels of a resource; FHIR's own nesting stays under twenty
MOST_RESOURCES = 200_000  # of one file
_LONGEST_WORD = 16  # characters: more than "-Infinity" or an escape
AGAIN = "Download it again; a resend is safe."
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN_KEY = re.compile(r"[A-Za-z_]{1,40}")


class Found(NamedTuple):
    """One resource. `position` counts over the file from 1; `url` is the entry's fullUrl.

    Numbers are text, as written. A bundle comes behind its own entries, without them, and counts for none: position 0.
    """

    position: int
    resource: dict[str, Any]
    url: str = ""


class _Unwanted(ValueError):
    """JSON that Python would take and nobody should: a key given twice, NaN. The message is for a person."""


def resources(stream: BinaryIO, number: type[str] = str) -> Iterator[Found]:
    """Every resource of a bundle, of NDJSON, of an array, or the only one; in order, each decoded alone; its numbers as `number`.

    Raises FileRefused: no JSON, cut off, not of the encoding it says, beyond a limit, or with a key given twice.
    """
    window = _Window(stream, number)
    while window.glance():
        if window.glance() == "[":
            for value in window.elements():
                yield from _unpacked(window, value)
        elif (whole := window.whole()) is not None:
            yield from _unpacked(window, whole)
        else:
            yield from _document(window)


def _document(window: _Window) -> Iterator[Found]:
    """One object: a resource is given out whole; a bundle's entries one by one, and then what is left of it."""
    window.expect("{", "the beginning of a JSON object")
    shell: dict[str, Any] = {}
    size = 0
    more = window.glance() != "}"
    while more:
        if window.glance() != '"':
            window.refuse("something else stands there", "a name in quotes")
        key = window.value()
        if key in shell:
            window.refuse(_twice(key), "an object says everything once")
        window.expect(":", "a colon between a name and its value")
        if key == "entry" and window.glance() == "[":
            shell[key] = ()
            for entry in window.elements():
                yield from _entry(window, entry)
        else:
            start = window.read
            shell[key] = window.value(size)
            size += window.read - start
        more = window.glance() == ","
        if more:
            window.expect(",", "a comma")
    window.expect("}", "a comma, or the end of the object")
    yield Found(0, shell) if shell.get("resourceType") == "Bundle" else Found(window.count(), shell)


def _unpacked(window: _Window, value: Any) -> Iterator[Found]:
    """The resource, or those of a bundle that is one of the values; what is no object is nobody's."""
    if not isinstance(value, dict):
        return
    entries = value.pop("entry", ()) if value.get("resourceType") == "Bundle" else None
    if entries is None:
        yield Found(window.count(), value)
        return
    for entry in entries if isinstance(entries, list) else ():
        yield from _entry(window, entry)
    yield Found(0, value)


def _entry(window: _Window, entry: Any) -> Iterator[Found]:
    if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
        url = entry.get("fullUrl")
        for found in _unpacked(window, entry["resource"]):
            yield found._replace(url=url) if isinstance(url, str) and found.position else found


class _Window:
    """A stretch of the file's text, long enough for the value in hand. `read` counts the characters behind us."""

    def __init__(self, stream: BinaryIO, number: type[str]) -> None:
        self.read = 0
        self._chunks = decoded(stream)
        self._text, self._at, self._lines, self._resources, self._ended = "", 0, 1, 0, False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_once, parse_float=number, parse_int=number, parse_constant=_no_number, strict=True
        )  # fmt: skip

    def count(self) -> int:
        """The number of the resource that was just read."""
        self._resources += 1
        if self._resources > MOST_RESOURCES:
            self._too_many()
        return self._resources

    def glance(self) -> str:
        """The next character that is no blank, or "" at the end of the file."""
        while True:
            blank = _SPACE.match(self._text, self._at)
            self._move(blank.end() if blank else self._at)
            if self._at < len(self._text) or not self._grow():
                return self._text[self._at : self._at + 1]

    def expect(self, character: str, wanted: str) -> None:
        found = self.glance()
        if found != character:
            self.refuse("the file ends" if not found else "something else stands there", wanted)
        self._move(self._at + 1)

    def elements(self) -> Iterator[Any]:
        """The values of an array, one at a time."""
        self.expect("[", "the beginning of an array")
        more = self.glance() != "]"
        elements = 0
        while more:
            yield self.value()
            elements += 1
            if elements > MOST_RESOURCES:
                self._too_many()
            more = self.glance() == ","
            if more:
                self.expect(",", "a comma")
        self.expect("]", "a comma, or the end of the array")

    def whole(self) -> dict[str, Any] | None:
        """The next object where the window holds all of it; None where it is longer, or broken: its parts say where."""
        try:
            found, end = self._decoder.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or end - self._at > LARGEST or _is_deeper(found, DEEPEST):
            return None
        self._move(end)
        return found

    def value(self, before: int = 0) -> Any:
        """The next value, whole, where `before` characters of its resource are read.

        The window grows until it holds it, to twice its size each time: a long value is not read often.
        """
        self.glance()
        most = LARGEST - before
        while True:
            known = len(self._text) - self._at
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if known > most:
                    self._too_large()
                if not self._unfinished(error) or not self._grow(min(known, max(most - known, 0))):
                    self._malformed(error)
            except _Unwanted as error:
                self.refuse(str(error), "JSON as FHIR has it")
            except RecursionError:
                self._too_deep()
            else:
                if end < len(self._text) or not self._grow():  # a number might go on in the next chunk
                    return self._bounded(found, end, most)

    def _bounded(self, found: Any, end: int, most: int) -> Any:
        if end - self._at > most:
            self._too_large()
        if _is_deeper(found, DEEPEST):
            self._too_deep()
        self._move(end)
        return found

    def refuse(self, found: str, expected: str, remedy: str = AGAIN) -> NoReturn:
        """Raise FileRefused with the place: the resource that is being read, and the line of the file."""
        place = f"Resource {self._resources + 1}, line {self._lines + self._text.count(chr(10), 0, self._at)}"
        raise FileRefused(f"{place}: {found}; expected {expected}.", remedy)

    def _too_large(self) -> NoReturn:
        """Refuse a resource, or a line without an end, that is longer than any should be."""
        remedy = "Leave out attachments and other large resources; an explanation of benefits is never so long."
        self.refuse(f"a value of more than {LARGEST} characters", "resources of less", remedy)

    def _too_many(self) -> NoReturn:
        self.refuse(f"the file has more than {MOST_RESOURCES} resources", "no more", "Split it, and take in the parts.")

    def _too_deep(self) -> NoReturn:
        self.refuse("values are nested too deep", f"at most {DEEPEST} levels", "This is no FHIR file: ask for it again.")

    def _unfinished(self, error: json.JSONDecodeError) -> bool:
        """Whether more text may mend it: the window ends inside a string, or inside a word or number that it begins."""
        return error.msg.startswith("Unterminated") or error.pos > len(self._text) - _LONGEST_WORD

    def _malformed(self, error: json.JSONDecodeError) -> NoReturn:
        at_end = error.msg.startswith("Unterminated") or error.pos >= len(self._text.rstrip())
        self._at = self._at if at_end else error.pos
        if at_end:
            self.refuse("the file ends in the middle of a resource", "the whole of it")
        self.refuse("the text is no JSON", error.msg.removeprefix("Expecting ") if "Expecting" in error.msg else "valid JSON")

    def _grow(self, least: int = 0) -> bool:
        """Read on by at least so many characters, and drop what is behind us; False at the end of the file."""
        parts, grown = [], 0
        while not self._ended and grown <= least:
            chunk = next(self._chunks, "")
            self._ended = not chunk
            grown += len(chunk)
            parts.append(chunk)
        if grown:
            self._lines += self._text.count("\n", 0, self._at)
            self._text, self._at = self._text[self._at :] + "".join(parts), 0
        return grown > 0

    def _move(self, to: int) -> None:
        self.read += to - self._at
        self._at = to


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        raise _Unwanted(_twice(next(name for name, _ in pairs if name in seen or seen.add(name))))  # type: ignore[func-returns-value]
    return found


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether arrays and objects stand inside each other further than so many levels."""
    level = [value] if isinstance(value, dict | list) else []
    while level and levels:
        children = [child for node in level for child in (node.values() if isinstance(node, dict) else node)]
        level = [child for child in children if isinstance(child, dict | list)]
        levels -= 1
    return bool(level)


def _twice(name: str) -> str:
    return f'"{name}" stands twice in one object' if _PLAIN_KEY.fullmatch(name) else "a name stands twice in one object"


def _no_number(name: str) -> Any:
    raise _Unwanted(f"{name} is no number of JSON")
