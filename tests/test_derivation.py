"""Every date of a clock follows from what is kept with it, by the program and by the file a stranger gets; what does not is named."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from practice import Offices, denied, filed, opened
from test_every_date import ALL, DATED, DAYS, ZONES, facts_of

from appeals import appointments, audit, clockmaking, counted, derivation, law, rules, trailcheck, verify_trail
from appeals.clockmaking import Place, Trigger, counted_clock, house_clock, told
from appeals.deadlines import count
from appeals.errors import ImpossibleValue, NoRule
from appeals.model import Case, PeerReview, State
from appeals.services.doctor import doctor

ROOT = Path(__file__).parents[1]
LAW, SAMPLES = law.everything(), law.with_channels(law.samples())
DAY = date(2026, 11, 3)
CASE = Case(
    id="c", practice_id="p", number="A-1", kind="post_service", state=State.DENIED, patient_id="", payer_id="", coverage_id="",
    opened_on=DAY, entered_on=DAY,
)  # fmt: skip
NEW_YORK = "America/New_York"


def wrong(row) -> tuple[str, ...]:
    """What the program finds; the stranger's file must find the same."""
    found = derivation.misfits(row)
    said = {
        derivation.NO_STEPS: [],
        derivation.NOT_REPLAYED: [f"clock {row.get('kind')}: its steps cannot be taken again"],
    }.get(found, [f"clock {row.get('kind')}: its {name} does not follow from its steps" for name in found])
    assert list(verify_trail.recounted(dict(row))) == said
    return found


def row_of(rule, facts, *, zone=NEW_YORK, extended=False, track="member_appeal"):
    """The row of a rule's clock, or None where the rule counts nothing from these facts."""
    packs = LAW if rule.id in LAW.rules else SAMPLES
    try:
        counted = count(rule, facts, zone=zone, extended=extended)
    except (NoRule, ImpossibleValue):
        return None
    trigger = Trigger(name="denial", id="d", facts=facts)
    return audit.clock_row(counted_clock(packs, CASE, trigger, counted, Place(level=1, track=track, regime=""), "clock"))


def every_fact(rule, day, later):
    """The rule's own facts on `day`, and those that a second date, a shorter reading or a stop hangs on some days later."""
    beside = [getattr(version, name) for version in rule.version for name in ("presumption", "also", "shorter")]
    facts = dict.fromkeys((part.counted_from for part in beside if part), later) | facts_of(rule, day)
    return facts | {"notice": min(day, later)}


EXTENSIBLE = {rule.id for rule in (*LAW.rules.values(), *SAMPLES.rules.values()) if all(version.extension for version in rule.version)}


@st.composite
def rows(draw, rules=ALL):
    """The row of any rule's clock, with a printed date or none, extended or not, stopped or not."""
    rule, day = draw(rules), draw(DAYS)
    facts = every_fact(rule, day, day + timedelta(days=draw(st.integers(0, 400))))
    if draw(st.booleans()):
        facts["printed"] = day + timedelta(days=draw(st.integers(0, 200)))
    tolling = rule.version[-1].tolling
    if tolling and draw(st.booleans()):
        facts[tolling.stops] = day + timedelta(days=draw(st.integers(0, 20)))
        facts[tolling.restarts] = draw(st.sampled_from((None, facts[tolling.stops] + timedelta(days=draw(st.integers(0, 90))))))
    extended = rule.id in EXTENSIBLE and draw(st.booleans())
    return row_of(rule, facts, zone=draw(st.sampled_from(ZONES)), extended=extended)


@settings(max_examples=300)
@given(rows())
def test_every_date_of_every_rules_clock_follows_from_its_steps(row):
    assert row is None or wrong(row) == ()


