"""The workflow in one table; `transitions` enforces it and nothing else may set `Case.state`.

The machine only decides: nothing is written in a callback, and a refusal says why and what is possible instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

from transitions import Machine, MachineError

from appeals import filing_guards as fg
from appeals import guards as g
from appeals import money_guards as m
from appeals.errors import MissingFact, StepRefused
from appeals.guards import Attempt, Guard
from appeals.model import State
from appeals.record import Situation


@dataclass(frozen=True, slots=True)
class Step:
    """One row: a step from each of `source` to one of `to`, only if no guard gives a reason against it.

    `needs` names the facts a person must give; `outcome` is what a resolved case is called after it.
    """

    name: str
    source: tuple[State, ...]
    to: tuple[State, ...]
    guards: tuple[Guard, ...] = ()
    needs: tuple[str, ...] = ()
    outcome: str = ""


SUBMITTED, DENIED, REVIEWED = State.SUBMITTED, State.DENIED, State.EOB_REVIEWED
FILED, PEER, RESOLVED = State.APPEAL_FILED, State.PEER_REVIEW, State.RESOLVED
BEFORE_PEER = (SUBMITTED, DENIED, REVIEWED, FILED)
GIVEN_UP = (SUBMITTED, DENIED, REVIEWED)
PART = (m.part_won, m.second_person("partially-overturn"))
BILLED = (m.patient_may_be_billed, m.statement_in_hand, m.second_person("bill-patient"))
LINE = (m.lines_in_dispute, m.some_lines_only, m.line_may_be_billed, m.second_person("settle-line"))

STEPS = (
    Step("deny", (SUBMITTED,), (DENIED,), needs=("notice", "amount")),
    Step("approve", (SUBMITTED,), (RESOLVED,), (g.asked_before_the_service,), ("authorisation",), "approved"),
    Step("pay", (*BEFORE_PEER, PEER), (RESOLVED,), (m.nothing_left_in_dispute, m.second_person("pay")), ("amount",), "paid"),
    Step("void", (SUBMITTED,), (RESOLVED,), (m.second_person("void"),), ("reason",), "void"),
    Step("review-eob", (DENIED, REVIEWED), (REVIEWED,), needs=("reviewer", "category", "path")),
    Step("request-peer-review", (SUBMITTED,), (PEER,), (g.asked_before_the_service, g.peer_window_open), ("clinician",)),
    Step("request-peer-review", (DENIED, REVIEWED, FILED), (PEER,), (g.peer_window_open,), ("clinician",)),
    Step("peer-overturn", (PEER,), (RESOLVED,), (m.all_won, m.second_person("peer-overturn")), ("reviewer", "reference"), "overturned"),
    Step("peer-uphold", (PEER,), BEFORE_PEER, needs=("reviewer", "said")),
    Step("peer-missed", (PEER,), BEFORE_PEER, needs=("why",)),
    Step("file-appeal", (REVIEWED,), (FILED,), fg.FILING, ("track", "appellant", "sent")),
    Step("file-appeal", (FILED,), (FILED,), (g.beside_expedited, *fg.FILING), ("track", "appellant", "sent")),
    Step("overturn", (FILED,), (RESOLVED,), (g.one_filing_pending, m.all_won, m.second_person("overturn")), ("decided",), "overturned"),
    Step("partially-overturn", (FILED,), (DENIED, RESOLVED, FILED), (g.one_filing_pending, *PART), ("decided", "amount"), "partial"),
    Step("partially-overturn", (PEER,), (*BEFORE_PEER, RESOLVED), PART, ("decided", "amount"), "partial"),
    Step("uphold", (FILED,), (DENIED, RESOLVED, FILED), (g.one_filing_pending, g.not_sent_on_by_law), ("decided",), "upheld"),
    Step("dismiss", (FILED,), (DENIED, FILED), (g.one_filing_pending,), ("decided", "reason")),
    Step("deem-exhausted", (FILED,), (DENIED, FILED), (g.payer_clock_ran_out, g.a_level_is_left, g.not_sent_on_by_law, g.silence_counts)),
    Step("forward", (FILED,), (FILED,), (g.one_filing_pending, g.forwarded_by_law), ("received",)),
    Step("withdraw", (FILED,), (REVIEWED, FILED), (g.one_filing_pending,), ("reason",)),
    Step("resubmit", (REVIEWED,), (SUBMITTED,), needs=("control_number",)),
    Step("bill-other-payer", (REVIEWED,), (RESOLVED,), needs=("payer",), outcome="other_payer"),
    Step("bill-patient", (REVIEWED,), (RESOLVED,), BILLED, ("how_met",), "patient"),
    Step("write-off", GIVEN_UP, (RESOLVED,), (m.accounted_for, m.second_person("write-off")), ("reason",), "written_off"),
    *(Step("settle-line", (state,), (state,), LINE, ("settled", "to", "reason")) for state in (DENIED, REVIEWED, FILED)),
    Step("expire", GIVEN_UP, (RESOLVED,), (g.every_route_has_run_out,), ("cause", "signed"), "expired"),
    Step("reopen", (RESOLVED,), (DENIED, SUBMITTED), needs=("reason",)),
)
SITUATION_ONLY = (*g.SITUATION_ONLY, fg.appeal_decided_on, m.lines_in_dispute)  # what `next` can ask before any fact is given
NAMES = tuple(dict.fromkeys(step.name for step in STEPS))


def rows(name: str, source: State) -> tuple[Step, ...]:
    """The table's rows for this step from this state: none where the table has no such edge."""
    return tuple(step for step in STEPS if step.name == name and source in step.source)


