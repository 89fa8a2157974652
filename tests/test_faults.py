"""Kill the program at its file operations, in an import, a step and a daily run: the database stays whole, and the same command goes on.

Every operation of a step, every fifth of the others; `make soak` takes all. A kill loses nothing the kernel already has; power loss is
another matter and not claimed here.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from queue import Queue

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "tests" / "faults" / "faultio.c"
LAUNCHER = ROOT / "tests" / "faults" / "launcher.py"
REQUEST = "a-request-of-this-test"
MEMORY = Path("/dev/shm")  # noqa: S108 - thousands of copies and syncs of a small file need no disk
NOTICE = date(2026, 11, 20)
MODES = ("before", "after", "torn")
SAMPLES = 12
FIFTH = 5

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the injector reads /proc: Linux only"),
    pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is missing: the injector tests/faults/faultio.c cannot be built"),
]


@dataclass(frozen=True, slots=True)
class Kill:
    """One place to die at: the operation's number from 1, what it is, and whether it is still done."""

    number: int
    mode: str
    operation: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the program ended: its code as `subprocess` gives it, and all it said."""

    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kill left: `inside` when it fell between BEGIN and COMMIT, `findings` is empty when all is well."""

    kill: Kill
    died: bool
    inside: bool
    findings: tuple[str, ...]


