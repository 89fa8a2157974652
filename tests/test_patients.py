"""Two patients who turn out to be one: by an order with a reason, in one go, both trails whole, and never a namesake's rows."""

from __future__ import annotations

import json

import pytest
from practice import EMPLOYER, Offices
from test_privacy import remittance

DAY = "2026-11-20"
PAYER = f"--payer 'Invented Health' --billed 90 {EMPLOYER}"
TWO = (
    f"2026-11-03 open --patient 'Marsh, Ada' --member-id ADA-77 --mrn MRN-1 --claim ADA-1 {PAYER}",
    f"2026-11-04 open --patient 'Marsch, Ada B' --born 1960-01-02 --member-id ADA-78 --claim ADB-1 {PAYER}",
    "2026-11-05 deny 2 --notice 2026-11-04 --amount 90 --code CO-50",
    f"2026-11-05 open --patient 'Marsch, Ada B' --born 1960-01-02 --member-id ADA-78 --claim ADB-2 {PAYER}",
    f"2026-11-06 open --patient 'Marsh, Ada' --member-id OTHER-1 --claim NAMESAKE-1 {PAYER}",
)
MERGE = "patient merge ADA-77 ADA-78 --reason 'one chart, two spellings'"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    return offices.after(*TWO)


def ids(office):
    """The patient who stays, the one who turns out to be the same, and a namesake of theirs."""
    return tuple(office.case(ref).patient_id for ref in ("1", "2", "4"))


def log(office):
    with office.store() as store:
        return [json.loads(stored.text) for stored in store.events()]


def exported(office, folder, patient):
    """What the export of one patient prints, and its entries, after they were verified."""
    out = folder / f"{len(list(folder.iterdir()))}.jsonl"
    printed = office.do(f"{DAY} audit export --patient {patient} --out {out}").out
    assert "Whole and unchanged" in office.do(f"{DAY} audit verify {out}").out
    return printed, [json.loads(json.loads(line)["text"]) for line in out.read_text().splitlines()[1:-1]]


def test_everything_of_the_one_becomes_the_others_in_one_go_and_both_trails_say_so(office):
    kept, gone, namesake = ids(office)
    before = log(office)
    told = office.do(f"{DAY} {MERGE}")
    assert "2 cases, 1 coverage, 1 number went along" in told.out
    assert ("A-000002" in told.out, "Ada" in told.out, "Marsh" in told.out) == (True, False, False)
    assert [office.case(ref).patient_id for ref in ("1", "2", "3", "4")] == [kept, kept, kept, namesake]
    assert [office.situation(ref).coverage.patient_id for ref in ("2", "3", "4")] == [kept, kept, namesake]
    entries = log(office)[len(before) :]
    assert [(e["name"], e["patient"], e["case"]) for e in entries] == [
        ("patient-merged", kept, None),
        ("patient-merged", gone, None),
        ("patient-changed", kept, office.case("2").id),
        ("patient-changed", kept, office.case("3").id),
    ]
    stays, ends, case, _ = entries
    assert (stays["facts"]["from"], stays["facts"]["cases"], ends["facts"]["into"]) == (gone, ["A-000002", "A-000003"], kept)
    assert ends["facts"]["replaced"] == [{"table": "patient", "id": gone, "fields": {"merged_into": ["", kept]}}]
    assert stays["facts"]["filled"] == ["birth_date"]
    assert {entry["reason"] for entry in entries} == {"one chart, two spellings"}
    assert case["changes"] == {"patient_id": [gone, kept], "version": [2, 3]}
    assert not {"Ada", "Marsh", "Marsch", "ADA-77", "ADA-78", "MRN-1", "1960"} & set(json.dumps(entries).replace('"', " ").split())
    with office.store() as store:
        rows = {row.id: row for row in store.patients("Ada")}
    assert (rows[gone].merged_into, rows[kept].merged_into, str(rows[kept].birth_date)) == (kept, "", "1960-01-02")
    office.check()
    assert "Clean" in office.do(f"{DAY} doctor").out


def test_every_word_that_named_the_one_leads_to_the_other_and_never_to_a_namesake(office):
    kept, gone, namesake = ids(office)
    office.do(f"{DAY} {MERGE}")
    for words in (gone, "ADA-78", kept, "MRN-1"):
        found = {row["case"]["number"] for row in office.do(f"{DAY} find {words} --json").data["cases"]}
        assert found == {"A-000001", "A-000002", "A-000003"}, words
    last = len(log(office))
    assert {row["case"]["number"] for row in office.do(f"{DAY} find marsch --json").data["cases"]} == {"A-000001", "A-000002", "A-000003"}
    assert {entry["patient"] for entry in log(office)[last:]} == {kept}
    with office.store() as store:
        from appeals.services import looking

        assert {looking.one_patient(store, words).id for words in (gone, "ADA-77", "ADA-78", "MRN-1", "Marsch")} == {kept}
        assert looking.one_patient(store, "OTHER-1").id == namesake


