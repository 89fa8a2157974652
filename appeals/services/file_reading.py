"""Reads one file of claims a part at a time, decides what becomes of each claim and has it kept; the sums must agree with the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from appeals import codes, identity, show
from appeals.errors import FileRefused
from appeals.intake.formats import READ, Format
from appeals.intake.remittance import Caution, Claim, ProviderAdjustment, Transaction
from appeals.intake.status_report import StatusReport
from appeals.intake.submission import Submission
from appeals.record import RemittanceEntry, Run
from appeals.services import fates, matching, status_reports, submissions, takebacks
from appeals.services.file_read import FileRead, Keep, Part, Progress, unwatched
from appeals.services.importing import Fate, Importing, Source, trace_of
from appeals.services.late_reports import late_reports
from appeals.services.opening import sole_owner
from appeals.services.overlay import Entry, Overlay
from appeals.services.payees import own_numbers
from appeals.services.paying import Pays, pays
from appeals.services.reversals import NOTHING, Items, TakenBack, Told, claim_of, taken_back
from appeals.services.store import Store
from appeals.services.takebacks import Settled

PART = 250  # claims decided and written together: what a file of any size needs of memory


@dataclass(slots=True)
class _Payment:
    """Claims of one transaction with what hangs on it. Claims outside any transaction have one of their own, which names nobody."""

    transaction: Transaction
    back: TakenBack = NOTHING
    claims: list[Told] = field(default_factory=list)
    settled: list[ProviderAdjustment] = field(default_factory=list)


def check(format: Format, stream: BinaryIO) -> Mapping[int, TakenBack]:
    """Read the whole file before anything of it is decided: only its end may show that it is none. What each payment takes back.

    Raises:
        FileRefused: it is not what `format` reads.
    """

    def read() -> Items:
        stream.seek(0)
        yield from format.read(stream)

    return taken_back(read, codes.load(), _of_one_type)


def read_file(
    store: Store,
    stream: BinaryIO,
    run: Run,
    found: FileRead,
    *,
    back: Mapping[int, TakenBack],
    received: date | None,
    keep: Keep,
    progress: Progress = unwatched,
) -> None:
    """Decide on every claim of a checked file and have each part kept before the next is decided. Fills `found`."""
    at = Importing(
        store=store,
        overlay=Overlay(store, found.file_id),
        codes=codes.load(),
        run=run,
        owner=sole_owner(store.people()),
        received=received,
        rule_packs=store.rule_packs(),
        own=own_numbers(store),
    )
    for payment in _payments(found.format.read(stream), found, back, at.codes):
        part = _decided(at, payment, found)
        found.account(part, keep(part))
        at.overlay.forget()
        progress(found.sums.accounted, found.sums.paid)
    found.reconciled = found.sums.says()
    found.warnings |= dict.fromkeys(found.sums.doubts())


def _of_one_type(item: object) -> None:
    """Raises FileRefused where a transaction of another reader's stands in the file: what it says would be lost, and the bytes be known."""
    if isinstance(item, Caution) and item.kind == "other_type":
        kind = item.raw.partition("*")[2][:3]
        if kind in READ:
            raise FileRefused(
                f"Segment {item.segment}: the file joins files of several types; type {kind} begins here.",
                "Ask for one file a type, or split it before the ISA of each; nothing of it was taken.",
            )


def _payments(items: Items, found: FileRead, back: Mapping[int, TakenBack], known: codes.Codes) -> Iterator[_Payment]:
    """The payments of the file, PART claims at a time; what waits for a takeback of its own payment, and the adjustments, come last."""
    place, payment, waiting, begun = 0, _Payment(Transaction(0, ""), back.get(0, NOTHING)), list[Told](), True
    for item in items:
        if isinstance(item, Transaction):
            yield from _rest(payment, waiting, begun)
            place, waiting, begun = place + 1, [], False
            payment = _Payment(item, back.get(place, NOTHING))
            found.sums.pay(item)
        elif isinstance(item, ProviderAdjustment):
            payment.settled.append(item)
            found.sums.provider_adjustments += item.amount_cents or 0
        elif isinstance(item, Caution):
            found.warn(item.segment, item.message)
        elif isinstance(item, Told):
            (waiting if payment.back.waits(item, known) else payment.claims).append(item)
            found.sums.read(claim_of(item))
            if len(payment.claims) == PART:
                yield replace(payment, settled=[])
                payment.claims, begun = [], True
    yield from _rest(payment, waiting, begun)


