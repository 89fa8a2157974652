"""The queue on a screen: each part of a case's weight, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from appeals import show, weighing
from appeals.screens import NO_PROOF, Lines, Look, Screen, named, row_json, unproved

if TYPE_CHECKING:
    from appeals.services.queueing import Queued

COLUMNS = ("case", "patient", "payer", "state", "at stake", "chance", "urgency", "weight", "work by", "clock", "owner")
HEADINGS = {
    "first": "FIRST: the day to work by of a law or contract has come",
    "weighed": "BY WEIGHT",
    "unchosen": "DATE NOT CHOSEN: identify the plan first (`coverage CASE`); the dates it could have are past, its own is not known",
    "lost": "ALREADY LOST (record it with `expire`)",
}
MARK = {"assumption": "~", "published": "", weighing.OWN: " own"}


def queue(items: Sequence[Queued], look: Look, day: date, *, by_date: bool, narrowed: bool) -> Screen:
    """Open cases: what cannot wait, then by weight (or by date), then what is already lost."""
    said = Lines()
    if by_date:
        past = {HEADINGS[section]: [i for i in items if i.section == section] for section in ("unchosen", "lost")}
        groups = {"BY DATE": [i for i in items if i.section not in ("unchosen", "lost")]} | past
    else:
        groups = {heading: [i for i in items if i.section == section] for section, heading in HEADINGS.items()}
    for heading, group in groups.items():
        if group:
            money = show.money(sum(i.weight.stake_cents for i in group))
            said.add(f"{heading} ({len(group)}, {money} at stake)")
            table = show.table(COLUMNS, [_cells(i) for i in group], tty=look.tty, width=look.width)
            said.add(*(line.replace(NO_PROOF, look.amber(NO_PROOF)) for line in table))
    said.add(*_footnotes(items, look, narrowed=narrowed))
    return Screen(command="queue", data={"cases": [_json(i, day) for i in items]}, lines=said.out, day=day)


def _cells(one: Queued) -> tuple[str, ...]:
    row, weight = one.row, one.weight
    clock = row.clocks[0] if row.clocks else None
    return (
        row.case.number, row.patient_name, row.payer_name, f"{row.case.state} {row.case.level}", show.money(weight.stake_cents),
        _chance(weight.chance), _share(weight.urgency_permille), show.money(weight.cents), show.day(clock.work_by) if clock else "-",
        (named(clock) if clock else "-") + (f"  {NO_PROOF}" if unproved(row.clocks) else ""), row.case.owner or "NOBODY",
    )  # fmt: skip


def _chance(chance: weighing.Chance) -> str:
    return _share(chance.permille) + MARK[chance.basis]


def _share(permille: int) -> str:
    return f"{permille / weighing.WHOLE:.2f}"


def _footnotes(items: Sequence[Queued], look: Look, *, narrowed: bool) -> list[str]:
    if not items:
        return ["No open case fits what was asked for." if narrowed else "No open case."]
    lines = ["weight = at stake x chance x urgency. A chance puts this list in order: it is no law, and says nothing about one case."]
    if any(i.weight.chance.basis == "assumption" for i in items):
        lines.append("~ an assumption: nobody counted it, and it is not this office's record.")
    told = {i.weight.chance: i.row.case.category for i in items if i.weight.chance.basis != "assumption"}
    for chance, category in sorted(told.items(), key=lambda pair: (pair[0].basis, pair[1])):
        what = f"{weighing.OWN} in {category}: {chance.source}" if chance.basis == weighing.OWN else f"{chance.source} ({chance.checked})"
        lines.append(f"{_chance(chance)}  {show.text(what)}")
    if any(c.candidate for i in items for c in i.row.clocks[:1]):
        lines.append("? plan not identified: nobody chose this date.")
    if any(not c.verified for i in items for c in i.row.clocks[:1]):
        lines.append(look.red("! resting on law nobody has read: read the citation before relying on the date."))
    return lines


def _json(one: Queued, day: date) -> dict[str, Any]:
    weight, clock = one.weight, one.weight.clock
    return {
        **row_json(one.row),
        "section": one.section,
        "stake_cents": weight.stake_cents,
        "chance_permille": weight.chance.permille,
        "basis": weight.chance.basis.replace(" ", "_"),
        "source": weight.chance.source,
        "urgency_permille": weight.urgency_permille,
        "urgent_by": clock.kind if clock else None,
        "days_left": (clock.work_by - day).days if clock else None,
        "weight_cents": weight.cents,
    }
