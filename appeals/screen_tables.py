"""What the commands about CSV files print: columns and counts, never a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appeals import show
from appeals.screens import Look, Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.intake.csvmapping import CsvMapping
    from appeals.intake.csvpreview import Preview


def previewed(found: Preview, mapping: CsvMapping, look: Look, *, out: str) -> Screen:
    """Each column with the field that reads it, and how many of its cells the mapping cannot read. Exit 3 where it does not fit."""
    cells = [
        (
            show.text(column.header),
            column.field or "-",
            str(column.filled),
            str(column.unread) if column.field else "",
            show.text(column.form),
        )
        for column in found.columns
    ]
    lines = [*show.table(("column", "field", "filled", "not read", "as"), cells, tty=look.tty, width=look.width)]
    rows = "rows" if mapping.file.rows == "claim" else "rows (one a service line)"
    lines.append(f"{found.rows} {rows}; {found.uneven} of them are not as wide as the header" if found.uneven else f"{found.rows} {rows}")
    lines += [f"no column for: {', '.join(found.missing)}"] if found.missing else []
    lines += [f"mapping written to {out}: correct it, then `appeals intake FILE.csv --mapping {out} --dry-run`"] if out else []
    data = {
        "mapping": mapping.id,
        "columns": [{name: getattr(column, name) for name in ("header", "field", "filled", "unread", "form")} for column in found.columns],
        "missing": list(found.missing),
        "rows": found.rows,
        "uneven": found.uneven,
        "file": out,
    }
    fits = not found.missing and not found.uneven and not any(column.unread for column in found.columns)
    return Screen(command="intake mapping-template", data=data, lines=lines, code=0 if fits else 3)
