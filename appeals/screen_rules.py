"""What the calculator and the rule commands print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from appeals import rules, show
from appeals.clockmaking import WARNINGS, joined
from appeals.counting import in_words
from appeals.explaining import explain, wrapped
from appeals.findings import title
from appeals.model import Clock
from appeals.packrows import Statement, Version
from appeals.screens import Look, Screen, clock_json, marked
from appeals.wording import BASIS

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.calculator import Answer
    from appeals.services.rulebook import Loaded, Moved, Moves
    from appeals.services.rulelook import Listed, Source

NOTHING = "  [dry run: nothing was written]"


def due(answer: Answer, today: date) -> Screen:
    """The calculator's dates, each with how it was counted."""
    ordered = sorted(answer.clocks, key=lambda clock: (clock.owed_by not in ("us", "patient"), clock.work_by))
    lines = _at_a_glance(ordered) if len(ordered) > 1 else []
    told = Counter(warning for clock in ordered for warning in clock.warning.split(WARNINGS))
    for clock in ordered:
        own = joined(*(warning for warning in clock.warning.split(WARNINGS) if told[warning] == 1))
        lines += [*explain(replace(clock, warning=own), today=today), ""]
    if answer.regimes and any(clock.candidate for clock in ordered):
        lines += ["plan not identified; it could be", *(f"  {label}" for label in dict.fromkeys(answer.regimes))]
    for warning in answer.warnings:
        lines += wrapped(f"warning: {show.text(warning)}") if told[warning] != 1 else []
    data = {
        "clocks": [_counted(clock, today) for clock in ordered],
        "regimes": list(answer.regimes),
    }
    return Screen(command="due", data=data, lines=lines, warnings=answer.warnings, day=today)


def _at_a_glance(clocks: Sequence[Clock]) -> list[str]:
    columns = ("act by", "last day", "what", "where it stands")
    cells = [(c.work_by.isoformat(), rules.latest(c).isoformat(), f"{title(c)}{marked(c)}", c.cite) for c in clocks]
    return [*show.table(columns, cells, tty=False, width=0), ""]


def _counted(clock: Clock, today: date) -> dict[str, Any]:
    told = {"arithmetic": clock.arithmetic, "derivation": clock.derivation, "explained": list(explain(clock, today=today))}
    return {**clock_json(clock), **told}


def listed(rows: Sequence[Listed], look: Look) -> Screen:
    """One line a rule."""
    columns = ("rule", "what must be done", "by", "time", "citation", "status")
    cells = [(each.rule.id, each.rule.title, each.rule.owed_by, _length(_newest(each)), _newest(each).cite, _status(each)) for each in rows]
    lines = [*show.table(columns, cells, tty=look.tty, width=look.width), f"{len(rows)} rules"]
    return Screen(command="rules list", data={"rules": [_brief(each) for each in rows]}, lines=lines)


def _newest(each: Listed) -> Version:
    return max(each.rule.version, key=lambda version: version.effective_from or date.min)


def _status(each: Listed) -> str:
    verified = all(version.verified for version in each.rule.version)
    return ("sample " if each.sample else "") + ("verified" if verified else "UNVERIFIED")


def _length(version: Version) -> str:
    if version.unit == "event":
        return "the day itself" if version.direction == "within" else "the day before"
    if version.unit == "year_ends":
        return f"end of the year {in_words(version.length, 'years')} later"
    words = in_words(version.length, version.unit)
    return {"before": f"{words} before", "wait": f"not before {words}"}.get(version.direction, words)


def _brief(each: Listed) -> dict[str, Any]:
    version = _newest(each)
    return {
        "id": each.rule.id,
        "pack": each.pack.id,
        "pack_version": each.pack.version,
        "title": each.rule.title,
        "kind": each.rule.kind,
        "owed_by": each.rule.owed_by,
        "time": _length(version),
        "cite": version.cite,
        "verified": version.verified,
        "sample": each.sample,
    }


def shown(found: Listed | Statement) -> Screen:
    """One rule with every version, or a provision that is no clock."""
    if isinstance(found, Statement):
        lines = [
            f"{found.id}: no clock",
            f"what it says: {found.says}",
            f"why it is no clock: {found.no_clock}",
            *_provenance(found),
        ]
        return Screen(command="rules show", data={"rule": None, "statement": _plain(found)}, lines=lines)
    rule = found.rule
    lines = [
        f"{rule.id}: {rule.title}{'  (a published sample, not your contract)' if found.sample else ''}",
        f"who owes it: {rule.owed_by}; counted from when {rule.event}",
        f"starts by itself: {', '.join(rule.starts_on).replace('_', ' ') or 'no, only when asked for'}",
        f"pack {found.pack.id} {found.pack.version}, SHA-256 {found.pack.hash[:12]}",
    ]
    for version in rule.version:
        begins, ends = version.effective_from or "the beginning", version.effective_to or "now"
        lines += ["", f"from {begins} to {ends}: {_length(version)}", *_terms(version), *_provenance(version)]
    return Screen(command="rules show", data={"rule": {**_brief(found), **_whole(found)}, "statement": None}, lines=lines)


def _terms(version: Version) -> list[str]:
    presumed, more = version.presumption, version.extension
    told = [
        ("presumed receipt", presumed and f"{in_words(presumed.length, presumed.unit)} after the {presumed.counted_from} fact"),
        ("extension", more and f"{in_words(more.length, more.unit)}: {more.terms}"),
        ("stops", version.tolling and version.tolling.terms),
        ("rolls past", version.roll if version.roll != "none" else ""),
        ("if missed", version.if_missed),
        ("next", version.next_step),
    ]
    return [f"  {name}: {words}" for name, words in told if words] + [f"  note: {note}" for note in version.notes]


