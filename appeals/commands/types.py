"""How dates, money, codes and lines are typed on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from appeals import counting, typed
from appeals.errors import AppealsError, ImpossibleValue, MissingFact
from appeals.services.told_lines import LineFacts

T = TypeVar("T")
UNREADABLE = "unreadable"
ROOM = 30  # characters in the first column of the help
CODE = re.compile(r"(?i)(CO|PR|OA|PI|CR)-?([A-Z]?\d{1,3})(?:/([A-Z]{1,2}\d{1,3}))?(?::(.+))?")


class Named(click.ParamType[T]):
    """A type whose complaints say of which option they are."""

    def __call__(self, value: Any, param: click.Parameter | None = None, ctx: click.Context | None = None) -> Any:
        try:
            return super().__call__(value, param, ctx)
        except ImpossibleValue as error:
            name = f"{param.opts[0]}: " if isinstance(param, click.Option) else ""
            raise ImpossibleValue(f"{name}{error.message}", error.hint, error.possible) from error


class Day(Named[date]):
    """ISO, US m/d/yyyy, `today`, `yesterday`, `-3d`; the last three need the practice's own day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        relative = not re.search(r"\d[-/]\d", value)
        today = ctx.find_root().obj.today if relative and ctx is not None else date.max
        return typed.day(value, today=today)


class Moment(Day):
    """A day, or a day and a time on the practice's wall clock: `2026-03-06T15:00`. A time that is not one is asked about."""

    name = "day[Thh:mm]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        typed_time = isinstance(value, str) and re.fullmatch(r"\s*(\S+)[T ](\d{1,2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)\s*", value)
        if not typed_time:
            return super().convert(value, param, ctx)
        app = (ctx or click.get_current_context()).find_root().obj
        day = super().convert(typed_time[1], param, ctx)
        at = counting.instant(f"{day.isoformat()}T{typed_time[2].rjust(5, '0')}", app.zone)
        return at.astimezone(counting.zone_of(app.zone))


class Received(Moment):
    """When something was received; `unreadable` where a stamp is there and nobody can read it."""

    name = "day|unreadable"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return UNREADABLE if value == UNREADABLE else super().convert(value, param, ctx)


class Cents(Named[int]):
    """US dollars as typed, cents as kept."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return value if isinstance(value, int) else typed.cents(value)


class Code(Named[tuple[str, str, str, int]]):
    """`CO-50`, `CO-16/M76`, `CO-50:1200.00`: group, CARC, RARC and cents."""

    name = "group-carc[/rarc][:amount]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str, str, int]:
        if isinstance(value, tuple):
            return value
        found = CODE.fullmatch(value.strip())
        if found is None:
            raise ImpossibleValue(
                f"{value!r} is not an adjustment code.", "Write group, CARC and, if you like, RARC and amount: CO-16/M76:120.00."
            )
        group, carc, rarc, amount = found.groups()
        return group.upper(), carc.upper(), (rarc or "").upper(), typed.cents(amount) if amount else 0


class Line(Named[LineFacts]):
    """`96365:600.00:600.00:CO-50`: procedure, charge, denied, codes."""

    name = "procedure:charge:denied[:code,code]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> LineFacts:
        if isinstance(value, LineFacts):
            return value
        parts = value.split(":", 3)
        if len(parts) < 3:
            raise ImpossibleValue(
                f"{value!r} is not a line.", "Write procedure:charge:denied[:codes], for example 96365:600.00:600.00:CO-50."
            )
        denied, charge = typed.cents(parts[2]), typed.cents(parts[1])
        if denied > charge:
            raise ImpossibleValue("The line denies more than it charges.", "Write procedure:charge:denied[:codes].")
        codes = [CODES.convert(code, param, ctx) for code in parts[3].split(",")] if len(parts) > 3 else []
        return LineFacts(
            position=0,
            procedure=parts[0].strip(),
            charge_cents=charge,
            denied_cents=denied,
            adjustments=tuple((g, c, r, cents or denied) for g, c, r, cents in codes),
        )


class OfLine(Named[tuple[int, int | None]]):
    """`2` or `2:400`: a line of the case by its position, with all it has in dispute or with an amount of it."""

    name = "line[:amount]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int | None]:
        if isinstance(value, tuple):
            return value
        position, _, amount = value.partition(":")
        if not position.strip().isdigit():
            raise ImpossibleValue(f"{value!r} is no line of the case.", "Write its position, and an amount if not all: 2 or 2:400.00.")
        return int(position), typed.cents(amount) if amount else None


class Word(click.Choice[str]):
    """One of a few words, as people type them: any case, hyphens or underscores, American or British spelling."""

    def normalize_choice(self, choice: Any, ctx: click.Context | None) -> str:
        return str(choice).strip().casefold().replace("-", "_").replace(" ", "_").replace("z", "s")

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """The words themselves where they are few; where they are many the help lists them below, each with its meaning."""
        words = "|".join(word for word in self.choices if word)
        return f"[{words}]" if len(words) <= ROOM else "WORD"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        begun = self.normalize_choice(incomplete, ctx)
        return [CompletionItem(word) for word in self.choices if word and self.normalize_choice(word, ctx).startswith(begun)]

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        return f"{value!r} is not one of {', '.join(word for word in self.choices if word)}."


class Text(click.ParamType[str]):
    """Words without the blanks around them. `needed`: blank is refused, as not given."""

    name = "text"

    def __init__(self, *, needed: bool = False) -> None:
        self.needed = needed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words = typed.words(str(value))
        if self.needed and not words:
            what = param.opts[0] if isinstance(param, click.Option) else param.human_readable_name if param else self.name
            raise MissingFact(f"{what} is blank.", "It is kept in the trail, so it must say something.")
        return words


class File(click.ParamType[str]):
    """A file's name as it is typed; the shell completes names of files."""

    name = "file"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(incomplete, type="file")]


