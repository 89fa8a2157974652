"""What the office's own commands print: setting up, many steps at once, the check-up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from appeals import show
from appeals.model import Payer, Practice
from appeals.screens import Look, Screen, error_json

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.batch import Batch
    from appeals.services.doctor import CheckUp
    from appeals.services.own_numbers import Numbers

NOTHING = "  [dry run: nothing was written]"


def initialised(practice: Practice, path: str, *, dry_run: bool) -> Screen:
    """A new practice and where its database lies."""
    lines = [
        f"{practice.name}: database {'would be made' if dry_run else 'ready'} at {path}{NOTHING if dry_run else ''}",
        f"state {practice.state}, time zone {practice.zone}",
        f"a write-off above {show.money(practice.write_off_limit_cents)} needs a second person",
        "next: `appeals intake PATH...` takes in remittances, `appeals open --denied ...` a paper EOB.",
    ]
    return Screen(
        command="init",
        practice=practice.name,
        data={"practice": practice.name, "database": path, "state": practice.state, "zone": practice.zone, "dry_run": dry_run},
        lines=lines,
    )


def upgraded(before: int, after: int, copy: Path | None) -> Screen:
    """What an upgrade did."""
    if before == after:
        return Screen(
            command="upgrade", data={"from": before, "to": after, "copy": ""}, lines=[f"The database is at schema {after} already."]
        )
    lines = [f"Schema {before} -> {after}. The file as it was: {copy}"]
    return Screen(command="upgrade", data={"from": before, "to": after, "copy": str(copy)}, lines=lines)


def payer(after: Payer, *, dry_run: bool) -> Screen:
    """A payer's defaults."""
    facts = {name: getattr(after, name) for name in ("programme", "funding", "grandfathered", "issue_state", "internal_levels")}
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    return Screen(
        command="payer",
        data={"payer": after.name, **facts, "dry_run": dry_run},
        lines=[
            f"{show.text(after.name)}: {told}{NOTHING if dry_run else ''}",
            "Patients it covers already keep their plan's facts: `appeals coverage CASE` sets those.",
        ],
    )


def own_numbers(result: Numbers) -> Screen:
    """The practice, and the numbers it is paid under."""
    practice, kinds = result.practice, (("NPI", result.npis), ("tax id", result.tax_ids))
    told = [f"{what} {number}" for what, numbers in kinds for number in numbers]
    none = "no number declared: a payment to another practice's number is not told from its own (`appeals practice --npi`)"
    said = NOTHING if result.dry_run else " (already done with this request id; nothing was written)" if result.already else ""
    return Screen(
        command="practice",
        data={
            "name": practice.name,
            "state": practice.state,
            "zone": practice.zone,
            "npis": list(result.npis),
            "tax_ids": list(result.tax_ids),
            "written": result.written,
            "dry_run": result.dry_run,
            "already": result.already,
        },
        lines=[f"{show.text(practice.name)}, {practice.state}, {practice.zone}", f"  paid under: {', '.join(told) or none}{said}"],
    )


def checked(found: CheckUp) -> Screen:
    """A check-up: clean, or what is wrong. Exit 3 with findings."""
    entries = show.count(found.entries, "log entry", "log entries")
    lines = [f"{show.count(found.cases, 'case')}, {show.count(found.clocks, 'clock')}, {entries} looked at."]
    lines += [f"  {show.text(finding)}" for finding in found.findings] or [
        "Clean: the tables are what the log says, every open case has a date."
    ]
    data = {"cases": found.cases, "clocks": found.clocks, "entries": found.entries, "findings": list(found.findings)}
    return Screen(command="doctor", data=data, lines=lines, code=3 if found.findings else 0)


def columns(names: Sequence[str]) -> Screen:
    """The first line of a file for `batch`, and nothing else: it is meant to be kept."""
    data = {"rows": [], "failed": 0, "written": 0, "dry_run": False, "columns": list(names)}
    return Screen(command="batch", data=data, lines=[",".join(names)])


def batch(result: Batch, look: Look) -> Screen:
    """A result a row; exit 4 where rows were refused and others taken, 30 where one refusal kept all from being taken."""
    columns = ("line", "case", "step", "result")
    cells = [
        (str(o.row.line), o.row.ref, o.row.step, f"{o.error.message} {o.error.hint}".strip() if o.error else o.moved)
        for o in result.outcomes
    ]
    lines = [*show.table(columns, cells, tty=look.tty, width=look.width)] if cells else []
    kept = "" if result.each or not result.failed else "; all or none: nothing was written"
    lines.append(
        f"{show.count(len(result.outcomes), 'row')}, {result.failed} refused, {show.count(result.written, 'step')} written{kept}"
        f"{NOTHING if result.dry_run and not kept else ''}"
    )
    data = {
        "rows": [
            {"line": o.row.line, "case": o.row.ref, "step": o.row.step, "moved": o.moved, "error": error_json(o.error)}
            for o in result.outcomes
        ],
        "failed": result.failed,
        "written": result.written,
        "dry_run": result.dry_run,
    }
    return Screen(command="batch", data=data, lines=lines, code=(4 if result.each else 30) if result.failed else 0)