@pytest.mark.parametrize("rule", [*LAW.rules.values(), *SAMPLES.rules.values()], ids=lambda rule: rule.id)
def test_no_rule_is_left_out(rule):
    days = [date(year, month, 27) for year in (2024, 2026) for month in range(1, 13)]
    made = [row for day in days if (row := row_of(rule, every_fact(rule, day, day)))]
    assert made
    assert {wrong(row) for row in made} == {()}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [datetime(2026, 3, 6, 20, tzinfo=UTC), datetime(2026, 10, 30, 5, 30, 10, 123, tzinfo=UTC)])
def test_hours_follow_across_a_change_of_the_clocks_without_the_zones_rules(zone, at):
    made = [row_of(rule, facts_of(rule, at), zone=zone) for rule in LAW.rules.values() if rule.version[-1].unit == "hours"]
    assert len(made) > 20
    assert {wrong(row) for row in made} == {()}
    assert {wrong(row | {"derivation": row["derivation"].replace(zone, "Nowhere/At_All")}) for row in made} == {()}


def own_clocks():
    """The clocks that no rule gives."""
    at = datetime(2026, 11, 12, 20, tzinfo=UTC)
    call = PeerReview(id="r", practice_id="p", case_id="c", came_from=State.DENIED, clinician="", requested_date=DAY)
    later = DAY + timedelta(days=9)
    yield appointments.telephone_clock(LAW, CASE, call, at, NEW_YORK, "1")
    yield appointments.takeback_clock(LAW, CASE, DAY, None, "2")
    yield from (appointments.takeback_clock(LAW, CASE, DAY, DAY + timedelta(days=days), "3") for days in (1, 90))
    yield appointments.statement_clock(LAW, CASE, DAY, later, "4")
    yield appointments.authorised_clock(LAW, CASE, DAY, later, "5")
    yield from (house_clock(LAW, target, CASE, DAY, "state", "6") for target in LAW.targets.values())


@pytest.mark.parametrize("clock", list(own_clocks()), ids=lambda clock: clock.kind)
def test_every_date_of_a_clock_of_our_own_follows_from_its_steps_and_a_changed_one_is_named(clock):
    row = audit.clock_row(clock)
    assert wrong(row) == ()
    for name in derivation.DATES:
        assert wrong(row | {name: "2030-01-02"}) == (name,)


@settings(max_examples=300)
@given(rows(), st.sampled_from(derivation.DATES), st.one_of(st.none(), DAYS.map(str), st.integers(), st.just([])))
def test_a_date_that_was_changed_or_taken_away_or_brought_in_is_named(row, name, value):
    if row is not None and row[name] != value:
        assert wrong(row | {name: value}) == (name,)


def counted_on(value, more):
    """A number or a day of a step, moved."""
    return value + more if type(value) is int else (date.fromisoformat(value) + timedelta(days=more)).isoformat()


@settings(max_examples=200)
@given(rows(DATED), st.data())
def test_a_number_or_day_that_was_changed_in_the_steps_is_found_unless_every_date_is_the_same_without_it(row, data):
    if row is None:
        return
    kept = json.loads(row["derivation"])
    numbers = [(step, key) for step in kept["steps"] for key in ("on", "length", "from", "to") if key in step]
    step, key = data.draw(st.sampled_from(numbers))
    before, more = step[key], data.draw(st.integers(-9, 9).filter(bool))
    step[key] = counted_on(before, more)
    found = wrong(row | {"derivation": json.dumps(kept)})
    decided = kept["steps"][: 1 + next(at for at, one in enumerate(kept["steps"]) if "raw_due" in one.get("gives", ()))]
    plain = not any(one["do"] in ("later", "earlier") or one.get("unit") in ("business_days", "year_ends") for one in decided)
    months = any(one.get("unit") in ("calendar_months", "years") for one in decided)
    if step in decided and plain and not months:
        assert "raw_due" in found


