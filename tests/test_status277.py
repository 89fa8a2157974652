"""The reader of claim statuses (277CA, 277): what it gives, what it leaves for a person, and what its codes are called."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_claim837 import BATCH, CODE, HEAD, MARKS, SELF, of
from write277 import write277

from appeals.errors import FileRefused
from appeals.intake import claimstatus, status277
from appeals.intake.amounts import cents
from appeals.intake.claim835 import dated
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Transaction
from appeals.intake.status_report import CLAIM, PROVIDER, RECEIVER, Batch, Status, StatusReport
from appeals.intake.x12 import Delimiters

ON = date(2026, 11, 21)
TAKEN, INVALID = Status("A2", "20", "PR", ON, "WQ"), Status("A7", "562", "85", ON, "U")
SHARED = Path(__file__).parents[2] / "shared" / "data" / "277"
SAMPLES = sorted(SHARED.glob("*")) if SHARED.is_dir() else []
ABSENT = pytest.mark.skipif(not SAMPLES, reason="the sample statuses are not there: no folder shared/data/277 beside the project")


def items_of(text):
    return list(status277.read(io.BytesIO(text.encode("latin-1"))))


def report_of(number="C-1", *statuses, control="", days=("20261102", "20261102"), patient=SELF, **more):
    statuses = statuses or (TAKEN,)
    references = (("1K", control),) if control else ()
    if more.get("answer"):
        references += (("EJ", number),)
    dates = (dated("232", days[0]), dated("233", days[1])) if days else ()
    status = f"{statuses[0].category}:{statuses[0].code}"
    claim = Claim(0, 0, number, status, 21_000, None, None, payer_control=control, patient=patient, references=references, dates=dates)
    return StatusReport(claim, CLAIM, **{"trace": number, "statuses": statuses, "received": ON, **more})


def whole_of(*statuses, on=ON, **batch):
    """What is said of everything a submitter sent."""
    status = f"{statuses[0].category}:{statuses[0].code}"
    return StatusReport(Claim(0, 0, "", status, None, None, None), RECEIVER, "BATCH-1", statuses, on, batch=Batch(**batch))


def bare(report):
    """A report without the places it was read from."""
    return report._replace(claim=report.claim._replace(segment=0, position=0))


def asked(report, trace):
    """The same as the answer to a question, which has a trace of its own."""
    references = (*report.claim.references, ("EJ", report.claim.claim_number))
    return report._replace(answer=True, trace=trace, claim=report.claim._replace(references=references))


STATUSES = st.builds(
    Status,
    st.sampled_from(["A1", "A2", "A3", "A7", "P1", "ZZ"]),
    st.sampled_from(["1", "21", "562"]),
    st.sampled_from(["", "PR", "85"]),
    st.just(ON),
    st.sampled_from(["WQ", "U"]),
    st.just(0),
)
REPORTS = st.builds(
    lambda number, statuses, lines, control, message: report_of(
        number, *statuses, *(status._replace(line=1) for status in lines), control=control, message=message
    ),
    CODE, st.lists(STATUSES, min_size=1, max_size=3), st.lists(STATUSES, max_size=2), st.one_of(st.just(""), CODE),
    st.one_of(st.just(""), CODE),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    reports=st.lists(REPORTS, min_size=1, max_size=4),
    marks=MARKS,
    line_end=st.sampled_from(["", "\n", "\r\n"]),
    wrap=st.sampled_from([0, 80]),
    answer=st.booleans(),
)
def test_what_is_written_is_read_again_whatever_the_delimiters_and_the_wrapping(reports, marks, line_end, wrap, answer):
    if answer:
        reports = [
            each._replace(
                answer=True, trace=f"Q{at}", claim=each.claim._replace(references=(*each.claim.references, ("EJ", each.claim.claim_number)))
            )
            for at, each in enumerate(reports)
        ]
    element, component, repetition, terminator = marks
    delimiters = Delimiters(element, component, repetition, terminator)
    items = items_of(write277(HEAD, BATCH, reports, delimiters=delimiters, line_end=line_end, wrap=wrap))
    assert [bare(item) for item in of(StatusReport, items)] == reports
    assert {item.kind for item in of(Caution, items)} <= {"layout"}
    assert [(t.payer, t.payer_id, t.trace) for t in of(Transaction, items)] == [("HEALTH", "60001", "BATCH-1")]


def test_a_whole_batch_has_no_claim_number_and_names_the_batch_it_answers():
    whole, one = of(StatusReport, items_of(write277(HEAD, BATCH, [whole_of(INVALID), report_of()])))
    assert (whole.level, whole.claim.claim_number, whole.trace, whole.claim.charge_cents) == (RECEIVER, "", "BATCH-1", None)
    assert (one.level, one.claim.claim_number, one.received, one.by_payer) == (CLAIM, "C-1", ON, True)


@pytest.mark.parametrize(
    ("old", "new", "batch"),
    [
        ("~QTY*AA*3~AMT*YY*300~", "~QTY*90*2~QTY*AA*3~AMT*YU*155~AMT*YY*300~", Batch("S1", 5, 45_500)),
        ("*U~", "*U*455~", Batch("S1", 3, 45_500)),
        ("~QTY*AA*3~AMT*YY*300~", "~", Batch("S1", None, None)),
        ("~QTY*AA*3~AMT*YY*300~", "~QTY*AA*three~AMT*YY*3OO~", Batch("S1", None, None)),
        ("~QTY*AA*3~AMT*YY*300~", "~QTY*XX*3~AMT*XX*300~", Batch("S1", None, None)),
    ],
)
def test_a_report_of_a_whole_batch_says_its_submitter_claims_and_charge_where_it_gives_them(old, new, batch):
    text = write277(HEAD, BATCH, [whole_of(INVALID, claims=3, charge_cents=30_000)])
    [found] = of(StatusReport, items_of(text.replace(old, new, 1)))
    assert found.batch == batch


def two_of_one_patient(*reports):
    """The claims of the reports in one level."""
    return re.sub(r"HL\*5.*?(?=TRN)", "", write277(HEAD, BATCH, reports), count=1)


def test_two_claims_of_one_patient_in_one_level_have_each_a_place_of_its_own():
    text = two_of_one_patient(report_of(), report_of("C-2", INVALID))
    assert text.count("*PT*") == 1
    one, other = of(StatusReport, items_of(text))
    assert (one.claim.claim_number, other.claim.claim_number, other.claim.patient) == ("C-1", "C-2", SELF)
    segments = text.split("~")
    assert segments[one.claim.segment - 1].startswith("NM1*QC")
    assert segments[other.claim.segment - 1] == "TRN*2*C-2"


def test_a_clearing_house_is_told_from_the_payer():
    [found] = of(StatusReport, items_of(write277(HEAD, BATCH, [report_of(by_payer=False)])))
    assert not found.by_payer


def test_an_unreadable_charge_and_a_claim_without_a_status_are_left_for_a_person():
    text = write277(HEAD, BATCH, [report_of(), report_of("C-2")])
    [problem] = of(ClaimProblem, items_of(text.replace("WQ*210", "WQ*2l0", 1)))
    assert (problem.claim.claim_number, problem.message) == ("C-1", "STC04 (charge) is not an amount")
    [problem] = of(ClaimProblem, items_of(text.replace("STC*", "NTE*", 1)))
    assert (problem.claim.claim_number, problem.message) == ("C-1", status277.NOTHING_STATED)


def test_a_file_cut_short_anywhere_leaves_its_last_claim_for_a_person_and_gives_each_once():
    text = write277(HEAD, BATCH, [report_of(), report_of("C-2", INVALID, control="ICN-2"), report_of("C-3")])
    segments = text.split("~")
    first = next(at for at, segment in enumerate(segments) if segment.startswith("TRN*2*C-1"))
    for end in range(first + 1, len(segments)):
        items = items_of("~".join(segments[:end]) + "~")
        found = [item for item in items if isinstance(item, StatusReport | ClaimProblem)]
        named = [segment[6:] for segment in segments[:end] if segment.startswith("TRN*2*C-")]
        assert [number for item in found if (number := item.claim.claim_number)] == named
        last_is_whole = re.match("HL|SE|GE|IEA", segments[end - 1]) is not None
        assert isinstance(found[-1], StatusReport) == last_is_whole
        assert all(isinstance(item, StatusReport) for item in found[:-1])


def test_a_file_cut_inside_a_segment_leaves_the_claim_it_cuts_for_a_person():
    text = write277(HEAD, BATCH, [report_of(), report_of("C-2")])
    items = items_of(text[: text.index("DTP*472", text.index("HL*5")) + 9])
    assert [report.claim.claim_number for report in of(StatusReport, items)] == ["C-1"]
    [problem] = of(ClaimProblem, items)
    assert (problem.claim.claim_number, "ask for it again" in problem.message) == ("C-2", True)


def test_a_question_to_a_payer_is_refused_by_name():
    with pytest.raises(FileRefused, match=r"This is a 276 \(claim status request\), not a 277") as refused:
        items_of(write277(HEAD, BATCH, [report_of(answer=True)]).replace("ST*277", "ST*276"))
    assert refused.value.hint == "It is a question to a payer: take in the 277 that answers it."


# What the codes say


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ((TAKEN,), "accepted"),
        ((INVALID,), "rejected"),
        ((TAKEN, INVALID), "rejected"),
        ((TAKEN, INVALID._replace(line=2)), "rejected"),
        ((TAKEN._replace(action="U"),), "rejected"),
        ((INVALID._replace(action="WQ"),), "rejected"),
        ((Status("P1", "20"),), "told"),
        ((Status("F2", "88"),), "refused"),
        ((TAKEN, Status("A4", "35")), "refused"),
        ((Status("ZZ", "1"),), "told"),
        ((Status("A0", "1"),), "told"),
    ],
)
def test_one_rejection_is_enough_and_an_unknown_category_says_nothing(statuses, said):
    assert claimstatus.verdict(statuses) == said


def test_an_unknown_category_is_shown_as_unknown_with_its_codes():
    assert claimstatus.in_words([Status("ZZ", "1", "PR")]) == "ZZ:1:PR unknown category"
    assert claimstatus.in_words([INVALID._replace(line=2)]) == "A7:562:85 rejected, something in it is invalid (line 2)"


# The sample files


def counted(path):
    """Claim levels that state something and their first charges, counted from the segments without our reader."""
    text = path.read_bytes().decode("latin-1").replace("\r", "").replace("\n", "")
    element, terminator = text[3], text[105]
    level, names, charges = "", 0, 0
    fresh = False
    for parts in (part.strip().split(element) for part in text.split(terminator)):
        if parts[0] == "HL":
            level = parts[3]
        elif parts[0] == "TRN" and level in ("PT", "22", "23"):
            names, fresh = names + 1, True
        elif parts[0] == "STC" and level in ("PT", "22", "23") and fresh:
            charges, fresh = charges + (cents(parts[4]) or 0), False
    return names, charges


@ABSENT
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_file_reads_with_the_claims_and_charges_its_segments_have(path):
    with path.open("rb") as stream:
        if "*ST*276" in path.read_text("latin-1") or "ST*276*" in path.read_text("latin-1"):
            with pytest.raises(FileRefused, match="This is a 276"):
                list(status277.read(stream))
            return
        items = list(status277.read(stream))
    reports = of(StatusReport, items)
    claims = [report.claim for report in reports if report.level == CLAIM]
    assert (len(claims), sum(claim.charge_cents or 0 for claim in claims)) == counted(path)
    assert of(ClaimProblem, items) == []
    assert {report.level for report in reports} <= {CLAIM, PROVIDER, RECEIVER}
    assert all(claimstatus.category(status.category).meaning != "unknown category" for report in reports for status in report.statuses)
