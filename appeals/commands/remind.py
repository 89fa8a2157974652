"""The daily run."""

from __future__ import annotations

import click

from appeals import screen_office as screens
from appeals.commands.app import App, writes
from appeals.services import remind as reminding


@click.command()
@writes
@click.pass_obj
def remind(app: App) -> None:
    """Remind everybody of what is due: each stage of each clock once, missed days caught up.

    Example: appeals remind --dry-run
    """
    app.show(screens.reminded(reminding.remind(app.store, app.run()), app.look))
