"""What `--json` promises: every command has its schema in `docs/json`, and what it prints keeps to it and to nothing else."""

from __future__ import annotations

import copy
import hashlib
import json

import click
import pytest
from jsonschema import Draft202012Validator
from practice import WAYS, Offices, calling, denied, external, filed, opened, reviewed
from referencing import Registry, Resource
from test_bad_input import REFUSALS, ROOT, a_quiet_account, typed
from test_privacy import EXPORT_CSV, command_table, remittance

from appeals import law
from appeals.commands import COMMANDS
from appeals.commands.group import Commands

__all__ = ["a_quiet_account"]

FOLDER = ROOT / "docs" / "json"
SCHEMAS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
SHARED = {"common", "envelope", "error"}
TELLS_A_STORY = {"demo"}  # walks through other commands in a database of its own: it has no answer to give a program


def closed(schema):
    """The schema as a writer must keep it: what is not described may not be printed."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(inner) for key, inner in schema.items()}
    return found | {"additionalProperties": False} if "properties" in schema and "additionalProperties" not in schema else found


def validator(name: str, *, strict: bool = False) -> Draft202012Validator:
    schemas = {each: closed(copy.deepcopy(schema)) if strict else schema for each, schema in SCHEMAS.items()}
    registry = Registry().with_resources((f"{each}.json", Resource.from_contents(schema)) for each, schema in schemas.items())
    return Draft202012Validator(schemas[name], registry=registry)


def keeps(name: str, value, *, strict: bool) -> None:
    found = [f"{error.json_path}: {error.message[:300]}" for error in validator(name, strict=strict).iter_errors(value)]
    assert found == [], f"docs/json/{name}.json"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Remittances as the payer's portal gives them, and a folder for exports."""
    folder = tmp_path_factory.mktemp("papers")
    (folder / "eob.835").write_text(remittance(("C-8", "EXAMPLE", "ERIN", "M-1", "50"), ("", "EXAMPLE", "EVAN", "M-1", "60")))
    (folder / "late.835").write_text(remittance(("C-1", "EXAMPLE", "ERIN", "M-1", "50"), control="2"))
    contract = law.sample_text("template").replace("Your Payer", "Invented Health").replace("section ...", "section 4")
    (folder / "contract.toml").write_text(contract)
    (folder / "denials.csv").write_text(EXPORT_CSV.read_text("utf-8").replace("11/20/2026", "20.11.2026", 1))
    (folder / "codes.csv").write_text("code,description\n50,Made-up words\nM127,More made-up words\n")
    (folder / "fifty.csv").write_text("code,description\n50,Other made-up words\n")
    (folder / "steps.csv").write_text("case,step,reviewer,category,path\n1,review-eob,A. Clerk,experimental,appeal\n")
    (folder / "wrong.toml").write_text(contract.replace("length", "lenght", 1))
    return folder


