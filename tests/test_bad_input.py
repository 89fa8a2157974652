"""Every way to type or place something wrong, as staff would: one line and a way out on stderr, the right exit code, nothing written."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from practice import Answer, Offices, by_line, denied, filed, opened, reviewed

import cli
from db.engine import best_driver
from db.schema import NUMBER

ROOT = Path(__file__).resolve().parents[1]
NOBODY_HAS_THIS_UID = 54_321
ANOTHER_CASE = "2026-11-06 open --patient 'Sample, Sam' --payer 'Other Health' --member-id S-9 --claim {claim} --billed 80"
OFFICE = ("--name", "Real Clinic", "--state", "NC", "--zone", "America/New_York")
# Runs the words twice: as root on a database of its own, so that everything is imported, then as the other account.
AS_ANOTHER = """
import contextlib, io, os, sys
import cli
uid, warm, db, *words = sys.argv[1:]
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    cli.run_command([*words, "--db", warm])
os.setgroups([]), os.setgid(int(uid)), os.setuid(int(uid))
sys.exit(cli.run_command([*words, "--db", db]))
"""


@pytest.fixture(autouse=True)
def a_quiet_account(monkeypatch, tmp_path):
    """An account without a database of its own, a configuration or a wide terminal."""
    for name in ("APPEALS_DB", "APPEALS_CONFIG", "SUDO_UID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def typed(*words) -> Answer:
    """One command line in this process, exactly as given."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run_command([str(word) for word in words])
    return Answer(code, out.getvalue(), err.getvalue())


def on_disk(db: Path) -> dict[str, bytes]:
    """The database's bytes, with those of its journals: in WAL mode a write may not be in the file itself yet."""
    return {path.name: found for path in (db, Path(f"{db}-wal"), Path(f"{db}-journal")) if path.exists() and (found := path.read_bytes())}


def refused(answer: Answer, code: int, *said: str) -> None:
    """The answer is a refusal with this exit code, short and complete, and says these words."""
    assert answer.code == code, f"exit {answer.code}, not {code}: {answer.err}"
    assert answer.out == ""
    lines = answer.err.splitlines()
    assert len(lines) == 2, f"what happened, and what to do next: {answer.err}"
    assert lines[0].startswith("Error: ")
    assert "Traceback" not in answer.err
    for words in said:
        assert words in answer.err


def refused_by(office, turn: str, code: int, *said: str) -> None:
    """The command line is refused, and the file keeps every byte."""
    before = on_disk(office.db)
    refused(office.say(turn), code, *said)
    assert on_disk(office.db) == before


def run_sql(db: Path, statement: str) -> None:
    with closing(best_driver().connect(db, isolation_level=None)) as connection:
        connection.execute(statement)


def for_real(db: Path, *more: str) -> Path:
    """A database that is no sandbox."""
    answer = typed("init", *OFFICE, *more, "--db", db)
    assert answer.code == 0, answer.err
    return db


