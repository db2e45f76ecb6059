"""Writing a decision: the log's new rows, the projections they move, the evidence beside them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from ledger.core.position import NEVER
from ledger.core.posting import derived_periods
from ledger.core.record import Hold, Transaction
from ledger.core.state import Entry, State, Written
from ledger.proof import merkle
from ledger.proof.merkle import Tree
from ledger.store import tables
from ledger.store.load import bulk
from ledger.store.rows import account_row, commodity_row, event_row, held_row
from ledger.store.turnover import fold

Rows = list[dict[str, Any]]
CHUNK = 1_000


def write(connection: Connection, state: State, tree: Tree) -> None:
    """Write what a batch decided; the caller holds the book's lock and commits."""
    book_id, written = state.book.id, state.written
    _write_log(connection, state, tree)
    _insert(connection, tables.commodities, [commodity_row(each) for each in written.commodities])
    _upsert(connection, tables.parties, [each._asdict() for each in written.parties])
    _write_accounts(connection, book_id, written)
    stored = [each for each in written.positions if each.stored or each.latest != NEVER or any(
        each.totals[:4]
    )]  # fmt: skip
    bulk(connection).move(connection, book_id, stored)
    for position in stored:
        position.stored = True
    _insert(
        connection, tables.refusals,
        [{"book_id": book_id, **each._asdict()} for each in written.refusals],
    )  # fmt: skip
    _write_standing(connection, state)
    _write_evidence(connection, book_id, written)
    head = tables.heads
    connection.execute(
        head.update().where(head.c.book_id == book_id),
        {"seq": state.seq, "frontier": tree.packed, "booked_at_us": state.booked_at_us,
         "accounts_opened": state.accounts_opened},
    )  # fmt: skip
    fold(connection, state.book, state.seq)


def _write_log(connection: Connection, state: State, tree: Tree) -> None:
    entries, book = state.written.entries, state.book
    leaves = [merkle.leaf_of(entry, book.uuid) for entry in entries]
    for leaf in leaves:
        tree.add(leaf)
    bulk(connection).add_entries(connection, state, entries, leaves)
    rows: dict[str, Rows] = {}
    for entry in entries:
        for table, row in _rare_rows(entry, state):
            rows.setdefault(table, []).append({"book_id": book.id, "seq": entry.seq, **row})
    for table, added in rows.items():
        _insert(connection, tables.metadata.tables[table], added)
    nodes = [{"book_id": book.id, **node._asdict()} for node in tree.grown]
    tree.grown.clear()
    _insert(connection, tables.tree_nodes, nodes)


def _rare_rows(entry: Entry, state: State) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the rows of a record that are not those of every transaction."""
    record = entry.record
    if type(record) is Transaction:
        entities = tuple([each.entity for each in record.periods])
        if record.periods != derived_periods(entities, record.effective_on):
            for period in record.periods:
                kind, number = period.voucher or (None, None)
                yield "entity_periods", {
                    "entity": period.entity, "period": period.period,
                    "voucher_type": kind, "voucher_number": number,
                }  # fmt: skip
        return
    yield event_row(record)
    if isinstance(record, Hold):
        for number, line in enumerate(record.lines, 1):
            yield "hold_lines", {
                "line": number, "account_no": state.accounts[line.account].no,
                "commodity": line.commodity, "side": int(line.side), "quanta": line.quanta,
            }  # fmt: skip


def _write_accounts(connection: Connection, book_id: int, written: Written) -> None:
    latest = {account.no: account for account in written.accounts}
    rows = [
        {"book_id": book_id, "no": no, "entity": account.entity, **account_row(account)}
        for no, account in latest.items()
    ]
    replaced = ("kinds", "bounds", "always_zero_days", "state")
    _upsert(connection, tables.accounts, rows, replaced=replaced)


def _write_standing(connection: Connection, state: State) -> None:
    """Write how proposals, holds, periods and vouchers stand after the batch."""
    written, book = state.written, {"book_id": state.book.id}
    _upsert(
        connection, tables.proposals,
        [{**book, **state.proposals[id]._asdict()} for id in dict.fromkeys(written.proposals)],
        replaced=("state",),
    )  # fmt: skip
    _upsert(
        connection, tables.hold_states,
        [{**book, **held_row(state.holds[id])} for id in dict.fromkeys(written.holds)],
        replaced=("remaining", "state", "settled_seq"),
    )  # fmt: skip
    _upsert(
        connection, tables.period_states,
        [
            {**book, **key._asdict(), "state": state.periods[key]}
            for key in dict.fromkeys(written.periods)
        ],
        replaced=("state",),
    )  # fmt: skip
    _upsert(
        connection, tables.voucher_counters,
        [
            {**book, **key._asdict(), "last": state.vouchers[key]}
            for key in dict.fromkeys(written.vouchers)
        ],
        replaced=("last",),
    )  # fmt: skip


def _write_evidence(connection: Connection, book_id: int, written: Written) -> None:
    kept = written.evidence
    _insert(connection, tables.evidence, [
        {"book_id": book_id, "id": each.id, "kind": each.kind, "code": each.code,
         "content": each.text, "digest": each.digest}
        for each in kept
    ])  # fmt: skip
    _insert(connection, tables.evidence_links, [
        {"book_id": book_id, "id": each.id, "rests_on": other.id, "digest": other.digest}
        for each in kept for other in each.rests_on
    ])  # fmt: skip


def _insert(connection: Connection, table: Table, rows: Rows) -> None:
    for start in range(0, len(rows), CHUNK):
        connection.execute(table.insert(), rows[start : start + CHUNK])


def _upsert(
    connection: Connection, table: Table, rows: Rows, replaced: tuple[str, ...] = ()
) -> None:
    """Insert rows; where the key exists, replace the named columns, else keep the old row."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    key = [column.name for column in table.primary_key]
    moved: Mapping[str, Any] = {name: insert.excluded[name] for name in replaced}
    written = (
        insert.on_conflict_do_update(index_elements=key, set_=moved)
        if moved
        else insert.on_conflict_do_nothing(index_elements=key)
    )
    for start in range(0, len(rows), CHUNK):
        connection.execute(written, rows[start : start + CHUNK])
