"""What is printed about who works what, and about patients who are one: accounts, numbers and ids, never a patient's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appeals import show
from appeals.screens import Look, Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.merging import Merged
    from appeals.services.reassigning import Reassigned
    from appeals.services.staff import Staff

NOTHING = "  [dry run: nothing was written]"


def merged(result: Merged) -> Screen:
    """Who became one, and what went along."""
    numbers = [case.number for case in result.cases]
    if result.already:
        lines = ["already done with this request id; nothing was written."]
    else:
        counted = {"case": len(numbers), "coverage": result.coverages, "number": result.identifiers}
        told = ", ".join(show.count(number, what) for what, number in counted.items())
        lines = [
            f"{result.gone} is one with {result.kept} now: {told} went along{NOTHING if result.dry_run else ''}",
            *(f"  {number}" for number in numbers),
            f"its own trail stays: appeals audit export --patient {result.gone}",
        ]
    data = {
        "patient": result.kept,
        "merged": result.gone,
        "cases": numbers,
        "coverages": result.coverages,
        "identifiers": result.identifiers,
        "dry_run": result.dry_run,
        "already": result.already,
    }
    return Screen(command="patient merge", data=data, lines=lines)


def reassigned(result: Reassigned) -> Screen:
    """Which cases changed hands, and the money in dispute in them."""
    numbers, cents = [case.number for case in result.cases], sum(case.disputed_cents for case in result.cases)
    giver = result.giver or "nobody"
    if result.already:
        lines = ["already done with this request id; nothing was written."]
    elif not numbers:
        lines = [f"No open case belongs to {show.text(giver)}; nothing was written."]
    else:
        lines = [
            f"{show.count(len(numbers), 'open case')} ({show.money(cents)} in dispute) from {show.text(giver)} to {show.text(result.taker)}"
            f"{NOTHING if result.dry_run else ''}",
            *(f"  {number}" for number in numbers),
        ]
    data = {
        "cases": numbers,
        "from": result.giver,
        "to": result.taker,
        "disputed_cents": cents,
        "dry_run": result.dry_run,
        "already": result.already,
    }
    return Screen(command="reassign", data=data, lines=lines)


def staff(result: Staff, look: Look) -> Screen:
    """People, and whose a new case is."""
    columns = ("account", "name", "role", "backup", "manager", "e-mail")
    cells = [tuple(map(show.text, (p.account, p.name, p.role, p.backup or "-", p.manager or "-", p.email or "-"))) for p in result.people]
    lines = [*show.table(columns, cells, tty=look.tty, width=look.width)]
    if result.already:
        lines.append("already done with this request id; nothing was written.")
    elif result.dry_run:
        lines.append(NOTHING.strip())
    if result.dropped:
        lines.append(f"{show.count(result.dropped, 'mail')} to {show.text(result.people[0].account)} given up.")
    lines.append(
        f"A new case is {show.text(result.owner)}'s unless `--owner` says otherwise."
        if result.owner
        else "A new case is nobody's unless `--owner` says whose."
    )
    people = [{name: getattr(p, name) for name in ("account", "name", "role", "backup", "manager", "email")} for p in result.people]
    data = {"people": people, **{name: getattr(result, name) for name in ("owner", "written", "dropped", "dry_run", "already")}}
    return Screen(command="person", data=data, lines=lines)
