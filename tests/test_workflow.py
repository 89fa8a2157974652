"""The workflow against a table written by hand from the description of the product, never from `workflow.STEPS`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from practice import BESIDE, ENCLOSED, GONE, IN_STATE, MEDICAID, URGENT, WAYS, Offices, denied, external, filed, opened, reviewed
from transitions import Machine, MachineError

from appeals import workflow
from appeals.model import State

STATES = ("submitted", "denied", "eob_reviewed", "appeal_filed", "peer_review", "resolved")
BEFORE_A_CALL = ("submitted", "denied", "eob_reviewed", "appeal_filed")
# step: {from: every state it may lead to}; a state that is not named refuses the step. `open` and `undo` are no edges.
TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "deny": {"submitted": ("denied",)},
    "approve": {"submitted": ("resolved",)},
    "pay": dict.fromkeys((*BEFORE_A_CALL, "peer_review"), ("resolved",)),
    "void": {"submitted": ("resolved",)},
    "review-eob": {"denied": ("eob_reviewed",), "eob_reviewed": ("eob_reviewed",)},
    "request-peer-review": dict.fromkeys(BEFORE_A_CALL, ("peer_review",)),
    "peer-overturn": {"peer_review": ("resolved",)},
    "peer-uphold": {"peer_review": BEFORE_A_CALL},
    "peer-missed": {"peer_review": BEFORE_A_CALL},
    "file-appeal": {"eob_reviewed": ("appeal_filed",), "appeal_filed": ("appeal_filed",)},
    "overturn": {"appeal_filed": ("resolved",)},
    "partially-overturn": {"appeal_filed": ("denied", "resolved", "appeal_filed"), "peer_review": (*BEFORE_A_CALL, "resolved")},
    "uphold": {"appeal_filed": ("denied", "resolved", "appeal_filed")},
    "dismiss": {"appeal_filed": ("denied", "appeal_filed")},
    "deem-exhausted": {"appeal_filed": ("denied", "appeal_filed")},
    "forward": {"appeal_filed": ("appeal_filed",)},
    "withdraw": {"appeal_filed": ("eob_reviewed", "appeal_filed")},
    "resubmit": {"eob_reviewed": ("submitted",)},
    "bill-other-payer": {"eob_reviewed": ("resolved",)},
    "bill-patient": {"eob_reviewed": ("resolved",)},
    "settle-line": {state: (state,) for state in ("denied", "eob_reviewed", "appeal_filed")},
    "write-off": dict.fromkeys(("submitted", "denied", "eob_reviewed"), ("resolved",)),
    "expire": dict.fromkeys(("submitted", "denied", "eob_reviewed"), ("resolved",)),
    "reopen": {"resolved": ("denied", "submitted")},
}
EDGES = {(step, source, target) for step, row in TABLE.items() for source, targets in row.items() for target in targets}
REFUSED = [(step, state) for step, row in TABLE.items() for state in STATES if state not in row]
# Options that would do if only the case stood elsewhere: a refusal is never about a forgotten option.
WORDS = {way.step: way.words for way in WAYS}
LATER = "2027-06-20"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture(scope="module")
def standing(offices):
    """One office in each state, for refusals only: they change nothing, which each of them proves."""
    return {state: offices.after(*history) for state, history in IN_STATE.items()}


def test_there_are_six_states_and_twenty_six_steps():
    assert tuple(State) == STATES
    assert len({*TABLE, "open", "undo"}) == 26
    assert set(workflow.NAMES) == set(TABLE)


def test_the_graph_of_the_machine_is_the_table_and_nothing_else():
    machine = workflow._machine()
    edges = {
        (name, str(source.value), str(edge.dest.value))
        for name, event in machine.events.items()
        for source, found in ((State[source], found) for source, found in event.transitions.items())
        for edge in ((SimpleNamespace(dest=State[t.dest])) for t in found)
    }
    assert edges == EDGES


def test_every_target_of_every_step_is_reached_by_one_of_the_ways_that_are_walked():
    assert {(way.step, way.source, way.to) for way in WAYS} == EDGES


@pytest.mark.parametrize(("step", "state"), REFUSED)
def test_a_step_the_table_does_not_have_is_refused_with_what_is_possible_and_writes_nothing(standing, step, state):
    office = standing[state]
    before = office.everything()
    answer = office.say(f"{LATER} {step} 1 {WORDS[step]}", "--json")
    assert (answer.code, answer.out) == (20, ""), answer.err
    error = json.loads(answer.err)["error"]
    assert (error["code"], error["name"]) == (20, "step_refused")
    assert f"A-000001 is {state}" in error["message"]
    assert error["possible"] == [name for name in office.do(f"{LATER} next 1 --json").data["possible"] if state in TABLE[name]]
    assert all(name in error["hint"] for name in error["possible"])
    assert office.everything() == before


@pytest.mark.parametrize("state", STATES)
def test_open_is_refused_for_a_claim_that_has_a_case_whatever_its_state(standing, state):
    office = standing[state]
    before = office.everything()
    answer = office.say(opened()[0].replace("2026-11-03 ", f"{LATER} "))
    assert (answer.code, office.everything()) == (22, before)
    assert "A-000001" in answer.err


@pytest.mark.parametrize("state", STATES)
def test_undo_is_taken_in_every_state_and_is_no_edge_of_the_graph(offices, state):
    office = offices.after(*IN_STATE[state])
    office.do(f"{LATER} undo 1 --reason 'wrong case'")
    was = {"submitted": "resolved", "denied": "submitted", "eob_reviewed": "denied", "appeal_filed": "eob_reviewed"}
    assert office.case().state == was.get(state, {"peer_review": "denied", "resolved": "submitted"}.get(state))
    assert "undo" not in workflow._machine().events


FILE = f"file-appeal 1 --track member_appeal --appellant provider --authority assignment --sent 2026-11-09 {ENCLOSED}"
BILL = "2026-11-09 bill-patient 1 --how-met self_pay"
GUARDED = {
    "only a request made before the service is approved": (
        opened(), "2026-11-05 approve 1 --authorisation PA-1", ("post_service",)),
    "no call about a claim nobody has denied": (
        opened(), "2026-11-05 request-peer-review 1 --clinician 'Dr Reyes'", ("post_service",)),
    "the path decided is another": (
        reviewed(path="corrected_claim"), f"2026-11-09 {FILE}", ("corrected_claim", "review-eob")),
    "the review found it not appealable": (
        (*denied(), "2026-11-06 review-eob 1 --reviewer X --category other --path appeal --appealable no"), f"2026-11-09 {FILE}",
        ("not appealable", "review-eob")),
    "the case stands at another level": (
        reviewed(), f"2026-11-09 {FILE}".replace("member_appeal", "court"), ("Internal appeal", "court")),
    "nobody gave the provider the right": (
        reviewed(), f"2026-11-09 {FILE}".replace("--authority assignment", ""), ("provider", "--authority")),
    "the time to file has run out": (
        reviewed(), f"{GONE} {FILE}".replace("--sent 2026-11-09", f"--sent {GONE}"), ("2027-05-03", "--good-cause", "expire")),
    "a second appeal beside one that is not expedited": (
        filed(), f"2026-11-10 file-appeal 1 {BESIDE}", ("pending", "expedited")),
    "a second appeal that is no external review": (
        filed(URGENT, kind="pre_service"), f"2026-11-10 {FILE}", ("pending", "expedited")),
    "which of two filings": (
        (*filed(URGENT, kind="pre_service"), f"2026-11-10 file-appeal 1 {BESIDE}"), "2026-11-12 overturn 1 --decided 2026-11-11",
        ("2 filings", "--filing member_appeal|external_review")),
    "no filing on that track": (
        filed(), "2026-12-21 overturn 1 --decided 2026-12-18 --filing hearing", ("hearing",)),
    "a partial win of everything": (
        filed(), "2026-12-21 partially-overturn 1 --decided 2026-12-18 --amount 1200", ("partial", "overturn")),
    "the payer still has time": (
        filed(), "2027-01-08 deem-exhausted 1", ("no decision clock",)),
    "no level is left": (
        external(), "2027-06-15 deem-exhausted 1", ("no level is left",)),
    "nothing is sent on by law": (
        filed(), "2026-12-21 forward 1 --received 2026-12-18", ("by law",)),
    "CO money without a waiver": (
        reviewed(path="patient_responsibility"), BILL, ("PR", "--waiver")),
    "Medicaid, even with a waiver": (
        reviewed(path="patient_responsibility", plan=MEDICAID, code="PR-1"), f"{BILL} --waiver ABN", ("Medicaid",)),
    "surprise billing": (
        reviewed(path="patient_responsibility", code="PR-1"), f"{BILL} --surprise-billing --waiver ABN", ("No Surprises Act",)),
    "a route is still open": (
        denied(), "2027-05-03 expire 1 --cause not_worked --signed X", ("2027-05-03", "file_internal_appeal")),
    "no deadline has run out": (
        opened(), f"{GONE} expire 1 --cause not_worked --signed X", ("write-off",)),
}  # fmt: skip


@pytest.mark.parametrize("name", GUARDED)
def test_a_guard_says_why_and_what_is_possible_instead_exits_20_and_changes_nothing(offices, name):
    history, turn, reasons = GUARDED[name]
    office = offices.after(*history)
    before, state = office.everything(), str(office.case().state)
    answer = office.say(turn, "--json")
    assert answer.code == 20, answer.err or answer.out
    error = json.loads(answer.err)["error"]
    assert all(reason in error["message"] for reason in reasons), error["message"]
    assert turn.split()[1] not in error["possible"]
    assert all(state in TABLE[step] for step in error["possible"])
    assert office.everything() == before


def test_an_appeal_without_a_document_its_category_needs_names_it_exits_21_and_changes_nothing(offices):
    office = offices.after(*reviewed())
    before = office.everything()
    answer = office.say(f"2026-11-09 {FILE}".replace("--enclosed records", ""))
    assert (answer.code, office.everything()) == (21, before)
    assert "not enclosed: records." in answer.err
    assert "--override" in answer.err


NEEDS = {
    "deny": ("notice", "amount"), "approve": ("authorisation",), "pay": ("amount",), "void": ("reason",),
    "review-eob": ("category", "path"), "request-peer-review": ("clinician",), "peer-overturn": ("reviewer", "reference"),
    "peer-uphold": ("reviewer", "said"), "peer-missed": ("why",), "file-appeal": ("appellant", "sent"), "overturn": ("decided",),
    "partially-overturn": ("decided", "amount"), "uphold": ("decided",), "dismiss": ("decided", "reason"), "forward": ("received",),
    "withdraw": ("reason",), "resubmit": ("control-number",), "bill-other-payer": ("payer",), "bill-patient": ("how-met",),
    "write-off": ("reason",), "expire": ("cause", "signed"), "reopen": ("reason",),
}  # fmt: skip


@pytest.mark.parametrize("step", NEEDS)
def test_a_step_without_its_facts_names_their_options_exits_21_and_writes_nothing(standing, step):
    state = next(state for state in TABLE[step])
    office = standing[state]
    before = office.everything()
    answer = office.say(f"{LATER} {step} 1")
    assert answer.code == 21, answer.err
    assert all(f"--{need}" in answer.err for need in NEEDS[step])
    assert office.everything() == before


# What `workflow` counts on in `transitions` 0.9; a release that changes one of these must fail here and not in an office.


def one_step_machine(condition):
    edges = [{"trigger": "go", "source": State.DENIED, "dest": State.RESOLVED, "conditions": [condition]}]
    return Machine(model=None, states=State, initial=None, auto_transitions=False, transitions=edges)


def test_transitions_moves_a_throw_away_cursor_between_enum_members_through_events():
    cursor = SimpleNamespace(state=State.DENIED)
    assert one_step_machine(lambda *_given: True).events["go"].trigger(cursor, "attempt", None) is True
    assert cursor.state is State.RESOLVED


def test_transitions_hands_every_argument_to_the_condition():
    seen = []
    machine = one_step_machine(lambda *given: seen.append(given) or True)
    machine.events["go"].trigger(SimpleNamespace(state=State.DENIED), "attempt", "wanted")
    assert seen == [("attempt", "wanted")]


def test_transitions_says_nothing_when_a_condition_is_false_so_a_guard_has_to_raise():
    cursor = SimpleNamespace(state=State.DENIED)
    assert one_step_machine(lambda *_given: False).events["go"].trigger(cursor) is False
    assert cursor.state is State.DENIED


def test_transitions_lets_an_error_out_of_a_condition_and_leaves_the_cursor_alone():
    def broken(*_given):
        raise LookupError("why not")

    cursor = SimpleNamespace(state=State.DENIED)
    with pytest.raises(LookupError, match="why not"):
        one_step_machine(broken).events["go"].trigger(cursor)
    assert cursor.state is State.DENIED


def test_transitions_refuses_an_edge_it_does_not_have_and_makes_none_of_its_own():
    machine = one_step_machine(lambda *_given: True)
    with pytest.raises(MachineError):
        machine.events["go"].trigger(SimpleNamespace(state=State.SUBMITTED))
    assert set(machine.events) == {"go"}
    assert machine.get_triggers(State.DENIED) == ["go"]


# docs/workflow.md

PAGE = Path(__file__).parents[1] / "docs" / "workflow.md"
BEGIN, END = "<!-- drawn from appeals/workflow.py by tests/test_workflow.py: UPDATE_DOCS=1 -->\n", "<!-- end -->"


def drawing() -> str:
    """The table as a mermaid diagram: one arrow for each pair of states, with the steps that take it."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in workflow.STEPS:
        for source in row.source:
            for target in row.to:
                name = f"{row.name} ({row.outcome})" if row.outcome and target is State.RESOLVED else row.name
                arrows.setdefault((source.value, target.value), []).append(name)
    lines = [f"    {source} --> {target}: {', '.join(dict.fromkeys(names))}" for (source, target), names in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> submitted: open", *lines, "    resolved --> [*]", "```\n"])


def test_the_diagram_in_the_documentation_is_the_table():
    head, _begin, rest = PAGE.read_text("utf-8").partition(BEGIN)
    shown, _end, tail = rest.partition(END)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(f"{head}{BEGIN}{drawing()}{END}{tail}", "utf-8")
        shown = drawing()
    assert shown == drawing(), "UPDATE_DOCS=1 pytest tests/test_workflow.py draws it anew"


def test_the_documentation_tells_of_every_step_where_it_starts_and_where_it_leads():
    steps = PAGE.read_text("utf-8").split("## The money")[0]
    rows = [line.split("|")[1:4] for line in steps.splitlines() if line.startswith("| `")]
    told = {}
    for step, sources, targets in rows:
        sources, targets = (frozenset(word for word in cell.replace(",", " ").split() if word in STATES) for cell in (sources, targets))
        known = told.setdefault(step.strip().strip("`"), (set(), set()))
        known[0].update(sources)
        known[1].update(targets)
    wanted = {name: (set(row), {target for targets in row.values() for target in targets}) for name, row in TABLE.items()}
    assert {name: told.get(name) for name in wanted} == wanted
    assert set(told) == {*TABLE, "open", "undo"}
