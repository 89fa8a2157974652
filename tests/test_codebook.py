"""`codes show` and `codes load`: every form of a code, our own words beside the office's, and every way a list can be wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from practice import Offices, denied
from test_bad_input import a_quiet_account, typed

from appeals import codelook, codes, officecodes, officetexts
from appeals.errors import FileRefused
from appeals.officetexts import NO_TEXTS

__all__ = ["a_quiet_account"]

DAY = "2026-11-06"
OWN = "Code,Description,Start\n50,Licensed words of fifty,x\nN115,Licensed words of a policy,\n"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def written(folder, text, name="own.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def asked(*words):
    return [(one.kind, one.code) for one in codelook.explained(words, codes.load(), NO_TEXTS)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("CO-50",), [("group", "CO"), ("carc", "50")]), (("50",), [("carc", "50")]), (("N115",), [("rarc", "N115")]),
        (("CO",), [("group", "CO")]), (("PR-242",), [("group", "PR"), ("carc", "242")]), (("status", "22"), [("status", "22")]),
        (("22",), [("carc", "22")]), (("25",), [("status", "25")]), (("co50",), [("group", "CO"), ("carc", "50")]),
        (("CO-050",), [("group", "CO"), ("carc", "50")]),
        (("CO-50/N115", "MA130"), [("group", "CO"), ("carc", "50"), ("rarc", "N115"), ("rarc", "MA130")]),
        (("CO-50, CO-197",), [("group", "CO"), ("carc", "50"), ("carc", "197")]), (("remark", "50"), [("rarc", "50")]),
        (("B7", "P12", "A1"), [("carc", "B7"), ("carc", "P12"), ("carc", "A1")]),
        (("ZZ9",), [("carc", "ZZ9")]), (("M1",), [("rarc", "M1")]),
        (("status 4",), [("status", "4")]), (("0",), [("carc", "0")]),
    ],
)  # fmt: skip
def test_a_code_is_understood_in_every_form_it_stands_in_on_paper(words, found):
    assert asked(*words) == found


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_no_words_are_refused_and_none_become_a_code_that_is_known_by_chance(words):
    for one in codelook.explained(words, codes.load(), NO_TEXTS):
        assert one.known == (one.meaning != "unknown code")


def test_a_code_says_its_meaning_category_path_and_what_staff_do_without_a_database():
    answer = typed("codes", "show", "CO-50", "45")
    assert (answer.code, answer.err) == (0, "")
    assert "50  reason (CARC): The payer does not see the service as medically necessary." in answer.out
    assert "category medical_necessity, usual path appeal" in answer.out
    assert "no denial, whatever its amount" in answer.out
    assert "Unmarked words are our own" in answer.out


@pytest.mark.parametrize(("word", "code"), [("50", 0), ("ZZ9", 3), ("N99999", 3), ("status 99", 3), ("CO-999", 3), ("22", 0)])
def test_an_unknown_code_is_shown_as_unknown_and_ends_with_three(word, code):
    answer = typed("codes", "show", *word.split())
    assert answer.code == code
    assert ("unknown code" in answer.out) == bool(code)


@pytest.mark.parametrize("words", ["A3:187", "status A3", "category A3", "a3:187:PR"])
def test_the_category_of_a_claim_status_is_explained_as_reports_have_it(words):
    [found] = codelook.explained(words.split(), codes.load(), NO_TEXTS)
    assert (found.kind, found.known, found.meaning) == ("category", True, "returned, it cannot be processed")
    [unknown] = codelook.explained(["Z9:1"], codes.load(), NO_TEXTS)
    assert (unknown.kind, unknown.known) == ("category", False)


def test_a_reason_that_is_also_a_claim_status_says_so():
    assert "also a claim status: appeals codes show status 22" in typed("codes", "show", "22").out


@pytest.mark.parametrize("carc", ["17", "91", "262", "281", "293", "306", "308", "P2", "P12", "P32", "B5", "W1"])
def test_reasons_that_payers_send_are_known(carc):
    assert codes.load().carc(carc).known


@pytest.mark.parametrize(
    "rarc", ["M16", "M29", "M47", "M60", "MA13", "MA44", "MA91", "N1", "N32", "N142", "N210", "N211", "N435", "N522", "N706", "N859"]
)
def test_remarks_that_payers_send_are_known(rarc):
    assert codes.load().rarc(rarc).known


def test_the_offices_own_texts_stand_beside_ours_with_the_file_they_came_from(offices, tmp_path):
    office = offices.after(f"{DAY} codes load {written(tmp_path, OWN)}")
    said = " ".join(office.do(f"{DAY} codes show CO-50 N115 29").out.split())
    assert "The payer does not see the service as medically necessary." in said
    assert f"the office's own text (own.csv, loaded {DAY} by " in said
    assert "Licensed words of fifty" in said
    assert said.count("the office's own text") == 2


def test_next_and_show_give_the_offices_texts_where_they_explain_codes(offices, tmp_path):
    office = offices.after(*denied(code="CO-50/N115"), f"{DAY} codes load {written(tmp_path, OWN)}")
    for command in ("next 1", "show 1"):
        said = " ".join(office.do(f"{DAY} {command}").out.split())
        assert "Licensed words of fifty" in said
        assert "Licensed words of a policy" in said
    [reading] = office.do(f"{DAY} next 1 --json").data["codes"]["readings"]
    assert [text["code"] for text in reading["office"]] == ["50", "N115"]
    assert "Licensed" not in offices.after(*denied(code="CO-50/N115")).do(f"{DAY} next 1").out


def test_loading_is_one_event_without_a_patient_or_the_texts_and_twice_changes_nothing(offices, tmp_path):
    office = offices.after()
    path = written(tmp_path, OWN)
    office.do(f"{DAY} codes load {path}")
    with office.store() as store:
        *_, last = [json.loads(stored.text) for stored in store.events()]
        assert store.rule_packs() == ()
    assert (last["kind"], last["name"], last["patient"], last["facts"]["codes"]) == ("setup", "codes-load", None, {"carc": 1, "rarc": 1})
    assert "Licensed" not in json.dumps(last)
    before = office.everything()
    assert "it was loaded before" in office.do(f"{DAY} codes load {path}").out
    assert office.everything() == before
    office.check()


def test_a_list_of_a_kind_replaces_the_one_before_and_leaves_the_others(offices, tmp_path):
    office = offices.after(f"{DAY} codes load {written(tmp_path, OWN)}")
    new = written(tmp_path, "code,description\n29,New words\n", "new.csv")
    answer = office.do(f"2026-11-09 codes load {new}")
    assert "takes the place of own.csv (reason (CARC))" in answer.out
    told = {one["code"]: one["office"] for one in office.do("2026-11-09 codes show 50 29 N115 --json").data["codes"]}
    assert (told["50"], told["29"]["origin"], told["N115"]["origin"]) == (None, "new.csv", "own.csv")
    then = {one["code"]: one["office"] for one in office.do("2026-11-08 codes show 50 29 --json").data["codes"]}
    assert (then["50"]["text"], then["29"]) == ("Licensed words of fifty", None)
    office.check()


def test_a_dry_run_and_a_repeated_request_write_nothing_more(offices, tmp_path):
    office = offices.after()
    before = office.everything()
    assert "would be loaded" in office.do(f"{DAY} codes load {written(tmp_path, OWN)} --dry-run").out
    assert office.everything() == before


def test_rules_go_on_as_before_beside_a_list_of_codes(offices, tmp_path):
    office = offices.after(*denied(), f"{DAY} codes load {written(tmp_path, OWN)}")
    assert office.situation().rule_packs == ()
    assert "0 of 1 open cases move" in office.do(f"{DAY} rules apply").out
    pack = written(tmp_path, '[pack]\nid = "codes:carc"\nversion = "1"\ntitle = "x"\n', "p.toml")
    refused = office.say(f"{DAY} rules load {pack}")
    assert refused.code == 40
    assert "begins the ids of lists of codes" in refused.err


TOML = '[[code]]\ncode = "CO"\ndescription = "By contract"\n[[code]]\ncode = "22"\nkind = "status"\ndescription = "Reversal"\n'


def test_a_list_may_be_toml_name_its_kinds_and_have_any_encoding_with_a_mark(tmp_path):
    assert officecodes.read("x.toml", TOML.encode()) == {"group": {"CO": "By contract"}, "status": {"22": "Reversal"}}
    semicolons = 'Code;Description;Kind\n"050";"Wörds; in\ntwo lines";carc\n'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert officecodes.read("x.csv", semicolons.encode(encoding)) == {"carc": {"50": "Wörds; in two lines"}}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", "code,description\n50,\n51,fine\n", "x.csv, line 2: the description is empty."),
        ("x.csv", "code,description\n50,a\n50,b\n", "x.csv, line 3: the code stands in line 2 already."),
        ("x.csv", "code,description\n050,a\n50,b\n", "line 3: the code stands in line 2 already"),
        ("x.csv", "code,description\n5 0,a\n", "line 2: the code is none"),
        ("x.csv", "code,description\n,a\n", "line 2: the code is none"),
        ("x.csv", "code,description,kind\n50,a,reason\n", "line 2: the kind is none of carc"),
        ("x.csv", "code,description\n50\n", "line 2: has 1 cells, the header 2"),
        ("x.csv", "code,description\n50,a\u200bb\n", "holds one nobody can see"),
        ("x.csv", "code,description\n50," + "x" * 4_001 + "\n", "longer than 4000 characters"),
        ("x.csv", 'code,description\n50,"a\n51,b\n', "quotation marks open and do not close"),
        ("x.csv", "code,meaning\n50,a\n", "line 1 must name each of code and description once"),
        ("x.csv", "code,description\n", "it lists no code"),
        ("x.csv", b"code,description\n50,W\xf6rds\n", "line 2: is not in utf-8"),
        ("x.csv", b"PK\x03\x04", "an Excel workbook"),
        ("x.csv", b"", "an empty file"),
        ("x.toml", "[[code]]\ncode = 50\ndescription = 'a'\n", "x.toml, code 1: code: must be text"),
        ("x.toml", "[[code]]\ncode = '50'\ntext = 'a'\n", "code 1: unknown key 'text'"),
        ("x.toml", "[[codes]]\ncode = '50'\n", "unknown table 'codes'"),
        ("x.toml", "[[code]\n", "not a TOML file"),
        ("x.toml", "code = 3\n", "code 1: must be a table"),
    ],
)  # fmt: skip
def test_a_list_with_a_fault_is_refused_with_its_line_and_nothing_is_written(offices, tmp_path, name, content, says):
    office = offices.after()
    before = office.everything()
    answer = office.say(f"{DAY} codes load {written(tmp_path, content, name)}")
    assert (answer.code, answer.out) == (30, "")
    assert says in answer.err
    assert office.everything() == before


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.from_regex(r"[1-9][0-9]{0,2}", fullmatch=True), st.text(st.characters(categories=("L", "N", "P")), min_size=1)))
def test_what_is_kept_of_a_list_is_what_stood_in_it(found):
    text = officetexts.kept(found)
    pack = officetexts.RulePack(
        id="i",
        practice_id="p",
        pack_id="codes:carc",
        version="x.csv",
        sha256="",
        text=text,
        loaded_on=codes.load().written_on,
        loaded_by="ana",
    )
    assert {code: one.text for (_kind, code), one in officetexts.texts([pack]).items()} == found


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["x.csv", "x.toml"]))
def test_no_bytes_end_in_anything_but_a_list_or_a_refusal(content, name):
    for head in (b"", b"code,description\n"):
        try:
            officecodes.read(name, head + content)
        except FileRefused as refused:
            assert refused.message
