"""What commands print: each function turns a value into JSON data and lines for people. Lists mask names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from appeals import money, rules, show
from appeals.appointments import hour
from appeals.errors import AppealsError
from appeals.findings import Finding
from appeals.model import RUNNING, Case, Clock, ClockStatus, ServiceLine
from appeals.record import Situation
from appeals.suggesting import Suggestion
from appeals.wording import spoken

if TYPE_CHECKING:
    from appeals.services.lists import Option
    from appeals.services.steps import Done
    from appeals.services.store import CaseRow


NO_PROOF = "NO PROOF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where the text goes: a terminal of some width, or a pipe."""

    tty: bool = False
    width: int = 100
    colour: bool = False

    def red(self, text: str) -> str:
        """A line somebody must not overlook, in red where the terminal has it."""
        return f"\x1b[31m{text}\x1b[0m" if self.colour else text

    def amber(self, text: str) -> str:
        """What is not settled yet, in yellow where the terminal has it."""
        return f"\x1b[33m{text}\x1b[0m" if self.colour else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What one command prints: `data` for `--json`, `lines` for people, the exit code when all went well."""

    command: str
    data: Any
    lines: Iterable[str]
    warnings: tuple[str, ...] = ()
    practice: str = ""
    code: int = 0
    day: date | None = None

    def warned(self, said: Sequence[str]) -> Screen:
        """The same with more warnings, below it for people."""
        below = (f"  warning  {each}" for each in said)
        return replace(self, lines=chain(self.lines, below), warnings=(*self.warnings, *said)) if said else self


@dataclass(slots=True)
class Lines:
    out: list[str] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        self.out.extend(lines)


def case_json(case: Case) -> dict[str, Any]:
    """A case without a name in it."""
    keys = ("number", "kind", "state", "outcome", "level", "owner", "urgency", "category", "path", "version")
    columns = ("billed_cents", *money.COLUMNS, money.POSTED)
    return {key: getattr(case, key) for key in (*keys, *columns)} | {"unanswered_cents": money.cents(case, money.UNANSWERED)}


def money_line(of: Case | ServiceLine) -> str:
    """Every bucket that holds something, in words: together they are what was billed."""
    filled = [
        f"{money.WORDS[bucket]} {show.money(money.cents(of, bucket))}"
        for bucket in (*money.BUCKETS, money.UNANSWERED)
        if money.cents(of, bucket)
    ]
    text = " · ".join(filled) or "nothing"
    if isinstance(of, Case) and of.recovered_cents:
        waited = of.recovered_cents - of.posted_cents
        text += f"  (of the recovered {show.money(waited)} has not come yet)" if waited else "  (what was recovered has come)"
    return text


def clock_json(clock: Clock) -> dict[str, Any]:
    """A clock with its dates and its source."""
    keys = (
        "kind", "level", "track", "regime", "owed_by", "status", "candidate", "hard", "verified", "rule_id", "filed_when", "start_date",
        "raw_due", "legal_due", "safe_due", "printed_due", "target_due", "work_by", "due_at", "cite", "source", "warning",
        "filer", "consequence", "next_step",
    )  # fmt: skip
    return {key: getattr(clock, key) for key in keys}


def done(command: str, result: Done) -> Screen:
    """What a step or mark did: the move, the clocks it started and ended, and what comes next."""
    case = result.case
    said = Lines()
    if result.already:
        said.add(f"{case.number}: already done on {result.already} with this request id; nothing was written.")
        return Screen(command=command, data={"case": case_json(case), "already": result.already}, lines=said.out)
    moved = f"{result.was} -> {case.state}" if result.was and result.was != case.state else f"{case.state}"
    outcome = f" ({case.outcome})" if case.outcome else f" (level {case.level})"
    said.add(f"{case.number or '(new case)'}: {moved}{outcome}{'  [dry run: nothing was written]' if result.dry_run else ''}")
    said.add(*([f"  {show.text(result.told)}"] if result.told else []))
    said.add(*([f"  money    {money_line(case)}"] if result.money_moved else []))
    said.add(*(_clock_line(c) for c in sorted(result.clocks, key=lambda c: (c.status not in RUNNING, c.work_by))))
    if result.linked is not None:
        said.add(f"  opened   {result.linked.number} with the other payer")
    said.add(*(f"  warning  {show.text(w)}" for w in result.warnings))
    data = {"case": case_json(case), "was": result.was, "clocks": [clock_json(c) for c in result.clocks], "dry_run": result.dry_run}
    data["linked"] = result.linked.number if result.linked else None
    return Screen(command=command, data=data, lines=said.out, warnings=result.warnings)


def _clock_line(clock: Clock) -> str:
    if clock.status not in RUNNING:
        return f"  {clock.status:<8} {at_hour(clock)}"
    word = "candidate" if clock.candidate else "sent" if clock.status is ClockStatus.SENT else "runs"
    whose = f" ({clock.regime.replace('_', ' ')})" if clock.candidate else ""
    return f"  {word:<8} {at_hour(clock)}{whose}: {_when(clock)}{'  ' + show.text(clock.cite) if clock.cite else ''}{_unverified(clock)}"


def _when(clock: Clock) -> str:
    if not clock.hard:
        return f"house target {show.day(clock.work_by)}"
    if clock.owed_by not in ("us", "patient"):
        return f"{clock.owed_by} must act by {show.day(rules.latest(clock))}"
    printed = show.disputed(clock.printed_due, clock.legal_due)
    return f"work by {show.day(clock.work_by)}, last day {show.day(rules.latest(clock))}{printed}"


def _unverified(clock: Clock) -> str:
    return "" if clock.verified else "  UNVERIFIED"


def named(clock: Clock) -> str:
    """A clock in the words of the desk: `?` where nobody chose it, `!` where nobody has read the law behind it."""
    return at_hour(clock) + marked(clock)


def at_hour(clock: Clock) -> str:
    """What a clock is called, with the time of day where it is an appointment."""
    return f"{spoken(clock)} {hour(clock)}".rstrip()


def unproved(clocks: Iterable[Clock]) -> bool:
    """Whether something was sent whose receipt nobody has proved: it may never have arrived."""
    return any(clock.status is ClockStatus.SENT for clock in clocks)


def marked(clock: Clock) -> str:
    return ("?" if clock.candidate else "") + ("" if clock.verified else "!")


def error_json(error: AppealsError | None) -> dict[str, Any] | None:
    return {"code": error.exit_code, "name": error.name, "message": error.message, "hint": error.hint} if error else None


def row_json(row: CaseRow) -> dict[str, Any]:
    return {
        "case": case_json(row.case),
        "patient": row.patient_name,
        "payer": row.payer_name,
        "clocks": [clock_json(c) for c in row.clocks],
    }


def found(rows: Sequence[CaseRow], look: Look) -> Screen:
    """Cases a search found."""
    columns = ("case", "patient", "payer", "state", "claim", "disputed", "owner")
    cells = [
        (
            r.case.number,
            r.patient_name,
            r.payer_name,
            str(r.case.state),
            r.case.claim_number,
            show.money(r.case.disputed_cents),
            r.case.owner or "NOBODY",
        )
        for r in rows
    ]
    lines = show.table(columns, cells, tty=look.tty, width=look.width)
    return Screen(command="find", data={"cases": [row_json(r) for r in rows]}, lines=lines)


def options(situation: Situation, choices: Sequence[Option], suggested: Suggestion | None = None, *, forum: str = "") -> Screen:
    """What is possible now, and why the rest is not; before the path is chosen also what the notice's codes say."""
    case = situation.case
    said = Lines()
    said.add(f"{case.number} is {case.state}{' · ' + case.outcome if case.outcome else ''}, level {case.level}.")
    said.add(
        "Possible now:",
        *(f"  appeals {o.step} {case.number}{_needed(o)} ..." for o in choices if o.possible),
        f"  appeals undo {case.number} --reason ...",
    )
    said.add("Not now:", *(f"  {o.step}: {show.text(o.reason)}" for o in choices if not o.possible))
    data: dict[str, Any] = {"case": case_json(case), "possible": [o.step for o in choices if o.possible]}
    data["refused"] = [{"step": o.step, "reason": o.reason} for o in choices if not o.possible]
    data |= {"codes": asdict(suggested) if suggested else None, "forum": forum}
    said.add(*([show.text(forum)] if forum else []))
    said.add(*(_codes(case, suggested) if suggested else []))
    return Screen(command="next", data=data, lines=said.out)