@settings(max_examples=300)
@given(rows(DATED), st.data())
def test_the_program_and_the_strangers_file_agree_on_every_closed_day_taken_away_or_brought_in(row, data):
    kept = json.loads(row["derivation"]) if row else {"closed": {}}
    for days in kept["closed"].values():
        for day in (*days, data.draw(DAYS).isoformat()):
            changed = sorted({*days} ^ {day})
            moved = {**kept, "closed": {**kept["closed"], **{name: changed for name, known in kept["closed"].items() if known is days}}}
            wrong(row | {"derivation": json.dumps(moved)})


def test_a_closed_day_left_out_is_found():
    row = row_of(LAW.rule("NC-X-PRELIM"), {"received": date(2026, 12, 23)})
    kept = json.loads(row["derivation"])
    assert kept["closed"]["federal"][0] == "2026-12-25"
    kept["closed"]["federal"] = kept["closed"]["federal"][1:]
    assert "raw_due" in wrong(row | {"derivation": json.dumps(kept)})


def test_a_clock_older_than_the_steps_is_not_recorded_and_no_misfit():
    assert wrong(audit.clock_row(next(own_clocks())) | {"derivation": ""}) == derivation.NO_STEPS


def test_a_derivation_without_its_closed_days_cannot_be_taken_again():
    row = audit.clock_row(next(own_clocks()))
    kept = json.loads(row["derivation"])
    assert wrong(row | {"derivation": json.dumps({"zone": kept["zone"], "steps": kept["steps"]})}) == derivation.NOT_REPLAYED


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.integers(-4000, 4000), st.floats(), st.text(max_size=4), DAYS.map(str),
    st.sampled_from([
        "start", "add", "pause", "roll", "back", "time", "later", "earlier", "federal", "calendar_days", "business_days", "hours", "years",
        "calendar_months", "year_ends", "event", "clamp", "work_by", "legal_due", "due_at", "-0500", "+9999", "16:30",
        "2026-03-06T15:00:00-05:00", "2026-03-06T15:00:00", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-23:59",
    ]),
)  # fmt: skip
KEYS = ("do", "on", "at", "of", "length", "unit", "calendar", "first", "missing", "offset", "from", "to", "gives")
STEPS = st.dictionaries(st.sampled_from(KEYS), st.one_of(LEAVES, st.lists(LEAVES, max_size=2)), max_size=9)
LIKELY = st.fixed_dictionaries({
    "zone": LEAVES,
    "steps": st.lists(STEPS, max_size=6).map(lambda more: [{"do": "start", "on": "2026-11-03", "gives": ["work_by", "legal_due"]}, *more]),
    "closed": st.one_of(LEAVES, st.dictionaries(LEAVES.filter(lambda leaf: isinstance(leaf, str)), st.lists(DAYS.map(str), max_size=3))),
})  # fmt: skip
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3))
)


@settings(max_examples=300, deadline=1000)
@given(st.one_of(LIKELY, ANYTHING).map(json.dumps) | ANYTHING | st.text(), st.dictionaries(st.sampled_from(derivation.DATES), ANYTHING))
def test_garbage_is_a_finding_and_never_an_error(text, dates):
    wrong({"kind": "file_appeal", "derivation": text, **dates})


@pytest.mark.parametrize("step", [
    {"do": "add", "length": 10**9, "unit": "business_days", "calendar": "federal", "first": False},
    {"do": "add", "length": 10**400, "unit": "calendar_days", "first": False},
    {"do": "add", "length": -(10**400), "unit": "calendar_months", "missing": "clamp"},
    {"do": "add", "length": 10**9, "unit": "year_ends"},
    {"do": "add", "length": 1.5, "unit": "calendar_days"},
    {"do": "add", "length": True, "unit": "calendar_days"},
    {"do": "add", "length": 10**12, "unit": "hours", "offset": "-0500"},
    {"do": "start", "at": "2026-11-03T10:00:00"},
    {"do": "start", "of": "nothing"},
    {"do": "dance", "on": "2026-11-03"},
    {"do": []},
    [],
    None,
])  # fmt: skip
def test_a_step_that_nobody_can_take_is_refused_at_once(step):
    begun = {"do": "start", "on": "2026-11-03", "gives": ["work_by"]}
    text = json.dumps({"zone": "", "steps": [begun, step], "closed": {"federal": []}})
    assert wrong({"kind": "x", "derivation": text, "work_by": "2026-11-03"}) == derivation.NOT_REPLAYED


