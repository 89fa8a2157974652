"""A bar on the terminal while many files are taken in: files, claims and money. Nothing of it is ever on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from appeals import show

T = TypeVar("T")


class Watch:
    """What was taken in so far, as the bar shows it."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def over(self, sources: Iterable[T]) -> Iterator[T]:
        """The sources, each counted when the next is asked for."""
        for source in sources:
            yield source
            self._bar.update(1, self._bar.current_item)

    def told(self, claims: int, paid_cents: int) -> None:
        """So many claims were decided by now, over all files."""
        self._bar.current_item = (claims, paid_cents)
        self._bar.render_progress()


@contextmanager
def watched(files: int) -> Iterator[Watch]:
    """A bar over so many files, on a terminal; elsewhere nothing."""
    with click.progressbar(length=files, label="files", file=sys.stderr, item_show_func=_said, hidden=not sys.stderr.isatty()) as bar:
        yield Watch(bar)


def _said(so_far: tuple[int, int] | None) -> str:
    return f"{show.count(so_far[0], 'claim')}, {show.money(so_far[1])} paid" if so_far else ""
