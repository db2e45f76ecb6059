"""hledger's and beancount's balance assertions, checked by this ledger's own balances.

Each posting is a transaction of its own against an account of the adapter's, in the order of the
file and with its own date, so that a balance of a day is asked of the ledger, not summed up here.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid5

from ledger import balances
from ledger.core import body as bodies
from ledger.core.account import Account
from ledger.core.amount import COMMODITY_KINDS, SCALE_MAX, Commodity
from ledger.core.command import Declare, Open, Post
from ledger.core.errors import DomainError
from tests.conformance.books import BOOK, OWN, Books, line, nothing_of_the_token
from tests.conformance.scenario import Check, Fields

COUNTER = Account("J:_", "equity", "accrual")
FINER = "amounts finer than nine decimals: the scale of a commodity ends there"
MORE_KINDS = "more commodities than kinds, by which an account accepts them"
DAY = dt.timedelta(days=1)


class BalanceAssertions:
    """The adapter of the balance assertions."""

    START_US = 1_735_689_600_000_000

    def not_applicable(self, scenario: Fields) -> str:
        """Name what this ledger's commodities cannot express."""
        if any(_digits(each["amount"]) > SCALE_MAX for each in scenario["postings"]):
            return FINER
        restricted = any(each.get("commodities") for each in scenario.get("open", ()))
        too_many = len(_symbols(scenario)) > len(COMMODITY_KINDS)
        return MORE_KINDS if restricted and too_many else ""

    def play(self, scenario: Fields, books: Books) -> Iterator[Check]:
        """Open and post everything, then hold every assertion against the ledger."""
        session = Session(scenario, books)
        session.open()
        for index, posting in session.order:
            session.post(index, posting)
        if "assertions" in scenario:
            found = [
                index
                for index, each in enumerate(scenario["assertions"])
                if not session.holds_at_start(each)
            ]
            yield Check("failed assertions", scenario["expected"]["failed"], found)
            return
        failed = session.first_failing()
        expected = scenario["expected"]
        yield Check("ok", expected["ok"], failed is None)
        if "failed_posting" in expected:
            yield Check("failed posting", expected["failed_posting"], failed)
        yield from session.as_in_the_register()


