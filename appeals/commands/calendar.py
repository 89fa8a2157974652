"""Calendar feeds, one file an account."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from appeals import feeds
from appeals import screen_schedule as screens
from appeals.commands import publishing
from appeals.commands.app import App, reads
from appeals.commands.explained import Explained
from appeals.commands.types import ACCOUNT, FILE
from appeals.errors import NotAllowed
from appeals.services import calendars


@click.command(cls=Explained)
@click.option("--out", type=FILE, required=True, help="Folder the feeds go to; it must exist, and not be writable by everybody.")
@click.option("--owner", type=ACCOUNT, default="", help="Only the feed of this account (else everybody's).")
@click.option("--dry-run", is_flag=True, help="Say which feeds would be written; write none.")
@reads
@click.pass_obj
def calendar(app: App, out: str, owner: str, dry_run: bool) -> None:
    """Write a calendar feed for each owner, without patient data: each clock on its day to work by, with alarms.

    A feed takes its former one's place; `everybody.ics` holds all of them, `unowned.ics` what nobody has.

    Example: appeals calendar --out /srv/calendars
    """
    run = app.run()
    if app.day != run.on:
        raise NotAllowed("A feed shows what is known today, and is published.", "Leave out --as-of.")
    is_ours = partial(feeds.is_ours, practice=run.practice)
    with publishing.folder(out) as handle:
        known = [Path(name).stem for name in publishing.there(handle, is_ours)]
        found = calendars.calendars(app.store, run, owner=owner, there=known)
        for feed in found.feeds:
            publishing.refuse_anothers(handle, feeds.file_name(feed.account), is_ours)
        drawn: feeds.Drawn = {}
        for feed in found.feeds if not dry_run else ():
            publishing.replaced(handle, feeds.file_name(feed.account), feeds.written(feed, drawn))
    app.show(screens.calendars(found, out, dry_run=dry_run))
