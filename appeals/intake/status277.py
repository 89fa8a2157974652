"""Reads a 277CA (acknowledgement of claims) or 277 (answer about claims) as values, in one pass; never raises for one claim."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO, NamedTuple

from appeals.errors import FileRefused
from appeals.intake import codelike, envelope
from appeals.intake.amounts import cents, day
from appeals.intake.claim835 import ENDS_EARLY, dated, element
from appeals.intake.clm837 import Segments, name_of, pieces
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Dated, Interchange, Name, Transaction
from appeals.intake.status_report import CLAIM, PROVIDER, RECEIVER, Batch, Status, StatusReport

MOST_SEGMENTS = 100_000  # of one level, as for one claim of the 835
_LEVELS = {"21": RECEIVER, "19": PROVIDER, "PT": CLAIM, "22": CLAIM, "23": CLAIM}
_SOURCE, _ACKNOWLEDGED = "20", "PT"
_COMPOSITES = (1, 10, 11)  # where a STC has statuses
_PATIENT = ("QC", "IL")
_COUNTS, _CHARGES = ("90", "AA"), ("YU", "YY")  # of a batch: what was taken, and what was not
NOTHING_STATED = "no status (STC) is given for this claim: the file may be cut short, ask for it again"
Problem = tuple[int, str, str]  # segment, message, raw text


def read(stream: BinaryIO) -> Iterator[Interchange | Transaction | StatusReport | ClaimProblem | Caution]:
    """Everything a 277CA (X214) or 277 (X212) says, in the order of the file.

    A Transaction (trace TRN02 of the payer's own level, else BHT03; produced on BHT04) comes before its reports, and anew
    wherever the payer or the provider changes. One report is made of each level that states anything.

    Raises FileRefused: not X12, no 277 in it, or a segment or level of absurd size.
    """
    return envelope.read(stream, "277", _Body)


class _Source(NamedTuple):
    """Who reports: the payer or a clearing house, under which trace, and when it had the claims."""

    name: Name = Name()
    by_payer: bool = True
    trace: str = ""
    received: date | None = None


class _Body:
    """The reports of one ST. The segments of a level are kept together until the next one shows that it is whole."""

    def __init__(self, start: envelope.Start) -> None:
        self.out: list[Any] = []
        self._start = start
        self._batch, self._made = "", Dated("BHT04", "", None)
        self._code = ""
        self._source = _Source()
        self._provider, self._insured = Name(), Name()
        self._announced: tuple[Name, Name] | None = None
        self._held: Segments = []
        self._reports = 0

    def take(self, parts: list[str], position: int) -> None:
        if parts[0] == "BHT":
            self._batch, self._made = element(parts, 3), dated("BHT04", element(parts, 4))
        elif parts[0] == "HL":
            self._close_level()
            self._code = element(parts, 3)
        elif self._code:
            # A second TRN starts another claim of the same patient: X212 allows several. Its place is its own.
            if parts[0] == "TRN" and any(each[0] == "STC" for _, each in self._held) and _LEVELS.get(self._code) == CLAIM:
                kept = [(position, each) for _, each in self._held if each[0] == "NM1"]
                self._close_level()
                self._held = kept
            self._held.append((position, parts))
            if len(self._held) > MOST_SEGMENTS:
                what = f"The level that ends at segment {position} has more than {MOST_SEGMENTS} segments."
                raise FileRefused(what, "This is no 277: ask for the file again.")

    def close(self, *, ended: bool, cut: tuple[int, list[str]] | None = None) -> None:
        if cut is not None and cut[1][0] not in ("HL", "SE", "GE", "IEA"):
            position, parts = cut
            self._close_level((position, envelope.RESEND, "*".join(parts)))
        elif not ended and cut is None and self._held:  # nothing adds up here: a rejection may stand behind what is left
            self._close_level((self._held[0][0], ENDS_EARLY, "*".join(self._held[0][1])))
        else:
            self._close_level()

    def _close_level(self, problem: Problem | None = None) -> None:
        held, level = self._held, _LEVELS.get(self._code)
        self._held = []
        if not held:
            return
        self._learn(held)
        tags = {parts[0] for _, parts in held}
        if level == CLAIM and "TRN" in tags and "STC" not in tags:
            problem = problem or (held[0][0], NOTHING_STATED, "*".join(held[0][1]))
        if level and (problem or "STC" in tags):
            self._report(held, level, problem)

    def _learn(self, held: Segments) -> None:
        """What a level says for those below it."""
        name = next((name_of(parts) for _, parts in held if parts[0] == "NM1"), Name())
        if self._code == _SOURCE:
            trace = next((element(parts, 2) for _, parts in held if parts[0] == "TRN"), "")
            got = next((day(element(parts, 3)) for _, parts in held if parts[:2] == ["DTP", "050"]), None)
            self._source = _Source(name, not any(parts[:2] == ["NM1", "AY"] for _, parts in held), trace, got)
        elif self._code == "19":
            self._provider = name
        elif self._code == "22":
            self._insured = name

    def _report(self, held: Segments, level: str, problem: Problem | None) -> None:
        self._reports += 1
        self._announce()
        first = held[0][0]
        service = next((at for at, (_, parts) in enumerate(held) if parts[0] == "SVC"), len(held))
        own = held[:service]
        stated = [parts for _, parts in own if parts[0] == "STC"]
        trace = next((element(parts, 2) for _, parts in own if parts[0] == "TRN"), "")
        claim, unreadable = self._claim(own, first, level, trace, stated)
        if unreadable or problem:
            at, what, raw = problem or (first, "STC04 (charge) is not an amount", unreadable)
            self.out.append(ClaimProblem(segment=at, message=what, raw=raw, claim=claim))
            return
        message = next((element(parts, 12) for parts in stated if element(parts, 12)), "")
        answer = self._code != _ACKNOWLEDGED if level == CLAIM else "X212" in self._start.guide
        statuses = tuple(_statuses(held))
        batch = _batch(own, stated) if level == RECEIVER else Batch()
        self.out.append(StatusReport(claim, level, trace, statuses, self._source.received, self._source.by_payer, answer, message, batch))

    def _claim(self, own: Segments, first: int, level: str, trace: str, stated: list[list[str]]) -> tuple[Claim, str]:
        """The claim a report is about, and the STC whose charge cannot be read. A whole batch has no claim number and no charge."""
        amounts = [element(parts, 4) for parts in stated if element(parts, 4)] if level == CLAIM else []
        charge = cents(amounts[0]) if amounts else None
        unreadable = "*".join(stated[0]) if amounts and charge is None else ""
        references = tuple((parts[1], element(parts, 2)) for _, parts in own if parts[0] == "REF" and len(parts) > 1)
        known = dict(reversed(references))
        dates = tuple(each for _, parts in own if parts[0] == "DTP" and len(parts) > 1 for each in _period(parts))
        patient = next((name_of(parts) for _, parts in own if parts[0] == "NM1" and element(parts, 1) in _PATIENT), Name())
        # A 277CA gives our claim number back as the trace, an answer to a question as a reference of its own.
        number = (trace if self._code == _ACKNOWLEDGED else known.get("EJ", "")) if level == CLAIM else ""
        statuses = tuple(f"{status.category}:{status.code}" for status in _statuses(own))
        return Claim(
            first, self._reports, number, statuses[0] if statuses else "", charge, None, None,
            payer_control=known.get("1K", ""), patient=patient, insured=self._insured if self._code == "23" else Name(),
            dates=dates, references=references,
        ), unreadable  # fmt: skip

    def _announce(self) -> None:
        payer, trace = self._source.name, self._source.trace
        if self._announced == (payer, self._provider):
            return
        self._announced = (payer, self._provider)
        at = self._provider
        self.out.append(
            Transaction(
                self._start.segment, self._start.control, produced_on=self._made, trace=trace or self._batch,
                payer=payer.last, payer_id=payer.id, payee=at.last, payee_id=at.id if at.id_qualifier == "XX" else "",
            )
        )  # fmt: skip


def _batch(own: Segments, stated: list[list[str]]) -> Batch:
    """A batch by its submitter, the numbers of claims taken and refused (QTY), and what they charge together (STC04, else AMT)."""
    submitter = next((name_of(parts).id for _, parts in own if parts[0] == "NM1"), "")
    counts = [element(parts, 2) for _, parts in own if parts[0] == "QTY" and element(parts, 1) in _COUNTS]
    charges = [element(parts, 4) for parts in stated if element(parts, 4)][:1]
    charges = charges or [element(parts, 2) for _, parts in own if parts[0] == "AMT" and element(parts, 1) in _CHARGES]
    claims = sum(map(int, counts)) if counts and all(count.isdecimal() and count.isascii() for count in counts) else None
    amounts = [cents(charge) for charge in charges]
    return Batch(submitter, claims, sum(a for a in amounts if a) if amounts and None not in amounts else None)


def _statuses(held: Segments) -> Iterator[Status]:
    """Every status of a level, those of its service lines behind its own."""
    line = 0
    for _, parts in held:
        line += parts[0] == "SVC"
        if parts[0] == "STC":
            for at in _COMPOSITES:
                if composite := element(parts, at):
                    category, code, entity, *_ = [*pieces(composite), "", ""]
                    told = (codelike.short(category), codelike.code(code), codelike.short(entity))
                    yield Status(*told, day(element(parts, 2)), element(parts, 3), line)


def _period(parts: list[str]) -> tuple[Dated, ...]:
    """A date of the claim; the days of service as an 835 would have them."""
    start, _, end = element(parts, 3).partition("-")
    if parts[1] == "472":
        return dated("232", start), dated("233", end or start)
    return (dated(parts[1], start),)
