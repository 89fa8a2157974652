"""The code table: what is routine, what an unknown code gets, and that a wrong table is refused by the name of the key."""

from __future__ import annotations

from importlib import resources

import pytest

from appeals import codes
from appeals.errors import BadConfiguration

TEXT = resources.files("appeals.rulepacks").joinpath("codes.toml").read_text("utf-8")
SHIPPED = codes.load()
REASONS = (
    ("medical_necessity", "appeal", ("50", "57", "58", "40")),
    ("experimental", "appeal", ("55", "56")),
    ("prior_authorisation", "appeal", ("197", "62", "39", "198")),
    ("timely_filing", "appeal", ("29",)),
    ("non_covered", "appeal", ("96", "204", "46", "48", "119", "35")),
    ("coding", "corrected_claim", ("4", "11")),
    ("billing_error", "corrected_claim", ("16", "125")),
    ("documentation", "corrected_claim", ("252",)),
    ("duplicate", "corrected_claim", ("18",)),
    ("coordination", "bill_other_payer", ("22", "109")),
    ("eligibility", "corrected_claim", ("26", "27")),
    ("bundling", "corrected_claim", ("97", "236")),
    ("contractual", "write_off", ("45",)),
    ("patient_share", "patient_responsibility", ("1",)),
    ("appeal_upheld", "appeal", ("193",)),
)


def test_the_reasons_that_are_no_denial_are_these():
    first = {"1", "2", "3", "23", "44", "45", "90", "94", "100", "104", "105", "131", "144", "187", "237", "253"}
    assert first <= SHIPPED.routine
    assert SHIPPED.routine - first == {"42", "A2", "66", "142", "241", "247", "248"}  # each with its reason and source in the file


@pytest.mark.parametrize(("carc", "category", "path"), [(carc, category, path) for category, path, carcs in REASONS for carc in carcs])
def test_a_reason_has_the_category_and_the_next_path_of_the_table(carc, category, path):
    found = SHIPPED.carc(carc)
    assert (found.category, found.path, found.known) == (category, path, True)


def test_an_unknown_code_is_accepted_and_shown_as_unknown():
    assert SHIPPED.carc("XX9").meaning == "unknown code"
    assert not SHIPPED.carc("XX9").known and not SHIPPED.rarc("N99999").known
    assert SHIPPED.group("ZZ") == "unknown code"
    assert SHIPPED.status("99").role == "processed"
    assert not SHIPPED.is_routine("XX9")


def test_leading_zeros_and_small_letters_are_no_part_of_a_code():
    assert SHIPPED.carc("050") == SHIPPED.carc("50")
    assert SHIPPED.rarc("ma130") == SHIPPED.rarc("MA130")
    assert SHIPPED.is_routine(" 45 ")


def test_the_category_of_a_claim_is_the_one_with_most_money():
    assert SHIPPED.category([("29", 100), ("50", 60), ("57", 60)]) == "medical_necessity"
    assert SHIPPED.category([]) == "other"


def test_a_remark_that_gives_no_right_of_appeal_sends_the_claim_back_corrected():
    assert SHIPPED.path("50") == "appeal"
    assert SHIPPED.path("50", ["N115", "MA130"]) == "corrected_claim"


def test_every_code_says_something_and_every_routine_code_is_explained():
    assert all(code.meaning for code in (*SHIPPED.carcs.values(), *SHIPPED.rarcs.values()))
    assert len(SHIPPED.rarcs) >= 40
    assert set(SHIPPED.routine) <= set(SHIPPED.carcs)
    assert {SHIPPED.carc(code).category for code in SHIPPED.routine} <= {"contractual", "patient_share", "coordination"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('routine = ["1",', 'rutine = ["1",', "unknown key 'rutine'"),
        ('code = "50"\ncategory = "medical_necessity"', 'code = "50"\ncategory = "medical"', "'medical' is none of"),
        ('code = "50"\n', 'code = "51"\n', "code '51' stands there twice"),
        ('[category.coding]\npath = "corrected_claim"', '[category.coding]\npath = "resubmit"', "'resubmit' is none of"),
        ("written_on = 2026-11-27", 'written_on = "2026-11-27"', "written_on: must be a date"),
        ("written_on", "[written_on", "is not TOML"),
    ],
)
def test_a_table_with_a_mistake_is_refused_by_the_name_of_the_key(old, new, says):
    assert old in TEXT
    with pytest.raises(BadConfiguration, match=r"mine\.toml") as refused:
        codes.read(TEXT.replace(old, new, 1), "mine.toml")
    assert says in refused.value.message
