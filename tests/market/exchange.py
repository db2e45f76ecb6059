"""An exchange for tests: a book whose holders have rights and cash, and a market on its clock."""

import datetime as dt
from collections.abc import Iterable
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from ledger import audit, journal
from ledger.balances import balances, held_back
from ledger.core.account import ANY_COMMODITY, Account, Bound, Side
from ledger.core.amount import CNY, Amount, decimal_of
from ledger.core.command import Command, Declare, Item, Open, Party
from ledger.core.draft import Draft, Posting, credit, debit
from ledger.core.errors import DomainError, Finding
from ledger.core.state import Outcome
from ledger.market import laws, settling
from ledger.market.booking import FEES, SETTLE_CASH
from ledger.market.desk import telling
from ledger.market.events import AnyEvent, CloseDay, OpenDay, Submit, Withdraw
from ledger.market.floor import Floor
from ledger.market.market import Market
from ledger.market.order import BUY, SELL
from ledger.market.rules import MarketRules
from ledger.rights.instrument import right
from ledger.rights.registry import BOUGHT_TODAY, SETTLE, Registry, account_of
from ledger.store import Store
from ledger.store.load import find_book
from ledger.writer import submit
from tests.market.floor import CEA, DAY, at

BOOK, MARKET = "main", "cea"
CRC, CLEARING = Registry("CRC"), Registry("CLR")
PARTIES = ("Plant", "Mill", "Smelter")
FAR_FROM = dt.date(2022, 1, 1)
UNDER_RULES = (laws.markets_follow_their_events, laws.fills_are_delivered_against_payment)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = at("14:00")

    def __call__(self) -> int:
        """Return the instant at which it stands."""
        return self.now


