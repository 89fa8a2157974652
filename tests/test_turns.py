"""In which order files that come together are taken in: their names say nothing of it."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from practice import Offices
from remitting import DAY, claim, remittance
from test_claim837 import BATCH, HEAD, SELF, sent_of
from test_sent_claims import TWO
from test_status277 import TAKEN, report_of
from write277 import write277
from write837 import write837

from appeals.intake.turns import LAST, turn_of

SENT = write837(HEAD, BATCH, [sent_of("C-9", SELF, TWO)])
TAKEN_BY_THE_PAYER = write277(HEAD, BATCH._replace(trace="ACK-1"), [report_of("C-9", TAKEN)])
PAID = remittance(claim("C-7", "1", "500", "400", "CO*45*100"), trace="T-1", paid="400", day="20261105")
TAKEN_BACK = (
    claim("C-7", "22", "-500", "-400", "CO*45*-100"),
    claim("C-7", "1", "500", "0", "CO*55*500", icn="ICN-C-7B"),
)
CORRECTED = remittance(*TAKEN_BACK, trace="T-2", paid="-400", day="20261119")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def zipped(files: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def standing(office, tmp_path, files: dict[str, str | bytes]):
    """The files of a folder as they were taken in, and what is known of every case then."""
    for name, text in files.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    told = office.say(f"{DAY} intake {tmp_path}", "--json").data["files"]
    found = {number: office.situation(number) for number in ("C-7", "C-9") if office.say(f"{DAY} show {number}").code == 0}
    money = {number: (one.case.state, one.case.outcome, [mark.name for mark in one.marks]) for number, one in found.items()}
    return [each["file"] for each in told], money


def test_what_was_sent_goes_before_its_report_and_both_before_the_answer_whatever_their_names(offices, tmp_path):
    denied = remittance(claim("C-9", "4", "530", "0", "CO*50*530", member="M-1", first="ERIN"), day="20261120")
    order, found = standing(offices.after(), tmp_path, {"1-answer.txt": denied, "2-report.txt": TAKEN_BY_THE_PAYER, "3-sent.txt": SENT})
    assert order == ["3-sent.txt", "2-report.txt", "1-answer.txt"]
    assert found["C-9"][2] == ["claim-sent", "claim-accepted"]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_folder_of_remittances_comes_to_the_same_however_its_files_are_called(offices, tmp_path, names):
    first, second = names
    order, found = standing(offices.after(), tmp_path, {first: PAID, second: CORRECTED, "c": "no X12 at all"})
    assert order == [first, second]
    assert found["C-7"][:2] == ("denied", "")


def test_the_members_of_an_archive_have_their_turns_too_and_packed_ones_among_them(offices, tmp_path):
    mail = zipped({"1": CORRECTED, "2.gz": gzip.compress(PAID.encode()), "3": SENT})
    order, found = standing(offices.after(), tmp_path, {"mail.zip": mail, "a": TAKEN_BY_THE_PAYER})
    assert order == ["mail.zip > 3", "mail.zip > 2.gz", "mail.zip > 1", "a"]
    assert (found["C-7"][0], found["C-9"][2]) == ("denied", ["claim-sent", "claim-accepted"])


def test_a_file_says_its_turn_by_what_it_is_and_by_its_earliest_day():
    assert turn_of(PAID.encode()) == (2, date(2026, 11, 5))
    assert turn_of(PAID.replace("DTM*405*20261105", "DTM*405*20261103").encode()) == (2, date(2026, 11, 3))
    assert turn_of(PAID.replace("20261105", "20261399").encode()) == (2, date.max)
    assert turn_of(SENT.encode())[0] == 0
    assert turn_of(TAKEN_BY_THE_PAYER.encode())[0] == 1
    assert {turn_of(each) for each in (b"", b"%PDF-1.7", b'{"resourceType": "Bundle"}')} == {LAST}


@given(st.binary(max_size=300), st.integers(0, len(PAID) - 1))
def test_no_bytes_bring_it_to_anything_but_a_turn(noise, at):
    kind, day = turn_of(PAID[:at].encode() + noise)
    assert 0 <= kind <= LAST[0]
    assert isinstance(day, date)
