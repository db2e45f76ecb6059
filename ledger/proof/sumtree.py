"""The sorted sum-tree of a period's balances: the seal, and what can be proven against it.

A seal commits to the turnover of every (account, commodity), sorted by the UTF-8 bytes of the
account and then of the commodity, each pair once. Debits and credits are 64-bit integers of the
commodity's smallest part and may be negative, since red entries are. Every subtree carries its
sums per commodity, so a proof of one balance also adds up to the totals of the book. The shape is
RFC 6962's: the left subtree always the largest perfect one.

Encoding, version 1; integers big-endian, signed ones in two's complement::

    str   = u32 length in bytes, then UTF-8 in NFC, without NUL
    head  = str "gep-ledger seal", u8 version = 1, u8 kind
    sums  = u32 count, then each (str commodity, i128 debits, i128 credits), sorted by the
            commodity's UTF-8 bytes, each commodity of the subtree once, sums of zero too
    part  = u64 leaves, sums, hash of 32 bytes
    leaf  = SHA-256(head of kind 0, str account, str commodity, i64 debits, i64 credits)
    node  = SHA-256(head of kind 1, left part, right part)
    root  = SHA-256(head of kind 2, part of the whole tree)

The part of no leaves is u64 0, no sums, and 32 zero bytes; the root commits to the number of
leaves. Both children's sums are in a node, not only their total.

What a proof cannot show is that the maker of the seal sorted and summed honestly in the parts
that are not disclosed: a root is worth as much as its signature, or as the audit that rebuilt it
from the log with ``seal_root``. And a proof discloses the sums of the subtrees beside its way,
of which the nearest is another account's balance.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

from ledger.proof.inclusion import HASH_BYTES, PathRefused, Span, left_width, siblings

FORMAT = "gep-ledger-seal-proof"
VERSION = 1
LEAF, NODE, ROOT = range(3)
LEAVES_MAX = 2**63 - 1
QUANTA_MIN, QUANTA_MAX = -(2**63), 2**63 - 1
SUM_BYTES = 16
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,38}")
HASH = re.compile(r"[0-9a-f]{64}")
KEYS = frozenset(
    ("format", "version", "account", "commodity", "debits", "credits", "index", "count", "path")
)
Json = dict[str, Any]
Sums = Mapping[str, tuple[int, int]]
"""Debits and credits by commodity."""


class SealRefused(ValueError):
    """Balances that make no seal, or a proof that does not hold: a stable code, and why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class SealLeaf(NamedTuple):
    """The turnover of one account in one commodity."""

    account: str
    commodity: str
    debits: int
    credits: int

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What the leaves are sorted by."""
        return self.account.encode(), self.commodity.encode()


class ProvenLeaf(NamedTuple):
    """A leaf that is under a root, and its place (from 0) among how many leaves."""

    account: str
    commodity: str
    debits: int
    credits: int
    place: int
    leaves: int


class _Part(NamedTuple):
    leaves: int
    sums: Sums
    hash: bytes


NOTHING = _Part(0, {}, bytes(HASH_BYTES))


class SumTree:
    """The tree over a period's balances, built once for its root and for any number of proofs."""

    def __init__(self, leaves: Iterable[tuple[str, str, int, int]]) -> None:
        self.leaves = sorted((_sound(SealLeaf(*leaf)) for leaf in leaves), key=lambda one: one.key)
        for one, other in pairwise(self.leaves):
            if one.key == other.key:
                raise SealRefused("seal.twice", f"{one.account} {one.commodity} is there twice")
        self._parts: dict[Span, _Part] = {}
        self._whole = self._grown(0, len(self.leaves)) if self.leaves else NOTHING

    @property
    def root(self) -> bytes:
        """The 32 bytes that commit to all of it."""
        return _root(self._whole)

    @property
    def sums(self) -> Sums:
        """Debits and credits of the whole book by commodity."""
        return self._whole.sums

    def proof(self, index: int) -> Json:
        """Prove the leaf at a place, as JSON."""
        leaf = self.leaves[index]
        beside = (self._parts[span] for span in siblings(index, len(self.leaves)))
        return {
            "format": FORMAT,
            "version": VERSION,
            "account": leaf.account,
            "commodity": leaf.commodity,
            "debits": str(leaf.debits),
            "credits": str(leaf.credits),
            "index": index,
            "count": len(self.leaves),
            "path": [{"hash": part.hash.hex(), "sums": _listed(part.sums)} for part in beside],
        }

    def _grown(self, start: int, end: int) -> _Part:
        if end - start == 1:
            part = _leaf(self.leaves[start])
        else:
            middle = start + left_width(end - start)
            part = _node(self._grown(start, middle), self._grown(middle, end))
        self._parts[start, end] = part
        return part


