"""Turns drawn at random, over every programme: nothing is lost, everything has a date, the money adds up. `make soak` draws more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from practice import Offices
from walking import OTHERS, PLANS, RemittanceWalk, Walk, standing

from appeals.services.doctor import doctor
from appeals.services.undo import undo

TURNS = 12
WALKS = 2_000 // (len(PLANS) * TURNS) + 1
LONG = 10_000 // (len(PLANS) * TURNS) + 1


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.mark.parametrize("walks", [WALKS, pytest.param(LONG, marks=pytest.mark.soak)])
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: "-".join(plan.values()) or "unknown")
def test_walks_keep_every_event_date_and_cent_and_undo_each_step_exactly(offices, plan, walks):
    quiet = settings(
        max_examples=walks,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    with offices.after().store() as store:

        @quiet
        @given(data=st.data())
        def walk(data):
            walked = Walk(store, data.draw, plans=(plan,))
            for _turn in range(TURNS):
                done = walked.turn()
                if done and done[0] not in OTHERS and data.draw(st.booleans()):
                    undo(store, walked.ref, "a reason", walked.run())
                    assert standing(walked.situation()) == standing(done[1]), f"undo of {done[0]}"
                    walked.sound()

        walk()
        assert doctor(store).findings == ()


def test_walks_with_remittances_between_their_steps_keep_every_line_within_its_case(offices):
    quiet = settings(
        max_examples=10, deadline=None, derandomize=True, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
    )
    with offices.after().store() as store:

        @quiet
        @given(data=st.data())
        def walk(data):
            walked = RemittanceWalk(store, data.draw)
            for _turn in range(10):
                walked.turn()

        walk()
        assert doctor(store).findings == ()
