"""Reads one file of claims and decides what becomes of each, before anything is written; the sums must agree with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from appeals import codes, show
from appeals.errors import FileRefused
from appeals.intake.formats import READ, Format
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Item, ProviderAdjustment, Transaction
from appeals.intake.status_report import StatusReport
from appeals.intake.submission import Submission
from appeals.model import Payer
from appeals.record import RemittanceEntry, Run
from appeals.services import fates, matching, status_reports, submissions, takebacks
from appeals.services.importing import Fate, Importing, Source, trace_of
from appeals.services.opening import sole_owner
from appeals.services.overlay import Entry, Overlay
from appeals.services.parties import payer_of
from appeals.services.payees import own_numbers
from appeals.services.store import Store
from appeals.services.takebacks import Settled

Told = Claim | ClaimProblem | Submission | StatusReport

# Told now and then how many claims of the file are decided, and what they pay in cents.
Progress = Callable[[int, int], None]
NOW_AND_THEN = 500  # claims


def unwatched(_claims: int, _paid_cents: int) -> None:
    """Nobody looks on."""


@dataclass(slots=True)
class Sums:
    """The sums of one file in cents, kept twice: as read, and by fate (claims, charged, paid, denied). They must agree.

    `payments` is None for a file that pays nothing, such as a claim sent to a payer.
    """

    claims: int = 0
    charged: int = 0
    paid: int = 0
    payments: int | None = None
    provider_adjustments: int = 0
    fates: dict[str, list[int]] = field(default_factory=dict)

    def read(self, claim: Claim) -> None:
        """Count one claim as the file has it."""
        self.claims += 1
        self.charged += claim.charge_cents or 0
        self.paid += claim.paid_cents or 0

    def pay(self, transaction: Transaction) -> None:
        """Count what a transaction says it pays."""
        if transaction.amount_cents is not None:
            self.payments = (self.payments or 0) + transaction.amount_cents

    def account(self, fate: Fate, claim: Claim) -> None:
        """Count one claim under what became of it."""
        sums = self.fates.setdefault(fate.name, [0, 0, 0, 0])
        for at, value in enumerate((1, claim.charge_cents or 0, claim.paid_cents or 0, fate.denied_cents)):
            sums[at] += value

    def says(self) -> str:
        """One line that a person can check against the payer's own total.

        Raises:
            RuntimeError: a claim of the file has no fate: a bug, and nothing is written.
        """
        counted = [sum(sums[at] for sums in self.fates.values()) for at in range(3)]
        if counted != [self.claims, self.charged, self.paid]:
            raise RuntimeError("the claims accounted for are not the claims of the file")
        if self.payments is None:
            return f"reconciled: {show.count(self.claims, 'claim')} read and accounted for; charged {show.money(self.charged)}"
        balance = self.paid - self.provider_adjustments == self.payments
        told = "as the payer paid" if balance else f"the payer says {show.money(self.payments)}"
        less = f", less provider adjustments {show.money(self.provider_adjustments)}" if self.provider_adjustments else ""
        return f"reconciled: {show.count(self.claims, 'claim')} read and accounted for; paid {show.money(self.paid)}{less}: {told}"


@dataclass(slots=True, kw_only=True)
class FileRead:
    """A file read and decided on, before anything is written. `payers` are those it named first."""

    file_id: str
    format: Format
    digest: str
    sums: Sums = field(default_factory=Sums)
    decided: list[Fate] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    entries: list[RemittanceEntry] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)
    reconciled: str = ""
    payers: dict[str, Payer] = field(default_factory=dict)

    def warn(self, segment: int, message: str) -> None:
        """Keep a warning with its place, once."""
        self.warnings[f"{self.format.place} {segment}: {message}"] = None


@dataclass(slots=True)
class _Payment:
    """One transaction with what hangs on it. Claims outside any transaction have one of their own, which names nobody."""

    transaction: Transaction
    claims: list[Told] = field(default_factory=list)
    settled: list[ProviderAdjustment] = field(default_factory=list)

    @property
    def there(self) -> bool:
        """Whether the file has it: claims outside any transaction are all that may make the first."""
        return bool(self.transaction.segment or self.claims or self.settled)


def read_file(
    store: Store, stream: BinaryIO, run: Run, *, format: Format, digest: str, received: date | None, progress: Progress = unwatched
) -> FileRead:
    """Read the whole file and decide on every claim of it. Raises FileRefused: it is not what `format` reads."""
    found = FileRead(file_id=run.new_id(), format=format, digest=digest)
    at = Importing(
        store=store,
        overlay=Overlay(store),
        codes=codes.load(),
        run=run,
        owner=sole_owner(store.people()),
        received=received,
        rule_packs=store.rule_packs(),
        own=own_numbers(store),
    )
    # Only the end of a file may show that it is none, and a big one does not fit into memory: it is read twice.
    for item in format.read(stream):
        _of_one_type(item)
    stream.seek(0)
    told = 0
    for payment in _payments(format.read(stream), found):
        _decide(at, payment, found)
        if len(found.decided) >= told + NOW_AND_THEN:
            told = len(found.decided)
            progress(told, found.sums.paid)
    progress(len(found.decided), found.sums.paid)
    found.reconciled = found.sums.says()
    return found


def _of_one_type(item: object) -> None:
    """Raises FileRefused where a transaction of another reader's stands in the file: what it says would be lost, and the bytes be known."""
    if isinstance(item, Caution) and item.kind == "other_type":
        kind = item.raw.partition("*")[2][:3]
        if kind in READ:
            raise FileRefused(
                f"Segment {item.segment}: the file joins files of several types; type {kind} begins here.",
                "Ask for one file a type, or split it before the ISA of each; nothing of it was taken.",
            )


