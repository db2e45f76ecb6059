"""Worked books: journals written as text, as an accountant would write them."""

import datetime as dt
from pathlib import Path
from uuid import UUID, uuid5

from ledger import chart, journal
from ledger.balances import balances
from ledger.core import body as bodies
from ledger.core.body import Body
from ledger.core.state import Outcome
from ledger.store import Store, open_store
from ledger.store.load import find_book

BOOK = "main"
POLICY = {"dual": "fiscal.transfer", "command-line": "allowed"}
PREPARER, APPROVER = UUID(int=1), UUID(int=2)
CHART = """
[[commodity]]
code = "CNY"
unit = "CNY"
scale = 2
kind = "money"

[[commodity]]
code = "CEA.2024"
unit = "t.CO2"
scale = 0
kind = "allowance"

[[party]]
code = "mill"
name = "造纸厂"

[[account]]
code = "CRC:Pool:Total"
class = "asset"
basis = "registry"

[[account]]
code = "CRC:Issued"
class = "equity"
basis = "registry"

[[account]]
code = "CRC:Holding:Plant:Free"
class = "asset"
basis = "registry"
kinds = ["allowance"]
floor = "0"

[[account]]
code = "CRC:Holding:Mill:Free"
class = "asset"
basis = "registry"
party = "mill"
kinds = ["allowance"]
floor = "0"
ceiling = "5000"

[[account]]
code = "CLR:Bank:Settlement"
class = "asset"
basis = "clearing"

[[account]]
code = "CLR:Client:Plant:Free"
class = "liability"
basis = "clearing"
floor = "0"

[[account]]
code = "CLR:Client:Mill:Free"
class = "liability"
basis = "clearing"
party = "mill"
floor = "0"
bounds = { CNY = { floor = "-100.00" } }

[[account]]
code = "CLR:Client:Closed:Free"
class = "liability"
basis = "clearing"
state = "closed"

[[account]]
code = "T1:1001国库存款"
class = "asset"
basis = "accrual"

[[account]]
code = "T1:4002非税收入"
class = "income"
basis = "accrual"

[[account]]
code = "T1:8001资金结存"
class = "asset"
basis = "budget"
"""


def worked_store(url: str, folder: Path) -> Store:
    """Open a store whose book ``main`` has the worked chart."""
    store = open_store(url)
    journal.open_book(store, BOOK, policy=POLICY)
    path = folder / "chart.toml"
    path.write_text(CHART, "utf-8")
    outcomes = chart.load(store, BOOK, chart.read(path), actor=None)
    assert {each.status for each in outcomes} == {"done"}
    return store


def body(text: str, *, name: str = "", **more: object) -> Body:
    """Read a transaction written as text: a dated narrative, then account, amount, commodity."""
    first, *lines = [line for line in text.strip().splitlines() if line.strip()]
    on, narrative = first.strip().split(" ", 1)
    postings = []
    for line in lines:
        account, amount, commodity = line.split(";")[0].split()
        amount = amount.replace(",", "")
        postings.append({"account": account, "amount": amount, "commodity": commodity})
    sent = {
        "book": BOOK,
        "id": str(uuid5(UUID(int=0), name or text)),
        "effective_on": on,
        "narrative": narrative,
        "postings": postings,
    }
    return bodies.read(sent | more)


def post(store: Store, *sent: Body, atomic: bool = True) -> list[Outcome]:
    """Post bodies as the preparer."""
    return journal.post_bodies(store, BOOK, sent, actor=PREPARER, atomic=atomic)


def code_of(outcome: Outcome) -> str:
    """Return the refusal's code, or the status."""
    return outcome.status if outcome.error is None else outcome.error.code


def balance(
    store: Store,
    account: str,
    commodity: str,
    *,
    as_of: dt.date | None = None,
    known_at: int | None = None,
) -> str:
    """Return a balance on the account's normal side, as a decimal string."""
    with store.reading() as connection:
        found = balances(
            connection, find_book(connection, BOOK), as_of=as_of, known_at=known_at, account=account
        )
        shown = [str(row.normal) for row in found if row.commodity.code == commodity]
    return shown[0] if shown else "none"
