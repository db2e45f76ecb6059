"""Audit paths against the recursive definition of RFC 6962, written here a second time."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proof.inclusion import (
    EMPTY_ROOT,
    PathRefused,
    check_consistency,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_from_inclusion,
)

SIZE_MAX = 70
LEAVES = [leaf_hash(str(number).encode()) for number in range(SIZE_MAX)]
HUGE = 2**62 + 2**40 + 12_345

places = st.integers(1, SIZE_MAX).flatmap(
    lambda size: st.tuples(st.integers(0, size - 1), st.just(size))
)
growths = st.integers(1, SIZE_MAX).flatmap(
    lambda size: st.tuples(st.integers(0, size), st.just(size))
)


def head(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + head(leaves[:k]) + head(leaves[k:])).digest()


def split(n: int) -> int:
    """Return the largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), head(leaves[k:])]
    return [*path(m - k, leaves[k:]), head(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if known else [head(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known=known), head(leaves[k:])]
    return [*subproof(m - k, leaves[k:], known=False), head(leaves[:k])]


def node(level: int, index: int) -> bytes:
    """Read a perfect subtree of the leaves."""
    run = LEAVES[index << level : (index + 1) << level]
    assert len(run) == 1 << level
    return head(run)


def roots() -> list[bytes]:
    """Return the root of every size."""
    return [head(LEAVES[:size]) for size in range(SIZE_MAX + 1)]


ROOTS = roots()


def flipped(run: bytes, at: int) -> bytes:
    """Change one byte."""
    return run[:at] + bytes((run[at] ^ 1,)) + run[at + 1 :]


def test_every_leaf_of_every_tree_is_proven() -> None:
    """All places of all trees of up to 70 leaves, step for step as the RFC defines them."""
    for size in range(1, SIZE_MAX + 1):
        for index in range(size):
            proof = inclusion_path(index, size, node)

            assert proof == path(index, LEAVES[:size])
            assert root_from_inclusion(LEAVES[index], index, size, proof) == ROOTS[size]


def test_every_growth_is_proven() -> None:
    """All pairs of sizes up to 70, step for step as the RFC defines them."""
    for size in range(1, SIZE_MAX + 1):
        for old in range(size + 1):
            proof = consistency_path(old, size, node)

            assert proof == (subproof(old, LEAVES[:size], known=True) if old else [])
            assert check_consistency(old, ROOTS[old], size, ROOTS[size], proof)


@pytest.mark.parametrize("prove", [inclusion_path, consistency_path])
def test_few_nodes_are_read(prove: Callable[..., list[bytes]]) -> None:
    """A log of 4 * 10**18 records is proven with some hundred reads."""
    reads: list[tuple[int, int]] = []

    def read(level: int, index: int) -> bytes:
        reads.append((level, index))
        return EMPTY_ROOT

    for place in (1, HUGE // 3, HUGE - 1):
        reads.clear()
        prove(place, HUGE, read)

        assert len(reads) <= 2 * HUGE.bit_length()
        assert all((index + 1) << level <= HUGE for level, index in reads)


@given(places, st.data())
def test_a_changed_step_leads_elsewhere(place: tuple[int, int], draw: st.DataObject) -> None:
    """One flipped byte, anywhere in the path or in the leaf."""
    index, size = place
    steps = [LEAVES[index], *path(index, LEAVES[:size])]
    number = draw.draw(st.integers(0, len(steps) - 1))
    steps[number] = flipped(steps[number], draw.draw(st.integers(0, 31)))

    assert root_from_inclusion(steps[0], index, size, steps[1:]) != ROOTS[size]


def test_every_byte_of_a_path_counts() -> None:
    """Each byte of each step of the paths of a tree of 23 leaves."""
    for index in range(23):
        steps = path(index, LEAVES[:23])
        for number, step in enumerate(steps):
            for at in range(32):
                wrong = [*steps[:number], flipped(step, at), *steps[number + 1 :]]
                assert root_from_inclusion(LEAVES[index], index, 23, wrong) != ROOTS[23]


@given(places)
def test_a_path_of_another_length_is_refused(place: tuple[int, int]) -> None:
    """Cut short, made longer, or with a step that is no hash."""
    index, size = place
    steps = path(index, LEAVES[:size])
    wrong = [[*steps, EMPTY_ROOT], [EMPTY_ROOT, *steps], [*steps, b""]]
    wrong += [steps[1:], steps[:-1], [steps[0][:-1], *steps[1:]]] if steps else []
    for each in wrong:
        with pytest.raises(PathRefused):
            root_from_inclusion(LEAVES[index], index, size, each)
    with pytest.raises(PathRefused):
        root_from_inclusion(LEAVES[index] + b"\0", index, size, steps)


@given(places, st.integers(-1, SIZE_MAX + 1))
def test_another_place_is_refused(place: tuple[int, int], other: int) -> None:
    """A path proves its own place only."""
    index, size = place
    steps = path(index, LEAVES[:size])
    if other != index:
        assert not leads(LEAVES[index], other, size, steps, ROOTS[size])


@given(places, st.integers(0, SIZE_MAX))
def test_another_size_is_refused(place: tuple[int, int], other: int) -> None:
    """A path proves nothing for the size and the root of another checkpoint."""
    index, size = place
    steps = path(index, LEAVES[:size])
    if other != size:
        assert not leads(LEAVES[index], index, other, steps, ROOTS[other])


def leads(leaf: bytes, index: int, size: int, steps: list[bytes], root: bytes) -> bool:
    """Tell whether a path proves a leaf."""
    try:
        return root_from_inclusion(leaf, index, size, steps) == root
    except PathRefused:
        return False


@given(growths, st.data())
def test_a_wrong_growth_is_refused(growth: tuple[int, int], draw: st.DataObject) -> None:
    """Another step, root, size or length."""
    old, size = growth
    steps = consistency_path(old, size, node)
    at = draw.draw(st.integers(0, 31))
    other = draw.draw(st.integers(0, SIZE_MAX))

    assert not check_consistency(old, flipped(ROOTS[old], at), size, ROOTS[size], steps)
    assert not check_consistency(old, ROOTS[old], size, ROOTS[size], [*steps, EMPTY_ROOT])
    assert not check_consistency(old, ROOTS[old], size, ROOTS[size], [EMPTY_ROOT, *steps])
    if old:
        assert not check_consistency(old, ROOTS[old], size, flipped(ROOTS[size], at), steps)
    if other not in (0, old, size) and old not in (0, size):
        assert not check_consistency(old, ROOTS[old], other, ROOTS[other], steps)
        assert not check_consistency(other, ROOTS[other], size, ROOTS[size], steps)
    for number, step in enumerate(steps):
        wrong = [*steps[:number], flipped(step, at), *steps[number + 1 :]]
        assert not check_consistency(old, ROOTS[old], size, ROOTS[size], wrong)
        shorter = [*steps[:number], *steps[number + 1 :]]
        assert not check_consistency(old, ROOTS[old], size, ROOTS[size], shorter)


def test_a_rewritten_log_has_not_grown() -> None:
    """A record changed behind the older checkpoint breaks every growth from it."""
    forged = [*LEAVES[:5], leaf_hash(b"forged"), *LEAVES[6:]]
    for old in range(6, 40):
        steps = subproof(old, forged[:40], known=True)
        assert not check_consistency(old, ROOTS[old], 40, head(forged[:40]), steps)


def test_out_of_bounds() -> None:
    """Places and sizes that no tree has."""
    for index, size in ((-1, 4), (4, 4), (0, 0)):
        with pytest.raises(PathRefused):
            inclusion_path(index, size, node)
    for old, size in ((-1, 4), (5, 4)):
        with pytest.raises(PathRefused):
            consistency_path(old, size, node)
        assert not check_consistency(old, EMPTY_ROOT, size, EMPTY_ROOT, [])


def test_the_empty_log() -> None:
    """Every log began empty; the root of nothing is the hash of nothing."""
    assert check_consistency(0, EMPTY_ROOT, 9, ROOTS[9], [])
    assert check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not check_consistency(0, ROOTS[1], 9, ROOTS[9], [])
    assert not check_consistency(0, EMPTY_ROOT, 0, ROOTS[1], [])
    assert not check_consistency(0, EMPTY_ROOT, 9, ROOTS[9], [ROOTS[1]])


def test_the_hashes_are_those_of_the_page() -> None:
    """Leaf = SHA-256(0x00, record), node = SHA-256(0x01, left, right)."""
    assert leaf_hash(b"a") == sha256(b"\0a").digest()
    assert node_hash(LEAVES[0], LEAVES[1]) == sha256(b"\1" + LEAVES[0] + LEAVES[1]).digest()
