"""A registry's desk for tests: a fresh book, three holders, and events told in few words."""

import datetime as dt
from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ledger import audit, chart, journal, writer
from ledger.balances import accounts, balances, commodities
from ledger.core import body as bodies
from ledger.core.account import Account, AccountRef, Side
from ledger.core.amount import CNY, Amount
from ledger.core.command import Command, Declare, Item, Open, Party, Post
from ledger.core.draft import Draft, Posting, credit, debit
from ledger.core.errors import DomainError
from ledger.core.record import Transaction
from ledger.core.state import Outcome
from ledger.rights import desk
from ledger.rights.event import read
from ledger.rights.instrument import find, right
from ledger.rights.loading import blocks_of
from ledger.rights.registry import Registry
from ledger.rights.serials import joined
from ledger.store import Store, tables
from ledger.store.load import find_book
from ledger.store.log import read_log
from ledger.store.memory import MemoryStore
from ledger.writer import submit

BOOK = "main"
CRC = Registry("CRC")
HOLDERS = ("Plant", "Mill", "Bank")
DAY = "2024-11-01"


class Desk:
    """Tells events to a registry and reads what became of them."""

    def __init__(self, store: Store, policy: dict[str, str] | None = None) -> None:
        self.store, self.numbers, self.on = store, count(1), DAY
        journal.open_book(store, BOOK, policy=policy or {}, actor=None)
        for holder in HOLDERS:
            desk.open_holder(store, BOOK, CRC, holder, holder.lower(), holder, actor=None)
        cash = [CRC.client(holder).code for holder in HOLDERS]
        opened = [
            Account(code, "liability", "clearing", Side.CREDIT)
            for code in (*cash, "CRC:Due:Treasury", "CRC:Reserve:Fund")
        ]
        bank = Account("CRC:Bank:Settlement", "asset", "clearing")
        submit(store, BOOK, Command((Declare(CNY), *map(Open, (bank, *opened))), None))

    def told(self, event: str, right: str, amount: str = "", **more: str) -> dict[str, Any]:
        """Return an event as a file has it."""
        id = str(UUID(int=next(self.numbers)))
        said = {"id": id, "event": event, "on": self.on, "registry": "CRC", "right": right}
        return {**said, **({"amount": amount} if amount else {}), **more}

    def post(self, said: dict[str, Any]) -> Outcome:
        """Enter an event as it was told."""
        return desk.post(self.store, BOOK, read(said), actor=None)

    def does(self, event: str, right: str, amount: str = "", **more: str) -> str:
        """Enter an event; return its status, or the code of its refusal."""
        try:
            return self.post(self.told(event, right, amount, **more)).status
        except DomainError as refusal:
            return refusal.code

    def must(self, event: str, right: str, amount: str = "", **more: str) -> UUID:
        """Enter an event that posts; return its id."""
        outcome = self.post(self.told(event, right, amount, **more))
        assert outcome.status == "posted"
        assert outcome.id is not None
        return outcome.id

    def standing(self, commodity: str, prefix: str = "CRC") -> dict[str, str]:
        """Return the balances of a right that are not zero, by what follows the registry's code."""
        with self.store.reading() as connection:
            found = list(balances(connection, find_book(connection, BOOK), account=prefix))
        return {
            each.account.code.partition(":")[2]: str(each.normal)
            for each in found
            if each.commodity.code == commodity and each.normal.quanta
        }

    def blocks(self, code: str) -> dict[str, list[tuple[int, int]]]:
        """Return the serial numbers of a right by account."""
        with self.store.reading() as connection:
            found = blocks_of(connection, find_book(connection, BOOK), right(code).commodity)
        return {name.partition(":")[2]: joined(blocks) for name, blocks in found.items()}

    def in_memory(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Post the whole book again into the store in memory; return its debits and credits."""
        memory = MemoryStore(self.store.clock)
        with self.store.reading() as connection:
            book = find_book(connection, BOOK)
            opened = list(accounts(connection, book))
            counted = commodities(connection).values()
            head = tables.heads.c
            last = connection.execute(select(head.seq).where(head.book_id == book.id)).scalar_one()
            entries = [entry.record for entry, _ in read_log(connection, book, 1, last)]
        memory.add_book(book)
        parties = [Party(each.party, "org", "x") for each in opened if each.party]
        drafts = [
            journal.draft_of(self.store, BOOK, each.id)
            for each in entries if isinstance(each, Transaction)
        ]  # fmt: skip
        items: list[Item] = [
            *map(Declare, counted), *parties, *map(Open, opened),
            *(Post(bodies.of(each, BOOK)) for each in drafts),
        ]  # fmt: skip
        answers = writer.Desk(memory, BOOK).submit(Command(tuple(items), None))
        refused = [each for each in answers if each.error]
        assert refused == []
        return {key: totals[:2] for key, totals in memory.shelves[BOOK].balances.items()}

    def on_disk(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return debits and credits of every balance as the database has them."""
        with self.store.reading() as connection:
            found = balances(connection, find_book(connection, BOOK))
            return {
                (each.account.code, each.commodity.code): (each.debits, each.credits)
                for each in found
            }

    def findings(self) -> set[str]:
        """Return the codes of what an auditor finds."""
        return {each.code for each in audit.audit(self.store, BOOK)}

    def by_hand(
        self, code: str, kind: str, *lines: tuple[str, int], basis: str = "registry", **said: str
    ) -> None:
        """Post past the desk, on accounts that are opened for it."""
        owed = code.startswith("EM.")
        commodity = find("cea").owed(code[3:]) if owed else right(code).commodity
        items: list[Item] = [
            Declare(commodity),
            *(Open(_account(path, basis)) for path, _ in lines),
        ]
        for item in items:
            submit(self.store, BOOK, Command((item,), None))  # what is there already stays
        draft = Draft(
            UUID(int=1000 + next(self.numbers)), kind, dt.date.fromisoformat(self.on), "",
            tuple(
                _line(Amount(abs(quanta), commodity), CRC.at(path, basis), quanta)
                for path, quanta in lines
            ),
            metadata=said,
        )  # fmt: skip
        (outcome,) = journal.post(self.store, BOOK, [draft], actor=None)
        assert outcome.error is None, outcome.error

    def supplied(self, code: str, holders: Sequence[tuple[str, str]], cap: str = "") -> None:
        """Give holders what they need, from the cap or from nothing."""
        whole = str(sum(int(amount) for _, amount in holders))
        if cap:
            self.must("cap", code, cap)
        self.must("issue", code, whole)
        for holder, amount in holders:
            self.must("allocate", code, amount, holder=holder, pool="Total")

    def funded(self, holder: str, amount: str) -> None:
        """Let money arrive at a client's account."""
        money = Amount.exactly(amount, CNY)
        bank = CRC.at("Bank:Settlement", "clearing")
        lines = (debit(bank, money), credit(CRC.client(holder), money))
        id = UUID(int=5000 + next(self.numbers))
        on = dt.date.fromisoformat(self.on)
        journal.post(self.store, BOOK, [Draft(id, "cash.deposit", on, "", lines)], actor=None)


def party_of(holder: str) -> UUID:
    """Return the party of a holder."""
    return chart.party_id(holder.lower())


def _account(path: str, basis: str) -> Account:
    class_ = "memo" if basis == "memo" else "equity" if path.startswith("Issued") else "asset"
    return Account(CRC.at(path).code, class_, basis)


def _line(amount: Amount, at: AccountRef, quanta: int) -> Posting:
    return debit(at, amount) if quanta > 0 else credit(at, amount)
