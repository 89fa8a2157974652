"""Many steps from a file: all or none, or each; every row says what became of it, and a bad one says where and why."""

from __future__ import annotations

import click
import pytest
from practice import EMPLOYER, Office, Offices

from appeals.commands.batch import BY_FILE
from appeals.commands.step_options import TABLE

HEAD = "case,step,notice,amount,code,reviewer,category,path,enclosed\n"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def opened(count):
    return tuple(
        f"2026-11-03 open --patient 'Sample, Sam{n}' --payer 'Invented Health' --claim C-{n} --billed 100 --owner ana {EMPLOYER}"
        for n in range(1, count + 1)
    )


BILLED = (
    f"2026-11-03 open --patient 'Sample, Sam' --payer 'Invented Health' --claim C-1 --billed 100 {EMPLOYER}",
    "2026-11-05 deny 1 --notice 2026-11-04 --amount 50 --code PR-1",
    "2026-11-06 review-eob 1 --reviewer 'A. Clerk' --category patient_share --path patient_responsibility",
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


def test_a_request_id_of_another_sheet_or_command_swallows_no_work(offices, tmp_path):
    path = sheet(tmp_path, "1,deny,2026-11-04,100,CO-50", "2,deny,2026-11-04,100,CO-50")
    office = offices.after(*opened(4))
    office.do(f"2026-11-05 batch {path} --request-id once", "2026-11-05 assign 4 ben --request-id lent")
    before = office.everything()
    for rows in (
        ["1,deny,2026-11-04,100,CO-50"],
        ["1,deny,2026-11-04,100,CO-50", "3,deny,2026-11-04,100,CO-50"],
        ["1,deny,2026-11-04,100,CO-50", "2,deny,2026-11-04,90,CO-50"],
        ["1,deny,2026-11-04,100,CO-50", "2,deny,2026-11-04,100,CO-50", "3,deny,2026-11-04,100,CO-50"],
        ["1,deny,2026-11-04,100,CO-50", "99,deny,2026-11-04,100,CO-50"],
        ["1,deny,2026-11-04,100,CO-50", "2,deny,,100,CO-50;"],
    ):
        answer = office.say(f"2026-11-05 batch {sheet(tmp_path, *rows)} --request-id once")
        assert (answer.code, answer.out) == (22, ""), rows
    answer = office.say(f"2026-11-05 batch {sheet(tmp_path, '3,deny,2026-11-04,100,CO-50')} --request-id lent")
    assert (answer.code, office.everything()) == (22, before)
    other_order = sheet(tmp_path, "A-2,deny,11/4/2026,100.00,CO-50;", "C-1,deny,2026-11-04,$100,co50")
    assert office.do(f"2026-11-06 batch {other_order} --request-id once").out.count("already done") == 2


def test_each_knows_a_row_by_what_it_says_and_not_by_its_place(offices, tmp_path):
    office = offices.after(*opened(3))
    office.do(f"2026-11-05 batch {sheet(tmp_path, '2,deny,2026-11-04,100,CO-50')} --each --request-id monday")
    path = sheet(tmp_path, "3,deny,2026-11-04,100,CO-50", "2,deny,2026-11-04,100,CO-50", "1,deny,2026-11-04,100,CO-50")
    told = office.do(f"2026-11-05 batch {path} --each --request-id monday").out
    assert (told.count("submitted -> denied"), told.count("already done on 2026-11-05")) == (2, 1)
    changed = office.say(f"2026-11-05 batch {sheet(tmp_path, '2,deny,2026-11-04,90,CO-50')} --each --request-id monday")
    assert (changed.code, "already done" in changed.out) == (4, False)
    office.check()


def test_each_takes_a_row_that_stands_in_the_sheet_twice_twice_and_not_again(offices, tmp_path):
    review = "1,review-eob,,,,A. Clerk,experimental,appeal"
    path = sheet(tmp_path, "1,deny,2026-11-04,100,CO-50", review, review)
    office = offices.after(*opened(1))
    for told in ("eob_reviewed -> eob_reviewed", "already done"):
        assert told in office.do(f"2026-11-05 batch {path} --each --request-id monday").out
    assert [event["name"] for event in office.events("1")].count("review-eob") == 2


@pytest.mark.parametrize("how", ["", "--each"])
def test_a_version_holds_for_one_case_and_is_refused_for_many(offices, tmp_path, how):
    office = offices.after(*opened(1))
    before = office.everything()
    answer = office.say(f"2026-11-05 batch {sheet(tmp_path, '1,deny,2026-11-04,100,CO-50')} {how} --if-version 1")
    assert (answer.code, "--if-version" in answer.err, office.everything()) == (22, True, before)


@pytest.mark.parametrize(
    ("word", "expected"),
    [*((word, (30, True)) for word in ("yes", "TRUE", "1", "x")), *((word, (0, False)) for word in ("no", "False", "0", ""))],
)
def test_a_flag_is_a_word_for_yes_or_for_no(offices, tmp_path, word, expected):
    path = sheet(tmp_path, f"1,bill-patient,payment_plan,{word},50", head="case,step,how_met,surprise_billing,amount\n")
    answer = offices.after(*BILLED).say(f"2026-11-06 batch {path} --dry-run")
    # The law forbids that bill: what becomes of the row shows whether the flag arrived.
    assert (answer.code, "surprise" in answer.out.lower()) == expected


@pytest.mark.parametrize("word", ["y", "ja", "2", "yes;no"])
def test_a_flag_that_is_neither_is_named(offices, tmp_path, word):
    path = sheet(tmp_path, f"1,bill-patient,payment_plan,{word}", head="case,step,how_met,surprise_billing\n")
    answer = offices.after(*BILLED).say(f"2026-11-06 batch {path}")
    assert (answer.code, "surprise-billing is neither yes nor no" in answer.out) == (30, True)


def test_a_column_without_a_name_may_stand_there_as_long_as_it_is_empty(offices, tmp_path):
    office = offices.after(*opened(2))
    rows = ("1,deny,,2026-11-04,100,CO-50;;CO-16; ,,", ",,,,,,,", "")
    path = sheet(tmp_path, *rows, head="case,step,,notice,amount,code,,\n")
    assert "1 row, 0 refused, 1 step written" in office.do(f"2026-11-05 batch {path}").out
    assert office.situation("1").denials[0].reasons == "CO-50 CO-16"
    path = sheet(tmp_path, "2,deny,oh,2026-11-04,100,CO-50", head="case,step,,notice,amount,code,,\n")
    assert "Column 3 has a cell here and no name" in office.say(f"2026-11-05 batch {path}").out


@pytest.mark.parametrize("column", ["help", "as-of", "version"])
def test_a_column_that_is_no_option_of_the_step_is_named(offices, tmp_path, column):
    path = sheet(tmp_path, "1,deny,2026-11-04,100,CO-50,1", head=f"case,step,notice,amount,code,{column}\n")
    answer = offices.after(*opened(1)).say(f"2026-11-05 batch {path}")
    assert (answer.code, f"--{column}" in answer.out, answer.err) == (30, True, "")


def test_a_dry_run_of_each_says_which_row_it_cannot_judge_yet(offices, tmp_path):
    rows = (
        "1,deny,2026-11-04,100,CO-50",
        "1,review-eob,,,,A. Clerk,experimental,appeal",
        "2,deny,,100,CO-50",
        "2,deny,2026-11-04,100,CO-50",
    )
    office = offices.after(*opened(2))
    answer = office.say(f"2026-11-05 batch {sheet(tmp_path, *rows)} --each --dry-run")
    assert ("not judged: line 2 moves this case first" in answer.out, answer.code) == (True, 4)
    assert (answer.out.count("submitted -> denied"), "No step" in answer.out, "1 refused" in answer.out) == (2, False, True)


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


@pytest.mark.parametrize("step", BY_FILE)
def test_a_template_names_every_column_of_a_step_and_is_taken_as_a_file(offices, tmp_path, step):
    office = offices.after(*opened(1))
    header = office.do(f"2026-11-05 batch --template {step}").out
    names = header.rstrip("\n").split(",")
    assert header.count("\n") == 1
    assert names[:2] == ["case", "step"]
    assert {f"--{name}" for name in names[2:]} == {option for each in TABLE[step][2] for option in options_of(each)}
    path = sheet(tmp_path, head=header)
    assert "0 rows, 0 refused" in office.do(f"2026-11-05 batch {path} --dry-run").out


def test_a_template_that_is_filled_in_is_taken(offices, tmp_path):
    office = offices.after(*opened(1))
    header = office.do("2026-11-05 batch --template deny").out
    cells = {"case": "1", "step": "deny", "notice": "2026-11-04", "amount": "100", "code": "CO-50"}
    path = sheet(tmp_path, ",".join(cells.get(name, "") for name in header.strip().split(",")), head=header)
    before = office.everything()
    assert "submitted -> denied" in office.do(f"2026-11-05 batch {path} --dry-run").out
    assert office.everything() == before


def test_a_template_needs_no_database_and_writes_nothing(tmp_path):
    answer = Office(tmp_path / "none.db").say("2026-11-05 batch --template pay")
    assert (answer.code, answer.err) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("words", "said"), [("", "--template STEP"), ("steps.csv --template pay", "--template")])
def test_a_batch_of_nothing_or_of_two_things_says_what_to_give(offices, words, said):
    answer = offices.after(*opened(1)).say(f"2026-11-05 batch {words}")
    assert (answer.code, answer.out) == (21, "")
    assert said in answer.err


def options_of(decorator):
    """The names of one option of the table of steps."""
    return [name for parameter in click.command()(decorator(lambda **_: None)).params for name in parameter.opts]
