"""Loading, under the book's lock, exactly what a batch needs."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Table, or_, select

from ledger.core import body as bodies
from ledger.core.book import Book
from ledger.core.entered import Entered
from ledger.core.footprint import Footprint, names
from ledger.core.position import NEVER, NOTHING, Position
from ledger.core.refusals import UnknownBook
from ledger.core.state import Cited, PeriodKey, Proposal, Refusal, Seen, State, VoucherKey
from ledger.proof.merkle import Tree
from ledger.store import bulk_postgresql, bulk_sqlite, market_log, tables
from ledger.store.bulk import (
    CONSUMPTION,
    DUE,
    HOLD,
    PROPOSAL,
    REFUSAL,
    TRANSACTION,
    Bulk,
    Head,
    KnownId,
)
from ledger.store.log import hold_lines, read_log
from ledger.store.rows import account_of, commodity_of, held_of

CHUNK = 500
OPENED = select(tables.books, tables.heads.c.time_zone, tables.heads.c.policy).join(
    tables.heads, tables.heads.c.book_id == tables.books.c.id
)
BULK: dict[str, Bulk] = {"sqlite": bulk_sqlite, "postgresql": bulk_postgresql}


def bulk(connection: Connection) -> Bulk:
    """Return what this database does to many rows at once."""
    return BULK[connection.dialect.name]


def find_book(connection: Connection, code: str) -> Book:
    """Return the book of this code, or refuse."""
    row = connection.execute(OPENED.where(tables.books.c.code == code)).mappings().first()
    if row is None:
        raise UnknownBook(code)
    return _book(row)


def every_book(connection: Connection) -> list[Book]:
    """Return all books, in the order in which they were opened."""
    rows = connection.execute(OPENED.order_by(tables.books.c.id)).mappings()
    return [_book(row) for row in rows]


def _book(row: RowMapping) -> Book:
    policy = json.loads(row["policy"])
    return Book(row["id"], row["code"], row["uuid"], row["time_zone"], policy)


def fresh_state(
    connection: Connection, book: Book, head: Head, earlier: State | None = None
) -> tuple[State, Tree]:
    """Return the state and the tree of a book at its head, with nothing but accounts loaded yet."""
    state = State(book, head.seq, head.booked_at_us, head.accounts_opened, head.seq,
                  head.turned_seq, head.turned_seq == head.seq, head.marks)  # fmt: skip
    if earlier is not None:
        state.floors = earlier.floors
    event = tables.account_events.c
    changed = select(event.seq).where(event.book_id == book.id).limit(1)
    if earlier is not None and not connection.execute(changed.where(event.seq > earlier.seq)).all():
        state.inherit(earlier)
    period = tables.period_states
    for row in connection.execute(select(period).where(period.c.book_id == book.id)).mappings():
        state.periods[PeriodKey(row["entity"], row["basis"], row["period"])] = row["state"]
    counter = tables.voucher_counters
    for row in connection.execute(select(counter).where(counter.c.book_id == book.id)).mappings():
        state.vouchers[VoucherKey(row["entity"], row["period"], row["type"])] = row["last"]
    return state, Tree.read(head.seq, head.frontier)


def fill(connection: Connection, state: State, needs: Footprint, now_us: int) -> None:
    """Load what a batch needs and the state does not have yet."""
    if needs.entered:
        _fill_floors(connection, state, needs)
    latest = max(now_us, state.booked_at_us)
    known = bulk(connection).known_ids(connection, state.book.id, needs.ids, latest)
    state.due = [each.id for each in known if each.what == DUE]
    _fill_ids(connection, state, known)
    for id in needs.approved:
        if id in state.proposals:
            needs.add(bodies.read(json.loads(state.proposals[id].body)))
    _fill_holds(connection, state, needs, [each.id for each in known if each.what == HOLD])
    needs.pairs = {pair for pair in needs.pairs if pair not in state.positions}
    _fill_commodities(connection, state, needs)
    _fill_accounts(connection, state, needs)
    _fill_positions(connection, state, needs.pairs)
    if needs.reverses:
        _fill_originals(connection, state, needs.reverses)
    state.awaited = frozenset(needs.reverses).difference(state.originals)
    book_id = state.book.id
    for row in rows_where(connection, tables.evidence, book_id, "id", needs.evidence):
        state.evidence_digests[row["id"]] = row["digest"]
    _fill_cited(connection, state, needs.cited)
    if needs.parties:
        chosen = select(tables.parties.c.id).where(tables.parties.c.id.in_(needs.parties))
        state.parties.update(dict.fromkeys(connection.execute(chosen).scalars()))


def rows_where(
    connection: Connection, table: Table, book_id: int, column: str, values: Iterable[Any]
) -> Iterator[Any]:
    """Select rows of a book whose column is among the values, some hundred at a time."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), CHUNK):
        chosen = select(table).where(
            table.c.book_id == book_id, table.c[column].in_(wanted[start : start + CHUNK])
        )
        yield from connection.execute(chosen).mappings()


def _fill_floors(connection: Connection, state: State, needs: Footprint) -> None:
    """Bring the markets that are told something up to what is stored, then ask what they need."""
    for code, told in needs.entered.items():
        if code not in state.floors:
            state.floors[code] = told[0].floor()
        floor = state.floors[code]
        number = floor.number or market_log.begun(connection, state.book, code)
        floor.replay(market_log.after(connection, state.book, code, number))
        floor.needs(needs, told)
        ids = [item.id for item in told if item.id not in state.entered]
        for row in rows_where(connection, tables.market_events, state.book.id, "id", ids):
            known = Entered(row["digest"], row["number"], row["refusal"])
            state.entered.setdefault(row["id"], known)