def _codes(case: Case, suggested: Suggestion) -> list[str]:
    """The notice's codes in our own words, and the review they speak for: whoever reviews decides."""
    if not suggested.readings:
        return ["The codes: the notice has none; its own words decide the category and the path."]
    lines = ["The codes:"]
    for each in suggested.readings:
        lines.append(f"  {show.text(each.code)} {show.money(each.amount_cents)}: {each.meaning} ({each.bears})")
        lines += [f"    remark: {each.remark}"] if each.remark else []
        lines += [f"    usually: {each.staff}"] if each.staff else []
        lines += [f"    {line}" for text in each.office for line in text.lines]
    asked = f"--category {suggested.category} --path {suggested.path}"
    return [*lines, f"They speak for: appeals review-eob {case.number} {asked}"]


def _needed(option: Option) -> str:
    """The options a step cannot do without, for somebody to complete."""
    return "".join(f" --{need.replace('_', '-')}" for need in option.needs if need not in ("reviewer", "track"))


def finding_json(finding: Finding) -> dict[str, Any]:
    return {key: getattr(finding, key) for key in ("says", "consequence", "next_step", "cite", "verified")}


def finding_lines(found: Sequence[Finding], look: Look) -> list[str]:
    """What the payer did or left undone, what follows, and what to do."""
    lines = []
    for each in found:
        doubt = "" if each.verified else "  UNVERIFIED"
        lines.append(look.red(f"finding   {show.text(each.says)}{f' ({show.text(each.cite)})' if each.cite else ''}{doubt}"))
        lines += [f"          so: {show.text(each.consequence)}"] if each.consequence else []
        lines += [f"          next: {show.text(each.next_step)}"] if each.next_step else []
    return lines


