"""Every law of the ledger as one function returning findings, for auditors and for tests."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, case, func, select

from ledger import persons
from ledger.balances import balances
from ledger.core.book import Book
from ledger.core.errors import Finding
from ledger.core.hold import APPROVAL, CONSUMED, EXPIRED, VOIDED
from ledger.core.state import APPROVED, PENDING, REJECTED
from ledger.core.transfer import RECORD
from ledger.foreign_digests import BOOK_RECORD, read
from ledger.market import laws as market_laws
from ledger.rights import laws
from ledger.store import tables
from ledger.store.load import find_book
from ledger.store.log import EVENT_TABLES
from ledger.store.standing import standing
from ledger.store.store import Store

Check = Callable[[Connection, Book], Iterator[Finding]]


def audit(store: Store, code: str, also: Sequence[Check] = ()) -> list[Finding]:
    """Run every check on a book, and others that callers bring; return all findings."""
    with store.reading() as connection:
        book = find_book(connection, code)
        return [finding for check in (*CHECKS, *also) for finding in check(connection, book)]


def entities_balance(connection: Connection, book: Book) -> Iterator[Finding]:
    """Debits equal credits per entity, basis and commodity (invariant 1)."""
    sums: dict[tuple[str, str, str], int] = {}
    for each in balances(connection, book):
        at = (each.account.entity, each.account.basis, each.commodity.code)
        sums[at] = sums.get(at, 0) + each.balance.quanta
    for (entity, basis, commodity), difference in sums.items():
        if difference:
            facts = {"entity": entity, "basis": basis, "commodity": commodity}
            yield _finding("audit.trial-balance", "Debits and credits differ", facts)


def balances_follow_postings(connection: Connection, book: Book) -> Iterator[Finding]:
    """Each balance is the sum of its postings."""
    held = standing(connection, book).subquery().c
    stated = select(held.account_no, held.commodity, held.dr_posted, held.cr_posted)
    yield from _differences(connection, book, stated, "audit.balance")


def turnovers_follow_postings(connection: Connection, book: Book) -> Iterator[Finding]:
    """The day turnovers add up to the postings, as far as they have been folded."""
    turned, head = tables.turnovers.c, tables.heads.c
    upto = connection.execute(select(head.turned_seq).where(head.book_id == book.id)).scalar_one()
    stated = (
        select(turned.account_no, turned.commodity, func.sum(turned.dr), func.sum(turned.cr))
        .where(turned.book_id == book.id)
        .group_by(turned.account_no, turned.commodity)
    )
    yield from _differences(connection, book, stated, "audit.turnover", upto)


def held_balances_follow_holds(connection: Connection, book: Book) -> Iterator[Finding]:
    """What a balance holds back is what remains of the holds that still reserve."""
    reserved: dict[tuple[int, str], list[int]] = {}
    state, line = tables.hold_states, tables.hold_lines
    joined = state.join(line, (line.c.book_id == state.c.book_id) & (line.c.seq == state.c.seq))
    chosen = select(line, state.c.remaining).select_from(joined)
    for row in connection.execute(chosen.where(state.c.book_id == book.id)).mappings():
        held = reserved.setdefault((row["account_no"], row["commodity"]), [0, 0])
        held[row["side"]] += json.loads(row["remaining"])[row["line"] - 1]
    for row in _of_book(connection, tables.balances, book, tables.balances.c.account_no):
        key = (row["account_no"], row["commodity"])
        if [row["dr_held"], row["cr_held"]] != reserved.pop(key, [0, 0]):
            yield _finding("audit.held", "Not what its holds reserve", {"account_no": key[0]})
    for (no, _), held in reserved.items():
        if any(held):
            yield _finding("audit.held", "Reserved, and without a balance", {"account_no": no})


def holds_follow_the_log(connection: Connection, book: Book) -> Iterator[Finding]:
    """Each hold stands as the log left it: pending, or settled by the record that it names."""
    settled: dict[UUID, tuple[str, int]] = {}
    consuming = [
        row
        for made in (tables.transactions.c, tables.consumptions.c)
        for row in connection.execute(
            select(made.seq, made.consumes).where(made.book_id == book.id, made.consumes != "[]")
        )
    ]
    remaining = {
        row["id"]: json.loads(row["remaining"])
        for row in _of_book(connection, tables.hold_states, book, tables.hold_states.c.seq)
    }
    for seq, text in sorted(map(tuple, consuming)):
        for hold, *_ in json.loads(text):
            settled[UUID(hold)] = (CONSUMED, seq)
    for table, state in ((tables.voids, VOIDED), (tables.expiries, EXPIRED)):
        for row in _of_book(connection, table, book, table.c.seq):
            settled[row["hold"]] = (state, row["seq"])
    logged = {
        row["id"]: row
        for row in _of_book(connection, tables.holds, book, tables.holds.c.seq)
        if row["kind"] != APPROVAL
    }
    for row in _of_book(connection, tables.hold_states, book, tables.hold_states.c.seq):
        witness = logged.pop(row["id"], None)
        names = ("seq", "digest", "kind", "group_id", "deadline_us")
        same = witness is not None and all(witness[name] == row[name] for name in names)
        pending = row["state"] == PENDING and row["settled_seq"] is None
        as_left = pending or settled.get(row["id"]) == (row["state"], row["settled_seq"])
        open_ = any(remaining[row["id"]]) == (row["state"] == PENDING)
        if not (same and as_left and open_):
            facts = {"id": str(row["id"]), "seq": row["seq"]}
            yield _finding("audit.hold", "Not as the log left it", facts)
    for id, row in logged.items():
        facts = {"id": str(id), "seq": row["seq"]}
        yield _finding("audit.hold", "In the log only", facts)


def periods_follow_the_log(connection: Connection, book: Book) -> Iterator[Finding]:
    """Each period is as its latest event left it; vouchers count without a gap."""
    event, counter = tables.period_events, tables.voucher_counters
    names = ("entity", "basis", "period")
    left = {
        tuple(row[name] for name in names): row["state"]
        for row in _of_book(connection, event, book, event.c.seq)
    }
    standing = {
        tuple(row[name] for name in names): row["state"]
        for row in _of_book(connection, tables.period_states, book, tables.period_states.c.entity)
    }
    for key in left.keys() | standing.keys():
        if left.get(key) != standing.get(key):
            facts = dict(zip(names, key, strict=True))
            yield _finding("audit.period", "Not as the log left it", facts)
    of = tables.entity_periods.c
    counted = connection.execute(
        select(of.entity, of.period, of.voucher_type, func.count(), func.max(of.voucher_number))
        .where(of.book_id == book.id, of.voucher_type.is_not(None))
        .group_by(of.entity, of.period, of.voucher_type)
    )
    last = {
        (row["entity"], row["period"], row["type"]): row["last"]
        for row in _of_book(connection, counter, book, counter.c.entity)
    }
    for entity, period, kind, count, highest in counted:
        if not count == highest == last.pop((entity, period, kind), None):
            facts = {"entity": entity, "period": period, "type": kind}
            yield _finding("audit.voucher", "The vouchers do not count without a gap", facts)
    for entity, period, kind in last:
        facts = {"entity": entity, "period": period, "type": kind}
        yield _finding("audit.voucher", "Counted vouchers are not in the log", facts)


def accounts_follow_the_log(connection: Connection, book: Book) -> Iterator[Finding]:
    """Each account is as its latest event in the log left it."""
    event = tables.account_events
    logged = {row["account_no"]: row for row in _of_book(connection, event, book, event.c.seq)}
    names = [column.name for column in tables.accounts.c if column.name in event.c]
    for row in _of_book(connection, tables.accounts, book, tables.accounts.c.no):
        witness = logged.pop(row["no"], None)
        if witness is None or any(witness[name] != row[name] for name in names):
            yield _finding("audit.account", "Not as the log left it", {"account": row["code"]})
    for witness in logged.values():
        yield _finding("audit.account", "In the log only", {"account": witness["code"]})


def commodities_follow_the_log(connection: Connection, book: Book) -> Iterator[Finding]:
    """A commodity has the unit, scale and kind with which the book first used it."""
    used = tables.commodity_uses
    declared = {
        row["code"]: row for row in connection.execute(select(tables.commodities)).mappings()
    }
    for row in _of_book(connection, used, book, used.c.seq):
        names = ("unit", "scale", "kind", "instrument")
        known = declared.get(row["code"])
        if known is None or any(known[name] != row[name] for name in names):
            facts = {"commodity": row["code"], "seq": row["seq"]}
            yield _finding("audit.commodity", "Not as the book first used it", facts)


def proposals_follow_holds(connection: Connection, book: Book) -> Iterator[Finding]:
    """What waits for approval is what its hold in the log reserved, and stands as the log says."""
    hold, made, void = tables.holds.c, tables.transactions.c, tables.voids.c
    proposal = tables.proposals.c
    held = {
        row.id: row
        for row in connection.execute(
            select(hold.id, hold.digest, hold.preparer).where(
                hold.book_id == book.id, hold.kind == APPROVAL
            )
        )
    }
    proposed = select(made.id).join(
        tables.proposals, (proposal.book_id == made.book_id) & (proposal.id == made.id)
    )
    posted = set(connection.execute(proposed.where(made.book_id == book.id)).scalars())
    voided = set(connection.execute(select(void.hold).where(void.book_id == book.id)).scalars())
    for row in _of_book(connection, tables.proposals, book, tables.proposals.c.seq):
        witness = held.pop(row["id"], None)
        state = APPROVED if row["id"] in posted else REJECTED if row["id"] in voided else PENDING
        if witness is None or (witness.digest, witness.preparer, state) != (
            row["digest"],
            row["preparer"],
            row["state"],
        ):
            facts = {"id": str(row["id"]), "seq": row["seq"]}
            yield _finding("audit.proposal", "Not what its hold in the log says", facts)
    for id in held:
        yield _finding("audit.proposal", "A hold without its proposal", {"id": str(id)})


def head_follows_records(connection: Connection, book: Book) -> Iterator[Finding]:
    """The head counts the records, and carries the book's own policy."""
    head = next(_of_book(connection, tables.heads, book, tables.heads.c.book_id))
    record, event = tables.records.c, tables.book_events
    last = connection.execute(
        select(func.count(), func.max(record.seq)).where(record.book_id == book.id)
    ).one()
    if tuple(last) != (head["seq"], head["seq"]):
        yield _finding("audit.head", "The head does not count the records", {"seq": head["seq"]})
    *_, latest = _of_book(connection, event, book, event.c.seq)
    if (latest["time_zone"], latest["policy"]) != (head["time_zone"], head["policy"]):
        yield _finding(
            "audit.head", "Time zone or policy are not the log's", {"seq": latest["seq"]}
        )


