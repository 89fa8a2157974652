"""A payer's contract in the practice's database: checked, loaded as an event, previewed, applied; and what its terms start."""

from __future__ import annotations

import json
import re

import pytest
from practice import ADVANTAGE, EMPLOYER, ENCLOSED, Offices, denied, filed, opened, reviewed
from test_bad_input import a_quiet_account, typed

from appeals import law

__all__ = ["a_quiet_account"]

PAYER = "Invented Health"
DENY = "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --code CO-50"
CALLS = {"inpatient": {"UHC-P2P-IP"}, "outpatient": {"UHC-P2P-OP"}, "": {"UHC-P2P-IP", "UHC-P2P-OP"}}
DISPUTE = f"--track provider_dispute --appellant provider --channel fax {ENCLOSED}"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def written(folder, name="template", *changes, payer=PAYER):
    """A sample as a practice would have corrected it, in a file."""
    text = re.sub(r'^payer = ".*"', f'payer = "{payer}"', law.sample_text(name).replace("section ...", "section 4"), flags=re.MULTILINE)
    text = re.sub(r'^id = "(sample_\w+|your_payer)"', 'id = "ours"', text, count=1, flags=re.MULTILINE)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def clocks(office, kind):
    return [c for c in office.running() if c.kind == kind]


def test_loading_a_contract_is_one_event_without_a_patient_and_moves_no_open_case(offices, tmp_path):
    office = offices.after(*denied())
    before = office.situation()
    office.do(f"2026-11-06 rules load {written(tmp_path)}")
    after = office.situation()
    assert (after.case, after.clocks) == (before.case, before.clocks)
    with office.store() as store:
        *_, last = [json.loads(stored.text) for stored in store.events()]
        [row] = store.rule_packs()
    assert (last["kind"], last["name"], last["patient"], last["case"]) == ("setup", "rules-load", None, None)
    assert (last["facts"]["pack"], last["facts"]["sha256"], row.text) == ("ours", row.sha256, written(tmp_path).read_text())
    office.check()


def test_the_same_file_twice_is_one_pack_and_a_corrected_one_takes_its_place(offices, tmp_path):
    office = offices.after(*denied(), f"2026-11-06 rules load {written(tmp_path)}")
    before = office.everything()
    assert "it was loaded before" in office.do(f"2026-11-06 rules load {written(tmp_path)}").out
    assert office.everything() == before
    corrected = written(tmp_path, "template", ('version = "2026.1"', 'version = "2026.2"'))
    assert "takes the place of version 2026.1" in office.do(f"2026-11-07 rules load {corrected}").out
    with office.store() as store:
        assert [(row.version, row.active) for row in store.rule_packs()] == [("2026.2", True)]
    office.check()


def test_a_case_opened_after_it_runs_on_the_contract_beside_the_law(offices, tmp_path):
    history = (*opened(), f"2026-11-04 rules load {written(tmp_path)}", DENY)
    office = offices.after(*history)
    assert {"file_provider_dispute", "peer_to_peer", "corrected_claim", "file_internal_appeal"} <= {c.kind for c in office.running()}
    [dispute] = clocks(office, "file_provider_dispute")
    assert (dispute.track, dispute.filer, dispute.regime, dispute.pack_id) == ("provider_dispute", "provider", "contract:ours", "ours")
    assert not dispute.candidate
    assert "no contract term entered" not in office.do("2026-11-06 show 1").out
    office.check()


def test_without_a_contract_a_case_says_that_no_term_was_entered_and_no_number_is_given(offices):
    office = offices.after(*denied())
    for command in ("show 1", "clocks 1"):
        assert "provider dispute: no contract term entered with this payer" in office.do(f"2026-11-06 {command}").out
    assert clocks(office, "file_provider_dispute") == []


ADDRESS = """
[[address]]
purpose = "dispute"
line_of_business = "commercial"
address = "Provider Appeals, PO Box 12, Anytown, NC 28200"
fax = "704-555-0199"
portal = ""
telephone = ""
verified_on = 2026-10-01
"""


