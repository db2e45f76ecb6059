"""The proof file of one transaction: whatever is changed in it is found."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ledger.proof.bundle import (
    NOT_SHOWN,
    BundleFinding,
    Placed,
    check_bundle,
    proof_file,
    read_bundle,
)
from ledger.proof.inclusion import inclusion_path, leaf_hash, node_hash, root_from_inclusion
from ledger.proof.layout import record_bytes
from ledger.proof.note import COSIGNATURE, ED25519, Checkpoint, Signer, cosigned, signed

Json = dict[str, Any]
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "data" / "encoding-v1.json").read_text(encoding="utf-8")
)
BOOK = UUID(GOLDEN["book"])
KEY = Signer("ledger.example/main", ED25519, bytes(range(32)))
WITNESS = Signer("witness.example", COSIGNATURE, bytes(32))
TRADE, REVERSAL = 4, 5


def yuan() -> Json:
    """Return the record of CNY, which the vectors leave out."""
    line = {
        "seq": len(GOLDEN["records"]) + 1,
        "record": "commodity",
        "booked_at": "2023-02-28T08:00:01.000000Z",
        "code": "CNY",
        "unit": "CNY",
        "scale": 2,
        "kind": "money",
        "instrument": "",
    }
    return {**line, "leaf": leaf_hash(record_bytes(BOOK, line)).hex()}


LINES: list[Json] = [*(each["line"] for each in GOLDEN["records"]), yuan()]
SIZE = len(LINES)
YUAN = SIZE - 1


def node(level: int, index: int) -> bytes:
    """Read a node of the tree over the golden records."""
    if level == 0:
        return bytes.fromhex(LINES[index]["leaf"])
    return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))


def placed(index: int) -> Placed:
    """Put a record in its place."""
    return Placed(LINES[index], index, inclusion_path(index, SIZE, node))


ROOT = root_from_inclusion(node(0, 0), 0, SIZE, placed(0).path)
NOTE = signed(Checkpoint("ledger.example/main", SIZE, ROOT).text, KEY)


def bundle(index: int = TRADE, beside: tuple[int, ...] = (0, 3, YUAN)) -> Json:
    """Write the proof file of a transaction, and read it back."""
    others = [placed(each) for each in beside]
    written = proof_file(BOOK, "main", placed(index), SIZE, ROOT, beside=others, checkpoint=NOTE)
    return read_bundle(json.dumps(written, ensure_ascii=False))


def codes(it: Json, **trust: Any) -> list[str]:
    """Check a proof file with the log's key."""
    return [finding.code for finding in check_bundle(it, **{"trusted": [KEY.verifier], **trust})]


@pytest.mark.parametrize("index", [TRADE, REVERSAL])
def test_a_whole_file_proves_its_transaction(index: int) -> None:
    """Nothing is found, and nothing is left open."""
    assert check_bundle(bundle(index), trusted=[KEY.verifier]) == []


def test_balances_after_are_left_out() -> None:
    """A leaf does not hold them, so the file does not either."""
    lines = [{**line, "balance_after": "1.00"} for line in LINES[TRADE]["postings"]]
    exported = replace(placed(TRADE), record={**LINES[TRADE], "postings": lines})
    written = proof_file(BOOK, "main", exported, SIZE, ROOT, beside=[placed(0)])

    assert written["record"] == LINES[TRADE]
    whole = bundle()
    whole["record"]["postings"] = lines
    found = check_bundle(whole, trusted=[KEY.verifier])
    why = ".record.postings[0].balance_after is not part of the proof"
    assert found[0] == BundleFinding("bundle.malformed", why)


