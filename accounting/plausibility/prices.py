"""Traps of price: one price that drives two services, prices implied by values that drift."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from accounting.figures import Figure
from accounting.plausibility.checked import Checked, Item, measure
from accounting.plausibility.library import library
from ledger.core.errors import Finding

VOLUME_PRICE = "CNY/m3"
WITHIN, BETWEEN = "within_a_year", "from_year_to_year"


def shared_price(checked: Checked) -> Iterator[Finding]:
    """One reservoir price on two services may count the same water twice, and errs for both."""
    for items in checked.groups():
        by_price: dict[Fraction, list[Item]] = defaultdict(list)
        for each in items:
            price = measure(each.price, VOLUME_PRICE)
            if price and each.value:
                by_price[price.value].append(each)
        for price_cny, those in by_price.items():
            services = list(dict.fromkeys(each.service for each in those))
            if len(services) > 1:
                title = "One price per m3 values more than one service: water may count twice"
                yield checked.finding(
                    "shared-price", title, those, cny_per_m3=float(price_cny), services=services,
                    value_cny=float(_value(those)),
                    share_of_all_percent=_percent(_value(those), _value(items)),
                )  # fmt: skip


def _value(items: Sequence[Item]) -> Fraction:
    counted = (
        measure(each.value, "CNY") for each in items if not each.is_total and not each.about("gep")
    )
    return sum((each.value for each in counted if each), Fraction(0))


def _percent(part: Fraction, whole: Fraction) -> float | None:
    return round(float(part / whole * 100), 1) if whole else None


def implied_price_drift(checked: Checked) -> Iterator[Finding]:
    """Where no price is printed, value over quantity is one price: within a year and over years."""
    alike: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for each in checked.items:
        if each.price is None and not each.is_total and implied(each):
            unit = each.quantity.unit.text if each.quantity else ""
            alike[each.place, each.service, unit].append(each)
    for items in alike.values():
        for year in dict.fromkeys(each.year for each in items):
            those = [each for each in items if each.year == year]
            yield from _drift(checked, those, WITHIN)
        for first, last in pairwise(_one_a_year(items)):
            yield from _drift(checked, [first, last], BETWEEN)


def implied(item: Item) -> Figure | None:
    """Return value over quantity with what half-units allow, in the units as printed."""
    if item.value is None or item.quantity is None:
        return None
    v, q = item.value.figure, item.quantity.figure
    if q.value - q.half <= 0 or v.value <= 0:
        return None
    scale = item.value.unit.factor / item.quantity.unit.factor
    low, high = (v.value - v.half) / (q.value + q.half), (v.value + v.half) / (q.value - q.half)
    return Figure("", (low + high) / 2 * scale, (high - low) / 2 * scale)


def _one_a_year(items: Sequence[Item]) -> list[Item]:
    """Return the items in order of year, where each year has one."""
    years = [each.year for each in items]
    return sorted(items, key=lambda each: each.year) if len(set(years)) == len(years) else []


def _drift(checked: Checked, items: Sequence[Item], over: str) -> Iterator[Finding]:
    prices = [(price, each) for each in items if (price := implied(each))]
    if len(prices) < 2:  # noqa: PLR2004 - one price cannot drift
        return
    lowest, low_item = min(prices, key=lambda each: each[0].value + each[0].half)
    highest, high_item = max(prices, key=lambda each: each[0].value - each[0].half)
    apart = (highest.value - highest.half) / (lowest.value + lowest.half)
    if apart > 1 + library().numbers["drift", over]:
        yield checked.finding(
            "implied-price-drift", "Value over quantity is not one price", items,
            over=over.replace("_", " "), lowest=float(lowest.value), of_lowest=low_item.name,
            highest=float(highest.value), of_highest=high_item.name,
            times_apart=round(float(highest.value / lowest.value), 2),
        )  # fmt: skip
