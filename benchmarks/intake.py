"""What it costs to take a remittance in for good: read, decided, clocks counted, written with its trail and its own bytes. Asserts nothing.

    make bench                          # or: python benchmarks/intake.py [--claims 5000] [--rounds 5] [--json out.json]

| work                                        | floor                                           | goal           |
|---------------------------------------------|-------------------------------------------------|----------------|
| a remittance of paid claims, whole process, | a lean reader; a row a claim, line, adjustment, | 5,000 claims/s |
| durable                                     | a hashed text a claim; one durable transaction; |                |
| the same with every fourth denied           | no clock, no rule, nobody looked up             | 5,000 claims/s |
| the same, its payer's plan known            |                                                 | 5,000 claims/s |

`rows/s` is a second floor: claims a second where SQLite alone writes the very rows and texts that the import leaves, from memory, in
one durable transaction. Nothing that stores a case as we keep it is faster (docs/decisions/014). Reading alone, beside the lean reader
and pyx12, is in `benchmarks/run.py`. Both sides are processes of their own, in turn, after one warm-up; each import has a new database.
Rates are by CPU time, since the machine may have other work, and less what a start costs. Peak memory is of the whole process.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.run import CHUNK, KIB, Spent, program, spend, write_835

GOAL = 5_000  # claims a second, stored
EVERY = {"paid": 0, "a quarter denied": 4, "... plan known": 4}
PLAN = ("--programme", "employer", "--funding", "self_funded", "--grandfathered", "no", "--internal-levels", "2")


@dataclass(frozen=True, slots=True)
class Row:
    """One file taken in: claims and opened cases a second of CPU, both floors' claims, peak memory and what lies on the disk."""

    work: str
    claims: int
    cases: int
    claims_per_second: float
    cases_per_second: float
    floor_per_second: float
    rows_per_second: float
    peak_mib: int
    floor_peak_mib: int
    disk_mib: float
    goal: int

    @property
    def held(self) -> bool:
        return self.claims_per_second >= self.goal


def lean(path: Path, database: Path) -> None:
    """The least that stores what a remittance says: one transaction, synchronous, with a hashed text a claim."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE claim (id, status, charge, paid, text, leaf);"
        "CREATE TABLE line (claim, code, charge, paid); CREATE TABLE adjustment (claim, carc, amount);"
    )
    claim, line, adjustment = [], [], []
    rest = ""
    with path.open(encoding="ascii", newline="") as stream:
        while block := stream.read(CHUNK):
            *segments, rest = (rest + block).split("~")
            for segment in segments:
                parts = segment.split("*")
                if parts[0] == "CLP":
                    charge, paid = (round(float(parts[at]) * 100) for at in (3, 4))
                    text = json.dumps({"claim": parts[1], "status": parts[2], "charge": charge, "paid": paid})
                    claim.append((parts[1], parts[2], charge, paid, text, sha256(text.encode()).hexdigest()))
                elif parts[0] == "SVC" and claim:
                    line.append((claim[-1][0], parts[1], round(float(parts[2]) * 100), round(float(parts[3]) * 100)))
                elif parts[0] == "CAS" and claim:
                    amounts = range(2, len(parts) - 1, 3)
                    adjustment.extend((claim[-1][0], parts[at], round(float(parts[at + 1]) * 100)) for at in amounts)
    connection.execute("BEGIN IMMEDIATE")
    for name, rows in (("claim", claim), ("line", line), ("adjustment", adjustment)):
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608 - our own names
    connection.execute("COMMIT")
    connection.close()


def again(source: Path, empty: Path) -> None:
    """Write what the source has and the empty database has not: the rows are read first, and that time is not counted."""
    from db.engine import best_driver  # noqa: PLC0415 - the lean side is not to pay for it

    driver = best_driver()
    had, rows = (rows_of(driver.connect(path)) for path in (empty, source))
    new = {name: [row for row in found if row not in had[name]] for name, found in rows.items()}
    target = driver.connect(empty, isolation_level=None)
    target.execute("PRAGMA synchronous = FULL")
    start = time.process_time()
    target.execute("BEGIN IMMEDIATE")
    for name in filter(new.get, new):
        marks = ", ".join("?" * len(new[name][0]))
        target.executemany(f'INSERT OR REPLACE INTO "{name}" VALUES ({marks})', new[name])  # noqa: S608 - our own names
    target.execute("COMMIT")
    target.close()
    print(time.process_time() - start)


def rows_of(connection: Any) -> dict[str, dict[tuple[Any, ...], None]]:
    """The rows of every table, in their order."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: dict.fromkeys(connection.execute(f'SELECT * FROM "{name}"')) for name in names}  # noqa: S608 - our own names
    connection.close()
    return found