def events_number_the_records(connection: Connection, book: Book) -> Iterator[Finding]:
    """Each record is told by one row of one table: the export shows that none is without."""
    head, counted = tables.heads.c, 0
    for table in (tables.transactions, *EVENT_TABLES):
        rows = select(func.count()).select_from(table).where(table.c.book_id == book.id)
        counted += connection.execute(rows).scalar_one()
    seq = connection.execute(select(head.seq).where(head.book_id == book.id)).scalar_one()
    if counted != seq:
        facts = {"records": seq, "rows": counted}
        yield _finding("audit.records", "Not one row for each record", facts)


def dues_agree(connection: Connection, book: Book) -> Iterator[Finding]:
    """What one entity is due from another is what that one is due to it."""
    found: dict[tuple[str, str, str, str], int] = {}
    for each in balances(connection, book):
        entity, *path = each.account.code.split(":")
        for at, segment in enumerate(path[:-1]):
            if segment.endswith("Due"):
                pair = tuple(sorted((entity, path[at + 1])))
                key = (pair[0], pair[1], each.account.basis, each.commodity.code)
                found[key] = found.get(key, 0) + each.balance.quanta
    entities = {code.partition(":")[0] for code in _account_codes(connection, book)}
    for (one, other, basis, commodity), difference in found.items():
        if difference and {one, other} <= entities:
            facts = {"between": f"{one} {other}", "basis": basis, "commodity": commodity}
            yield _finding("audit.due", "Due-from and due-to do not agree", facts)


