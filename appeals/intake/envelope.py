"""Follows the envelope of an X12 file: interchanges, groups and transactions, and whether their ends say what they should.

The reader of the 835 stands on `Envelope` and takes the segments inside itself, because speed is everything there; `read` gives
them to the reader of another type one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, Protocol

from appeals.intake.claim835 import element
from appeals.intake.kinds import not_wanted, refuse_joined
from appeals.intake.remittance import Caution, Interchange
from appeals.intake.x12 import Run, runs

RESEND = "the file ends in the middle of a segment: ask for it again, a resend is safe"
TEST = "the file is marked as a test (ISA15 T): ask its sender whether what it says is so"
LETTERS = "letters outside ASCII: check the name against the paper"


class Start(NamedTuple):
    """Where a transaction starts: its segment, its control number (ST02), and the guide it follows (ST03, else GS08)."""

    segment: int
    control: str
    guide: str


class Body(Protocol):
    """The reader of one transaction. What it has read lies in `out` until it is taken from there."""

    out: list[Any]

    def take(self, parts: list[str], position: int) -> None:
        """One segment inside the transaction, split into its elements."""
        ...

    def close(self, *, ended: bool, cut: tuple[int, list[str]] | None = None) -> None:
        """Nothing more comes. `ended`: a trailer says so. `cut`: where and inside which segment the file breaks off instead."""
        ...


def read(stream: BinaryIO, kind: str, opened: Callable[[Start], Body]) -> Iterator[Any]:
    """What `opened` reads in each transaction of the type `kind` (ST01), in the order of the file, with cautions beside it.

    Raises FileRefused: not X12, no such transaction in it, or a segment or claim of absurd size.
    """
    envelope = _Bodies(kind, opened)
    for run in runs(stream):
        yield from envelope.take(run)
    yield from envelope.end()
    if not envelope.transactions:
        raise not_wanted(envelope.foreign, kind)


class Envelope:
    """Where in the file we are, and what is ready to be given out. What a transaction of the `kind` that is read holds is a subclass's."""

    def __init__(self, kind: str) -> None:
        self.transactions = 0
        self.foreign: str | None = None
        self._kind = kind
        self._out: list[Any] = []
        self._said: set[str] = set()
        self._interchange: str | None = None
        self._group: int | None = None
        self._guide = ""
        self._start: Start | None = None
        self._skipping = False

    def _open(self, start: Start) -> None:
        """A transaction of our kind starts."""
        raise NotImplementedError

    def _finish(self, position: int, /, *, ended: bool) -> None:
        """Give out what the transaction in hand still holds, before anything is said of its end. `ended`: a trailer says so."""
        raise NotImplementedError

    def _leave(self, _position: int, /) -> None:
        """The transaction is over."""
        self._start, self._skipping = None, False

    def _oddities(self, run: Run) -> None:
        for oddity in run.oddities:
            if oddity not in self._said:  # once a file, not once a run
                self._said.add(oddity)
                self._caution(run.first, "layout", oddity)

    def _is_trailer(self, parts: list[str], position: int) -> bool:
        """Whether a segment without a terminator is complete: a whole trailer. Of any other nobody knows what is missing."""
        refuse_joined(parts, position)
        tag, control = parts[0], element(parts, 2)
        ours = tag == "SE" and self._start is not None and control == self._start.control
        return bool(control) and (tag in ("GE", "IEA") or ours)

    def _isa(self, parts: list[str], position: int) -> None:
        self._close_interchange(position)
        sender, receiver, day, control, usage = (element(parts, number).strip(" ") for number in (6, 8, 9, 13, 15))
        self._interchange = control
        self._out.append(Interchange(position, sender, receiver, day, control, usage))
        if usage.upper() == "T":
            self._caution(position, "test", TEST)

    def _gs(self, parts: list[str], position: int) -> None:
        self._close_group(position)
        self._group, self._guide = 0, element(parts, 8)

    def _st(self, parts: list[str], position: int) -> None:
        self._close_transaction(position)
        self._group = None if self._group is None else self._group + 1
        if element(parts, 1) != self._kind:
            self._skipping, self.foreign = True, self.foreign or element(parts, 1)
            self._caution(position, "other_type", f"a transaction that is no {self._kind} was passed over", "*".join(parts))
            return
        self.transactions += 1
        self._start = Start(position, element(parts, 2), element(parts, 3) or self._guide)
        self._open(self._start)

    def _se(self, parts: list[str], position: int) -> None:
        refuse_joined(parts, position)
        self._finish(position, ended=True)
        if self._start is not None:
            count = position - self._start.segment + 1
            if element(parts, 1) != str(count):
                self._caution(position, "se_count", f"SE01 does not say {count}, the number of segments", element(parts, 1))
            if element(parts, 2) != self._start.control:
                self._caution(position, "trailer", "SE02 is not the control number of the ST")
        self._leave(position)

    def _ge(self, parts: list[str], position: int) -> None:
        refuse_joined(parts, position)
        self._close_transaction(position)
        if self._group is not None and element(parts, 1) != str(self._group):
            self._caution(position, "group_count", f"GE01 does not say {self._group}, the number of transactions in the group")
        self._group = None

    def _iea(self, parts: list[str], position: int) -> None:
        refuse_joined(parts, position)
        self._close_group(position)
        if self._interchange is not None and element(parts, 2) != self._interchange:
            self._caution(position, "trailer", "IEA02 is not the control number of the ISA")
        self._interchange = None

    def _close_transaction(self, position: int) -> None:
        """Close a transaction that has no SE."""
        self._finish(position, ended=False)
        if self._start is not None:
            self._caution(position, "trailer", "no SE: the transaction has no trailer, claims may be missing behind this one")
        self._leave(position)

    def _close_group(self, position: int) -> None:
        self._close_transaction(position)
        if self._group is not None:
            self._caution(position, "trailer", "no GE: the functional group has no trailer")
        self._group = None

    def _close_interchange(self, position: int) -> None:
        self._close_group(position)
        if self._interchange is not None:
            self._caution(position, "trailer", "no IEA: the interchange has no trailer, the file may be cut short")
        self._interchange = None

    def _caution(self, position: int, kind: str, message: str, raw: str = "") -> None:
        self._out.append(Caution(position, kind, message, raw))


