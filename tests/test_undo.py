"""Taking back: state, money, rows and clocks as before; nothing erased; and random walks that never lose an event."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from practice import WAYS, Offices, calling, denied, filed, opened, resolved, reviewed

from appeals import workflow
from appeals.errors import AppealsError
from appeals.ids import Ids
from appeals.model import RUNNING
from appeals.record import Run
from appeals.services import cases, marks, steps
from appeals.services.doctor import doctor
from appeals.services.undo import undo

UNDO = "undo 1 --reason 'wrong case'"
BOOKKEEPING = ("version", "entered_on")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def standing(situation):
    """How a case stands: its fields, its running clocks with their dates, the rows that count."""
    case = {name: value for name, value in asdict(situation.case).items() if name not in BOOKKEEPING}
    clocks = sorted((asdict(replace(c, next_remind_on=None)) for c in situation.clocks if c.status in RUNNING), key=lambda c: c["id"])
    rows = {name: sorted(map(repr, live(getattr(situation, name)))) for name in ("denials", "filings", "peer_reviews", "marks")}
    return case, clocks, rows


def live(rows):
    return [row for row in rows if not row.voided]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.step} from {way.source} to {way.to}")
def test_after_undo_state_money_rows_and_clocks_are_as_before_the_step(offices, way):
    office = offices.after(*way.before)
    before = office.situation()
    office.do(way.turn, f"{way.day} {UNDO}")
    assert standing(office.situation()) == standing(before)
    office.check()


@pytest.mark.parametrize("way", WAYS[::5], ids=lambda way: f"{way.step} from {way.source} to {way.to}")
def test_an_undone_step_can_be_taken_again_with_the_same_effect(offices, way):
    once, twice = offices.after(*way.before, way.turn), offices.after(*way.before, way.turn, f"{way.day} {UNDO}", way.turn)
    assert kinds(once) == kinds(twice)
    twice.check()


def kinds(office):
    """Who can be compared between two offices: everything but ids."""
    case = office.case()
    return case.state, case.outcome, case.level, case.disputed_cents, sorted((c.kind, c.status, c.work_by) for c in office.running())


def test_an_undo_is_an_entry_that_names_the_one_it_undoes_and_why_and_erases_nothing(offices):
    office = offices.after(*denied())
    before = office.events()
    office.do(f"2026-11-09 {UNDO}")
    after = office.events()
    assert after[:-1] == before
    assert (after[-1]["name"], after[-1]["undoes"], after[-1]["reason"]) == ("undo", before[-1]["seq"], "wrong case")
    [notice] = office.situation().denials
    assert notice.voided


def test_undo_asks_for_a_reason(offices):
    assert offices.after(*denied()).say("2026-11-09 undo 1").code == 2


def test_the_second_undo_takes_back_the_step_before_and_never_the_undo(offices):
    office = offices.after(*reviewed())
    office.do(f"2026-11-09 {UNDO}")
    assert office.case().state == "denied"
    office.do(f"2026-11-09 {UNDO}")
    assert office.case().state == "submitted"
    _open, deny, review, first, second = office.events()
    assert (first["undoes"], second["undoes"]) == (review["seq"], deny["seq"])


def test_taking_back_the_opening_leaves_a_void_case_and_nothing_more_to_undo(offices):
    office = offices.after(*opened())
    office.do(f"2026-11-05 {UNDO}")
    assert (office.case().state, office.case().outcome, office.running()) == ("resolved", "void", ())
    office.check()
    before = office.everything()
    answer = office.say(f"2026-11-05 {UNDO}")
    assert (answer.code, office.everything()) == (20, before)
    assert "no step is left to undo" in answer.err


def test_a_paper_denial_opened_in_one_command_is_taken_back_in_two(offices):
    paper = opened()[0].replace(" --submitted 2026-11-02", " --denied --notice 2026-11-02 --amount 1200 --code CO-50")
    office = offices.after(paper, f"2026-11-05 {UNDO}")
    assert office.case().state == "submitted"
    office.do(f"2026-11-05 {UNDO}")
    assert (office.case().state, office.case().outcome) == ("resolved", "void")
    office.check()


@pytest.mark.parametrize(
    "history",
    [
        (*calling(opened(kind="pre_service")), "2026-11-05 mark 1 denial-added --notice 2026-11-04 --amount 100", f"2026-11-05 {UNDO}"),
        (*resolved(), "2026-12-01 reopen 1 --reason x", "2026-12-02 mark 1 denial-added --notice 2026-12-01 --amount 100"),
    ],
    ids=["open", "reopen"],
)
def test_an_undo_that_resolves_a_case_leaves_no_clock_that_we_owe(offices, history):
    office = offices.after(*history)
    office.do(f"2026-12-03 {UNDO}")
    assert office.case().state == "resolved"
    assert [c.kind for c in office.running() if c.owed_by in ("us", "patient")] == []


def test_an_undo_keeps_what_was_learned_after_the_step(offices):
    office = offices.after(*denied(), "2026-11-09 assign 1 ben", "2026-11-09 note 1 'called the payer'", f"2026-11-10 {UNDO}")
    assert (office.case().state, office.case().owner) == ("submitted", "ben")
    assert [m.voided for m in office.situation().marks] == [False, False]


def test_proof_of_receipt_outlives_the_undo_of_a_later_step(offices):
    office = offices.after(*denied(), "2026-11-20 mark 1 received --date 2026-11-10 --of denial")
    proven = [(c.start_date, c.legal_due) for c in office.running() if c.kind == "file_internal_appeal"]
    office.do("2026-11-20 review-eob 1 --reviewer X --category other --path appeal", f"2026-11-20 {UNDO}")
    assert [(c.start_date, c.legal_due) for c in office.running() if c.kind == "file_internal_appeal"] == proven
    assert str(proven[0][0]) == "2026-11-10"


def test_a_filing_that_was_taken_back_is_no_longer_pending(offices):
    office = offices.after(*filed(), f"2026-11-09 {UNDO}", *filed()[-1:])
    assert len(live(office.situation().filings)) == 1
    office.do("2026-12-21 uphold 1 --decided 2026-12-18")


def test_a_call_that_was_taken_back_does_not_come_back_with_the_next(offices):
    office = offices.after(*calling(denied()), f"2026-11-05 {UNDO}", *calling(denied())[-1:], "2026-11-09 peer-missed 1 --why not_offered")
    assert [(p.voided, p.outcome) for p in office.situation().peer_reviews if not p.voided] == [(False, "missed")]


def test_undo_is_offered_by_next_and_is_the_same_request_once(offices):
    office = offices.after(*denied())
    assert "undo A-000001" in office.do("2026-11-09 next 1").out
    office.do(f"2026-11-09 {UNDO} --request-id R-1")
    before = office.everything()
    assert "already done" in office.do(f"2026-11-09 {UNDO} --request-id R-1").out
    assert office.everything() == before


# Random walks through the real services on real files.

PLANS = (
    {"programme": "employer", "funding": "self_funded", "grandfathered": "no", "internal_levels": "1"},
    {"programme": "employer", "funding": "insured", "issue_state": "NC", "grandfathered": "no", "internal_levels": "2"},
    {"programme": "medicare_ffs"},
    {"programme": "medicare_advantage"},
    {"programme": "medicaid_managed_care", "issue_state": "NC"},
    {},
)
TRACKS = ("member_appeal", "external_review", "hearing", "court", "provider_dispute")
MARKS = ("received", "acknowledged", "denial-added", "payment-posted", "urgency-declared", "note")
IDS = Ids(clock=lambda: datetime.now(UTC))


def told(step, draw, today):
    """Facts that would do for the step, drawn where they decide where it leads."""
    amount = draw(st.sampled_from((1, 20_000, 40_000)))
    facts = {
        "deny": {"notice": today, "amount": amount, "codes": (("PR", "1", "", amount),)},
        "approve": {"authorisation": "PA-1"},
        "pay": {"amount": amount},
        "review-eob": {"reviewer": "X", "category": "other", "path": draw(st.sampled_from(("appeal", "appeal", "corrected_claim")))},
        "request-peer-review": {"clinician": "Dr Reyes"},
        "peer-overturn": {"reviewer": "Dr Poe", "reference": "P-2"},
        "peer-uphold": {"reviewer": "Dr Poe", "said": "no"},
        "peer-missed": {"why": "nobody_called"},
        "file-appeal": {"track": draw(st.sampled_from(TRACKS)), "appellant": "patient", "sent": today, "expedited": draw(st.booleans())},
        "partially-overturn": {"amount": amount, "rest_given_up": draw(st.booleans())},
        "forward": {"received": today},
        "resubmit": {"control_number": "ICN-1"},
        "bill-other-payer": {"payer": "Another Invented Health", "member_id": IDS.new_id()},
        "bill-patient": {"how_met": "self_pay"},
        "expire": {"cause": "not_worked", "signed": "X"},
        "reopen": {"to": draw(st.sampled_from(("denied", "submitted")))},
    }
    every = {"reason": "a reason", "decided": today}
    if step in ("file-appeal", "uphold", "overturn", "partially-overturn", "dismiss", "withdraw"):
        every |= {"received": today} if draw(st.booleans()) else {}
    return every | facts.get(step, {}) | ({"filing": draw(st.sampled_from(TRACKS))} if draw(st.integers(0, 4)) == 0 else {})


class Walk:
    """One case, walked: each turn either leaves one entry more and everything sound, or nothing at all."""

    def __init__(self, store, draw):
        self.store, self.draw, self.today = store, draw, date(2026, 11, 3)
        billed = {"kind": draw(st.sampled_from(("post_service", "concurrent", "pre_service"))), "billed": 50_000}
        who = {"patient": "Example, Erin", "payer": "Invented Health", "member_id": "M-1", "claim": "C-1", "submitted": self.today}
        cases.open_case(store, {**who, **billed, **draw(st.sampled_from(PLANS))}, self.run())

    def run(self):
        now = datetime(self.today.year, self.today.month, self.today.day, 17, tzinfo=UTC)
        given = {"request_id": IDS.new_id(), "new_id": IDS.new_id, "new_nonce": IDS.new_nonce}
        return Run(practice=self.store.practice, recorded_at=now, on=self.today, actor="ana", **given)

    def turn(self):
        self.today += timedelta(days=self.draw(st.sampled_from((0, 1, 5, 40, 130))))
        before = self.store.situation("1")
        possible = [*workflow.steps_from(before.case.state), "undo", "mark"]
        name = self.draw(st.sampled_from(possible))
        size = self.store.head().size
        try:
            self.take(name, before)
        except AppealsError:
            assert (self.store.head().size, self.store.situation("1")) == (size, before)
            return None
        assert self.store.head().size == size + (2 if name == "bill-other-payer" else 1)
        self.sound()
        return name, before

    def take(self, name, before):
        if name == "undo":
            undo(self.store, "1", "a reason", self.run())
        elif name == "mark":
            facts = {"notice": self.today, "amount": 100}
            marks.mark(self.store, "1", self.draw(st.sampled_from(MARKS)), facts, self.run())
        else:
            steps.advance(self.store, "1", name, told(name, self.draw, self.today), self.run())

    def sound(self):
        found = self.store.situation("1")
        running = [c for c in found.clocks if c.status in RUNNING]
        if found.case.state == "resolved":
            assert not [c.kind for c in running if c.owed_by in ("us", "patient")]
        else:
            assert running
        log = [json.loads(stored.text) for stored in self.store.events(case_id=found.case.id)]
        assert [entry["case_version"] for entry in log] == list(range(1, found.case.version + 1))
        assert found.case.disputed_cents >= 0
        assert len([p for p in live(found.peer_reviews) if not p.outcome]) == (found.case.state == "peer_review")
        at_the_payer = "appeal_filed" in (found.case.state, found.case.came_from)
        assert bool([f for f in live(found.filings) if not f.outcome]) == at_the_payer


# Without shrinking: every try is a file of its own, and a walk is short enough to read as it was drawn.
QUIET = settings(
    max_examples=50, deadline=None, derandomize=True, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)


@QUIET
@given(data=st.data())
def test_no_walk_loses_an_event_or_leaves_an_open_case_without_a_date(offices, data):
    with offices.after().store() as store:
        walk = Walk(store, data.draw)
        for _turn in range(data.draw(st.integers(1, 12))):
            walk.turn()
        assert doctor(store).findings == ()


@QUIET
@given(data=st.data())
def test_wherever_a_walk_has_led_undo_puts_the_last_step_back(offices, data):
    with offices.after().store() as store:
        walk = Walk(store, data.draw)
        taken = [done for _turn in range(data.draw(st.integers(1, 8))) if (done := walk.turn())]
        if taken and taken[-1][0] not in ("undo", "mark"):
            undo(store, "1", "a reason", walk.run())
            assert standing(store.situation("1")) == standing(taken[-1][1])
            walk.sound()
        assert doctor(store).findings == ()