def foreign_records_agree(connection: Connection, book: Book) -> Iterator[Finding]:
    """What a book says of a record of another one is that record's leaf, if that is here."""
    record = tables.records.c
    here = {row.code: row.id for row in connection.execute(select(tables.books))}
    for each in read(connection, book):
        code, _, seq = each.reference.rpartition("/")
        if each.what not in (BOOK_RECORD, RECORD) or code not in here or not seq.isdecimal():
            continue
        of_record = (record.book_id == here[code], record.seq == int(seq))
        leaf = connection.execute(select(record.leaf).where(*of_record)).scalar_one_or_none()
        if leaf != each.digest:
            facts = {"reference": each.reference, "seq": each.seq}
            yield _finding("audit.foreign-record", "Not the leaf of the other book's", facts)


CHECKS: tuple[Check, ...] = (
    entities_balance,
    balances_follow_postings,
    turnovers_follow_postings,
    held_balances_follow_holds,
    holds_follow_the_log,
    periods_follow_the_log,
    accounts_follow_the_log,
    commodities_follow_the_log,
    proposals_follow_holds,
    head_follows_records,
    events_number_the_records,
    dues_agree,
    persons.check,
    foreign_records_agree,
    *laws.CHECKS,
    *market_laws.CHECKS,
)


def _posted(book: Book, until: int | None) -> Select[Any]:
    line = tables.postings.c
    quanta = line.quanta * (1 - 2 * line.red)
    there = line.book_id == book.id
    return (
        select(
            line.account_no,
            line.commodity,
            func.sum(case((line.side == 0, quanta), else_=0)),
            func.sum(case((line.side == 1, quanta), else_=0)),
        )
        .where(there if until is None else there & (line.seq <= until))
        .group_by(line.account_no, line.commodity)
    )


