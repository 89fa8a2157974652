"""One command a step: the options each takes, and one service call. The table of steps itself is `workflow.STEPS`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from appeals import codes as codes_
from appeals import screens, typed
from appeals.commands.app import App, writes
from appeals.commands.explained import Explained
from appeals.commands.step_options import TABLE, all_of
from appeals.commands.types import CASE, NEEDED, UNREADABLE
from appeals.services import denials, marks, steps, undo

BY_LINE = {
    "paid": "paid_cents",
    "contractual": "contractual_cents",
    "patient_share": "patient_cents",
    "other_payer_paid": "other_payer_cents",
}


def command(name: str) -> click.Command:
    """The click command of one step."""
    if name == "undo":
        return undo_last
    text, example, options = TABLE[name]

    @click.pass_obj
    def take(app: App, /, ref: str, **facts: Any) -> None:
        app.show(screens.done(name, steps.advance(app.store, ref, name, told(facts), app.run())))

    take.__doc__ = f"{text}\n\nExample: appeals {name} {example}"
    return click.command(name, cls=Explained)(click.argument("ref", metavar="CASE", type=CASE)(writes(all_of(options)(take))))


def told(facts: dict[str, Any]) -> dict[str, Any]:
    """Options as facts: only those given, and blank is not; `code` and `line` under the names the services use.

    A moment becomes its day and its instant.
    """
    read = {name: _read(value) for name, value in facts.items()}
    given = {name: value for name, value in read.items() if value is not None and value is not False and value not in ((), "")}
    codes, lines = given.pop("code", ()), given.pop("line", ())
    if given.get("received") == UNREADABLE:
        given["receipt_unreadable"] = bool(given.pop("received"))
    moments = {name: value for name, value in given.items() if isinstance(value, datetime)}
    given |= {f"{name}_at": value.astimezone(UTC) for name, value in moments.items()} | {n: v.date() for n, v in moments.items()}
    if codes:
        given["codes"] = tuple((g, c, r, cents or (given.get("amount") or 0 if len(codes) == 1 else 0)) for g, c, r, cents in codes)
    if lines:
        given["lines"] = denials.by_line(lines, codes_.load())
        given.setdefault("amount", sum(line.denied_cents for line in given["lines"]))
        for name, column in BY_LINE.items():
            given.setdefault(name, sum(getattr(line, column) for line in given["lines"]))
    return given


def _read(value: Any) -> Any:
    """What was typed, blanks around words taken off; of several words the blank ones too."""
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return tuple(filter(None, map(typed.words, value)))
    return typed.words(value) if isinstance(value, str) else value


@click.command("undo", cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.option("--reason", required=True, type=NEEDED, help="Why; kept in the trail.")
@writes
@click.pass_obj
def undo_last(app: App, ref: str, reason: str) -> None:
    """Take back the last step; nothing is erased.

    Example: appeals undo A-12 --reason "wrong case"
    """
    app.show(screens.done("undo", undo.undo(app.store, ref, reason, app.run())))


@click.command("approve-write-off", cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@writes
@click.pass_obj
def approve_write_off(app: App, ref: str) -> None:
    """Say yes, as the second person, to writing a case off.

    Example: appeals approve-write-off A-12
    """
    app.show(screens.done("approve-write-off", marks.approve_write_off(app.store, ref, app.run())))
