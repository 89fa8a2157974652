"""CSV files: the mapping a command names, and what a file's columns would be by one."""

from __future__ import annotations

from pathlib import Path

import click

from appeals import screen_tables
from appeals.commands import files
from appeals.commands.app import App, reads
from appeals.commands.explained import Explained
from appeals.commands.types import FILE
from appeals.errors import FileRefused
from appeals.intake import csvclaims, csvmapping, csvpreview
from appeals.intake.csvmapping import PRESETS, CsvMapping
from appeals.intake.formats import Format

LARGEST_MAPPING = 1 << 16


def mapping_of(name: str) -> CsvMapping:
    """The mapping that ships under this name, or that lies in this file. Raises FileRefused, BadConfiguration."""
    if name in PRESETS:
        return csvmapping.preset(name)
    try:
        with files.opened(Path(name)) as stream:
            content = stream.read(LARGEST_MAPPING + 1)
    except FileRefused as error:
        raise FileRefused(f"--mapping {Path(name).name}: {error.message}", f"Name a file, or one of {', '.join(PRESETS)}.") from error
    if len(content) > LARGEST_MAPPING:
        raise FileRefused(f"--mapping {Path(name).name}: this is too large for a mapping.", "Name the mapping, not the export.")
    return csvmapping.read(Path(name).name, content)


def format_by(name: str) -> Format:
    """How a CSV file is read by the mapping of this name."""
    return csvclaims.format_by(mapping_of(name))


@click.command("mapping-template", cls=Explained)
@click.argument("path", type=FILE, metavar="FILE")
@click.option("--mapping", type=FILE, default=PRESETS[0], show_default=True, help="Compare with this mapping: a file, or one that ships.")
@click.option("--out", type=FILE, default="", help="Write a mapping with this file's headers; it must not exist. `-` prints it.")
@reads
@click.pass_obj
def mapping_template(app: App, path: str, mapping: str, out: str) -> None:
    """Which columns of a CSV file a mapping finds, how many cells it can read, and a mapping to correct. No cell is shown.

    Example: appeals intake mapping-template denials.csv --out our-export.toml
    """
    by = mapping_of(mapping)
    files.may_be_written(out or "-")
    try:
        with files.opened(Path(path)) as stream:
            found = csvpreview.looked_at(stream, by)
    except FileRefused as error:
        raise FileRefused(f"{Path(path).name}: {error.message}", error.hint) from error
    if out:
        files.written(out, [csvpreview.template(found, by)])
    if out != "-":
        app.show(screen_tables.previewed(found, by, app.look, out=out))