def seconds_again(home: Path) -> float:
    """CPU seconds that SQLite alone takes for the rows of the database."""
    shutil.copy(home / "empty.db", home / "again.db")
    command = [sys.executable, str(Path(__file__).resolve()), "--again", str(home / "appeals.db"), str(home / "again.db")]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def without_denials(path: Path) -> None:
    """The same claims, all paid: the file of `write_835` with its denied claims left as their charge taken off by contract."""
    text = path.read_text("ascii").replace("*4*300*0**12*", "*1*300*0**12*").replace("CAS*CO*50*150~", "CAS*CO*45*150~")
    path.write_text(text, "ascii")


def spent_on(home: Path, path: Path, rounds: int, plan: Sequence[str]) -> tuple[list[Spent], list[Spent], list[Spent], float, int]:
    """Ours, an empty start of ours, the floor; seconds for our rows alone, and the bytes our database has grown to."""
    database, size, rows = home / "appeals.db", 0, list[float]()
    spend(program("init", "--name", "Bench Clinic", "--state", "NC", "--zone", "America/New_York"), home)
    if plan:
        spend(program("payer", "BENCH HEALTH", *plan), home)
    shutil.copy(database, home / "empty.db")
    floor = [sys.executable, str(Path(__file__).resolve()), "--lean", str(path), str(home / "lean.db")]
    spent: tuple[list[Spent], list[Spent], list[Spent]] = ([], [], [])
    for turn in range(rounds + 1):
        shutil.copy(home / "empty.db", database)
        (home / "lean.db").unlink(missing_ok=True)
        took = (spend(program("intake", str(path)), home), spend(program("today"), home), spend(floor, home))
        size = database.stat().st_size
        rows.append(seconds_again(home))
        if turn:
            for side, one in zip(spent, took, strict=True):
                side.append(one)
    database.unlink()
    return (*spent, statistics.median(rows[1:]), size)


def measured(work: str, claims: int, rounds: int, home: Path) -> Row:
    path = home / "remittance.835"
    write_835(path, claims)
    if not EVERY[work]:
        without_denials(path)
    cases = (claims + EVERY[work] - 1) // EVERY[work] if EVERY[work] else 0
    ours, start, floor, rows, size = spent_on(home, path, rounds, PLAN if "plan" in work else ())
    cpu = statistics.median(one.cpu for one in ours) - statistics.median(one.cpu for one in start)
    theirs = statistics.median(one.cpu for one in floor)
    peaks = [max(one.peak_kib for one in side) // KIB for side in (ours, floor)]
    rates = (round(claims / cpu, 1), round(cases / cpu, 1), round(claims / theirs, 1), round(claims / rows, 1))
    return Row(work, claims, cases, *rates, *peaks, round(size / KIB / KIB, 1), GOAL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--lean", nargs=2, metavar=("FILE", "DATABASE"), help=argparse.SUPPRESS)
    parser.add_argument("--again", nargs=2, metavar=("DATABASE", "EMPTY"), help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.again:
        again(*map(Path, wanted.again))
        return
    if wanted.lean:
        lean(*map(Path, wanted.lean))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(work, wanted.claims, wanted.rounds, Path(folder)) for work in EVERY]
    sides = f"{'MiB':>5} {'floor MiB':>9} {'disk MiB':>8}"
    print(f"{'work':18} {'claims':>7} {'cases':>6} {'claims/s':>9} {'cases/s':>8} {'floor/s':>9} {'rows/s':>8} {sides}")
    for row in rows:
        rates = f"{row.claims_per_second:9,.0f} {row.cases_per_second:8,.0f} {row.floor_per_second:9,.0f} {row.rows_per_second:8,.0f}"
        sizes = f"{row.peak_mib:5} {row.floor_peak_mib:9} {row.disk_mib:8.1f}"
        print(f"{row.work:18} {row.claims:7} {row.cases:6} {rates} {sizes}{'' if row.held else '  missed'}")
    text = json.dumps([asdict(row) | {"held": row.held} for row in rows], indent=1)
    wanted.json.write_text(text + "\n", "utf-8") if wanted.json else print(text)


if __name__ == "__main__":
    main()
