"""The demo: the same lines every time, no open case without a date, and a file left behind that is whole."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout

import pytest

import cli
from appeals.commands.demo import SCRIPT
from appeals.model import State
from appeals.services.doctor import doctor
from db.store import SqlStore

HEAD = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}(,? (size )?\d+,? (root )?[0-9a-f]{64}( \S+Z)?)?")


def played(folder, monkeypatch) -> str:
    folder.mkdir()
    monkeypatch.chdir(folder)
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        assert cli.run_command(["demo"]) == 0
    return out.getvalue()


@pytest.fixture
def walk(tmp_path, monkeypatch):
    return played(tmp_path / "one", monkeypatch)


def test_every_line_is_the_same_every_time_but_for_the_heads_of_the_log(walk, tmp_path, monkeypatch):
    again = played(tmp_path / "two", monkeypatch)
    assert [HEAD.sub("", line) for line in again.splitlines()] == [HEAD.sub("", line) for line in walk.splitlines()]


def test_each_command_stands_before_what_it_prints_and_the_second_reminder_says_nothing_new(walk):
    commands = [line for line in walk.splitlines() if line.startswith("$ appeals ")]
    assert len(commands) == sum(not line.startswith("#") for _day, line, _code in SCRIPT)
    assert "19 reminders." in walk
    assert "0 reminders: nothing new; 19 told before (`appeals remind --again`)." in walk
    assert "Whole and unchanged" in walk
    assert "its text is not the one that was hashed" in walk


def test_every_open_case_has_a_running_clock_and_unknown_plans_only_candidates(walk, tmp_path):
    with SqlStore(tmp_path / "one" / "demo" / "demo.db") as store:
        assert doctor(store).findings == ()
        rows = [row for row in store.case_rows() if row.case.state is not State.RESOLVED]
        assert len(rows) == 10
        assert all(row.clocks for row in rows)
        unknown = [row for row in rows if store.situation(row.case.number).coverage.programme == "unknown"]
        assert unknown
        assert all(clock.candidate for row in unknown for clock in row.clocks if clock.hard)


def test_a_folder_that_is_there_is_not_written_into(tmp_path, capsys):
    assert cli.run_command(["demo", "--folder", str(tmp_path)]) == 73
    assert list(tmp_path.iterdir()) == []
