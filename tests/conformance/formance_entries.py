"""What Formance's writes are in this ledger: items of one command, and the ids they claim."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from ledger import balances, journal
from ledger.core import body as bodies
from ledger.core.account import Account, Side
from ledger.core.amount import SCALE_MAX, Amount, Commodity
from ledger.core.body import canonical_json
from ledger.core.command import Annotate, Change, Declare, Item, Open, Post
from ledger.core.record import Transaction
from ledger.core.refusals import Malformed, UnknownTransaction
from ledger.core.state import Entry
from tests.conformance.books import (
    BOOK,
    DESK,
    OVERSEER,
    OWN,
    UNIT,
    Books,
    limits,
    line,
    nothing_of_the_token,
)
from tests.conformance.scenario import Fields

DAY_ZERO = dt.date(2025, 1, 1)
ENTITY, WORLD = "F", "world"
CREATED, NOTE, MOVE = "transaction", "note", "move"
NOTES = uuid5(OWN, "notes on accounts")
COUNTER = Account("F:_", "equity", "accrual")
GONE = "-"
"""Before the key of metadata: deleted; the ledger keeps all that was ever said."""


def day(minute: float) -> dt.date:
    """Return the day that stands for a minute."""
    return DAY_ZERO + dt.timedelta(days=int(minute))


def code(name: str) -> str:
    """Name an account of the peer's."""
    return f"{ENTITY}:{name}"


def asset_code(asset: str) -> str:
    """Name an asset: what stands after the stroke is a part of its name."""
    return asset.replace("/", ".").replace("_", "-")


def transactions(log: Sequence[Entry]) -> list[UUID]:
    """Return the peer's transactions, in the order of their numbers."""
    found = (entry.record for entry in log)
    every = [each for each in found if isinstance(each, Transaction)]
    return [each.id for each in every if each.kind in (CREATED, MOVE)]