def seal_root(leaves: Iterable[tuple[str, str, int, int]]) -> bytes:
    """Return the root over (account, commodity, debits, credits), in whatever order they come."""
    return SumTree(leaves).root


def seal_proof(leaves: Iterable[tuple[str, str, int, int]], account: str, commodity: str) -> Json:
    """Prove the turnover of one account in one commodity."""
    tree = SumTree(leaves)
    for index, leaf in enumerate(tree.leaves):
        if (leaf.account, leaf.commodity) == (account, commodity):
            return tree.proof(index)
    raise SealRefused("seal.unknown", f"{account} has no {commodity}")


def seal_disclosure(leaves: Iterable[tuple[str, str, int, int]], prefix: str) -> list[Json]:
    """Prove every leaf whose account begins with a prefix, and the neighbours on either side."""
    tree = SumTree(leaves)
    before = sum(_side(leaf, prefix) < 0 for leaf in tree.leaves)
    after = sum(_side(leaf, prefix) <= 0 for leaf in tree.leaves)
    shown = range(max(before - 1, 0), min(after + 1, len(tree.leaves)))
    return [tree.proof(index) for index in shown]


def check_seal_proof(root: bytes, proof: Mapping[str, Any]) -> ProvenLeaf:
    """Return what a proof proves under a root; a proof that does not hold is refused."""
    try:
        leaf, index, count, beside = _read(proof)
        part = _leaf(leaf)
        spans = siblings(index, count)
        if len(spans) != len(beside):
            raise SealRefused("seal.path", f"{len(beside)} steps instead of {len(spans)}")
        for (start, end), (sums, run) in zip(spans, beside, strict=True):
            other = _Part(end - start, sums, run)
            part = _node(other, part) if start < index else _node(part, other)
        reached = _root(part)
    except (PathRefused, OverflowError) as error:
        raise SealRefused("seal.path", str(error)) from error
    if reached != root:
        raise SealRefused("seal.root", f"{leaf.account} {leaf.commodity} is not under this root")
    return ProvenLeaf(*leaf, index, count)


def check_disclosure(
    root: bytes, count: int, proofs: Sequence[Mapping[str, Any]], *, prefix: str
) -> list[ProvenLeaf]:
    """Return all leaves whose account begins with a prefix, once it is shown that none is missing.

    The proofs stand in the order of their places without a gap, and reach a neighbour on either
    side that is not under the prefix, or the end of the tree. For an account and all below it the
    prefix ends with a colon.
    """
    proven = [check_seal_proof(root, proof) for proof in proofs]
    if not proven:
        if count or root != _root(NOTHING):
            raise SealRefused("seal.incomplete", "nothing is disclosed, not even the neighbours")
        return []
    if any(leaf.leaves != count for leaf in proven):
        raise SealRefused("seal.count", f"the root is over {proven[0].leaves} leaves, not {count}")
    for one, other in pairwise(proven):
        if other.place != one.place + 1 or _key(other) <= _key(one):
            raise SealRefused("seal.incomplete", f"{one.account} is followed by a gap")
    first, last = proven[0], proven[-1]
    if (first.place > 0 and _side(first, prefix) >= 0) or (
        last.place < count - 1 and _side(last, prefix) <= 0
    ):
        raise SealRefused("seal.incomplete", "the neighbours do not enclose the prefix")
    return [leaf for leaf in proven if not _side(leaf, prefix)]


def _side(leaf: SealLeaf | ProvenLeaf, prefix: str) -> int:
    account, wanted = leaf.account.encode(), prefix.encode()
    return 0 if account.startswith(wanted) else -1 if account < wanted else 1


def _key(leaf: ProvenLeaf) -> tuple[bytes, bytes]:
    return leaf.account.encode(), leaf.commodity.encode()


