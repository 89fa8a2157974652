"""Sixteen processes at one case: exactly one wins each step, nobody sees "locked", nothing is lost, and a slow reader holds nobody up."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from practice import Answer, Office, Offices, opened
from test_bad_input import ROOT, a_quiet_account, on_disk

__all__ = ["a_quiet_account"]

PROCESSES = 16
DAY = "2026-11-06"
OTHERS = 40  # cases beside the one that is raced for: their queue does not fit into a pipe
# Each is possible once and only once from where the one before it led.
ROUNDS = (
    "deny 1 --notice 2026-11-04 --amount 1200 --code CO-50",
    "request-peer-review 1 --clinician 'Dr Reyes'",
    "peer-uphold 1 --reviewer 'Dr Poe' --said no",
)
# Loads the program once and forks it: a process of its own for each command line, all of them waiting for one starting gun.
AT_THE_GUN = """
import json, os, sys
import cli, db.store, appeals.commands.steps, appeals.commands.work, appeals.rules
appeals.rules.everything()
children, (gun, trigger), (waiting, ready) = [], os.pipe(), os.pipe()
for at, words in enumerate(json.load(sys.stdin)):
    child = os.fork()
    if not child:
        os.close(trigger)
        for stream, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{at}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        os.write(ready, b"x")
        os.read(gun, 1)
        sys.exit(cli.run_command(words))
    children.append(child)
for _ in children:
    os.read(waiting, 1)
