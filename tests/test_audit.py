"""The trail's arithmetic against RFC 9162 written out as the standard words it, and against RFC 8785's own package."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from appeals import audit, logcheck
from appeals.merkle import prove
from appeals.model import Clock
from appeals.record import Columns, Event, Head, StoredEvent

SIZES = range(1, 301)
LEAVES = [audit.leaf(f"entry {number}") for number in SIZES]


# RFC 9162 section 2.1 as it is written: slow, recursive, and not ours.
def rfc_split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


_roots = {}


def rfc_root(start, end):
    if (start, end) not in _roots:
        if end - start == 1:
            return LEAVES[start]
        k = start + rfc_split(end - start)
        _roots[start, end] = sha256(b"\1" + rfc_root(start, k) + rfc_root(k, end)).digest()
    return _roots[start, end]


def rfc_path(m, start, end):
    if end - start == 1:
        return []
    k = rfc_split(end - start)
    if m < k:
        return [*rfc_path(m, start, start + k), rfc_root(start + k, end)]
    return [*rfc_path(m - k, start + k, end), rfc_root(start, start + k)]


def rfc_subproof(m, start, end, whole):
    if m == end - start:
        return [] if whole else [rfc_root(start, end)]
    k = rfc_split(end - start)
    if m <= k:
        return [*rfc_subproof(m, start, start + k, whole), rfc_root(start + k, end)]
    return [*rfc_subproof(m - k, start + k, end, False), rfc_root(start, start + k)]


PROMISED = [
    *("acting_for", "actor", "case", "case_version", "changes", "clocks", "facts", "kind", "log", "name", "nonce", "on"),
    *("patient", "patient_seq", "practice", "purpose", "reason", "recorded_at", "request", "sandbox", "seq", "source", "undoes", "v"),
]
CLOCK = Clock(
    id="c1",
    practice_id="p1",
    case_id="case1",
    kind="file_appeal",
    rule_id="MA-1",
    pack_id="medicare",
    pack_version="2026-01-01",
    pack_hash="ab",
    trigger="denial",
    trigger_id="d1",
    start_date=date(2026, 11, 23),
    start_kind="notice",
    start_at=datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=-5))),
    work_by=date(2027, 1, 22),
    arithmetic="2026-11-23 + 60 days = 2027-01-22",
    checked_on=date(2026, 11, 1),
)


def event(**changed):
    given = {
        "recorded_at": datetime(2026, 11, 23, 14, 30, tzinfo=UTC),
        "on": date(2026, 11, 23),
        "actor": "ana",
        "practice": "p1",
        "patient": "pat1",
        "case": "case1",
        "case_version": 2,
        "kind": "step",
        "name": "deny",
        "facts": {"denied_cents": 12_345},
        "changes": {"state": ["submitted", "denied"]},
        "clocks": (CLOCK,),
        "nonce": "0" * 32,
        "log": "log1",
        "seq": 1,
        "patient_seq": 1,
    }
    return Event(**(given | changed))


def log_of(texts):
    """Texts as a log keeps them."""
    tree, stored = audit.Tree(), []
    for seq, text in enumerate(texts, 1):
        tree = tree.append(audit.leaf(text))
        stored.append(StoredEvent(seq=seq, leaf=audit.leaf(text).hex(), root=tree.root().hex(), text=text))
    return stored


def entries(count=12, log="log1"):
    return log_of(audit.canonical(event(seq=seq, log=log, reason=f"reason {seq}")) for seq in range(1, count + 1))


def head(stored, log="log1"):
    return Head(log=log, size=len(stored), root=stored[-1].root if stored else audit.Tree().root().hex())


def test_the_canonical_text_is_what_another_implementation_of_rfc_8785_writes():
    text = audit.canonical(event(reason='é "quoted" \\ \x7f \u2028 \x01\n', source={"sha256": "00", "segment": 3}))
    assert rfc8785.dumps(json.loads(text)) == text.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_any_facts_are_written_as_rfc_8785_writes_them(facts):
    text = audit.canonical(event(clocks=(), facts=facts))
    assert f'"facts":{rfc8785.dumps(facts).decode()},"kind"' in text


def test_names_sort_by_utf_16_code_units_and_not_by_code_points():
    text = audit.canonical(event(facts={"\U0001f600": 1, "\ufb33": 2}))
    assert '"facts":{"\U0001f600":1,"\ufb33":2}' in text


def test_an_entry_has_exactly_the_promised_keys_and_complete_clocks():
    told = json.loads(audit.canonical(event()))
    assert list(told) == PROMISED
    assert told["v"] == 1
    assert set(told["clocks"][0]) == {each.name for each in fields(Clock)}
    assert told["recorded_at"] == "2026-11-23T14:30:00.000000Z"
    assert told["clocks"][0]["start_at"] == "2026-11-23T14:30:00.000000Z"
    assert told["clocks"][0]["work_by"] == "2027-01-22"


@pytest.mark.parametrize("value", [1.5, b"x", (1,), {1, 2}, date(2026, 1, 1), {1: "x"}, float("nan")])
def test_a_value_outside_the_canonical_subset_is_refused(value):
    with pytest.raises(TypeError):
        audit.canonical(event(facts={"x": value}))


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, 2**53, -(2**53)])
def test_text_that_is_not_unicode_and_integers_a_reader_would_round_are_refused(value):
    with pytest.raises(ValueError):
        audit.canonical(event(facts={"x": value}))


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        audit.canonical(event(recorded_at=datetime(2026, 11, 23)))  # noqa: DTZ001 - that is the point


def test_the_leaf_hash_is_the_one_certificate_transparency_publishes_for_an_empty_leaf():
    assert audit.leaf("").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_the_tree_grown_leaf_by_leaf_has_the_root_of_the_standard_at_every_size():
    tree = audit.Tree()
    assert tree.root() == sha256(b"").digest()
    for size in SIZES:
        tree = tree.append(LEAVES[size - 1])
        assert tree.root() == rfc_root(0, size)
        assert audit.Tree.from_hex(tree.size, tree.to_hex()) == tree


def test_a_frontier_that_does_not_belong_to_its_size_is_refused():
    with pytest.raises(ValueError):
        audit.Tree.from_hex(3, ["00" * 32])


def test_inclusion_proofs_are_those_of_the_standard_and_hold_at_every_size():
    for size in SIZES:
        proofs = prove(LEAVES[:size], range(size))
        assert proofs.root == rfc_root(0, size)
        for index in range(size):
            proof = proofs.inclusion(index, index)
            assert proof == rfc_path(index, 0, size)
            assert audit.verify_inclusion(LEAVES[index], index, size, proof, proofs.root)


@given(size=st.integers(1, 300), data=st.data())
def test_the_proofs_of_a_few_leaves_are_those_of_all(size, data):
    wanted = sorted(data.draw(st.sets(st.integers(0, size - 1))))
    few, every = prove(iter(LEAVES[:size]), wanted), prove(LEAVES[:size], range(size))
    assert [few.inclusion(which, index) for which, index in enumerate(wanted)] == [every.inclusion(index, index) for index in wanted]


def test_an_inclusion_proof_proves_one_leaf_at_one_place_only():
    for size in range(1, 34):
        root, proofs = rfc_root(0, size), prove(LEAVES[:size], range(size))
        for index in range(size):
            proof = proofs.inclusion(index, index)
            assert not audit.verify_inclusion(LEAVES[-1], index, size, proof, root)
            assert not audit.verify_inclusion(LEAVES[index], index, size, [*proof, root], root)
            assert not audit.verify_inclusion(LEAVES[index], size, size, proof, root)
            assert not audit.verify_inclusion(LEAVES[index], index, size, proof, LEAVES[-1])
            assert not proof or not audit.verify_inclusion(LEAVES[index], index, size, proof[:-1], root)
            for elsewhere in range(size):
                assert elsewhere == index or not audit.verify_inclusion(LEAVES[index], elsewhere, size, proof, root)


def consistency(new, old):
    return prove(LEAVES[:new], old_size=old).consistency()


def test_consistency_proofs_are_those_of_the_standard_and_hold_between_all_sizes():
    for new in SIZES:
        for old in range(1, new + 1):
            proof = consistency(new, old)
            assert proof == rfc_subproof(old, 0, new, True)
            assert audit.verify_consistency(old, new, proof, rfc_root(0, old), rfc_root(0, new))


def test_a_rewritten_past_has_no_consistency_proof():
    for new in range(2, 40):
        for old in range(1, new):
            proof, root = consistency(new, old), rfc_root(0, new)
            assert not audit.verify_consistency(old, new, proof, LEAVES[-1], root)
            assert not audit.verify_consistency(old, new, proof, rfc_root(0, old), LEAVES[-1])
            assert not audit.verify_consistency(old, new, [*proof, root], rfc_root(0, old), root)
            assert not audit.verify_consistency(old, new, proof[:-1], rfc_root(0, old), root)


def test_there_is_no_proof_of_what_a_log_never_had():
    with pytest.raises(IndexError):
        prove(LEAVES[:3], [0, 3])
    for size in (0, 4):
        with pytest.raises(IndexError):
            consistency(3, size)


def test_an_untouched_log_has_no_break():
    stored = entries()
    assert logcheck.first_break(stored) is None
    assert logcheck.first_break(stored, [head(stored), head(stored[:5])]) is None
    assert logcheck.first_break(stored, [], {entry.seq: entry.leaf for entry in stored[3:9]}) is None


def test_an_empty_log_was_emptied_since_every_log_begins_with_the_entry_that_founded_it():
    found = logcheck.first_break([])
    assert (found.seq, found.what) == (1, "sequence")


def test_an_edited_entry_is_found_by_its_leaf():
    stored = entries()
    stored[4] = replace(stored[4], text=stored[4].text.replace("ana", "eve"))
    found = logcheck.first_break(stored)
    assert (found.seq, found.what) == (5, "leaf")


def test_an_edited_entry_with_its_leaf_made_anew_is_found_by_its_root():
    stored = entries()
    text = stored[4].text.replace("ana", "eve")
    stored[4] = replace(stored[4], text=text, leaf=audit.leaf(text).hex())
    found = logcheck.first_break(stored)
    assert (found.seq, found.what) == (5, "root")


def test_a_removed_entry_is_found_by_the_gap_in_the_sequence():
    stored = entries()
    del stored[4]
    found = logcheck.first_break(stored)
    assert (found.seq, found.what) == (5, "sequence")


def test_a_text_that_says_another_number_or_another_log_is_found():
    texts = [entry.text for entry in entries()]
    found = logcheck.first_break(log_of([*texts[:3], texts[4], texts[3], *texts[5:]]))
    assert (found.seq, found.what) == (4, "text")
    found = logcheck.first_break(log_of([*texts[:3], entries(log="other")[3].text]))
    assert (found.seq, found.what) == (4, "text")
    found = logcheck.first_break(log_of([*texts[:3], "not json"]))
    assert (found.seq, found.what) == (4, "text")


def rewritten(log="log1"):
    return log_of(audit.canonical(event(seq=seq, log=log, actor="eve")) for seq in range(1, 13))


@pytest.mark.parametrize(
    ("attack", "first", "said"),
    [
        (lambda whole: whole[:4], 5, "entry 5 is the first that is missing"),
        (lambda whole: whole[:9], 5, "entry 10 is missing, and the first that differs is one of the entries 5 to 10"),
        (lambda whole: rewritten(), 1, "one of the entries 1 to 4 is the first that differs"),
        (lambda whole: log_of([e.text for e in whole[:6]] + [e.text for e in rewritten()[6:]]), 5, "one of the entries 5 to 12"),
        (lambda whole: log_of([e.text for e in whole[:11]] + [e.text for e in rewritten()[11:]]), 5, "one of the entries 5 to 12"),
        (lambda whole: rewritten("another log"), 1, "belongs to another log"),
    ],
    ids=["cut off at a head", "cut off", "rewritten", "old copy refilled", "last entry exchanged", "another log put in its place"],
)
def test_a_head_kept_outside_finds_what_the_log_alone_cannot_and_says_which_entries_it_can_be(attack, first, said):
    whole = entries()
    attacked = attack(whole)
    assert logcheck.first_break(attacked) is None
    found = logcheck.first_break(attacked, [head(whole[:4]), head(whole)])
    assert found.seq == first
    assert said in found.message


def test_an_entry_exported_before_names_the_very_entry_that_differs():
    whole = entries()
    attacked = log_of([e.text for e in whole[:6]] + [e.text for e in rewritten()[6:]])
    known = {entry.seq: entry.leaf for entry in whole}
    found = logcheck.first_break(attacked, [head(whole)], known)
    assert (found.seq, found.what) == (7, "exported")
    found = logcheck.first_break(whole[:9], [], known)
    assert (found.seq, found.what) == (10, "exported")
    assert "entry 10 is the first that is missing" in found.message


def test_the_logs_own_head_vouches_for_nothing_and_must_still_be_that_of_its_entries():
    whole = entries()
    assert logcheck.first_break(whole, own=head(whole)) is None
    assert logcheck.first_break(whole[:9], own=head(whole)).seq == 10
    assert logcheck.first_break(rewritten(), own=head(whole)).what == "end"
    attacked = rewritten()
    assert logcheck.first_break(attacked, [head(whole)], own=head(attacked)).seq == 1


def test_a_head_that_tells_another_time_than_its_entry_is_found():
    whole = entries()
    [entry] = [json.loads(stored.text) for stored in whole[4:5]]
    noted = replace(head(whole[:5]), at=datetime.fromisoformat(entry["recorded_at"]))
    assert logcheck.first_break(whole, [noted]) is None
    assert logcheck.first_break(whole, [replace(noted, at=noted.at + timedelta(seconds=1))]).what == "head"


COLUMNS = Columns(
    actor="ana", case_id="a1", kind="mark", log_id="log1", name="note",
    on="2026-11-23", patient_id="b2", patient_seq=7, recorded_at="2026-11-23 14:30:00.000000",
)  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS._fields)
def test_a_column_that_says_something_else_than_its_text_is_found(name):
    given = {"actor": "ana", "case": "a1", "kind": "mark", "log": "log1", "name": "note", "patient": "b2", "patient_seq": 7}
    [stored] = log_of([audit.canonical(event(seq=1, on=date(2026, 11, 23), **given))])
    assert logcheck.first_break([replace(stored, columns=COLUMNS)]) is None
    for value in (None, "", "other", 8):
        found = logcheck.first_break([replace(stored, columns=COLUMNS._replace(**{name: value}))])
        assert (found.seq, found.what) == (1, "column")


def test_a_head_of_another_log_does_not_vouch_for_this_one():
    whole = entries()
    assert logcheck.first_break(whole, [head(whole[:5]), head(whole, log="other")]).what == "head"


def test_entries_dropped_after_the_last_head_are_not_found_and_the_documents_say_so():
    whole = entries()
    assert logcheck.first_break(whole[:9], [head(whole[:9])]) is None
