"""Every value of every sample remittance that lies beside the project, against what independent readers found in it."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from appeals.errors import FileRefused
from appeals.intake import era835
from appeals.intake.amounts import cents
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Interchange, ProviderAdjustment, Transaction

DATA = Path(__file__).parents[2] / "shared" / "data"
TRUTH = {path.name.removesuffix(".json"): path for path in sorted((DATA / "truth").glob("835*.json"))}
ABSENT = pytest.mark.skipif(not TRUTH, reason="the sample remittances are not there: no folder shared/data/truth beside the project")


def truth_of(name):
    truth = json.loads(TRUTH[name].read_text("utf-8"))
    if isinstance(truth["data"], str):  # too large to lie there as text
        truth["data"] = json.loads(gzip.decompress(TRUTH[name].with_name(f"{name}.data.json.gz").read_bytes()))
    return truth


def items_of(name):
    folder, file = name.split("__", 1)
    with (DATA / folder / file).open("rb") as stream:
        return list(era835.read(stream))


def transactions_of(items):
    """The items of each transaction: (transaction, [claim or problem], [provider adjustment], [caution])."""
    found = []
    for item in items:
        if isinstance(item, Transaction):
            found.append((item, [], [], []))
        elif found and not isinstance(item, Interchange):
            found[-1][{Claim: 1, ClaimProblem: 1, ProviderAdjustment: 2, Caution: 3}[type(item)]].append(item)
    return found


def claim_of(item):
    return item.claim if isinstance(item, ClaimProblem) else item


def money(text):
    """Cents of an amount of the truth; "?" marks one that nobody can read."""
    return None if text is None or text.startswith("?") else cents(text)


def adjustments(found):
    return [(one.group, one.carc, one.amount_cents) for one in found]


def true_adjustments(rows):
    return [(group, carc, money(amount)) for group, carc, amount in rows]


def dates(found):
    return {one.qualifier: one.raw for one in found}


def compare_claim(claim, true):
    assert {
        "claim_id": claim.claim_number, "status": claim.status, "filing": claim.filing, "icn": claim.payer_control,
        "patient_last": claim.patient.last, "patient_first": claim.patient.first,
        "member_id": claim.patient.id, "insured_id": claim.insured.id,
    } == {key: true[key] or "" for key in (
        "claim_id", "status", "filing", "icn", "patient_last", "patient_first", "member_id", "insured_id",
    )}  # fmt: skip
    assert (claim.charge_cents, claim.paid_cents, claim.patient_cents) == tuple(money(true[k]) for k in ("charge", "paid", "patient_resp"))
    assert adjustments(claim.adjustments) == true_adjustments(true["cas"])
    assert list(claim.remarks) == true["rarc"]
    assert dates(claim.dates) == true["dates"]
    assert len(claim.lines) == len(true["lines"])
    for line, row in zip(claim.lines, true["lines"], strict=True):
        compare_line(line, row)


def compare_line(line, true):
    assert (line.procedure, line.revenue, line.control) == tuple(true[key] or "" for key in ("proc", "rev", "ref6r"))
    assert (line.charge_cents, line.paid_cents) == (money(true["charge"]), money(true["paid"]))
    assert (Decimal(line.units) if line.units else None) == (Decimal(true["units"]) if true["units"] else None)
    assert dates(line.dates) == true["dates"]
    assert adjustments(line.adjustments) == true_adjustments(true["cas"])
    assert list(line.remarks) == true["rarc"]


def compare_transaction(found, true):
    transaction, claims, settled, _ = found
    assert {
        "st02": transaction.control, "bpr01": transaction.handling, "bpr04": transaction.method, "bpr16": transaction.paid_on.raw,
        "trn02": transaction.trace, "dtm405": transaction.produced_on.raw, "payer": transaction.payer, "payer_id": transaction.payer_id,
        "payee": transaction.payee, "payee_id": transaction.payee_id,
    } == {key: true[key] or "" for key in (
        "st02", "bpr01", "bpr04", "bpr16", "trn02", "dtm405", "payer", "payer_id", "payee", "payee_id",
    )}  # fmt: skip
    assert transaction.amount_cents == money(true["bpr02"])
    assert [(one.reason, one.amount_cents) for one in settled] == [(reason, money(amount)) for reason, amount in true["plb"]]
    assert len(claims) == len(true["claims"])
    for item, row in zip(claims, true["claims"], strict=True):
        compare_claim(claim_of(item), row)


def compare_balance(found, true):
    """Which claims, lines and transactions do not add up."""
    _, claims, _, cautions = found
    places = {}
    for number, item in enumerate(claims):
        places[claim_of(item).segment] = (number, None)
        places |= {line.segment: (number, at) for at, line in enumerate(claim_of(item).lines)}
    off = {places[one.segment] for one in cautions if one.kind in ("claim_balance", "line_balance")}
    assert off == {(row["i"], row.get("line")) for row in true["claims_out_of_balance"] if "reason" not in row}
    kinds = {one.kind for one in cautions}
    assert ("file_balance" in kinds, "unbalanced" in kinds) == (true["file_balances"] is False, true["file_balances"] is None)


@ABSENT
@pytest.mark.parametrize("name", TRUTH or ["none"])
def test_every_value_of_a_sample_is_read_as_it_is(name):
    truth = truth_of(name)
    if not truth["n_st"]:
        with pytest.raises(FileRefused):
            items_of(name)
        return
    items = items_of(name)
    assert [
        {"sender": one.sender, "receiver": one.receiver, "date": one.date, "control": one.control, "usage": one.usage, "elem": None}
        for one in items if isinstance(one, Interchange)
    ] == truth["data"]["isa"]  # fmt: skip
    found = transactions_of(items)
    assert len(found) == len(truth["data"]["transactions"]) == truth["n_st"]
    for one, true, balance in zip(found, truth["data"]["transactions"], truth["balance"], strict=True):
        compare_transaction(one, true)
        compare_balance(one, balance)
    statuses = Counter(claim_of(item).status for _, claims, _, _ in found for item in claims)
    assert (sum(statuses.values()), statuses["4"], statuses["22"]) == tuple(
        truth[key] for key in ("n_claims", "n_denied_status4", "n_reversal22")
    )


def counts(items):
    return Counter(type(item).__name__ for item in items)


@ABSENT
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bom-blank-lines", "layout"), ("wrapped-80", "layout"), ("no-trailers", "trailer"), ("wrong-se-count", "se_count"),
        ("non-ascii-name", "non_ascii"),
    ],
)  # fmt: skip
def test_a_file_with_a_formal_fault_is_taken_with_a_warning(name, kind):
    items = items_of(f"835-broken__gen__{name}.835")
    assert (counts(items)["Claim"], counts(items)["ClaimProblem"]) == (60, 0)
    assert {item.kind for item in items if isinstance(item, Caution)} - {"test"} == {kind}


@ABSENT
def test_a_file_doubled_by_accident_gives_every_entry_twice_with_the_same_key():
    found = transactions_of(items_of("835-broken__gen__doubled-file.835"))
    keys = Counter((t.payer, t.trace, c.claim_number, c.payer_control, c.position, c.status) for t, claims, _, _ in found for c in claims)
    assert len(keys) == 60 and set(keys.values()) == {2}


@ABSENT
def test_one_unreadable_amount_leaves_one_claim_for_a_person_with_its_text():
    items = items_of("835-broken__gen__bad-amount.835")
    [problem] = [item for item in items if isinstance(item, ClaimProblem)]
    assert counts(items)["Claim"] == 59
    assert (problem.claim.claim_number, problem.segment) == ("G00000001", 14)
    assert "1,234.5O" in problem.raw and problem.message == "CLP03 (charge) is not an amount"


@ABSENT
def test_the_last_claim_of_a_file_that_breaks_off_is_left_for_a_person():
    items = items_of("835-broken__gen__truncated-mid-segment.835")
    [problem] = [item for item in items if isinstance(item, ClaimProblem)]
    assert counts(items)["Claim"] == 59
    assert problem.claim.claim_number == "G00000060" and problem.raw == "CAS*PR*3"
    assert "ends in the middle of a segment: ask for it again, a resend is safe" in problem.message


@ABSENT
@pytest.mark.parametrize(("name", "what"), [("empty", "an empty file"), ("html-error-page", "an HTML page"), ("really-837", "an 837")])
def test_what_is_no_remittance_is_refused_by_the_name_of_what_it_is(name, what):
    with pytest.raises(FileRefused, match=what):
        items_of(f"835-broken__gen__{name}.835")
