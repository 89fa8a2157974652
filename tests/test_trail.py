"""One patient's exported trail: whatever is changed, dropped, moved or brought in is found and named."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from appeals import audit, logcheck, trail, trailcheck, verify_trail
from appeals.errors import FileRefused, StorageError
from appeals.model import Practice
from appeals.record import Event, Head, StoredEvent
from appeals.trail import Counts, Scope

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
PRACTICE = Practice(id="p1", name="Clinic \x1b[31m\x7f é", zone="America/New_York", state="NC", created_on=DAY)


def entry_of(seq, patient, patient_seq, log, **given):
    return audit.canonical(
        Event(
            recorded_at=AT + timedelta(minutes=seq),
            on=DAY + timedelta(days=seq // 10),
            actor="ana",
            practice="p1",
            patient=patient,
            **({"case": f"case{seq % 2}", "kind": "mark", "name": "note", "reason": "\u202e\x7f"} | given),
            nonce=f"{seq:032x}",
            log=log,
            seq=seq,
            patient_seq=patient_seq,
        )
    )


def log_of(patients, log="log1", **given):
    """A log with an entry for each of `patients`, as the store would have written it."""
    counts = Counter()
    texts = []
    for seq, patient in enumerate(patients, 1):
        counts[patient] += 1
        texts.append(entry_of(seq, patient, counts[patient], log, **given))
    return stored_as(texts)


def stored_as(texts):
    tree, stored = audit.Tree(), []
    for seq, text in enumerate(texts, 1):
        tree = tree.append(audit.leaf(text))
        stored.append(StoredEvent(seq=seq, leaf=audit.leaf(text).hex(), root=tree.root().hex(), text=text))
    return stored


def head_of(stored, log="log1"):
    return Head(log=log, size=len(stored), root=stored[-1].root, at=datetime.fromisoformat(json.loads(stored[-1].text)["recorded_at"]))


def told(entry):
    return json.loads(entry.text)


def export(stored, patient="ann", log="log1", *, case="", first=None, last=None, redact=None, since=None, form="jsonl"):
    """The file of a patient, or of what is asked for; the export's own entry is the last one of the log."""
    wanted = [e for e in stored if told(e)["patient"] == patient and case in ("", told(e)["case"])]
    wanted = [e for e in wanted if (first or date.min).isoformat() <= told(e)["on"] <= (last or date.max).isoformat()]
    of = sum(told(e)["patient"] == patient for e in stored) + 1
    days = {"from": first.isoformat()} if first else {}
    days |= {"to": last.isoformat()} if last else {}
    asked = {"redacted": redact is not None, "practice_name": PRACTICE.name, "upto": len(stored), "entries": len(wanted)}
    facts = {"format": form, **({"case": case} if case else {}), **days, **asked}
    own = entry_of(len(stored) + 1, patient, of, log, kind="export", name="audit export", facts=facts, reason="", case=case or None)
    whole = stored_as([*(e.text for e in stored), own])
    head, seqs = head_of(whole, log), [*(e.seq for e in wanted), len(whole)]
    proofs = trail.proven((bytes.fromhex(e.leaf) for e in whole), seqs, head, since=since)
    scope = Scope(patient=patient, case=case, first=first, last=last, redacted=redact is not None)
    counts = Counts(entries=len(seqs), of=of, upto=len(stored))
    older = trail.older(since, head, proofs) if since else None
    on = date.fromisoformat(told(whole[-1])["on"])
    header = trail.header(scope, counts, head, practice=PRACTICE, on=on, since=older)
    return list(trail.lines(header, trail.entries((whole[seq - 1] for seq in seqs), seqs, proofs), redact))


def sealed(lines):
    """The same lines under a fresh seal, as somebody would write it who knows the format."""
    body = "".join(lines[:-1])
    seal = {"entries": len(lines) - 2, "sha256": sha256(body.encode()).hexdigest()}
    return [*lines[:-1], json.dumps(seal, sort_keys=True, separators=(",", ":")) + "\n"]


def relabelled(lines):
    """A header that agrees with the number of entries there are now."""
    header = json.loads(lines[0])
    header["entries"] = len(lines) - 2
    counts = Counts(entries=header["entries"], of=header["of"], upto=header["upto"])
    header["statement"] = trail.statement(counts, Head(log=header["log"], size=header["size"], root=header["root"]))
    return sealed([written(header), *lines[1:]])