def _rest(payment: _Payment, waiting: Sequence[Told], begun: bool) -> Iterator[_Payment]:
    """What is left of a payment; one that holds nothing at all is still a payment somebody made."""
    claims = [*payment.claims, *waiting]
    for first in range(PART, len(claims) + 1, PART):
        yield replace(payment, claims=claims[first - PART : first], settled=[])
    left = claims[len(claims) - len(claims) % PART :]
    if left or payment.settled or not (begun or claims):
        yield replace(payment, claims=left)


def _decided(at: Importing, payment: _Payment, found: FileRead) -> Part:
    """The fate of each claim. What the payer takes back beside them comes last: it may be of any of them."""
    transaction, part = payment.transaction, Part()
    paid = not any(isinstance(item, Submission | StatusReport) for item in payment.claims)
    payee = found.format.names_payee
    if paid and payee and (doubt := at.own.doubt(transaction)):
        found.warn(transaction.segment, doubt)
    told = _payer(at, transaction, found)
    part.payers += told.new
    source = Source(
        file_id=found.file_id,
        sha256=found.digest,
        transaction=transaction,
        payer=told.payer,
        unsure=told.unsure,
        anew=payment.back.anew,
        elsewhere=payee and at.own.elsewhere(transaction),
    )
    _expect(at, [claim_of(item) for item in payment.claims])
    for item in payment.claims:
        fate = _fate(at, item, source)
        found.sums.account(fate, claim_of(item))
        part.fates.append(fate)
        part.entries.append(_entry(at.run, fate, claim_of(item), source))
        for note in fate.notes:
            found.warn(fate.segment, note)
    part.late += late_reports(at, zip(map(claim_of, payment.claims), part.fates, strict=True), found.lost)
    found.warnings |= dict.fromkeys(note for late in part.late for note in late.notes)
    for position, adjustment in enumerate(payment.settled, 1):
        done = takebacks.settled(at, adjustment, position, source)
        part.settled.append(done)
        if done.open:
            found.warn(done.segment, f"provider adjustment {done.code} {show.money(done.amount_cents or 0)}: {done.what}")
        part.entries.append(_settled_entry(at.run, done, takebacks.key(adjustment, position, source), source))
    return part


def _expect(at: Importing, claims: Sequence[Claim]) -> None:
    at.overlay.expect(
        numbers=(number for claim in claims for number in (*matching.numbers(claim), *matching.spelled(claim))),
        people=(identity.number_key(number) for claim in claims for number in (claim.member_id, claim.reference("EA"))),
        told=(claim.claim_number for claim in claims if matching.own_number(claim)),
    )


def _fate(at: Importing, item: Told, source: Source) -> Fate:
    """Each kind of file has effects of its own; a claim nobody can read is left for a person in all of them."""
    if isinstance(item, Submission):
        return submissions.decide(at, item, source)
    if isinstance(item, StatusReport):
        return status_reports.decide(at, item, source)
    return fates.decide(at, item, source)


def _payer(at: Importing, transaction: Transaction, found: FileRead) -> Pays:
    told = pays(at.overlay, transaction, at.run)
    if told.new and not found.format.names_payers:
        return Pays(replace(told.payer, id=""))  # nobody we know; it stays so
    at.overlay.know(told.new)
    return told


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
        said=fate.said,
    )


def _settled_entry(run: Run, done: Settled, known_by: Entry, source: Source) -> RemittanceEntry:
    """A provider adjustment as an entry of its own, so that it is known when it is sent again."""
    return RemittanceEntry(
        id=run.new_id(),
        practice_id=run.practice.id,
        file_id=source.file_id,
        payer_id=known_by.payer_id or None,
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
