"""Commands now and then: making a database, bringing it up to date, checking it."""

from __future__ import annotations

import click

from appeals import screen_office as screens
from appeals.commands.app import App, reads, writes
from appeals.commands.explained import Explained
from appeals.commands.types import NEEDED, TEXT
from appeals.services import doctor as checkup
from appeals.services import own_numbers


@click.command(cls=Explained)
@click.option("--name", required=True, type=NEEDED, help="What the practice is called.")
@click.option("--state", required=True, help="State the practice is in, two letters.")
@click.option("--zone", required=True, help="Its time zone, for example America/New_York.")
@click.option("--person", default="", type=TEXT, help="Your own name, as first person of the office.")
@click.option("--sandbox", is_flag=True, help="For trying things: --as-of moves its day; every screen says SANDBOX.")
@click.option("--another", is_flag=True, help="Add a practice to a database that has one already.")
@writes
@click.pass_obj
def init(app: App, name: str, state: str, zone: str, person: str, sandbox: bool, another: bool) -> None:
    """Make a database for a practice.

    Example: appeals init --name "Queen City Ketamine" --state NC --zone America/New_York
    """
    practice = app.found(name=name, state=state, zone=zone, person=person, sandbox=sandbox, another=another)
    app.show(screens.initialised(practice, app.path, dry_run=app.dry_run))


@click.command(cls=Explained)
@click.option("--npi", multiple=True, help="An NPI payers pay this practice under; as often as needed.")
@click.option("--tax-id", multiple=True, help="A tax id payers pay it under; as often as needed.")
@click.option("--drop", multiple=True, help="A number it is no longer paid under.")
@writes
@click.pass_obj
def practice(app: App, npi: tuple[str, ...], tax_id: tuple[str, ...], drop: tuple[str, ...]) -> None:
    """Say which numbers are this practice's own: an import applies no payment to another's. Without options, show them.

    Example: appeals practice --npi 1234567893 --tax-id 12-3456789
    """
    given = {"npi": npi, "tax_id": tax_id, "drop": drop}
    told = own_numbers.declare(app.store, given, app.run()) if any(given.values()) else own_numbers.declared(app.store)
    app.show(screens.own_numbers(told))


@click.command(cls=Explained)
@reads
@click.pass_obj
def upgrade(app: App) -> None:
    """Bring an older database up to this program; the file is copied aside first.

    Example: appeals upgrade
    """
    app.show(screens.upgraded(*app.upgrade()))


@click.command(cls=Explained)
@reads
@click.pass_obj
def doctor(app: App) -> None:
    """Check the tables against the log, the log against itself, and the file.

    Example: appeals doctor
    """
    app.show(screens.checked(checkup.doctor(app.store)))
