"""Who is who among the patients."""

from __future__ import annotations

import click

from appeals import screen_people
from appeals.commands.app import App, writes
from appeals.commands.explained import Group
from appeals.commands.types import NEEDED, TEXT
from appeals.services import merging


@click.group(cls=Group)
def patient() -> None:
    """Put right who is who.

    Example: appeals patient merge MRN-4 M-1 --reason "one chart, two spellings"
    """


@patient.command()
@click.argument("kept", metavar="PATIENT", type=NEEDED)
@click.argument("gone", metavar="SAME", type=NEEDED)
@click.option("--reason", required=True, type=NEEDED, help="Who found out, and how; kept in both trails.")
@click.option(
    "--override", default="", type=TEXT, help="Why they are one though birth dates or record numbers differ; kept in both trails."
)
@writes
@click.pass_obj
def merge(app: App, kept: str, gone: str, reason: str, override: str) -> None:
    """Make two patients one: PATIENT stays, everything of SAME becomes PATIENT's. Each is an id, record number, member id or name.

    It cannot be taken back by `undo`.

    Example: appeals patient merge MRN-4 M-1 --reason "one chart, two spellings"
    """
    app.show(screen_people.merged(merging.merge(app.store, kept, gone, reason, app.run(), override=override)))
