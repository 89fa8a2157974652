"""Taking in remittances, claims sent and reports about them, and answering what they proposed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from appeals import screen_intake, screen_origin, screen_resolve
from appeals.commands import files as files_
from appeals.commands import sources, tables
from appeals.commands.app import App, looks, writes
from appeals.commands.explained import WithItsOwn
from appeals.commands.types import CASE, DAY, FILE, TEXT
from appeals.commands.watching import watched
from appeals.record import Run
from appeals.services import proposals, take_files, tracing


class FilesOrResolve(WithItsOwn):
    """`intake PATH...` takes files in; `intake resolve` answers proposals, `trace` and `original` look at what came."""

    itself = "files"

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return super().shell_complete(ctx, incomplete) or [CompletionItem(incomplete, type="file")]


@click.group(cls=FilesOrResolve)
def intake() -> None:
    """Take in remittances (835, FHIR), claims sent (837) and reports (277CA), answer what they proposed, or look at what they said.

    The options of taking in: `appeals intake files --help`.

    Example: appeals intake era-2026-11-20.835
    """


intake.add_command(tables.mapping_template)


@intake.command("files", hidden=True)
@click.argument("paths", type=FILE, nargs=-1, required=True, metavar="PATH...")
@click.option("--received", type=DAY, help="835, FHIR, CSV: day the remittance reached the office, if it can be proved.")
@click.option("--mapping", type=FILE, default="", help="The files are CSV; read them by this mapping: a file, or one that ships.")
@click.option("--again", is_flag=True, help="Read files anew that were taken in before: what was left then is asked again.")
@writes
@click.pass_obj
def files(app: App, paths: tuple[str, ...], received: date | None, mapping: str, again: bool) -> None:
    """Take in files (835, 837, 277CA, 277, FHIR, CSV): each whole or not at all; the same bytes twice change nothing.

    A folder is its own files; a gzip what it holds; a ZIP each of its members; `-` standard input. Claims sent go first, then reports of
    them, then remittances by their day. A file that is refused is told and keeps no other out (exit 4).

    Example: appeals intake era-2026-11-20.835

    Example: appeals intake november/ portal.zip --dry-run
    """
    take_files.may_be_received(received, app.day)
    listed, by = sources.listed(paths), tables.format_by(mapping) if mapping else None
    gc.enable()  # a big file makes more garbage than a command has room for
    runs = _runs(app)
    with watched(len(listed)) as watch:
        found = (each for source in watch.over(listed) for each in sources.opened(source, Path(app.path)))
        done = take_files.take_files(app.store, found, lambda: next(runs), received=received, format=by, again=again, progress=watch.told)
    app.show(screen_intake.taken(done, app.look))
    if done.ended is not None:
        raise done.ended


def _runs(app: App) -> Iterator[Run]:
    """A run for each file: the request id is the first one's, and no two files can have it."""
    yield app.run()
    while True:
        run = app.run()
        yield replace(run, request_id=run.new_id())


@intake.command()
@click.argument("refs", type=CASE, nargs=-1, metavar="[CASE...]")
@click.option("--list", "only_list", is_flag=True, help="List what waits for an answer; change nothing.")
@click.option("--take/--refuse", default=None, help="Take them, or refuse them.")
@click.option("--step", default="", help="All that was proposed of this step, for example pay.")
@click.option("--left", "claims", multiple=True, metavar="REF", help="A claim that was left for a person, as the list calls it.")
@click.option("--done", is_flag=True, help="With --left: somebody has dealt with it; it leaves the list.")
@click.option("--reason", default="", type=TEXT, help="Why, or what was done; kept in the trail.")
@writes
@click.pass_obj
def resolve(
    app: App, refs: tuple[str, ...], claims: tuple[str, ...], only_list: bool, take: bool | None, step: str, done: bool, reason: str
) -> None:
    """Take or refuse what imports proposed, one by one or by kind, and clear the claims they left once they are dealt with.

    Example: appeals intake resolve A-12 --take

    Example: appeals intake resolve --left 9f2c41aa:12 --done --reason "opened by hand from the payer's letter"
    """
    if claims:
        found = proposals.settled(app.store, claims, app.run(), done=done, reason=reason)
    elif only_list or take is None:
        found = proposals.listed(app.store, refs)
    else:
        found = proposals.resolve(app.store, refs, app.run(), take=take, step=step, reason=reason)
    app.show(screen_resolve.resolved(found))


@intake.command()
@click.argument("ref", type=CASE, metavar="CASE")
@looks
@click.pass_obj
def trace(app: App, ref: str) -> None:
    """Where everything files said of a case stands: file, place and the text there. Writes a read event first.

    Example: appeals intake trace A-12
    """
    app.show(screen_origin.traced(tracing.trace(app.store, ref, app.run(), day=app.day)))


@intake.command()
@click.argument("digest", metavar="SHA256")
@click.option("--out", type=FILE, required=True, help="File to write; it must not exist. `-` is standard output.")
@looks
@click.pass_obj
def original(app: App, digest: str, out: str) -> None:
    """Write a file as it was taken in, byte for byte. Writes a read event for everybody in it first.

    Example: appeals intake original 9f2c41aa --out remittance.835
    """
    files_.may_be_written(out)
    file, state = tracing.original(app.store, digest, app.run())
    screen = screen_origin.original(file, state, out)
    if state == tracing.KEPT:
        files_.kept(out, app.store.original(file.id))
    if out != "-":
        app.show(screen)
    elif screen.code:  # standard output is for the bytes, and there are none
        click.echo("\n".join(screen.lines), err=True)
        app.finish(screen.code)
