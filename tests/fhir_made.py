"""Made-up explanations of benefits in every shape a payer sends them in; names nobody who lives, and copies no payer's sample.

`eob` makes one in R4 as CARIN's profiles have it, `carrier` one in STU3 as Blue Button has it. Amounts are given as text, and
stand in the JSON as that very number.
"""

from __future__ import annotations

import json
import re

CARC = "https://x12.org/codes/claim-adjustment-reason-codes"
RARC = "https://x12.org/codes/remittance-advice-remark-codes"
C4BB = "http://hl7.org/fhir/us/carin-bb/CodeSystem/"
HL7 = "http://terminology.hl7.org/CodeSystem/"
BLUE = "https://bluebutton.cms.gov/resources/"
GENERAL = ("submitted", "benefit", "eligible", "deductible", "copay")


def exact(text: str) -> str:
    """A mark for a number, which `written` turns into just this text."""
    return f"#{text}#"


def written(value, **how) -> str:
    """The value as JSON, its numbers as they were given."""
    return re.sub(r'"#([^"#]*)#"', r"\1", json.dumps(value, **how))


def money(amount: str, currency: str = "USD"):
    return {"value": exact(amount), "currency": currency}


def concept(system: str, *codes: str):
    return {"coding": [{"system": system, "code": code} for code in codes]}


def adjudged(kind: str, amount: str = "", reason=None, currency: str = "USD"):
    """One adjudication: a kind of CARIN's, an amount, a reason."""
    system = f"{HL7}adjudication" if kind in GENERAL else f"{C4BB}C4BBAdjudication"
    if kind in ("denialreason", "adjustmentreason"):
        system = f"{C4BB}C4BBAdjudicationDiscriminator"
    made = {"category": concept(system, kind)}
    made |= {"amount": money(amount, currency)} if amount else {}
    return made | ({"reason": reason} if reason else {})


def line(charge: str, paid: str, *more, code: str = "96365", served: str = "2026-11-02", **other):
    """One item: what was charged, paid, and whatever else was adjudicated."""
    return {
        "productOrService": concept("http://www.ama-assn.org/go/cpt", code),
        "servicedDate": served,
        "quantity": {"value": 1},
        "adjudication": [adjudged("submitted", charge), adjudged("benefit", paid), *more],
        **other,
    }


def eob(*items, own: str = "eob-1", number: str = "C-9", charge: str = "500.00", paid: str = "0.00", **other):
    """One EOB in R4. `number` is the clinic's own number of the claim."""
    return {
        "resourceType": "ExplanationOfBenefit",
        "id": own,
        "identifier": [{"type": concept(f"{C4BB}C4BBIdentifierType", "uc"), "value": f"ICN-{own}"}],
        "status": "active",
        "type": concept(f"{HL7}claim-type", "professional"),
        "use": "claim",
        "patient": {"reference": "Patient/p-1"},
        "created": "2026-11-20",
        "insurer": {"reference": "Organization/payer", "display": "INVENTED HEALTH"},
        "provider": {"reference": "Organization/clinic"},
        "outcome": "complete",
        "billablePeriod": {"start": "2026-11-02", "end": "2026-11-02"},
        "insurance": [{"focal": True, "coverage": {"reference": "Coverage/c-1"}}],
        "supportingInfo": [{"category": concept(f"{C4BB}C4BBSupportingInfoType", "patientaccountnumber"), "valueString": number}],
        "item": [{"sequence": at, **item} for at, item in enumerate(items, 1)],
        "total": [{"category": concept(f"{HL7}adjudication", "submitted"), "amount": money(charge)}],
        "payment": {"amount": money(paid), "date": "2026-11-21"},
    } | other


PEOPLE = (
    {
        "resourceType": "Patient",
        "id": "p-1",
        "name": [{"use": "old", "family": "Before"}, {"use": "official", "family": "Example", "given": ["Erin", "Q"]}],
        "identifier": [{"type": concept(f"{HL7}v2-0203", "MB"), "value": "M-OLD"}],
    },
    {
        "resourceType": "Coverage",
        "id": "c-1",
        "subscriberId": "M-1",
        "class": [{"type": concept(f"{HL7}coverage-class", "group"), "value": "G-7"}],
        "payor": [{"reference": "Organization/payer"}],
    },
    {
        "resourceType": "Organization",
        "id": "payer",
        "name": "Invented Health, Inc.",
        "identifier": [{"type": concept(f"{C4BB}C4BBIdentifierType", "payerid"), "value": "77001"}],
    },
    {
        "resourceType": "Organization",
        "id": "clinic",
        "name": "MADE-UP CLINIC",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
    },
)