def _leaf(leaf: SealLeaf) -> _Part:
    turnover = struct.pack(">qq", leaf.debits, leaf.credits)
    run = _head(LEAF) + _text(leaf.account) + _text(leaf.commodity) + turnover
    return _Part(1, {leaf.commodity: (leaf.debits, leaf.credits)}, sha256(run).digest())


def _node(left: _Part, right: _Part) -> _Part:
    sums = dict(left.sums)
    for commodity, (debits, credits) in right.sums.items():
        before = sums.get(commodity, (0, 0))
        sums[commodity] = (before[0] + debits, before[1] + credits)
    hashed = sha256(_head(NODE) + _written(left) + _written(right)).digest()
    return _Part(left.leaves + right.leaves, sums, hashed)


def _root(whole: _Part) -> bytes:
    return sha256(_head(ROOT) + _written(whole)).digest()


def _written(part: _Part) -> bytes:
    runs = [struct.pack(">QI", part.leaves, len(part.sums))]
    for commodity in sorted(part.sums, key=str.encode):
        runs.append(_text(commodity))
        runs.extend(each.to_bytes(SUM_BYTES, signed=True) for each in part.sums[commodity])
    return b"".join((*runs, part.hash))


def _head(kind: int) -> bytes:
    return _text("gep-ledger seal") + bytes((VERSION, kind))


def _text(text: str) -> bytes:
    run = text.encode()
    return struct.pack(">I", len(run)) + run


def _sound(leaf: SealLeaf) -> SealLeaf:
    for name in (leaf.account, leaf.commodity):
        if not _named(name):
            raise SealRefused("seal.name", f"{name!r} is no name in NFC")
    if not all(QUANTA_MIN <= each <= QUANTA_MAX for each in (leaf.debits, leaf.credits)):
        raise SealRefused("seal.overflow", f"{leaf.account} {leaf.commodity} exceeds 64 bits")
    return leaf


def _named(name: object) -> bool:
    if not isinstance(name, str) or not name or "\0" in name:
        return False
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return unicodedata.is_normalized("NFC", name)


def _listed(sums: Sums) -> list[list[str]]:
    return [[commodity, *map(str, sums[commodity])] for commodity in sorted(sums, key=str.encode)]


def _read(proof: Mapping[str, Any]) -> tuple[SealLeaf, int, int, list[tuple[Sums, bytes]]]:
    if set(proof) != KEYS:
        raise SealRefused("seal.malformed", "it has other keys than a proof has")
    version = proof["version"]
    if proof["format"] != FORMAT or type(version) is not int or version != VERSION:
        raise SealRefused("seal.malformed", f"it is no {FORMAT} of version {VERSION}")
    index, count = proof["index"], proof["count"]
    if type(index) is not int or type(count) is not int or not 0 <= index < count <= LEAVES_MAX:
        raise SealRefused("seal.malformed", "its place is out of bounds")
    turnover = (_integer(proof["debits"]), _integer(proof["credits"]))
    leaf = _sound(SealLeaf(proof["account"], proof["commodity"], *turnover))
    if not isinstance(proof["path"], list):
        raise SealRefused("seal.malformed", "its path is no list")
    return leaf, index, count, [_step(each) for each in proof["path"]]


def _step(step: object) -> tuple[Sums, bytes]:
    if not isinstance(step, dict) or set(step) != {"hash", "sums"}:
        raise SealRefused("seal.malformed", "a step of the path is no hash and sums")
    run, sums = step["hash"], step["sums"]
    if not isinstance(run, str) or not HASH.fullmatch(run) or not isinstance(sums, list):
        raise SealRefused("seal.malformed", "a step of the path is no hash and sums")
    return _summed(sums), bytes.fromhex(run)


def _summed(listed: list[Any]) -> Sums:
    sums: dict[str, tuple[int, int]] = {}
    for each in listed:
        if not isinstance(each, list) or len(each) != 3 or not _named(each[0]):  # noqa: PLR2004
            raise SealRefused("seal.malformed", "a sum is no commodity, debits and credits")
        sums[each[0]] = (_integer(each[1]), _integer(each[2]))
    if [each[0] for each in listed] != sorted(sums, key=str.encode):
        raise SealRefused("seal.malformed", "the sums are not sorted, or name one twice")
    return sums


def _integer(text: object) -> int:
    if not isinstance(text, str) or not INTEGER.fullmatch(text):
        raise SealRefused("seal.malformed", f"{text!r} is no whole number")
    return int(text)
