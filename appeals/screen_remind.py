"""What the daily run prints: a digest a person, one line of totals, the log's head; and when the last good run was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from appeals import heads, screen_mail, show
from appeals.digest import what_follows, what_waits
from appeals.screens import Look, Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.digest import Item, PersonDigest
    from appeals.services.remind import Digests, Status

WORDS = {"overdue": "overdue", "late": "late", "today": "due today", "soon": "soon"}
OWNERLESS = "`appeals assign CASE ACCOUNT`"
COLUMNS = ("case", "payer", "clock", "work by", "last day", "why now")


def reminded(digests: Digests, look: Look) -> Screen:
    """One digest a person who is told something; nothing new says so. The lines are made as they are printed."""
    data: dict[str, Any] = {
        "reminders": _rows(digests),
        "people": [
            {"account": each.account, "name": each.name, "manager": each.manager, "totals": dict(each.totals)}
            for each in digests.people
            if each.items
        ],
        "waiting": [
            {"to": each.account, "proposals": list(dict.fromkeys(each.asked)), "left": each.left} for each in digests.people if each.waits
        ],
        "earlier": digests.earlier,
        "head": heads.line(digests.head),
        "dry_run": digests.dry_run,
        "again": digests.again,
        "status": None,
    }
    return Screen(command="remind", data=data, lines=_lines(digests, look), warnings=digests.warnings)


def _rows(digests: Digests) -> Iterator[dict[str, Any]]:
    return (_row(each, item) for each in digests.people for item in each.items)


def _row(digest: PersonDigest, item: Item) -> dict[str, Any]:
    told = {each.name: getattr(item, each.name) for each in fields(item) if each.name not in ("clock_id", "number")}
    return {"to": digest.account, "case": item.number, **told}


def _lines(digests: Digests, look: Look) -> Iterator[str]:
    for each in digests.people:
        if each.items or each.waits:
            yield from _digest(each, look)
    count = f"{show.count(digests.reminders, 'reminder')}{'' if digests.reminders else ': nothing new'}"
    again = "" if digests.reminders or digests.dry_run else " (`appeals remind --again`)"
    before = f"; {digests.earlier} told before{again}" if digests.earlier else ""
    notes = ("  [dry run]" if digests.dry_run else "") + ("  [as the last run told it]" if digests.again else "")
    yield f"{count}{before}.{notes}"
    yield from (f"  warning  {show.text(said)}" for said in digests.warnings)
    yield f"head {heads.line(digests.head)}"


def _digest(digest: PersonDigest, look: Look) -> Iterator[str]:
    totals = ", ".join(f"{number} {WORDS[bucket]}" for bucket, number in digest.totals.items()) or "nothing new is due"
    yield f"For {show.text(digest.account)}{' (manager)' if digest.manager else ''}: {totals}"
    yield from what_waits(digest)
    unchosen = False

    def rows() -> Iterator[tuple[str, ...]]:  # each item is read from the database, so it is looked at while it is here
        nonlocal unchosen
        for item in digest.items:
            unchosen = unchosen or item.candidate
            yield _cells(item)

    yield from show.table(COLUMNS, rows(), tty=look.tty, width=look.width) if digest.items else ()
    if unchosen:
        yield "(?) plan not identified: nobody chose this date."
    for item in digest.items:  # those that say more stand first
        if item.bucket not in ("overdue", "late"):
            break
        yield from (look.red(show.text(said)) for said in what_follows(item))


def _cells(item: Item) -> tuple[str, ...]:
    return (
        item.number,
        item.payer,
        f"{item.clock} {item.hour}".rstrip() + ("?" if item.candidate else "") + ("" if item.verified else "!"),
        show.day(item.work_by),
        item.last_day.isoformat(),
        _why(item),
    )


def _why(item: Item) -> str:
    name, _, day = item.stage.partition(":")
    why = {"overdue": "OVERDUE", "late": "LATE", "0": "last day to work it", "snooze": f"put off to {day}"}.get(name)
    why = why or (f"{name[:-1]} hours or less left" if name.endswith("h") else _days(int(name), item.days_left))
    if name == "overdue" and item.bucket == "late":
        why = "LATE"
    whose = {
        "manager": f"nobody's work: {OWNERLESS}" if not item.owner else f"work of {item.owner}",
        "backup": f"standing in for {item.owner}",
    }
    return f"{why}; {whose[item.because]}" if item.because in whose else why


def _days(offset: int, left: int) -> str:
    """What is said before closed days is said with more days left than its offset has."""
    return f"{offset} days or less left" if left <= offset else f"{show.count(left, 'day')} left, told before closed days"


def status(found: Status) -> Screen:
    """When the last good run was. Exit 3 where that is too long ago, or its mail has not left for as long: silence must be an alarm."""
    if found.last is None:
        said = "No daily run yet: `appeals remind` makes one."
    else:
        said = f"Last good run {found.last:%Y-%m-%d %H:%M} UTC by {show.text(found.by)}, {show.count(found.reminders, 'reminder')}."
    every = f"STALE: there should be one every {found.stale_hours} hours. See why it did not come, then `appeals remind`."
    ahead = "STALE: that is still to come: this machine's clock is wrong."
    stale = [ahead if found.hours < 0 else every] if found.stale else []
    stale += [f"STUCK: {said}" for said in screen_mail.stuck(found.stuck, found.stale_hours)]
    data: dict[str, Any] = {name: getattr(found, name) for name in ("last", "by", "hours", "stale", "stale_hours")}
    data["stuck"] = [each.message_id for each in found.stuck]
    nothing = {"reminders": [], "people": [], "waiting": [], "earlier": 0, "head": heads.line(found.head), "dry_run": False, "again": False}
    return Screen(command="remind", data=nothing | {"status": data}, lines=[said, *stale], code=3 if stale else 0)
