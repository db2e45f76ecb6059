"""Writing a decision: the log's new rows, the projections they move, the evidence beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from ledger.core.periods import all_derived
from ledger.core.position import NOTHING, Position
from ledger.core.record import Consume, Hold, Transaction
from ledger.core.state import Entry, State, Turnover, Written
from ledger.proof import merkle
from ledger.proof.merkle import Tree
from ledger.store import tables, turnover
from ledger.store.bulk import Bulk, Head
from ledger.store.load import bulk
from ledger.store.prepared import Prepared, RareRows, Rows
from ledger.store.rows import account_row, commodity_row, event_row, held_row, person_row

CHUNK = 1_000
FEW, BEHIND_MAX = 64, 50_000
"""How many balances are written at once in any case, and how many records they may be behind."""
SETTLED = 250
"""After so many batches in a row a desk has the book to itself: it folds what others posted."""


def prepare(state: State, tree: Tree, database: Bulk) -> Prepared:
    """Hash the batch's records into the tree and pack everything it writes."""
    written, book = state.written, state.book
    leaves = [merkle.leaf_of(entry, book.uuid) for entry in written.entries]
    for leaf in leaves:
        tree.add(leaf)
    positions = _written_now(state)
    rare = [*_log_rows(state, tree)]
    if not written.plain:
        rare += _reference_rows(book.id, written)
        rare += _standing_rows(state)
        rare += _evidence_rows(book.id, written)
        rare += _market_rows(book.id, written)
    turned, folded_after = _turned_now(state)
    head = Head(
        state.seq,
        state.turned_seq,
        state.balanced_seq,
        state.marks.refusals + len(written.refusals),
        state.booked_at_us,
        state.accounts_opened,
        tree.packed,
    )
    before, state.marks = state.marks, head.marks
    turnovers = _summed(turned)
    hot = database.packed(state, written.entries, leaves, positions, turnovers, head, before)
    rows = tuple(each for each in rare if each.rows)
    few = hot.few and not rows and folded_after is None
    return Prepared(book, state.seq, hot, rows, folded_after, few, before)


def write(connection: Connection, prepared: Prepared) -> None:
    """Write a prepared batch; the caller holds the book's lock and commits."""
    bulk(connection).add(connection, prepared.hot)
    for table, rows, upserted, replaced in prepared.rare:
        if upserted:
            _upsert(connection, table, rows, replaced)
        else:
            _insert(connection, table, rows)
    if prepared.folded_after is not None:
        turnover.fold(connection, prepared.book, prepared.folded_after, prepared.seq)


def _turned_now(state: State) -> tuple[list[Turnover], int | None]:
    """Return the turnovers to be written, if they are far enough behind.

    Where another desk posted some of it, all of it is to be folded from the log after a record:
    soon, if this desk now has the book to itself.
    """
    state.unturned.update(dict.fromkeys(state.written.positions))
    catching_up = state.batch == SETTLED and not state.turned_whole
    if state.seq - state.turned_seq < turnover.STEP and not catching_up:
        return [], None
    state.set_aside()
    turned, whole, after = state.turnovers, state.turned_whole, state.turned_seq
    state.turnovers, state.turned_whole, state.turned_seq = [], True, state.seq
    return (turned, None) if whole else ([], after)


def _summed(turned: Sequence[Turnover]) -> list[Turnover]:
    """Add up what is of the same balance and days: one row each."""
    sums: dict[Any, Turnover] = {}
    for each in turned:
        key = (*each.position.key, each.effective_on, each.booked_on)
        before = sums.get(key)
        sums[key] = (
            each
            if before is None
            else each._replace(dr=before.dr + each.dr, cr=before.cr + each.cr)
        )
    return list(sums.values())


def _written_now(state: State) -> list[Position]:
    """Choose the balances to write: all that moved since they were last written, or none yet.

    None are written between long batches that follow each other on one state. What holds reserve
    is always written.
    """
    moved = [each for each in state.written.positions if _has_moved(each)]
    state.unwritten.update(dict.fromkeys(moved))
    behind = state.seq - state.balanced_seq
    if (
        state.batch > 1
        and not state.written.holds
        and len(state.unwritten) > FEW
        and behind < BEHIND_MAX
    ):
        return []
    positions = list(state.unwritten)
    state.unwritten.clear()
    state.balanced_seq = state.seq
    for position in positions:
        position.stored = True
    return positions


