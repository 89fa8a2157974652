"""The facts a deadline can count from, in the words of an explanation. It decides and counts nothing."""

from __future__ import annotations

from appeals.model import Clock

# Fact -> how an explanation calls its day.
RECORDED = {
    "notice": "notice dated",
    "received": "received",
    "sent": "sent",
    "submitted": "submitted",
    "requested": "asked for on",
    "decided": "decided on",
    "on": "the payer's clock ran out on",
    "mailed": "mailed",
    "service_date": "service given on",
    "processed": "claim processed on",
    "posted": "denial posted on",
    "event": "happened on",
    "request": "request received",
    "information": "information received",
    "information_received": "information received",
    "supporting_statement": "supporting statement received",
    "period_given_ends": "period given ended",
    "filing_period_ends": "the period for filing ends on",
    "notice_sent": "notice sent",
    "effective_date": "takes effect on",
    "cut_effective": "the cut takes effect on",
    "scheduled": "scheduled for",
    "original_deadline": "the original deadline was",
    "extension_notice_sent": "the payer's notice asking for information was sent on",
    "claimant_answered": "the information was supplied on",
    "rating_period_start": "the rating period began on",
    "created": "created on",
    "last_in_effect": "last in effect on",
    "discharge": "discharged on",
}
# Fact that stands in for one nobody recorded -> the warning that says so.
STANDS_IN = {
    "notice": "receipt not recorded: counted from the notice date, the earliest it can be; proof of receipt re-dates it",
    "sent": "receipt not recorded: counted from the day it was sent, the earliest it can be; proof of receipt re-dates it",
    "submitted": "receipt not recorded: counted from the day it was submitted, the earliest it can be; proof of receipt re-dates it",
    "received": "not recorded when {event}: counted from the day the filing was received, the earliest it can be",
    "mailed": "the day it was received is not recorded: counted from the day it was mailed, the earliest it can be",
    "request": "the day the information was complete is not recorded: counted from the request, the earliest it can be",
    "on": "no notice came: counted from the day the payer's clock ran out; no section says how long the right lasts then, so file soon",
}
# The same for a rule that does not count from receipt: no proof of receipt would change it.
NOT_BY_RECEIPT = {
    "notice": "not recorded when {event}: counted from the notice date, the earliest it can be",
    "sent": "not recorded when {event}: counted from the day it was sent, the earliest it can be",
    "submitted": "not recorded when {event}: counted from the day it was submitted, the earliest it can be",
}
UNREADABLE = (
    "the receipt date cannot be read: nothing is presumed; counted from the notice date, the earliest it can be. "
    "Ask the payer or whoever opened the mail, then record it (`mark CASE received --of denial --date DAY`)"
)
BASIS = {
    "official_text_copy": "read in a copy of the official text",
    "mirror_of_regulation": "read on a mirror of the regulation",
    "agency_or_payer_page": "read on a page of the agency or payer",
    "regulation_quoted_by_third_party": "read as quoted by a third party",
    "secondary_source_only": "known from a secondary source only",
    "memory": "known from memory only",
    "contract": "as the contract says",
}
HOUSE = {
    "house_submitted": "ask for an answer",
    "house_denied": "review the EOB",
    "house_eob_reviewed": "act on the review",
    "house_appeal_filed": "call the payer: not acknowledged",
    "house_peer_review": "hold the call",
    "payment": "post the payment",
    "follow_up": "call again",
    "answer_takeback": "answer the takeback",
    "send_again": "correct it and send it again",
    "give_statement": "give the patient a statement",
    "authorisation_valid": "authorisation ends",
}


def spoken(clock: Clock) -> str:
    """What a clock is called at the desk."""
    return HOUSE.get(clock.kind, clock.kind.replace("_", " "))