def denied(*, own: str = "eob-1", number: str = "C-9", **other):
    """One EOB whose only line is denied with CO-50 and a remark."""
    reason = {"coding": [{"system": CARC, "code": "50"}, {"system": RARC, "code": "N115"}]}
    return eob(line("500.00", "0.00", adjudged("denialreason", "", {**reason, "text": "not needed"})), own=own, number=number, **other)


def bundle(*resources, **other) -> str:
    """A searchset as a server answers with."""
    entries = [{"fullUrl": f"https://payer.example/fhir/{each['resourceType']}/{each['id']}", "resource": each} for each in resources]
    return written({"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries, **other}, indent=1)


def ndjson(*resources) -> str:
    """A line a resource, as a bulk export has them."""
    return "".join(f"{written(each)}\n" for each in resources)


def alone(resource, *inside) -> str:
    """A single EOB that holds whom it is about inside itself."""
    text = written({**resource, "contained": list(inside)})
    for each in inside:
        text = text.replace(f'"{each["resourceType"]}/{each["id"]}"', f'"#{each["id"]}"')
    return text


def carrier(*, own: str = "carrier-1", charge: str = "500.00", paid: str = "0.00", denial: str = "0", processed: str = "N"):
    """One EOB in STU3 as Blue Button has a carrier's claim: names of its own, and the denial in extensions and codes."""

    def named(variable: str, amount: str = "", code: str = ""):
        name = f"{BLUE}variables/{variable}"
        made = {"category": {"coding": [{"system": f"{BLUE}codesystem/adjudication", "code": name}]}}
        made |= {"amount": {"value": exact(amount), "system": "urn:iso:std:iso:4217", "code": "USD"}} if amount else {}
        return made | ({"reason": {"coding": [{"system": name, "code": code}]}} if code else {})

    return {
        "resourceType": "ExplanationOfBenefit",
        "id": own,
        "identifier": [
            {"system": f"{BLUE}identifier/claim-group", "value": "1"},
            {"system": f"{BLUE}variables/clm_id", "value": f"9{own}"},
        ],
        "extension": [
            {"url": f"{BLUE}variables/carr_clm_pmt_dnl_cd", "valueCoding": {"code": denial}},
            {"url": f"{BLUE}variables/carr_clm_cntl_num", "valueIdentifier": {"value": "CTL-1"}},
        ],
        "status": "active",
        "patient": {"reference": "Patient/p-1"},
        "billablePeriod": {"start": "2026-11-02", "end": "2026-11-02"},
        "careTeam": [
            {"responsible": True, "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}}},
        ],
        "insurance": {"coverage": {"reference": "Coverage/c-1"}},
        "item": [
            {
                "sequence": 1,
                "service": {"coding": [{"system": f"{BLUE}codesystem/hcpcs", "code": "96365"}]},
                "servicedPeriod": {"start": "2026-11-02", "end": "2026-11-02"},
                "adjudication": [
                    named("carr_line_rdcd_pmt_phys_astn_c", code="0"), named("line_nch_pmt_amt", paid), named("line_prvdr_pmt_amt", paid),
                    named("line_sbmtd_chrg_amt", charge), named("line_prcsg_ind_cd", code=processed),
                ],
            }
        ],
        "payment": {"amount": {"value": exact(paid), "system": "urn:iso:std:iso:4217", "code": "USD"}, "date": "2026-11-21"},
    }  # fmt: skip


def pharmacy(*, own: str = "rx-1", paid: str = "0.00"):
    """A pharmacy's EOB: an NDC, and reject code of the payer's own list."""
    item = line("80.00", paid, adjudged("denialreason", "", concept("https://payer.example/reject-codes", "70")), code="x")
    return eob(
        {**item, "productOrService": concept("http://hl7.org/fhir/sid/ndc", "00777310502")},
        own=own, number=f"RX-{own}", charge="80.00", paid=paid, type=concept(f"{HL7}claim-type", "pharmacy"),
    )  # fmt: skip
