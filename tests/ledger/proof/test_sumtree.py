"""The seal of a period: balances, totals and complete disclosures, and every way to bend them."""

import json
import struct
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.proof.sumtree import (
    SealRefused,
    SumTree,
    check_disclosure,
    check_seal_proof,
    seal_disclosure,
    seal_proof,
    seal_root,
)

Leaf = tuple[str, str, int, int]
LEAVES: list[Leaf] = [
    ("CLR:Client:1002", "CNY", 24_805_060, 24_805_060),
    ("REG:Holding:1001", "BC.XSG.2023", 9_000, 2_340_100),
    ("REG:Holding:1001", "CEA.2024", 0, 0),
    ("REG:Holding:1002", "BC.XSG.2023", 2_340_100, 0),
    ("REG:Holding:10021", "BC.XSG.2023", 7, -5),
    ("REG:Issued", "BC.XSG.2023", 0, 9_007),
    ("T1:1001国库存款", "CNY", -1, 2**63 - 1),
    ("T1:4002非税收入", "CNY", 2**63 - 1, -(2**63)),
]
ROOT = seal_root(LEAVES)
names = st.text("AB:-1中", min_size=1, max_size=4)
quanta = st.integers(-(2**63), 2**63 - 1)
books = st.lists(
    st.tuples(names, st.sampled_from(["CNY", "CEA", "碳"]), quanta, quanta),
    max_size=12,
    unique_by=lambda leaf: leaf[:2],
)


def refused(code: str, root: bytes, proof: Any) -> None:
    """Expect a proof to be refused with this code."""
    with pytest.raises(SealRefused) as caught:
        check_seal_proof(root, proof)
    assert caught.value.code == code, caught.value.reason


def proof_of(number: int, leaves: list[Leaf] = LEAVES) -> dict[str, Any]:
    """Prove one leaf, and send the proof through JSON."""
    sent: dict[str, Any] = json.loads(json.dumps(seal_proof(leaves, *leaves[number][:2])))
    return sent


def u32(text: str) -> bytes:
    """Write a length and UTF-8."""
    return struct.pack(">I", len(text.encode())) + text.encode()


def test_the_encoding_is_that_of_the_page() -> None:
    """Two leaves in two commodities, written out by hand."""
    head = u32("gep-ledger seal") + b"\x01"
    one = sha256(head + b"\0" + u32("A") + u32("CNY") + struct.pack(">qq", 5, -2)).digest()
    two = sha256(head + b"\0" + u32("B") + u32("CEA") + struct.pack(">qq", 0, 3)).digest()

    def wide(*each: int) -> bytes:
        return b"".join(n.to_bytes(16, "big", signed=True) for n in each)

    left = struct.pack(">QI", 1, 1) + u32("CNY") + wide(5, -2) + one
    right = struct.pack(">QI", 1, 1) + u32("CEA") + wide(0, 3) + two
    node = sha256(head + b"\x01" + left + right).digest()
    sums = u32("CEA") + wide(0, 3) + u32("CNY") + wide(5, -2)
    whole = sha256(head + b"\x02" + struct.pack(">QI", 2, 2) + sums + node).digest()

    assert seal_root([("B", "CEA", 0, 3), ("A", "CNY", 5, -2)]) == whole
    empty = sha256(head + b"\x02" + struct.pack(">QI", 0, 0) + bytes(32)).digest()
    assert seal_root([]) == empty
    assert ROOT.hex() == "3dd584fc6a155c69255a71755124a99850b22152e8fc4cbf02f92d6a087ed66b"


@settings(deadline=None)
@given(books)
def test_every_leaf_of_every_book_is_proven(leaves: list[Leaf]) -> None:
    """In the order of the bytes, whatever order they came in; the totals are those of all."""
    tree = SumTree(reversed(leaves))
    ordered = sorted(leaves, key=lambda leaf: (leaf[0].encode(), leaf[1].encode()))

    assert tree.root == seal_root(leaves)
    for place, leaf in enumerate(ordered):
        sent = json.loads(json.dumps(tree.proof(place)))
        assert tuple(check_seal_proof(tree.root, sent)) == (*leaf, place, len(leaves))
        assert sent == seal_proof(leaves, leaf[0], leaf[1])
    for commodity, (debits, credits) in tree.sums.items():
        assert debits == sum(leaf[2] for leaf in leaves if leaf[1] == commodity)
        assert credits == sum(leaf[3] for leaf in leaves if leaf[1] == commodity)


@given(books.filter(bool), st.data())
def test_any_other_balance_has_another_root(leaves: list[Leaf], draw: st.DataObject) -> None:
    """One quantum moved, one account renamed, one left out."""
    number = draw.draw(st.integers(0, len(leaves) - 1))
    account, commodity, debits, credits = leaves[number]
    others: list[list[Leaf]] = [[], [(account + "x", commodity, debits, credits)]]
    others += [[(account, commodity, debits ^ 1, credits)]]
    others += [[(account, commodity, debits, credits ^ 1)]]
    others += [[(account, "OTHER", debits, credits)]]
    for other in others:
        changed = [*leaves[:number], *other, *leaves[number + 1 :]]
        assert seal_root(changed) != seal_root(leaves)


