"""What the codes of remittances mean, and the office's own list of them."""

from __future__ import annotations

from pathlib import Path

import click

from appeals import codelook, screen_codes
from appeals import codes as codes_
from appeals.commands import files
from appeals.commands.app import App, reads, writes
from appeals.commands.explained import Group
from appeals.commands.types import FILE
from appeals.errors import FileRefused
from appeals.officetexts import NO_TEXTS
from appeals.services import codebook

LARGEST_LIST = 1 << 22


@click.group(cls=Group)
def codes() -> None:
    """What adjustment, remark, group and status codes mean, in our own words and in your licensed ones.

    Example: appeals codes show CO-50
    """


@codes.command("show")
@click.argument("words", nargs=-1, required=True, metavar="CODE...")
@reads
@click.pass_obj
def show_codes(app: App, words: tuple[str, ...]) -> None:
    """What codes mean, what staff usually do next, and where each text is from. Exit 3 where nothing is known of one.

    Example: appeals codes show CO-50 N115 status 22
    """
    texts = codebook.texts(app.store, app.day) if app.database_exists else NO_TEXTS
    app.show(screen_codes.shown(codelook.explained(words, codes_.load(), texts), codes_.load()))


@codes.command()
@click.argument("path", type=FILE, metavar="FILE")
@writes
@click.pass_obj
def load(app: App, path: str) -> None:
    """Load your own list of descriptions (CSV or TOML: code, description, kind), shown beside ours. It replaces the one before.

    Example: appeals codes load carc-2026.csv
    """
    with files.opened(Path(path)) as stream:
        content = stream.read(LARGEST_LIST + 1)
    if len(content) > LARGEST_LIST:
        raise FileRefused(f"{Path(path).name}: no list of codes is as large as this.", "Name the list alone. Nothing was taken.")
    app.show(screen_codes.loaded(codebook.load(app.store, Path(path).name, content, app.run())))
