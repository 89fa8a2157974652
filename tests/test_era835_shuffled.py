"""Remittances as clearing houses garble them: the values are the same or the claim is a person's; nothing is worse than refused."""

from __future__ import annotations

import io
from collections import defaultdict
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from practice import Offices

from appeals.errors import FileRefused
from appeals.ids import Ids
from appeals.intake import era835, x12
from appeals.intake.amounts import decimal_text
from appeals.intake.claim835 import dated
from appeals.intake.remittance import Adjustment, Claim, ClaimProblem, Interchange, Line, Name, ProviderAdjustment, Transaction
from appeals.intake.write835 import USUAL, Payment, write
from appeals.intake.x12 import Delimiters
from appeals.record import Run
from appeals.services import take_in

TODAY = date(2026, 11, 24)
IDS = Ids(clock=lambda: datetime.now(UTC))
QUIET = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
HEAD = Interchange(1, "PAYER", "CLINIC", "261120", "000000001", "P")
SILENT = ("AMT*AU*100", "QTY*CA*1", "PER*CX**TE*8005550100", "REF*CE*PLAN", "MOA", "NTE*ADD*SAID", "K3*SAID")

# What is written ------------------------------------------------------------------------------------------------

said = st.text(st.sampled_from("ABCDEFGHJKMNPQRSTUVWXYZ0123456789"), min_size=2, max_size=10)
cents = st.integers(0, 999_999)
day = st.dates(date(2025, 1, 1), date(2026, 11, 20)).map(lambda when: f"{when:%Y%m%d}")
adjustment = st.builds(
    Adjustment,
    st.sampled_from(["CO", "PR", "OA", "PI", "CR"]),
    st.sampled_from(["1", "2", "45", "50", "97", "193", "23", "100", "ZZ9"]),
    cents,
    st.just(""),
)


@st.composite
def lines(draw):
    """A line that adds up."""
    off = tuple(draw(st.lists(adjustment, max_size=7)))
    paid = draw(cents)
    charge = paid + sum(one.amount_cents for one in off)
    dates = (dated("472", draw(day)),)
    remarks = tuple(draw(st.lists(st.sampled_from(["N115", "M62", "MA01"]), max_size=2)))
    return Line(0, "HC:" + draw(st.sampled_from(["96365", "J3490", "99214"])), charge, paid, "", "1", dates, off, remarks, draw(said))


@st.composite
def claims(draw):
    """A claim that adds up, its own adjustments among them."""
    of_lines, off = tuple(draw(st.lists(lines(), max_size=3))), tuple(draw(st.lists(adjustment, max_size=3)))
    paid = sum(line.paid_cents for line in of_lines) if of_lines else draw(cents)
    charge = paid + sum(one.amount_cents for one in (*off, *(a for line in of_lines for a in line.adjustments)))
    status = "4" if not paid and draw(st.booleans()) else draw(st.sampled_from(["1", "2", "3", "19", "20", "21", "22", "25"]))
    sign = -1 if status == "22" else 1
    who = Name(draw(said), draw(said), "", "MI", draw(said))
    bare = Claim(
        0, 0, draw(said), status, charge, paid, None, "12", draw(said), "11", "1", patient=who, adjustments=off,
        dates=(dated("232", draw(day)),), references=(("EA", draw(said)),), lines=of_lines,
    )  # fmt: skip
    return bare if sign > 0 else _negative(bare)


def _negative(claim):
    """The claim as a reversal has it: every amount with the other sign."""

    def turned(offs):
        return tuple(one._replace(amount_cents=-one.amount_cents) for one in offs)

    of_lines = tuple(
        line._replace(charge_cents=-line.charge_cents, paid_cents=-line.paid_cents, adjustments=turned(line.adjustments))
        for line in claim.lines
    )
    return claim._replace(
        charge_cents=-claim.charge_cents, paid_cents=-claim.paid_cents, adjustments=turned(claim.adjustments), lines=of_lines
    )