def _provenance(row: Version | Statement) -> list[str]:
    how = "verified" if row.verified else "UNVERIFIED"
    return [f"  {row.cite}; {how}: {BASIS[row.basis]}, {row.checked_on}", f"  {row.source}"]


def _whole(found: Listed) -> dict[str, Any]:
    return {"starts_on": list(found.rule.starts_on), "event": found.rule.event, "versions": [_plain(v) for v in found.rule.version]}


def _plain(value: Any) -> dict[str, Any]:
    plain = {field.name: getattr(value, field.name) for field in fields(value)}
    return plain | ({"by_time": plain["by_time"].isoformat() if plain["by_time"] else None} if "by_time" in plain else {})


def checked(faults: Sequence[str], files: int) -> Screen:
    """Everything wrong, one a line; exit 3 where there is something."""
    what = f"{files} file{'s' * (files != 1)}" if files else "The packs that ship"
    lines = [show.text(fault) for fault in faults] or [f"{what}: nothing wrong."]
    return Screen(command="rules check", data={"faults": list(faults)}, lines=lines, code=3 if faults else 0)


def loaded(result: Loaded) -> Screen:
    """A pack that was taken in, and what to do next."""
    pack = result.pack
    said = f"{pack.id} {pack.version}: {pack.title}"
    if result.already:
        lines = [f"{said}: it was loaded before; nothing was written."]
    else:
        lines = [f"{said}: {'would be ' if result.dry_run else ''}loaded{NOTHING if result.dry_run else ''}"]
        lines += [f"takes the place of version {result.replaces}"] if result.replaces else []
        lines += [f"  {term.id}: {in_words(term.length, term.unit)} ({show.text(term.cite)})" for term in pack.term]
    warnings = () if result.payer_known else ("no case is with this payer yet: check how its name is written",)
    lines += [f"warning: {warning}" for warning in warnings]
    lines += ["open cases are as they were: `appeals rules apply --dry-run` says which would move"] if not result.already else []
    data = {
        "pack": pack.id,
        "version": pack.version,
        "sha256": pack.hash,
        "terms": [term.id for term in pack.term],
        "replaces": result.replaces,
        "already": result.already,
        "dry_run": result.dry_run,
    }
    return Screen(command="rules load", data=data, lines=lines, warnings=warnings)


def moves(command: str, result: Moves, look: Look, *, dry_run: bool = False) -> Screen:
    """Which cases move, become late or overdue, and the money in dispute in them."""
    columns = ("case", "clock", "work by", "would be", "last day", "would be", "becomes", "disputed")
    cells = [_row(move, result.day) for move in result.moved]
    lines = list(show.table(columns, cells, tty=look.tty, width=look.width)) if cells else []
    cents = {m.case.id: m.case.disputed_cents for m in result.moved}
    worse = {m.case.id: m.case.disputed_cents for m in result.moved if m.becomes(result.day)}
    lines.append(
        f"{len(cents)} of {result.looked_at} open cases move ({show.money(sum(cents.values()))} in dispute); "
        f"{len(worse)} become late or overdue ({show.money(sum(worse.values()))}){NOTHING if dry_run else ''}"
    )
    data = {
        "looked_at": result.looked_at,
        "cases": len(cents),
        "disputed_cents": sum(cents.values()),
        "worse": len(worse),
        "worse_cents": sum(worse.values()),
        "written": result.written,
        "moves": [_move(move, result.day) for move in result.moved],
    }
    return Screen(command=command, data=data, lines=lines)


def _row(move: Moved, day: date) -> tuple[str, ...]:
    before, after = move.before, move.after
    days = (_worked(before), _worked(after), _last(before), _last(after))
    return (move.case.number, _kind(move).replace("_", " "), *days, move.becomes(day), show.money(move.case.disputed_cents))


def _move(move: Moved, day: date) -> dict[str, Any]:
    clocks = {"before": _json(move.before), "after": _json(move.after)}
    return {"case": move.case.number, "kind": _kind(move), **clocks, "becomes": move.becomes(day)}


def _kind(move: Moved) -> str:
    clock = move.after or move.before
    return clock.kind if clock else ""


def _worked(clock: Clock | None) -> str:
    return clock.work_by.isoformat() if clock else "-"


def _last(clock: Clock | None) -> str:
    return rules.latest(clock).isoformat() if clock else "-"


def _json(clock: Clock | None) -> dict[str, Any] | None:
    return clock_json(clock) if clock else None


def sources(rows: Sequence[Source], look: Look) -> Screen:
    """What was checked longest ago first."""
    columns = ("checked", "rules", "unverified", "packs", "source")
    cells = [(each.checked_on.isoformat(), str(each.rules), str(each.unverified), " ".join(each.packs), each.source) for each in rows]
    lines = [*show.table(columns, cells, tty=look.tty, width=look.width), f"{len(rows)} sources"]
    data = {"sources": [{f.name: getattr(each, f.name) for f in fields(each)} for each in rows]}
    return Screen(command="rules sources", data=data, lines=lines)


def sampled(name: str, out: str) -> Screen:
    """Where a sample was written, and what to do with it."""
    lines = [f"{name} written to {out}. It is not your contract: correct every line, then `appeals rules load {out}`."]
    return Screen(command="rules sample", data={"name": name, "file": out}, lines=lines)
