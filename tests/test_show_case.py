"""One case on one screen: what presses first, papers last, and who stands in for the owner."""

from __future__ import annotations

import pytest
from practice import Offices, filed

from appeals.model import Person
from appeals.record import Change, Run
from appeals.services.writing import event


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def with_person(office, person: Person) -> None:
    from datetime import UTC, date, datetime
    from itertools import count

    number = count()
    with office.store() as store:
        run = Run(
            practice=store.practice, recorded_at=datetime(2026, 11, 9, 12, tzinfo=UTC), on=date(2026, 11, 9), actor="ana", request_id="p",
            new_id=lambda: f"id-{next(number)}", new_nonce=lambda: "00" * 16,
        )  # fmt: skip
        store.apply([Change(event=event(run, "office", "person", facts={}), puts=(person,))], request_id="p")


def test_the_dates_and_what_is_wrong_with_them_stand_before_events_and_papers(offices):
    office = offices.after(*filed(plan=""), "2026-11-10 call 1 --person Kim --reference R-1", "2026-11-10 note 1 'a word'")
    out = office.do("2026-11-10 show 1").out
    order = ["\nmoney ", "\nclocks\n", "plan not identified", "\nlast events\n", "\nfiling ", "\ncall ", "\nmark "]
    places = [out.index(each) for each in order]
    assert places == sorted(places), out


def test_the_lines_of_a_long_claim_do_not_push_the_clocks_off_the_screen(offices):
    lines = " ".join(f"--line J{n}:100:100:CO-50" for n in range(12))
    office = offices.after(
        "2026-11-03 open --patient 'Example, Erin' --payer 'Invented Health' --claim C-1 --billed 1200 --owner ana "
        "--programme employer --funding self_funded",
        f"2026-11-05 deny 1 --notice 2026-11-04 {lines}",
    )
    out = office.do("2026-11-06 show 1").out
    assert out.index("\nclocks\n") < out.index("\nline 1 ")


def test_the_owners_backup_is_named(offices):
    office = offices.after(*filed())
    told = office.do("2026-11-09 show 1 --json").data
    assert told["backup"] == ""
    assert "owner ana\n" in office.do("2026-11-09 show 1").out
    with_person(office, Person(id="a1", practice_id=office.case().practice_id, account="ana", name="Ana", backup="ben"))
    assert "owner ana (backup ben)\n" in office.do("2026-11-09 show 1").out
    assert office.do("2026-11-09 show 1 --json").data["backup"] == "ben"
