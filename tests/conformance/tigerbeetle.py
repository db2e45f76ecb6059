"""TigerBeetle's scenarios: one of its ledgers is a commodity, a pending transfer is a hold."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from ledger import balances, journal
from ledger.core import body as bodies
from ledger.core.account import Account
from ledger.core.command import Change, Declare, Open, Place, Post
from ledger.core.refusals import UnknownAccount
from tests.conformance.books import BOOK, HOLD, OWN, TRANSACTION, UNIT, Books, line
from tests.conformance.scenario import Check, Fields
from tests.conformance.tigerbeetle_chains import Chains
from tests.conformance.tigerbeetle_events import (
    BALANCES,
    CLOSING,
    NS,
    NS_MAX,
    NS_PER_US,
    PENDING,
    account_event,
    number,
    numbers,
    transfer_event,
)
from tests.conformance.tigerbeetle_history import History
from tests.conformance.tigerbeetle_units import Units, account_code, hold_id, symbol

IMPORTED = "client-supplied booking times: this ledger dates every record itself"
EVENTS = ("create_account", "create_transfer")
NS_PER = {
    "nanoseconds": 1, "microseconds": 1_000, "milliseconds": 1_000_000, "seconds": NS,
    "minutes": 60 * NS, "hours": 3_600 * NS, "days": 86_400 * NS,
}  # fmt: skip
SETTLED = {"pending": "pending", "consumed": "posted", "voided": "voided", "expired": "expired"}


class TigerBeetle:
    """The adapter of TigerBeetle's scenarios."""

    START_US = 1_735_689_600_000_000

    def not_applicable(self, scenario: Fields) -> str:
        """Imported events carry their own time stamps; the rest can be asked."""
        imported = any("imported" in step.get("flags", ()) for step in scenario["steps"])
        return IMPORTED if imported else ""

    def play(self, scenario: Fields, books: Books) -> Iterator[Check]:
        """Take the steps request by request, then compare all that is left."""
        session = Session(books)
        for _, steps in groupby(enumerate(scenario["steps"]), key=_request):
            yield from session.request([step for _, step in steps])
        yield from session.ended(scenario)


def _request(numbered: tuple[int, Fields]) -> tuple[object, ...]:
    index, step = numbered
    return (step["op"], step["batch"]) if step["op"] in EVENTS else (index,)


