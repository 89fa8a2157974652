"""A copy of a patient's trail as one page for people: read on a screen or printed, with no script and nothing fetched.

Every word that came from outside goes through `_text`; nothing else may put words into the page.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from appeals import findings, money, redaction, show, trail_words
from appeals.clockmaking import WARNINGS
from appeals.copies import Copy, Shown
from appeals.derivation import zone_of
from appeals.fold import clock_of
from appeals.model import RUNNING, Clock
from appeals.reckoning import clock_time
from appeals.record import Json
from appeals.standing import latest
from appeals.trail_style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
ENDED = {"met": "met", "missed": "missed", "cancelled": "ended, no longer needed"}
UNVERIFIED = "UNVERIFIED: nobody has read the law behind this date in its own text."
CANDIDATE = "CANDIDATE: nobody chose this date; it is one of several that could apply."
CHECKING = (
    "Every entry of the practice's log is hashed into one tree. The last line below, the head, stands for the whole log as it was when "
    "this copy was made. Keep it, or compare it with a head line that somebody outside the practice keeps: from another copy of the same "
    "log, or the practice's daily digest.",
    "The leaf is the SHA-256 of an entry's text. From it and the hashes of its proof the root in the head line can be computed again. "
    "The proofs themselves are in the copy as JSON Lines, which `appeals audit export` writes and `verify_trail.py` checks without the "
    "program that wrote it. This page is written from the same entries, and by itself proves nothing.",
)
REDACTED = "Of a redacted copy the place of each entry in the log can be proven, and not what is shown of it."


@dataclass(slots=True)
class _Page:
    """What is known while the page is written: the cases' numbers, and by which entry a clock was last explained."""

    numbers: Mapping[str, str]
    explained: dict[tuple[str, str], int] = field(default_factory=dict)


def page(copy: Copy) -> Iterator[str]:
    """The page in pieces, in order: what the copy is, each case with its entries, the patient's other entries, how to check it."""
    page = _Page(numbers=trail_words.numbers(copy))
    yield from _opening(copy)
    cases: dict[str, list[Shown]] = {}
    for entry in copy.entries:
        cases.setdefault(entry.told["case"] or "", []).append(entry)
    apart = cases.pop("", [])
    for case, held in cases.items():
        yield f"<section>\n<h2>Case {_text(page.numbers.get(case, case))}</h2>\n"
        yield from _stands(held)
        for entry in held:
            yield from _entry(entry, page)
        yield "</section>\n"
    if apart:
        yield "<section>\n<h2>Not about one case</h2>\n"
        for entry in apart:
            yield from _entry(entry, page)
        yield "</section>\n"
    yield from _closing(copy)


def _text(words: object) -> str:
    """Words from outside as HTML text: escaped, and characters nobody can see, those that turn the direction among them, made visible."""
    return html.escape(show.text(str(words)), quote=True)


def _name(words: object) -> str:
    """A name or somebody's own words, which may run the other way than the line they stand in."""
    return f"<bdi>{_text(words)}</bdi>"


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    """A list of names and values, both HTML already; "" where there are none."""
    inner = "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in rows)
    return f"<dl>\n{inner}</dl>\n" if inner else ""


def _opening(copy: Copy) -> Iterator[str]:
    whose = redaction.WITHHELD if copy.redacted else copy.patient_name
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>Record of appeals: {_text(copy.practice.name)}, {copy.exported_on}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    yield '<header class="opening">\n'
    if copy.practice.sandbox:
        yield '<p class="sandbox">SANDBOX: nothing here is real.</p>\n'
    yield f"<h1>Record of appeals: {_name(whose)}</h1>\n"
    if copy.redacted:
        yield (
            f'<p class="withheld"><strong>Redacted copy.</strong> Left out: {_text(redaction.LEFT_OUT)}. '
            f"Where something was, it says {_text(redaction.WITHHELD)}.</p>\n"
        )
    yield _pairs(
        (name, value)
        for name, value in (
            ("Practice", _name(copy.practice.name)),
            ("Patient", f'{_name(whose)} <span class="meta">(id {_text(copy.patient)})</span>'),
            ("Holds", f"{_text(trail_words.scope(copy))}: {_text(copy.statement.partition(',')[0])}"),
            ("Purpose", _name(copy.purpose) if copy.purpose else ""),
            ("For", _name(copy.recipient) if copy.recipient else ""),
            ("Exported", f"{_day(copy.exported_on)} by {_name(copy.exported_by)}"),
            ("Head of the log", f"<code>{_text(copy.head)}</code>"),
        )
        if value
    )
    yield "</header>\n<main>\n"


def _stands(held: Iterable[Shown]) -> Iterator[str]:
    """Where the case and its money are after the entries held, as far as they say it."""
    now: dict[str, Json] = {}
    for entry in held:
        now |= {name: pair[1] for name, pair in entry.told["changes"].items()}
    if "state" in now:
        level = f", level {_text(now['level'])}" if "level" in now else ""
        outcome = f", {_text(trail_words.value('outcome', now['outcome']))}" if now.get("outcome") else ""
        yield f"<p>{_text(trail_words.value('state', now['state'])).capitalize()}{outcome}{level}.</p>\n"
    filled = [(name, now[name]) for name in ("billed_cents", *money.COLUMNS) if now.get(name)]
    if filled:
        rows = "".join(f'<tr><th scope="row">{_text(trail_words.label(n))}</th><td>{show.money(cents)}</td></tr>\n' for n, cents in filled)
        yield f'<table class="money">\n<caption>Money, at the end of this copy</caption>\n<tbody>\n{rows}</tbody>\n</table>\n'


