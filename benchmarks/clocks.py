"""What a command pays for its dates: reading the packs its plan needs, and one clock counted after that. Asserts nothing.

    make bench                                 # or: python benchmarks/clocks.py [--rounds 9]

Goals: the packs of one known plan in 10 ms, a count in 50 microseconds. Medians; other work on the machine shows in them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from appeals import law, rules
from appeals.model import Coverage

EMPLOYER = {"programme": "employer", "grandfathered": "no", "internal_levels": "1"}
PLANS = {
    "employer, self-funded": EMPLOYER | {"funding": "self_funded"},
    "employer, insured in NC": EMPLOYER | {"funding": "insured", "issue_state": "NC"},
    "individual, NC": {"programme": "individual", "grandfathered": "no", "issue_state": "NC"},
    "Original Medicare": {"programme": "medicare_ffs"},
    "Medicare Advantage": {"programme": "medicare_advantage"},
    "Part D": {"programme": "part_d"},
    "Medicaid plan, NC": {"programme": "medicaid_managed_care", "issue_state": "NC"},
    "TRICARE": {"programme": "tricare"},
    "FEHB": {"programme": "fehb"},
    "nobody knows": {},
}
LOAD_GOAL_MS, COUNT_GOAL_US = 10.0, 50.0
REPEATS = 50


def load_ms(plan: dict[str, str], rounds: int) -> float:
    """Milliseconds to read, check and join the packs of a plan, from nothing."""
    coverage = Coverage(id="v", practice_id="p", patient_id="a", payer_id="b", **plan)
    spent = []
    for _ in range(rounds):
        law.shipped.cache_clear()
        law._joined.cache_clear()
        start = time.perf_counter()
        law.for_coverage(coverage)
        spent.append((time.perf_counter() - start) * 1e3)
    return statistics.median(spent)


def count_us(rule: rules.Rule, rounds: int) -> float:
    """Microseconds of one count, words and all."""
    day = rule.version[-1].effective_to or date(2026, 3, 3)
    facts = dict.fromkeys((*rule.counts_from, rule.versioned_by), day)
    rules.count(rule, facts, zone="America/New_York")
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(REPEATS):
            rules.count(rule, facts, zone="America/New_York")
        spent.append((time.perf_counter() - start) / REPEATS * 1e6)
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    for name, plan in PLANS.items():
        spent = load_ms(plan, rounds)
        print(f"packs of {name:24} {spent:6.2f} ms{'  missed' if plan and spent > LOAD_GOAL_MS else ''}")
    found = sorted((count_us(rule, rounds), rule.id) for rule in law.everything().rules.values())
    print(f"one count, of {len(found)} rules: median {found[len(found) // 2][0]:.1f} us, slowest {found[-1][0]:.1f} us ({found[-1][1]})")
    print(f"goals: {LOAD_GOAL_MS:.0f} ms where the plan is known, {COUNT_GOAL_US:.0f} us a count")


if __name__ == "__main__":
    main()
