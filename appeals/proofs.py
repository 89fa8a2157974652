"""How good a proof of filing is: data in `rulepacks/proofs.toml`, the strongest first. It decides no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import tomli

from appeals.model import Filing


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One kind of proof: `rank` 1 is the strongest; `proves` is receipt, sending or nothing, `says` why."""

    id: str
    rank: int
    words: str
    proves: str
    says: str


def kinds() -> tuple[str, ...]:
    """Every kind of proof, the strongest first."""
    return tuple(_table())


def known(kind: str) -> Proof | None:
    """The kind of proof with this id; None where no kind was recorded."""
    return _table().get(kind)


def proves_receipt(kind: str) -> bool:
    """Whether this kind shows that the addressee had it."""
    return kind in _table() and _table()[kind].proves == "receipt"


def stronger(kind: str, than: str) -> bool:
    """Whether proof of one kind may take the place of another: never a weaker one; the same kind anew may."""
    new, old = known(kind), known(than)
    return new is not None and (old is None or new.rank <= old.rank)


def unproved(filing: Filing) -> bool:
    """Whether nothing but our own word says that a pending filing was even sent."""
    kind = known(filing.proof_kind)
    return not filing.outcome and filing.received_date is None and (kind is None or kind.proves == "nothing")


def in_words(filing: Filing) -> str:
    """What is held for a filing and how far it goes; "" where nothing is."""
    kind = known(filing.proof_kind)
    told = " ".join(part for part in (filing.proof, filing.tracking and f"tracking {filing.tracking}") if part)
    extra = "".join(f", {part}" for part in (f"{filing.pages} pages" if filing.pages else "", filing.result) if part)
    if kind is None:
        return f"proof {told}{extra} (of what kind is not recorded: proves nothing)" if told or extra else ""
    day = "" if kind.proves != "receipt" or filing.received_date else "; on which day is not recorded"
    return f"proof {kind.words}{f' {told}' if told else ''}{extra} ({kind.rank} of {len(_table())}: {kind.says}{day})"


def with_proof(filing: Filing, facts: dict[str, Any]) -> Filing:
    """The filing with the proof in `facts` (proof_kind, proof, tracking, pages, result), unless what it has is stronger."""
    kind = facts.get("proof_kind") or ""
    if not stronger(kind, filing.proof_kind):
        return filing
    # The number and the answer are this proof's own; how it travelled is the filing's, and stays where nothing new is said.
    travelled = {name: facts[name] for name in ("tracking", "pages") if facts.get(name)}
    return replace(filing, proof_kind=kind, proof=facts.get("proof") or "", result=facts.get("result") or "", **travelled)


@cache
def _table() -> dict[str, Proof]:
    raw = tomli.loads(resources.files("appeals.rulepacks").joinpath("proofs.toml").read_text("utf-8"))
    return {row["id"]: Proof(rank=rank, **row) for rank, row in enumerate(raw["proof"], start=1)}
