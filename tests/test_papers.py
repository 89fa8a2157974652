"""Calls and papers of a case: what was agreed becomes a clock, what was kept keeps its hash, and nothing odd is taken in."""

from __future__ import annotations

import hashlib
import os
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import resources

import pytest
import tomli
from conftest import ROOT
from practice import Offices, denied, resolved, reviewed

from appeals import checklists
from appeals.commands.step_options import CATEGORIES
from appeals.errors import BadConfiguration
from appeals.record import LARGEST_DOCUMENT
from appeals.services.marks import MARKS

PACKS = sorted((ROOT / "appeals" / "rulepacks").glob("*.toml"))


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "Example Erin letter.pdf"
    path.write_bytes(b"%PDF-1.4 a made-up letter")
    return path


def follow_ups(office):
    return [(str(c.work_by), str(c.status), c.owed_by) for c in office.situation().clocks if c.kind == "follow_up"]


def add(letter, kind="letter_of_medical_necessity", more=""):
    return f"2026-11-06 document add 1 '{letter}' --kind {kind} {more}"


# --- calls


def test_a_call_is_kept_and_the_day_that_was_agreed_is_a_clock_in_every_list(offices):
    office = offices.after(*denied())
    office.do("2026-11-09 call 1 --number 800-555-0100 --person Dana --reference R-881 --promised 'a decision' --next 2026-11-16")
    [call] = office.situation().contacts
    assert (str(call.dated), call.person, call.reference, call.promised, str(call.next_date)) == (
        "2026-11-09", "Dana", "R-881", "a decision", "2026-11-16")  # fmt: skip
    assert follow_ups(office) == [("2026-11-16", "open", "us")]
    assert "call again" in office.do("2026-11-16 clocks 1").out
    why = office.do("2026-11-16 why 1 follow_up").out
    assert "what was said stands with the case" in why
    assert "a decision" not in why, "`why` is no look at a patient: it says no word anybody typed"
    shown = office.do("2026-11-16 show 1").out
    assert "Dana  ref R-881: a decision; again on 2026-11-16" in shown
    event = office.events()[-1]
    assert (event["kind"], event["name"]) == ("mark", "contact")
    office.check()


def test_the_next_call_meets_what_the_last_one_agreed(offices):
    office = offices.after(
        *denied(), "2026-11-09 call 1 --person Dana --next 2026-11-16", "2026-11-16 call 1 --person Lee --next 2026-11-20"
    )
    assert sorted(follow_ups(office)) == [("2026-11-16", "met", "us"), ("2026-11-20", "open", "us")]


def test_a_call_entered_late_ends_nothing_that_a_later_call_agreed(offices):
    office = offices.after(
        *denied(), "2026-11-12 call 1 --person Lee --next 2026-11-20", "2026-11-13 call 1 --person Dana --date 2026-11-09 --next 2026-11-16"
    )
    assert sorted(follow_ups(office)) == [("2026-11-16", "met", "us"), ("2026-11-20", "open", "us")]
    [late] = [c for c in office.situation().clocks if str(c.work_by) == "2026-11-16"]
    assert (str(late.start_date), str(late.ended_on)) == ("2026-11-09", "2026-11-12")
    office.do("2026-11-13 call 1 --person Ann --date 2026-11-12")
    assert sorted(follow_ups(office)) == [("2026-11-16", "met", "us"), ("2026-11-20", "met", "us")]
    office.check()


def test_a_step_leaves_what_was_agreed_and_the_end_of_the_case_ends_it(offices):
    office = offices.after(*denied(), "2026-11-05 call 1 --person Dana --next 2026-11-16", *reviewed()[2:])
    assert follow_ups(office) == [("2026-11-16", "open", "us")]
    office.do("2026-11-09 pay 1 --amount 1200")
    assert follow_ups(office) == [("2026-11-16", "cancelled", "us")]
    office.check()


def test_a_call_about_a_resolved_case_is_the_payers_to_keep(offices):
    office = offices.after(*resolved(), "2026-11-09 call 1 --promised 'the cheque is in the mail' --next 2026-11-16")
    assert follow_ups(office) == [("2026-11-16", "open", "payer")]
    office.check()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("", 21, "nothing of the call was given"),
        ("--person Dana --next 2026-11-05", 22, "is not after the call"),
        ("--person Dana --date 2026-12-01", 22, "lies in the future"),
    ],
)
def test_a_call_that_says_nothing_or_cannot_be_is_refused(offices, words, code, said):
    office = offices.after(*denied())
    before = office.everything()
    answer = office.say(f"2026-11-09 call 1 {words}")
    assert (answer.code, said in answer.err.lower(), office.everything()) == (code, True, before)


