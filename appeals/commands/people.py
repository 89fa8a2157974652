"""Who works what."""

from __future__ import annotations

from typing import Any

import click

from appeals import screen_people
from appeals.commands.app import App, writes
from appeals.commands.explained import Explained
from appeals.commands.steps import told
from appeals.commands.types import ACCOUNT, TEXT, Word
from appeals.errors import MissingFact
from appeals.services import reassigning, staff


@click.command(cls=Explained)
@click.option("--from", "giver", type=ACCOUNT, default="", help="Account that hands over; left out, the cases nobody owns.")
@click.option("--to", "taker", type=ACCOUNT, default="", help="Account that takes over (default: the backup of who hands over).")
@click.option("--reason", default="", type=TEXT, help="Why; kept in the trail.")
@writes
@click.pass_obj
def reassign(app: App, giver: str, taker: str, reason: str) -> None:
    """Hand every open case of one account to another; no date moves.

    Example: appeals reassign --from ana --to ben --reason "ana is on leave until January"
    """
    app.show(screen_people.reassigned(reassigning.reassign(app.store, giver, taker, reason, app.run())))


@click.command(cls=Explained)
@click.argument("account", type=ACCOUNT, default="")
@click.option("--name", help="First and last name of the person.")
@click.option("--email", help="Where their mail goes.")
@click.option("--role", type=Word(staff.ROLES), help="What they do in the office.")
@click.option("--backup", type=ACCOUNT, help="Account that stands in for them.")
@click.option("--manager", type=ACCOUNT, help="Account that answers for them (else everybody whose role is manager).")
@click.option("--no-email", is_flag=True, help="No mail goes to them any more: they left, or are told here only.")
@click.option("--no-manager", is_flag=True, help="Everybody whose role is manager answers for them again.")
@click.option("--no-backup", is_flag=True, help="Nobody stands in for them any more.")
@writes
@click.pass_obj
def person(app: App, /, account: str, **facts: Any) -> None:
    """Who works here and who stands in for whom. With ACCOUNT, add or change that person; without, everybody.

    Example: appeals person ana --name "Ana Reyes" --backup ben
    """
    if not account and any(given for given in told(facts).values()):
        raise MissingFact("Nobody is named whom this is about.", "`appeals person ACCOUNT --name NAME`.")
    app.show(
        screen_people.staff(staff.set_person(app.store, account, told(facts), app.run()) if account else staff.listed(app.store), app.look)
    )
