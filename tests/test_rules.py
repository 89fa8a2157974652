"""Which clocks a fact starts, under which regime, and what a clock means today. The arithmetic itself: test_worked_examples."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import holidays, rules
from appeals.errors import ImpossibleValue, MissingFact, NoRule
from appeals.model import PROGRAMMES, Case, Coverage, Practice, State

PACKS = rules.everything()
PRACTICE = Practice(id="p", name="Clinic", zone="America/New_York", state="NC", created_on=date(2026, 1, 1))
SELF_FUNDED = {"programme": "employer", "funding": "self_funded", "grandfathered": "no", "internal_levels": "1"}
INSURED = {"programme": "employer", "funding": "insured", "grandfathered": "no", "internal_levels": "1", "issue_state": "NC"}
NOTICE = date(2026, 11, 2)


def coverage(**facts):
    return Coverage(id="v", practice_id="p", patient_id="a", payer_id="b", **facts)


def case(**fields):
    given = {"kind": "post_service", "state": State.DENIED, "level": 1, **fields}
    return Case(
        id="c",
        practice_id="p",
        number="A-000001",
        patient_id="a",
        payer_id="b",
        coverage_id="v",
        opened_on=NOTICE,
        entered_on=NOTICE,
        **given,
    )


def start(name, plan, what=None, *, packs=PACKS, **facts):
    ids = itertools.count(1)
    trigger = rules.Trigger(name=name, id="d1", facts=facts)
    clocks = rules.started(
        packs, case=what or case(), coverage=coverage(**plan), practice=PRACTICE, trigger=trigger, new_id=lambda: f"k{next(ids)}"
    )
    assert len({clock.id for clock in clocks}) == len(clocks)
    return clocks


def denied(plan, what=None, *, notice=NOTICE, received=None, printed=None):
    return start("denial", plan, what, notice=notice, received=received, printed=printed)


def ids(clocks):
    return [clock.rule_id for clock in clocks]


# --- regimes and ladders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "internal", "external"),
    [
        (SELF_FUNDED, "erisa_1_of_1", "federal_external"),
        (INSURED, "erisa_1_of_1", "nc_external"),
        (INSURED | {"issue_state": "nc"}, "erisa_1_of_1", "nc_external"),
        (INSURED | {"issue_state": "TX"}, "erisa_1_of_1", "tx_iro"),
        (INSURED | {"issue_state": "GA"}, "erisa_1_of_1", "state_external"),
        (INSURED | {"issue_state": "NY"}, "erisa_1_of_1", "ny_external"),
        ({"programme": "medicaid_managed_care", "issue_state": "NC"}, "nc_mcd_1", "nc_mcd_2"),
        ({"programme": "medicaid_managed_care", "issue_state": "GA"}, "medicaid_managed_care_1", "medicaid_managed_care_2"),
        ({"programme": "medicaid_ffs", "issue_state": "NC"}, "nc_mff_1", "nc_mff_1"),
        ({"programme": "individual", "grandfathered": "no", "issue_state": "NC"}, "aca_individual", "nc_external"),
        (SELF_FUNDED | {"programme": "church_or_government"}, "aca_1_of_1", "federal_external"),
        (INSURED | {"programme": "church_or_government"}, "aca_1_of_1", "nc_external"),
        (SELF_FUNDED | {"grandfathered": "yes"}, "erisa_1_of_1", "grandfathered_external"),
        ({"programme": "medicare_ffs"}, "mcr_redetermination", "mcr_court"),
        ({"programme": "medicare_advantage"}, "ma_reconsideration", "ma_court"),
        ({"programme": "tricare"}, "tricare_1", "tricare_3"),
    ],
)
def test_plan_facts_decide_one_regime_with_its_first_and_its_last_level(facts, internal, external):
    [regime] = rules.regimes(PACKS, coverage(**facts))
    assert (regime.ladder[0].id, regime.ladder[-1].id) == (internal, external)
    assert [level.order for level in regime.ladder] == list(range(1, len(regime.ladder) + 1))
    assert regime.why
    assert "not known" not in regime.why


def test_two_internal_levels_make_the_ladder_longer():
    [regime] = rules.regimes(PACKS, coverage(**SELF_FUNDED | {"internal_levels": "2"}))
    assert [level.id for level in regime.ladder] == ["erisa_1_of_2", "erisa_2_of_2", "federal_external"]


def test_an_unknown_fact_gives_every_regime_it_could_be_and_names_the_fact():
    found = rules.regimes(PACKS, coverage(programme="employer", grandfathered="no", internal_levels="1"))
    states = ["nc", "ca", "ny", "tx", "fl", "other"]
    assert [regime.id for regime in found] == ["employer_self_funded", *(f"employer_insured_{state}" for state in states)]
    assert found[0].why.endswith("not known: funding")
    assert found[1].why.endswith("not known: funding, issue_state")


def test_a_coverage_nobody_knows_anything_about_could_be_under_any_programme():
    labels = {regime.ladder[0].id.split("_")[0] for regime in rules.regimes(PACKS, coverage())}
    assert labels == {"erisa", "aca", "grandfathered", "mcr", "ma", "part", "medicaid", "nc", "tricare", "fehb"}


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_programme_has_a_ladder_so_that_a_first_loss_never_looks_like_the_end(programme):
    level = rules.ladder_level(PACKS, coverage(programme=programme), 1)
    assert level is not None
    assert level.order == 1


def test_the_ladder_ends_after_the_last_rung_of_every_candidate():
    unsure = coverage(programme="employer", funding="self_funded", grandfathered="no")
    assert rules.ladder_level(PACKS, unsure, 2).track == "external_review"
    assert rules.ladder_level(PACKS, unsure, 3).track == "external_review"
    assert rules.ladder_level(PACKS, unsure, 4) is None
    assert rules.ladder_level(PACKS, unsure, 0) is None


def test_medicare_advantage_sends_the_second_level_on_by_itself():
    level = rules.ladder_level(PACKS, coverage(programme="medicare_advantage"), 2)
    assert (level.obligation, level.silence) == ("automatic", "none")


def test_the_year_of_filing_decides_the_amount_in_controversy():
    plan = coverage(programme="medicare_ffs")
    court = rules.ladder_level(PACKS, plan, 5)
    assert rules.amount_in_controversy(PACKS, plan, court, date(2026, 12, 31))[0] == 196_000
    cents, row = rules.amount_in_controversy(PACKS, plan, court, date(2027, 1, 2))
    assert (cents, row.verified) == (200_000, False)
    assert rules.amount_in_controversy(PACKS, plan, rules.ladder_level(PACKS, plan, 1), date(2026, 1, 2)) is None
    assert rules.amount_in_controversy(PACKS, plan, court, date(2031, 1, 2)) is None


# --- what a denial starts --------------------------------------------------------------------------------------------


def test_a_medicare_denial_counts_from_presumed_receipt():
    [clock] = denied({"programme": "medicare_ffs"})
    assert (clock.rule_id, clock.kind, clock.owed_by, clock.start_kind) == ("MCR-1-FILE", "file_redetermination", "us", "presumed_receipt")
    assert (clock.start_date, clock.raw_due, clock.legal_due, clock.safe_due) == (
        date(2026, 11, 7), date(2027, 3, 7), date(2027, 3, 7), date(2027, 3, 5),
    )  # fmt: skip
    assert "+ 5 calendar days presumed receipt (42 CFR 405.942(a)(1)) = Sat 2026-11-07" in clock.arithmetic.splitlines()
    assert "+ 120 calendar days, that day not counted = Sun 2027-03-07" in clock.arithmetic.splitlines()
    assert not clock.candidate


@pytest.mark.parametrize(("received", "due"), [(date(2026, 11, 3), date(2027, 3, 3)), (date(2026, 11, 20), date(2027, 3, 20))])
def test_proof_of_receipt_rebuts_the_presumption_both_ways(received, due):
    [clock] = denied({"programme": "medicare_ffs"}, received=received)
    assert (clock.start_kind, clock.legal_due) == ("received", due)


def test_a_statute_that_may_roll_a_medicare_date_is_shown_and_changes_nothing():
    [clock] = denied({"programme": "medicare_ffs"})
    [line] = [line for line in clock.arithmetic.splitlines() if line.startswith("fallback")]
    assert "42 USC 416(j)" in line
    assert "Mon 2027-03-08" in line
    assert clock.legal_due == date(2027, 3, 7)


def test_without_a_receipt_date_an_erisa_denial_counts_from_its_notice_and_says_so():
    [clock] = denied(SELF_FUNDED)
    assert (clock.rule_id, clock.start_kind, clock.legal_due) == ("ERISA-A1-FILE", "assumed_notice", date(2027, 5, 1))
    assert "receipt not recorded: counted from the notice date" in clock.warning
    assert clock.warning in clock.arithmetic


def test_with_a_receipt_date_an_erisa_denial_counts_from_it_without_a_warning():
    [clock] = denied(SELF_FUNDED, received=date(2026, 11, 6))
    assert (clock.start_kind, clock.legal_due, clock.warning) == ("received", date(2027, 5, 5), "")


def test_a_denial_received_before_it_was_written_is_impossible():
    with pytest.raises(ImpossibleValue, match="before the notice was written"):
        denied(SELF_FUNDED, received=date(2026, 11, 1))


@pytest.mark.parametrize(
    ("plan", "rule_id", "due"),
    [(SELF_FUNDED, "ACA-X-FILE", date(2027, 3, 8)), (INSURED, "NC-X-FILE", date(2027, 3, 6))],
)
def test_the_second_denial_opens_the_external_review_of_the_regime(plan, rule_id, due):
    [clock] = denied(plan, case(level=2), received=date(2026, 11, 6))
    assert (clock.rule_id, clock.kind, clock.track, clock.level, clock.legal_due) == (
        rule_id, "file_external_review", "external_review", 2, due,
    )  # fmt: skip


def test_north_carolina_shows_the_shorter_reading_from_the_notice_date():
    [clock] = denied(INSURED, case(level=2), received=date(2026, 11, 6))
    assert "a shorter reading gives Tue 2027-03-02: the Department's model notice counts from the date of the notice" in clock.arithmetic


def test_a_rolled_date_keeps_its_raw_date_and_works_before_both():
    [clock] = denied(SELF_FUNDED, case(level=2), notice=date(2026, 3, 1), received=date(2026, 3, 4))
    assert (clock.raw_due, clock.legal_due, clock.safe_due) == (date(2026, 7, 4), date(2026, 7, 6), date(2026, 7, 2))
    assert "rolled past Independence Day to Mon 2026-07-06" in clock.arithmetic


def test_a_rung_the_payer_climbs_by_itself_starts_no_clock_of_ours():
    assert denied({"programme": "medicare_advantage"}, case(level=2)) == ()


@pytest.mark.parametrize(
    ("notice", "received", "rule_id", "due"),
    [
        (date(2024, 12, 31), None, "MA-R-FILE-OLD", date(2025, 3, 1)),
        (date(2024, 12, 31), date(2025, 1, 3), "MA-R-FILE-OLD", date(2025, 3, 1)),
        (date(2025, 1, 2), None, "MA-R-FILE", date(2025, 3, 8)),
    ],
)
def test_the_notice_date_and_no_other_day_picks_the_version(notice, received, rule_id, due):
    [clock] = denied({"programme": "medicare_advantage"}, notice=notice, received=received)
    assert (clock.rule_id, clock.legal_due) == (rule_id, due)


def test_a_notice_from_before_the_rule_is_refused_not_counted():
    with pytest.raises(NoRule, match="ACA-X-FILE has no version in force on 2015-05-01"):
        denied(SELF_FUNDED, case(level=2), notice=date(2015, 5, 1))


def test_plan_facts_that_contradict_each_other_are_refused():
    with pytest.raises(NoRule, match="No regime"):
        denied(SELF_FUNDED | {"funding": "half"})


def test_a_rung_nobody_has_to_climb_lets_the_next_one_be_filed_too():
    row = replace(PACKS.regimes[0], external=("federal_external", "nc_external"))
    packs = replace(PACKS, regimes=(row, *PACKS.regimes[1:]))
    clocks = start("denial", SELF_FUNDED, case(level=2), packs=packs, notice=NOTICE, received=NOTICE)
    assert [(clock.rule_id, clock.level) for clock in clocks] == [("ACA-X-FILE", 2), ("NC-X-FILE", 3)]
    assert ids(start("denial", SELF_FUNDED, packs=packs, notice=NOTICE, received=NOTICE)) == ["ERISA-A1-FILE"]


# --- candidates and gaps ---------------------------------------------------------------------------------------------


def test_an_unknown_plan_starts_the_clock_of_every_regime_it_could_be():
    clocks = denied({})
    assert set(ids(clocks)) == {
        "ERISA-A1-FILE", "MCR-1-FILE", "MA-R-FILE", "PD-R-FILE", "MCD-A-FILE", "NC-MCD-A-FILE", "NC-MFF-OAH", "TRI-STD", "FEHB-RECON",
    }  # fmt: skip
    assert all(clock.candidate for clock in clocks)
    assert min(clock.legal_due for clock in clocks) == date(2026, 12, 2), "the shortest of them rules: NC Medicaid fee-for-service"


def test_a_rule_every_candidate_shares_gives_one_clock_that_is_in_no_doubt():
    [clock] = denied({"programme": "employer"})
    assert (clock.rule_id, clock.candidate, clock.regime) == ("ERISA-A1-FILE", False, "employer_self_funded")


def test_a_rule_only_some_candidates_have_is_marked_candidate():
    clocks = denied({"funding": "self_funded"})
    assert [c.candidate for c in clocks if c.rule_id == "ERISA-A1-FILE"] == [True]


GEORGIA = {"programme": "medicaid_ffs", "issue_state": "GA"}
CEILING = "the State sets its own time, at most 90 days from mailing (42 CFR 431.221(d)): enter the printed date"


def test_a_rung_whose_time_nobody_knows_gives_no_clock_and_says_what_to_enter():
    assert denied(GEORGIA) == ()
    assert rules.gaps(PACKS, coverage(**GEORGIA), 1) == (CEILING,)


def test_where_no_rule_counts_the_printed_date_is_the_clock_and_no_number_is_invented():
    [clock] = denied(GEORGIA, printed=date(2026, 12, 30))
    assert (clock.rule_id, clock.printed_due, clock.raw_due, clock.legal_due, clock.safe_due) == (
        "PRINTED", date(2026, 12, 30), None, None, None,
    )  # fmt: skip
    assert (clock.verified, clock.warning) == (False, CEILING)
    assert clock.kind == "file_hearing"
    assert rules.latest(clock) == date(2026, 12, 30)


def test_a_state_without_a_pack_has_the_federal_floor_for_its_external_review():
    [clock] = denied(INSURED | {"issue_state": "GA"}, case(level=2), received=date(2026, 11, 6))
    assert (clock.rule_id, clock.legal_due) == ("ACA-X-STATEMIN", date(2027, 3, 6))


def test_a_state_that_is_none_is_refused_and_not_guessed():
    with pytest.raises(NoRule, match="There is no state ZZ"):
        denied(INSURED | {"issue_state": "ZZ"})


def test_texas_states_no_time_for_its_external_review_and_none_is_invented():
    assert denied(INSURED | {"issue_state": "TX"}, case(level=2)) == ()
    [gap] = rules.gaps(PACKS, coverage(**INSURED | {"issue_state": "TX"}), 2)
    assert gap.endswith("enter the printed date")


def test_new_york_gives_the_provider_half_of_the_patients_time():
    clocks = denied(INSURED | {"issue_state": "NY"}, case(level=2), notice=date(2026, 3, 9), received=date(2026, 3, 10))
    assert {clock.filer: clock.legal_due for clock in clocks} == {
        "patient,representative": date(2026, 7, 10),
        "provider": date(2026, 5, 9),
    }


@pytest.mark.parametrize(("programme", "rule_id"), [("medicaid_managed_care", "NC-MCD-OAH"), ("medicaid_ffs", "NC-MFF-OAH")])
def test_north_carolinas_hearing_is_due_in_120_days_after_a_plan_and_in_30_without_one(programme, rule_id):
    plan = {"programme": programme, "issue_state": "NC"}
    level = 2 if programme == "medicaid_managed_care" else 1
    found = {clock.rule_id: clock for clock in denied(plan, case(level=level)) if clock.kind == "file_hearing"}
    assert (found[rule_id].legal_due - NOTICE).days == (120 if level == 2 else 30)


def test_a_part_d_plan_is_asked_again_and_a_medicare_advantage_plan_sends_the_file_on():
    assert ids(denied({"programme": "part_d"}, case(level=2))) == ["PD-IRE-FILE"]
    assert denied({"programme": "medicare_advantage"}, case(level=2)) == ()


def test_a_part_b_drug_has_its_own_shorter_time_to_be_decided():
    plan = {"programme": "medicare_advantage"}
    drug = start("filing", plan, case(care="part_b_drug", kind="pre_service"), sent=NOTICE, received=NOTICE, track="member_appeal")
    service = start("filing", plan, case(care="outpatient", kind="pre_service"), sent=NOTICE, received=NOTICE, track="member_appeal")
    assert (ids(drug), ids(service)) == (["MA-R-DEC-PTB"], ["MA-R-DEC-PRE"])
    assert ids(start("filing", plan, case(kind="pre_service"), sent=NOTICE, received=NOTICE, track="member_appeal")) == ["MA-R-DEC-PRE"]


@pytest.mark.parametrize(("rating", "due"), [(date(2026, 7, 1), date(2026, 7, 9)), (date(2025, 7, 1), date(2026, 7, 16))])
def test_the_rating_period_and_not_the_calendar_decides_how_long_a_medicaid_plan_has(rating, due):
    plan = {"programme": "medicaid_managed_care", "issue_state": "NC"}
    clocks = start("open", plan, case(kind="pre_service"), submitted=date(2026, 7, 2), rating_period_start=rating)
    assert [clock.legal_due for clock in clocks if clock.rule_id == "MCD-PA7"] == [due]


def test_without_the_rating_period_a_medicaid_plans_time_is_asked_about_and_not_guessed():
    plan = {"programme": "medicaid_managed_care", "issue_state": "NC"}
    assert start("open", plan, case(kind="pre_service"), submitted=date(2026, 7, 2)) == ()


def test_an_unreadable_receipt_date_is_asked_about_and_nothing_is_presumed():
    [clock] = start("denial", {"programme": "medicare_ffs"}, notice=NOTICE, receipt="unreadable")
    assert (clock.start_kind, clock.legal_due) == ("assumed_notice", date(2027, 3, 2))
    assert "the receipt date cannot be read: nothing is presumed" in clock.warning
    [presumed] = denied({"programme": "medicare_ffs"})
    assert (presumed.start_kind, presumed.legal_due) == ("presumed_receipt", date(2027, 3, 7))


def test_the_second_internal_appeal_is_the_plans_own_time_and_never_a_number_of_ours():
    two = SELF_FUNDED | {"internal_levels": "2"}
    assert denied(two, case(level=2)) == ()
    [clock] = denied(two, case(level=2), printed=date(2027, 1, 4))
    assert (clock.rule_id, clock.kind) == ("PRINTED", "file_second_internal_appeal")


def test_a_candidate_whose_time_nobody_knows_is_a_warning_on_the_clocks_that_could_be_counted():
    assert all(CEILING in clock.warning for clock in denied({}))


# --- the printed date and the day to work by --------------------------------------------------------------------------


def test_work_by_is_the_safe_date_less_the_mails_five_business_days():
    [clock] = denied({"programme": "medicare_ffs"})
    assert (clock.filed_when, clock.safe_due, clock.work_by) == ("received", date(2027, 3, 5), date(2027, 2, 26))


def test_an_earlier_printed_date_is_worked_to_and_the_later_legal_date_is_the_latest():
    [clock] = denied({"programme": "medicare_ffs"}, printed=date(2027, 2, 1))
    assert (clock.printed_due, clock.work_by, rules.latest(clock)) == (date(2027, 2, 1), date(2027, 1, 25), date(2027, 3, 7))
    assert "the notice prints Mon 2027-02-01: work to the earlier" in clock.arithmetic


def test_a_later_printed_date_is_the_latest_and_the_legal_date_is_worked_to():
    [clock] = denied({"programme": "medicare_ffs"}, printed=date(2027, 4, 1))
    assert (clock.work_by, rules.latest(clock)) == (date(2027, 2, 26), date(2027, 4, 1))


def test_late_is_past_work_by_and_overdue_is_past_the_latest_date():
    [clock] = denied({"programme": "medicare_ffs"}, printed=date(2027, 4, 1))
    standing = {day: (rules.is_late(clock, day), rules.is_overdue(clock, day)) for day in (
        date(2027, 2, 26), date(2027, 2, 27), date(2027, 4, 1), date(2027, 4, 2),
    )}  # fmt: skip
    assert list(standing.values()) == [(False, False), (True, False), (True, False), (True, True)]


# --- filings and the payer's clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "kind", "urgency", "rule_id", "due"),
    [
        ("1", "post_service", "standard", "ERISA-A-DEC-POST1", date(2027, 1, 1)),
        ("2", "post_service", "standard", "ERISA-A-DEC-POST2", date(2026, 12, 2)),
        ("1", "pre_service", "standard", "ERISA-A-DEC-PRE1", date(2026, 12, 2)),
        ("2", "concurrent", "standard", "ERISA-A-DEC-PRE2", date(2026, 11, 17)),
        ("1", "recoupment", "standard", "ERISA-A-DEC-POST1", date(2027, 1, 1)),
        ("1", "pre_service", "expedited", "ERISA-A-DEC-URG", date(2026, 11, 5)),
    ],
)
def test_kind_urgency_and_levels_choose_the_decision_clock(levels, kind, urgency, rule_id, due):
    plan = SELF_FUNDED | {"internal_levels": levels}
    [clock] = start("filing", plan, case(kind=kind, urgency=urgency), sent=date(2026, 10, 30), received=NOTICE)
    assert (clock.rule_id, clock.owed_by, clock.kind, clock.legal_due, clock.work_by) == (rule_id, "payer", "decide_appeal", due, due)


def test_an_unknown_number_of_levels_starts_both_decision_clocks_as_candidates():
    clocks = start("filing", SELF_FUNDED | {"internal_levels": "unknown"}, sent=date(2026, 10, 30), received=None)
    assert ids(clocks) == ["ERISA-A-DEC-POST1", "ERISA-A-DEC-POST2"]
    assert all(clock.candidate for clock in clocks)


def test_a_filing_without_proof_of_receipt_counts_from_the_day_it_was_sent_and_says_so():
    [clock] = start("filing", SELF_FUNDED, sent=date(2026, 10, 30), received=None)
    assert (clock.start_kind, clock.start_date) == ("assumed_sent", date(2026, 10, 30))
    assert "counted from the day it was sent" in clock.warning


def test_an_hour_clock_has_an_instant_and_no_safe_date():
    at = datetime(2026, 10, 30, 13, 0, tzinfo=UTC)
    [clock] = start("filing", SELF_FUNDED, case(kind="pre_service", urgency="expedited"), sent=date(2026, 10, 30), received=at)
    assert (clock.start_at, clock.due_at) == (at, datetime(2026, 11, 2, 13, 0, tzinfo=UTC))
    assert (clock.raw_due, clock.legal_due, clock.safe_due) == (date(2026, 11, 2), date(2026, 11, 2), None)
    assert "+ 72 elapsed hours = Mon 2026-11-02 08:00 EST" in clock.arithmetic


def test_an_hour_clock_with_only_a_day_assumes_midnight_and_says_so():
    [clock] = start("filing", SELF_FUNDED, case(kind="pre_service", urgency="expedited"), sent=date(2026, 6, 30), received=date(2026, 7, 1))
    assert clock.due_at == datetime(2026, 7, 4, 4, 0, tzinfo=UTC)
    assert "00:00 in America/New_York is assumed" in clock.warning


def test_an_external_review_filed_beside_the_internal_appeal_starts_its_own_clocks():
    clocks = start(
        "filing", SELF_FUNDED, case(kind="pre_service", urgency="expedited"), sent=NOTICE, received=NOTICE, track="external_review"
    )
    assert [(clock.rule_id, clock.level, clock.owed_by) for clock in clocks] == [("ACA-X-EXP-DEC", 2, "reviewer")]


def test_a_provider_dispute_starts_no_clock_of_the_members_appeal():
    assert start("filing", SELF_FUNDED, sent=NOTICE, received=NOTICE, track="provider_dispute") == ()


@pytest.mark.parametrize(
    ("plan", "kind", "urgency", "expected"),
    [
        (SELF_FUNDED, "post_service", "standard", {"ERISA-C-POST-DEC": date(2026, 12, 2)}),
        (SELF_FUNDED, "pre_service", "standard", {"ERISA-C-PRE-DEC": date(2026, 11, 17)}),
        (SELF_FUNDED, "pre_service", "expedited", {"ERISA-C-URG-DEC": date(2026, 11, 5)}),
        (SELF_FUNDED, "concurrent", "expedited", {"ERISA-C-CONC-EXT": date(2026, 11, 3)}),
        (INSURED, "post_service", "standard", {"ERISA-C-POST-DEC": date(2026, 12, 2), "NC-PROMPT": date(2026, 12, 2)}),
        ({"programme": "medicare_ffs"}, "post_service", "standard", {"MCR-0-DEC": date(2026, 12, 17), "MCR-0-CLEAN": date(2026, 12, 2)}),
        ({"programme": "medicare_advantage"}, "pre_service", "standard", {"MA-OD-STD-PA7": date(2026, 11, 9)}),
        ({"programme": "tricare"}, "post_service", "standard", {}),
    ],
)
def test_a_submitted_case_starts_the_payers_first_decision_clock(plan, kind, urgency, expected):
    clocks = start("open", plan, case(kind=kind, urgency=urgency, state=State.SUBMITTED), submitted=NOTICE)
    assert {clock.rule_id: clock.legal_due for clock in clocks} == expected
    assert all(clock.owed_by == "payer" for clock in clocks)


def test_a_case_forwarded_by_law_starts_the_next_bodys_clock():
    clocks = start("forward", {"programme": "medicare_advantage"}, case(level=2, state=State.APPEAL_FILED), received=NOTICE)
    assert [(clock.rule_id, clock.owed_by, clock.legal_due) for clock in clocks] == [
        ("MA-IRE-DEC-PAY", "reviewer", date(2027, 1, 1)), ("MA-IRE-EVID", "us", date(2026, 11, 12)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("programme", "level", "rule_id", "due", "verified"),
    [
        ("medicare_ffs", 1, "MCR-2-DISM", date(2027, 1, 1), False),
        ("medicare_ffs", 2, "MCR-3-DISM", date(2027, 1, 6), False),
        ("medicare_advantage", 1, "MA-IRE-DISM", date(2027, 1, 6), True),
    ],
)
def test_a_dismissal_starts_the_clock_to_have_it_reviewed(programme, level, rule_id, due, verified):
    [clock] = start("dismissal", {"programme": programme}, case(level=level), notice=NOTICE, received=None)
    assert (clock.rule_id, clock.kind, clock.legal_due, clock.verified) == (rule_id, "review_dismissal", due, verified)


def test_a_rule_nobody_verified_ships_with_a_warning():
    [clock] = start("dismissal", {"programme": "medicare_ffs"}, notice=NOTICE, received=None)
    assert "unverified (secondary source only): read 42 CFR 405.974(b)(1)" in clock.warning


def test_a_payer_that_ran_out_of_time_opens_the_external_review_and_says_no_section_sets_the_time():
    [clock] = start("deemed", SELF_FUNDED, case(level=2), on=NOTICE)
    assert (clock.rule_id, clock.start_kind, clock.legal_due) == ("ACA-X-FILE", "assumed_on", date(2027, 3, 2))
    assert "no section says how long the right lasts" in clock.warning


@pytest.mark.parametrize("name", ["peer_review", "favourable"])
def test_a_trigger_no_shipped_rule_names_starts_nothing(name):
    assert start(name, SELF_FUNDED, requested=NOTICE, decided=NOTICE) == ()


def test_a_trigger_without_its_dates_asks_for_them():
    with pytest.raises(MissingFact, match="ERISA-A1-FILE cannot be counted: when the denial was received is not known"):
        start("denial", SELF_FUNDED, notice=None, received=None)


# --- the house ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "kind", "due"),
    [
        (State.SUBMITTED, "house_submitted", date(2026, 12, 23)),
        (State.DENIED, "house_denied", date(2026, 11, 27)),
        (State.EOB_REVIEWED, "house_eob_reviewed", date(2026, 11, 30)),
        (State.APPEAL_FILED, "house_appeal_filed", date(2026, 11, 30)),
        (State.PEER_REVIEW, "house_peer_review", date(2026, 11, 25)),
    ],
)
def test_no_open_case_is_ever_without_a_date(state, kind, due):
    clock = rules.house(PACKS, case=case(state=state), since=date(2026, 11, 23), new_id=lambda: "h1")
    assert (clock.kind, clock.target_due, clock.work_by, rules.latest(clock)) == (kind, due, due, due)
    assert (clock.hard, clock.legal_due, clock.trigger, clock.trigger_id) == (False, None, "state", "c")


def test_a_resolved_case_has_no_house_clock():
    assert rules.house(PACKS, case=case(state=State.RESOLVED), since=NOTICE, new_id=lambda: "h1") is None


def test_money_that_was_won_is_owed_by_the_payer_until_posted():
    clock = rules.payment(PACKS, case=case(state=State.RESOLVED), since=date(2026, 11, 23), new_id=lambda: "h1")
    assert (clock.kind, clock.owed_by, clock.target_due, clock.hard) == ("payment", "payer", date(2026, 12, 23), False)


# --- why ------------------------------------------------------------------------------------------------------------


def test_a_clock_explains_itself_from_what_it_holds():
    [clock] = denied({"programme": "medicare_ffs"}, printed=date(2027, 4, 1))
    told = rules.explain(clock, today=date(2027, 2, 20))
    headings = [line for line in told if line in ("Why", "The dates", "What would change them", "If it passes", "Good to know")]
    assert headings == ["Why", "The dates", "What would change them", "If it passes", "Good to know"]
    for said in (
        "WORK BY Fri 2027-02-26: 6 days from Sat 2027-02-20",
        "ask for a redetermination; we owe it",
        "  Sun 2027-03-07  last day by law (42 CFR 405.942(a)(1)-(2), (b))",
        "  Fri 2027-03-05  safe day, the last business day on or before it",
        "  Thu 2027-04-01  printed on the notice",
        "  notice dated Mon 2026-11-02",
        "  proof of another day of receipt rebuts it, both ways",
    ):
        assert said in told
    assert max(map(len, told)) <= 80 or all(" " not in line.strip() for line in told if len(line) > 80)
    assert not any(word in line for line in told for word in (clock.kind, clock.rule_id, "erisa_", "mcr_", "_"))


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 2, 25), "1 day from Thu 2027-02-25"),
        (date(2027, 2, 26), "today"),
        (date(2027, 3, 1), "late by 3 days; lost only after Sun 2027-03-07"),
        (date(2027, 3, 8), "OVERDUE: the last day, Sun 2027-03-07, has passed"),
    ],
)
def test_the_first_line_says_how_the_clock_stands(today, said):
    [clock] = denied({"programme": "medicare_ffs"})
    assert rules.explain(clock, today=today)[0] == f"WORK BY Fri 2027-02-26: {said}"


def test_a_candidate_says_that_nobody_chose_its_date_and_each_warning_has_its_line():
    told = rules.explain(denied({})[0], today=NOTICE)
    assert any(line.startswith("PLAN NOT IDENTIFIED: nobody chose this date") for line in told)
    assert sum(line.startswith("WARNING: ") for line in told) == len(denied({})[0].warning.split(" | ")) > 1


# --- what holds for every date ---------------------------------------------------------------------------------------

NOTICES = st.dates(date(2017, 1, 2), date(2060, 12, 31))
PLANS = st.sampled_from([SELF_FUNDED, INSURED, {"programme": "medicare_ffs"}, {"programme": "medicare_advantage"}])
LEVELS = st.integers(1, 5)


@given(PLANS, LEVELS, NOTICES, st.none() | st.integers(0, 40))
def test_safe_is_never_after_raw_nor_raw_after_legal_and_work_by_is_a_business_day(plan, level, notice, after):
    received = None if after is None else notice + timedelta(days=after)
    for clock in denied(plan, case(level=level), notice=notice, received=received):
        assert clock.work_by <= clock.safe_due <= clock.raw_due <= clock.legal_due
        assert not holidays.closed(clock.safe_due)
        assert not holidays.closed(clock.work_by)


@given(PLANS, LEVELS, NOTICES, st.integers(1, 400))
def test_a_later_notice_never_gives_an_earlier_deadline(plan, level, notice, days):
    early = denied(plan, case(level=level), notice=notice)
    late = denied(plan, case(level=level), notice=notice + timedelta(days=days))
    for one, other in zip(early, late, strict=True):
        assert one.legal_due <= other.legal_due
        assert one.work_by <= other.work_by


@given(NOTICES, st.integers(0, 40), st.integers(0, 40))
def test_a_later_proof_of_receipt_never_gives_an_earlier_deadline(notice, one, other):
    first, second = sorted((one, other))
    [early] = denied({"programme": "medicare_ffs"}, notice=notice, received=notice + timedelta(days=first))
    [late] = denied({"programme": "medicare_ffs"}, notice=notice, received=notice + timedelta(days=second))
    assert early.legal_due <= late.legal_due


@given(
    st.sampled_from(["unknown", *PROGRAMMES]),
    st.sampled_from(["unknown", "self_funded", "insured"]),
    st.sampled_from(["unknown", "yes", "no"]),
)
def test_every_combination_of_plan_facts_has_a_first_rung_and_either_a_clock_or_a_gap(programme, funding, grandfathered):
    plan = {"programme": programme, "funding": funding, "grandfathered": grandfathered}
    assert rules.ladder_level(PACKS, coverage(**plan), 1)
    clocks = denied(plan)
    assert clocks or rules.gaps(PACKS, coverage(**plan), 1)
    candidates = rules.regimes(PACKS, coverage(**plan))
    assert len(candidates) > 1 or not any(clock.candidate for clock in clocks)


def test_clocks_of_the_same_facts_are_the_same_clocks():
    assert denied({}) == denied({})
    assert replace(denied({})[0], id="other") != denied({})[0]