REFUSALS = [
    # what is wrong, the office's history, the command line, exit code, words of the refusal
    ("a case that does not exist", denied(), "2026-11-06 next 999", 10, ["A-000999", "appeals find"]),
    ("no such claim number", denied(), "2026-11-06 clocks CLAIM-404", 10, ["appeals find"]),
    ("a step on a case that does not exist", denied(), "2026-11-06 void 77 --reason twice", 10, ["A-000077"]),
    ("a clock the case has not", denied(), "2026-11-06 why 1 sundial", 10, ["It has:"]),
    ("nothing found", denied(), "2026-11-06 find Zebra", 10, []),
    ("a claim number of two cases", (*denied(), ANOTHER_CASE.format(claim="C-1")), "2026-11-06 next C-1", 11, ["A-000001", "A-000002"]),
    ("a claim number like a case number", (*denied(), ANOTHER_CASE.format(claim="1")), "2026-11-06 next 1", 11, ["A-000001", "A-000002"]),
    ("a day the calendar has not", opened(), "2026-11-06 deny 1 --notice 2026-02-30 --amount 9 --code CO-50", 22, ["calendar"]),
    ("a word for a date", opened(), "2026-11-06 deny 1 --notice soon --amount 9 --code CO-50", 22, ["2026-11-23"]),
    ("a year of two digits", opened(), "2026-11-06 deny 1 --notice 11/4/26 --amount 9 --code CO-50", 22, ["four-digit"]),
    ("a notice from the future", opened(), "2026-11-06 deny 1 --notice 2026-11-07 --amount 9 --code CO-50", 22, ["--notice", "future"]),
    ("a claim of tomorrow", (), "2026-11-06 open --patient E --payer P --claim 9 --billed 9 --submitted 11/7/2026", 22, ["--submitted"]),
    ("a filing from the future", reviewed(), "2026-11-09 file-appeal 1 --track member_appeal --appellant patient --sent 2026-11-10 "
     "--channel fax --override none", 22, ["--sent", "future"]),
    ("a decision from the future", filed(), "2026-12-01 overturn 1 --decided 2026-12-02", 22, ["--decided", "future"]),
    ("a call from the future", denied(), "2026-11-06 request-peer-review 1 --clinician R --requested 2026-11-07", 22, ["--requested"]),
    ("received in the future", opened(), "2026-11-06 deny 1 --notice 2026-11-04 --received 2026-11-07 --amount 9", 22, ["--received"]),
    ("a receipt from the future", filed(), "2026-11-10 mark 1 received --date 2026-11-11", 22, ["future"]),
    ("a notice added from the future", denied(), "2026-11-06 mark 1 denial-added --notice 2026-11-07 --amount 9", 22, ["--notice"]),
    ("a third of a cent", opened(), "2026-11-06 deny 1 --notice 2026-11-04 --amount 12.345 --code CO-50", 22, ["cent"]),
    ("a negative amount", opened(), "2026-11-06 deny 1 --notice 2026-11-04 --amount -12 --code CO-50", 22, ["negative"]),
    ("a comma in the wrong place", opened(), "2026-11-06 pay 1 --amount 12,34 --remittance T-1", 22, ["1,234.50"]),
    ("a number a calculator writes", opened(), "2026-11-06 pay 1 --amount 1e5 --remittance T-1", 22, ["1234.5"]),
    ("more denied than billed", opened(), "2026-11-06 deny 1 --notice 2026-11-04 --amount 1200.01 --code CO-50", 22, ["--billed"]),
    ("a third of a cent in a code", opened(), "2026-11-06 deny 1 --notice 2026-11-04 --code CO-50:1.234", 22, ["cent"]),
    ("a code nobody has", opened(), "2026-11-06 deny 1 --notice 2026-11-04 --amount 9 --code XX-50", 22, ["CO-16/M76"]),
    ("a line that is none", opened(), "2026-11-06 deny 1 --notice 2026-11-04 --line 96365", 22, ["96365:600.00:600.00:CO-50"]),
    ("received before the notice", opened(), "2026-11-06 deny 1 --notice 2026-11-05 --received 2026-11-04 --amount 9 --code CO-50", 22,
     ["before the notice"]),
    ("receipt before the notice", denied(), "2026-11-06 mark 1 received --date 2026-11-03", 22, ["before the notice"]),
    ("receipt before the filing", filed(), "2026-11-10 mark 1 received --date 2026-11-08", 22, ["before it was sent"]),
    ("a filing there before it left", reviewed(), "2026-11-09 file-appeal 1 --track member_appeal --appellant patient --sent 2026-11-09 "
     "--received 2026-11-08 --channel fax --override none", 22, ["--received"]),
    ("decided before it was sent", filed(), "2026-12-01 overturn 1 --decided 2026-11-08", 22, ["before the filing"]),
    ("received before decided", filed(), "2026-12-01 uphold 1 --decided 2026-11-20 --received 2026-11-19", 22, ["before the notice"]),
    ("a last day before the notice", opened(), "2026-11-06 deny 1 --notice 2026-11-05 --amount 9 --code CO-50 --printed-due 2026-11-04",
     22, ["--printed-due"]),
    ("the same claim twice", denied(), "2026-11-06 open --patient E --payer 'Invented Health' --claim C-1 --billed 9", 22, ["A-000001"]),
    ("a step that is not possible", denied(), "2026-11-06 overturn 1 --decided 2026-11-06", 20, ["A-000001", "denied"]),
    ("a denial without its notice", opened(), "2026-11-06 deny 1 --amount 9 --code CO-50", 21, ["--notice"]),
    ("a claim without an amount", (), "2026-11-06 open --patient E --payer P --claim 9", 21, ["--billed"]),
    ("a filing without its documents", reviewed(), "2026-11-09 file-appeal 1 --track member_appeal --appellant patient --sent 2026-11-09 "
     "--channel fax", 21, ["letter_of_medical_necessity"]),
    ("a sandbox that would go back", denied(), "2026-11-04 note 1 hello", 22, ["go back"]),
]  # fmt: skip


