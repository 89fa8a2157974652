"""The daily run."""

from __future__ import annotations

import gc
from dataclasses import replace

import click

from appeals import screen_remind as screens
from appeals.commands.app import App, may_write
from appeals.commands.explained import Explained
from appeals.services import remind as reminding


@click.command(cls=Explained)
@click.option("--status", is_flag=True, help="Say when the last good run was; exit 3 where that is too long ago.")
@click.option("--again", is_flag=True, help="Print what the last run told once more, for a run whose output was lost; writes nothing.")
@may_write
@click.pass_obj
def remind(app: App, status: bool, again: bool) -> None:
    """Remind everybody of what is due: each stage of each clock once, missed days caught up once.

    Unowned and overdue work goes to the manager, a last day to the backup too. With --as-of another day it is a rehearsal and
    writes nothing.

    Example: appeals remind --dry-run
    """
    gc.enable()  # a bulk command
    run = app.run()
    if status:
        app.show(screens.status(reminding.status(app.store, run)))
        return
    if app.day != run.on:  # another day than the office's own is a rehearsal: it may not count as told
        run = replace(run, on=app.day, dry_run=True)
    found = reminding.again(app.store, run) if again else reminding.remind(app.store, run)
    app.show(screens.reminded(found, app.look))