@pytest.fixture(scope="module")
def injector(tmp_path_factory):
    library = tmp_path_factory.mktemp("injector") / "faultio.so"
    subprocess.run(["gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True, timeout=60)
    return library


@pytest.fixture
def place():
    """A folder in memory where there is one."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder).resolve()


def watching(injector: Path, folder: Path, **settings: object) -> dict[str, str]:
    return {"LD_PRELOAD": str(injector), "FAULT_UNDER": f"{folder}/"} | {
        f"FAULT_{name.upper()}": str(value) for name, value in settings.items()
    }


def every_kill(trace: Path) -> list[Kill]:
    """All kills the traced run allows; only a write of two bytes or more can be torn."""
    lines = trace.read_text("utf-8").splitlines()
    operations = [(number, *line.split(" ", 2)) for number, line in enumerate(lines, 1)]
    return [
        Kill(number, mode, f"{kind} {Path(path).name}")
        for mode in MODES
        for number, kind, size, path in operations
        if mode != "torn" or (kind == "write" and int(size) > 1)
    ]


def sampled(kills: list[Kill]) -> list[Kill]:
    """Every fifth operation, and the other modes evenly over the run; `make soak` takes all of them."""
    chosen = [kill for kill in kills if kill.mode == "before"][::FIFTH]
    for mode in MODES[1:]:
        same = [kill for kill in kills if kill.mode == mode]
        chosen += same[:: max(1, len(same) // SAMPLES)]
    return chosen


def unfinished(database: Path) -> bool:
    """Bytes of a transaction lie beside the database: a write-ahead log or a rollback journal that is not empty."""
    beside = (database.with_name(database.name + end) for end in ("-wal", "-journal"))
    return any(path.exists() and path.stat().st_size > 0 for path in beside)


class Launcher:
    """A process that has imported the program and forks it under the injector; one job at a time."""

    def __init__(self, injector: Path, home: Path) -> None:
        environment = {"PATH": os.defpath, "HOME": str(home), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "LD_PRELOAD": str(injector)}
        command = [sys.executable, str(LAUNCHER)]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, *arguments: object, **environment: object) -> Ended:
        job = {"arguments": [str(each) for each in arguments], "environment": {name: str(value) for name, value in environment.items()}}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return Ended(**json.loads(self.process.stdout.readline()))

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=10)


@pytest.fixture(scope="module")
def launchers(injector, tmp_path_factory):
    """As many as there are processors, waiting in a queue to be taken and given back."""
    started = [Launcher(injector, tmp_path_factory.mktemp("home")) for _ in range(os.cpu_count() or 1)]
    waiting: Queue[Launcher] = Queue()
    for launcher in started:
        waiting.put(launcher)
    yield waiting
    for launcher in started:
        launcher.stop()


class Program:
    """A prepared database and one command to be killed on copies of it."""

    def __init__(self, launchers: Queue[Launcher], place: Path, *command: object) -> None:
        self.launchers, self.place = launchers, place
        self.command = (*command, "--request-id", REQUEST)
        self.base = place / "base"
        self.size = 0

    def run(self, arguments: tuple[object, ...], folder: Path, **fault: object) -> Ended:
        """Run the program on the database of `folder`; a fault concerns the files of that folder only."""
        settings = {f"FAULT_{name.upper()}": value for name, value in fault.items()} | ({"FAULT_UNDER": f"{folder}/"} if fault else {})
        launcher = self.launchers.get()
        try:
            return launcher.run(*arguments, APPEALS_DB=folder / "appeals.db", **self.surroundings(folder), **settings)
        finally:
            self.launchers.put(launcher)

    def surroundings(self, folder: Path) -> dict[str, object]:
        """What else the program finds in its environment."""
        return {}

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.base, self.place / name))

    def entries(self, folder: Path) -> tuple[int, bool]:
        """How many entries the log has, and whether this test's request is among them."""
        from db.store import SqlStore

        with SqlStore(folder / "appeals.db") as store:
            return store.head().size, store.request(REQUEST) is not None

    def lost(self, folder: Path) -> list[str]:
        """The files taken in whose bytes are not kept as they came."""
        from appeals.services.tracing import KEPT, state_of
        from db.store import SqlStore

        with SqlStore(folder / "appeals.db") as store:
            return [f"the bytes of a file are {state}" for file in store.intake_files() if (state := state_of(store, file)) != KEPT]

    def plan(self, *preparation: tuple[object, ...]) -> list[Kill]:
        """Make the database, run the command once undisturbed on a copy, and list where it can be killed."""
        self.base.mkdir()
        for arguments in preparation:
            assert self.run(arguments, self.base).code == 0
        folder, trace = self.copy("traced"), self.place / "trace"
        assert self.run(self.command, folder, trace=trace).code == 0
        self.size, there = self.entries(folder)
        assert there
        return every_kill(trace)

    def suffer(self, kill: Kill) -> Outcome:
        folder = self.copy(f"{kill.mode}-{kill.number}")
        killed = self.run(self.command, folder, at=kill.number, mode=kill.mode)
        begun = unfinished(folder / "appeals.db")
        doctor = self.run(("doctor",), folder)
        size, there = self.entries(folder)
        lost = self.lost(folder)
        again = self.run(self.command, folder)
        ends = (("doctor", doctor), ("again", again))
        findings = lost + self.lost(folder) + [f"{what} ended with {end.code}: {end.said}" for what, end in ends if end.code]
        if killed.code not in (0, -signal.SIGKILL):
            findings.append(f"ended with {killed.code}: {killed.said}")
        if (after := self.entries(folder)) != (self.size, True):
            findings.append(f"{size} entries after the kill (request there: {there}), then {after}; wanted {self.size}")
        shutil.rmtree(folder)
        return Outcome(kill, killed.code == -signal.SIGKILL, begun and not there, tuple(findings))


def suffer_all(program: Program, kills: list[Kill], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(program.suffer, kills))
    died = sum(outcome.died for outcome in outcomes)
    inside = sum(outcome.died and outcome.inside for outcome in outcomes)
    with capsys.disabled():
        numbers = f"{len({kill.number for kill in kills})} operations, {died} kills, {inside} of them between BEGIN and COMMIT"
        print(f"\n{name}: {numbers}")  # noqa: T201 - what this test is read for
    assert [outcome for outcome in outcomes if outcome.findings] == []
    assert inside > 0
    # Ids are random, so a page more or less may be written than in the traced run; a few kills then find no operation to die at.
    assert died >= len(kills) * 9 // 10


INIT = ("init", "--name", "Test Clinic", "--state", "NC", "--zone", "America/New_York")
PAPER = ("open", "--patient", "Doe, Jane", "--payer", "Carolina Mutual", "--claim", "C-77", "--billed", "1200")
DENIED = ("--denied", "--notice", NOTICE, "--amount", "1200", "--code", "CO-50")
REVIEW = ("review-eob", "A-000001", "--path", "appeal", "--category", "experimental", "--reviewer", "A. Clerk")


@pytest.fixture
def remittance(tmp_path):
    from appeals.intake.clinic835 import remittance

    path = tmp_path / "remittance.835"
    path.write_bytes(remittance(NOTICE))
    return path


def test_an_import_killed_anywhere_leaves_all_of_the_file_or_nothing_and_the_same_command_ends_it(launchers, place, remittance, capsys):
    program = Program(launchers, place, "intake", remittance)
    suffer_all(program, sampled(program.plan(INIT)), "intake", capsys)


def test_a_step_killed_anywhere_is_taken_or_not_and_the_same_command_ends_it(launchers, place, capsys):
    program = Program(launchers, place, *REVIEW)
    suffer_all(program, program.plan(INIT, (*PAPER, *DENIED)), "review-eob", capsys)


@pytest.mark.soak
def test_an_import_killed_at_every_single_operation_leaves_all_of_the_file_or_nothing(launchers, place, remittance, capsys):
    program = Program(launchers, place, "intake", remittance)
    suffer_all(program, program.plan(INIT), "intake, every kill", capsys)


@pytest.mark.soak
def test_a_daily_run_killed_at_every_single_operation_has_told_everybody_or_nobody(launchers, place, capsys):
    program = Program(launchers, place, "remind")
    suffer_all(program, program.plan(INIT, (*PAPER, *DENIED)), "remind, every kill", capsys)


def test_a_daily_run_killed_anywhere_has_told_everybody_or_nobody_and_the_same_command_ends_it(launchers, place, capsys):
    program = Program(launchers, place, "remind")
    suffer_all(program, sampled(program.plan(INIT, (*PAPER, *DENIED))), "remind", capsys)


CARELESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("UPDATE cases SET state = 'closed'")
connection.execute("INSERT INTO events VALUES ('closed')")
connection.close()
"""


def start_careless(database: Path, env: dict[str, str]) -> int:
    return subprocess.run([sys.executable, "-c", CARELESS, str(database)], env=os.environ | env, timeout=60, check=False).returncode


def leaves_half(injector: Path, place: Path, kill: Kill) -> bool:
    folder = place / f"{kill.mode}-{kill.number}"
    shutil.copytree(place / "base", folder)
    assert start_careless(folder / "toy.db", watching(injector, folder, at=kill.number, mode=kill.mode)) == -signal.SIGKILL
    connection = sqlite3.connect(folder / "toy.db")
    [(closed,)] = connection.execute("SELECT count(*) FROM cases WHERE state = 'closed'")
    [(told,)] = connection.execute("SELECT count(*) FROM events")
    connection.close()
    return closed != told


def test_a_program_that_commits_a_case_without_its_event_would_be_found(injector, place):
    (place / "base").mkdir()
    connection = sqlite3.connect(place / "base" / "toy.db")
    connection.executescript("CREATE TABLE cases (state TEXT); CREATE TABLE events (name TEXT); INSERT INTO cases VALUES ('open')")
    connection.close()
    shutil.copytree(place / "base", place / "traced")
    assert start_careless(place / "traced" / "toy.db", watching(injector, place / "traced", trace=place / "trace")) == 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert any(pool.map(partial(leaves_half, injector, place), every_kill(place / "trace")))
