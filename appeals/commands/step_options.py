"""What each step's command is called, its example, and the options it takes. Which step is possible when is `workflow.STEPS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from appeals import checklists, proofs
from appeals.commands import meanings
from appeals.commands.types import CENTS, CODES, DAY, LINE, MOMENT, OF_LINE, RECEIPT, Word
from appeals.packtables import AUTHORITIES, TRACKS

Option = Callable[[Callable[..., Any]], Callable[..., Any]]
CATEGORIES, PATHS, CAUSES = tuple(meanings.CATEGORY), tuple(meanings.PATH), tuple(meanings.CAUSE)
HOW_MET = ("self_pay", "payment_plan", "medical_loan", "hsa", "fsa", "package_discount", "clinical_trial")
CHANNELS = ("mail", "fax", "portal")


def option(name: str, text: str, **given: Any) -> Option:
    return click.option(name, help=text, **given)


def all_of(options: tuple[Option, ...]) -> Option:
    """Several options as one decorator, in their order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for each in reversed(options):
            command = each(command)
        return command

    return add


def one_of(name: str, text: str, values: tuple[str, ...]) -> Option:
    return click.option(name, help=text, type=Word(values))


REASON = option("--reason", "Why you do it; kept in the trail.")
DECIDED = option("--decided", "Date on the payer's or reviewer's decision.", type=DAY)
WHICH = one_of("--filing", "Which pending filing, by its track, where several are.", TRACKS)
RECEIVED = option("--received", "When it reached the office, if that can be proved.", type=DAY)
NOTICE_RECEIVED = option("--received", "When it reached the office, if that can be proved; `unreadable` is an answer.", type=RECEIPT)
PRINTED = option("--printed-due", "The last day the notice itself prints.", type=DAY)
PAID = option("--amount", "What the payer paid, in dollars.", type=CENTS)
WON = option("--amount", "What was won, in dollars; left out, all that is in dispute.", type=CENTS)
WON_PART = option("--amount", "What was won, in dollars; the rest stays in dispute.", type=CENTS)
BILLED_ON = option("--amount", "What the patient is billed, in dollars; left out, all that is in dispute.", type=CENTS)
BACK = option("--amount", "What is in dispute again, in dollars.", type=CENTS)
REVIEWER = option("--reviewer", "Who reviewed it: of ours in `review-eob`, of the payer after a call.")
REFERENCE = option("--reference", "Number the payer gave the call or request.")
OF_THE_REST = (
    option("--contractual", "What the contract takes off (group CO, for example CO-45), in dollars.", type=CENTS),
    option("--patient-share", "Deductible, coinsurance and copayment (PR-1, PR-2, PR-3), in dollars.", type=CENTS),
)
WON_LINE = option("--won-line", "A line that was won, all of it (2) or part (2:400). Repeatable.", type=OF_LINE, multiple=True)
PROOF = (
    one_of(
        "--proof-kind",
        "What the proof is, strongest first: a payer's acceptance of an electronic filing (277ca), a portal's receipt, a signed return "
        "receipt (these show that it arrived), a fax report (that it was sent), a note of our own (nothing).",
        proofs.kinds(),
    ),
    option("--proof", "The proof's own number or name: receipt, confirmation or control number."),
    option("--tracking", "Number the carrier tracks the parcel by."),
    option("--pages", "How many pages went out.", type=click.IntRange(1)),
    option("--result", "What the fax or portal answered, for example OK or busy."),
)
AUTHORISED = (
    option("--authorisation", "Number the payer gave for the approval."),
    option("--valid-from", "First day the approval covers.", type=DAY),
    option("--valid-to", "Last day the approval covers; it becomes a clock.", type=DAY),
    option("--units", "How many units or visits were approved.", type=click.IntRange(1)),
)
DENIAL = (
    option("--notice", "Date on the notice.", type=DAY),
    NOTICE_RECEIVED,
    option("--amount", "What is denied, in dollars.", type=CENTS),
    option("--paid", "What the same notice pays, in dollars.", type=CENTS),
    *OF_THE_REST,
    option("--code", "Group, CARC, RARC: CO-50, CO-16/M76:120.00. Repeatable.", type=CODES, multiple=True),
    option("--line", "One line: 96365:600.00:600.00:CO-50. Repeatable.", type=LINE, multiple=True),
    option("--words", "The letter's own words, where it has no codes."),
    PRINTED,
)

