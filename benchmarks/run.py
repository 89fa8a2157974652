"""The program beside its floors and a peer, measured in one run; asserts nothing and writes only below a temporary folder.

    make bench                                          # or: python benchmarks/run.py [--rounds 9] [--claims 100000] [--json out.json]

Three questions, each with its own floor:

| work                                 | floor                                | goal            |
|--------------------------------------|--------------------------------------|-----------------|
| `appeals --help`, whole process      | a click program that says hello      | at most 1.3x    |
| one step, whole process, durable     | `python -c "import sqlalchemy"`      | at most 0.9x    |
| reading an 835, no database          | a lean state machine over the bytes  | at most 4x      |
|                                      | pyx12, its context reader (the peer) | at most 1/100th |

Only ratios mean something: both sides run in turn, in rotating order, after one warm-up, with byte code compiled. Medians of wall
and of CPU time; a goal is held by CPU time, because other work on the machine shows in wall first. The table goes to stdout, and JSON
after it (or into --json FILE).
"""

# ruff: noqa: PLC0415 - each reader runs in a process of its own and must not pay for the others' imports
from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
CHUNK = 1 << 16
KIB = 1024
PEER_SHARE = 200  # pyx12 reads a 200th of the claims: its rate is compared, not its time
NOTICE = "2026-11-02"
HELLO = "import click\n@click.command()\ndef main(): click.echo('hello')\nmain()\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: medians of both sides in `unit`, and ours over theirs."""

    work: str
    against: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    ratio_cpu: float
    goal: float

    @property
    def held(self) -> bool:
        return self.ratio_cpu <= self.goal


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process took: seconds on the wall, seconds of CPU, and its peak memory."""

    wall: float
    cpu: float
    peak_kib: int


def spend(argv: list[str], home: Path) -> Spent:
    """Run one process to its end. Raises RuntimeError with its own words when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "APPEALS_"))}
    environment |= {"PYTHONPATH": str(ROOT), "HOME": str(home), "APPEALS_DB": str(home / "appeals.db")}
    with (home / "output").open("w+b") as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1), (os.POSIX_SPAWN_DUP2, output.fileno(), 2)]
        start = time.perf_counter()
        child = os.posix_spawn(argv[0], argv, environment, file_actions=actions)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
        if status:
            raise RuntimeError(f"{' '.join(argv)} ended with {os.waitstatus_to_exitcode(status)}: {(home / 'output').read_text('utf-8')}")
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def in_turn(commands: dict[str, Callable[[], list[str]]], rounds: int, home: Path) -> dict[str, list[Spent]]:
    """Each command once a round, in rotating order; the first round warms up and is not kept."""
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    names = list(commands)
    for turn in range(rounds + 1):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            took = spend(commands[name](), home)
            if turn:
                spent[name].append(took)
    return spent


def compare(work: str, against: str, ours: list[Spent], theirs: list[Spent], goal: float, share: int = 1) -> Row:
    """Medians over the rounds; `share` is how many times less work the other side was given."""

    def median(side: list[Spent], what: str) -> float:
        return statistics.median(getattr(spent, what) for spent in side)

    wall, floor = median(ours, "wall"), median(theirs, "wall") * share
    cpu = median(ours, "cpu") / (median(theirs, "cpu") * share)
    return Row(work, against, "ms", round(wall * 1000, 1), round(floor * 1000, 1), round(wall / floor, 3), round(cpu, 3), goal)


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli", *arguments]


def start_rows(rounds: int, home: Path) -> Iterator[Row]:
    """What staff wait for: the help, and one durable step."""
    (home / "hello.py").write_text(HELLO, "utf-8")
    spend(program("init", "--name", "Bench Clinic", "--state", "NC", "--zone", "America/New_York"), home)
    paper = ("--patient", "Doe, Jane", "--payer", "Carolina Mutual", "--claim", "C-77", "--billed", "1200")
    spend(program("open", *paper, "--denied", "--notice", NOTICE, "--amount", "1200", "--code", "CO-50"), home)
    review = program("review-eob", "A-000001", "--path", "appeal", "--category", "experimental", "--reviewer", "A. Clerk")
    spent = in_turn(
        {
            "help": lambda: program("--help"),
            "hello": lambda: [sys.executable, str(home / "hello.py")],
            "step": lambda: review,  # taken again it changes the path anew: the same work each time
            "import": lambda: [sys.executable, "-c", "import sqlalchemy"],
        },
        rounds,
        home,
    )
    yield compare("appeals --help", "click hello", spent["help"], spent["hello"], 1.3)
    yield compare("one step", "import sqlalchemy", spent["step"], spent["import"], 0.9)


