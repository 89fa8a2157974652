"""Who sees a name: the table of `docs/privacy.md` holds line by line, and no error, import entry or file name gives anybody away."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import click
import pytest
from practice import EMPLOYER, Answer, Office, Offices
from test_bad_input import ROOT, a_quiet_account, on_disk, typed

from appeals.commands import COMMANDS
from appeals.commands.group import Commands
from db.engine import best_driver

__all__ = ["a_quiet_account"]

PAGE = ROOT / "docs" / "privacy.md"
SAMPLE = ROOT / "appeals" / "rulepacks" / "samples" / "aetna.toml"
EXPORT_CSV = Path(__file__).with_name("golden") / "canarybird_claims.csv"
PAPER = Path(__file__).with_name("golden") / "canarybird_eob.txt"
ERA = Path(__file__).with_name("golden") / "canarybird.835"
NOTHING, READ, EXPORT, OWN = "nothing", "a read", "an export", "what it did"
XANTHIPPE = "'Canarybird, Xanthippe' --born 1961-02-03 --mrn CANARYMRN5 --member-id CANARYMEMBER77 --group CANARYGROUP3"
ZENO = "'Canarybird, Zeno' --member-id CANARYMEMBER78"
CANARIES = ("canarybird", "xanthippe", "zeno", "1961-02-03", "canarymrn", "canarymember", "canarygroup", "canarynote")
DAY = "2026-12-01"
HISTORY = (
    f"2026-11-03 open --patient {XANTHIPPE} --payer 'Invented Health' --claim C-1 --billed 1200 --owner ana {EMPLOYER}",
    "2026-11-05 deny 1 --notice 2026-11-04 --amount 1150 --patient-share 50 --code CO-50 --words 'canarynote: not for Canarybird'",
    "2026-11-05 note 1 'canarynote: Xanthippe called'",
    f"2026-11-06 open --patient {ZENO} --payer 'Invented Health' --claim C-2 --billed 80 --denied --notice 2026-11-02 "
    "--amount 80 --code PR-1",
    f"2026-11-06 document add 1 {PAPER} --kind eob --direction in",
    f"2026-11-20 intake {ERA}",
    f"{DAY} remind",
)
WORDS = {
    "SHA256": hashlib.sha256(ERA.read_bytes()).hexdigest(),
    "CASE": "1",
    "NUMBER": "C-1",
    "NAME": "xanthippe",
    "MEMBER": "canarymember77",
    "DOCUMENT": "eob",
}


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    return offices.after(*HISTORY)


def page() -> list[tuple[str, str]]:
    """Every command line of the table with what is written first."""
    rows = re.findall(r"^\| (`.+`) \| .+ \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [(line, written) for lines, written in rows for line in re.findall(r"`([^`]+)`", lines)]


def lines(*written: str) -> list[str]:
    return [line for line, its in page() if its in written]


def command_table() -> set[str]:
    """Every command of the program by its full name, groups with a form of their own among them."""
    context, found = click.Context(click.Group()), set()
    for name, (module, *_) in COMMANDS.items():
        if not (ROOT / "appeals" / "commands" / f"{module}.py").exists():
            found.add(name)
            continue
        command = Commands().get_command(context, name)
        subcommands = command.list_commands(context) if isinstance(command, click.Group) else []
        nested = {sub: command.get_command(context, sub) for sub in subcommands}
        found |= {name} if not nested or any(sub.hidden for sub in nested.values()) else set()
        found |= {f"{name} {sub}" for sub, its in nested.items() if not its.hidden}
    return found


def filled(line: str, folder: Path) -> str:
    for placeholder, word in {
        **WORDS,
        "FILE": str(folder / "out.jsonl"),
        "FOLDER": str(folder),
        "CONTRACT": str(SAMPLE),
        "EXPORT": str(EXPORT_CSV),
    }.items():
        line = re.sub(rf"\b{placeholder}\b", word, line)
    return line


# The program as staff start it, but it dies by force the moment it would show its first byte or make its first file.
DYING = """
import os, signal, sys, tempfile
import click
import cli
def die(*_given, **_named):
    os.kill(os.getpid(), signal.SIGKILL)