@pytest.mark.parametrize(("history", "turn", "code", "said"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_cannot_be_is_refused_in_two_lines_and_writes_nothing(offices, history, turn, code, said):
    refused_by(offices.after(*history), turn, code, *said)


# Every way a date, an amount or a text can be typed wrong, against every option that takes one.
DATES = ("13/45/2026", "2026-02-30", "3/4/26", "''", "2026-11-06T25:00", "20261104")
AMOUNTS = ("1.234,56", "-5", "1e3", "''", "99999999999999", "NaN", "١٢")
TEXTS = {
    "a megabyte": "x" * (1 << 20), "a terminal's command": "a\x1b[31mb", "NUL": "a\x00b", "DEL": "a\x7fb", "right to left": "\u202ea",
    "a mark of direction": "a\u200fb", "a line separator": "a\u2028b", "a zero width space": "a\u200bb",
}  # fmt: skip
PAPER = str(ROOT / "README.md")
FULL = "2026-11-06 open --patient 'Sample, Sam' --payer P --claim C-9 --billed 80"
FILE = "2026-11-09 file-appeal 1 --track member_appeal --appellant patient --channel fax --override x"
CALL, PERSON, FIND = "2026-11-06 call 1 --person Dana", "2026-11-06 person ana --name Ana", "2026-11-06 find C-1"
SETTLE, MERGE = "2026-11-10 settle-line 1 --to patient --reason x", "2026-11-06 patient merge M-1 M-2 --reason x"
ADD, DENY = f"2026-11-06 document add 1 {PAPER} --kind eob", "2026-11-06 deny 1 --code CO-50"
# the office's history, the command line, its options that take dates, amounts and texts
TAKES = [
    (opened(), FULL, "--submitted --service-from --service-to --born --notice", "--amount --paid",
     "--member-id --mrn --group --npi --provider --owner --issue-state --control-number --payer-number --same-as --words"),
    (opened(), "2026-11-06 open --billed 80", "", "", "--patient --payer --claim"),
    (opened(), DENY, "--notice --received --printed-due", "--amount --paid --contractual --patient-share", "--words"),
    (reviewed(), FILE, "--sent --received", "", "--declared-by --good-cause --destination --proof --tracking --result --enclosed"),
    (denied(), "2026-11-09 mark 1 payment-posted", "--date --notice --received --printed-due", "--amount --interest",
     "--text --to --proof"),
    (denied(), CALL, "--date --next", "", "--number --reference --promised"),
    (denied(), ADD, "--date", "", "--direction"),
    (by_line(denied()), SETTLE, "", "", "--settled --waiver"),
    ((), PERSON, "", "", "--email --role --backup"),
    (denied(), MERGE, "", "", "--override"),
    (denied(), "2026-11-06 patient merge M-1 M-2", "", "", "--reason"),
    (denied(), "2026-11-06 queue", "", "", "--owner --payer --state --category --clock --by"),
    (denied(), "2026-11-06 undo 1 --reason x", "", "", "--request-id"),
]  # fmt: skip


def options_taking(what):
    return [(history, turn, option) for history, turn, *options in TAKES for option in options[what].split()]


def told_of(rows):
    return [f"{turn.split()[1]} {option}" for _, turn, option in rows]


@pytest.mark.parametrize(("history", "turn", "option"), options_taking(0), ids=told_of(options_taking(0)))
def test_a_date_typed_wrong_is_refused_with_its_option_and_the_forms_that_are_right(offices, history, turn, option):
    office = offices.after(*history)
    for wrong in DATES:
        refused_by(office, f"{turn} {option} {wrong}", 22, f"Error: {option}", "2026-11-23")


@pytest.mark.parametrize(("history", "turn", "option"), options_taking(1), ids=told_of(options_taking(1)))
def test_an_amount_typed_wrong_is_refused_with_its_option_and_the_forms_that_are_right(offices, history, turn, option):
    office = offices.after(*history)
    for wrong in AMOUNTS:
        refused_by(office, f"{turn} {option} {wrong}", 22, f"Error: {option}: This", "1,234.50")


@pytest.mark.parametrize(("history", "turn", "option"), options_taking(2), ids=told_of(options_taking(2)))
def test_text_that_cannot_be_seen_or_read_is_refused_with_its_option_and_never_repeated(offices, history, turn, option):
    office = offices.after(*history)
    before = on_disk(office.db)
    for name, wrong in TEXTS.items():
        answer = office.say(turn, option, wrong)
        refused(answer, 22, f"Error: {option} has ")
        assert len(answer.err) < 300, name
        assert wrong not in answer.err, name
    assert on_disk(office.db) == before


# The command line with the place of an argument left open.
ARGUMENTS = [
    "2026-11-06 show {}", "2026-11-06 find {}", "2026-11-06 note {} x", "2026-11-06 note 1 {}", "2026-11-06 call {} --person Dana",
    "2026-11-06 assign 1 {}", "2026-11-06 person {} --name Ana", "2026-11-06 mark {} note", "2026-11-06 mark 1 {}",
    "2026-11-06 patient merge {} M-2 --reason x", "2026-11-06 patient merge M-1 {} --reason x",
    "2026-11-06 document add {} eob.pdf --kind eob",
    "2026-11-06 document add 1 {} --kind eob", "2026-11-06 payer {} --funding insured", "2026-11-06 why 1 {}",
]  # fmt: skip


@pytest.mark.parametrize("turn", ARGUMENTS)
def test_an_argument_that_cannot_be_seen_or_read_is_refused_in_the_same_way(offices, turn):
    office = offices.after(*denied())
    before = on_disk(office.db)
    for wrong in TEXTS.values():
        day, *words = turn.split()
        answer = typed(*(wrong if word == "{}" else word for word in words), "--db", office.db, "--as-of", day)
        refused(answer, 22, " has ")
        assert len(answer.err) < 300
    assert on_disk(office.db) == before


NOTHING_THERE = [
    ("2026-11-06 show ''", 10), ("2026-11-06 find ''", 10), ("2026-11-06 note '' x", 10), ("2026-11-06 mark '' note", 10),
    ("2026-11-06 mark 1 ''", 2), ("2026-11-06 call ''  --person Dana", 10), ("2026-11-06 call 1 --person '' --promised ' '", 21),
    ("2026-11-06 note 1 ' '", 21), ("2026-11-06 assign 1 ''", 21), ("2026-11-06 person '' --name Ana", 21),
    ("2026-11-06 document add 1 '' --kind eob", 30), ("2026-11-06 document add 1 eob.pdf --kind ''", 2),
    ("2026-11-06 payer '' --funding insured", 21),
    ("2026-11-06 patient merge '' M-2 --reason x", 21), ("2026-11-06 patient merge M-1 M-2 --reason ''", 21),
    ("2026-11-06 open --patient '' --payer P --claim 9 --billed 9", 21),
    ("2026-11-06 open --patient E --payer '' --claim 9 --billed 9", 21),
    ("2026-11-06 open --patient E --payer P --claim '' --billed 9", 21), ("2026-11-06 open --same-as '' --claim 9 --billed 9", 21),
    ("2026-11-06 open --patient '...' --payer P --claim 9 --billed 9", 21),
]  # fmt: skip


@pytest.mark.parametrize(("turn", "code"), NOTHING_THERE, ids=[turn for turn, _ in NOTHING_THERE])
def test_an_empty_word_where_something_is_needed_is_refused(offices, turn, code):
    office = offices.after(*denied())
    before = on_disk(office.db)
    answer = office.say(turn)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err
    assert on_disk(office.db) == before


NO_CASE = ["note {} x", "mark {} note", "call {} --person Dana", f"document add {{}} {PAPER} --kind eob",
           "deny {} --notice 2026-11-04 --amount 9", "file-appeal {} --track court",
           "settle-line {} --settled 1 --to patient --reason x", "open --same-as {} --claim 9 --billed 9"]  # fmt: skip


@pytest.mark.parametrize("words", NO_CASE)
@pytest.mark.parametrize("ref", ["99", "A-000099", "A-", "0", "-1", "1.0", "99999999999999999999", "١"])
def test_a_case_that_is_not_there_is_refused_by_every_command(offices, words, ref):
    office = offices.after(*denied())
    before = on_disk(office.db)
    answer = office.say(f"2026-11-06 {words.format(ref)}")
    assert answer.code == (2 if ref == "-1" and "same-as" not in words else 10), answer.err
    assert on_disk(office.db) == before


TWICE = [
    (opened(), f"{DENY} --notice 2026-11-04 --amount 9 --notice 2026-11-03", "--notice"),
    (opened(), f"{DENY} --notice 2026-11-04 --amount 9 --amount 90", "--amount"),
    (opened(), f"{FULL} --patient 'Other, Olga'", "--patient"),
    (reviewed(), f"{FILE} --sent 2026-11-09 --track court", "--track"),
    (denied(), "2026-11-09 mark 1 note --text a --text b", "--text"),
    (denied(), f"{CALL} --person Bea", "--person"),
    (denied(), f"{ADD} --kind letter_of_medical_necessity", "--kind"),
    (by_line(denied()), f"{SETTLE} --settled 2 --to paid", "--to"),
    ((), f"{PERSON} --name Anna", "--name"),
    (denied(), f"{MERGE} --reason y", "--reason"),
    (denied(), "2026-11-06 queue --owner ana --owner ben", "--owner"),
    (denied(), "2026-11-06 find C-1 --as-of 2026-11-05", "--as-of"),
]


@pytest.mark.parametrize(("history", "turn", "option"), TWICE, ids=[row[2] for row in TWICE])
def test_an_option_given_twice_is_refused_as_nobody_knows_which_is_meant(offices, history, turn, option):
    office = offices.after(*history)
    before = on_disk(office.db)
    answer = office.say(turn)
    assert (answer.code, answer.out) == (2, "")
    assert f"{option} is given twice" in answer.err
    assert on_disk(office.db) == before


def test_an_option_that_may_be_repeated_and_a_switch_may_be_given_twice(offices):
    office = offices.after(*opened())
    office.do("2026-11-06 deny 1 --notice 2026-11-04 --amount 9 --code CO-50 --code CO-16 --json --json")
    assert office.situation().denials[0].reasons == "CO-50 CO-16"


@pytest.mark.parametrize("name", ["Zöe", "می‌خواهم, نام", "O'Brien, Seán", "山田 太郎", "D’Arcy"])
def test_a_name_in_any_script_is_taken(offices, name):
    office = offices.after()
    office.do(FULL.replace("Sample, Sam", name) if "'" not in name else FULL.replace("'Sample, Sam'", f'"{name}"'))
    assert office.situation().patient.name == name


def test_a_note_may_have_several_lines_and_a_name_may_not(offices):
    office = offices.after(*denied())
    assert office.say("2026-11-06 note 1", "first\nsecond\tcolumn").code == 0
    refused(office.say(f"{FULL} --provider", "Dr\nReyes"), 22, "--provider", "U+000A")


def test_a_search_of_more_words_than_any_name_is_refused(offices):
    office = offices.after(*denied())
    refused_by(office, f"2026-11-06 find {'x ' * 2_000}", 22, "words")


def test_a_payers_state_is_one_there_is(offices):
    office = offices.after(*denied())
    refused_by(office, "2026-11-06 payer P --issue-state Carolina", 40, "CAROLINA", "NC")
    office.do("2026-11-06 payer P --issue-state nc", "2026-11-06 payer P --issue-state unknown")


@pytest.mark.parametrize("words", ["frobnicate 1", "deny", "show", "deny 1 --nonsense", "review-eob 1 --path north", "mark 1 sunrise"])
def test_a_wrong_command_line_exits_2_and_writes_nothing(offices, words):
    office = offices.after(*denied())
    before = on_disk(office.db)
    answer = office.say(f"2026-11-06 {words}")
    assert (answer.code, answer.out) == (2, "")
    assert "Error: " in answer.err
    assert "Traceback" not in answer.err
    assert on_disk(office.db) == before


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "1-1-2026", "--check"])
def test_a_day_to_look_at_that_is_none_is_refused(offices, day):
    office = offices.after(*denied())
    refused(typed("queue", "--db", office.db, "--as-of", day), 22, "accepted form" if day != "2026-13-01" else "calendar")


