"""The log replayed: the same cases and clocks come out, and entries that contradict each other are named."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import audit, fold
from appeals.errors import StorageError
from appeals.model import Case, Clock, ClockStatus, State
from appeals.record import Event

START = date(2026, 1, 1)
CASE = Case(
    id="case1",
    practice_id="p1",
    number="A-000001",
    kind="post_service",
    state=State.SUBMITTED,
    patient_id="pat1",
    payer_id="pay1",
    coverage_id="cov1",
    opened_on=START,
    entered_on=START,
)
CLOCK = Clock(
    id="c1",
    practice_id="p1",
    case_id="case1",
    kind="file_appeal",
    rule_id="r",
    pack_id="p",
    pack_version="v",
    pack_hash="h",
    trigger="denial",
    trigger_id="d1",
    start_date=START,
    start_kind="notice",
    work_by=START,
    arithmetic="1 + 1",
    due_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
)

CASE_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(State),
        "level": st.integers(1, 5),
        "owner": st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        "paid_cents": st.integers(0, 10**9),
        "provider_id": st.none() | st.just("prov"),
        "service_from": st.none() | st.dates(START, date(2027, 1, 1)),
        "entered_on": st.dates(START, date(2027, 1, 1)),
    },
)
CLOCK_CHANGES = st.fixed_dictionaries(
    {"id": st.sampled_from(["c1", "c2", "c3"])},
    optional={
        "status": st.sampled_from(ClockStatus),
        "candidate": st.booleans(),
        "legal_due": st.none() | st.dates(START, date(2027, 1, 1)),
        "due_at": st.none() | st.datetimes(timezones=st.just(UTC)),
    },
)


def entry(seq, before, after, clocks=(), on=START):
    event = Event(
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        on=on,
        actor="ana",
        practice="p1",
        patient="pat1",
        case=after.id,
        kind="step",
        name="x",
        changes=fold.case_changes(before, after),
        clocks=tuple(clocks),
        nonce="0" * 32,
        log="log1",
        seq=seq,
        patient_seq=seq,
    )
    return audit.canonical(event)


@given(
    st.lists(st.tuples(st.sampled_from(["case1", "case2"]), CASE_CHANGES, st.lists(CLOCK_CHANGES, max_size=2)), max_size=12),
    st.integers(0, 12),
)
def test_a_random_walk_folds_to_the_state_it_really_reached_on_any_day(walk, last):
    cases, clocks, texts, then = {}, {}, [], ({}, {})
    for seq, (case_id, changed, moved) in enumerate(walk, 1):
        before = cases.get(case_id)
        after = replace(before or replace(CASE, id=case_id), **changed)
        touched = [replace(CLOCK, **each) for each in moved]
        cases[case_id] = after
        clocks |= {each.id: each for each in touched}
        texts.append(entry(seq, before, after, touched, on=START + timedelta(seq)))
        if seq <= last:
            then = dict(cases), dict(clocks)
    for until, (case_state, clock_state) in ((None, (cases, clocks)), (START + timedelta(last), then)):
        seen = fold.fold(texts, until)
        assert seen.mismatches == ()
        assert {key: fold.case_of(values) for key, values in seen.cases.items()} == case_state
        assert {key: fold.clock_of(values) for key, values in seen.clocks.items()} == clock_state


def walk():
    denied = replace(CASE, state=State.DENIED, version=2)
    reviewed = replace(denied, state=State.EOB_REVIEWED, owner="ana", version=3)
    return [entry(1, None, CASE), entry(2, CASE, denied, [CLOCK]), entry(3, denied, reviewed)]


def test_an_edited_row_is_a_finding_that_names_the_entry_that_contradicts_it():
    texts = walk()
    texts[1] = texts[1].replace('"state":["submitted","denied"]', '"state":["submitted","resolved"]')
    [found] = fold.fold(texts).mismatches
    assert (found.seq, found.case, found.field) == (3, "case1", "state")


def test_an_entry_left_out_is_a_finding():
    texts = walk()
    assert {found.field for found in fold.fold([texts[0], texts[2]]).mismatches} == {"state", "version"}
    assert fold.fold(texts[1:]).mismatches[0].seq == 2


def test_opening_a_case_records_every_field_and_a_step_only_what_changed():
    opened = fold.case_changes(None, CASE)
    assert set(opened) == {each.name for each in fields(Case)}
    assert opened["state"] == [None, "submitted"]
    assert opened["opened_on"] == [None, "2026-01-01"]
    assert fold.case_changes(CASE, replace(CASE, owner="ana", service_to=START)) == {
        "owner": ["", "ana"],
        "service_to": [None, "2026-01-01"],
    }
    assert fold.case_changes(CASE, CASE) == {}


def test_a_clock_in_the_trail_is_whole_and_reads_back_exactly():
    [told] = json.loads(entry(1, None, CASE, [CLOCK]))["clocks"]
    assert fold.clock_of(told) == CLOCK
    assert isinstance(fold.clock_of(told).status, ClockStatus)


def test_a_field_an_older_log_does_not_have_takes_its_default():
    values = {name: after for name, (_, after) in fold.case_changes(None, CASE).items() if name != "recovered_cents"}
    assert fold.case_of(values) == CASE


@pytest.mark.parametrize("broken", [{"state": "nowhere"}, {"opened_on": "yesterday"}, {"opened_on": 5}, {"unheard_of": 1}])
def test_values_that_do_not_make_a_case_are_a_damaged_log(broken):
    values = {name: after for name, (_, after) in fold.case_changes(None, CASE).items()}
    with pytest.raises(StorageError):
        fold.case_of(values | broken)
    with pytest.raises(StorageError):
        fold.case_of({"id": "case1"})


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "[" * 100_000])
def test_a_text_that_is_no_entry_is_a_damaged_log(text):
    with pytest.raises(StorageError):
        fold.fold([text])