class Entries:
    """Writes the peer's transactions and metadata as items of this ledger."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.start_us = books.now_us
        self.count = 0
        self.references: set[UUID] = set()
        self.latest: UUID | None = None
        self.pending: dict[UUID, bodies.Body] = {}
        self.made: list[UUID | None] = []
        self.free = limits("*")
        books.must(Open(COUNTER), Post(self._note(NOTES, "notes")))

    def kept(self) -> list[UUID | None]:
        """Take down that a command was written; return the transaction of each element."""
        self.latest = next(reversed(self.pending), self.latest)
        made = self.made
        self.dropped()
        return made

    def dropped(self) -> None:
        """Forget what was not written."""
        self.pending, self.made = {}, []

    def unfloored(self, op: str, fields: Fields) -> list[Item]:
        """Write one element of an atomic bulk, the floors that it may break lifted around it."""
        before = list(self.pending)
        lifted = self._sources(op, fields) if fields.get("force") else []
        items = getattr(self, op)(fields)
        self.made.append(next((id for id in self.pending if id not in before), None))
        free = [Change(replace(each, bounds=(self.free,))) for each in lifted]
        opened = [Open(each) for each in lifted]
        rest = [each for each in items if each not in opened]
        return [*opened, *free, *rest, *map(Change, lifted)]

    def create_transaction(self, fields: Fields) -> list[Item]:
        """Post all lines as one transaction; its accounts open with it."""
        key = fields.get("idempotency_key")
        id = self._id(key)
        body = self._body(fields, id, fields.get("postings", ()))
        items = [*self._opening(fields), *self._claims(fields, id), Post(body)]
        noted = {
            f"{name}/{entry}": value
            for name, metadata in fields.get("account_metadata", {}).items()
            for entry, value in metadata.items()
        }
        if noted:
            items.append(Annotate(NOTES, noted))
        self.pending[id] = body
        return items

    def one_by_one(self, fields: Fields) -> list[Item]:
        """Post each line as a transaction of its own: each source must have the funds by then."""
        posts = [
            Post(self._body({}, self._id(None), [each])) for each in fields.get("postings", ())
        ]
        return [*self._opening(fields), *posts]

    def _id(self, key: str | None) -> UUID:
        if key is not None:
            return uuid5(OWN, f"key {key}")
        self.count += 1
        return uuid5(OWN, f"write {self.count}")

    def _opening(self, fields: Fields) -> Iterator[Item]:
        """Declare assets and open accounts on first use; only the world may be overdrawn."""
        for each in fields.get("postings", ()):
            yield self._declared(each["asset"])
            for name in (each["source"], each["destination"]):
                yield from self._opened(name)

    def _declared(self, asset: str) -> Declare:
        scale = asset.partition("/")[2]
        finest = min(int(scale or 0), SCALE_MAX)
        return Declare(Commodity(asset_code(asset), asset.partition("/")[0], finest, "money"))

    def _opened(self, name: str) -> Iterator[Open]:
        bound = () if name == WORLD else (limits("*", 0),)
        account = Account(code(name), "asset", "accrual", bounds=bound)
        with self.books.store.reading() as connection:
            known = {each.code for each in balances.accounts(connection, self.books.book)}
        if account.code not in known:
            yield Open(account)

    def _claims(self, fields: Fields, id: UUID) -> Iterator[Post]:
        """Let a reference, which is unique with the peer, claim an id of its own."""
        if reference := fields.get("reference"):
            claimed = uuid5(OWN, f"reference {reference}")
            self.references.add(claimed)
            yield Post(self._note(claimed, str(id)))

    def _body(
        self, fields: Fields, id: UUID, postings: Sequence[Fields], kind: str = CREATED
    ) -> bodies.Body:
        lines = [each for posting in postings for each in _lines(posting)]
        sent: dict[str, Any] = {
            "book": BOOK, "id": str(id), "kind": kind, "postings": lines,
            "effective_on": day(fields.get("timestamp") or 0).isoformat(),
            "reference": fields.get("reference"), "metadata": fields.get("metadata") or None,
        }  # fmt: skip
        if any(not posting.get("amount", 1) for posting in postings):
            sent["consumes"] = [nothing_of_the_token()]
        return bodies.read(sent)

    def _note(self, id: UUID, text: str) -> bodies.Body:
        """Write a transaction that moves nothing: it only holds an id, or what is noted on it."""
        return bodies.read({
            "book": BOOK, "id": str(id), "kind": NOTE, "narrative": text,
            "postings": [line(DESK.code, UNIT.code, "0", side) for side in ("debit", "credit")],
            "consumes": [nothing_of_the_token()],
        })  # fmt: skip

    def number(self, number: int) -> UUID:
        """Return a transaction by its number, those of the command in hand included."""
        made = [*transactions(self.books.log()), *self.pending]
        if not 0 < number <= len(made):
            raise UnknownTransaction(str(number))
        return made[number - 1]

    def revert_transaction(self, fields: Fields) -> list[Item]:
        """Take a transaction back by its mirror, with metadata of its own."""
        original = self.number(fields["id"])
        id = self._id(fields.get("idempotency_key"))
        on = fields.get("timestamp") or 0
        if fields.get("at_effective_date"):
            _, record = journal.find(self.books.store, BOOK, original)
            on = (record.effective_on - DAY_ZERO).days
        body = self._mirror(original, id, day(on), fields.get("metadata") or {})
        self.pending[id] = body
        return [Post(body)]

    def _mirror(
        self, original: UUID, id: UUID, on: dt.date, metadata: Mapping[str, str]
    ) -> bodies.Body:
        """Exchange the columns, as the journal's own reversal does, of what may not stand yet."""
        lines = [
            line(account, commodity, amount, "credit" if side is Side.DEBIT else "debit")
            for account, commodity, amount, side in self._moves(original)
        ]
        return bodies.read({
            "book": BOOK, "id": str(id), "kind": CREATED, "effective_on": on.isoformat(),
            "narrative": "revert", "reverses": str(original), "metadata": dict(metadata) or None,
            "postings": lines,
        })  # fmt: skip

    def _moves(self, id: UUID) -> list[tuple[str, str, str, Side]]:
        """Return account, commodity, amount and column of each line of a transaction."""
        if id in self.pending:
            lines = self.pending[id].postings
            return [(e.account, e.commodity, e.amount.lstrip("-"), e.column) for e in lines]
        _, record = journal.find(self.books.store, BOOK, id)
        with self.books.store.reading() as connection:
            of = balances.commodities(connection)
        return [
            (e.account, e.commodity, str(Amount(e.quanta, of[e.commodity])), e.side)
            for e in record.postings
        ]

    def set_transaction_metadata(self, fields: Fields) -> list[Item]:
        """Say more of a transaction: the latest wins."""
        return self._annotated(self.number(fields["id"]), fields, fields["metadata"])

    def delete_transaction_metadata(self, fields: Fields) -> list[Item]:
        """Say that a key holds no more."""
        gone = {f"{GONE}{fields['key']}": "deleted"}
        return self._annotated(self.number(fields["id"]), fields, gone)

    def set_account_metadata(self, fields: Fields) -> list[Item]:
        """Say more of an account, on the adapter's own notes."""
        noted = {f"{fields['account']}/{key}": value for key, value in fields["metadata"].items()}
        return self._annotated(NOTES, fields, noted)

    def delete_account_metadata(self, fields: Fields) -> list[Item]:
        """Say that a key of an account holds no more."""
        gone = {f"{GONE}{fields['account']}/{fields['key']}": "deleted"}
        return self._annotated(NOTES, fields, gone)

    def _annotated(self, id: UUID, fields: Fields, said: Mapping[str, str]) -> list[Item]:
        """Annotate once: an idempotency key is an id that the request claims for itself."""
        key = fields.get("idempotency_key")
        if key is None:
            return [Annotate(id, said)]
        claimed = self._id(key)
        claim = Post(self._note(claimed, canonical_json([str(id), dict(said)])))
        known = self.books.kind_of(claimed) is not None
        return [claim] if known else [claim, Annotate(id, said)]

    def insert_move(self, fields: Fields) -> list[Item]:
        """Move an amount into or out of one account, against one of the adapter's."""
        inwards = fields["direction"] == "in"
        source, destination = (COUNTER.code, code(fields["account"]))[:: 1 if inwards else -1]
        text, money = str(fields["amount"]), asset_code(fields["asset"])
        self.count += 1
        id = uuid5(OWN, f"write {self.count}")
        body = bodies.read({
            "book": BOOK, "id": str(id), "kind": MOVE,
            "effective_on": day(fields["effective_at"]).isoformat(),
            "postings": [
                line(destination, money, text, "debit"), line(source, money, text, "credit"),
            ],
        })  # fmt: skip
        self.pending[id] = body
        return [self._declared(fields["asset"]), *self._opened(fields["account"]), Post(body)]

    @contextmanager
    def forced(self, op: str, fields: Fields) -> Iterator[None]:
        """Lift the floors of the sources by records of another person's, and put them back."""
        lifted = self._sources(op, fields) if fields.get("force") else []
        if lifted:
            free = [Change(replace(each, bounds=(self.free,))) for each in lifted]
            self.books.must(*(Open(each) for each in lifted), *free, actor=OVERSEER)
        try:
            yield
        finally:
            if lifted:
                self.books.must(*map(Change, lifted), actor=OVERSEER)

    def _sources(self, op: str, fields: Fields) -> list[Account]:
        if op == "create_transaction":
            names = {code(each["source"]) for each in fields["postings"]}
        else:
            names = {account for account, *_ in self._moves(self.number(fields["id"]))}
        names.discard(code(WORLD))
        bound = (limits("*", 0),)
        return [Account(each, "asset", "accrual", bounds=bound) for each in sorted(names)]


def _lines(posting: Fields) -> list[dict[str, Any]]:
    """Credit the source, debit the destination; what is wrong is left for the ledger to refuse."""
    amount = posting.get("amount")
    if amount is None:
        raise Malformed("postings[0].amount", "is missing")
    asset = posting["asset"]
    scale = min(int(asset.partition("/")[2] or 0), SCALE_MAX)
    text = _decimal(amount, scale)
    return [
        line(code(posting["destination"]), asset_code(asset), text, "debit"),
        line(code(posting["source"]), asset_code(asset), text, "credit"),
    ]


def _decimal(quanta: int, scale: int) -> str:
    if not scale or not quanta:
        return str(quanta)
    digits = str(abs(quanta)).rjust(scale + 1, "0")
    return f"{'-' if quanta < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"
