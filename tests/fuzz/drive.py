"""Fuzzes one target by the coverage of our own code: `python tests/fuzz/drive.py TARGET CORPUS [options of libFuzzer]`.

Needs atheris (`pip install -e '.[fuzz]'`); the folder CORPUS is filled with the seeds of `seeds.py` first.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["appeals"]):
    from seeds import seeds_of
    from targets import check, targets

ODD = (
    "", "CO120", "USD", "EUR", "active", "50", "2026-02-30", "#p-1", "Patient/p-1", -1, 0.005, 1e20, None, True, [], {}, [[]],
    "\ud800", "9" * 300,
)  # fmt: skip


def changed(content: bytes, most: int, seed: int) -> bytes:
    """The bytes changed at random: JSON in its values, so that it stays JSON, every second time; else anywhere."""
    chance = random.Random(seed)  # noqa: S311  # the fuzzer gives the seed, so that a run can be repeated
    if chance.random() < 0.5 and content[:1] in b"{[":
        try:
            value = json.loads(content)
            for _ in range(chance.randint(1, 3)):
                _change(value, chance)
            made = json.dumps(value).encode()
        except (ValueError, RecursionError):
            made = b""  # no JSON any more: change it as bytes
        if 0 < len(made) <= most:
            return made
    return atheris.Mutate(content, most)


def _change(value, chance: random.Random) -> None:
    """Walk down to one place and change it: another value, gone, said twice, or moved to another name."""
    here = value
    while isinstance(here, dict | list) and here:
        key = chance.choice(list(here) if isinstance(here, dict) else range(len(here)))
        if isinstance(here[key], dict | list) and here[key] and chance.random() < 0.85:
            here = here[key]
            continue
        deed = chance.randrange(4)
        if deed == 0:
            here[key] = chance.choice(ODD)
        elif deed == 1:
            del here[key]
        elif isinstance(here, list):
            here.append(here[key])
        else:
            other = chance.choice(list(here))
            here[other] = here[key] if deed == 2 else [here[key], here[other]]
        return


def main() -> None:
    name, corpus, *options = sys.argv[1:]
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for at, seed in enumerate(seeds_of(name)):
        (folder / f"seed-{at:02}").write_bytes(seed)
    read = targets()[name]

    def one(content: bytes) -> None:
        check(read, content)

    atheris.Setup([sys.argv[0], corpus, *options], one, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
