"""A history with every kind of record, told by the ledger on both databases, verifies."""

import pytest

from ledger.proof.verify import verify
from tests.ledger.proof.history import Exported, exported, told
from tests.ledger.test_verify import change


@pytest.fixture
def history(database_url: str) -> Exported:
    """The export of the history."""
    with told(database_url) as store:
        return Exported(exported(store))


def test_the_history_verifies(history: Exported) -> None:
    """Nothing is found, before and after the export is sealed again."""
    kinds = {line["record"] for line in history.lines if "record" in line}

    assert verify(history.lines).findings == []
    assert verify(history.sealed()).findings == []
    assert kinds == {
        "book", "account-opened", "account-changed", "commodity", "transaction", "hold", "void",
        "expiry", "period", "annotation", "consume", "foreign-digest",
    }  # fmt: skip


EDITS = (
    ("hold", "standing", "UPDATE hold_lines SET quanta = quanta + 1 WHERE seq = {seq}"),
    ("hold", "standing", "UPDATE hold_lines SET side = 1 - side WHERE seq = {seq}"),
    ("hold", "order", "UPDATE holds SET deadline_us = deadline_us + 1 WHERE seq = {seq}"),
    ("void", "given up", "UPDATE voids SET reason = 'lost' WHERE seq = {seq}"),
    ("expiry", "short", "UPDATE expiries SET deadline_us = deadline_us - 1 WHERE seq = {seq}"),
    ("period", "reopened", "UPDATE period_events SET reason = 'a wish' WHERE seq = {seq}"),
    ("consume", "picked up", "UPDATE consumptions SET consumes = '[]' WHERE seq = {seq}"),
    ("foreign-digest", "", "UPDATE foreign_digests SET reference = 'x' WHERE seq = {seq}"),
    ("annotation", "", "UPDATE annotations SET metadata = '{{}}' WHERE seq = {seq}"),
    ("transaction", "red", "UPDATE entity_periods SET voucher_number = 9 WHERE seq = {seq}"),
    ("transaction", "trade", "UPDATE transactions SET consumes = '[]' WHERE seq = {seq}"),
    ("transaction", "sweep", "UPDATE transactions SET up_to = NULL WHERE seq = {seq}"),
)


@pytest.mark.parametrize(("kind", "name", "statement"), EDITS, ids=[each[2] for each in EDITS])
def test_an_edited_row_is_named(database_url: str, kind: str, name: str, statement: str) -> None:
    """Whoever edits a row of the log in the database changes a record, which is named."""
    with told(database_url) as store:
        line = (history := Exported(exported(store))).kind(kind)
        line = history.named(name, kind) if name else line
        change(store, statement.format(seq=line["seq"]))
        found = {(each.code, each.seq) for each in verify(exported(store)).findings}

    assert ("verify.leaf", line["seq"]) in found
