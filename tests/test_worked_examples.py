"""Every shipped rule against dates worked out elsewhere: ours beside this file, and the published ones where they lie.

Only a rule's id and the facts of an example are ever given to the program.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appeals import rules
from appeals.deadlines import count
from appeals.errors import AppealsError
from appeals.packs import Rule

ZONE = "America/New_York"
OURS = Path(__file__).with_name("clock_examples.csv")
THEIRS = Path(__file__).parents[2] / "shared" / "law" / "worked_examples.csv"
NOT_A_DATE = {
    "WX004": "elapsed days, not a deadline",
    "WX005": "elapsed days, not a deadline",
    "WX006": "a formula, not a date",
}
TOLLED = ("WX046", "WX047")


def rows_of(path):
    with path.open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def value_of(text):
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def facts_of(rule: Rule, given: dict) -> tuple[dict, str, bool]:
    """The example's facts under the names a rule counts from: `trigger` and `at` are its own event."""
    named = {"trigger": rule.counts_from[0], "at": rule.counts_from[0]}
    settings = ("zone", "extended")
    facts = {named.get(name, name): value_of(value) for name, value in given.items() if name not in settings}
    return facts, given.get("zone", ZONE), given.get("extended", False)


def published():
    if not THEIRS.exists():
        yield pytest.param({}, id="published", marks=pytest.mark.skip(reason="../shared/law/worked_examples.csv is not here"))
        return
    for row in rows_of(THEIRS):
        if row["rule_id"] not in rules.load().rules:
            continue
        marks = []
        if row["ex_id"] in NOT_A_DATE:
            marks = [pytest.mark.skip(reason=f"{row['ex_id']} is {NOT_A_DATE[row['ex_id']]}")]
        elif row["ex_id"] in TOLLED:
            marks = [pytest.mark.skip(reason=f"{row['ex_id']}: claim-stage tolling is not computed yet")]
        yield pytest.param({name: row[name] for name in ("rule_id", "facts", "expected_due", "safe_due")}, id=row["ex_id"], marks=marks)


@pytest.mark.parametrize("row", list(published()))
def test_a_published_example_comes_out_as_published(row):
    rule = rules.load().rule(row["rule_id"])
    facts, zone, extended = facts_of(rule, json.loads(row["facts"]))
    counted = count(rule, facts, zone=zone, extended=extended)
    if counted.due_at:
        assert f"{counted.due_at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M %Z}" == row["expected_due"]
        assert counted.safe_due is None
    else:
        assert (counted.legal_due.isoformat(), counted.safe_due.isoformat()) == (row["expected_due"], row["safe_due"])


def test_the_published_examples_are_really_read():
    if not THEIRS.exists():
        pytest.skip("../shared/law/worked_examples.csv is not here")
    kept = [case for case in published() if not case.marks]
    assert len(kept) > 50
    assert {"ACA-X-FILE", "MCR-1-FILE", "ERISA-C-URG-DEC2", "NC-PROMPT"} <= {case.values[0]["rule_id"] for case in kept}


def comes_out(rule: Rule, row: dict) -> bool:
    try:
        counted = count(rule, {row["fact"]: value_of(row["value"])}, zone=ZONE, extended=row["extended"] == "True")
    except AppealsError:
        return False
    return (counted.due_at or counted.legal_due) == value_of(row["due"])


@pytest.mark.parametrize("row", rows_of(OURS), ids=lambda row: f"{row['rule_id']}-{row['fact']}")
def test_an_example_of_our_own_comes_out(row):
    assert comes_out(rules.load().rule(row["rule_id"]), row)


def mutants(rule: Rule):
    """The rule with each of its numbers one higher, one at a time."""
    for at, version in enumerate(rule.version):
        changed = [replace(version, length=version.length + 1)]
        for name in ("presumption", "extension"):
            if part := getattr(version, name):
                changed.append(replace(version, **{name: replace(part, length=part.length + 1)}))
        for wrong in changed:
            yield replace(rule, version=(*rule.version[:at], wrong, *rule.version[at + 1 :]))


@pytest.mark.parametrize("rule", list(rules.load().rules.values()), ids=lambda rule: rule.id)
def test_a_shipped_number_that_is_one_too_high_turns_an_example_red(rule):
    mine = [row for row in rows_of(OURS) if row["rule_id"] == rule.id]
    for mutant in mutants(rule):
        assert not all(comes_out(mutant, row) for row in mine), f"no example notices: {mutant}"
