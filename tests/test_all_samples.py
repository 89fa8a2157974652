"""Every sample file that lies beside the project, taken into one database, twice: it all adds up, and the second time changes nothing.

Kinds no reader knows yet are refused, and join the day `formats` reads them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from practice import Offices
from remitting import DAY

DATA = Path(__file__).parents[2] / "shared" / "data"
FOLDERS = ("835", "835-broken", "837", "277", "eob", "eob-fsh", "csv")
FILES = [path for folder in FOLDERS for path in sorted((DATA / folder).rglob("*")) if path.is_file()]
FEW = [path for path in FILES if path.parent.name.startswith("835") and path.stat().st_size < 10_000]  # the rest is soaked
ABSENT = pytest.mark.skipif(not FILES, reason="the sample files are not there: no folder shared/data beside the project")
DONE, LEFT, REFUSED = 0, 3, 30


def answers(office, files):
    """What was answered to each file: its exit code, and the account of it where it was taken."""
    found = {}
    for path in files:
        answer = office.say(f"{DAY} intake '{path}'", "--json")
        assert answer.code in (DONE, LEFT, REFUSED), (path.name, answer.err)
        found[path] = (answer.code, answer.data["files"][0] if answer.code != REFUSED else None)
    return found


def taken_twice(office, files):
    first = answers(office, files)
    everything = office.everything()
    again = answers(office, files)
    assert office.everything() == everything, "taking the same files again changed something"
    for path, (code, account) in first.items():
        if code == REFUSED:
            assert again[path][0] == REFUSED
            continue
        assert account["already"] or account["reconciled"].removeprefix("NOT ").startswith("reconciled: ")
        if not account["already"]:
            read = int(account["reconciled"].partition(": ")[2].split()[0])
            assert sum(sums["claims"] for sums in account["fates"].values()) == read
        assert again[path][1]["already"]
    office.check()
    return first


def refused_are_no_835(first):
    """What is refused of the remittances has no envelope, or another transaction in it."""
    for path, (code, _account) in first.items():
        if code == REFUSED and path.parent.name.startswith("835"):
            data = path.read_bytes()
            assert b"ISA" not in data or b"ST*835" not in data, path.name


@ABSENT
def test_the_small_sample_remittances_taken_one_after_the_other_twice_add_up_and_change_nothing_more(tmp_path):
    refused_are_no_835(taken_twice(Offices(tmp_path).after(), FEW))


@ABSENT
@pytest.mark.soak
def test_every_sample_file_taken_one_after_the_other_twice_adds_up_and_changes_nothing_more(tmp_path):
    first = taken_twice(Offices(tmp_path).after(), FILES)
    refused_are_no_835(first)
    for path, (code, account) in first.items():
        told = "refused" if code == REFUSED else "already" if account["already"] else account["reconciled"]
        print(f"{path.parent.name}/{path.name}: {told}")  # noqa: T201 - the list is what a soak test is read for