def test_where_to_send_stands_on_the_case_with_the_day_it_was_made_sure_of(offices, tmp_path):
    path = written(tmp_path)
    path.write_text(path.read_text() + ADDRESS)
    office = offices.after(*denied(), f"2026-11-06 rules load {path}")
    said = "send to   dispute, commercial: Provider Appeals, PO Box 12, Anytown, NC 28200, fax 704-555-0199 (verified 2026-10-01)"
    assert said in office.do("2026-11-06 show 1").out
    [row] = office.do("2026-11-06 show 1 --json").data["addresses"]
    assert (row["purpose"], row["fax"], row["verified_on"]) == ("dispute", "704-555-0199", "2026-10-01")
    assert "send to" not in offices.after(*denied()).do("2026-11-06 show 1").out


def test_another_payers_contract_counts_for_nobody_else(offices, tmp_path):
    office = offices.after(*denied())
    answer = office.do(f"2026-11-06 rules load {written(tmp_path, payer='Another Payer')}")
    assert "no case is with this payer yet" in answer.out
    assert "0 of 1 open cases move" in office.do("2026-11-06 rules apply").out


def test_a_preview_writes_nothing_and_says_who_moves_becomes_overdue_and_for_how_much(offices, tmp_path):
    office = offices.after(*denied())
    before = office.everything()
    told = office.do(f"2027-11-06 rules preview {written(tmp_path)} --json").data
    assert office.everything() == before
    assert (told["cases"], told["looked_at"], told["disputed_cents"], told["written"]) == (1, 1, 120_000, 0)
    assert {move["becomes"] for move in told["moves"]} == {"overdue"}
    assert (told["worse"], told["worse_cents"]) == (1, 120_000)
    assert all(move["before"] is None for move in told["moves"])


def test_applying_writes_one_event_a_case_and_a_second_time_nothing(offices, tmp_path):
    office = offices.after(*denied(), f"2026-11-06 rules load {written(tmp_path)}")
    entries = len(office.events())
    assert office.do("2026-11-06 rules apply --json").data["written"] == 1
    event = office.events()[-1]
    assert (len(office.events()), event["kind"], event["name"]) == (entries + 1, "correction", "rules-apply")
    assert event["facts"]["packs"] == ["ours 2026.1"]
    assert len(clocks(office, "file_provider_dispute")) == 1
    before = office.everything()
    assert office.do("2026-11-06 rules apply --json").data["written"] == 0
    assert office.everything() == before
    office.check()


def test_a_dry_run_of_applying_writes_nothing(offices, tmp_path):
    office = offices.after(*denied(), f"2026-11-06 rules load {written(tmp_path)}")
    before = office.everything()
    assert "1 of 1 open cases move" in office.do("2026-11-06 rules apply --dry-run").out
    assert office.everything() == before


def test_a_term_that_changed_moves_its_clock_and_a_closed_case_keeps_what_it_ran_on(offices, tmp_path):
    first = written(tmp_path)
    office = offices.after(*opened(), f"2026-11-04 rules load {first}", DENY)
    [before] = clocks(office, "file_provider_dispute")
    text = first.read_text()
    block = text[text.index('id = "YOUR-PAYER-DISPUTE-1"') :].partition("unit")[0]
    length = int(re.search(r"length = (\d+)", block)[1])
    longer = written(tmp_path, "template", (block, block.replace(f"length = {length}", f"length = {length + 9}")))
    office.do(f"2026-11-06 rules load {longer}", "2026-11-06 rules apply")
    [after] = clocks(office, "file_provider_dispute")
    assert ((after.legal_due - before.legal_due).days, after.id) == (9, before.id)
    closed = offices.after(
        *opened(), f"2026-11-04 rules load {first}", DENY,
        "2026-11-06 pay 1 --amount 1200",
    )  # fmt: skip
    closed.do(f"2026-11-06 rules load {longer}")
    ended = closed.situation().clocks
    assert "0 of 0 open cases move" in closed.do("2026-11-06 rules apply").out
    assert closed.situation().clocks == ended