def others(value: Any) -> Iterator[Any]:
    """Yield everything near a JSON value: other values, other types, other spellings."""
    yield from (None, True, False, 0, 1, -1, 1.0, "", "x", "0", [], {}, [[]], {"a": "b"})
    if isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != name} for name in value)
        yield from ({**value, "more": each} for each in (None, "", 0))
        for name in value:
            yield from ({**value, name: each} for each in others(value[name]))
    elif isinstance(value, list):
        yield from ([*value[:n], *value[n + 1 :]] for n in range(len(value)))
        yield from ([*value, *value], value[::-1], [*value, None], [*value, {}], {"0": value})
        for n, element in enumerate(value):
            yield from ([*value[:n], each, *value[n + 1 :]] for each in others(element))
    elif isinstance(value, str):
        yield from (value + " ", " " + value, value + "\n", value + "\0", value[:-1], value[1:])
        yield from (value.upper(), value.lower(), value.replace("-", ""), "{" + value + "}")
        yield from ("+" + value, "-" + value, "0" + value, value + "0", value + ".0", "\ud800")
        yield from (value.replace(".", ""), value.replace(".", ","))
        yield from (value[:n] + chr(ord(each) + 1) + value[n + 1 :] for n, each in enumerate(value))
        yield from (value[:n] + "_" + value[n:] for n in range(len(value)))
        yield from (value[:n] + "." + value[n:].replace(".", "") for n in range(len(value)))
        yield from (value.translate({ord("0") + n: ord("０") + n for n in range(10)}), [value])
    elif isinstance(value, int):
        yield from (value + 1, value - 1, str(value), -value, 2**64, 10**30, value + 0.5, [value])


def changed(value: Any) -> Iterator[Any]:
    """Yield what is another JSON value."""
    was = json.dumps(value, sort_keys=True)
    return (each for each in others(value) if json.dumps(each, sort_keys=True) != was)


@pytest.mark.parametrize("field", sorted(LINES[TRADE]))
@pytest.mark.parametrize("index", [TRADE, REVERSAL])
def test_every_changed_field_of_the_record_is_found(index: int, field: str) -> None:
    """Any other value, of any type, in any spelling, however deep; and a field left out."""
    whole = bundle(index)
    for value in changed(whole["record"][field]):
        assert codes({**whole, "record": {**whole["record"], field: value}}), value
    rest = {name: value for name, value in whole["record"].items() if name != field}
    assert codes({**whole, "record": rest}) == ["bundle.malformed"]


@pytest.mark.parametrize("field", ["book", "code", "format", "index", "path", "root", "size"])
def test_every_changed_field_of_the_file_is_found(field: str) -> None:
    """The place, the path, the root, the size and whose book it is."""
    whole = bundle()
    for value in changed(whole[field]):
        assert codes({**whole, field: value}), value
    assert codes({name: value for name, value in whole.items() if name != field})


@pytest.mark.parametrize("number", range(3))
def test_every_changed_record_beside_is_found(number: int) -> None:
    """The commodities and the opening are proven as the transaction is."""
    whole = bundle()
    for value in changed(whole["beside"][number]):
        beside = [*whole["beside"][:number], value, *whole["beside"][number + 1 :]]
        assert codes({**whole, "beside": beside}), value
    beside = [*whole["beside"][:number], *whole["beside"][number + 1 :]]
    assert set(codes({**whole, "beside": beside})) <= NOT_SHOWN
    assert codes({**whole, "beside": beside})


def test_what_is_not_shown_is_said() -> None:
    """A file without the commodities, the opening or a checkpoint proves less, and says so."""
    assert codes(bundle(beside=(3, YUAN))) == ["bundle.code-not-shown"]
    assert codes(bundle(beside=(0, 3))) == ["bundle.scale-not-shown"]
    assert codes({**bundle(), "checkpoint": None}) == ["bundle.no-checkpoint"]
    assert codes(bundle(), trusted=[]) == ["bundle.not-authenticated"]
    said = {"code-not-shown", "scale-not-shown", "no-checkpoint", "not-authenticated"}
    assert {f"bundle.{each}" for each in said} == NOT_SHOWN


def test_the_point_of_an_amount_is_proven() -> None:
    """The leaf holds quanta; only the commodity's scale says that it was not ten times as much."""
    whole = bundle()
    whole["record"]["postings"][0]["amount"] = "23401.00"

    assert codes(whole) == ["bundle.amount"]


@pytest.mark.parametrize("amount", ["-0", "-0.00", "00.10", ".10", "1.", "+1", "1e2", "0_1", "1\n"])
def test_an_amount_has_one_spelling(amount: str) -> None:
    """Also where the bytes would be the same."""
    whole = bundle()
    whole["record"]["postings"][0]["amount"] = amount

    assert codes(whole) == ["bundle.malformed"]


