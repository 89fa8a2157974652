"""What each word of a closed set means, each mark, and each argument: the one table behind `--help`. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping

from appeals import checklists, proofs
from appeals.commands import STEP_HELP
from appeals.commands.meanings_marks import MARKS

Meanings = Mapping[str, str]
SAY_IT_THEMSELVES = frozenset({"", "yes", "no", "unknown", "1", "2"})  # the option's own help says what is answered

CATEGORY: Meanings = {
    "medical_necessity": "the payer says the care was not needed",
    "experimental": "off-label, unproven or investigational in the payer's eyes",
    "prior_authorisation": "nobody asked first, or the number is missing",
    "timely_filing": "the claim came too late, says the payer",
    "non_covered": "the plan's own words leave the service out",
    "coding": "a code or modifier does not fit",
    "billing_error": "the claim itself is wrong or incomplete",
    "documentation": "records are missing or do not say enough",
    "duplicate": "taken for a claim that was sent before",
    "coordination": "another payer should pay first",
    "eligibility": "not insured there on that day",
    "bundling": "paid as part of another service",
    "contractual": "what the contract takes off; nothing to collect",
    "patient_share": "deductible, coinsurance or copayment",
    "appeal_upheld": "an appeal lost; the reason is that decision's",
    "other": "none of these; keep the letter's words",
}
PATH: Meanings = {
    "appeal": "ask for another decision: file-appeal",
    "peer_to_peer": "our clinician talks to theirs: request-peer-review",
    "corrected_claim": "the claim was wrong, send it again: resubmit",
    "bill_other_payer": "somebody else pays first: bill-other-payer",
    "patient_responsibility": "the payer put it on the patient: bill-patient",
    "write_off": "not worth it, or not allowed: write-off",
}
TRACK: Meanings = {
    "member_appeal": "the patient's appeal inside the plan, also where we file it for them",
    "external_review": "somebody outside the plan decides",
    "hearing": "before a judge or hearing officer: Medicare, Medicaid",
    "court": "judicial review, or a lawsuit",
    "provider_dispute": "ours under the payer's contract, not the patient's",
}
PROGRAMME: Meanings = {
    "employer": "a plan of a private employer or union",
    "individual": "bought by the patient, on the marketplace or off it",
    "church_or_government": "of a church, a state or a city: not under ERISA",
    "medicare_ffs": "original Medicare, parts A and B",
    "medicare_advantage": "a private plan in place of Medicare (part C)",
    "part_d": "Medicare drug plan",
    "medicaid_managed_care": "a private plan that runs Medicaid for the state",
    "medicaid_ffs": "Medicaid paid by the state itself",
    "tricare": "the military's",
    "fehb": "of federal employees",
    "unknown": "nobody has found out: every date it could have is shown",
}
CAUSE: Meanings = {
    "not_worked": "an owner had it and did nothing in time",
    "no_owner": "nobody had it",
    "wrong_start_date": "the time was counted from the wrong day",
    "no_proof_of_receipt": "sent in time, and it cannot be shown",
    "payer_silence": "we waited for an answer that did not come",
    "late_denial_notice": "the notice reached us too late to act",
    "documents_missing": "papers were not there in time",
    "other": "none of these; say it with --reason",
}
CARE: Meanings = {
    "inpatient": "admitted to a hospital or facility",
    "outpatient": "not admitted",
    "part_b_drug": "a drug given in the office, under Medicare part B",
}
KIND: Meanings = {
    "pre_service": "an authorisation asked for before the service",
    "concurrent": "to go on with a treatment under way",
    "post_service": "a claim for what was done",
    "recoupment": "the payer wants money back",
}
NETWORK: Meanings = {"in": "under contract with this payer", "out": "no contract with it", "unknown": "nobody has looked it up"}
STATE: Meanings = {
    "submitted": "sent to the payer, no answer yet",
    "denied": "a notice refuses money; nobody has reviewed it",
    "eob_reviewed": "reviewed, and a path chosen",
    "appeal_filed": "an appeal is with the payer or a reviewer",
    "peer_review": "a call between clinicians was asked for",
    "resolved": "over; money won may still have to come",
}
STARTS: Meanings = {
    "open": "the claim or request reached the payer",
    "denial": "a notice refused it",
    "filing": "an appeal was sent",
    "peer_review": "a call between clinicians was asked for",
    "dismissal": "an appeal was thrown out unread",
    "forward": "the payer sent the file to the next body",
    "favourable": "an appeal won: pay, or carry it out",
    "deemed": "the payer let its time run out",
    "info_request": "the payer asked for papers about a claim",
    "appeal_info_request": "the payer asked for papers about an appeal",
    "parity_request": "we asked for the comparative analysis",
    "escalation": "nobody decided in time; it may go higher",
    "wrong_party": "dismissed, as whoever filed had no right to",
    "dispute_denial": "a dispute under the contract was refused",
}
# Keys are options and arguments as they are typed; with a command in front where its words mean something of their own.
WORDS: Mapping[str, Meanings] = {
    "--category": CATEGORY,
    "--path": PATH,
    "--track": TRACK,
    "--filing": TRACK,
    "--programme": PROGRAMME,
    "--care": CARE,
    "--kind": KIND,
    "--network": NETWORK,
    "--state": STATE,
    "--step": STARTS,
    "--funding": {
        "self_funded": "the employer pays the claims; the insurer only handles them",
        "insured": "the insurer pays the claims",
        "unknown": "nobody has found out",
    },
    "--by": {"weight": "money at stake x chance x urgency", "date": "the day it must be worked by"},
    "--of": {"filing": "our appeal reached the payer", "denial": "the payer's notice reached us"},
    "--proof-kind": {kind: f"{proof.words}: {proof.says}" for kind in proofs.kinds() if (proof := proofs.known(kind))},
    "--enclosed": checklists.meanings(),
    "document add --kind": checklists.meanings(),
    "--direction": {"in": "it came to us", "out": "we sent it", "own": "made or kept here, sent to nobody"},
    "--why": {
        "window_closed": "the payer's time for such calls was over",
        "not_offered": "the payer offers no call for this",
        "nobody_called": "the payer's clinician did not call, or could not reach ours",
        "cancelled_by_us": "we called it off",
    },
    "--appellant": {
        "patient": "the patient, or a parent for a child",
        "provider": "this practice, by a right of its own or one the patient gave",
        "representative": "somebody the patient named",
    },
    "--authority": {
        "assignment": "the patient assigned the benefits to us",
        "representative": "a signed form that names a representative",
        "power_of_attorney": "a power of attorney for the patient",
        "waiver_of_liability": "we bill the patient nothing, whatever is decided (Medicare Advantage)",
        "written_consent": "the patient's written consent to this appeal (Medicaid, FEHB)",
    },
    "--channel": {"mail": "by post or carrier", "fax": "by fax", "portal": "uploaded at the payer's site"},
    "dismiss --reason": {
        "late": "filed after the last day",
        "wrong_party": "whoever filed had no right to",
        "wrong_place": "sent to somebody who does not decide it",
    },
    "--how-met": {
        "self_pay": "the patient pays at once",
        "payment_plan": "in parts",
        "medical_loan": "a lender pays us",
        "hsa": "from a health savings account",
        "fsa": "from a flexible spending account, before its year runs out",
        "package_discount": "at the price of a package",
        "clinical_trial": "a study bears it",
    },
    "settle-line --to": {
        "paid": "the payer paid it",
        "patient": "the patient owes it",
        "written_off": "it is given up; above the limit a second person says yes",
    },
    "write-off --reason": {
        "small_balance": "too little to work for",
        "not_appealable": "no route is left or was ever open",
        "contract": "our contract forbids collecting it",
        "cost_exceeds_value": "working it costs more than it can bring",
        "charity": "the patient cannot pay",
        "other": "none of these; say it in a note",
    },
    "--cause": CAUSE,
    "reopen --to": {
        "denied": "there is a denial to fight (takeback, new notice)",
        "submitted": "the payer has to answer again",
    },
    "MARK": {name: mark.text for name, mark in MARKS.items()},
    "--template": {step: text for step, text in STEP_HELP.items() if step != "undo"},  # it takes back; no file does
    "--format": {
        "jsonl": "the trail with its proofs, to be verified by anybody",
        "csv": "a table, safe to open in a spreadsheet",
        "html": "a page to read and print, case by case",
    },
    "--role": {"biller": "works cases", "manager": "answers for them"},
    "rules sample NAME": {
        "aetna": "Aetna",
        "blue_cross_nc": "Blue Cross and Blue Shield of North Carolina",
        "cigna": "Cigna, commercial plans",
        "cigna_medicare": "Cigna, Medicare customers",
        "humana": "Humana",
        "nc_medicaid_plan": "a North Carolina Medicaid Standard Plan",
        "unitedhealthcare": "UnitedHealthcare",
        "template": "an empty form for any payer",
    },
}
ARGUMENTS: Meanings = {
    "CASE": "Number of the case (12 or A-000012), or its claim number.",
    "[CASE...]": "Numbers of the cases; none with --list or --step.",
    "WORDS": "Any number, or words of a name; all must occur.",
    "MARK": "Which fact it is; see its words below.",
    "TEXT": "What to keep, in quotes.",
    "ACCOUNT": "Login name of somebody in the office.",
    "FILE": "Name of the file to read.",
    "PATH...": "Files, folders or archives; `-` is standard input.",
    "[FILE...]": "Names of packs to check; none checks what ships.",
    "FILE.csv": "Name of the CSV file; not with --template.",
    "SHA256": "The file's SHA-256, or the beginning of it.",
    "DOCUMENT": "The paper's SHA-256 or its beginning, or its kind.",
    "CODE...": "Codes as they stand on paper; `status` before a claim status.",
    "CLOCK": "The clock's name, or a part of it; none gives all.",
    "[RULE]": "Id of one rule, as `appeals rules list` prints it.",
    "RULE": "Id of one rule, as `appeals rules list` prints it.",
    "payer NAME": "The payer's name; a new one is made.",
    "rules sample NAME": "Which contract; see the words below.",
    "PATIENT": "Who stays: id, record number, member id or name.",
    "SAME": "Who turns out to be the same person, named likewise.",
}
