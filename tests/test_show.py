"""What is printed: nothing from outside reaches a terminal raw, and a program reads exact values."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import show
from appeals.errors import StepRefused
from appeals.model import State
from appeals.record import Document

ROOT = Path(__file__).parents[1]
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
HOSTILE = "Ann\x1b]0;pwn\x07\x1b[2J\x1b[1;31m Lee [red]x[/red] :bomb:"
HOSTILE += "\u202e gnp.exe\u2066\x9b31m\u200b\r\nDENIED\x08\t\x00\x7f\ud800\ue000\u2028\U000e0041"


def raw(printed):
    """Characters of the unsafe categories that got through."""
    return {each for each in printed if unicodedata.category(each) in UNSAFE}


def test_a_terminal_escape_is_shown_and_not_obeyed():
    assert show.text("\x1b[2J") == "\\x1b[2J"
    assert show.text("a\u202eb\U000e0041") == "a\\u202eb\\U000e0041"
    assert show.text("José Ñandú\u00a0日本") == "José Ñandú\u00a0日本"


@given(st.text(alphabet=st.characters()))
def test_no_unsafe_character_gets_through_and_no_other_is_touched(value):
    shown = show.text(value)
    assert not raw(shown)
    if not raw(value):
        assert shown == value


@pytest.mark.parametrize("tty", [True, False])
def test_hostile_text_in_any_cell_is_harmless_on_a_terminal_and_in_a_pipe(tty):
    lines = list(show.table(["case", HOSTILE], [["A-000001", HOSTILE], [HOSTILE, "$1.00"]], tty=tty, width=400))
    assert not raw("".join(lines))
    assert sum("\\x1b[2J" in line and "[red]x[/red] :bomb:" in line for line in lines) == 3


def test_hostile_text_in_json_is_harmless_and_exact():
    printed = show.json_envelope("show", date(2026, 11, 23), HOSTILE, False, {HOSTILE: HOSTILE}, [HOSTILE])
    assert printed.isascii()
    assert not raw(printed)
    assert json.loads(printed)["data"] == {HOSTILE: HOSTILE}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane Doe", "J. D."),
        ("Doe, Jane", "J. D."),
        ("DOE, JANE QUEEN", "J. D."),
        ("Maria del Carmen O'Neil", "M. O."),
        ("Cher", "C."),
        ("", ""),
        ("\x1b[31m Lee", "M. L."),
        ("  élan  ångström ", "É. Å."),
        ("123 -", ""),
    ],
)
def test_a_name_is_masked_to_its_initials(name, expected):
    assert show.mask(name) == expected


def test_money_and_days_are_written_one_way():
    assert [show.money(cents) for cents in (0, 5, 123_450, -5, -123_456_789)] == ["$0.00", "$0.05", "$1,234.50", "-$0.05", "-$1,234,567.89"]
    assert show.day(date(2026, 11, 23)) == "Mon 2026-11-23"
    assert show.day(None) == "-"


def test_a_pipe_gets_aligned_columns_one_line_a_row():
    lines = list(show.table(["case", "amount", "payer"], [["A-000001", "$5.00", "Acme"], ["A-2", "$1,234.50", ""]], tty=False, width=10))
    assert lines == [
        "case         amount  payer",
        "A-000001      $5.00  Acme",
        "A-2       $1,234.50",
    ]


def test_a_table_without_rows_is_its_header():
    assert list(show.table(["case", "payer"], [], tty=False, width=80)) == ["case  payer"]
    assert "case" in "".join(show.table(["case", "payer"], [], tty=True, width=80))


def test_a_long_list_is_printed_while_it_is_read():
    def rows():
        for number in range(show.PAGE * 2 + 1):
            taken.append(number)
            yield [str(number)]

    taken = []
    lines = show.table(["n"], rows(), tty=False, width=80)
    next(lines)
    assert len(taken) == show.PAGE
    assert sum(1 for _ in lines) == show.PAGE * 2 + 1


def test_a_narrow_terminal_folds_a_cell_and_loses_nothing_of_it():
    lines = list(show.table(["case", "why"], [["A-000001", "x" * 60]], tty=True, width=30))
    assert sum(line.count("x") for line in lines) == 60
    assert max(map(len, lines)) <= 30


def test_rich_is_imported_for_a_terminal_only():
    script = (
        "import sys; from appeals import show;"
        "list(show.table(['a'], [['b']], tty=False, width=80)); print('rich' in sys.modules);"
        "list(show.table(['a'], [['b']], tty=True, width=80)); print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@dataclass(frozen=True)
class Row:
    state: State
    amount_cents: int
    due_on: date | None
    recorded_at: datetime
    papers: tuple[Document, ...]


def test_values_become_json_with_cents_iso_dates_and_utc_instants():
    paper = Document(
        id="d", practice_id="p", case_id=None, kind="letter", direction="in", dated=date(2026, 1, 2), sha256="ab", size=3, content=b"pdf"
    )
    row = Row(State.DENIED, 12_345, date(2026, 3, 4), datetime(2026, 11, 23, 14, 30, tzinfo=UTC), (paper,))
    told = json.loads(
        show.json_envelope("today", date(2026, 11, 23), "Clinic", True, {"rows": [row], "owners": {"b", "a"}}, ["unverified"])
    )
    assert told["data"]["rows"][0] | {"papers": []} == {
        "state": "denied",
        "amount_cents": 12_345,
        "due_on": "2026-03-04",
        "recorded_at": "2026-11-23T14:30:00.000000Z",
        "papers": [],
    }
    assert "content" not in told["data"]["rows"][0]["papers"][0]
    assert told["data"]["owners"] == ["a", "b"]
    del told["data"]
    assert told == {
        "schema": "appeals/1",
        "command": "today",
        "as_of": "2026-11-23",
        "practice": "Clinic",
        "sandbox": True,
        "warnings": ["unverified"],
    }


@pytest.mark.parametrize("value", [b"bytes", object(), {"x": bytearray(b"y")}])
def test_a_value_without_a_form_in_json_is_refused(value):
    with pytest.raises(TypeError):
        show.as_json(value)


def test_an_error_tells_its_code_name_and_way_out():
    told = json.loads(show.json_error(StepRefused("Case A-000001 is denied.", "Review the EOB first.", ["review-eob"])))
    assert told == {
        "schema": "appeals/1",
        "error": {
            "code": 20,
            "name": "step_refused",
            "message": "Case A-000001 is denied.",
            "hint": "Review the EOB first.",
            "possible": ["review-eob"],
        },
    }
