"""Days, weeks and years of a market: ways of trading add up, closes follow from listings."""

import datetime as dt
import re
from collections.abc import Iterator
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
    against_itself,
    equal,
    invented,
    loose,
    number,
)
from ledger.core.errors import Finding
from ledger.market.calendar import trades_on
from ledger.market.refusals import NoVenueRule

MODES = ("listing", "block", "auction")
SPANS = (*MODES, "total", "ytd", "cum")
HEADINGS = {
    "日期": "date", "期间": "period", "市场": "market", "开盘价": "open", "最高价": "high",
    "最低价": "low", "收盘价": "close", "涨跌幅": "chg_pct", "挂牌协议成交量": "listing_vol",
    "挂牌协议成交额": "listing_amt", "大宗协议成交量": "block_vol", "大宗协议成交额": "block_amt",
    "单向竞价成交量": "auction_vol", "单向竞价成交额": "auction_amt", "总成交量": "total_vol",
    "总成交额": "total_amt", "年累计成交量": "ytd_vol", "年累计成交额": "ytd_amt",
    "累计成交量": "cum_vol", "累计成交额": "cum_amt", "价格口径": "price_basis",
    "来源": "source_url", "备注": "note",
    **{f"{each}_vol_t": f"{each}_vol" for each in SPANS},
    **{f"{each}_amt_cny": f"{each}_amt" for each in SPANS},
}  # fmt: skip
KNOWN = (
    "total_vol", "total_amt", "cum_vol", "cum_amt", "ytd_vol", "ytd_amt", "listing_vol",
    "listing_amt", "block_vol", "block_amt", "auction_vol", "auction_amt", "open", "high", "low",
    "close",
)  # fmt: skip
COLUMNS = (
    "date", "period", "kind", "market", "chg_pct", "price_basis", "exactness", "source_url",
    "note", "status",
)  # fmt: skip
COMPOSITE_SINCE = dt.date(2023, 8, 24)
"""沪环境交〔2023〕29号: from this day prices of the national market are composite."""
CENT = Fraction(1, 200)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MONTH = re.compile(r"(?:19|20)\d\d-\d\d")
YEAR = re.compile(r"(?:19|20)\d\d")


def verdicts(table: Sheet) -> Iterator[tuple[Verdict, tuple[Finding, ...]]]:
    """Judge every row by itself; what ties rows together is in ``totals``."""
    for record in table.records:
        checks = (
            *_added(record), *_close(record), *_averages(record), *_range(record),
            *printed.identities(record["note"]),
        )  # fmt: skip
        yield _verdict(table.file, record, checks), tuple(_doubts(table.file, record))


def day(record: Record) -> dt.date | None:
    """Return the last day of a row: its date, or the end of its period, or of its year."""
    text = record["date"] or record["period"]
    days = DAY.findall(text)
    try:
        if days:
            return dt.date.fromisoformat(days[-1])
        return dt.date(int(text), 12, 31) if re.fullmatch(r"(?:19|20)\d\d", text) else None
    except ValueError:
        return None


def figure(record: Record, column: str) -> Figure | None:
    """Return a figure; where the row says that it is rounded, its last zeros are rounding."""
    found = number(record, column)
    about = f"{record['exactness']} {record['note']}".casefold()
    cumulative = column.startswith("cum_") and "derived cum" in about
    return loose(found) if found and "rounded" in about and not cumulative else found


def derived(record: Record) -> bool:
    """Say whether a row is itself solved back from others."""
    return record["exactness"].casefold().startswith("derived")


def _verdict(file: str, record: Record, checks: tuple[Check, ...]) -> Verdict:
    name = " ".join(
        each for each in (record["market"], record["date"] or record["period"], record["kind"])
        if each
    )  # fmt: skip
    missing = tuple(each for each in ("total_vol", "total_amt") if number(record, each) is None)
    if not YEAR.search(record["date"] or record["period"]):
        missing += ("date",)
    if missing:
        status: Status = "not bookable"
        reason = "; ".join(_said(record, each) for each in missing)
    elif derived(record):
        status, reason = "inferred", "solved back from other notices"
    elif any(each.status in ("checked", "computed") for each in checks):
        status, reason = "checked", ""
    else:
        status, reason = "booked", "nothing printed in the row checks the totals"
    if not missing and any(map(against_itself, checks)):
        status = "deviates"
    return Verdict(
        file, record.row, name, status, record["total_amt"], "CNY", missing, reason,
        invented(record), checks,
    )  # fmt: skip


def _said(record: Record, column: str) -> str:
    if record[column].casefold() in ABSENT:
        return f"{column} is not published"
    return f"{column} is printed as {record[column]}"


