"""The log as lines of its export: transactions straight from their rows, by far the most.

All other records take the way of ``log``; a test holds the two ways together.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Text, cast, select

from ledger.core.account import Side
from ledger.core.amount import Commodity
from ledger.core.book import Book
from ledger.core.errors import DomainError
from ledger.core.hold import Consumption
from ledger.core.periods import derived_periods
from ledger.core.record import CommodityUsed, Transaction, UpTo
from ledger.core.refusals import UnreadableRecord
from ledger.proof.export import (
    SIDES,
    Fields,
    TransactionFields,
    consumes_fields,
    head_fields,
    period_fields,
    posting_fields,
    record_line,
    up_to_fields,
)
from ledger.store import tables
from ledger.store.log import CHUNK, read_log
from ledger.store.rows import period_of

Scales = dict[str, Commodity]
DEBIT = int(Side.DEBIT)
NO_OBJECT, NO_LIST = "{}", "[]"
WIDE = 500


def record_lines(connection: Connection, book: Book, last: int, scales: Scales) -> Iterator[Fields]:
    """Yield the line of each record up to the last; ``scales`` takes what the log records."""
    reader = _Reader(connection, book, scales)
    for first, end in pairwise([*range(1, last + 1, CHUNK), last + 1]):
        yield from reader.lines(first, end - 1)


class _Reader:
    """Reads runs of records, remembering the codes of accounts from one to the next."""

    def __init__(self, connection: Connection, book: Book, scales: Scales) -> None:
        self.connection, self.book, self.scales = connection, book, scales
        self.accounts: dict[int, tuple[str, str]] = {}

    def lines(self, first: int, last: int) -> Iterator[Fields]:
        record = tables.records.c
        columns = (record.seq, record.booked_at_us, record.leaf)
        heads = self._rows(columns, record, first, last)
        plain = {row[0]: row for row in self._transactions(first, last)}
        others = dict[int, Fields]()
        if any(head[0] not in plain for head in heads):
            others = {line["seq"]: line for line in self._others(first, last)}
        lines = self._postings(first, last) if plain else {}
        periods = self._periods(first, last) if plain else {}
        for seq, booked_at_us, leaf in heads:
            row = plain.get(seq)
            if row is None:
                if seq in others:
                    yield others[seq]
                continue
            head = head_fields(seq, Transaction.NAME, booked_at_us, leaf)
            try:
                yield head | self._fields(row, lines.get(seq, ()), periods.get(seq, ()))
            except (ArithmeticError, LookupError, TypeError, ValueError, DomainError) as error:
                raise UnreadableRecord(seq, str(error)) from error

    def _fields(self, row: Any, lines: Iterable[Any], stated: Iterable[Any]) -> Fields:
        (
            _, id, digest, kind, on, narrative, reference, preparer, approver, metadata,
            attachments, reverses, late_for, chain, consumes, up_to,
        ) = row  # fmt: skip
        postings = [self._posting(each) for each in lines]
        periods = tuple(sorted(map(period_of, stated), key=lambda each: each.entity.encode()))
        if not periods:
            entities = frozenset([self.accounts[each[1]][1] for each in lines])
            periods = derived_periods(entities, dt.date.fromisoformat(on))
        return TransactionFields(
            id, digest.hex(), kind, on, period_fields(periods), narrative, reference,
            preparer, approver, {} if metadata == NO_OBJECT else json.loads(metadata),
            [] if attachments == NO_LIST else json.loads(attachments), reverses, late_for, chain,
            up_to_fields(UpTo(*each) for each in json.loads(up_to)) if up_to else [],
            [] if consumes == NO_LIST else
            consumes_fields(Consumption(*each) for each in json.loads(consumes)),
            postings,
        )._asdict()  # fmt: skip

    def _posting(self, row: Any) -> Fields:
        _, account_no, commodity, side, red, quanta, after = row
        signed = quanta if (side == DEBIT) is not bool(red) else -quanta
        code = self.accounts[account_no][0]
        return posting_fields(code, self.scales[commodity], signed, SIDES[side], after)

    def _others(self, first: int, last: int) -> Iterator[Fields]:
        for entry, leaf in read_log(self.connection, self.book, first, last, transactions=False):
            if isinstance(entry.record, CommodityUsed):
                self.scales[entry.record.commodity.code] = entry.record.commodity
            yield record_line(entry, leaf, self.scales)

    def _transactions(self, first: int, last: int) -> Any:
        made = tables.transactions.c
        columns = (
            made.seq, cast(made.id, Text), made.digest, made.kind, cast(made.effective_on, Text),
            made.narrative, made.reference, cast(made.preparer, Text), cast(made.approver, Text),
            made.metadata, made.attachments, cast(made.reverses, Text), made.late_for,
            cast(made.chain, Text), made.consumes, made.up_to,
        )  # fmt: skip
        return self._rows(columns, made, first, last)

    def _postings(self, first: int, last: int) -> dict[int, list[Any]]:
        line = tables.postings.c
        columns = (
            line.seq, line.account_no, line.commodity, line.side, line.red, line.quanta,
            line.balance_after,
        )  # fmt: skip
        lines: dict[int, list[Any]] = {}
        for row in self._rows(columns, line, first, last, line.line):
            lines.setdefault(row[0], []).append(row)
        self._name({row[1] for rows in lines.values() for row in rows})
        return lines

    def _name(self, numbers: set[int]) -> None:
        """Learn the codes of accounts, of which the log of accounts is the witness."""
        event = tables.account_events.c
        missing = sorted(numbers.difference(self.accounts))
        for start in range(0, len(missing), WIDE):
            chosen = select(event.account_no, event.code).where(
                event.book_id == self.book.id,
                event.account_no.in_(missing[start : start + WIDE]),
            )
            for no, code in self.connection.execute(chosen):
                self.accounts[no] = (code, code.partition(":")[0])

    def _periods(self, first: int, last: int) -> dict[int, list[Any]]:
        table = tables.entity_periods
        chosen = select(table).where(
            table.c.book_id == self.book.id, table.c.seq.between(first, last)
        )
        periods: dict[int, list[Any]] = {}
        for row in self.connection.execute(chosen).mappings():
            periods.setdefault(row["seq"], []).append(row)
        return periods

    def _rows(self, columns: Any, of: Any, first: int, last: int, *then: Any) -> Any:
        chosen = select(*columns).where(of.book_id == self.book.id, of.seq.between(first, last))
        return self.connection.execute(chosen.order_by(of.seq, *then)).all()