@pytest.mark.parametrize(
    "who",
    [
        "--patient 'Marsch, Ada B' --member-id ADA-78",
        "--patient 'Marsch, Ada B' --member-id ADA-78 --born 1960-01-02",
        "--patient 'Marsch, Ada B' --member-id ADA-77",
        "--patient 'Marsh, Ada' --member-id ADA-78",
        "--patient 'Marsch, Ada B' --mrn MRN-1",
    ],
)
def test_a_new_claim_of_the_one_is_the_others(office, who):
    kept, _, _ = ids(office)
    office.do(f"{DAY} {MERGE}", f"{DAY} open {who} --claim NEW-1 --payer 'Invented Health' --billed 9")
    assert office.case("5").patient_id == kept
    office.check()


def test_somebody_born_on_another_day_stays_another(office):
    office.do(f"{DAY} {MERGE}", f"{DAY} open --patient 'Marsch, Ada B' --member-id ADA-78 --born 1999-09-09 --claim NEW-1 {PAYER}")
    assert office.case("5").patient_id not in ids(office)


def test_a_remittance_about_the_one_reaches_the_others_case(office, tmp_path):
    kept, _, _ = ids(office)
    file = tmp_path / "eob.835"
    file.write_text(remittance(("NEW-9", "MARSCH", "ADA B", "ADA-78", "60")))
    office.do(f"{DAY} {MERGE}", f"{DAY} intake {file}")
    assert office.case("NEW-9").patient_id == kept
    office.check()


def test_both_trails_verify_and_the_later_one_says_that_there_is_an_earlier(office, tmp_path):
    kept, gone, namesake = ids(office)
    _, old = exported(office, tmp_path, gone)
    office.do(f"{DAY} {MERGE}", f"{DAY} note 2 'after the merge'")
    printed, entries = exported(office, tmp_path, "ADA-78")
    assert f"audit export --patient {gone}" in printed
    assert {entry["patient"] for entry in entries} == {kept}
    assert [e["name"] for e in entries if e["case"] == office.case("2").id] == ["patient-changed", "note"]
    printed, earlier = exported(office, tmp_path, gone)
    assert "earlier trail" not in printed
    assert [entry["seq"] for entry in earlier][: len(old)] == [entry["seq"] for entry in old]
    assert [entry["name"] for entry in earlier[len(old) :]] == ["patient-merged", "audit export"]
    _, other = exported(office, tmp_path, namesake)
    assert not {kept, gone} & set(json.dumps(other).split('"'))
    assert "every leaf and root agrees" in office.do(f"{DAY} audit verify").out


def test_who_was_merged_before_goes_along_when_that_one_is_merged(office, tmp_path):
    kept, gone, namesake = ids(office)
    office.do(f"{DAY} {MERGE}", f"{DAY} patient merge {namesake} {kept} --reason 'one more'")
    assert [office.case(ref).patient_id for ref in ("1", "2", "3", "4")] == [namesake] * 4
    printed, _ = exported(office, tmp_path, "ADA-78")
    assert (kept in printed, gone in printed) == (True, True)
    assert {row["case"]["number"] for row in office.do(f"{DAY} find {gone} --json").data["cases"]} == {f"A-00000{n}" for n in (1, 2, 3, 4)}
    office.check()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("ADA-77 ADA-77 --reason x", 22, "same patient"),
        ("ADA-77 MRN-1 --reason x", 22, "same patient"),
        ("ADA-77 ADA-78 --reason ' '", 21, "--reason is blank"),
        ("ADA-77 ' ' --reason x", 21, "blank"),
        ("ADA-77 NOBODY --reason x", 10, "No patient"),
        ("ADA-77 'Ada' --reason x", 11, "3 patients fit"),
        ("ADA-77 ADA-78 --reason x --if-version 1", 22, "--if-version"),
    ],
)
def test_what_is_no_order_about_two_patients_is_refused(office, words, code, said):
    before = office.everything()
    answer = office.say(f"{DAY} patient merge {words}")
    assert (answer.code, said in answer.err, office.everything()) == (code, True, before), answer.err
    assert not {"Marsh", "Ada,", "Marsch,"} & set(answer.err.split())


def test_who_is_one_already_is_not_merged_again(office):
    kept, gone, namesake = ids(office)
    office.do(f"{DAY} {MERGE}")
    before = office.everything()
    for words in ("ADA-77 ADA-78", f"{kept} {gone}", f"{gone} {namesake}", f"{namesake} {gone}"):
        assert office.say(f"{DAY} patient merge {words} --reason x").code == 22, words
    assert office.everything() == before


DIFFER = {
    "birth date": ("--born 1960-01-02 --member-id F-1", "--born 1990-01-02 --member-id F-2"),
    "record number": ("--mrn MRN-1 --member-id F-1", "--mrn MRN-2 --member-id F-2"),
    "birth date and another record number": (
        "--born 1960-01-02 --mrn MRN-1 --member-id F-1",
        "--born 1990-01-02 --mrn MRN-2 --member-id F-2",
    ),
}


