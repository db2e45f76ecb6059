"""pgledger's scenarios: a transfer is a transaction of two lines, a list of them is a chain."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import uuid5

from ledger import balances
from ledger.core import body as bodies
from ledger.core.account import Account
from ledger.core.amount import Commodity
from ledger.core.body import EPOCH
from ledger.core.command import Declare, Open, Post
from ledger.core.errors import DomainError
from ledger.core.refusals import (
    CeilingBroken,
    FloorBroken,
    RedOutsideReversal,
    Unbalanced,
    UnknownAccount,
    ZeroAmount,
)
from tests.conformance.books import BOOK, OWN, Books, culprit, limits, line
from tests.conformance.scenario import Check, Fields

CLOCK = "client-supplied booking times that go back: this ledger dates every record itself"
SAME_ACCOUNT = "two lines on one account are a transaction here"
SCALE = 6
WORDS: Mapping[type[DomainError], tuple[str, ...]] = {
    FloorBroken: ("negative_not_allowed",),
    CeilingBroken: ("positive_not_allowed",),
    Unbalanced: ("different_currencies",),
    ZeroAmount: ("amount_must_be_positive", "amount_not_positive", "non_positive_amount"),
    RedOutsideReversal: ("amount_must_be_positive", "amount_not_positive", "non_positive_amount"),
    UnknownAccount: ("account_not_found", "unknown_account"),
}
SAME = ("same_account", "cannot_transfer_to_same_account", "accounts_must_be_different")


class PgLedger:
    """The adapter of pgledger's scenarios."""

    START_US = 1_735_689_600_000_000

    def not_applicable(self, scenario: Fields) -> str:
        """A transfer may say when it was made, but not before the one made last."""
        times = [
            _instant(step["fields"]["created_at"])
            for step in scenario["steps"]
            if "created_at" in step.get("fields", {})
        ]
        return CLOCK if any(later < earlier for earlier, later in pairwise(times)) else ""

    def play(self, scenario: Fields, books: Books) -> Iterator[Check]:
        """Open the accounts, take every step, then compare balances, versions and entries."""
        session = Session(books)
        for account in scenario["accounts"]:
            session.open(account)
        for number, step in enumerate(scenario["steps"]):
            yield getattr(session, step["op"])(step, f"step {number + 1} {step['op']}")
        yield from session.ended(scenario)


class Session:
    """One scenario on one book."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.currencies: dict[str, str] = {}
        self.sent = 0

    def open(self, fields: Fields) -> None:
        """Open an account: not to go below zero is a floor, not to go above it a ceiling."""
        currency = fields["currency"].upper()
        floor = None if fields.get("allow_negative", True) else 0
        ceiling = None if fields.get("allow_positive", True) else 0
        bound = limits(currency, floor, ceiling)
        account = Account(_code(fields["name"]), "asset", "accrual", bounds=(bound,))
        self.currencies[fields["name"]] = currency
        declared = Declare(Commodity(currency, currency, SCALE, "money"))
        self.books.must(declared, Open(account))

    def create_transfer(self, step: Fields, at: str) -> Check:
        """Send one transfer."""
        return self._transfers([step["fields"]], step["expected"], at)

    def create_transfers_atomic(self, step: Fields, at: str) -> Check:
        """Send several transfers, of which all stand or none."""
        transfers = step.get("transfers") or step["fields"]["transfers"]
        return self._transfers(transfers, step["expected"], at)

    def _transfers(self, transfers: Sequence[Fields], expected: str, at: str) -> Check:
        if any(each["from"] == each["to"] for each in transfers):
            return Check(at, expected, _said(SAME, expected), SAME_ACCOUNT)
        for each in transfers:
            if "created_at" in each:
                self.books.now_us = _instant(each["created_at"])
        outcomes = self.books.say_together(*map(self._post, transfers))
        if all(each.error is None for each in outcomes):
            return Check(at, expected, "ok")
        _, error = culprit(outcomes)
        return Check(at, expected, _said(WORDS.get(type(error), (error.code,)), expected))

    def _post(self, fields: Fields) -> Post:
        self.sent += 1
        amount = str(fields["amount"])
        lines = [
            line(_code(fields[name]), self.currencies.get(fields[name], "USD"), amount, side)
            for name, side in (("from", "credit"), ("to", "debit"))
        ]
        sent: dict[str, Any] = {"book": BOOK, "id": str(uuid5(OWN, f"transfer {self.sent}"))}
        return Post(bodies.read({**sent, "kind": "transfer", "postings": lines}))

    def balance_at(self, step: Fields, at: str) -> Check:
        """Return the balance as it was known at an instant."""
        fields = step["fields"]
        with self.books.store.reading() as connection:
            book = self.books.book
            known_at = balances.known_seq(connection, book, _instant(fields["at"]))
            found = self._balance(fields["account"], known_at)
        return Check(at, Decimal(step["expected"]), found)

    def _balance(self, name: str, known_at: int | None = None) -> Decimal:
        with self.books.store.reading() as connection:
            found = balances.balances(
                connection, self.books.book, known_at=known_at, account=_code(name)
            )
            return sum((row.balance.value for row in found), Decimal(0))

    def _entries(self, name: str) -> list[tuple[Decimal, Decimal, Decimal, int]]:
        """Return amount, balance before, balance after and number of each entry."""
        with self.books.store.reading() as connection:
            lines = list(balances.register(connection, self.books.book, account=_code(name)))
        return [
            (each.amount.value, (each.after - each.amount).value, each.after.value, version)
            for version, each in enumerate(lines, 1)
        ]

    def ended(self, scenario: Fields) -> Iterator[Check]:
        """Compare what is left."""
        for name, expected in scenario.get("final_balances", {}).items():
            yield Check(f"final balance {name}", Decimal(expected), self._balance(name))
        for name, expected in scenario.get("final_versions", {}).items():
            yield Check(f"final version {name}", expected, len(self._entries(name)))
        for name, rows in scenario.get("expected_entries", {}).items():
            wanted = [(*map(Decimal, row[:3]), row[3]) for row in rows]
            yield Check(f"entries {name}", wanted, self._entries(name))


def _said(words: Sequence[str], expected: str) -> str:
    """Return the peer's word for a refusal: the one expected, where it is one of them."""
    return expected if expected in words else words[0]


def _code(name: str) -> str:
    return f"PG:{name}"


def _instant(text: str) -> int:
    moment = dt.datetime.fromisoformat(text)
    return (moment - EPOCH) // dt.timedelta(microseconds=1)
