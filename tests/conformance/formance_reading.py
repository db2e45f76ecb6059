"""What Formance's reads are in this ledger: balances of a day, as known at a record; the log."""

import datetime as dt
from typing import Any
from uuid import UUID

from ledger import balances
from ledger.core.account import Side
from ledger.core.record import Annotation, Transaction
from tests.conformance.books import Books
from tests.conformance.formance_entries import (
    CREATED,
    ENTITY,
    GONE,
    MOVE,
    NOTES,
    asset_code,
    code,
    day,
    transactions,
)
from tests.conformance.scenario import Fields

MINUTE_US = 60_000_000
REVERTS = "com.formance.spec/state/reverts"
Volumes = dict[str, dict[str, list[int]]]


class Reading:
    """Reads the peer's accounts and transactions out of this ledger."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.start_us = books.now_us

    def volumes(
        self, query: dt.date | Fields | None = None, known_at: int | None = None
    ) -> Volumes:
        """Return input and output by account and asset: of a day, or as a step asks for them."""
        if isinstance(query, dict):
            return self._asked(query)
        found: Volumes = {}
        with self.books.store.reading() as connection:
            on = query if isinstance(query, dt.date) else None
            for row in balances.balances(
                connection, self.books.book, as_of=on, known_at=known_at, account=ENTITY
            ):
                name = row.account.code.removeprefix(f"{ENTITY}:")
                if name != "_" and (row.debits or row.credits):
                    asset = _asset(row.commodity.code)
                    found.setdefault(name, {})[asset] = [row.debits, row.credits]
        return found

    def _asked(self, fields: Fields) -> Volumes:
        """Return what came between two times, of effect or of insertion, both included."""
        by = str(fields.get("by", "effective"))
        first, last = fields.get("from"), fields.get("until")
        if by.startswith("effective"):
            after = self.volumes(None if last is None else day(last))
            before = {} if first is None else self.volumes(day(first) - dt.timedelta(days=1))
        else:
            after = self.volumes(None, None if last is None else self._seq(last, 0))
            before = {} if first is None else self.volumes(None, self._seq(first, -1))
        account, asset = fields.get("account"), fields.get("asset")
        found = {
            name: {unit: _less(pair, before.get(name, {}).get(unit)) for unit, pair in all_.items()}
            for name, all_ in after.items()
            if account in (None, name)
        }
        moved = {name: {u: p for u, p in all_.items() if any(p)} for name, all_ in found.items()}
        kept = {name: all_ for name, all_ in moved.items() if all_}
        if account is not None and asset is not None:
            return kept.get(account, {}).get(asset, [0, 0])  # type: ignore[return-value]
        return kept

    def _seq(self, minute: float, shift_us: int) -> int:
        at = self.start_us + int(minute * MINUTE_US) + shift_us
        with self.books.store.reading() as connection:
            return balances.known_seq(connection, self.books.book, at)

    def volumes_of(self, account: str, asset: str, on: dt.date | None) -> list[int]:
        """Return input and output of one account in one asset."""
        return self.volumes(on).get(account, {}).get(asset, [0, 0])

    def get_account(self, fields: Fields) -> dict[str, Any]:
        """Return what is known of an account."""
        name = fields.get("account", fields.get("address", ""))
        noted = self._metadata(NOTES)
        own = {
            key.removeprefix(f"{name}/"): value
            for key, value in noted.items()
            if key.startswith(f"{name}/")
        }
        return {"metadata": own, "volumes": self.volumes().get(name, {})}

    def get_transaction(self, fields: Fields) -> dict[str, Any]:
        """Return a transaction by its number."""
        made = transactions(self.books.log())
        return self.told(made[fields["id"] - 1]) if fields["id"] <= len(made) else {}

    def list_transactions(self, fields: Fields) -> list[int]:
        """Return the numbers of all transactions, the latest first."""
        return list(range(len(transactions(self.books.log())), 0, -1))

    def events(self, fields: Fields) -> list[str]:
        """Tell what happened, in order, as the peer names it."""
        told = []
        for entry in self.books.log():
            record = entry.record
            if isinstance(record, Transaction) and record.kind == CREATED:
                reverts = record.reverses is not None
                told.append("REVERTED_TRANSACTION" if reverts else "COMMITTED_TRANSACTIONS")
            elif isinstance(record, Annotation):
                gone = all(key.startswith(GONE) for key in record.metadata)
                told.append("DELETED_METADATA" if gone else "SAVED_METADATA")
        return told

    def told(self, id: UUID) -> dict[str, Any]:
        """Return all that the ledger says of a transaction."""
        log = self.books.log()
        numbers = {each: number for number, each in enumerate(transactions(log), 1)}
        made = (entry.record for entry in log)
        every = [each for each in made if isinstance(each, Transaction)]
        record = next(each for each in every if each.id == id)
        metadata = self._metadata(id, dict(record.metadata))
        if record.reverses is not None:
            metadata[REVERTS] = str(numbers[record.reverses])
        return {
            "id": numbers[id],
            "metadata": metadata,
            "reference": record.reference,
            "reverted": any(each.reverses == id for each in every),
            "postings": _postings(record),
            "day": record.effective_on,
        }

    def _metadata(self, id: UUID, first: dict[str, str] | None = None) -> dict[str, str]:
        """Return the metadata of a transaction: the latest wins, and deleted is deleted."""
        found = dict(first or {})
        for entry in self.books.log():
            if isinstance(entry.record, Annotation) and entry.record.transaction == id:
                for key, value in entry.record.metadata.items():
                    if key.startswith(GONE):
                        found.pop(key.removeprefix(GONE), None)
                    else:
                        found[key] = value
        return found


def _postings(record: Transaction) -> list[dict[str, Any]]:
    """Pair the lines again: each debit with the credit beside it."""
    lines = record.postings
    pairs = zip(lines[::2], lines[1::2], strict=True)
    found = []
    for one, other in pairs:
        debit, credit = (one, other) if one.side is Side.DEBIT else (other, one)
        found.append({
            "source": credit.account.removeprefix(code("")),
            "destination": debit.account.removeprefix(code("")),
            "asset": _asset(debit.commodity),
            "amount": debit.quanta,
        })  # fmt: skip
    return found if record.kind in (CREATED, MOVE) else []


def _asset(commodity: str) -> str:
    """Name an asset again."""
    name, point, scale = commodity.partition(".")
    named = f"{name}/{scale}" if point else name
    assert asset_code(named) == commodity
    return named.replace("-", "_")


def _less(pair: list[int], before: list[int] | None) -> list[int]:
    return [now - then for now, then in zip(pair, before or [0, 0], strict=True)]
