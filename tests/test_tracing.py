"""From a value back to the file it came in: the bytes are kept whole, and found again at the place the trail names."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import zlib
from contextlib import closing

import pytest
from fhir_made import PEOPLE, bundle, denied, ndjson, written
from hypothesis import given
from hypothesis import strategies as st
from practice import Offices, opened
from test_take_in import DAY, era, take

from appeals.intake import places
from appeals.services.kept import PIECE
from db.engine import best_driver

TEXT = era("C-8 4 700 0 CO*50*700", "C-9 4 500 0 CO*50*300 PR*204*200")
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    office = offices.after()
    assert take(office, TEXT).code == 0
    return office


def run_sql(office, statement: str) -> None:
    with closing(best_driver().connect(office.db, isolation_level=None)) as connection:
        connection.execute(statement)


def traced(office, ref: str = "C-9", code: int = 0):
    answer = office.say(f"{DAY} intake trace {ref}", "--json")
    assert answer.code == code, answer.err
    return answer.data["places"]


def test_a_case_is_traced_to_its_claim_and_each_row_to_its_own_segment(office):
    [place] = traced(office)
    assert (place["sha256"], place["kind"], place["place"], place["fate"], place["original"]) == (
        DIGEST,
        "835",
        "segment",
        "opened",
        "kept",
    )
    lines = TEXT.split("~\n")
    first = place["number"]
    assert lines[first - 1].startswith("CLP*C-9*")
    assert [(each["number"], each["text"]) for each in place["said"]] == [(n, lines[n - 1] + "~") for n in range(first, first + 7)]
    at = {(each["table"], each["words"].split()[0]): lines[each["number"] - 1] for each in place["made"]}
    assert at["denial", "notice"].startswith("CLP*C-9")
    assert at["service_line", "line"] == "SVC*HC:96365*500*0"
    assert (at["adjustment", "CO-50"], at["adjustment", "PR-204"]) == ("CAS*CO*50*300", "CAS*PR*204*200")


def test_a_trace_tells_nothing_of_the_other_claims_of_the_file(office):
    told = json.dumps(traced(office, "C-8"))
    assert "C-8" in told
    assert "C-9" not in told


def test_a_later_file_about_the_same_case_is_a_place_of_its_own_and_not_of_an_earlier_day(office):
    later = era("C-9 4 500 0 CO*50*500", trace="T-2")
    office.db.with_name("later.835").write_text(later)
    office.do(f"2026-11-26 intake {office.db.with_name('later.835')}")
    assert [place["trace"] for place in office.do("2026-11-26 intake trace C-9 --json").data["places"]] == ["T-1", "T-2"]


def test_a_case_no_file_spoke_of_says_so(offices):
    assert "No file" in offices.after(*opened()).do(f"{DAY} intake trace 1").out


@pytest.mark.parametrize("form", ["as it is", "with CRLF", "UTF-16", "wrapped"])
def test_the_place_is_found_again_however_the_file_is_written(offices, form):
    text = {
        "with CRLF": TEXT.replace("\n", "\r\n"),
        "wrapped": "\r\n".join(TEXT.replace("\n", "")[at : at + 80] for at in range(0, 2000, 80)),
    }
    office = offices.after()
    take(office, TEXT.encode("utf-16") if form == "UTF-16" else text.get(form, TEXT))
    [place] = traced(office)
    assert place["said"][0]["text"].startswith("CLP*C-9*4*500*0")
    assert place["said"][-1]["text"].startswith("CAS*PR*204*200")


def test_the_original_comes_back_byte_for_byte_after_an_entry_for_everybody_in_it(office, tmp_path):
    office.do(f"{DAY} intake original {DIGEST[:8]} --out {tmp_path / 'back.835'}")
    assert (tmp_path / "back.835").read_bytes() == TEXT.encode()
    with office.store() as store:
        *_, last = store.events()
        assert json.loads(last.text)["facts"] == {"sha256": DIGEST}
        assert json.loads(last.text)["patient"] == store.situation("C-9").patient.id
    assert office.say(f"{DAY} intake original {DIGEST} --out {tmp_path / 'back.835'}").code == 73
    assert office.say(f"{DAY} intake original abc --out {tmp_path / 'x'}").code == 10
    assert office.say(f"{DAY} intake original 00000000 --out {tmp_path / 'x'}").code == 10


def test_a_file_that_is_about_nobody_on_file_is_given_out_after_an_entry_without_a_patient(offices, tmp_path):
    office = offices.after()
    text = era("P-1 1 100 100", paid="100")
    take(office, text)
    office.do(f"{DAY} intake original {hashlib.sha256(text.encode()).hexdigest()} --out {tmp_path / 'back.835'}")
    with office.store() as store:
        last = json.loads([*store.events()][-1].text)
    assert (last["kind"], last["name"], last["patient"]) == ("read", "intake-original", None)


def test_a_file_of_many_pieces_comes_back_whole(offices, tmp_path):
    office = offices.after()
    noise = random.Random(1).randbytes(PIECE).hex()  # noqa: S311 - nothing secret
    text = TEXT.replace("LX*1~", "LX*1~\n" + "".join(f"REF*EV*{noise[at : at + 4000]}~\n" for at in range(0, len(noise), 4000)))
    take(office, text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    office.do(f"{DAY} intake original {digest} --out {tmp_path / 'back.835'}")
    assert (tmp_path / "back.835").read_bytes() == text.encode()
    with closing(best_driver().connect(office.db)) as connection:
        assert connection.execute("SELECT count(*) FROM original").fetchone() == (3,)
    assert traced(office)[0]["said"][0]["text"].startswith("CLP*C-9")


DAMAGE = {
    "a byte changed": "UPDATE original SET content = zeroblob(length(content))",
    "cut short": "UPDATE original SET content = substr(content, 1, length(content) - 9)",
    "another file": "UPDATE original SET content = x'" + zlib.compress(b"ISA*another").hex() + "'",
    "a piece missing": "UPDATE original SET position = 1",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_original_is_named_by_every_command_and_never_given_out(office, tmp_path, statement):
    run_sql(office, statement)
    [place] = traced(office, code=3)
    assert (place["original"], place["said"], place["sha256"]) == ("damaged", [], DIGEST)
    answer = office.say(f"{DAY} intake original {DIGEST} --out {tmp_path / 'back.835'}")
    assert (answer.code, "DAMAGED" in answer.out, list(tmp_path.iterdir())) == (3, True, [])
    piped = office.say(f"{DAY} intake original {DIGEST} --out -")
    assert (piped.code, piped.out, "DAMAGED" in piped.err) == (3, "", True)
    doctor = office.say(f"{DAY} doctor")
    assert (doctor.code, f"file {DIGEST[:12]}" in doctor.out) == (3, True)


def test_a_file_of_an_older_program_says_that_its_bytes_were_not_kept(office, tmp_path):
    run_sql(office, "DELETE FROM original")
    [place] = traced(office)
    assert (place["original"], place["number"] > 0) == ("not kept", True)
    assert office.say(f"{DAY} intake original {DIGEST} --out {tmp_path / 'back.835'}").code == 3
    assert office.do(f"{DAY} doctor").code == 0


def test_a_refused_file_and_a_dry_run_keep_nothing(offices, tmp_path):
    office = offices.after()
    (tmp_path / "a.835").write_text(TEXT)
    (tmp_path / "b.gz").write_bytes(gzip.compress(TEXT.encode())[:-9])
    office.do(f"{DAY} intake {tmp_path / 'a.835'} --dry-run")
    assert office.say(f"{DAY} intake {tmp_path / 'b.gz'}").code == 30
    assert office.everything()["original"] == []


def test_bytes_that_changed_while_they_were_read_are_refused_and_nothing_is_written(offices, monkeypatch):
    from appeals.services import take_in

    office = offices.after()
    before = office.everything()
    monkeypatch.setattr(take_in, "_digest", lambda stream: ("0" * 64, len(stream.read())))
    answer = take(office, TEXT)
    assert (answer.code, "changed while it was read" in answer.err) == (30, True)
    assert office.everything() == before


CSV = b'\xef\xbb\xbfclaim,note\nC-1,"two\nlines"\nC-2,one\nC-3,"never closed\n'
CLAIMS = [
    f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'CLINIC':<15}*ZZ*{'PAYER':<15}*261104*1200*^*00501*000000001*0*T*:",
    "GS*HC*CLINIC*PAYER*20261104*1200*1*X*005010X222A1", "ST*837*0001", "HL*1**22*0", "CLM*A*10", "LX*1", "SV1*HC:96365*10", "HL*2**22*0",
    "CLM*B*20", "LX*1", "SE*8*0001",
]  # fmt: skip


def said(content: bytes, place: str, *wanted: int) -> dict[int, list[str]]:
    return {at: [text for _, text in parts] for at, parts in places.said_at(io.BytesIO(content), place, wanted).items()}


def test_a_line_of_a_table_is_found_with_the_lines_its_quotes_reach_over():
    assert said(CSV, "line", 1, 2, 4) == {1: ["claim,note"], 2: ['C-1,"two', 'lines"'], 4: ["C-2,one"]}
    assert said(CSV, "line", 5, 99) == {5: ['C-3,"never closed']}


def test_a_claim_on_its_way_to_a_payer_is_found_with_its_lines_and_without_the_next():
    assert said("~".join([*CLAIMS, ""]).encode(), "segment", 5, 9) == {
        5: ["CLM*A*10~", "LX*1~", "SV1*HC:96365*10~"],
        9: ["CLM*B*20~", "LX*1~"],
    }


def test_a_place_nobody_can_find_again_has_nothing():
    assert (
        said(CSV, "resource", 1)
        == said(b'{"id": 1}', "resource", 2)
        == said(CSV, "segment", 1)
        == said("~".join(CLAIMS).encode(), "segment", 40)
        == {}
    )


# What a place says of others is not shown


def plb(*pieces: str) -> str:
    return "*".join(("PLB", "1234567893", "20261231", *pieces))


def test_a_takeback_is_traced_to_its_own_piece_of_a_segment_that_names_other_claims(office):
    beside = plb("WO:OTHER-1", "20", "WO:C-9 OTHER-2 C-8X", "55", "72:OTHER-3", "0", "WO:OTHER-4", "55")
    take(office, era("P-1 1 100 100", paid="-30", plb=beside, trace="T-3"), "plb.835")
    [_, place] = traced(office)
    assert (place["fate"], place["paid_cents"]) == ("proposed", -5500)
    [said] = place["said"]
    assert said["number"] == place["number"]
    assert said["text"] == "PLB*1234567893*20261231*…*…*WO:C-9 … …*55*…*…*…*…~"
    assert "OTHER" not in office.do(f"{DAY} intake trace C-9").out


@pytest.mark.parametrize("terminator", ["~", "\n"])
def test_the_last_piece_of_a_takeback_is_shown_whatever_ends_the_segment(offices, terminator):
    office = offices.after()
    take(office, TEXT)
    both = era(plb=plb("WO:C-8", "10", "WO:C-9", "5.50"), paid="-15.50", trace="T-3")
    take(office, both if terminator == "~" else both.replace("~\n", "\n"), "plb.835")
    end = terminator.strip()
    assert traced(office)[-1]["said"][0]["text"] == f"PLB*1234567893*20261231*…*…*WO:C-9*5.50{end}"
    assert traced(office, "C-8")[-1]["said"][0]["text"] == f"PLB*1234567893*20261231*WO:C-8*10*…*…{end}"


def test_a_quote_inside_a_cell_does_not_bring_the_next_patients_row():
    rows = b'claim,note,charge\nC-1,a 5" tube,10\nC-2,next one,20\nC-3,,30\n'
    assert said(rows, "line", 2, 3) == {2: ['C-1,a 5" tube,10'], 3: ["C-2,next one,20"]}
    swallowed = b'claim,note,charge\nC-1,"a "tube,10\nC-2,"next one",20\n'
    assert said(swallowed, "line", 2) == {2: ['C-1,"a "tube,10']}


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_are_counted_as_the_reader_counts_them_whatever_ends_them(end):
    rows = end.join(("claim,note", 'C-1,"one\rtwo"', "C-2,x", "")).encode()
    assert said(rows, "line", 2, 4) == {2: ['C-1,"one', 'two"'], 4: ["C-2,x"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
def test_a_line_of_a_table_is_shown_in_its_own_letters(encoding):
    assert said("claim,name\r\nC-1,NUÑEZ ਊ\r\n".replace("ਊ", "" if "1252" in encoding else "ਊ").encode(encoding), "line", 2)[2][
        0
    ].startswith("C-1,NUÑEZ")


def test_a_place_inside_a_claim_is_shown_to_its_end_and_never_into_the_next():
    assert said(TEXT.encode(), "segment", 13) == {13: ["SVC*HC:96365*700*0~", "DTM*472*20261102~", "CAS*CO*50*700~"]}


REPORTS = [
    CLAIMS[0], "GS*HN*A*B", "ST*277*1", "HL*1**PT*0", "NM1*QC*1*ONE", "TRN*2*A", "STC*A2:20", "REF*1K*I-1", "TRN*2*B", "STC*A7:21",
    "HL*2**PT*0", "TRN*2*C", "STC*A2:20", "SE*11*1",
]  # fmt: skip


def test_a_report_is_shown_without_the_next_claim_of_its_patient_and_without_the_next_patient_though_nobody_names_that_one():
    assert said("~".join([*REPORTS, ""]).encode(), "segment", 5, 9, 12) == {
        5: ["NM1*QC*1*ONE~", "TRN*2*A~", "STC*A2:20~", "REF*1K*I-1~"],
        9: ["TRN*2*B~", "STC*A7:21~"],
        12: ["TRN*2*C~", "STC*A2:20~"],
    }


# An explanation of benefits is shown by its place


EOBS = {
    "a bundle": bundle(denied(own="eob-2", number="OTHER"), *PEOPLE, denied()),
    "NDJSON": ndjson(denied(own="eob-2", number="OTHER"), *PEOPLE, denied()),
    "an array": "[" + ",".join(ndjson(denied(own="eob-2", number="OTHER"), *PEOPLE, denied()).splitlines()) + "]",
    "UTF-16": bundle(denied(own="eob-2", number="OTHER"), *PEOPLE, denied()).encode("utf-16"),
}


@pytest.mark.parametrize("shape", EOBS)
def test_an_explanation_of_benefits_is_shown_alone_as_it_was_written(offices, shape):
    office = offices.after()
    take(office, EOBS[shape], "eob.json")
    [place] = traced(office)
    assert (place["kind"], place["place"], place["number"]) == ("fhir", "resource", 2 + len(PEOPLE))
    shown = "\n".join(each["text"] for each in place["said"])
    assert json.loads(shown) == json.loads(written(denied()))
    assert "500.00" in shown
    assert len(place["said"]) > 5
    assert {each["number"] for each in place["said"]} == {place["number"]}
    assert "OTHER" not in shown


def test_a_long_explanation_of_benefits_is_shown_in_bounds():
    long = {"resourceType": "ExplanationOfBenefit", "note": "x" * 5000, "item": [{"sequence": n, "code": "y" * 120} for n in range(3000)]}
    [shown] = said(json.dumps(long).encode(), "resource", 1).values()
    assert (len(shown), shown[-1]) == (places.MOST + 1, "…")
    assert max(map(len, shown)) < 500


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=60),
        lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
        max_leaves=20,
    )
)
def test_what_is_shown_of_json_is_that_json(value):
    [shown] = said(json.dumps({"id": value}).encode(), "resource", 1).values()
    assert json.loads("\n".join(shown)) == {"id": value}
