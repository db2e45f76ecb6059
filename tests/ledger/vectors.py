"""The records behind the golden vectors, as the ledger would hold them."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from ledger.core.account import Account, Bound, Side
from ledger.core.amount import Commodity
from ledger.core.hold import Consumption, HoldLine
from ledger.core.record import (
    AccountChanged,
    AccountOpened,
    Annotation,
    BookOpened,
    CommodityUsed,
    Consume,
    EntityPeriod,
    Expiry,
    ForeignDigest,
    Hold,
    Line,
    PeriodEvent,
    Record,
    Transaction,
    UpTo,
    Void,
    Voucher,
    spot,
)


def id_of(number: int) -> UUID:
    """Return an id whose hexadecimal digits repeat."""
    return UUID(int=number * 0x11111111111111111111111111111111 % 2**128)


BOOK = id_of(15)
FIRST_BOOKED_US = 1677571200123456
DIGEST = bytes(range(32))
CARBON = Commodity("BC.XSG.2023", "t.CO2", 3, "credit", "blue-carbon.xiangshan")
HOLDING = Account(
    "XS-REG:Holding:1002:Free", "asset", "registry", Side.DEBIT, id_of(5), ("credit",),
    (Bound("*", Decimal(0)), Bound("BC.XSG.2023", Decimal("-0.5"), Decimal(1_000_000))),
    None, "open", 7,
)  # fmt: skip
RECORDS: tuple[Record, ...] = (
    BookOpened(
        "main",
        "Asia/Shanghai",
        {"dual": "fiscal.transfer", "command-line": "allowed", "中": "文"},
        None,
    ),
    AccountOpened(HOLDING, id_of(1)),
    AccountChanged(
        Account(
            "T520000:2105Due:T530000",
            "liability",
            "accrual",
            Side.CREDIT,
            None,
            (),
            (),
            30,
            "frozen",
            8,
        ),
        None,
    ),
    CommodityUsed(CARBON),
    Transaction(
        id_of(2),
        DIGEST,
        "trade.settle",
        dt.date(2023, 2, 28),
        (EntityPeriod("XS-CLR", "2023-02"), EntityPeriod("XS-REG", "2023-02")),
        "西沪港蓝碳拍卖 2340.1 t × 106",
        "XS-2023-001",
        id_of(3),
        id_of(4),
        {"source": "…", "b": "", "a": "é"},
        ("ab" * 32,),
        None,
        None,
        None,
        (),
        (),
        (
            Line(spot("XS-REG:Holding:1002:Free", "BC.XSG.2023"), 2340100, Side.DEBIT, False),
            Line(spot("XS-REG:Holding:1001:Free", "BC.XSG.2023"), 2340100, Side.CREDIT, False),
            Line(spot("XS-CLR:Client:1002:Free", "CNY"), 24805060, Side.DEBIT, False),
            Line(spot("XS-CLR:Client:1001:Free", "CNY"), 24805060, Side.CREDIT, False),
        ),
    ),
    Transaction(
        id_of(6),
        DIGEST[::-1],
        "reversal",
        dt.date(1969, 12, 31),
        (EntityPeriod("T1", "1969-13", Voucher("记", 42)),),
        "",
        "",
        None,
        None,
        {},
        (),
        id_of(2),
        "2023-02",
        id_of(7),
        (UpTo(1, 2**63 - 1),),
        (Consumption(id_of(8), 1, 500, False), Consumption(id_of(9), 0, 0, True)),
        (
            Line(spot("T1:1001国库存款", "CNY"), 1, Side.DEBIT, True),
            Line(spot("T1:4002非税收入", "CNY"), 1, Side.CREDIT, True),
        ),
    ),
    Hold(
        id_of(8),
        DIGEST,
        "order",
        "O-1",
        id_of(10),
        FIRST_BOOKED_US + 1,
        id_of(3),
        (
            HoldLine("XS-CLR:Client:1002:Free", "CNY", 24805060, Side.DEBIT),
            HoldLine("XS-REG:Holding:1001:Free", "BC.XSG.2023", 1, Side.CREDIT),
        ),
    ),
    Hold(id_of(11), DIGEST, "approval", "", None, None, None),
    Consume(id_of(12), id_of(3), (Consumption(id_of(8), 2, 1, True),)),
    Void(id_of(11), "重复", id_of(4)),
    Expiry(id_of(8), FIRST_BOOKED_US + 1),
    PeriodEvent("T1", "accrual", "2023-02", "closed", "月结", DIGEST, id_of(4)),
    PeriodEvent("T1", "budget", "2023-03", "open", "", None, None),
    Annotation(id_of(2), {"note": "checked"}, id_of(4)),
    ForeignDigest("gep-account", "garze-2010/2010", DIGEST, {"edition": "1"}, None),
)
