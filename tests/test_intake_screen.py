"""What an import prints: first what a person must do, every denied dollar, why claims were ignored, and whether the sums agree."""

from __future__ import annotations

import pytest
from practice import Offices, opened
from remitting import DAY, claim, remittance, take

from appeals import screen_intake


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def printed(office, *files: str, options: str = "") -> str:
    names = []
    for at, text in enumerate(files):
        names.append(office.db.with_name(f"{at}.835"))
        names[-1].write_text(text)
    return office.say(f"{DAY} intake {' '.join(map(str, names))} {options}".strip()).out


def denial(number: str, **how) -> list[str]:
    return claim(number, "4", "500", "0", "CO*50*500", **how)


def test_what_is_denied_is_counted_for_claims_that_are_left_and_elsewhere_too(offices):
    office = offices.after(f"{DAY} practice --npi 1245319599")
    assert take(office, remittance(denial("C-9"))).data["files"][0]["fates"]["elsewhere"]["denied_cents"] == 50000
    office = offices.after()
    assert take(office, remittance(denial("C-9", last=""))).data["files"][0]["fates"]["person"]["denied_cents"] == 50000


def test_a_payment_that_does_not_add_up_is_said_not_to_reconcile_and_warned_of(offices):
    out = printed(offices.after(), remittance(claim("C-9", "1", "500", "500"), paid="132"))
    assert "NOT reconciled: 1 claim read and accounted for; paid $500.00: the payer says $132.00" in out
    assert "warning: the claims do not come to what the payer says it paid" in out


def test_several_files_have_one_balance_line_for_all(offices):
    good = remittance(claim("C-8", "1", "500", "500"), paid="500", trace="T-8")
    bad = remittance(claim("C-9", "1", "70", "70"), paid="90", trace="T-9")
    assert "reconciled: 1 payment file; " not in printed(offices.after(), good)
    out = printed(offices.after(), good, bad)
    assert "NOT reconciled: 1 of 2 payment files; claims less provider adjustments come to $570.00, the payers say $590.00" in out
    fine = printed(offices.after(), good, remittance(claim("C-9", "1", "70", "70"), paid="70", trace="T-9"))
    assert "\nreconciled: 2 payment files; claims less provider adjustments come to $570.00, as the payers paid" in fine


def test_what_a_person_must_do_stands_before_the_cases_and_of_those_only_the_first_are_printed(offices):
    count = screen_intake.FIRST + 3
    claims = [denial(f"C-{number}") for number in range(count)]
    office = offices.after()
    out = printed(office, remittance(*claims, denial("X-1", last=""), paid="1"))
    cases = [at for at, line in enumerate(out.splitlines()) if line.startswith("  case ")]
    other = [at for at, line in enumerate(out.splitlines()) if line.startswith(("  for a person", "  warning"))]
    assert len(cases) == screen_intake.FIRST
    assert len(other) >= 2
    assert max(other) < min(cases)
    assert "  ... and 3 more: `--json`" in out


def test_a_dry_run_names_a_new_case_by_its_claim_and_amount_and_says_that_files_do_not_know_each_other(offices):
    out = printed(offices.after(), remittance(denial("C-8")), remittance(denial("C-9"), trace="T-2"), options="--dry-run")
    assert "case (new), claim C-9, $500.00: CO-50" in out
    assert "Each file by itself: what one opens is not known to the next." in out


def test_ignored_claims_are_counted_by_their_reason(offices):
    office = offices.after(*opened())
    paid = [claim(f"P-{number}", "1", "100", "100") for number in range(2)]
    out = printed(office, remittance(*paid, claim("R-1", "22", "-100", "-100"), paid="100"))
    assert "ignored: nothing in dispute" not in out
    assert "  ignored: 2 claims: paid, nothing in dispute" in out
    assert "  ignored: 1 claim: reverses a claim that is no case here" in out


def test_a_warning_that_holds_of_many_places_is_printed_once_and_json_has_all(offices):
    office = offices.after()
    text = remittance(claim("C-9", "1", "500", "500"), paid="500").replace("*0*P*:", "*0*T*:")
    out = printed(office, text * 5)
    [said] = [line for line in out.splitlines() if "marked as a test" in line]
    assert said.startswith("  warning: segment 1, segment 18, segment 35 and 2 more: the file is marked as a test")
    again = take(office, text * 6, "more.835").data["files"][0]["warnings"]
    assert sum("marked as a test" in warning for warning in again) == 6
