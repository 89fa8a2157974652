"""What starts the daily run: lines cron and a shell take, units systemd takes, whatever the paths are called."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import stat
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from practice import Offices, denied
from test_bad_input import ROOT, a_quiet_account
from test_json import leaves
from test_posting import configured

from appeals import scheduling
from appeals.errors import ImpossibleValue
from appeals.mailterms import terms
from appeals.scheduling import Installation

__all__ = ["a_quiet_account"]

HARD = ("plain", "with blank", "50% off", "it's", 'say "so"', "a$HOME", "back\\slash", "semi;colon&", "Prüfer 雪", "#hash", "-dash")
ZONE = "America/New_York"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def installed(folder: Path, program: str = "/opt/appeals/bin/appeals", **given) -> Installation:
    known = {"database": str(folder / "appeals.db"), "config": str(folder / "config.toml"), "account": "appeals"}
    return Installation(program=(program,), **(known | given))


def job(folder: Path, at: str = "07:00", calendar: str = "", **given):
    return scheduling.job(installed(folder, **given), at, ZONE, calendar)


def only(files) -> str:
    [file] = files
    return file.text


def as_cron_reads(line: str) -> tuple[str, str]:
    """The command and the rest that cron hands to it: it takes `\\%` for a %, and a bare % for a line end (do_command.c)."""
    command, escaped = "", False
    for at, character in enumerate(line):
        if escaped:
            command = command[:-1] + "%" if character == "%" else command + character
            escaped = False
        elif character == "%":
            return command, line[at + 1 :]
        else:
            command, escaped = command + character, character == "\\"
    return command, ""


def cron_lines(text: str) -> list[tuple[str, str]]:
    """(when, command) of every line that starts something."""
    found = []
    for line in text.splitlines():
        if line.startswith("@reboot "):
            found.append(("@reboot", line.removeprefix("@reboot ")))
        elif line and not line.startswith("#") and not line.startswith("CRON_TZ="):
            *fields, command = line.split(" ", 5)
            found.append((" ".join(fields), command))
    return found


@pytest.fixture
def spy(tmp_path):
    """A program that writes down what it was started with, at a path that is hard to quote."""

    def made(name: str) -> tuple[Path, Path]:
        folder = tmp_path / name
        folder.mkdir()
        program, heard = folder / "appeals", tmp_path / "heard"
        program.write_text(f'#!/bin/sh\nprintf \'%s\\n\' "$APPEALS_DB" "$APPEALS_CONFIG" "$@" >> \'{heard}\'\n')
        program.chmod(0o755)
        return program, heard

    return made


@pytest.mark.parametrize("name", HARD)
def test_a_shell_runs_a_line_as_cron_hands_it_over_wherever_things_lie(tmp_path, spy, name):
    program, heard = spy(name)
    made = job(program.parent, program=str(program), practice="Queen, City")
    lines = cron_lines(only(scheduling.files(made, "cron")))
    assert [when for when, _ in lines] == ["0 7 * * *", "@reboot", "15,45 8-23 * * *"]
    for (_, line), between in zip(lines, ([], [], ["--between"]), strict=True):
        heard.unlink(missing_ok=True)
        command, rest = as_cron_reads(line)
        assert rest == ""
        subprocess.run(["/bin/sh", "-c", command], env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere"}, cwd="/", check=True)
        database, config = str(program.parent / "appeals.db"), str(program.parent / "config.toml")
        assert heard.read_text("utf-8").splitlines() == [database, config, "remind", *between, "--practice", "Queen, City"]


def test_the_hour_is_one_that_cron_understands():
    when, _ = cron_lines(only(scheduling.files(job(Path("/srv"), "06:05"), "cron")))[0]
    assert croniter.is_valid(when)
    start = datetime(2026, 11, 6, 12, tzinfo=ZoneInfo(ZONE))
    assert croniter(when, start).get_next(datetime) == datetime(2026, 11, 7, 6, 5, tzinfo=ZoneInfo(ZONE))
    assert f"\nCRON_TZ={ZONE}\n" in only(scheduling.files(job(Path("/srv")), "cron"))


def test_crontab_itself_takes_the_lines(tmp_path):
    if shutil.which("crontab") is None:
        pytest.skip("there is no crontab here")
    usage = subprocess.run(["crontab", "--no-such-option"], capture_output=True, text=True, check=False, timeout=60).stderr
    look = "-n" if "(dry run" in usage else "-T" if "-T" in usage else ""  # Debian's; cronie's
    if not look:
        pytest.skip("this crontab cannot only look at a file")
    ends = []
    for text in ("", only(scheduling.files(job(tmp_path / "50% off"), "cron")), "0 25 * * * never\n"):
        file = tmp_path / "crontab"
        file.write_text(text, "utf-8")
        ends.append(subprocess.run(["crontab", look, str(file)], capture_output=True, check=False, timeout=60).returncode)
    if ends[0] != 0:
        pytest.skip("this crontab takes not even an empty file: it is not set up")
    assert ends == [0, 0, 1]


def test_a_crontab_of_the_system_names_the_account_on_every_line_and_one_of_an_account_does_not():
    ours = cron_lines(only(scheduling.files(job(Path("/srv")), "cron")))
    systems = cron_lines(only(scheduling.files(job(Path("/srv")), "cron", for_a_folder=True)))
    assert [(when, f"appeals {command}") for when, command in ours] == systems
    assert "." not in scheduling.files(job(Path("/srv")), "cron", for_a_folder=True)[0].name, "cron passes over a name with a dot"


def test_feeds_are_lines_of_their_own_that_need_no_reminder_to_have_gone_well():
    lines = cron_lines(only(scheduling.files(job(Path("/srv"), calendar="/srv/cal"), "cron")))
    told = [command.split("appeals ", 1)[1] for _, command in lines]
    assert told == ["remind", "remind", "calendar --out /srv/cal", "calendar --out /srv/cal", "remind --between"]


@pytest.mark.parametrize("at", ["7:00", "07:00", "23:59", "00:00"])
def test_an_hour_may_be_typed_so(at):
    assert f"{job(Path('/srv'), at).hour}" == str(int(at.split(":")[0]))


@pytest.mark.parametrize("at", ["24:00", "7", "7am", "07:60", "", "07:00:00", "٠٧:٠٠"])
def test_an_hour_that_is_none_is_refused(at):
    with pytest.raises(ImpossibleValue, match="no time of day"):
        job(Path("/srv"), at)


@pytest.mark.parametrize("path", ["/srv/two\nlines", "/srv/\x1b[31m", "/srv/a\\%b"])
def test_a_path_no_line_can_hold_is_refused(path):
    with pytest.raises(ImpossibleValue, match="cannot be written into a schedule"):
        job(Path(path))


@pytest.mark.parametrize("account", ["uid:1000", "", "a b", "root\nevil", "-x"])
def test_an_account_no_line_can_hold_is_refused(account):
    with pytest.raises(ImpossibleValue, match="no name that can be written down"):
        job(Path("/srv"), account=account)


def verified(folder: Path, files) -> str:
    """What systemd complains of in these units."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    folder.mkdir()
    for file in files:
        (folder / file.name).write_text(file.text, "utf-8")
    units = [str(folder / file.name) for file in files]
    ran = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False, timeout=60)
    return "\n".join(line for line in (ran.stdout + ran.stderr).splitlines() if "appeals-" in line or str(folder) in line)