@pytest.mark.parametrize(
    "words", ["", "today", "queue", "show 1", "deny 1 --notice 2026-11-04 --amount 9", "doctor", "upgrade", "audit verify"]
)
def test_without_a_database_every_command_says_how_to_make_one(tmp_path, monkeypatch, words):
    monkeypatch.setenv("APPEALS_DB", str(tmp_path / "none.db"))
    refused(typed(*words.split()), 60, "appeals init")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "code", "word"), [(NUMBER - 1, 60, "init" if NUMBER == 1 else "upgrade"), (NUMBER + 1, 61, "newer")])
@pytest.mark.parametrize("words", ["queue", "show 1", "deny 1 --notice 2026-11-04 --amount 9 --code CO-50"])
def test_a_database_of_another_release_is_left_alone(offices, words, number, code, word):
    office = offices.after(*opened())
    run_sql(office.db, f"PRAGMA user_version = {number}")
    refused_by(office, f"2026-11-06 {words}", code, word)


@pytest.mark.parametrize("words", ["queue", "note 1 hello"])
def test_a_practice_that_is_not_there_or_not_named_is_asked_for(tmp_path, words):
    db = for_real(tmp_path / "office.db")
    another = ["init", "--name", "Second Clinic", "--state", "NC", "--zone", "America/New_York", "--another", "--db", db]
    assert typed(*another).code == 0
    before = on_disk(db)
    refused(typed(*words.split(), "--db", db), 11, "--practice", "Real Clinic", "Second Clinic")
    refused(typed(*words.split(), "--db", db, "--practice", "Third Clinic"), 10, "Real Clinic", "Second Clinic")
    assert on_disk(db) == before
    assert typed("queue", "--db", db, "--practice", "second clinic").code == 0


