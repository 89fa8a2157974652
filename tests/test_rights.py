"""Who may file: under every regime a party without the right is refused with the citation and what would give it."""

from __future__ import annotations

import pytest
from practice import EMPLOYER, ENCLOSED, Offices, reviewed

from appeals import law
from appeals.model import KINDS
from appeals.packtables import PARTIES

PACKS = law.everything()


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def asks(party: str, track: str = "member_appeal", more: str = "") -> str:
    return f"2026-11-09 file-appeal 1 --track {track} --appellant {party} --sent 2026-11-09 --channel fax {ENCLOSED} {more}".strip()


# plan, kind, what the case says of the network, who asks, on which track, with what -> the words of the refusal ("" where it may)
ASKED = [
    ("employer", EMPLOYER, "", "patient", "member_appeal", "", ""),
    ("employer", EMPLOYER, "", "provider", "member_appeal", "", "29 CFR 2560.503-1(b)(4)"),
    ("employer", EMPLOYER, "", "provider", "member_appeal", "assignment", ""),
    ("employer", EMPLOYER, "", "representative", "member_appeal", "", "--authority representative"),
    ("employer", EMPLOYER, "", "representative", "member_appeal", "representative", ""),
    ("fehb", "--programme fehb", "", "provider", "member_appeal", "assignment", "written_consent"),
    ("fehb", "--programme fehb", "", "provider", "member_appeal", "written_consent", ""),
    ("tricare", "--programme tricare", "in", "provider", "member_appeal", "assignment", "network provider"),
    ("tricare", "--programme tricare", "in", "provider", "member_appeal", "representative", ""),
    ("medicaid", "--programme medicaid_managed_care --issue-state NC", "", "provider", "member_appeal", "assignment", "written_consent"),
    ("medicaid", "--programme medicaid_managed_care --issue-state NC", "", "provider", "member_appeal", "written_consent", ""),
    ("advantage", "--programme medicare_advantage", "out", "provider", "member_appeal", "assignment", "waiver_of_liability"),
    ("advantage", "--programme medicare_advantage", "out", "provider", "member_appeal", "waiver_of_liability", ""),
    ("advantage", "--programme medicare_advantage", "in", "provider", "member_appeal", "waiver_of_liability", "a contracted provider"),
    ("part_d", "--programme part_d", "", "provider", "member_appeal", "", ""),
    ("dispute", EMPLOYER, "", "patient", "provider_dispute", "", "a provider's dispute is the provider's own"),
    ("dispute", EMPLOYER, "", "provider", "provider_dispute", "", ""),
]


@pytest.mark.parametrize(
    ("plan", "network", "party", "track", "document", "said"),
    [row[1:] for row in ASKED],
    ids=[f"{r[0]}-{r[3]}-{r[5] or 'nothing'}" for r in ASKED],
)
def test_a_party_without_the_right_is_refused_with_the_section_and_what_would_give_it(offices, plan, network, party, track, document, said):
    history = reviewed(plan=plan)
    if network:
        history = (history[0].replace("--network out", f"--network {network}"), *history[1:])
    office = offices.after(*history)
    before = office.everything()
    answer = office.say(asks(party, track, f"--authority {document}" if document else ""))
    if not said:
        assert answer.code == 0, answer.err
        office.check()
        return
    assert (answer.code, office.everything()) == (20, before)
    assert said in answer.err
    if track != "provider_dispute":
        assert "has no right of its own here" in answer.err


def test_an_assignment_on_the_case_is_a_document_without_being_named_again(offices):
    opened, *rest = reviewed()
    office = offices.after(f"{opened} --assignment yes", *rest)
    office.do(asks("provider"))


def test_a_plan_nobody_identified_lets_a_party_file_that_one_of_its_regimes_would_let(offices):
    offices.after(*reviewed(plan="")).do(asks("provider", more="--authority assignment"))


@pytest.mark.parametrize("level", [level for level in PACKS.levels.values() if level.obligation != "automatic"], ids=lambda level: level.id)
@pytest.mark.parametrize("party", PARTIES)
def test_for_every_level_party_network_and_kind_of_case_a_row_says_who_may(level, party):
    rows = [right for right in PACKS.rights if level.id in right.levels and right.party == party]
    for network in ("in", "out", "unknown"):
        for kind in KINDS:
            found = [r for r in rows if (not r.network or network in r.network) and (not r.case_kinds or kind in r.case_kinds)]
            assert found, f"{level.id}: nothing says whether the {party} may file ({network}, {kind})"
            assert (found[0].standing == "with") == bool(found[0].documents)
            assert found[0].says
            assert found[0].cite


def test_new_yorks_provider_has_half_the_patients_time_and_each_files_in_their_own(offices):
    plan = "--programme employer --funding insured --grandfathered no --internal-levels 1 --issue-state NY"
    lost = (
        *reviewed(plan=plan),
        "2026-11-09 file-appeal 1 --track member_appeal --appellant patient --sent 2026-11-09 --received 2026-11-09 " + ENCLOSED,
        "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21",
        "2026-12-22 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
    )
    office = offices.after(*lost)
    windows = {c.filer: str(c.legal_due) for c in office.running() if c.kind == "file_external_review"}
    assert windows == {"patient,representative": "2027-04-21", "provider": "2027-02-19"}
    refused = office.say(asks("provider", "external_review").replace("2026-11-09", "2027-03-01"))
    assert (refused.code, "the time to file ran out on 2027-02-19" in refused.err) == (20, True)
    office.do(asks("patient", "external_review").replace("2026-11-09", "2027-03-01"))
    left = {c.filer: str(c.status) for c in office.situation().clocks if c.kind == "file_external_review"}
    assert left == {"patient,representative": "sent", "provider": "cancelled"}


def test_a_hearing_for_less_than_the_amount_in_controversy_is_refused_and_can_be_insisted_on(offices):
    plan = "--programme medicare_ffs"
    history = reviewed(plan=plan, amount="150")
    opened, *rest = history
    office = offices.after(opened.replace("--billed 1200", "--billed 150") + " --assignment yes", *rest)
    office.do("2026-11-09 file-appeal 1 --track member_appeal --appellant provider --sent 2026-11-09 --received 2026-11-09 " + ENCLOSED)
    for day in ("2026-12-21", "2027-02-15"):
        office.do(f"{day} uphold 1 --decided {day} --received {day}")
        office.do(f"{day} review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal")
        if office.case().level == 2:
            filed = f"--sent {day} --received {day} {ENCLOSED}"
            office.do(f"{day} file-appeal 1 --track member_appeal --appellant provider {filed}")
    hearing = f"2027-02-16 file-appeal 1 --track hearing --appellant provider --sent 2027-02-16 {ENCLOSED}"
    answer = office.say(hearing)
    assert answer.code == 20
    assert "$200.00 or more in dispute for a filing of 2027-02-16" in answer.err
    assert "unverified" in answer.err, "the figure of 2027 is nobody's reading of the notice"
    office.do(f"{hearing} --override 'added up with four other claims'")
