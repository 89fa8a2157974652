"""What the document commands print: kinds, dates and hashes, never the name of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from appeals import show
from appeals.model import Case
from appeals.record import Document
from appeals.screens import Look, Screen
from appeals.statement import Statement

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.documents import Checked
    from appeals.services.enclosing import Checklist, Listed


def listed(case: Case, rows: Sequence[Document], look: Look) -> Screen:
    """The papers of a case, by kind, date and hash: never by the name of a file."""
    columns = ("dated", "kind", "direction", "bytes", "SHA-256")
    cells = [(p.dated.isoformat(), p.kind.replace("_", " "), p.direction, str(p.size), p.sha256[:12]) for p in rows]
    lines = [*show.table(columns, cells, tty=look.tty, width=look.width)] if rows else [f"{case.number} has no document on file."]
    return Screen(command="document list", data={"case": case.number, "documents": [_paper(p) for p in rows]}, lines=lines)


def written(paper: Document, out: str) -> Screen:
    """Where a paper was written."""
    lines = [f"{paper.kind.replace('_', ' ')} of {paper.dated}, {paper.size} bytes, written to {show.text(out)}"]
    return Screen(command="document get", data={"document": _paper(paper), "file": out}, lines=lines)


def verified(case: Case, checked: Sequence[Checked]) -> Screen:
    """Which papers still have the hash they were kept under; exit 3 where one has not."""
    bad = [each.document for each in checked if not each.holds]
    lines = [f"{p.kind.replace('_', ' ')} of {p.dated}, {p.sha256[:12]}: its bytes are not those that were kept" for p in bad]
    lines.append(f"{case.number}: {len(checked) - len(bad)} of {len(checked)} documents hold.")
    data = {"case": case.number, "checked": len(checked), "broken": [_paper(p) for p in bad]}
    return Screen(command="document verify", data=data, lines=lines, code=3 if bad else 0)


def stated(made: Statement, out: str) -> Screen:
    """Where a statement was written, and what it comes to; never for whom."""
    case, total, paid = made.situation.case, made.total, made.told.paid_cents
    lines = [
        f"{case.number}: share {show.money(total.patient_cents)}, paid {show.money(paid)}, still to pay {show.money(made.owed_cents)}; "
        f"written to {show.text(out)}",
        f"`appeals mark {case.number} statement-given` once the patient has it.",
    ]
    data = {"case": case.number, "file": out, "charge_cents": total.charge_cents, "plan_cents": total.plan_cents}
    data |= {"patient_cents": total.patient_cents, "paid_cents": paid, "owed_cents": made.owed_cents}
    return Screen(command="statement", data=data, lines=lines)


def checklist(made: Checklist, look: Look) -> Screen:
    """What the next appeal should carry; what was noted of a treatment is `show`'s to tell, here stand only its days."""
    number = made.case.number
    named = made.category.replace("_", " ") or "not said by anything yet"
    said = " (by its codes; nobody has reviewed it)" if made.by_codes and made.category else ""
    head = f"{number}: {made.track.replace('_', ' ')}{f', {made.level}' if made.level else ''}; category {named}{said}"
    columns = ("paper", "", "on file", "what it is")
    cells = [
        (each.item.kind.replace("_", " "), "required" if each.item.required else "recommended", _on_file(each), each.item.what)
        for each in made.items
    ]
    missing = [each.item.kind for each in made.items if each.item.required and each.missing]
    last = f"Missing and required: {', '.join(missing)} (`appeals document add {number} FILE --kind KIND`)." if missing else ""
    lines = [head, *show.table(columns, cells, tty=look.tty, width=look.width), last or "Nothing required is missing."]
    items = [
        {"kind": each.item.kind, "required": each.item.required, "what": each.item.what, "why": each.item.why,
         "documents": [{"dated": p.dated, "sha256": p.sha256} for p in each.papers], "noted": list(each.noted)}
        for each in made.items
    ]  # fmt: skip
    data = {"case": number, "track": made.track, "level": made.level, "category": made.category, "by_codes": made.by_codes}
    return Screen(command="checklist", data=data | {"items": items, "missing": missing}, lines=lines)


def _on_file(each: Listed) -> str:
    papers = [f"{paper.dated} {paper.sha256[:12]}" for paper in each.papers]
    return ", ".join((*papers, *(f"noted {day}" for day in each.noted))) or ("MISSING" if each.item.required else "-")


def _paper(paper: Document) -> dict[str, Any]:
    return {
        "id": paper.id,
        "kind": paper.kind,
        "direction": paper.direction,
        "dated": paper.dated,
        "size": paper.size,
        "sha256": paper.sha256,
    }
