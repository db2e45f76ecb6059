"""What is audited: somebody's table or our own account, as items of one shape."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from accounting import cells, figures, sums, units
from accounting.account import Account, Line
from accounting.case import Case
from accounting.cells import Cell
from accounting.figures import Figure, NotANumber
from accounting.plausibility.library import library
from accounting.quantity import quantities
from accounting.reading import Cell as Place
from accounting.reading import Reading
from accounting.sheet import Record, Sheet
from accounting.sums import Sum
from accounting.units import DifferentDimension, Unit, UnknownUnit
from ledger.core.errors import Finding

CONTEXT = ("area", "population")  # readings that no line need take
WHOLE = "全域 total"
NAMED_MAX = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a table or one line of an account; what cannot be read as a figure is None.

    ``name`` is everything it says of what it is about.
    """

    name: str
    service: str
    indicator: str
    place: str
    year: str
    row: int | None
    quantity: Cell | None = None
    price: Cell | None = None
    value: Cell | None = None
    factor: Cell | None = None
    typed: str = ""
    typed_unit: str = ""
    is_total: bool = False

    def about(self, *subjects: str) -> bool:
        """Say whether it names every one of these subjects."""
        return _subjects(self.name).issuperset(subjects)

    @property
    def is_extent(self) -> bool:
        """Say whether it is an area of the place, and not a service that is counted by area."""
        return self.about("extent") and self.price is None and measure(self.value, "CNY") is None


@lru_cache(maxsize=8192)  # lines of one service and type have one name in every place
def _subjects(name: str) -> frozenset[str]:
    return frozenset(each for each, word in library().words.items() if word.search(name))


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that is audited together; ``sums`` are what total rows add up to, by row."""

    file: str | None
    items: tuple[Item, ...]
    sums: Mapping[int, Sum]
    _groups: Mapping[tuple[str, str], tuple[Item, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        groups: dict[tuple[str, str], list[Item]] = {}
        for each in self.items:
            groups.setdefault((each.place, each.year), []).append(each)
        object.__setattr__(self, "_groups", {key: tuple(each) for key, each in groups.items()})

    def groups(self) -> Iterator[tuple[Item, ...]]:
        """Yield the items of each place and year."""
        yield from self._groups.values()

    def finding(self, code: str, title: str, items: Iterable[Item], **facts: object) -> Finding:
        """Return a doubt about some items, the first of which is where it is shown."""
        those = list(items)
        rows = [each.row for each in those if each.row is not None]
        if len(rows) > 1:
            facts = {"rows": rows, **facts}
        elif not rows:
            names = list(dict.fromkeys(each.name for each in those))
            facts = {"of": names[:NAMED_MAX], "in_all": len(those), **_where(those), **facts}
        row = rows[0] if rows else None
        return Finding(f"plausibility.{code}", title, self.file, row, None, facts)


def _where(items: Sequence[Item]) -> dict[str, str]:
    """Say in which region and year lines of ours stand, where it is one."""
    found = {"region": {x.place for x in items}, "year": {x.year for x in items}}
    return {name: one for name, those in found.items() for one in those if len(those) == 1 and one}


def measure(cell: Cell | None, unit: str) -> Figure | None:
    """Return a figure in another unit; None where there is none, or it measures something else."""
    if cell is None:
        return None
    factor = _factor(cell.unit, unit)
    return None if factor is None else cell.figure.times(factor)


@lru_cache(maxsize=4096)
def _factor(given: Unit, wanted: str) -> Fraction | None:
    try:
        return units.conversion(given, units.parse(wanted)).factor
    except DifferentDimension:
        return None


def product(item: Item) -> tuple[Fraction, Fraction, Fraction] | None:
    """Return the least, the middle and the most of quantity × price × factor, in the value's unit.

    None where one of them is not printed or the units do not come out as the value's, and for a
    line of our own: its method may know more than a price.
    """
    if item.row is None or item.quantity is None or item.price is None or item.value is None:
        return None
    unit = item.quantity.unit * item.price.unit
    factor = item.factor or Cell(Figure("1", Fraction(1), Fraction(0)), units.ONE)
    unit = unit if factor.unit is units.ONE else unit * factor.unit
    try:
        scale = units.conversion(unit, item.value.unit).factor * factor.figure.value
    except DifferentDimension:
        return None
    q, p = item.quantity.figure, item.price.figure
    corners = [(q.value + a * q.half) * (p.value + b * p.half) for a in (-1, 1) for b in (-1, 1)]
    return min(corners) * scale, q.value * p.value * scale, max(corners) * scale


def of_table(table: Sheet) -> Checked:
    """Take every row of a published table."""
    items = tuple(_of_record(each) for each in table.records)
    return Checked(table.file, items, dict(sums.sums(table.records)))


def of_account(account: Account, case: Case) -> Checked:
    """Take every line of an account, and the extents and people the case gives for its year."""
    lines = [_of_line(line, account) for line in account.lines]
    others = [
        _of_reading(each, account)
        for quantity in CONTEXT
        for each in case.of(quantity, account.year).values()
    ]
    return Checked(None, (*lines, *others), {})


def _of_record(record: Record) -> Item:
    return Item(
        f"{record['service']} {record['indicator']}".strip(),
        record["service"], record["indicator"], "", record["year"], record.row,
        _cell(record, "quantity", "unit"), _cell(record, "unit_price", "price_unit"),
        _cell(record, "value", "value_unit"),
        _cell(record, "factor", "factor_unit") if record["factor"] else None,
        record["value"], record["value_unit"], sums.is_total(record),
    )  # fmt: skip


def _cell(record: Record, column: str, unit_column: str) -> Cell | None:
    try:
        return cells.read(record, column, unit_column)
    except (NotANumber, UnknownUnit):
        return None


def _of_line(line: Line, account: Account) -> Item:
    group, price = account.pack.groups[line.group], line.of.price
    name = f"{line.name.zh} {line.name.en} {_type(line.cell, account)}".strip()
    return Item(
        name, f"{group.zh} {group.en}", name, line.cell.region, str(account.year), None,
        _estimate(line.quantity, line.unit, line.reading),
        _price(price.value, price.unit) if price else None,
        _estimate(line.value_cny, "CNY", None),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _price(value: str, unit: str) -> Cell:
    return Cell(figures.read(value), units.parse(unit))


def _of_reading(reading: Reading, account: Account) -> Item:
    quantity = quantities()[reading.quantity]
    what = f"{quantity.name.zh} {quantity.name.en}"
    name = f"{what} {_type(reading.cell, account) or WHOLE}"
    return Item(
        name, what, name, reading.cell.region, str(account.year), None,
        _estimate(reading.estimate, quantity.unit, reading),
    )  # fmt: skip


def _estimate(value: float | None, unit: str, reading: Reading | None) -> Cell | None:
    """Return an estimate as a figure: as typed where it was read, else without any slack."""
    if value is None:
        return None
    figure = reading.figure if reading else None
    if figure is None:
        exact = Fraction(*Decimal(repr(value)).as_integer_ratio())
        figure = Figure(repr(value), exact, Fraction(0))
    return Cell(figure, units.parse(unit))


def _type(cell: Place, account: Account) -> str:
    name = account.types.get(cell.ecosystem_type)
    return f"{name.zh} {name.en}" if name else ""
