"""Cuts any X12 file into segments, a piece at a time; never knows what a segment means and never holds the file."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from appeals.errors import FileRefused
from appeals.intake.kinds import never_x12, refusal

CHUNK = 1 << 16
BEFORE_ISA = "text, blank lines or a byte order mark before the first ISA were passed over"
WRAPPED = "lines are broken inside segments; they were joined again"
UNSEEN = "characters nobody can see stand before segments; they were passed over"
SMALL = "segments are named in small letters; they were read as what they are in capitals"
LONGEST = 1 << 20  # characters a segment, or the text before the first ISA, may have
_ROOM = 512  # an ISA, its line wraps and the GS after it fit in this
_NOISE = "\0\x1a"  # what mainframes and old editors leave behind the last segment
_BLANKS = ("\ufeff", "ï»¿")  # a byte order mark, whole or read as bytes


class Delimiters(NamedTuple):
    """The characters of one interchange. `component` and `repetition` may be "" where the ISA leaves them out."""

    element: str
    component: str
    repetition: str
    terminator: str


class Segment(NamedTuple):
    """One segment. `position` counts over the file, the first ISA is 1; `elements[0]` is element 01.

    `complete` is False for text the file or the interchange ended in the middle of.
    """

    position: int
    tag: str
    elements: tuple[str, ...]
    delimiters: Delimiters
    complete: bool = True

    def at(self, number: int) -> str:
        """Element `number` (01 is 1) without blanks around it; "" where the segment is shorter."""
        return self.elements[number - 1].strip(" ") if number <= len(self.elements) else ""


class Run(NamedTuple):
    """Segments as text that lie next to each other: a list, because a value for each of millions takes longer to make.

    Elements have no blanks at their edges, except those of an ISA. `cut`: the last has no terminator. `oddities`: what
    was put right, in words for a person.
    """

    first: int
    delimiters: Delimiters
    texts: list[str]
    cut: bool = False
    ascii: bool = True
    oddities: tuple[str, ...] = ()


class _Header(NamedTuple):
    """An ISA segment as found: its text without line breaks, its delimiters, how many characters it took."""

    text: str
    delimiters: Delimiters
    length: int


def segments(stream: BinaryIO) -> Iterator[Segment]:
    """Every segment of every interchange in `stream`, in order.

    Raises FileRefused: no ISA, a format that is not X12, or a segment longer than LONGEST.
    """
    for run in runs(stream):
        last = len(run.texts) - 1
        for index, text in enumerate(run.texts):
            tag, *elements = text.split(run.delimiters.element)
            yield Segment(run.first + index, tag.strip(" "), tuple(elements), run.delimiters, not (run.cut and index == last))


def runs(stream: BinaryIO) -> Iterator[Run]:
    """The segments of `stream` in runs of bounded size; an ISA is always alone in its run.

    Raises FileRefused: as `segments`.
    """
    head = stream.read(CHUNK)
    if never_x12(head):
        raise refusal(head)
    buffer, position, skipped, final = "", 1, 0, False
    delimiters: Delimiters | None = None
    wide = _wide_codec(head)
    chunks = _decoded(stream, head, wide)
    while buffer or not final:
        chunk = "" if final else next(chunks, "")
        final = not chunk
        buffer += chunk
        while found := _next_header(buffer, len(buffer) if final else len(buffer) - _ROOM):
            at, header = found
            if delimiters is not None and (run := _run(buffer[:at], position, delimiters, bool(wide))).texts:
                yield run
                position += len(run.texts)
            before = delimiters is None and (skipped or at)
            yield Run(position, header.delimiters, [header.text], oddities=(BEFORE_ISA,) if before else ())
            position, delimiters, buffer = position + 1, header.delimiters, buffer[at + header.length :]
        if delimiters is None:
            keep = buffer[-_ROOM:]
            skipped, buffer = skipped + len(buffer) - len(keep), keep
            if final or skipped > LONGEST:
                break
            continue
        end = len(buffer) if final else _after_last(buffer, delimiters.terminator, len(buffer) - _ROOM)
        if end == 0 and len(buffer) > LONGEST:
            raise FileRefused(f"Segment {position} is longer than {LONGEST} characters.", "This is no remittance: ask for the file again.")
        block, buffer = _unbroken(buffer[:end], buffer[end:], delimiters)
        if (run := _run(block, position, delimiters, bool(wide))).texts:
            yield run
            position += len(run.texts)
    if delimiters is None:
        raise refusal(head)


def _decoded(stream: BinaryIO, head: bytes, wide: str) -> Iterator[str]:
    """The bytes as characters: one a byte (names are mended later), or decoded where each has two or four bytes."""
    decoder = codecs.getincrementaldecoder(wide or "latin-1")(errors="replace")
    data = head
    while data:
        # Half a wide character decodes to "": an empty piece would look like the end of the file.
        if text := decoder.decode(data):
            yield text
        data = stream.read(CHUNK)
    if text := decoder.decode(b"", final=True):
        yield text


def _wide_codec(head: bytes) -> str:
    """The codec of a file with more than one byte a character, or "" for ordinary bytes."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    at = head.find(b"I\0S\0A\0")
    return "" if at < 0 else ("utf-16-be" if at % 2 else "utf-16-le")


