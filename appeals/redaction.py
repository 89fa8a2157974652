"""A minimum-necessary copy of an entry of the trail: what is on a list stays, and everything else is withheld and seen to be.

Each key the program writes stands on one of two lists, by where it stands; a key that stands on neither is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from itertools import takewhile
from typing import Any

from appeals.appointments import RUN_OUT, SCHEDULED
from appeals.record import Json

WITHHELD = "[withheld]"
LEFT_OUT = (
    "names, birth dates, member, group, record and claim numbers, other numbers payers give, telephone numbers and addresses, "
    "and everything that somebody typed in words of their own"
)

# The entry itself.
ENTRY_KEPT = frozenset((
    "v", "log", "seq", "recorded_at", "on", "actor", "practice", "patient", "patient_seq", "case",
    "case_version", "kind", "name", "undoes", "sandbox",
))  # fmt: skip
# Words somebody typed, a request id among them. With the nonce, whoever guesses what is withheld could see by the leaf that it is so.
ENTRY_WITHHELD = frozenset(("nonce", "acting_for", "reason", "purpose", "request"))
NESTED = frozenset(("source", "facts", "changes", "clocks"))

SOURCE_KEPT = frozenset(("sha256", "segment"))
SOURCE_WITHHELD: frozenset[str] = frozenset()

# What the step was told, at any depth of `facts`.
FACTS_KEPT = frozenset((
    # what it is about and where it stands, in words of closed sets
    "kind", "step", "undone", "level", "filing", "track", "category", "path", "appealable", "urgency", "expedited", "care", "network",
    "assignment", "programme", "funding", "grandfathered", "issue_state", "internal_levels", "appellant", "authority", "channel",
    "proof_kind", "enclosed", "cause", "why", "how_met", "of", "stage", "new", "closes_dispute", "rest_given_up", "surprise_billing",
    "to_patient", "receipt_unreadable", "received_how", "differ", "filled", "email_changed", "split", "role", "direction", "claim_type",
    "frequency", "filing_indicator",
    # dates
    "dated", "dated_at", "notice", "received", "received_at", "printed_due", "submitted", "submitted_at", "sent", "decided", "requested",
    "next", "until", "service_from", "service_to", "service_date", "valid_from", "valid_to", "timely_filing", "filing_received",
    "filing_received_at", "rating_period_start", "from", "upto",
    # money and counts
    "amount", "paid", "billed", "contractual", "patient_share", "interest", "other_payer_paid", "settled", "won_line", "charge_cents",
    "paid_cents", "denied_cents", "contractual_cents", "patient_cents", "other_payer_cents", "charged_cents", "claims", "entries",
    "reminders", "people", "ledger", "messages", "readdressed", "opened", "known", "moved", "added", "proposed", "ignored", "waiting",
    "by_line", "units", "pages", "size", "position", "write_off_limit_cents",
    # codes, hashes, ids of ours, and the rules counted by
    "codes", "reasons", "adjustments", "lines", "sha256", "segment", "source", "trace_source", "made", "replaced", "table", "id",
    "fields", "about", "into", "proposal", "clock", "cases", "coverages", "identifiers", "pack", "packs", "version", "terms",
    "replaces",
    # how an export was asked for, and for which practice
    "format", "redacted", "case", "practice_name", "zone", "state",
))  # fmt: skip
FACTS_WITHHELD = frozenset((
    # who: the patient, the payer, and everybody who was spoken to or wrote
    "patient", "born", "payer", "provider", "npi", "reviewer", "clinician", "declared_by", "signed", "person", "name", "account",
    "to", "recipient", "backup", "owner",
    # numbers that lead to a person, a claim, a call or a parcel
    "mrn", "member_id", "group", "claim", "control_number", "payer_number", "authorisation", "reference", "remittance", "tracking",
    "proof", "result", "number", "same_as", "callback", "payer_line", "destination", "primary_eob", "waiver", "procedure",
    # what a claim sent says of the care, and which claim it replaces
    "original", "batch", "diagnoses", "rendering",
    # words somebody typed
    "text", "words", "reason", "override", "good_cause", "said", "promised", "what", "times_offered", "missing_element",
))  # fmt: skip

# Fields of a case (`changes`), and of the rows beside it (`facts.replaced`): [before, after].
FIELDS_KEPT = frozenset((
    "id", "practice_id", "case_id", "patient_id", "payer_id", "coverage_id", "provider_id", "denial_id", "line_id", "other_case_id",
    "clock_id", "file_id", "number", "kind", "state", "outcome", "level", "urgency", "network", "assignment", "category",
    "appealable", "path", "came_from", "billed_cents", "paid_cents", "disputed_cents", "recovered_cents", "contractual_cents",
    "patient_cents", "other_payer_cents", "written_off_cents", "lost_cents", "posted_cents", "charge_cents", "denied_cents",
    "amount_cents", "won_cents", "write_off_limit_cents", "service_from", "service_to", "service_date", "opened_on", "entered_on",
    "submitted_on", "submitted_at", "version", "care", "position", "group_code", "carc", "rarc", "notice_date", "received_date",
    "received_at", "received_how", "printed_due", "reasons", "sent_date", "decided_date", "prepared_date", "acknowledged_date",
    "requested_date", "next_date", "asked_on", "approved_on", "made_on", "decided_on", "sent_on", "taken_on", "loaded_on",
    "created_on", "dated", "voided", "about", "track", "appellant", "authority", "expedited", "channel", "proof_kind", "pages",
    "step", "status", "status_code", "asked_by", "approved_by", "decided_by", "taken_by", "loaded_by", "system", "merged_into",
    "programme", "funding", "grandfathered", "issue_state", "internal_levels", "rating_period_start", "facts_from", "rank",
    "starts_on", "ends_on", "direction", "sha256", "size", "segment", "fate", "stage", "role", "manager", "zone", "sandbox",
    "pack_id", "active",
))  # fmt: skip
FIELDS_WITHHELD = frozenset((
    "name", "name_key", "birth_date", "claim_number", "member_id", "group_number", "value", "payer_number", "payer_control", "npi",
    "letter_words", "source", "declared_by", "destination", "proof", "override_reason", "tracking", "result", "clinician", "callback",
    "payer_line", "reference", "times_offered", "reviewer", "said", "text", "finding", "procedure", "number_called", "person",
    "promised", "facts", "reason", "trace", "raw", "summary", "content", "recipient", "email", "account", "backup", "owner",
))  # fmt: skip

CLOCK_KEPT = frozenset((
    "id", "practice_id", "case_id", "kind", "level", "track", "regime", "owed_by", "status", "candidate", "hard", "verified", "rule_id",
    "pack_id", "pack_version", "pack_hash", "filed_when", "trigger", "trigger_id", "start_date", "start_kind", "start_at", "raw_due",
    "legal_due", "safe_due", "printed_due", "target_due", "work_by", "due_at", "arithmetic", "cite", "source", "checked_on", "warning",
    "ended_on", "met_by", "next_remind_on", "filer", "derivation", "consequence", "next_step",
))  # fmt: skip
CLOCK_WITHHELD: frozenset[str] = frozenset()
# The arithmetic of a counted clock is the program's own words, and so is that of these; of a date that was told (in a call, with an
# authorisation) only such lines, up to the first other one: somebody's words may go on in a line of their own.
OWN_WORDS = frozenset((SCHEDULED, RUN_OUT))
OWN_LINES = re.compile(
    r"as agreed in a call|called on \w{3} [\d-]{10}; what was said stands with the case|to be followed up on \w{3} [\d-]{10}"
    r"|as the payer authorised; for what stands with the case|it holds until \w{3} [\d-]{10}"
)
# The words of a clock that a practice's own pack, its payer's contract, put there.
PACK_WORDS = (
    "regime", "rule_id", "pack_id", "pack_version", "cite", "source", "arithmetic", "warning", "consequence", "next_step", "trigger",
)  # fmt: skip
SHORTEST_PART = 3  # letters of a name that are taken for one in somebody's words: "of" and "de" are not
HOUSE = "house rule"
CODES = re.compile(r"[A-Z]{2}-?[A-Z]?\d{1,3}(/[A-Z]{1,2}\d{1,4})?(:-?[\d.]+)?")


def redacted(told: Mapping[str, Json]) -> dict[str, Json]:
    """What is left of an entry's text, read as JSON, where less than all of it must do: same keys, and what is withheld says so.

    What was empty stays empty. An export's own entry is not for this: it says what was asked for.
    """
    left = {key: value if key in ENTRY_KEPT else withheld(value) for key, value in told.items() if key not in NESTED}
    left["source"] = told.get("source") and _kept(told["source"], SOURCE_KEPT)
    left["facts"] = _kept(told.get("facts", {}), FACTS_KEPT)
    left["changes"] = _kept(told.get("changes", {}), FIELDS_KEPT)
    left["clocks"] = [_clock(clock) for clock in told.get("clocks", ())]
    return {key: left[key] for key in told}


def gives_away(words: str, name: str, numbers: Iterable[str]) -> bool:
    """Whether words somebody typed hold a part of the patient's name of three letters or more, or one of their numbers."""
    said = words.casefold()
    parts = {part for part in re.split(r"[^\w]+", name.casefold()) if len(part) >= SHORTEST_PART}
    return bool(parts & set(re.split(r"[^\w]+", said))) or any(number.casefold() in said for number in numbers if number)


