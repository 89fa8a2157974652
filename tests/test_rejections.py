"""A claim that was rejected is with nobody: it stands among the work until it is sent again."""

from __future__ import annotations

import pytest
from practice import Offices
from remitting import take
from test_early_answers import ACCEPTED, REJECTED, report, sent

DAY = "2026-11-30"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def asked(office) -> list[tuple[str, str]]:
    return [(clock.kind, str(clock.work_by)) for clock in office.running("1") if not clock.hard]


def test_a_rejected_claim_is_late_two_business_days_after_the_report_and_no_answer_is_asked_for(offices):
    office = offices.after()
    take(office, sent())
    take(office, report(REJECTED), "r.277")
    assert asked(office) == [("send_again", "2026-11-24")]
    out = office.do(f"{DAY} today").out
    assert "correct it and send it again" in out and "6 d late" in out
    office.check()


@pytest.mark.parametrize("how", ["an 837", "by hand"])
def test_sending_it_again_ends_that_and_an_answer_is_waited_for_from_there(offices, how):
    office = offices.after()
    take(office, sent())
    take(office, report(REJECTED), "r.277")
    if how == "by hand":
        office.do(f"{DAY} mark 1 claim-sent --date 2026-11-24")
    else:
        take(office, sent(day="20261124", trace="B-9"), "again.837")
    assert asked(office) == [("house_submitted", "2026-12-24")]
    office.check()


def test_an_acceptance_from_before_the_rejection_that_is_read_later_does_not_end_it(offices):
    office = offices.after()
    take(office, sent())
    take(office, report(REJECTED), "r.277")
    before = report(ACCEPTED, "R-0").replace("20261121", "20261120")
    take(office, before, "a.277")
    assert ("send_again", "2026-11-24") in asked(office)


def test_a_rejection_that_is_read_after_the_claim_was_sent_again_starts_nothing(offices):
    office = offices.after()
    take(office, sent())
    office.do(f"{DAY} mark 1 claim-sent --date 2026-11-24")
    take(office, report(REJECTED), "r.277")
    assert [kind for kind, _ in asked(office)] == ["house_submitted"]
