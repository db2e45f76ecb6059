"""Audit paths of RFC 6962 and RFC 9162: that a record is in a log, and that the log only grew.

Standard library only, with none of the ledger's code. A root does not commit to the size of its
tree, so a path proves something only for a size and a root that were learned together: from one
signed checkpoint.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
Span = tuple[int, int]
"""The leaves of a subtree: the first, and the one after the last."""


class PathRefused(ValueError):
    """A path that cannot belong to the place and the size it is given for."""


class NodeReader(Protocol):
    """Gives the root of the perfect subtree over leaves index * 2**level to (index + 1) * 2**level.

    The second is not included; level 0 is the leaf hashes themselves.
    """

    def __call__(self, level: int, index: int, /) -> bytes:
        """Return the 32 bytes of one node."""
        ...


def leaf_hash(record: bytes) -> bytes:
    """Hash the canonical bytes of one record as a leaf."""
    return sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


def siblings(index: int, size: int) -> list[Span]:
    """Return the subtrees beside the way from a leaf up to the root, the nearest first."""
    if not 0 <= index < size:
        raise PathRefused(f"a tree of {size} leaves has no leaf {index}")
    start, end, beside = 0, size, []
    while end - start > 1:
        middle = start + left_width(end - start)
        if index < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((start, middle))
            start = middle
    return beside[::-1]


def left_width(width: int) -> int:
    """Return how many of two or more leaves are in the left subtree: the largest power of two."""
    return 1 << (width - 1).bit_length() - 1


def inclusion_path(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Prove that a leaf is in the tree of the first ``size`` leaves, with O(log n) node reads."""
    return [_subtree(*span, node) for span in siblings(index, size)]


def root_from_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a path leads to; compare it with the root that is trusted."""
    beside = siblings(index, size)
    if len(path) != len(beside):
        raise PathRefused(f"the path has {len(path)} steps instead of {len(beside)}")
    if not _hashes(leaf_hash, *path):
        raise PathRefused("a step of the path is no hash")
    root = leaf_hash
    for (start, _), step in zip(beside, path, strict=True):
        root = node_hash(step, root) if start < index else node_hash(root, step)
    return root


def consistency_path(old_size: int, size: int, node: NodeReader) -> list[bytes]:
    """Prove that the first ``old_size`` of ``size`` leaves are what they were."""
    if not 0 <= old_size <= size:
        raise PathRefused(f"a tree of {size} leaves has not grown out of one of {old_size}")
    return [_subtree(*span, node) for span in _between(old_size, size)]


def check_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether a path proves that the newer tree begins with the older one.

    Every tree begins with the empty one, whose root is fixed and whose path has no steps.
    """
    if not 0 <= old_size <= size or not _hashes(old_root, root, *path):
        return False
    if old_size in (0, size):
        known = EMPTY_ROOT if old_size == 0 else old_root
        return not path and old_root == known and (old_size < size or root == old_root)
    spans = _between(old_size, size)
    if len(path) != len(spans):
        return False
    # Where the older tree is one perfect subtree, its root is the first step and is left out.
    complete = spans[0][0] == old_size
    steps = zip(spans if complete else spans[1:], path if complete else path[1:], strict=True)
    old = new = old_root if complete else path[0]
    for (start, _), step in steps:
        if start < old_size:
            old, new = node_hash(step, old), node_hash(step, new)
        else:
            new = node_hash(new, step)
    return old == old_root and new == root


def _between(old_size: int, size: int) -> list[Span]:
    if old_size == 0:
        return []
    start, end, spans = 0, size, []
    while old_size < end:
        middle = start + left_width(end - start)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return [*([(start, end)] if start else []), *reversed(spans)]


def _subtree(start: int, end: int, node: NodeReader) -> bytes:
    width = end - start
    if width.bit_count() == 1:
        return node(width.bit_length() - 1, start // width)
    middle = start + left_width(width)
    return node_hash(_subtree(start, middle, node), _subtree(middle, end, node))


def _hashes(*each: bytes) -> bool:
    return all(len(one) == HASH_BYTES for one in each)
