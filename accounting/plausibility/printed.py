"""Traps of print: 亿 and billion, powers of ten, sums that are none, shares of another base."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from accounting import figures
from accounting.figures import Figure, NotANumber
from accounting.plausibility.checked import Checked, Item, measure, product
from accounting.plausibility.library import library
from accounting.sums import TOTAL, Sum
from ledger.core.errors import Finding

BILLION = re.compile(r"billion|十亿|\bbn\b", re.IGNORECASE)
BILLION_CNY = Fraction(10**9)
YI_IN_A_BILLION = 10
POWERS = tuple(power for power in range(-9, 10) if power)
PERCENT = "%"


def yi_or_billion(checked: Checked) -> Iterator[Finding]:
    """A 亿 is a tenth of a billion: a GEP that no area carries was printed in the wrong one."""
    printed = [each for each in checked.items if BILLION.search(each.typed_unit)]
    dense = [each for each in printed if each.about("gep") and _too_dense(checked, each)]
    if not dense:
        return
    first = max(dense, key=lambda each: _billions(each) or 0)
    area, cny = _area_km2(checked, first), _billions(first)
    if area and cny:
        title = "A GEP so large for its area was printed in billions and must be in 亿 (1e8)"
        yield checked.finding(
            "yi-or-billion", title, [first, *(each for each in printed if each is not first)],
            printed=first.typed, unit=first.typed_unit, area_km2=float(area),
            cny_per_km2=float(cny / area), cny_per_km2_in_yi=float(cny / area / YI_IN_A_BILLION),
            densest_published=float(_densest()),
        )  # fmt: skip


def _too_dense(checked: Checked, item: Item) -> bool:
    area, cny = _area_km2(checked, item), _billions(item)
    return bool(area and cny and cny / area > _densest() >= cny / area / YI_IN_A_BILLION)


def _densest() -> Fraction:
    return next(each.most for each in library().per_area if each.subject == "gep")


def _billions(item: Item) -> Fraction | None:
    value = measure(item.value, "CNY")
    if value:
        return value.value
    try:
        return figures.read(item.typed).value * BILLION_CNY
    except NotANumber:
        return None


def _area_km2(checked: Checked, item: Item) -> Fraction | None:
    """Return the area of the place: as the table gives it, else of the province it names."""
    for each in checked.items:
        if each.place == item.place and each.is_extent and each.about("whole"):
            area = measure(each.quantity or each.value, "km2")
            if area and area.value:
                return area.value
    provinces = library().provinces.items()
    return next((area for name, area in provinces if name.search(item.name)), None)


def power_of_ten(checked: Checked) -> Iterator[Finding]:
    """A value that misses quantity × price by a power of ten has a scale word wrong."""
    for item in checked.items:
        found = product(item)
        if found is None or item.value is None or not item.value.figure.value:
            continue
        low, _, high = found
        value = item.value.figure
        if low - value.half <= value.value <= high + value.half or low <= 0 <= high:
            continue
        for power in POWERS:
            ten = Fraction(10) ** power
            if low - value.half * ten <= value.value * ten <= high + value.half * ten:
                title = (
                    "The value misses quantity × price by a power of ten: 万, 亿, million, billion"
                )
                yield checked.finding(
                    "power-of-ten", title, [item], published=item.typed, unit=item.typed_unit,
                    product_over_value=f"1e{power}",
                )  # fmt: skip


def sums_of_rows(checked: Checked) -> Iterator[Finding]:
    """A total is the sum of its rows, to the half-units of their last digits.

    Where another total of the same rows holds, this one is of something else and is left alone,
    as is a GEP that does not call itself a total: its services need not all be printed.
    """
    held = {each.of_rows for each in checked.sums.values() if each.within_half_units}
    for item in checked.items:
        added = checked.sums.get(item.row or 0)
        if added is None or added.within_half_units or added.of_rows in held:
            continue
        if not TOTAL.search(item.name):
            continue
        title = "The rows do not add up to the total" + ", which was cut or misrounded" * added.cut
        yield checked.finding(
            "sum-cut" if added.cut else "sum", title, [item], published=item.typed,
            unit=item.typed_unit, added=added.recomputed, difference=added.difference,
            added_over_published=_over(added), parts=list(added.of_rows),
        )  # fmt: skip


def _over(added: Sum) -> float | None:
    printed = Fraction(added.recomputed) - Fraction(added.difference)
    return round(float(Fraction(added.recomputed) / printed), 6) if printed else None


def shares(checked: Checked) -> Iterator[Finding]:
    """A share is of the total of its own table and year; if of another base, that base is named."""
    for item in checked.items:
        share = _share(item)
        if share is None:
            continue
        parts = _parts(checked, item)
        bases = dict(_bases(checked, item))
        own = f"total of {item.year}"
        if not parts or own not in bases:
            continue
        part = sum((each.value for each in parts), Fraction(0))
        if _is(share, part, bases[own]):
            continue
        fitting = [name for name, base in bases.items() if base and _is(share, part, base)]
        yield checked.finding(
            "share-of-another-base", "The share is not of the total printed beside it", [item],
            printed=item.typed, recomputed=f"{float(part / bases[own] * 100):.4g}%",
            base_that_fits=fitting or "none of the totals printed",
        )  # fmt: skip


def _share(item: Item) -> Figure | None:
    """Return the printed share in percent, where the row is one."""
    cell = item.value if PERCENT in item.typed_unit or PERCENT in item.typed else None
    return measure(cell, PERCENT) if cell and item.about("share") else None


def _is(share: Figure, part: Fraction, base: Fraction) -> bool:
    return abs(part / base * 100 - share.value) <= share.half


def _parts(checked: Checked, share: Item) -> list[Figure]:
    """Return the values a share row speaks of: those of its service, or of its indicator."""
    rest = library().words["share"].sub("", share.indicator).strip(" 的of")
    same = [each for each in _valued(checked, share.year) if each.service == share.service]
    exact = [each for each in same if rest and rest == each.indicator]
    values = (measure(each.value, "CNY") for each in exact or same)
    return [each for each in values if each]


def _valued(checked: Checked, year: str) -> list[Item]:
    return [
        each
        for each in checked.items
        if each.year == year and not each.is_total and not each.about("gep")
        and measure(each.value, "CNY")
    ]  # fmt: skip


def _bases(checked: Checked, share: Item) -> Iterator[tuple[str, Fraction]]:
    """Yield what a share may be of: the total of a year, or that total without one service."""
    totals: dict[str, Fraction] = {}
    grand = [each for each in checked.items if TOTAL.search(each.service)]
    for each in (*(each for each in checked.items if each.about("gep")), *grand):
        value = measure(each.value, "CNY")
        if value and value.value:
            totals.setdefault(each.year, value.value)
    for year, total in totals.items():
        yield f"total of {year}", total
    if share.year in totals:
        for service, part in _by_service(_valued(checked, share.year)):
            yield f"total of {share.year} without {service}", totals[share.year] - part


def _by_service(items: Sequence[Item]) -> Iterator[tuple[str, Fraction]]:
    for service in dict.fromkeys(each.service for each in items):
        values = (measure(each.value, "CNY") for each in items if each.service == service)
        yield service, sum((each.value for each in values if each), Fraction(0))
