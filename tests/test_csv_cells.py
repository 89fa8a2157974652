"""Cells of a CSV file by their declared form: what is written in it is read back, and nothing else is read at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import fields as f
from appeals.intake import csvcells
from appeals.intake.csvcells import MoneyForm

AMERICAN = MoneyForm(decimal=".", thousands=",", currency=("$", "USD"), negative=("minus", "parentheses"), blank="zero")
EUROPEAN = MoneyForm(decimal=",", thousands=".", currency=(), negative=("trailing_minus",), blank="missing")


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("MM/DD/YYYY", "03/04/2026", date(2026, 3, 4)), ("DD/MM/YYYY", "03/04/2026", date(2026, 4, 3)),
        ("M/D/YYYY", "3/4/2026", date(2026, 3, 4)), ("M/D/YYYY", "03/04/2026", date(2026, 3, 4)),
        ("YYYYMMDD", "20260304", date(2026, 3, 4)), ("DD.MM.YYYY", "04.03.2026", date(2026, 3, 4)),
        ("DD-MON-YYYY", "04-Mar-2026", date(2026, 3, 4)), ("YYYY-MM-DD hh:mm:ss", "2026-03-04 00:00:00", date(2026, 3, 4)),
        ("YYYY-MM-DDThh:mm", "2026-03-04T09:30", date(2026, 3, 4)),
        ("MM/DD/YYYY", "3/4/2026", None), ("MM/DD/YYYY", "02/30/2026", None), ("MM/DD/YYYY", "13/04/2026", None),
        ("MM/DD/YYYY", "03/04/26", None), ("YYYY-MM-DD", "0202-11-04", None), ("YYYY-MM-DD", "2026-03-04 09:00", None),
        ("YYYY-MM-DD", "٢٠٢٦-٠٣-٠٤", None), ("DD-MON-YYYY", "04-Mrz-2026", None),
    ],
)  # fmt: skip
def test_a_date_is_read_in_its_declared_form_and_in_no_other(form, text, day):
    assert csvcells.date_form(form).day(text) == day


@pytest.mark.parametrize("form", ["MM/DD/YY", "MM/DD", "YYYY", "MM/DD/YYYY YYYY", "month/DD/YYYY", "", "x"])
def test_a_form_that_is_no_date_or_has_a_year_of_two_figures_is_refused(form):
    with pytest.raises(f.Wrong):
        csvcells.date_form(form)


def test_two_forms_that_read_one_text_as_two_days_are_refused():
    with pytest.raises(f.Wrong, match="as two days"):
        csvcells.date_forms(["MM/DD/YYYY", "D/M/YYYY"])
    assert len(csvcells.date_forms(["YYYY-MM-DD", "M/D/YYYY", "MM/DD/YYYY"])) == 3


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["MM/DD/YYYY", "D.M.YYYY", "DD-MON-YYYY", "YYYYMMDD"]))
def test_every_day_is_read_back_as_it_was_written(day, form):
    known = csvcells.date_form(form)
    assert known.day(known.written(day)) == day


@pytest.mark.parametrize(
    ("money", "text", "cents"),
    [
        (AMERICAN, "$1,234.56", 123456), (AMERICAN, "1234.5", 123450), (AMERICAN, "0", 0), (AMERICAN, ".5", 50),
        (AMERICAN, "($12.00)", -1200),
        (AMERICAN, "-12", -1200), (AMERICAN, "-$12", -1200), (AMERICAN, "$-12", -1200), (AMERICAN, "12.00 USD", 1200),
        (AMERICAN, "1,23.00", None), (AMERICAN, "12,345,6", None), (AMERICAN, "1.234", None), (AMERICAN, "1.234,56", None),
        (AMERICAN, "(-12)", None), (AMERICAN, "12-", None), (AMERICAN, "1OO", None), (AMERICAN, "=12", None), (AMERICAN, "", None),
        (AMERICAN, "-", None), (AMERICAN, "$", None), (AMERICAN, "€12", None), (AMERICAN, "1e3", None), (AMERICAN, "9" * 40, None),
        (AMERICAN, "١٢", None), (AMERICAN, "nan", None),
        (EUROPEAN, "1.234,56", 123456), (EUROPEAN, "12,5-", -1250), (EUROPEAN, "1,234.56", None), (EUROPEAN, "-12", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_its_declared_form_and_in_no_other(money, text, cents):
    assert money.cents(text) == cents


@given(st.integers(-(10**13), 10**13), st.booleans())
def test_every_amount_is_read_back_as_it_was_written(cents, grouped):
    whole, rest = divmod(abs(cents), 100)
    text = f"{whole:,}" if grouped else str(whole)
    assert AMERICAN.cents(f"{'-' if cents < 0 else ''}${text}.{rest:02d}") == cents
    german = f"{text.replace(',', '.')},{rest:02d}{'-' if cents < 0 else ''}"
    assert EUROPEAN.cents(german) == cents


@given(st.text())
def test_no_text_makes_the_reading_of_a_cell_fail(text):
    assert AMERICAN.cents(text) is None or any(each.isdigit() for each in text)
    assert csvcells.date_form("MM/DD/YYYY").day(text) is None or "/" in text
    assert isinstance(csvcells.unfit(text), str)
