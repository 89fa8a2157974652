"""The audit commands as they are typed: what is asked for comes out, and what cannot be is refused by name with nothing written."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest
from practice import EMPLOYER, Offices, denied
from test_bad_input import a_quiet_account, for_real, on_disk, refused, refused_by, typed

__all__ = ["a_quiet_account"]

TWO = (
    *denied(),
    f"2026-11-05 open --patient 'Second, Ben' --payer 'Invented Health' --member-id M-2 --claim C-2 --billed 90 {EMPLOYER}",
    "2026-11-06 note 1 'called them'",
)
DAY = "2026-11-09"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    return offices.after(*TWO)


def lines_of(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


ASKED_WRONG = [
    ("a patient nobody is", "audit export --patient M-404 --out {new}", 10, ["No patient has this id"]),
    ("nobody named", "audit export --out {new}", 21, ["--patient"]),
    ("a case that is not there", "audit export --case 404 --out {new}", 10, ["A-000404"]),
    ("another patient's case", "audit export --patient M-1 --case 2 --out {new}", 10, ["is not of this patient"]),
    ("days the wrong way round", "audit export --patient M-1 --from 2026-11-06 --to 2026-11-05 --out {new}", 22, ["--from"]),
    ("a day that is none", "audit export --patient M-1 --from 2026-11-31 --out {new}", 22, ["--from"]),
    ("a form there is not", "audit export --patient M-1 --format pdf --out {new}", 2, ["jsonl"]),
    ("a file that exists", "audit export --patient M-1 --out {there}", 73, ["exists already"]),
    ("a link to nowhere", "audit export --patient M-1 --out {link}", 73, ["exists already"]),
    ("a folder that does not exist", "audit export --patient M-1 --out {folder}/none/new.jsonl", 73, ["no folder"]),
    ("a folder", "audit export --patient M-1 --out {folder}", 73, ["exists already"]),
    ("a verifier beside nothing", "audit export --patient M-1 --with-verifier --out -", 73, ["standard output"]),
    ("a verifier beside a page", "audit export --patient M-1 --format html --with-verifier --out {new}", 22, ["--with-verifier", "jsonl"]),
    ("a head with a part missing", "audit export --patient M-1 --since '{log} 3' --out {new}", 22, ["4 parts"]),
    ("a head of another log", "audit export --patient M-1 --since '{strange}' --out {new}", 22, ["another log"]),
    ("verifying against a typo", "audit verify --against '{log} 3 abc 2026-11-09T10:00:00.000000Z'", 22, ["The root", "3 characters"]),
    ("verifying against a file that is not there", "audit verify --against digests.mbox", 30, ["cannot be read"]),
    ("verifying against a file without a head", "audit verify --against {there}", 30, ["no head line"]),
    ("disclosures about nobody", "audit disclosures --patient M-404", 10, ["No patient has this id"]),
    ("a foreign file", "audit verify {there}", 30, ["no exported trail"]),
    ("a file that is not there", "audit verify {new}", 30, ["does not exist"]),
]  # fmt: skip


@pytest.mark.parametrize(("turn", "code", "said"), [row[1:] for row in ASKED_WRONG], ids=[row[0] for row in ASKED_WRONG])
def test_what_cannot_be_exported_or_verified_is_refused_and_nothing_is_written(office, tmp_path, turn, code, said):
    log = office.do(f"{DAY} audit head --json").data["log"]
    (tmp_path / "there.txt").write_text("no trail\n")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    strange = f"{log[::-1].replace('-', '0')[:8]}-{log[9:]} 3 {'0' * 64} 2026-11-09T10:00:00.000000Z"
    places = {"new": tmp_path / "new.jsonl", "there": tmp_path / "there.txt", "link": tmp_path / "link", "folder": tmp_path}
    before = on_disk(office.db)
    answer = office.say(f"{DAY} {turn.format(**places, log=log, strange=strange)}")
    assert (answer.code, answer.out) == (code, "")
    for words in said:
        assert words in answer.err
    assert "Traceback" not in answer.err
    assert on_disk(office.db) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "there.txt"]


def test_a_patient_of_another_practice_is_nobody_here(tmp_path):
    db = for_real(tmp_path / "office.db")
    another = ["init", "--name", "Second Clinic", "--state", "NC", "--zone", "America/New_York", "--another", "--db", db]
    opened = ["open", "--patient", "Other, Olga", "--member-id", "M-9", "--payer", "Invented Health", "--claim", "C-9", "--billed", "9"]
    assert typed(*another).code == 0
    assert typed(*opened, "--db", db, "--practice", "Second Clinic").code == 0
    [patient] = [typed("show", "1", "--json", "--db", db, "--practice", "Second Clinic").data["patient"]["id"]]
    before = on_disk(db)
    for words in ("M-9", "Other, Olga", patient):
        for command in (["audit", "export", "--out", tmp_path / "new.jsonl"], ["audit", "disclosures"]):
            refused(typed(*command, "--patient", words, "--db", db, "--practice", "Real Clinic"), 10, "No patient has this id")
    assert on_disk(db) == before
    assert not (tmp_path / "new.jsonl").exists()
    kept = typed("audit", "head", "--db", db, "--practice", "Second Clinic").out.strip()
    assert typed("audit", "verify", "--against", kept, "--db", db, "--practice", "Real Clinic").code == 3


def test_a_copy_of_one_case_holds_that_case_and_says_of_how_many_entries_it_is(office, tmp_path):
    office.do(
        f"2026-11-06 open --patient 'Example, Erin' --payer 'Invented Health' --member-id M-1 --claim C-3 --billed 30 {EMPLOYER}",
        f"{DAY} audit export --case 3 --out {tmp_path}/one.jsonl",
        f"{DAY} audit verify {tmp_path}/one.jsonl",
    )
    header, *entries, _seal = lines_of(tmp_path / "one.jsonl")
    case = office.case("3")
    assert {json.loads(entry["text"])["case"] for entry in entries} == {case.id}
    assert [json.loads(entry["text"])["name"] for entry in entries] == ["open", "audit export"]
    assert (header["case"], header["entries"], header["of"]) == (case.id, 2, 5)
    assert header["statement"].startswith("2 of 5 entries for this patient, log ")


def test_a_copy_of_certain_days_holds_those_days_and_its_own_entry(office, tmp_path):
    office.do(f"{DAY} audit export --patient M-1 --from 2026-11-05 --to 2026-11-05 --out {tmp_path}/day.jsonl")
    office.do(f"{DAY} audit verify {tmp_path}/day.jsonl")
    _header, *entries, _seal = lines_of(tmp_path / "day.jsonl")
    assert [json.loads(entry["text"])["name"] for entry in entries] == ["deny", "audit export"]


def test_an_export_says_who_asked_for_whom_and_why(office, tmp_path):
    options = "--purpose 'request of the patient' --recipient 'Erin herself' --for 'Dr Reyes'"
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/trail.jsonl {options}")
    *_, own, _seal = lines_of(tmp_path / "trail.jsonl")
    told = json.loads(own["text"])
    assert (told["kind"], told["purpose"], told["acting_for"]) == ("export", "request of the patient", "Dr Reyes")
    assert told["facts"]["recipient"] == "Erin herself"
    assert told["actor"]


def test_disclosures_list_every_copy_that_left_and_on_request_every_look(office, tmp_path):
    office.do(
        f"{DAY} show 1 --purpose billing",
        f"{DAY} audit export --patient M-1 --out {tmp_path}/a.jsonl --purpose 'records request' --recipient 'the Commissioner'",
        f"{DAY} audit export --patient M-2 --out {tmp_path}/b.jsonl --purpose other",
    )
    told = office.do(f"{DAY} audit disclosures --patient M-1 --json").data["disclosures"]
    assert [(one["what"], one["purpose"], one["recipient"]) for one in told] == [
        ("audit export (jsonl)", "records request", "the Commissioner")
    ]
    looks = office.do(f"{DAY} audit disclosures --patient M-1 --looks --json").data["disclosures"]
    assert [one["what"] for one in looks] == ["show", "audit export (jsonl)", "audit disclosures", "audit disclosures"]
    assert looks[0]["purpose"] == "billing"
    printed = office.do(f"{DAY} audit disclosures --patient M-1").out
    assert "the Commissioner" in printed
    assert "1 given out." in printed


def test_a_copy_against_a_head_kept_outside_proves_that_the_log_has_only_grown(office, tmp_path):
    kept = office.do(f"{DAY} audit head").out.splitlines()[-1]
    office.do(f"{DAY} note 2 'later'", f"{DAY} audit export --patient M-1 --since '{kept}' --out {tmp_path}/trail.jsonl")
    told = office.do(f"{DAY} audit verify {tmp_path}/trail.jsonl --against '{kept}' --json").data
    assert (told["kept"], told["findings"]) == (1, [])


def test_the_digest_of_the_daily_run_carries_the_head_and_finds_a_cut_log(office):
    printed = office.do("2026-11-20 remind").out
    head = next(line.removeprefix("head ") for line in printed.splitlines() if line.startswith("head "))
    assert head == office.do("2026-11-20 audit head").out.splitlines()[-1]
    assert office.do("2026-11-20 remind --again --json").data["head"] == head
    office.do("2026-11-20 remind")
    assert office.do(f"2026-11-20 audit verify --against '{head}' --json").data["kept"] == 1


def verified_alone(path, *kept):
    """The verifier beside the file, run as a stranger would: this Python, no module but the standard library's."""
    script = path.with_name("verify_trail.py")
    return subprocess.run([sys.executable, "-I", "-S", script, path, *kept], capture_output=True, text=True, check=False)


