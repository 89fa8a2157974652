"""The daily run."""

from __future__ import annotations

from dataclasses import replace

import click

from appeals import screen_office as screens
from appeals.commands.app import App, may_write
from appeals.commands.explained import Explained
from appeals.services import remind as reminding


@click.command(cls=Explained)
@may_write
@click.pass_obj
def remind(app: App) -> None:
    """Remind everybody of what is due: each stage of each clock once, missed days caught up.

    With --as-of another day it is a rehearsal and writes nothing.

    Example: appeals remind --dry-run
    """
    run = app.run()
    if app.day != run.on:  # another day than the office's own is a rehearsal: it may not count as told
        run = replace(run, on=app.day, dry_run=True)
    app.show(screens.reminded(reminding.remind(app.store, run), app.look))