def written(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def raw(lines):
    return [line if isinstance(line, bytes) else line.encode() for line in lines]


def messages(lines, heads=()):
    """What the program finds; whatever it finds, the verifier that stands alone finds something too, and only then."""
    found = [found.message for found in trailcheck.verify(raw(lines), heads).findings]
    alone = verify_trail.findings(raw(lines))
    assert bool(alone) == bool(trailcheck.verify(raw(lines)).findings), (alone, found)
    return found


@pytest.fixture(scope="module")
def stored():
    return log_of(["ann", "bob", "ann", "cyd", "ann"] * 8)


@pytest.fixture
def lines(stored):
    return export(stored)


def test_an_untouched_export_is_verified_and_says_what_it_proved(stored, lines):
    verdict = trailcheck.verify(raw(lines))
    assert verdict.findings == ()
    assert (verdict.entries, verdict.withheld, verdict.kept) == (25, 0, 0)
    header = json.loads(lines[0])
    assert verdict.statement == f"25 entries for this patient, log log1, size 41, root {header['root']}"
    assert verdict.head == f"log1 41 {header['root']} 2026-11-23T15:11:00.000000Z"
    kept = Head(log="log1", size=41, root=header["root"])
    assert trailcheck.verify(raw(lines), [kept]).kept == 1
    assert messages(lines, [kept]) == []


def test_every_line_is_printable_ascii(lines):
    assert all(line.endswith("\n") and line[:-1].isascii() and line[:-1].isprintable() for line in lines)


def test_the_text_in_the_file_is_the_one_that_was_hashed(stored, lines):
    assert json.loads(lines[1])["text"] == stored[0].text
    assert json.loads(lines[1])["leaf"] == stored[0].leaf


@pytest.mark.parametrize("count", [*range(1, 18), 33, 63, 64, 65, 127, 128, 129])
def test_every_entry_of_a_log_of_any_size_can_be_proven(count):
    assert messages(export(log_of(["ann"] * count))) == []
    assert messages(export(log_of(["bob"] * count + ["ann"]))) == []


def test_a_patient_without_entries_has_an_export_that_holds_its_own(stored):
    lines = export(stored, patient="nobody")
    assert messages(lines) == []
    assert json.loads(lines[0])["entries"] == 1


EVENTS, SHARES = 200, 4


@pytest.fixture(scope="module")
def two_hundred():
    return export(log_of(["ann"] * (EVENTS - 1)))


@pytest.mark.parametrize("share", [0, *(pytest.param(share, marks=pytest.mark.soak) for share in range(1, SHARES))])
def test_every_byte_of_a_file_of_two_hundred_entries_that_is_changed_under_a_fresh_seal_is_found(two_hundred, share):
    """Line by line, beside the header and the export's own entry: what is found of a line does not hang on the other lines."""
    header, *entries, own, _ = two_hundred
    assert len(entries) == EVENTS - 1
    for which in range(share, EVENTS, SHARES):
        line = (entries[which] if which < len(entries) else own).encode()
        around = raw([header]), raw([own] if which < len(entries) else [])
        untouched = {found.message for found in trailcheck.verify([*around[0], line, *around[1], b""]).findings}
        for place, byte in enumerate(line[:-1]):
            changed = line[:place] + bytes([byte ^ 1]) + line[place + 1 :]
            found = {found.message for found in trailcheck.verify([*around[0], changed, *around[1], b""]).findings}
            assert found - untouched, f"line {which}, byte {place}: {line[place - 20 : place + 20]!r}"


def test_every_byte_of_the_header_and_the_seal_that_is_changed_is_found(two_hundred):
    small = export(log_of(["ann", "bob"] * 3))
    whole = [*map(str.encode, small)]
    for at in (0, len(whole) - 1):
        for place, byte in enumerate(whole[at]):
            changed = [*whole]
            changed[at] = whole[at][:place] + bytes([byte ^ 1]) + whole[at][place + 1 :]
            if at == 0:
                changed[-1] = sealed([each.decode("latin-1") for each in changed])[-1].encode()
            assert found_or_refused(b"".join(changed).splitlines(keepends=True)), f"line {at}, byte {place}"
    everything = "".join(two_hundred).encode()
    for place in range(0, len(everything), 1009):
        changed = everything[:place] + bytes([everything[place] ^ 1]) + everything[place + 1 :]
        assert found_or_refused(changed.splitlines(keepends=True)), f"byte {place}"


def found_or_refused(lines):
    try:
        return trailcheck.verify(lines).findings
    except FileRefused:
        return True


def test_a_changed_line_end_is_found(lines):
    assert messages("".join(lines).replace("\n", "\r\n").encode().splitlines(keepends=True))
    assert messages("".join(lines).encode()[:-1].splitlines(keepends=True))


def test_an_entry_left_out_is_found_even_under_a_fresh_header_and_seal(lines):
    for place in range(1, 25):
        found = messages(relabelled([*lines[:place], *lines[place + 1 :]]))
        assert any(f"the patient's entry {place} is missing before it" in message for message in found)


def test_the_last_entries_left_out_are_found_however_much_is_made_anew(lines):
    assert "the header says 25 entries, the file has 24" in messages(sealed([*lines[:-2], lines[-1]]))
    for left in range(1, 24):
        found = messages(relabelled([*lines[: -1 - left], lines[-1]]))
        assert found == ["the last entry is not the export itself: entries were cut off"]


def test_entries_left_out_before_the_exports_own_are_found_though_nothing_else_would_miss_them(lines):
    header = json.loads(lines[0])
    shorter = [written(header | {"of": 24}), *lines[1:-3], *lines[-2:]]
    found = messages(relabelled(shorter))
    assert "entry 41: the patient's entry 24 is missing before it" in found
    assert "the header says this patient has 24 entries, the log says 25" in found


def test_entries_in_another_order_are_found_and_named(lines):
    found = messages(relabelled([*lines[:3], lines[4], lines[3], *lines[5:]]))
    assert found[:3] == [
        "entry 6: the patient's entry 3 is missing before it",
        "entry 5: it stands after entry 6",
        "entry 5: it stands where the patient's entry 5 should",
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("practice_name", "Another clinic"), ("exported_on", "2026-11-24"), ("recorded_at", "2026-11-23T15:12:00.000000Z"), ("upto", 39),
        ("case", "case1"), ("from", "2026-11-23"), ("to", "2026-11-30"), ("redacted", True), ("of", 26), ("size", 42), ("root", "00" * 32),
        ("head", "log1 41 00 x"), ("statement", "all of it"), ("since", {"size": 3, "root": "00" * 32, "proof": []}), ("since", {}),
    ],
)  # fmt: skip
def test_nothing_the_header_says_has_to_be_believed(lines, name, value):
    header = json.loads(lines[0]) | {name: value}
    assert messages(sealed([written(header), *lines[1:]]))
    header["head"] = f"{header['log']} {header['size']} {header['root']} {header['recorded_at']}"
    assert messages(relabelled([written(header), *lines[1:]])) or name in ("head", "statement")


