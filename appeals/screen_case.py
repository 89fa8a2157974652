"""One case on one screen: money, clocks, papers, calls, the last events. Shown only after its read event is written."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from appeals import codes, proofs, rules, show, suggesting
from appeals.contractrows import Address
from appeals.findings import Finding
from appeals.model import RUNNING, Filing
from appeals.officetexts import NO_TEXTS, Texts
from appeals.record import Situation
from appeals.screens import NO_PROOF, Look, Screen, at_hour, case_json, clock_json, finding_json, finding_lines, money_line
from appeals.services.authorisations import OBTAINED
from appeals.statement import Told

INDENT = " " * 10


def case(
    situation: Situation,
    events: Sequence[dict[str, Any]],
    look: Look,
    *,
    found: Sequence[Finding] = (),
    doubts: Sequence[str] = (),
    addresses: Sequence[Address] = (),
    backup: str = "",
    told: Told | None = None,
    texts: Texts = NO_TEXTS,
) -> Screen:
    """Everything staff need to work the case, names included."""
    c, plan = situation.case, situation.coverage
    outcome = f" · {c.outcome}" if c.outcome else ""
    lines = [
        f"{c.number}  {c.state}{outcome}  level {c.level}  {c.kind}  {_owner(c.owner, backup)}",
        f"patient   {show.text(situation.patient.name)}"
        + (f", born {situation.patient.birth_date}" if situation.patient.birth_date else "")
        + (f", member {show.text(plan.member_id)}" if plan.member_id else ""),
        f"payer     {show.text(situation.payer.name)}  claim {show.text(c.claim_number)}  network {c.network}  assignment {c.assignment}",
        *_folded("plan", _plan(situation), look),
        *_folded("money", f"billed {show.money(c.billed_cents)}: {money_line(c)}", look),
    ]
    lines += _patients_money(situation, told)
    if c.category or c.path:
        lines.append(f"review    {c.category}, path {c.path}, appealable {c.appealable}")
    lines += [f"authorised {show.text(m.text)}" for m in situation.marks if m.name == OBTAINED and not m.voided]
    lines += [*_denials(situation), *_codes(situation, texts)]
    # What is wrong with a date stands beside the dates: below the papers nobody would scroll to it.
    lines += [*_clocks(situation), *(f"  {look.red(show.text(doubt))}" for doubt in doubts), *finding_lines(found, look)]
    lines += ["last events"] + [
        f"  {e['on']}  {e['actor']:<10} {e['kind']} {e['name']}{'  ' + show.text(e['reason']) if e['reason'] else ''}" for e in events
    ]
    filings = [_filing(filing, look) for filing in situation.filings if not filing.voided]
    lines += [*_lines(situation), *filings, *_papers(situation), *(_address(row) for row in addresses)]
    data = _data(situation, events) | {"findings": [finding_json(each) for each in found], "doubts": list(doubts)}
    data |= {"addresses": [asdict(row) for row in addresses], "backup": backup, "reimbursement": asdict(told) if told else None}
    return Screen(command="show", data=data, lines=lines, warnings=tuple(doubts))


def _patients_money(situation: Situation, told: Told | None) -> list[str]:
    """What the patient paid up front, what the plan is to give back, and what of it the patient has."""
    if told is None or not (told.payments or told.expected_cents or told.to_patient_cents):
        return []
    parts = (
        ("patient paid", told.paid_cents),
        ("reimbursement expected", told.expected_cents),
        ("paid to the patient", told.to_patient_cents),
    )
    said = ", ".join(f"{name} {show.money(cents)}" for name, cents in parts if cents)
    return [f"reimburse superbill {show.money(situation.case.billed_cents)}: {said}"]


def _folded(name: str, text: str, look: Look) -> list[str]:
    """A line with its name, folded where the screen ends; a pipe gets it whole."""
    width = look.width if look.tty else len(text) + len(INDENT)
    return textwrap.wrap(f"{name:<{len(INDENT)}}{text}", width, subsequent_indent=INDENT, break_on_hyphens=False, drop_whitespace=True)


def _owner(owner: str, backup: str) -> str:
    """Who works it, and who does when that person is away."""
    return f"owner {show.text(owner) or 'NOBODY'}" + (f" (backup {show.text(backup)})" if backup else "")


def _plan(situation: Situation) -> str:
    plan = situation.coverage
    facts = {
        "programme": plan.programme,
        "funding": plan.funding,
        "grandfathered": plan.grandfathered,
        "issue state": plan.issue_state,
        "internal levels": plan.internal_levels,
    }
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    return f"{told} ({'entered' if plan.facts_from == 'entered' else 'the payer’s defaults'})"


def _denials(situation: Situation) -> list[str]:
    notices = [d for d in situation.denials if not d.voided]
    lines = []
    for d in notices:
        unread = "receipt cannot be read" if d.received_how == "unreadable" else "receipt not recorded"
        received = f"received {d.received_date}" if d.received_date else unread
        words = "".join(f"  {show.text(said)}" for said in (d.reasons, d.letter_words) if said)
        lines.append(f"denied    {show.money(d.denied_cents)}  notice {d.notice_date}, {received}, level {d.level}{words}")
    return lines


def _codes(situation: Situation, texts: Texts) -> list[str]:
    """What the newest notice's codes mean, in our own words, and in the office's where it has them."""
    said = {reading.code: reading for reading in suggesting.of(situation, codes.load(), texts).readings}
    lines = []
    for code, reading in said.items():
        lines.append(f"{INDENT}{show.text(code)}: {reading.meaning}")
        lines += [f"{INDENT}  {line}" for text in reading.office for line in text.lines]
    return lines


def _lines(situation: Situation) -> list[str]:
    return [
        f"line {line.position}    {show.text(line.procedure):<12} charged {show.money(line.charge_cents)}: {money_line(line)}"
        for line in sorted(situation.lines, key=lambda row: row.position)
        if not line.voided
    ]


def _clocks(situation: Situation) -> list[str]:
    running = sorted((c for c in situation.clocks if c.status in RUNNING), key=lambda c: c.work_by)
    lines = ["clocks" if running else "clocks    none runs"]
    for clock in running:
        marks = ("  candidate" if clock.candidate else "") + ("" if clock.verified else "  UNVERIFIED") + ("" if clock.hard else "  house")
        last = f"  last day {rules.latest(clock)}" if clock.legal_due else ""
        last += show.disputed(clock.printed_due, clock.legal_due)
        lines.append(f"  {show.day(clock.work_by)}  {at_hour(clock):<32} {clock.owed_by:<8} {clock.status}{last}{marks}")
    return lines


def _address(row: Address) -> str:
    """Where something is sent, and how old that knowledge is."""
    ways = (row.address, row.fax and f"fax {row.fax}", row.portal, row.telephone and f"tel. {row.telephone}")
    where = ", ".join(show.text(way) for way in ways if way) or "no address entered"
    return f"send to   {row.purpose.replace('_', ' ')}, {show.text(row.line_of_business)}: {where} (verified {row.verified_on})"


def _filing(filing: Filing, look: Look) -> str:
    """One appeal: how it went out, what proves it and how far that goes, and what came of it."""
    days = "".join(
        f", {name} {day}"
        for name, day in (
            ("received", filing.received_date),
            ("acknowledged", filing.acknowledged_date),
            ("prepared", filing.prepared_date),
        )
        if day
    )
    how = " ".join(show.text(part) for part in (filing.channel, filing.destination) if part)
    said = f"filing    level {filing.level} {filing.track} by {filing.appellant}, sent {filing.sent_date}{f' {how}' if how else ''}{days}"
    said += f": {filing.outcome or 'pending'}"
    proof = show.text(proofs.in_words(filing))
    return f"{said}{f'  {proof}' if proof else ''}{look.amber(f'  {NO_PROOF}') if proofs.unproved(filing) else ''}"


def _papers(situation: Situation) -> list[str]:
    lines = [
        f"peer call {show.text(p.clinician)}, asked {p.requested_date}{': ' + p.outcome if p.outcome else ''}"
        for p in situation.peer_reviews
        if not p.voided
    ]
    lines += [
        f"call      {c.dated}  {show.text(c.person or c.number_called)}"
        + (f"  ref {show.text(c.reference)}" if c.reference else "")
        + (f": {show.text(c.promised)}" if c.promised else "")
        + (f"; again on {c.next_date}" if c.next_date else "")
        for c in situation.contacts
    ]
    lines += [f"document  {d.dated}  {d.kind.replace('_', ' ')}, {d.direction}  {d.sha256[:12]}" for d in situation.documents]
    lines += [
        f"mark      {m.dated}  {m.name}  {show.text(m.text)}".rstrip() for m in situation.marks if not m.voided and m.name != OBTAINED
    ]
    lines += [f"proposal  {p.step}: {show.text(p.reason)} (`appeals intake resolve`)" for p in situation.proposals if p.status == "open"]
    lines += [f"linked    {link.kind}" for link in situation.links]
    return lines


def _data(situation: Situation, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    plan = situation.coverage
    plan_facts = {n: getattr(plan, n) for n in ("programme", "funding", "grandfathered", "issue_state", "internal_levels", "facts_from")}
    return {
        "case": {**case_json(situation.case), "claim_number": situation.case.claim_number, "opened_on": situation.case.opened_on},
        "patient": {"id": situation.patient.id, "name": situation.patient.name, "member_id": plan.member_id},
        "payer": situation.payer.name,
        "plan": plan_facts,
        "denials": [_row(d) for d in situation.denials],
        "lines": [_row(line) for line in situation.lines if not line.voided],
        "filings": [_row(f) for f in situation.filings],
        "peer_reviews": [_row(p) for p in situation.peer_reviews],
        "marks": [_row(m) for m in situation.marks],
        "contacts": [_row(c) for c in situation.contacts],
        "documents": [{k: v for k, v in _row(d).items() if k != "content"} for d in situation.documents],
        "proposals": [_row(p) for p in situation.proposals],
        "clocks": [clock_json(c) for c in situation.clocks],
        "events": [{key: e[key] for key in ("seq", "on", "actor", "kind", "name", "reason")} for e in events],
    }


def _row(value: Any) -> dict[str, Any]:
    return {key: inner for key, inner in asdict(value).items() if key not in ("practice_id", "case_id")}
