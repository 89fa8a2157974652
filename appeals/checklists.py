"""Which documents an appeal should carry, by denial category: data in `rulepacks/checklists.toml`, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import tomli


def required(category: str) -> tuple[str, ...]:
    """Kinds of document an appeal of this category should carry; none for a category without a row."""
    return _table().get(category, ())


def kinds() -> tuple[str, ...]:
    """Every kind of paper that is kept, for the command line to offer."""
    return tuple(_tables()["kinds"])


def _table() -> dict[str, tuple[str, ...]]:
    return {category: tuple(row) for category, row in _tables()["required"].items()}


@cache
def _tables() -> dict[str, Any]:
    return tomli.loads(resources.files("appeals.rulepacks").joinpath("checklists.toml").read_text("utf-8"))