def text_files():
    return [
        ("an empty file", b"", "empty"),
        ("a binary file", bytes(range(256)) * 4, "binary"),
        ("an HTML page", b"<!DOCTYPE html><html><body>Please sign in</body></html>", "HTML"),
        ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        ("a letter", b"Dear Sir or Madam, we have reviewed your claim.", "ISA"),
        ("a 271", a_claim_file().replace(b"*837*", b"*271*"), "271"),
        ("half an 835", a_claim_file().replace(b"*837*", b"*835*")[:90], "ISA"),
    ]


def a_claim_file() -> bytes:
    """The smallest envelope of a claim on its way to a payer: made up, and no 835."""
    isa = f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'CLINIC':<15}*ZZ*{'PAYER':<15}*261104*1200*^*00501*000000001*0*T*:~"
    claim = "ST*837*0001*005010X222A1~BHT*0019*00*1*20261104*1200*CH~SE*3*0001~"
    return f"{isa}GS*HC*CLINIC*PAYER*20261104*1200*1*X*005010X222A1~{claim}GE*1*1~IEA*1*000000001~".encode()


@pytest.mark.parametrize(("what", "content", "word"), text_files(), ids=[row[0] for row in text_files()])
def test_a_file_that_is_no_remittance_is_named_for_what_it_is(offices, tmp_path, what, content, word):
    office = offices.after(*denied())
    file = tmp_path / "from-portal"
    file.write_bytes(content)
    refused_by(office, f"2026-11-06 intake {file}", 30, word)


