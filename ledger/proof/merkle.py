"""The RFC 6962 tree over a book's records, grown one leaf at a time from its frontier."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from ledger.core.record import encoded
from ledger.core.state import Entry

HASH_BYTES = 32
KEPT_LEVELS = 8
"""Of the tree's inner nodes those of every eighth level are kept: 256 leaves or nodes each."""


class Node(NamedTuple):
    """The root of the perfect subtree over leaves ``place * 2**level`` and on."""

    level: int
    place: int
    hash: bytes


@dataclass
class Tree:
    """A tree of ``size`` leaves by its frontier: the roots of its perfect subtrees, largest first.

    ``grown`` are the kept nodes that were completed since it was read.
    """

    size: int
    frontier: list[bytes]
    grown: list[Node] = field(default_factory=list)

    @classmethod
    def read(cls, size: int, run: bytes) -> "Tree":
        """Read a tree back from its size and its packed frontier."""
        return cls(size, [run[at : at + HASH_BYTES] for at in range(0, len(run), HASH_BYTES)])

    @property
    def packed(self) -> bytes:
        """The frontier as one run of bytes."""
        return b"".join(self.frontier)

    def add(self, leaf: bytes) -> None:
        """Add a leaf: O(1) on average, O(log n) at most."""
        place, level, peaks = self.size, 0, self.frontier
        self.size += 1
        while place & 1:
            leaf = sha256(b"\x01" + peaks.pop() + leaf).digest()
            place >>= 1
            level += 1
            if not level % KEPT_LEVELS:
                self.grown.append(Node(level, place, leaf))
        peaks.append(leaf)

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return root(self.frontier)


def leaf_hash(record: bytes) -> bytes:
    """Hash one record as a leaf."""
    return sha256(b"\x00" + record).digest()


def leaf_of(entry: Entry, book: UUID) -> bytes:
    """Hash an entry of a book's log as a leaf."""
    return leaf_hash(encoded(entry.record, book, entry.seq, entry.booked_at_us))


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


def root(frontier: Sequence[bytes]) -> bytes:
    """Fold the frontier into the root; the root of no leaves is the hash of nothing."""
    if not frontier:
        return sha256(b"").digest()
    *rest, top = frontier
    for peak in reversed(rest):
        top = node_hash(peak, top)
    return top