def test_an_entry_of_a_version_this_program_does_not_know_is_found():
    texts = [entry.text for entry in log_of(["ann", "bob"])]
    lines = export(stored_as([texts[0].replace('"v":1}', '"v":2}'), texts[1]]))
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
        assert found_or_refused(whole[:kept].splitlines(keepends=True))
        assert verify_trail.findings(whole[:kept].splitlines(keepends=True))


def test_a_whole_file_made_of_a_rewritten_log_is_found_by_a_head_kept_outside(lines):
    forged = export(log_of(["ann", "ann", "ann", "cyd", "ann"] * 8))
    assert messages(forged) == []
    head = Head(log="log1", size=41, root=json.loads(lines[0])["root"])
    assert messages(forged, [head]) == ["the root is not the one that was noted outside for size 41"]
    assert verify_trail.findings(raw(forged), f"log1 41 {head.root} 2026-11-23T15:11:00.000000Z")
    assert verify_trail.findings(raw(lines), f"log1 41 {head.root} 2026-11-23T15:11:00.000000Z") == []


def test_heads_of_another_size_or_log_cannot_vouch_for_a_file_and_that_is_said(stored, lines):
    [message] = messages(lines, [head_of(stored[:7])])
    assert "none of the heads kept outside can be compared" in message
    assert "size 7" in message
    [message] = messages(lines, [Head(log="log2", size=41, root="00" * 32)])
    assert "other logs" in message


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 31, 32, 33, 40])
def test_an_export_that_goes_on_from_a_head_proves_that_the_log_has_only_grown_since(stored, size):
    since = head_of(stored[:size])
    lines = export(stored, since=since)
    assert messages(lines, [since]) == []
    assert verify_trail.findings(raw(lines), f"log1 {size} {since.root} 2026-11-23T15:11:00.000000Z") == []
    older = json.loads(lines[0])["since"]
    for wrong in ({"root": stored[size].root if size < 40 else "00" * 32}, {"size": size - 1}, {"proof": older["proof"][:-1]}):
        header = json.loads(lines[0]) | {"since": older | wrong}
        assert "the log does not go on from the older head the header names" in messages(sealed([written(header), *lines[1:]]))