def _differences(
    connection: Connection,
    book: Book,
    stated: Select[Any],
    code: str,
    until: int | None = None,
) -> Iterator[Finding]:
    sums, totals = (
        {(no, commodity): (int(dr), int(cr)) for no, commodity, dr, cr in connection.execute(each)}
        for each in (_posted(book, until), stated)
    )
    for key in sums.keys() | totals.keys():
        if sums.get(key, (0, 0)) != totals.get(key, (0, 0)):
            facts = {
                "account_no": key[0],
                "commodity": key[1],
                "seq": _last_moved(connection, book, key),
            }
            yield _finding(
                code, "Not the sum of its postings, the last of them in this record", facts
            )


def _last_moved(connection: Connection, book: Book, key: tuple[int, str]) -> int | None:
    line = tables.postings.c
    last = select(func.max(line.seq)).where(
        line.book_id == book.id, line.account_no == key[0], line.commodity == key[1]
    )
    seq: int | None = connection.execute(last).scalar_one()
    return seq


def _of_book(connection: Connection, table: Table, book: Book, order: Any) -> Iterator[Any]:
    chosen = select(table).where(table.c.book_id == book.id).order_by(order)
    return iter(connection.execute(chosen).mappings())


def _account_codes(connection: Connection, book: Book) -> list[str]:
    at = tables.accounts.c
    return list(connection.execute(select(at.code).where(at.book_id == book.id)).scalars())


def _finding(code: str, title: str, facts: Mapping[str, object]) -> Finding:
    return Finding(code, title, facts=facts)
