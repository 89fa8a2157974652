"""The outbox: what waits to be mailed, and sending it."""

from __future__ import annotations

import click

from appeals import screen_mail
from appeals.commands.app import App, may_write
from appeals.commands.explained import Explained
from appeals.commands.smtp import MailSettings, Smtp, settings
from appeals.commands.types import TEXT
from appeals.errors import AppealsError
from appeals.mailing import Settings
from appeals.mailterms import DROPPED, FAILED, SENDING, SENT, WAITING
from appeals.record import Run
from appeals.services import governing, posting, stuck, writing
from appeals.services.posting import Posted


@click.command(cls=Explained)
@click.option("--send", is_flag=True, help="Hand every message that is due to the mail server.")
@click.option("--retry", type=TEXT, default="", metavar="MESSAGE", help="Try a refused message again; how its id begins, or `all`.")
@click.option("--drop", type=TEXT, default="", metavar="MESSAGE", help="Give up a refused or waiting message; likewise.")
@click.option("--check", is_flag=True, help="Open the mail server as a mail would, with TLS and login; send nothing.")
@click.option("--sent", "also_sent", is_flag=True, help="List what was sent or given up as well.")
@may_write
@click.pass_obj
def outbox(app: App, send: bool, retry: str, drop: str, check: bool, also_sent: bool) -> None:
    """List the mail that waits or was refused; send it.

    A message goes out once. One whose end nobody knows (the machine died while it was sent) is sent again, with the
    same Message-ID.

    Example: appeals outbox --send
    """
    run = app.run()
    writing.of_many_cases(run)
    given = settings(app.config) if send or check else None
    if given is not None and check:
        Smtp(given).check()
    again = posting.retry(app.store, run, retry) if retry else ()
    dropped = posting.drop(app.store, run, drop) if drop else ()
    posted = _posted(app, run, given) if given is not None and send else None
    if posted is not None and run.dry_run:
        posted.sent += [one for one in again if one.message_id not in {due.message_id for due in posted.sent}]
    if posted is not None and posted.problem is not None and not (posted.sent or posted.failed or again or dropped):
        raise posted.problem
    statuses = (WAITING, SENDING, FAILED, *((SENT, DROPPED) if also_sent else ()))
    checked = f"{given.host}:{given.port}" if given is not None and check else ""
    held = (stuck.stuck(app.store, run), governing.office(app.store).reminders.stale_hours)
    messages = app.store.outbox(*statuses)
    app.show(screen_mail.outbox(messages, posted, (again, dropped), app.look, held=held, dry_run=run.dry_run, checked=checked))


def sent(app: App) -> Posted:
    """Send what waits, after a command has committed it. It raises nothing a user can mend: that is `problem`, and everything waits."""
    run = app.run()
    try:
        if not app.config.get("mail") and not app.store.outbox(WAITING, SENDING):
            return Posted(dry_run=run.dry_run)
        return _posted(app, run, settings(app.config))
    except AppealsError as error:
        return Posted(problem=error, left=len(app.store.outbox(WAITING, SENDING)), dry_run=run.dry_run)


def mail_settings(app: App) -> Settings | None:
    """What every mail of this practice shares; None where config.toml has no `[mail]`. Raises BadConfiguration."""
    if "mail" not in app.config:
        return None
    return Settings(sender=settings(app.config).sender, practice_id=app.store.practice.id)


def _posted(app: App, run: Run, given: MailSettings) -> Posted:
    return posting.post(app.store, run, Smtp(given), now=lambda: app.run().recorded_at)
