"""What the daily run costs: 1,000,000 open cases with 3,000,000 running clocks, of which much, little or nothing is due. Asserts nothing.

    make bench              # or: python benchmarks/remind.py [--cases 1000000] [--rounds 3] [--json out.json]

| work                                       | against                                                       | goal      |
|--------------------------------------------|---------------------------------------------------------------|-----------|
| 5 % of the clocks due                      | the floor: the driver streams them along the index and inserts | 1.3x      |
| 1,000 due in all of them                   | the same 1,000 due in 10,000 cases                            | 1.5x      |
| nothing due in all of them                 | nothing due in 10,000 cases                                   | 2x        |

The floor is one loop: a cursor over the same index with the case's owner beside it, and `executemany` into the same table with the
same settings (WAL, synchronous FULL, foreign keys), one transaction; it decides nothing and vouches for nothing. Ours is the whole
service: who is told, stages, the ledger, its hash, the entries of the log. Not a part of the ratio, and told apart: going through
every item of every digest afterwards, and the run a second time on the same day, when all was told before. Memory is the peak of a
process that runs the command itself and prints every digest (goal: 64 MiB), with what Python and SQLAlchemy take alone beside it.
"""

# ruff: noqa: PLC0415 - each measurement runs in a process of its own and must not pay for the others' imports
from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SMALL = 10_000
LITTLE = 1_000
SHARE = 20  # one clock in so many is due on the busy day
CLOCKS = 3  # of each case
OWNERS = 40
QUIET, CALM, BUSY = date(2027, 1, 4), date(2027, 5, 25), date(2027, 8, 25)  # nothing due, LITTLE due, a share due
KIB = 1 << 10


def made(db: Path, cases: int) -> None:
    """An office with so many open cases; the rows are made by the database itself."""
    office = ["init", "--name", "Bench Clinic", "--state", "NC", "--zone", "America/New_York", "--person", "Bench", "--db", str(db)]
    subprocess.run([sys.executable, "-m", "cli", *office], cwd=ROOT, check=True, capture_output=True)
    with closing(opened(db)) as file:
        (practice,) = file.execute("SELECT id FROM practice").fetchone()
        file.execute("PRAGMA synchronous = 0")
        file.execute("PRAGMA foreign_keys = 0")
        file.execute("BEGIN")
        for owner in range(OWNERS):
            role = "manager" if owner == 0 else "biller"
            row(file, "person", practice, id=f"p{owner}", account=f"owner{owner}", name=f"Owner {owner}", role=role)
        row(file, "patient", practice, id="x", name="Example, Erin", name_key="erin")
        row(file, "payer", practice, id="x", name="Invented Health", name_key="invented health")
        row(file, "coverage", practice, id="x", patient_id="x", payer_id="x")
        series = "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {}) "
        given = {
            "id": "printf('c%08d', n)", "number": "printf('A-%07d', n)", "owner": f"'owner' || (n / 7 % {OWNERS})", "state": "'denied'",
            "kind": "'post_service'", "patient_id": "'x'", "payer_id": "'x'", "coverage_id": "'x'",
        }  # fmt: skip
        many(file, "case", practice, series.format(cases), given)
        clocks = cases * CLOCKS
        due = max(clocks // SHARE, LITTLE)
        # The calm day has its clocks a week ahead, the busy one too; the rest is far away. Neighbours in the index are spread over cases.
        day = f"CASE WHEN n % {clocks // due} THEN date('2028-06-01', (n % 700) || ' days') WHEN n / {clocks // due} < {LITTLE} "
        day += "THEN '2027-06-01' ELSE '2027-09-01' END"
        given = {
            "id": "printf('k%09d', n)", "case_id": f"printf('c%08d', n / {CLOCKS})", "kind": "'file_internal_appeal'", "owed_by": "'us'",
            "status": "'open'", "hard": "1", "verified": "1", "work_by": day, "legal_due": f"date({day}, '120 days')",
            "arithmetic": "'180 calendar days from the day the denial was received = Mon 2027-06-21; 5 business days earlier by mail'",
        }  # fmt: skip
        many(file, "clock", practice, series.format(clocks), given)
        file.execute("COMMIT")


def opened(db: Path) -> Any:
    """A connection of the driver with the settings of the program."""
    from db.engine import SETTINGS, SYNCHRONOUS, best_driver, best_mode

    driver = best_driver()
    connection = driver.connect(db, isolation_level=None)
    for name, value in (SETTINGS | {"synchronous": SYNCHRONOUS[best_mode(driver)], "foreign_keys": 1}).items():
        connection.execute(f"PRAGMA {name} = {value}")
    return connection


def columns(file: Any, table: str, given: dict[str, str]) -> dict[str, str]:
    """Every column that must have something, by what it is given, or nothing of its type."""
    found = {}
    for _, name, kind, needed, default, _ in file.execute(f'PRAGMA table_info("{table}")'):
        if name in given:
            found[name] = given[name]
        elif needed and default is None:
            empty = {"DATE": "'2026-11-23'", "BIGINT": "1", "BOOLEAN": "0"}
            found[name] = empty.get(kind, "''")
    return found


def many(file: Any, table: str, practice: str, series: str, given: dict[str, str]) -> None:
    found = columns(file, table, given | {"practice_id": f"'{practice}'"})
    file.execute(f'INSERT INTO "{table}" ({", ".join(found)}) {series} SELECT {", ".join(found.values())} FROM s')  # noqa: S608 - our own


def row(file: Any, table: str, practice: str, **given: str) -> None:
    quoted = {name: f"'{value}'" for name, value in given.items()}
    many(file, table, practice, "WITH s(n) AS (SELECT 0) ", quoted)


def forgotten(db: Path) -> None:
    """The ledger empty again, and the log's pages folded back: every round begins alike."""
    with closing(opened(db)) as file:
        file.execute("DELETE FROM reminder")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def floor(db: Path, day: date) -> dict[str, float]:
    """The driver alone: a cursor along the index, `executemany` into the ledger, one commit."""
    with closing(opened(db)) as file, closing(opened(db)) as reader:
        (practice,) = file.execute("SELECT id FROM practice").fetchone()
        begun, worked = time.perf_counter(), time.process_time()
        found = reader.execute(
            'SELECT c.id, c.case_id, c.work_by, k.owner FROM clock c JOIN "case" k ON k.practice_id = c.practice_id AND k.id = c.case_id '
            "WHERE c.practice_id = ? AND c.status IN ('open', 'sent', 'tolled') AND c.work_by <= ? ORDER BY c.work_by",
            (practice, (day + timedelta(days=7)).isoformat()),
        )
        on = day.isoformat()
        file.execute("BEGIN IMMEDIATE")
        file.executemany(
            "INSERT OR IGNORE INTO reminder VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (practice, f"01a21e1e-5cba-7aaf-b5f2-d1648f04c017/{at:08d}", clock, case, f"7:{due}", owner, "terminal", on)
                for at, (clock, case, due, owner) in enumerate(found)
            ),
        )
        file.execute("COMMIT")
        spent = {"wall": time.perf_counter() - begun, "cpu": time.process_time() - worked}
        return spent | {"rows": file.execute("SELECT count(*) FROM reminder").fetchone()[0]}