@pytest.mark.parametrize("name", HARD)
def test_systemd_takes_the_units_wherever_things_lie(tmp_path, spy, name):
    program, _ = spy(name)
    made = replace(job(program.parent, program=str(program), calendar=str(program.parent), account="daemon"), mails=True)
    if set(name) & set("\"'\\"):  # which systemd takes in every word but the program's own
        with pytest.raises(ImpossibleValue, match="systemd starts no program"):
            scheduling.files(made, "systemd")
        made = replace(made, installation=replace(made.installation, program=("/bin/sh",)))
    assert verified(tmp_path / "units", scheduling.files(made, "systemd")) == ""


def test_systemd_would_complain_of_a_wrong_unit(tmp_path):
    wrong = [scheduling.File(name=f"{scheduling.UNIT}.service", text="[Service]\nType=oneshot\nExecStart=/no/such/program\nNonsense=1\n")]
    assert "Nonsense" in verified(tmp_path / "units", wrong)


def test_the_timer_rings_at_the_practices_hour_and_catches_up():
    _, timer, *_ = scheduling.files(job(Path("/srv"), "06:30"), "systemd")
    assert "Persistent=true\n" in timer.text
    [when] = [line.removeprefix("OnCalendar=") for line in timer.text.splitlines() if line.startswith("OnCalendar=")]
    assert when == "*-*-* 06:30:00 America/New_York"
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    ran = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, f"Normalized form: {when}" in ran.stdout) == (0, True)


def test_the_service_may_write_where_the_database_and_the_feeds_lie_and_nowhere_else():
    service, *_ = scheduling.files(job(Path("/srv/appeals"), calendar="/srv/cal"), "systemd")
    lines = service.text.splitlines()
    assert {"User=appeals", "NoNewPrivileges=yes", "ProtectSystem=strict", 'ReadWritePaths="/srv/appeals" "/srv/cal"'} <= set(lines)
    assert {'Environment="APPEALS_DB=/srv/appeals/appeals.db"', 'Environment="APPEALS_CONFIG=/srv/appeals/config.toml"'} <= set(lines)
    assert "SuccessExitStatus=3" in lines


