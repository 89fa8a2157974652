"""Calendar feeds: clocks as RFC 5545 text, one feed an account. It holds nothing of a patient, and nobody's own words.

Its house numbers are data in `rulepacks/feeds.toml`; the days its alarms ring on are the reminders'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import tomli

from appeals import counting, reminders, show
from appeals import fields as f
from appeals.appointments import TELEPHONE
from appeals.model import Clock, ClockStatus, Practice
from appeals.reckoning import clock_time, day_of
from appeals.standing import OURS, latest
from appeals.wording import spoken

if TYPE_CHECKING:  # 140 ms that only the writing of a feed pays
    from icalendar import Alarm, Calendar, Event

EVERYBODY, NOBODY = "everybody", "unowned"
PRODID = "-//appeals//calendar feed//EN"
END = b"END:VCALENDAR\r\n"
Drawn = dict[tuple[str, bool], bytes]
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One clock of one case as a calendar shows it. `gone`: it ended, or the case is somebody else's now."""

    clock: Clock
    number: str
    version: int
    payer: str
    owner: str
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Everything one account's calendar shows. `offsets` are days before the day to work by on which an alarm rings, before closed days."""

    account: str
    practice: Practice
    entries: Sequence[Entry]
    offsets: Sequence[int]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The house numbers of feeds."""

    cancelled_days: int
    alarm_hour: int
    refresh_hours: int


@cache
def numbers() -> Numbers:
    """What `rulepacks/feeds.toml` says."""
    raw = tomli.loads(resources.files("appeals.rulepacks").joinpath("feeds.toml").read_text("utf-8"))
    return f.read(Numbers, {"cancelled_days": f.count, "alarm_hour": f.count, "refresh_hours": f.positive}, raw.get("feeds"))


def file_name(account: str) -> str:
    """What the file of an account is called; "" where its characters are none for a file name on every share."""
    return f"{account}.ics" if SAFE.fullmatch(account) and not account.endswith(".") else ""


def is_ours(begins: bytes, practice: Practice) -> bool:
    """Whether a file that begins like this is a feed of this practice, which a newer one may take the place of."""
    unfolded = begins.replace(b"\r\n ", b"")
    return PRODID.encode() in unfolded and f"@{practice.id}\r\n".encode() in unfolded


def written(feed: Feed, drawn: Drawn | None = None) -> bytes:
    """The feed as a file: the same rows at the same instant give the same bytes.

    `drawn` keeps what was drawn for one feed, for the next: every entry of an owner's is in everybody's too.
    """
    from icalendar import Calendar  # noqa: PLC0415 - as above

    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("uid", f"{feed.account}@{feed.practice.id}")
    _named(calendar, feed)
    again = timedelta(hours=numbers().refresh_hours)
    calendar.add("refresh-interval", again, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{numbers().refresh_hours}H")
    drawn = {} if drawn is None else drawn
    events = []
    for entry in sorted(feed.entries, key=lambda each: (each.clock.work_by, each.number, each.clock.id)):
        key = (entry.clock.id, entry.gone)
        if key not in drawn:
            drawn[key] = _event(feed, entry).to_ical()
        events.append(drawn[key])
    return b"".join((calendar.to_ical().removesuffix(END), *events, END))


def _named(calendar: Calendar, feed: Feed) -> None:
    from icalendar import vText  # noqa: PLC0415 - as above

    sandbox = "SANDBOX " if feed.practice.sandbox else ""
    name = f"{sandbox}Appeals: {show.text(feed.account)} ({show.text(feed.practice.name)})"
    for key in ("name", "x-wr-calname"):
        calendar.add(key, vText(name))  # of a property it has no type for the library escapes nothing


def _event(feed: Feed, entry: Entry) -> Event:
    from icalendar import Event  # noqa: PLC0415 - as above

    clock, event = entry.clock, Event()
    event.add("uid", f"{clock.id}@{feed.practice.id}")
    # Nothing writes a clock but an entry of its case, and each entry of a case is a new version of it: so whatever
    # changes, ends, revives or hands over a clock raises this number, and nothing ever lowers it.
    event.add("sequence", entry.version)
    event.add("dtstamp", feed.at)
    hour = _hour(clock, feed.practice.zone)
    if hour is None:
        event.add("dtstart", clock.work_by)
        event.add("dtend", clock.work_by + timedelta(days=1))  # exclusive: the first day it is not on
        event.add("transp", "TRANSPARENT")
    else:
        event.add("dtstart", hour)
        event.add("transp", "OPAQUE" if clock.kind == TELEPHONE else "TRANSPARENT")
    event.add("summary", summary(entry))
    event.add("description", "\n".join(_described(entry, feed.practice.zone)))
    event.add("status", _status(entry))
    for before in _alarms(feed, entry, hour):
        event.add_component(_alarm(before, summary(entry)))
    return event


def summary(entry: Entry) -> str:
    """What the calendar shows of a day: `A-000012 file internal appeal`, with `?` where nobody chose the date."""
    clock = entry.clock
    whose = "" if clock.owed_by in OURS else f"{clock.owed_by}: "
    stopped = " (stopped)" if clock.status is ClockStatus.TOLLED else ""
    return f"{entry.number} {whose}{spoken(clock)}{' ?' if clock.candidate else ''}{stopped}{'' if clock.verified else ' UNVERIFIED'}"


def _described(entry: Entry, zone: str) -> Iterator[str]:
    clock = entry.clock
    if entry.gone:
        yield "No longer in this calendar: it is done with, or the case is somebody else's now."
    yield f"work by {show.day(clock.work_by)} ({f'last day {latest(clock)}' if clock.hard else 'house target'})"
    if clock.due_at is not None:
        yield f"by the hour: {clock_time(clock.due_at, zone)}"
    if clock.status is ClockStatus.TOLLED:
        yield "stopped: it is dated anew when it goes on"
    if clock.status is ClockStatus.SENT:
        yield "sent; it runs on until somebody proves that it arrived"
    if clock.candidate:
        yield "? one of several dates it could have: nobody has said what plan it is"
    if not clock.verified:
        yield "UNVERIFIED: nobody has verified the law behind this date"
    if clock.consequence:
        yield f"if it passes: {show.text(clock.consequence)}"
    if clock.next_step:
        yield f"next: {show.text(clock.next_step)}"
    yield f"payer: {show.text(entry.payer)}"
    yield f"owner: {show.text(entry.owner) or NOBODY}"


def _hour(clock: Clock, zone: str) -> datetime | None:
    """The instant of an hour clock that is worked to by the hour; one that must be worked on an earlier day is of that day."""
    return clock.due_at if clock.due_at is not None and day_of(clock.due_at, zone) == clock.work_by else None


def _status(entry: Entry) -> str:
    if entry.gone:
        return "CANCELLED"
    return "TENTATIVE" if entry.clock.candidate or entry.clock.status is ClockStatus.TOLLED else "CONFIRMED"


def _alarms(feed: Feed, entry: Entry, hour: datetime | None) -> Iterator[timedelta]:
    """How long before (or, on an all-day entry's own day, after) its start each alarm rings. What others owe us rings for nobody."""
    clock = entry.clock
    if entry.gone or clock.owed_by not in OURS or clock.status is ClockStatus.TOLLED:
        return
    morning = timedelta(hours=numbers().alarm_hour)
    for day in sorted({reminders.told_on(clock.work_by - timedelta(days=offset)) for offset in feed.offsets}):
        if hour is None:
            yield morning - (clock.work_by - day)
        elif (rings := counting.midnight(day, feed.practice.zone) + morning) < hour:
            yield rings - hour


def _alarm(before: timedelta, text: str) -> Alarm:
    from icalendar import Alarm  # noqa: PLC0415 - as above

    alarm: Any = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", before)
    alarm.add("description", text)
    return alarm  # type: ignore[no-any-return]