class Session:
    """One journal on one book."""

    def __init__(self, scenario: Fields, books: Books) -> None:
        self.scenario, self.books = scenario, books
        self.postings = list(enumerate(scenario["postings"]))
        self.restricted = any(each.get("commodities") for each in scenario.get("open", ()))
        self.order = sorted(self.postings, key=_date) if self.restricted else self.postings
        self.commodities = self._commodities()
        self.ids: dict[int, str] = {}

    def _commodities(self) -> dict[str, Commodity]:
        """Declare each symbol, as fine as the finest amount; one kind each where that counts."""
        found = {}
        for number, symbol in enumerate(_symbols(self.scenario)):
            amounts = (each["amount"] for _, each in self.postings if each["commodity"] == symbol)
            scale = max(map(_digits, amounts), default=2)
            kind = COMMODITY_KINDS[number] if self.restricted else "money"
            found[symbol] = Commodity(f"C{number}", symbol or "none", scale, kind)
        return found

    def open(self) -> None:
        """Open the accounts named, and where none is said to be opened, those above them too."""
        stated = self.scenario.get("open")
        if stated is None:
            named = [each["account"] for _, each in self.postings]
            named += [each["account"] for each in self.scenario.get("assertions", ())]
            stated = [{"account": name} for name in sorted(set(_upwards(named)))]
        declared = [Declare(each) for each in self.commodities.values()]
        accounts = [Open(self._account(each)) for each in stated]
        self.books.must(*declared, Open(COUNTER), *accounts)

    def _account(self, fields: Fields) -> Account:
        accepted = fields.get("commodities") or ()
        kinds = tuple(sorted({self.commodities[each].kind for each in accepted}))
        return Account(_code(fields["account"]), "asset", "accrual", kinds=kinds)

    def post(self, index: int, posting: Fields) -> None:
        """Post one line of the journal against the adapter's account."""
        commodity, amount = self.commodities[posting["commodity"]], Decimal(posting["amount"])
        sides = ("credit", "debit") if amount < 0 else ("debit", "credit")
        text = f"{abs(amount):f}" if amount else "0"
        self.ids[index] = str(uuid5(OWN, f"posting {index}"))
        sent: dict[str, Any] = {
            "book": BOOK, "id": self.ids[index], "effective_on": posting["date"],
            "postings": [
                line(_code(posting["account"]), commodity.code, text, sides[0]),
                line(COUNTER.code, commodity.code, text, sides[1]),
            ],
        }  # fmt: skip
        if not amount:
            sent["consumes"] = [nothing_of_the_token()]
        self.books.must(Post(bodies.read(sent)))

    def holds_at_start(self, stated: Fields) -> bool:
        """Hold an assertion at the start of its day, with everything below the account."""
        code, commodity = _code(stated["account"]), self.commodities[stated["commodity"]]
        try:
            with self.books.store.reading() as connection:
                balances.account(connection, self.books.book, code).accept(commodity)
        except DomainError:
            return False
        before = dt.date.fromisoformat(stated["date"]) - DAY
        found = self._standing(code, before, below=True).get(commodity.code, Decimal(0))
        given = stated.get("tolerance")
        digits = _digits(stated["amount"])
        written = Decimal(1).scaleb(-digits) if digits else Decimal(0)
        tolerance = written if given is None else Decimal(given)
        return abs(found - Decimal(stated["amount"])) <= tolerance

    def first_failing(self) -> int | None:
        """Return the first posting, by date and then by position, whose assertion fails."""
        for index, posting in sorted(self.postings, key=_date):
            if "assert" in posting and not self._holds_after(index, posting):
                return index
        return None

    def _holds_after(self, index: int, posting: Fields) -> bool:
        stated = posting["assert"]
        mode = stated.get("mode", "single")
        below = "inclusive" in mode
        commodity = self.commodities[stated["commodity"]].code
        after = self._after(index, posting, below=below)
        others = (amount for code, amount in after.items() if code != commodity)
        if mode.startswith("total") and any(others):
            return False
        return after.get(commodity, Decimal(0)) == Decimal(stated["amount"])

    def _after(self, index: int, posting: Fields, *, below: bool) -> dict[str, Decimal]:
        """Return the balance of the evening before, and the lines of the day up to a posting."""
        code, on = _code(posting["account"]), dt.date.fromisoformat(posting["date"])
        standing = self._standing(code, on - DAY, below=below)
        with self.books.store.reading() as connection:
            book = self.books.book
            day = list(balances.register(connection, book, account=code, since=on, until=on))
        for each in day:
            if below or each.account == code:
                there = standing.get(each.commodity.code, Decimal(0))
                standing[each.commodity.code] = there + each.amount.value
            if each.id == self.ids[index]:
                break
        return standing

    def _standing(self, code: str, on: dt.date, *, below: bool) -> dict[str, Decimal]:
        summed: dict[str, Decimal] = {}
        with self.books.store.reading() as connection:
            for row in balances.balances(connection, self.books.book, as_of=on, account=code):
                if below or row.account.code == code:
                    there = summed.get(row.commodity.code, Decimal(0))
                    summed[row.commodity.code] = there + row.balance.value
        return summed

    def as_in_the_register(self) -> Iterator[Check]:
        """Where the file is in date order, the register says the same after each posting."""
        if [index for index, _ in sorted(self.postings, key=_date)] != list(range(len(self.ids))):
            return
        for index, posting in self.postings:
            code, symbol = _code(posting["account"]), self.commodities[posting["commodity"]].code
            with self.books.store.reading() as connection:
                book = self.books.book
                lines = list(balances.register(connection, book, account=code, commodity=symbol))
            after = {each.id: each.after.value for each in lines if each.account == code}
            asked = self._after(index, posting, below=False)[symbol]
            yield Check(f"register {index}", asked, after[self.ids[index]])


def _date(numbered: tuple[int, Fields]) -> tuple[str, int]:
    index, posting = numbered
    return posting["date"], index


def _symbols(scenario: Fields) -> list[str]:
    """Return every commodity that a scenario names, in order."""
    named: list[str] = []
    for each in scenario["postings"]:
        named.append(each["commodity"])
        if "assert" in each:
            named.append(each["assert"]["commodity"])
    named += [each["commodity"] for each in scenario.get("assertions", ())]
    for each in scenario.get("open", ()):
        named += each.get("commodities") or ()
    return list(dict.fromkeys(named))


def _upwards(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        parts = name.split(":")
        for end in range(1, len(parts) + 1):
            yield ":".join(parts[:end])


def _code(name: str) -> str:
    """Name an account; what no account code may hold is written by its number."""
    plain = (char if char.isascii() and char.isalnum() else f"_{ord(char):x}_" for char in name)
    return "J:" + "".join(plain).replace("_3a_", ":").replace("_2d_", "-")


def _digits(amount: str) -> int:
    return len(amount.partition(".")[2])