def test_the_verifier_written_beside_a_copy_needs_nothing_but_python(office, tmp_path):
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/trail.jsonl --with-verifier")
    head = office.do(f"{DAY} audit head").out.splitlines()[-1]
    whole = verified_alone(tmp_path / "trail.jsonl", head)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "Whole" in whole.stdout
    changed = tmp_path / "changed.jsonl"
    changed.write_text((tmp_path / "trail.jsonl").read_text().replace("called them", "called you"))
    found = verified_alone(changed)
    assert (found.returncode, found.stderr) == (1, "")
    assert "its text is not the one that was hashed" in found.stdout
    other = verified_alone(tmp_path / "trail.jsonl", head.replace(head.split()[2][:4], "0000", 1))
    assert other.returncode == 1


@pytest.mark.parametrize("cut", [0, 1, 10, 500, -1, -70, -300])
def test_a_truncated_copy_is_found_or_refused_wherever_it_was_cut(office, tmp_path, cut):
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/trail.jsonl --with-verifier")
    raw = (tmp_path / "trail.jsonl").read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(raw[:cut])
    answer = office.say(f"{DAY} audit verify {tmp_path}/cut.jsonl")
    assert answer.code in (3, 30)
    assert "Traceback" not in answer.err
    alone = verified_alone(tmp_path / "cut.jsonl")
    assert (alone.returncode, alone.stderr) == (1, "")


