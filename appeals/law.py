"""Which rule packs a question needs, read once: the law that ships, by plan facts, and what the practice loaded itself.

A command that knows its plan reads only that plan's packs; one that does not reads those of every plan it could be.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources

from appeals import regimes
from appeals.errors import BadConfiguration
from appeals.model import Coverage
from appeals.packfile import examine, joined, together
from appeals.packs import Pack, Packs

ALWAYS = ("regimes", "house", "channels", "reminders")
LAW = (
    "erisa", "aca", "state_external", "north_carolina", "california", "new_york", "texas", "florida",
    "medicare_amounts", "medicare_ffs", "medicare_advantage", "part_d", "fast_appeals",
    "medicaid", "north_carolina_medicaid", "tricare", "fehb",
    "no_surprises", "estimates", "parity", "privacy",
)  # fmt: skip
SAMPLES = ("aetna", "blue_cross_nc", "cigna", "cigna_medicare", "humana", "nc_medicaid_plan", "unitedhealthcare", "template")
KEPT = 64  # sets of packs in memory at once: more than one command ever asks for


def for_coverage(coverage: Coverage, own: tuple[Pack, ...] = ()) -> Packs:
    """The packs of every regime these plan facts could mean, with the practice's own.

    Raises:
        NoRule: the state of issue is none.
    """
    return _joined((*ALWAYS, *regimes.packs_needed(_joined(ALWAYS, ()), coverage)), own)


def for_office(own: tuple[Pack, ...] = ()) -> Packs:
    """What every case shares: regimes, house targets, channels, reminders."""
    return _joined(ALWAYS, own)


@cache
def everything() -> Packs:
    """All law that ships, with every reference checked; no sample contract is among it."""
    return together(shipped(name) for name in (*ALWAYS, *LAW))


@cache
def samples() -> Packs:
    """The sample contracts, which count nowhere until a practice loads one as its own."""
    return joined(shipped(f"samples/{name}") for name in SAMPLES)


def sample_text(name: str) -> str:
    """The text of a sample contract, to be copied and corrected."""
    return _read(f"samples/{name}").decode("utf-8")


@cache
def shipped(name: str) -> Pack:
    """One shipped pack."""
    pack, wrong = examine(f"{name}.toml", _read(name))
    if pack is None or wrong:
        raise BadConfiguration(f"{wrong[0]}.", "The program's own rule packs are damaged: install it again.")
    return pack


@lru_cache(maxsize=KEPT)
def loaded(texts: tuple[str, ...]) -> tuple[Pack, ...]:
    """Packs the practice loaded, from the text kept in its database. They were checked when they came in."""
    return tuple(_own(text) for text in texts)


def _own(text: str) -> Pack:
    pack, wrong = examine("a loaded rule pack", text.encode("utf-8"))
    if pack is None or wrong:
        raise BadConfiguration(
            f"{wrong[0]}.", "A pack the practice loaded no longer fits this program: correct it and `appeals rules load` it again."
        )
    return pack


@lru_cache(maxsize=KEPT)
def _joined(names: tuple[str, ...], own: tuple[Pack, ...]) -> Packs:
    return joined((*(shipped(name) for name in names), *own))


def _read(name: str) -> bytes:
    return resources.files("appeals.rulepacks").joinpath(f"{name}.toml").read_bytes()


def ids(packs: Iterable[Pack]) -> tuple[str, ...]:
    """The ids of packs, in their order."""
    return tuple(pack.id for pack in packs)


def with_own(own: tuple[Pack, ...]) -> Packs:
    """All law, with the practice's own packs."""
    return joined((*everything().packs, *own)) if own else everything()


def with_channels(packs: Packs) -> Packs:
    """Packs that are no office's, with the channels every date needs."""
    return joined((*(shipped(name) for name in ALWAYS), *packs.packs))
