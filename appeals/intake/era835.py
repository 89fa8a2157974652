"""Reads an 835 remittance as values, in one pass and flat memory; never raises for what one claim holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from appeals.errors import FileRefused
from appeals.intake import codelike
from appeals.intake.amounts import cents, decimal_text
from appeals.intake.claim835 import SILENT, Problems, begins_a_claim, dated, dtm, element, read_claim
from appeals.intake.envelope import LETTERS, RESEND, Envelope, Start
from appeals.intake.kinds import not_835
from appeals.intake.remittance import Caution, Item, ProviderAdjustment, Transaction
from appeals.intake.x12 import Run, runs

MOST_SEGMENTS = 100_000  # of one claim; a file that says more is no remittance, and memory stays flat
_BEHIND_A_CLAIM = ("SE", "PLB", "LX", "CLP", "ST", "GE", "IEA")
_INSIDE_A_CLAIM = ("SVC", "CAS", "DTM", "NM1", "REF", "LQ", "MOA", "MIA")
_Step = Callable[[list[str], int], None]


def read(stream: BinaryIO) -> Iterator[Item]:
    """Everything an 835 says, in the order of the file.

    A Transaction comes before its claims, a Caution near what it is about. Take the whole iterator before
    acting on any of it: a file may turn out to be no 835 only at its end.

    Raises FileRefused: not X12, no 835 in it, or a segment or claim of absurd size.
    """
    reader = _Reader()
    for run in runs(stream):
        yield from reader.take(run)
    yield from reader.end()
    if not reader.transactions:
        raise not_835(reader.foreign)


class _Reader(Envelope):
    """The envelope, and the transaction and claim in hand.

    A claim's segments are kept until the one behind it shows that it is whole: three characters are all that most of a file costs.
    """

    def __init__(self) -> None:
        super().__init__("835")
        self._transaction: Transaction | None = None
        self._announced = False
        self._claims = 0
        self._sum: int | None = 0
        self._claim = 0  # the segment where the claim in hand starts; 0: none in hand
        self._held: list[str] = []  # what earlier runs hold of it
        self._run = Run(1, None, [])  # type: ignore[arg-type]  # no delimiters before the first ISA
        self._closing: dict[str, _Step] = {}
        self._outside: dict[str, _Step] = {}

    def take(self, run: Run) -> list[Item]:
        """Read the segments of one run; give out what is complete."""
        separator = run.delimiters.element
        if run.delimiters != self._run.delimiters:
            self._choose_steps(separator)
        last = run.texts.pop() if run.cut else None
        self._run = run
        self._oddities(run)
        steps = self._closing if self._claim else self._outside
        for position, text in enumerate(run.texts, run.first):
            step = steps.get(text[:3])
            if step is not None:
                step(text.split(separator), position)
                steps = self._closing if self._claim else self._outside
            elif not (self._claim or self._skipping):
                self._stray(text.split(separator), text, position)
        if not run.ascii:
            self._out += [Caution(n, "non_ascii", LETTERS, text) for n, text in enumerate(run.texts, run.first) if not text.isascii()]
        self._hold(run.first + len(run.texts))
        if last is not None:
            self._cut(last, last.split(separator), self._run.first)
        ready, self._out = self._out, []
        return ready

    def end(self) -> list[Item]:
        """Close what the file left open, and say so."""
        self._close_interchange(self._run.first)
        return self._out

    def _choose_steps(self, separator: str) -> None:
        """What to do at a segment inside and outside a claim, by the first three characters of its text."""

        def keyed(steps: dict[str, _Step]) -> dict[str, _Step]:
            return {key: step for tag, step in steps.items() for key in ({tag, tag + separator} if len(tag) == 2 else {tag})}

        closing: dict[str, _Step] = {
            "ISA": self._isa, "GS": self._gs, "ST": self._st, "SE": self._se, "GE": self._ge, "IEA": self._iea,
            "LX": self._lx, "CLP": self._clp, "PLB": self._plb,
        }  # fmt: skip
        header: dict[str, _Step] = {"BPR": self._bpr, "TRN": self._trn, "DTM": self._dtm, "N1": self._n1, "REF": self._ref}
        self._closing = keyed(closing)
        self._outside = keyed(dict.fromkeys(SILENT, self._pass_over) | header | closing)

    def _hold(self, position: int) -> None:
        """Keep what the run holds of the claim in hand; the next run starts at `position`."""
        if self._claim:
            self._held = self._texts_until(position)
        self._run = Run(position, self._run.delimiters, [])
        if len(self._held) > MOST_SEGMENTS:
            what = f"The claim at segment {self._claim} has more than {MOST_SEGMENTS} segments."
            raise FileRefused(what, "This is no remittance: ask for the file again.")

    def _texts_until(self, position: int) -> list[str]:
        first = self._run.first
        return self._held + self._run.texts[max(self._claim - first, 0) : position - first]

    def _cut(self, text: str, parts: list[str], position: int) -> None:
        """The last segment has no terminator."""
        tag = parts[0]
        if self._is_trailer(parts, position):
            self._outside[tag](parts, position)
            return
        if tag in _BEHIND_A_CLAIM and len(parts) > 1:
            self._close_claim(position)
        if tag == "CLP" and len(parts) > 1 and not self._skipping:
            self._clp(parts, position)
        if self._claim:
            self._held += [text] if tag in (*_INSIDE_A_CLAIM, "CLP") else []
            self._close_claim(position, problems=[(position, RESEND, text)])
        self._caution(position, "cut", RESEND, text)

    def _open(self, start: Start) -> None:
        self._transaction, self._announced = Transaction(start.segment, start.control), False
        self._claims, self._sum = 0, 0

    def _bpr(self, parts: list[str], position: int) -> None:
        amount, paid_on = cents(element(parts, 2)), dated("BPR16", element(parts, 16))
        if amount is None:
            self._caution(position, "amount", "BPR02 (the payment) is not an amount: the file cannot be balanced", element(parts, 2))
        if paid_on.on is None and paid_on.raw:
            self._caution(position, "date", "BPR16 holds no date", paid_on.raw)
        self._know(handling=element(parts, 1), amount_cents=amount, method=element(parts, 4), paid_on=paid_on)

    def _trn(self, parts: list[str], _position: int) -> None:
        self._know(trace=element(parts, 2))

    def _dtm(self, parts: list[str], position: int) -> None:
        found = dtm("*".join(parts), "*")
        if found.on is None and found.raw and not self._skipping:
            self._caution(position, "date", f"DTM*{codelike.short(found.qualifier)} holds no date", found.raw)
        if found.qualifier == "405":
            self._know(produced_on=found)

    def _n1(self, parts: list[str], _position: int) -> None:
        if element(parts, 1) == "PR":
            self._know(payer=element(parts, 2), payer_id=element(parts, 4))
        elif element(parts, 1) == "PE":
            self._know(payee=element(parts, 2), payee_id=element(parts, 4))

    def _ref(self, parts: list[str], _position: int) -> None:
        self._know(**({"payee_tax_id": element(parts, 2)} if element(parts, 1) == "TJ" else {}))

    def _know(self, **facts: Any) -> None:
        """Learn facts of the transaction's header; what stands behind the first claim belongs to something else."""
        if self._transaction is not None and not self._announced:
            self._transaction = self._transaction._replace(**facts)

    def _announce(self) -> None:
        if self._transaction is not None and not self._announced:
            self._announced = True
            self._out.append(self._transaction)

    def _lx(self, _parts: list[str], position: int) -> None:
        self._close_claim(position)
        self._announce()

    def _finish(self, position: int, /, *, ended: bool) -> None:
        self._close_claim(position, ended=ended)

    def _leave(self, position: int, /) -> None:
        """Compare the payment with the claims and the provider adjustments, and leave the transaction."""
        self._announce()
        transaction = self._transaction
        if transaction is not None and transaction.amount_cents is not None:
            if self._sum is None:
                self._caution(position, "unbalanced", "an amount cannot be read: nobody knows whether the payment is the sum of its claims")
            elif self._sum != transaction.amount_cents:
                paid, summed = decimal_text(transaction.amount_cents), decimal_text(self._sum)
                self._caution(position, "file_balance", f"BPR02 says {paid}, the claims less the provider adjustments are {summed}")
        self._transaction = None
        super()._leave(position)

    def _clp(self, _parts: list[str], position: int) -> None:
        self._close_claim(position)
        if not self._skipping:
            self._announce()
            self._claims += 1
            self._claim = position

    def _close_claim(self, position: int, *, ended: bool = True, problems: Problems | None = None) -> None:
        """Read the claim in hand, whose last segment stands before `position`."""
        if not self._claim:
            return
        texts = self._texts_until(position)
        known = problems or []
        if self._transaction is None:
            known.append((self._claim, "the claim stands outside any transaction: who pays is not known", texts[0]))
        outcome = read_claim(texts, self._run.delimiters.element, self._claim, self._claims, known, ended=ended)
        self._out.append(outcome.item)
        self._out += outcome.cautions
        self._add(outcome.paid_cents)
        self._claim, self._held = 0, []

    def _add(self, amount_cents: int | None) -> None:
        self._sum = None if self._sum is None or amount_cents is None else self._sum + amount_cents

    def _plb(self, parts: list[str], position: int) -> None:
        self._close_claim(position)
        if self._skipping:
            return
        self._announce()
        for at in range(3, len(parts), 2):
            reason, text = parts[at], element(parts, at + 1)
            if reason or text:
                amount = cents(text)
                self._out.append(ProviderAdjustment(position, parts[1], dated("PLB02", parts[2]), reason, amount))
                self._add(None if amount is None else -amount)
                if amount is None:
                    self._caution(position, "amount", f"PLB{at + 1:02d} (provider adjustment) is not an amount", "*".join(parts))

    def _pass_over(self, _parts: list[str], _position: int) -> None:
        """A segment that holds nothing an appeal needs."""

    def _stray(self, parts: list[str], text: str, position: int) -> None:
        if self._transaction is not None and begins_a_claim(parts):
            self._clp(parts, position)
        else:
            what = f"a {parts[0]} outside any claim" if parts[0] in _INSIDE_A_CLAIM else "an unknown segment"
            self._caution(position, "stray", f"{what} was passed over", text)
