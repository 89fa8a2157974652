"""Rule packs: what a file may say, what is refused and how, and that what ships agrees with the table of the law."""

from __future__ import annotations

import csv
import hashlib
import re
from importlib import resources
from pathlib import Path

import pytest

from appeals import law, packfile
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
obligation = "mandatory"
silence = "none"
clock_kind = "file_internal_appeal"
amount = "none"
cite = "Contract 4.2"
gap = ""
"""
RIGHTS = """
[[right]]
levels = ["clinic_appeal"]
party = "patient"
network = []
case_kinds = []
standing = "own"
documents = []
says = "it may"
cite = "Contract 4.2"
source = "the signed contract"
checked_on = 2026-11-23
verified = true
basis = "contract"

[[right]]
levels = ["clinic_appeal"]
party = "representative"
network = []
case_kinds = []
standing = "own"
documents = []
says = "it may"
cite = "Contract 4.2"
source = "the signed contract"
checked_on = 2026-11-23
verified = true
basis = "contract"

[[right]]
levels = ["clinic_appeal"]
party = "provider"
network = []
case_kinds = []
standing = "own"
documents = []
says = "it may"
cite = "Contract 4.2"
source = "the signed contract"
checked_on = 2026-11-23
verified = true
basis = "contract"
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
states = []
filed_by = []
case_kinds = ["post_service"]
care = []
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
  direction = "within"
  length = 90
  unit = "calendar_days"
  business_calendar = "none"
  start_day_counts = false
  if_no_such_day = "none"
  by_time = "none"
  waits = "none"
  presumption = "none"
  also = "none"
  roll = "none"
  fallback = "none"
  shorter = "none"
  alternative = "none"
  extension = "none"
  tolling = "none"
  filed_when = "received"
  if_missed = ""
  next_step = ""
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
        ("length = 90", "length = -1", "length: must be a whole number"),
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
        ('unit = "calendar_days"', 'unit = "event"', "only an `event` has none"),
        ('levels = ["clinic_appeal"]', "levels = []", "must name levels or states"),
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
        law.everything().rule("TX-FILE")


def test_a_channel_nobody_knows_is_an_error_and_the_default_is_mail():
    packs = law.everything()
    assert (packs.lead().id, packs.lead().lead_business_days, packs.lead("fax").lead_business_days) == ("mail", 5, 0)
    with pytest.raises(NoRule, match="pigeon"):
        packs.lead("pigeon")


def test_every_pack_with_a_rule_in_it_is_shipped():
    files = {file.name.removesuffix(".toml") for file in FOLDER.iterdir() if file.name.endswith(".toml")}
    assert files - {"codes", "checklists", "chances", "claimstatus", "proofs", "feeds", "mail"} == {*law.ALWAYS, *law.LAW}
    assert {file.name.removesuffix(".toml") for file in (FOLDER / "samples").iterdir()} == set(law.SAMPLES)


def test_a_level_at_which_somebodys_right_is_not_known_is_refused():
    with pytest.raises(BadConfiguration, match="level clinic_appeal: no right says whether patient, representative, provider may file"):
        together([read(WHOLE)])
    assert together([read(WHOLE + RIGHTS)]).levels["clinic_appeal"].name == "Appeal"


def test_every_fault_of_a_file_is_named_not_only_the_first():
    wrong = WHOLE.replace("length = 90", "length = -1").replace('track = "member_appeal"', 'track = "tram"')
    found = packfile.examine("clinic.toml", wrong.encode())[1]
    assert [fault.split(":")[0] for fault in found] == ["clinic.toml, rule CLINIC-FILE", "clinic.toml, level clinic_appeal"]


def test_every_open_state_has_a_house_target_and_the_offsets_are_there():
    packs = law.everything()
    assert set(packs.targets) == {"submitted", "denied", "eob_reviewed", "appeal_filed", "peer_review", "payment", "recoupment", "rejected"}
    assert packs.targets["appeal_filed"].length == 7
    assert packs.reminders.offsets == (30, 14, 7, 3, 1, 0)
    assert packs.soon_days > 0


UNITS = {
    "days": "calendar days", "business day": "business days", "working day": "business days", "working days": "business days",
    "calendar year": "years", "immediately": "event", "clock time": "calendar days", "fixed date": "year ends",
    "hours / calendar days": "hours",
}  # fmt: skip
LENGTHS = {
    "5 (24 hours if urgent)": 5, "72 hours / 14 calendar days": 72, "14 / 30": 14, "noon of next calendar day": 1,
    "Dec 31 of 3rd year after the year care was received": 3,
}  # fmt: skip
# What of a row that has two lengths, or a time of day, stands elsewhere in the rule.
BESIDES = {
    "ERISA-C-MISFILE": ("alternative", (24, "hours")),
    "MA-EFF-IRE-STD": ("alternative", (14, "calendar_days")),
    "PD-EFF-R-PAY": ("alternative", (30, "calendar_days")),
}
# What starts a count, as the table calls it -> the facts a rule may count from for it.
STARTS = {
    "receipt_by_payer": {"received", "request", "information", "supporting_statement", "event"},
    "receipt_by_claimant": {"received", "event"},
    "receipt_by_adjudicator": {"received", "request", "information_received"},
    "receipt_by_iro": {"received", "event"},
    "receipt_by_entity": {"received"},
    "receipt_by_provider": {"received"},
    "notice_date": {"notice", "period_given_ends"},
    "notice_mailed": {"mailed"},
    "notice_posted": {"posted"},
    "notice_sent": {"notice_sent"},
    "decision_date": {"decided", "notice", "event", "requested"},
    "filing_date": {"sent", "submitted"},
    "service_date": {"service_date", "scheduled"},
    "processed_date": {"processed"},
    "effective_date": {"effective_date"},
    "earliest_of": {"information", "request", "information_received", "period_given_ends", "received"},
    "later_of": {"notice_sent"},
    "event": {"event", "created", "last_in_effect", "decided", "discharge", "effective_date"},
}
STARTS_OTHERWISE = {
    "MHP-REQ": "we know when we asked, not when the plan had it: counted from the request, and the plan answers by mail",
    "NC-X-DEC-STD": "the Department counts from submitting the request, not from its receipt",
    "NC-X-DEC-EXP": "the Department counts from submitting the request, not from its receipt",
}
EVERY = {**law.everything().rules, **{key: rule for key, rule in law.samples().rules.items() if not key.startswith("YOUR-PAYER")}}
PART_OF = {"MA-R-DEC-EXP-PTB": "MA-R-DEC-EXP"}  # one row of the table that says two things of two kinds of care
NO_CLOCK = {**law.everything().statements, **law.samples().statements}