ONE_OF_EACH = {way.step: way for way in WAYS}
OPENS_NO_PRACTICE = (
    ["upgrade"], ["audit", "verify", "{papers}/kept.jsonl"], ["rules", "check"], ["rules", "check", "{papers}/wrong.toml"],
    ["rules", "sample", "template", "--out", "{papers}/copy.toml"], ["batch", "--template", "deny"],
    ["intake", "mapping-template", "{papers}/denials.csv"],
)  # fmt: skip
PROPOSED = (*filed(), "2026-11-20 intake {papers}/late.835")
RUNS = [
    # the office's history, the command line
    *((way.before, way.turn) for way in ONE_OF_EACH.values()),
    (denied(), "2026-11-06 undo 1 --reason 'wrong case'"),
    (denied(), "2026-11-06 approve-write-off 1 --as ben"),
    ((), "2026-11-06 today"),
    (denied(), "2026-11-06 today"),
    (denied(), "2027-08-01 today --check"),
    (opened(kind="pre_service"), "2026-11-06 queue"),
    (external(), "2026-12-23 queue"),
    (denied(), "2026-11-06 find C-1"),
    (denied(), "2026-11-06 find example"),
    (reviewed(), "2026-11-09 next 1"),
    (external(), "2026-12-23 clocks 1 --all"),
    (denied(plan="--programme medicare_advantage"), "2026-11-06 clocks 1"),
    (denied(plan=""), "2026-11-06 why 1"),
    (denied(), "2026-11-06 show 1"),
    (external(), "2026-12-23 show 1"),
    ((*calling(filed("--expedited --declared-by 'Dr Reyes'", kind="pre_service")), "2026-11-10 note 1 hello"), "2026-11-10 show 1"),
    (PROPOSED, "2026-11-20 show 1"),
    (opened(), "2026-11-05 open --patient 'Sample, Sam' --payer P --claim C-9 --billed 80 --denied --notice 2026-11-02 "
     "--line 96365:50:50:CO-50 --line 96366:30:30:PR-1 --printed-due 2027-05-01"),
    (opened(), "2026-11-05 open --patient 'Sample, Sam' --payer P --claim C-9 --billed 80 --dry-run"),
    (filed(), "2026-11-10 mark 1 received --date 2026-11-09"),
    (opened(), "2026-11-05 note 1 hello"),
    (denied(), "2026-11-09 correct 1 --received 2026-11-09 --reason 'stamp misread'"),
    (opened(), "2026-11-05 assign 1 ben"),
    (denied(), "2026-11-06 batch {papers}/steps.csv --each --dry-run"),
    (opened(), "2026-11-05 reassign --from ana --to ben"),
    ((), "2026-11-06 person"),
    ((), "2026-11-06 practice"),
    ((), "2026-11-06 practice --npi 1234567893 --tax-id 12-3456789"),
    ((), "2026-11-06 person ben --name 'Ben Example' --email ben@clinic.example"),
    ((*denied(), "2026-11-06 open --patient 'Exampel, Erin' --payer 'Invented Health' --member-id M-2 --claim C-9 --billed 9"),
     "2026-11-06 patient merge M-1 M-2 --reason 'one chart'"),
    (denied(), "2026-11-06 call 1 --person Dana --reference R-1 --promised 'an answer' --next 2026-11-13"),
    (denied(), "2026-11-06 document add 1 {papers}/eob.835 --kind eob --direction in"),
    ((*denied(), "2026-11-06 document add 1 {papers}/eob.835 --kind eob --direction in"), "2026-11-06 document list 1"),
    ((*denied(), "2026-11-06 document add 1 {papers}/eob.835 --kind eob --direction in"), "2026-11-06 document verify 1"),
    ((*denied(), "2026-11-06 document add 1 {papers}/late.835 --kind eob"), "2026-11-06 document get 1 eob --out {papers}/got.bin"),
    ((*denied(), "2026-11-06 document add 1 {papers}/late.835 --kind eob", "2026-11-06 call 1 --person Dana"), "2026-11-06 show 1"),
    ((*denied(code="CO-50/M127"), "2026-11-06 document add 1 {papers}/eob.835 --kind records",
      "2026-11-06 mark 1 failed-treatment --text 'sertraline 200 mg, 12 weeks'"), "2026-11-06 checklist 1"),
    (external(), "2026-12-22 checklist 1 --track hearing"),
    (denied(code="CO-50/M127"), "2026-11-06 next 1"),
    (denied(code="PR-1"), "2026-11-06 statement 1 --out {papers}/statement.txt"),
    (denied(plan=""), "2026-11-06 coverage 1 --programme employer --funding insured --issue-state NC"),
    (denied(), "2026-11-06 payer 'Invented Health' --programme individual"),
    (denied(), "2026-11-06 remind"),
    (denied(), "2027-08-01 remind --dry-run"),
    (denied(), "2026-11-06 calendar --out {papers}"),
    ((), "2026-11-06 remind install --account appeals --cron"),
    ((), "2026-11-06 remind install --account appeals --systemd --write --folder {papers}"),
    ((*denied(), "2026-11-06 remind"), "2026-11-06 remind --status"),
    ((*denied(), "2026-11-06 remind"), "2026-11-06 remind --again"),
    (denied(), "2026-11-20 intake {papers}/eob.835"),
    (denied(), "2026-11-20 intake {papers}/eob.835 {papers}/late.835 --dry-run"),
    ((*denied(), "2026-11-20 intake {papers}/late.835"), "2026-11-20 intake {papers}/late.835"),
    (PROPOSED, "2026-11-20 intake resolve --list"),
    (PROPOSED, "2026-11-20 today"),
    ((), "2026-11-24 intake {papers}/denials.csv --mapping generic-claims"),
    ((), "2026-11-24 intake mapping-template {papers}/denials.csv"),
    (PROPOSED, "2026-11-20 intake trace 1"),
    (denied(), "2026-11-20 intake trace 1"),
    (PROPOSED, "2026-11-20 intake original {late} --out {papers}/late.back"),
    (denied(), "2026-11-06 outbox"),
    (denied(), "2026-11-06 doctor"),
    (denied(), "2026-11-06 upgrade"),
    (denied(), "2026-11-06 audit verify"),
    (denied(), "2026-11-06 audit head"),
    (denied(), "2026-11-06 audit export --patient M-1 --out {papers}/trail.jsonl"),
    ((*denied(), "2026-11-06 audit export --patient M-1 --out {papers}/out.jsonl --recipient 'an auditor' --purpose audit"),
     "2026-11-06 audit disclosures --patient M-1 --looks"),
    ((), "2026-11-06 due --step denial --programme employer --notice 2026-11-02"),
    ((), "2026-11-06 due ERISA-A-DEC-URG --received 2026-11-02T09:00"),
    ((), "2026-11-06 rules list --programme fehb"),
    ((), "2026-11-06 codes show CO-50/N115 status 22 ZZ9"),
    (("2026-11-06 codes load {papers}/codes.csv",), "2026-11-06 codes show 50"),
    ((*denied(code="CO-50/M127"), "2026-11-06 codes load {papers}/codes.csv"), "2026-11-06 next 1"),
    ((), "2026-11-06 codes load {papers}/codes.csv"),
    (("2026-11-06 codes load {papers}/codes.csv",), "2026-11-06 codes load {papers}/fifty.csv --dry-run"),
    ((), "2026-11-06 rules show MCR-1-FILE"),
    ((), "2026-11-06 rules show ACA-SCOPE"),
    ((), "2026-11-06 rules check"),
    ((), "2026-11-06 rules check {papers}/wrong.toml"),
    ((), "2026-11-06 rules load {papers}/contract.toml"),
    (denied(), "2026-11-06 rules preview {papers}/contract.toml"),
    ((*denied(), "2026-11-06 rules load {papers}/contract.toml"), "2026-11-06 rules apply"),
    ((), "2026-11-06 rules sources"),
    ((), "2026-11-06 rules sample template --out {papers}/copy.toml"),
    ((*denied(), "2026-11-06 audit export --patient M-1 --out {papers}/kept.jsonl"), "2026-11-06 audit verify {papers}/kept.jsonl"),
]  # fmt: skip


