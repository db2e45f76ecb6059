"""Traps of mass: carbon taken for carbon dioxide, oxygen and carbon on different bases."""

from collections.abc import Iterator
from fractions import Fraction

from accounting.cells import Cell
from accounting.figures import Figure
from accounting.plausibility.checked import Checked, Item, measure, product
from accounting.plausibility.library import CarbonPrice, library
from ledger.core.errors import Finding

CARBON_DIOXIDE, CARBON, OXYGEN = "CO2", "C", "O2"
TOLERANCE = Fraction(1, 10)  # of the mass ratio: 1.63 and 1.19 of dry matter give 0.730, not 0.727


def carbon_or_co2(checked: Checked) -> Iterator[Finding]:
    """A tonne of C is 44/12 tonnes of CO2: unit, price, name and value must mean the same."""
    for item in checked.items:
        if item.about("carbon") and not item.about("oxygen"):
            for title, facts in _mixed(item):
                yield checked.finding("carbon-or-co2", title, [item], **facts)


def _mixed(item: Item) -> Iterator[tuple[str, dict[str, object]]]:
    named = CARBON_DIOXIDE if item.about("co2") else CARBON if item.about("pure_carbon") else ""
    counted, priced = substance(item.quantity), substance(item.price)
    if named and counted and named != counted:
        title = "The name says one substance, the unit of the quantity another"
        yield title, {"name": named, "unit": counted}
    if counted and priced and counted != priced and item.factor is None:
        title = "The quantity is of one substance, the price of another"
        yield title, {"quantity": counted, "price": priced}
    of = priced or counted or named
    published = _price_of_the_other(item, of)
    if published:
        facts = {
            "price_of": of, "published_price_cny_per_t": float(published.cny_per_t),
            "published_of": published.of, "published_in": published.source.document,
        }  # fmt: skip
        yield "The price is the published price of a tonne of the other substance", facts
    times = _off_by_the_ratio(item)
    if times:
        title = "Quantity × price misses the value by the ratio of CO2 to C"
        yield title, {"value_over_product": times, "published": item.typed}


def _price_of_the_other(item: Item, of: str) -> CarbonPrice | None:
    """Return the published price that this price is, where it is of another substance."""
    price = measure(item.price, "CNY/t")
    if price is None or not of:
        return None
    near = [each for each in library().carbon_prices if each.cny_per_t == price.value]
    return next(iter(near), None) if near and all(each.of != of for each in near) else None


def _off_by_the_ratio(item: Item) -> str:
    """Say by which of 44/12 and 12/44 the value misses the product, if by either."""
    found = product(item)
    if found is None or item.value is None:
        return ""
    low, _, high = found
    value = item.value.figure
    if _meets(value, low, high):
        return ""
    ratio = molar(CARBON_DIOXIDE) / molar(CARBON)
    named = {"44/12": ratio, "12/44": 1 / ratio}
    return next(
        (name for name, each in named.items() if _meets(value, low * each, high * each)), ""
    )


def _meets(value: Figure, low: Fraction, high: Fraction) -> bool:
    return low - value.half <= value.value <= high + value.half


def oxygen_carbon_ratio(checked: Checked) -> Iterator[Finding]:
    """On one basis 32 t of O2 come with 44 t of CO2; another ratio is two bases, or a slip."""
    for items in checked.groups():
        fixed = [each for each in items if each.about("carbon") and not each.about("oxygen")]
        freed = [each for each in items if each.about("oxygen") and not each.about("co2")]
        for carbon, oxygen in _pairs(fixed, freed):
            yield from _ratio(checked, carbon, oxygen)


def _pairs(fixed: list[Item], freed: list[Item]) -> Iterator[tuple[Item, Item]]:
    """Pair the one mass of carbon with the one of oxygen; by type, type by type."""
    fixed = [each for each in fixed if measure(each.quantity, "t")]
    freed = [each for each in freed if measure(each.quantity, "t")]
    if len(fixed) == len(freed):
        yield from zip(fixed, freed, strict=True)


def _ratio(checked: Checked, carbon: Item, oxygen: Item) -> Iterator[Finding]:
    c, o = measure(carbon.quantity, "t"), measure(oxygen.quantity, "t")
    if c is None or o is None or c.value - c.half <= 0 or o.value <= 0:
        return
    named = CARBON if carbon.about("pure_carbon") else CARBON_DIOXIDE
    of = substance(carbon.quantity) or named
    expected = molar(OXYGEN) / molar(of)
    low, high = (o.value - o.half) / (c.value + c.half), (o.value + o.half) / (c.value - c.half)
    if high < expected * (1 - TOLERANCE) or low > expected * (1 + TOLERANCE):
        title = "Oxygen and carbon are not in the ratio of one process: two bases, or a slip"
        yield checked.finding(
            "oxygen-carbon-ratio", title, [carbon, oxygen], carbon_t=float(c.value), carbon_of=of,
            oxygen_t=float(o.value), ratio=round(float(o.value / c.value), 3),
            expected=round(float(expected), 3),
        )  # fmt: skip


def substance(cell: Cell | None) -> str:
    """Return C or CO2 where a unit names it, above the line or below."""
    named = {name for name, _ in cell.unit.dimension} if cell else set()
    return next((each for each in (CARBON_DIOXIDE, CARBON) if each in named), "")


def molar(of: str) -> Fraction:
    """Return the molar mass in g/mol, as the standards round it."""
    return library().numbers["molar_mass", of]
