"""Digests in a folder: what one run told is never lost to another run, another person, another practice or a full disk."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from practice import EMPLOYER, Offices, denied
from test_bad_input import a_quiet_account

from appeals import filenames
from appeals.commands import folder as folders

__all__ = ["a_quiet_account"]

OFFICE = (*denied(), "2026-11-05 person ana --role biller", "2026-11-05 person lee --role manager")
DAY, NEXT = "2026-11-06", "2026-11-09"
ANOTHER = (
    f"open --patient 'Zz, B' --payer 'Invented Health' --member-id M-2 --claim C-2 --network out --owner ana --submitted 2026-11-05"
    f" --kind post_service --billed 100 {EMPLOYER} --denied --notice 2026-11-05 --amount 100 --code CO-50"
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    return offices.after(*OFFICE)


@pytest.fixture
def place(tmp_path) -> Path:
    made = tmp_path / "digests"
    made.mkdir()
    return made


def digests(place: Path) -> dict[str, str]:
    """The text of each file people see."""
    return {path.name: path.read_text("utf-8") for path in sorted(place.iterdir()) if not path.name.startswith(".")}


def told(place: Path, account: str) -> list[str]:
    """The numbers of the cases an account's files name, file by file."""
    texts = [text for name, text in digests(place).items() if f"-{account}-" in name]
    return sorted(" ".join(sorted({word for word in text.split() if word.startswith("A-0")})) for text in texts)


@contextmanager
def full_disk(monkeypatch, files: int) -> Iterator[None]:
    """A disk that is full when so many files were written."""
    before, room = folders._put, iter(range(files))

    def put(target: Path, text: str) -> None:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        before(target, text)

    with monkeypatch.context() as patched:
        patched.setattr(folders, "_put", put)
        yield


def test_each_person_has_one_private_file_a_run_without_a_patient(office, place):
    office.do(f"{DAY} remind --to-folder {place}")
    assert told(place, "ana") == ["A-000001"]
    assert all(name.startswith(f"{DAY}-made-up_clinic-") for name in digests(place))
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.iterdir())
    everything = " ".join([*digests(place), *digests(place).values()])
    assert [word for word in ("Example", "Erin", "M-1", "C-1", "Invented") if word in everything] == []


def test_a_second_run_of_the_day_leaves_what_the_first_told(office, place):
    office.do(f"{DAY} remind --to-folder {place}")
    first = digests(place)
    office.do(f"{DAY} {ANOTHER}", f"{DAY} remind --to-folder {place}")
    assert told(place, "ana") == ["A-000001", "A-000002"]
    assert first.items() <= digests(place).items()
    before = digests(place)
    office.do(f"{DAY} remind --to-folder {place}")
    assert digests(place) == before


def test_accounts_of_one_look_have_files_of_their_own():
    names = [
        "josé",
        "josè",
        "jos_",
        "ana",
        "Ana",
        "ANA",
        "../../etc/passwd",
        "....etc.passwd",
        "a" * 200,
        "a" * 201,
        "雪",
        "CON",
        "",
        "a b",
    ]
    parts = [filenames.account(name) for name in names]
    assert len({part.casefold() for part in parts}) == len(names)
    assert all("/" not in part and part.isascii() and len(part) < 60 for part in parts)
    assert filenames.account("ana_b.c-1") == "ana_b.c-1"


def test_practices_of_one_look_have_names_of_their_own_and_case_makes_none():
    names = ["Queen City", "Queen-City", "Queen_City", "Queen  City", "Queen. City", "Queën City", "q" * 100, "q" * 101]
    assert len({filenames.practice(name) for name in names}) == len(names)
    assert filenames.practice("Queen City") == filenames.practice("QUEEN CITY") == "queen_city"
    assert all("." not in filenames.practice(name) for name in names), "cron passes over it"


