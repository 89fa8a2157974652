"""The check-up finds what is wrong, one break at a time, and is clean otherwise."""

from __future__ import annotations

from contextlib import closing

import pytest
from practice import Offices, filed

from db.engine import best_driver


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def broken(office, *statements: str) -> list[str]:
    with closing(best_driver().connect(office.db, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    answer = office.say("2026-12-01 doctor", "--json")
    assert answer.code == (3 if answer.data["findings"] else 0)
    return answer.data["findings"]


def test_a_healthy_office_is_clean(offices):
    assert broken(offices.after(*filed())) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE \"case\" SET state = 'resolved'", "state is not what the log says"),
        ('UPDATE "case" SET disputed_cents = 1', "disputed_cents is not what the log says"),
        (
            "UPDATE clock SET legal_due = '2030-01-01' WHERE kind = 'file_internal_appeal'",
            "file_internal_appeal: legal_due not what the log says",
        ),
        ("UPDATE clock SET status = 'met'", "no clock runs: it has no date"),
        ("DELETE FROM clock WHERE kind = 'decide_appeal'", "decide_appeal"),
        ("DROP TRIGGER event_no_update", "event_no_update"),
    ],
)
def test_a_row_changed_behind_the_programs_back_is_found(offices, statement, said):
    assert any(said in finding for finding in broken(offices.after(*filed()), statement))


def test_an_entry_of_the_log_that_was_edited_is_found(offices):
    office = offices.after(*filed())
    with closing(best_driver().connect(office.db)) as connection:
        [trigger] = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'event_text%update%'")]
    found = broken(office, f"DROP TRIGGER {trigger}", "UPDATE event_text SET text = replace(text, 'C-1', 'C-2') WHERE seq = 2")
    assert any("entry 2" in finding for finding in found)
