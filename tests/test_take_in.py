"""What an import does: every claim has one fate, the money adds up, nothing twice, and further on it only proposes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from practice import Office, Offices, filed, opened, resolved, reviewed

from appeals import money
from appeals.intake import clinic835
from appeals.services.file_reading import PART

DAY = "2026-11-24"
SHARED = Path(__file__).parents[2] / "shared" / "data" / "835-broken"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def era(*claims: str, trace: str = "T-1", paid: str = "0", plb: str = "", day: str = "20261120", payer: str = "INVENTED HEALTH") -> str:
    """A small made-up 835. A claim is `number status charge paid segment...`, adjustments as CAS segments."""
    segments = [
        f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'PAYER':<15}*ZZ*{'CLINIC':<15}*261120*1200*^*00501*000000001*0*P*:",
        "GS*HP*PAYER*CLINIC*20261120*1200*1*X*005010X221A1", "ST*835*0001", f"BPR*I*{paid}*C*NON************{day}",
        f"TRN*1*{trace}*1999999999", f"DTM*405*{day}", f"N1*PR*{payer}", "N1*PE*MADE-UP CLINIC*XX*1234567893", "LX*1",
    ]  # fmt: skip
    for claim in claims:
        number, status, charge, amount, *cas = claim.split()
        segments += [f"CLP*{number}*{status}*{charge}*{amount}**12*ICN-{number}", "NM1*QC*1*EXAMPLE*ERIN****MI*M-1", "DTM*232*20261102"]
        segments += [f"SVC*HC:96365*{charge}*{amount}", "DTM*472*20261102", *(f"CAS*{each}" for each in cas)]
    segments += [plb] if plb else []
    segments += [f"SE*{len(segments) - 1}*0001", "GE*1*1", "IEA*1*000000001"]
    return "~\n".join(segments) + "~\n"


def take(office: Office, text: str | bytes, name: str = "era.835"):
    file = office.db.with_name(name)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return office.say(f"{DAY} intake {file}", "--json")


def fates(answer) -> dict[str, int]:
    [file] = answer.data["files"]
    return {fate: sums["claims"] for fate, sums in file["fates"].items()}


def test_a_denial_opens_a_case_in_denied_with_its_lines_codes_and_clocks(offices):
    office = offices.after()
    answer = take(office, era("C-9 4 500 0 CO*50*500"))
    assert (answer.code, fates(answer)) == (0, {"opened": 1})
    found = office.situation("C-9")
    assert (found.case.state, found.case.disputed_cents, found.denials[0].reasons) == ("denied", 50000, "CO-50")
    assert [(line.procedure, line.denied_cents) for line in found.lines] == [("96365", 50000)]
    assert [(a.group_code, a.carc, a.amount_cents) for a in found.adjustments] == [("CO", "50", 50000)]
    assert found.denials[0].notice_date == date(2026, 11, 20)
    assert {c.kind for c in office.running("C-9")} >= {"house_denied", "file_internal_appeal"}
    assert [e["source"]["segment"] for e in office.events("C-9")] == [10, 10]
    office.check()


def test_the_same_bytes_twice_change_nothing_and_say_who_took_them_when(offices):
    office = offices.after()
    take(office, era("C-9 4 500 0 CO*50*500"))
    before = office.everything()
    again = take(office, era("C-9 4 500 0 CO*50*500"), "other-name.835")
    assert again.code == 0
    assert again.data["files"][0]["already"][0] == DAY
    assert office.everything() == before


def test_a_remittance_sent_again_with_other_bytes_is_known_by_trace_and_claim(offices):
    office = offices.after()
    take(office, era("C-9 4 500 0 CO*50*500"))
    again = take(office, era("C-9 4 500 0 CO*50*500").replace("~\n", "~\r\n"))
    assert fates(again) == {"known": 1}
    assert len(office.situation("C-9").denials) == 1
    office.check()


def test_an_amount_no_payer_pays_is_left_for_a_person_and_keeps_nobody_else_out(offices):
    office = offices.after()
    amounts = {"C-9": "500", "C-10": "999999999999999", "C-11": "9999999999.99"}
    answer = take(office, era(*(f"{number} 4 {amount} 0 CO*50*{amount}" for number, amount in amounts.items())))
    assert fates(answer) == {"opened": 2, "person": 1}
    office.check()


def test_a_claim_of_a_submitted_case_is_denied_or_paid_by_the_import(offices):
    office = offices.after(*opened())
    assert fates(take(office, era("C-1 4 1200 0 CO*197*1200"))) == {"moved": 1}
    assert office.case().state == "denied"
    office = offices.after(*opened())
    assert fates(take(office, era("C-1 1 1200 1000 CO*45*200", paid="1000"))) == {"moved": 1}
    assert (office.case().state, office.case().outcome, office.case().paid_cents) == ("resolved", "paid", 100000)
    office.check()


def test_a_case_is_found_wherever_in_a_big_file_its_claim_stands(offices):
    office = offices.after(*opened())
    paid = (f"P-{number} 1 100 100" for number in range(PART + 3))
    assert fates(take(office, era(*paid, "C-1 4 1200 0 CO*197*1200", paid=f"{100 * (PART + 3)}"))) == {
        "moved": 1,
        "ignored": PART + 3,
    }
    assert office.case().state == "denied"


def test_a_remittance_without_a_trace_sent_again_is_known_too(offices):
    office = offices.after()
    text = era("C-9 4 500 0 CO*50*500", trace="")
    take(office, text)
    assert fates(take(office, text.replace("~\n", "~\r\n"))) == {"known": 1}


def test_another_notice_on_a_reviewed_case_starts_its_own_clock_and_moves_nothing(offices):
    office = offices.after(*reviewed())
    before = {c.id for c in office.running()}
    assert fates(take(office, era("C-1 4 1200 0 CO*50*1200"))) == {"added": 1}
    assert office.case().state == "eob_reviewed"
    assert [c.kind for c in office.running() if c.id not in before] == ["file_internal_appeal"]
    office.check()


@pytest.mark.parametrize(
    ("history", "claim", "step"),
    [
        (filed(), "C-1 4 1200 0 CO*193*1200", "uphold"),
        (filed(), "C-1 1 1200 1200", "overturn"),
        (reviewed(), "C-1 1 1200 1200", "pay"),
        (resolved(), "C-1 4 1200 0 CO*50*1200", "reopen"),
        (resolved(), "C-1 22 -1200 -1200", "reopen"),
    ],
    ids=["upheld", "money on an appeal", "money on a review", "denied after it was paid", "reversed"],
)
def test_on_a_case_further_on_an_import_only_proposes_and_a_person_takes_it(offices, history, claim, step):
    office = offices.after(*history)
    state = office.case().state
    assert fates(take(office, era(claim))) == {"proposed": 1}
    assert office.case().state == state
    [proposal] = [p for p in office.situation().proposals if p.status == "open"]
    assert proposal.step == step
    office.do(f"{DAY} intake resolve 1 --take")
    assert office.case().state != state or step == "uphold"
    assert [p.status for p in office.situation().proposals] == ["taken"]
    office.check()


def test_a_refused_proposal_moves_nothing_and_is_kept_with_its_reason(offices):
    office = offices.after(*reviewed())
    take(office, era("C-1 1 1200 1200"))
    office.do(f"{DAY} intake resolve 1 --refuse --reason 'paid to another clinic'")
    assert office.case().state == "eob_reviewed"
    assert [(p.status, p.decided_by) for p in office.situation().proposals] == [("refused", office.situation().proposals[0].decided_by)]
    assert office.events()[-1]["reason"] == "paid to another clinic"
    office.check()


def test_paid_in_full_deductible_reversal_and_pending_claims_open_nothing(offices):
    office = offices.after()
    claims = ("P-1 1 100 100", "P-2 1 100 0 PR*1*100", "P-3 22 -100 -100", "P-4 1 100 60 CO*45*40")
    answer = take(office, era(*claims, paid="60"))
    assert fates(answer) == {"ignored": 4}
    with office.store() as store:
        assert list(store.case_rows()) == []


def test_a_claim_nobody_can_read_is_left_for_a_person_and_keeps_no_other_out(offices):
    office = offices.after()
    answer = take(office, era("C-8 4 500 0 CO*50*500", "C-9 4 500 0 CO*50*500").replace("C-8*4*500", "C-8*4*5x0"))
    assert (answer.code, fates(answer)) == (3, {"opened": 1, "person": 1})
    assert answer.data["files"][0]["left"][0]["segment"] == 10
    left = office.do(f"{DAY} intake resolve --list --json").data["left"]
    assert [entry["claim"] for entry in left] == ["C-8"]
    office.do(f"{DAY} open --patient 'Example, Erin' --payer 'Invented Health' --member-id M-1 --claim C-8 --billed 500")
    [entry] = office.do(f"{DAY} intake resolve --list --json").data["left"]
    assert entry["cases"] == ["A-000002"], "it stays until somebody says that it is dealt with"


def test_two_parts_of_a_split_claim_are_one_case_with_both_amounts(offices):
    office = offices.after()
    text = era("C-9 4 500 0 CO*50*500", "C-9 4 300 0 CO*50*300").replace("ICN-C-9", "ICN-2", 2).replace("ICN-2", "ICN-1", 1)
    assert fates(take(office, text)) == {"opened": 1, "added": 1}
    assert office.case("C-9").disputed_cents == 80000
    assert {n.value for n in office.situation("C-9").claim_numbers if n.system == "payer"} == {"ICN-1", "ICN-2"}
    office.check()


def test_one_new_patient_with_two_claims_in_one_file_is_one_patient(offices):
    office = offices.after()
    take(office, era("C-8 4 500 0 CO*50*500", "C-9 4 300 0 CO*50*300"))
    assert office.case("C-8").patient_id == office.case("C-9").patient_id
    assert office.case("C-8").coverage_id == office.case("C-9").coverage_id


def test_the_money_of_every_fate_adds_up_to_the_file(offices):
    office = offices.after()
    answer = take(office, clinic835.remittance(date(2026, 11, 2)))
    [file] = answer.data["files"]
    assert sum(sums["claims"] for sums in file["fates"].values()) == 14
    assert sum(sums["paid_cents"] for sums in file["fates"].values()) == 42530
    assert file["fates"]["opened"]["claims"] == 12
    office.check()


def test_a_remittance_whose_money_does_not_add_up_is_taken_and_says_so(offices):
    office = offices.after()
    answer = take(office, era("C-9 4 500 0 CO*50*400", paid="77"))
    assert (answer.code, fates(answer)) == (0, {"opened": 1})
    assert any("BPR02" in warning for warning in answer.data["files"][0]["warnings"])
    said = office.say(f"{DAY} intake {office.db.with_name('era.835')}").out
    assert "already taken in" in said


def test_a_takeback_beside_the_claims_is_a_warning(offices):
    answer = take(offices.after(), era("C-9 4 500 0 CO*50*500", paid="-50", plb="PLB*1234567893*20261231*WO:C-7*50"))
    assert any("provider adjustment WO $50.00" in warning for warning in answer.data["files"][0]["warnings"])


def test_an_import_never_writes_money_off(offices):
    office = offices.after()
    take(office, clinic835.remittance(date(2026, 11, 2)))
    with office.store() as store:
        names = {json.loads(stored.text)["name"] for stored in store.events()}
    assert names == {"init", "intake", "open", "deny", "remittance", "reconciled"}


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("gen__bom-blank-lines", 0, {"opened": 12, "ignored": 48}),
        ("gen__wrapped-80", 0, {"opened": 12, "ignored": 48}),
        ("gen__no-trailers", 0, {"opened": 12, "ignored": 48}),
        ("gen__wrong-se-count", 0, {"opened": 12, "ignored": 48}),
        ("gen__non-ascii-name", 0, {"opened": 12, "ignored": 48}),
        ("gen__doubled-file", 0, {"opened": 12, "ignored": 48, "known": 60}),
        ("gen__bad-amount", 3, {"opened": 12, "ignored": 47, "person": 1}),
        ("gen__truncated-mid-segment", 3, {"opened": 11, "ignored": 48, "person": 1}),
    ],
)
def test_each_broken_sample_is_taken_as_its_verdict_says(offices, name, code, expected):
    file = SHARED / f"{name}.835"
    if not file.exists():
        pytest.skip(f"the sample {name} beside the project is missing")
    office = offices.after()
    answer = take(office, file.read_bytes())
    assert (answer.code, fates(answer)) == (code, expected)
    office.check()


def test_a_claim_number_of_another_patient_is_left_for_a_person_and_touches_nobody(offices):
    office = offices.after(*opened())
    before = office.case().version
    text = era("C-1 4 500 0 CO*50*500").replace("EXAMPLE*ERIN****MI*M-1", "SMITH*BOB****MI*M-777")
    assert fates(take(office, text)) == {"person": 1}
    assert office.case().version == before


def test_a_new_part_denied_during_an_appeal_starts_its_own_clock(offices):
    office = offices.after()
    take(office, era("C-9 4 500 0 CO*50*500"))
    office.do(f"{DAY} coverage C-9 --programme employer --funding self_funded --grandfathered no --internal-levels 1")
    office.do(f"{DAY} review-eob C-9 --reviewer X --category other --path appeal")
    office.do(f"{DAY} file-appeal C-9 --track member_appeal --appellant patient --sent {DAY} --received {DAY}")
    assert "file_internal_appeal" not in {c.kind for c in office.running("C-9")}
    second = era("C-9 4 700 0 CO*197*700", trace="T-2").replace("ICN-C-9", "ICN-OTHER")
    assert fates(take(office, second)) == {"added": 1}
    assert "file_internal_appeal" in {c.kind for c in office.running("C-9")}
    assert {a.carc for a in office.situation("C-9").adjustments} == {"50", "197"}
    office.check()


def test_a_case_reopened_by_a_new_denial_runs_on_the_law_again(offices):
    office = offices.after(*resolved())
    take(office, era("C-1 4 1200 0 CO*50*1200"))
    office.do(f"{DAY} intake resolve 1 --take")
    assert "file_internal_appeal" in {c.kind for c in office.running()}
    office.check()


def buckets(office, ref="C-9"):
    """What is where, in dollars, without the empty buckets."""
    case = office.case(ref)
    found = {bucket: money.cents(case, bucket) // 100 for bucket in (*money.BUCKETS, money.UNANSWERED)}
    assert sum(found.values()) * 100 == case.billed_cents == money.total(case)
    return {bucket: dollars for bucket, dollars in found.items() if dollars}


def test_a_claim_denied_anew_is_restated_and_not_added_to_what_was_paid_before(offices):
    office = offices.after()
    take(office, era("C-9 4 800 500 CO*50*300", paid="500"))
    assert buckets(office) == {"paid": 500, "disputed": 300}
    take(office, era("C-9 22 -800 -500", "C-9 4 800 0 CO*50*800", trace="T-2", paid="-500"), "again.835")
    assert buckets(office) == {"disputed": 800}
    take(office, era("C-9 4 800 600 CO*50*200", trace="T-3", paid="600").replace("ICN-C-9", "ICN-NEW"), "new.835")
    assert buckets(office) == {"paid": 600, "disputed": 200}
    office.check()


def test_what_a_remittance_takes_off_lies_where_it_says_and_a_negative_adjustment_is_netted(offices):
    office = offices.after()
    take(office, era("C-9 4 541 34 OA*23*516 OA*94*-13 CO*50*4", paid="34"))
    assert buckets(office) == {"paid": 34, "other_payer": 503, "disputed": 4}
    take(office, era("C-8 4 1000 500 CO*45*200 PR*2*100 CO*50*200", trace="T-2", paid="500"), "more.835")
    assert buckets(office, "C-8") == {"paid": 500, "contractual": 200, "patient": 100, "disputed": 200}
    [line] = office.situation("C-8").lines
    assert (line.contractual_cents, line.patient_cents, line.disputed_cents) == (20_000, 10_000, 20_000)
    office.check()


def test_a_payment_that_explains_the_rest_of_an_appeal_is_proposed_so_that_it_can_be_taken(offices):
    office = offices.after(*filed())
    take(office, era("C-1 1 1200 400 CO*45*800", paid="400"))
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case("C-1").outcome, buckets(office, "C-1")) == ("overturned", {"recovered": 400, "contractual": 800})
    office.check()


def test_a_payment_that_counts_the_earlier_one_in_is_proposed_as_what_it_adds(offices):
    office = offices.after()
    take(office, era("C-9 4 800 500 CO*50*300", paid="500"))
    take(office, era("C-9 1 800 800", trace="T-2", paid="800"), "all.835")
    office.do(f"{DAY} intake resolve C-9 --take")
    assert (office.case("C-9").outcome, buckets(office)) == ("paid", {"paid": 500, "recovered": 300})


def test_a_payer_of_whom_a_file_tells_an_adjustment_before_any_claim_is_kept_with_the_cases(offices):
    office = offices.after()
    only, claims = era(plb="PLB*1234567893*20261231*WO:X*100", paid="-100"), era("C-9 4 500 0 CO*50*500", trace="T-2")
    body = "".join(f"{segment}~\n" for segment in claims.split("~\n")[2:-3])
    answer = take(office, only.replace("GE*1*1", f"{body}GE*2*1"))
    assert (answer.code, fates(answer)) == (0, {"opened": 1}), answer.err
    office.check()


def test_a_denial_after_a_reversal_starts_its_own_time_to_appeal_when_both_are_taken(offices):
    office = offices.after(*opened())
    take(office, era("C-1 1 1200 1200", paid="1200"))
    take(office, era("C-1 22 -1200 -1200", "C-1 4 1200 0 CO*50*1200", trace="T-2", paid="-1200"), "denied.835")
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case("C-1").state, buckets(office, "C-1")) == ("denied", {"disputed": 1200})
    assert [str(c.legal_due) for c in office.running() if c.kind == "file_internal_appeal"] == ["2027-05-19"]
    assert {p.status for p in office.situation().proposals} == {"taken"}
    office.check()


def test_a_corrected_claim_paid_with_what_was_paid_before_is_taken_as_what_it_adds(offices):
    office = offices.after()
    take(office, era("C-9 4 800 500 CO*50*300", paid="500"))
    office.do(f"{DAY} review-eob C-9 --category billing_error --path corrected_claim", f"{DAY} resubmit C-9 --what modifier")
    take(office, era("C-9 1 800 800", trace="T-2", paid="800"), "all.835")
    assert (office.case("C-9").outcome, buckets(office)) == ("paid", {"paid": 500, "recovered": 300})
