"""The segment reader: every delimiter, line end, encoding and accident seen in real files, and a bound on memory."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.errors import FileRefused
from appeals.intake import x12

BODY = ("GS*HP*PAYER*CLINIC*20261120*1200*1*X*005010X221A1", "ST*835*0001", "SE*2*0001", "GE*1*1", "IEA*1*000000001")


def isa(element="*", component=":", repetition="^", *, padded=True, control="000000001"):
    sender, receiver, blank = ("PAYER".ljust(15), "CLINIC".ljust(15), " " * 10) if padded else ("PAYER", "CLINIC", "")
    fields = ("ISA", "00", blank, "00", blank, "ZZ", sender, "ZZ", receiver, "261120", "1200", repetition, "00501", control, "0", "T")
    return element.join((*fields, component))


def interchange(element="*", component=":", repetition="^", terminator="~", line_end="", **kinds):
    body = [segment.replace("*", element) for segment in BODY]
    return "".join(segment + terminator + line_end for segment in (isa(element, component, repetition, **kinds), *body))


def tags(data):
    return [segment.tag for segment in x12.segments(io.BytesIO(data))]


WANTED = ["ISA", "GS", "ST", "SE", "GE", "IEA"]


@pytest.mark.parametrize("element", ["*", "|", "+", "^", "\x1c", "\x1d", "\t"])
@pytest.mark.parametrize("terminator", ["~", "\n", "\x1c", "\x1e", "\x85", "!"])
@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
def test_delimiters_come_from_the_isa_whatever_they_are(element, terminator, line_end):
    if element == terminator:
        return
    read = list(x12.segments(io.BytesIO(interchange(element, "\x1f", "/", terminator, line_end).encode("latin-1"))))
    assert [segment.tag for segment in read] == WANTED
    assert read[2].elements == ("835", "0001")
    assert read[0].delimiters.element == element and read[0].delimiters.component == "\x1f"


def test_positions_count_every_segment_from_the_first_isa_over_the_whole_file():
    data = (interchange() + "\r\n\r\n" + interchange("|", ">", "^", "\n")).encode()
    assert [segment.position for segment in x12.segments(io.BytesIO(data))] == list(range(1, 13))


def test_carriage_return_and_line_feed_together_end_a_segment_where_the_isa_says_newline():
    assert tags(interchange(terminator="\r", line_end="\n").encode()) == WANTED


@pytest.mark.parametrize("columns", [7, 79, 80, 81, 105, 106, 107])
def test_lines_wrapped_inside_segments_are_joined_again(columns):
    text = interchange() + interchange(control="000000002")
    wrapped = "\r\n".join(text[at : at + columns] for at in range(0, len(text), columns))
    read = list(x12.segments(io.BytesIO(wrapped.encode())))
    assert [(segment.tag, segment.elements[1:]) for segment in read] == [
        (segment.tag, segment.elements[1:]) for segment in x12.segments(io.BytesIO(text.encode()))
    ]


@pytest.mark.parametrize("before", ["\ufeff", "\ufeff\r\n\r\n", "Dear ISA member, VISA*1*2 is enclosed.\r\n\r\n", "  \n", "\0\0"])
def test_what_stands_before_the_first_isa_is_passed_over(before):
    assert tags((before + interchange()).encode()) == WANTED


@pytest.mark.parametrize("after", ["\0\0\x1a", "\r\n\0\x1a\r\n", " \t\r\n", "\n" * 99])
def test_what_mainframes_and_editors_leave_at_the_end_is_no_segment(after):
    assert tags((interchange() + after).encode()) == WANTED


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_saved_by_an_editor_in_another_encoding_is_read(codec):
    assert tags(interchange(line_end="\r\n").encode(codec)) == WANTED


@pytest.mark.parametrize(("codec", "name"), [("latin-1", "ALDÉR"), ("utf-8", "ALDÉR"), ("cp1252", "O’NEIL"), ("utf-16", "ALDÉR")])
def test_a_name_is_read_in_the_encoding_it_was_written_in(codec, name):
    data = interchange().replace("SE*2", f"NM1*QC*1*{name}~SE*3").encode(codec)
    assert [segment.at(3) for segment in x12.segments(io.BytesIO(data)) if segment.tag == "NM1"] == [name]


def test_an_isa_without_padding_is_read():
    assert tags(interchange(padded=False).encode()) == WANTED


@pytest.mark.parametrize(("terminator", "line_end"), [("\n", ""), ("\r\n", ""), ("~", ""), ("~", "\r\n")])
def test_an_isa_without_its_last_element_is_read(terminator, line_end):
    read = list(x12.segments(io.BytesIO(interchange(component="", terminator=terminator, line_end=line_end).encode())))
    assert [segment.tag for segment in read] == WANTED
    assert read[0].delimiters.component == ""


def test_interchanges_of_one_file_each_bring_their_own_delimiters():
    parts = [
        interchange(),
        interchange("|", ">", "^", "\n"),
        interchange("\x1d", "\x1f", "\x1e", "\x1c"),
        interchange("+", ">", "^", "\r", "\n"),
    ]
    assert tags("".join(parts).encode()) == WANTED * 4
    assert tags("\r\n\ufeff".join(parts).encode()) == WANTED * 4


@pytest.mark.parametrize(
    "rest", ["JO****MI*1~DTM*232*20261101~DTM*233*20261101~SVC*HC:1*1*1~", "JO**AB**CD**EF**261101*1*2*3*4*5*6~REF*EA*1~"]
)
def test_a_patient_called_isa_starts_no_interchange(rest):
    text = "NM1*QC*1*ISA*" + rest
    segments = [segment.split("*")[0] for segment in text.split("~") if segment]
    assert tags(interchange().replace("SE*2", text + "SE*2").encode()) == ["ISA", "GS", "ST", *segments, "SE", "GE", "IEA"]


@pytest.mark.parametrize("first", [interchange().rstrip("~"), interchange()[:-10], interchange()[: -len("000000001~")]])
@pytest.mark.parametrize("second", [("*", ":", "^", "~"), ("|", ">", "^", "!"), ("|", ":", "^", "~"), ("+", ">", "!", "\n")])
@pytest.mark.parametrize("padded", [True, False])
def test_a_second_file_is_found_right_behind_a_first_that_lacks_its_last_terminator(first, second, padded):
    read = tags((first + interchange(*second, padded=padded, control="000000002")).encode())
    assert read[-6:] == WANTED and len(read) == 12


def test_segments_indented_for_the_eye_are_read():
    assert tags(interchange(line_end="\r\n    ").encode()) == WANTED


@pytest.mark.parametrize("before", ["\x0c", "\xa0", "\x0b \x85", "\ufeff", "\u200b", "\t\x01"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_what_nobody_can_see_before_a_segment_is_no_part_of_its_name(before, codec):
    data = interchange(line_end="\n").replace("SE*", f"{before}SE*").encode(codec)
    assert tags(data) == WANTED
    assert x12.UNSEEN in {oddity for run in x12.runs(io.BytesIO(data)) for oddity in run.oddities}


def test_a_segment_named_in_small_letters_is_what_it_is_in_capitals():
    data = interchange().replace("SE*", "sE*").encode()
    assert tags(data) == WANTED
    assert [oddity for run in x12.runs(io.BytesIO(data)) for oddity in run.oddities] == [x12.SMALL]


@pytest.mark.parametrize(
    "text", [interchange(), interchange(line_end="\r\n"), interchange("\x1c", terminator="\n"), interchange() + "the end"]
)
def test_segments_that_are_as_they_should_be_are_not_mended(text):
    assert not any(run.oddities for run in x12.runs(io.BytesIO(text.encode())))


def test_blanks_round_an_element_are_no_part_of_it():
    read = list(x12.segments(io.BytesIO(interchange().replace("ST*835*0001", "ST* 835 *0001 ").encode())))
    assert read[2].elements == ("835", "0001")


def test_a_last_segment_without_terminator_is_marked_incomplete():
    read = list(x12.segments(io.BytesIO(interchange()[:-1].encode())))
    assert [segment.complete for segment in read] == [True] * 5 + [False]


class Drip(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a socket or a pipe does."""

    def __init__(self, data, size):
        self.data, self.size = data, size

    def read(self, _wanted=-1):
        piece, self.data = self.data[: self.size], self.data[self.size :]
        return piece


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("codec", ["ascii", "utf-16"])
def test_the_pieces_a_stream_comes_in_make_no_difference(size, codec):
    if codec == "utf-16" and size < 8:
        return  # the encoding of a file is known from its first piece
    data = (interchange() + interchange("|", ">", "^", "\n")).encode(codec)
    assert [segment.tag for segment in x12.segments(Drip(data, size))] == WANTED * 2


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "an empty file"),
        (b" \r\n\0\x1a", "a blank file"),
        (b"<!DOCTYPE html><html><body>Session expired</body></html>", "an HTML page"),
        (b"\r\n<HTML>ISA*00*", "an HTML page"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b"PK\x03\x04\x14\x00" + interchange().encode(), "a ZIP"),
        (b"\x1f\x8b\x08\x00", "a gzip"),
        (b"<?xml version='1.0'?><a/>", "an XML"),
        (b'{"resourceType": "Bundle"}', "a JSON"),
        (b"ST*835*0001~BPR*I*1~", "without its ISA"),
        (b"Claim;Amount\r\n1;2\r\n", "text without an ISA"),
        (b"\x00\x01\x02\x03" * 50, "a binary"),
        (isa().encode()[:90], "inside its ISA"),
    ],
)
def test_what_is_no_x12_is_refused_by_the_name_of_what_it_is(data, what):
    with pytest.raises(FileRefused, match=what) as refused:
        tags(data)
    assert refused.value.hint


class Endless(io.RawIOBase):
    """A file that begins well and then never ends."""

    def __init__(self, head, piece):
        self.head, self.piece, self.given = head, piece, 0

    def read(self, wanted=-1):
        head, self.head = self.head, b""
        data = head or self.piece * (wanted // len(self.piece))
        self.given += len(data)
        return data


@pytest.mark.parametrize("head", [interchange().encode(), b""])
def test_a_line_that_never_ends_is_refused_after_a_bounded_read(head):
    stream = Endless(head, b"A")
    tracemalloc.start()
    with pytest.raises(FileRefused):
        tags(head) and [None for _ in x12.segments(stream)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert stream.given < 3 * x12.LONGEST
    assert peak < 12 * x12.LONGEST


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_make_it_fail_in_any_other_way(noise, behind_a_header):
    data = isa().encode() + b"~" + noise if behind_a_header else noise
    try:
        found = tags(data)
    except FileRefused:
        return
    assert found[0] == "ISA"