def test_a_log_rewritten_since_a_head_is_not_exported_against_it(stored):
    with pytest.raises(StorageError, match="does not go on"):
        export(log_of(["ann", "ann", "bob"] * 8), since=head_of(stored[:7]))
    with pytest.raises(StorageError, match="does not go on"):
        export(stored[:7], since=head_of(stored))


def test_a_copy_of_one_case_says_how_much_of_the_trail_it_is_and_misses_nothing_of_it(stored):
    lines = export(stored, case="case1")
    assert messages(lines) == []
    assert json.loads(lines[0])["statement"].startswith("13 of 25 entries for this patient, log log1, size 41")
    for place in range(1, 13):
        found = messages(relabelled([*lines[:place], *lines[place + 1 :]]))
        assert "12 entries were counted for it, the file has 11 of them" in found


def test_a_copy_of_certain_days_holds_those_days_only(stored):
    lines = export(stored, first=DAY + timedelta(days=1), last=DAY + timedelta(days=2))
    assert messages(lines) == []
    assert {told(StoredEvent(seq=0, leaf="", root="", text=json.loads(line)["text"]))["on"] for line in lines[1:-2]} == {
        "2026-11-24",
        "2026-11-25",
    }
    assert json.loads(lines[0])["entries"] < 25


def test_an_entry_outside_what_was_asked_for_is_found(stored):
    whole, case = export(stored), export(stored, case="case1")
    found = messages(relabelled([case[0], *case[1:3], whole[4], *case[3:]]))
    assert "entry 6: it is not of the case the file is about" in found
    days = export(stored, first=DAY + timedelta(days=1), last=DAY + timedelta(days=1))
    assert "entry 8: it is of a day before those the file is about" in messages(relabelled([days[0], whole[5], *days[1:]]))
    assert "entry 21: it is of a day after those the file is about" in messages(relabelled([*days[:-2], whole[13], *days[-2:]]))


def withheld(told):
    return told | {"reason": "[withheld]"}


def test_a_redacted_copy_proves_the_place_of_each_entry_and_says_that_its_text_is_withheld(stored):
    lines = export(stored, redact=withheld)
    assert messages(lines) == []
    verdict = trailcheck.verify(raw(lines))
    assert (verdict.redacted, verdict.withheld, verdict.entries) == (True, 24, 25)
    assert not any("\\u202e" in line for line in lines)
    entry = json.loads(lines[3])
    for wrong in ({"leaf": "00" * 32}, {"shown": entry["shown"] | {"patient": "bob"}}, {"shown": None}, {"text": "{}"}, {"seq": 4}):
        assert messages(sealed([*lines[:3], written(entry | wrong), *lines[4:]]))
    found = messages(relabelled([*lines[:3], *lines[4:]]))
    assert "24 entries were counted for it, the file has 23 of them" in found


def test_a_text_withheld_in_a_copy_that_is_not_redacted_is_found(lines):
    entry = json.loads(lines[2])
    hidden = entry | {"text": None, "shown": withheld(json.loads(entry["text"]))}
    assert messages(sealed([*lines[:2], written(hidden), *lines[3:]])) == ["entry 3: its text is withheld in a copy that is not redacted"]


NO_TRAIL = {
    "nothing": [],
    "empty line": [""],
    "blank": ["\n"],
    "deep": ["[" * 100_000 + "\n"],
    "no fields": ["{}\n", "{}\n"],
    "null": ["null\n"] * 3,
    "bytes": [b"\xff\xfe\n"],
    "infinite": ['{"size":1e400}\n'],
    "digits": ['{"size":' + "9" * 5000 + "}\n"],
    "a page": ["<!DOCTYPE html>\n", "<html lang=en>\n"],
    "a table": ["\ufeffentry,on,account\r\n"],
    "another version": ['{"schema":"appeals-trail/2"}\n'],
}


@pytest.mark.parametrize("what", NO_TRAIL)
def test_a_file_that_is_no_trail_is_refused_by_name(what):
    if what != "another version":
        with pytest.raises(FileRefused, match="no exported trail"):
            trailcheck.verify(raw(NO_TRAIL[what]))
    assert verify_trail.findings(raw(NO_TRAIL[what]))


def test_a_trail_of_another_version_is_refused_by_name(lines):
    header = written(json.loads(lines[0]) | {"schema": "appeals-trail/2"})
    with pytest.raises(FileRefused, match="another version"):
        trailcheck.verify(raw([header, *lines[1:]]))


def test_a_line_without_end_is_refused_and_not_read_into_memory():
    class Endless:
        def readline(self, most):
            return b"x" * most

    with pytest.raises(FileRefused, match="longer"):
        trailcheck.verify(trailcheck.read(Endless()))


