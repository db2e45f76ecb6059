"""Deals as published: quantity, price and amount, and which of them follows from the others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from accounting import figures
from accounting.figures import Figure
from accounting.sheet import Record, Sheet
from accounting.traded import printed
from accounting.traded.verdict import (
    ABSENT,
    Check,
    Status,
    Verdict,
    equal,
    invented,
    loose,
    number,
)
from ledger.core.errors import Finding

HEADINGS = {
    "权益": "right", "品种": "right", "标的": "item", "项目": "item", "日期": "date",
    "成交日期": "date", "地区": "place", "方式": "mode", "交易方式": "mode", "数量": "volume",
    "成交量": "volume", "quantity": "volume", "单位": "unit", "单价": "price", "成交价": "price",
    "价格": "price", "价格单位": "price_unit", "金额": "amount_cny", "成交额": "amount_cny",
    "成交金额": "amount_cny", "amount": "amount_cny", "期限": "term", "起拍价": "start_price",
    "来源": "source_url", "备注": "note",
}  # fmt: skip
KNOWN = ("volume", "price", "amount_cny")
COLUMNS = (
    "right", "item", "date", "place", "seller_kind", "buyer_kind", "mode", "volume", "unit",
    "price", "price_unit", "amount_cny", "term", "start_price", "source_url", "note", "status",
)  # fmt: skip
YEAR = re.compile(r"(?:19|20)\d\d")
PER_YEAR = re.compile(r"[*·×/]\s*(?:yr|year|a|年)\b")
SOLVED = re.compile(r"price (?:is )?(?:derived|inferred)|(?:单价|价格)(?:系|为)?(?:反算|推算|折算)")
BOUND = re.compile(rf"({printed.NUMBER}) max(?:.*?base ({printed.NUMBER}))?")
NO_MASS = re.compile(r"/\s*(?:d|day|日|天)\b")
CLOSE_ENOUGH = Fraction(1, 200)


def verdicts(table: Sheet) -> Iterator[tuple[Verdict, tuple[Finding, ...]]]:
    """Judge every deal of a table; what is doubtful comes with it."""
    for record in table.records:
        verdict, doubts = _verdict(table.file, record)
        checks = (*verdict.checks, *printed.identities(record["note"]))
        checks += tuple(_items(record, table.records))
        yield replace(verdict, checks=checks, synthetic=invented(record)), doubts


def _verdict(file: str, record: Record) -> tuple[Verdict, tuple[Finding, ...]]:
    volume, price = number(record, "volume"), number(record, "price")
    amount = number(record, "amount_cny")
    missing = tuple(_missing(record, volume, price, amount))
    base = Verdict(
        file, record.row, _name(record), "not bookable", record["amount_cny"], "CNY", missing
    )
    checks, doubts = tuple(_bounds(record, volume, price, amount)), list(_doubts(file, record))
    if missing:
        reason = "; ".join(_said(record, column) for column in missing)
        return replace(base, reason=reason, checks=checks), tuple(doubts)
    assert volume is not None
    if price is None:
        assert amount is not None
        reason = "no price is printed"
        if volume.value:
            reason += f"; on average {figures.plain(amount.value / volume.value)} a unit"
        return replace(base, status="booked", reason=reason, checks=checks), tuple(doubts)
    yearly = bool(PER_YEAR.search(record["price_unit"]))
    due = volume.value * price.value
    if amount is None:
        reason = "for one year; the term is not printed" if yearly else "the amount is not printed"
        published = figures.plain(due)
        found = replace(base, status="computed", published=published, reason=reason, checks=checks)
        return found, tuple(doubts)
    status, check, reason = _multiplied(record, volume, price, amount)
    if status == "booked":
        title = "The amount agrees with quantity × price only as a rounded figure"
        facts = {"recomputed": check.recomputed, "published": check.published}
        doubts.append(
            Finding("market.amount-rounded", title, file, record.row, "amount_cny", facts)
        )
    return replace(base, status=status, reason=reason, checks=(check, *checks)), tuple(doubts)


def _multiplied(
    record: Record, volume: Figure, price: Figure, amount: Figure
) -> tuple[Status, Check, str]:
    """Compare quantity × price with the printed amount, and say which figure is whose."""
    due = volume.value * price.value
    if SOLVED.search(record["note"]) and volume.value:
        check = equal("amount ÷ quantity = price", amount.value / volume.value, price)
        if check.status == "checked":
            return "inferred", check, "the price is solved back from amount and quantity"
    what = "quantity × price = amount"
    slack = volume.half * price.value + price.half * volume.value
    exact, rounding = equal(what, due, amount), equal(what, due, amount, slack)
    if exact.status == "checked":
        return "computed", replace(exact, status="computed"), ""
    rounded = abs(due - amount.value) <= loose(amount).half
    if rounding.status == "checked" and due:
        return "computed", replace(rounding, status="computed"), "within the digits printed"
    if rounded and abs(due - amount.value) <= CLOSE_ENOUGH * abs(due):
        reason = "the amount is printed as a rounded figure"
        return "booked", replace(exact, status="booked", reason=reason), reason
    return "deviates", exact, "quantity × price is not the amount"


def _missing(
    record: Record, volume: Figure | None, price: Figure | None, amount: Figure | None
) -> Iterator[str]:
    if volume is None:
        yield "volume"
    if price is None and amount is None:
        yield "amount_cny"
        yield "price"
    if record["unit"].casefold() in ABSENT or NO_MASS.search(record["unit"]):
        yield "unit"
    if not YEAR.search(record["date"]):
        yield "date"


def _said(record: Record, column: str) -> str:
    if record[column].casefold() in ABSENT:
        return f"{column} is not published"
    return f"{column} is printed as {record[column]}"


def _doubts(file: str, record: Record) -> Iterator[Finding]:
    if NO_MASS.search(record["unit"]):
        title = "The unit is a daily flow, not a quantity of the right"
        facts = {"unit": record["unit"]}
        yield Finding("market.unit-no-mass", title, file, record.row, "unit", facts)
    for column in KNOWN:
        if record[column].casefold() not in ABSENT and number(record, column) is None:
            title = "Not one figure: it books nothing"
            facts = {"printed": record[column]}
            yield Finding("market.not-a-figure", title, file, record.row, column, facts)


def _bounds(
    record: Record, volume: Figure | None, price: Figure | None, amount: Figure | None
) -> Iterator[Check]:
    """Hold a deal against the highest, the base and the starting price that are printed."""
    found = BOUND.search(record["price"])
    if found and volume and amount:
        most = printed.number(found[1]).value * volume.value + amount.half
        least = printed.number(found[2] or "0").value * volume.value - amount.half
        within = least <= amount.value <= most
        span = f"{figures.plain(least)} to {figures.plain(most)}"
        status: Status = "checked" if within else "deviates"
        yield Check("amount within base and highest price", status, span, amount.typed)
    start = re.match(printed.NUMBER, record["start_price"])
    if start and price:
        above = price.value >= printed.number(start[0]).value
        status = "checked" if above else "deviates"
        yield Check("price at or above the starting price", status, start[0], price.typed)


def _items(record: Record, records: Sequence[Record]) -> Iterator[Check]:
    """Add up the items of one sale where a note says what they sum to."""
    found = printed.ITEMS.search(record["note"])
    if not found:
        return
    alike = [each for each in records if _sale(each) == _sale(record)]
    amounts = [number(each, "amount_cny") for each in alike]
    count = int(found[1])
    if len(alike) != count or None in amounts:
        reason = f"{len(alike)} rows of this sale are printed"
        yield Check(f"{count} items add up", "not bookable", "", found[2], reason)
        return
    whole = sum((each.value for each in amounts if each), Fraction(0))
    yield equal(f"{count} items add up", whole, printed.number(found[2]))


def _sale(record: Record) -> tuple[str, ...]:
    return record["right"], record["date"], record["place"], record["seller_kind"]


def _name(record: Record) -> str:
    return " ".join(each for each in (record["right"], record["item"], record["place"]) if each)
