"""A count that is kept and given to the next claim of its day is the count the next claim would have had by itself."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from test_rules import INSURED, PACKS, PRACTICE, SELF_FUNDED, case, coverage

from appeals import counted, rules
from appeals.errors import AppealsError

DAYS = st.sampled_from([date(2026, 2, 27), date(2026, 11, 2), date(2026, 11, 5), date(2026, 12, 24), None])
PLANS = st.sampled_from([{}, SELF_FUNDED, INSURED, {"programme": "original_medicare"}, {"programme": "medicare_advantage"}])
FACTS = st.fixed_dictionaries(dict.fromkeys(("notice", "received", "printed", "service_date", "sent", "decided"), DAYS))
CASES = st.builds(case, level=st.sampled_from([1, 2]), kind=st.sampled_from(["post_service", "pre_service"]))
TRIGGERS = st.builds(
    rules.Trigger,
    name=st.sampled_from(["denial", "filing", "favourable"]),
    id=st.sampled_from(["d1", "d2"]),
    facts=FACTS,
)


def started(plan, what, trigger):
    ids = itertools.count(1)
    try:
        return rules.started(
            PACKS, case=what, coverage=coverage(**plan), practice=PRACTICE, trigger=trigger, new_id=lambda: f"k{next(ids)}"
        )
    except AppealsError as error:
        return type(error), error.message


@given(st.lists(st.tuples(PLANS, CASES, TRIGGERS), min_size=2, max_size=12))
def test_the_clocks_of_a_fact_are_the_same_whatever_was_counted_before(asked):
    after_others = [started(*one) for one in asked]
    for one, found in zip(asked, after_others, strict=True):
        rules._counted_before.cache_clear()
        assert started(*one) == found


def test_a_clock_given_again_belongs_to_its_own_case_and_notice():
    first, second = (rules.Trigger(name="denial", id=id_, facts={"notice": date(2026, 11, 2)}) for id_ in ("d1", "d2"))
    [mine, *_], [other, *_] = started(INSURED, case(), first), started(INSURED, case(), second)
    assert (mine.trigger_id, other.trigger_id) == ("d1", "d2")


def test_a_fact_that_was_not_asked_for_decides_nothing_and_one_that_was_does():
    noted = counted.Noted({"notice": date(2026, 11, 2), "service_date": date(2026, 10, 1)})
    assert noted.get("notice") and noted.get("received") is None
    kept = counted.Counted()
    kept.keep(noted, ((), ("said",)))
    assert kept.of({"notice": date(2026, 11, 2), "service_date": date(2025, 1, 1)}) == ((), ("said",))
    assert kept.of({"notice": date(2026, 11, 3)}) is None
    assert kept.of({"notice": date(2026, 11, 2), "received": date(2026, 11, 4)}) is None


def test_a_count_from_an_instant_is_not_kept_since_other_zones_tell_it_otherwise():
    begun = datetime(2026, 11, 2, 9, tzinfo=UTC)
    noted = counted.Noted({"received": begun})
    assert noted["received"] == begun
    kept = counted.Counted()
    kept.keep(noted, ((), ()))
    assert kept.of({"received": begun + timedelta()}) is None


def test_only_the_newest_few_counts_are_kept():
    kept, many = counted.Counted(), counted.KEPT + 3
    for day in range(1, many + 1):
        noted = counted.Noted({"notice": date(2026, 11, day)})
        assert noted["notice"]
        kept.keep(noted, ((), (str(day),)))
    held = [day for day in range(1, many + 1) if kept.of({"notice": date(2026, 11, day)})]
    assert held == list(range(many - counted.KEPT + 1, many + 1))
