"""Taking in many files: each whole or not at all, and one that is refused keeps no other out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import BinaryIO

from appeals.errors import AppealsError, CannotWrite, FileRefused, ImpossibleValue, StorageError
from appeals.intake.archives import Found
from appeals.intake.formats import Format
from appeals.record import Run
from appeals.services.file_read import Progress, unwatched
from appeals.services.store import Store
from appeals.services.take_in import Taken, take_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file of which nothing was taken, and why."""

    name: str
    error: AppealsError


@dataclass(slots=True)
class Intake:
    """What became of every file: taken (or known), refused, or passed over (name, why). `ended` stopped it before the last."""

    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    ended: AppealsError | None = None

    @property
    def files(self) -> int:
        """How many files were met, without those passed over."""
        return len(self.taken) + len(self.refused)


def take_files(
    store: Store,
    found: Iterable[Found],
    run: Callable[[], Run],
    *,
    received: date | None = None,
    format: Format | None = None,
    again: bool = False,
    progress: Progress = unwatched,
) -> Intake:
    """Take in each file by itself, in the order given; `run` gives each a run of its own. `format` is how all are read, if it is said;
    `again` reads those anew that were read before.

    Raises:
        FileRefused: every file was refused; nothing was written.
        StorageError, CannotWrite: where nothing was taken yet; later ones are told in `ended`.
    """
    done, take = Intake(), partial(take_in, store, received=received, format=format, again=again)
    for each in found:
        if each.passed_over:
            done.passed_over.append((each.name, each.passed_over))
            continue
        try:
            done.taken.append(_once(done, take(each.name, _stream(each), run(), progress=_onward(done, progress))))
        except (StorageError, CannotWrite) as error:  # the next would fail likewise
            if not done.taken:
                raise
            done.ended = type(error)(f"{each.name}: {error.message}", error.hint)
            break
        except AppealsError as error:
            done.refused.append(Refused(name=each.name, error=error))
    if not done.taken:
        raise _nothing(done)
    return done


def may_be_received(received: date | None, today: date) -> None:
    """Refuse a day of receipt that has not come: every denial would be left for a person. Raises ImpossibleValue."""
    if received and received > today:
        raise ImpossibleValue(f"Received on {received}: that day has not come yet.", "Check `--received`. Nothing was read.")


def _stream(each: Found) -> BinaryIO:
    if each.stream is None:
        raise each.refused or FileRefused("It holds nothing.", "Name another file.")
    return each.stream


def _once(done: Intake, taken: Taken) -> Taken:
    """In a dry run nothing is remembered, so the same bytes under another name are told apart here."""
    before = taken.dry_run and any(each.sha256 == taken.sha256 for each in done.taken)
    return Taken(name=taken.name, sha256=taken.sha256, already=taken.by, dry_run=True) if before else taken


def _onward(done: Intake, progress: Progress) -> Progress:
    """What the file in hand tells, on top of those before it."""
    sums = [numbers for taken in done.taken for numbers in taken.fates.values()]
    claims, paid = (sum(numbers[at] for numbers in sums) for at in (0, 2))
    return lambda more, cents: progress(claims + more, paid + cents)


def _nothing(done: Intake) -> AppealsError:
    """Why nothing was taken: the one error as it is, or all of them in one."""
    if not done.refused:
        return FileRefused("Here are only hidden files and folders, none to take in.", "Name the files themselves.")
    told = [f"{each.name}: {each.error.message}" for each in done.refused]
    first = done.refused[0].error
    if len(told) == 1:
        return type(first)(told[0], first.hint, first.possible)
    return FileRefused(f"None of {len(told)} files was taken in: {'; '.join(each.rstrip('.') for each in told)}.", first.hint)