def test_a_lost_dispute_opens_the_contracts_next_level_and_no_rung_of_the_members_ladder(offices, tmp_path):
    office = offices.after(
        *opened(), f"2026-11-04 rules load {written(tmp_path, 'aetna')}", *reviewed()[1:],
        f"2026-11-09 file-appeal 1 {DISPUTE} --sent 2026-11-09 --received 2026-11-09",
    )  # fmt: skip
    assert {c.rule_id for c in office.situation().clocks if c.track == "provider_dispute"} == {"AET-RECON", "AET-APPEAL-UR"}
    office.do("2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21")
    [second] = clocks(office, "file_provider_dispute")
    assert (second.rule_id, str(second.legal_due), office.case().level) == ("AET-APPEAL-2", "2027-02-16", 1)
    office.check()


@pytest.mark.parametrize(("care", "rules"), CALLS.items())
def test_the_window_for_a_peer_to_peer_call_is_that_of_the_care_and_both_are_candidates_while_nobody_says(offices, tmp_path, care, rules):
    first = opened()[0] + (f" --care {care}" if care else "")
    office = offices.after(
        first,
        f"2026-11-04 rules load {written(tmp_path, 'unitedhealthcare')}",
        DENY,
    )
    found = clocks(office, "peer_to_peer")
    assert {c.rule_id for c in found} == rules
    assert {c.candidate for c in found} == {not care}
    office.do("2026-11-06 request-peer-review 1 --clinician 'Dr Reyes'")
    assert clocks(office, "peer_to_peer") == []
    office.check()


def test_a_call_asked_for_after_the_window_is_refused_unless_somebody_says_why(offices, tmp_path):
    office = offices.after(
        opened()[0] + " --care inpatient", f"2026-11-04 rules load {written(tmp_path, 'unitedhealthcare')}",
        DENY,
    )  # fmt: skip
    assert office.say("2026-12-01 request-peer-review 1 --clinician 'Dr Reyes'").code == 20
    office.do("2026-12-01 request-peer-review 1 --clinician 'Dr Reyes' --override 'they offered it'")


def test_a_corrected_claim_meets_its_window_and_an_appeal_does_not(offices, tmp_path):
    office = offices.after(
        *opened(), f"2026-11-04 rules load {written(tmp_path)}", *reviewed(path="corrected_claim")[1:],
        "2026-11-09 resubmit 1 --control-number ICN-1",
    )  # fmt: skip
    [window] = [c for c in office.situation().clocks if c.kind == "corrected_claim"]
    assert (window.status, window.met_by) == ("met", "resubmit")
    appealed = offices.after(*opened(), f"2026-11-04 rules load {written(tmp_path)}", *filed()[1:])
    [window] = [c for c in appealed.situation().clocks if c.kind == "corrected_claim"]
    assert window.status == "open"


def test_where_a_member_appeal_closes_the_dispute_that_is_said_before_it_happens(offices, tmp_path):
    history = (*opened(), f"2026-11-04 rules load {written(tmp_path, 'blue_cross_nc')}", *reviewed()[1:])
    member = f"2026-11-09 file-appeal 1 --track member_appeal --appellant patient --sent 2026-11-09 --channel fax {ENCLOSED}"
    office = offices.after(*history)
    before = office.everything()
    refused = office.say(member)
    assert (refused.code, office.everything()) == (20, before)
    assert "a member appeal closes the provider's dispute (Blue Cross NC pages" in refused.err
    assert "--closes-dispute" in refused.err
    office.do(f"{member} --closes-dispute")
    assert {c.status for c in office.situation().clocks if c.track == "provider_dispute"} == {"cancelled"}
    office.check()


def test_a_members_appeal_by_the_payers_own_shorter_terms_runs_beside_the_laws(offices, tmp_path):
    office = offices.after(
        *opened(), f"2026-11-04 rules load {written(tmp_path, 'blue_cross_nc')}", f"{DENY} --received 2026-11-05"
    )  # fmt: skip
    found = {c.rule_id: str(c.legal_due) for c in office.running() if c.kind == "file_internal_appeal"}
    assert found == {"ERISA-A1-FILE": "2027-05-04", "BCNC-MEM-FILE": "2027-05-03"}