@st.composite
def payments(draw):
    """Up to three payments that balance, of payers with names of their own."""
    found = []
    for at in range(draw(st.integers(1, 3))):
        of_it = tuple(claim._replace(position=n) for n, claim in enumerate(draw(st.lists(claims(), max_size=3)), 1))
        settled = tuple(
            ProviderAdjustment(0, "1234567893", dated("PLB02", "20261231"), "WO:X1", amount) for amount in draw(st.lists(cents, max_size=2))
        )
        amount = sum(claim.paid_cents for claim in of_it) - sum(one.amount_cents for one in settled)
        head = Transaction(
            0, f"{at + 1:04d}", "I", amount, "ACH", dated("BPR16", "20261121"), f"T{at}{draw(said)}", dated("405", "20261120"),
            f"PAYER {at}", f"7700{at}", "CLINIC", "1234567893",
        )  # fmt: skip
        found.append(Payment(transaction=head, claims=of_it, settled=settled))
    return found


# How it is garbled ----------------------------------------------------------------------------------------------


def shuffled(draw, segments):
    """The segments with those that may stand in any order shuffled, and silent ones strewn among them."""
    out, held = [], []
    for segment in segments:
        tag = segment.split("*")[0]
        if tag in ("NM1", "REF", "DTM", "CAS", "LQ", "MOA", "TRN", "N1"):
            held.append(segment)
            continue
        inside = out and out[-1].split("*")[0] in ("CLP", "SVC")
        strewn = draw(st.lists(st.sampled_from(SILENT), max_size=2)) if inside else []
        out += [*draw(st.permutations([*held, *strewn])), segment]
        held = []
    return [*out, *held]


@st.composite
def garbled(draw):
    """(payments, the file's bytes): other delimiters, ends of lines, encodings, indents, blank lines, text around it."""
    written = draw(payments())
    text = write(HEAD, written)
    segments = shuffled(draw, text.split("~")[:-1])
    count = 0
    for at, segment in enumerate(segments):  # the numbers in the trailers stay true
        count = 1 if segment.startswith("ST*") else count + 1
        if segment.startswith("SE*"):
            segments[at] = f"SE*{count}*{segment.split('*')[2]}"
    chosen = Delimiters(*draw(st.sampled_from(["*:^~", "|>^~", "*:^\n", "\x1d\x1f\x1e\x1c", "+:^'", "*>!~"])))
    end = "" if chosen.terminator == "\n" else draw(st.sampled_from(["", "\n", "\r\n", "\r\n\r\n", "\n  "]))
    swapped = str.maketrans({old: new for old, new in zip(USUAL[:3], chosen[:3], strict=True) if old != new})
    body = "".join(segment.translate(swapped) + chosen.terminator + end for segment in segments)
    if not end and chosen.terminator != "\n" and draw(st.booleans()):
        body = "\r\n".join(body[at : at + 80] for at in range(0, len(body), 80))
    before, behind = (
        draw(st.sampled_from(["", "\r\n\r\n", "Content-Type: text/plain\r\n\r\n"])),
        draw(st.sampled_from(["", "\0\0", "\x1a", "\n\n"])),
    )
    return written, (before + body + behind).encode(draw(st.sampled_from(["latin-1", "utf-8-sig", "utf-16"])))


def values(claim):
    """What a claim says, whatever the order it says it in and the place it stands."""
    told = {name: sorted(getattr(claim, name), key=repr) for name in ("adjustments", "remarks", "dates")}
    own = sorted(pair for pair in claim.references if pair[0] == "EA")
    of_lines = [
        line._replace(
            segment=0,
            procedure=line.code,
            **{name: tuple(sorted(getattr(line, name), key=repr)) for name in ("adjustments", "remarks", "dates")},
        )
        for line in claim.lines
    ]
    return claim._replace(segment=0, position=0, adjustments=(), remarks=(), dates=(), references=(), lines=()), told, own, of_lines


def read(data):
    return list(era835.read(io.BytesIO(data)))


def by_payment(items):
    """The claims and problems under each payment, in order."""
    found = []
    for item in items:
        if isinstance(item, Transaction):
            found.append((item, []))
        elif isinstance(item, Claim | ClaimProblem):
            found[-1][1].append(item)
    return found


@QUIET
@given(garbled())
def test_the_values_of_a_garbled_file_are_those_that_were_written(made):
    written, data = made
    found = by_payment(read(data))
    assert [head._replace(segment=0) for head, _ in found] == [one.transaction for one in written]
    for (_head, got), one in zip(found, written, strict=True):
        assert [values(claim) for claim in got] == [values(claim) for claim in one.claims]


