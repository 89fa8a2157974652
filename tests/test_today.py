"""A day's work: four lists, unowned work first in each, then each owner's; what nobody chose is marked."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from practice import Offices, denied, reviewed

from db.engine import best_driver

PLAN = "--programme employer --funding self_funded --grandfathered no --internal-levels 1"


def another(number: int, owner: str, plan: str = PLAN) -> str:
    who = f"--patient 'Sample, Sam' --payer 'Invented Health' --claim C-{number} --billed 80" + (f" --owner {owner}" if owner else "")
    return f"2026-11-06 open {who} --denied --notice 2026-11-04 --amount 80 --code CO-50 {plan}"


MORE = (another(2, "zoe"), another(3, "lee"), another(4, "ben"), another(5, "lee"))


def with_nobodys_work(offices, *history: str):
    """The history, and the cases 3 and 5 as an import leaves them: without an owner."""
    office = offices.after(*history)
    with closing(best_driver().connect(office.db)) as connection, connection:
        connection.execute("""UPDATE "case" SET owner = '' WHERE number IN ('A-000003', 'A-000005')""")
    return office


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def test_in_each_list_nobodys_work_stands_first_and_then_each_owners_together(offices):
    view = with_nobodys_work(offices, *denied(), *MORE).do("2026-12-01 today --json").data
    assert {item["bucket"] for item in view["items"]} == {"late"}
    assert [item["case"]["owner"] for item in view["items"]] == ["", "", "ana", "ben", "zoe"]
    assert view["owners"] == [{"owner": "", "cases": 2}, *({"owner": name, "cases": 1} for name in ("ana", "ben", "zoe"))]


def test_the_last_lines_say_whose_work_it_is_and_how_it_becomes_somebodys(offices):
    out = with_nobodys_work(offices, *denied(), *MORE).do("2026-12-01 today").out
    assert "by owner: NOBODY 2, ana 1, ben 1, zoe 1\n" in out
    assert "2 cases have no owner: `appeals assign CASE ACCOUNT`.\n" in out


def test_where_everything_has_an_owner_nothing_is_said_of_it(offices):
    out = offices.after(*denied()).do("2026-12-01 today").out
    assert "no owner" not in out
    assert "by owner" not in out


def test_one_owners_list_has_the_unowned_too_and_counts_no_others_case_as_later(offices):
    view = with_nobodys_work(offices, *denied(), *MORE).do("2026-11-06 today --owner ben --json").data
    assert {item["case"]["owner"] for item in view["items"]} <= {"", "ben"}
    assert len(view["items"]) + view["later"] == 3


def test_a_date_nobody_chose_is_marked_in_its_row(offices):
    office = offices.after(*denied(), another(2, "ana", plan=""))
    rows = {line.split()[0]: line for line in office.do("2026-12-01 today").out.splitlines() if line.startswith("A-")}
    assert re.search(r"\d\?", rows["A-000002"]), "the last day of a plan nobody identified"
    assert "?" not in rows["A-000001"]


@pytest.mark.parametrize("day", ["2026-11-06", "2026-11-09", "2026-11-16", "2026-12-01", "2027-04-29", "2027-06-15"])
def test_a_case_stands_in_one_list_only_on_any_day(offices, day):
    view = with_nobodys_work(offices, *reviewed(), *MORE).do(f"{day} today --json").data
    numbers = [item["case"]["number"] for item in view["items"]]
    assert len(numbers) == len(set(numbers))
    assert len(numbers) + view["later"] == 5
