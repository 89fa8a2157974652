"""The entry point: options every command has, the table of commands, the one error handler. Knows both sides.

Everything heavy (the database, the commands, tables on a terminal) is imported when a command needs it.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from appeals import __version__
from appeals.commands.group import Commands
from appeals.commands.output import said, silenced
from appeals.errors import AppealsError, ImpossibleValue, MissingFact, NotAllowed
from appeals.ids import Ids

if TYPE_CHECKING:
    from appeals.model import Practice
    from appeals.record import Run
    from appeals.scheduling import Installation
    from appeals.screens import Look, Screen
    from db.store import SqlStore

COMPLETING = "_APPEALS_COMPLETE"  # set by the shell's completion, with what it asks for


@dataclass
class App:
    """What every command shares: the store, the clock, the actor, the way to show results."""

    practice: str = ""
    db: str = ""
    as_of: date | None = None
    json: bool = False
    dry_run: bool = False
    request_id: str = ""
    if_version: int | None = None
    as_name: str = ""
    acting_for: str = ""
    purpose: str = ""
    writing: bool = False
    zone_name: str = ""
    zone_asked: bool = False
    code: int = 0
    ids: Ids = field(default_factory=lambda: Ids(clock=lambda: datetime.now(UTC)))

    @cached_property
    def config(self) -> dict[str, Any]:
        from db.account import configuration

        return configuration()

    @cached_property
    def path(self) -> str:
        """Where the database is: `--db`, APPEALS_DB, config.toml, else the platform's data folder."""
        chosen = self.db or os.environ.get("APPEALS_DB") or self.config.get("db")
        if chosen:
            return str(Path(chosen).expanduser())
        from platformdirs import user_data_path

        return str(user_data_path("appeals", appauthor=False) / "appeals.db")

    @cached_property
    def store(self) -> SqlStore:
        from db.store import SqlStore  # SQLAlchemy costs 200 ms; --help and usage errors must not pay it

        return SqlStore(self.path, self.practice)

    @cached_property
    def today(self) -> date:
        """Today in the practice's zone. A sandbox has a day of its own: that of its last event, moved on by `--as-of`."""
        practice = self.store.practice
        if practice.sandbox:
            return max(filter(None, (self.as_of, self.store.last_on(), practice.created_on)))
        return datetime.now(UTC).astimezone(ZoneInfo(practice.zone)).date()

    @property
    def day(self) -> date:
        return self.as_of or self.today

    @property
    def zone(self) -> str:
        """The time zone of typed times: `--zone`, else the practice's.

        Raises:
            MissingFact: the command could be given one, and neither it nor a database says.
        """
        if self.zone_asked and not self.zone_or_none:
            raise MissingFact("A time of day is a time of some zone, and nothing says which.", "Give `--zone America/New_York`.")
        return self.zone_name or self.store.practice.zone

    @property
    def zone_or_none(self) -> str:
        return self.zone_name or (self.store.practice.zone if self.database_exists else "")

    @property
    def database_exists(self) -> bool:
        return Path(self.path).exists()

    @property
    def day_anywhere(self) -> date:
        return self.day if self.database_exists else self.as_of or datetime.now(UTC).date()

    @property
    def look(self) -> Look:
        from appeals.screens import Look

        tty = sys.stdout.isatty() and not self.json
        return Look(tty=tty, width=shutil.get_terminal_size((100, 40)).columns, colour=tty and "NO_COLOR" not in os.environ)

    def run(self) -> Run:
        """Who runs this command, when and as which day.

        Raises:
            NotAllowed: `--as-of` on a write, or `--as`, outside a sandbox.
            ImpossibleValue: a sandbox may not go back before its last event.
        """
        practice, today = self.store.practice, self.today
        self._only_in_a_sandbox(practice.sandbox, today)
        if practice.sandbox and self.writing and self.as_of and self.as_of < today:
            raise ImpossibleValue(
                f"The sandbox is at {today} already; --as-of {self.as_of} would go back.",
                "Give a later day; `init --sandbox --as-of DAY` begins one in the past.",
            )
        return self._run(practice, today)

    def _only_in_a_sandbox(self, sandbox: bool, today: date) -> None:
        if not sandbox and self.writing and self.as_of not in (None, today):
            raise NotAllowed("--as-of on a command that writes works in a sandbox only.", "Give the date of the fact with its own option.")
        if not sandbox and self.as_name:
            raise NotAllowed("--as works in a sandbox only.", "The account that runs the command is the actor.")

    def _run(self, practice: Practice, on: date) -> Run:
        from appeals.record import Run
        from db.account import actor

        return Run(
            practice=practice,
            recorded_at=datetime.now(UTC),
            on=on,
            actor=self.as_name or actor(self.config.get("service_account", "")),
            acting_for=self.acting_for,
            purpose=self.purpose,
            request_id=self.request_id or self.ids.new_id(),
            if_version=self.if_version,
            dry_run=self.dry_run,
            new_id=self.ids.new_id,
            new_nonce=self.ids.new_nonce,
        )

    def found(self, *, name: str, state: str, zone: str, person: str, sandbox: bool, another: bool) -> Practice:
        """Make the database, or with `another` add a practice to one, and write the practice's first event.

        Raises:
            BadConfiguration: no such time zone or state. CannotWrite: a database is there already, or cannot be.
        """
        from appeals.services.setup import founding, new_practice
        from db.founding import add_practice
        from db.opening import create_database

        practice = new_practice(self.ids.new_id(), name, state, zone, sandbox=sandbox, now=datetime.now(UTC), on=self.as_of)
        self._only_in_a_sandbox(sandbox, practice.created_on)
        if not self.dry_run:
            if not another:
                create_database(self.path)
            add_practice(
                self.path, practice, log_id=self.ids.new_id(), first_change=founding(self._run(practice, practice.created_on), name=person)
            )
            self.practice = practice.id
        return practice if self.dry_run else self.store.practice

    @property
    def installed(self) -> Installation:
        from db.installed import installation

        return installation(self.path, self.config.get("service_account", ""), self.practice)

    def upgrade(self) -> tuple[int, int, Path | None]:
        """Bring the database up to this program: schema before, after, and where the copy lies."""
        from db.upgrade import upgrade

        return upgrade(self.path)

    def show(self, screen: Screen) -> None:
        """Print the screen: JSON, or lines; a sandbox says so on every one. Codes and cents never depend on which."""
        self.code = self.code or screen.code
        practice = self.store.practice if self.has_practice else None
        if self.json:
            from appeals.show import json_envelope

            day = screen.day or (self.day if practice else datetime.now(UTC).date())
            name, sandbox = (practice.name, practice.sandbox) if practice else (screen.practice, False)
            said(json_envelope(screen.command, day, name, sandbox, screen.data, screen.warnings))
            return
        if practice is not None and practice.sandbox:
            said(f"SANDBOX {self.day}")
        for line in screen.lines:
            said(line)

    @property
    def has_practice(self) -> bool:
        """Whether the command opened a database."""
        return "store" in self.__dict__

    def finish(self, code: int) -> None:
        self.code = code

    def repeatable(self, seed: str) -> Callable[[Sequence[str]], int]:
        ids = Ids(clock=lambda: datetime.now(UTC), seed=seed)
        return lambda arguments: run_command(arguments, ids=ids)

    def close(self) -> None:
        """Let go of the database, if the command opened one."""
        if self.has_practice:
            self.store.close()


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="appeals %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Track insurance denial appeals: what is due, why, and what was done.

    `appeals` alone prints today's work. `appeals COMMAND --help` shows an example of each.
    """
    if ctx.invoked_subcommand is None and (today := ctx.command.get_command(ctx, "today")):  # type: ignore[attr-defined]  # it is a group
        ctx.invoke(today)


def run_command(arguments: Sequence[str], *, ids: Ids | None = None) -> int:
    """Run one command line and give its exit code; every expected error is told on stderr."""
    app = App() if ids is None else App(ids=ids)
    if COMPLETING in os.environ:
        from appeals.commands.completion import register

        register(os.environ.get("COMP_WORDS", ""))
    try:
        cli.main(list(arguments), prog_name="appeals", standalone_mode=False, obj=app)
        return app.code
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.UsageError as error:
        error.show()
        return 2
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except AppealsError as error:
        return _tell(error, as_json=app.json or "--json" in arguments)
    except (BrokenPipeError, SystemExit):  # click turns the first into the second
        # The reader of our output went away (`queue | head`): nothing is wrong, and nobody is there to be told.
        silenced()
        return 0
    except Exception as error:
        _bug(error)
        return 1
    finally:
        app.close()


def _tell(error: AppealsError, *, as_json: bool) -> int:
    if as_json:
        from appeals.show import json_error

        click.echo(json_error(error), err=True)
    else:
        click.echo("\n".join(filter(None, (f"Error: {error.message}", error.hint))), err=True)
    return error.exit_code


def _bug(error: Exception) -> None:
    from appeals.show import bug

    click.echo("\n".join(bug(error)), err=True)


def main() -> None:
    """The console script."""
    os.umask(0o077)
    # A command lives for a fraction of a second: collecting garbage costs more than it frees. Bulk commands turn it on.
    gc.disable()
    gc.freeze()
    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
