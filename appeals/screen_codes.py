"""What the commands about codes print: our own words, the office's beside them, and where each is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from appeals import show
from appeals.codes import Codes
from appeals.explaining import wrapped
from appeals.officetexts import OfficeText
from appeals.screens import Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.codelook import Explained
    from appeals.services.codebook import Loaded

CALLED = {
    "carc": "reason (CARC)",
    "rarc": "remark (RARC)",
    "group": "group",
    "status": "claim status",
    "category": "claim status category of a report (277)",
}
NOTHING = "  [dry run: nothing was written]"
INDENT = "  "


def shown(found: Sequence[Explained], codes: Codes) -> Screen:
    """Every code with all that is known of it. Exit 3 where nothing is known of one."""
    lines: list[str] = []
    for one in found:
        lines += _lines(one)
    lines += wrapped(
        f"Unmarked words are our own, written {codes.written_on} about the lists of {codes.source} and {codes.remark_source}; "
        "what staff usually do is practice, not law."
    )
    data = {
        "codes": [_json(one) for one in found],
        "written_on": codes.written_on,
        "source": codes.source,
        "remark_source": codes.remark_source,
    }
    known = all(one.known or one.office for one in found)
    return Screen(command="codes show", data=data, lines=lines, code=0 if known else 3)


def _lines(one: Explained) -> list[str]:
    said = [f"{show.text(one.code)}  {CALLED[one.kind]}: {one.meaning}"]
    if one.category or one.path:
        told = [f"category {one.category}" if one.category else "", f"usual path {one.path}" if one.path else ""]
        said += [f"{INDENT}{', '.join(filter(None, told))}{'; no denial, whatever its amount' if one.routine else ''}"]
    said += [INDENT + line for line in wrapped(f"usually: {one.staff}")] if one.staff else []
    said += [INDENT + line for line in one.office.lines] if one.office else []
    said += [f"{INDENT}also a claim status: appeals codes show status {one.code}"] if one.also else []
    return said


def _json(one: Explained) -> dict[str, Any]:
    keys = ("kind", "code", "known", "meaning", "category", "path", "staff", "routine")
    return {key: getattr(one, key) for key in keys} | {"office": office_json(one.office)}


def office_json(text: OfficeText | None) -> dict[str, Any] | None:
    """The office's own text for a program; None where it has none."""
    return {key: value for key, value in asdict(text).items() if key not in ("kind", "code")} if text else None


def loaded(result: Loaded) -> Screen:
    """A list that was taken in, and what it takes the place of."""
    told = ", ".join(show.count(count, f"{CALLED[kind]} text") for kind, count in result.counts.items())
    if result.already:
        lines = [f"{show.text(result.origin)}: it was loaded before; nothing was written."]
    else:
        lines = [f"{show.text(result.origin)}: {told} {'would be ' if result.dry_run else ''}loaded{NOTHING if result.dry_run else ''}"]
        lines += [f"takes the place of {show.text(name)} ({CALLED[kind]})" for kind, name in result.replaces.items()]
        lines.append("`appeals codes show`, `next` and `show` give them beside our own words, marked as the office's.")
    data = {
        "origin": result.origin,
        "sha256": result.sha256,
        "counts": result.counts,
        "replaces": result.replaces,
        "already": result.already,
        "dry_run": result.dry_run,
    }
    return Screen(command="codes load", data=data, lines=lines)
