"""What the fuzzer drives: every reader of `formats`, found there by itself, and what must hold whatever the bytes are.

A reader that is added to `appeals/intake/formats.py` as a `Format` is a target from then on; give it seeds in `seeds.py`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import BinaryIO

from appeals import codes
from appeals.errors import FileRefused
from appeals.intake import csvclaims, csvmapping, findings, formats, x12
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Transaction

Read = Callable[[BinaryIO], Iterable[object]]


def by_its_format(stream: BinaryIO) -> Iterable[object]:
    """A file as an import reads it: whatever `format_of` takes it for."""
    return formats.format_of(stream).read(stream)


def targets() -> dict[str, Read]:
    """Every target by name: readers by their kind, tables by the mappings that ship, the cutter of segments, the choice among them."""
    readers = {value.kind: value.read for value in vars(formats).values() if isinstance(value, formats.Format)}
    tables = {name: csvclaims.format_by(csvmapping.preset(name)).read for name in csvmapping.PRESETS}
    return {**readers, **tables, "x12": x12.segments, "any": by_its_format}


def check(read: Read, content: bytes) -> bool:
    """Read the bytes; False if they are refused. Anything but values in order and a refusal with a remedy is an AssertionError."""
    try:
        items = list(read(io.BytesIO(content)))
    except FileRefused as refused:
        assert refused.message
        assert refused.hint
        str(refused).encode()
        return False
    known = codes.load()
    for item in items:
        if isinstance(item, Claim | ClaimProblem):
            claim = item.claim if isinstance(item, ClaimProblem) else item
            finding = findings.denied(claim, known)
            amounts = (claim.charge_cents, claim.paid_cents, finding.denied_cents, *(line.charge_cents for line in claim.lines))
            assert all(amount is None or type(amount) is int for amount in amounts)
            assert isinstance(item, ClaimProblem) or claim.claim_number
            repr(claim).encode()
        if isinstance(item, ClaimProblem):
            assert item.message
        if isinstance(item, Caution):
            assert item.message
            item.message.encode()
        if isinstance(item, Transaction):
            assert item.amount_cents is None or type(item.amount_cents) is int
    return True