class Session:
    """One scenario on one book."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.now_ns = books.now_us * NS_PER_US
        self.units = Units(books)
        self.chains = Chains(books, self.units)
        self.setups = 0
        self.reopened: set[int] = set()

    def request(self, steps: list[Fields]) -> Iterator[Check]:
        """Answer the steps of one request."""
        step = steps[0]
        if step["op"] in EVENTS:
            read = account_event if step["op"] == "create_account" else transfer_event
            events = [read(each["fields"], each.get("flags", [])) for each in steps]
            for each, (status, wire) in zip(steps, self.chains.batch(events), strict=True):
                yield Check(_at(each), each["expected"], status, wire)
            return
        found = getattr(self, step["op"])(step.get("fields", {}), step)
        if "expected" in step:
            yield Check(_at(step), _numbered(step["expected"]), found)

    def create_transfers(self, fields: Fields, step: Fields) -> list[object]:
        """Send an empty request."""
        return []

    def create_accounts(self, fields: Fields, step: Fields) -> list[object]:
        """Send an empty request."""
        return []

    def setup_balance(self, fields: Fields, step: Fields) -> None:
        """Bring an account to four balances, from an account of the adapter's without limits."""
        wanted = numbers(fields)
        id = wanted.pop("account")
        event = self.units.accounts[id]
        account, money = self.units.account(event), symbol(event.ledger)
        counter = Account(f"TB:S{id}", "equity", "accrual")
        there = self.books.totals(account.code, money)._asdict()
        missing = {name: wanted.get(name, 0) - there[name] for name in BALANCES}
        if min(missing.values()) < 0:
            raise ValueError(f"account {id} cannot be brought back to {wanted}")
        self.setups += 1
        free = Account(account.code, account.class_, account.basis, account.normal)
        self.books.must(
            Open(counter),
            Change(free),
            *self._posted(account.code, counter.code, money, missing),
            *self._held(account.code, money, missing),
            Change(account),
        )

    def _posted(
        self, account: str, counter: str, money: str, missing: Mapping[str, int]
    ) -> Iterator[Post]:
        lines: list[dict[str, Any]] = []
        for name, side, other in (
            ("debits_posted", "debit", "credit"), ("credits_posted", "credit", "debit"),
        ):  # fmt: skip
            if amount := missing[name]:
                lines.append(line(account, money, str(amount), side))
                lines.append(line(counter, money, str(amount), other))
        if lines:
            id = str(uuid5(OWN, f"setup {self.setups}"))
            sent = {"book": BOOK, "id": id, "kind": "setup", "postings": lines}
            yield Post(bodies.read(sent))

    def _held(self, account: str, money: str, missing: Mapping[str, int]) -> Iterator[Place]:
        lines = [
            {"account": account, "commodity": money, "amount": str(missing[name]), "side": side}
            for name, side in (("debits_pending", "debit"), ("credits_pending", "credit"))
            if missing[name]
        ]
        if lines:
            id = str(uuid5(OWN, f"setup hold {self.setups}"))
            sent = {"book": BOOK, "id": id, "kind": "setup", "lines": lines}
            yield Place(bodies.read_hold(sent))

    def tick(self, fields: Fields, step: Fields) -> None:
        """Move the clock, let what is due expire, and open again what an expired hold closed."""
        by = number(fields["value"], "value") * NS_PER[fields.get("unit", "nanoseconds")]
        self.now_ns = self.now_ns + by if by >= 0 else NS_MAX + by
        self.books.now_us = self.now_ns // NS_PER_US
        self.units.now_ns = self.now_ns
        self.books.must(Declare(UNIT))
        for id, event in self.units.sent.items():
            if PENDING not in event.flags or not event.flags & CLOSING or id in self.reopened:
                continue
            if self.books.hold_state(hold_id(event)) == "expired":
                self.reopened.add(id)
                self.books.must(*self.units.reopening(event))

    def lookup_account(self, fields: Fields, step: Fields) -> object:
        """Return the balances of an account, and whether it is closed."""
        return self._account(number(fields["id"], "id"))

    def _account(self, id: int) -> object:
        try:
            with self.books.store.reading() as connection:
                found = balances.account(connection, self.books.book, account_code(id))
        except UnknownAccount:
            return None
        (bound,) = found.bounds
        totals = self.books.totals(found.code, bound.commodity)._asdict()
        return {**totals, "closed": found.state == "closed"}

    def lookup_transfer(self, fields: Fields, step: Fields) -> object:
        """Say whether a transfer exists, and its amount where the step asks for it."""
        id = number(fields["id"], "id")
        exists = self.books.kind_of(UUID(int=id)) in (TRANSACTION, HOLD)
        found: dict[str, object] = {"exists": exists}
        if exists and "amount" in step["expected"]:
            found["amount"] = self._history().of(id).amount
        return found

    def get_account_transfers(self, fields: Fields, step: Fields) -> list[int]:
        """Return the transfers of an account that a filter lets through."""
        return [each.id for each in self._history().of_account(numbers(fields))]

    def get_account_balances(self, fields: Fields, step: Fields) -> list[dict[str, int]]:
        """Return the balances after each transfer of an account; the peer keeps them on demand."""
        asked = numbers(fields)
        id = asked["account_id"]
        event = self.units.accounts.get(id)
        if event is None or "history" not in event.flags:
            return []
        return [
            {"transfer_id": each.id, **each.after[id]._asdict()}
            for each in self._history().of_account(asked)
        ]

    def query_transfers(self, fields: Fields, step: Fields) -> list[int]:
        """Return the transfers that a filter lets through."""
        return [each.id for each in self._history().transfers(numbers(fields))]

    def query_accounts(self, fields: Fields, step: Fields) -> list[int]:
        """Return the accounts that a filter lets through."""
        return self._history().accounts_like(numbers(fields), self.units.accounts)

    def get_change_events(self, fields: Fields, step: Fields) -> list[dict[str, Any]]:
        """Return what happened, with both accounts after it; what is not asserted stays none."""
        found = [each.told() for each in self._history().changes(numbers(fields))]
        for event, wanted in zip(found, step["expected"], strict=False):
            for name in ("transfer_id", "pending_id"):
                if wanted.get(name) is None:
                    event[name] = None
        return found

    def _history(self) -> History:
        return History(self.books.log())

    def ended(self, scenario: Fields) -> Iterator[Check]:
        """Compare the balances, the pending transfers and the ids that failed for good."""
        for id, expected in scenario.get("final_balances", {}).items():
            yield Check(f"final balance {id}", _numbered(expected), self._account(int(id)))
        for id, expected in scenario.get("final_pending", {}).items():
            state = self.books.hold_state(hold_id(self.units.sent[int(id)])) or ""
            yield Check(f"final pending {id}", expected, SETTLED.get(state, state))
        if "failed_ids" in scenario:
            found = sorted(each.int for each in self.books.refused_ids())
            yield Check("failed ids", sorted(scenario["failed_ids"]), found)
        yield from self._kept_by_journal()

    def _kept_by_journal(self) -> Iterator[Check]:
        """Hold each transfer that moved something against the journal's own answer."""
        for id, event in self.units.sent.items():
            moved = PENDING not in event.flags and not event.settles
            if moved:
                _, record = journal.find(self.books.store, BOOK, UUID(int=id))
                quanta = {each.quanta for each in record.postings}
                yield Check(f"journal {id}", {event.amount}, quanta)


def _at(step: Fields) -> str:
    fields = step.get("fields", {})
    named = next((fields[name] for name in ("id", "account_id", "account") if name in fields), "")
    return f"line {step.get('line', '?')} {step['op']} {named}".strip()


def _numbered(expected: object) -> object:
    """Read ``MAX-n`` in what is expected."""
    if isinstance(expected, dict):
        return {name: _numbered(each) for name, each in expected.items()}
    if isinstance(expected, list):
        return [_numbered(each) for each in expected]
    if isinstance(expected, str) and expected.startswith("MAX"):
        return number(expected, "amount")
    return expected
