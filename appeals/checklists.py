"""Which documents an appeal should carry, by denial category: data in `rulepacks/checklists.toml`, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources

import tomli


def required(category: str) -> tuple[str, ...]:
    """Kinds of document an appeal of this category should carry; none for a category without a row."""
    return _table().get(category, ())


def kinds() -> tuple[str, ...]:
    """Every kind the checklists name, for the command line to offer."""
    return tuple(sorted({kind for row in _table().values() for kind in row}))


@cache
def _table() -> dict[str, tuple[str, ...]]:
    text = resources.files("appeals.rulepacks").joinpath("checklists.toml").read_text("utf-8")
    return {category: tuple(row) for category, row in tomli.loads(text)["required"].items()}
