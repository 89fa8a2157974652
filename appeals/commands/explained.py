"""How a command explains itself: an example to copy, its arguments, its own options apart from everybody's, its words."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Iterator

import click

from appeals.commands.acceptable import refuse_unacceptable
from appeals.commands.meanings import ARGUMENTS, SAY_IT_THEMSELVES, WORDS, Meanings

EXAMPLE = "Example: "
SHARED = frozenset({
    "--as", "--practice", "--db", "--as-of", "--json", "--request-id", "--if-version", "--dry-run", "--help",
})  # fmt: skip


class Explained(click.Command):
    """A command whose `--help` leaves nothing to guess, and that takes no word nobody could keep."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            given, _, order = self.make_parser(ctx).parse_args(args=list(args))
            refuse_unacceptable(given, order, self.get_params(ctx))
        return super().parse_args(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click gives it
        _told(self.help or "", formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        takes = self.get_params(ctx)
        shown = [(each, row) for each in takes if not _is_argument(each) and (row := each.get_help_record(ctx)) is not None]
        arguments = [(each.make_metavar(ctx), argument_meaning(path_of(ctx), each)) for each in takes if _is_argument(each)]
        for heading, rows in (
            ("Arguments", arguments),
            ("Options", [row for each, row in shown if not SHARED & {*each.opts}]),
            ("Shared options", [row for each, row in shown if SHARED & {*each.opts}]),
        ):
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)
        for heading, meanings in sections(self, ctx):
            with formatter.section(heading):
                formatter.write_dl(list(meanings.items()))


class Group(click.Group):
    """A command with commands of its own."""

    command_class = Explained

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click gives it
        _told(self.help or "", formatter)


class WithItsOwn(Group):
    """A command that does something itself and has others below it: what names none of them is for the hidden one, `itself`."""

    itself = ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        begun = args[0] if args else ""
        if begun not in self.commands and begun not in ("-h", "--help") and not (ctx.resilient_parsing and not args):
            args = [self.itself, *args]
        return super().parse_args(ctx, args)


def path_of(ctx: click.Context) -> str:
    """The command as it is typed, without the program's name."""
    return ctx.command_path.removeprefix("appeals ")


def words_of(path: str, parameter: click.Parameter) -> Meanings | None:
    """What the words of an option or argument mean; None where it takes any words, or nobody has said."""
    if not isinstance(parameter.type, click.Choice):
        return None
    name = name_of(parameter)
    return WORDS.get(f"{path} {name}", WORDS.get(name))


def sections(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, Meanings]]:
    """A heading and the words below it, for every closed set of words that do not say themselves what they mean."""
    names: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for parameter in command.params:
        meanings = words_of(path_of(ctx), parameter)
        if meanings is None or not isinstance(parameter.type, click.Choice) or {*parameter.type.choices} <= SAY_IT_THEMSELVES:
            continue
        told = tuple((str(word), meanings[word]) for word in parameter.type.choices if word in meanings)
        names.setdefault(told, []).append(name_of(parameter))
    for told, of in names.items():
        yield f"Words of {' and '.join(of)}", dict(told)


def argument_meaning(path: str, parameter: click.Parameter) -> str:
    """What belongs in the place of an argument."""
    name = name_of(parameter)
    return ARGUMENTS.get(f"{path} {name}", ARGUMENTS.get(name, ""))


def _is_argument(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Argument)


def name_of(parameter: click.Parameter) -> str:
    """An option or argument as the help calls it."""
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.metavar or parameter.human_readable_name


def _told(text: str, formatter: click.HelpFormatter) -> None:
    """The help's own text; the example in lines that can be copied as they stand."""
    for part in inspect.cleandoc(text).split("\n\n"):
        formatter.write_paragraph()
        with formatter.indentation():
            if part.startswith(EXAMPLE):
                formatter.write("".join(f"{' ' * formatter.current_indent}{line}\n" for line in _copyable(part, formatter)))
            else:
                formatter.write_text(" ".join(part.split()))


def _copyable(example: str, formatter: click.HelpFormatter) -> Iterator[str]:
    """The example broken between words only, each line but the last with a backslash."""
    line, room = EXAMPLE.strip(), formatter.width - formatter.current_indent - len(" \\")
    for word in shlex.split(example.removeprefix(EXAMPLE)):
        quoted = shlex.quote(word)
        if len(line) + 1 + len(quoted) > room:
            yield f"{line} \\"
            line = "   "
        line = f"{line} {quoted}"
    yield line
