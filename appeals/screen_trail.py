"""What the commands of the audit trail print: its head, an export, what a verification found."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from appeals import heads, show
from appeals.record import Head
from appeals.screens import Look, Screen

if TYPE_CHECKING:
    from appeals.logcheck import Break
    from appeals.services.disclosures import Accounting
    from appeals.services.trails import Exported
    from appeals.services.verifying import LogVerdict
    from appeals.trailcheck import Verdict
CHECKED = "`appeals audit verify FILE` checks it."
ANOTHER_COPY = "Nothing was changed or repaired. Ask whoever wrote the file for another copy of it, and keep this one."
NOT_SAID = "No {what} was recorded with it: `--recipient` and `--purpose` say to whom and what for, also in `audit disclosures`."
FOR_READING = "It is for reading; only a copy with --format jsonl can be verified."


def head(found: Head) -> Screen:
    """The head line, alone on its line."""
    data = {"head": heads.line(found), "log": found.log, "size": found.size, "root": found.root, "recorded_at": found.at}
    return Screen(command="audit head", data=data, lines=[heads.line(found)])


def exported(result: Exported, out: str, verifier: str) -> Screen:
    """An export written: its statement and head, where it lies, and whose earlier trail belongs to it."""
    lines = [
        f"Wrote {result.statement.partition(', log ')[0]}{f' ({show.text(result.whose)})' if result.whose else ''} to {out}.",
        f"head {heads.line(result.head)}",
        *([f"Wrote the verifier beside it: python3 {verifier} {out}"] if verifier else []),
        *(f"An earlier trail belongs to it, of a patient merged into this one: appeals audit export --patient {i}" for i in result.earlier),
        CHECKED if result.form == "jsonl" else FOR_READING,
        *([NOT_SAID.format(what=" and no ".join(result.unsaid))] if result.unsaid else []),
    ]
    data = {
        "entries": result.counts.entries,
        "of": result.counts.of,
        "size": result.head.size,
        "head": heads.line(result.head),
        "statement": result.statement,
        "file": out,
        "verifier": verifier,
        "earlier": list(result.earlier),
    }
    return Screen(command="audit export", data=data, lines=lines)


def disclosures(told: Accounting, look: Look) -> Screen:
    """What was given out about a patient, and where it was asked for who looked."""
    found = told.disclosures
    columns = ("on", "entry", "what", "case", "by", "to", "for")
    cells = [
        (d.on, str(d.entry), d.what, d.case, f"{d.account} for {d.acting_for}" if d.acting_for else d.account, d.recipient, d.purpose)
        for d in found
    ]
    out = sum(d.given_out for d in found)
    lines = [f"Disclosures about {show.text(told.patient.name)} (patient {told.patient.id})"]
    lines += show.table(columns, cells, tty=look.tty, width=look.width) if cells else ()
    lines.append(f"{out} given out{f', {len(found) - out} looked at' if len(found) > out else ''}.")
    lines.append("What was sent to a payer stands with its case: `appeals audit export`.")
    return Screen(
        command="audit disclosures",
        data={"patient": told.patient.id, "name": told.patient.name, "disclosures": [asdict(d) for d in found]},
        lines=lines,
    )


def verified_log(verdict: LogVerdict) -> Screen:
    """The whole log, and its head for somebody else to keep."""
    unused = f"{show.count(verdict.unused, 'head')} of another log {'was' if verdict.unused == 1 else 'were'} not used."
    beside = [unused] if verdict.unused else []
    if verdict.broken is not None:
        return _broken(verdict.broken, verdict, beside)
    line = heads.line(verdict.head)
    lines = [f"{show.count(verdict.entries, 'entry', 'entries')}: every leaf and root agrees with the text it was made from."]
    if verdict.kept:
        lines.append(f"{show.count(verdict.kept, 'head')} kept outside: the log is still the one they were taken from.")
        lines.append(f"They vouch for entries 1 to {verdict.covered}{_uncovered(verdict)}.")
    else:
        lines.append("No head kept outside was given: a log rewritten as a whole would look the same (`--against`).")
    lines += [*beside, f"head {line}"]
    data = {"entries": verdict.entries, "kept": verdict.kept, "covered": verdict.covered, "findings": [], "head": line}
    return Screen(command="audit verify", data=data, lines=lines)


def _uncovered(verdict: LogVerdict) -> str:
    if verdict.covered == verdict.entries:
        return ", which are all there are"
    return f"; of those after that, and of any that are gone from the end, they know nothing: {verdict.entries - verdict.covered} are there"


def _broken(broken: Break, verdict: LogVerdict, beside: list[str]) -> Screen:
    """What was found, and what to do now: whoever reads this may have nothing but the program."""
    found = f"BROKEN: {show.text(broken.message)}{f' ({show.text(verdict.about)})' if verdict.about else ''}"
    lines = [found, *beside]
    if broken.what == "head":
        lines.append("If the head was typed by hand, compare it first with where it was kept: one wrong character gives this answer too.")
    lines += [
        "Nothing was changed or repaired. What to do now:",
        "  1. Leave the database file as it is; copy it (with its -wal file, if there is one), and write down who could change it.",
        "  2. Check the last backups in the same way: `appeals audit verify --db BACKUP --against ...` finds the newest one that agrees.",
        "  3. Exports that were handed out say what the log held then, and can be verified alone.",
        "  4. Tell whoever answers for compliance; it may have to be reported.",
    ]
    data = {"entries": verdict.entries, "kept": 0, "covered": 0, "findings": [found], "first": broken.seq, "what": broken.what}
    return Screen(command="audit verify", data=data, lines=lines, code=3)


def verified_file(verdict: Verdict) -> Screen:
    """One exported file."""
    findings = [show.text(str(f)) for f in verdict.findings]
    steps = f", {verdict.uncounted} recorded without their steps and not counted" if verdict.uncounted else ""
    lines = [f"{show.count(verdict.entries, 'entry', 'entries')} checked, {show.count(verdict.clocks, 'deadline')} counted again{steps}."]
    lines += (
        [f"NOT WHOLE, or changed: {show.count(len(findings), 'finding')}.", *(f"  {finding}" for finding in findings)] if findings else ()
    )
    lines += [ANOTHER_COPY] if findings else ()
    if not findings:
        lines += ["Whole and unchanged: every entry, proof, count and date agrees.", show.text(verdict.statement)]
        if verdict.withheld:
            lines.append(
                f"Redacted: of {show.count(verdict.withheld, 'entry', 'entries')} only a place in the log is proven; "
                "what is shown of them, and whose they are, is not."
            )
        kept = f"{show.count(verdict.kept, 'head')} kept outside: the file is of the log they were taken from."
        lines.append(kept if verdict.kept else f"Compare this with a head kept outside (`--against`): {show.text(verdict.head)}")
    data = {
        "entries": verdict.entries,
        "clocks": verdict.clocks,
        "uncounted": verdict.uncounted,
        "withheld": verdict.withheld,
        "kept": verdict.kept,
        "statement": verdict.statement,
        "head": verdict.head,
        "findings": findings,
    }
    return Screen(command="audit verify", data=data, lines=lines, code=3 if findings else 0)