def test_a_verified_file_needs_no_database(office, tmp_path, run):
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/trail.jsonl")
    answer = run("audit", "verify", tmp_path / "trail.jsonl", db=tmp_path / "none.db")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert not (tmp_path / "none.db").exists()


def test_a_purpose_that_cannot_be_read_is_refused(office, tmp_path):
    refused_by(office, f"{DAY} audit export --patient M-1 --out {tmp_path}/x.jsonl --purpose 'a\u202eb'", 22, "--purpose")


def test_a_verifier_that_lies_there_already_is_used_and_another_file_of_its_name_is_not_overwritten(office, tmp_path):
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/one.jsonl --with-verifier")
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/two.jsonl --with-verifier")
    assert verified_alone(tmp_path / "two.jsonl").returncode == 0
    (tmp_path / "verify_trail.py").write_text("print('Whole')\n")
    refused_by(office, f"{DAY} audit export --patient M-1 --out {tmp_path}/three.jsonl --with-verifier", 73, "is another")
    assert not (tmp_path / "three.jsonl").exists()


def test_a_table_has_a_row_for_each_entry_and_ends_with_the_statement_and_the_head(office, tmp_path):
    answer = office.do(f"{DAY} audit export --patient M-1 --format csv --out {tmp_path}/trail.csv")
    rows = list(csv.DictReader((tmp_path / "trail.csv").read_bytes().decode("utf-8-sig").splitlines()))
    assert [row["what"] for row in rows[:4]] != []
    assert [row["entry"] for row in rows if row["entry"].isdigit()] == ["2", "3", "5", "6"]
    head = next(line.removeprefix("head ") for line in answer.out.splitlines() if line.startswith("head "))
    assert rows[-1]["what"] == head
    assert "only a copy with --format jsonl can be verified" in answer.out