def answered(offices, papers, history, turn) -> dict:
    """What the command line prints with --json, after a look at its envelope."""
    turn = turn.replace("{late}", hashlib.sha256((papers / "late.835").read_bytes()).hexdigest())
    office = offices.after(*(each.format(papers=papers) for each in history))
    answer = office.say(turn.format(papers=papers), "--json")
    assert answer.code in (0, 3), answer.err
    assert answer.err == ""
    told = json.loads(answer.out)
    assert answer.out.count("\n") == 1
    keeps("envelope", told, strict=True)
    assert (told["sandbox"], told["practice"]) == ((False, "") if turn.split()[1:] in OPENS_NO_PRACTICE else (True, "Made-up Clinic"))
    return told


@pytest.mark.parametrize(("history", "turn"), RUNS, ids=[turn.split(" ", 1)[1][:60] for _, turn in RUNS])
def test_what_a_command_prints_keeps_to_its_schema_and_to_nothing_else(offices, papers, history, turn):
    told = answered(offices, papers, history, turn)
    assert turn.split(" ", 1)[1].startswith(told["command"])
    for strict in (False, True):
        keeps(told["command"].replace(" ", "-"), told["data"], strict=strict)


def test_what_a_step_prints_the_second_time_keeps_to_its_schema(offices):
    office = offices.after(*opened())
    turn = "2026-11-05 deny 1 --notice 2026-11-04 --amount 9 --code CO-50 --request-id once"
    office.do(turn)
    told = json.loads(office.say(turn, "--json").out)
    assert told["data"]["already"] == "2026-11-05"
    keeps("deny", told["data"], strict=True)


def test_a_proposal_that_is_answered_keeps_to_its_schema(offices, papers):
    listed = answered(offices, papers, PROPOSED, "2026-11-20 intake resolve --list")["data"]["proposals"]
    assert listed, "the import left nothing to answer"
    for how in ("--take", "--refuse"):
        office = offices.after(*(each.format(papers=papers) for each in PROPOSED))
        answer = office.say(f"2026-11-20 intake resolve {listed[0]['case']} {how}", "--json")
        if answer.code == 0:
            keeps("intake-resolve", json.loads(answer.out)["data"], strict=True)
        else:
            keeps("error", json.loads(answer.err), strict=True)