@pytest.mark.parametrize("what", DIFFER)
def test_what_speaks_for_two_people_wants_a_reason_of_its_own(offices, what):
    opened = [f"2026-11-03 open --patient 'Marsh, Ada' {who} --claim C-{n} {PAYER}" for n, who in enumerate(DIFFER[what])]
    office = offices.after(*opened)
    before = office.everything()
    for more in ("", "--override ' '"):
        refused = office.say(f"{DAY} patient merge F-1 F-2 --reason x {more}")
        assert (refused.code, f"another {what}" in refused.err, office.everything()) == (21, True, before)
        assert not {"1960-01-02", "MRN-1", "MRN-2"} & set(refused.err.split())
    office.do(f"{DAY} patient merge F-1 F-2 --reason x --override 'birth certificate seen'")
    merged = [entry for entry in log(office) if entry["name"] == "patient-merged"]
    assert [entry["facts"]["override"] for entry in merged] == ["birth certificate seen"] * 2
    assert [" and another ".join(entry["facts"]["differ"]) for entry in merged] == [what] * 2
    assert {office.case(ref).patient_id for ref in ("1", "2")} == {merged[0]["patient"]}
    office.check()


def test_a_number_both_are_known_by_is_no_obstacle(offices):
    same = "--member-id FAMILY-1"
    office = offices.after(
        f"2026-11-03 open --patient 'Marsh, Ada' {same} --claim C-1 {PAYER}",
        f"2026-11-03 open --patient 'Marsch, Ada' {same} --claim C-2 {PAYER}",
    )
    kept, gone = (office.case(ref).patient_id for ref in ("1", "2"))
    office.do(f"{DAY} patient merge {kept} {gone} --reason 'a spelling'")
    for name in ("Marsh, Ada", "Marsch, Ada"):
        office.do(f"{DAY} open --patient '{name}' {same} --claim '{name}' {PAYER}")
    assert {row.patient_id for row in map(office.case, ("1", "2", "3", "4"))} == {kept}
    assert "FAMILY-1" in office.do(f"{DAY} show 4").out
    office.check()


def test_a_dry_run_writes_nothing_and_the_same_request_id_merges_once(office):
    kept, gone, _ = ids(office)
    before = office.everything()
    assert "dry run" in office.do(f"{DAY} {MERGE} --dry-run").out
    assert office.everything() == before
    office.do(f"{DAY} {MERGE} --request-id once")
    before = office.everything()
    for again in (MERGE, f"patient merge {kept} {gone} --reason again"):
        assert "already done" in office.do(f"{DAY} {again} --request-id once").out
    assert office.say(f"{DAY} patient merge OTHER-1 ADA-77 --reason x --request-id once").code == 22
    assert office.everything() == before


def test_undo_takes_back_the_step_before_and_leaves_the_patient(office):
    kept, _, _ = ids(office)
    office.do(f"{DAY} {MERGE}", f"{DAY} undo 2 --reason 'wrong letter'")
    assert (office.case("2").patient_id, str(office.case("2").state)) == (kept, "submitted")
    office.do(f"{DAY} undo 3 --reason 'opened in error'")
    assert (office.case("3").patient_id, office.case("3").outcome) == (kept, "void")
    office.check()


def test_a_claim_opened_while_two_are_merged_goes_to_the_one_who_stays(office):
    from datetime import UTC, date, datetime

    from appeals.ids import Ids
    from appeals.record import Run
    from appeals.services import cases

    kept, _, _ = ids(office)
    made = Ids(clock=lambda: datetime.now(UTC))

    class Slow(type(office.store())):
        """Lets somebody else merge between looking a patient up and writing."""

        merged = False

        def apply(self, changes, *, request_id, since=None, original=None):
            if not self.merged:
                self.merged = True
                office.do(f"{DAY} {MERGE}")
            return super().apply(changes, request_id=request_id, since=since)

    with Slow(office.db) as store:
        run = Run(practice=store.practice, recorded_at=datetime.now(UTC), on=date(2026, 11, 20), actor="ana", request_id="slow",
                  new_id=made.new_id, new_nonce=made.new_nonce)  # fmt: skip
        facts = {
            "patient": "Marsch, Ada B",
            "member_id": "ADA-78",
            "payer": "Invented Health",
            "claim": "NEW-1",
            "billed": 900,
            "kind": "post_service",
        }
        cases.open_case(store, facts, run)
    assert office.case("NEW-1").patient_id == kept
    office.check()


def test_a_past_day_still_shows_the_case_as_it_stood(office):
    kept, _, _ = ids(office)
    office.do(f"{DAY} {MERGE}")
    for line in ("show 2", "queue", "find ADB-1", "find marsch"):
        assert "A-000002" in office.do(f"2026-11-06 {line}").out, line
    reads = [entry for entry in log(office) if entry["kind"] == "read"]
    assert {entry["patient"] for entry in reads} == {kept}
