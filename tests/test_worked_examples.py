"""Every shipped number against dates worked out elsewhere: ours beside this file, and the published ones where they lie.

Only a rule's id and the facts of an example are ever given to the program.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appeals import derivation, law, rules, verify_trail
from appeals.audit import clock_row
from appeals.clockmaking import Place, Trigger, counted_clock
from appeals.deadlines import count
from appeals.errors import AppealsError
from appeals.model import Case, State
from appeals.packrows import Rule

ZONE = "America/New_York"
OURS = Path(__file__).with_name("clock_examples.csv")
THEIRS = Path(__file__).parents[2] / "shared" / "law" / "worked_examples.csv"
RULES = {**law.everything().rules, **law.samples().rules}
NOT_A_DATE = {
    "WX004": "elapsed days, not a deadline",
    "WX005": "elapsed days, not a deadline",
    "WX006": "a formula, not a date",
    "WX077": "an amount in controversy, not a date: test_rules has it",
}
# What an example calls a fact that the packs call by another name.
NAMES = {"request_received": "received"}
SETTINGS = ("zone", "extended")


def rows_of(path):
    with path.open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def value_of(text):
    return None if text is None else datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def counted(rule: Rule, given: dict):
    """The count of an example; `trigger` and `at` are the rule's own event."""
    own = {"trigger": rule.counts_from[0], "at": rule.counts_from[0]} | (NAMES if "request_received" in given else {})
    facts = {own.get(name, name): value_of(value) for name, value in given.items() if name not in SETTINGS}
    return count(rule, facts, zone=given.get("zone", ZONE), extended=given.get("extended", False))


def due_of(rule: Rule, given: dict) -> tuple[str, str]:
    """The legal and the safe date as the published table writes them; an hour clock has one instant for both."""
    found = counted(rule, given)
    if found.due_at:
        at = f"{found.due_at.astimezone(ZoneInfo(given.get('zone', ZONE))):%Y-%m-%dT%H:%M %Z}"
        return at, at
    return found.legal_due.isoformat(), found.safe_due.isoformat()


def published(*kinds):
    if not THEIRS.exists():
        yield pytest.param({}, id="published", marks=pytest.mark.skip(reason="../shared/law/worked_examples.csv is not here"))
        return
    for row in rows_of(THEIRS):
        if row["kind"] not in kinds:
            continue
        said = NOT_A_DATE.get(row["ex_id"])
        marks = [pytest.mark.skip(reason=f"{row['ex_id']} is {said}")] if said else []
        yield pytest.param({name: row[name] for name in ("rule_id", "facts", "expected_due", "safe_due")}, id=row["ex_id"], marks=marks)


@pytest.mark.parametrize("row", list(published("published", "derived")))
def test_a_published_example_comes_out_as_published(row):
    assert due_of(RULES[row["rule_id"]], json.loads(row["facts"])) == (row["expected_due"], row["safe_due"])


def test_every_published_row_that_gives_a_date_is_read_and_the_others_are_named(capsys):
    if not THEIRS.exists():
        pytest.skip("../shared/law/worked_examples.csv is not here")
    rows = rows_of(THEIRS)
    ran = [row["ex_id"] for row in rows if row["ex_id"] not in NOT_A_DATE]
    none = ", ".join(f"{name} ({why})" for name, why in NOT_A_DATE.items())
    with capsys.disabled():
        sys.stdout.write(f"\n{len(ran)} of {len(rows)} worked examples give a date and ran; no date: {none}\n")
    assert len(rows) == 89
    assert len(ran) == 85
    for name in NOT_A_DATE:
        [row] = [row for row in rows if row["ex_id"] == name]
        with pytest.raises(ValueError, match="Invalid isoformat"):
            date.fromisoformat(row["expected_due"])


# What an authority itself printed. Each is a sentence of its own, from the packs alone.


def test_the_external_review_regulation_takes_30_october_to_1_march():
    """45 CFR 147.136(d)(2)(i), its own example."""
    assert due_of(RULES["ACA-X-FILE"], {"received": "2026-10-30"}) == ("2027-03-01", "2027-03-01")


@pytest.mark.parametrize(("notice", "due"), [("2022-05-15", "2022-09-17"), ("2022-08-15", "2022-12-18")])
def test_a_medicare_contractor_prints_the_redetermination_day_without_rolling_it(notice, due):
    """Palmetto GBA's published table: a Saturday and a Sunday stay what they are."""
    assert due_of(RULES["MCR-1-FILE"], {"notice": notice})[0] == due


def test_a_medicare_advantage_appeal_is_due_65_days_after_the_notice():
    """HHS restates 60 days from a receipt presumed on the fifth day as 65 from the notice."""
    notice = date(2026, 3, 2)
    assert (counted(RULES["MA-R-FILE"], {"notice": "2026-03-02"}).legal_due - notice).days == 65


def comes_out(rule: Rule, row: dict) -> bool:
    try:
        found = counted(rule, json.loads(row["facts"]))
    except AppealsError:
        return False
    return (found.due_at or found.legal_due) == value_of(row["due"])


@pytest.mark.parametrize("row", rows_of(OURS), ids=lambda row: f"{row['rule_id']}-{row['facts']}")
def test_an_example_of_our_own_comes_out(row):
    assert comes_out(RULES[row["rule_id"]], row)


@pytest.mark.parametrize("row", rows_of(OURS), ids=lambda row: f"{row['rule_id']}-{row['facts']}")
def test_a_count_can_be_taken_again_from_the_steps_it_keeps(row):
    found = counted(RULES[row["rule_id"]], json.loads(row["facts"]))
    packs = law.with_channels(law.samples()) if row["rule_id"] in law.samples().rules else law.everything()
    case = Case(id="", practice_id="", number="", kind="", state=State.DENIED, patient_id="", payer_id="", coverage_id="",
                opened_on=date.min, entered_on=date.min)  # fmt: skip
    place = Place(level=1, track="member_appeal", regime="")
    clock = counted_clock(packs, case, Trigger(name="denial", id="", facts={}), found, place, "")
    assert derivation.misfits(clock_row(clock)) == ()
    assert list(verify_trail.recounted(clock_row(clock))) == []


def mutants(rule: Rule):
    """The rule with each of its numbers one higher, one at a time; what has no length turned round."""
    for at, version in enumerate(rule.version):
        changed = [replace(version, length=version.length + 1)] if version.unit != "event" else [_turned(version)]
        for name in ("presumption", "extension", "waits", "also"):
            if (part := getattr(version, name)) and part.length:
                changed.append(replace(version, **{name: replace(part, length=part.length + 1)}))
        for wrong in changed:
            yield replace(rule, version=(*rule.version[:at], wrong, *rule.version[at + 1 :]))


def _turned(version):
    return replace(version, direction="within" if version.direction == "before" else "before")


@pytest.mark.parametrize("rule", list(RULES.values()), ids=lambda rule: rule.id)
def test_a_shipped_number_that_is_one_too_high_turns_an_example_red(rule):
    mine = [row for row in rows_of(OURS) if row["rule_id"] == rule.id]
    assert mine, "no example"
    for mutant in mutants(rule):
        assert not all(comes_out(mutant, row) for row in mine), f"no example notices: {mutant}"


def test_the_law_is_all_of_it():
    assert len(rules.everything().rules) > 200
