"""The audit trail: its head, one patient's export, and verification of an export or of the whole log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from appeals import heads, trailcheck
from appeals import screen_trail as screens
from appeals.commands import files
from appeals.commands.app import App, looks, reads
from appeals.commands.explained import Explained, Group
from appeals.commands.types import CASE, DAY, FILE, TEXT, Word
from appeals.errors import FileRefused, ImpossibleValue
from appeals.services import disclosures as accounting
from appeals.services import trails, verifying

LARGEST_MAILBOX = 64 << 20  # bytes


@click.group(cls=Group)
def audit() -> None:
    """Export a patient's trail; verify a trail.

    Example: appeals audit export --patient M-100 --out trail.jsonl
    """


@audit.command(cls=Explained)
@reads
@click.pass_obj
def head(app: App) -> None:
    """The log's head in one line: log id, size, root, time. Kept by somebody else, it finds what is changed later.

    Example: appeals audit head
    """
    app.show(screens.head(app.store.head()))


@audit.command(cls=Explained)
@click.option("--patient", default="", help="The patient's id, record number, member id or name.")
@click.option("--case", type=CASE, default="", help="Only this case; its patient need not be named.")
@click.option("--from", "first", type=DAY, help="Only entries of this day and later.")
@click.option("--to", "last", type=DAY, help="Only entries of this day and earlier.")
@click.option("--format", "form", type=Word(trails.FORMS), default="jsonl", show_default=True, help="Which sort of copy.")
@click.option("--redact", is_flag=True, help="Only what is needed to follow the cases: no names, numbers of payers, or words typed.")
@click.option("--recipient", type=TEXT, default="", help="Who is given the copy; kept in the trail.")
@click.option("--since", help="A head line kept outside (or a file with it): the copy proves that the log has only grown since.")
@click.option("--with-verifier", is_flag=True, help="Write a stand-alone verifier beside the file.")
@click.option("--out", type=FILE, required=True, help="File to write; it must not exist. `-` is standard output.")
@looks
@click.pass_obj
def export(
    app: App,
    patient: str,
    case: str,
    first: date | None,
    last: date | None,
    form: str,
    redact: bool,
    recipient: str,
    since: str | None,
    with_verifier: bool,
    out: str,
) -> None:
    """Write one patient's trail with proofs. The export is itself an event, written before the file.

    Example: appeals audit export --patient M-100 --out trail.jsonl --purpose "patient's request" --with-verifier

    Example: appeals audit export --case 12 --format html --redact --out case.html --recipient auditor --purpose audit
    """
    files.may_be_written(out)
    for given, option in ((with_verifier, "--with-verifier"), (since, "--since")):
        if given and form != "jsonl":
            raise ImpossibleValue(f"{option} is for a copy that can be verified, and this is {form}.", "Use --format jsonl.")
    verifier = files.beside(out, trails.VERIFIER, trails.verifier()) if with_verifier else ""
    about = trails.Asked(patient=patient, case=case, first=first, last=last, recipient=recipient)
    asked = replace(about, form=form, redacted=redact, since=_kept(since).heads)
    exported = trails.export(app.store, asked, app.run(), write=lambda lines: files.written(out, lines), whole=out != "-")
    if verifier and not Path(verifier).exists():
        files.written(verifier, (trails.verifier(),))
    if out != "-":
        app.show(screens.exported(exported, out, verifier))


@audit.command(cls=Explained)
@click.option("--patient", required=True, help="The patient's id, record number, member id or name.")
@click.option("--from", "first", type=DAY, help="Only of this day and later.")
@click.option("--to", "last", type=DAY, help="Only of this day and earlier.")
@click.option("--looks", "every", is_flag=True, help="Also who looked at the patient's data in the office.")
@looks
@click.pass_obj
def disclosures(app: App, patient: str, first: date | None, last: date | None, every: bool) -> None:
    """What was given out about a patient: when, by whom, to whom, what for. Writes a read event first.

    Example: appeals audit disclosures --patient M-100 --from 2026-01-01
    """
    found = accounting.disclosures(app.store, patient, app.run(), first=first, last=last, looks=every)
    app.show(screens.disclosures(found, app.look))


@audit.command(cls=Explained)
@click.argument("file", type=FILE, required=False)
@click.option("--against", help="What was kept outside: a head line, or a file with such lines (a text, an export, an e-mail, an mbox).")
@reads
@click.pass_obj
def verify(app: App, file: str | None, against: str | None) -> None:
    """Verify the whole log of the database, or an exported FILE (no database needed). It never repairs.

    Example: appeals audit verify --against digests.mbox
    """
    kept = _kept(against)
    if file is None:
        app.show(screens.verified_log(verifying.verify_log(app.store, kept)))
        return
    with files.opened(Path(file)) as stream:
        app.show(screens.verified_file(trailcheck.verify(trailcheck.read(stream), kept.heads)))


def _kept(words: str | None) -> heads.Kept:
    """What somebody kept outside: in a file where there is one of this name, else the line itself."""
    if words is None:
        return heads.Kept()
    if not words.strip():
        raise ImpossibleValue("What was kept outside is blank, so nothing could be compared.", heads.PRINT_ONE)
    if len(words.split()) > 1 and not files.is_there(words):
        return heads.Kept(heads=(heads.typed(words),))
    raw = files.paper(Path(words), LARGEST_MAILBOX)
    if len(raw) > LARGEST_MAILBOX:
        raise FileRefused(f"It is larger than {LARGEST_MAILBOX >> 20} MiB.", "Give the newest messages of it, or one head line.")
    return trailcheck.kept(raw)
