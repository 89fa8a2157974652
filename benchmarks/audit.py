"""What the trail costs: appending, verifying the whole log, and exporting one patient's entries out of many. Asserts nothing.

    make bench                          # or: python benchmarks/audit.py [--log 1000000] [--patient 10000] [--rounds 5] [--json out.json]

| work                                  | floor                                                            | goal |
|---------------------------------------|------------------------------------------------------------------|------|
| append 10,000 entries                 | the same rows inserted, nothing hashed                           | 1.6x |
| verify the log of 1,000,000           | the same rows read, nothing hashed                               | 2.5x |
| export 10,000 of them, verify the file| every leaf read and hashed once into a tree, the bytes written,  | 3.5x |
|                                       | read again and hashed                                            |      |

The last floor is not the writing of the bytes alone: a proof for each entry in a log of a million needs the million leaves, which no
way of writing them spares. The table has that ratio too. Peak memory is what the process grew by while it worked; the goal is 8 MiB.
"""

# ruff: noqa: PLC0415 - each measurement runs in a process of its own and must not pay for the others' imports
from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
CHUNK = 1 << 16
BATCH = 10_000
WANTED = "wanted"
MIB = 1 << 10  # ru_maxrss counts KiB
TEXT = "records received from the provider; the packet for the second level was put together and checked against the letter"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: medians of both sides in seconds, ours over theirs, and by how many MiB our process grew."""

    work: str
    against: str
    ours: float
    theirs: float
    ratio: float
    goal: float
    grown_mib: float


def run_of(practice: Any) -> Any:
    from itertools import count

    from appeals.record import Run

    numbers = count(1)
    return Run(
        practice=practice,
        recorded_at=AT,
        on=DAY,
        actor="bench",
        request_id="",
        new_id=lambda: f"b{next(numbers)}",
        new_nonce=lambda: f"{next(numbers):032x}",
    )


def notes(practice: Any, patient: str, count: int) -> list[Any]:
    from appeals.record import Change
    from appeals.services import writing

    run = run_of(practice)
    return [Change(event=writing.event(run, "mark", "note", patient=patient, reason=TEXT, facts={"text": TEXT})) for _ in range(count)]


def made(db: Path, names: list[str]) -> None:
    """An office with these patients and an empty log but for its first entry."""
    from appeals.people import Patient
    from appeals.record import Change
    from appeals.services import writing
    from db.store import SqlStore

    office = ["init", "--name", "Bench Clinic", "--state", "NC", "--zone", "America/New_York", "--person", "Bench", "--db", str(db)]
    subprocess.run([sys.executable, "-m", "cli", *office], cwd=ROOT, check=True, capture_output=True)
    with SqlStore(db) as store:
        people = [Patient(id=name, practice_id=store.practice.id, name=name, name_key=name) for name in names]
        store.apply([Change(event=writing.event(run_of(store.practice), "mark", "made"), puts=tuple(people))], request_id="")


def laid(db: Path, size: int, wanted: int) -> None:
    """A log of `size` entries, `wanted` of them of the patient WANTED (spread evenly), the rest of a hundred others."""
    from db.store import SqlStore

    names = [f"other{number}" for number in range(100)]
    made(db, [WANTED, *names])
    every = size // wanted
    with SqlStore(db) as store:
        pool = {name: notes(store.practice, name, 1)[0] for name in (WANTED, *names)}
        for start in range(2, size, BATCH):
            places = range(start, min(start + BATCH, size))
            chosen = [pool[WANTED if at % every == 0 else names[at % len(names)]] for at in places]
            store.apply(
                [replace(each, event=replace(each.event, nonce=f"{at:032x}")) for at, each in zip(places, chosen, strict=True)],
                request_id="",
            )


def append(folder: Path) -> Callable[[], None]:
    """Our side of appending: a batch of decided changes through the one door."""
    from db.store import SqlStore

    store = SqlStore(folder / "append.db")
    changes = notes(store.practice, WANTED, BATCH)
    return lambda: store.apply(changes, request_id="") and None


def append_floor(folder: Path) -> Callable[[], None]:
    """The same rows inserted by the driver in one transaction; what would be hashed is put there ready-made."""
    connection = driver().connect(folder / "floor.db", isolation_level=None)
    columns, rows = table(connection, "SELECT * FROM event WHERE seq = 2")
    (row,) = rows
    text = driver().connect(folder / "log.db").execute("SELECT text FROM event_text WHERE seq = 3").fetchone()[0]
    said = dict(zip(columns, row, strict=True))
    into = f"INSERT INTO event ({', '.join(chr(34) + name + chr(34) for name in columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - the table's own column names

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        end = connection.execute("SELECT max(seq) FROM event").fetchone()[0]
        seqs = range(end + 1, end + 1 + BATCH)
        patient = {"patient_id": WANTED, "request_id": None, "case_version": None}
        connection.executemany(into, (tuple((said | patient | {"seq": seq, "patient_seq": seq})[name] for name in columns) for seq in seqs))
        connection.executemany("INSERT INTO event_text VALUES (?, ?, ?)", ((said["practice_id"], seq, text) for seq in seqs))
        connection.execute("COMMIT")

    return insert


def verify(folder: Path) -> Callable[[], None]:
    """Our side of verifying: every leaf and root of the whole log."""
    from appeals.heads import Kept
    from appeals.services import verifying
    from db.store import SqlStore

    store = SqlStore(folder / "log.db")

    def verified() -> None:
        assert verifying.verify_log(store, Kept()).broken is None, "the bench's own log must be whole"  # noqa: S101 - a benchmark's check

    return verified


def verify_floor(folder: Path) -> Callable[[], None]:
    """Every row read by the driver, a thousand at a time."""
    connection = driver().connect(folder / "log.db")

    def read() -> None:
        rows = connection.execute("SELECT e.*, t.text FROM event e JOIN event_text t USING (practice_id, seq) ORDER BY seq")
        while rows.fetchmany(1000):
            pass

    return read


def export(folder: Path) -> Callable[[], None]:
    """Our side of exporting: one patient's file written, read again and verified."""
    from appeals import trailcheck
    from appeals.commands import files
    from appeals.services import trails
    from db.store import SqlStore

    store = SqlStore(folder / "log.db")
    run, out = run_of(store.practice), folder / "trail.jsonl"

    def exported() -> None:
        out.unlink(missing_ok=True)
        trails.export(store, trails.Asked(patient=WANTED), run, write=lambda lines: files.written(str(out), lines))
        with out.open("rb") as stream:
            assert trailcheck.verify(trailcheck.read(stream)).findings == (), "the file must be whole"  # noqa: S101 - as above

    return exported


