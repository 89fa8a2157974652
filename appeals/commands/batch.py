"""Many steps from a CSV file: the columns are the options of the steps."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from appeals import screen_office, typed
from appeals.commands import STEP_HELP, files
from appeals.commands.app import App, writes
from appeals.commands.explained import Explained
from appeals.commands.step_options import TABLE, all_of
from appeals.commands.steps import told
from appeals.commands.types import FILE, Word
from appeals.errors import AppealsError, FileRefused, MissingFact
from appeals.services import batch as batches
from appeals.services.batch import Row

LARGEST = 10 << 20
AGAIN = ";"  # between several values of one repeatable option
COLUMNS = ("case", "step")
BY_FILE = tuple(name for name in STEP_HELP if name in TABLE)
YES, NO = ("yes", "true", "1", "x"), ("no", "false", "0")


@click.command(cls=Explained)
@click.argument("file", metavar="FILE.csv", type=FILE, default="")
@click.option("--each", is_flag=True, help="Take each row by itself; without it all are taken, or none.")
@click.option(
    "--template",
    metavar="STEP",
    type=Word(BY_FILE),
    help="Print the first line of a file for this step, with every column it can have (`> FILE.csv` keeps it); take nothing.",
)
@writes
@click.pass_obj
def batch(app: App, file: str, each: bool, template: str | None) -> None:
    """Take many steps from a CSV file with the columns case, step and the steps' options; `;` parts several values of one.

    A column is an option of the step without its dashes, in any order; columns nobody needs may be left out. What each means:
    `appeals STEP --help`. The columns of a step: `appeals batch --template STEP`.

    Example: appeals batch decisions.csv --dry-run

    Example: appeals batch --template review-eob
    """
    if template is not None:
        if file:
            raise MissingFact("--template takes nothing from a file.", "Leave the file out, or --template.")
        app.show(screen_office.columns((*COLUMNS, *_columns(template))))
        return
    if not file:
        raise MissingFact("batch needs a file.", "`appeals batch --template STEP > FILE.csv` begins one.")
    rows = list(_rows(app, files.paper(Path(file), LARGEST)))
    run = app.run()
    with click.progressbar(rows, file=sys.stderr, label="steps", hidden=not (sys.stderr.isatty() and each)) as shown:
        result = batches.each(app.store, shown, run) if each else batches.all_or_none(app.store, rows, run)
    app.show(screen_office.batch(result, app.look))


def _columns(step: str) -> list[str]:
    """The options of a step as columns."""
    return [parameter.opts[0].removeprefix("--") for parameter in _reader(step).params]


def _reader(step: str) -> click.Command:
    """What reads a step's own options, and no others."""
    # Without `--help`, which would be printed instead of a row: a column of that name is no option of a step.
    return click.command(step, cls=Explained, add_help_option=False)(all_of(TABLE[step][2])(lambda **given: given))


def _rows(app: App, content: bytes) -> Iterator[Row]:
    """The rows of the file, each with its options read as on the command line.

    Raises:
        FileRefused: it is no such file.
    """
    if len(content) > LARGEST:
        raise FileRefused(f"The file is larger than {LARGEST >> 20} MB.", "Split it.")
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        names = [name.strip().casefold().replace("_", "-") for name in next(reader, [])]
        named = [name for name in names if name]
        missing = [name for name in COLUMNS if name not in named]
        if missing or len(set(named)) != len(named):
            raise FileRefused(f"Line 1 has no column {missing[0]!r}." if missing else "Line 1 names a column twice.", "Name each once.")
        for record in reader:
            cells = [typed.words(cell.replace("\r\n", "\n")) for cell in record]
            if any(cells):
                yield _row(app, reader.line_num, names, cells)
    except UnicodeDecodeError as error:
        raise FileRefused(f"It is not UTF-8 text (byte {error.start}).", "Save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise FileRefused(f"Line {reader.line_num}: {error}.", "Check the quotes of that line.") from error


def _row(app: App, line: int, names: Sequence[str], record: Sequence[str]) -> Row:
    cells = {name: cell for name, cell in zip(names, record, strict=False) if name and cell}
    unnamed = [place for place, cell in enumerate(record, 1) if cell and not "".join(names[place - 1 : place])]
    ref, step = cells.pop("case", ""), cells.pop("step", "").casefold().replace("_", "-")
    try:
        if any(place > len(names) for place in unnamed):
            raise MissingFact("The line has more cells than the first one names.", "Put quotes around text with a comma in it.")
        if unnamed:
            raise MissingFact(f"Column {unnamed[0]} has a cell here and no name in line 1.", "Name the column, or empty the cell.")
        if not ref or step not in BY_FILE:
            raise MissingFact(f"No case, or no such step {step!r}.", f"Steps: {', '.join(BY_FILE)}.")
        return Row(line=line, ref=ref, step=step, facts=_facts(app, step, cells))
    except AppealsError as error:
        return Row(line=line, ref=ref, step=step, facts={}, wrong=error)


def _facts(app: App, step: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """The cells as the step's own options: read by the same parser as on the command line."""
    reader = _reader(step)
    flags = {option for p in reader.params if isinstance(p, click.Option) and p.is_flag for option in p.opts}
    many = {option for p in reader.params if isinstance(p, click.Option) and p.multiple for option in p.opts}
    words: list[str] = []
    for name, value in cells.items():
        option = f"--{name}"
        if option in flags:
            words += [option] if _flag(name, value) else []
        else:
            parts = [part.strip() for part in value.split(AGAIN)] if option in many else [value]
            words += [word for part in parts if part for word in (option, part)]
    try:
        found: dict[str, Any] = reader.main(words, prog_name=step, standalone_mode=False, obj=app)
    except click.UsageError as error:
        raise MissingFact(error.format_message(), f"`appeals {step} --help` lists its options.") from error
    return told(found)


def _flag(name: str, value: str) -> bool:
    """What a cell says of an option that is given or not. Raises MissingFact where it says neither."""
    word = value.casefold()
    if word not in (*YES, *NO):
        raise MissingFact(f"{name} is neither yes nor no.", f"Write {', '.join(YES)}, or {', '.join(NO)}, or leave it empty.")
    return word in YES
