"""The vintage waterfall: what was issued of each right, and where every unit of it stands."""

import datetime as dt

from sqlalchemy import Connection

from ledger.core.amount import Amount
from ledger.core.book import Book
from ledger.rights.registry import POOLS, SINKS, STATES
from ledger.rights.waterfall import LOCKED, SETTLING, Waterfall, waterfalls
from ledger.statements.statement import Column, Label, Row, Statement

PLACES = (*STATES, LOCKED, SETTLING, *SINKS)
LABELS = (
    Label("可用", "Free"), Label("当日买入", "Bought today"), Label("质押", "Pledged"),
    Label("冻结", "Frozen"), Label("租入", "Leased in"), Label("挂单锁定", "Locked by orders"),
    Label("待交收", "Being settled"), Label("清缴", "Surrendered"), Label("抵销", "Offset"),
    Label("自愿注销", "Cancelled"), Label("失效", "Expired"), Label("结转出", "Converted"),
)  # fmt: skip
UNIT = "@right"
COLUMNS = (
    Column("right", Label("权利", "Right")),
    Column("registry", Label("登记机构", "Registry")),
    Column("issued", Label("发放", "Issued"), UNIT, align="right"),
    Column("by_carry", Label("结转入", "Carried in"), UNIT, align="right"),
    Column("pools", Label("各池", "Pools"), UNIT, align="right"),
    *(
        Column(place.lower(), label, UNIT, align="right")
        for place, label in zip(PLACES, LABELS, strict=True)
    ),
    Column("difference", Label("差额（须为零）", "Difference (must be 0)"), UNIT, align="right"),
)


def waterfall(
    connection: Connection,
    book: Book,
    *,
    account: str | None = None,
    as_of: dt.date | None = None,
) -> Statement:
    """List every right of the book, or of one registry; of a past day locks count as free."""
    found = waterfalls(connection, book, as_of)
    rows = [_row(each) for each in found if account in {None, each.registry}]
    return Statement(Label("年度权利流向表", "Vintage waterfall"), COLUMNS, rows)


def _row(each: Waterfall) -> Row:
    pools = sum(each.places.get(f"Pool:{name}", 0) for name in POOLS)
    return (
        each.commodity.code, each.registry, Amount(each.issued, each.commodity).value,
        Amount(each.by_carry, each.commodity).value, Amount(pools, each.commodity).value,
        *(each.at(place).value for place in PLACES), each.difference.value,
    )  # fmt: skip