def test_two_practices_in_one_folder_keep_their_files(office, place):
    office.do(f"{DAY} init --another --name Two --state NC --zone America/New_York --person B --sandbox")
    one, two = "--practice 'Made-up Clinic'", "--practice Two"
    office.do(f"{DAY} person ana --role biller {two}", f"{DAY} {ANOTHER.replace('C-2', 'C-9')} {two}")
    office.do(f"{DAY} remind --to-folder {place} {one}", f"{DAY} remind --to-folder {place} {two}")
    names = [name for name in digests(place) if "-ana-" in name]
    assert [name.split("-", 3)[3].rsplit("-", 2)[0] for name in names] == ["made-up_clinic", "two"]
    assert all("A-000001" in digests(place)[name] for name in names)


@pytest.mark.parametrize("files", [0, 1, 2])
def test_the_run_after_a_full_disk_writes_what_is_missing_and_the_error_says_how(office, place, monkeypatch, files):
    office.do(f"{DAY} {ANOTHER.replace('--owner ana', '--owner lee')}")
    with full_disk(monkeypatch, files):
        answer = office.say(f"{DAY} remind --to-folder {place}")
    assert answer.code == 73
    assert f"`appeals remind --practice 'Made-up Clinic' --to-folder {place}` writes what is missing" in answer.err
    assert len(digests(place)) == files
    again = office.do(f"{DAY} remind --to-folder {place}")
    assert "0 reminders: nothing new" in again.out
    assert (told(place, "ana"), told(place, "lee")) == (["A-000001"], ["A-000002"])


def test_what_a_run_that_died_left_out_is_written_on_the_next_day_too(office, place, monkeypatch):
    office.do("2026-11-05 remind --to-folder " + str(place))
    with monkeypatch.context() as dead:
        dead.setattr("appeals.commands.remind.to_folder", lambda *_args, **_given: ())
        office.do(f"{DAY} remind --to-folder {place}", f"{DAY} {ANOTHER}", f"{DAY} remind --to-folder {place}")
    assert [name for name in digests(place) if name.startswith(DAY)] == []
    office.do(f"{NEXT} remind --to-folder {place}")
    assert len([name for name in digests(place) if name.startswith(DAY) and "-ana-" in name]) >= 1
    assert "A-000002" in told(place, "ana")


def test_a_file_somebody_took_away_does_not_come_back_but_for_again(office, place):
    office.do(f"{DAY} remind --to-folder {place}")
    before = digests(place)
    for name in before:
        (place / name).unlink()
    office.do(f"{DAY} remind --to-folder {place}")
    assert digests(place) == {}
    office.do(f"{DAY} remind --again --to-folder {place}")
    assert list(digests(place)) == list(before)


def test_what_a_rehearsal_shows_goes_into_no_folder(office, place):
    office.do(f"{DAY} remind --dry-run --to-folder {place}")
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("more", ["", "--dry-run"])
def test_a_folder_that_is_none_is_refused_before_anything_counts_as_told(office, tmp_path, more):
    before = office.everything()
    assert office.say(f"{DAY} remind --to-folder {tmp_path}/none {more}").code == 73
    assert office.everything() == before


@pytest.mark.parametrize("mark", ["", "nonsense", "2026-13-40 x", "2030-01-01 x", "2026-11-05 x"])
def test_a_mark_that_names_no_run_of_this_log_hides_nothing(office, place, mark):
    with office.store() as store:
        (place / f".appeals-told-{store.practice.id}").write_text(mark)
    office.do(f"{DAY} remind --to-folder {place}")
    assert told(place, "ana") == ["A-000001"]


def test_the_marks_of_a_folder_name_a_run_and_nobody(office, place):
    office.do(f"{DAY} remind --to-folder {place}")
    [mark] = [path for path in place.iterdir() if path.name.startswith(".")]
    day, key = mark.read_text().split()
    with office.store() as store:
        assert [json.loads(stored.text)["facts"]["ledger"] for stored in store.runs()] == [key]
    assert day == DAY


def test_runs_of_other_days_that_had_no_folder_are_made_up_for(office, place):
    office.do(f"2026-11-05 remind --to-folder {place}", f"{DAY} {ANOTHER}", f"{DAY} remind", f"{NEXT} remind")
    office.do(f"{NEXT} remind --to-folder {place}")
    assert [name for name in digests(place) if name.startswith(DAY) and "-ana-" in name]
