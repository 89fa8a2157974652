"""Taking in remittances, and answering what they proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from appeals import screen_office
from appeals.commands import files, tables
from appeals.commands.app import App, writes
from appeals.commands.explained import WithItsOwn
from appeals.commands.types import CASE, DAY, FILE, TEXT
from appeals.errors import FileRefused
from appeals.services import proposals, take_in


class FilesOrResolve(WithItsOwn):
    """`intake FILE...` takes files in; `intake resolve` answers proposals."""

    itself = "files"

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return super().shell_complete(ctx, incomplete) or [CompletionItem(incomplete, type="file")]


@click.group(cls=FilesOrResolve)
def intake() -> None:
    """Take in remittances (835) and FHIR explanations of benefits, or answer what they proposed.

    The options of taking in: `appeals intake files --help`.

    Example: appeals intake era-2026-11-20.835
    """


intake.add_command(tables.mapping_template)


@intake.command("files", hidden=True)
@click.argument("paths", type=FILE, nargs=-1, required=True, metavar="FILE...")
@click.option("--received", type=DAY, help="Day the remittance reached the office, if it can be proved.")
@click.option("--mapping", type=FILE, default="", help="The files are CSV; read them by this mapping: a file, or one that ships.")
@writes
@click.pass_obj
def take_files(app: App, paths: tuple[str, ...], received: date | None, mapping: str) -> None:
    """Take in remittances (835) and FHIR explanations of benefits: each file whole or not at all; the same bytes twice change nothing.

    Example: appeals intake era-2026-11-20.835
    """
    results: list[take_in.Taken] = []
    by = tables.format_by(mapping) if mapping else None
    for path in paths:
        run = app.run() if not results else replace(app.run(), request_id=app.run().new_id())
        try:
            with files.opened(Path(path)) as stream:
                results.append(take_in.take_in(app.store, Path(path).name, stream, run, received=received, format=by))
        except FileRefused as error:
            if results:
                app.show(screen_office.taken(results, app.look))
            raise FileRefused(f"{Path(path).name}: {error.message}", error.hint) from error
    app.show(screen_office.taken(results, app.look))


@intake.command()
@click.argument("refs", type=CASE, nargs=-1, metavar="[CASE...]")
@click.option("--list", "only_list", is_flag=True, help="List what waits for an answer; change nothing.")
@click.option("--take/--refuse", default=None, help="Take them, or refuse them.")
@click.option("--step", default="", help="All that was proposed of this step, for example pay.")
@click.option("--reason", default="", type=TEXT, help="Why; kept in the trail.")
@writes
@click.pass_obj
def resolve(app: App, refs: tuple[str, ...], only_list: bool, take: bool | None, step: str, reason: str) -> None:
    """Take or refuse what imports proposed, one by one or by kind.

    Example: appeals intake resolve A-12 --take
    """
    if only_list or take is None:
        app.show(screen_office.resolved(proposals.listed(app.store)))
        return
    app.show(screen_office.resolved(proposals.resolve(app.store, refs, app.run(), take=take, step=step, reason=reason)))
