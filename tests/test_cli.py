"""The command line as a whole: help, the same options everywhere, what may be typed, exit codes, manners among other programs."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys

import click
import pytest
from practice import Answer, Offices, denied, filed, opened, reviewed
from test_bad_input import OFFICE, ROOT, a_quiet_account, on_disk, run_sql, typed
from test_json import TELLS_A_STORY, leaves

from appeals import __version__, errors
from appeals.commands import COMMANDS, EVERY_DAY, NOW_AND_THEN, STEP_HELP

__all__ = ["a_quiet_account"]

WRITES = {"--dry-run", "--request-id"}
REHEARSED = {"calendar"}  # writes files, and nothing into the database
READERS = {
    "today", "queue", "show", "next", "find", "clocks", "why", "upgrade", "doctor", "due",
    "audit export", "audit verify", "audit head", "audit disclosures",
    "intake trace", "intake original",
    "document list", "document get", "document verify", "statement", "checklist",
    "intake mapping-template", "codes show",
    "rules list", "rules show", "rules check", "rules preview", "rules sources", "rules sample", "remind install",
}  # fmt: skip


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def commands() -> list[tuple[str, click.Command]]:
    """Every command that does something: no groups, and not the one that only tells a story."""
    return [(name, each) for name, each in leaves() if not isinstance(each, click.Group) and name not in TELLS_A_STORY]


def test_appeals_alone_is_today(offices):
    office = offices.after(*denied())
    at = {"env": {**os.environ, "APPEALS_DB": str(office.db), "PYTHONPATH": str(ROOT)}, "capture_output": True, "text": True, "timeout": 60}
    alone = subprocess.run([sys.executable, "-m", "cli"], check=False, **at)
    today = subprocess.run([sys.executable, "-m", "cli", "today"], check=False, **at)
    assert (alone.returncode, alone.stdout) == (0, today.stdout)
    assert "A-000001" in alone.stdout


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_shows_every_command_once_in_two_groups(option):
    said = typed(option)
    assert (said.code, said.err) == (0, "")
    every_day, now_and_then = said.out.split("Every day:\n")[1].split("Now and then:\n")
    for heading, text in ((EVERY_DAY, every_day), (NOW_AND_THEN, now_and_then)):
        assert re.findall(r"^  ([a-z][a-z-]*)  ", text, re.MULTILINE) == [name for name, row in COMMANDS.items() if row[3] == heading]


def test_the_version_is_the_packages():
    assert typed("--version").out == f"appeals {__version__}\n"


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_the_same_options_everywhere_and_those_of_a_writer_on_writers_only(name, command):
    options = {option for parameter in command.params for option in parameter.opts}
    assert options >= {"--json", "--as-of", "--db", "--practice", "--as"}
    assert options & WRITES == ({"--dry-run"} if name in REHEARSED else set() if name in READERS else WRITES)


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_option_says_what_it_is(name, command):
    assert [parameter.opts for parameter in command.params if isinstance(parameter, click.Option) and not parameter.help] == []


@pytest.mark.parametrize("name", STEP_HELP)
def test_a_steps_line_in_the_table_is_how_its_own_help_begins(name):
    command = dict(commands())[name]
    first = (command.help or "").split("\n")[0]
    assert first.split(" (")[0].split(";")[0].rstrip(".") == STEP_HELP[name].split(";")[0].rstrip(".")


@pytest.mark.parametrize(
    ("words", "day"),
    [("2026-11-04", "2026-11-04"), ("11/4/2026", "2026-11-04"), ("11/04/2026", "2026-11-04"), ("today", "2026-11-06"),
     ("yesterday", "2026-11-05"), ("-3d", "2026-11-03"), ("TODAY", "2026-11-06")],
)  # fmt: skip
def test_a_date_may_be_typed_in_every_accepted_way(offices, words, day):
    office = offices.after(*opened())
    office.do(f"2026-11-06 deny 1 --notice {words} --amount 9 --code CO-50")
    assert str(office.situation().denials[0].notice_date) == day


@pytest.mark.parametrize(
    ("words", "cents"), [("1200", 120_000), ("1,199.5", 119_950), ("$1,199.50", 119_950), ("0.05", 5), ("'$ 9'", None), ("'9 USD'", None)]
)
def test_an_amount_may_be_typed_in_every_accepted_way_and_in_no_other(offices, words, cents):
    office = offices.after(*opened())
    answer = office.say(f"2026-11-06 deny 1 --notice 2026-11-04 --amount {words} --code CO-50")
    assert answer.code == (22 if cents is None else 0)
    assert [denial.denied_cents for denial in office.situation().denials] == ([] if cents is None else [cents])


@pytest.mark.parametrize("ref", ["1", "A-1", "a-000001", "A-000001", "C-1", "c-1", " 1 "])
def test_a_case_may_be_named_in_every_accepted_way(offices, ref):
    assert "A-000001" in offices.after(*denied()).do(f"2026-11-06 next {shlex.quote(ref)}").out


DRY = [
    (opened(), "2026-11-06 deny 1 --notice 2026-11-04 --amount 9 --code CO-50"),
    (denied(), "2026-11-06 review-eob 1 --reviewer A --category experimental --path appeal"),
    (denied(), "2026-11-06 undo 1 --reason x"),
    (denied(), "2026-11-06 note 1 x"),
    (denied(), "2026-11-06 assign 1 ben"),
    (denied(), "2026-11-06 mark 1 received --date 2026-11-05"),
    (denied(), "2026-11-06 coverage 1 --internal-levels 2"),
    (denied(), "2026-11-06 payer 'Invented Health' --programme individual"),
    (denied(), "2026-11-06 approve-write-off 1 --as ben"),
    (denied(), "2026-11-06 open --patient E --payer P --claim C-2 --billed 9"),
    (denied(), "2026-11-06 remind"),
    (reviewed(path="bill_other_payer"), "2026-11-09 bill-other-payer 1 --payer P --member-id M-2"),
]


@pytest.mark.parametrize(("history", "turn"), DRY, ids=[turn.split()[1] for _, turn in DRY])
def test_a_dry_run_says_so_and_writes_nothing_and_the_real_run_still_works(offices, history, turn):
    office = offices.after(*history)
    before = on_disk(office.db)
    answer = office.do(f"{turn} --dry-run")
    assert "dry run" in answer.out
    assert json.loads(office.do(f"{turn} --dry-run --json").out)["data"]["dry_run"] is True
    assert on_disk(office.db) == before
    office.do(turn)
    assert on_disk(office.db) != before


def test_a_dry_run_of_init_makes_no_file(tmp_path):
    answer = typed("init", *OFFICE, "--db", tmp_path / "office.db", "--dry-run")
    assert (answer.code, list(tmp_path.iterdir())) == (0, [])
    assert "dry run" in answer.out


# What a reader of docs/exit-codes.md would try. 1 is a bug, 4 needs a mail server, 75 is in test_race.py, the rest in test_bad_input.py.
ENDINGS = [
    (0, denied(), "2026-11-06 today --check"),
    (2, denied(), "2026-11-06 show"),
    (3, denied(), "2027-08-01 today --check"),
    (10, denied(), "2026-11-06 show A-999999"),
    (20, opened(), "2026-11-06 file-appeal 1 --track member_appeal --appellant patient --sent today"),
    (21, opened(), "2026-11-06 deny 1"),
    (22, opened(), "2026-11-06 deny 1 --notice 2026-02-30"),
    (30, opened(), "2026-11-06 intake nothing.835"),
    (50, denied(), "2026-11-06 write-off 1 --reason charity"),
    (40, opened(), "2026-11-06 deny 1 --notice 1950-01-02 --amount 9 --code CO-50"),
    (73, denied(), "2026-11-06 init --name Another --state NC --zone America/New_York --sandbox"),
]


@pytest.mark.parametrize(("code", "history", "turn"), ENDINGS, ids=[str(row[0]) for row in ENDINGS])
def test_a_command_ends_with_the_code_its_page_promises(offices, code, history, turn):
    answer = offices.after(*history).say(turn)
    assert answer.code == code, answer.err
    assert bool(answer.err) == (code not in (0, 3)), "findings are an answer, not an error"


def test_from_ten_on_nothing_was_written(offices):
    for code, history, turn in ENDINGS:
        if code >= 10:
            office = offices.after(*history)
            before = on_disk(office.db)
            office.say(turn)
            assert on_disk(office.db) == before, turn


def test_an_export_never_overwrites_and_leaves_no_trace_of_trying(offices, tmp_path):
    office = offices.after(*denied())
    there = tmp_path / "trail.jsonl"
    there.write_text("mine")
    before = on_disk(office.db)
    answer = office.say(f"2026-11-06 audit export --patient M-1 --out {there}")
    assert (answer.code, there.read_text()) == (73, "mine")
    assert on_disk(office.db) == before, "the trail tells of an export that never was"


def test_a_tampered_export_and_a_tampered_case_are_findings(offices, tmp_path):
    office = offices.after(*denied())
    trail = tmp_path / "trail.jsonl"
    office.do(f"2026-11-06 audit export --patient M-1 --out {trail}")
    trail.write_text(trail.read_text().replace("CO", "PR", 1))
    assert office.say(f"2026-11-06 audit verify {trail}").code == 3
    import db.engine

    connection = db.engine.best_driver().connect(office.db, isolation_level=None)
    connection.execute('UPDATE "case" SET disputed_cents = 1')
    connection.close()
    found = office.say("2026-11-06 doctor")
    assert (found.code, "disputed_cents" in found.out) == (3, True)


def test_every_error_class_is_reached_or_named_as_not_reachable_here():
    reached = {row[0] for row in ENDINGS} | {11, 60, 61, 78}  # test_bad_input.py
    codes = {each.exit_code for each in errors.AppealsError.__subclasses__()}
    assert codes - reached == {74, 75}, "a broken disk and a race have tests of their own"


@pytest.fixture
def started(offices):
    """The program as cron or a shell starts it, on a case that was denied."""
    office = offices.after(*filed())

    def start(*words, env=None, **how) -> Answer:
        clean = {"PYTHONPATH": str(ROOT), "APPEALS_DB": str(office.db)}
        ended = subprocess.run(
            [sys.executable, "-m", "cli", *words], env=clean if env is None else clean | env, capture_output=True, text=True, check=False,
            timeout=60, cwd=office.db.parent, **how,
        )  # fmt: skip
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    return start


def test_it_runs_from_cron_without_a_home_a_path_or_a_language(started):
    answer = started("today")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("SANDBOX ")


def test_it_never_asks_and_never_waits_for_an_answer(started):
    for words in (["today"], ["undo", "1", "--reason", "x"], ["remind"], ["show"], ["init"]):
        assert started(*words, stdin=subprocess.DEVNULL).code in (0, 2)


def test_a_name_in_any_script_reaches_a_pipe_whatever_the_language(started):
    assert started("open", "--patient", "Ōmori, 雪", "--payer", "Prüfer", "--claim", "Ü-1", "--billed", "9", env={"LC_ALL": "C"}).code == 0
    answer = started("show", "Ü-1", env={"LC_ALL": "C"})
    assert (answer.code, answer.err) == (0, "")
    assert "Ōmori" in answer.out


def test_a_name_that_came_in_with_a_file_cannot_reach_the_terminal_as_a_command(offices):
    office = offices.after(*denied())
    run_sql(office.db, "UPDATE patient SET name = 'Evil' || char(27) || ']0;x' || char(7) || ', Eve'")
    run_sql(office.db, "UPDATE payer SET name = 'P' || char(13, 10) || 'Q'")
    for words in ("queue", "show 1", "find eve", "today"):
        answer = office.say(f"2026-11-06 {words}")
        assert answer.code == 0
        assert not {"\x1b", "\x07", "\r"} & set(answer.out)


def test_a_reader_that_goes_away_is_no_error(offices):
    office = offices.after(*denied())
    command = f"{shlex.quote(sys.executable)} -m cli queue --json | head -c 1"
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), "APPEALS_DB": str(office.db)}
    ended = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_full_disk_behind_the_output_is_no_success(offices):
    office = offices.after(*denied())
    if not os.path.exists("/dev/full"):  # noqa: PTH110 - a device, not a file of ours
        pytest.skip("there is no /dev/full here")
    env = {"PYTHONPATH": str(ROOT), "APPEALS_DB": str(office.db)}
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a file of ours
        ended = subprocess.run(
            [sys.executable, "-m", "cli", "queue"], env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr


def test_what_the_program_makes_is_for_its_account_only(tmp_path):
    env = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "cli", "init", *OFFICE]
    assert subprocess.run(command, env=env, capture_output=True, check=False, timeout=60, umask=0).returncode == 0
    made = [path for path in tmp_path.rglob("*") if "appeals" in path.name]
    assert made
    assert [oct(path.stat().st_mode & 0o077) for path in made] == ["0o0"] * len(made)