def test_a_file_that_is_missing_or_a_directory_or_not_ours_to_read_is_refused(offices, tmp_path):
    office = offices.after(*denied())
    refused_by(office, f"2026-11-06 intake {tmp_path / 'nothing'}", 30, "does not exist")
    refused_by(office, f"2026-11-06 intake {tmp_path}", 30, "empty")
    refused_by(office, f"2026-11-06 audit verify {tmp_path / 'nothing'}", 30, "does not exist")
    refused_by(office, f"2026-11-06 audit verify {tmp_path}", 30, "directory")


def test_a_bad_file_among_others_is_told_by_name(offices, tmp_path):
    office = offices.after(*denied())
    for name in ("monday.835", "tuesday.835"):
        (tmp_path / name).write_bytes(b"")
    refused_by(office, f"2026-11-06 intake {tmp_path / 'monday.835'} {tmp_path / 'tuesday.835'}", 30, "monday.835")


def test_a_place_that_cannot_hold_a_database_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder")
    file.chmod(0o600)
    refused(typed("init", *OFFICE, "--db", file / "appeals.db"), 73)
    refused(typed("queue", "--db", file / "appeals.db"), 60)
    refused(typed("init", *OFFICE, "--db", file), 60)
    refused(typed("queue", "--db", tmp_path), 78, "folder")
    assert file.read_text() == "not a folder"


