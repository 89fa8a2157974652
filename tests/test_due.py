"""The calculator and the looks at the rules: no case, no database; and `why` of a case whose three dates disagree."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from practice import Offices, opened
from test_bad_input import a_quiet_account, typed

from appeals import law

__all__ = ["a_quiet_account"]

GOLDEN = Path(__file__).with_name("golden")
NOWHERE = ("--db", "none.db")
EMPLOYER = ("--programme", "employer", "--funding", "self_funded", "--grandfathered", "no", "--internal-levels", "1")
NEW_YORK = ("--zone", "America/New_York")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def asked(*words):
    """The clocks of an answer, by rule."""
    answer = typed("due", *words, *NOWHERE, "--as-of", "2026-11-23", "--json")
    assert answer.code == 0, answer.err
    return {clock["rule_id"]: clock for clock in json.loads(answer.out)["data"]["clocks"]}


def test_plan_facts_a_step_and_dates_give_the_date_its_arithmetic_and_its_citation_without_a_database():
    found = asked("--step", "denial", *EMPLOYER, "--notice", "2026-11-02", "--received", "2026-11-06")
    clock = found["ERISA-A1-FILE"]
    assert (clock["legal_due"], clock["safe_due"], clock["cite"]) == ("2027-05-05", "2027-05-05", "29 CFR 2560.503-1(h)(3)(i)")
    assert "+ 180 calendar days, that day not counted = Wed 2027-05-05" in clock["arithmetic"]
    assert not clock["candidate"]


def test_an_unknown_plan_gives_every_date_it_could_be_each_a_candidate():
    found = asked("--step", "denial", "--notice", "2026-11-02")
    assert len(found) > 5
    assert all(clock["candidate"] for clock in found.values())
    assert "plan not identified; it could be" in typed("due", "--step", "denial", "--notice", "2026-11-02", *NOWHERE).out


def test_a_rule_is_counted_by_its_id_and_a_sample_says_that_it_is_nobodys_contract():
    assert asked("ACA-X-FILE", "--received", "2026-10-30")["ACA-X-FILE"]["legal_due"] == "2027-03-01"
    assert asked("aet-recon", "--notice", "2026-01-15")["AET-RECON"]["legal_due"] == "2026-07-14"
    assert "a published sample, not your contract" in typed("due", "AET-RECON", "--notice", "2026-01-15", *NOWHERE).out


def test_any_fact_a_rule_counts_from_can_be_given_and_an_extension_taken():
    window = asked("NSA-IDR-INIT", "--fact", "event=2026-04-10")["NSA-IDR-INIT"]
    assert window["legal_due"] == "2026-05-28"
    plain, longer = (
        asked("MA-R-DEC-PRE", "--received", "2026-02-27", *more)["MA-R-DEC-PRE"]["legal_due"] for more in ((), ("--extended",))
    )
    assert (plain, longer) == ("2026-03-29", "2026-04-12")


@pytest.mark.parametrize(
    ("typed_time", "due"), [("2026-03-06T15:00", "2026-03-09T20:00:00.000000Z"), ("2026-10-30T09:00", "2026-11-02T13:00:00.000000Z")]
)
def test_72_hours_from_a_friday_end_on_monday_across_the_change_of_the_clocks(typed_time, due):
    assert asked("ERISA-A-DEC-URG", "--received", typed_time, *NEW_YORK)["ERISA-A-DEC-URG"]["due_at"] == due


REFUSED = [
    ("before the first version", ("ACA-X-FILE", "--received", "2015-05-01"), 40, "ACA-X-FILE has no version in force on 2015-05-01"),
    (
        "no rule for the step",
        ("--step", "denial", "--programme", "medicaid_ffs", "--issue-state", "GA", "--notice", "2026-11-02"),
        40,
        "the State sets its own time",
    ),
    (
        "no rule at the level",
        ("--step", "denial", *EMPLOYER, "--level", "9", "--notice", "2026-11-02"),
        40,
        "No rule gives a time for denial at level 9",
    ),
    (
        "no such state",
        ("--step", "denial", "--programme", "individual", "--issue-state", "ZZ", "--notice", "2026-11-02"),
        40,
        "There is no state ZZ",
    ),
    ("a holiday year beyond the table", ("NC-X-PRELIM", "--received", "2100-12-30"), 40, "2101 is outside"),
    ("no such rule", ("NO-SUCH-RULE", "--received", "2026-11-02"), 40, "No rule pack has a rule NO-SUCH-RULE"),
    ("no clock", ("ACA-SCOPE",), 40, "it says what may be reviewed, not when"),
    ("no extension", ("ERISA-A-DEC-POST1", "--received", "2026-11-02", "--extended"), 40, "has no extension"),
    (
        "facts that contradict each other",
        ("--step", "denial", "--programme", "employer", "--grandfathered", "unknown", "--internal-levels", "3"),
        2,
        "3",
    ),
    ("a fact is missing", ("ACA-X-FILE",), 21, "ACA-X-FILE cannot be counted"),
    ("the rating period is not known", ("MCD-PA7", "--received", "2026-07-02"), 21, "rating period start is not known"),
    ("nothing is asked", (), 21, "What is asked?"),
    ("a fact nobody knows", ("ACA-X-FILE", "--fact", "moon=2026-11-02"), 21, "Names: "),
    ("hours without a zone", ("ERISA-A-DEC-URG", "--received", "2026-11-02"), 21, "Give --zone"),
    ("a time that was skipped", ("ERISA-A-DEC-URG", "--received", "2026-03-08T02:30", *NEW_YORK), 22, "does not exist"),
    (
        "a time that happens twice",
        ("ERISA-A-DEC-URG", "--received", "2026-11-01T01:30", *NEW_YORK),
        21,
        "2026-11-01T01:30-04:00 or 2026-11-01T01:30-05:00",
    ),
    (
        "received before it was written",
        ("ERISA-A1-FILE", "--notice", "2026-11-02", "--received", "2026-11-01"),
        22,
        "before the notice was written",
    ),
    ("a zone that is none", ("ERISA-A-DEC-URG", "--received", "2026-11-02", "--zone", "Moon/Base"), 78, "no time zone"),
]


@pytest.mark.parametrize(("words", "code", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_counted_is_refused_by_name_and_never_guessed(words, code, said):
    answer = typed("due", *words, *NOWHERE)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err


def test_a_practices_own_contract_is_counted_beside_the_law_where_its_payer_is_named(offices, tmp_path):
    contract = tmp_path / "ours.toml"
    contract.write_text(law.sample_text("template").replace("Your Payer", "Invented Health").replace("section ...", "section 4"))
    office = offices.after(*opened(), f"2026-11-04 rules load {contract}")
    plan = "--step denial --programme employer --funding self_funded --grandfathered no --internal-levels 1 --notice 2026-11-02"
    alone = {c["rule_id"] for c in office.do(f"2026-11-04 due {plan} --json").data["clocks"]}
    beside = {c["rule_id"] for c in office.do(f"2026-11-04 due {plan} --payer 'INVENTED HEALTH' --json").data["clocks"]}
    assert alone == {"ERISA-A1-FILE"}
    assert beside > alone


# --- the rules --------------------------------------------------------------------------------------------------------


def test_the_list_names_every_rule_and_those_nobody_has_read():
    everything = json.loads(typed("rules", "list", "--json", *NOWHERE).out)["data"]["rules"]
    assert {row["id"] for row in everything} == set(law.everything().rules)
    unread = json.loads(typed("rules", "list", "--unverified", "--json", *NOWHERE).out)["data"]["rules"]
    assert {row["id"] for row in unread} == {r.id for r in law.everything().rules.values() if not all(v.verified for v in r.version)}
    assert "UNVERIFIED" in typed("rules", "list", "--unverified", *NOWHERE).out
    plan = {row["pack"] for row in json.loads(typed("rules", "list", "--programme", "fehb", "--json", *NOWHERE).out)["data"]["rules"]}
    assert plan == {"fehb"}
    assert typed("rules", "list", "--pack", "no_such_pack", *NOWHERE).code == 10


def test_a_rule_is_shown_whole_with_every_version_and_a_provision_says_why_it_is_no_clock():
    shown = typed("rules", "show", "mcd-pa7", *NOWHERE).out
    assert "from the beginning to 2025-12-31: 14 calendar days" in shown
    assert "from 2026-01-01 to now: 7 calendar days" in shown
    assert "UNVERIFIED" in shown
    statement = typed("rules", "show", "TX-IRO-FILE", *NOWHERE).out
    assert "why it is no clock: " in statement
    assert "a published sample" in typed("rules", "show", "AET-RECON", *NOWHERE).out
    assert typed("rules", "show", "NO-SUCH-RULE", *NOWHERE).code == 10


def test_the_sources_come_oldest_first_and_count_every_version():
    rows = json.loads(typed("rules", "sources", "--json", *NOWHERE).out)["data"]["sources"]
    assert [row["checked_on"] for row in rows] == sorted(row["checked_on"] for row in rows)
    assert sum(row["rules"] for row in rows) == sum(len(rule.version) for rule in law.everything().rules.values())


# --- why --------------------------------------------------------------------------------------------------------------

THREE_DATES = (
    *opened("--programme employer --funding insured --grandfathered no --internal-levels 1 --issue-state NC"),
    "2026-11-08 deny 1 --notice 2026-11-04 --received 2026-11-07 --amount 1200 --code CO-50 --printed-due 2027-04-30",
)


def test_why_says_when_why_which_dates_disagree_and_what_would_change_them_in_80_columns_without_code_names(offices):
    told = offices.after(*THREE_DATES).do("2026-11-09 why 1 internal").out
    golden = GOLDEN / "why_three_dates.txt"
    if os.environ.get("UPDATE_DOCS"):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")
    lines = told.splitlines()
    assert max(len(line) for line in lines) <= 80
    order = [
        next(at for at, line in enumerate(lines) if line.startswith(word)) for word in ("WORK BY", "Why", "The dates", "What would change")
    ]
    assert order == sorted(order)
    assert all(
        day in told for day in ("2027-05-06", "2027-04-30", "they disagree: work to the earlier, nothing is lost before Thu 2027-05-06")
    )
    assert not any(code in told for code in ("file_internal_appeal", "ERISA-A1", "erisa_1", "_due", "None"))
