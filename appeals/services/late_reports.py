"""Reports that came before their case: once a file opens it, what was said of its claim by then is kept on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from appeals import identity
from appeals.errors import AppealsError
from appeals.intake.formats import STATUSES
from appeals.intake.remittance import Claim, Transaction
from appeals.intake.status_report import StatusReport
from appeals.model import Payer
from appeals.record import Change, IntakeFile
from appeals.services import status_reports
from appeals.services.importing import Fate, Importing, Source
from appeals.services.retold import Retold, retold
from appeals.services.writing import Replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A report that found its case: the changes on it, and its entry as it stood and stands."""

    case_id: str
    claim: str
    what: str
    notes: tuple[str, ...]
    changes: tuple[Change, ...]
    entry: Replaced


def late_reports(at: Importing, decided: Iterable[tuple[Claim, Fate]], lost: Callable[[IntakeFile], None]) -> Iterator[Late]:
    """What earlier reports say of the cases that these claims open. `lost` is told of a report's file that cannot be read any more."""
    opened = {claim.claim_number for claim, fate in decided if fate.name == "opened" and claim.claim_number}
    waiting = [entry for number in sorted(opened) for entry in at.overlay.waiting(number)]
    for told in retold(at.store, waiting, (STATUSES.kind,), lost):
        fate = _fate(at, told)
        if fate is not None:
            number = told.entry.claim_number
            after = replace(told.entry, fate=fate.name, reason=fate.reason, case_id=fate.case_id)
            what = f"{fate.reason}, by a report of {told.file.taken_on}" if fate.reason else ""
            yield Late(
                case_id=fate.case_id,
                claim=number,
                what=what,
                notes=fate.notes,
                changes=fate.changes,
                entry=Replaced(before=told.entry, after=after),
            )


def _fate(at: Importing, told: Retold) -> Fate | None:
    if not isinstance(told.item, StatusReport):
        return None
    try:
        source = Source(file_id=told.file.id, sha256=told.file.sha256, transaction=told.transaction, payer=_payer(at, told.transaction))
        return status_reports.on_its_case(at, told.item, source)
    except AppealsError:
        return None  # it stays where it is: with what waits, or left for a person


def _payer(at: Importing, head: Transaction) -> Payer:
    """Who reports, where that is a payer we know; else nobody."""
    key, number = identity.name_key(head.payer), identity.number_key(head.payer_id)
    known = at.overlay.payer(name_key=key, payer_number=number)
    return known or Payer(id="", practice_id=at.run.practice.id, name=head.payer, name_key=key, payer_number=number)
