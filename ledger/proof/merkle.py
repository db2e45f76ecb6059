"""The RFC 6962 tree over a book's records, grown one leaf at a time from its frontier."""

from hashlib import sha256
from uuid import UUID

from ledger.core.record import encoded
from ledger.core.state import Entry

HASH_BYTES = 32
Frontier = tuple[bytes, ...]
"""The roots of the perfect subtrees of the leaves so far, the largest first."""


def leaf_hash(record: bytes) -> bytes:
    """Hash one record as a leaf."""
    return sha256(b"\x00" + record).digest()


def leaf_of(entry: Entry, book: UUID) -> bytes:
    """Hash an entry of a book's log as a leaf."""
    return leaf_hash(encoded(entry.record, book, entry.seq, entry.booked_at_us))


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


def grown(frontier: Frontier, size: int, leaf: bytes) -> Frontier:
    """Add a leaf to a tree of ``size`` leaves."""
    peaks = list(frontier)
    while size & 1:
        leaf = node_hash(peaks.pop(), leaf)
        size >>= 1
    return (*peaks, leaf)


def root(frontier: Frontier) -> bytes:
    """Fold the frontier into the root; the root of no leaves is the hash of nothing."""
    if not frontier:
        return sha256(b"").digest()
    *rest, top = frontier
    for peak in reversed(rest):
        top = node_hash(peak, top)
    return top


def packed(frontier: Frontier) -> bytes:
    """Write the frontier as one run of bytes."""
    return b"".join(frontier)


def unpacked(run: bytes) -> Frontier:
    """Read the frontier back."""
    return tuple(run[at : at + HASH_BYTES] for at in range(0, len(run), HASH_BYTES))