def test_a_page_names_the_patient_the_head_and_every_entry(office, tmp_path):
    answer = office.do(f"{DAY} audit export --case 1 --format html --out {tmp_path}/case.html --recipient 'Erin herself' --for 'Dr Reyes'")
    page = (tmp_path / "case.html").read_text("utf-8")
    head = next(line.removeprefix("head ") for line in answer.out.splitlines() if line.startswith("head "))
    assert page.count(head) == 2
    for words in ("Example, Erin", "Erin herself", "for Dr Reyes", "called them", "A-000001", 'id="e2"', 'id="e6"'):
        assert words in page
    assert "Second, Ben" not in page


@pytest.mark.parametrize("form", ["jsonl", "csv", "html"])
def test_a_redacted_copy_holds_no_name_number_or_typed_word_in_any_form(office, tmp_path, form):
    out = tmp_path / f"trail.{form}"
    office.do(f"{DAY} audit export --patient M-1 --format {form} --redact --purpose audit --recipient 'an auditor' --out {out}")
    text = out.read_text("utf-8")
    for withheld in ("Erin", "M-1", "C-1", "called them", "Invented Health"):
        assert withheld not in text
    for told in ("[withheld]", "29 CFR 2560.503-1", "120000" if form == "jsonl" else "1,200.00"):
        assert told in text, told
    if form == "jsonl":
        verdict = office.do(f"{DAY} audit verify {out} --json").data
        assert (verdict["findings"], verdict["withheld"], verdict["entries"]) == ([], 3, 4)


def test_a_copy_on_standard_output_is_the_copy_and_nothing_else(office):
    answer = office.do(f"{DAY} audit export --patient M-1 --out -")
    assert [json.loads(line).get("seq") for line in answer.out.splitlines()] == [None, 2, 3, 5, 6, None]


def test_the_verifier_says_how_it_is_used_and_takes_a_head_as_a_line_as_words_or_in_a_file(office, tmp_path):
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/trail.jsonl --with-verifier")
    head = office.do(f"{DAY} audit head").out.splitlines()[-1]
    (tmp_path / "kept.txt").write_text(f"2 reminders.\nhead {head}\n")
    script = tmp_path / "verify_trail.py"
    for words in (
        [],
        ["--help"],
        [tmp_path / "none.jsonl"],
        [tmp_path / "trail.jsonl", "not a head"],
        [tmp_path / "trail.jsonl", "x" * 9999],
    ):
        asked = subprocess.run([sys.executable, "-I", "-S", script, *words], capture_output=True, text=True, check=False)
        assert (asked.returncode, asked.stdout) == (2, "")
        assert "python3 verify_trail.py FILE" in asked.stderr
        assert "Traceback" not in asked.stderr
    for kept in ([head], head.split(), [tmp_path / "kept.txt"], [f"head {head}"]):
        assert verified_alone(tmp_path / "trail.jsonl", *kept).returncode == 0
    assert verified_alone(tmp_path / "trail.jsonl", head.replace(head.split()[2][:4], "0000", 1)).returncode == 1