def test_a_term_for_one_line_of_business_starts_in_no_other(offices, tmp_path):
    humana = written(tmp_path, "humana")
    member = offices.after(*opened(ADVANTAGE), f"2026-11-04 rules load {humana}", *denied()[1:])
    assert "HUM-MEMBER" in {c.rule_id for c in member.running()}
    employer = offices.after(*opened(EMPLOYER), f"2026-11-04 rules load {humana}", *denied()[1:])
    assert "HUM-MEMBER" not in {c.rule_id for c in employer.running()}


def test_a_practices_own_target_takes_the_place_of_the_shipped_one_and_is_applied_when_asked(offices, tmp_path):
    own = tmp_path / "house.toml"
    own.write_text(
        '[pack]\nid = "our_house"\nversion = "1"\ntitle = "Ours"\n\n[[target]]\nid = "OUR-DENIED"\nstate = "denied"\n'
        'kind = "house_denied"\n'
        'owed_by = "us"\nlength = 9\nunit = "calendar_days"\nwhy = "we read them weekly"\nnext_step = "`review-eob`"\n'
    )
    office = offices.after(*denied(), f"2026-11-06 rules load {own}", "2026-11-06 rules apply")
    [house] = clocks(office, "house_denied")
    assert (str(house.target_due), house.rule_id) == ("2026-11-14", "OUR-DENIED")
    office.check()


WRONG = [
    ("a key that is misspelt", ("length = ", "lenght = "), "unknown key 'lenght'"),
    ("a number that is none", ("length = ", "length = -"), "length: must be a whole number, 0 or more"),
    ("a unit nobody knows", ('unit = "calendar_days"', 'unit = "fortnights"'), "unit: 'fortnights' is none of"),
    ("a date in quotes", ("checked_on = 20", 'checked_on = "20'), "not a TOML file"),
    ("the id of a pack of law", ('id = "ours"', 'id = "erisa"'), "this is the id of a pack that ships"),
    ("the id of a rule of law", ('"YOUR-PAYER-DISPUTE-1"', '"ERISA-A1-FILE"'), "id is already used in erisa"),
    ("no payer", ('payer = "Invented', 'payers = "Invented'), "contract: unknown key 'payers'"),
    ("a regime", ("[contract]", '[[regime]]\nid = "mine"\n\n[contract]'), "regime mine: missing key"),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
@pytest.mark.parametrize("command", ["load", "preview"])
def test_a_pack_with_a_fault_is_refused_by_file_rule_and_key_and_writes_nothing(offices, tmp_path, change, said, command):
    path = written(tmp_path)
    path.write_text(path.read_text().replace(*change, 1))
    office = offices.after(*denied())
    before = office.everything()
    answer = office.say(f"2026-11-06 rules {command} {path}")
    assert (answer.code, office.everything()) == (40, before)
    assert said in answer.err
    assert "template.toml" in answer.err or "erisa" in answer.err
    check = typed("rules", "check", path)
    assert (check.code, said in check.out) == (3, True)


def test_versions_that_overlap_are_refused_by_name(offices, tmp_path):
    shipped = (law.shipped("erisa"), law._read("erisa").decode())[1]
    rule = shipped[shipped.index('[[rule]]\nid = "ERISA-A1-FILE"') :]
    rule = rule[: rule.index("[[rule]]", 10)].replace("ERISA-A1-FILE", "OURS-1")
    version = rule[rule.index("  [[rule.version]]") :]
    path = tmp_path / "overlap.toml"
    path.write_text('[pack]\nid = "ours"\nversion = "1"\ntitle = "Ours"\n\n' + rule + version)
    answer = offices.after(*denied()).say(f"2026-11-06 rules load {path}")
    assert (answer.code, "rule OURS-1: version: effective dates run backwards or overlap" in answer.err) == (40, True)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"[pack", b"[[rule]]\n" * 3, b"pack = 1\n", b"[pack]\nid = 3\n"], ids=repr)
