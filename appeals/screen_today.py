"""A day's work on one screen: four lists, and what their marks mean."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from appeals import findings, rules, show
from appeals.appointments import TELEPHONE
from appeals.model import Clock
from appeals.screens import Lines, Look, Screen, at_hour, case_json, clock_json, finding_json, marked, named, unproved

if TYPE_CHECKING:
    from appeals.services.lists import Agenda, Today

HEADINGS = {"overdue": "OVERDUE", "late": "LATE (past the day to work by)", "today": "TODAY", "soon": "SOON"}
FIRST = 5  # proposals that are named here
LISTED = "`appeals intake resolve --list`"


def today(view: Today, look: Look) -> Screen:
    """Today's work in four buckets."""
    said = Lines()
    for bucket, heading in HEADINGS.items():
        items = [i for i in view.items if i.bucket == bucket]
        if not items:
            continue
        said.add(f"{heading} ({len(items)})")
        rows = [
            (i.row.case.number, i.row.patient_name, i.row.payer_name, named(i.clock), _left(i.days_left),
             show.day(i.clock.work_by), _last_day(i.law), show.money(i.row.case.disputed_cents), i.row.case.owner or "NOBODY")
            for i in items
        ]  # fmt: skip
        said.add(
            *show.table(
                ("case", "patient", "payer", "clock", "left", "work by", "last day", "disputed", "owner"),
                rows,
                tty=look.tty,
                width=look.width,
            )
        )
    if not view.items and not view.alarming:
        said.add(f"Nothing to do on {show.day(view.day)}.")
    said.add(*_footnotes(view, look))
    said.add(*_authorisations(view), *_by_owner(view))
    said.add(f"{view.later} more open, nothing to do yet." if view.later else "Every open case is in this list.")
    said.add(*(look.amber(line) for line in _waiting(view)))
    return Screen(command="today", data=_json(view), lines=said.out, day=view.day)


def _json(view: Today) -> dict[str, Any]:
    return {
        "items": [
            {"bucket": i.bucket, "case": case_json(i.row.case), "patient": i.row.patient_name, "payer": i.row.payer_name,
             "clock": clock_json(i.clock), "last_day": rules.latest(i.law) if i.law else None, "days_left": i.days_left, "others": i.others,
             "on_defaults": i.row.on_defaults, "findings": [finding_json(f) for f in findings.of_silence(i.row.clocks, view.day)]}
            for i in view.items
        ],
        "later": view.later,
        "unowned": view.unowned,
        "authorisations": [{"case": row.case.number, "patient": row.patient_name, "ends": clock.work_by} for row, clock in view.ending],
        "owners": [{"owner": owner, "cases": count} for owner, count in view.owners],
        "proposals": [{"case": one.number, "owner": one.owner, "step": one.step, "since": one.made_on} for one in view.asked],
        "left": view.left,
    }  # fmt: skip


def _waiting(view: Today) -> list[str]:
    """What came in with files and no list of cases shows: steps somebody takes or refuses, claims somebody must look at."""
    lines = []
    if view.asked:
        waits = "1 proposal waits" if len(view.asked) == 1 else f"{len(view.asked)} proposals wait"
        lines.append(f"{waits} for a decision: {LISTED}, then `appeals intake resolve CASE --take` or `--refuse`.")
        lines += [f"  {one.number}  {one.step}, since {show.day(one.made_on)}" for one in view.asked[:FIRST]]
        lines += [f"  ... and {len(view.asked) - FIRST} more"] if len(view.asked) > FIRST else []
    if view.left:
        is_left = "1 claim of a file is" if view.left == 1 else f"{view.left} claims of files are"
        lines.append(f"{is_left} left for a person: {LISTED}.")
    return lines


def _authorisations(view: Today) -> list[str]:
    """Authorisations whose last day is near or past: what is planned after it wants another."""
    return [
        f"{row.case.number}: the authorisation {'ended' if clock.work_by < view.day else 'ends'} on {show.day(clock.work_by)}; "
        "ask for another, or `mark CASE authorisation-closed`"
        for row, clock in sorted(view.ending, key=lambda pair: (pair[1].work_by, pair[0].case.number))
    ]


def _by_owner(view: Today) -> list[str]:
    """Whose work this is, and how what is nobody's becomes somebody's."""
    lines = []
    if len(view.owners) > 1:
        lines.append("by owner: " + ", ".join(f"{show.text(owner) or 'NOBODY'} {count}" for owner, count in view.owners))
    if view.unowned:
        has = "1 case has" if view.unowned == 1 else f"{view.unowned} cases have"
        lines.append(f"{has} no owner: `appeals assign CASE ACCOUNT`.")
    return lines


def _footnotes(view: Today, look: Look) -> list[str]:
    """What the marks in the list mean, and what payers let run out."""
    lines = [line for i in view.items for line in _of_payer(i, view.day, look)]
    calls = sorted((c.due_at, i.row.case.number, c) for i in view.items for c in i.row.clocks if c.kind == TELEPHONE and c.due_at)
    lines += [look.red(f"{number}: {at_hour(clock)} on {show.day(clock.work_by)}") for _, number, clock in calls]
    shown = [(i.clock, i.law) for i in view.items]
    candidates = sum(any(c is not None and c.candidate for c in pair) for pair in shown)
    if candidates:
        lines.append(f"candidates (?) among these dates: {candidates}. Plan not identified: nobody chose this date.")
    unread = sum(any(c is not None and not c.verified for c in pair) for pair in shown)
    if unread:
        lines.append(look.red(f"resting on law nobody has read (!): {unread}. Read the citation before relying on the date."))
    waiting = [i.row.case.number for i in view.items if unproved(i.row.clocks)]
    if waiting:
        lines.append(look.amber(f"NO PROOF: sent, and no proof that it arrived (`mark CASE received --date DAY`): {', '.join(waiting)}."))
    defaults = [i.row.case.number for i in view.items if i.row.on_defaults]
    if defaults:
        lines.append(f"On the payer's default plan facts, which nobody confirmed: {', '.join(defaults)}.")
    return lines


def _of_payer(item: Agenda, day: date, look: Look) -> list[str]:
    return [
        look.red(f"{item.row.case.number}: {show.text(each.says)}{'' if each.verified else ' (UNVERIFIED)'}")
        + (f"; {show.text(each.consequence)}" if each.consequence else "")
        + (f"; next: {show.text(each.next_step)}" if each.next_step else "")
        for each in findings.of_silence(item.row.clocks, day)
    ]


def _last_day(clock: Clock | None) -> str:
    """The first day after which something is lost for good."""
    if clock is None:
        return "-"
    return rules.latest(clock).isoformat() + marked(clock) + show.disputed(clock.printed_due, clock.legal_due)


def _left(days: int) -> str:
    return f"{-days} d late" if days < 0 else "today" if days == 0 else f"{days} d"
