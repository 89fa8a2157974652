"""One patient's exported trail: whatever is changed, dropped, moved or brought in is found and named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO

import pytest

from appeals import audit, trail
from appeals.errors import StorageError
from appeals.model import Practice
from appeals.record import Event, Head, StoredEvent

DAY = date(2026, 11, 23)
PRACTICE = Practice(id="p1", name="Clinic \x1b[31m\x7f é", zone="America/New_York", state="NC", created_on=DAY)


def log_of(patients, log="log1"):
    """A log with an entry for each of `patients`, as the store would have written it."""
    tree, stored, counts = audit.Tree(), [], {}
    for seq, patient in enumerate(patients, 1):
        counts[patient] = counts.get(patient, 0) + 1
        text = audit.canonical(
            Event(
                recorded_at=datetime(2026, 11, 23, 14, 30, tzinfo=UTC),
                on=DAY,
                actor="ana",
                practice="p1",
                patient=patient,
                kind="mark",
                name="note",
                reason="\u202e\x7f",
                nonce=f"{seq:032x}",
                log=log,
                seq=seq,
                patient_seq=counts[patient],
            )
        )
        tree = tree.append(audit.leaf(text))
        stored.append(StoredEvent(seq=seq, leaf=audit.leaf(text).hex(), root=tree.root().hex(), text=text))
    return stored


def head_of(stored, log="log1"):
    return Head(log=log, size=len(stored), root=stored[-1].root)


def export(stored, patient="ann", head=None, log="log1"):
    mine = [entry for entry in stored if json.loads(entry.text)["patient"] == patient]
    leaves = (bytes.fromhex(entry.leaf) for entry in stored)
    return list(trail.export(mine, leaves, head or head_of(stored, log), practice=PRACTICE, patient=patient, on=DAY))


def sealed(lines):
    """The same lines under a fresh seal, as somebody would write it who knows the format."""
    body = "".join(lines[:-1])
    seal = {"entries": len(lines) - 2, "sha256": sha256(body.encode()).hexdigest()}
    return [*lines[:-1], json.dumps(seal, sort_keys=True, separators=(",", ":")) + "\n"]


def relabelled(lines):
    """A header that agrees with the number of entries there are now."""
    header = json.loads(lines[0])
    header["entries"] = len(lines) - 2
    header["statement"] = f"{header['entries']} entries for this patient, log size {header['size']}, root {header['root']}"
    return sealed([written(header), *lines[1:]])


def written(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def messages(lines, heads=()):
    return [found.message for found in trail.verify(lines, heads).findings]


@pytest.fixture(scope="module")
def stored():
    return log_of(["ann", "bob", "ann", "cyd", "ann"] * 8)


@pytest.fixture
def lines(stored):
    return export(stored)


def test_an_untouched_export_is_verified_and_says_what_it_proved(stored, lines):
    verdict = trail.verify(lines)
    assert verdict == trail.verify(line.encode() for line in lines)
    assert verdict.findings == ()
    assert (verdict.entries, verdict.size, verdict.root, verdict.patient) == (24, 40, stored[-1].root, "ann")
    assert not verdict.confirmed
    assert trail.verify(lines, [head_of(stored)]).confirmed


def test_every_line_is_printable_ascii(lines):
    assert all(line.endswith("\n") and line[:-1].isascii() and line[:-1].isprintable() for line in lines)


def test_the_header_states_count_size_and_root_and_the_text_is_what_was_hashed(stored, lines):
    header = json.loads(lines[0])
    assert header["statement"] == f"24 entries for this patient, log size 40, root {stored[-1].root}"
    assert json.loads(lines[1])["text"] == stored[0].text


@pytest.mark.parametrize("count", [*range(1, 18), 33])
def test_every_entry_of_a_log_of_any_size_can_be_proven(count):
    assert messages(export(log_of(["ann"] * count))) == []
    assert messages(export(log_of(["bob"] * count + ["ann"]))) == []


def test_a_patient_without_entries_has_an_export_that_says_so(stored):
    assert messages(export(stored, patient="nobody")) == []


def test_every_changed_byte_is_found():
    whole = "".join(export(log_of(["ann", "bob"] * 10))).encode()
    for place, byte in enumerate(whole):
        changed = whole[:place] + bytes([byte ^ 1]) + whole[place + 1 :]
        assert trail.verify(BytesIO(changed)).findings, f"byte {place}"


def test_under_a_fresh_seal_only_the_practice_name_and_the_day_of_export_can_be_changed_unseen():
    lines = export(log_of(["ann", "bob"] * 3))
    whole = "".join(lines[:-1])
    free = set()
    for name in ("practice_name", "exported_on"):
        value = json.dumps({name: json.loads(lines[0])[name]}, separators=(",", ":"))[1:-1]
        free |= set(range(whole.index(value) + len(name) + 4, whole.index(value) + len(value) - 1))
    for place, character in enumerate(whole):
        changed = whole[:place] + chr(ord(character) ^ 1) + whole[place + 1 :]
        found = messages(sealed([*changed.splitlines(keepends=True), ""]))
        assert found or place in free, f"byte {place}: {whole[place - 20 : place + 20]!r}"


def test_a_changed_line_end_is_found(lines):
    assert messages("".join(lines).replace("\n", "\r\n").encode().splitlines(keepends=True))
    assert messages("".join(lines).encode()[:-1].splitlines(keepends=True))


def test_an_entry_left_out_is_found_even_under_a_fresh_header_and_seal(lines):
    for place in range(1, 24):
        found = messages(relabelled([*lines[:place], *lines[place + 1 :]]))
        assert any(f"the patient's entry {place} is missing before it" in message for message in found)


def test_the_last_entry_left_out_is_found_by_the_header(lines):
    assert messages(sealed([*lines[:-2], lines[-1]])) == ["the header says 24 entries, the file has 23"]


def test_last_entries_left_out_under_a_fresh_header_are_not_found_and_the_documents_say_so(lines):
    assert messages(relabelled([*lines[:-2], lines[-1]])) == []


def test_entries_in_another_order_are_found_and_named(lines):
    found = messages(relabelled([*lines[:3], lines[4], lines[3], *lines[5:]]))
    assert found[:3] == [
        "entry 6: the patient's entry 3 is missing before it",
        "entry 5: it stands where the patient's entry 5 should",
        "entry 5: it stands after entry 6",
    ]


def test_an_entry_twice_is_found(lines):
    found = messages(relabelled([*lines[:4], lines[3], *lines[4:]]))
    assert any("it stands where the patient's entry 4 should" in message for message in found)


def test_another_patients_entry_is_found_though_the_log_holds_it(stored, lines):
    other = export(stored, patient="bob")
    found = messages(relabelled([*lines[:2], other[2], *lines[3:]]))
    assert "entry 7: its text names another patient than the file does" in found


def test_an_entry_of_another_log_is_found(lines):
    other = export(log_of(["ann", "bob", "ann", "cyd", "ann"] * 8, log="log2"), log="log2")
    found = messages(relabelled([*lines[:2], other[2], *lines[3:]]))
    assert "entry 3: its text names another log than the file does" in found
    assert "entry 3: its proof does not lead to the root of the log" in found


def test_an_edited_entry_is_found_and_named_however_much_is_made_anew(lines):
    entry = json.loads(lines[2])
    entry["text"] = entry["text"].replace('"actor":"ana"', '"actor":"eve"')
    found = messages(sealed([*lines[:2], written(entry), *lines[3:]]))
    assert found == ["entry 3: its text is not the one that was hashed", "entry 3: its proof does not lead to the root of the log"]
    entry["leaf"] = audit.leaf(entry["text"]).hex()
    found = messages(sealed([*lines[:2], written(entry), *lines[3:]]))
    assert found == ["entry 3: its proof does not lead to the root of the log"]


@pytest.mark.parametrize(("name", "value"), [("sandbox", True), ("practice", "p2"), ("patient", "bob"), ("log", "log2")])
def test_a_header_that_names_something_else_than_the_entries_is_found(lines, name, value):
    found = messages(relabelled([written(json.loads(lines[0]) | {name: value}), *lines[1:]]))
    assert f"entry 1: its text names another {name} than the file does" in found


def test_an_entry_of_a_version_this_program_does_not_know_is_found():
    [entry] = log_of(["ann"])
    text = entry.text.replace('"v":1}', '"v":2}')
    root = audit.leaf(text).hex()
    lines = export([StoredEvent(seq=1, leaf=root, root=root, text=text)])
    assert messages(lines) == ["entry 1: its text is not of version 1"]


@pytest.mark.parametrize(
    ("before", "after"), [('{"leaf"', '{"text":"shown instead","leaf"'), ('"seq":', '"seq": '), ('{"leaf"', '{"\\u006ceaf"')]
)
def test_a_line_that_reads_differently_to_another_reader_is_found(lines, before, after):
    assert before in lines[1]
    found = messages(sealed([lines[0], lines[1].replace(before, after, 1), *lines[2:]]))
    assert found == ["line 2 is damaged: it is not written as an export writes it"]


def test_a_truncated_file_is_found_wherever_it_is_cut(lines):
    whole = "".join(lines).encode()
    for kept in [*range(0, len(whole), 97), len(whole) - 1]:
        assert trail.verify(BytesIO(whole[:kept])).findings


def test_a_whole_file_made_of_a_rewritten_log_is_found_by_a_head_kept_outside(stored):
    forged = log_of(["ann", "ann", "ann", "cyd", "ann"] * 8)
    lines = export(forged)
    assert messages(lines) == []
    verdict = trail.verify(lines, [head_of(stored)])
    assert not verdict.confirmed
    assert [found.message for found in verdict.findings] == ["the root is not the one that was noted outside for this log and size"]


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [""],
        ["\n"],
        ["[" * 100_000 + "\n"],
        ["{}\n", "{}\n"],
        ["null\n"] * 3,
        ["\ud800\n"],
        [b"\xff\xfe\n"],
        ['{"size":1e400}\n'],
        ['{"size":' + "9" * 5000 + "}\n"],
    ],
    ids=["nothing", "empty line", "blank", "deep", "no fields", "null", "surrogate", "bytes", "infinite", "digits"],
)
def test_a_file_that_is_no_trail_is_a_finding_and_not_a_crash(bad):
    assert trail.verify(bad).findings


@pytest.mark.parametrize("field", ["seq", "leaf", "text", "proof"])
def test_an_entry_with_a_wrong_kind_of_value_is_a_finding_and_not_a_crash(lines, field):
    for value in (None, True, 1.5, -1, 10**30, "x", ["x"], [1], {}, "\ud800", '{"patient_seq":"1"}', "[" * 100_000):
        entry = json.loads(lines[1]) | {field: value}
        assert messages(sealed([lines[0], written(entry), *lines[2:]]))


def test_what_was_appended_after_the_head_is_left_out(stored):
    early = Head(log="log1", size=10, root=stored[9].root)
    lines = export(stored, head=early)
    assert messages(lines, [early]) == []
    assert json.loads(lines[0])["entries"] == 6


def test_a_log_that_does_not_fit_its_head_is_not_exported(stored):
    with pytest.raises(StorageError):
        export(stored, head=replace(head_of(stored), root="00" * 32))
    with pytest.raises(StorageError):
        export(stored[:30], head=head_of(stored))
    edited = [*stored]
    edited[2] = replace(stored[2], text=stored[2].text.replace("ana", "eve"))
    with pytest.raises(StorageError):
        export(edited)