def changes(proof: dict[str, Any]) -> list[dict[str, Any]]:
    """Bend every part of a proof in turn."""
    bent = [
        {**proof, "account": proof["account"] + "1"},
        {**proof, "commodity": "CEA.2025"},
        {**proof, "debits": str(int(proof["debits"]) - 1)},
        {**proof, "credits": str(int(proof["credits"]) // 2 + 1)},
        {**proof, "debits": proof["credits"], "credits": proof["debits"]},
        {**proof, "index": (proof["index"] + 1) % proof["count"]},
        {**proof, "count": proof["count"] + 1},
        {**proof, "count": proof["count"] * 2, "index": proof["index"] * 2},
        {**proof, "path": proof["path"][1:]},
        {**proof, "path": proof["path"][:-1]},
        {**proof, "path": [*proof["path"], proof["path"][0]]},
        {**proof, "path": proof["path"][::-1]},
    ]
    for number, step in enumerate(proof["path"]):
        wrongs = [
            {**step, "hash": f"{int(step['hash'], 16) ^ 1 << bit:064x}"} for bit in range(256)
        ]
        wrongs += [{**step, "sums": step["sums"][1:]}]
        wrongs += [{**step, "sums": [*step["sums"], ["Z", "0", "0"]]}]
        for at, (commodity, debits, credits) in enumerate(step["sums"]):
            for each in (
                [commodity, str(int(debits) + 1), credits],
                [commodity, debits, str(int(credits) - 1)],
                [commodity + "x", debits, credits],
                [commodity, str(2**127 - 1), credits],
                [commodity, str(2**127), credits],
            ):
                sums = [*step["sums"][:at], each, *step["sums"][at + 1 :]]
                wrongs.append({**step, "sums": sums})
        for wrong in wrongs:
            path = [*proof["path"][:number], wrong, *proof["path"][number + 1 :]]
            bent.append({**proof, "path": path})
    return bent


@pytest.mark.parametrize("number", range(len(LEAVES)))
def test_every_bent_proof_is_refused(number: int) -> None:
    """Another account, amount, place, number of leaves, step or sum."""
    proof = proof_of(number)
    assert tuple(check_seal_proof(ROOT, proof)) == (*LEAVES[number], number, len(LEAVES))
    for bent in changes(proof):
        if bent == proof:
            continue
        with pytest.raises(SealRefused):
            check_seal_proof(ROOT, bent)
    refused("seal.root", seal_root(LEAVES[1:]), proof)
    refused("seal.root", bytes(32), proof)


def test_a_sum_moved_to_the_other_child_is_refused() -> None:
    """A node commits to both children's sums, not only to their total."""
    proof = proof_of(3)
    step = proof["path"][0]
    assert step["sums"] == [["CEA.2024", "0", "0"]]
    proof["debits"] = str(int(proof["debits"]) - 5)
    step["sums"] = [["BC.XSG.2023", "5", "0"], *step["sums"]]
    refused("seal.root", ROOT, proof)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 2},
        {"version": True},
        {"version": 1.0},
        {"more": 1},
        {"index": -1},
        {"index": True},
        {"index": "3"},
        {"index": 8},
        {"count": 0},
        {"count": 8.0},
        {"count": 2**64},
        {"debits": 5},
        {"debits": "+5"},
        {"debits": "05"},
        {"debits": "-0"},
        {"debits": " 5"},
        {"debits": "5_0"},
        {"debits": "٥"},
        {"debits": "1" * 5000},
        {"path": None},
        {"path": [None]},
        {"path": [{}]},
        {"path": [{"hash": "00", "sums": []}]},
        {"path": [{"hash": "A" * 64, "sums": []}]},
        {"path": [{"hash": "a" * 64, "sums": [["CNY", "0"]]}]},
        {"path": [{"hash": "a" * 64, "sums": [["CNY", "0", 0]]}]},
        {"path": [{"hash": "a" * 64, "sums": [["CNY", "0", "0"], ["CNY", "0", "0"]]}]},
        {"path": [{"hash": "a" * 64, "sums": [["CNY", "0", "0"], ["CEA", "0", "0"]]}]},
        {"path": [{"hash": "a" * 64, "sums": [["\ud800", "0", "0"]]}]},
        {"path": [{"hash": "a" * 64, "sums": [[[], "0", "0"]]}]},
    ],
)
def test_a_malformed_proof_is_refused(change: dict[str, Any]) -> None:
    """What is not exactly a proof is none."""
    refused("seal.malformed", ROOT, {**proof_of(3), **change})


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "e\u0301", None, 5])
def test_an_odd_name_is_refused(name: Any) -> None:
    """In a proof as in a seal."""
    refused("seal.name", ROOT, {**proof_of(3), "account": name})
    with pytest.raises(SealRefused):
        seal_root([("A", name, 0, 0)])


