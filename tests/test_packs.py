"""Rule packs: what a file may say, what is refused and how, and that what ships agrees with the table of the law."""

from __future__ import annotations

import csv
import hashlib
import re
from importlib import resources
from pathlib import Path

import pytest

from appeals import packfile
from appeals.errors import BadConfiguration, FileRefused, NoRule
from appeals.packfile import read_pack, together

LAW = Path(__file__).parents[2] / "shared" / "law" / "rules.csv"
FOLDER = resources.files("appeals.rulepacks")
LEVEL = """
[[level]]
id = "clinic_appeal"
name = "Appeal"
track = "member_appeal"
decided_by = "plan"
filed_by = ["patient"]
obligation = "mandatory"
clock_kind = "file_internal_appeal"
amount = "none"
cite = "Contract 4.2"
gap = ""
"""
RULE = """
[[rule]]
id = "CLINIC-FILE"
title = "file the appeal"
event = "the denial was received"
kind = "file_internal_appeal"
owed_by = "us"
starts_on = ["denial"]
levels = ["clinic_appeal"]
case_kinds = ["post_service"]
urgency = ["standard", "expedited"]
counts_from = ["received"]
pick = "only"
else_from = ["notice"]
versioned_by = "notice"
"""
VERSION = """
  [[rule.version]]
  effective_from = 2026-01-01
  effective_to = "open"
  length = 90
  unit = "calendar_days"
  business_calendar = "none"
  start_day_counts = false
  if_no_such_day = "none"
  presumption = "none"
  roll = "none"
  fallback = "none"
  shorter = "none"
  extension = "none"
  tolling = ""
  filed_when = "received"
  if_missed = ""
  notes = []
  cite = "Contract 4.2"
  source = "the signed contract"
  checked_on = 2026-11-23
  verified = true
  basis = "agency_or_payer_page"
"""
HEAD = '[pack]\nid = "clinic"\nversion = "2026.1"\ntitle = "A contract"\n'
WHOLE = HEAD + LEVEL + RULE + VERSION


def read(text, **options):
    return read_pack("clinic.toml", text.encode(), **options)


def test_a_pack_that_says_everything_is_read_and_its_hash_is_of_its_bytes():
    pack = read(WHOLE)
    assert (pack.id, pack.rule[0].version[0].length) == ("clinic", 90)
    assert pack.hash == hashlib.sha256(WHOLE.encode()).hexdigest()


@pytest.mark.parametrize(
    "line", [line for line in (RULE + VERSION).splitlines() if "=" in line], ids=lambda line: line.split("=")[0].strip()
)
def test_a_rule_that_leaves_one_key_out_is_refused_by_file_rule_and_key(line):
    key = line.split("=")[0].strip()
    with pytest.raises(BadConfiguration) as refused:
        read(WHOLE.replace(LEVEL, "").replace(line + "\n", "", 1))
    rule = "rule 1" if key == "id" else "rule CLINIC-FILE"
    assert refused.value.message.startswith(f"clinic.toml, {rule}: ")
    assert f"missing key '{key}'" in refused.value.message


@pytest.mark.parametrize(
    ("where", "added", "said"),
    [
        ("  length = 90\n", "  lenght = 90\n", "clinic.toml, rule CLINIC-FILE: version: 1: unknown key 'lenght'"),
        ("owed_by", 'holiday = "none"\nowed_by', "clinic.toml, rule CLINIC-FILE: unknown key 'holiday'"),
        ("track =", 'colour = "red"\ntrack =', "clinic.toml, level clinic_appeal: unknown key 'colour'"),
        ("version = ", 'colour = "red"\nversion = ', "clinic.toml, pack: unknown key 'colour'"),
        ("[[level]]", "[[rung]]\n[[level]]", "clinic.toml: unknown table 'rung'"),
    ],
)
def test_an_unknown_key_is_refused_by_file_rule_and_key(where, added, said):
    with pytest.raises(BadConfiguration, match=re.escape(said)):
        read(WHOLE.replace(where, added, 1))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('unit = "calendar_days"', 'unit = "working_days"', "unit: 'working_days' is none of"),
        ('owed_by = "us"', 'owed_by = "nobody"', "owed_by: 'nobody' is none of"),
        ('starts_on = ["denial"]', 'starts_on = ["rain"]', "starts_on: 1: 'rain' is none of"),
        ("length = 90", "length = 0", "length: must be 1 or more"),
        ("length = 90", 'length = "90"', "length: must be a whole number"),
        ("length = 90", "length = true", "length: must be a whole number"),
        ("verified = true", 'verified = "yes"', "verified: must be true or false"),
        ("checked_on = 2026-11-23", 'checked_on = "2026-11-23"', "checked_on: must be a date"),
        ("checked_on = 2026-11-23", "checked_on = 2026-11-23T10:00:00", "checked_on: must be a date"),
        ('cite = "Contract 4.2"\n  source', 'cite = " "\n  source', "cite: must be text that is not empty"),
        ('presumption = "none"', "presumption = { length = 5 }", "presumption: missing key 'unit'"),
        ("notes = []", 'notes = "none"', "notes: must be a list"),
        ("effective_from = 2026-01-01", 'effective_from = "always"', "effective_from: must be a date"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_file_rule_and_key(right, wrong, said):
    with pytest.raises(BadConfiguration, match="clinic.toml, rule CLINIC-FILE: .*" + re.escape(said)):
        read(WHOLE.replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('unit = "calendar_days"', 'unit = "calendar_months"', "if_no_such_day: months and years must say it"),
        ('if_no_such_day = "none"', 'if_no_such_day = "clamp"', "if_no_such_day: months and years must say it"),
        ('unit = "calendar_days"', 'unit = "business_days"', "business_calendar: business days must name it"),
        ('counts_from = ["received"]', 'counts_from = ["received", "notice"]', "pick: `only` goes with one fact"),
        ('effective_to = "open"', "effective_to = 2025-12-31", "effective dates run backwards or overlap"),
    ],
)
def test_keys_that_contradict_each_other_are_refused(right, wrong, said):
    with pytest.raises(BadConfiguration, match=said):
        read(WHOLE.replace(right, wrong, 1))


