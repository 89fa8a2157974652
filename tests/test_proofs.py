"""What proves that an appeal was sent or arrived: ranked, kept with the filing, worded, and asked for until it is there."""

from __future__ import annotations

from datetime import date

import pytest
from practice import BOTH, Offices, calling, denied, filed, reviewed

from appeals import proofs, screen_case, screen_queue
from appeals.model import Filing
from appeals.screens import Look
from appeals.services import queueing

FAX = "--proof-kind fax_report --proof 2217 --pages 12 --result OK"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def filing(office) -> Filing:
    return [row for row in office.situation().filings if not row.voided][-1]


def statuses(office, kind):
    return [str(c.status) for c in office.situation().clocks if c.kind == kind and c.status != "cancelled"]


def test_proofs_are_ranked_from_the_payers_acceptance_to_a_note_of_our_own():
    assert proofs.kinds() == ("277ca", "portal_receipt", "certified_mail", "fax_report", "note")
    assert [proofs.known(kind).proves for kind in proofs.kinds()] == ["receipt", "receipt", "receipt", "sending", "nothing"]
    assert proofs.known("pigeon") is None


@pytest.mark.parametrize(
    ("new", "old", "takes"),
    [
        ("note", "", True),
        ("fax_report", "note", True),
        ("note", "fax_report", False),
        ("277ca", "portal_receipt", True),
        ("", "note", False),
    ],
)
def test_stronger_proof_takes_the_place_of_weaker_and_never_the_other_way(new, old, takes):
    assert proofs.stronger(new, old) is takes
    assert proofs.stronger("fax_report", "fax_report") is True


def test_a_filing_keeps_how_it_went_out_and_what_proves_it(offices):
    office = offices.after(*filed(f"{FAX} --tracking 9400-1 --destination 704-555-0199"))
    row = filing(office)
    assert (row.channel, row.destination) == ("fax", "704-555-0199")
    assert (row.proof_kind, row.proof, row.tracking, row.pages, row.result) == ("fax_report", "2217", "9400-1", 12, "OK")
    office.check()


def test_a_fax_report_is_shown_as_proof_of_sending_and_not_of_receipt(offices):
    shown = offices.after(*filed(FAX)).do("2026-11-10 show 1").out
    assert "proof fax report 2217, 12 pages, OK (4 of 5: shows that it was sent, not that it arrived)" in shown
    assert "NO PROOF" not in shown


@pytest.mark.parametrize("proof", ["", "--proof-kind note --proof 'put in the box'", "--proof 2217"])
def test_without_proof_better_than_our_own_word_a_filing_says_so_until_it_was_received(offices, proof):
    office = offices.after(*filed(proof))
    for command in ("show 1", "queue", "today"):
        assert "NO PROOF" in office.do(f"2026-11-17 {command}").out
    office.do("2026-11-17 mark 1 received --date 2026-11-10 --proof-kind portal_receipt --proof PR-9")
    for command in ("show 1", "queue", "today"):
        assert "NO PROOF" not in office.do(f"2026-11-17 {command}").out


def test_what_is_not_proved_is_amber_where_the_terminal_has_colour(offices):
    office = offices.after(*filed())
    [line] = [said for said in screen_case.case(office.situation(), (), Look(colour=True)).lines if said.startswith("filing")]
    assert line.endswith("\x1b[33m  NO PROOF\x1b[0m")
    with office.store() as store:
        rows = tuple(queueing.queue(store, date(2026, 11, 10), queueing.Wanted()))
    coloured, plain = (
        screen_queue.queue(rows, look, date(2026, 11, 10), by_date=False, narrowed=False).lines for look in (Look(colour=True), Look())
    )
    assert any("\x1b[33mNO PROOF\x1b[0m" in line for line in coloured)
    assert not any("\x1b" in line for line in plain)


def test_proof_of_sending_added_later_is_kept_and_meets_no_clock_that_asks_for_receipt(offices):
    office = offices.after(*filed(), f"2026-11-10 mark 1 proof-added --date 2026-11-09 {FAX}")
    row = filing(office)
    assert (row.proof_kind, row.proof, row.pages, row.result, row.received_date) == ("fax_report", "2217", 12, "OK", None)
    assert statuses(office, "file_internal_appeal") == ["sent"]
    assert statuses(office, "house_appeal_filed") == ["open"]
    office.check()


def test_proof_of_receipt_takes_the_place_of_proof_of_sending_and_meets_the_clock(offices):
    office = offices.after(*filed(FAX), "2026-11-12 mark 1 received --date 2026-11-11 --proof-kind 277ca --proof T-1")
    row = filing(office)
    assert (row.proof_kind, row.proof, row.pages, row.result, str(row.received_date)) == ("277ca", "T-1", 12, "", "2026-11-11")
    assert statuses(office, "file_internal_appeal") == ["met"]
    assert "proof 277CA acceptance T-1, 12 pages (1 of 5: the payer's own system took it in)" in office.do("2026-11-12 show 1").out
    office.check()


def test_weaker_proof_never_takes_the_place_of_stronger_and_is_kept_as_the_mark_only(offices):
    strong = "2026-11-12 mark 1 received --date 2026-11-11 --proof-kind certified_mail --tracking 9400-1"
    office = offices.after(*filed(), strong)
    before = filing(office)
    office.do(f"2026-11-13 mark 1 proof-added --date 2026-11-12 {FAX}")
    assert filing(office) == before
    last = office.situation().marks[-1]
    assert (last.name, last.about) == ("proof-added", before.id)
    assert last.text.startswith("proof fax report 2217, 12 pages, OK")
    office.check()


