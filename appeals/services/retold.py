"""Reads anew what earlier files said at places that are known, from the bytes that were kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from appeals.errors import FileRefused, StorageError
from appeals.intake.formats import CLAIMS, EXPLANATION, REMITTANCE, STATUSES
from appeals.intake.remittance import Claim, Transaction
from appeals.intake.status_report import StatusReport
from appeals.record import IntakeFile, RemittanceEntry
from appeals.services import kept
from appeals.services.store import Store

READ_ANEW = {known.kind: known for known in (REMITTANCE, EXPLANATION, CLAIMS, STATUSES)}  # a table's mapping is not kept


class Retold(NamedTuple):
    """What an entry was made of: the claim or report, the transaction it stood in, and its file."""

    entry: RemittanceEntry
    file: IntakeFile
    transaction: Transaction
    item: Claim | StatusReport


def retold(store: Store, entries: Iterable[RemittanceEntry], kinds: Iterable[str], lost: Callable[[IntakeFile], None]) -> Iterator[Retold]:
    """What files of these kinds said where these entries were made; each file is read once, no further than its last entry.

    A file that was read anew since gives nothing, for that reading has entries of its own; one that is damaged goes to `lost`.
    """
    by_file: dict[str, dict[int, RemittanceEntry]] = {}
    for entry in entries:
        by_file.setdefault(entry.file_id, {})[entry.segment] = entry
    for file_id in sorted(by_file):
        for file in store.intake_files(id=file_id):
            if file.state == "taken" and file.kind in kinds and file.kind in READ_ANEW:
                yield from _of_file(store, file, by_file[file_id], lost)


def _of_file(store: Store, file: IntakeFile, wanted: Mapping[int, RemittanceEntry], lost: Callable[[IntakeFile], None]) -> Iterator[Retold]:
    transaction, left = Transaction(0, ""), len(wanted)
    try:
        for item in READ_ANEW[file.kind].read(kept.as_stream(store.original(file.id))):
            if isinstance(item, Transaction):
                transaction = item
            elif isinstance(item, Claim | StatusReport):
                segment = item.segment if isinstance(item, Claim) else item.claim.segment
                if (entry := wanted.get(segment)) is not None:
                    yield Retold(entry, file, transaction, item)
                    left -= 1
            if not left:
                return
    except (StorageError, FileRefused):
        lost(file)
