"""Who works what."""

from __future__ import annotations

import click

from appeals import screen_people
from appeals.commands.app import App, writes
from appeals.commands.types import ACCOUNT, TEXT
from appeals.services import reassigning


@click.command()
@click.option("--from", "giver", type=ACCOUNT, default="", help="Account that hands over; left out, the cases nobody owns.")
@click.option("--to", "taker", type=ACCOUNT, required=True, help="Account that takes over.")
@click.option("--reason", default="", type=TEXT, help="Why; kept in the trail.")
@writes
@click.pass_obj
def reassign(app: App, giver: str, taker: str, reason: str) -> None:
    """Hand every open case of one account to another; no date moves.

    Example: appeals reassign --from ana --to ben --reason "ana is on leave until January"
    """
    app.show(screen_people.reassigned(reassigning.reassign(app.store, giver, taker, reason, app.run())))
