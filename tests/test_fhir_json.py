"""Files that are not what they should be: each is refused by its place and a remedy, within bounds of memory, and never crashes."""

from __future__ import annotations

import codecs
import io
import json
import tracemalloc

import pytest
from fhir_made import PEOPLE, bundle, denied, ndjson
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.errors import FileRefused
from appeals.intake import fhir, fhir_json, fhir_people
from appeals.intake.formats import EXPLANATION, format_of
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Transaction

GOOD = bundle(denied(), *PEOPLE)
LINES = ndjson(denied(), *PEOPLE)
MIB = 1 << 20


def read(content: str | bytes):
    return list(fhir.read(io.BytesIO(content if isinstance(content, bytes) else content.encode())))


def refusal(content: str | bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert refused.value.hint
    return refused.value.message


class Endless(io.RawIOBase):
    """A file of so many MiB that is never in memory: a beginning, and then the same letters over and over."""

    def __init__(self, beginning: bytes, more: bytes, size: int) -> None:
        self.beginning, self.more, self.size, self.at = beginning, more, size * MIB, 0

    def read(self, count=-1):
        assert count > 0, "read whole"
        start = self.at
        self.at = min(start + count, self.size)
        wanted = self.at - start
        turn = max(start - len(self.beginning), 0) % len(self.more)
        made = self.beginning[start:] if start < len(self.beginning) else b""
        return (made + self.more[turn:] + self.more * (wanted // len(self.more) + 1))[:wanted]

    def tell(self):
        return self.at

    def seek(self, to, whence=0):
        self.at = to
        return to


@pytest.mark.parametrize("text", [GOOD, LINES])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_any_encoding_json_may_have_is_read_and_known_as_json(text, encoding):
    for content in (text.encode(encoding), f"\n  {text}".encode(encoding)):
        assert read(content) == read(text)
        assert format_of(io.BytesIO(content)) is EXPLANATION


def test_blanks_and_line_ends_of_every_kind_change_nothing():
    assert read("\r\n \t" + GOOD.replace("\n", "\r\n") + "\r\n\r\n") == read(GOOD)
    assert read(codecs.BOM_UTF8 + b"\n" + LINES.replace("\n", "\n\n").encode()) == read(LINES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LINES[:-30], "Resource 5, line 5: the file ends in the middle of a resource; expected the whole of it."),
        (GOOD[:400], "Resource 1, line 6: the file ends in the middle of a resource; expected the whole of it."),
        (LINES.replace('"id": "c-1"', '"id": c-1'), "Resource 3, line 3: the text is no JSON; expected value."),
        ('{"resourceType" "x"}', "Resource 1, line 1: something else stands there; expected a colon between a name and its value."),
        ('{"a": 1 "b": 2}', "Resource 1, line 1: something else stands there; expected a comma, or the end of the object."),
        ('{"a": 1,}', "Resource 1, line 1: something else stands there; expected a name in quotes."),
        ("{1: 2}", "Resource 1, line 1: something else stands there; expected a name in quotes."),
        ('{"a": NaN}', "Resource 1, line 1: NaN is no number of JSON; expected JSON as FHIR has it."),
        ('{"a": [-Infinity]}', "Resource 1, line 1: -Infinity is no number of JSON; expected JSON as FHIR has it."),
        ('{"id": "1", "id": "2"}', 'Resource 1, line 1: "id" stands twice in one object; expected an object says everything once.'),
        (LINES.replace('"id": "c-1"', '"id": "1", "id": "2"'), "Resource 3, line 3: \"id\" stands twice in one object; expected"),
        ('{"a": {"J. Doe 1": 1, "J. Doe 1": 2}}', "Resource 1, line 1: a name stands twice in one object; expected JSON as FHIR has it."),
        ('{"a": "x\ny"}', "Resource 1, line 1: the text is no JSON; expected valid JSON."),
        (LINES + "garbage", "Resource 6, line 6: something else stands there; expected the beginning of a JSON object."),
        ('"text"', "Resource 1, line 1: something else stands there; expected the beginning of a JSON object."),
        (b'{"a": "\xff"}', "Byte 8 or just before it is not UTF-8, and JSON has no other letters."),
        (GOOD.encode() + b"\xc3", "is not UTF-8"),
        (codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le") + b"\x00", "is not UTF-16"),
        (b" " + codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"), "Byte 2 or just before it is not UTF-8"),
        (b" " + codecs.BOM_UTF32_BE + GOOD.encode("utf-32-be"), "Byte 4 or just before it is not UTF-8"),
        ("[" * 100_000, "Resource 1, line 1: values are nested too deep; expected at most 64 levels."),
        ('{"a": ' * 100_000, "Resource 1, line 1: values are nested too deep; expected at most 64 levels."),
        ('{"a": ' + "[" * 65 + "]" * 65 + "}", "Resource 1, line 1: values are nested too deep; expected at most 64 levels."),
        ('{"a": "' + "x" * fhir_json.LARGEST + '"}', f"Resource 1, line 1: a value of more than {fhir_json.LARGEST} characters; expected"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_by_its_place_what_was_found_and_what_was_expected(content, message):
    assert message in refusal(content)


def test_an_empty_object_among_the_resources_changes_nothing_but_their_numbers():
    assert [item.segment for item in read("{}\n" + LINES + "{}")] == [2, 2]


def test_sixty_four_levels_are_not_too_deep():
    deep = denied(extension=[{"url": "x", "valueString": json.loads("[" * 60 + "]" * 60)}])
    assert len(read(ndjson(deep))) == 2


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b'{"resourceType": "', b"x"),
        (b'{"resourceType": "Bundle", "entry": [{"resource": {"a": ["', b"x"),
        (b'{"a": [', b"0,"),
        (b'{"a": [', b'{"":""},'),
        (b'{"a": [', b"[[]],"),
        (b'{"a": ', b"1"),
        (b"[", b"[],"),
        (b"", b"{}"),
        (b"", b" "),
        (b'{"a": "', b"\xf0\x9f\x98\x80"),
    ],
)
def test_a_file_without_an_end_is_refused_in_little_memory(beginning, more, monkeypatch):
    monkeypatch.setattr(fhir_json, "MOST_RESOURCES", 2_000)
    monkeypatch.setattr(fhir_json, "LARGEST", 1 << 17)
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused):
            list(fhir.read(Endless(beginning, more, 1)))
        assert tracemalloc.get_traced_memory()[1] < 60 * fhir_json.LARGEST  # at the real limit 120 MiB
    finally:
        tracemalloc.stop()


def test_more_resources_than_a_file_may_have_are_refused(monkeypatch):
    monkeypatch.setattr(fhir_json, "MOST_RESOURCES", 4)
    assert refusal(LINES) == "Resource 6, line 5: the file has more than 4 resources; expected no more."
    monkeypatch.undo()
    monkeypatch.setattr(fhir_people, "MOST_KEPT", 1)
    assert refusal(LINES) == "Resource 4: the file has more than 1 patients, coverages and organisations."


def as_read(content: bytes) -> list:
    """The items, or nothing where the file is refused; whatever else is raised is a failure."""
    try:
        return read(content)
    except FileRefused as refused:
        assert refused.message
        assert refused.hint
        return []


NAMES = sorted({*denied(), *denied()["item"][0], "value"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["USD", "active", "50", "2026-11-20", "#p-1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60)
@given(changes=st.dictionaries(st.sampled_from(sorted(denied())), JSON, max_size=4), inside=st.dictionaries(st.text(), JSON, max_size=2))
def test_an_eob_with_anything_in_any_place_is_a_claim_a_problem_or_a_caution(changes, inside):
    made = {**denied(), **changes, "resourceType": "ExplanationOfBenefit", "item": [{**denied()["item"][0], **inside}]}
    for item in as_read(ndjson(made, *PEOPLE).encode("utf-8", "surrogatepass")):
        assert isinstance(item, Claim | ClaimProblem | Caution | Transaction)


@settings(max_examples=150)
@given(text=st.sampled_from([GOOD, LINES]), cut=st.integers(0, len(GOOD)), junk=st.binary(max_size=6), drop=st.integers(0, 40))
def test_a_damaged_file_is_read_or_refused_and_never_anything_else(text, cut, junk, drop):
    content = text.encode()
    as_read(content[:cut] + junk + content[cut + drop :])


@settings(max_examples=100)
@given(content=st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ntrue0-.eE \n', max_size=80).map(str.encode))
def test_any_bytes_at_all_are_read_or_refused(content):
    as_read(content)
