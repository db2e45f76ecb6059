"""Traps of nature: turbine flow sold as industrial water, too many cooling days, odd areas."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from accounting.plausibility.checked import Checked, Item, measure
from accounting.plausibility.library import library
from ledger.core.errors import Finding

KJ_PER_KWH = 3600
HEAD_M_OF_ONE_M3 = Fraction(3600) / (Fraction("9.81") * Fraction("0.9"))  # for 1 kWh, at 90 %
DAYS_OF_A_YEAR = 365
TIMES_OTHER_USE = 5  # industry that takes five times what households and fields take together


def turbine_flow(checked: Checked) -> Iterator[Finding]:
    """Water that fell through turbines is no intake of industry: its energy is priced already."""
    numbers = library().numbers
    for items in checked.groups():
        industry = _added(items, "industrial_water", "m3")
        power = _added(items, "hydropower", "kWh")
        if not industry or not power:
            continue
        each_kwh = industry / power
        turned = numbers["hydropower", "least"] <= each_kwh <= numbers["hydropower", "most"]
        others = _added(items, "other_water", "m3")
        people = _added(items, "population", "person")
        crowded = people and industry / people > numbers["hydropower", "intake_per_person"]
        if turned and (crowded or (others and industry > others * TIMES_OTHER_USE)):
            those = [x for x in items if x.about("industrial_water") or x.about("hydropower")]
            title = "Industrial water looks like turbine flow, and is priced beside its hydropower"
            yield checked.finding(
                "turbine-flow", title, those, industrial_m3=float(industry),
                hydropower_kwh=float(power), m3_per_kwh=round(float(each_kwh), 3),
                head_m=round(float(HEAD_M_OF_ONE_M3 / each_kwh)),
                times_other_use=round(float(industry / others), 1) if others else None,
                m3_per_person=round(float(industry / people)) if people else None,
            )  # fmt: skip


def cooling_days(checked: Checked) -> Iterator[Finding]:
    """Transpired heat over heat a day gives the days it was counted for: at most the hot ones."""
    for items in checked.groups():
        energy = _added(items, "transpiration", "kWh")
        a_day = _heat_a_day(items)
        if not energy or not a_day:
            continue
        days = energy * KJ_PER_KWH * library().numbers["cooling", "efficiency"] / a_day
        hot = _added(items, "hot_days", "d") or _added(items, "hot_days", "1")
        if days > (hot or DAYS_OF_A_YEAR):
            title = "Cooling does not follow from areas and heat: it takes too many days"
            yield checked.finding(
                "cooling-days", title, [each for each in items if each.about("transpiration")],
                energy_kwh=float(energy), heat_kj_per_day=float(a_day),
                days=round(float(days)), at_most=float(hot or DAYS_OF_A_YEAR),
                hectares={name: float(_area(items, name, "hm2")) for name in library().heat},
            )  # fmt: skip


def _heat_a_day(items: Sequence[Item]) -> Fraction:
    """Return the heat that forest, shrub and grassland take up in a day, in kJ."""
    heat = library().heat.items()
    return sum((each * _area(items, name, "m2") for name, each in heat), Fraction(0))


def per_area(checked: Checked) -> Iterator[Finding]:
    """A value by area an order of magnitude beyond every published case is an outlier."""
    factor = library().numbers["outlier", "factor"]
    for known in library().per_area:
        for item in checked.items:
            value = measure(item.value, "CNY") if item.about(known.subject) else None
            if value is None or not value.value:
                continue
            area = _area_of(checked, item)
            if not area:
                continue
            density = value.value / area
            if not known.least / factor <= density <= known.most * factor:
                title = "The value by area is an order of magnitude beyond every published case"
                yield checked.finding(
                    "per-area-outlier", title, [item], subject=known.subject,
                    cny_per_km2=float(density), area_km2=float(area),
                    published_least=float(known.least), published_most=float(known.most),
                    published_in=known.source.document,
                )  # fmt: skip


def _area_of(checked: Checked, item: Item) -> Fraction:
    """Return the area of an item, in km2: its own quantity, else its type's, else the place's."""
    own = measure(item.quantity, "km2")
    if own:
        return own.value
    items = checked.beside(item)
    kinds = [name for name in library().heat if item.about(name)]
    if kinds:
        return _area(items, kinds[0], "km2")
    extents = [x for x in items if x.is_extent]
    whole = [x for x in extents if x.about("whole")]
    areas = [measure(x.quantity, "km2") for x in whole or extents]
    return sum((each.value for each in areas if each), Fraction(0))


def _area(items: Sequence[Item], kind: str, unit: str) -> Fraction:
    return _added([each for each in items if each.is_extent], kind, unit)


def _added(items: Sequence[Item], subject: str, unit: str) -> Fraction:
    """Add up the quantities of a subject, totals left out."""
    those = (each for each in items if each.about(subject) and not each.is_total)
    found = (measure(each.quantity, unit) for each in those)
    return sum((each.value for each in found if each), Fraction(0))