def test_such_balances_make_no_seal() -> None:
    """Twice the same, beyond 64 bits, or asked for and not there."""
    for wrong in ([*LEAVES, LEAVES[2]], [("A", "CNY", 2**63, 0)], [("A", "CNY", 0, -(2**63) - 1)]):
        with pytest.raises(SealRefused):
            seal_root(wrong)
    with pytest.raises(SealRefused):
        seal_proof(LEAVES, "CLR:Client:1002", "CEA.2024")
    with pytest.raises(SealRefused):
        check_seal_proof(ROOT, {**proof_of(3), "debits": str(2**63)})


PREFIXES = (
    "",
    "CLR:",
    "REG:Holding:1002",
    "REG:Holding:1002:",
    "REG:",
    "T1:",
    "A",
    "S",
    "Z",
    "REG:H",
)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_complete_disclosure_is_accepted(prefix: str) -> None:
    """All accounts under the prefix, none of the neighbours; nothing where there is nothing."""
    proofs = json.loads(json.dumps(seal_disclosure(LEAVES, prefix)))
    shown = check_disclosure(ROOT, len(LEAVES), proofs, prefix=prefix)

    assert [tuple(leaf)[:4] for leaf in shown] == [
        leaf for leaf in LEAVES if leaf[0].startswith(prefix)
    ]
    assert len(proofs) <= len(shown) + 2


@pytest.mark.parametrize("prefix", PREFIXES)
def test_whatever_is_left_out_is_missed(prefix: str) -> None:
    """Without any one of its proofs, twice one, or in another order, it is incomplete."""
    proofs = seal_disclosure(LEAVES, prefix)
    wrongs = [[*proofs[:n], *proofs[n + 1 :]] for n in range(len(proofs))]
    wrongs += [[*proofs[: n + 1], *proofs[n:]] for n in range(len(proofs))]
    wrongs += [proofs[::-1]] if len(proofs) > 1 else []
    for wrong in wrongs:
        with pytest.raises(SealRefused) as caught:
            check_disclosure(ROOT, len(LEAVES), wrong, prefix=prefix)
        assert caught.value.code == "seal.incomplete"


@settings(deadline=None)
@given(books, names, st.data())
def test_disclosures_of_every_book(leaves: list[Leaf], prefix: str, draw: st.DataObject) -> None:
    """Complete when whole; refused, or still whole, when a run of it is taken out."""
    root, proofs = seal_root(leaves), seal_disclosure(leaves, prefix)
    wanted = {leaf for leaf in leaves if leaf[0].startswith(prefix)}
    first = draw.draw(st.integers(0, len(proofs)))
    last = draw.draw(st.integers(first, len(proofs)))

    shown = check_disclosure(root, len(leaves), proofs, prefix=prefix)
    assert {tuple(leaf)[:4] for leaf in shown} == wanted
    try:
        rest = [*proofs[:first], *proofs[last:]]
        shown = check_disclosure(root, len(leaves), rest, prefix=prefix)
    except SealRefused:
        return
    assert {tuple(leaf)[:4] for leaf in shown} == wanted


def test_a_disclosure_of_another_seal_or_count_is_refused() -> None:
    """The root commits to the number of leaves."""
    proofs = seal_disclosure(LEAVES, "T1:")
    for root, count, code in (
        (ROOT, len(LEAVES) - 1, "seal.count"),
        (seal_root(LEAVES[:-1]), len(LEAVES), "seal.root"),
    ):
        with pytest.raises(SealRefused) as caught:
            check_disclosure(root, count, proofs, prefix="T1:")
        assert caught.value.code == code


def test_an_empty_seal_discloses_nothing() -> None:
    """A period without balances; a count of 0 cannot be claimed for another root."""
    assert check_disclosure(seal_root([]), 0, [], prefix="T1:") == []
    for root, count in ((ROOT, 0), (ROOT, 8), (seal_root([]), 8)):
        with pytest.raises(SealRefused):
            check_disclosure(root, count, [], prefix="T1:")


def test_leaves_out_of_order_are_seen_where_they_are_shown() -> None:
    """A maker who sorts wrongly is caught by the two neighbours that show it."""
    tree = SumTree(LEAVES[:4])
    tree.leaves.reverse()
    tree._whole = tree._grown(0, 4)
    with pytest.raises(SealRefused) as caught:
        check_disclosure(tree.root, 4, [tree.proof(n) for n in range(4)], prefix="")
    assert caught.value.code == "seal.incomplete"
