"""Writes a 277CA or 277 from the values `status277` reads, with any delimiters; for tests only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from write837 import enveloped, money, named

from appeals.intake.remittance import Interchange, Name, Transaction
from appeals.intake.status_report import CLAIM, RECEIVER, Status, StatusReport
from appeals.intake.write835 import USUAL
from appeals.intake.x12 import Delimiters

Segments = Iterator[tuple[str, ...]]


def write277(
    head: Interchange,
    batch: Transaction,
    reports: Sequence[StatusReport],
    *,
    delimiters: Delimiters = USUAL,
    line_end: str = "",
    wrap: int = 0,
) -> str:
    """One interchange with one transaction; what the first report says of sender and day of receipt holds for all."""
    body = list(_transaction(batch, reports, delimiters.component))
    return enveloped(head, "HN", "277", batch.control, body, delimiters=delimiters, line_end=line_end, wrap=wrap)


def _transaction(batch: Transaction, reports: Sequence[StatusReport], component: str) -> Segments:
    answer = any(report.answer for report in reports)
    yield ("ST", "277", batch.control, "005010X212" if answer else "005010X214")
    yield ("BHT", "0085", "08", "BATCH-OF-THE-REPORT", batch.produced_on.raw, "1200", "TH")
    by_payer = all(report.by_payer for report in reports)
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "PR" if by_payer else "AY", "2", batch.payer, "", "", "", "", "PI", batch.payer_id)
    yield ("TRN", "1", batch.trace)
    if reports and reports[0].received:
        yield ("DTP", "050", "D8", reports[0].received.strftime("%Y%m%d"))
    whole = [report for report in reports if report.level == RECEIVER]
    yield ("HL", "2", "1", "21", "1")
    yield ("NM1", "41", "2", "MADE-UP BILLING", "", "", "", "", "46", next((report.batch.submitter for report in whole), "") or "S1")
    for report in whole:
        yield from _stated(report, component)
        yield from () if report.batch.claims is None else (("QTY", "AA", str(report.batch.claims)),)
        yield from () if report.batch.charge_cents is None else (("AMT", "YY", money(report.batch.charge_cents)),)
    yield ("HL", "3", "2", "19", "1")
    yield ("NM1", "85", "2", batch.payee, "", "", "", "", "XX", batch.payee_id)
    for at, report in enumerate((each for each in reports if each.level == CLAIM), 4):
        yield ("HL", str(at), "3", "22" if report.answer else "PT", "0")
        if report.claim.patient != Name():
            yield named("IL" if report.answer else "QC", report.claim.patient)
        yield from _stated(report, component)


def _stated(report: StatusReport, component: str) -> Segments:
    yield ("TRN", "2", report.trace)
    for line, statuses in groupby(report.statuses, key=lambda status: status.line):
        if line:
            yield ("SVC", component.join(("HC", "96365")), "100")
        for at, status in enumerate(statuses):
            charge = money(report.claim.charge_cents) if not line and not at else ""
            yield _status(status, charge, report.message if not line and not at else "", component)
        if not line:
            for qualifier, value in report.claim.references:
                yield ("REF", qualifier, value)
            if report.claim.dates:
                start, end = report.claim.dates
                yield ("DTP", "472", "RD8", f"{start.raw}-{end.raw}")


def _status(status: Status, charge: str, message: str, component: str) -> tuple[str, ...]:
    composite = component.join(filter(None, (status.category, status.code, status.entity)))
    on = status.on.strftime("%Y%m%d") if status.on else ""
    return ("STC", composite, on, status.action, charge, *[""] * 7, message)