@pytest.mark.parametrize(
    ("option", "value"), [("--zone", "Mars/Olympus"), ("--zone", "/etc/passwd"), ("--state", "N."), ("--state", "Carolina")]
)
def test_an_office_in_no_known_place_is_not_made(tmp_path, option, value):
    words = list(OFFICE)
    words[words.index(option) + 1] = value
    refused(typed("init", *words, "--db", tmp_path / "office.db"), 78)
    assert list(tmp_path.iterdir()) == []


def test_a_second_init_leaves_the_first_office_alone(tmp_path):
    db = for_real(tmp_path / "office.db")
    before = on_disk(db)
    refused(typed("init", *OFFICE, "--db", db), 73)
    assert on_disk(db) == before


def read_only(folder: Path, *words) -> subprocess.CompletedProcess[str]:
    """The program in a mount namespace of its own in which `folder` is a read-only disk; nothing of it outlives the process."""
    prepare = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", prepare, folder, sys.executable, "-m", "cli", *map(str, words)]
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


def can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"', str(folder)]
    return subprocess.run(probe, capture_output=True, check=False, timeout=60).returncode == 0


def test_a_read_only_disk_is_told_as_one_and_loses_nothing(offices, tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("needs root and a kernel that lets it mount: no read-only disk can be made here")
    disk = tmp_path / "disk"
    disk.mkdir()
    db = disk / "office.db"
    shutil.copy(offices.after(*denied()).db, db)
    before = on_disk(db)
    for words in (["note", "1", "hello"], ["show", "1"], ["deny", "1", "--notice", "2026-11-04", "--amount", "9"]):
        answer = read_only(disk, *words, "--db", db)
        refused(Answer(answer.returncode, answer.stdout, answer.stderr), 73)
    for place in (disk / "new.db", disk / "folder" / "new.db"):
        answer = read_only(disk, "init", *OFFICE, "--db", place)
        refused(Answer(answer.returncode, answer.stdout, answer.stderr), 73)
    assert on_disk(db) == before


def as_another(home: Path, *words: str) -> Answer:
    """The program under a user id that no account has, on `office.db` in `home`."""
    db, warm = home / "office.db", home / "warm" / "office.db"
    command = [sys.executable, "-c", AS_ANOTHER, str(NOBODY_HAS_THIS_UID), str(warm), str(db), *words]
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    answer = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=False, timeout=60)
    return Answer(answer.returncode, answer.stdout, answer.stderr)


@pytest.fixture
def home_of_another():
    if os.geteuid() != 0:
        pytest.skip("needs root to become another account")
    home = Path(tempfile.mkdtemp(prefix="appeals-"))  # pytest's own folders are closed to other accounts
    (home / "warm").mkdir()
    yield home
    shutil.rmtree(home)


def test_an_account_without_a_passwd_entry_works_under_its_number(home_of_another):
    os.chown(home_of_another, NOBODY_HAS_THIS_UID, NOBODY_HAS_THIS_UID)
    claim = ("open", "--patient", "Example, Erin", "--payer", "P", "--claim", "C-1", "--billed", "9")
    for words in (("init", *OFFICE), claim, ("show", "1"), ("doctor",)):
        answer = as_another(home_of_another, *words)
        assert (answer.code, answer.err) == (0, "")
        assert words[0] != "show" or f"uid:{NOBODY_HAS_THIS_UID}" in answer.out