@QUIET
@given(garbled(), st.integers(0, 1_000))
def test_a_garbled_file_that_breaks_off_gives_whole_claims_or_leaves_them_to_a_person(made, where):
    written, data = made
    piece = data[: len(data) * where // 1_000]
    try:
        found = by_payment(read(piece))
    except FileRefused:
        return
    for (head, got), one in zip(found, written, strict=False):
        assert head.control == one.transaction.control
        for item, true in zip(got[:-1], one.claims, strict=False):
            assert values(item) == values(true)
        if got and isinstance(got[-1], Claim):  # the last may lack what no amount depends on
            last, true = got[-1], one.claims[len(got) - 1]
            assert (last.claim_number, last.charge_cents, last.paid_cents) == (true.claim_number, true.charge_cents, true.paid_cents)
            assert sum(a.amount_cents for a in (*last.adjustments, *(a for line in last.lines for a in line.adjustments))) == sum(
                a.amount_cents for a in (*true.adjustments, *(a for line in true.lines for a in line.adjustments))
            )


@QUIET
@given(garbled(), st.lists(st.tuples(st.integers(0, 1_000), st.binary(min_size=1, max_size=3)), min_size=1, max_size=4))
def test_bytes_spoilt_anywhere_give_values_or_a_refusal_and_no_other_error(made, spoils):
    data = bytearray(made[1])
    for where, noise in spoils:
        at = len(data) * where // 1_001
        data[at : at + len(noise)] = noise
    try:
        items = read(bytes(data))
    except FileRefused:
        return
    assert any(isinstance(item, Transaction) for item in items)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Offices(tmp_path_factory.mktemp("garbled")).after().store() as opened:
        yield opened


@settings(QUIET, max_examples=10)
@given(made=garbled())
def test_an_import_of_a_garbled_file_accounts_for_every_claim_and_cent(store, made):
    written, data = made
    ids = {"request_id": IDS.new_id(), "new_id": IDS.new_id, "new_nonce": IDS.new_nonce}
    now = datetime(2026, 11, 24, 17, tzinfo=UTC)
    run = Run(practice=store.practice, recorded_at=now, on=TODAY, actor="ana", dry_run=True, **ids)
    done = take_in.take_in(store, "garbled.835", io.BytesIO(data), run)
    claims_ = [claim for one in written for claim in one.claims]
    for at, total in enumerate((len(claims_), sum(c.charge_cents for c in claims_), sum(c.paid_cents for c in claims_))):
        assert sum(fate[at] for fate in done.fates.values()) == total
    assert done.reconciled.endswith("as the payer paid")


# As somebody else reads it --------------------------------------------------------------------------------------


@pytest.mark.skipif(find_spec("pyx12") is None, reason="pyx12, a reader of X12 by other people, is not installed")
@QUIET
@given(payments(), st.sampled_from(["", "\n", "\r\n"]), st.sampled_from(["*:^~", "|>^~", "\x1d\x1f\x1e\x1c"]))
def test_another_reader_finds_the_same_segments_claims_and_amounts(written, end, chosen):
    x12file = import_module("pyx12.x12file")
    text = write(HEAD, written, delimiters=Delimiters(*chosen), line_end=end)
    theirs = [
        [segment.get_seg_id(), *(element.format() for element in segment.elements)] for segment in x12file.X12Reader(io.StringIO(text))
    ]
    ours = [[segment.tag, *segment.elements] for segment in x12.segments(io.BytesIO(text.encode("latin-1")))]
    assert [each[0] for each in theirs] == [each[0] for each in ours]
    told = defaultdict(list)
    for tag, *elements in theirs:
        told[tag].append([*elements, *[""] * 20])
    items = read(text.encode("latin-1"))
    found = [item for item in items if isinstance(item, Claim)]
    assert [row[:4] for row in told["CLP"]] == [
        [c.claim_number, c.status, decimal_text(c.charge_cents), decimal_text(c.paid_cents)] for c in found
    ]
    assert [row[1:3] for row in told["SVC"]] == [
        [decimal_text(line.charge_cents), decimal_text(line.paid_cents)] for claim in found for line in claim.lines
    ]
    off = [(row[0], row[at], row[at + 1]) for row in told["CAS"] for at in range(1, 19, 3) if row[at]]
    assert off == [
        (one.group, one.carc, decimal_text(one.amount_cents))
        for claim in found
        for one in (*claim.adjustments, *(a for line in claim.lines for a in line.adjustments))
    ]
    assert [row[1] for row in told["BPR"]] == [decimal_text(item.amount_cents) for item in items if isinstance(item, Transaction)]
