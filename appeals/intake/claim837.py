"""Reads an 837 (claims sent, professional, institutional or dental) as values, in one pass; never raises for what one claim holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO, NamedTuple

from appeals.errors import FileRefused
from appeals.intake import envelope
from appeals.intake.amounts import day
from appeals.intake.claim835 import Problems, dated, element
from appeals.intake.clm837 import Billed, Segments, name_of, read_claim
from appeals.intake.remittance import Caution, ClaimProblem, Dated, Interchange, Name, Transaction
from appeals.intake.submission import Submission
from appeals.intake.x12 import segments

MOST_SEGMENTS = 100_000  # of one claim, as for the 835
_KINDS = {"X222": "P", "X098": "P", "X298": "P", "X223": "I", "X096": "I", "X299": "I", "X224": "D", "X097": "D", "X300": "D"}
_BEHIND_A_CLAIM = ("HL", "CLM", "SE", "ST", "GE", "IEA")
SUBSCRIBER, PATIENT = "22", "23"
SUBMITTER = "41"


class Heading(NamedTuple):
    """What a file says of one batch of claims: where, under which number (BHT03), on which day it was made, and who sends it (NM1*41)."""

    segment: int
    trace: str
    made: date | None
    submitter: str = ""


def read(stream: BinaryIO) -> Iterator[Interchange | Transaction | Submission | ClaimProblem | Caution]:
    """Everything an 837 says, in the order of the file.

    A Transaction (trace BHT03, produced on BHT04, payee the billing provider) comes before its claims, and anew wherever
    submitter, payer or billing provider change. A position is a number for what its claim says.

    Raises FileRefused: not X12, no 837 in it, or a segment or claim of absurd size.
    """
    return envelope.read(stream, "837", _Body)


def headings(stream: BinaryIO) -> tuple[Heading, ...]:
    """The batches of a file, in its order, without their claims; of a file that breaks off, those before that."""
    found: list[Heading] = []
    try:
        for segment in segments(stream):
            if segment.tag == "BHT":
                found.append(Heading(segment.position, segment.at(3), day(segment.at(4))))
            elif segment.tag == "NM1" and segment.at(1) == SUBMITTER and found:
                found[-1] = found[-1]._replace(submitter=segment.at(9))
    except FileRefused:
        pass  # it was read before: what cannot be read now is damage, and its hash tells
    return tuple(found)


class _Above(NamedTuple):
    """What is told once for many claims: who sends, who bills, who is insured with whom, who is treated."""

    submitter: tuple[str, str] = ("", "")
    billing: tuple[str, str] = ("", "")
    subscriber: Billed = Billed()
    payer: tuple[str, str] = ("", "")


class _Body:
    """The claims of one ST. The segments of a claim are kept together until the one behind it shows that it is whole."""

    def __init__(self, start: envelope.Start) -> None:
        self.out: list[Any] = []
        self._start = start
        self._kind = next((kind for guide, kind in _KINDS.items() if guide in start.guide), "")
        self._trace, self._made, self._purpose = "", Dated("BHT04", "", None), ""
        self._level = ""
        self._at = _Above()
        self._announced: tuple[Any, ...] | None = None
        self._claim: Segments = []

    def take(self, parts: list[str], position: int) -> None:
        tag = parts[0]
        if tag in ("HL", "CLM"):
            self._close_claim(ended=True)
        if tag == "HL":
            self._descend(element(parts, 3))
        elif tag == "CLM" or self._claim:
            self._claim.append((position, parts))
            if len(self._claim) > MOST_SEGMENTS:
                what = f"The claim at segment {self._claim[0][0]} has more than {MOST_SEGMENTS} segments."
                raise FileRefused(what, "This is no 837: ask for the file again.")
        elif tag == "BHT":
            self._trace, self._made, self._purpose = element(parts, 3), dated("BHT04", element(parts, 4)), element(parts, 6)
        elif tag == "NM1":
            self._name(parts)
        elif self._level in (SUBSCRIBER, PATIENT):
            self._learn(parts)

    def close(self, *, ended: bool, cut: tuple[int, list[str]] | None = None) -> None:
        if cut is None:
            self._close_claim(ended=ended)
            return
        position, parts = cut
        if parts[0] in _BEHIND_A_CLAIM and len(parts) > 1:
            self._close_claim(ended=True)
        if parts[0] == "CLM" and len(parts) > 1:
            self._claim = [(position, parts)]
        self._close_claim(ended=False, problems=[(position, envelope.RESEND, "*".join(parts))])

    def _descend(self, level: str) -> None:
        """A new level of the hierarchy forgets what belongs to it and to those below."""
        self._level = level
        if level == SUBSCRIBER:
            self._at = self._at._replace(subscriber=Billed(), payer=("", ""))
        elif level == PATIENT:
            kept = self._at.subscriber
            self._at = self._at._replace(subscriber=kept._replace(patient=Name(), relation="", born=None))
        else:
            self._at = _Above(submitter=self._at.submitter)

    def _name(self, parts: list[str]) -> None:
        role, person = element(parts, 1), name_of(parts)
        who = self._at.subscriber
        if role == SUBMITTER:
            self._at = self._at._replace(submitter=(person.last, person.id))
        elif role == "85":
            whole = " ".join(part for part in (person.first, person.middle, person.last) if part)
            self._at = self._at._replace(billing=(whole, person.id if person.id_qualifier == "XX" else ""))
        elif role == "PR" and self._level == SUBSCRIBER:
            self._at = self._at._replace(payer=(person.last, person.id))
        elif role == "IL" and self._level == SUBSCRIBER:
            self._at = self._at._replace(subscriber=who._replace(insured=person, patient=person))
        elif role == "QC":
            self._at = self._at._replace(subscriber=who._replace(patient=person))

    def _learn(self, parts: list[str]) -> None:
        """SBR, PAT and DMG of the subscriber, or of the patient who is somebody else."""
        who, tag = self._at.subscriber, parts[0]
        if tag == "SBR":
            rank, relation, group, filing = (element(parts, at) for at in (1, 2, 3, 9))
            who = who._replace(rank=rank, relation=relation, group=group, filing=filing)
        elif tag == "PAT" and self._level == PATIENT:
            who = who._replace(relation=element(parts, 1))
        elif tag == "DMG":
            who = who._replace(born=day(element(parts, 2)))
        self._at = self._at._replace(subscriber=who)

    def _close_claim(self, *, ended: bool, problems: Problems | None = None) -> None:
        if not self._claim:
            return
        self._announce()
        who = self._at.subscriber._replace(kind=self._kind, purpose=self._purpose)
        outcome = read_claim(self._claim, who, self._made.raw, problems or [], ended=ended)
        self._claim = []
        self.out += [outcome.item, *outcome.cautions]

    def _announce(self) -> None:
        at = (self._at.submitter, self._at.billing, self._at.payer)
        if at == self._announced:
            return
        self._announced = at
        (payer, payer_id), (payee, payee_id) = self._at.payer, self._at.billing
        self.out.append(
            Transaction(
                self._start.segment, self._start.control, produced_on=self._made, trace=self._trace,
                payer=payer, payer_id=payer_id, payee=payee, payee_id=payee_id,
            )
        )  # fmt: skip