def test_hours_that_would_roll_are_refused():
    with pytest.raises(BadConfiguration, match="hours elapse"):
        read(WHOLE.replace('"calendar_days"', '"hours"', 1).replace('roll = "none"', 'roll = "federal"', 1))


def test_versions_that_overlap_are_refused():
    with pytest.raises(BadConfiguration, match="overlap"):
        read(WHOLE + VERSION.replace("2026-01-01", "2026-06-01"))


def test_versions_that_follow_each_other_are_both_read():
    text = HEAD + LEVEL + RULE + VERSION.replace('"open"', "2026-05-31") + VERSION.replace("2026-01-01", "2026-06-01")
    assert len(read(text).rule[0].version) == 2


def test_a_file_that_is_no_toml_is_refused():
    with pytest.raises(BadConfiguration, match=r"clinic\.toml: not a TOML file"):
        read("[pack")


def test_a_file_a_person_loads_is_refused_as_a_file():
    with pytest.raises(FileRefused, match="missing key 'cite'"):
        read(WHOLE.replace('  cite = "Contract 4.2"\n', ""), refuse=FileRefused)


def test_an_id_used_twice_is_refused():
    with pytest.raises(BadConfiguration, match="rule CLINIC-FILE: id is already used in clinic"):
        together([read(WHOLE), read(HEAD.replace('"clinic"', '"other"') + RULE + VERSION)])


def test_a_rule_at_a_level_nobody_has_is_refused():
    with pytest.raises(BadConfiguration, match="rule CLINIC-FILE: level 'clinic_appeal' is in no pack"):
        together([read(HEAD + RULE + VERSION)])


def test_a_rule_that_no_pack_has_is_an_error_that_names_it():
    with pytest.raises(NoRule, match="TX-FILE"):
        packfile.load().rule("TX-FILE")


def test_a_channel_nobody_knows_is_an_error_and_the_default_is_mail():
    packs = packfile.load()
    assert (packs.lead().id, packs.lead().lead_business_days, packs.lead("fax").lead_business_days) == ("mail", 5, 0)
    with pytest.raises(NoRule, match="pigeon"):
        packs.lead("pigeon")


def test_every_pack_with_a_rule_in_it_is_shipped():
    with_rules = {file.name for file in FOLDER.iterdir() if file.name.endswith(".toml") and "[[rule]]" in file.read_text("utf-8")}
    assert with_rules <= set(packfile.SHIPPED)


def test_every_open_state_has_a_house_target_and_the_offsets_are_there():
    packs = packfile.load()
    assert set(packs.targets) == {"submitted", "denied", "eob_reviewed", "appeal_filed", "peer_review", "payment"}
    assert packs.targets["appeal_filed"].length == 7
    assert packs.offsets == (30, 14, 7, 3, 1, 0)
    assert packs.soon_days > 0


UNITS = {"days": "calendar days", "business day": "business days", "calendar year": "years"}


def said_by_law(row):
    unit = row["unit"].split(" (")[0]
    return int(row["length"]), UNITS.get(unit, unit), row["status"] == "verified", row["citation"], row["basis"]


@pytest.fixture(scope="module")
def law():
    if not LAW.exists():
        pytest.skip("../shared/law/rules.csv is not here")
    with LAW.open(encoding="utf-8") as file:
        return {row["rule_id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("rule", list(packfile.load().rules.values()), ids=lambda rule: rule.id)
def test_a_shipped_rule_says_what_the_table_of_the_law_says(rule, law):
    version = rule.version[-1]
    said = (version.length, version.unit.replace("_", " "), version.verified, version.cite, version.basis)
    assert said == said_by_law(law[rule.id])


@pytest.mark.parametrize("rule", list(packfile.load().rules.values()), ids=lambda rule: rule.id)
def test_a_shipped_rule_is_in_force_when_the_table_of_the_law_says(rule, law):
    first, last = rule.version[0].effective_from, rule.version[-1].effective_to
    row = law[rule.id]
    assert ((first.isoformat() if first else ""), (last.isoformat() if last else "")) == (row["effective_from"][:10], row["effective_to"])


def test_the_amounts_in_controversy_are_those_of_the_table(law):
    for amount in packfile.load().amounts:
        row = law[amount.id]
        assert f"{amount.hearing_cents // 100}/{amount.court_cents // 100}" == row["length"]
        assert (amount.verified, amount.cite) == (row["status"] == "verified", row["citation"])
        assert (amount.effective_from.isoformat(), amount.effective_to.isoformat()) == (row["effective_from"], row["effective_to"])


def test_a_rule_with_a_receipt_presumption_in_the_table_has_it_and_no_other(law):
    said = {rule.id for rule in packfile.load().rules.values() if rule.version[0].presumption}
    table = {rule_id for rule_id, row in law.items() if "presumed" in row["receipt_presumption"] or "FIFTH" in row["receipt_presumption"]}
    assert said == table & set(packfile.load().rules)