def _next_header(buffer: str, limit: int) -> tuple[int, _Header] | None:
    """The first ISA segment that starts before `limit`, and where."""
    at = buffer.find("ISA")
    while 0 <= at < limit:
        before = buffer[at - 1] if at else "\n"
        # ISA is also a surname, and the end of others: "NM1*QC*1*ISA*". Of two joined files the first may lack its last terminator.
        inside = before.isalnum() or before == buffer[at + 3 : at + 4]
        if (header := _header(buffer[at : at + _ROOM])) and not (inside and not _is_certain(header)):
            return at, header
        at = buffer.find("ISA", at + 1)
    return None


def _header(text: str) -> _Header | None:
    """Read an ISA, padded or not, wrapped or not; None where this is no ISA."""
    element = text[3:4]
    if not element or element.isalnum() or element in " \r\n":
        return None
    fields = text.split(element, 16)
    if len(fields) < 17:
        return None
    values = [field.replace("\r", "").replace("\n", "") for field in fields[:16]]
    lengths = [len(value.strip(" ")) for value in values]
    if max(lengths) > 20 or [lengths[n] for n in (1, 3, 5, 7)] != [2, 2, 2, 2] or not values[9].strip(" ").isdigit():
        return None
    ending = _ending(fields[16], element)
    if ending is None:
        return None
    component, terminator, used = ending
    repetition = "" if values[11].isalnum() else values[11].strip(" ")
    length = sum(map(len, fields[:16])) + 16 * len(element) + used
    return _Header(element.join([*values, component]), Delimiters(element, component, repetition, terminator), length)


def _is_certain(header: _Header) -> bool:
    """Whether date, time, version, control number and usage stand where an ISA has them: then it is no part of a name."""
    values = [value.strip(" ") for value in header.text.split(header.delimiters.element)]
    numbers = (values[at].isdigit() and len(values[at]) == length for at, length in ((9, 6), (10, 4), (12, 5), (14, 1)))
    return all(numbers) and values[13].isdigit() and values[15] in ("P", "T", "I")


def _ending(rest: str, element: str) -> tuple[str, str, int] | None:
    """Component separator, terminator and their length, from the text behind the sixteenth element separator.

    A newline is a terminator only if nothing else stands between ISA15 and the next segment but a component separator.
    """
    names = tuple(name + element for name in ("GS", "ST", "TA1", "IEA"))
    marks: list[str] = []
    newline = False
    for index, char in enumerate(rest):
        if rest.startswith(names, index):
            if not newline:
                return ("", marks[0], index) if marks else None
            if marks and _ends_segments(rest[index:], marks[0], element):
                return "", marks[0], index
            return (marks[0] if marks else ""), "\n", index
        if char in "\r\n":
            newline = True
        elif char != " ":
            marks.append(char)
        if len(marks) == 2:
            return marks[0], marks[1], index + 1
    return None


