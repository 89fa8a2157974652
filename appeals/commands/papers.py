"""Calls and papers: what was said, and what was kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from appeals import checklists, screen_papers, screens, typed
from appeals import statement as statements_
from appeals.commands import files
from appeals.commands.app import App, looks, reads, writes
from appeals.commands.explained import Explained, Group
from appeals.commands.steps import told
from appeals.commands.types import CASE, DAY, FILE, Word
from appeals.packtables import TRACKS
from appeals.record import LARGEST_DOCUMENT
from appeals.services import contacts, documents, enclosing, statements


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.option("--date", "dated", type=DAY, help="Day of the call (default: today).")
@click.option("--number", help="Telephone number that was called.")
@click.option("--person", help="Whom you spoke to.")
@click.option("--reference", help="Number the payer gave the call.")
@click.option("--promised", help="What the payer's side promised.")
@click.option("--next", "next", type=DAY, help="Day to call again: it becomes a clock.")
@writes
@click.pass_obj
def call(app: App, /, ref: str, **facts: Any) -> None:
    """Keep a call: who, what was promised, when to call again.

    Example: appeals call A-12 --person Dana --reference R-881 --promised "decision this week" --next 2026-11-30
    """
    app.show(screens.done("call", contacts.call(app.store, ref, told(facts), app.run())))


@click.group(cls=Group)
def document() -> None:
    """Keep the papers of a case, with the hash of their bytes.

    Example: appeals document add A-12 letter.pdf --kind letter_of_medical_necessity --direction out
    """


@document.command()
@click.argument("ref", metavar="CASE", type=CASE)
@click.argument("file", type=FILE)
@click.option("--kind", type=Word(checklists.kinds()), required=True, help="What kind of paper it is.")
@click.option("--direction", type=Word(("in", "out", "own")), default="own", show_default=True, help="It came in, went out, or is our own.")
@click.option("--date", "dated", type=DAY, help="Date of the paper (default: today).")
@writes
@click.pass_obj
def add(app: App, ref: str, file: str, kind: str, direction: str, dated: Any) -> None:
    """Keep a paper in the database.

    Example: appeals document add A-12 eob.pdf --kind eob --direction in --date 2026-11-04
    """
    content = files.paper(Path(file), LARGEST_DOCUMENT)
    done = documents.add(app.store, ref, content, typed.words(Path(file).name), kind, direction, dated, app.run())
    app.show(screens.done("document add", done))


@document.command("list")
@click.argument("ref", metavar="CASE", type=CASE)
@reads
@click.pass_obj
def listed(app: App, ref: str) -> None:
    """The papers of a case, without their names.

    Example: appeals document list A-12
    """
    app.show(screen_papers.listed(*documents.of_case(app.store, ref, app.day), app.look))


@document.command()
@click.argument("ref", metavar="CASE", type=CASE)
@click.argument("digest", metavar="DOCUMENT")
@click.option("--out", type=FILE, required=True, help="File to write; it must not exist. `-` is standard output.")
@looks
@click.pass_obj
def get(app: App, ref: str, digest: str, out: str) -> None:
    """Write a paper to a file, after a read event. DOCUMENT is its SHA-256, the beginning of it, or its kind if there is one.

    Example: appeals document get A-12 9f2c --out letter.pdf
    """
    files.may_be_written(out)
    paper, content = documents.get(app.store, ref, digest, app.run(), day=app.day)
    files.kept(out, [content])
    if out != "-":
        app.show(screen_papers.written(paper, out))


@document.command()
@click.argument("ref", metavar="CASE", type=CASE)
@reads
@click.pass_obj
def verify(app: App, ref: str) -> None:
    """Hash every paper of a case again.

    Example: appeals document verify A-12
    """
    app.show(screen_papers.verified(*documents.verify(app.store, ref, app.day)))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.option("--out", required=True, help="File to write; it must not exist. `-` is standard output.")
@looks
@click.pass_obj
def statement(app: App, ref: str, out: str) -> None:
    """Write an itemised statement for the patient's HSA or FSA, after a read event.

    Example: appeals statement A-12 --out statement.txt
    """
    files.may_be_written(out)
    made = statements.make(app.store, ref, app.run(), day=app.day)
    files.written(out, (f"{line}\n" for line in statements_.text(made, app.store.practice, app.day)))
    if out != "-":
        app.show(screen_papers.stated(made, out))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.option("--track", type=Word(TRACKS), default=None, help="Of an appeal on this track (default: the level the case stands on).")
@reads
@click.pass_obj
def checklist(app: App, ref: str, track: str | None) -> None:
    """What the next appeal should carry: what is on file, what is missing, what each is.

    Example: appeals checklist A-12 --track external_review
    """
    app.show(screen_papers.checklist(enclosing.checklist(app.store, ref, track or "", app.day), app.look))