TABLE: dict[str, tuple[str, str, tuple[Option, ...]]] = {
    "deny": ("Record a denial.", "A-12 --notice 2026-11-02 --amount 1200 --code CO-50", DENIAL),
    "approve": (
        "Record an authorisation.",
        "A-12 --authorisation PA-889 --valid-from 2026-12-01 --units 6",
        (*AUTHORISED, DECIDED),
    ),
    "pay": (
        "Record that the claim was paid.",
        "A-12 --amount 840.00 --contractual 360.00 --remittance TRACE-9",
        (
            PAID,
            *OF_THE_REST,
            option("--remittance", "Trace number of the check or transfer, as the remittance prints it."),
            option("--override", "Why it closes the case though less than what is in dispute came."),
            DECIDED,
        ),
    ),
    "void": ("Close a case opened in error.", 'A-12 --reason "duplicate of A-11"', (REASON,)),
    "review-eob": (
        "Review the EOB and decide the path.",
        "A-12 --reviewer 'A. Clerk' --category experimental --path appeal",
        (
            REVIEWER,
            one_of("--category", "Why the payer denied it.", CATEGORIES),
            one_of("--path", "What to do about it; it decides the next step.", PATHS),
            one_of("--appealable", "Whether an appeal is possible at all.", ("yes", "no")),
            option("--missing-element", "A notice element that is missing. Repeatable.", multiple=True),
        ),
    ),
    "request-peer-review": (
        "Ask for a peer-to-peer call.",
        "A-12 --clinician 'Dr Reyes' --callback 704-555-0100",
        (
            option("--clinician", "Our clinician who will talk to theirs."),
            option("--callback", "Telephone where our clinician is called back."),
            option("--payer-line", "Telephone of the payer's peer-to-peer line."),
            REFERENCE,
            option("--times-offered", "When our clinician can talk, in your own words."),
            option("--requested", "Day the call was asked for (default: today).", type=DAY),
            option("--override", "Why, though the window has closed."),
        ),
    ),
    "peer-overturn": (
        "The call won.",
        "A-12 --reviewer 'Dr Poe' --reference P2P-77",
        (
            REVIEWER,
            REFERENCE,
            WON,
            *AUTHORISED,
            option("--said", "What their reviewer said, in a sentence."),
            DECIDED,
        ),
    ),
    "peer-uphold": (
        "The call did not win.",
        "A-12 --reviewer 'Dr Poe' --said 'criteria not met'",
        (REVIEWER, option("--said", "What their reviewer said, in a sentence."), REFERENCE, DECIDED),
    ),
    "peer-missed": (
        "The call never took place.",
        "A-12 --why nobody_called",
        (one_of("--why", "Why no call took place.", ("window_closed", "not_offered", "nobody_called", "cancelled_by_us")), DECIDED),
    ),
    "file-appeal": (
        "File an appeal.",
        "A-12 --track member_appeal --appellant provider --authority assignment --sent today --channel fax --enclosed records",
        (
            one_of("--track", "Which kind of appeal it is.", TRACKS),
            one_of("--appellant", "In whose name the appeal is filed.", ("patient", "provider", "representative")),
            one_of("--authority", "Document that gives the right to file for the patient.", AUTHORITIES),
            option("--expedited", "Ask for an expedited decision.", is_flag=True),
            option("--declared-by", "Clinician or patient who says it is urgent."),
            option(
                "--enclosed",
                "Kind of document enclosed. Repeatable; what is on file need not be named.",
                type=Word(checklists.kinds()),
                multiple=True,
            ),
            option("--override", "Why it goes out without a listed document, or for less than the forum takes."),
            option("--good-cause", "Why it may be filed though the time is over."),
            option("--closes-dispute", "The member appeal may close the provider's dispute.", is_flag=True),
            one_of("--channel", "By which way it went out.", CHANNELS),
            option("--destination", "Where it went: the address, fax number or portal."),
            option("--sent", "Day it left the office.", type=DAY),
            option("--received", "Day (2026-11-09) or moment (2026-11-09T15:00) the addressee had it, if that can be proved.", type=MOMENT),
            *PROOF,
        ),
    ),
    "overturn": ("The appeal won.", "A-12 --decided 2026-12-20", (DECIDED, WON, *OF_THE_REST, WHICH, *AUTHORISED)),
    "partially-overturn": (
        "The appeal or the call won part.",
        "A-12 --decided 2026-12-20 --amount 400",
        (
            DECIDED,
            WON_PART,
            WON_LINE,
            WHICH,
            RECEIVED,
            PRINTED,
            option("--rest-given-up", "Give the rest up; it ends the case.", is_flag=True),
            REVIEWER,
            REFERENCE,
            *AUTHORISED,
        ),
    ),
    "uphold": (
        "The appeal lost; the next level opens.",
        "A-12 --decided 2026-12-20 --received 2026-12-23",
        (DECIDED, RECEIVED, PRINTED, WHICH, REASON),
    ),
    "dismiss": (
        "The appeal was dismissed unread.",
        "A-12 --decided 2026-12-20 --reason late",
        (DECIDED, RECEIVED, one_of("--reason", "Why it was thrown out.", ("late", "wrong_party", "wrong_place")), WHICH),
    ),
    "deem-exhausted": ("The payer let its clock run out.", "A-12", (REASON,)),
    "forward": (
        "The payer sent the file on by law.",
        "A-12 --received 2026-12-20",
        (option("--received", "Day the next body had it.", type=DAY), WHICH),
    ),
    "withdraw": ("Take a filing back.", "A-12 --reason 'claim corrected instead'", (REASON, WHICH)),
    "resubmit": (
        "Send a corrected claim (frequency code 7).",
        "A-12 --control-number ICN123",
        (option("--control-number", "The payer's claim control number."), option("--what", "What was corrected in the claim.")),
    ),
    "bill-other-payer": (
        "Bill another payer; opens a linked case.",
        "A-12 --payer 'Piedmont Health' --member-id M9 --network out",
        (
            option("--payer", "Name of the other payer."),
            option("--member-id", "The patient's member id with the other payer."),
            option("--primary-eob", "What the first payer's EOB is filed under."),
            option("--timely-filing", "The other payer's last day to file.", type=DAY),
            one_of("--network", "Whether we are in the other payer's network.", ("in", "out", "unknown")),
        ),
    ),
    "bill-patient": (
        "Bill what the payer put on the patient.",
        "A-12 --how-met payment_plan",
        (
            one_of("--how-met", "In which way the patient will pay.", HOW_MET),
            option("--waiver", "Which signed waiver (Medicare: ABN) is on file."),
            BILLED_ON,
            option("--surprise-billing", "The No Surprises Act protects the service.", is_flag=True),
            option("--override", "Why an FSA is billed though the patient has no statement."),
            REASON,
        ),
    ),
    "settle-line": (
        "Take some lines out of the dispute while the rest goes on.",
        "A-12 --settled 2 --to patient --reason 'PR-204, patient agreed'",
        (
            option("--settled", "A line, all it has in dispute (2) or part of it (2:100). Repeatable.", type=OF_LINE, multiple=True),
            one_of(
                "--to",
                "Where its money goes: the payer paid it, the patient owes it, or it is given up.",
                ("paid", "patient", "written_off"),
            ),
            REASON,
            option("--waiver", "Which signed waiver (Medicare: ABN) is on file."),
            option("--surprise-billing", "The No Surprises Act protects the service.", is_flag=True),
        ),
    ),
    "write-off": (
        "Give the money up.",
        "A-12 --reason small_balance",
        (
            one_of(
                "--reason",
                "Why the money is given up.",
                ("small_balance", "not_appealable", "contract", "cost_exceeds_value", "charity", "other"),
            ),
        ),
    ),
    "expire": (
        "Record that every deadline passed.",
        "A-12 --cause not_worked --signed 'A. Manager'",
        (
            one_of("--cause", "What went wrong that nobody acted in time.", CAUSES),
            option("--signed", "Name of whoever answers for the loss."),
            REASON,
        ),
    ),
    "reopen": (
        "Open a resolved case again.",
        "A-12 --reason 'payer took the money back' --amount 840",
        (
            REASON,
            one_of("--to", "In which state it goes on.", ("denied", "submitted")),
            option("--notice", "Date on the new denial or takeback notice.", type=DAY),
            RECEIVED,
            PRINTED,
            option("--words", "The notice's own words."),
            BACK,
        ),
    ),
}
