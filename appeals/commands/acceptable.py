"""What no command takes, whatever the option: characters nobody can see, more text than anybody reads, one option twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from appeals.errors import ImpossibleValue

# Options that hold sentences: they may have several lines, and be longer than a name or number.
SENTENCES = frozenset({
    "text", "words", "said", "reason", "promised", "override", "good_cause", "what", "purpose", "missing_element", "times_offered",
})  # fmt: skip
LINES = frozenset("\t\n\r")
JOINERS = frozenset("\u200c\u200d")  # Persian and Indic scripts are written with them
LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT = 300, 4_096, 20_000  # characters


def refuse_unacceptable(given: Mapping[str, Any], order: Sequence[click.Parameter], takes: Sequence[click.Parameter]) -> None:
    """Refuse a command line before anything of it is read: so no error repeats what would spoil a terminal or fill it.

    Raises:
        UsageError: an option that takes one value was given twice. ImpossibleValue: a value is no text that can be kept.
    """
    for parameter in takes:
        once = isinstance(parameter, click.Option) and not parameter.multiple and not parameter.is_flag
        if once and order.count(parameter) > 1:
            raise click.UsageError(f"{_called(parameter)} is given twice; give it once.")
        for value in _words(given.get(str(parameter.name))):
            _refuse(parameter, value)


def _refuse(parameter: click.Parameter, value: str) -> None:
    sentence, a_file = parameter.name in SENTENCES, parameter.type.name == "file" or parameter.name == "db"
    longest = LONGEST_TEXT if sentence else LONGEST_PATH if a_file else LONGEST_NAME
    if len(value) > longest:
        raise ImpossibleValue(
            f"{_called(parameter)} has {len(value):,} characters; at most {longest:,} are kept.",
            "Keep the whole paper with `appeals document add`, and a sentence here.",
        )
    place = next((at for at, each in enumerate(value, 1) if not _may_stand(each, lines=sentence)), 0)
    if place:
        code = f"U+{ord(value[place - 1]):04X}"
        raise ImpossibleValue(
            f"{_called(parameter)} has a character nobody can see ({code}, at place {place}).", "Type it anew instead of pasting it."
        )


def _may_stand(character: str, *, lines: bool) -> bool:
    """Control and direction marks may not; a file name's odd bytes may, as they are replaced where it is kept."""
    if character in LINES:
        return lines
    return unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp") or character in JOINERS


def _words(value: Any) -> Iterator[str]:
    """The words typed for one option or argument."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for each in value:
            yield from _words(each)


def _called(parameter: click.Parameter) -> str:
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name
