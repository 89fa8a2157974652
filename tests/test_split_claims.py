"""One claim number, several claims: parts of a split claim, later notices about some of its lines, and claims of other days."""

from __future__ import annotations

import pytest
from practice import EMPLOYER, Offices, denied, opened, resolved, reviewed
from remitting import claim, fates, remittance, take
from test_remittance_cases import left, suggested

OTHER_DAYS = "this number is a claim's of other days of service: open the case by hand if it is another claim"
LAST_YEAR = "post_service --billed 1200 --service-from 2025-01-05 --service-to 2025-01-05"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


# A number that is used again ------------------------------------------------------------------------------------


@pytest.mark.parametrize("history", [opened, denied, reviewed], ids=["submitted", "denied", "reviewed"])
@pytest.mark.parametrize(("status", "paid", "cas"), [("4", "0", ("CO*50*500",)), ("1", "500", ()), ("22", "-500", ())])
def test_a_claim_of_other_days_and_services_is_no_answer_to_the_case_of_its_number(offices, history, status, paid, cas):
    office = offices.after(*history(plan=EMPLOYER, kind=LAST_YEAR))
    before = office.situation()
    charge = "-500" if status == "22" else "500"
    answer = take(office, remittance(claim("C-1", status, charge, paid, *cas, served="20261015", icn="NEW"), paid=paid))
    assert (answer.code, fates(answer), left(answer)) == (3, {"person": 1}, [OTHER_DAYS])
    assert office.situation() == before
    office.check()


def test_a_service_given_after_the_claim_was_sent_is_another_claims_where_the_case_has_no_days(offices):
    office = offices.after(*resolved())
    answer = take(office, remittance(claim("C-1", "4", "500", "0", "CO*50*500", served="20261115", icn="NEW")))
    assert (fates(answer), left(answer), suggested(office)) == ({"person": 1}, [OTHER_DAYS], [])


def test_a_claim_that_replaces_the_cases_may_bring_other_days(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "4", "500", "0", "CO*50*500")))
    moved = claim("C-9", "4", "400", "0", "CO*16*400", served="20261104", icn="NEW", more=("REF*F8*ICN-C-9",))
    assert fates(take(office, remittance(moved, trace="T-2"), "two.835")) == {"added": 1}
