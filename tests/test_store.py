"""SqlStore on real files: what goes in comes out, one door writes, losers are told who won, and people are never mixed up."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from appeals import logcheck, model, record
from appeals.errors import Ambiguous, BadConfiguration, FileRefused, NoDatabase, NotFound, StaleCase, StorageError
from appeals.identity import name_key
from db.engine import best_driver
from db.founding import add_practice
from db.opening import create_database
from db.rows import TABLES
from db.schema_work import LARGEST_DOCUMENT, event, event_text
from db.store import SqlStore

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DRIVERS = [sqlite3] if best_driver() is sqlite3 else [sqlite3, best_driver()]

PRACTICE = model.Practice(id="p1", name="Made-up Clinic", zone="America/New_York", state="NC", created_on=TODAY)
PAYER = model.Payer(id="payer", practice_id="p1", name="Invented Health", name_key="invented health", payer_number="99999")
PROVIDER = model.Provider(id="provider", practice_id="p1", name="Dr. Nobody", npi="1234567893")


def person(id_, name, born=None):
    return model.Patient(id=id_, practice_id="p1", name=name, name_key=name_key(name), birth_date=born)


def insured(patient, member="M-1", id_=""):
    return model.Coverage(id=id_ or f"cov-{patient.id}", practice_id="p1", patient_id=patient.id, payer_id="payer", member_id=member)


JANE = person("jane", "Jane Doe", date(1980, 2, 29))


def a_case(id_="c1", **given):
    known = {"kind": "post_service", "state": model.State.SUBMITTED, "patient_id": "jane", "payer_id": "payer", "coverage_id": "cov-jane"}
    return model.Case(id=id_, practice_id="p1", number="", opened_on=TODAY, entered_on=TODAY, **(known | given))


def an_event(name, case=None, *, version=None, practice="p1", actor="ana", **given):
    who = {"patient": case.patient_id, "case": case.id, "case_version": version or case.version} if case else {}
    return record.Event(recorded_at=NOON, on=TODAY, actor=actor, practice=practice, kind="step", name=name, nonce="0" * 32, **(who | given))


def opening(case, *puts, **given):
    return record.Change(event=an_event("open", case, **given), after=case, puts=puts)


def moving(before, *puts, actor="ana", **changed):
    after = replace(before, version=before.version + 1, **changed)
    return record.Change(event=an_event("move", after, actor=actor), before=before, after=after, puts=puts)


def a_clock(id_="k1", case_id="c1", **given):
    known = {
        "kind": "file_appeal", "rule_id": "r", "pack_id": "k", "pack_version": "1", "pack_hash": "h", "trigger": "denied",
        "trigger_id": "d", "start_date": TODAY, "start_kind": "notice", "work_by": date(2027, 1, 4), "arithmetic": "counted",
    }  # fmt: skip
    return model.Clock(id=id_, practice_id="p1", case_id=case_id, **(known | given))


def found(path, driver=None, practice=PRACTICE, log_id="log-1"):
    """A database with one practice in it."""
    if not path.exists():
        create_database(path, driver=driver)
    init = an_event("init", practice=practice.id)
    add_practice(path, practice, log_id=log_id, first_change=record.Change(event=init), driver=driver)
    return SqlStore(path, practice.id, driver=driver)


@pytest.fixture(params=DRIVERS, ids=lambda driver: driver.__name__)
def store(request, tmp_path):
    with found(tmp_path / "appeals.db", request.param) as store:
        yield store


@pytest.fixture
def opened(store):
    """The store with one submitted case, A-000001."""
    applied = store.apply([opening(a_case(), JANE, PAYER, insured(JANE), PROVIDER)], request_id="open-1")
    return store, applied.cases[0]


def rows(store, sql, **given):
    return store.database.read(lambda connection: connection.execute(text(sql), given).all())


def tamper(store, sql, **given):
    store.database.write(lambda connection: connection.execute(text(sql), given))


# What goes in comes out.

PLACES = {
    "practice_id": "p1", "patient_id": "jane", "payer_id": "payer", "coverage_id": "cov-jane", "provider_id": "provider", "case_id": "c1",
    "other_case_id": "c1", "denial_id": "a-Denial", "line_id": "a-ServiceLine", "clock_id": "a-Clock", "file_id": "a-IntakeFile",
}  # fmt: skip
VALUES = {
    "str": "\u00dcnic\u00f6de 'quoted' 100%\n", "int": -(2**53 - 1), "bool": True, "date": date(2024, 2, 29), "bytes": bytes(range(256)),
    "datetime": datetime(2026, 11, 1, 5, 59, 59, 123456, UTC), "State": model.State.PEER_REVIEW, "ClockStatus": model.ClockStatus.TOLLED,
}  # fmt: skip


OTHER_TEXT = ""


def filled(kind, *, empty):
    """A value of `kind` in which every field that may be None is None, or none is."""
    given = {}
    for field in fields(kind):
        name, _, optional = field.type.partition(" | ")
        given[field.name] = None if optional and empty else PLACES.get(field.name, OTHER_TEXT if empty and name == "str" else VALUES[name])
    return kind(**given | {"id": f"{'an-empty' if empty else 'a'}-{kind.__name__}"})


@pytest.mark.parametrize("empty", [False, True], ids=["every field given", "nothing known"])
@pytest.mark.parametrize("kind", [kind for kind in TABLES if kind not in (model.Practice, model.Case)], ids=lambda kind: kind.__name__)
def test_a_value_of_every_type_comes_out_as_it_went_in(tmp_path, kind, empty):
    value = filled(kind, empty=empty)
    around = [filled(other, empty=False) for other in TABLES if other not in (model.Practice, model.Case)]
    with found(tmp_path / "appeals.db") as store:
        store.apply([opening(a_case(), JANE, PAYER, insured(JANE), PROVIDER)], request_id="")
        store.apply([record.Change(event=an_event("put"), puts=(*around, value))], request_id="")
        (stored,) = store._all(kind, id=value.id)
        assert stored == (replace(value, content=b"") if kind is record.Document else value)
        if kind is record.Document:
            assert store.content(value.id) == value.content


def test_a_case_comes_out_as_it_went_in(opened):
    store, _ = opened
    full = replace(filled(model.Case, empty=False), id="c2", number="", version=1)
    (stored,) = store.apply([opening(full)], request_id="").cases
    assert store.case_by_id("c2") == stored == replace(full, number="A-000002")


def test_an_instant_of_another_zone_is_stored_as_utc_and_a_naive_one_is_refused(opened):
    store, _ = opened
    there = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=-5)))
    store.apply([record.Change(event=an_event("clock"), clocks=(a_clock(due_at=there),))], request_id="")
    (clock,) = store.situation("1").clocks
    assert clock.due_at == there
    assert clock.due_at.tzinfo is UTC
    with pytest.raises(Exception, match="without a time zone"):
        store.apply([record.Change(event=an_event("clock"), clocks=(a_clock(due_at=datetime(2026, 1, 1, 12, 0)),))], request_id="")  # noqa: DTZ001 - refused on purpose


def test_a_value_put_again_replaces_the_row_and_keeps_what_only_the_store_knows(opened):
    store, case = opened
    store.apply([record.Change(event=an_event("edit", case), puts=(replace(JANE, name="Jane Q. Doe"),))], request_id="")
    assert store.situation("1").patient.name == "Jane Q. Doe"
    assert rows(store, "SELECT event_count FROM patient") == [(2,)]


def test_a_document_put_again_without_its_bytes_keeps_them(opened):
    store, _ = opened
    paper = filled(record.Document, empty=False)
    store.apply([record.Change(event=an_event("add"), puts=(paper,))], request_id="")
    (read,) = store.situation("1").documents
    store.apply([record.Change(event=an_event("rename"), puts=(replace(read, name="letter"),))], request_id="")
    assert store.situation("1").documents[0].name == "letter"
    assert store.content(paper.id) == paper.content


def test_a_document_above_the_limit_is_refused_with_a_way_out(opened):
    store, _ = opened
    paper = replace(filled(record.Document, empty=False), content=bytes(LARGEST_DOCUMENT + 1))
    with pytest.raises(FileRefused, match="larger than 50 MB"):
        store.apply([record.Change(event=an_event("add"), puts=(paper,))], request_id="")
    assert store.head().size == 2


def test_a_practice_changed_in_the_database_is_changed_in_the_store(opened):
    store, _ = opened
    store.apply([record.Change(event=an_event("set"), puts=(replace(PRACTICE, write_off_limit_cents=1),))], request_id="")
    assert store.practice.write_off_limit_cents == 1
    assert store.head().size == 3


# One door that writes.


def test_a_case_is_numbered_when_it_is_opened_and_its_event_says_so(store):
    first, second = a_case("c1"), a_case("c2")
    applied = store.apply(
        [
            opening(first, JANE, PAYER, insured(JANE)),
            moving(first, state=model.State.DENIED),
            opening(second),
        ],
        request_id="r",
    )
    assert [(case.number, case.version) for case in applied.cases] == [("A-000001", 2), ("A-000002", 1)]
    texts = [json.loads(entry.text) for entry in store.events(after=1)]
    assert [(entry["name"], entry["changes"].get("number")) for entry in texts] == [
        ("open", [None, "A-000001"]), ("move", None), ("open", [None, "A-000002"]),
    ]  # fmt: skip
    assert applied.first_seq == 2
    assert applied.head == store.head()


def test_a_number_given_in_a_call_that_fails_is_given_again(opened):
    store, _ = opened
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.apply([opening(a_case("c2", patient_id="nobody"))], request_id="")
    (case,) = store.apply([opening(a_case("c2"))], request_id="").cases
    assert case.number == "A-000002"


def test_the_second_of_two_who_move_a_case_is_told_who_was_first_and_writes_nothing(opened):
    store, case = opened
    store.apply([moving(case, state=model.State.DENIED, actor="bert")], request_id="")
    before = store.head()
    with pytest.raises(
        StaleCase, match=r"^Case A-000001 was moved to denied by bert at 2026-11-23 17:00 UTC; nothing was written\.$"
    ) as told:
        store.apply([moving(case, a_clock_mark(), state=model.State.DENIED)], request_id="")
    assert told.value.exit_code == 75
    assert "appeals show A-000001" in told.value.hint
    assert store.head() == before
    assert store.situation("1").marks == ()


def a_clock_mark():
    return record.Mark(id="m1", practice_id="p1", case_id="c1", name="note", dated=TODAY)


def test_of_many_cases_moved_at_once_the_stale_one_is_named_and_none_is_moved(opened):
    store, one = opened
    (two,) = store.apply([opening(a_case("c2"))], request_id="").cases
    store.apply([moving(two, owner="bert", actor="bert")], request_id="")
    with pytest.raises(StaleCase, match="Case A-000002 was moved to submitted by bert"):
        store.apply([moving(one, owner="ana"), moving(two, owner="ana")], request_id="")
    assert store.case_by_id("c1").owner == ""


def test_a_command_that_ran_is_found_by_its_request_and_cannot_run_twice(opened):
    store, case = opened
    assert json.loads(store.request("open-1").text)["case"] == "c1"
    assert store.request("never") is None
    with pytest.raises(StaleCase, match="nothing was written"):
        store.apply([moving(case, owner="ana")], request_id="open-1")
    assert store.case_by_id("c1") == case


FAR = timezone(timedelta(hours=9, minutes=30))


@pytest.mark.parametrize("at", [NOON, NOON.replace(microsecond=1), datetime(2026, 11, 24, 3, 0, 0, 120000, FAR)], ids=str)
@pytest.mark.parametrize("of_a_case", [True, False], ids=["of a case", "of none"])
def test_an_entry_lies_in_the_file_as_the_types_of_its_columns_write_it(opened, tmp_path, at, of_a_case):
    store, case = opened
    seen = [replace(an_event("look", case if of_a_case else None, actor="Zo\u00eb 'Z'"), recorded_at=at, on=date(2024, 2, 29))] * 2
    store.apply([record.Change(event=each) for each in seen], request_id="look-1")
    last = store.apply([moving(case, owner="ana")], request_id="")
    stored = [*store.events()][2:]
    whole = [
        {
            "practice_id": "p1", "seq": entry.seq, "log_id": "log-1", "kind": "step", "name": said["name"], "actor": said["actor"],
            "on": date.fromisoformat(said["on"]), "recorded_at": datetime.fromisoformat(said["recorded_at"]),
            "patient_id": said["patient"], "patient_seq": said["patient_seq"], "case_id": said["case"],
            "case_version": last.cases[0].version if entry is stored[-1] else None,
            "request_id": "look-1" if entry is stored[0] else None, "leaf": entry.leaf, "root": entry.root,
        }
        for entry in stored
        for said in [json.loads(entry.text)]
    ]  # fmt: skip
    with found(tmp_path / "by-the-types.db", store.database.driver) as other:
        other.apply([opening(a_case(), JANE, PAYER, insured(JANE), PROVIDER)], request_id="open-1")
        other.database.write(lambda connection: (connection.execute(insert(event), whole), connection.execute(
            insert(event_text), [{"practice_id": "p1", "seq": entry.seq, "text": entry.text} for entry in stored]
        )))  # fmt: skip
        assert lying(store) == lying(other)
    assert [bool(entry.root) for entry in stored] == [False, True, True]


def lying(store):
    """The log as the file has it: each value as SQLite writes it, and its type."""
    names = [f'{of}."{column.name}"' for of, table in (("e", event), ("t", event_text)) for column in table.columns]
    shown = ", ".join(f"quote({name}), typeof({name})" for name in names)
    return rows(store, f"SELECT {shown} FROM event AS e JOIN event_text AS t USING (practice_id, seq) ORDER BY seq")


def test_one_patients_entries_are_counted_without_a_gap(opened):
    store, case = opened
    john = person("john", "John Doe")
    seen = [an_event("look", case, purpose="1"), an_event("import"), an_event("look", case)]
    store.apply([record.Change(event=event) for event in seen], request_id="")
    store.apply([opening(a_case("c2", patient_id="john", coverage_id="cov-john"), john, insured(john))], request_id="")
    assert [json.loads(entry.text)["patient_seq"] for entry in store.events(patient_id="jane")] == [1, 2, 3]
    assert [json.loads(entry.text)["patient_seq"] for entry in store.events(patient_id="john")] == [1]
    assert [entry.seq for entry in store.events(case_id="c1")] == [2, 3, 5]
    assert [entry.seq for entry in store.events(patient_id="jane", after=3)] == [5]


def test_the_stored_log_verifies_against_its_head(opened):
    store, case = opened
    for n in range(1, 20):
        (case,) = store.apply([moving(case, owner=f"owner {n}")], request_id=f"r{n}").cases
    assert logcheck.first_break(store.events(), own=store.head()) is None
    assert [entry.seq for entry in store.events()] == list(range(1, 22))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda case: record.Change(event=an_event("x"), puts=(case,)), id="a case outside before and after"),
        pytest.param(lambda case: record.Change(event=an_event("x", practice="p2")), id="an event of another practice"),
        pytest.param(
            lambda case: record.Change(event=an_event("x"), puts=(replace(PAYER, practice_id="p2"),)), id="a row of another practice"
        ),
        pytest.param(
            lambda case: record.Change(event=an_event("x"), before=case, after=replace(case, owner="ana")), id="a version not raised"
        ),
    ],
)
def test_a_change_no_service_may_make_is_a_bug_and_writes_nothing(opened, wrong):
    store, case = opened
    before = store.head()
    with pytest.raises((TypeError, ValueError)):
        store.apply([wrong(case)], request_id="")
    assert store.head() == before


def test_the_trail_cannot_be_changed_removed_or_replaced(opened):
    store, _ = opened
    attempts = [
        "UPDATE event SET actor = 'eve'",
        "DELETE FROM event WHERE seq = 2",
        "UPDATE event_text SET text = 'eve'",
        "DELETE FROM event_text WHERE seq = 2",
        "INSERT OR REPLACE INTO event_text SELECT practice_id, seq, 'eve' FROM event WHERE seq = 2",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2",
        "INSERT INTO event_text SELECT practice_id, seq, 'eve' FROM event WHERE seq = 2 ON CONFLICT DO UPDATE SET text = 'eve'",
    ]
    for attempt in attempts:
        with pytest.raises(StorageError, match="does not go on where it ended"):
            tamper(store, attempt)
    assert logcheck.first_break(store.events(), own=store.head()) is None


def test_replace_is_stopped_even_where_another_program_left_recursive_triggers_off(opened):
    store, _ = opened
    store.close()
    plain = sqlite3.connect(store.database.path) if store.database.driver is sqlite3 else store.database.driver.connect(store.database.path)
    with pytest.raises(store.database.driver.IntegrityError, match="only its next entry"):
        plain.execute("INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2")
    with pytest.raises(store.database.driver.IntegrityError, match="append-only"):
        plain.execute("INSERT OR REPLACE INTO event_text SELECT practice_id, seq, 'eve' FROM event WHERE seq = 2")
    plain.close()


def test_an_entry_cannot_be_left_out(opened):
    store, _ = opened
    two_peaks = json.dumps(["00" * 32, "11" * 32])
    tamper(store, "UPDATE practice SET log_size = 3, log_frontier = :peaks", peaks=two_peaks)
    with pytest.raises(StorageError, match="does not go on where it ended"):
        store.apply([record.Change(event=an_event("x"))], request_id="")


def test_a_log_end_that_contradicts_itself_is_refused(opened):
    store, _ = opened
    tamper(store, "UPDATE practice SET log_size = 7")
    with pytest.raises(StorageError, match="contradicts itself"):
        store.apply([record.Change(event=an_event("x"))], request_id="")


def test_a_bug_that_the_database_finds_is_told_without_a_stored_value(opened):
    store, _ = opened
    with pytest.raises(IntegrityError, match="CHECK constraint failed: ck_case_state") as told:
        tamper(store, 'UPDATE "case" SET state = :name', name="Jane Doe")
    assert "Jane" not in str(told.value)


# Who is who.


def test_two_people_with_one_member_id_are_two_patients(opened):
    store, _ = opened
    twin = person("jim", "Jim Doe", JANE.birth_date)
    shared = model.PatientIdentifier(id="i", practice_id="p1", patient_id="jim", system="member:payer", value="M-1")
    store.apply([record.Change(event=an_event("add"), puts=(twin, shared))], request_id="")

    def known(name, born=None):
        return store.patient(mrn="", payer_id="payer", member_id="M-1", name_key=name_key(name), birth_date=born)

    assert known("Jane Doe") == JANE
    assert known("Doe, Jim") == twin
    assert known("Joan Doe") is None


def test_two_people_with_one_name_are_two_patients(opened):
    store, _ = opened
    other = person("jane2", "Jane Doe", date(1999, 1, 1))
    store.apply([record.Change(event=an_event("add"), puts=(other, insured(other, "M-2")))], request_id="")

    def known(member):
        return store.patient(mrn="", payer_id="payer", member_id=member, name_key="jane doe", birth_date=None)

    assert (known("M-1"), known("M-2"), known("M-3"), known("")) == (JANE, other, None, None)


def test_namesakes_with_one_member_id_are_told_apart_by_birth_or_not_at_all(opened):
    store, _ = opened
    daughter = person("jane2", "Jane Doe", date(2010, 1, 1))
    store.apply([record.Change(event=an_event("add"), puts=(daughter, insured(daughter)))], request_id="")

    def known(born):
        return store.patient(mrn="", payer_id="payer", member_id="M-1", name_key="jane doe", birth_date=born)

    assert (known(JANE.birth_date), known(daughter.birth_date), known(date(2020, 1, 1))) == (JANE, daughter, None)
    with pytest.raises(Ambiguous) as told:
        known(None)
    assert set(told.value.possible) == {"jane", "jane2"}


def test_a_record_number_decides_alone_and_is_one_persons(opened):
    store, _ = opened
    mrn = model.PatientIdentifier(id="i1", practice_id="p1", patient_id="jane", system="mrn", value="7")
    store.apply([record.Change(event=an_event("add"), puts=(mrn,))], request_id="")
    by = {"payer_id": "payer", "member_id": "M-1", "name_key": "jane doe", "birth_date": None}
    assert store.patient(mrn="7", **by | {"name_key": "somebody else"}) == JANE
    assert store.patient(mrn="8", **by) is None
    john = person("john", "John Doe")
    with pytest.raises(StaleCase):
        store.apply([record.Change(event=an_event("add"), puts=(john, replace(mrn, id="i2", patient_id="john")))], request_id="")


def test_a_payer_goes_by_number_then_by_name_and_is_never_guessed(opened):
    store, _ = opened
    assert store.payer(name_key="other name", payer_number="99999") == PAYER
    assert store.payer(name_key="invented health") == PAYER
    assert store.payer(name_key="invented health", payer_number="11111") is None
    second = replace(PAYER, id="payer2", payer_number="11111")
    store.apply([record.Change(event=an_event("add"), puts=(second,))], request_id="")
    with pytest.raises(Ambiguous) as told:
        store.payer(name_key="invented health")
    assert set(told.value.possible) == {"99999", "11111"}


# Finding and listing.


def test_a_case_is_found_by_every_number_it_has(opened):
    store, case = opened
    control = model.ClaimNumber(id="n1", practice_id="p1", case_id="c1", payer_id="payer", system="payer", value="ICN-9")
    store.apply([moving(case, control, claim_number="CLM-7")], request_id="")
    for ref in ("A-000001", "a-1", "1", "000001", "CLM-7", "clm-7", " icn-9 "):
        assert store.situation(ref).case.id == "c1"
    for words in ("A-000001", "1", "ICN-9", "m-1", "doe jane", "JANE"):
        assert [row.case.id for row in store.find(words)] == ["c1"], words
    for words in ("", "jane roe", "A-000002", "%", "_"):
        assert store.find(words) == (), words


def test_a_number_of_two_cases_is_ambiguous_and_names_them(opened):
    store, _ = opened
    store.apply([opening(a_case("c2", claim_number="1"))], request_id="")
    with pytest.raises(Ambiguous) as told:
        store.situation("1")
    assert told.value.possible == ("A-000001", "A-000002")
    assert store.situation("A-1").case.id == "c1"


def test_what_is_not_there_is_not_found(opened):
    store, _ = opened
    for ask in (
        lambda: store.situation("Jane Doe"),
        lambda: store.situation("77"),
        lambda: store.case_by_id("x"),
        lambda: store.content("x"),
    ):
        with pytest.raises(NotFound) as told:
            ask()
        assert "Jane" not in told.value.message


def test_a_claim_number_means_the_case_that_is_still_open(opened):
    store, case = opened
    first = replace(case, claim_number="CLM", state=model.State.RESOLVED, outcome="void")
    store.apply(
        [moving(case, claim_number="CLM", state=first.state, outcome="void"), opening(a_case("c2", claim_number="CLM"))], request_id=""
    )
    assert store.case_by_claim("payer", "CLM").id == "c2"
    assert store.case_by_claim("another", "CLM") is None
    assert store.case_by_claim("payer", "") is None


def test_lists_show_running_clocks_and_state_rows_show_all(opened):
    store, case = opened
    ended = a_clock("k2", status=model.ClockStatus.MET)
    store.apply([replace(moving(case, state=model.State.DENIED), clocks=(a_clock("k1"), ended))], request_id="")
    (row,) = store.case_rows()
    assert ([clock.id for clock in row.clocks], row.patient_name, row.payer_name, row.member_id) == (
        ["k1"],
        "Jane Doe",
        "Invented Health",
        "M-1",
    )
    assert list(store.case_rows(states=["submitted"])) == []
    assert [row.case.id for row in store.case_rows(states=["denied", "resolved"])] == ["c1"]
    ((_, clocks),) = store.state_rows()
    assert {clock.id for clock in clocks} == {"k1", "k2"}


def many(store, count):
    store.apply([opening(a_case(f"m{n:05d}")) for n in range(count)], request_id="")


def test_pages_join_without_a_gap_or_a_double(opened):
    store, _ = opened
    many(store, 25)
    assert [row.case.number for row in store.case_rows(page=7)] == [f"A-{n:06d}" for n in range(1, 27)]


def test_a_reader_left_open_halfway_holds_up_neither_a_writer_nor_a_checkpoint(opened):
    store, case = opened
    many(store, 1100)
    open_readers = [iter(store.case_rows()), iter(store.events()), iter(store.state_rows())]
    for reader in open_readers:
        next(reader)
    with SqlStore(store.database.path, driver=store.database.driver) as other:
        other.apply([moving(case, owner="bert")], request_id="")
        if other.database.mode == "wal":
            busy, _, _ = checkpoint(other)
            assert busy == 0
    assert [sum(1 for _ in reader) for reader in open_readers] == [1100, 1101 + 1, 1100]


def checkpoint(store):
    connection = store.database._reader.raw_connection()
    try:
        return connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()


def test_the_ledgers_answer_by_their_keys(opened):
    store, case = opened
    sent = record.Reminder(
        id="r", practice_id="p1", clock_id="k1", case_id="c1", stage="14", recipient="ana", channel="mail", sent_on=TODAY
    )
    file = record.IntakeFile(id="f", practice_id="p1", sha256="ff", kind="835", size=1, state="taken", taken_on=TODAY, taken_by="ana")
    entry = replace(filled(record.RemittanceEntry, empty=False), file_id="f", claim_number="CLM", payer_control="ICN", trace="T")
    offer = record.Proposal(id="o", practice_id="p1", case_id="c1", step="pay", facts="{}", reason="paid", source="835", made_on=TODAY)
    store.apply([replace(moving(case, sent, file, entry, offer), clocks=(a_clock("k1"),))], request_id="")
    assert store.reminded(["k1", "k2"]) == {("k1", "14", "ana", "mail")}
    assert store.intake_file("ff") == file
    assert store.intake_file("00") is None
    assert store.remittance_entries(payer_id="payer", claim_number="CLM", payer_control="ICN", trace="T", position=entry.position) == (
        entry,
    )
    assert store.remittance_entries(payer_id="payer", claim_number="CLM", payer_control="ICN", trace="T", position=1) == ()
    assert store.proposals() == (offer,)
    assert store.proposals("taken") == ()
    for again in (replace(sent, id="r2"), replace(file, id="f2")):
        with pytest.raises(StaleCase):
            store.apply([record.Change(event=an_event("again"), puts=(again,))], request_id="")
    store.apply([record.Change(event=an_event("refused"), puts=(replace(file, id="f3", state="refused"),))], request_id="")
    assert store.last_on() == TODAY
    assert store.integrity() == ()


def test_integrity_misses_a_trigger_that_is_gone(opened):
    store, _ = opened
    tamper(store, "DROP TRIGGER event_no_update")
    assert store.integrity() == ("the trigger event_no_update that keeps the audit trail append-only is gone",)


# Practices.


def test_practices_in_one_file_share_nothing_and_are_chosen_by_name(opened, tmp_path):
    store, _ = opened
    path, driver = store.database.path, store.database.driver
    second = replace(PRACTICE, id="p2", name="Other Office")
    with found(path, driver, second, log_id="log-2") as other:
        assert (other.practice, other.head().log, other.head().size) == (second, "log-2", 1)
        assert list(other.case_rows()) == []
        with pytest.raises(NotFound):
            other.case_by_id("c1")
    with pytest.raises(Ambiguous) as told:
        SqlStore(path, driver=driver)
    assert told.value.possible == ("Made-up Clinic", "Other Office")
    with SqlStore(path, "other office", driver=driver) as named:
        assert named.practice == second
    with pytest.raises(NotFound, match="no practice 'Third'"):
        SqlStore(path, "Third", driver=driver)
    with pytest.raises(BadConfiguration, match="already there"):
        found(path, driver, replace(second, id="p3", name="OTHER office"))


def test_a_database_without_a_practice_says_how_to_add_one(tmp_path):
    create_database(tmp_path / "appeals.db")
    with pytest.raises(NoDatabase) as told:
        SqlStore(tmp_path / "appeals.db")
    assert "appeals init" in told.value.hint


def test_the_log_of_a_practice_begins_with_its_init(store):
    (entry,) = store.events()
    said = json.loads(entry.text)
    assert (said["name"], said["seq"], said["log"], said["practice"]) == ("init", 1, "log-1", "p1")


def test_the_store_is_imported_without_alembic():
    import subprocess
    import sys

    code = "import sys, db.store; sys.exit(any(name.split('.')[0] == 'alembic' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_one_sqlite_is_in_memory():
    import subprocess
    import sys

    if best_driver() is sqlite3:
        pytest.skip("there is no other than the standard module's")
    code = "import sys, db.store; from db.engine import best_driver; best_driver(); sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