def _has_moved(position: Position) -> bool:
    return position.stored or position.totals != NOTHING


def _log_rows(state: State, tree: Tree) -> Iterator[RareRows]:
    rows: dict[str, Rows] = {}
    for entry in state.written.entries:
        for table, row in _rare_rows(entry, state):
            rows.setdefault(table, []).append({"book_id": state.book.id, "seq": entry.seq, **row})
    for name, added in rows.items():
        yield RareRows(tables.metadata.tables[name], added)
    nodes = [{"book_id": state.book.id, **node._asdict()} for node in tree.grown]
    tree.grown.clear()
    yield RareRows(tables.tree_nodes, nodes)


def _reference_rows(book_id: int, written: Written) -> Iterator[RareRows]:
    commodities = [commodity_row(each) for each in written.commodities]
    yield RareRows(tables.commodities, commodities)
    yield RareRows(tables.parties, [each._asdict() for each in written.parties], upserted=True)
    yield RareRows(tables.persons, [person_row(book_id, each) for each in written.persons])
    latest = {account.no: account for account in written.accounts}
    rows = [
        {"book_id": book_id, "no": no, "entity": account.entity, **account_row(account)}
        for no, account in latest.items()
    ]
    replaced = ("kinds", "bounds", "always_zero_days", "state")
    yield RareRows(tables.accounts, rows, upserted=True, replaced=replaced)
    refused = [{"book_id": book_id, **each._asdict()} for each in written.refusals]
    yield RareRows(tables.refusals, refused)


def _rare_rows(entry: Entry, state: State) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the rows of a record that are not those of every transaction."""
    record = entry.record
    if type(record) is Transaction:
        if not all_derived(record.periods, record.effective_on):
            for period in record.periods:
                kind, number = period.voucher or (None, None)
                yield "entity_periods", {
                    "entity": period.entity, "period": period.period,
                    "voucher_type": kind, "voucher_number": number,
                }  # fmt: skip
        return
    table, row = event_row(record)
    if isinstance(record, Consume):
        row["digest"] = state.consumptions[record.id].digest
    yield table, row
    if isinstance(record, Hold):
        for number, line in enumerate(record.lines, 1):
            yield "hold_lines", {
                "line": number, "account_no": state.accounts[line.account].no,
                "commodity": line.commodity, "side": int(line.side), "quanta": line.quanta,
            }  # fmt: skip


def _standing_rows(state: State) -> Iterator[RareRows]:
    """Yield how proposals, holds, periods and vouchers stand after the batch."""
    written, book = state.written, {"book_id": state.book.id}
    proposals = [state.proposals[id]._asdict() for id in dict.fromkeys(written.proposals)]
    holds = [held_row(state.holds[id]) for id in dict.fromkeys(written.holds)]
    periods = [
        {**key._asdict(), "state": state.periods[key]} for key in dict.fromkeys(written.periods)
    ]
    vouchers = [
        {**key._asdict(), "last": state.vouchers[key]} for key in dict.fromkeys(written.vouchers)
    ]
    for table, rows, replaced in (
        (tables.proposals, proposals, ("state",)),
        (tables.hold_states, holds, ("remaining", "state", "settled_seq")),
        (tables.period_states, periods, ("state",)),
        (tables.voucher_counters, vouchers, ("last",)),
    ):
        yield RareRows(table, [{**book, **row} for row in rows], upserted=True, replaced=replaced)


def _evidence_rows(book_id: int, written: Written) -> Iterator[RareRows]:
    kept = written.evidence
    yield RareRows(tables.evidence, [
        {"book_id": book_id, "id": each.id, "kind": each.kind, "code": each.code,
         "content": each.text, "digest": each.digest}
        for each in kept
    ])  # fmt: skip
    yield RareRows(tables.evidence_links, [
        {"book_id": book_id, "id": each.id, "rests_on": other.id, "digest": other.digest}
        for each in kept for other in each.rests_on
    ])  # fmt: skip


def _market_rows(book_id: int, written: Written) -> Iterator[RareRows]:
    for table, added in (
        (tables.market_events, written.market_events),
        (tables.market_effects, written.market_effects),
    ):
        yield RareRows(table, [{"book_id": book_id, **each._asdict()} for each in added])


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