def write_835(path: Path, claims: int) -> None:
    """A balanced remittance of made-up claims of two lines: every fourth denied, the rest paid less an adjustment."""
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}*261120*1200*^*00501*000000001*0*T*:~")
        file.write("GS*HP*PAYER*CLINIC*20261120*1200*1*X*005010X221A1~ST*835*0001~")
        paid = (claims - (claims + 3) // 4) * 180
        file.write(f"BPR*I*{paid}*C*ACH*CCP*01*999999992*DA*1*1999999999**01*999988880*DA*2*20261120~TRN*1*T1*1999999999~DTM*405*20261120~")
        file.write("N1*PR*BENCH HEALTH*XV*60001~N3*1 WAY~N4*TOWN*NC*282020000~N1*PE*BENCH CLINIC*XX*1999999984~LX*1~")
        for number in range(claims):
            denied = number % 4 == 0
            lines = "".join(
                f"SVC*HC:{code}*150*{0 if denied else 90}**1~DTM*472*20261020~"
                + ("CAS*CO*50*150~" if denied else "CAS*CO*45*40~CAS*PR*2*20~")
                + f"REF*6R*{number}-{code}~"
                + ("LQ*HE*N115~" if denied else "AMT*B6*110~")
                for code in ("96365", "J3490")
            )
            head = f"CLP*C{number}*{4 if denied else 1}*300*{0 if denied else 180}*{'' if denied else 40}*12*P{number}*11*1~"
            file.write(f"{head}NM1*QC*1*ALDER*AVERY****MI*M{number}~DTM*232*20261020~{lines}")
        file.write(f"SE*{10 + 13 * claims + 2 * (claims - (claims + 3) // 4)}*0001~GE*1*1~IEA*1*000000001~")


def read_ours(path: Path) -> int:
    from appeals.intake.era835 import read
    from appeals.intake.remittance import Claim

    with path.open("rb") as stream:
        return sum(isinstance(item, Claim) for item in read(stream))


def read_lean(path: Path) -> int:
    """The least that gives claims with their lines and adjustments in cents: known delimiters, nothing checked."""
    claims, claim, rest = 0, None, ""
    with path.open(encoding="ascii", newline="") as stream:
        while block := stream.read(CHUNK):
            *segments, rest = (rest + block).split("~")
            for segment in segments:
                parts = segment.split("*")
                if parts[0] == "CLP":
                    claims += 1
                    claim = (parts[1], parts[2], round(float(parts[3]) * 100), round(float(parts[4]) * 100), [])
                elif claim and parts[0] == "SVC":
                    claim[4].append((parts[1], round(float(parts[2]) * 100), round(float(parts[3]) * 100), []))
                elif claim and parts[0] == "CAS" and claim[4]:
                    claim[4][-1][3].extend((parts[1], parts[at], round(float(parts[at + 1]) * 100)) for at in range(2, len(parts) - 1, 3))
    return claims


def read_pyx12(path: Path) -> int:
    from pyx12.error_handler import errh_null
    from pyx12.params import params
    from pyx12.x12context import X12ContextReader

    with path.open(encoding="ascii") as stream:
        reader = X12ContextReader(params(), errh_null(), stream)
        return sum(tree.id == "2100" for tree in reader.iter_segments("2100"))


READERS = {"ours": read_ours, "lean": read_lean, "pyx12": read_pyx12}


def intake_rows(rounds: int, claims: int, home: Path) -> Iterator[Row]:
    """What an import costs before the database: reading, each reader in a process of its own."""
    write_835(home / "large.835", claims)
    write_835(home / "small.835", claims // PEER_SHARE)

    def reader(name: str, file: str) -> list[str]:
        return [sys.executable, str(Path(__file__).resolve()), "--read", name, str(home / file)]

    spent = in_turn(
        {
            "ours": lambda: reader("ours", "large.835"),
            "lean": lambda: reader("lean", "large.835"),
            "pyx12": lambda: reader("pyx12", "small.835"),
        },
        rounds,
        home,
    )
    yield compare(f"835, {claims} claims", "lean reader", spent["ours"], spent["lean"], 4.0)
    yield compare(f"835, {claims} claims", f"pyx12, 1/{PEER_SHARE} of them", spent["ours"], spent["pyx12"], 0.01, PEER_SHARE)
    rate = claims / statistics.median(each.wall for each in spent["ours"])
    peak = max(each.peak_kib for each in spent["ours"]) // KIB
    print(f"835: {rate:,.0f} claims a second, at most {peak} MiB, {(home / 'large.835').stat().st_size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--read", nargs=2, metavar=("READER", "FILE"), help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.read:
        print(READERS[wanted.read[0]](Path(wanted.read[1])))
        return
    subprocess.run([sys.executable, "-m", "compileall", "-q", "appeals", "db", "cli.py"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        rows = [*start_rows(wanted.rounds, Path(folder)), *intake_rows(max(5, wanted.rounds // 2), wanted.claims, Path(folder))]
    print(f"{'work':22} {'against':22} {'ours ms':>9} {'theirs ms':>10} {'wall':>7} {'cpu':>7} {'goal':>6}")
    for row in rows:
        figures = f"{row.ours:9.1f} {row.theirs:10.1f} {row.ratio:7.3f} {row.ratio_cpu:7.3f} {row.goal:6.2f}"
        print(f"{row.work:22} {row.against:22} {figures}{'' if row.held else '  missed'}")
    text = json.dumps([asdict(row) | {"held": row.held} for row in rows], indent=1)
    wanted.json.write_text(text + "\n", "utf-8") if wanted.json else print(text)


if __name__ == "__main__":
    main()
