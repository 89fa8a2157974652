"""What each mark records, which options it takes, and what it does: the table behind `appeals mark --help`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarkHelp:
    """One mark in words; `needs` cannot be left out, `may` can. `--date` and `--text` go with every mark."""

    records: str
    effect: str
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        needs = f" Needs {' and '.join(self.needs)}." if self.needs else ""
        may = f" May have {', '.join(self.may)}." if self.may else ""
        return f"{self.records}.{needs}{may} {self.effect}."


_NOTHING = "No date moves"
PROOF = ("--proof-kind", "--proof", "--tracking", "--pages", "--result")
MARKS: Mapping[str, MarkHelp] = {
    "received": MarkHelp(
        "Proof of when our appeal, a notice or the claim arrived",
        "What counts from receipt is counted anew",
        may=("--of", "--filing", *PROOF),
    ),
    "denial-added": MarkHelp(
        "Another notice on a case that is denied already",
        "Its own clocks start; the first notice's run on",
        needs=("--notice", "--amount"),
        may=("--code", "--line", "--paid", "--words", "--printed-due"),
    ),
    "acknowledged": MarkHelp("The payer says it has our appeal or claim", "The house stops asking for it", may=("--filing",)),
    "claim-sent": MarkHelp("The claim went out; an 837 taken in keeps it by itself", "After a rejection the house stops asking for it"),
    "claim-accepted": MarkHelp(
        "The payer took the claim in (277CA): proof of timely filing",
        "With --received its time to answer runs from that day, while it has not answered",
        may=("--received",),
    ),
    "claim-rejected": MarkHelp(
        "The claim was not taken in (277CA) and counts as never sent", "The house asks for it to be sent again; no clock of the law moves"
    ),
    "prepared": MarkHelp("The packet is put together", f"{_NOTHING}; file-appeal takes the day along"),
    "proof-added": MarkHelp(
        "A fax report, receipt or the like found after sending", f"{_NOTHING}", needs=("--proof-kind",), may=("--filing", *PROOF[1:])
    ),
    "info-requested": MarkHelp(
        "The payer asks for papers",
        "Our time to answer starts; the payer's stops where law lets it",
        may=("--received",),
    ),
    "info-supplied": MarkHelp("We sent the papers", "Our time to answer ends; the payer's goes on"),
    "extension-notice": MarkHelp("The payer takes more time", "Its time grows once, where law lets it; else a finding"),
    "urgency-declared": MarkHelp("It turns out to be urgent; --text says who declared it", "What is pending is counted as urgent"),
    "representative-authorised": MarkHelp("Somebody may act for the patient", f"{_NOTHING}; file-appeal names the document"),
    "criteria-requested": MarkHelp("We asked for the criteria the payer used", _NOTHING),
    "parity-analysis-requested": MarkHelp("We asked for the comparative analysis", "The plan's time to answer starts"),
    "parity-analysis-received": MarkHelp("The plan sent its comparative analysis", "Its time to answer ends"),
    "failed-treatment": MarkHelp(
        "What was tried before: drug, dose, weeks, scores", f"{_NOTHING}; `checklist` counts it as evidence", needs=("--text",)
    ),
    "authorisation-obtained": MarkHelp(
        "A number was given by telephone or letter",
        "Its last day becomes a clock; approve ends the case",
        may=("--authorisation", "--valid-from", "--valid-to", "--units"),
    ),
    "authorisation-closed": MarkHelp("The authorisation is used up or needed no more", "Its clock ends"),
    "reviewer-assigned": MarkHelp("It is known who decides", _NOTHING),
    "peer-scheduled": MarkHelp(
        "The hour of the call is agreed", "Our hour to be at the telephone starts", needs=("--date 2026-11-12T15:00",)
    ),
    "payment-posted": MarkHelp(
        "The money came",
        "The payer's time to pay ends once all is there",
        needs=("--amount",),
        may=("--interest", "--contractual", "--patient-share", "--to-patient"),
    ),
    "patient-paid": MarkHelp("The patient paid us, for example up front", f"{_NOTHING}; the statement lists it", needs=("--amount",)),
    "reimbursement-expected": MarkHelp(
        "What the plan is to give back to the patient is known", f"{_NOTHING}; `show` sets it against what came", needs=("--amount",)
    ),
    "fsa-run-out": MarkHelp("The last day the patient's FSA takes claims", "Our time to give a statement starts", needs=("--until",)),
    "statement-given": MarkHelp("The patient has the itemised statement", "The time to give it ends"),
    "recoupment-notice": MarkHelp("The payer will take money back", "The time to answer starts", may=("--printed-due",)),
    "recoupment-answered": MarkHelp("We rebutted, appealed or paid back", "The time to answer ends"),
    "contact": MarkHelp("Somebody was spoken to", f"{_NOTHING}; `appeals call` keeps more"),
    "document-added": MarkHelp("A paper came or went", f"{_NOTHING}; `appeals document add` keeps it"),
    "owner-changed": MarkHelp("Somebody else works the case", "Reminders go to the new owner", needs=("--to",)),
    "reminder-snoozed": MarkHelp(
        "Nobody is to be reminded until a day; --text says why",
        "Silent until then, but never past the day to work by",
        needs=("--until", "--text"),
        may=("--clock",),
    ),
    "note": MarkHelp("Anything worth keeping", _NOTHING),
}
