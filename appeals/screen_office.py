"""What the office's own commands print: setting up, reminding, intake, the check-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appeals import show
from appeals.errors import AppealsError
from appeals.model import Payer, Practice
from appeals.screens import Look, Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.batch import Batch
    from appeals.services.doctor import CheckUp
    from appeals.services.own_numbers import Numbers
    from appeals.services.proposals import Resolved
    from appeals.services.take_files import Intake
    from appeals.services.take_in import Taken

Fates = Mapping[str, tuple[int, int, int, int]]  # by fate: claims, charged, paid, denied
FATE_COLUMNS = ("claims", "count", "charged", "paid", "denied")
NOTHING = "  [dry run: nothing was written]"
FATES = {
    "opened": "opened as new cases",
    "moved": "moved a case",
    "added": "added to a case",
    "proposed": "proposed, for a person to take or refuse",
    "ignored": "ignored: nothing in dispute",
    "known": "taken in before",
    "person": "left for a person",
    "elsewhere": "elsewhere: paid to another practice's number",
}


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


def taken(done: Intake, look: Look) -> Screen:
    """What became of every claim of every file, and the money that proves none is missing. Exit 3 with claims for a person, 4 with a
    file that was refused while others were taken."""
    lines: list[str] = []
    for result in done.taken:
        lines += _taken_lines(result, look)
    for each in done.refused:
        lines += [show.text(each.name), f"  REFUSED, nothing of it was taken: {show.text(each.error.message)} {each.error.hint}".rstrip()]
    lines += [f"{show.text(name)}: passed over, {why}" for name, why in done.passed_over]
    if done.files > 1:
        lines += ["", *_summary_lines(done, look)]
    left = sum(len(r.left) for r in done.taken)
    data = {
        "files": [_taken_json(r) for r in done.taken],
        "refused": [{"file": each.name, "error": _error(each.error)} for each in done.refused],
        "passed_over": [{"file": name, "why": why} for name, why in done.passed_over],
        "summary": _summary(done),
    }
    return Screen(command="intake", data=data, lines=lines, code=4 if done.refused or done.ended else 3 if left else 0)


def _taken_lines(result: Taken, look: Look) -> Iterator[str]:
    yield show.text(result.name)
    if result.already:
        yield f"  already taken in on {result.already[0]} by {result.already[1]}; nothing was written. {_aside(result.aside)}"
        return
    rows = [*_fate_rows(result.fates, result), ("total", *(_sum(result.fates, i) for i in range(4)))]
    yield from ("  " + line for line in show.table(FATE_COLUMNS, rows, tty=look.tty, width=look.width))
    yield f"  {result.reconciled}"
    yield from (
        f"  case {number or '(new)'}: {show.text(what)}{f' ({matched})' if matched else ''}" for number, what, matched in result.cases
    )
    yield from (
        f"  provider adjustment {show.text(one.code)}: {_amount(one.amount_cents)}: {show.text(one.what)}"
        for one in result.settled
        if not one.open
    )
    yield from (f"  for a person: {result.place} {p.segment}: {show.text(p.message)}" for p in result.left)
    yield from (f"  warning: {show.text(w)}" for w in result.warnings)
    if result.dry_run:
        yield "  [dry run: nothing was written]"


def _aside(counts: Mapping[str, int]) -> str:
    """What was not taken then, and how the file is read anew."""
    told = [
        f"{show.count(count, 'claim')} {'were' if count > 1 else 'was'} {what}"
        for fate, what in (("person", "left for a person"), ("elsewhere", "elsewhere"))
        if (count := counts.get(fate, 0))
    ]
    return f"{' and '.join(told) + ' then: ' if told else ''}`--again` reads it anew."


def _summary_lines(done: Intake, look: Look) -> Iterator[str]:
    """All files together: a biller with a folder reads this first, at the end of what was printed."""
    told, totals = _summary(done), _totals(done)
    known, refused, fresh = told["already"], told["refused"], told["taken"]
    yield f"{show.count(done.files, 'file')}: {fresh} taken in, {known} taken in before, {refused} refused"
    rows = [*_fate_rows(totals), ("total", *(_sum(totals, i) for i in range(4)))]
    yield from show.table(FATE_COLUMNS, rows, tty=look.tty, width=look.width)
    if done.taken and done.taken[0].dry_run:
        yield "[dry run: nothing was written]"


def _totals(done: Intake) -> Fates:
    return {
        fate: (sum(n[0] for n in of), sum(n[1] for n in of), sum(n[2] for n in of), sum(n[3] for n in of))
        for fate in FATES
        if (of := [result.fates[fate] for result in done.taken if fate in result.fates])
    }


def _summary(done: Intake) -> dict[str, Any]:
    known = sum(1 for result in done.taken if result.already)
    files = {"files": done.files, "taken": len(done.taken) - known, "already": known, "refused": len(done.refused)}
    return files | {"fates": _fates_json(_totals(done))}


def _fate_rows(fates: Fates, result: Taken | None = None) -> list[tuple[str, ...]]:
    return [
        (_called(fate, count, result), str(count), show.money(charge), show.money(paid), show.money(denied))
        for fate, (count, charge, paid, denied) in fates.items()
    ]


def _called(fate: str, count: int, result: Taken | None) -> str:
    """A fate in words; of what was known, whether it stood in this very file."""
    if fate == "known" and result is not None and result.repeated:
        return "already in this file" if result.repeated == count else f"already in this file ({result.repeated}), or taken in before"
    return FATES[fate]


def _amount(cents: int | None) -> str:
    return "an amount nobody can read" if cents is None else show.money(cents)


def _sum(fates: Fates, at: int) -> str:
    total = sum(numbers[at] for numbers in fates.values())
    return str(total) if at == 0 else show.money(total)


def _fates_json(fates: Fates) -> dict[str, Any]:
    return {
        fate: {"claims": count, "charged_cents": charge, "paid_cents": paid, "denied_cents": denied}
        for fate, (count, charge, paid, denied) in fates.items()
    }


def _taken_json(result: Taken) -> dict[str, Any]:
    return {
        "file": result.name,
        "sha256": result.sha256,
        "already": list(result.already) if result.already else None,
        "aside": dict(result.aside),
        "fates": _fates_json(result.fates),
        "repeated": result.repeated,
        "reconciled": result.reconciled,
        "cases": [{"case": number, "what": what, "matched": matched} for number, what, matched in result.cases],
        "provider_adjustments": [
            {
                "segment": one.segment,
                "code": one.code,
                "amount_cents": one.amount_cents,
                "fate": one.fate,
                "case": one.number,
                "what": one.what,
            }
            for one in result.settled
        ],
        "left": [{"segment": p.segment, "message": p.message} for p in result.left],
        "warnings": list(result.warnings),
        "dry_run": result.dry_run,
    }


def resolved(result: Resolved) -> Screen:
    """Proposals taken or refused, or the list of open ones."""
    lines = [f"{number}  {step:<20} {show.text(reason)}  ({status})" for number, step, reason, status in result.rows] or [
        "No open proposal."
    ]
    lines += [f"left for a person: claim {show.text(claim)}, segment {segment}: {show.text(why)}" for claim, segment, why in result.left]
    rows = [{"case": number, "step": step, "reason": reason, "status": status} for number, step, reason, status in result.rows]
    left = [{"claim": claim, "segment": segment, "reason": why} for claim, segment, why in result.left]
    return Screen(command="intake resolve", data={"proposals": rows, "left": left}, lines=lines)


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
            {"line": o.row.line, "case": o.row.ref, "step": o.row.step, "moved": o.moved, "error": _error(o.error)} for o in result.outcomes
        ],
        "failed": result.failed,
        "written": result.written,
        "dry_run": result.dry_run,
    }
    return Screen(command="batch", data=data, lines=lines, code=(4 if result.each else 30) if result.failed else 0)


def _error(error: AppealsError | None) -> dict[str, Any] | None:
    return {"code": error.exit_code, "name": error.name, "message": error.message, "hint": error.hint} if error else None
