"""What an import prints: what became of every claim of every file, what waits for a person, and the money that proves none is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from appeals import show
from appeals.intake import codelike
from appeals.screens import Look, Screen, error_json

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.reconciling import Became
    from appeals.services.take_files import Intake
    from appeals.services.take_in import Taken

Fates = Mapping[str, tuple[int, int, int, int]]  # by fate: claims, charged, paid, denied
FATE_COLUMNS = ("claims", "count", "charged", "paid", "denied")
NOTHING = "[dry run: nothing was written]"
FIRST = 20  # lines of cases, and of reasons why claims were ignored, that are printed; `--json` has all
SHOWN = 3  # places of one warning that are printed
FATES = {
    "opened": "opened as new cases",
    "moved": "moved a case",
    "added": "added to a case",
    "proposed": "proposed, for a person to take or refuse",
    "ignored": "ignored",
    "known": "taken in before",
    "person": "left for a person",
    "elsewhere": "elsewhere: paid to another practice's number",
    "waiting": "waiting for a case they are about",
}


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
        "refused": [{"file": each.name, "error": error_json(each.error)} for each in done.refused],
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
    yield from (f"  for a person: {result.place} {p.segment}: {show.text(p.message)}" for p in result.left)
    yield from _warned(result)
    yield from _ignored(result)
    yield from (
        f"  provider adjustment {show.text(one.code)}: {_amount(one.amount_cents)}: {show.text(one.what)}"
        for one in result.settled
        if not one.open
    )
    yield from (f"  {_case(one)}" for one in result.cases[:FIRST])
    if len(result.cases) > FIRST:
        yield f"  ... and {len(result.cases) - FIRST} more: `--json` names all, `appeals queue` and `find` the cases"
    if result.dry_run:
        yield f"  {NOTHING}"


def _warned(result: Taken) -> Iterator[str]:
    """Each warning once, with the first places it is about: a file of many interchanges says some of them of each."""
    places: dict[str, list[str]] = {}
    for warning in result.warnings:
        placed = warning.startswith(result.place)
        where, what = warning.split(": ", 1) if placed else ("", warning)
        places.setdefault(what, []).append(where)
    for what, at_all in places.items():
        more = f" and {len(at_all) - SHOWN} more" if len(at_all) > SHOWN else ""
        at = f"{', '.join(at_all[:SHOWN])}{more}: " if at_all[0] else ""
        yield f"  warning: {show.text(at + what)}"


def _ignored(result: Taken) -> Iterator[str]:
    """Why claims wait or were ignored, the commonest reason first."""
    yield from (f"  waiting: {show.count(count, 'claim')}: {show.text(reason)}" for reason, count in result.waiting[:FIRST])
    for reason, count in result.ignored[:FIRST]:
        yield f"  ignored: {show.count(count, 'claim')}: {show.text(reason) or 'nothing in dispute'}"
    if len(result.ignored) > FIRST:
        yield f"  ignored: {show.count(sum(count for _, count in result.ignored[FIRST:]), 'claim')} more, for other reasons"


def _case(one: Became) -> str:
    """A case and what became of it; one that would be new has no number yet."""
    what = f"{show.text(one.what)}{f' ({one.matched})' if one.matched else ''}"
    if one.number:
        return f"case {one.number}: {what}"
    return f"case (new), claim {show.text(codelike.number(one.claim))}, {show.money(one.cents)}: {what}"


def _aside(counts: Mapping[str, int]) -> str:
    """What was not taken then, and how the file is read anew."""
    told = [
        f"{show.count(count, 'claim')} {'were' if count > 1 else 'was'} {what}"
        for fate, what in (("person", "left for a person"), ("elsewhere", "elsewhere"), ("waiting", "without a case"))
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
    balance = told["balance"]
    if balance["files"]:
        sums = f"claims less provider adjustments come to {show.money(balance['paid_cents'])}"
        if balance["off"]:
            said = f"the payers say {show.money(balance['said_cents'])}"
            yield f"NOT reconciled: {balance['off']} of {show.count(balance['files'], 'payment file')}; {sums}, {said}"
        else:
            yield f"reconciled: {show.count(balance['files'], 'payment file')}; {sums}, as the payers paid"
    if done.taken and done.taken[0].dry_run:
        yield f"{NOTHING} Each file by itself: what one opens is not known to the next."


def _totals(done: Intake) -> Fates:
    return {
        fate: (sum(n[0] for n in of), sum(n[1] for n in of), sum(n[2] for n in of), sum(n[3] for n in of))
        for fate in FATES
        if (of := [result.fates[fate] for result in done.taken if fate in result.fates])
    }


def _summary(done: Intake) -> dict[str, Any]:
    known = sum(1 for result in done.taken if result.already)
    files = {"files": done.files, "taken": len(done.taken) - known, "already": known, "refused": len(done.refused)}
    sums = [result.balance for result in done.taken if result.balance]
    balance = {
        "files": len(sums),
        "off": sum(paid != said for paid, said in sums),
        "paid_cents": sum(paid for paid, _ in sums),
        "said_cents": sum(said for _, said in sums),
    }
    return files | {"fates": _fates_json(_totals(done)), "balance": balance}


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
        "ignored": [{"reason": reason, "claims": count} for reason, count in result.ignored],
        "waiting": [{"reason": reason, "claims": count} for reason, count in result.waiting],
        "cases": [
            {"case": one.number, "claim": one.claim, "amount_cents": one.cents, "what": one.what, "matched": one.matched}
            for one in result.cases
        ],
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
