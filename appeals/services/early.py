"""What a file told of a claim before the claim itself was taken in: files come in any order, and an answer may be read first."""

from __future__ import annotations

from appeals.errors import AppealsError
from appeals.intake.remittance import Claim
from appeals.model import State
from appeals.record import RemittanceEntry
from appeals.services import matching, other_names
from appeals.services.importing import Importing, Source
from appeals.services.kept import SHORT
from appeals.services.overlay import Entry


def waits(at: Importing, entry: Entry, claim: Claim, source: Source) -> bool:
    """Whether an entry that came before was of no case then, and is now the first answer to a claim that was sent.

    What was paid and taken back since is none.
    """
    if not at.overlay.of_no_case(entry) or any(one.paid_cents < 0 for one in at.overlay.taken(claim.claim_number)):
        return False
    try:
        situation = matching.match(at.overlay, source.payer, claim).situation
        situation = situation or other_names.match(at.overlay, claim, charge_known=False).situation
    except AppealsError:
        return False
    if situation is None or situation.denials:
        return False
    return situation.case.state is State.SUBMITTED and not situation.case.paid_cents


def notes(at: Importing, claim: Claim) -> tuple[str, ...]:
    """For a claim that opens a case: which files told of its number before, and came to nothing for want of it."""
    told = [one for one in at.overlay.taken(claim.claim_number) if is_of_no_case(one) and one.status_code]
    files = [file for file_id in dict.fromkeys(one.file_id for one in told) for file in at.store.intake_files(id=file_id)]
    return tuple(
        f"a file taken in on {file.taken_on} ({file.sha256[:SHORT]}) told of this claim before it was known: read that file again (--again)"
        for file in files
    )


def is_of_no_case(one: RemittanceEntry) -> bool:
    """Whether nothing came of an entry because no case was known for it."""
    return one.fate == "ignored" and not one.case_id
