"""The reader of claims sent (837): what it gives, what it leaves for a person, and that no claim in a file is lost."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from write837 import write837

from appeals.errors import FileRefused
from appeals.intake import claim837
from appeals.intake.amounts import cents
from appeals.intake.claim835 import dated
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Interchange, Line, Name, Transaction
from appeals.intake.submission import Submission
from appeals.intake.x12 import Delimiters

HEAD = Interchange(1, "CLINIC", "PAYER", "261120", "000000001", "P")
BATCH = Transaction(
    3, "0001", produced_on=dated("BHT04", "20261120"), trace="BATCH-1",
    payer="HEALTH", payer_id="60001", payee="CLINIC", payee_id="1234567893",
)  # fmt: skip
SELF, CHILD = Name("EXAMPLE", "ERIN", "", "MI", "M-1"), Name("EXAMPLE", "KIT")
VISIT = (Line(0, "HC:99214", 21_000, None, "", "1", (dated("472", "20261102"),), control="L1"),)
SHARED = Path(__file__).parents[2] / "shared" / "data" / "837"
SAMPLES = sorted(SHARED.glob("*")) if SHARED.is_dir() else []
ABSENT = pytest.mark.skipif(not SAMPLES, reason="the sample claims are not there: no folder shared/data/837 beside the project")


def items_of(text):
    return list(claim837.read(io.BytesIO(text.encode("latin-1"))))


def of(kind, items):
    return [item for item in items if isinstance(item, kind)]


def sent_of(number="C-1", patient=SELF, lines=VISIT, **more):
    charge = sum(line.charge_cents or 0 for line in lines)
    claim = Claim(
        0, 0, number, "", charge, None, None, filing="CI", facility="11", frequency=more.pop("frequency", "1"),
        patient=patient, insured=SELF, lines=lines, references=more.pop("references", ()), dates=more.pop("dates", ()),
        rendering=more.pop("rendering", Name()),
    )  # fmt: skip
    told = {"kind": "P", "purpose": "CH", "rank": "P", "relation": "18" if patient == SELF else "19", "group": "G-1", "assigned": "Y"}
    original = claim.reference("F8")
    return Submission(claim, **{**told, "original": original, **more})


def bare(sent):
    """A claim without the places it was read from."""
    claim = sent.claim
    lines = tuple(line._replace(segment=0) for line in claim.lines)
    return sent._replace(claim=claim._replace(segment=0, position=0, lines=lines))


# Round trips

CODE = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
MARKS = st.lists(st.sampled_from("*|^~!>+\x1c\x1d\x1e\x1f;&"), min_size=4, max_size=4, unique=True)
LINES = st.builds(
    lambda code, charge, units, day, control: Line(
        0, f"HC:{code}", charge, None, "", str(units), (dated("472", day),), control=control
    ),
    CODE.map(lambda code: f"{code[:4]}1"), st.integers(0, 10**7), st.integers(1, 99), DAYS, st.one_of(st.just(""), CODE),
)  # fmt: skip
PEOPLE = st.builds(Name, CODE, CODE, st.just(""), st.just("MI"), CODE)
SENT = st.builds(
    lambda number, who, insured, lines, codes, frequency, original, born: (
        lambda claim: Submission(
            claim, "P", "CH", "P", "18" if who is None else "19", tuple(codes), claim.reference("F8"), "G-1", "Y", born
        )
    )(
        Claim(
            0, 0, number, "", sum(line.charge_cents for line in lines), None, None, filing="CI", facility="11", frequency=frequency,
            patient=who or insured, insured=insured, lines=tuple(lines), references=(("F8", original),) if original else (),
        )
    ),
    CODE, st.one_of(st.none(), PEOPLE), PEOPLE, st.lists(LINES, min_size=1, max_size=4), st.lists(CODE, max_size=4),
    st.sampled_from("1678"), st.one_of(st.just(""), CODE), st.one_of(st.none(), st.dates(date(1920, 1, 1), date(2026, 1, 1))),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    sent=st.lists(SENT, min_size=1, max_size=4), marks=MARKS, line_end=st.sampled_from(["", "\n", "\r\n"]), wrap=st.sampled_from([0, 80])
)
def test_what_is_written_is_read_again_whatever_the_delimiters_and_the_wrapping(sent, marks, line_end, wrap):
    element, component, repetition, terminator = marks
    delimiters = Delimiters(element, component, repetition, terminator)
    items = items_of(write837(HEAD, BATCH, sent, delimiters=delimiters, line_end=line_end, wrap=wrap))
    assert [bare(item) for item in of(Submission, items)] == list(map(bare, sent))
    assert {item.kind for item in of(Caution, items)} <= {"layout"}
    usual = of(Submission, items_of(write837(HEAD, BATCH, sent)))
    assert [item.claim.position for item in of(Submission, items)] == [item.claim.position for item in usual]
    assert {(t.payer, t.payer_id, t.payee_id, t.trace, t.notice_date) for t in of(Transaction, items)} == {
        ("HEALTH", "60001", "1234567893", "BATCH-1", date(2026, 11, 20))
    }


def test_the_position_of_a_claim_tells_what_is_sent_anew_from_a_repetition():
    def position(sent, batch=BATCH):
        [item] = of(Submission, items_of(write837(HEAD, batch, [sent])))
        return item.claim.position

    [line] = VISIT
    other = [
        sent_of(lines=(line._replace(charge_cents=21_001),)), sent_of(lines=(line._replace(procedure="HC:99213"),)),
        sent_of(lines=(line._replace(dates=(dated("472", "20261103"),)),)), sent_of(frequency="7"), sent_of("C-2"), sent_of(patient=CHILD),
    ]  # fmt: skip
    found = {position(each) for each in other} | {
        position(sent_of()),
        position(sent_of(), BATCH._replace(produced_on=dated("", "20261121"))),
    }
    assert len(found) == len(other) + 2
    assert position(sent_of(), BATCH._replace(trace="BATCH-9", control="0009")) == position(sent_of())


def test_the_batches_of_a_file_are_told_by_number_day_and_submitter_without_its_claims():
    text = write837(HEAD, BATCH, [sent_of()]) + write837(HEAD, BATCH._replace(trace="B-2", produced_on=dated("", "")), [sent_of("C-2")])
    segments = text.split("~")
    one, other = claim837.headings(io.BytesIO(text.encode()))
    assert one == (1 + segments.index("BHT*0019*00*BATCH-1*20261120*1200*CH"), "BATCH-1", date(2026, 11, 20), "S1")
    assert (segments[other.segment - 1], other.trace, other.made) == ("BHT*0019*00*B-2**1200*CH", "B-2", None)
    assert claim837.headings(io.BytesIO(b"no X12")) == ()


@pytest.mark.parametrize("kind", ["P", "I", "D"])
def test_professional_institutional_and_dental_lines_are_read_from_their_own_places(kind):
    revenue = "0510" if kind == "I" else ""
    [line] = VISIT
    sent = sent_of(lines=(line._replace(revenue=revenue),), kind=kind)
    [found] = of(Submission, items_of(write837(HEAD, BATCH, [sent])))
    assert (found.kind, found.claim.lines[0].revenue, found.claim.lines[0].charge_cents) == (kind, revenue, 21_000)


# What hangs where


def test_a_dependant_is_the_patient_and_the_insured_is_kept_beside():
    first, second, third = of(Submission, items_of(write837(HEAD, BATCH, [sent_of(patient=CHILD), sent_of("C-2"), sent_of("C-3", CHILD)])))
    assert (first.claim.patient.first, first.claim.insured.first, first.claim.member_id) == ("KIT", "ERIN", "M-1")
    assert (second.claim.patient.first, third.relation) == ("ERIN", "19")


def test_what_another_payer_answered_is_no_part_of_the_claim():
    [found] = of(Submission, items_of(write837(HEAD, BATCH, [sent_of()])))
    assert (found.original, found.group, found.claim.filing, found.claim.insured.id) == ("", "G-1", "CI", "M-1")


def test_a_statement_period_and_a_line_over_days_give_first_and_last_day():
    text = write837(HEAD, BATCH, [sent_of()]).replace("DTP*472*D8*20261102", "DTP*472*RD8*20261102-20261105")
    [found] = of(Submission, items_of(text))
    assert (found.claim.service_from, found.claim.service_to) == (date(2026, 11, 2), date(2026, 11, 5))
    text = write837(HEAD, BATCH, [sent_of(kind="I")]).replace("~SBR*S", "~DTP*434*RD8*20261101-20261109~SBR*S")
    [found] = of(Submission, items_of(re.sub(r"SE\*\d+", "SE*0", text)))
    assert (found.claim.service_from, found.claim.service_to) == (date(2026, 11, 1), date(2026, 11, 9))


def test_the_batch_is_named_anew_where_payer_or_billing_provider_change():
    one = write837(HEAD, BATCH, [sent_of(), sent_of("C-2"), sent_of("C-3")])
    other = one.replace("PR*2*HEALTH*****PI*60001", "PR*2*SECOND*****PI*60002", 2).replace(
        "PR*2*SECOND*****PI*60002", "PR*2*HEALTH*****PI*60001", 1
    )
    payers = [
        (item.payer if isinstance(item, Transaction) else item.claim.claim_number)
        for item in items_of(other)
        if isinstance(item, Transaction | Submission)
    ]
    assert payers == ["HEALTH", "C-1", "SECOND", "C-2", "HEALTH", "C-3"]


# What cannot be read


def test_an_unreadable_charge_is_left_for_a_person_with_its_text_and_keeps_no_other_out():
    text = write837(HEAD, BATCH, [sent_of(), sent_of("C-2")]).replace("CLM*C-1*210", "CLM*C-1*2l0")
    items = items_of(text)
    [problem] = of(ClaimProblem, items)
    assert (problem.message, problem.claim.claim_number, problem.raw.split("*")[:3]) == (
        "CLM02 (charge) is not an amount",
        "C-1",
        ["CLM", "C-1", "2l0"],
    )
    assert [sent.claim.claim_number for sent in of(Submission, items)] == ["C-2"]


def test_an_unreadable_line_and_a_missing_claim_number_are_left_for_a_person():
    [problem] = of(ClaimProblem, items_of(write837(HEAD, BATCH, [sent_of()]).replace("HC:99214*210", "HC:99214*x")))
    assert "SV102 (line charge) is not an amount" in problem.message
    [problem] = of(ClaimProblem, items_of(write837(HEAD, BATCH, [sent_of(number="")])))
    assert "CLM01" in problem.message


@pytest.mark.parametrize("behind", ["CLM*C-2*", "CLM*C-2*210***11:B:1*Y*A*Y*Y~", "LX*1~SV1*HC:99214*2"])
def test_a_file_cut_short_leaves_its_last_claim_for_a_person_and_takes_the_others(behind):
    text = write837(HEAD, BATCH, [sent_of(), sent_of("C-2")])
    at = text.index("CLM*C-2")
    items = items_of(text[: text.index(behind, at) + len(behind)])
    assert [sent.claim.claim_number for sent in of(Submission, items)] == ["C-1"]
    [problem] = of(ClaimProblem, items)
    assert problem.claim.claim_number == "C-2"
    assert "ask for it again" in problem.message


def test_every_beginning_of_a_file_gives_each_claim_it_holds_exactly_once():
    text = write837(HEAD, BATCH, [sent_of(), sent_of("C-2", CHILD), sent_of("C-3")])
    for end in range(text.index("CLM*"), len(text) + 1):
        items = items_of(text[:end])
        found = [item.claim for item in items if isinstance(item, Submission | ClaimProblem)]
        assert len(found) == len(re.findall(r"~CLM\*", text[:end])), text[end - 20 : end]


def test_lines_that_do_not_come_to_the_charge_are_a_warning():
    [caution] = of(Caution, items_of(write837(HEAD, BATCH, [sent_of()]).replace("CLM*C-1*210", "CLM*C-1*220")))
    assert (caution.kind, caution.message) == ("claim_balance", "the charges of the lines are not the charge of the claim")


def test_a_file_without_an_837_is_refused_by_what_it_is():
    with pytest.raises(FileRefused, match="This is a 277"):
        items_of(write837(HEAD, BATCH, [sent_of()]).replace("ST*837", "ST*277"))


def test_no_caution_and_no_message_holds_patient_data():
    items = items_of(write837(HEAD, BATCH, [sent_of()]).replace("CLM*C-1*210", "CLM*C-1*2l0").replace("20261102", "20261399"))
    said = " ".join(item.message for item in of(Caution, items) + of(ClaimProblem, items))
    assert said
    assert not any(word in said for word in ("EXAMPLE", "ERIN", "M-1"))


# The sample files


def counted(path):
    """Claims and charges of a file, counted from its CLM segments without our reader; None where it has no ISA."""
    text = path.read_bytes().decode("latin-1").replace("\r", "").replace("\n", "")
    at = text.find("ISA")
    if at < 0:
        return None
    element, terminator = text[at + 3], text[at + 105]
    claims = [part.strip().split(element) for part in text.split(terminator) if part.strip().startswith("CLM" + element)]
    return len(claims), sum(cents(claim[2]) for claim in claims)


@ABSENT
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_file_reads_with_the_claims_and_charges_its_segments_have(path):
    wanted = counted(path)
    with path.open("rb") as stream:
        if wanted is None:
            with pytest.raises(FileRefused, match="without its ISA"):
                list(claim837.read(stream))
            return
        items = list(claim837.read(stream))
    claims = [item.claim for item in items if isinstance(item, Submission | ClaimProblem)]
    assert (len(claims), sum(claim.charge_cents for claim in claims)) == wanted
    assert of(ClaimProblem, items) == []
    for sent in of(Submission, items):
        assert sent.claim.patient.last
        assert sent.claim.service_from
        assert sent.diagnoses
        assert sent.claim.lines
