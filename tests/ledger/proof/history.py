"""A book in which every kind of record stands: what its export says, and how to forge it."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from ledger.core import body as bodies
from ledger.core.account import Account, Bound, Side
from ledger.core.amount import CNY, Commodity
from ledger.core.command import (
    Annotate,
    Approve,
    Change,
    Cite,
    Command,
    Declare,
    Item,
    Open,
    Place,
    Post,
    Reject,
    Release,
    ReleaseGroup,
    Take,
    Turn,
)
from ledger.core.position import NEVER
from ledger.core.state import Outcome, State
from ledger.export import export
from ledger.proof.inclusion import leaf_hash
from ledger.proof.layout import record_bytes
from ledger.proof.sumtree import seal_root
from ledger.store import Store, open_store
from ledger.store.load import find_book
from ledger.writer import open_book, submit
from tests.ledger.reference_encoding import root

Json = dict[str, Any]
BOOK = "main"
PREPARER, APPROVER = UUID(int=1), UUID(int=2)
BEGIN = dt.datetime(2025, 6, 30, 1, tzinfo=dt.UTC)
CEA = Commodity("CEA.2024", "t.CO2", 0, "allowance")
PLANT, MILL = "CRC:Holding:1001:Free", "CRC:Holding:1002:Free"
CASH_PLANT, CASH_MILL, BANK = "CLR:Client:1001:Free", "CLR:Client:1002:Free", "CLR:Bank"
TREASURY, INCOME, TRANSIT, BUDGET = "T1:1001国库存款", "T1:4002非税收入", "T1:Transit", "T1:8001"
FLOOR = (Bound("*", Decimal(0)),)
LIMITED = (Bound("*", Decimal(0), Decimal(5_000)),)
ACCOUNTS = (
    Account("CRC:Issued", "equity", "registry", Side.CREDIT),
    Account(PLANT, "asset", "registry", kinds=("allowance",), bounds=FLOOR),
    Account(MILL, "asset", "registry", kinds=("allowance",), bounds=LIMITED),
    Account(BANK, "asset", "clearing"),
    Account(CASH_PLANT, "liability", "clearing", Side.CREDIT, bounds=FLOOR),
    Account(CASH_MILL, "liability", "clearing", Side.CREDIT, bounds=FLOOR),
    Account(TREASURY, "asset", "accrual"),
    Account(INCOME, "income", "accrual", Side.CREDIT),
    Account(TRANSIT, "asset", "accrual", always_zero_days=5),
    Account(BUDGET, "asset", "budget"),
    Account("CLR:Former", "liability", "clearing", Side.CREDIT),
)
Lines = tuple[tuple[str, str, str], ...]


def id_of(name: str) -> str:
    """Return the id of what is called so."""
    return str(uuid5(UUID(int=0), name))


def posting(name: str, *lines: tuple[str, str, str], **more: Any) -> Post:
    """Send a transaction: account, amount, commodity."""
    sent = {
        "book": BOOK, "id": id_of(name), "narrative": name, "effective_on": "2025-06-30",
        "postings": [
            {"account": account, "amount": amount, "commodity": commodity}
            for account, amount, commodity in lines
        ],
    }  # fmt: skip
    return Post(bodies.read(sent | more))


def hold(name: str, *lines: tuple[str, str, str, str], **more: Any) -> Place:
    """Place a hold: account, amount, commodity, side."""
    sent = {
        "book": BOOK, "id": id_of(name), "kind": "order", "reference": name,
        "lines": [
            {"account": account, "amount": amount, "commodity": commodity, "side": side}
            for account, amount, commodity, side in lines
        ],
    }  # fmt: skip
    return Place(bodies.read_hold(sent | more))


def takes(name: str, line: int, amount: str, *, final: bool = False) -> Json:
    """Take of a line of a hold."""
    return {"hold": id_of(name), "line": line, "amount": amount, "final": final}


def minute(number: int) -> str:
    """Return an instant of the history."""
    moment = BEGIN + dt.timedelta(minutes=number)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def sealing(entity: str, basis: str) -> Callable[[State], bytes]:
    """Make the seal of an entity and basis, as the page of the encoding says."""

    def seal(state: State) -> bytes:
        return seal_root(
            (*each.key, each.dr, each.cr)
            for each in state.positions.values()
            if (each.account.entity, each.account.basis) == (entity, basis) and each.latest != NEVER
        )

    return seal


@dataclass
class Telling:
    """Submits items minute by minute; each must be done."""

    store: Store
    minute: int = 0
    said: list[Outcome] = field(default_factory=list)

    def __call__(self, *items: Item, actor: UUID = PREPARER, after: int = 1) -> None:
        """Submit a command, some minutes after the one before."""
        self.minute += after
        now = int((BEGIN + dt.timedelta(minutes=self.minute)).timestamp()) * 1_000_000
        self.store.clock = lambda: now
        outcomes = submit(self.store, BOOK, Command(items, actor))
        assert [each.error for each in outcomes] == [None] * len(items)


def told(url: str) -> Store:
    """Tell the whole history into a fresh database."""
    store = open_store(url)
    store.clock = lambda: int(BEGIN.timestamp()) * 1_000_000
    open_book(store, BOOK, policy={"dual": "fiscal.transfer", "voucher": "记"})
    tell = Telling(store)
    tell(Declare(CNY), Declare(CEA), *map(Open, ACCOUNTS))
    _trading(tell)
    _fiscal(tell)
    _closing(tell)
    return store


def _trading(tell: Telling) -> None:
    tell(posting("issue", ("CRC:Issued", "-9000", CEA.code), (PLANT, "9000", CEA.code)))
    tell(posting("deposit", (BANK, "200000", "CNY"), (CASH_MILL, "-200000", "CNY")))
    order = (
        (PLANT, "1000", CEA.code, "credit"), (CASH_MILL, "80000", "CNY", "debit"),
        (MILL, "1000", CEA.code, "debit"),
    )  # fmt: skip
    tell(hold("order", *order, deadline=minute(900), group=id_of("auction")))
    tell(hold("other order", *order[:2], group=id_of("auction")))
    tell(hold("given up", *order[:1]))
    tell(hold("short", *order[:1], deadline=minute(20)))
    tell(hold("standing", (PLANT, "7", CEA.code, "credit")))
    tell(hold("parcel", (MILL, "10", CEA.code, "debit")))
    tell(posting(
        "trade", (PLANT, "-600", CEA.code), (MILL, "600", CEA.code),
        (CASH_MILL, "48000", "CNY"), (CASH_PLANT, "-48000", "CNY"),
        consumes=[takes("order", 1, "600"), takes("order", 2, "48000"),
                  takes("order", 3, "600", final=True)],
    ))  # fmt: skip
    tell(Release(UUID(id_of("given up")), "withdrawn"))
    tell(posting("after", (BANK, "1", "CNY"), (CASH_PLANT, "-1", "CNY")), after=30)
    tell(posting(
        "fee", (CASH_MILL, "10", "CNY"), (CASH_PLANT, "-10", "CNY"),
        (PLANT, "0", CEA.code), (MILL, "0", CEA.code),
        consumes=[takes("order", 1, "0", final=True), takes("order", 2, "10", final=True)],
    ))  # fmt: skip
    tell(ReleaseGroup(UUID(id_of("auction")), "auction over"))
    for name, final in (("picked up", False), ("picked up wholly", True)):
        sent = {"book": BOOK, "id": id_of(name), "consumes": [takes("parcel", 1, "3", final=final)]}
        tell(Take(bodies.read_consume(sent)))
    sweep = posting("sweep", (CASH_PLANT, "999999", "CNY"), (BANK, "-999999", "CNY"))
    sweep.body.postings[0].up_to = True
    tell(sweep)


def _fiscal(tell: Telling) -> None:
    levy = ((TREASURY, "100", "CNY"), (INCOME, "-100", "CNY"))
    tell(posting("levy", *levy), posting("levy again", *levy))
    mirrored = [
        {"account": TREASURY, "amount": "-100", "commodity": "CNY", "side": "debit"},
        {"account": INCOME, "amount": "100", "commodity": "CNY", "side": "credit"},
    ]
    tell(posting("red", reverses=id_of("levy again"), postings=mirrored))
    for name in ("approved", "rejected", "waiting"):
        tell(posting(name, *levy, kind="fiscal.transfer"))
    tell(Approve(UUID(id_of("approved"))), actor=APPROVER)
    tell(Reject(UUID(id_of("rejected")), "no"), actor=APPROVER)
    tell(Annotate(UUID(id_of("levy")), {"note": "checked"}))
    tell(Cite("gep-account", "garze-2010/2010", bytes(range(32)), {"edition": "2010"}))
    both = (*levy, (BUDGET, "5", "CNY"), (BUDGET, "-5", "CNY"))
    tell(posting("two bases", *both, periods={"T1": "2025-13"}))
    tell(Change(Account("CLR:Former", "liability", "clearing", Side.CREDIT, state="frozen")))


def _closing(tell: Telling) -> None:
    levy = ((TREASURY, "100", "CNY"), (INCOME, "-100", "CNY"))

    def turn(state: str, *, seal: bool = False, **more: Any) -> None:
        made = sealing("T1", "accrual") if seal else None
        tell(Turn("T1", "accrual", more.pop("period", "2025-06"), state, seal=made, **more))

    turn("closing")
    tell(posting("stated", *levy, periods={"T1": "2025-06"}))
    turn("closed", seal=True)
    tell(posting("late", *levy, late_for="2025-06"))
    turn("reopened", reason="an error")
    tell(posting("corrected", *levy))
    turn("closed", seal=True)
    turn("closing", period="2025-08")
    turn("open", period="2025-08")
    tell(posting("last", (BANK, "1", "CNY"), (CASH_PLANT, "-1", "CNY"), effective_on="2025-07-01"))


class Exported:
    """An export that can be forged and sealed again, as whoever owns the database could."""

    def __init__(self, lines: list[Json]) -> None:
        self.lines: list[Json] = json.loads(json.dumps(lines))
        self.book = UUID(self.lines[0]["uuid"])

    def named(self, name: str, kind: str = "transaction") -> Json:
        """Find a record by its narrative, reference or id."""
        wanted = (name, id_of(name))
        names = ("narrative", "reference", "id", "hold", "code", "state")
        for line in self.lines:
            if line.get("record") == kind and any(line.get(each) in wanted for each in names):
                return line
        raise LookupError(name)

    def kind(self, kind: str, number: int = 0) -> Json:
        """Find a record by its kind."""
        return [line for line in self.lines if line.get("record") == kind][number]

    def balance(self, account: str) -> Json:
        """Find the balance of an account."""
        lines = [line["balance"] for line in self.lines if "balance" in line]
        return next(line for line in lines if line["account"] == account)

    def moving(self, name: str, *moved: tuple[str, int], **changed: Any) -> Json:
        """Put a transaction behind the last one that moves quanta (in CNY or CEA.2024)."""
        postings = []
        for account, quanta in moved:
            rights = account.startswith("CRC")
            shown = str(quanta) if rights else f"{quanta / 100:.2f}"
            postings.append({
                "account": account, "commodity": CEA.code if rights else "CNY", "amount": shown,
                "side": "debit" if quanta > 0 else "credit", "balance_after": shown,
            })  # fmt: skip
        entities = sorted({account.partition(":")[0] for account, _ in moved})
        periods = [{"entity": each, "period": "2025-07", "voucher": None} for each in entities]
        sent = {"id": id_of(name), "effective_on": "2025-07-01", "periods": periods}
        return self.last(self.named("last"), **sent | {"postings": postings} | changed)

    def holding(self, name: str, *lines: tuple[str, int, str], **changed: Any) -> Json:
        """Put a hold behind the last record: account, quanta, side."""
        held = [
            {"account": account, "commodity": CEA.code if account[:3] == "CRC" else "CNY",
             "quanta": str(quanta), "side": side}
            for account, quanta, side in lines
        ]  # fmt: skip
        sent = {"id": id_of(name), "lines": held}
        return self.last(self.named("standing", "hold"), **sent | changed)

    def last(self, line: Json, **changed: Any) -> Json:
        """Put a changed copy of a record behind the last one."""
        end = max(at for at, each in enumerate(self.lines) if "record" in each)
        copy: Json = json.loads(json.dumps(line)) | {"booked_at": self.lines[end]["booked_at"]}
        self.lines.insert(end + 1, copy | changed)
        return self.lines[end + 1]

    def sealed(self) -> list[Json]:
        """Number the records, and work out every leaf and the root again."""
        records = [line for line in self.lines if "record" in line]
        for seq, line in enumerate(records, 1):
            line["seq"] = seq
            line["leaf"] = leaf_hash(record_bytes(self.book, line)).hex()
        leaves = [bytes.fromhex(line["leaf"]) for line in records]
        self.lines[-1]["head"] = {"seq": len(records), "root": root(leaves).hex()}
        return self.lines


def exported(store: Store) -> list[Json]:
    """Return the export of the history."""
    with store.reading() as connection:
        return list(export(connection, find_book(connection, BOOK)))
