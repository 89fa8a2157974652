"""What `intake resolve` prints: proposals, and claims of files that are left for a person, by file and place, never by patient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from appeals import show
from appeals.intake import codelike
from appeals.screens import Screen

if TYPE_CHECKING:  # each command pays for its own service only
    from appeals.services.left import Left
    from appeals.services.proposals import Resolved, Suggested

SHORT = 8  # letters of a file's hash that `intake original` finds it by
NOTHING = "  [dry run: nothing was written]"
OPEN = "Answer: `appeals intake resolve CASE --take` or `--refuse`. What the file says of it: `appeals intake trace CASE`."
REFUSED = (
    "A step that was refused can still be taken by hand: `appeals next CASE` says what is possible; a notice is `mark CASE denial-added`."
)
WORKED = (
    "Its text: `appeals intake original HASH --out FILE`, HASH being what stands before the colon. Once it is dealt with (`appeals open`, "
    "`deny`, a corrected claim, nothing to do): `appeals intake resolve --left REF --done --reason ...`."
)


def resolved(result: Resolved) -> Screen:
    """Proposals taken or refused, claims that are off the list, or the list of all that waits."""
    return Screen(command="intake resolve", data=_json(result), lines=list(_lines(result)))


def _lines(result: Resolved) -> Iterator[str]:
    dry = NOTHING if result.dry_run else ""
    for one in result.settled:
        yield f"{one.ref}  claim {show.text(codelike.number(one.entry.claim_number)) or '-'}: off the list{dry}"
    if not result.rows and not result.settled:
        yield "No open proposal."
    for each in result.rows:
        yield f"{each.number}  {each.step:<20} {show.text(each.reason)}  ({each.status}){dry}"
        yield f"    {_by(each)}"
    if any(each.status == "open" for each in result.rows):
        yield OPEN
    if any(each.status == "refused" for each in result.rows):
        yield REFUSED
    if result.left:
        yield f"LEFT FOR A PERSON ({len(result.left)})"
        for one in result.left:
            yield from _left(one)
        yield WORKED


def _by(one: Suggested) -> str:
    """How much, for what and by which paper: what it is decided by."""
    said = (
        "" if one.amount_cents is None else show.money(one.amount_cents),
        show.text(one.codes),
        f"notice of {one.notice}" if one.notice else "",
        f"remittance {show.text(one.remittance)}" if one.remittance else "",
        f"from {one.sha256[:SHORT]}:{one.segment}",
    )
    return ", ".join(filter(None, said))


def _left(one: Left) -> Iterator[str]:
    entry = one.entry
    money = f"charged {show.money(entry.charge_cents)}, paid {show.money(entry.paid_cents)}, denied {show.money(entry.denied_cents)}"
    whose = show.text(one.payer) or "payer not known"
    yield f"{one.ref}  claim {show.text(codelike.number(entry.claim_number)) or '-'}  {whose}  {money}"
    yield f"    {one.place} {entry.segment} of a file taken in on {one.file.taken_on}: {show.text(entry.reason)}"
    if one.cases:
        yield f"    has this claim number: {', '.join(one.cases)}"


def _json(result: Resolved) -> dict[str, Any]:
    return {
        "proposals": [_proposal_json(each) for each in result.rows],
        "left": [_left_json(one) for one in result.left],
        "settled": [one.ref for one in result.settled],
        "dry_run": result.dry_run,
    }


def _proposal_json(one: Suggested) -> dict[str, Any]:
    return {
        "case": one.number,
        "step": one.step,
        "reason": one.reason,
        "status": one.status,
        "amount_cents": one.amount_cents,
        "notice": one.notice,
        "codes": one.codes,
        "remittance": one.remittance,
        "sha256": one.sha256,
        "segment": one.segment,
    }


def _left_json(one: Left) -> dict[str, Any]:
    entry = one.entry
    return {
        "ref": one.ref,
        "claim": entry.claim_number,
        "payer": one.payer,
        "charge_cents": entry.charge_cents,
        "paid_cents": entry.paid_cents,
        "denied_cents": entry.denied_cents,
        "taken_on": one.file.taken_on,
        "sha256": one.file.sha256,
        "place": one.place,
        "segment": entry.segment,
        "cases": list(one.cases),
        "reason": entry.reason,
    }
