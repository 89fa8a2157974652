"""The RFC 9162 Merkle tree of a log and its proofs; it sees hashes only, never an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

EMPTY_ROOT = sha256(b"").digest()
WIDTH = len(EMPTY_ROOT)
BLOCK = 6  # a block of 64 leaves is kept as one node


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees (RFC 9162 section 2.1.1)."""
    return sha256(b"\1" + left + right).digest()


class Tree(NamedTuple):
    """A Merkle tree that grows by one leaf at a time; `frontier` are its complete subtrees, the largest first."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Tree:
        """The tree with one more leaf."""
        peaks, size = self.frontier, self.size
        while size & 1:
            leaf, peaks, size = node(peaks[-1], leaf), peaks[:-1], size >> 1
        return Tree(self.size + 1, (*peaks, leaf))

    def root(self) -> bytes:
        """The tree's root hash."""
        if not self.frontier:
            return EMPTY_ROOT
        *peaks, root = self.frontier
        for peak in reversed(peaks):
            root = node(peak, root)
        return root

    def to_hex(self) -> list[str]:
        """The frontier as it is stored beside the log."""
        return [peak.hex() for peak in self.frontier]

    @classmethod
    def from_hex(cls, size: int, frontier: Sequence[str]) -> Tree:
        """The tree of `size` leaves whose frontier was stored. Raises ValueError when the two do not belong together."""
        if len(frontier) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(frontier)} subtrees")
        return cls(size, tuple(bytes.fromhex(peak) for peak in frontier))


def levels(leaves: Iterable[bytes]) -> list[list[bytes]]:
    """Every node of the tree, leaves first, root last: what many proofs of one tree are read from.

    A node without a sibling moves up unchanged; that gives the tree of RFC 9162 section 2.1.1.
    """
    level = list(leaves)
    found = [level]
    while len(level) > 1:
        paired = len(level) & ~1
        level = [node(level[i], level[i + 1]) for i in range(0, paired, 2)] + level[paired:]
        found.append(level)
    return found


def path(levels: Sequence[Sequence[bytes]], index: int, height: int = 0) -> list[bytes]:
    """The siblings on the way from node `index` of level `height` up to the root."""
    siblings = []
    for level in levels[height:]:
        if index ^ 1 < len(level):
            siblings.append(level[index ^ 1])
        index >>= 1
    return siblings


@dataclass(frozen=True, slots=True)
class Proofs:
    """What was read from the leaves of one tree, once: its size and root, and the proofs somebody wanted.

    `below` are, for each leaf wanted, the siblings inside its block as one string of bytes; `tops` the nodes above the blocks;
    `older` the nodes of the block in which the older tree of `old_size` leaves ends.
    """

    size: int
    root: bytes
    below: Sequence[bytes]
    tops: Sequence[Sequence[bytes]]
    old_size: int
    older: Sequence[Sequence[bytes]]

    def inclusion(self, which: int, index: int) -> list[bytes]:
        """Proof that the leaf at `index`, the `which`th of those wanted, is in the tree (RFC 9162 section 2.1.3.1)."""
        inside = self.below[which]
        siblings = [inside[at : at + WIDTH] for at in range(0, len(inside), WIDTH)]
        return siblings + path(self.tops, index >> BLOCK)

    def consistency(self) -> list[bytes]:
        """Proof that the tree only appended to its first `old_size` leaves (RFC 9162 section 2.1.4.1)."""
        if not 0 < self.old_size <= self.size:
            raise IndexError(f"a tree of {self.size} leaves never had a size of {self.old_size}")
        if self.old_size == self.size:
            return []
        index, height = self.old_size - 1, 0
        while index & 1:
            index, height = index >> 1, height + 1
        # The old root of a size that is a power of two is itself the first node, and the verifier has it already.
        if height >= BLOCK:
            return ([self.tops[height - BLOCK][index]] if index else []) + path(self.tops, index, height - BLOCK)
        local = ((self.old_size - 1) & ((1 << BLOCK) - 1)) >> height
        start = [self.older[height][local]] if index else []
        return start + path(self.older, local, height) + path(self.tops, (self.old_size - 1) >> BLOCK)


def prove(leaves: Iterable[bytes], wanted: Sequence[int] = (), *, old_size: int = 0) -> Proofs:
    """Read the leaves of a tree once, in order, and keep what proves those at the indexes `wanted` (ascending, each once).

    It keeps one hash in 64 and the few beside each leaf wanted: a log of a million entries needs a few megabytes.

    Raises:
        IndexError: the tree has no such leaf.
    """
    stream, size, tops = iter(leaves), 0, []
    below: list[bytes] = []
    older: list[list[bytes]] = []
    while block := list(islice(stream, 1 << BLOCK)):
        nodes = levels(block)
        while len(below) < len(wanted) and wanted[len(below)] < size + len(block):
            below.append(b"".join(path(nodes, wanted[len(below)] - size)))
        if size < old_size <= size + len(block):
            older = nodes
        tops.append(nodes[-1][0])
        size += len(block)
    if len(below) < len(wanted):
        raise IndexError(f"no leaf {wanted[len(below)]} in a tree of {size}")
    above = levels(tops)
    return Proofs(size=size, root=above[-1][0] if tops else EMPTY_ROOT, below=below, tops=above, old_size=old_size, older=older)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` puts `leaf` at `index` of the tree of `size` leaves with this root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node(sibling, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the larger tree starts with the smaller one (RFC 9162 section 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    nodes = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not nodes:
        return False
    here, last = old_size - 1, new_size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = nodes[0]
    for each in nodes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node(each, old), node(each, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node(new, each)
        here, last = here >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
