"""Which batch of claims that were sent a number (BHT03) stands for: some clearing houses give all their batches one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from appeals.errors import StorageError
from appeals.intake.claim837 import Heading, headings
from appeals.intake.status_report import StatusReport
from appeals.record import IntakeFile, RemittanceEntry
from appeals.services.kept import as_stream
from appeals.services.store import Store

KIND = "837"


class Sent(NamedTuple):
    """One batch as it was taken in: what its file says of it as a whole, and what became of its claims."""

    heading: Heading
    entries: tuple[RemittanceEntry, ...]


def meant(store: Store, report: StatusReport, day: date) -> tuple[tuple[RemittanceEntry, ...], str]:
    """The entries of the batch that a report of `day` is about; or none, and why nobody can tell which it is.

    Where several have its number: what the report says of day, claims and charge must all be so, then submitter and very day decide.
    """
    batches = _with_number(store, report.trace)
    if len(batches) < 2:
        return (batches[0].entries if batches else ()), ""
    told, received = report.batch, report.received or day
    fits = [
        batch
        for batch in batches
        if (batch.heading.made is None or batch.heading.made <= received)
        and told.claims in (None, len(batch.entries))
        and told.charge_cents in (None, sum(entry.charge_cents for entry in batch.entries))
    ]
    by: tuple[Callable[[Sent], bool], ...] = (
        lambda batch: bool(told.submitter) and batch.heading.submitter == told.submitter,
        lambda batch: batch.heading.made == received,
    )
    for likelier in by:
        fits = [batch for batch in fits if likelier(batch)] or fits
    if len(fits) == 1:
        return fits[0].entries, ""
    which = f"{len(fits)} of them could be meant" if fits else "none of them is as the report says"
    return (), f"{len(batches)} batches have this number and {which}: no case is marked, find the batch by its day and its claims"


def _with_number(store: Store, trace: str) -> list[Sent]:
    """The batches taken in under a number, without those that only repeat claims of another."""
    entries: dict[str, list[RemittanceEntry]] = {}
    for entry in sorted(store.entries_of_trace(trace), key=lambda entry: (entry.file_id, entry.segment)):
        if not entry.status_code:  # what is sent has no status yet: what came under the same number in a remittance has one
            entries.setdefault(entry.file_id, []).append(entry)
    files = (file for file_id in entries for file in store.intake_files(id=file_id) if file.kind == KIND)
    found = [batch for file in files for batch in _of_file(store, file, entries[file.id], trace)]
    return [batch for batch in found if any(entry.fate != "known" for entry in batch.entries)]


def _of_file(store: Store, file: IntakeFile, entries: Sequence[RemittanceEntry], trace: str) -> list[Sent]:
    """The batches of one file: several may have the number. Where its bytes cannot be read it is one, of no known day."""
    try:
        told = headings(as_stream(store.original(file.id)))
    except StorageError:
        told = ()
    told = told or (Heading(0, trace, None),)
    ends = [*(heading.segment for heading in told[1:]), None]
    parted = (
        Sent(heading, tuple(entry for entry in entries if heading.segment <= entry.segment and (end is None or entry.segment < end)))
        for heading, end in zip(told, ends, strict=True)
    )
    return [batch for batch in parted if batch.entries]
