"""The demo: the main job from a remittance to a verified trail, in a sandbox that comes out the same every time."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path

import click

from appeals.commands.app import App
from appeals.commands.explained import Explained
from appeals.errors import CannotWrite
from appeals.intake.clinic835 import remittance

NOTICE = date(2026, 11, 2)
SEED = "appeals demo"
PLAN = "--programme employer --funding self_funded --grandfathered no --internal-levels 1"
ENCLOSED = "--enclosed letter_of_medical_necessity --enclosed records"
AGAIN = f"{ENCLOSED} --enclosed decision"  # from the second level on the decision below goes along

# (day, command line, exit code). `# ...` is said, not run. `{folder}` is where the demo lies.
SCRIPT: tuple[tuple[str, str, int], ...] = (
    ("", "# A ketamine clinic in Charlotte, NC, on the morning a remittance arrives.", 0),
    ("2026-11-03", "init --name 'Queen City Ketamine' --state NC --zone America/New_York --person 'Ana Clerk' --sandbox", 0),
    ("2026-11-03", "payer 'Blue Ridge Senior Advantage' --programme medicare_advantage", 0),
    ("2026-11-03", "intake {folder}/remittance.835", 0),
    ("2026-11-03", "intake {folder}/remittance.835", 0),
    ("2026-11-03", "today", 0),
    ("", "# Nobody has said what plan is behind case 2: every date it could have is shown, and none is called chosen.", 0),
    ("2026-11-03", "clocks 2", 0),
    ("", "# Case 1, all the way: denied, reviewed, a peer review that is upheld, an appeal, a second level, overturned, paid.", 0),
    ("2026-11-03", f"coverage 1 {PLAN}", 0),
    ("2026-11-03", "why 1 file_internal_appeal", 0),
    ("2026-11-04", "review-eob 1 --reviewer 'Ana Clerk' --category medical_necessity --path appeal", 0),
    ("2026-11-04", "request-peer-review 1 --clinician 'Dr Infusionist' --callback 704-555-0100", 0),
    ("2026-11-06", "peer-uphold 1 --reviewer 'Dr Payer' --said 'criteria not met'", 0),
    ("", "# The appeal is refused until it carries what its category needs.", 0),
    ("2026-11-10", "file-appeal 1 --track member_appeal --appellant provider --authority assignment --sent today --channel fax", 21),
    (
        "2026-11-10",
        f"file-appeal 1 --track member_appeal --appellant provider --authority assignment --sent today --channel fax {ENCLOSED}",
        0,
    ),
    ("2026-11-11", "mark 1 received --date 2026-11-10 --text 'fax confirmation 4471'", 0),
    ("", "# The daily run. The second run on one day has nothing new to say.", 0),
    ("2026-11-12", "remind", 0),
    ("2026-11-12", "remind", 0),
    ("2026-12-18", "uphold 1 --decided 2026-12-14 --received 2026-12-18", 0),
    ("2026-12-18", "next 1", 0),
    ("2026-12-21", "review-eob 1 --reviewer 'Ana Clerk' --category medical_necessity --path appeal", 0),
    (
        "2026-12-21",
        f"file-appeal 1 --track external_review --appellant patient --sent today --received today --channel portal {AGAIN}",
        0,
    ),
    ("2027-01-29", "overturn 1 --decided 2027-01-28", 0),
    ("2027-02-15", "mark 1 payment-posted --amount 695.50", 0),
    ("", "# Case 5 is left to run out. It is not called lost while a route is open, nor without a cause and a name.", 0),
    ("2027-02-15", f"coverage 5 {PLAN}", 0),
    ("2027-02-15", "expire 5 --cause not_worked --signed 'Rosa Manager'", 20),
    ("2027-05-10", "expire 5", 21),
    ("2027-05-10", "expire 5 --cause not_worked --signed 'Rosa Manager' --reason 'nobody owned it'", 0),
    ("", "# One patient's trail, for somebody who trusts neither us nor the database.", 0),
    ("2027-05-11", "show 1", 0),
    ("2027-05-11", "audit export --patient CMH700110001 --out {folder}/trail.jsonl --purpose 'request of the patient'", 0),
    ("", "audit verify {folder}/trail.jsonl", 0),
    ("", "# Now one byte of the file is changed.", 0),
    ("", "audit verify {folder}/changed.jsonl", 3),
    ("2027-05-11", "doctor", 0),
)


@click.command(cls=Explained)
@click.option("--folder", default="demo", show_default=True, help="Where the database and the files go; it must not exist.")
@click.pass_obj
def demo(app: App, folder: str) -> None:
    """Walk a made-up clinic through the main job, in a sandbox.

    Example: appeals demo --folder /tmp/appeals-demo
    """
    place = Path(folder)
    try:
        place.mkdir(mode=0o700)
    except OSError as error:
        raise CannotWrite(f"{place} cannot be made: {error.strerror}.", "Remove it, or name another with --folder.") from error
    (place / "remittance.835").write_bytes(remittance(NOTICE))
    database = str(place / "demo.db")
    run = app.repeatable(SEED)
    click.echo(f"$ export APPEALS_DB={database}")
    for day, line, code in SCRIPT:
        if line.startswith("#"):
            click.echo(f"\n{line}")
            continue
        if "changed.jsonl" in line:
            change_one_byte(place / "trail.jsonl", place / "changed.jsonl")
        words = shlex.split(line.format(folder=folder))
        words += ["--as", "ana", "--as-of", day] if day else []
        click.echo(f"\n$ appeals {shlex.join(words)}")
        found = run([*words, "--db", database])
        if found:
            click.echo(f"[exit {found}]")
        if found != code:
            raise RuntimeError(f"a command of the demo ended in {found}, not {code}")
    click.echo(f"\nThe sandbox is yours to play with: APPEALS_DB={database} appeals today --as-of 2027-05-12")


def change_one_byte(source: Path, target: Path) -> None:
    """A copy with one byte changed: what somebody with an editor could do."""
    target.write_bytes(source.read_bytes().replace(b"criteria not met", b"criteria now met", 1))