class Known(Text):
    """Text that the shell can complete from what the office has; anything may be typed. No patient is ever offered."""

    def __init__(self, name: str, offered: Callable[[Any, str], Iterable[tuple[str, str]]], *, needed: bool = False) -> None:
        super().__init__(needed=needed)
        self.name, self.offered = name, offered

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        app = ctx.find_root().obj
        try:
            found = list(self.offered(app, incomplete)) if app.database_exists else []
        except AppealsError:  # a key was pressed: whoever runs the command is told what is wrong
            return []
        return [CompletionItem(value, help=text) for value, text in found]


def _cases(app: Any, typed_so_far: str) -> Iterator[tuple[str, str]]:
    wanted = typed_so_far.strip().upper()
    for row in app.store.case_rows():
        number = row.case.number
        if number.startswith(wanted) or number.removeprefix("A-").lstrip("0").startswith(wanted):
            yield number, f"{row.case.state}, {row.payer_name}"


def _payers(app: Any, typed_so_far: str) -> Iterator[tuple[str, str]]:
    return ((each.name, "") for each in app.store.payers() if each.name.casefold().startswith(typed_so_far.casefold()))


def _accounts(app: Any, typed_so_far: str) -> Iterator[tuple[str, str]]:
    return ((each.account, each.name) for each in app.store.people() if each.account.startswith(typed_so_far))


CASE, PAYER, ACCOUNT = Known("case", _cases), Known("payer", _payers), Known("account", _accounts)
DAY, CENTS, CODES, LINE, MOMENT, RECEIPT, OF_LINE = Day(), Cents(), Code(), Line(), Moment(), Received(), OfLine()
FILE, TEXT, NEEDED, NEEDED_ACCOUNT = File(), Text(), Text(needed=True), Known("account", _accounts, needed=True)
YES_NO = Word(("yes", "no", "unknown"))