# --- papers


def test_a_paper_comes_back_byte_for_byte_after_a_read_event(offices, letter, tmp_path):
    office = offices.after(*denied())
    office.do(add(letter, more="--direction out --date 2026-11-05"))
    digest = hashlib.sha256(letter.read_bytes()).hexdigest()
    event = office.events()[-1]
    assert (event["name"], event["facts"]["sha256"], event["facts"]["size"]) == ("document-added", digest, letter.stat().st_size)
    assert "Erin" not in str(event)
    listed = office.do("2026-11-06 document list 1")
    assert (digest[:12] in listed.out, "Erin" in listed.out) == (True, False)
    for name, word in (("a.pdf", digest[:6]), ("b.pdf", "letter-of-medical-necessity".replace("-", "_"))):
        office.do(f"2026-11-06 document get 1 {word} --out {tmp_path / name}")
        assert (tmp_path / name).read_bytes() == letter.read_bytes()
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    with office.store() as store:
        *_, last = store.events()
    assert '"document-get"' in last.text


def test_the_same_bytes_are_kept_once_under_a_kind(offices, letter):
    office = offices.after(*denied(), add(letter))
    before = office.everything()
    assert "nothing was written" in office.do(add(letter)).out
    assert office.everything() == before


def test_one_scan_may_be_two_kinds_of_paper_and_is_the_same_bytes_by_its_hash(offices, letter, tmp_path):
    office = offices.after(*denied(), add(letter), add(letter, "records"))
    assert sorted(paper.kind for paper in office.situation().documents) == ["letter_of_medical_necessity", "records"]
    digest = hashlib.sha256(letter.read_bytes()).hexdigest()
    for name, word in (("a.pdf", digest[:8]), ("b.pdf", "records")):
        office.do(f"2026-11-06 document get 1 {word} --out {tmp_path / name}")
        assert (tmp_path / name).read_bytes() == letter.read_bytes()
    assert "2 of 2 documents hold" in office.do("2026-11-06 document verify 1").out
    office.check()