SCHEDULE = "2026-11-06 remind install --account appeals"


def test_it_prints_by_default_and_says_where_the_database_is(offices, tmp_path, monkeypatch):
    office = offices.after(*denied())
    monkeypatch.chdir(office.db.parent)
    said = office.do(f"{SCHEDULE} --cron").out
    [(_, command), *_] = cron_lines(said.removeprefix("SANDBOX 2026-11-06\n"))
    assert f"APPEALS_DB={office.db} " in command
    program = command.split(" remind")[0].split()[-1]
    assert (program.endswith("/appeals"), os.access(program, os.X_OK)) == (True, True)


def as_cron(line: str) -> subprocess.CompletedProcess[str]:
    command, _ = as_cron_reads(line)
    return subprocess.run(["/bin/sh", "-c", command], env={"PATH": "/usr/bin:/bin"}, cwd="/", capture_output=True, text=True, check=False)


def test_the_printed_line_runs_the_daily_run_in_an_empty_environment(offices):
    office = offices.after(*denied())
    [(_, line), *_] = cron_lines(office.do(f"{SCHEDULE} --cron").out.removeprefix("SANDBOX 2026-11-06\n"))
    ran = as_cron(line)
    assert (ran.returncode in (0, 3), "A-000001" in ran.stdout or "reminder" in ran.stdout, ran.stderr) == (True, True, "")


def test_a_second_practice_stops_nothing_and_has_a_schedule_beside_the_first(offices, tmp_path):
    office = offices.after(*denied())
    lines = cron_lines(office.do(f"{SCHEDULE} --cron").out.removeprefix("SANDBOX 2026-11-06\n"))
    office.do("2026-11-06 init --another --name Two --state NC --zone America/Chicago --person B --sandbox")
    for _, line in lines:
        ran = as_cron(line)
        assert (ran.returncode in (0, 3), ran.stderr) == (True, "")
    for way in ("--cron", "--systemd"):
        for practice in ("'made-up clinic'", "Two"):
            office.do(f"{SCHEDULE} {way} --write --folder {tmp_path} --practice {practice}")
    two = {"appeals-remind-two", "appeals-remind-two.service", "appeals-remind-two.timer"}
    two |= {"appeals-between-two.service", "appeals-between-two.timer"}
    assert {path.name for path in tmp_path.iterdir()} == two | {name.replace("-two", "-made-up_clinic") for name in two}
    assert 'remind" "--practice" "Made-up Clinic"\n' in (tmp_path / "appeals-remind-made-up_clinic.service").read_text()
    assert "08..23:15,45:00 America/Chicago\n" in (tmp_path / "appeals-between-two.timer").read_text()


@pytest.mark.parametrize("at", ["00:00", "06:30", "22:59", "23:00"])
def test_the_day_is_looked_at_from_the_daily_run_to_midnight(at):
    made = job(Path("/srv"), at)
    found = [when for when, line in cron_lines(only(scheduling.files(made, "cron"))) if "--between" in line]
    timers = [file.text for file in scheduling.files(made, "systemd") if file.name.endswith("between.timer")]
    assert len(found) == len(timers) == (at != "23:00")
    start = datetime(2026, 11, 6, made.hour, made.minute, tzinfo=ZoneInfo(ZONE))
    for when in found:
        assert croniter.is_valid(when)
        rings = croniter(when, start)
        assert rings.get_next(datetime) == datetime(2026, 11, 6, made.hour + 1, 15, tzinfo=ZoneInfo(ZONE))
        assert croniter(when, datetime(2026, 11, 7, tzinfo=ZoneInfo(ZONE))).get_prev(datetime).hour == 23


def test_no_unit_may_run_for_ever_and_each_ends_before_the_next_days_run():
    made = replace(job(Path("/srv")), mails=True)
    services = [file.text for file in scheduling.files(made, "systemd") if file.name.endswith(".service")]
    limits = [re.findall(r"^TimeoutStartSec=(\d+)h$", text, re.MULTILINE) for text in services]
    assert limits == [[scheduling.LONGEST_RUN.removesuffix("h")]] * 3
    longest = terms().longest_timeout_seconds * terms().conversation_timeouts * terms().unreachable
    assert longest < int(scheduling.LONGEST_RUN.removesuffix("h")) * 3600 < 24 * 3600


