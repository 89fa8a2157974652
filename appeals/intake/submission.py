"""What one claim sent to a payer says, as values; never decides what it means. Conventions as in `remittance`."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from appeals.intake.remittance import Claim


class Submission(NamedTuple):
    """One CLM with all that hangs on it: `claim` is what an 835 has too, without anything paid.

    `kind` is P, I or D (professional, institutional, dental); `purpose` BHT06, which is RP for an encounter that is only
    reported; `rank` SBR01, whose turn it is to pay (P, S, T); `relation` SBR02 or PAT01, 18 where the patient is the
    subscriber; `frequency` of the claim is CLM05-3 alone, `original` REF*F8, the payer's number of the claim it is about.
    `assigned` is CLM08: whether the benefits are assigned, Y or N.
    """

    claim: Claim
    kind: str = ""
    purpose: str = ""
    rank: str = ""
    relation: str = ""
    diagnoses: tuple[str, ...] = ()
    original: str = ""
    group: str = ""
    assigned: str = ""
    born: date | None = None
