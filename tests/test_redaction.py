"""A minimum-necessary copy of an entry: each key the program writes is decided by name, and no canary word is left in one."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache

import click
import pytest
from practice import EMPLOYER, IN_STATE, WAYS, Offices, calling, denied, filed
from test_privacy import DAY, HISTORY, SAMPLE, WORK, XANTHIPPE, leaks, log, remittance

from appeals import model, record, redaction
from appeals.commands import COMMANDS
from appeals.commands.group import Commands
from appeals.redaction import WITHHELD, redacted
from appeals.services import marks
from appeals.services.writing import TABLES

NEEDS = {  # what a mark cannot do without, and what may be said with it
    "denial-added": "--notice 2026-11-09 --amount 300 --code CO-50 --words canarynote",
    "payment-posted": "--amount 300 --interest 1 --to-patient",
    "owner-changed": "--to ben",
    "proof-added": "--proof-kind note --proof canarynote --tracking canarynote --pages 2 --result canarynote",
    "peer-scheduled": "--date 2026-11-09T15:00",
    "patient-paid": "--amount 300",
    "reimbursement-expected": "--amount 300",
    "fsa-run-out": "--until 2027-03-31",
    "reminder-snoozed": "--until 2027-02-01 --clock internal",
    "authorisation-obtained": "--authorisation CANARYNOTE-1 --valid-from 2026-11-09 --valid-to 2026-12-31 --units 6",
    "received": "--proof-kind portal_receipt --proof canarynote --tracking canarynote",
}
AFTER = {
    "proof-added": filed(),
    "received": filed(),
    "peer-scheduled": calling(denied()),
    "recoupment-answered": (*denied(), "2026-11-06 mark 1 recoupment-notice --date 2026-11-06"),
}
TOLD = (  # every way of saying something in one's own words, after the history of the privacy tests
    *HISTORY,
    f"{DAY} call 1 --number 704-CANARYMRN --person 'Canarybird, Zeno' --promised 'canarynote: Xanthippe is to call' "
    f"--reference CANARYMEMBER77 --next 2026-12-04",
    f"{DAY} mark 1 authorisation-obtained --authorisation CANARYMEMBER77 --valid-from {DAY} --valid-to 2027-02-01 --text canarynote",
    f"{DAY} mark 1 failed-treatment --text 'canarynote: sertraline'",
    f"{DAY} review-eob 1 --reviewer 'Xanthippe Canarybird' --category other --path appeal --missing-element canarynote",
    f"{DAY} file-appeal 1 --track member_appeal --appellant provider --authority assignment --sent {DAY} --channel fax --override "
    f"canarynote --destination 'Canarybird road' --good-cause canarynote --tracking CANARYMRN5 --proof CANARYGROUP3 --expedited "
    f"--declared-by 'Zeno Canarybird' --proof-kind fax_report --result canarynote",
    f"{DAY} request-peer-review 1 --clinician 'Dr Canarybird' --callback CANARYMRN5 --times-offered canarynote --reference CANARYGROUP3",
    f"{DAY} peer-uphold 1 --reviewer 'Dr Zeno' --said canarynote",
    f"{DAY} uphold 1 --decided {DAY} --reason 'canarynote: Xanthippe'",
    f"{DAY} correct 1 --claim CANARYMRN5 --billed 1200 --reason canarynote",
    f"{DAY} document add 1 {{paper}} --kind eob --direction in",
    f"{DAY} coverage 1 --internal-levels 2",
    f"{DAY} reassign --to ben --from ana --reason 'canarynote: Zeno'",
    f"{DAY} show 1 --purpose 'canarynote: Xanthippe asked'",
    f"{DAY} find canarybird",
    f"{DAY} patient merge canarymember77 canarymember78 --reason canarynote --override canarynote",
    f"{DAY} audit disclosures --patient canarymember77 --purpose canarynote",
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture(scope="module")
def written(offices, tmp_path_factory):
    """Every entry of many histories: each step by each way, each mark, each state, an import, and whatever else writes."""
    entries = []
    for way in WAYS:
        office = offices.after(*way.before, way.turn)
        entries += log(office)
    for name in marks.MARKS:
        office = offices.after(*AFTER.get(name, denied()))
        dated = "" if "--date" in NEEDS.get(name, "") else "--date 2026-11-09"
        office.do(f"2026-11-10 mark 1 {name} {dated} --text canarynote {NEEDS.get(name, '')}", "2026-11-11 note 1 canarynote")
        entries += log(office)
    for history in IN_STATE.values():
        office = offices.after(*history)
        office.do(f"{DAY} remind")
        entries += log(office)
    entries += log(offices.after(*HISTORY, *WORK))
    entries += log(imported(offices, tmp_path_factory.mktemp("files")))
    return (*entries, *log(told(offices, tmp_path_factory.mktemp("papers"))))


def imported(offices, folder):
    """A remittance that opens a case, denies what was open, and proposes where an appeal is pending; a second one is refused."""
    filed_one = next(turn for turn in WORK if " file-appeal " in turn)
    office = offices.after(*HISTORY, WORK[1], filed_one)
    file = folder / "eob.835"
    claims = ("C-1", "CANARYBIRD", "XANTHIPPE", "CANARYMEMBER77", "50"), ("C-9", "CANARYBIRD", "ZENO", "X", "60")
    file.write_text(remittance(*claims).replace("20261120", DAY.replace("-", "")))  # a notice before the appeal answers none
    assert office.say(f"{DAY} intake {file}").code in (0, 3)
    office.do(f"{DAY} rules load {SAMPLE}", f"{DAY} rules apply", f"{DAY} person lee --name Lee --role biller")
    office.do(f"{DAY} intake resolve 1 --refuse --reason canarynote")
    office.do(f"{DAY} audit export --patient canarymember77 --out {folder / 'trail.jsonl'} --purpose canarynote --recipient canarybird")
    return office


def told(offices, folder):
    office = offices.after(f"2026-11-03 open --patient {XANTHIPPE} --payer 'Invented Health' --claim C-1 --billed 9 {EMPLOYER}")
    paper = folder / "Canarybird.txt"
    paper.write_text("canarynote")
    office = offices.after(*(turn.format(paper=paper) for turn in TOLD[: len(HISTORY)]))
    for turn in TOLD[len(HISTORY) :]:
        office.do(turn.format(paper=paper))
    return office


def decided(value, kept, withheld, path=""):
    """Every key at any depth that stands on no list, by its path; what is withheld is not looked into."""
    if isinstance(value, list):
        return {found for each in value for found in decided(each, kept, withheld, path)}
    if not isinstance(value, dict):
        return set()
    found = set()
    for key, inner in value.items():
        if key not in kept | withheld:
            found.add(f"{path}.{key}")
        elif key in kept:
            lists = (redaction.FIELDS_KEPT, redaction.FIELDS_WITHHELD) if key == "fields" else (kept, withheld)
            found |= decided(inner, *lists, f"{path}.{key}")
    return found


LISTS = {
    "facts": (redaction.FACTS_KEPT, redaction.FACTS_WITHHELD),
    "changes": (redaction.FIELDS_KEPT, redaction.FIELDS_WITHHELD),
    "clocks": (redaction.CLOCK_KEPT, redaction.CLOCK_WITHHELD),
    "source": (redaction.SOURCE_KEPT, redaction.SOURCE_WITHHELD),
}


def test_every_key_the_program_writes_is_on_one_of_the_lists(written):
    undecided = set()
    for entry in written:
        rest = {key: value for key, value in entry.items() if key not in LISTS}
        undecided |= decided(rest, redaction.ENTRY_KEPT, redaction.ENTRY_WITHHELD, "entry")
        for part, lists in LISTS.items():
            undecided |= decided(entry[part], *lists, f"{entry['name']} {part}")
    assert undecided == set(), "decide in appeals/redaction.py: does it stay, or is it withheld?"
    assert {entry["name"] for entry in written} >= {way.step for way in WAYS} | set(marks.MARKS)


def test_every_field_of_a_row_is_decided_whether_or_not_a_history_changes_it():
    rows = [model.Case, *(getattr(model, name, None) or getattr(record, name) for name in TABLES)]
    names = {each.name for row in rows for each in fields(row)} - {"text"}
    assert names - redaction.FIELDS_KEPT - redaction.FIELDS_WITHHELD == set()
    assert {each.name for each in fields(model.Clock)} == redaction.CLOCK_KEPT | redaction.CLOCK_WITHHELD


@cache
def options():
    """The names of everything that can be typed after a command that takes facts of a case."""
    group, context = Commands(), click.Context(click.Group())
    found = set()
    for name in ("open", "mark", "call", "correct", "coverage", "payer", *dict.fromkeys(way.step for way in WAYS)):
        command = group.get_command(context, name)
        found |= {each.name for each in command.params if isinstance(each, click.Option)}
    return found


NO_FACTS = {  # how a command is run, and the singular of what may be repeated
    "acting_for", "as_name", "as_of", "code", "db", "denied", "dry_run", "if_version", "json", "line", "practice", "request_id",
}  # fmt: skip


def test_every_option_a_fact_can_come_from_is_decided():
    assert set(COMMANDS) >= {"open", "mark", "call", "correct"}
    undecided = options() - redaction.FACTS_KEPT - redaction.FACTS_WITHHELD - NO_FACTS
    assert undecided == set()


def test_no_key_is_on_both_lists():
    for kept, withheld in (*LISTS.values(), (redaction.ENTRY_KEPT, redaction.ENTRY_WITHHELD)):
        assert kept & withheld == set()


def test_no_canary_is_left_in_a_redacted_entry(written):
    found = [(entry["name"], redacted(entry)) for entry in written]
    assert [
        (name, leaks(json.dumps(left, ensure_ascii=False))) for name, left in found if leaks(json.dumps(left, ensure_ascii=False))
    ] == []
    assert sum(bool(leaks(json.dumps(entry))) for entry in written) > 50, "the histories hold too few canaries to prove anything"


def test_a_redacted_entry_can_still_be_followed(written):
    for entry in written:
        left = redacted(entry)
        assert left.keys() == entry.keys()
        assert {key: left[key] for key in ("seq", "on", "recorded_at", "kind", "name")} == {
            key: entry[key] for key in ("seq", "on", "recorded_at", "kind", "name")
        }
        assert left["changes"].get("disputed_cents") == entry["changes"].get("disputed_cents")
        assert left["changes"].get("state") == entry["changes"].get("state")
        counted = [(c["legal_due"], c["work_by"], c["derivation"], c["cite"]) for c in entry["clocks"]]
        assert [(c["legal_due"], c["work_by"], c["derivation"], c["cite"]) for c in left["clocks"]] == counted
        assert all(
            a["arithmetic"] == b["arithmetic"]
            for a, b in zip(left["clocks"], entry["clocks"], strict=True)
            if b["rule_id"] not in TOLD_DATES
        )


TOLD_DATES = ("PROMISE", "AUTHORISATION")


def an_entry(**given):
    empty = {"reason": "", "purpose": "", "source": None, "facts": {}, "changes": {}, "clocks": []}
    return {**empty, "seq": 7, "kind": "mark", "name": "note", **given}


def test_a_key_nobody_knows_is_withheld_wherever_it_stands():
    entry = an_entry(
        unknown="canary", facts={"unknown": "canary", "replaced": [{"fields": {"unknown": ["canary", ""]}}]},
        changes={"unknown": [None, "canary"]}, clocks=[{"rule_id": "R", "arithmetic": "x", "unknown": "canary"}], source={"unknown": 5},
    )  # fmt: skip
    left = redacted(entry)
    assert "canary" not in json.dumps(left)
    assert left["changes"]["unknown"] == [None, WITHHELD]
    assert left["facts"]["replaced"][0]["fields"]["unknown"] == [WITHHELD, ""]


def test_what_was_there_is_seen_and_what_was_not_is_not_claimed():
    left = redacted(an_entry(reason="because", facts={"words": "the letter", "text": "", "reasons": "CO-50, PR-204/N130"}))
    assert left["reason"] == WITHHELD
    assert left["facts"] == {"words": WITHHELD, "text": "", "reasons": "CO-50, PR-204/N130"}
    assert redacted(an_entry(facts={"reasons": "told by Xanthippe"}))["facts"]["reasons"] == WITHHELD


def test_what_was_promised_in_a_call_is_not_told_by_its_clock():
    clock = {"rule_id": "PROMISE", "arithmetic": "as agreed in a call\ncalled on Mon 2026-11-09; promised: canary\nto be followed up on X"}
    left = redacted(an_entry(clocks=[clock | {"pack_id": "house"}]))["clocks"][0]["arithmetic"]
    assert left == f"as agreed in a call\n{WITHHELD}"
    clock["arithmetic"] = "as agreed in a call\ncalled on Mon 2026-11-09; promised: soon\nit holds until Xanthippe comes"
    assert "anthippe" not in str(redacted(an_entry(clocks=[clock | {"pack_id": "house"}]))["clocks"])


def test_the_words_of_a_contract_name_its_payer_and_are_withheld_while_the_dates_stay():
    clock = {
        "pack_id": "invented_health",
        "cite": "contract, section 7",
        "hard": True,
        "legal_due": "2026-12-01",
        "kind": "file_dispute",
    }
    left = redacted(an_entry(clocks=[clock]))["clocks"][0]
    assert (left["pack_id"], left["cite"], left["legal_due"], left["kind"]) == (WITHHELD, WITHHELD, "2026-12-01", "file_dispute")


def test_the_arithmetic_of_a_date_nobody_counted_is_withheld_whatever_it_is_called():
    clock = {"rule_id": "NEW", "hard": False, "cite": "as the patient said", "arithmetic": "canary", "pack_id": "house"}
    assert redacted(an_entry(clocks=[clock]))["clocks"][0]["arithmetic"] == WITHHELD


def test_the_entry_itself_is_left_as_it_was():
    entry = an_entry(facts={"words": "the letter", "lines": [{"procedure": "96365"}]})
    before = json.dumps(entry)
    redacted(entry)
    assert json.dumps(entry) == before