REFUSED = [
    (filed(), "proof-added --proof 2217", 21, "needs --proof-kind"),
    (filed(), "proof-added --proof-kind portal_receipt", 20, "mark A-000001 received --date DAY --proof-kind portal_receipt"),
    (filed(), f"received {FAX}", 20, "a fax report shows that it was sent, not that it arrived"),
    (filed(), "received --proof 2217", 21, "needs --proof-kind"),
    (filed(), f"proof-added --date 2026-11-08 {FAX}", 22, "before it was sent"),
    (filed(), "acknowledged --date 2026-11-08", 22, "before it was sent"),
    (denied(), f"proof-added {FAX}", 20, "no appeal was filed"),
    (denied(), "received --date 2026-11-06 --proof-kind 277ca", 21, "none waits for it"),
    (BOTH, "acknowledged --date 2026-11-11", 21, "--filing"),
    (BOTH, f"proof-added {FAX}", 21, "--filing"),
    (filed(), "proof-added --proof-kind pigeon", 2, "fax_report"),
]


@pytest.mark.parametrize(("history", "words", "code", "said"), REFUSED)
def test_proof_that_cannot_be_is_refused_and_writes_nothing(offices, history, words, code, said):
    office = offices.after(*history)
    before = office.everything()
    answer = office.say(f"2026-11-12 mark 1 {words}")
    assert (answer.code, said.lower() in answer.err.lower(), office.everything()) == (code, True, before), answer.err


def test_each_option_of_proof_says_what_it_means(offices):
    told = " ".join(offices.after(*denied()).say("2026-11-06 file-appeal --help").out.split())
    for words in (
        "--proof-kind",
        "--tracking",
        "--pages",
        "--result",
        "Number the carrier tracks the parcel by",
        "How many pages went out",
    ):
        assert words in told


# The packet, and the call after a week


def test_the_day_the_packet_was_put_together_goes_into_the_filing_and_moves_no_clock(offices):
    office = offices.after(*reviewed())
    before = office.running()
    office.do("2026-11-08 mark 1 prepared --date 2026-11-07")
    assert office.running() == before
    office.do(*(turn for turn in filed()[-1:]))
    assert str(filing(office).prepared_date) == "2026-11-07"
    assert "prepared 2026-11-07" in office.do("2026-11-09 show 1").out
    office.check()


def test_a_packet_of_an_older_notice_is_not_the_next_appeals(offices):
    office = offices.after(
        *reviewed(),
        "2026-11-08 mark 1 prepared",
        filed()[-1],
        "2026-12-21 uphold 1 --decided 2026-12-18",
        "2026-12-22 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
        "2026-12-22 file-appeal 1 --track external_review --appellant patient --sent 2026-12-22 --override 'on file'",
    )
    assert [str(row.prepared_date) for row in office.situation().filings] == ["2026-11-08", "None"]


def test_after_a_week_without_acknowledgement_the_list_says_to_call_the_payer(offices):
    office = offices.after(*filed(FAX))
    [clock] = [c for c in office.running() if c.kind == "house_appeal_filed"]
    assert (str(clock.start_date), str(clock.target_due)) == ("2026-11-09", "2026-11-16")
    assert clock.next_step.startswith("call: no acknowledgement")
    assert "call the payer: not acknowledged" in office.do("2026-11-17 today").out
    office.do("2026-11-17 mark 1 acknowledged --date 2026-11-16")
    assert str(filing(office).acknowledged_date) == "2026-11-16"
    assert "not acknowledged" not in office.do("2026-11-30 today").out
    assert "NO PROOF" in office.do("2026-11-30 queue").out, "a word on the telephone proves no receipt"
    office.check()


def test_of_two_filings_the_one_nobody_acknowledged_is_still_asked_about(offices):
    office = offices.after(*BOTH)
    rows = {row.track: row for row in office.situation().filings}
    assert rows["member_appeal"].received_date is not None
    assert rows["external_review"].received_date is None
    office.do("2026-11-11 mark 1 acknowledged --filing member_appeal")
    assert statuses(office, "house_appeal_filed")[-1] == "open"
    office.do("2026-11-11 mark 1 acknowledged --filing external_review")
    assert "open" not in statuses(office, "house_appeal_filed")
    assert [str(row.acknowledged_date) for row in office.situation().filings] == ["2026-11-11", "2026-11-11"]
    office.check()


def test_an_acknowledged_appeal_is_not_chased_anew_when_a_call_leads_back_to_it(offices):
    back = ("2026-11-12 peer-missed 1 --why nobody_called",)
    silent = offices.after(*calling(filed()), *back)
    assert statuses(silent, "house_appeal_filed") == ["met", "open"]
    told = offices.after(*calling((*filed(), "2026-11-10 mark 1 acknowledged")), *back)
    assert "open" not in statuses(told, "house_appeal_filed")
    told.check()


def test_undoing_the_filing_leaves_no_proof_of_it_and_the_packet_stays_ready(offices):
    office = offices.after(*reviewed(), "2026-11-08 mark 1 prepared", f"{filed()[-1]} {FAX}")
    office.do("2026-11-10 undo 1 --reason 'wrong case'")
    assert [row for row in office.situation().filings if not row.voided] == []
    office.do(filed()[-1].replace("2026-11-09 file", "2026-11-10 file"))
    row = filing(office)
    assert (row.proof_kind, str(row.prepared_date)) == ("", "2026-11-08")
    office.check()