class _Bodies(Envelope):
    """The envelope, and the reader of the transaction in hand."""

    def __init__(self, kind: str, opened: Callable[[Start], Body]) -> None:
        super().__init__(kind)
        self._opened = opened
        self._body: Body | None = None
        self._position = 1
        self._steps: dict[str, Callable[[list[str], int], None]] = {
            "ISA": self._isa, "GS": self._gs, "ST": self._st, "SE": self._se, "GE": self._ge, "IEA": self._iea,
        }  # fmt: skip

    def take(self, run: Run) -> list[Any]:
        """Read the segments of one run; give out what is complete."""
        texts = run.texts[:-1] if run.cut else run.texts
        self._oddities(run)
        for position, text in enumerate(texts, run.first):
            self._segment(text.split(run.delimiters.element), position)
            if not run.ascii and not text.isascii():
                self._caution(position, "non_ascii", LETTERS, text)
        self._position = run.first + len(run.texts)
        if run.cut:
            self._cut(run.texts[-1], run.texts[-1].split(run.delimiters.element), self._position - 1)
        ready, self._out = self._out, []
        return ready

    def end(self) -> list[Any]:
        """Close what the file left open, and say so."""
        self._close_interchange(self._position)
        return self._out

    def _segment(self, parts: list[str], position: int) -> None:
        tag = parts[0]
        if tag in self._steps:
            self._steps[tag](parts, position)
        elif self._body is not None:
            self._body.take(parts, position)
            self._collect()
        elif not self._skipping and tag != "TA1":
            self._caution(position, "stray", "a segment outside any transaction was passed over", "*".join(parts))

    def _collect(self) -> None:
        if self._body is not None and self._body.out:
            self._out += self._body.out
            self._body.out.clear()

    def _cut(self, text: str, parts: list[str], position: int) -> None:
        """The last segment has no terminator."""
        if self._is_trailer(parts, position):
            self._segment(parts, position)
            return
        if self._body is not None:
            self._body.close(ended=False, cut=(position, parts))
            self._collect()
            self._body = None
        self._caution(position, "cut", RESEND, text)

    def _open(self, start: Start) -> None:
        self._body = self._opened(start)

    def _finish(self, _position: int, /, *, ended: bool) -> None:
        if self._body is not None:
            self._body.close(ended=ended)
            self._collect()
        self._body = None
