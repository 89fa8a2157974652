"""The clinic's own page, row by row: what it tells its patients about insurance, each walked to its end through the command line."""

from __future__ import annotations

import pytest
from practice import Offices, calling, denied

SUPERBILL = "--kind post_service --billed 1200 --network out --assignment no"
YES = "approve-write-off 1 --as ben"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def scan(tmp_path):
    """A paper of some kind on the scanner's disk: `scan("records")` is the words that put it on file."""

    def on_disk(kind: str, direction: str = "own", dated: str = "2026-11-05") -> str:
        path = tmp_path / f"{kind}.pdf"
        path.write_bytes(f"%PDF-1.4 a made-up {kind}".encode())
        return f"document add 1 {path} --kind {kind} --direction {direction} --date {dated}"

    return on_disk


def clock(office, kind, status="open"):
    [found] = [c for c in office.situation().clocks if c.kind == kind and c.status == status]
    return found


def test_an_authorisation_won_by_a_call_keeps_its_number_days_and_units_and_its_end_is_watched(offices):
    office = offices.after(*calling(denied(kind="pre_service")))
    win = "peer-overturn 1 --reviewer 'Dr Poe' --reference P-2 --decided 2026-11-10 --authorisation PA-1"
    assert office.say(f"2026-11-10 {win} --valid-from 2027-03-01 --valid-to 2026-12-01").code == 22
    office.do(f"2026-11-10 {win} --valid-from 2026-12-01 --valid-to 2027-02-28 --units 6")
    office.check()
    said = office.do("2026-11-11 show 1").out
    assert "authorised PA-1, 2026-12-01 to 2027-02-28, 6 units" in said
    assert "Sun 2027-02-28  authorisation ends" in said
    assert "authorisation ends" not in office.do("2026-11-11 today").out.split("SOON")[0]
    assert "A-000001: the authorisation ends on Sun 2027-02-28" in office.do("2027-02-24 today").out
    assert "A-000001: the authorisation ended on Sun 2027-02-28" in office.do("2027-03-05 today").out
    assert "authorisation" not in office.do("2027-03-05 remind --dry-run").out
    findings = [line for line in office.do("2027-03-05 clocks 1").out.splitlines() if line.startswith("finding")]
    assert not [line for line in findings if "authorisation" in line]
    office.do("2027-03-05 mark 1 authorisation-closed --text 'six infusions given'")
    assert "authorisation" not in office.do("2027-03-05 today").out
    assert clock(office, "authorisation_valid", "met").met_by == "authorisation-closed"
    assert "A-000001" in office.do("2027-03-05 find PA-1").out
    office.check()