def move(attempt: Attempt, name: str, wanted: State | None = None) -> tuple[Step, State]:
    """The row by which the step may be taken and where it leads; `wanted` picks the target where facts decide it.

    Raises:
        StepRefused: the table has no such edge, or a guard says why not. `possible` names the steps it does have.
        MissingFact: a fact the step needs was not given.
    """
    case = attempt.situation.case
    cursor = SimpleNamespace(state=case.state)
    if not rows(name, case.state):
        possible = open_steps(attempt)
        starts = " or ".join(dict.fromkeys(str(source) for step in STEPS if step.name == name for source in step.source))
        raise StepRefused(f"Case {case.number} is {case.state}; {name} starts from {starts}.", _instead(possible), possible)
    _facts_given(attempt, rows(name, case.state)[0])
    try:
        moved = _machine().events[name].trigger(cursor, attempt, wanted)
    except MachineError as error:
        possible = open_steps(attempt)
        raise StepRefused(f"Case {case.number} is {case.state}; {name!r} is not possible.", _instead(possible), possible) from error
    if not moved:
        raise RuntimeError(f"no transition of {name!r} from {case.state} leads to {wanted}")
    return next(row for row in rows(name, case.state) if cursor.state in row.to), cursor.state


def steps_from(state: State) -> tuple[str, ...]:
    """Names of the steps the table has from `state`, in its order, guards aside; `undo` is no edge of the graph."""
    known = set(_machine().get_triggers(state))
    return tuple(name for name in NAMES if name in known)


def open_steps(attempt: Attempt, *, besides: str = "") -> tuple[str, ...]:
    """Names of the steps that could be taken now, whatever facts they ask for; without the one that was just refused."""
    situation = attempt.situation
    return tuple(name for name in steps_from(situation.case.state) if name != besides and refusal(situation, name, attempt) is None)


def refusal(situation: Situation, name: str, attempt: Attempt) -> str | None:
    """Why the step could not be taken now whatever facts were given; None when it could. Used by `next`."""
    found = rows(name, situation.case.state)
    if not found:
        sources = sorted({str(source) for step in STEPS if step.name == name for source in step.source})
        return f"the case is {situation.case.state}; it starts from {' or '.join(sources)}"
    reasons = [[reason for guard in row.guards if guard in SITUATION_ONLY and (reason := guard(attempt))] for row in found]
    return None if any(not said for said in reasons) else reasons[0][0]


def _instead(possible: tuple[str, ...]) -> str:
    return f"Possible now: {', '.join(possible)}." if possible else "Nothing is possible now."


def _facts_given(attempt: Attempt, row: Step) -> None:
    missing = [need for need in row.needs if attempt.facts.get(need) in (None, "")]
    if missing and row.name == "review-eob":
        hint = f"`appeals next {attempt.situation.case.number}` says what its codes mean, and what is usually done."
        raise MissingFact(f"{row.name} needs {', '.join('--' + need for need in missing)}.", hint)
    if missing:
        options = ", ".join("--" + need.replace("_", "-") for need in missing)
        raise MissingFact(f"{row.name} needs {options}.", f"`appeals {row.name} --help` shows an example.")


@cache
def _machine() -> Machine:
    """The one private machine. A row with two targets becomes one transition for each (from, to) pair."""
    return Machine(
        model=None,
        states=State,
        initial=None,
        auto_transitions=False,
        transitions=[
            {
                "trigger": step.name,
                "source": source,
                "dest": target,
                "conditions": [_only(target), *(_enforce(guard, step.name) for guard in step.guards)],
            }
            for step in STEPS
            for source in step.source
            for target in step.to
        ],
    )


def _only(target: State) -> Callable[[Attempt, State | None], bool]:
    return lambda _attempt, wanted: wanted is None or wanted is target


def _enforce(guard: Guard, name: str) -> Callable[[Attempt, State | None], bool]:
    """Turn a guard's reason into StepRefused: a bare False would let `transitions` skip the step without a word."""

    def check(attempt: Attempt, _wanted: State | None) -> bool:
        if reason := guard(attempt):
            case = attempt.situation.case
            possible = open_steps(attempt, besides=name)
            raise StepRefused(f"Case {case.number}: {reason}.", _instead(possible), possible)
        return True

    return check
