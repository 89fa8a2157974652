"""The audit trail: one patient's export, and verification of an export or of the whole log."""

from __future__ import annotations

from pathlib import Path

import click

from appeals import screen_office as screens
from appeals.commands import files
from appeals.commands.app import App, reads
from appeals.commands.explained import Group
from appeals.commands.types import FILE
from appeals.services import trails


@click.group(cls=Group)
def audit() -> None:
    """Export a patient's trail; verify a trail.

    Example: appeals audit export --patient M-100 --out trail.jsonl
    """


@audit.command()
@click.option("--patient", required=True, help="The patient's id, MRN, member id or name.")
@click.option("--out", type=FILE, required=True, help="File to write; it must not exist. `-` is standard output.")
@click.option("--purpose", default="", help="Why: kept in the trail.")
@reads
@click.pass_obj
def export(app: App, patient: str, out: str, purpose: str) -> None:
    """Write one patient's trail as JSON Lines, with proofs. The export is itself an event.

    Example: appeals audit export --patient M-100 --out trail.jsonl --purpose "patient's request"
    """
    files.may_be_written(out)
    exported = trails.export(app.store, patient, purpose, app.run(), write=lambda lines: files.written(out, lines))
    if out != "-":
        app.show(screens.exported(exported, out))


@audit.command()
@click.argument("file", type=FILE, required=False)
@reads
@click.pass_obj
def verify(app: App, file: str | None) -> None:
    """Verify the whole log of the database, or an exported FILE (no database needed).

    Example: appeals audit verify trail.jsonl
    """
    if file is None:
        app.show(screens.verified_log(trails.verify_log(app.store), sandbox=app.store.practice.sandbox))
        return
    with files.opened(Path(file)) as lines:
        app.show(screens.verified_file(trails.verify_file(lines)))
