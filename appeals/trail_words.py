"""The trail in words for people: what each kind of entry is called, and the names and values of what it holds. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from appeals import money, show
from appeals.copies import Copy
from appeals.record import Json
from appeals.redaction import FACTS_WITHHELD, FIELDS_WITHHELD, WITHHELD
from appeals.wording import HOUSE

# Kind and name of an entry -> what happened.
HAPPENED: Mapping[str, str] = {
    "setup init": "The practice was set up",
    "setup own-numbers": "Which numbers the practice is paid under was declared",
    "setup person": "Somebody of the office was added or changed",
    "setup payer": "Facts of a payer's plans were set",
    "setup rules-load": "A contract or targets of the practice were loaded",
    "setup codes-load": "The office's own descriptions of codes were loaded",
    "step open": "The case was opened",
    "step deny": "A denial was recorded",
    "step approve": "The payer authorised it",
    "step pay": "The claim was paid",
    "step void": "The case was closed as opened in error",
    "step review-eob": "The EOB was reviewed and the path chosen",
    "step request-peer-review": "A peer-to-peer call was asked for",
    "step peer-overturn": "The peer-to-peer call won",
    "step peer-uphold": "The peer-to-peer call did not win",
    "step peer-missed": "The peer-to-peer call did not take place",
    "step file-appeal": "An appeal was filed",
    "step overturn": "The appeal won",
    "step partially-overturn": "The appeal or the call won part",
    "step uphold": "The appeal lost",
    "step dismiss": "The appeal was dismissed unread",
    "step deem-exhausted": "The payer let its time run out",
    "step forward": "The payer sent the file on by law",
    "step withdraw": "An appeal was taken back",
    "step resubmit": "A corrected claim was sent",
    "step bill-other-payer": "Another payer was billed",
    "step bill-patient": "The patient was billed",
    "step settle-line": "Lines were taken out of the dispute",
    "step write-off": "The money was given up",
    "step expire": "Every deadline had passed",
    "step reopen": "The case was opened again",
    "step undo": "The last step was taken back",
    "mark received": "Proof of when a paper arrived",
    "mark denial-added": "Another notice of denial was recorded",
    "mark acknowledged": "The payer said it has our appeal or claim",
    "mark claim-sent": "The claim was sent",
    "mark claim-accepted": "The payer took the claim in",
    "mark claim-rejected": "The claim was not taken in",
    "mark prepared": "The packet was put together",
    "mark proof-added": "Proof of sending was added",
    "mark info-requested": "The payer asked for papers",
    "mark info-supplied": "The papers asked for were sent",
    "mark extension-notice": "The payer took more time",
    "mark urgency-declared": "It was declared urgent",
    "mark representative-authorised": "Somebody was authorised to act for the patient",
    "mark criteria-requested": "The payer's criteria were asked for",
    "mark parity-analysis-requested": "The comparative analysis was asked for",
    "mark parity-analysis-received": "The comparative analysis came",
    "mark failed-treatment": "What was tried before was recorded",
    "mark authorisation-obtained": "An authorisation was obtained",
    "mark authorisation-closed": "An authorisation was used up or needed no more",
    "mark reviewer-assigned": "It became known who decides",
    "mark peer-scheduled": "The hour of the call was agreed",
    "mark payment-posted": "Money came",
    "mark patient-paid": "The patient paid",
    "mark reimbursement-expected": "What the plan is to give back became known",
    "mark reminder-snoozed": "A reminder was put off",
    "mark fsa-run-out": "The last day of the patient's FSA became known",
    "mark statement-given": "The patient was given a statement",
    "mark recoupment-notice": "The payer said it takes money back",
    "mark recoupment-answered": "The takeback was answered",
    "mark contact": "A call was kept",
    "mark document-added": "A paper was kept",
    "mark owner-changed": "Somebody else works the case",
    "mark note": "A note was kept",
    "mark write-off-approved": "A second person agreed to giving money up",
    "correction correct": "A fact typed wrong was put right",
    "correction coverage": "Facts of the plan were set",
    "correction rules-apply": "Deadlines were counted by other rules",
    "correction patient-merged": "Two patients turned out to be one",
    "correction patient-changed": "The case became another patient's, who is the same person",
    "import intake": "A remittance file was taken in",
    "import remittance": "The claims of a remittance file were listed",
    "import reconciled": "The sums of a remittance file were drawn up",
    "import proposed": "A remittance suggested a step",
    "import proposal-taken": "A suggested step was taken",
    "import proposal-refused": "A suggested step was refused",
    "import left-settled": "Claims an import left were dealt with",
    "reminder remind": "The daily reminders were sent",
    "reminder reminded": "Somebody was reminded",
    "reminder reminder-sent": "The office was reminded of this case",
    "read show": "The case was looked at",
    "read find": "The patient was found by name or member id",
    "read audit disclosures": "Who had seen the patient's data was looked at",
    "read document-get": "A paper was taken out",
    "read intake-trace": "What files said of the case was looked at",
    "read intake-original": "A file that came for the patient was taken out",
    "read statement": "A statement for the patient was written",
    "export audit export": "A copy of this trail was given out",
}
# Names of fields and facts that do not say it themselves.
LABELS: Mapping[str, str] = {
    **{f"{bucket}_cents": words for bucket, words in money.WORDS.items()},
    "billed_cents": "billed",
    "posted_cents": "come of the recovered",
    "charge_cents": "charge",
    "denied_cents": "denied",
    "won_cents": "won",
    "amount_cents": "amount",
    "number": "number",
    "appealable": "can be appealed",
    "came_from": "state before the call",
    "patient_id": "patient (id)",
    "payer_id": "payer (id)",
    "coverage_id": "coverage (id)",
    "provider_id": "provider (id)",
    "carc": "CARC",
    "rarc": "RARC",
    "npi": "NPI",
    "mrn": "record number",
    "born": "birth date",
    "dated": "date",
    "codes": "codes",
    "sha256": "SHA-256",
    "how_met": "how it is paid",
    "upto": "size of the log before",
    "said": "what was said",
    "next": "call again on",
    "undone": "step taken back",
    "of": "of which paper",
    "network": "network",
    "enclosed": "enclosed",
    "what": "what was corrected",
    "to_patient": "paid to the patient",
    "receipt_unreadable": "receipt cannot be read",
}
MONEY = frozenset(("amount", "paid", "billed", "contractual", "patient_share", "interest", "other_payer_paid"))
SHARES = frozenset(("settled", "won_line"))
CODED = frozenset(("codes", "adjustments"))
# What a reader has no use for: ids of ours, and what stands elsewhere on the page.
UNSAID = frozenset(("id", "practice_id", "version", "entered_on", "made", "replaced", "trace_source"))
IDS = frozenset(("patient_id", "payer_id", "coverage_id", "provider_id"))
AS_TYPED = FACTS_WITHHELD | FIELDS_WITHHELD | {"owner", "from", "approved_by", "asked_by", "decided_by", "manager"}
NOTHING = "nothing"


def happened(told: Mapping[str, Json]) -> str:
    """What an entry is about, in words."""
    key = f"{told['kind']} {told['name']}"
    return HAPPENED.get(key, key.replace("-", " "))


def by(told: Mapping[str, Json]) -> str:
    """The account that did it, and for whom."""
    return f"{told['actor']} for {told['acting_for']}" if told["acting_for"] else str(told["actor"])


def label(name: str) -> str:
    """What a field or fact is called at the desk."""
    return LABELS.get(name) or name.removesuffix("_cents").removesuffix("_on").removesuffix("_date").replace("_", " ")


def value(name: str, held: Json) -> str:
    """What it holds, for people: dollars, `yes`, a list in one line; `nothing` where it is empty."""
    if held in (None, "", [], {}):
        return NOTHING
    if isinstance(held, bool):
        return "yes" if held else "no"
    if isinstance(held, int):
        return show.money(held) if name.endswith("_cents") or name in MONEY else str(held)
    if isinstance(held, Mapping):
        return ", ".join(f"{label(key)} {value(key, inner)}" for key, inner in held.items() if inner not in (None, "", [], 0))
    if isinstance(held, list):
        return "; ".join(_item(name, each) for each in held)
    words = str(held).replace("_", " ")
    if name in AS_TYPED:
        return str(held)
    return words.replace("eob", "EOB") if words.replace(" ", "").isalpha() and words.islower() else str(held)


def _item(name: str, each: Json) -> str:
    """One of a list: a code with its amount, a line with its share, or the thing itself."""
    if isinstance(each, list) and name in CODED and len(each) == 4 and WITHHELD not in each:
        group, carc, rarc, cents = each
        return f"{group}-{carc}{f'/{rarc}' if rarc else ''}{f' {show.money(cents)}' if cents else ''}"
    if isinstance(each, list) and name in SHARES and len(each) == 2 and WITHHELD not in each:
        return f"line {each[0]}{'' if each[1] is None else f' {show.money(each[1])}'}"
    if isinstance(each, Mapping) and name == "lines":
        ordered = sorted(each.items(), key=lambda pair: (pair[0] != "position", pair[0] != "procedure", pair[0] == "adjustments"))
        return value(name, dict(ordered)).replace("position ", "line ", 1)
    return value(name, each)


def changes(told: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """What changed of the case, then of the rows beside it: name, before, after. Of what is new, only what was given."""
    for name, (before, after) in told["changes"].items():
        if name in UNSAID or (before is None and (name in IDS or after in (None, "", 0, "unknown"))):
            continue
        yield label(name), value(name, before), value(name, after)
    for row in told["facts"].get("replaced", ()):
        for name, (before, after) in row["fields"].items():
            if name not in UNSAID:
                yield f"{row['table'].replace('_', ' ')}: {label(name)}", value(name, before), value(name, after)


def facts(told: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """What the entry was told, but for what its changes and its papers say."""
    for name, held in told["facts"].items():
        if name not in UNSAID and held not in (None, "", [], False) and not (name in ("sha256", "source") or name.endswith("_id")):
            yield label(name), value(name, held)


def papers(told: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """The papers and files an entry is about: what each is, and its SHA-256."""
    if "sha256" in told["facts"]:
        yield value("kind", told["facts"].get("kind", "paper")), str(told["facts"]["sha256"])
    if told["source"] and "sha256" in told["source"]:
        yield "remittance file", str(told["source"]["sha256"])


def numbers(copy: Copy) -> dict[str, str]:
    """Case id -> its number: what is known of them, and what the entries held say; of a copy of one case, what was asked for."""
    found = dict(copy.numbers)
    for entry in copy.entries:
        case = entry.told["case"]
        if case and (number := entry.told["changes"].get("number")):
            found[case] = str(number[1])
        elif case and copy.case_number:
            found.setdefault(case, copy.case_number)
    return found


def scope(copy: Copy) -> str:
    """What was asked for: every case or one, and which days."""
    days = f"{f', from {copy.first}' if copy.first else ''}{f', to {copy.last}' if copy.last else ''}"
    return f"{f'case {copy.case_number} only' if copy.case_number else 'every case of this patient'}{days}"


def clock_name(clock: Mapping[str, Json]) -> str:
    """What a clock is called at the desk."""
    return HOUSE.get(clock["kind"], str(clock["kind"]).replace("_", " "))