def bytes_floor(folder: Path) -> Callable[[], None]:
    """The bytes of the export written, synced, read again and hashed."""
    content = (folder / "trail.jsonl").read_bytes()

    def written() -> None:
        out = folder / "floor.jsonl"
        with out.open("wb") as stream:
            stream.write(content)
            os.fsync(stream.fileno())
        sha256(out.read_bytes()).digest()

    return written


def tree_floor(folder: Path) -> Callable[[], None]:
    """The same, and every leaf of the log read and hashed once into a tree: no proof can do without."""
    connection, bytes_only = driver().connect(folder / "log.db"), bytes_floor(folder)

    def hashed() -> None:
        level = [bytes.fromhex(leaf) for (leaf,) in connection.execute("SELECT leaf FROM event ORDER BY seq")]
        while len(level) > 1:
            level = [sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        bytes_only()

    return hashed


def driver() -> Any:
    from db.engine import best_driver

    return best_driver()


def table(connection: Any, query: str) -> tuple[list[str], list[Any]]:
    rows = connection.execute(query)
    return [column[0] for column in rows.description], rows.fetchall()


SIDES = {side.__name__: side for side in (append, append_floor, verify, verify_floor, export, bytes_floor, tree_floor)}
COMPARED = (
    ("append {patient} entries", "append", "append_floor", "the rows inserted, unhashed", 1.6),
    ("verify the log of {log}", "verify", "verify_floor", "the rows read, unhashed", 2.5),
    ("export and verify {patient} of {log}", "export", "tree_floor", "the leaves hashed once, the bytes written", 3.5),
    ("export and verify {patient} of {log}", "export", "bytes_floor", "the bytes written alone", 3.5),
)


def measured(name: str, folder: Path, rounds: int) -> None:
    """One side in this process: seconds of CPU and wall a round, and the growth of its peak; printed for the parent."""
    work = SIDES[name](folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MIB
    sys.stdout.write(json.dumps({"spent": statistics.median(spent), "grown": grown}))


def asked(name: str, folder: Path, rounds: int) -> dict[str, float]:
    given = [sys.executable, __file__, "--side", name, "--folder", str(folder), "--rounds", str(rounds)]
    found = subprocess.run(given, check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", type=int, default=1_000_000)
    parser.add_argument("--patient", type=int, default=BATCH)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        measured(given.side, given.folder, given.rounds)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        laid(folder / "log.db", given.log, given.patient)
        for name in ("append.db", "floor.db"):
            made(folder / name, [WANTED])
        found = {name: asked(name, folder, given.rounds) for name in SIDES}
    rows = [
        Row(
            work=work.format(**vars(given)),
            against=against,
            ours=found[ours]["spent"],
            theirs=found[floor]["spent"],
            goal=goal,
            ratio=found[ours]["spent"] / found[floor]["spent"],
            grown_mib=found[ours]["grown"],
        )
        for work, ours, floor, against, goal in COMPARED
    ]
    for row in rows:
        sys.stdout.write(
            f"{row.work:40} {row.ours:8.2f} s  {row.theirs:8.2f} s  {row.ratio:5.2f}x (goal {row.goal}x)  "
            f"+{row.grown_mib:.1f} MiB  against {row.against}\n"
        )
    told = json.dumps([asdict(row) for row in rows], indent=2) + "\n"
    if given.json:
        given.json.write_text(told)
    else:
        sys.stdout.write(told)


if __name__ == "__main__":
    main()
