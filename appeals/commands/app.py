"""What every command shares: the options, and what `cli.py` gives a command to work with. Knows no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from appeals import typed
from appeals.commands.types import DAY, TEXT
from appeals.model import Practice
from appeals.record import Run
from appeals.scheduling import Installation
from appeals.screens import Look, Screen
from appeals.services.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])


class App(Protocol):
    """The one object `cli.py` hands to every command."""

    @property
    def store(self) -> Store:
        """The practice's records, opened when first asked for."""
        ...

    @property
    def day(self) -> date:
        """The day lists are drawn up for: `--as-of`, else today in the practice's zone."""
        ...

    @property
    def zone(self) -> str:
        """The time zone typed times are of: `--zone` where a command has it, else the practice's."""
        ...

    @property
    def zone_or_none(self) -> str:
        """The same where there is one; "" where neither `--zone` nor a database says."""
        ...

    @property
    def database_exists(self) -> bool:
        """Whether there is a database to ask; some commands need none."""
        ...

    @property
    def day_anywhere(self) -> date:
        """`day` where there is a database, else the machine's."""
        ...

    @property
    def config(self) -> Mapping[str, Any]:
        """`config.toml` as this account has it."""
        ...

    @property
    def look(self) -> Look: ...

    def run(self) -> Run:
        """Who runs this command, when, as which day, and where ids come from."""
        ...

    def show(self, screen: Screen) -> None:
        """Print text for people, or the JSON object."""
        ...

    def found(self, *, name: str, state: str, zone: str, person: str, sandbox: bool, another: bool) -> Practice:
        """Make the database and its first practice, or add another."""
        ...

    def upgrade(self) -> tuple[int, int, Path | None]:
        """Bring the database up to this program: schema before and after, and the copy."""
        ...

    @property
    def json(self) -> bool:
        """Whether a program reads the answer: one object, printed when all is done."""
        ...

    @property
    def dry_run(self) -> bool:
        """Whether only to show what would happen."""
        ...

    @property
    def path(self) -> str:
        """Where the database is."""
        ...

    @property
    def installed(self) -> Installation:
        """How the program is installed here, and what it works on."""
        ...

    def repeatable(self, seed: str) -> Callable[[Sequence[str]], int]:
        """What runs further command lines with ids that are the same every time, and gives their exit codes."""
        ...

    def finish(self, code: int) -> None:
        """End with this exit code after everything was printed."""
        ...


def reads(command: Command) -> Command:
    """The options of a command that only reads."""
    for option in (
        click.option("--as", "as_name", help="Act as this person (sandbox only).", expose_value=False, is_eager=True, callback=_remember),
        click.option(
            "--practice", help="Which practice, where the database holds several.", expose_value=False, is_eager=True, callback=_remember
        ),
        click.option(
            "--db",
            help="The database file (else APPEALS_DB, config.toml, the data folder).",
            expose_value=False,
            is_eager=True,
            callback=_remember,
        ),
        click.option("--as-of", type=DAY, help="As of the end of this day.", expose_value=False, is_eager=True, callback=_remember),
        click.option("--json", is_flag=True, help="Print one JSON object.", expose_value=False, is_eager=True, callback=_remember),
    ):
        command = option(command)
    return command


def looks(command: Command) -> Command:
    """The options of a command that shows or hands out a patient's data: those of a reader, and why and for whom."""
    purpose = click.option(
        "--purpose", type=TEXT, help="What it is for; kept in the trail.", expose_value=False, is_eager=True, callback=_remember
    )
    return reads(_for_whom(purpose(command)))


def _for_whom(command: Command) -> Command:
    return click.option(
        "--for",
        "acting_for",
        type=TEXT,
        help="On whose behalf it is done; kept in the trail beside your account.",
        expose_value=False,
        is_eager=True,
        callback=_remember,
    )(command)


def may_write(command: Command) -> Command:
    """The options of a command that may write: those of a reader, and `--dry-run`, `--request-id`."""
    for option in (
        click.option(
            "--request-id",
            help="Same id, same effect once: safe to repeat after a lost answer.",
            expose_value=False,
            is_eager=True,
            callback=_remember,
        ),
        click.option(
            "--if-version",
            type=int,
            help="Only if the case still is at this version (`--json` shows it), else 75.",
            expose_value=False,
            is_eager=True,
            callback=_remember,
        ),
        click.option(
            "--dry-run", is_flag=True, help="Show what would happen; write nothing.", expose_value=False, is_eager=True, callback=_remember
        ),
    ):
        command = option(command)
    return reads(_for_whom(command))


def writes(command: Command) -> Command:
    """The options of a command that writes: outside a sandbox it refuses `--as-of`."""
    return may_write(_writing(command))


def _writing(command: Command) -> Command:
    """Say to the app that this command writes, so that `--as-of` is refused outside a sandbox."""

    @wraps(command)
    def marked(*args: Any, **given: Any) -> Any:
        click.get_current_context().find_root().obj.writing = True
        return command(*args, **given)

    return marked  # type: ignore[return-value]  # the same signature, wrapped


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Keep a shared option on the app. They are eager: a date like `today` is a date of the practice they name."""
    value = typed.words(value) if isinstance(value, str) else value
    if value not in (None, False):
        setattr(context.find_root().obj, str(parameter.name), value)
    return value