def test_a_file_whose_name_is_no_text_is_kept_with_the_odd_bytes_replaced(offices, tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/letter-\xff.pdf")
    with open(path, "wb") as stream:  # noqa: PTH123 - the name is no text
        stream.write(b"a made-up letter")
    office = offices.after(*denied())
    office.do(add(path))
    assert [paper.name for paper in office.situation().documents] == ["letter-?.pdf"]


def test_a_paper_kept_later_is_not_given_out_as_of_a_day_before(offices, letter, tmp_path):
    office = offices.after(*denied(), add(letter))
    out = tmp_path / "out.pdf"
    answer = office.say(f"2026-11-05 document get 1 letter_of_medical_necessity --out {out}")
    assert (answer.code, out.exists()) == (10, False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")  # noqa: PTH110 - a device
def test_a_full_disk_behind_the_output_is_an_input_output_error(offices, letter):
    office = offices.after(*denied(), add(letter))
    for words in ("document get 1 letter_of_medical_necessity --out -", "audit export --patient M-1 --out -", "queue", "queue --json"):
        line = f"{shlex.quote(sys.executable)} -m cli {words} --db {office.db} > /dev/full"
        ended = subprocess.run(["bash", "-c", line], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=60)
        assert (ended.returncode, ended.stdout) == (74, ""), words
        assert ended.stderr.count("The output could not be written") == 1, words
        assert ("Traceback" in ended.stderr, "Exception" in ended.stderr, "bug" in ended.stderr) == (False, False, False), words


def test_bytes_that_changed_in_the_database_are_found_and_not_given_out(offices, letter, tmp_path):
    office = offices.after(*denied(), add(letter))
    assert "1 of 1 documents hold" in office.do("2026-11-06 document verify 1").out
    with closing(sqlite3.connect(office.db)) as connection, connection:
        connection.execute("UPDATE document SET content = x'00'")
    broken = office.say("2026-11-06 document verify 1")
    assert (broken.code, "not those that were kept" in broken.out) == (3, True)
    answer = office.say(f"2026-11-06 document get 1 letter_of_medical_necessity --out {tmp_path / 'got.pdf'}")
    assert (answer.code, (tmp_path / "got.pdf").exists()) == (30, False)


def test_papers_on_file_are_enclosed_without_being_named(offices, letter, tmp_path):
    file = "2026-11-09 file-appeal 1 --track member_appeal --appellant provider --authority assignment --channel fax --sent 2026-11-09"
    office = offices.after(*reviewed(), add(letter))
    refused = office.say(file)
    assert (refused.code, "not enclosed: records" in refused.err, "document add A-000001" in refused.err) == (21, True, True)
    notes = tmp_path / "notes.txt"
    notes.write_text("made-up notes")
    office.do(add(notes, "records"), file)


def test_the_papers_of_a_past_day_are_those_that_were_on_file_then(offices, letter):
    office = offices.after(*denied(), add(letter))
    assert "no document on file" in office.do("2026-11-05 document list 1").out


@pytest.mark.parametrize("odd", ["missing", "folder", "device", "pipe", "empty", "huge"])
def test_what_is_no_paper_is_refused_and_nothing_is_written(offices, tmp_path, odd):
    path = tmp_path / odd
    if odd == "folder":
        path.mkdir()
    elif odd == "device":
        path = type(path)("/dev/zero")
    elif odd == "pipe":
        os.mkfifo(path)
    elif odd == "empty":
        path.touch()
    elif odd == "huge":
        with path.open("wb") as stream:
            stream.truncate(LARGEST_DOCUMENT + 1)
    office = offices.after(*denied())
    before = office.everything()
    answer = office.say(add(path))
    assert (answer.code, answer.out, office.everything()) == (30, "", before)


def test_a_document_nobody_has_is_named_and_several_of_a_kind_are_told_apart(offices, letter, tmp_path):
    other = tmp_path / "other.pdf"
    other.write_bytes(b"another")
    office = offices.after(*denied(), add(letter, "eob"), add(other, "eob"))
    assert office.say(f"2026-11-06 document get 1 eob --out {tmp_path / 'x'}").code == 11
    assert office.say(f"2026-11-06 document get 1 receipt --out {tmp_path / 'x'}").code == 10
    assert office.say(f"2026-11-06 document get 1 '' --out {tmp_path / 'x'}").code == 10


def test_every_kind_a_checklist_asks_for_is_a_kind_that_is_kept():
    asked = {kind for category in CATEGORIES for kind in checklists.required(checklists.Filing(category=category))}
    assert asked
    assert asked <= set(checklists.kinds())


def test_every_category_level_and_mark_a_checklist_names_is_one_there_is():
    text = resources.files("appeals.rulepacks").joinpath("checklists.toml").read_text("utf-8")
    raw = tomli.loads(text)
    rungs = {level["id"] for path in PACKS for level in tomli.loads(path.read_text("utf-8")).get("level", ())}
    assert rungs
    assert {level for row in raw["row"] for level in row["levels"]} <= rungs
    assert {category for row in raw["row"] for category in row["categories"]} <= set(CATEGORIES)
    assert set(raw["marks"]) <= set(MARKS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('required = ["decision"]', 'required = ["verdict"]', "verdict"),
        ("after_decision = true", "after_decison = true", "after_decison"),
        ('tracks = ["external_review", "hearing", "court"]', 'tracks = ["external"]', "external"),
        ('failed-treatment = "failed_treatments"', 'failed-treatment = "failures"', "failures"),
    ],
)
def test_a_checklist_with_an_unknown_word_is_refused_by_its_name(old, new, said):
    text = resources.files("appeals.rulepacks").joinpath("checklists.toml").read_text("utf-8")
    assert checklists.read(text, "checklists.toml").row
    with pytest.raises(BadConfiguration, match=said):
        checklists.read(text.replace(old, new, 1), "checklists.toml")


def test_what_a_level_asks_for_comes_on_top_of_what_the_category_asks_for():
    first = checklists.required(checklists.Filing(category="timely_filing", track="member_appeal"))
    later = checklists.required(checklists.Filing(category="timely_filing", track="hearing", after_decision=True))
    assert (first, later) == (("proof_of_timely_filing",), ("proof_of_timely_filing", "decision"))
    named = checklists.items(checklists.Filing(category="", levels=("mcr_reconsideration",), after_decision=True))
    assert [(item.kind, item.required) for item in named if item.kind == "decision"] == [("decision", False)]
