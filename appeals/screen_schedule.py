"""What is printed of calendar feeds and of the schedule of the daily run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from appeals import feeds, show
from appeals.scheduling import SYSTEMD, units
from appeals.screens import Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.feeds import Feed
    from appeals.scheduling import File, Job
    from appeals.services.calendars import Calendars


def calendars(found: Calendars, out: str, *, dry_run: bool) -> Screen:
    """Which feeds were written, and how many entries each has."""
    data = {"folder": out, "feeds": [_feed(feed) for feed in found.feeds], "without_file": list(found.nameless), "dry_run": dry_run}
    return Screen(command="calendar", data=data, lines=_feeds(found, out, dry_run=dry_run)).warned(
        [f"{show.text(each)}: no feed of its own (its name is none for a file, or another's); see everybody.ics" for each in found.nameless]
    )


def schedule(job: Job, way: str, made: Sequence[File], places: Sequence[str]) -> Screen:
    """The files that start the daily run; the files alone where they were printed, so that they can be piped on."""
    told = [{"name": each.name, "text": each.text} for each in made]
    at = f"{job.hour:02}:{job.minute:02}"
    data = {"way": way, "at": at, "zone": job.zone, "account": job.installation.account, "files": told, "written": list(places)}
    lines = _installed(way, places, made) if places else _printed(made)
    return Screen(command="remind install", data=data, lines=lines)


def _printed(made: Sequence[File]) -> Iterator[str]:
    for at, each in enumerate(made):
        if len(made) > 1:
            yield f"{chr(10) if at else ''}# {each.name}"
        yield each.text.removesuffix("\n")


def _installed(way: str, places: Sequence[str], made: Sequence[File]) -> Iterator[str]:
    yield from (f"{show.text(place)} written" for place in places)
    if way == SYSTEMD:
        yield f"next: systemctl daemon-reload && systemctl enable --now {' '.join(units(made))}"


def _feed(feed: Feed) -> dict[str, Any]:
    gone = sum(entry.gone for entry in feed.entries)
    return {"account": feed.account, "file": feeds.file_name(feed.account), "entries": len(feed.entries) - gone, "cancelled": gone}


def _feeds(found: Calendars, out: str, *, dry_run: bool) -> Iterator[str]:
    for feed in found.feeds:
        row = _feed(feed)
        cancelled = f", {row['cancelled']} cancelled" if row["cancelled"] else ""
        yield f"{row['file']}: {show.count(row['entries'], 'entry', 'entries')}{cancelled}"
    told = "would be written" if dry_run else "written"
    yield f"{show.count(len(found.feeds), 'feed')} {told} to {show.text(out)}{'  [dry run: nothing was written]' if dry_run else ''}"
