"""The golden vectors of encoding version 1, by three implementations that share no code."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ledger.core import body as bodies
from ledger.core.record import encoded
from ledger.proof import layout, merkle
from tests.ledger import reference_encoding
from tests.ledger.vectors import BOOK, FIRST_BOOKED_US, RECORDS

GOLDEN = json.loads((Path(__file__).parent / "data" / "encoding-v1.json").read_text("utf-8"))
VECTORS: list[dict[str, Any]] = GOLDEN["records"]
NAMES = [each["name"] for each in VECTORS]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_the_reference_of_the_tests(vector: dict[str, Any]) -> None:
    """A grammar and an interpreter, written from the page alone."""
    record = reference_encoding.encode(GOLDEN["book"], vector["line"])

    assert record.hex() == vector["bytes"]
    assert reference_encoding.leaf(record).hex() == vector["leaf"] == vector["line"]["leaf"]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_the_verifier(vector: dict[str, Any]) -> None:
    """The second implementation, which auditors run."""
    record = layout.record_bytes(UUID(GOLDEN["book"]), vector["line"])

    assert record.hex() == vector["bytes"]


@pytest.mark.parametrize(("number", "vector"), list(enumerate(VECTORS)), ids=NAMES)
def test_the_ledger(number: int, vector: dict[str, Any]) -> None:
    """The first implementation, which writes the log."""
    record = encoded(RECORDS[number], BOOK, number + 1, FIRST_BOOKED_US + number + 1)

    assert record.hex() == vector["bytes"]
    assert merkle.leaf_hash(record).hex() == vector["leaf"]


def test_every_kind_of_record_has_a_vector() -> None:
    """All twelve kinds, those without a writer too."""
    assert {each["line"]["record"] for each in VECTORS} == set(layout.LAYOUTS)
    assert len({type(record) for record in RECORDS}) == len(layout.LAYOUTS) == 12


def test_the_tree_grows_as_rfc_6962_defines_it() -> None:
    """The frontier's root after each leaf is the root of the recursive definition."""
    tree = merkle.Tree(0, [])
    leaves: list[bytes] = []
    for vector in VECTORS:
        leaves.append(bytes.fromhex(vector["leaf"]))
        tree.add(leaves[-1])
        assert merkle.Tree.read(tree.size, tree.packed) == tree
        roots = tree.root, reference_encoding.root(leaves)
        assert {each.hex() for each in roots} == {vector["root"]}


@pytest.mark.parametrize("vector", GOLDEN["bodies"], ids=lambda each: each["body"]["id"][-1])
def test_the_digest_of_a_body(vector: dict[str, Any]) -> None:
    """Canonical text and digest, by the ledger and by the reference."""
    body = bodies.read(vector["body"])

    assert body.text == vector["canonical"] == reference_encoding.body_text(vector["body"])
    assert body.digest.hex() == vector["digest"]
