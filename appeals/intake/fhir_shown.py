"""A FHIR resource as lines of JSON that a person can read: what fits stands on one line, numbers as they were written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

WIDE = 110  # characters of a line
LONGEST = 400  # characters of a text; attachments and signatures are longer, and nobody reads them


class Number(str):
    """A number as it is written, told from a text."""

    __slots__ = ()


def lines(value: Any, indent: str = "", name: str = "", end: str = "") -> Iterator[str]:
    """The value in JSON. `name` and `end` are what stands before and behind it."""
    whole = f"{indent}{name}{_text(value)}{end}"
    if len(whole) <= WIDE or not value or not isinstance(value, dict | list):
        yield whole
        return
    inside = [(f"{_text(key)}: ", each) for key, each in value.items()] if isinstance(value, dict) else [("", each) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{name}{opening}"
    for at, (key, each) in enumerate(inside, 1):
        yield from lines(each, f"{indent} ", key, "," if at < len(inside) else "")
    yield f"{indent}{closing}{end}"


def _text(value: Any) -> str:
    """The value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str) and len(value) > LONGEST:
        value = value[:LONGEST] + "\N{HORIZONTAL ELLIPSIS}"
    return json.dumps(value, ensure_ascii=False)