os.close(trigger)
print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]))
"""


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


def words(office: Office, line: str) -> list[str]:
    return [*shlex.split(line), "--db", str(office.db), "--as-of", DAY]


def at_once(office: Office, folder: Path, lines: Iterable[str]) -> list[Answer]:
    """Each line in a process of its own; all are loaded and waiting before the first may start."""
    given = json.dumps([words(office, line) for line in lines])
    command = [sys.executable, "-c", AT_THE_GUN]
    ended = subprocess.run(command, env=environment(), cwd=folder, input=given, capture_output=True, text=True, check=True, timeout=120)
    codes = json.loads(ended.stdout)
    return [Answer(code, *((folder / f"{at}.{name}").read_text() for name in ("out", "err"))) for at, code in enumerate(codes)]


@dataclass
class Reader:
    """What somebody who pages the queue has seen so far."""

    looks: int = 0
    troubles: str = ""


@contextmanager
def somebody_paging(office: Office):
    """Page the queue again and again, a few bytes at a time, so that the program stands with its output half written."""
    seen, stop = Reader(), threading.Event()

    def page() -> None:
        while not stop.is_set():
            command = [sys.executable, "-m", "cli", *words(office, "queue --json")]
            with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                assert process.stdout is not None
                assert process.stderr is not None
                text = b""
                while chunk := process.stdout.read(16_384 if not stop.is_set() else -1):
                    text += chunk
                    stop.wait(0.2)
                seen.troubles += process.stderr.read().decode()
            seen.looks += len(json.loads(text)["data"]["cases"]) == OTHERS + 1

    thread = threading.Thread(target=page)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(60)


@pytest.mark.parametrize("seen_version", [False, True], ids=["as it is", "as it was seen"])
def test_of_sixteen_who_take_one_step_at_once_exactly_one_wins(offices, tmp_path, seen_version):
    plan = "--payer 'Invented Health' --kind post_service --billed 80 --programme employer --funding self_funded"
    others = (f"2026-11-03 open --patient 'Sample, Sam' --member-id S-{n} --claim S-{n} {plan}" for n in range(OTHERS))
    office = offices.after(*opened())
    office.do(*others)
    size = count(office)
    lost = []
    with somebody_paging(office) as seen:
        for line in ROUNDS:
            expected = f" --if-version {office.case().version}" if seen_version else ""
            answers = at_once(office, tmp_path, [line + expected] * PROCESSES)
            winners = [answer for answer in answers if answer.code == 0]
            losers = [answer for answer in answers if answer.code != 0]
            assert len(winners) == 1, [answer.err for answer in answers]
            allowed = (75,) if seen_version else (20, 75)  # without it, who reads after the winner sees a case already moved
            assert [answer.code for answer in losers if answer.code not in allowed] == [], [answer.err for answer in losers]
            assert [answer.out for answer in losers if answer.out] == []
            state = str(office.case().state)
            for answer in losers:
                assert "locked" not in answer.err.lower()
                assert f"A-000001 was moved to {state} by " in answer.err or f"A-000001 is {state}" in answer.err
                assert len(answer.err.splitlines()) == 2
            lost += [answer.err for answer in losers]
    assert any(" UTC; nothing was written" in told for told in lost), "nobody was overtaken between reading and writing: this was no race"
    assert seen.looks, "the reader never saw a whole queue"
    assert seen.troubles == ""
    assert count(office) - size == len(ROUNDS), "as many entries as wins"
    assert office.case().version == len(ROUNDS) + 1
    whole(office)


def count(office: Office) -> int:
    with office.store() as store:
        return store.head().size


def whole(office: Office) -> None:
    """`doctor` finds nothing and the log verifies."""
    office.check()
    assert office.do(f"{DAY} doctor").code == 0
    assert office.do(f"{DAY} audit verify").code == 0


NEW_CLAIMS = [
    f"open --patient 'Sample, Sam' --payer 'Invented Health' --member-id S-{n} --claim S-{n} --billed 80" for n in range(PROCESSES)
]


def test_sixteen_who_open_claims_at_once_get_sixteen_numbers_without_a_gap(offices, tmp_path):
    office = offices.after()
    answers = at_once(office, tmp_path, NEW_CLAIMS)
    assert [answer.err for answer in answers if answer.code] == []
    with office.store() as store:
        rows = list(store.case_rows())
    assert [row.case.number for row in rows] == [f"A-{n:06d}" for n in range(1, PROCESSES + 1)]
    assert {row.case.claim_number for row in rows} == {f"S-{n}" for n in range(PROCESSES)}
    whole(office)


def test_a_payer_of_whom_sixteen_learn_at_once_is_one_payer(offices, tmp_path):
    office = offices.after()
    at_once(office, tmp_path, NEW_CLAIMS)
    with office.store() as store:
        assert [payer.name for payer in store.payers()] == ["Invented Health"]
    office.do(f"{DAY} open --patient 'Sample, Sue' --payer 'Invented Health' --claim S-99 --billed 80")


def test_sixteen_who_open_one_claim_at_once_make_one_case(offices, tmp_path):
    office = offices.after()
    line = "open --patient 'Sample, Sam' --payer 'Invented Health' --member-id S-1 --claim S-1 --billed 80"
    answers = at_once(office, tmp_path, [line] * PROCESSES)
    assert sorted({answer.code for answer in answers}) in ([0, 22], [0, 75], [0, 22, 75]), [answer.err for answer in answers]
    assert [answer.code for answer in answers].count(0) == 1
    with office.store() as store:
        assert [row.case.number for row in store.case_rows()] == ["A-000001"]
    whole(office)


def test_the_same_request_a_second_time_is_already_done_and_writes_nothing(offices):
    office = offices.after(*opened())
    turn = f"{DAY} {ROUNDS[0]} --request-id R-1"
    office.do(turn)
    before = on_disk(office.db)
    again = office.do(turn)
    assert f"already done on {DAY}" in again.out
    assert on_disk(office.db) == before
    other = office.say(f"{DAY} note 1 hello --request-id R-1")
    assert (other.code, on_disk(office.db)) == (22, before), "one request id is one command; another's is never swallowed"


def test_one_request_sent_sixteen_times_at_once_is_done_once(offices, tmp_path):
    office = offices.after(*opened())
    size = count(office)
    answers = at_once(office, tmp_path, [f"{ROUNDS[0]} --request-id R-1"] * PROCESSES)
    assert {answer.code for answer in answers} <= {0, 75}, [answer.err for answer in answers]
    assert sum("already done" not in answer.out for answer in answers if answer.code == 0) == 1
    assert count(office) == size + 1
    again = office.do(f"{DAY} {ROUNDS[0]} --request-id R-1")
    assert "already done" in again.out
    whole(office)
