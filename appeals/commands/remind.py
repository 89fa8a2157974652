"""The daily run."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from appeals import mailing, screen_mail, show
from appeals import screen_remind as screens
from appeals.commands import outbox as mailed
from appeals.commands.app import App, may_write
from appeals.commands.explained import WithItsOwn
from appeals.commands.folder import to_folder, usable
from appeals.commands.install import install
from appeals.commands.output import OutputLost, said
from appeals.commands.types import FILE
from appeals.digest import PersonDigest
from appeals.errors import NotAllowed
from appeals.mailing import Settings
from appeals.mailterms import SENDING, WAITING
from appeals.record import Run
from appeals.screens import Screen
from appeals.services import posting
from appeals.services import remind as reminding
from appeals.services.between import cannot_wait

AS_KNOWN_NOW = "A past day is counted from what is known today; `appeals today --as-of DAY` tells what was known then."


class RunOrInstall(WithItsOwn):
    """`remind` is the daily run, and its options are those of the run; `remind install` has it started every day."""

    itself = "run"

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.commands[self.itself].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return [*super().shell_complete(ctx, incomplete), *self.commands[self.itself].shell_complete(ctx, incomplete)]


@click.group(cls=RunOrInstall, subcommand_metavar="[COMMAND]")
def remind() -> None:
    """Remind everybody of what is due: each stage of each clock once, missed days caught up once.

    Whoever has an address is told by mail where config.toml has a `[mail]`; the mail goes out after all is written down.

    Unowned and overdue work goes to the manager, a last day to the backup too. `--dry-run` shows it and writes nothing, and
    so does a coming day (`--as-of`).

    Example: appeals remind --dry-run
    """


remind.add_command(install)


@remind.command("run", hidden=True)
@click.option("--status", is_flag=True, help="Say when the last good run was; exit 3 where that is too long ago.")
@click.option("--again", is_flag=True, help="Print what the last run told once more, for a run whose output was lost; writes nothing.")
@click.option("--to-folder", "folder", type=FILE, default="", help="Also write each person's digest as a file into this folder.")
@click.option("--between", is_flag=True, help="Only where something cannot wait for the next daily run, or today had none; else silent.")
@may_write
@click.pass_obj
def daily_run(app: App, status: bool, again: bool, folder: str, between: bool) -> None:
    """Remind everybody of what is due: each stage of each clock once, missed days caught up once.

    Example: appeals remind --dry-run
    """
    gc.enable()  # a bulk command
    run = app.run()
    if status:
        app.show(screens.status(reminding.status(app.store, run)))
        return
    passed = app.day < run.on and not again
    if passed and not run.dry_run:
        raise NotAllowed(f"A daily run is of today, {run.on}: {app.day} has passed.", f"{AS_KNOWN_NOW} With --dry-run it is shown.")
    if app.day != run.on:  # another day than the office's own is a rehearsal: it may not count as told
        run = replace(run, on=app.day, dry_run=True)
    if folder:  # a place that cannot be written is refused before anything counts as told, and what a crash left comes first
        usable(Path(folder)) if run.dry_run else to_folder(Path(folder), app.store, run)
    mail = None if again else mailed.mail_settings(app)
    if again:
        found = reminding.again(app.store, run)
    else:
        channel = _Mail(run, mail, {person.account: person.email for person in app.store.people()})
        if between and not cannot_wait(app.store, run, channel.of):
            return
        found = reminding.remind(app.store, run, channel_of=channel.of, beside=channel.beside)
    if folder and not run.dry_run:
        to_folder(Path(folder), app.store, run, again=again)
    screen = screens.reminded(found, app.look)
    if mail is None and not again:
        screen = _without_mail(screen, len(app.store.outbox(WAITING, SENDING)), dry_run=run.dry_run)
    _shown(app, screen.warned([AS_KNOWN_NOW]) if passed else screen, written=not (again or run.dry_run), mails=mail is not None)


@dataclass(slots=True)
class _Mail:
    """The channel of each person: e-mail where there is a server and an address that can be one, else the terminal."""

    run: Run
    settings: Settings | None
    addresses: Mapping[str, str]

    def of(self, account: str) -> str:
        """What the ledger calls the channel of an account."""
        return mailing.CHANNEL if self.settings is not None and mailing.is_address(self.addresses.get(account, "")) else reminding.TERMINAL

    def beside(self, digest: PersonDigest) -> Sequence[object]:
        """The message that goes into the outbox in the transaction that fills the ledger."""
        if self.settings is None or self.of(digest.account) != mailing.CHANNEL:
            return ()
        return (posting.outbox_row(self.run, digest, mailing.message(digest, self.settings, at=self.run.recorded_at)),)


def _without_mail(screen: Screen, waiting: int, *, dry_run: bool) -> Screen:
    """Mail that waits and has no server any more is mail that was not sent."""
    if not waiting:
        return screen
    why = f"{show.count(waiting, 'mail waits', 'mails wait')} and config.toml has no `[mail]`: nobody gets it (`appeals outbox`)"
    return replace(screen.warned([why]), code=0 if dry_run else 4)


def _shown(app: App, screen: Screen, *, written: bool, mails: bool) -> None:
    """The digests first, so that a run that dies while it mails has said them; the mail goes out even where they could not be printed."""
    if written and mails and app.json:  # one object holds both
        posted = mailed.sent(app)
        screen = replace(screen, data={**screen.data, "mail": screen_mail.posted_json(posted)}, code=posted.code)
        mails = False
    try:
        with ExitStack() as after:
            if written and mails:
                after.callback(_mailed, app)
            app.show(screen)
    except OutputLost as error:
        if not written:
            raise
        raise OutputLost(error.message, "Make room where it goes; `appeals remind --again` tells the same once more.") from error


def _mailed(app: App) -> None:
    posted = mailed.sent(app)
    app.finish(posted.code)
    for line in screen_mail.told(posted):
        said(line)
