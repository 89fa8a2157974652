"""Text where a file should have a code may be a patient's name: nothing that is printed or written in the trail repeats it."""

from __future__ import annotations

import fhir_made
import pytest
from practice import Offices, opened
from remitting import DAY, claim, remittance, take
from test_csv_intake import HEADER
from test_status277 import BATCH, HEAD, ON, report_of
from write277 import write277

from appeals.intake import codelike, csvmapping
from appeals.intake.status_report import RECEIVER, Status

NAME = "DOE JANE"
WORDS = ("DOE", "JANE")
KEPT = {"original_piece", "original"}  # the file as it came


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def told(office, answer) -> str:
    """All that an import printed, its lists after it, and every row and entry it wrote but for the text it could not read."""
    lists = [office.say(f"{DAY} {line}").out for line in ("intake resolve --list", "intake resolve --list --json", "today", "queue")]
    with office.store() as store:
        raw = {entry.raw for entry in store.left_for_a_person()} - {""}
    cells = [cell for table, rows in office.everything().items() if table not in KEPT for row in rows for cell in row if cell not in raw]
    return "\n".join([answer.out, answer.err, *lists, repr(cells)])


def printed(office, text: str, name: str, options: str = "") -> str:
    file = office.db.with_name(name)
    file.write_text(text)
    answer = office.say(f"{DAY} intake {file} {options}".strip())
    assert answer.code in (0, 3), answer.err
    return told(office, answer)


@pytest.mark.parametrize(
    "segments",
    [
        claim("C-9", "4", "500", "0", f"CO*{NAME}*500".replace(" ", "_")),
        claim("C-9", "4", "500", "0", f"{NAME.replace(' ', '_')}*50*500"),
        claim("C-9", "4", "500", "0", "CO*50*400**DOE_JANE*100"),
        claim("C-9", NAME, "500", "0", "CO*50*500"),
        claim("C-9", "4", "500", "0", at_claim=("CO*50*500",), more=(f"MOA***{NAME}",)),
        claim("C-9", "4", "500", "0", "CO*50*500", more=(f"DTM*{NAME}*20002316",)),
        [*claim("C-9", "4", "500", "0", "CO*50*500"), f"LQ*HE*{NAME}"],
        [*claim("C-9", "4", "500", "0", "CO*50*500"), f"LQ*{NAME}*N115"],
        [each.replace("HC:96365", f"HC:{NAME}") for each in claim("C-9", "4", "500", "0", "CO*50*500")],
    ],
    ids=["reason", "group", "second reason", "status", "MOA", "date qualifier", "remark", "remark list", "procedure"],
)
def test_no_text_that_stands_for_a_code_of_a_remittance_is_printed_or_written(offices, segments):
    office = offices.after()
    text = remittance([each.replace("_", " ") for each in segments])
    assert NAME in text
    said = printed(office, text, "era.835")
    assert not [word for word in WORDS if word in said]
    assert "segment" in said and office.case().disputed_cents == 50000


def test_a_reason_that_is_text_is_shown_as_unknown_with_its_place_and_stays_in_the_file_that_is_kept(offices):
    office = offices.after()
    answer = take(office, remittance(claim("C-9", "4", "500", "0", f"CO*{NAME}*500".replace(" ", "_"))).replace("_", " "))
    [file] = answer.data["files"]
    assert [case["what"] for case in file["cases"]] == ["CO-?"]
    assert f"segment 15: {codelike.IS_TEXT}" in file["warnings"]
    shown = office.do(f"{DAY} show 1").out
    assert "CO-?" in shown and "JANE" not in shown
    out = office.db.with_name("again.835")
    office.do(f"{DAY} intake original {file['sha256'][:8]} --out {out}")
    assert NAME in out.read_text()


def test_no_text_that_stands_for_a_code_of_an_explanation_of_benefits_is_printed_or_written(offices):
    office = offices.after()
    reason = {"coding": [{"system": fhir_made.CARC, "code": "50"}, {"system": fhir_made.RARC, "code": NAME}]}
    own = {"coding": [{"system": "https://payer.example/codes", "code": NAME}]}
    line = fhir_made.line("500.00", "0.00", fhir_made.adjudged("denialreason", "", reason), fhir_made.adjudged("denialreason", "", own))
    said = printed(office, fhir_made.bundle(fhir_made.eob({**line, **coded(NAME)}), *fhir_made.PEOPLE), "eob.json")
    assert not [word for word in WORDS if word in said]
    assert office.case().disputed_cents == 50000


def coded(procedure: str):
    return {"productOrService": fhir_made.concept("http://www.ama-assn.org/go/cpt", procedure)}


def test_no_text_that_stands_for_a_group_of_a_table_is_printed_or_written(offices):
    office = offices.after()
    mapping = office.db.with_name("mine.toml")
    text = csvmapping.preset_text("generic-claims").replace("\ncodes = [", '\ngroup = ["Group"]\ncarc = [', 1).replace('"codes", ', "")
    mapping.write_text(text)
    rows = f'{HEADER},Group\r\nC-9,Invented Health,"Example, Erin",M-1,Denied,11/20/2026,11/02/2026,500,0,,50,,{NAME}\r\n'
    said = printed(office, rows, "export.csv", f"--mapping {mapping}")
    assert not [word for word in WORDS if word in said]
    assert "is no group like CO" in said


def test_no_text_that_stands_for_a_status_of_a_report_is_printed_or_written(offices):
    office = offices.after(*opened())
    said = printed(office, write277(HEAD, BATCH, [report_of("C-1", Status("A3", NAME, NAME, ON, "U"))]), "report.277")
    assert not [word for word in WORDS if word in said]
    assert "A3:?" in said


def test_a_batch_number_that_may_be_a_name_is_not_shown(offices):
    office = offices.after(*opened())
    file = office.db.with_name("report.277")
    file.write_text(write277(HEAD, BATCH, [report_of("C-1", Status("A3", "21", "", ON, "U"))._replace(level=RECEIVER, trace=NAME)]))
    said = office.say(f"{DAY} intake {file}").out + office.do(f"{DAY} intake resolve --list").out
    assert "whole batch ? was rejected" in said and "JANE" not in said


def test_a_claim_number_that_may_be_a_name_is_not_shown_in_the_lists_of_an_import(offices):
    office = offices.after()
    answer = office.db.with_name("era.835")
    answer.write_text(remittance(claim("DOE JANE", "4", "500", "0", "CO*50*500"), claim("DOE JANE", "4", "5x0", "0")))
    would = office.say(f"{DAY} intake {answer} --dry-run").out
    assert "claim ?" in would and "JANE" not in would
    office.say(f"{DAY} intake {answer}")
    listed = office.do(f"{DAY} intake resolve --list").out
    assert "claim ?" in listed and "JANE" not in listed


def test_codes_that_look_like_codes_are_shown_as_they_came():
    assert [codelike.code(each) for each in ("50", "A1", "P12", "MA130", "N115", "0050", "XX", "")] == [
        "50", "A1", "P12", "MA130", "N115", "0050", "XX", ""
    ]  # fmt: skip
    assert [codelike.procedure(each) for each in ("99213", "J3490", "12345-678-90", "1AA11", "KAQD1")] == [
        "99213", "J3490", "12345-678-90", "1AA11", "KAQD1"
    ]  # fmt: skip
    assert [codelike.number(each) for each in ("C-1", "SMITH 123", "SMITH", "DOE JANE 1", "")] == ["C-1", "SMITH 123", "?", "?", ""]