@pytest.mark.parametrize("text", [
    "[" * 100_000, '{"a":' * 100_000, "9" * 10_000, " " * 30_000, "null", "[]", "{}", "\ud800", '{"steps":[],"closed":{},"zone":""}',
    json.dumps({"zone": "", "closed": {}, "steps": [{"do": "start", "on": "2026-11-03", "gives": ["work_by"]}] * 51}),
])  # fmt: skip
def test_text_that_is_no_derivation_is_refused_at_once(text):
    assert wrong({"kind": "x", "derivation": text, "work_by": "2026-11-03"}) == derivation.NOT_REPLAYED


def test_the_example_of_the_page_is_what_a_clock_keeps():
    page = (ROOT / "docs" / "clocks.md").read_text(encoding="utf-8")
    [example] = [json.loads(part.partition("```")[0]) for part in page.partition("## Derived again")[2].split("```json")[1:]]
    row = row_of(LAW.rule("ERISA-A1-FILE"), {"received": date(2026, 10, 30)})
    assert json.loads(row["derivation"]) == example


def test_a_strangers_file_counts_the_exported_deadlines_again_and_names_one_that_does_not_follow(tmp_path):
    office = Offices(tmp_path).after(*filed())
    office.do(f"2026-12-01 audit export --patient M-1 --out {tmp_path / 'trail.jsonl'} --purpose request")
    lines = (tmp_path / "trail.jsonl").read_bytes().splitlines(keepends=True)
    verdict = trailcheck.verify(lines)
    assert (verdict.findings, verify_trail.findings(lines)) == ((), [])
    assert verdict.clocks > 5
    script = [sys.executable, "-I", str(ROOT / "appeals" / "verify_trail.py"), str(tmp_path / "trail.jsonl")]
    assert subprocess.run(script, check=False).returncode == 0
    [at] = [number for number, line in enumerate(lines) if b'\\"name\\":\\"deny\\"' in line]
    lines[at] = lines[at].replace(b'\\"work_by\\":\\"2027-', b'\\"work_by\\":\\"2028-')
    said = "its work_by does not follow from its steps"
    assert any(said in finding.message for finding in trailcheck.verify(lines).findings)
    assert any(said in finding for finding in verify_trail.findings(lines))


def test_a_clock_that_does_not_follow_from_its_steps_is_a_finding_of_the_check_up(tmp_path, monkeypatch):
    office = Offices(tmp_path).after(*opened())
    monkeypatch.setattr(clockmaking, "stored", lambda zone, steps: derivation.stored(zone, [*steps, *told(DAY, DAY)]))
    monkeypatch.setattr(rules, "_counted_before", lambda *_kind: counted.Counted())  # what others counted is not taken, nor left to them
    office.do(*denied()[-1:])
    with office.store() as store:
        assert any("clock file_internal_appeal: start_date, target_due, work_by" in finding for finding in doctor(store).findings)


def test_every_single_step_of_the_page_leads_where_it_says():
    page = (ROOT / "docs" / "clocks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{4}-\S+) \| `(\{.*?\})`.* \| (\S+) \|$", page, re.MULTILINE)
    assert len(rows) == 12
    for at, step, leads_to in rows:
        begun = datetime.fromisoformat(at) if "T" in at else date.fromisoformat(at)
        ours = derivation.taken(begun, json.loads(step), {}, lambda _year, _calendar: frozenset())
        theirs = verify_trail.taken(begun, json.loads(step), {}, {"federal": set()})
        assert ours.isoformat() == theirs.isoformat() == leads_to, step