def test_it_writes_where_it_is_told_and_replaces_nothing(offices, tmp_path):
    office = offices.after()
    printed = {each["name"]: each["text"] for each in json.loads(office.say(f"{SCHEDULE} --systemd", "--json").out)["data"]["files"]}
    answer = office.do(f"{SCHEDULE} --systemd --write --folder {tmp_path}")
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == printed
    assert "systemctl enable --now appeals-remind-made-up_clinic.timer appeals-between-made-up_clinic.timer" in answer.out
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o022 == 0 for path in tmp_path.iterdir())
    (tmp_path / "appeals-remind-made-up_clinic.service").unlink()
    assert office.say(f"{SCHEDULE} --systemd --write --folder {tmp_path}").code == 73
    assert len(list(tmp_path.iterdir())) == 3, "one was written before the other was refused"


@pytest.mark.parametrize(
    ("words", "code"),
    [("", 21), ("--cron --folder /tmp", 22), ("--cron --at 25:00", 22), ("--cron --write --folder /nowhere", 73)],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(offices, words, code):
    assert offices.after().say(f"{SCHEDULE} {words}").code == code


def test_it_is_not_put_under_root_unless_somebody_says_so(offices, monkeypatch):
    monkeypatch.setattr("db.installed.account", lambda _uid: "root")
    assert offices.after().say("2026-11-06 remind install --cron").code == 50
    assert offices.after().say("2026-11-06 remind install --cron --account root").code == 0


def test_the_service_account_of_the_configuration_is_the_one(offices, tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    config.write_text('service_account = "clinic"\n')
    monkeypatch.setenv("APPEALS_CONFIG", str(config))
    data = json.loads(offices.after().say("2026-11-06 remind install --systemd", "--json").out)["data"]
    assert data["account"] == "clinic"
    assert f'Environment="APPEALS_CONFIG={config}"' in data["files"][0]["text"]


def test_what_would_keep_it_from_running_is_said_in_what_is_printed(offices, monkeypatch):
    office = offices.after()
    assert f"# CAUTION: {office.db} belongs to {getpass.getuser()}; appeals cannot open it." in office.do(f"{SCHEDULE} --cron").out
    assert "CAUTION" not in office.do(f"2026-11-06 remind install --cron --account {getpass.getuser()}").out
    hidden = scheduling.files(job(Path("/tmp/somewhere"), calendar="/srv/cal"), "systemd")[0].text  # noqa: S108 - a name, nothing is made
    assert "# CAUTION: a unit has a /tmp of its own and does not find /tmp/somewhere/appeals.db." in hidden
    assert "/srv/cal." not in hidden
    assert "CAUTION" not in scheduling.files(job(Path("/srv/appeals"), calendar="/srv/cal"), "systemd")[0].text


def test_where_there_is_mail_what_a_server_put_off_is_tried_again_all_day(offices, tmp_path, monkeypatch):
    office = offices.after(*denied())
    without = office.do(f"{SCHEDULE} --cron").out
    assert ("outbox --send" in without, "has no [mail]" in without) == (False, True)
    monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, 9)))
    [*_, (when, line)] = cron_lines(office.do(f"{SCHEDULE} --cron").out.removeprefix("SANDBOX 2026-11-06\n"))
    assert when == "*/10 * * * *"
    assert croniter.is_valid(when)
    command, _ = as_cron_reads(line)
    ran = subprocess.run(["/bin/sh", "-c", command], env={"PATH": "/usr/bin:/bin"}, cwd="/", capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", ""), "nothing waits, and cron has nothing to mail"
    folder = tmp_path / "units"
    folder.mkdir()
    said = office.do(f"{SCHEDULE} --systemd --write --folder {folder}").out
    assert " appeals-outbox-made-up_clinic.timer" in said
    assert sorted(path.suffix for path in folder.iterdir()) == [".service"] * 3 + [".timer"] * 3
    sender = (folder / "appeals-outbox-made-up_clinic.service").read_text()
    assert ' "outbox" "--send" "--practice" "Made-up Clinic"\n' in sender
    assert "SuccessExitStatus=3 4 75" in sender, "what waits is no failure of the hour"
    assert f'Environment="APPEALS_CONFIG={tmp_path / "config.toml"}"' in sender


def test_the_page_of_operations_keeps_its_headings_and_its_commands_are_ones():
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [
        "Scheduling", "The service account", "Mail", "Digests in a folder", "Calendar feeds", "When the run is silent",
    ]  # fmt: skip
    named = set(re.findall(r"appeals ((?:remind install|calendar|outbox)(?: --?[a-z-]+(?: [^-`\s]\S*)?)*)", page))
    known = {name: {option for each in command.params for option in each.opts} for name, command in leaves()}
    assert {line.split(" -")[0] for line in named} == {"remind install", "calendar", "outbox"}
    assert [line for line in named if not set(re.findall(r"--[a-z-]+", line)) <= known[line.split(" -")[0]]] == []
    assert "appeals schedule" not in page
