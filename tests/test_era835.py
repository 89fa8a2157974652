"""The remittance reader: what it gives, what it leaves for a person, and that nothing in a file is lost without a word."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from dataclasses import is_dataclass
from datetime import date
from pathlib import Path

import pytest
from golden.make835 import FULL, GOLDEN, REVERSAL, SPOILT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appeals import codes
from appeals.errors import FileRefused
from appeals.intake import era835
from appeals.intake.amounts import cents, day, decimal_text
from appeals.intake.claim835 import dated
from appeals.intake.clinic835 import NPI, remittance
from appeals.intake.findings import denied
from appeals.intake.remittance import (
    NO_CODE,
    Adjustment,
    Caution,
    Claim,
    ClaimProblem,
    Interchange,
    Line,
    Name,
    ProviderAdjustment,
    Transaction,
)
from appeals.intake.write835 import USUAL, Payment, write
from appeals.intake.x12 import Delimiters

HERE = Path(__file__).parent / "golden"
CODES = codes.load()
HEAD = Interchange(1, "PAYER", "CLINIC", "261120", "000000001", "P")
PAID = Transaction(
    0, "0001", "I", 0, "ACH", dated("BPR16", "20261121"), "TRACE-1", dated("405", "20261120"), "HEALTH", "60001", "CLINIC", NPI
)


def items_of(data):
    return list(era835.read(io.BytesIO(data if isinstance(data, bytes) else data.encode("latin-1"))))


def file_of(*claims, settled=(), amount=None, **how):
    numbered = tuple(claim._replace(position=at) for at, claim in enumerate(claims, 1))
    paid = sum(c.paid_cents or 0 for c in claims) - sum(s.amount_cents or 0 for s in settled) if amount is None else amount
    return write(HEAD, [Payment(transaction=PAID._replace(amount_cents=paid), claims=numbered, settled=settled)], **how)


def claim_of(charge=10_000, paid=0, *adjustments, status="1", lines=(), **more):
    return Claim(0, 1, "C-1", status, charge, paid, None, adjustments=adjustments, lines=lines, **more)


def of(kind, items):
    return [item for item in items if isinstance(item, kind)]


def kinds(items):
    return [item.kind for item in of(Caution, items)]


def bare(claim):
    """A claim without the places it was read from."""
    return claim._replace(segment=0, position=0, lines=tuple(line._replace(segment=0) for line in claim.lines))


# Amounts and dates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("100", 10_000), ("100.5", 10_050), (".5", 50), ("-3.00", -300), ("0", 0), ("-0", 0), ("5.", 500), ("007.10", 710), ("-.01", -1)],
)
def test_an_amount_is_read_to_the_cent(text, value):
    assert cents(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "--5",
        "1.005",
        "1,234.50",
        "1,234.5O",
        "$5",
        "5-",
        "+5",
        "1e3",
        "1_000",
        " 5",
        "٣",
        "²",
        "NaN",
        "inf",
        "1" * 11,
        "1.2.3",
    ],
)
def test_what_is_no_amount_is_never_guessed(text):
    assert cents(text) is None


@given(st.integers(1 - 10**12, 10**12 - 1))
def test_every_amount_written_is_read_back(amount):
    assert cents(decimal_text(amount)) == amount


@pytest.mark.parametrize("text", ["20002316", "2026112", "261120", "20260230", "", "2026112X", "٢٠٢٦١١٢٠", "20261120-2026"])
def test_a_text_that_is_no_day_has_no_date(text):
    assert day(text) is None


def test_a_range_of_days_begins_on_its_first():
    assert day("20261120-20261122") == date(2026, 11, 20)


def test_an_unreadable_date_keeps_its_text_and_is_reported():
    items = items_of(file_of(claim_of(dates=(dated("232", "20002316"),))))
    [claim] = of(Claim, items)
    assert claim.dates[0].raw == "20002316" and claim.dates[0].on is None
    assert "date" in kinds(items)


# Reading back what was written ----------------------------------------------------------------------------------

words = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-&/ "), max_size=12).map(str.strip) | st.sampled_from(
    ["ISA", "ST", "IEA", "LISA"]
)
said = words.filter(bool)
code = st.from_regex(r"[A-Z]{0,2}[0-9]{1,4}", fullmatch=True)
procedure = st.sampled_from(["", "HC:99213", "HC>J3490>25", "NU:0250"])
money = st.integers(-99_999_999, 99_999_999)
on = st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(lambda when: f"{when:%Y%m%d}") | st.just("20002316") | st.just("")
days = st.builds(dated, st.sampled_from(["232", "233", "472", "050"]), on)
adjustment = st.builds(Adjustment, st.sampled_from(["CO", "PR", "OA", "PI", "CR"]), code, money, st.sampled_from(["", "1", "2.5"]))
some = {"max_size": 3}
line = st.builds(
    Line, st.just(0), procedure.filter(bool), money, money, code | st.just(""), st.sampled_from(["", "1", "-2", "3.5"]),
    st.lists(days, **some).map(tuple),
    st.lists(adjustment, max_size=8).map(tuple), st.lists(code, **some).map(tuple), words,
)  # fmt: skip
person = st.builds(Name, words, words, words, words, words)
claims = st.builds(
    Claim, st.just(0), st.just(0), said, st.sampled_from(["1", "2", "3", "4", "19", "22", "25"]), money, money, st.none() | money,
    words, words, words, st.sampled_from(["", "1", "7"]), person, person, person, person, st.lists(adjustment, max_size=8).map(tuple),
    st.lists(code, max_size=7).map(tuple), st.lists(days, **some).map(tuple), st.lists(st.tuples(said, words), **some).map(tuple),
    st.lists(line, **some).map(tuple),
)  # fmt: skip
delimiters = st.builds(
    Delimiters,
    st.sampled_from("*|+\x1c\t"),
    st.sampled_from(":>\x1f"),
    st.sampled_from("^\x1e{"),
    st.sampled_from(["~", "\n", "\x1d", "'", "\x85", "!"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(claims, max_size=4), st.lists(money, **some), delimiters, st.sampled_from(["", "\n", "\r\n"]),
    st.sampled_from([0, 60, 80, 133]), st.sampled_from(["latin-1", "utf-8", "utf-8-sig", "utf-16"]),
)  # fmt: skip
def test_whatever_is_written_is_read_back_equal(written, takebacks, chosen, line_end, wrap, codec):
    if codec.startswith("utf-8") and chosen.terminator == "\x85":
        chosen = chosen._replace(terminator="~")  # in UTF-8 it would be two bytes, which no ISA can declare
    if chosen.terminator == "\n":
        wrap = 0
    settled = tuple(ProviderAdjustment(0, NPI, dated("PLB02", "20261231"), "WO:1", amount) for amount in takebacks)
    items = items_of(file_of(*written, settled=settled, delimiters=chosen, line_end=line_end, wrap=wrap).encode(codec))
    assert [bare(claim) for claim in of(Claim, items)] == [bare(claim) for claim in written]
    assert [entry.amount_cents for entry in of(ProviderAdjustment, items)] == takebacks
    assert of(ClaimProblem, items) == []
    assert set(kinds(items)) <= {"layout", "date", "claim_balance", "line_balance"}
    [transaction] = of(Transaction, items)
    assert transaction._replace(segment=0, amount_cents=0) == PAID


# Files that break off, and worse ---------------------------------------------------------------------------------

SMALL = file_of(
    FULL._replace(claim_number="CUT-1"), REVERSAL._replace(claim_number="CUT-2"), SPOILT._replace(claim_number="CUT-3"), line_end="\r\n"
)
WHOLE = {claim.claim_number: claim for claim in of(Claim, items_of(SMALL))}


@pytest.mark.parametrize("start", range(8))
def test_a_file_cut_at_any_byte_loses_no_claim_it_begins(start):
    for size in range(start, len(SMALL), 8):
        piece = SMALL[:size]
        try:
            items = items_of(piece)
        except FileRefused:
            assert "ST*835*0001~" not in piece
            continue
        left = of(ClaimProblem, items)
        begun = [part.split("*")[0] for part in piece.split("CLP*")[1:]]
        assert [claim.claim_number for claim in of(Claim, items)] + [one.claim.claim_number for one in left] == [
            n.rstrip("~\r\n") for n in begun
        ]
        for claim in of(Claim, items):
            whole = WHOLE[claim.claim_number]
            assert claim == whole or "trailer" in kinds(items)
            assert (claim.charge_cents, claim.paid_cents) == (whole.charge_cents, whole.paid_cents)
        if piece.rstrip("~\r\n") != SMALL.rstrip("~\r\n"):
            assert {"cut", "trailer"} & set(kinds(items)) or left


def test_a_claim_that_ends_with_the_file_and_does_not_add_up_is_left_for_a_person():
    cut = SMALL[: SMALL.index("SVC*N4")]
    [problem] = of(ClaimProblem, items_of(cut))
    assert problem.claim.claim_number == "CUT-1" and "ends before the end of this claim" in problem.message


@pytest.mark.parametrize("behind", ["SE*", "PLB*1234567893*2026", "LX*", "CLP*NEX"])
def test_a_cut_behind_a_claim_does_not_spoil_the_claim(behind):
    text = file_of(claim_of(100, 100))
    items = items_of(text[: text.index("SE*")] + behind)
    assert [claim.claim_number for claim in of(Claim, items)] == ["C-1"]
    assert [one.claim.claim_number for one in of(ClaimProblem, items)] == (["NEX"] if behind.startswith("CLP") else [])
    assert "cut" in kinds(items)


def test_only_the_last_terminator_missing_is_no_fault():
    assert kinds(items_of(file_of(claim_of(100, 100))[:-1])) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.binary(max_size=4), st.integers(0, 6)), min_size=1, max_size=6))
def test_a_spoilt_file_gives_values_or_is_refused_and_never_fails_otherwise(spoils):
    data = SMALL.encode()
    for at, noise, lost in spoils:
        data = data[:at] + noise + data[at + lost :]
    try:
        items = items_of(data)
    except FileRefused as refused:
        assert refused.hint
        return
    assert all(isinstance(item, tuple) or is_dataclass(item) for item in items)
    json.dumps([plain(item) for item in items])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("CLP*C-1*1*100*", "CLP*C-1*1*1OO*", "CLP03 (charge) is not an amount"),
        ("CLP*C-1*1*100*0", "CLP*C-1*1*100*0.001", "CLP04 (payment) is not an amount"),
        ("CLP*C-1*1*100*0", "CLP*C-1*1*100", "CLP04 (payment) is missing"),
        ("CAS*CO*50*100", "CAS*CO*50*1e2", "CAS03 (adjustment amount) is not an amount"),
        ("CAS*CO*50*100", "CAS*CO*50*100**45*x", "CAS06 (adjustment amount) is not an amount"),
        ("CAS*CO*50*100", "CAS*CO*50", "CAS03 (adjustment amount) is missing"),
        ("SVC*HC:1*100*0", "SVC*HC:1*$100*0", "SVC02 (line charge) is not an amount"),
        ("CLP*C-1*1", "CLP**1", "CLP01 (claim number) is missing"),
    ],
)
def test_a_claim_nobody_can_read_is_left_for_a_person_and_the_rest_is_taken(old, new, says):
    spoilt = claim_of(10_000, 0, lines=(Line(0, "HC:1", 10_000, 0, adjustments=(Adjustment("CO", "50", 10_000),)),))
    good = [claim_of(5_000, 5_000)._replace(claim_number=number) for number in ("A", "B")]
    data = file_of(good[0], spoilt, good[1]).replace(old, new, 1)
    items = items_of(data)
    [problem] = of(ClaimProblem, items)
    assert says in problem.message and new.split("*")[0] in problem.raw
    assert [claim.claim_number for claim in of(Claim, items)] == ["A", "B"]
    assert problem.claim.position == 2 and problem.claim.segment <= problem.segment
    assert "unbalanced" in kinds(items) or "missing" in says


def of_two_patients(charge=10_000, paid=0):
    """Two claims of two people in one file; each is what the other would be read into."""
    off = () if paid else (Adjustment("CO", "50", charge),)
    line = Line(0, "HC:96365", charge, paid, adjustments=off)
    first = claim_of(charge, paid, lines=(line,), patient=Name("EXAMPLE", "ERIN", "", "MI", "M-1"))
    return file_of(first, first._replace(claim_number="C-2", patient=Name("OTHER", "PAT", "", "MI", "M-2")))


@pytest.mark.parametrize("tag", ["clp*C-2", "\x0cCLP*C-2", "\xa0CLP*C-2", "C\x01LP*C-2"])
def test_a_claim_whose_tag_is_small_or_behind_what_nobody_sees_is_a_claim_of_its_own(tag):
    first, second = of(Claim, items_of(of_two_patients().replace("CLP*C-2", tag)))
    assert (first.patient.first, len(first.lines)) == ("ERIN", 1)
    assert (second.patient.first, second.claim_number, len(second.lines)) == ("PAT", "C-2", 1)


@pytest.mark.parametrize("paid", [0, 10_000])
@pytest.mark.parametrize("old", ["CLP*C-2", "NM1*QC*1*OTHER*PAT****MI*M-2~"])
@pytest.mark.parametrize("tag", ["?CLP*C-2", "CPL*C-2", ""])
def test_a_claim_that_another_patients_was_read_into_is_left_for_a_person(paid, old, tag):
    text = of_two_patients(paid=paid)
    if old != "CLP*C-2":
        text, tag = text.replace(old, ""), tag or "?CLP*C-2"
    elif not tag:
        start = text.index("CLP*C-2")
        text = text[:start] + text[text.index("~", start) + 1 :]
    items = items_of(text.replace("CLP*C-2", tag) if tag else text)
    assert not of(Claim, items)
    [left] = of(ClaimProblem, items)
    assert left.claim.claim_number == "C-1" and ("two patients" in left.message or "another claim may begin" in left.message)
    assert "PAT" not in left.message


def test_an_unknown_segment_in_a_claim_that_adds_up_keeps_nothing_out():
    items = items_of(of_two_patients().replace("SVC*", "XYZ*1~SVC*"))
    assert len(of(Claim, items)) == 2 and kinds(items).count("stray") == 2


def test_a_first_claim_whose_tag_nobody_knows_is_left_for_a_person_and_not_lost():
    items = items_of(of_two_patients().replace("CLP*C-1", "C1P*C-1"))
    [left], [taken] = of(ClaimProblem, items), of(Claim, items)
    assert (left.claim.claim_number, left.claim.patient.first, "where a CLP belongs" in left.message) == ("C-1", "ERIN", True)
    assert (taken.claim_number, len(taken.lines)) == ("C-2", 1)


@pytest.mark.parametrize(
    ("reason", "code"),
    [("WO:C-1", "WO"), ("72", "72"), ("EXAMPLE ERIN M1", NO_CODE), ("EXAMPLE:ERIN", NO_CODE), ("W O", NO_CODE), ("", ""), ("ÄÖ", NO_CODE)],
)
def test_a_provider_adjustment_gives_out_a_code_and_no_other_text(reason, code):
    [found] = of(ProviderAdjustment, items_of(file_of(settled=(ProviderAdjustment(0, NPI, dated("PLB02", "20261231"), "WO", 100),))))
    assert found._replace(reason=reason).code == code


@pytest.mark.parametrize("trailer", ["IEA", "GE", "SE"])
def test_a_second_file_behind_a_trailer_without_its_end_is_refused_where_its_isa_cannot_be_read(trailer):
    first, second = file_of(claim_of(10_000, 10_000)), file_of(claim_of(20_000, 20_000)).replace("*", "|").replace("~", "!")
    start = first.index(f"~{trailer}*") + 1
    cut = first[: first.index("~", start)]
    with pytest.raises(FileRefused, match="another file behind this one"):
        items_of(cut + second.replace("|00|", "|0|", 1))
    assert len(of(Claim, items_of(cut + second))) == 2


def test_a_claim_outside_any_transaction_is_left_for_a_person_not_lost():
    data = file_of(claim_of(100, 100)) + "CLP*LOST*4*100*0~"
    [problem] = of(ClaimProblem, items_of(data))
    assert problem.claim.claim_number == "LOST" and "outside any transaction" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("SE*", "SE*9", "se_count"), ("IEA*1*000000001", "IEA*1*9", "trailer"), ("GE*1*", "GE*7*", "group_count"),
        ("SE*9*0001", "SE*9*0007", "trailer"), ("LX*1~", "LX*1~ZZZ*1~", "stray"), ("LX*1~", "LX*1~CAS*CO*50*5~", "stray"),
        ("DTM*405*20261120", "DTM*405*20002316", "date"), ("20261121", "20269921", "date"), ("N1*PR*HEALTH", "N1*PR*HÉALTH", "non_ascii"),
        ("BPR*I*100", "BPR*I*1OO", "amount"), ("BPR*I*100", "BPR*I*99.99", "file_balance"),
    ],
)  # fmt: skip
def test_a_formal_fault_is_said_and_keeps_nothing_out(old, new, kind):
    data = file_of(claim_of(10_000, 10_000))
    assert old in data
    items = items_of(data.replace(old, new, 1))
    assert kind in kinds(items)
    assert len(of(Claim, items)) == 1


def test_an_837_beside_an_835_is_passed_over_and_alone_is_refused():
    mixed = file_of(claim_of(100, 100)).replace("ST*835", "ST*837*9~BHT*0019~CLM*1~SE*4*9~ST*835", 1)
    assert "other_type" in kinds(items_of(mixed)) and len(of(Claim, items_of(mixed))) == 1
    with pytest.raises(FileRefused, match="an 837"):
        items_of(file_of(claim_of(100, 100)).replace("ST*835", "ST*837"))
    with pytest.raises(FileRefused, match="without a transaction"):
        items_of(file_of()[: file_of().index("ST*")])


def test_a_question_to_a_payer_is_refused_by_what_it_is_and_not_by_what_it_is_not():
    with pytest.raises(FileRefused, match="This is a 276") as refused:
        items_of(file_of(claim_of()).replace("ST*835", "ST*276"))
    assert "835" not in refused.value.message
    assert "take in the 277 that answers it" in refused.value.hint


def test_no_message_holds_what_the_file_says_about_a_patient():
    private = Name("SECRETNAME", "HUSH", "", "MI", "SECRETID")
    spoilt = file_of(
        claim_of(patient=private, dates=(dated("232", "2000SECRET"),)), claim_of(1, 2, Adjustment("CO", "50", 1), patient=private)
    )
    for data in (spoilt.replace("CO*50*0.01", "CO*50*SECRET"), spoilt[: spoilt.index("SECRETID") + 4], spoilt.replace("QC", "Q\xc9")):
        for item in items_of(data):
            assert "SECRET" not in getattr(item, "message", "") and "HUSH" not in getattr(item, "message", "")


# Memory ---------------------------------------------------------------------------------------------------------


class Repeated(io.RawIOBase):
    """A remittance of as many claims as one likes that never lies anywhere as a whole."""

    def __init__(self, head, piece, times):
        self.head, self.piece, self.times = head, piece, times

    def read(self, _wanted=-1):
        head, self.head = self.head, b""
        if head or not self.times:
            return head
        self.times -= 1
        return self.piece


def peak_of(stream):
    tracemalloc.start()
    count = sum(isinstance(item, Claim) for item in era835.read(stream))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, peak


def test_a_file_ten_times_as_long_needs_no_more_memory():
    text = file_of(*[claim_of(10_000, 0, Adjustment("CO", "50", 10_000))] * 50)
    head, piece = text[: text.index("CLP*")].encode(), text[text.index("CLP*") : text.index("SE*")].encode()
    peak_of(Repeated(head, piece, 5))  # fills the caches
    few, small = peak_of(Repeated(head, piece, 20))
    many, large = peak_of(Repeated(head, piece, 200))
    assert (few, many) == (1_000, 10_000)
    assert large < small * 1.5


def test_a_claim_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(era835, "MOST_SEGMENTS", 2_000)
    text = file_of(claim_of())
    with pytest.raises(FileRefused, match="more than 2000 segments"):
        list(era835.read(Repeated(text[: text.index("SE*")].encode(), b"SVC*HC:1*1*1~" * 100, 10**6)))


# What is a denial -----------------------------------------------------------------------------------------------


def line_of(*adjustments, charge=10_000, paid=0, remarks=()):
    return Line(0, "HC:J3490", charge, paid, adjustments=adjustments, remarks=remarks)


def test_a_line_is_denied_in_the_sum_of_what_is_not_routine():
    found = denied(
        claim_of(
            20_000, 5_000, status="1",
            lines=(line_of(Adjustment("CO", "45", 1_000), Adjustment("CO", "50", 6_000), Adjustment("CO", "197", 3_000), remarks=("N115",)),
                   line_of(Adjustment("CO", "45", 3_000), Adjustment("PR", "2", 2_000), paid=5_000)),
        ),
        CODES,
    )  # fmt: skip
    assert (found.is_denied, found.denied_cents, found.line_cents, found.claim_cents) == (True, 9_000, (9_000, 0), 0)
    assert found.words == "CO-50, CO-197" and found.category == "medical_necessity"
    assert [(reason.line, reason.rarcs, reason.denied_cents) for reason in found.reasons] == [(1, ("N115",), 6_000), (1, ("N115",), 3_000)]


def test_paid_nothing_because_of_the_deductible_is_no_denial():
    found = denied(claim_of(10_000, 0, Adjustment("PR", "1", 10_000), status="4"), CODES)
    assert not found.is_denied and found.denied_cents == 0


def test_a_denied_claim_without_a_reason_is_denied_for_what_nothing_explains():
    found = denied(claim_of(10_000, 0, Adjustment("CO", "45", 4_000), status="4"), CODES)
    assert (found.is_denied, found.denied_cents, found.words) == (True, 6_000, "denied without a code")
    assert denied(claim_of(10_000, 0, status="4"), CODES).denied_cents == 10_000
    assert not denied(claim_of(10_000, 0, status="1"), CODES).is_denied


def test_an_unknown_code_is_a_denial_and_is_kept():
    found = denied(claim_of(10_000, 0, Adjustment("CO", "ZZ9", 10_000)), CODES)
    assert found.is_denied and found.words == "CO-ZZ9" and found.category == "other"


def test_a_reversal_denies_nothing():
    found = denied(claim_of(-10_000, 0, Adjustment("CO", "50", -10_000), status="22"), CODES)
    assert found.reversal and not found.is_denied


def test_a_price_given_in_advance_is_neither_paid_nor_denied():
    found = denied(claim_of(10_000, 0, Adjustment("CO", "50", 10_000), status="25"), CODES)
    assert found.pending and not found.is_denied


def test_money_taken_back_and_refused_on_one_line_is_counted_once():
    assert not denied(claim_of(0, 0, lines=(line_of(Adjustment("CO", "50", 500), Adjustment("CO", "50", -500)),)), CODES).is_denied


@pytest.mark.parametrize(
    ("status", "order", "forwarded"), [("2", "secondary", False), ("3", "tertiary", False), ("19", "", True), ("20", "secondary", True)]
)
def test_another_payers_claim_is_known_by_its_status(status, order, forwarded):
    found = denied(claim_of(status=status), CODES)
    assert (found.other_payer, found.forwarded) == (order, forwarded)


def test_money_paid_to_the_patient_opens_nothing_and_is_shown():
    found = denied(claim_of(10_000, 0, Adjustment("OA", "100", 10_000)), CODES)
    assert found.to_patient_cents == 10_000 and not found.is_denied


def test_the_notice_date_is_the_earlier_of_payment_and_production():
    assert PAID.notice_date == date(2026, 11, 20)
    assert PAID._replace(paid_on=dated("BPR16", "20261101")).notice_date == date(2026, 11, 1)
    assert PAID._replace(produced_on=dated("405", "20002316")).notice_date == date(2026, 11, 21)
    assert PAID._replace(produced_on=dated("405", ""), paid_on=dated("BPR16", "")).notice_date is None


# What a claim knows of itself -----------------------------------------------------------------------------------


def test_procedures_are_read_with_the_separator_they_were_written_with():
    one, other = Line(0, "HC>55669>59", 0, 0), Line(0, "HC:J3490", 0, 0)
    assert (one.code, one.modifiers, other.code, other.modifiers) == ("55669", ("59",), "J3490", ())
    assert Line(0, "HC", 0, 0).code == "" and Line(0, "", 0, 0).code == ""
    assert (
        ProviderAdjustment(0, "", dated("PLB02", ""), "WO:17", 0).code,
        ProviderAdjustment(0, "", dated("PLB02", ""), "WO:17", 0).reference,
    ) == ("WO", "17")


def test_a_claim_without_service_dates_takes_them_from_its_lines():
    lines = tuple(Line(0, "HC:1", 0, 0, dates=(dated("472", when),)) for when in ("20261103", "20261101"))
    claim = claim_of(lines=lines)
    assert (claim.service_from, claim.service_to) == (date(2026, 11, 1), date(2026, 11, 3))
    assert claim_of(dates=(dated("232", "20261005"),), lines=lines).service_from == date(2026, 10, 5)
    assert claim_of().service_from is None and claim_of().service_to is None


def test_the_member_is_the_patient_else_the_insured():
    assert claim_of(patient=Name(id="P"), insured=Name(id="I")).member_id == "P"
    assert claim_of(insured=Name(id="I")).member_id == "I"
    assert FULL.reference("EA") == "MRN-7" and FULL.reference("XX") == ""


# The clinic of the demonstration --------------------------------------------------------------------------------


def test_the_clinics_remittance_balances_and_holds_a_dozen_denials():
    items = items_of(remittance(date(2026, 11, 20)))
    found = {claim.claim_number: denied(claim, CODES) for claim in of(Claim, items)}
    assert kinds(items) == ["test"] and of(ClaimProblem, items) == []
    assert len(found) == 14 and sum(finding.is_denied for finding in found.values()) == 12
    reasons = {finding.words for finding in found.values() if finding.is_denied}
    assert {"CO-50", "CO-55", "CO-197", "CO-29", "PR-242", "PR-204"} <= reasons
    assert [transaction.notice_date for transaction in of(Transaction, items)] == [date(2026, 11, 20)] * 2


@pytest.mark.parametrize("notice", [date(2024, 2, 29), date(2027, 1, 1)])
def test_the_clinics_remittance_is_the_same_every_time(notice):
    assert remittance(notice) == remittance(notice)
    assert kinds(items_of(remittance(notice))) == ["test"]


def test_the_clinics_provider_number_has_the_right_check_digit():
    digits = [int(digit) for digit in "80840" + NPI]  # the NPI standard: Luhn over the number behind the prefix 80840
    doubled = [sum(divmod(2 * digit, 10)) if at % 2 else digit for at, digit in enumerate(reversed(digits))]
    assert sum(doubled) % 10 == 0


# Golden pairs: UPDATE_GOLDEN=1 writes them anew, the diff is reviewed ---------------------------------------------


def plain(value):
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "_asdict"):
        return {"is": type(value).__name__} | {key: plain(one) for key, one in value._asdict().items()}
    if is_dataclass(value):
        return {"is": type(value).__name__} | {key: plain(getattr(value, key)) for key in ("segment", "message", "raw", "claim")}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_remittance_reads_as_it_always_did(name):
    file, values = HERE / f"{name}.835", HERE / f"{name}.json"
    read = json.dumps([plain(item) for item in items_of(GOLDEN[name]())], indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(GOLDEN[name]())
        values.write_text(read, "utf-8")
    assert file.read_bytes() == GOLDEN[name]()
    assert values.read_text("utf-8") == read


def test_the_delimiters_of_the_writer_are_the_usual_ones():
    assert file_of(claim_of()).startswith("ISA*00*") and USUAL.terminator == "~"
