"""A CSV export taken in by its mapping, from the command line down to cases and clocks; and every way such a file can be wrong."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from practice import Office, Offices, opened
from test_privacy import leaks

from appeals.errors import BadConfiguration, FileRefused
from appeals.intake import csvclaims, csvmapping
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Transaction

DAY = "2026-11-24"
DATA = Path(__file__).parents[2] / "shared" / "data" / "csv"
ABSENT = pytest.mark.skipif(not DATA.is_dir(), reason="the sample exports are not there: no folder shared/data/csv beside the project")
HEADER = "Claim Number,Payer,Patient,Member ID,Status,Notice Date,Service Date,Charge,Paid,Denied,Denial Codes,Note"
LINES = "Claim Number,Payer,Patient,Status,Notice Date,DOS,CPT,Line,Charge,Paid,Denial Codes,Contractual"


def row(
    number="C-9",
    patient="Example, Erin",
    status="Denied",
    notice="11/20/2026",
    charge="500.00",
    paid="0",
    denied="",
    codes="CO-50",
    note="",
):
    return f'{number},Invented Health,"{patient}",M-1,{status},{notice},11/02/2026,{charge},{paid},{denied},{codes},{note}'


def line(number="C-9", procedure="96365", at="1", charge="500", paid="0", codes="CO-50", status="Denied", off="", patient="Example, Erin"):
    return f'{number},Invented Health,"{patient}",{status},2026-11-20,11/02/2026,{procedure},{at},{charge},{paid},{codes},{off}'


def text_of(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join((header, *rows)) + "\r\n"


def items(text: str | bytes, mapping=None):
    content = text if isinstance(text, bytes) else text.encode()
    return list(csvclaims.read(io.BytesIO(content), mapping or csvmapping.preset("generic-claims")))


def claims(text: str | bytes, mapping=None):
    return [item for item in items(text, mapping) if isinstance(item, Claim | ClaimProblem)]


def problems(text: str | bytes, mapping=None) -> list[tuple[int, str]]:
    return [(item.segment, item.message) for item in items(text, mapping) if isinstance(item, ClaimProblem)]


def changed(name: str = "generic-claims", *changes: tuple[str, str]):
    text = csvmapping.preset_text(name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return csvmapping.read("mine.toml", text.encode())


LINED = csvmapping.preset("generic-lines")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def take(office: Office, text: str | bytes, *more: str, mapping: str = "generic-claims"):
    file = office.db.with_name("export.csv")
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return office.say(f"{DAY} intake {file} --mapping {mapping}", "--json", *more)


def fates(answer) -> dict[str, int]:
    [file] = answer.data["files"]
    return {fate: sums["claims"] for fate, sums in file["fates"].items()}


def test_a_denied_row_opens_a_case_with_its_codes_money_and_clocks(offices):
    office = offices.after()
    answer = take(office, text_of(row(codes="CO-50; CO-197", note="=1+1"), row("C-10", status="Paid", paid="500.00", codes="")))
    assert (answer.code, fates(answer)) == (0, {"opened": 1, "ignored": 1})
    found = office.situation("C-9")
    assert (found.case.state, found.case.billed_cents, found.case.disputed_cents) == ("denied", 50000, 50000)
    assert sorted((a.group_code, a.carc, a.amount_cents) for a in found.adjustments) == [("CO", "197", 0), ("CO", "50", 50000)]
    assert (found.denials[0].notice_date, found.case.service_from, found.patient.name) == (
        date(2026, 11, 20),
        date(2026, 11, 2),
        "Erin Example",
    )
    assert {c.kind for c in office.running("C-9")} >= {"house_denied", "file_internal_appeal"}
    assert [e["source"]["segment"] for e in office.events("C-9")] == [2, 2]
    office.check()


def test_rows_of_one_claim_number_are_the_lines_of_one_case(offices):
    office = offices.after()
    rows = (
        line(),
        line("C-7", at="1"),
        line(procedure="J3490", at="2", charge="700", paid="300", codes="PR-204", status="Partially denied", off="100"),
    )
    assert fates(take(office, text_of(*rows, header=LINES), mapping="generic-lines")) == {"opened": 2}
    found = office.situation("C-9")
    assert (found.case.billed_cents, found.case.disputed_cents, found.case.paid_cents) == (120000, 80000, 30000)
    assert [(each.procedure, each.denied_cents, each.contractual_cents) for each in found.lines] == [
        ("96365", 50000, 0),
        ("J3490", 30000, 10000),
    ]
    office.check()


def test_a_row_of_a_submitted_case_denies_it(offices):
    office = offices.after(*opened())
    assert fates(take(office, text_of(row("C-1", charge="1200")))) == {"moved": 1}
    assert office.case().state == "denied"
    office.check()


def test_a_dry_run_says_the_same_and_writes_nothing(offices):
    office = offices.after()
    before = office.everything()
    answer = take(office, text_of(row(), row("C-10", charge="5OO")), "--dry-run")
    assert (answer.code, fates(answer), answer.data["files"][0]["dry_run"]) == (3, {"opened": 1, "person": 1}, True)
    assert office.everything() == before


def test_next_weeks_export_adds_only_what_is_new(offices):
    office = offices.after()
    take(office, text_of(row()))
    again = take(office, text_of(row(note="called"), row("C-10"), row(notice="11/23/2026")))
    assert fates(again) == {"known": 1, "opened": 1, "added": 1}
    third = take(office, text_of(row(), row("C-10", note="x"), row(notice="11/23/2026")))
    assert fates(third) == {"known": 3}
    office.check()


def test_a_claim_taken_in_before_whose_money_changed_is_left_for_a_person(offices):
    office = offices.after()
    take(office, text_of(row()))
    answer = take(office, text_of(row(paid="100")))
    assert fates(answer) == {"person": 1}
    assert "already read with another charge or payment" in answer.data["files"][0]["left"][0]["message"]


def test_the_same_bytes_by_a_corrected_mapping_take_what_was_left_and_nothing_twice(offices, tmp_path):
    office = offices.after()
    text = text_of(row(), row("C-10", status="Refused"))
    assert fates(take(office, text)) == {"opened": 1, "person": 1}
    assert take(office, text).data["files"][0]["already"]
    mapping = tmp_path / "mine.toml"
    mapping.write_text(csvmapping.preset_text("generic-claims") + '"Refused" = "denied"\n')
    assert fates(take(office, text, mapping=str(mapping))) == {"known": 1, "opened": 1}
    assert take(office, text, mapping=str(mapping)).data["files"][0]["already"]
    assert [place["fate"] for place in office.do(f"{DAY} intake trace C-9 --json").data["places"]] == ["opened"]
    office.check()


def test_the_same_row_twice_is_taken_once_and_said(offices):
    office = offices.after()
    answer = take(office, text_of(row(), row("C-10"), row(note="again")))
    assert fates(answer) == {"opened": 2, "known": 1}
    assert answer.data["files"][0]["warnings"] == ["line 4: already in this file, at line 2"]


def test_the_same_service_line_twice_is_counted_once_and_said():
    found = items(text_of(line(), line(), line(at="2"), header=LINES), LINED)
    assert [(item.segment, item.message) for item in found if isinstance(item, Caution)] == [(3, "already in this file, at line 2")]
    [claim] = [item for item in found if isinstance(item, Claim)]
    assert (len(claim.lines), claim.charge_cents) == (2, 100000)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((row(), row(charge="600")), "line 3 has the same claim with other values: is this file one service line a row?"),
        ((row(charge="5OO"),), "column 'Charge' holds no amount like 1,234.56"),
        ((row(charge=""), row("C-2", charge="12.345")), "column 'Charge' holds no amount like 1,234.56"),
        ((row(notice="20.11.2026"),), "column 'Notice Date' holds no date like YYYY-MM-DD or M/D/YYYY"),
        ((row(notice="02/30/2026"),), "column 'Notice Date' holds no date"),
        ((row(status="Hm"),), "column 'Status' holds a word that [status] of the mapping gives no meaning to"),
        ((row(codes="medical necessity"),), "column 'Denial Codes' holds something that is no code like CO-50"),
        ((row(codes="CO-50; CO-45"),), "column 'Denial Codes' holds codes that share one amount"),
        ((row(codes="CO-45", denied="20"),), "column 'Denied' says that money is denied, and the codes of the row deny none"),
        ((row(paid="600"),), "column 'Paid' comes to more than the charge"),
        *(((row(codes=each),), "holds routine codes alone, without amounts") for each in ("CO-45", "OA-23", "CO-45; N115", "PR-1;CO-45")),
        *(((row(charge=charge),), "column 'Charge' says nothing, and the row is denied") for charge in ("", "0.00")),
        ((row(charge="", codes="", status="Partially denied", denied="20"),), "column 'Charge' says nothing"),
        ((row(denied="(500.00)"),), "column 'Denied' is less than nothing"),
        ((row(denied="(500.00)", codes=""),), "column 'Denied' is less than nothing"),
        ((row(denied="900"),), "column 'Denied' comes to more than the charge, with what else"),
        ((row(paid="200", denied="400"),), "column 'Denied' comes to more than the charge, with what else"),
        ((row(number=""),), "column 'Claim Number' is empty: no claim number"),
        ((row(patient=""),), "column 'Patient' is empty: no patient"),
        ((row(number="C\u200b9"),), "column 'Claim Number' holds a character nobody can see"),
        ((row(number="C" * 301),), "column 'Claim Number' is longer than 300 characters"),
        ((row(patient="Erin\nExample"),), "column 'Patient' holds a line break"),
        ((row() + ",more",), "has 13 cells, the header 12"),
        (("C-9,Invented Health",), "has 2 cells, the header 12"),
        ((row(note="a\0b"),), "holds a NUL character"),
        ((row(note='a "b" c'), ), None),
        ((row(note='"a"b'),), "quotation marks stand inside a cell"),
        ((row(note="x" * 140_000),), "a cell is longer than any cell may be"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_left_for_a_person_with_its_line_and_column(rows, says):
    good = row("GOOD-1"), row("GOOD-2")
    text = text_of(good[0], *rows, good[1])
    found = claims(text)
    assert [one.claim_number for one in found if isinstance(one, Claim) and one.claim_number.startswith("GOOD")] == ["GOOD-1", "GOOD-2"]
    if says is None:
        assert problems(text) == []
    else:
        assert says in problems(text)[-1][1]
        assert problems(text)[0][0] in (3, 4)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((line(), line(charge="600")), "line 2 has the same line number with other values: is it one service or two?"),
        ((line(at=""), line(at="")), "line 2 is the same, and no column numbers the lines: is it one service or two?"),
        ((line(), line(at="2", patient="Sample, Sam")), "column 'Patient' is not the same in all rows of this claim"),
        ((line(), line(at="2", status="Pending", codes="")), "do not go together"),
        ((line(), line(at="2", codes="")), "some are denied without a code"),
        ((line(), line(at="2", charge="x")), "line 3: column 'Charge' holds no amount"),
        ((line(procedure="99213:25"),), "column 'CPT' holds a colon"),
        ((line(), line(at="2", charge="")), "line 3: column 'Charge' says nothing"),
        ((line(off="(100.00)"),), "column 'Contractual' is less than nothing, and money is denied"),
        ((line(off="600"),), "column 'Paid' comes to more than the charge"),
        ((line(), line(at="2", codes="CO-45")), "line 3: column 'Denial Codes' holds routine codes alone"),
    ],
)  # fmt: skip
def test_lines_of_a_claim_that_do_not_go_together_are_left_for_a_person(rows, says):
    text = text_of(*rows, line("GOOD-1"), header=LINES)
    assert [one.claim_number for one in claims(text, LINED) if isinstance(one, Claim)] == ["GOOD-1"]
    [(_at, message)] = problems(text, LINED)
    assert says in message


@pytest.mark.parametrize(
    ("codes", "more", "found"),
    [
        ("CO-50", {}, [("CO", "50", 50000)]),
        ("50", {}, [("", "50", 50000)]),
        ("CO50;pr 204", {}, [("CO", "50", 50000), ("PR", "204", 0)]),
        ("CO-50/M127; N115", {}, [("CO", "50", 50000)]),
        ("CO-50; CO-45", {"denied": "120"}, [("CO", "50", 12000), ("CO", "45", 38000)]),
        ("CO-50", {"denied": "120"}, [("CO", "50", 12000)]),
        ("CO-45; PR-2", {"status": "Paid"}, [("CO", "45", None), ("PR", "2", None)]),
        ("PR-1", {"status": "Paid"}, [("PR", "1", 50000)]),
        ("", {}, []),
        ("", {"denied": "120", "status": "Partially denied"}, [("", "", 12000)]),
        ("CO-50", {"status": "Pending"}, [("CO", "50", None)]),
    ],
)  # fmt: skip
def test_the_money_of_a_row_is_divided_among_its_codes_as_the_row_says_and_never_by_guess(codes, more, found):
    [claim] = claims(text_of(row(codes=codes, **more)))
    assert isinstance(claim, Claim)
    assert [tuple(one)[:3] for one in claim.adjustments] == found
    assert claim.remarks == (("M127", "N115") if "/" in codes else ())


@pytest.mark.parametrize("status", ["Denied", "Partially denied"])
def test_a_row_whose_sums_leave_a_part_unexplained_is_taken_with_a_warning(status):
    found = items(text_of(row(denied="120", paid="100", status=status), row("C-10", denied="500")))
    assert [(one.segment, one.kind) for one in found if isinstance(one, Caution)] == [(2, "claim_balance")]
    assert len([one for one in found if isinstance(one, Claim)]) == 2


def test_a_line_of_no_charge_that_is_denied_keeps_its_claim():
    [claim] = claims(text_of(line(), line(at="2", charge="0.00"), header=LINES), LINED)
    assert isinstance(claim, Claim) and claim.charge_cents == 50000


def test_routine_codes_of_a_row_that_is_not_denied_open_nothing(offices):
    office = offices.after()
    text = text_of(row(status="Paid", paid="400", codes="CO-45"), row("C-10", status="Paid", codes="PR-1"))
    assert fates(take(office, text)) == {"ignored": 2}


def test_codes_with_their_own_amounts_are_read_when_the_mapping_declares_how():
    mapping = changed("generic-claims", ('amount_separator = ""', 'amount_separator = ":"'))
    [claim] = claims(text_of(row(codes="CO-50:400.00; CO-45:$100")), mapping)
    assert [one.amount_cents for one in claim.adjustments] == [40000, 10000]
    assert "a code with no amount" in problems(text_of(row(codes="CO-50:4OO")), mapping)[0][1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_byte_order_marks_encodings_line_ends_and_blank_lines_make_no_difference(encoding, ends):
    text = text_of(row(patient="Exámple, Erin"), "", ",,,,,,,,,,,", row("C-10")).replace("\r\n", ends)
    assert [(one.claim_number, one.patient.last) for one in claims(text.encode(encoding))] == [("C-9", "Exámple"), ("C-10", "Example")]


def test_delimiter_encoding_decimal_comma_and_a_title_above_the_header_are_declared():
    mapping = changed(
        "generic-claims", ('delimiter = ","', 'delimiter = ";"'), ("header_line = 1", "header_line = 3"),
        ('encoding = "utf-8"', 'encoding = "windows-1252"'),
        ('decimal = "."', 'decimal = ","'), ('thousands = ","', 'thousands = "."'), ('"YYYY-MM-DD", "M/D/YYYY"', '"DD.MM.YYYY"'),
        ('separator = ";"', 'separator = "/"'), ('payer = ""', 'payer = "Invented Health"'),
    )  # fmt: skip
    header = "Open claims\r\n\r\nclaim_number;PAYER NAME;patient;status;notice date;charge;paid\r\n"
    text = f"{header}C-9;;Müller, Jörg;denied;03.04.2026;1.234,50;0,00\r\n"
    notice, claim = items(text.encode("windows-1252"), mapping)
    assert (claim.segment, claim.patient, claim.charge_cents) == (4, ("Müller", "Jörg", "", "MI", ""), 123450)
    assert isinstance(notice, Transaction) and (notice.payer, notice.notice_date) == ("Invented Health", date(2026, 4, 3))


def test_a_byte_of_another_encoding_spoils_its_row_and_not_the_file():
    text = text_of(row(), row("C-10", patient="Exámple, Erin"), row("C-11")).encode("latin-1")
    assert [at for at, message in problems(text) if "is not in utf-8: set encoding" in message] == [3]
    assert len(claims(text)) == 3


NOTE = 'a\r\n""b"", and more'


def test_line_breaks_and_quotes_in_a_note_keep_the_line_numbers_right():
    text = text_of(row(note=f'"{NOTE}"'), row("C-10", charge="x"))
    assert problems(text) == [(4, "column 'Charge' holds no amount like 1,234.56")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty file"), (b"\r\n \n", "a blank file"), (b"PK\x03\x04rest", "This ZIP archive is damaged"),
        (b"\xd0\xcf\x11\xe0rest", "a password protects"),
        (b"-----BEGIN PGP MESSAGE-----", "an encrypted file (PGP)"), (b"%PDF-1.7", "a PDF document"), (b"ISA*00*", "an X12 file"),
        (b"<html><body>login", "an HTML page"), (b"\x01\x00\xfe\x99\n", "a binary or an encrypted file"),
        (text_of(row()).encode("utf-16")[:-31], "Near line 2 the text is not in utf-16"),
        (text_of(row(note='"open'), row("C-10")).encode(), "Lines 2 to 3: quotation marks open and do not close"),
        (text_of(row(note='"open'), row("C-10", note='"x"')).encode(), "Lines 2 to 3: quotation marks open"),
        (text_of(row(), header=HEADER.replace("Charge", "Amount")).encode(), "Columns are missing: charge ('Charge' or 'Charges'"),
        (text_of(row(), header=HEADER.replace("Charge", "Amount")).encode(), "Not in the mapping: 'Amount', 'Note'"),
        (text_of(row(), header=HEADER.replace("Note", "Status")).encode(), "Several columns fit one field: status (columns 5, 12)"),
        (text_of(row(), header=HEADER.replace("Patient", "Name")).encode(), "Columns are missing: patient or patient_last"),
        (text_of(row(), header=row("C-8", "Canarybird, Zeno")).encode(), "Is that line the header?"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_or_does_not_fit_is_refused_by_what_it_is_and_nothing_is_written(offices, content, says):
    office = offices.after()
    before = office.everything()
    answer = take(office, content)
    assert (answer.code, answer.out) == (30, "")
    assert says in json.loads(answer.err)["error"]["message"]
    assert leaks(answer.err) == []
    assert office.everything() == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('delimiter = ","', 'delimeter = ","', r"mine.toml, line 10: file: unknown key 'delimeter' (did you mean 'delimiter'?)"),
        ('delimiter = ","', 'delimiter = "x"', 'mine.toml, line 10: file: delimiter: must be ","'),
        ('encoding = "utf-8"', 'encoding = "morse"', "file: encoding: 'morse' is no encoding"),
        ("header_line = 1", "header_line = 0", "file: header_line: must be 1 or more"),
        ('"M/D/YYYY"', '"M/D/YYYY", "D/M/YYYY"', "dates: formats: 'M/D/YYYY' and 'D/M/YYYY' read one text as two days"),
        ('thousands = ","', 'thousands = "."', "money: decimal and thousands are the same sign"),
        ('currency = ["$"]', 'currency = ["1"]', "would be taken for a part of the amount"),
        ("\n[columns]", '\n[columns]\nclaim_nr = "X"', "unknown key 'claim_nr'"),
        ("\n[columns]", '\n[columns]\nprocedure = "CPT"', "'procedure' belongs to a file with rows"),
        ("\n[columns]", '\n[columns]\ncarc = "CARC"', "leave 'group' and 'carc' out, or 'codes'"),
        ('mrn = ["MRN",', 'mrn = ["Payer", "MRN",', "'payer' is given to two fields"),
        ('charge = ["Charge"', 'units = ["Charge"', "'charge' is missing or optional"),
        ('"control_number", "payer_id"', '"claim_number", "payer_id"', "'claim_number' is missing or optional"),
        ('"Denied" = "denied"', '"Denied" = "refused"', "status: Denied: 'refused' is none of paid, "),
        ('"Paid" = "paid"', '"Paid" = "paid"\n"PAID " = "paid"', "it stands there twice"),
        ("[mapping]", "[mapping", "not a TOML file"),
        ('id = "generic-claims"', 'id = "Zeno Canarybird"', "mapping: id: 'Zeno Canarybird' must be letters, figures and hyphens"),
        ('separator = ";"', 'separator = "-"', "codes: separator: '-' stands in codes themselves"),
        ('amount_separator = ""', 'amount_separator = ";"', "separator and amount_separator are the same"),
        ('amount_separator = ""', 'amount_separator = ","', "a separator is also a sign of the amounts"),
    ],
)  # fmt: skip
def test_a_mapping_with_a_mistake_is_refused_with_file_line_and_key(old, new, says):
    text = csvmapping.preset_text("generic-claims")
    assert old in text
    with pytest.raises(BadConfiguration) as refused:
        csvmapping.read("mine.toml", text.replace(old, new, 1).encode())
    assert says in refused.value.message


def test_a_mapping_without_a_notice_date_is_told_what_to_do_and_that_received_is_no_way_out():
    with pytest.raises(BadConfiguration) as refused:
        changed("generic-claims", ("notice_date = [", "#"), ('"trace", ', '"trace", "notice_date", '))
    assert "optional: 'notice_date' has no column: name one in [columns]" in refused.value.message
    assert "`--received` does not stand in for it" in refused.value.message


def test_a_mapping_that_is_not_there_is_refused_and_the_ones_that_ship_are_named(offices):
    answer = offices.after().say(f"{DAY} intake x.csv --mapping nobody")
    assert answer.code == 30
    assert "--mapping nobody: It does not exist." in answer.err
    assert "generic-claims, generic-lines" in answer.err


def test_a_preview_shows_columns_and_counts_and_no_cell_and_what_it_writes_can_be_used(offices, tmp_path):
    office = offices.after()
    file, mapping = tmp_path / "x.csv", tmp_path / "mine.toml"
    file.write_text(text_of(row(patient="Canarybird, Zeno"), row("C-10", notice="20.11.2026", status="Hm")))
    answer = office.say(f"{DAY} intake mapping-template {file} --out {mapping}")
    assert answer.code == 3
    assert leaks(answer.out + mapping.read_text()) == []
    told = office.say(f"{DAY} intake mapping-template {file}", "--json").data
    assert {column["header"]: column["unread"] for column in told["columns"] if column["unread"]} == {"Status": 1, "Notice Date": 1}
    assert [column["header"] for column in told["columns"] if not column["field"]] == ["Note"]
    assert fates(take(office, file.read_text(), mapping=str(mapping))) == {"opened": 1, "person": 1}


def test_a_preview_of_a_file_without_a_header_shows_nothing_of_it(offices, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text(row(patient="Canarybird, Zeno") + "\n")
    answer = offices.after().say(f"{DAY} intake mapping-template {file}")
    assert (answer.code, answer.out, leaks(answer.err)) == (30, "", [])
    assert "it is no header" in answer.err


def test_neither_the_import_nor_what_it_leaves_says_a_name(offices):
    office = offices.after()
    answer = take(
        office,
        text_of(
            row(patient="Canarybird, Zeno"),
            row("CANARYNOTE", patient="Canarybird, Zeno", charge="canarynote"),
            row("", patient="Canarybird"),
        ),
    )
    assert answer.code == 3
    assert leaks(answer.out + answer.err) == []


CELL = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL), max_size=6))
def test_whatever_stands_in_the_cells_every_row_is_a_claim_or_a_problem_or_the_file_is_refused(rows):
    out = io.StringIO()
    csv.writer(out).writerow(("Claim Number", "Payer", "Patient", "Status", "Notice Date", "Charge", "Paid", "Denial Codes"))
    csv.writer(out).writerows((number, "P", name, status, "11/20/2026", charge, "0", codes) for number, name, status, charge, codes in rows)
    found = claims(out.getvalue())
    assert len(found) == len(rows)
    assert not [one for one in found if isinstance(one, ClaimProblem) and not one.message]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_end_in_anything_but_values_or_a_refusal(content):
    for head in (b"", text_of().encode()):
        try:
            items(head + content)
        except FileRefused as refused:
            assert refused.message and refused.hint


@ABSENT
def test_a_sample_export_of_claims_is_taken_whole_by_a_mapping_of_its_headers(offices, tmp_path):
    mapping = tmp_path / "sample.toml"
    mapping.write_text(
        csvmapping.preset_text("generic-claims").partition("[columns]")[0].partition("# Fields")[0]
        + 'optional = []\n[dates]\nformats = ["YYYY-MM-DD"]\n[money]\ndecimal = "."\nthousands = ""\n'
        + 'currency = []\nnegative = []\nblank = "zero"\n'
        '[codes]\nseparator = ""\namount_separator = ""\n[columns]\nclaim_number = "claim_id"\npayer = "payer_name"\n'
        'patient = "patient_id"\n'
        'status = "claim_status"\nnotice_date = "submission_date"\ncharge = "claim_amount"\npaid = "amount_paid"\ncarc = "carc_code"\n'
        '[fixed]\npayer = ""\n[status]\n"Approved" = "paid"\n"Denied" = "denied"\n'
    )  # fmt: skip
    [file] = DATA.glob("*claims.csv")
    mapped = csvmapping.read("sample.toml", mapping.read_bytes())
    found = claims(file.read_bytes(), mapped)
    with file.open(newline="") as stream:
        truth = list(csv.DictReader(stream))
    assert [one for one in found if isinstance(one, ClaimProblem)] == []
    assert [(one.claim_number, one.status == "4") for one in found] == [
        (each["claim_id"], each["claim_status"] == "Denied") for each in truth
    ]
    office = offices.after()
    lines = file.read_text().splitlines(keepends=True)[:40]
    answer = take(office, "".join(lines), mapping=str(mapping))
    assert answer.code == 0, answer.out
    assert fates(answer).get("opened", 0) == sum(each["claim_status"] == "Denied" for each in truth[:39])
    office.check()


@ABSENT
def test_a_sample_export_without_claim_numbers_is_refused_by_the_names_of_its_columns(offices):
    [file] = DATA.glob("*billing.csv")
    answer = take(offices.after(), file.read_bytes())
    assert answer.code == 30
    assert "claim_number" in answer.err and "'Denial Reason'" in answer.err


def test_a_mapping_or_a_list_that_is_far_too_large_is_refused_and_never_read_in_part(offices, tmp_path):
    office = offices.after()
    mapping, codes = tmp_path / "big.toml", tmp_path / "big.csv"
    mapping.write_text(csvmapping.preset_text("generic-claims") + "#" * (1 << 16))
    codes.write_text("code,description\n50,words\n" + "\n" * (1 << 22))
    for line in (f"intake x.csv --mapping {mapping}", f"codes load {codes}"):
        assert office.say(f"{DAY} {line}").code == 30


@pytest.mark.parametrize(("notice", "says"), [("", "without a date of payment or production"), ("12/25/2026", "2026-12-25")])
def test_a_denial_without_a_notice_date_or_with_one_to_come_is_left_for_a_person(offices, notice, says):
    answer = take(offices.after(), text_of(row(notice=notice)))
    assert fates(answer) == {"person": 1}
    assert says in answer.data["files"][0]["left"][0]["message"]
