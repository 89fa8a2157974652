"""Who pays the claims of one transaction: a payer on file, or nobody we can tell."""

from __future__ import annotations

from typing import NamedTuple

from appeals import identity
from appeals.errors import Ambiguous
from appeals.intake.remittance import Transaction
from appeals.model import Payer
from appeals.record import Run
from appeals.services.overlay import Overlay
from appeals.services.parties import payer_of

UNSURE = (
    "several payers on file have this name, and the file does not say which number this one has: look for its case, or open one by hand"
)


class Pays(NamedTuple):
    """The payer, with an empty id where it is nobody known; `new` where it is named for the first time; `unsure`: why nobody can tell."""

    payer: Payer
    new: tuple[Payer, ...] = ()
    unsure: str = ""


def pays(overlay: Overlay, transaction: Transaction, run: Run) -> Pays:
    """The payer of a transaction, as it names itself. Several of one name keep no claim of the file out: each is decided by itself."""
    new: list[Payer] = []
    name = transaction.payer or transaction.payer_id or "payer not named"
    try:
        payer = payer_of(overlay, {"payer": name, "payer_number": transaction.payer_id}, run, new)
    except Ambiguous:
        number = identity.number_key(transaction.payer_id)
        nobody = Payer(id="", practice_id=run.practice.id, name=name, name_key=identity.name_key(name), payer_number=number)
        return Pays(nobody, unsure=UNSURE)
    return Pays(payer, tuple(new))
