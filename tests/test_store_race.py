"""Many at once: sixteen processes move one case while others read. One wins each version, nothing is lost, nobody sees "locked"."""

from __future__ import annotations

import importlib
import multiprocessing
import sqlite3
import time
from dataclasses import replace

import pytest

from appeals import logcheck, model
from appeals.errors import AppealsError, StaleCase
from db.engine import best_driver
from db.store import SqlStore
from tests.test_store import JANE, PAYER, a_case, found, insured, moving, opening

PROCESSES, MOVES = 16, 4
DRIVERS = [sqlite3] if best_driver() is sqlite3 else [sqlite3, best_driver()]
together = multiprocessing.get_context("forkserver")  # a fork of the test run itself would copy its threads' locks
together.set_forkserver_preload(["db.store"])


def move(path, driver, name, results):
    """Read the case and move it on, until MOVES of our own are in; every answer that is not a win is written down."""
    wins, losses, troubles = [], 0, []
    with SqlStore(path, driver=importlib.import_module(driver)) as store:
        while len(wins) < MOVES and not troubles:
            case = store.case_by_id("c1")
            try:
                applied = store.apply([moving(case, owner=name, actor=name)], request_id=f"{name}-{len(wins)}")
                wins.append((applied.cases[0].version, applied.head.size))
            except StaleCase as error:
                losses += 1
                if "Case A-000001 was moved to submitted by " not in error.message:
                    troubles.append(error.message)
            except AppealsError as error:
                troubles.append(error.message)
    results.put((wins, losses, troubles))


def look(path, driver, results, done):
    """Page through everything again and again; a page must always be one moment of the file."""
    looks, troubles = 0, []
    with SqlStore(path, driver=importlib.import_module(driver)) as store:
        while not done.is_set():
            try:
                (row,) = store.case_rows()
                entries = list(store.events())
                looks += 1
            except AppealsError as error:
                troubles.append(error.message)
                break
            if entries[-1].seq < row.case.version + 1 or logcheck.first_break(entries) is not None:
                troubles.append("a torn reading")
    results.put((looks, troubles))


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.__name__)
def test_sixteen_processes_on_one_case_lose_nothing_while_others_read(tmp_path, driver):
    path = tmp_path / "appeals.db"
    with found(path, driver) as store:
        store.apply([opening(a_case(), JANE, PAYER, insured(JANE))], request_id="open")
    results, looked, done = together.Queue(), together.Queue(), together.Event()
    readers = [together.Process(target=look, args=(path, driver.__name__, looked, done)) for _ in range(2)]
    movers = [together.Process(target=move, args=(path, driver.__name__, f"mover-{n}", results)) for n in range(PROCESSES)]
    for process in (*readers, *movers):
        process.start()
    moved = [results.get(timeout=120) for _ in movers]
    done.set()
    seen = [looked.get(timeout=60) for _ in readers]
    for process in (*readers, *movers):
        process.join(60)
    assert [trouble for _, _, troubles in moved for trouble in troubles] == []
    assert [trouble for _, troubles in seen for trouble in troubles] == []
    assert all(looks for looks, _ in seen)
    wins = sorted(win for ours, _, _ in moved for win in ours)
    total = PROCESSES * MOVES
    assert wins == [(version, version + 1) for version in range(2, total + 2)], "one winner for each version, one entry for each win"
    with SqlStore(path, driver=driver) as store:
        assert store.case_by_id("c1").version == total + 1
        assert logcheck.first_break(store.events(), own=store.head()) is None
        assert store.head().size == total + 2
        assert store.integrity() == ()


def advance_own(path, name, results):
    with SqlStore(path) as store:
        case = store.case_by_id(name)
        for n in range(MOVES):
            (case,) = store.apply([moving(case, owner=str(n), actor=name)], request_id=f"{name}-{n}").cases
    results.put(name)


def test_processes_on_different_cases_do_not_refuse_each_other(tmp_path):
    path = tmp_path / "appeals.db"
    names = [f"c{n}" for n in range(8)]
    with found(path) as store:
        first, *others = names
        store.apply([opening(a_case(first), JANE, PAYER, insured(JANE)), *(opening(a_case(name)) for name in others)], request_id="open")
    results = together.Queue()
    processes = [together.Process(target=advance_own, args=(path, name, results)) for name in names]
    for process in processes:
        process.start()
    assert sorted(results.get(timeout=60) for _ in processes) == names
    for process in processes:
        process.join(30)
    with SqlStore(path) as store:
        assert {row.case.version for row in store.case_rows()} == {MOVES + 1}
        assert logcheck.first_break(store.events(), own=store.head()) is None


def test_a_reader_that_never_finishes_does_not_stop_a_writer(tmp_path):
    path = tmp_path / "appeals.db"
    with found(path) as store:
        store.apply([opening(a_case(), JANE, PAYER, insured(JANE))], request_id="open")
        pages = store.case_rows()
        next(pages)
        started = time.monotonic()
        with SqlStore(path) as other:
            case = other.case_by_id("c1")
            other.apply([moving(case, state=model.State.DENIED)], request_id="move")
        assert time.monotonic() - started < 5
        pages.close()
        assert store.case_by_id("c1") == replace(case, state=model.State.DENIED, version=2)