def _entry(entry: Shown, page: _Page) -> Iterator[str]:
    told = entry.told
    back = f"; takes back entry {_text(told['undoes'])}" if told["undoes"] else ""
    yield (
        f'<article class="entry" id="e{entry.seq}">\n<h3><time datetime="{_text(told["on"])}">{_day(told["on"])}</time> '
        f"{_text(trail_words.happened(told))}</h3>\n"
        f'<p class="meta">by {_name(trail_words.by(told))}; entry {entry.seq}, recorded {_text(told["recorded_at"])}{back}</p>\n'
    )
    yield _pairs((name.capitalize(), _name(told[name])) for name in ("reason", "purpose") if told[name])
    yield _pairs((_text(_capital(name)), _name(held)) for name, held in trail_words.facts(told))
    yield from _changes(told)
    kept = "".join(f"<li>{_text(what)}, SHA-256 <code>{_text(digest)}</code></li>\n" for what, digest in trail_words.papers(told))
    yield f'<ul class="papers">\n{kept}</ul>\n' if kept else ""
    for clock in told["clocks"]:
        yield from _clock(clock_of(clock), entry.seq, page)
    yield "</article>\n"


def _changes(told: Mapping[str, Json]) -> Iterator[str]:
    """What changed, before and after; of a case that is opened, where it begins."""
    found = list(trail_words.changes(told))
    if told["name"] == "open":
        given = {held for _name, held in trail_words.facts(told)}
        yield _pairs((_text(_capital(name)), _name(after)) for name, _before, after in found if after not in given)
        return
    if not found:
        return
    yield (
        "<table>\n<caption>What changed</caption>\n"
        '<thead><tr><th scope="col">Field</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>\n<tbody>\n'
    )
    for name, before, after in found:
        yield f'<tr><th scope="row">{_text(name)}</th><td>{_name(before)}</td><td>{_name(after)}</td></tr>\n'
    yield "</tbody>\n</table>\n"


def _clock(clock: Clock, seq: int, page: _Page) -> Iterator[str]:
    """A clock as it stood: its date first; the arithmetic and the citation where this entry is the first with them."""
    runs = clock.status in RUNNING
    yield f'<div class="clock{"" if runs else " over"}">\n<p><strong>{_text(_called(clock))}</strong>: {_text(_due(clock))}</p>\n'
    first = page.explained.setdefault((clock.id, clock.arithmetic), seq)
    if first != seq:
        yield f'<p class="meta">counted as in entry {first}</p>\n</div>\n'
        return
    for said in (*((CANDIDATE,) if clock.candidate else ()), *(() if clock.verified else (UNVERIFIED,))):
        yield f'<p class="doubt">{_text(said)}</p>\n'
    warned = [said for said in clock.warning.split(WARNINGS) if said]
    yield "".join(f'<p class="warned">{_text(said)}</p>\n' for said in warned)
    lines = clock.arithmetic.splitlines()[1 if clock.hard else 0 :]
    counted = "".join(f"<li>{_name(line)}</li>\n" for line in lines if line not in warned)
    yield f"<ul>\n{counted}</ul>\n" if counted else ""
    source = f"{clock.source}{f', checked {clock.checked_on}' if clock.checked_on else ''}" if clock.source else ""
    said = "; ".join(filter(None, (clock.cite, source, f"rule {clock.rule_id} of {clock.pack_id} {clock.pack_version}")))
    yield f'<p class="meta">{_text(said)}</p>\n</div>\n'


def _called(clock: Clock) -> str:
    return _capital(findings.title(clock))


def _capital(words: str) -> str:
    """With a capital letter in front, and NPI left as it is."""
    return words[:1].upper() + words[1:]


def _due(clock: Clock) -> str:
    """When it is due, and how it stands."""
    if clock.status not in RUNNING:
        return f"{ENDED[str(clock.status)]}{f' on {clock.ended_on}' if clock.ended_on else ''}; it was due {_last(clock)}"
    whose = "" if clock.owed_by == "us" else f", owed by the {clock.owed_by}"
    by = f", work by {show.day(clock.work_by)}" if clock.work_by != latest(clock) else ""
    return f"due {_last(clock)}{by}{whose}{'' if clock.status == 'open' else f' ({clock.status})'}"


def _last(clock: Clock) -> str:
    return clock_time(clock.due_at, zone_of(clock.derivation) or "UTC") if clock.due_at else show.day(latest(clock))


def _day(on: date | str) -> str:
    """A day with its weekday; whatever else stands in its place is shown as it is."""
    try:
        return _text(show.day(on if isinstance(on, date) else date.fromisoformat(on)))
    except ValueError:
        return _text(on)


def _closing(copy: Copy) -> Iterator[str]:
    """What a reader needs to check the copy; the head stands last, on the last page."""
    yield "<section>\n<h2>How to check this copy</h2>\n"
    yield "".join(f"<p>{_text(said)}</p>\n" for said in (*CHECKING, *((REDACTED,) if copy.redacted else ())))
    yield (
        '<table class="proof">\n<caption>The entries, and where they stand in the log</caption>\n<thead><tr><th scope="col">Entry</th>'
        '<th scope="col">Leaf</th><th scope="col" class="number">Hashes in proof</th></tr></thead>\n<tbody>\n'
    )
    for entry in copy.entries:
        leaf, proof = f"<code>{_text(entry.leaf)}</code>", len(entry.proof)
        yield f'<tr><th scope="row">{entry.seq}</th><td>{leaf}</td><td class="number">{proof}</td></tr>\n'
    yield (
        f'</tbody>\n</table>\n<div class="closing head">\n<p>{_text(copy.statement)}</p>\n<p><code>{_text(copy.head)}</code></p>\n</div>\n'
        "</section>\n</main>\n</body>\n</html>\n"
    )
