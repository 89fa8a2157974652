"""The sample explanations of benefits that lie beside the project: each is read, and none of its EOBs is missed or made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from appeals import codes
from appeals.intake import fhir, findings
from appeals.intake.formats import EXPLANATION, format_of
from appeals.intake.remittance import Claim, ClaimProblem, Transaction

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "eob"
FILES = {path.name: path for path in sorted(FOLDER.glob("*.json"))}
pytestmark = pytest.mark.skipif(not FILES, reason="the sample EOBs are not there: no folder shared/data/eob beside the project")


def counted(value) -> int:
    """How many EOBs stand anywhere in the JSON."""
    if isinstance(value, dict):
        return (value.get("resourceType") == "ExplanationOfBenefit") + sum(map(counted, value.values()))
    return sum(map(counted, value)) if isinstance(value, list) else 0


def items_of(name):
    with FILES[name].open("rb") as stream:
        assert format_of(stream) is EXPLANATION
        return list(fhir.read(stream))


@pytest.mark.parametrize("name", FILES)
def test_every_eob_of_a_sample_is_a_claim_or_left_for_a_person(name):
    items = items_of(name)
    expected = counted(json.loads(FILES[name].read_text("utf-8")))
    assert expected
    assert sum(isinstance(item, Claim | ClaimProblem) for item in items) == expected
    assert sum(isinstance(item, Transaction) for item in items) == expected


@pytest.mark.parametrize("name", FILES)
def test_a_sample_is_denied_only_where_a_line_is_not_covered_at_all(name):
    found = [findings.denied(item, codes.load()) for item in items_of(name) if isinstance(item, Claim)]
    words = [one.words for one in found if one.is_denied]
    assert words == (["denied without a code"] if "bb2__eob_read_out_pt" in name else [])


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("synthea")])
def test_of_synthea_no_claim_is_denied_and_the_patients_name_is_known(name):
    claims = [item.claim if isinstance(item, ClaimProblem) else item for item in items_of(name) if isinstance(item, Claim | ClaimProblem)]
    assert all(claim.patient.last and claim.claim_number for claim in claims)
    assert not any(findings.denied(claim, codes.load()).is_denied for claim in claims)


def test_one_claim_is_the_same_whether_it_comes_in_stu3_or_r4():
    old, new = (next(item for item in items_of(f"bb2__eob_read_carrier_v{version}.json") if isinstance(item, Claim)) for version in (1, 2))
    assert (old.claim_number, old.position, old.charge_cents, old.paid_cents) == (
        new.claim_number, new.position, new.charge_cents, new.paid_cents,
    )  # fmt: skip