def test_another_accounts_database_is_not_opened(home_of_another, offices):
    home_of_another.chmod(0o755)
    for db in (home_of_another / "office.db", home_of_another / "warm" / "office.db"):
        shutil.copy(offices.after(*denied()).db, db)
        db.chmod(0o600)
    refused(as_another(home_of_another, "show", "1"), 73, "owner")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_database_others_may_read_is_not_worked_with(offices, mode):
    office = offices.after(*denied())
    office.db.chmod(mode)
    refused_by(office, "2026-11-06 queue", 78, "chmod 600")
    refused_by(office, "2026-11-06 note 1 hello", 78, "chmod 600")


def test_a_file_that_is_no_database_is_called_so_and_nobody_is_told_to_close_it(offices):
    office = offices.after()
    office.db.write_bytes(b"a letter, and no database. " * 9)
    office.db.chmod(0o644)
    refused_by(office, "2026-11-06 queue", 60, "is not an appeals database")


def test_only_a_sandbox_lets_a_command_choose_its_day_or_its_actor(tmp_path):
    db = for_real(tmp_path / "office.db")
    claim = ["open", "--patient", "Example, Erin", "--payer", "P", "--claim", "C-1", "--billed", "9", "--db", db]
    before = on_disk(db)
    refused(typed(*claim, "--as-of", "2026-01-02"), 50, "sandbox")
    refused(typed(*claim, "--as-of", "2199-01-01"), 50, "sandbox")
    refused(typed(*claim, "--as", "ana"), 50, "sandbox")
    assert on_disk(db) == before
    assert typed(*claim).code == 0


BAD_CONFIGURATIONS = [
    ("no TOML", b"db = ", ["cannot be read"]),
    ("no text", b"\xff\xfe\x00", ["cannot be read"]),
    ("an unknown key", b'database = "x.db"\n', ["database", "Known keys"]),
    ("a number for a path", b"db = 7\n", ["db"]),
    ("mail that is no table", b'mail = "smtp.clinic.example"\n', ["mail is no table"]),
]


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in BAD_CONFIGURATIONS], ids=[row[0] for row in BAD_CONFIGURATIONS])
def test_a_broken_configuration_is_named_before_anything_is_opened(tmp_path, monkeypatch, content, said):
    place = tmp_path / "config.toml"
    place.write_bytes(content)
    monkeypatch.setenv("APPEALS_CONFIG", str(place))
    refused(typed("queue"), 78, str(place), *said)
    assert list(tmp_path.iterdir()) == [place]


def test_the_configuration_says_where_the_database_is(tmp_path, monkeypatch):
    db = for_real(tmp_path / "office.db")
    (tmp_path / "config.toml").write_text(f"db = {str(db)!r}\n")
    monkeypatch.setenv("APPEALS_CONFIG", str(tmp_path / "config.toml"))
    assert typed("queue").out == "No open case.\n"


def test_a_refusal_for_a_program_is_the_same_as_for_a_person(offices):
    office = offices.after(*denied())
    before = on_disk(office.db)
    for_people, for_programs = office.say("2026-11-06 next 999"), office.say("2026-11-06 next 999 --json")
    told = json.loads(for_programs.err)
    assert (for_programs.code, for_programs.out) == (10, "")
    assert told["schema"] == "appeals/1"
    assert (told["error"]["code"], told["error"]["name"]) == (10, "not_found")
    assert for_people.err == f"Error: {told['error']['message']}\n{told['error']['hint']}\n"
    assert on_disk(office.db) == before


def test_the_same_refusals_hold_for_the_program_as_it_is_started(run, tmp_path):
    answer = run("queue", db=tmp_path / "none.db")
    refused(Answer(answer.returncode, answer.stdout, answer.stderr), 60, "appeals init")
    answer = run("deny", "1", "--notice", "2026-02-30", db=tmp_path / "none.db")
    refused(Answer(answer.returncode, answer.stdout, answer.stderr), 22, "calendar")
