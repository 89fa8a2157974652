"""A file of any size is taken in part after part, in one transaction and little memory: whatever the parts, the same becomes of it."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from practice import Offices, opened, resolved
from remitting import DAY, claim, fates, interchange, payment, remittance, take

from appeals.errors import StorageError
from appeals.services import fates as deciding
from appeals.services import file_reading


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


DENIED = ("4", "500", "0", "CO*50*500")
REVERSAL, PAID_ANEW = claim("C-1", "22", "-1200", "-1200"), claim("C-1", "1", "1200", "1000", "PR*2*200")
EVERYTHING = interchange(
    payment(
        claim("C-9", *DENIED),
        claim("C-8", "1", "300", "300"),
        claim("C-9", *DENIED, icn="ICN-2", served="20261103"),
        claim("C-9", *DENIED),
        claim("C-9", *DENIED, last="OTHER", first="PAT", member="M-2", icn="ICN-3"),
        PAID_ANEW,
        claim("C-7", "4", "5x0", "0"),
        claim("C-6", "1", "100", "0"),
        REVERSAL,
        claim("C-5", *DENIED, first="ERYN", member="M-5"),
        plb=("WO:C-9*50", "L6*-0.05"),
        paid="50.05",
    ),
    payment(claim("C-9", *DENIED, icn="ICN-9"), claim("C-6", "1", "100", "0"), payer="SECOND HEALTH", trace="T-2", control="0002"),
    payment(claim("C-5", *DENIED, first="ERYN", member="M-5"), trace="T-1", control="0003"),
)


def in_parts_of(size, monkeypatch):
    monkeypatch.setattr(file_reading, "PART", size)


def as_it_stands(office):
    """All cases with what hangs on them, without the ids that differ from run to run."""
    with office.store() as store:
        found = [store.situation(row.case.number) for row in store.case_rows()]
        left = [(entry.segment, entry.claim_number) for entry in store.left_for_a_person()]
    rows = [
        (
            one.case.number, one.case.claim_number, one.case.state, one.case.outcome, one.case.disputed_cents, one.case.paid_cents,
            one.patient.name, one.payer.name, [(d.notice_date, d.denied_cents) for d in one.denials],
            sorted((c.kind, c.level, c.work_by, c.status) for c in one.clocks), sorted((p.step, p.reason) for p in one.proposals),
            sorted((line.position, line.procedure, line.disputed_cents) for line in one.lines),
            sorted((n.system, n.value) for n in one.claim_numbers),
        )
        for one in found
    ]  # fmt: skip
    return rows, sorted(left)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_whatever_the_parts_of_a_file_are_the_same_becomes_of_it(offices, monkeypatch, size):
    whole, parted = offices.after(*resolved()), offices.after(*resolved())
    at_once = take(whole, EVERYTHING)
    in_parts_of(size, monkeypatch)
    answer = take(parted, EVERYTHING)
    assert answer.code == at_once.code
    assert fates(answer) == fates(at_once)
    assert as_it_stands(parted) == as_it_stands(whole)
    parted.check()


@pytest.mark.parametrize("size", [1, 4])
def test_a_file_taken_in_by_parts_changes_nothing_the_second_time_whatever_its_wrapping(offices, monkeypatch, size):
    office = offices.after(*opened())
    in_parts_of(size, monkeypatch)
    take(office, EVERYTHING)
    before = as_it_stands(office)[0]
    counts = fates(take(office, EVERYTHING.replace("~\n", "~\r\n"), "again.835"))
    assert set(counts) <= {"known", "person"}
    assert as_it_stands(office)[0] == before


def test_a_dry_run_by_parts_tells_what_would_become_of_the_file_and_leaves_nothing(offices, monkeypatch):
    office = offices.after(*resolved())
    in_parts_of(2, monkeypatch)
    before = office.db.read_bytes()
    would = take(office, EVERYTHING, options="--dry-run")
    assert office.db.read_bytes() == before
    assert fates(would) == fates(take(office, EVERYTHING))


def test_the_entries_of_each_part_and_the_sums_of_the_whole_stand_in_the_trail(offices, monkeypatch):
    office = offices.after()
    in_parts_of(2, monkeypatch)
    take(office, remittance(*(claim(f"C-{n}", "1", "100", "100") for n in range(5)), paid="500"))
    with office.store() as store:
        told = [json.loads(stored.text) for stored in store.events()]
    imports = [(entry["name"], entry["facts"]) for entry in told if entry["kind"] == "import"]
    assert [name for name, _facts in imports] == ["intake", "remittance", "remittance", "remittance", "reconciled"]
    assert [facts["entries"] for name, facts in imports if name == "remittance"] == [2, 2, 1]
    assert imports[-1][1]["claims"] == {"ignored": 5} and imports[-1][1]["entries"] == 5


def test_a_disk_that_fails_in_the_last_part_leaves_nothing_of_the_first(offices, monkeypatch):
    office = offices.after()
    in_parts_of(1, monkeypatch)
    decide = deciding.decide
    seen = []

    def failing(*given):
        seen.append(given)
        if len(seen) == 3:
            raise StorageError("The disk failed.", "Look at it.")
        return decide(*given)

    monkeypatch.setattr(deciding, "decide", failing)
    before = office.db.read_bytes()
    answer = take(office, remittance(*(claim(f"C-{n}", *DENIED) for n in range(5))))
    assert (answer.code, len(seen)) == (74, 3)
    monkeypatch.undo()
    assert office.db.read_bytes() == before
    office.check()


def test_nothing_more_is_written_once_sqlite_has_ended_the_transaction_by_itself(offices):
    office = offices.after()

    def work():
        store.database.read(lambda connection: connection.exec_driver_sql("ROLLBACK"))
        return store.people()

    with office.store() as store, pytest.raises(StorageError, match="ended by an error"):
        store.together(work)


def test_others_can_read_while_a_file_is_taken_in_and_see_none_of_it(offices, monkeypatch):
    office = offices.after()
    in_parts_of(1, monkeypatch)
    decide = deciding.decide
    seen = []

    def looking(*given):
        with office.store() as other:
            seen.append(len(list(other.case_rows())))
        return decide(*given)

    monkeypatch.setattr(deciding, "decide", looking)
    with office.store() as store:
        mode = store.database.mode
    if mode != "wal":
        pytest.skip("this SQLite writes no write-ahead log: others wait until the file is taken in")
    take(office, remittance(*(claim(f"C-{n}", *DENIED) for n in range(3))))
    assert seen == [0, 0, 0]


def test_a_file_five_times_as_long_needs_no_more_memory(offices, monkeypatch):
    in_parts_of(10, monkeypatch)
    peaks = []
    for many in (30, 30, 150):
        office = offices.after()
        text = remittance(*(claim(f"C-{n}", *DENIED, member=f"M-{n}", icn=f"P-{n}") for n in range(many)))
        tracemalloc.start()
        assert fates(take(office, text)) == {"opened": many}
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[1], f"{DAY}: {peaks}"


def by(record: str, member: str, number: str, **more):
    return claim(number, *DENIED, member=member, more=(f"REF*EA*{record}",) if record else (), **more)


@pytest.mark.parametrize(
    "claims",
    [
        [by("R-1", "M-7", "C-1"), by("R-2", "M-7", "C-2"), by("", "M-7", "C-3")],  # two people of one name and member id: which is meant?
        [by("R-1", "M-7", "C-1"), by("R-1", "M-9", "C-2"), by("", "M-9", "C-3")],  # a second card of the same person
        [by("R-1", "M-7", "C-1"), by("", "M-7", "C-2"), by("R-1", "", "C-3")],
        [by("", "", "C-1"), by("", "", "C-2"), by("R-1", "M-7", "C-3"), by("", "M-7", "C-4")],
    ],
)
def test_who_somebody_is_does_not_hang_on_what_was_written_before(offices, monkeypatch, claims):
    whole, parted = offices.after(), offices.after()
    at_once = take(whole, remittance(*claims))
    in_parts_of(1, monkeypatch)
    assert fates(take(parted, remittance(*claims))) == fates(at_once)
    assert as_it_stands(parted) == as_it_stands(whole)
    assert people_of(parted) == people_of(whole)


def people_of(office):
    rows = office.everything()
    return [len(rows[table]) for table in ("patient", "patient_identifier", "coverage", "payer")]


def test_a_plan_on_file_holds_after_another_card_of_the_same_person_in_the_same_payment(offices):
    office = offices.after(*(turn.replace(" --member-id", " --mrn R-1 --member-id") for turn in opened()))
    take(office, remittance(by("R-1", "M-8", "C-8", served="20261103"), by("R-1", "M-1", "C-9", served="20261104")))
    second_card, card_on_file = office.situation("2").coverage, office.situation("3").coverage
    assert (second_card.member_id, second_card.funding) == ("M-8", "unknown")
    assert card_on_file.id == office.situation("1").coverage.id and card_on_file.funding == "self_funded"
