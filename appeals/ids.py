"""Ids and nonces. Random by nature; with a seed (sandbox only) the same every time."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

EPOCH_MS = 1_000


@dataclass(slots=True)
class Ids:
    """Makes UUIDv7 ids (RFC 9562 section 5.7) and 32-hex nonces.

    `clock` gives the aware UTC instant whose milliseconds lead the id; with `seed` a counter stands in for it.
    """

    clock: Callable[[], datetime]
    seed: str | None = None
    _random: Random | None = field(init=False, default=None)
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.seed is not None:
            from random import Random  # noqa: PLC0415 - with what it imports it is a tenth of what `--help` takes

            self._random = Random(self.seed)  # noqa: S311 - a sandbox repeats itself on purpose

    def new_id(self) -> str:
        """A new UUIDv7 as text, later than those made before it in the same millisecond or not at all ordered."""
        self._count += 1
        milliseconds = self._count if self._random else int(self.clock().astimezone(UTC).timestamp() * EPOCH_MS)
        value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | self._bits(12) << 64 | 0x2 << 62 | self._bits(62)
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def new_nonce(self) -> str:
        """32 hex digits that keep low-entropy entries from being guessed from their leaf hash."""
        return f"{self._bits(128):032x}"

    def _bits(self, count: int) -> int:
        if self._random:
            return self._random.getrandbits(count)
        return int.from_bytes(os.urandom((count + 7) // 8), "big") >> -count % 8