@pytest.mark.parametrize("option", ["--purpose", "--recipient", "--for"])
@pytest.mark.parametrize("words", ["asked for by Erin", "EXAMPLE family", "about M-1"])
def test_a_redacted_copy_is_refused_where_its_own_entry_would_name_the_patient(office, tmp_path, option, words):
    refused_by(office, f"{DAY} audit export --patient M-1 --redact {option} '{words}' --out {tmp_path}/x.jsonl", 22, "names the patient")


@pytest.mark.parametrize("form", ["jsonl", "csv", "html"])
def test_a_redacted_copy_withholds_what_earlier_exports_were_for_and_for_whom_steps_were_taken(office, tmp_path, form):
    out = tmp_path / f"redacted.{form}"
    office.do(
        f"{DAY} audit export --patient M-1 --purpose 'Erin asked' --recipient 'Erin, 12 Elm St' --out {tmp_path}/whole.jsonl",
        f"{DAY} note 1 'again' --for 'Dr Erinsdottir'",
        f"{DAY} audit export --patient M-1 --format {form} --redact --purpose audit --recipient 'an auditor' --out {out}",
    )
    text = out.read_text("utf-8")
    for withheld in ("Erin", "Elm St"):
        assert withheld not in text
    nonces = [json.loads(line["text"])["nonce"] for line in lines_of(tmp_path / "whole.jsonl")[1:-1]]
    assert [nonce for nonce in nonces if nonce in text] == []