def test_a_foreign_file_gives_a_hundred_findings_and_not_a_million(lines):
    assert len(messages([lines[0], *["{}\n"] * 3000, lines[-1]])) == trailcheck.ENOUGH


@pytest.mark.parametrize("field", ["seq", "leaf", "text", "proof"])
def test_an_entry_with_a_wrong_kind_of_value_is_a_finding_and_not_a_crash(lines, field):
    for value in (None, True, 1.5, -1, 10**30, "x", ["x"], [1], {}, "\ud800", '{"patient_seq":"1"}', "[" * 100_000):
        entry = json.loads(lines[1]) | {field: value}
        assert messages(sealed([lines[0], written(entry), *lines[2:]]))


def test_a_log_that_does_not_fit_its_head_is_not_exported(stored):
    leaves = [bytes.fromhex(entry.leaf) for entry in stored]
    for wrong, head in ((leaves, replace(head_of(stored), root="00" * 32)), (leaves[:30], head_of(stored)), (leaves[:3], head_of(stored))):
        with pytest.raises(StorageError, match="does not fit its own head"):
            trail.proven(iter(wrong), [1, 3, 5], head)


def test_an_entry_changed_or_missing_in_the_table_is_not_exported(stored):
    seqs = [1, 3, 5]
    proofs = trail.proven((bytes.fromhex(entry.leaf) for entry in stored), seqs, head_of(stored))
    mine = [stored[seq - 1] for seq in seqs]
    edited = replace(mine[1], text=mine[1].text.replace("ana", "eve"))
    for wrong in ([mine[0], edited, mine[2]], mine[:2], [*mine, stored[5]], [mine[0], stored[1], mine[2]], []):
        with pytest.raises(StorageError, match="Entry"):
            list(trail.entries(wrong, seqs, proofs))


def peak_of(work):
    tracemalloc.start()
    work()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_verifying_takes_the_same_memory_however_long_the_log_and_the_file_are(tmp_path):
    peaks = {}
    for count in (300, 3000):
        file = tmp_path / f"{count}.jsonl"
        file.write_text("".join(export(log_of(["ann"] * count))))
        texts = tmp_path / f"{count}.log"
        texts.write_text("\n".join(entry.text for entry in log_of(["ann"] * count)))

        def verify_file(file=file):
            with file.open("rb") as stream:
                assert trailcheck.verify(trailcheck.read(stream)).findings == ()

        def verify_log(texts=texts):
            tree = [audit.Tree()]

            def stored():
                with texts.open() as stream:
                    for seq, line in enumerate(stream, 1):
                        text = line.rstrip("\n")
                        tree[0] = tree[0].append(audit.leaf(text))
                        yield StoredEvent(seq=seq, leaf=audit.leaf(text).hex(), root=tree[0].root().hex(), text=text)

            assert logcheck.first_break(stored()) is None

        peaks[count] = peak_of(verify_file), peak_of(verify_log)
    assert all(long < short + 256 * 1024 for short, long in zip(peaks[300], peaks[3000], strict=True)), peaks


ODD = {
    "twice": lambda text: text.replace('"v":1}', '"v":1,"v":1}'),
    "a blank": lambda text: text.replace('"v":1}', '"v": 1}'),
    "a fraction": lambda text: text.replace('"facts":{}', '"facts":{"a":1.5}'),
    "no number": lambda text: text.replace('"facts":{}', '"facts":{"a":NaN}'),
    "another order": lambda text: text.replace('"undoes":null,"v":1}', '"v":1,"undoes":null}'),
    "escaped": lambda text: text.replace('"kind":"mark"', '"kind":"\\u006dark"'),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_text_that_two_readers_might_read_as_two_things_is_found_though_it_is_what_was_hashed(odd):
    texts = [entry.text for entry in log_of(["ann"] * 5)]
    assert ODD[odd](texts[2]) != texts[2]
    texts[2] = ODD[odd](texts[2])
    lines = export(stored_as(texts))
    assert any("two readers might read two things" in said for said in messages(lines))
    assert verify_trail.findings([line.encode() for line in lines]) != []


def test_a_header_or_entry_with_one_key_more_is_found(lines):
    for at in (0, 1):
        more = [*lines]
        more[at] = written(json.loads(lines[at]) | {"note": "all is well"})
        assert found_or_refused([line.encode() for line in sealed(more)])
        assert verify_trail.findings([line.encode() for line in sealed(more)]) != []


def test_the_last_entry_of_a_copy_in_another_format_does_not_end_this_one(stored):
    lines = export(stored, form="html")
    assert any("in another format" in said for said in messages(lines))
    assert verify_trail.findings([line.encode() for line in lines]) != []
