"""The rules: looking at them, checking a pack, and a practice's own contract terms."""

from __future__ import annotations

from pathlib import Path

import click

from appeals import screen_rules as screens
from appeals.commands import files
from appeals.commands.app import App, reads, writes
from appeals.commands.explained import Group
from appeals.commands.types import FILE, Word
from appeals.law import SAMPLES, sample_text
from appeals.model import PROGRAMMES
from appeals.services import rulebook, rulelook

LARGEST_PACK = 1 << 20


@click.group(cls=Group)
def rules() -> None:
    """Look at the rules, check a pack, load a payer's contract, see whom a change would move.

    Example: appeals rules list --programme medicare_advantage
    """


@rules.command("list")
@click.option("--programme", type=Word(PROGRAMMES), help="Only what this kind of plan runs on.")
@click.option("--pack", default="", help="Only this pack.")
@click.option("--unverified", is_flag=True, help="Only rules whose words nobody has read.")
@reads
@click.pass_obj
def list_rules(app: App, programme: str | None, pack: str, unverified: bool) -> None:
    """Every rule: what must be done, by whom, how long, and where it says so.

    Example: appeals rules list --unverified
    """
    own = app.store.rule_packs() if app.database_exists else ()
    app.show(screens.listed(rulelook.listed(own, programme=programme or "", pack=pack, unverified=unverified), app.look))


@rules.command("show")
@click.argument("rule")
@reads
@click.pass_obj
def show_rule(app: App, rule: str) -> None:
    """One rule, whole: its versions, its words, its source; or a provision that is no clock, and why.

    Example: appeals rules show ACA-X-FILE
    """
    own = app.store.rule_packs() if app.database_exists else ()
    app.show(screens.shown(rulelook.one(own, rule.upper())))


@rules.command()
@click.argument("paths", type=FILE, nargs=-1, metavar="[FILE...]")
@reads
@click.pass_obj
def check(app: App, paths: tuple[str, ...]) -> None:
    """Everything wrong with a rule pack, with file, rule and key; without FILE the packs that ship. Exit 3 with findings.

    Example: appeals rules check our-contract.toml
    """
    app.show(screens.checked(rulebook.checked([(Path(path).name, _content(path)) for path in paths]), len(paths)))


@rules.command()
@click.argument("path", type=FILE, metavar="FILE")
@writes
@click.pass_obj
def load(app: App, path: str) -> None:
    """Load a payer's contract, or targets of your own, into the database. Open cases stay as they are until `rules apply`.

    Example: appeals rules load our-contract.toml
    """
    app.show(screens.loaded(rulebook.load(app.store, Path(path).name, _content(path), app.run())))


@rules.command()
@click.argument("path", type=FILE, metavar="FILE")
@reads
@click.pass_obj
def preview(app: App, path: str) -> None:
    """Which open cases a pack would move, become late or overdue, and the money; nothing is written.

    Example: appeals rules preview our-contract.toml
    """
    app.show(screens.moves("rules preview", rulebook.preview(app.store, Path(path).name, _content(path), app.run()), app.look))


@rules.command("apply")
@writes
@click.pass_obj
def apply_rules(app: App) -> None:
    """Count every open case anew by the rules that hold now; one entry a case that moves.

    Example: appeals rules apply --dry-run
    """
    app.show(screens.moves("rules apply", rulebook.apply(app.store, app.run()), app.look, dry_run=app.dry_run))


@rules.command()
@reads
@click.pass_obj
def sources(app: App) -> None:
    """What was last checked when, oldest first.

    Example: appeals rules sources
    """
    own = app.store.rule_packs() if app.database_exists else ()
    app.show(screens.sources(rulelook.sources(own), app.look))


@rules.command()
@click.argument("name", type=Word(SAMPLES))
@click.option("--out", type=FILE, default="-", show_default=True, help="File to write; it must not exist. `-` is standard output.")
@reads
@click.pass_obj
def sample(app: App, name: str, out: str) -> None:
    """Write a sample contract to copy and correct: what a payer publishes, or an empty form (`template`).

    Example: appeals rules sample template --out our-contract.toml
    """
    text = sample_text(name)
    files.may_be_written(out)
    files.written(out, [text])
    if out != "-":
        app.show(screens.sampled(name, out))


def _content(path: str) -> bytes:
    with files.opened(Path(path)) as stream:
        return stream.read(LARGEST_PACK)
