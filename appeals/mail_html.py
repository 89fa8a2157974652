"""The HTML part of a reminder mail: tables, nothing fetched, no script, no picture, no link. Everything in it is escaped. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

FONT = "font-family:Arial,Helvetica,sans-serif"
CELL = "padding:3px 14px 3px 0;text-align:left;vertical-align:top"
MONO = "font-family:monospace;font-size:12px;word-break:break-all"


def page(
    title: str,
    opening: Sequence[str],
    columns: Sequence[str],
    tables: Sequence[tuple[str, Sequence[Sequence[str]]]],
    notes: Sequence[str],
    head: tuple[str, str] | None,
) -> str:
    """A page of headings, tables and notes; `head` is what is said of the audit head, and its line, which stays in one piece."""
    lines = ["<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">', f"<title>{escape(title)}</title></head>"]
    lines += [f'<body style="{FONT};font-size:14px;color:#111">', *(f"<p>{escape(each)}</p>" for each in opening)]
    for heading, rows in tables:
        lines += [f'<h2 style="font-size:15px;margin:18px 0 4px">{escape(heading)}</h2>', *_table(columns, rows)]
    lines += [f'<p style="color:#444">{escape(note)}</p>' for note in notes]
    if head is not None:
        lines += [f'<p style="color:#444">{escape(head[0])}</p>', f'<p style="{MONO}">', escape(head[1]), "</p>"]
    return "\n".join([*lines, "</body></html>"]) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield '<table style="border-collapse:collapse;font-size:14px">'
    yield "<tr>"
    yield from (f'<th scope="col" style="{CELL}">{escape(name)}</th>' for name in columns)
    yield "</tr>"
    for row in rows:
        yield "<tr>"
        yield from (f'<td style="{CELL}">{escape(cell)}</td>' for cell in row)
        yield "</tr>"
    yield "</table>"