def test_an_export_that_failed_is_no_disclosure_and_the_trail_says_that_it_failed(office, tmp_path, monkeypatch):
    monkeypatch.setattr("appeals.commands.files.os.link", lambda *_places: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    answer = office.say(f"{DAY} audit export --patient M-1 --out {tmp_path}/x.jsonl")
    monkeypatch.undo()
    assert (answer.code, answer.out) == (73, "")
    assert office.do(f"{DAY} audit disclosures --patient M-1 --json").data["disclosures"] == []
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/x.jsonl", f"{DAY} audit verify {tmp_path}/x.jsonl")
    names = [json.loads(line["text"])["name"] for line in lines_of(tmp_path / "x.jsonl")[1:-1]]
    assert names[-4:] == ["audit export", "audit export failed", "audit disclosures", "audit export"]


def test_a_mistyped_head_is_refused_before_anything_is_written(office, tmp_path):
    head = office.do(f"{DAY} audit head").out.splitlines()[-1]
    wrong = head.replace(head.split()[2][:4], "0000", 1)
    refused_by(office, f"{DAY} audit export --patient M-1 --since '{wrong}' --out {tmp_path}/x.jsonl", 22, "mistyped")
    told = office.say(f"{DAY} audit verify --against '{wrong}'")
    assert told.code == 3
    assert "one wrong character gives this answer too" in told.out


def test_the_verdict_on_a_log_says_how_far_the_heads_reach_and_what_was_not_used(office, tmp_path):
    head = office.do(f"{DAY} audit head").out.splitlines()[-1]
    office.do(f"{DAY} note 1 'later'", f"{DAY} note 2 'later'")
    (tmp_path / "kept.txt").write_text(f"{head}\n{head[::-1].split()[3]} 3 {'0' * 64} 2026-11-09T10:00:00.000000Z\n{'0' * 8}{head[8:]}\n")
    printed = office.do(f"{DAY} audit verify --against {tmp_path}/kept.txt").out
    assert "They vouch for entries 1 to 5; of those after that" in printed
    assert "2 are there" in printed
    assert "1 head of another log was not used." in printed
    assert office.do(f"{DAY} audit verify --against {tmp_path}/kept.txt --json").data["covered"] == 5


def test_a_copy_of_days_after_the_opening_still_calls_the_case_by_its_number(office, tmp_path):
    office.do(f"{DAY} audit export --patient M-1 --from 2026-11-06 --format html --out {tmp_path}/days.html")
    office.do(f"{DAY} audit export --patient M-1 --from 2026-11-06 --format csv --out {tmp_path}/days.csv")
    assert "<h2>Case A-000001</h2>" in (tmp_path / "days.html").read_text("utf-8")
    assert "level ?" not in (tmp_path / "days.html").read_text("utf-8")
    rows = list(csv.DictReader((tmp_path / "days.csv").read_bytes().decode("utf-8-sig").splitlines()))
    assert rows[0]["case"] == "A-000001"


def test_disclosures_of_patients_who_turned_out_to_be_one_are_listed_together(office, tmp_path):
    office.do(
        f"{DAY} audit export --patient M-2 --out {tmp_path}/b.jsonl --recipient Ben --purpose his",
        f"{DAY} patient merge M-1 M-2 --reason same",
        f"{DAY} audit export --patient M-1 --out {tmp_path}/a.jsonl --recipient Erin --purpose hers",
    )
    told = office.do(f"{DAY} audit disclosures --patient M-1 --json").data["disclosures"]
    assert [one["recipient"] for one in told] == ["Ben", "Erin"]


def test_disclosures_as_of_a_past_day_are_those_of_that_day(office, tmp_path):
    office.do(
        f"{DAY} audit export --patient M-1 --out {tmp_path}/a.jsonl", f"2026-11-12 audit export --patient M-1 --out {tmp_path}/b.jsonl"
    )
    assert len(office.do("2026-11-12 audit disclosures --patient M-1 --json").data["disclosures"]) == 2
    assert len(office.do(f"2026-11-12 audit disclosures --patient M-1 --to {DAY} --json").data["disclosures"]) == 1


def test_a_note_that_looks_like_a_head_makes_no_export_of_it_doubted(office, tmp_path):
    log = office.do(f"{DAY} audit head --json").data["log"]
    office.do(f"{DAY} note 1 'they said {log} 3 {'0' * 64} 2026-11-09T10:00:00.000000Z'")
    for form in ("jsonl", "csv", "html"):
        office.do(f"{DAY} audit export --patient M-1 --format {form} --out {tmp_path}/trail.{form}")
        assert office.do(f"{DAY} audit verify --against {tmp_path}/trail.{form} --json").data["kept"] == 1
    office.do(f"{DAY} audit export --patient M-1 --since {tmp_path}/trail.jsonl --out {tmp_path}/since.jsonl")


@pytest.mark.parametrize("words", ["audit verify --against ''", "audit export --patient M-1 --since ' ' --out {}/x.jsonl"])
def test_a_blank_head_is_not_taken_for_none(office, tmp_path, words):
    refused_by(office, f"{DAY} {words.format(tmp_path)}", 22, "blank")


def test_a_name_no_file_can_have_is_refused(office, tmp_path):
    refused_by(office, f"{DAY} audit export --patient M-1 --out {tmp_path}/{'x' * 300}", 73, "too long")
    refused_by(office, f"{DAY} audit verify --against 'x {'y' * 270}'", 22, "4 parts")


def test_a_mailbox_that_is_too_large_to_be_looked_through_is_refused(office, tmp_path, monkeypatch):
    monkeypatch.setattr("appeals.commands.trail.LARGEST_MAILBOX", 1 << 20)
    head = office.do(f"{DAY} audit head").out.splitlines()[-1]
    (tmp_path / "big.mbox").write_text(f"{head}\n" + "x" * (1 << 20))
    refused_by(office, f"{DAY} audit verify --against {tmp_path}/big.mbox", 30, "larger than 1 MiB")


def test_a_place_that_knows_no_second_name_of_a_file_still_gets_the_export_whole(office, tmp_path, monkeypatch):
    monkeypatch.setattr("appeals.commands.files.os.link", lambda *_places: (_ for _ in ()).throw(OSError(1, "Operation not permitted")))
    office.do(f"{DAY} audit export --patient M-1 --out {tmp_path}/x.jsonl", f"{DAY} audit verify {tmp_path}/x.jsonl")
    assert (tmp_path / "x.jsonl").stat().st_mode & 0o777 == 0o600
