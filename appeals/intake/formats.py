"""Says which reader a file belongs to, from its own beginning; never guesses, and refuses by name what none of them reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

from appeals.errors import FileRefused
from appeals.intake import claim837, era835, fhir, status277, x12
from appeals.intake.fhir_text import starts_as_json
from appeals.intake.remittance import Item
from appeals.intake.status_report import StatusReport
from appeals.intake.submission import Submission

HEAD = 1 << 16  # bytes: the first transaction of an interchange starts within a few hundred


class Format(NamedTuple):
    """One kind of file, what its places are called ("segment 12"), and its reader.

    `names_payers`: whom it names as payer is one, and made known; of a report it may be a clearing house. `names_payee`: whom it names as
    payee is who bills; where it only names who treated the patient, that says nothing about whose claim it is.
    """

    kind: str
    place: str
    read: Callable[[BinaryIO], Iterator[Item | Submission | StatusReport]]
    names_payers: bool = True
    names_payee: bool = True


REMITTANCE = Format("835", "segment", era835.read)
EXPLANATION = Format("fhir", "resource", fhir.read, names_payee=False)
CLAIMS = Format("837", "segment", claim837.read)
STATUSES = Format("277", "segment", status277.read, names_payers=False)
READ = ("835", "837", "277")  # the types of X12 that have a reader
_BY_TRANSACTION = {known.kind: known for known in (REMITTANCE, CLAIMS, STATUSES)}


def format_of(stream: BinaryIO) -> Format:
    """The format of a file: JSON, or X12 by its first transaction; the stream is left at its beginning.

    What nobody reads goes to the reader of the 835, which refuses it by the name of what it is.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    if starts_as_json(head):
        return EXPLANATION
    return _BY_TRANSACTION.get(_first_transaction(head), REMITTANCE)


def _first_transaction(head: bytes) -> str:
    """ST01 of the first transaction, or "" where the beginning holds none."""
    try:
        return next((segment.at(1) for segment in x12.segments(BytesIO(head)) if segment.tag == "ST"), "")
    except FileRefused:
        return ""  # not X12 at all: the reader it goes to says what it is instead