click.echo = tempfile.mkstemp = die
sys.argv[0] = "appeals"
cli.main()
"""


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text.lower()]


def log(office: Office) -> list[dict]:
    with office.store() as store:
        return [json.loads(stored.text) for stored in store.events()]


def test_every_command_stands_on_the_page_and_the_page_names_no_other():
    known = command_table()
    named = {
        name
        for line, _ in page()
        for name in [next((n for n in sorted(known, key=len, reverse=True) if f"{line} ".startswith(f"{n} ")), "")]
    }
    assert "" not in named, "the page names a command the program has not"
    assert known - named == set(), "add a row to docs/privacy.md: does it show a name, and what does it write first?"
    assert {written for _, written in page()} == {NOTHING, READ, EXPORT, OWN}


@pytest.mark.parametrize("line", lines(READ, EXPORT))
def test_a_kill_between_the_entry_and_the_print_leaves_the_entry_and_shows_nothing(office, tmp_path, line):
    before = log(office)
    words = [*shlex.split(filled(line, tmp_path)), "--as-of", DAY, "--db", str(office.db)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("APPEALS_", "COV"))}
    died = subprocess.run(
        [sys.executable, "-c", DYING, *words], cwd=tmp_path, env={**inherited, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert (died.returncode, died.stdout, died.stderr) == (-signal.SIGKILL, b"", b"")
    (entry,) = log(office)[len(before) :]
    assert entry["kind"] in ("read", "export")
    assert entry["patient"] == office.case("1").patient_id
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_command_that_is_not_on_the_page_would_be_noticed(monkeypatch):
    monkeypatch.setitem(COMMANDS, "gossip", ("work", "queue", "Tell everybody.", "Every day"))
    assert "gossip" in command_table() - {line.split()[0] for line, _ in page()}


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("line", lines(NOTHING))
def test_a_command_without_an_event_leaves_every_byte_and_says_no_name(office, tmp_path, line, more):
    before = on_disk(office.db)
    answer = office.say(f"{DAY} {filled(line, tmp_path)}", *more)
    assert (answer.code, answer.err) == (0, "")
    assert leaks(answer.out) == []
    assert on_disk(office.db) == before


def test_the_same_holds_for_the_program_as_staff_start_it(run, office, tmp_path):
    before = on_disk(office.db)
    for line in ("queue", "next CASE", "remind --dry-run"):
        answer = run(*shlex.split(filled(line, tmp_path)), db=office.db)
        assert (answer.returncode, leaks(answer.stdout + answer.stderr)) == (0, [])
        assert on_disk(office.db) == before


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("line", lines(READ, EXPORT))
def test_who_sees_a_patient_leaves_one_entry_in_that_patients_trail(office, tmp_path, line, more):
    before = log(office)
    answer = office.say(f"{DAY} {filled(line, tmp_path)}", *more)
    assert (answer.code, answer.err) == (0, "")
    shown = answer.out + "".join(path.read_text() for path in tmp_path.glob("*.jsonl"))
    assert "xanthippe" in shown.lower()
    assert "zeno" not in shown.lower()
    (entry,) = log(office)[len(before) :]
    assert entry["kind"] == ("export" if line.startswith("audit export") else "read")
    assert entry["patient"] == office.case("1").patient_id
    assert (entry["on"], entry["actor"] != "") == (DAY, True)


def test_finding_two_patients_leaves_an_entry_with_each_of_them(office):
    before = log(office)
    answer = office.do(f"{DAY} find canarybird")
    assert "Xanthippe" in answer.out
    assert "Zeno" in answer.out
    entries = log(office)[len(before) :]
    assert [entry["kind"] for entry in entries] == ["read", "read"]
    assert {entry["patient"] for entry in entries} == {office.case("1").patient_id, office.case("2").patient_id}


def on_a_full_disk(db: Path, words: list[str], cwd: Path) -> Answer:
    """The program where the journal cannot grow by a byte: reading goes on, the next write fails as on a full disk."""
    room = Path(f"{db}-wal").stat().st_size
    command = [sys.executable, "-m", "cli", *words, "--db", str(db)]
    answer = subprocess.run(
        command, cwd=cwd, env={"PYTHONPATH": str(ROOT), "HOME": str(cwd), "PATH": os.defpath}, capture_output=True, text=True,
        check=False, timeout=60, preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room, room)),
    )  # fmt: skip
    return Answer(answer.returncode, answer.stdout, answer.stderr)


@pytest.mark.parametrize("line", lines(READ, EXPORT))
def test_nothing_is_shown_when_the_entry_cannot_be_written(office, tmp_path, line):
    with closing(best_driver().connect(office.db)) as held:  # keeps the journal from being folded back
        if held.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            pytest.skip("this SQLite writes without a write-ahead log: a full disk cannot be told from a broken one")
        held.execute("SELECT count(*) FROM event").fetchall()
        office.do(*(f"{DAY} note 1 again" for _ in range(3)))
        size = len(log(office))
        assert on_a_full_disk(office.db, ["queue"], tmp_path).code == 0, "the disk is not so full that nothing can be read"
        answer = on_a_full_disk(office.db, shlex.split(filled(line, tmp_path)), tmp_path)
        assert (answer.code, answer.out) == (74, "")
        assert leaks(answer.err) == []
        assert list(tmp_path.glob("*.jsonl")) == []
        assert len(log(office)) == size


def remittance(*claims: tuple[str, str, str, str, str], control: str = "1") -> str:
    """A made-up 835: (claim number, last name, first name, member id, denied) a claim, all of it denied as CO-50."""
    segments = [
        f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'PAYER':<15}*ZZ*{'CLINIC':<15}*261120*1200*^*00501*{control:0>9}*0*P*:",
        f"GS*HP*PAYER*CLINIC*20261120*1200*{control}*X*005010X221A1", "ST*835*0001", "BPR*I*0*C*NON************20261120",
        f"TRN*1*TRACE-{control}*1999999999", "DTM*405*20261120", "N1*PR*INVENTED HEALTH*XV*99999",
        "N1*PE*MADE-UP CLINIC*XX*1234567893", "LX*1",
    ]  # fmt: skip
    for number, last, first, member, denied in claims:
        segments += [f"CLP*{number}*4*{denied}*0**12*ICN{number}", f"NM1*QC*1*{last}*{first}****MI*{member}", "DTM*232*20261102"]
        segments += [f"SVC*HC:96365*{denied}*0", "DTM*472*20261102", f"CAS*CO*50*{denied}"]
    segments += [f"SE*{len(segments) - 1}*0001", f"GE*1*{control}", f"IEA*1*{control:0>9}"]
    return "~\n".join(segments) + "~\n"


def test_the_entry_of_an_import_and_what_it_prints_name_nobody(office, tmp_path):
    file = tmp_path / "eob.835"
    file.write_text(
        remittance(("C-1", "CANARYBIRD", "XANTHIPPE", "CANARYMEMBER77", "50"), ("C-9", "CANARYBIRD", "ZENO", "CANARYMEMBER78", "60"),
                   ("", "CANARYBIRD", "XANTHIPPE", "CANARYMEMBER77", "70"))
    )  # fmt: skip
    before = len(log(office))
    answer = office.say(f"{DAY} intake {file}")
    assert answer.code in (0, 3), answer.err
    assert leaks(answer.out + answer.err) == []
    entries = log(office)[before:]
    about_nobody = [entry for entry in entries if entry["kind"] == "import" and entry["patient"] is None]
    assert about_nobody
    assert leaks(json.dumps(about_nobody)) == []
    patients = {entry["patient"] for entry in entries} - {None}
    assert patients == {office.case("1").patient_id, office.case("2").patient_id}, "one entry a patient, never one for two"


WORK = (
    f"{DAY} mark 1 received --date 2026-11-05",
    f"{DAY} review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
    f"{DAY} file-appeal 1 --track member_appeal --appellant patient --sent {DAY} --channel fax --override canarynote",
    f"{DAY} withdraw 1 --reason 'canarynote: Xanthippe asked'",
    f"{DAY} undo 1 --reason canarynote",
    f"{DAY} uphold 1 --decided {DAY}",
    f"{DAY} coverage 1 --internal-levels 2",
    f"{DAY} assign 1 ben",
    f"{DAY} note 2 canarynote",
    f"{DAY} payer 'Invented Health' --funding self_funded",
    f"{DAY} review-eob 2 --reviewer 'A. Clerk' --category patient_share --path patient_responsibility",
    f"{DAY} bill-patient 2 --how-met payment_plan",
    f"{DAY} reopen 2 --reason canarynote --amount 80",
    f"{DAY} remind",
    f"{DAY} open --patient {XANTHIPPE} --payer 'Invented Health' --claim C-3 --billed 9",
)


def test_no_command_that_writes_reads_a_name_out(office):
    for turn in WORK:
        answer = office.do(turn)
        assert leaks(answer.out + answer.err) == [], turn


def test_no_file_is_named_after_a_patient(office, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    office.do(*WORK, f"{DAY} audit export --patient canarymember77 --out trail.jsonl")
    assert leaks(" ".join(path.name for path in (*office.db.parent.iterdir(), *tmp_path.rglob("*")))) == []


FAILING = [
    ("next xanthippe", 10),
    ("show canarymember77", 10),
    ("find canarymember79", 10),
    ("find 1961-02-03x", 10),
    (f"open --patient {XANTHIPPE} --payer 'Invented Health' --claim C-1 --billed 9", 22),
    (f"open --patient {XANTHIPPE} --payer 'Invented Health' --claim C-9", 21),
    ("audit export --patient canarybird --out x.jsonl", 11),
    ("audit export --patient canarymember79 --out x.jsonl", 10),
    ("overturn 1 --decided 2026-11-30", 20),
    ("expire 1 --cause other --signed canarynote", 20),
    ("note canarymember77 'canarynote: Xanthippe called'", 10),
    ("deny 1 --notice canarynote", 22),
]


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize(("words", "code"), FAILING, ids=[words.split(" --")[0] for words, _ in FAILING])
def test_an_error_never_holds_what_belongs_to_a_patient(office, words, code, more):
    answer = office.say(f"{DAY} {words}", *more)
    assert (answer.code, answer.out) == (code, "")
    assert leaks(answer.err) == []


def test_a_bug_is_told_without_the_values_it_happened_on(office, capsys):
    import cli

    try:
        raise ValueError("Canarybird, Xanthippe")
    except ValueError as error:
        cli._bug(error)
    told = capsys.readouterr()
    assert told.out == ""
    assert "test_privacy.py" in told.err
    assert leaks(told.err) == []


def test_a_sandbox_and_a_real_office_mask_alike(tmp_path):
    db = tmp_path / "office.db"
    assert typed("init", "--name", "Real Clinic", "--state", "NC", "--zone", "America/New_York", "--db", db).code == 0
    assert typed("open", *shlex.split(f"--patient {XANTHIPPE}"), "--payer", "P", "--claim", "C-1", "--billed", "9", "--db", db).code == 0
    answer = typed("queue", "--db", db)
    assert "X. C." in answer.out
    assert leaks(answer.out) == []