def _ends_segments(text: str, mark: str, element: str) -> bool:
    """Whether `mark` stands right before the ST: then it ends segments, and the ISA has no component separator."""
    start = text.find("ST" + element)
    return start > 0 and text[:start].rstrip(" \r\n").endswith(mark)


def _after_last(buffer: str, terminator: str, limit: int) -> int:
    end = buffer.rfind(terminator, 0, max(limit, 0)) + 1
    return max(end, buffer.rfind("\r", 0, max(limit, 0)) + 1) if terminator == "\n" else end


def _unbroken(block: str, rest: str, delimiters: Delimiters) -> tuple[str, str]:
    """Give an ISA that a line break cut in two back to the buffer, in one piece."""
    if delimiters.terminator == "\n" or "\n" not in block:
        return block, rest
    flat = block.replace("\r", "").replace("\n", "")
    found = _next_header(flat + rest[:_ROOM], len(flat))
    return (flat[: found[0]], flat[found[0] :] + rest) if found else (block, rest)


def _run(block: str, first: int, delimiters: Delimiters, wide: bool) -> Run:
    """Cut a block into segment texts; blanks, line ends and what editors leave behind are no segments."""
    element, _, _, terminator = delimiters
    wrapped = False
    for noise in _NOISE:
        if noise in block and noise not in delimiters:
            block = block.replace(noise, "")
    if terminator == "\n":
        block = block.replace("\r", "\n")
    elif "\n" in block or "\r" in block:
        wrapped = any("\n" in text.strip(" \t\r\n") for text in block.split(terminator))
        block = block.replace("\r", "").replace("\n", "")
    texts = block.split(terminator)
    plain = block.isascii()
    if not wide and not plain:
        texts = [text if text.isascii() else _mended(text) for text in texts]
    if block.startswith((" ", "\t")) or terminator + " " in block or terminator + "\t" in block:
        blanks = " " if element == "\t" else " \t"
        texts = [text.strip(blanks) for text in texts]
    odd = [WRAPPED] if wrapped else []
    if _untidy(element, terminator).search(block):
        named = [_named(text, element) for text in texts]
        odd += [what for at, what in ((0, UNSEEN), (1, SMALL)) if any(each[1:][at] for each in named)]
        texts = [text for text, _, _ in named]
    cut = texts[-1] not in ("", *_BLANKS)
    if cut or any(edge in block for edge in (element + " ", " " + element, " " + terminator)):
        texts = [element.join([part.strip(" ") for part in text.split(element)]) for text in texts]
    kept = [text for text in texts if text and text not in _BLANKS]
    return Run(first, delimiters, kept, cut, plain, tuple(odd))


@lru_cache(maxsize=64)
def _untidy(element: str, terminator: str) -> re.Pattern[str]:
    """Finds in a block a segment that does not begin with its name in capitals: a few among millions, and only they are looked at."""
    after, between = re.escape(terminator), re.escape(element)
    return re.compile(rf"(?:\A|{after})(?![A-Z][A-Z0-9]{{1,2}}{between}|{after}|\Z)")


def _named(text: str, element: str) -> tuple[str, bool, bool]:
    """A segment without what nobody can see in or before its name, the name in capitals; and whether either was mended.

    A claim whose CLP nobody knows would be read into the claim before it.
    """
    head, *rest = text.split(element, 1)
    unseen = {letter for letter in head if letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf")}
    tag = "".join(letter for letter in head if letter not in unseen)
    if tag and not rest:
        return text, False, False  # no segment but words
    small = tag != tag.upper() and 2 <= len(tag) <= 3 and tag.isalnum() and tag.isascii()
    return element.join([tag.upper() if small else tag, *rest]), not unseen <= {" ", "\t"}, small


def _mended(text: str) -> str:
    """Text that was read a byte a character, as UTF-8 if it is that, else as Windows-1252."""
    data = text.encode("latin-1")
    for codec in ("utf-8", "cp1252"):
        decoded = data.decode(codec, errors="replace")
        if "\ufffd" not in decoded:
            return decoded
    return text