def withheld(value: Json) -> Json:
    """The mark that something was here; nothing, where nothing was."""
    if value in (None, "", [], {}):
        return value
    return [withheld(each) for each in value] if isinstance(value, list) else WITHHELD


def _kept(value: Json, keys: frozenset[str]) -> Json:
    """`value` with what its keys allow, all the way down; the fields of a row have a list of their own."""
    if isinstance(value, list):
        return [_kept(each, keys) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: _one(key, inner, FIELDS_KEPT if key == "fields" else keys) if key in keys else withheld(inner) for key, inner in value.items()
    }


def _one(key: str, value: Json, keys: frozenset[str]) -> Json:
    """The value of a key that may stay: codes only where they are codes, for a letter without any is told in words."""
    return _only_codes(value) if key == "reasons" else _kept(value, keys)


def _only_codes(value: Json) -> Json:
    if isinstance(value, list):
        return [_only_codes(each) for each in value]
    parts = re.split(r"[\s,;]+", value) if isinstance(value, str) else []
    return value if all(CODES.fullmatch(part) for part in parts if part) else withheld(value)


@lru_cache(maxsize=1)
def _shipped() -> frozenset[str]:
    """The packs that come with the program, each in a file of its id; every other was loaded by a practice."""
    found = resources.files("appeals").joinpath("rulepacks").iterdir()
    return frozenset(each.name.removesuffix(".toml") for each in found if each.name.endswith(".toml"))


def _clock(clock: Mapping[str, Json]) -> dict[str, Json]:
    """A clock's dates and steps, and its words where they are the program's: a contract's and those of a call are somebody's."""
    left: dict[str, Any] = {key: value if key in CLOCK_KEPT else withheld(value) for key, value in clock.items()}
    if clock.get("pack_id") not in _shipped():
        return left | {key: withheld(clock[key]) for key in PACK_WORDS if key in clock}
    if not (clock.get("hard") or clock.get("cite") == HOUSE or clock.get("rule_id") in OWN_WORDS):
        lines = str(clock.get("arithmetic", "")).splitlines()
        own = list(takewhile(OWN_LINES.fullmatch, lines))
        left["arithmetic"] = "\n".join([*own, *[WITHHELD] * bool(lines[len(own) :])])
    return left