def clocks(situation: Situation, look: Look, *, every: bool, found: Sequence[Finding] = (), doubts: Sequence[str] = ()) -> Screen:
    """A case's clocks, running ones first."""
    chosen = [c for c in situation.clocks if every or c.status in RUNNING]
    chosen.sort(key=lambda c: (c.status not in RUNNING, c.work_by))
    columns = ("clock", "status", "owed by", "work by", "safe", "legal", "printed", "rule", "note")
    cells = [
        (at_hour(c), str(c.status), c.owed_by, show.day(c.work_by),
         *(d.isoformat() if d else "-" for d in (c.safe_due, c.legal_due, c.printed_due)),
         c.rule_id, _note(c))
        for c in chosen
    ]  # fmt: skip
    said = Lines()
    said.add(*show.table(columns, cells, tty=look.tty, width=look.width))
    said.add(*finding_lines(found, look), *(look.red(show.text(doubt)) for doubt in doubts))
    data = {"case": case_json(situation.case), "clocks": [clock_json(c) for c in chosen]}
    data |= {"findings": [finding_json(each) for each in found], "doubts": list(doubts)}
    return Screen(command="clocks", data=data, lines=said.out, warnings=tuple(doubts))


def _note(clock: Clock) -> str:
    notes = [
        word
        for word, holds in (
            (f"candidate: {clock.regime.replace('_', ' ')}", clock.candidate),
            ("UNVERIFIED", not clock.verified),
            ("house", not clock.hard),
        )
        if holds
    ]
    return " ".join(notes)


def why(case: Case, explained: Sequence[tuple[Clock, tuple[str, ...]]]) -> Screen:
    """A deadline explains itself: work by, why, each date with its citation, the arithmetic, what would change it."""
    lines = [show.text(line) for _clock, told in explained for line in (*told, "")]
    data = {
        "case": case_json(case),
        "clocks": [{**clock_json(c), "arithmetic": c.arithmetic, "explained": list(told)} for c, told in explained],
    }
    return Screen(command="why", data=data, lines=lines[:-1])
