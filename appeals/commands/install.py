"""What runs the daily run every day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from appeals import scheduling
from appeals import screen_schedule as screens
from appeals.commands import files
from appeals.commands.app import App, reads
from appeals.commands.explained import Explained
from appeals.commands.types import FILE, TEXT
from appeals.errors import ImpossibleValue, NotAllowed


@click.command(cls=Explained)
@click.option("--cron", "way", flag_value=scheduling.CRON, help="Lines for a crontab; a second one catches up after the machine was off.")
@click.option("--systemd", "way", flag_value=scheduling.SYSTEMD, help="A service and a timer that catches up by itself.")
@click.option("--at", type=TEXT, default="07:00", show_default=True, help="Time of day, on the practice's wall clock.")
@click.option("--account", type=TEXT, help="Account it runs as (else `service_account` of config.toml, else yours).")
@click.option("--calendar", type=FILE, default="", help="Also write calendar feeds to this folder, every time.")
@click.option("--write", is_flag=True, help="Write the files (else they are printed); none is replaced.")
@click.option("--folder", type=FILE, help="Where to, with --write (else /etc/cron.d or /etc/systemd/system).")
@reads
@click.pass_obj
def install(app: App, way: str | None, at: str, account: str | None, calendar: str, write: bool, folder: str | None) -> None:
    """Print what starts the daily run of a practice every day, and in between what cannot wait; --write writes it.

    It has the environment the run needs: the program, the database and the config.toml of this installation.

    Example: appeals remind install --systemd --at 06:30
    """
    if folder and not write:
        raise ImpossibleValue("--folder says where to write to, and nothing is to be written.", "Add --write.")
    installation = app.installed
    if not account and installation.account == "root":
        raise NotAllowed("The daily run needs no root.", "Name the account that owns the database: --account appeals.")
    practice = app.store.practice  # named though it be the only one: a second would stop a run that names none
    installation = replace(installation, account=account or installation.account, practice=practice.name)
    feeds = str(Path(calendar).absolute()) if calendar else ""
    job = scheduling.job(installation, at, practice.zone, feeds, mails=bool(app.config.get("mail")))
    made = scheduling.files(job, way or "", for_a_folder=write)
    places = [str(Path(folder or scheduling.folder_of(way or "")) / each.name) for each in made] if write else []
    for place in places:
        files.may_be_written(place)
    for place, each in zip(places, made, strict=False):
        files.written(place, (each.text,))
    app.show(screens.schedule(job, way or "", made, places))
