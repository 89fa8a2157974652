"""What the commands of the audit trail print: its head, an export, what a verification found."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from appeals import heads, show
from appeals.record import Head
from appeals.screens import Look, Screen

if TYPE_CHECKING:
    from appeals.services.trails import Accounting, Exported, LogVerdict
    from appeals.trailcheck import Verdict
CHECKED = "`appeals audit verify FILE` checks it."
FOR_READING = "It is for reading; only a copy with --format jsonl can be verified."


def head(found: Head) -> Screen:
    """The head line, alone on its line."""
    data = {"head": heads.line(found), "log": found.log, "size": found.size, "root": found.root, "recorded_at": found.at}
    return Screen(command="audit head", data=data, lines=[heads.line(found)])


def exported(result: Exported, out: str, verifier: str) -> Screen:
    """An export written: its statement and head, where it lies, and whose earlier trail belongs to it."""
    lines = [
        f"Wrote {result.statement.partition(', log ')[0]} to {out}.",
        f"head {heads.line(result.head)}",
        *([f"Wrote the verifier beside it: python3 {verifier} {out}"] if verifier else []),
        *(f"An earlier trail belongs to it, of a patient merged into this one: appeals audit export --patient {i}" for i in result.earlier),
        CHECKED if result.form == "jsonl" else FOR_READING,
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
    if verdict.broken is not None:
        found = f"BROKEN at entry {verdict.broken.seq}: {show.text(verdict.broken.message)}"
        data = {"entries": verdict.entries, "kept": 0, "findings": [found], "first": verdict.broken.seq, "what": verdict.broken.what}
        lines = [found, "Nothing was changed. Keep the file as it is, and a copy; docs/threat-model.md says what to do."]
        return Screen(command="audit verify", data=data, lines=lines, code=3)
    line = heads.line(verdict.head)
    lines = [f"{show.count(verdict.entries, 'entry', 'entries')}: every leaf and root agrees with the text it was made from."]
    if verdict.kept:
        lines.append(f"{show.count(verdict.kept, 'head')} kept outside: the log is still the one they were taken from.")
    else:
        lines.append("No head kept outside was given: a log rewritten as a whole would look the same (`--against`).")
    lines.append(f"head {line}")
    return Screen(
        command="audit verify", data={"entries": verdict.entries, "kept": verdict.kept, "findings": [], "head": line}, lines=lines
    )


def verified_file(verdict: Verdict) -> Screen:
    """One exported file."""
    findings = [show.text(str(f)) for f in verdict.findings]
    lines = [f"{show.count(verdict.entries, 'entry', 'entries')} checked, {show.count(verdict.clocks, 'deadline')} counted again."]
    lines += [f"  {finding}" for finding in findings]
    if not findings:
        lines += ["Whole and unchanged: every entry, proof, count and date agrees.", show.text(verdict.statement)]
        if verdict.withheld:
            lines.append(
                f"Redacted: of {show.count(verdict.withheld, 'entry', 'entries')} only the place in the log is proven, not what is shown."
            )
        kept = f"{show.count(verdict.kept, 'head')} kept outside: the file is of the log they were taken from."
        lines.append(kept if verdict.kept else f"Compare this with a head kept outside (`--against`): {show.text(verdict.head)}")
    data = {
        "entries": verdict.entries,
        "clocks": verdict.clocks,
        "withheld": verdict.withheld,
        "kept": verdict.kept,
        "statement": verdict.statement,
        "head": verdict.head,
        "findings": findings,
    }
    return Screen(command="audit verify", data=data, lines=lines, code=3 if findings else 0)
