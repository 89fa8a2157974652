"""Dates and amounts as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import typed
from appeals.errors import ImpossibleValue

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-04", date(2026, 3, 4)),
        ("3/4/2026", date(2026, 3, 4)),
        ("03/04/2026", date(2026, 3, 4)),
        (" 12/31/1999 ", date(1999, 12, 31)),
        ("2028-02-29", date(2028, 2, 29)),
        ("today", TODAY),
        ("Yesterday", date(2026, 11, 22)),
        ("-3d", date(2026, 11, 20)),
        ("-0d", TODAY),
    ],
)
def test_a_date_is_taken_in_each_accepted_form(text, expected):
    assert typed.day(text, today=TODAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2026",
            "20261123",
            "2026-W48-1",
            "2026-3-4",
            "3/4/26",
            "13/01/2026",
            "2026-02-29",
            "11-23-2026",
            "2026-11-23T00:00",
            "tomorrow",
        ),
        *(
            "3d",
            "+3d",
            "-3",
            "-999999d",
            "-9999999999d",
            "0206-01-02",
            "2926-01-02",
            "٢٠٢٦-٠١-٠١",
            "1/2/2026\n3",
            "2026-00-10",
            "Nov 23 2026",
        ),
    ],
)
def test_anything_else_is_refused_with_the_accepted_forms(text):
    with pytest.raises(ImpossibleValue) as refused:
        typed.day(text, today=TODAY)
    assert "2026-11-23, 11/23/2026" in refused.value.hint


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_a_date_reads_back_from_both_written_forms(when):
    assert typed.day(when.isoformat(), today=TODAY) == typed.day(f"{when.month}/{when.day}/{when.year}", today=TODAY) == when


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.5", 123_450),
        ("1,234.50", 123_450),
        ("$1,234.50", 123_450),
        ("1234", 123_400),
        ("0.07", 7),
        ("0", 0),
        (" 19.99 ", 1_999),
        ("$99,999,999.99", 9_999_999_999),
        ("0000000000000000012.00", 1_200),
    ],
)
def test_money_is_taken_in_each_accepted_form(text, expected):
    assert typed.cents(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "$",
            "-5",
            "+5",
            "(5.00)",
            "1.234",
            "1.",
            ".5",
            "1,23",
            "12,34.00",
            "1,2345",
            "1234,567",
            "nan",
            "inf",
            "1e5",
            "0x10",
            "1_000",
        ),
        *("€5", "5 USD", "$-5", "$$5", "5.00.00", "1 000", "١٢", "100,000,000", "99999999999.00", "9" * 5000, "5\n5"),
    ],
)
def test_any_other_amount_is_refused_with_the_accepted_forms(text):
    with pytest.raises(ImpossibleValue) as refused:
        typed.cents(text)
    assert "$1,234.50" in refused.value.hint


@given(st.integers(0, typed.LARGEST_CENTS))
def test_an_amount_reads_back_from_every_written_form(amount):
    for written in (f"{amount // 100}.{amount % 100:02}", f"${amount // 100:,}.{amount % 100:02}"):
        assert typed.cents(written) == amount


def test_what_was_typed_is_not_repeated_in_an_error():
    for parse in (typed.cents, lambda text: typed.day(text, today=TODAY)):
        with pytest.raises(ImpossibleValue) as refused:
            parse("Jane Canary")
        assert "Canary" not in refused.value.message + refused.value.hint


@given(st.integers(0, 20_000))
def test_days_ago_count_back_from_today(days):
    assert typed.day(f"-{days}d", today=TODAY) == TODAY - timedelta(days=days)
