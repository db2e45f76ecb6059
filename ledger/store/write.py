"""Writing a decision: the log's new rows, the projections they move, the evidence beside them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from ledger.core.record import AccountChanged, AccountOpened, Transaction
from ledger.core.state import Entry, State, changed
from ledger.proof import merkle
from ledger.store import tables
from ledger.store.rows import account_row, commodity_row, event_row

Rows = list[dict[str, Any]]
CHUNK = 1_000


def write(connection: Connection, after: State, frontier: bytes) -> None:
    """Write what was decided; the caller holds the book's lock and commits."""
    book_id = after.book.id
    grown = _write_log(connection, after, merkle.unpacked(frontier))
    _write_reference(connection, after)
    _write_accounts(connection, after)
    _write_balances(connection, after)
    refused = changed(after.refused).items()
    _insert(
        connection,
        tables.refusals,
        [{"book_id": book_id, "id": id, **each._asdict()} for id, each in refused],
    )
    proposed = [
        {"book_id": book_id, **each._asdict()} for each in changed(after.proposals).values()
    ]
    _upsert(connection, tables.proposals, proposed, replaced=("state",))
    _write_evidence(connection, after)
    head = tables.heads
    connection.execute(
        head.update().where(head.c.book_id == book_id),
        {"seq": after.seq, "frontier": merkle.packed(grown), "booked_at_us": after.booked_at_us,
         "accounts_opened": after.accounts_opened},
    )  # fmt: skip


def _write_log(connection: Connection, after: State, frontier: merkle.Frontier) -> merkle.Frontier:
    rows: dict[str, Rows] = {}
    for entry in after.entries:
        leaf = merkle.leaf_of(entry, after.book.uuid)
        frontier = merkle.grown(frontier, entry.seq - 1, leaf)
        for table, row in _entry_rows(entry, leaf, after):
            rows.setdefault(table, []).append({"book_id": after.book.id, "seq": entry.seq, **row})
    for table, written in rows.items():
        _insert(connection, tables.metadata.tables[table], written)
    return frontier


def _entry_rows(entry: Entry, leaf: bytes, after: State) -> Iterable[tuple[str, dict[str, Any]]]:
    record = entry.record
    yield "records", {"kind": record.KIND, "booked_at_us": entry.booked_at_us, "leaf": leaf}
    yield event_row(record)
    if isinstance(record, Transaction):
        for period in record.periods:
            kind, number = period.voucher or (None, None)
            yield "entity_periods", {
                "entity": period.entity, "period": period.period,
                "voucher_type": kind, "voucher_number": number,
            }  # fmt: skip
        for number, (line, balance) in enumerate(zip(record.postings, entry.after, strict=True)):
            yield "postings", {
                "line": number + 1, "account_no": after.accounts[line.account].no,
                "commodity": line.commodity, "side": int(line.side), "red": int(line.red),
                "quanta": line.quanta, "balance_after": balance,
            }  # fmt: skip


def _write_reference(connection: Connection, after: State) -> None:
    declared = [commodity_row(each) for each in changed(after.commodities).values()]
    _insert(connection, tables.commodities, declared)
    _upsert(
        connection, tables.parties, [each._asdict() for each in changed(after.parties).values()]
    )


def _write_accounts(connection: Connection, after: State) -> None:
    written = {
        entry.record.account.no: entry.record.account
        for entry in after.entries
        if isinstance(entry.record, AccountOpened | AccountChanged)
    }
    rows = [
        {"book_id": after.book.id, "no": no, "entity": account.entity, **account_row(account)}
        for no, account in written.items()
    ]
    _upsert(
        connection, tables.accounts, rows,
        replaced=("kinds", "bounds", "always_zero_days", "state"),
    )  # fmt: skip


def _write_balances(connection: Connection, after: State) -> None:
    book_id = after.book.id
    rows = [
        {"book_id": book_id, "account_no": no, "commodity": commodity, **balance._asdict()}
        for (no, commodity), balance in changed(after.balances).items()
    ]
    moved = ("dr_posted", "cr_posted", "dr_held", "cr_held", "last_effective_on")
    _upsert(connection, tables.balances, rows, replaced=moved)
    turned = [
        {"book_id": book_id, "account_no": no, "commodity": commodity,
         "effective_on": effective_on, "booked_on": booked_on, "dr": dr, "cr": cr}
        for (no, commodity, effective_on, booked_on), (dr, cr) in changed(after.turnovers).items()
    ]  # fmt: skip
    _upsert(connection, tables.turnovers, turned, added=("dr", "cr"))


def _write_evidence(connection: Connection, after: State) -> None:
    book_id, kept = after.book.id, changed(after.evidence).values()
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
    connection: Connection,
    table: Table,
    rows: Rows,
    replaced: tuple[str, ...] = (),
    added: tuple[str, ...] = (),
) -> None:
    """Insert rows; where the key exists, replace or add to the named columns, else keep the old."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    key = [column.name for column in table.primary_key]
    moved: Mapping[str, Any] = {
        **{name: insert.excluded[name] for name in replaced},
        **{name: table.c[name] + insert.excluded[name] for name in added},
    }
    written = (
        insert.on_conflict_do_update(index_elements=key, set_=moved)
        if moved
        else insert.on_conflict_do_nothing(index_elements=key)
    )
    for start in range(0, len(rows), CHUNK):
        connection.execute(written, rows[start : start + CHUNK])