def said_by_law(row):
    unit = row["unit"].split(" (")[0]
    length = LENGTHS.get(row["length"]) or int(row["length"])
    return length, UNITS.get(unit, unit), row["status"] == "verified", row["citation"], row["basis"]


@pytest.fixture(scope="module")
def table():
    if not LAW.exists():
        pytest.skip("../shared/law/rules.csv is not here")
    with LAW.open(encoding="utf-8") as file:
        rows = {row["rule_id"]: row for row in csv.DictReader(file)}
    return rows | {part: rows[whole] for part, whole in PART_OF.items()}


def test_every_row_of_the_law_is_a_clock_an_amount_or_on_the_list_of_what_is_no_clock(table):
    amounts = {row.id for row in law.everything().amounts} - {"TRI-AMOUNT"}  # the table has that one in the notes of two rows
    assert set(table) == {*EVERY, *NO_CLOCK, *amounts}
    assert not set(EVERY) & set(NO_CLOCK)
    assert all(row.no_clock for row in NO_CLOCK.values())
    assert len(NO_CLOCK) == 31


@pytest.mark.parametrize("rule", list(EVERY.values()), ids=lambda rule: rule.id)
def test_a_shipped_rule_says_what_the_table_of_the_law_says(rule, table):
    version, row = rule.version[-1], table[rule.id]
    said = (version.length, version.unit.replace("_", " "), version.verified, version.cite, version.basis)
    assert said == said_by_law(row)
    assert version.source in (row["canonical_url"], *row["verified_url"].split(), row["citation"])
    assert (version.by_time is not None) == (row["unit"] == "clock time")
    name, wanted = BESIDES.get(rule.id, ("", None))
    assert not name or (getattr(version, name).length, getattr(version, name).unit) == wanted


@pytest.mark.parametrize("rule", list(EVERY.values()), ids=lambda rule: rule.id)
def test_a_shipped_rule_counts_from_what_the_table_of_the_law_says(rule, table):
    anchor = table[rule.id]["trigger_anchor"]
    if rule.id in STARTS_OTHERWISE:
        assert not set(rule.counts_from) <= STARTS[anchor], "the exception is none any more"
        assert STARTS_OTHERWISE[rule.id]
        return
    assert set(rule.counts_from) <= STARTS[anchor]


@pytest.mark.parametrize("rule", list(EVERY.values()), ids=lambda rule: rule.id)
def test_a_shipped_rule_is_in_force_when_the_table_of_the_law_says(rule, table):
    last = rule.version[-1]
    row = table[rule.id]
    assert (last.effective_to.isoformat() if last.effective_to else "") == row["effective_to"]
    begins = re.search(r"\d{4}-\d{2}(-\d{2})?", row["effective_from"])
    if begins is None:
        assert last.effective_from is None
        return
    assert last.effective_from is not None
    assert last.effective_from.isoformat().startswith(begins[0])


@pytest.mark.parametrize("row_id", list(NO_CLOCK), ids=str)
def test_what_is_no_clock_is_cited_as_the_table_cites_it(row_id, table):
    row, said = table[row_id], NO_CLOCK[row_id]
    assert (said.cite, said.verified, said.basis) == (row["citation"], row["status"] == "verified", row["basis"])


def test_the_amounts_in_controversy_are_those_of_the_table(table):
    yearly = [amount for amount in law.everything().amounts if amount.id in table]
    assert len(yearly) == 4
    for amount in yearly:
        row = table[amount.id]
        assert f"{amount.cents['hearing'] // 100}/{amount.cents['court'] // 100}" == row["length"]
        assert (amount.verified, amount.cite) == (row["status"] == "verified", row["citation"])
        assert (amount.effective_from.isoformat(), amount.effective_to.isoformat()) == (row["effective_from"], row["effective_to"])


def test_a_rule_has_a_receipt_presumption_where_the_table_has_it_and_nowhere_else(table):
    said = {rule.id for rule in EVERY.values() if rule.version[-1].presumption}
    words = re.compile("presumed|FIFTH|5 days after the date on the notice|5 calendar days after mailing")
    read = {row_id for row_id, row in table.items() if words.search(row["receipt_presumption"])}
    exceptions = {"PD-CD-STD", "PD-CD-EXP"}  # not of receipt: how long the prescriber's statement is waited for
    assert said - exceptions == read & set(EVERY)
    assert exceptions <= said