def _added(record: Record) -> Iterator[Check]:
    """Listing + block + auction = total, in quantity and in money."""
    for kind in ("vol", "amt"):
        parts = [figure(record, f"{mode}_{kind}") for mode in MODES]
        total = figure(record, f"total_{kind}")
        if total is None or parts[0] is None or parts[1] is None:
            continue
        given = [each for each in parts if each]
        what = " + ".join(f"{mode}_{kind}" for mode, each in zip(MODES, parts, strict=True) if each)
        whole = sum((each.value for each in given), Fraction(0))
        slack = sum((each.half for each in given), Fraction(0)) if len(given) > 1 else Fraction(0)
        loose_ = slack if "rounded" in record["exactness"] else Fraction(0)
        exact = Figure(total.typed, total.value, total.half if loose_ else Fraction(0))
        yield equal(f"{what} = total_{kind}", whole, exact, loose_)


def _close(record: Record) -> Iterator[Check]:
    """Before composite prices the close is the mean price of all listing fills."""
    mean, close = _mean(record, "listing"), number(record, "close")
    if mean is None or close is None:
        return
    if composite(record):
        reason = "a composite close does not follow from listings"
        shown = str(figures.rounded(mean, 2))
        yield Check("close", "booked", shown, close.typed, reason)
    elif record["price_basis"] == "listing" and record["date"]:
        check = equal("close = listing_amt ÷ listing_vol", mean, close)
        yield replace(check, status="computed") if check.status == "checked" else check


def composite(record: Record) -> bool:
    """Say whether the prices of a row are composite, by its own word or by its day."""
    if record["price_basis"]:
        return record["price_basis"] == "composite"
    on = day(record)
    if on is None:
        month = MONTH.search(record["period"] or record["date"])
        return month is not None and month[0] > f"{COMPOSITE_SINCE:%Y-%m}"
    return on >= COMPOSITE_SINCE


def _averages(record: Record) -> Iterator[Check]:
    """Averages that a note prints, of all trades or of one way of trading."""
    for found in printed.AVERAGE.finditer(record["note"]):
        mode = (found[1] or "total").strip()
        mean = _mean(record, mode)
        if mean is not None:
            amount, volume = figure(record, f"{mode}_amt"), figure(record, f"{mode}_vol")
            assert amount is not None and volume is not None  # noqa: PT018
            slack = (amount.half + mean * volume.half) / volume.value
            yield equal(f"{mode}_amt ÷ {mode}_vol", mean, printed.number(found[2]), slack)


def _range(record: Record) -> Iterator[Check]:
    """Mean prices lie between low and high, unless prices are composite."""
    low, high = number(record, "low"), number(record, "high")
    mode = "total" if record["price_basis"] == "all modes" else "listing"
    mean = _mean(record, mode)
    if low and high and low.value > high.value:
        yield Check("low ≤ high", "deviates", low.typed, high.typed)
    if mean is None or low is None or high is None or composite(record):
        return
    status: Status = "checked" if _within(mean, low, high) else "deviates"
    shown = str(figures.rounded(mean, 4))
    yield Check(f"low ≤ {mode} mean ≤ high", status, shown, f"{low.typed} to {high.typed}")


def _within(mean: Fraction, low: Figure, high: Figure) -> bool:
    return low.value - CENT <= mean <= high.value + CENT


def _mean(record: Record, mode: str) -> Fraction | None:
    amount, volume = number(record, f"{mode}_amt"), number(record, f"{mode}_vol")
    if amount is None or volume is None or volume.value <= 0:
        return None
    return amount.value / volume.value


def _doubts(file: str, record: Record) -> Iterator[Finding]:
    on = day(record) if record["date"] else None
    if on is not None and not _trading(on):
        title = "No trading day: the figures belong to another day"
        facts = {"date": on.isoformat(), "weekday": on.strftime("%A")}
        yield Finding("market.no-trading-day", title, file, record.row, "date", facts)
    mean, low, high = _mean(record, "listing"), number(record, "low"), number(record, "high")
    if mean is not None and low and high and composite(record) and not _within(mean, low, high):
        title = "The mean of listings lies outside low and high: these are composite values"
        facts = {"mean": str(figures.rounded(mean, 2)), "low": low.typed, "high": high.typed}
        yield Finding("market.composite-outside", title, file, record.row, "high", facts)
    for column in record.cells:
        known = column.endswith(("_vol", "_amt")) or column in ("open", "high", "low", "close")
        if known and record[column].casefold() not in ABSENT and number(record, column) is None:
            title = "Not one figure: it books nothing"
            facts = {"printed": record[column]}
            yield Finding("market.not-a-figure", title, file, record.row, column, facts)


def next_one(on: dt.date) -> dt.date:
    """Return the trading day after a day."""
    following = on + dt.timedelta(days=1)
    while not _trading(following):
        following += dt.timedelta(days=1)
    return following


def _trading(on: dt.date) -> bool:
    """Ask the calendar; of years that it does not know, only weekends are certain."""
    try:
        return trades_on(on)
    except NoVenueRule:
        return on.isoweekday() <= 5  # noqa: PLR2004 - Friday