def test_a_new_office_answers_by_its_schema(tmp_path):
    name = ("--name", "Real Clinic", "--state", "nc", "--zone", "America/New_York", "--db", tmp_path / "office.db")
    told = json.loads(typed("init", *name, "--json").out)
    keeps("envelope", told, strict=True)
    keeps("init", told["data"], strict=True)
    assert (told["sandbox"], told["practice"]) == (False, "Real Clinic")
    sandbox = typed("init", *name[:-1], tmp_path / "sandbox.db", "--sandbox", "--json")
    assert json.loads(sandbox.out)["sandbox"] is True
    assert typed("init", *name[:-1], tmp_path / "another.db", "--sandbox").out.startswith("SANDBOX ")
    head = json.loads(typed("audit", "verify", "--db", tmp_path / "office.db", "--json").out)["data"]
    keeps("audit-verify", head, strict=True)
    assert "head" in head


@pytest.mark.parametrize(("history", "turn", "code"), [row[1:4] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_an_error_keeps_to_its_schema(offices, history, turn, code):
    answer = offices.after(*history).say(turn, "--json")
    told = json.loads(answer.err)
    keeps("error", told, strict=True)
    assert (answer.out, told["error"]["code"]) == ("", answer.code)


def test_a_refused_step_lists_what_is_possible_for_a_program(offices):
    told = json.loads(offices.after(*denied()).say("2026-11-06 overturn 1 --decided 2026-11-06", "--json").err)
    assert {"review-eob", "request-peer-review", "write-off"} <= set(told["error"]["possible"])


def test_every_command_has_a_schema_and_every_schema_a_command():
    assert set(SCHEMAS) - SHARED == {name.replace(" ", "-") for name in command_table() - TELLS_A_STORY}


def test_every_command_is_run_by_these_tests():
    lines = {turn.split(" ", 1)[1] for _, turn in RUNS} | {"init"}
    known = sorted(command_table() - TELLS_A_STORY, key=len, reverse=True)
    assert {next(name for name in known if f"{line} ".startswith(f"{name} ")) for line in lines} == set(known)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_one_and_says_what_it_is_of(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert (SCHEMAS[name]["$id"], bool(SCHEMAS[name]["title"])) == (f"{name}.json", True)


def without(value, key):
    return {name: inner for name, inner in value.items() if name != key}


def test_the_schemas_bite(offices, papers):
    data = answered(offices, papers, denied(), "2026-11-06 clocks 1")["data"]
    case, clock = data["case"], data["clocks"][0]
    lenient = validator("clocks")
    assert lenient.is_valid({**data, "added_later": 1}), "a reader must live with a new key"
    wrong = [
        without(data, "case"),
        {**data, "case": without(case, "disputed_cents")},
        {**data, "case": {**case, "disputed_cents": 1200.5}},
        {**data, "case": {**case, "disputed_cents": "120000"}},
        {**data, "case": {**case, "disputed_cents": True}},
        {**data, "case": {**case, "state": "appealed"}},
        {**data, "case": {**case, "number": "123"}},
        {**data, "clocks": [{**clock, "work_by": "11/06/2026"}]},
        {**data, "clocks": [{**clock, "work_by": None}]},
        {**data, "clocks": [{**clock, "due_at": "2026-11-06T12:00:00+01:00"}]},
        {**data, "clocks": [{**clock, "status": "running"}]},
    ]
    assert [value for value in wrong if lenient.is_valid(value)] == []


def leaves() -> list[tuple[str, click.Command]]:
    """Every command by its full name, hidden forms too."""
    context, found = click.Context(click.Group()), []
    for name in COMMANDS:
        command = Commands().get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", command.commands[sub]) for sub in command.list_commands(context)]
    return found


@pytest.mark.parametrize(("name", "command"), leaves(), ids=[name for name, _ in leaves()])
def test_every_command_takes_json_and_as_of_and_shows_an_example(name, command):
    if name not in TELLS_A_STORY and not isinstance(command, click.Group):
        options = {option for parameter in command.params for option in parameter.opts}
        assert options >= {"--json", "--as-of", "--db", "--practice"}
    help_text = command.get_help(click.Context(command, info_name=name))
    assert "Example: appeals " in help_text
    example = " ".join(help_text.split("Example: appeals ", 1)[1].replace("\\\n", " ").split())
    assert example.startswith(name.removesuffix(" files").removesuffix(" run")), "the example is of another command"
