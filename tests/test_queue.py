"""The queue: money at stake x chance x urgency, each part shown; last days first, what is already lost apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from importlib import resources

import pytest
from crowd import DAY as THEN
from crowd import a_case, a_clock
from practice import ADVANTAGE, Offices, denied, filed, opened, resubmitted, reviewed

from appeals import weighing
from appeals.codes import CATEGORIES
from appeals.errors import BadConfiguration
from appeals.model import ClockStatus, State
from appeals.services.queueing import own_record
from appeals.weighing import Record, Tally

DAY = date(2026, 11, 9)
PLAN = "--programme employer --funding self_funded --grandfathered no --internal-levels 1"
SMALL = (
    f"2026-11-06 open --patient 'Sample, Sam' --payer 'Other Health' --claim C-2 --billed 80 --denied --notice 2026-11-04 --amount 80 "
    f"--code CO-50 --owner lee {PLAN}"
)
# An old denial: its appeal must be worked to within days, and is worth little.
PRESSING = (
    f"2026-11-06 open --patient 'Sample, Sue' --payer 'Other Health' --claim C-3 --billed 70 --denied --notice 2026-05-15 --amount 70 "
    f"--code CO-50 {PLAN}"
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def queued(office, day: str = "2026-11-06", words: str = ""):
    return office.do(f"{day} queue {words} --json").data["cases"]


def test_a_weight_is_money_at_stake_times_chance_times_urgency_and_each_is_told(offices):
    [one] = queued(offices.after(*reviewed()))
    assert one["stake_cents"] == one["case"]["disputed_cents"] == 120_000
    assert one["weight_cents"] == one["stake_cents"] * one["chance_permille"] * one["urgency_permille"] // 1_000_000
    assert (one["section"], one["basis"]) == ("weighed", "assumption")
    assert one["urgent_by"] in {clock["kind"] for clock in one["clocks"]}


def test_the_heaviest_stands_first_and_by_date_the_earliest(offices):
    office = offices.after(*denied(), SMALL)
    assert [row["case"]["number"] for row in queued(office)] == ["A-000001", "A-000002"]
    weights = [row["weight_cents"] for row in queued(office)]
    assert weights == sorted(weights, reverse=True)
    days = [min(clock["work_by"] for clock in row["clocks"]) for row in queued(office, words="--by date")]
    assert days == sorted(days)


def test_a_last_day_that_has_come_stands_before_all_money(offices):
    office = offices.after(*denied(), PRESSING)
    first, second = queued(office)
    assert (first["case"]["number"], first["section"], second["section"]) == ("A-000002", "first", "weighed")
    assert first["weight_cents"] < second["weight_cents"]
    assert "FIRST" in office.do("2026-11-06 queue").out


def test_what_every_route_has_run_out_of_stands_apart_and_can_be_expired(offices):
    office = offices.after(*denied(), SMALL, "2026-11-06 mark 2 received --date 2026-11-06 --of denial")
    gone = "2027-06-15"
    assert {row["section"] for row in queued(office, gone)} == {"lost"}
    out = office.do(f"{gone} queue").out
    assert "ALREADY LOST (record it with `expire`)" in out
    office.do(f"{gone} expire 1 --cause not_worked --signed 'A. Clerk'")
    assert [row["case"]["number"] for row in queued(office, gone)] == ["A-000002"]


def test_one_route_that_is_left_keeps_a_case_out_of_the_lost(offices):
    office = offices.after(*denied())
    last = max(date.fromisoformat(clock["legal_due"]) for clock in queued(office)[0]["clocks"] if clock["hard"])
    assert queued(office, last.isoformat())[0]["section"] == "first"
    assert queued(office, (last + timedelta(days=1)).isoformat())[0]["section"] == "lost"
    assert office.say(f"{last} expire 1 --cause not_worked --signed 'A. Clerk'").code == 20


def test_dates_nobody_chose_never_call_a_case_lost(offices):
    office = offices.after(*denied(plan=""))
    gone = "2028-01-05"
    [one] = queued(office, gone)
    assert any(clock["candidate"] for clock in one["clocks"])
    assert one["section"] == "unchosen"
    for words in ("", " --by date"):
        out = office.do(f"{gone} queue{words}").out
        assert "DATE NOT CHOSEN: identify the plan first" in out
        assert "ALREADY LOST" not in out


def test_an_appeal_that_is_pending_is_never_called_lost(offices):
    [one] = queued(offices.after(*filed()), "2028-01-05")
    assert one["section"] != "lost"


def test_a_claim_nobody_answered_has_all_that_was_billed_at_stake(offices):
    [one] = queued(offices.after(*opened()))
    assert (one["stake_cents"], one["case"]["disputed_cents"]) == (120_000, 0)
    [again] = queued(offices.after(*resubmitted()), "2026-11-10")
    assert again["stake_cents"] == again["case"]["disputed_cents"]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("--payer other", ["A-000002"]),
        ("--payer other --owner lee", ["A-000002"]),
        ("--payer other --owner ana", []),
        ("--owner ana --state eob_reviewed --category medical_necessity --clock house", ["A-000001"]),
        ("--owner ana --state denied", []),
        ("--payer 'Nobody Known'", []),
    ],
)
def test_filters_narrow_the_queue_together(offices, words, numbers):
    office = offices.after(*reviewed(), SMALL)
    assert [row["case"]["number"] for row in queued(office, words=words)] == numbers


def test_a_payer_nobody_knows_gives_an_empty_list_and_a_word_of_it(offices):
    answer = offices.after(*reviewed()).say("2026-11-06 queue --payer 'Nobody Known'")
    assert (answer.code, answer.err) == (0, "")
    assert "No open case fits what was asked for." in answer.out


def test_the_screen_says_that_a_chance_is_no_law_and_whose_number_it_is(offices):
    out = offices.after(*reviewed()).do("2026-11-06 queue").out
    assert "it is no law" in out
    assert "not this office's record" in out
    assert " 0.44~ " in out


def test_a_published_number_is_shown_with_where_it_stands(offices):
    office = offices.after(*denied(plan=ADVANTAGE), "2026-11-06 review-eob 1 --reviewer X --category prior_authorisation --path appeal")
    [one] = queued(office)
    assert (one["chance_permille"], one["basis"]) == (817, "published")
    assert "KFF" in one["source"]
    assert "KFF" in office.do("2026-11-06 queue").out


# The parts, without an office.


def a_denied_case(**values):
    return replace(a_case(0, closed=False), **values)


@pytest.mark.parametrize(("won", "decided", "basis"), [(10, 20, "own record"), (10, 19, "published")])
def test_an_office_with_decisions_enough_goes_by_its_own_record(won, decided, basis):
    case = a_denied_case(category="prior_authorisation")
    chance = weighing.chance(case, "medicare_advantage", {("prior_authorisation", 0): Record(won=won, decided=decided)})
    assert chance.basis == basis
    if basis == "own record":
        assert (chance.permille, chance.source) == (500, "10 of 20")


def test_the_record_of_the_level_goes_before_that_of_the_category():
    own = {("experimental", 0): Record(won=30, decided=60), ("experimental", 1): Record(won=6, decided=24)}
    assert weighing.chance(a_denied_case(category="experimental"), "unknown", own).source == "6 of 24 at level 1"
    assert weighing.chance(a_denied_case(category="experimental", level=2), "unknown", own).source == "30 of 60"


def test_a_second_level_does_not_take_the_chance_of_the_first():
    chances = [weighing.chance(a_denied_case(category="prior_authorisation", level=n), "medicare_advantage", {}).permille for n in (1, 2)]
    assert chances[0] > chances[1]


def test_decisions_are_counted_by_level_and_together():
    tallies = [Tally(category="coding", level=level, outcome=how, decisions=n)
               for level, how, n in ((1, "overturned", 3), (1, "upheld", 4), (2, "partial", 2))]  # fmt: skip
    assert own_record(tallies) == {("coding", 1): Record(won=3, decided=7), ("coding", 2): Record(won=2, decided=2),
                                   ("coding", 0): Record(won=5, decided=9)}  # fmt: skip


def urgency(*clocks):
    return weighing.weigh(a_denied_case(), clocks, "unknown", {}, DAY).urgency_permille


def due(left: int, *, status: ClockStatus = ClockStatus.OPEN, hard: bool = True, owed_by: str = "us"):
    """A clock that must be worked to in `left` days from `DAY`."""
    return replace(a_clock(a_denied_case(), 0, "x", left + (DAY - THEN).days, hard=hard, owed_by=owed_by), status=status)


def test_urgency_never_falls_as_the_day_comes_nearer():
    seen = [urgency(due(left)) for left in range(400, -1, -1)]
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (200, 1000)


def test_a_house_target_presses_less_than_the_law_and_a_payer_that_has_time_least():
    assert urgency(due(0)) > urgency(due(-9, hard=False)) > urgency(due(5, owed_by="payer"))
    assert urgency(due(0), due(-9, hard=False)) == urgency(due(0))


def test_a_route_that_is_gone_and_a_clock_at_rest_press_nobody():
    assert urgency(due(-9), due(100)) == urgency(due(100))
    assert urgency(due(2, status=ClockStatus.TOLLED)) == urgency()


def test_nothing_is_at_stake_where_a_denial_denies_nothing():
    assert weighing.stake(a_denied_case(disputed_cents=0)) == 0
    assert weighing.stake(a_denied_case(disputed_cents=0, state=State.SUBMITTED, category="")) == 120_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('basis = "published"', 'basis = "guessed"', "guessed"),
        ("permille = 440", "permille = 4400", "thousandths"),
        ('category = "coding"', 'category = "documentation"', "two rows"),
        ('checked = "the summary of the brief, in a copy"', 'checked = ""', "published number needs its source"),
        ("at_least = 20\n", "", "at_least"),
    ],
)
def test_a_table_of_chances_with_a_fault_is_refused_and_says_which(old, new, said):
    text = resources.files("appeals.rulepacks").joinpath("chances.toml").read_text("utf-8")
    weighing.read(text)
    with pytest.raises(BadConfiguration, match=said):
        weighing.read(text.replace(old, new, 1))


def test_every_category_of_the_chances_is_one_a_denial_can_have():
    assert {row.category for row in weighing._data().chances} <= {"", *CATEGORIES}