class Exchange:
    """Tells a market events and reads what stands in the book."""

    def __init__(
        self, store: Store, rules: MarketRules | None = None, *, rights: int = 1_000,
        cash: int = 10_000_000, parties: Iterable[str] = PARTIES, product: str = CEA,
        day: dt.date = DAY, venue: str = MARKET,
    ) -> None:  # fmt: skip
        self.store, self.numbers, self.clock = store, count(1), Clock()
        self.product, self.rules, self.day, self.venue = product, rules, day, venue
        store.clock = self.clock
        journal.open_book(store, BOOK, actor=None)
        self.parties = tuple(parties)
        self._open_accounts()
        self._endow(rights, cash)

    def floor(self, market: str) -> Floor:
        """Return a market under the rules that are tried."""
        rules = self.rules
        return Floor(market, Market(rules_of=lambda venue, on: rules) if rules else None)

    def id(self) -> UUID:
        """Return an id that was not used."""
        return UUID(int=next(self.numbers) + (1 << 100))

    def tell(self, event: AnyEvent, id: UUID | None = None) -> Outcome:
        """Tell the market an event; return what became of it."""
        item = telling(MARKET, id or self.id(), event, self.floor)
        (outcome,) = submit(self.store, BOOK, Command((item,), None, atomic=False))
        return outcome

    def must(self, event: AnyEvent, id: UUID | None = None) -> int:
        """Tell it an event that is taken in; return its number."""
        outcome = self.tell(event, id)
        if outcome.error is not None:
            raise outcome.error
        assert outcome.seq is not None
        return outcome.seq

    def why_not(self, event: AnyEvent, id: UUID | None = None) -> str:
        """Tell it an event that is refused; return the code."""
        error = self.tell(event, id).error
        assert isinstance(error, DomainError)
        return error.code

    def open(self, close: int = 5777, **more: Any) -> int:
        """Open the day."""
        return self.must(self.opening(close, **more))

    def opening(self, close: int, **more: Any) -> OpenDay:
        """Return the opening of the day."""
        settles = {"registry": CRC.code, "clearing": CLEARING.code, **more}
        return OpenDay(0, 0, self.day, self.venue, self.day, {self.product: close}, **settles)

    def order(
        self, party: str, side: int, price: int, quantity: int, mode: str = "continuous",
        id: UUID | None = None,
    ) -> int:  # fmt: skip
        """Enter an order that is taken in; return its number."""
        return self.must(self.submit(party, side, price, quantity, mode), id)

    def submit(
        self, party: str, side: int, price: int, quantity: int, mode: str = "continuous"
    ) -> Submit:
        """Return an order."""
        return Submit(0, 0, self.product, party, side, price, quantity, mode)  # type: ignore[arg-type]

    def buy(self, party: str, price: int, quantity: int, **more: Any) -> int:
        """Enter an order to buy."""
        return self.order(party, BUY, price, quantity, **more)

    def sell(self, party: str, price: int, quantity: int, **more: Any) -> int:
        """Enter an order to sell."""
        return self.order(party, SELL, price, quantity, **more)

    def withdraw(self, party: str, order: int) -> int:
        """Take an order back."""
        return self.must(Withdraw(0, 0, self.product, party, order))

    def close(self, **closes: int) -> int:
        """End the day."""
        return self.must(CloseDay(0, 0, closes))

    def settle(self) -> int:
        """Run the settlement; return how many trades it settled."""
        run = settling.settle(self.store, BOOK, MARKET, actor=None)
        assert run.refused == ()
        return run.settled

    @property
    def standing(self) -> dict[str, str]:
        """The balances that are not zero, by account and, where it is a right, its code."""
        with self.store.reading() as connection:
            found = list(balances(connection, find_book(connection, BOOK)))
        return {
            each.account.code: str(each.normal)
            for each in found
            if each.normal.quanta and not each.account.code.startswith("CLR:Bank")
            and each.account.code != "CRC:Issued"
        }  # fmt: skip

    @property
    def held(self) -> dict[str, int]:
        """What holds reserve, by account."""
        with self.store.reading() as connection:
            found = held_back(connection, find_book(connection, BOOK))
        return {account: quanta for (account, _), quanta in found.items() if quanta}

    def findings(self) -> list[Finding]:
        """Run every law of the ledger."""
        with self.store.reading() as connection:
            book = find_book(connection, BOOK)
            tried = [self._under(check) for check in audit.CHECKS]
            return [each for check in tried for each in check(connection, book)]

    def _under(self, check: Any) -> Any:
        rules = self.rules
        if rules is None or check not in UNDER_RULES:
            return check
        return partial(check, rules_of=lambda venue, on: rules)

    def _open_accounts(self) -> None:
        parties, accounts = list[Item](), list[Account]()
        for number, name in enumerate(self.parties, 1):
            id = UUID(int=number)
            parties.append(Party(id, "org", name))
            refs = CRC.holding(name), CRC.holding(name, BOUGHT_TODAY)
            accounts += [account_of(ref, id) for ref in refs]
            accounts.append(cash_account(CLEARING.client(name).code, id))
        accounts += [
            account_of(CRC.at("Issued"), None), account_of(CRC.at(SETTLE), None),
            cash_account(CLEARING.at(SETTLE_CASH).code, None),
            Account(CLEARING.at(FEES).code, "income", "clearing", Side.CREDIT),
            Account("CLR:Bank:Settlement", "asset", "clearing"),
        ]  # fmt: skip
        items = (Declare(CNY), Declare(right(self.product).commodity), *parties)
        submit(self.store, BOOK, Command((*items, *map(Open, accounts)), None))

    def _endow(self, rights: int, cash: int) -> None:
        commodity = right(self.product).commodity
        issued, bank = CRC.at("Issued"), CLEARING.at("Bank:Settlement", "clearing")
        lines: list[Posting] = []
        for name in self.parties:
            if rights:
                lines += [debit(CRC.holding(name), Amount(rights, commodity)),
                          credit(issued, Amount(rights, commodity))]  # fmt: skip
            lines += [debit(bank, Amount(cash, CNY)),
                      credit(CLEARING.client(name), Amount(cash, CNY))]  # fmt: skip
        draft = Draft(self.id(), "right.issue", FAR_FROM, "endowed", tuple(lines))
        (outcome,) = journal.post(self.store, BOOK, [draft], actor=None)
        assert outcome.error is None, outcome.error


def cash_account(code: str, party: UUID | None) -> Account:
    """Return an account of money that is never below zero, as a clearing house opens it."""
    floor = Bound(ANY_COMMODITY, floor=decimal_of("0"))
    return Account(
        code, "liability", "clearing", Side.CREDIT, party=party, kinds=("money",), bounds=(floor,)
    )