def _payments(items: Iterable[Item | Submission | StatusReport], found: FileRead) -> Iterator[_Payment]:
    """The payments of the file, one at a time, each with all that hangs on it."""
    payment = _Payment(Transaction(0, ""))
    for item in items:
        if isinstance(item, Transaction):
            if payment.there:
                yield payment
            payment = _Payment(item)
            found.sums.pay(item)
        elif isinstance(item, ProviderAdjustment):
            payment.settled.append(item)
            found.sums.provider_adjustments += item.amount_cents or 0
        elif isinstance(item, Caution):
            found.warn(item.segment, item.message)
        elif isinstance(item, Told):
            payment.claims.append(item)
            found.sums.read(_claim(item))
    if payment.there:
        yield payment


def _decide(at: Importing, payment: _Payment, found: FileRead) -> None:
    """Decide on one payment: what is reversed first, so that what is decided anew meets it in whatever order they stand."""
    transaction = payment.transaction
    paid = not any(isinstance(item, Submission | StatusReport) for item in payment.claims)
    payee = found.format.names_payee
    if paid and payee and (doubt := at.own.doubt(transaction)):
        found.warn(transaction.segment, doubt)
    reversals = [item for item in payment.claims if at.codes.status(_claim(item).status).role == "reversal"]
    others = [item for item in payment.claims if at.codes.status(_claim(item).status).role != "reversal"]
    source = Source(
        file_id=found.file_id,
        sha256=found.digest,
        transaction=transaction,
        payer=_payer(at.overlay, transaction, at.run, found),
        anew=frozenset(matching.own_number(_claim(item)) for item in others if not isinstance(item, ClaimProblem)) - {""},
        elsewhere=payee and at.own.elsewhere(transaction),
    )
    at.overlay.expect(number for item in payment.claims for number in matching.numbers(_claim(item)))
    for item in (*reversals, *others):
        fate = _fate(at, item, source)
        found.sums.account(fate, _claim(item))
        found.decided.append(fate)
        found.entries.append(_entry(at.run, fate, _claim(item), source))
        for note in fate.notes:
            found.warn(fate.segment, note)
    for position, adjustment in enumerate(payment.settled, 1):
        done = takebacks.settled(at, adjustment, position, source)
        found.settled.append(done)
        if done.open:
            found.warn(done.segment, f"provider adjustment {done.code} {show.money(done.amount_cents or 0)}: {done.what}")
        found.entries.append(_settled_entry(at.run, done, takebacks.key(adjustment, position, source), source))


def _fate(at: Importing, item: Told, source: Source) -> Fate:
    """Each kind of file has effects of its own; a claim nobody can read is left for a person in all of them."""
    if isinstance(item, Submission):
        return submissions.decide(at, item, source)
    if isinstance(item, StatusReport):
        return status_reports.decide(at, item, source)
    return fates.decide(at, item, source)


def _claim(item: Told) -> Claim:
    return item if isinstance(item, Claim) else item.claim


def _payer(overlay: Overlay, transaction: Transaction, run: Run, found: FileRead) -> Payer:
    new: list[Payer] = []
    name = transaction.payer or transaction.payer_id or "payer not named"
    payer = payer_of(overlay, {"payer": name, "payer_number": transaction.payer_id}, run, new)
    if new and not found.format.names_payers:
        return replace(payer, id="")  # nobody we know; it stays so
    overlay.know(new)
    found.payers |= {one.id: one for one in new}
    return payer


def _entry(run: Run, fate: Fate, claim: Claim, source: Source) -> RemittanceEntry:
    return RemittanceEntry(
        id=run.new_id(),
        practice_id=run.practice.id,
        file_id=source.file_id,
        payer_id=source.payer.id or None,
        claim_number=claim.claim_number,
        payer_control=claim.payer_control,
        trace=trace_of(claim, source),
        position=claim.position,
        status_code=claim.status,
        charge_cents=claim.charge_cents or 0,
        paid_cents=claim.paid_cents or 0,
        denied_cents=fate.denied_cents,
        fate=fate.name,
        reason=fate.reason,
        case_id=fate.case_id or None,
        segment=fate.segment or claim.segment,
        raw=fate.raw,
    )


def _settled_entry(run: Run, done: Settled, known_by: Entry, source: Source) -> RemittanceEntry:
    """A provider adjustment as an entry of its own, so that it is known when it is sent again."""
    return RemittanceEntry(
        id=run.new_id(),
        practice_id=run.practice.id,
        file_id=source.file_id,
        payer_id=known_by.payer_id,
        claim_number=known_by.claim_number,
        payer_control=known_by.payer_control,
        trace=known_by.trace,
        position=known_by.position,
        status_code=known_by.status,
        charge_cents=0,
        paid_cents=-(done.amount_cents or 0),
        denied_cents=0,
        fate=done.fate,
        reason=done.what,
        case_id=done.case_id or None,
        segment=done.segment,
    )
