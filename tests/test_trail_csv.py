"""A copy of a trail as a table: read back by the csv module, whole, and with no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from copying import NAME, NASTY, a_copy, events
from hypothesis import example, given
from hypothesis import strategies as st

from appeals import redaction, trail_csv
from appeals.trail_csv import COLUMNS, cell, line

GOLDEN = Path(__file__).with_name("golden") / "trail.csv"


def rows(copy, delimiter=","):
    text = "".join(trail_csv.lines(copy)).removeprefix(trail_csv.BOM)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=delimiter == ","))


def runs(words):
    """What Excel, LibreOffice or a sheet in a browser might take for a formula."""
    bare = words.lstrip()
    return words[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", bare[:1])[:1] in tuple("=+-@")


def test_the_table_is_the_one_that_was_looked_at():
    assert "".join(trail_csv.lines(a_copy())).encode() == GOLDEN.read_bytes(), "look at the new one, then put it in its place"


def test_it_opens_with_a_mark_a_header_and_one_row_an_entry():
    copy = a_copy()
    pieces = list(trail_csv.lines(copy))
    assert pieces[0].startswith("\ufeff")
    assert all(piece.endswith("\r\n") and piece.count("\n") == 1 for piece in pieces)
    header, *held = rows(copy)
    assert tuple(header) == COLUMNS
    assert {len(row) for row in held} == {len(COLUMNS)}
    assert [row[0] for row in held[: len(copy.entries)]] == [str(entry.seq) for entry in copy.entries]
    assert [row[-1] for row in held[: len(copy.entries)]] == [entry.leaf for entry in copy.entries]


def test_the_statement_and_the_head_stand_at_the_end():
    copy = a_copy()
    what = COLUMNS.index("what")
    *_, statement, head = rows(copy)
    assert (statement[0], statement[what]) == ("statement", copy.statement)
    assert (head[0], head[what]) == ("head", copy.head)


def test_names_keep_their_accents_and_money_is_said_in_dollars():
    text = "".join(trail_csv.lines(a_copy()))
    assert NAME in text
    assert "in dispute: $0.00 -> $1,200.00" in text
    assert "filing: won: $0.00 -> $450.00" in text
    assert "A-000002" in text


def test_a_doubtful_date_says_so():
    denied = rows(a_copy())[2]
    said = denied[COLUMNS.index("clocks")]
    assert "file internal appeal: open, due 2027-05-03, work by 2027-04-26 (29 CFR 2560.503-1(h)(3)(i))" in said
    assert "decide appeal: open, due 2026-12-11, work by 2026-12-11, candidate, UNVERIFIED" in said


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\xa0=1", "\u3000=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A",
        "\ufe661", "a;=1", "a; \uff1d1",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_only_read(typed):
    copy = a_copy([one | {"reason": typed} if one["name"] == "note" else one for one in events()])
    assert not any(runs(found) for row in rows(copy) for found in row)
    assert not any(runs(found) for row in rows(copy, ";") for found in row)
    assert any("'" in found for found in rows(copy)[3])


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
@example(["=", "a\r\n=b", '";="', "x|=y", "a;\u200b=1"])
@example(["", ";"])
def test_no_text_makes_a_cell_run_or_break_out_of_its_row(cells):
    written = line(cells)
    assert written.endswith("\r\n")
    assert written.count("\n") == written.count("\r") == 1
    (back,) = csv.reader(io.StringIO(written, newline=""), strict=True)
    assert back == [cell(each) for each in cells]
    assert not any(runs(each) for each in back)
    for parted in csv.reader(io.StringIO(written, newline=""), delimiter=";"):
        assert not any(runs(each.lstrip("\r\n")) for each in parted)  # a quote that is split opens a cell before the line's own end


@given(st.text(alphabet=st.characters(categories=("L", "Mn", "N")), max_size=30))
def test_plain_words_stay_as_they_are(words):
    assert cell(words) == words


def test_control_characters_are_made_visible():
    assert cell("a\x00b\x1b[31m\u202e") == "a\\x00b\\x1b[31m\\u202e"


def test_a_redacted_table_says_what_was_left_out_and_names_nobody():
    text = "".join(trail_csv.lines(a_copy(redact=redaction.redacted)))
    own = text.split("A copy of this trail was given out")[1].split("\r\n")[0]  # the export's own entry is never redacted
    assert "Wolfe" not in text.replace(own, "")
    assert "alert" not in text
    assert redaction.WITHHELD in text
    assert redaction.LEFT_OUT in text
    assert NASTY not in text


def test_a_copy_of_a_sandbox_says_so():
    assert "SANDBOX" in "".join(trail_csv.lines(a_copy()))
