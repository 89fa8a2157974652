"""Many steps from a file: all or none, or each; every row says what became of it, and a bad one says where and why."""

from __future__ import annotations

import pytest
from practice import EMPLOYER, Offices

HEAD = "case,step,notice,amount,code,reviewer,category,path,enclosed\n"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def opened(count):
    return tuple(
        f"2026-11-03 open --patient 'Sample, Sam{n}' --payer 'Invented Health' --claim C-{n} --billed 100 --owner ana {EMPLOYER}"
        for n in range(1, count + 1)
    )


def sheet(folder, *rows, head=HEAD):
    path = folder / "steps.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows))
    return path


def states(office, count):
    return [str(office.case(str(n)).state) for n in range(1, count + 1)]


def test_all_rows_are_taken_in_one_go_each_with_its_event(offices, tmp_path):
    path = sheet(tmp_path, *(f"{n},deny,2026-11-04,100,CO-50;CO-16" for n in (1, 2, 3)))
    office = offices.after(*opened(3))
    told = office.do(f"2026-11-05 batch {path}").out
    assert "3 rows, 0 refused, 3 steps written" in told
    assert "submitted -> denied" in told
    assert states(office, 3) == ["denied"] * 3
    assert office.events("2")[-1]["name"] == "deny"
    assert office.situation("2").denials[0].reasons == "CO-50 CO-16"
    office.check()


def test_three_bad_rows_in_sixty_keep_all_from_being_written_and_are_named(offices, tmp_path):
    rows = [f"{n},deny,2026-11-04,100,CO-50" for n in range(1, 61)]
    rows[9], rows[29], rows[59] = "10,deny,2026-13-04,100,CO-50", "30,deny,,100,CO-50", "60,overturn,,,"
    path = sheet(tmp_path, *rows)
    office = offices.after(*opened(60))
    before = office.everything()
    answer = office.say(f"2026-11-05 batch {path} --json")
    assert (answer.code, office.everything()) == (30, before)
    refused = {row["line"]: row["error"]["name"] for row in answer.data["rows"] if row["error"]}
    assert refused == {11: "impossible_value", 31: "missing_fact", 61: "step_refused"}
    assert (answer.data["failed"], answer.data["written"]) == (3, 0)
    assert "nothing was written" in office.say(f"2026-11-05 batch {path}").out
    sheet(tmp_path, *(f"{n},deny,2026-11-04,100,CO-50" for n in range(1, 61)))
    assert "60 steps written" in office.do(f"2026-11-05 batch {path}").out
    office.check()


def test_each_takes_the_good_rows_names_the_bad_and_can_be_run_again(offices, tmp_path):
    path = sheet(tmp_path, "1,deny,2026-11-04,100,CO-50", "2,deny,,100,CO-50", "3,deny,2026-11-04,100,CO-50")
    office = offices.after(*opened(3))
    answer = office.say(f"2026-11-05 batch {path} --each --request-id monday")
    assert (answer.code, states(office, 3)) == (4, ["denied", "submitted", "denied"])
    assert "deny needs --notice" in answer.out
    sheet(tmp_path, "1,deny,2026-11-04,100,CO-50", "2,deny,2026-11-04,100,CO-50", "3,deny,2026-11-04,100,CO-50")
    again = office.do(f"2026-11-05 batch {path} --each --request-id monday").out
    assert again.count("already done on 2026-11-05") == 2
    assert states(office, 3) == ["denied"] * 3
    assert [len(office.situation(str(n)).denials) for n in (1, 2, 3)] == [1, 1, 1]
    office.check()


def test_two_steps_of_one_case_are_taken_one_after_the_other_by_each_alone(offices, tmp_path):
    rows = ("1,deny,2026-11-04,100,CO-50", "1,review-eob,,,,A. Clerk,experimental,appeal")
    office = offices.after(*opened(1))
    refused = office.say(f"2026-11-05 batch {sheet(tmp_path, *rows)}")
    assert (refused.code, states(office, 1)) == (30, ["submitted"])
    office.do(f"2026-11-05 batch {sheet(tmp_path, *rows)} --each")
    assert states(office, 1) == ["eob_reviewed"]


@pytest.mark.parametrize("how", ["", "--each"])
def test_a_dry_run_says_what_would_become_of_each_row_and_writes_nothing(offices, tmp_path, how):
    path = sheet(tmp_path, "1,deny,2026-11-04,100,CO-50", "2,deny,2026-11-04,100,CO-50")
    office = offices.after(*opened(2))
    before = office.everything()
    told = office.do(f"2026-11-05 batch {path} {how} --dry-run").out
    assert told.count("submitted -> denied") == 2
    assert "0 steps written" in told
    assert office.everything() == before


def test_the_same_request_id_takes_all_of_them_once(offices, tmp_path):
    path = sheet(tmp_path, "1,deny,2026-11-04,100,CO-50")
    office = offices.after(*opened(1))
    office.do(f"2026-11-05 batch {path} --request-id once")
    before = office.everything()
    assert "already done" in office.do(f"2026-11-05 batch {path} --request-id once").out
    assert office.everything() == before


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,dney,2026-11-04", "no such step 'dney'"),
        (",deny,2026-11-04", "No case"),
        ("1,deny,2026-11-04,100,CO-50,A. Clerk", "No such option"),
        ("1,deny,2026-11-04,one hundred,CO-50", "not an amount"),
        ("1,deny,2026-11-04,100,CO-50,,,,,,,extra", "more cells"),
        ("99,deny,2026-11-04,100,CO-50", "99"),
    ],
)
def test_a_row_that_cannot_be_says_why(offices, tmp_path, row, said):
    office = offices.after(*opened(1))
    answer = office.say(f"2026-11-05 batch {sheet(tmp_path, row)} --each")
    assert (answer.code, said in answer.out) == (4, True), answer.out


@pytest.mark.parametrize("content", [b"", b"case,notice\n1,2\n", b"case,step,case\n", b"\xff\xfe\x00", b'case,step\n1,"deny\n'], ids=str)
def test_a_file_that_is_no_such_sheet_is_refused_whole(offices, tmp_path, content):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    office = offices.after(*opened(1))
    before = office.everything()
    answer = office.say(f"2026-11-05 batch {path}")
    assert (answer.code, answer.out, office.everything()) == (30, "", before)