def ours(db: Path, day: date) -> dict[str, float]:
    """The service: the run, then every item of every digest, then the run again."""
    from appeals.ids import Ids
    from appeals.record import Run
    from appeals.services import remind
    from db.store import SqlStore

    ids = Ids(clock=lambda: datetime.now(UTC))

    def run(store: SqlStore) -> Run:
        at = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
        return Run(practice=store.practice, recorded_at=at, on=day, actor="bench", request_id=ids.new_id(), new_id=ids.new_id,
                   new_nonce=ids.new_nonce)  # fmt: skip

    with SqlStore(db) as store:
        begun, worked = time.perf_counter(), time.process_time()
        found = remind.remind(store, run(store))
        spent = {"wall": time.perf_counter() - begun, "cpu": time.process_time() - worked, "rows": found.reminders}
        begun = time.perf_counter()
        items = sum(1 for person in found.people for _ in person.items)
        spent |= {"reading": time.perf_counter() - begun, "items": items}
        begun = time.perf_counter()
        remind.remind(store, run(store))
        return spent | {"again": time.perf_counter() - begun, "peak_mib": peak()}


def peak() -> float:
    """The most memory this process had, in MiB; `ru_maxrss` would begin with that of the process that started it."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / KIB


def alone() -> dict[str, float]:
    """What Python and the libraries take before they do anything."""
    import db.store  # noqa: F401 - both are what is measured

    return {"peak_mib": peak()}


def told(db: Path, day: date) -> dict[str, float]:
    """The command itself, every digest printed: its peak memory. The day is a rehearsal's where the office is no sandbox."""
    with closing(opened(db)) as file:
        file.execute("UPDATE practice SET sandbox = 1")
    import cli

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        begun = time.perf_counter()
        code = cli.run_command(["remind", "--db", str(db), "--as-of", day.isoformat()])
        spent = time.perf_counter() - begun
    with closing(opened(db)) as file:
        file.execute("UPDATE practice SET sandbox = 0")
    return {"peak_mib": peak(), "wall": spent, "code": code}


WORK = {"floor": floor, "ours": ours, "told": told}


def measured(work: str, db: Path, day: date) -> dict[str, float]:
    """One measurement in a process of its own, on a ledger that is empty."""
    forgotten(db)
    command = [sys.executable, __file__, "--work", work, "--db", str(db), "--day", day.isoformat()]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return dict(json.loads(answer.stdout))


def rounds(count: int, sides: dict[str, tuple[str, Path, date]]) -> dict[str, dict[str, float]]:
    """Both sides in turn, in rotating order, after one warm-up; the median of each."""
    kept: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for at in range(count + 1):
        names = list(sides)
        for name in names[at % len(names) :] + names[: at % len(names)]:
            found = measured(*sides[name])
            kept[name] += [found] if at else []
    return {name: {key: statistics.median(each[key] for each in found) for key in found[0]} for name, found in kept.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    for name in ("--work", "--db", "--day"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        day = date.fromisoformat(asked.day)
        print(json.dumps(alone() if asked.work == "alone" else WORK[asked.work](Path(asked.db), day)))
        return
    with tempfile.TemporaryDirectory() as folder:
        big, small = Path(folder) / "big.db", Path(folder) / "small.db"
        made(big, asked.cases)
        made(small, SMALL)
        report = {f"{work}, {asked.cases:,} cases": each for work, each in rows(big, small, asked.rounds)}
    for work, each in report.items():
        print(f"{work:<60} {json.dumps(each)}")
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1))


def rows(big: Path, small: Path, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each comparison of the table above."""
    for name, day, other in (
        ("a share due against the floor", BUSY, ("floor", big, BUSY)),
        ("1,000 due against 10,000 cases", CALM, ("ours", small, CALM)),
        ("nothing due against 10,000 cases", QUIET, ("ours", small, QUIET)),
    ):
        found = rounds(count, {"ours": ("ours", big, day), "theirs": other})
        ratio = {key: round(found["ours"][key] / found["theirs"][key], 2) for key in ("wall", "cpu")}
        yield name, {"ratio": ratio, **found}
    yield "memory of the command", {"peak_mib": measured("told", big, BUSY)["peak_mib"], "alone": measured("alone", big, BUSY)["peak_mib"]}


if __name__ == "__main__":
    main()