def _fill_ids(connection: Connection, state: State, known: Sequence[KnownId]) -> None:
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    for each in known:
        if each.what == TRANSACTION:
            state.seen[each.id] = Seen(each.digest, each.seq)
        elif each.what == CONSUMPTION:
            state.consumptions[each.id] = Seen(each.digest, each.seq)
        else:
            by_kind[each.what].append(each.id)
    book_id = state.book.id
    for row in rows_where(connection, tables.refusals, book_id, "id", by_kind[REFUSAL]):
        state.refused[row["id"]] = Refusal(row["id"], row["digest"], row["code"], row["facts"])
    for row in rows_where(connection, tables.proposals, book_id, "id", by_kind[PROPOSAL]):
        proposal = Proposal(
            row["id"], row["seq"], row["digest"], row["body"], row["preparer"], row["state"]
        )
        state.proposals.setdefault(proposal.id, proposal)


def _fill_holds(
    connection: Connection, state: State, needs: Footprint, replayed: Sequence[UUID]
) -> None:
    """Load holds by id, by group, and those that are due; their positions are needed too."""
    wanted = [*needs.holds, *state.due, *replayed]
    if not wanted and not needs.groups:
        return
    at, book_id = tables.hold_states, state.book.id
    rows = [*rows_where(connection, at, book_id, "id", wanted)]
    for row in rows_where(connection, at, book_id, "group_id", needs.groups):
        rows.append(row)
        members = state.groups.setdefault(row["group_id"], [])
        if row["id"] not in members:
            members.append(row["id"])
    lines: dict[int, list[Any]] = defaultdict(list)
    for row in rows_where(connection, tables.hold_lines, book_id, "seq", [r["seq"] for r in rows]):
        lines[row["seq"]].append(row)
    numbers = {row["account_no"] for group in lines.values() for row in group}
    accounts = tables.accounts
    codes = {
        row["no"]: row["code"]
        for row in rows_where(connection, accounts, book_id, "no", sorted(numbers))
    }
    for row in rows:
        if row["id"] not in state.holds:
            ordered = sorted(lines[row["seq"]], key=lambda line: line["line"])
            held = held_of(row, hold_lines(ordered, codes))
            state.holds[held.id] = held
            needs.pairs.update((line.account, line.commodity) for line in held.lines)


def _fill_commodities(connection: Connection, state: State, needs: Footprint) -> None:
    named = names(needs.pairs)[1] | needs.commodities
    codes = {code for code in named if code not in state.commodities}
    if not codes:
        return
    chosen = select(tables.commodities).where(tables.commodities.c.code.in_(codes))
    for row in connection.execute(chosen).mappings():
        state.commodities[row["code"]] = commodity_of(dict(row))
    for row in rows_where(connection, tables.commodity_uses, state.book.id, "code", codes):
        state.used[row["code"]] = True


def _fill_accounts(connection: Connection, state: State, needs: Footprint) -> None:
    book_id = state.book.id
    named = names(needs.pairs)[0] | needs.accounts
    codes = {code for code in named if code not in state.accounts}
    for row in rows_where(connection, tables.accounts, book_id, "code", codes):
        state.accounts[row["code"]] = account_of(row, row["no"])
    at, held = tables.accounts, tables.balances
    if not needs.closing:
        return
    closing = or_(*(
        (at.c.entity == entity) & (at.c.basis == basis) for entity, basis in needs.closing
    ))  # fmt: skip
    joined = at.join(held, (held.c.book_id == at.c.book_id) & (held.c.account_no == at.c.no))
    chosen = select(at, held.c.commodity).select_from(joined)
    chosen = chosen.where(at.c.book_id == book_id, closing)
    for row in connection.execute(chosen).mappings():
        state.accounts.setdefault(row["code"], account_of(dict(row), row["no"]))
        needs.pairs.add((row["code"], row["commodity"]))
    needs.closing.clear()
    _fill_commodities(connection, state, needs)


def _fill_positions(connection: Connection, state: State, pairs: Iterable[tuple[str, str]]) -> None:
    """Load the balances of pairs; one without a balance stands at zero from now on."""
    wanted = {}
    for pair in pairs:
        if pair not in state.positions:
            account, commodity = state.accounts.get(pair[0]), state.commodities.get(pair[1])
            if account is not None and commodity is not None:
                wanted[account.no, commodity.code] = (account, commodity)
    if not wanted:
        return
    for account, commodity in wanted.values():
        pair = (account.code, commodity.code)
        position = state.stale.pop(pair, None) or Position(account, commodity)
        if position.account is not account:
            position.ruled_by(account)
        position.restore(NOTHING)
        position.begin_day(NEVER)
        position.stored, position.moved_in = False, 0
        state.positions[pair] = position
    for no, code, totals in bulk(connection).totals(connection, state.book.id, list(wanted)):
        position = state.positions[wanted[no, code][0].code, code]
        position.restore(totals)
        position.begin_day(NEVER)
        position.stored = True


def _fill_cited(connection: Connection, state: State, keys: Sequence[tuple[str, str]]) -> None:
    references = [reference for _, reference in keys]
    cited = tables.foreign_digests
    for row in rows_where(connection, cited, state.book.id, "reference", references):
        known = Cited(row["digest"], json.loads(row["metadata"]), row["seq"])
        state.cited.setdefault((row["what"], row["reference"]), known)


def _fill_originals(connection: Connection, state: State, ids: Sequence[UUID]) -> None:
    for row in rows_where(connection, tables.transactions, state.book.id, "id", ids):
        (entry, _) = next(read_log(connection, state.book, row["seq"], row["seq"]))
        state.originals[row["id"]] = entry.record  # type: ignore[assignment]
    for row in rows_where(connection, tables.transactions, state.book.id, "reverses", ids):
        state.reversals[row["reverses"]] = row["id"]