@pytest.mark.parametrize("beside", [(0, 3, YUAN, 0), (0, 3, YUAN, YUAN)])
def test_one_meaning_beside_it(beside: tuple[int, ...]) -> None:
    """A second scale of a commodity would leave the reader to choose."""
    assert codes(bundle(beside=beside)) == ["bundle.twice"]


def test_another_transaction_of_the_same_log_is_not_this_one() -> None:
    """Its record in this place, or its place for this record."""
    one, other = bundle(TRADE), bundle(REVERSAL)

    assert "bundle.place" in codes({**one, "record": other["record"]})
    assert "bundle.root" in codes({**one, "path": other["path"]})
    assert "bundle.root" in codes({**one, "index": other["index"], "path": other["path"]})
    assert "bundle.leaf" in codes({**one, "book": str(UUID(int=5))})


def test_a_record_of_another_kind_is_no_transaction() -> None:
    """The file proves transactions."""
    it = bundle()
    it["record"], it["index"] = LINES[6], 6
    assert set(codes(it)) == {"bundle.malformed"}


def test_a_forged_log_has_no_checkpoint() -> None:
    """Whoever recomputes leaf, path and root has no signature on them."""
    forged = {**LINES[TRADE], "narrative": "gift"}
    forged["leaf"] = leaf_hash(record_bytes(BOOK, forged)).hex()
    whole = bundle(beside=())
    path = [bytes.fromhex(step) for step in whole["path"]]
    root = root_from_inclusion(bytes.fromhex(forged["leaf"]), TRADE, SIZE, path)
    whole = {**whole, "record": forged, "root": root.hex()}

    assert "bundle.checkpoint-differs" in codes(whole)
    note = signed(Checkpoint("ledger.example/main", SIZE, root).text, replace(KEY, seed=bytes(32)))
    assert "bundle.checkpoint" in codes({**whole, "checkpoint": note})
    assert set(codes({**whole, "checkpoint": note}, trusted=[])) <= NOT_SHOWN


def test_a_checkpoint_that_is_none_is_refused() -> None:
    """Malformed, of something else, or of another size, trusted or not."""
    text = signed("nothing\n", KEY)
    other = signed(Checkpoint("ledger.example/main", SIZE + 1, ROOT).text, KEY)
    for trusted in ([KEY.verifier], []):
        for note, code in (
            ("", "bundle.checkpoint"),
            (NOTE[:-1], "bundle.checkpoint"),
            (text, "bundle.checkpoint"),
            (other, "bundle.checkpoint-differs"),
        ):
            assert code in codes({**bundle(), "checkpoint": note}, trusted=trusted)
    assert codes(bundle(), trusted=[replace(KEY, seed=bytes(32)).verifier]) == ["bundle.checkpoint"]


def test_witnesses_may_be_asked_for() -> None:
    """As many as the reader wants."""
    whole = bundle()
    asked: Json = {"witnesses": [WITNESS.verifier], "needed": 1}

    assert codes(whole, **asked) == ["bundle.checkpoint"]
    assert codes({**whole, "checkpoint": cosigned(NOTE, WITNESS, 5)}, **asked) == []


@pytest.mark.parametrize("wrong", [None, [], "x", 5, {}, {"version": 1}])
def test_what_is_no_file_is_malformed(wrong: Any) -> None:
    """Any JSON value gets an answer."""
    assert set(codes(wrong)) == {"bundle.malformed"}


def test_another_version_is_not_read() -> None:
    """A later version is another page."""
    assert codes({**bundle(), "version": 2}) == ["bundle.malformed"]


AMBIGUOUS = ('{"a": 1, "a": 2}', '{"a": 1.5}', '{"a": NaN}', "{", "[" * 99_999)


@pytest.mark.parametrize("text", AMBIGUOUS, ids=range(len(AMBIGUOUS)))
def test_an_ambiguous_file_is_not_read(text: str) -> None:
    """What two readers could read as two files is refused."""
    with pytest.raises(ValueError):  # noqa: PT011
        read_bundle(text)