def test_a_file_that_is_no_pack_is_refused_in_one_line_and_never_a_bug(offices, tmp_path, content):
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    answer = offices.after(*denied()).say(f"2026-11-06 rules load {path}")
    assert answer.code == 40
    assert "odd.toml" in answer.err
    assert typed("rules", "check", path).code == 3


def test_a_file_that_is_not_there_is_refused_as_a_file(offices, tmp_path):
    assert offices.after(*denied()).say(f"2026-11-06 rules load {tmp_path / 'none.toml'}").code == 30


def test_a_sample_is_written_for_a_person_to_correct_and_every_sample_passes_its_own_check(tmp_path):
    for name in law.SAMPLES:
        path = tmp_path / f"{name}.toml"
        assert typed("rules", "sample", name.replace("_", "-"), "--out", path).code == 0
        form = typed("rules", "check", path)
        assert ("section of the contract" in form.out) == (name == "template")  # a form's own `...` is no citation
        path.write_text(path.read_text().replace("section ...", "section 4"))
        assert typed("rules", "check", path).code == 0
        assert typed("rules", "sample", name, "--out", path).code == 73
    assert "not your contract" in typed("rules", "sample", "aetna").out.lower()


def first(old, new):
    """A change of the first place in a text that looks like `old`."""
    return lambda text: re.sub(old, new, text, count=1, flags=re.MULTILINE)


UNCOUNTED = "99999999999999"
DISPUTE_ID = r'^id = "YOUR-PAYER-DISPUTE-1"'
HOURS = rf'length = {UNCOUNTED}\nunit = "hours"'
BACKWARDS = "effective_from = 2026-02-01\neffective_to = 2026-01-01"
# What a file of rules may hold and still be wrong, each with a way to break a good one.
SPOILED = [
    ("nested too deep", lambda _text: "x = " + "[" * 100_000, "nested too deep"),
    ("a length nobody can count", first(r"^length = \d+", f"length = {UNCOUNTED}"), "outside the calendar"),
    ("hours nobody can count", first(r'^length = \d+\nunit = "\w+"', HOURS), "outside the calendar"),
    ("a time that ends before it begins", first(r"^effective_from = .*\neffective_to = .*", BACKWARDS), "ends before it begins"),
    ("the id of a house target", first(DISPUTE_ID, 'id = "HOUSE-DENIED"'), "template.toml, term HOUSE-DENIED: id is already used"),
    ("the id of a law", first(DISPUTE_ID, 'id = "ERISA-A1-FILE"'), "template.toml, term ERISA-A1-FILE: id is already used in erisa"),
    ("the program's own id", first(DISPUTE_ID, 'id = "PRINTED"'), "the program uses itself"),
    ("a key that was meant otherwise", first(r"^length =", "lenght ="), "unknown key 'lenght' (did you mean 'length'?)"),
    ("a date in another order", first(r"checked_on = \S+", "checked_on = 11/23/2026"), "a date is 2026-11-23 without any"),
    ("the form left as it was", first("section 4", "section ..."), "name the section of the contract"),
]


@pytest.mark.parametrize(("spoil", "said"), [row[1:] for row in SPOILED], ids=[row[0] for row in SPOILED])
def test_a_spoiled_contract_is_refused_with_file_and_key_and_nothing_is_loaded(offices, tmp_path, spoil, said):
    office = offices.after(*denied())
    path = written(tmp_path)
    path.write_text(spoil(path.read_text()))
    checked = typed("rules", "check", path)
    assert (checked.code, said in checked.out) == (3, True), checked.out
    before = office.everything()
    answer = office.say(f"2026-11-06 rules load {path}")
    assert (answer.code, said in answer.err, office.everything()) == (40, True, before), answer.err


def test_two_slips_in_one_term_are_both_told(tmp_path):
    path = written(tmp_path, "template", ("business_calendar = ", "busines_calendar = "), ("filed_when = ", "filled_when = "))
    told = typed("rules", "check", path).out
    assert "(did you mean 'business_calendar'?)" in told
    assert "(did you mean 'filed_when'?)" in told
    assert "missing key" not in told


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    path = written(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert typed("rules", "check", path).code == 0
