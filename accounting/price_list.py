"""Prices as a case has them by year, and a pack with the prices of one year in place of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from accounting import figures, sheet, units
from accounting.figures import NotANumber
from accounting.method import TAGS, Parameter, Source
from accounting.pack import Pack, ServiceLine
from accounting.reading import Scope
from accounting.sheet import Record
from accounting.units import DifferentDimension, UnknownUnit
from ledger.core.errors import Finding

COLUMNS = ("service", "year", "price", "unit", "source")
OPTIONAL = ("tag", "department", "note")
HEADINGS: Mapping[str, str] = {
    "服务": "service", "年份": "year", "单价": "price", "单位": "unit", "来源": "source",
    "证据等级": "tag", "部门": "department", "备注": "note",
}  # fmt: skip
PRICE = "price"
OPEN_SOURCE = "R"

Fault = tuple[str, str, str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of a case by service and year, and the row of each in its file."""

    file: str = ""
    prices: Mapping[tuple[str, int], Parameter] = field(default_factory=dict)
    rows: Mapping[tuple[str, int], int] = field(default_factory=dict)


def read(path: Path, scope: Scope) -> tuple[PriceList, tuple[Finding, ...], str]:
    """Read a list of prices with everything that is wrong in it; each says its year."""
    table = sheet.read(path, COLUMNS, OPTIONAL, HEADINGS)
    findings = list(table.findings)
    misread = {each.row for each in table.findings}
    prices: dict[tuple[str, int], Parameter] = {}
    rows: dict[tuple[str, int], int] = {}
    for record in table.records if 1 not in misread else ():
        if record.row in misread:
            continue
        faults = list(_faults(record, scope)) or list(_duplicate(record, rows))
        findings += [Finding(c, t, table.file, record.row, n, f) for c, t, n, f in faults]
        if not faults:
            key = record["service"], int(record["year"])
            prices[key], rows[key] = _price(record), record.row
    return PriceList(table.file, prices, rows), tuple(findings), table.digest


def _faults(record: Record, scope: Scope) -> Iterator[Fault]:
    if not record["service"]:
        yield "price.no-service", "A price says of which service", "service", {}
    if not record["year"]:
        yield "price.no-year", "A price says its year", "year", {}
    elif record["year"] not in {str(year) for year in scope.years}:
        title = "The case has no such year"
        yield "price.unknown-year", title, "year", {"found": record["year"]}
    if not record["source"]:
        yield "price.no-source", "A price says where it was read", "source", {}
    if record["tag"] not in ("", *TAGS):
        title = "A source is tagged R, R*, K or C"
        yield "price.unknown-tag", title, "tag", {"found": record["tag"]}
    try:
        units.parse(record["unit"])
        if figures.read(record["price"]).value < 0:
            yield "price.negative", "A price is not negative", "price", {"found": record["price"]}
    except UnknownUnit as refusal:
        yield refusal.code, refusal.title, "unit", refusal.facts()
    except NotANumber as refusal:
        yield refusal.code, refusal.title, "price", refusal.facts()


def _duplicate(record: Record, rows: Mapping[tuple[str, int], int]) -> Iterator[Fault]:
    first = rows.get((record["service"], int(record["year"])))
    if first is not None:
        title = "This price was read before for the same year"
        yield "price.duplicate", title, "service", {"first_row": first}


def _price(record: Record) -> Parameter:
    typed = figures.read(record["price"]).typed
    source = Source(record["source"], tag=record["tag"] or OPEN_SOURCE)  # type: ignore[arg-type]
    return Parameter(PRICE, typed, record["unit"], source, int(record["year"]))


def findings(of: PriceList, pack: Pack) -> Iterator[Finding]:
    """Yield a finding for each price that no line of a pack takes, or in another unit."""
    priced = {line.service: line.price for line in pack.lines if line.price}
    for key, each in of.prices.items():
        own, row = priced.get(key[0]), of.rows[key]
        if own is None:
            title = "The pack has no service of this code that takes a price"
            yield Finding("price.unknown-service", title, of.file, row, "service",
                          {"found": key[0]})  # fmt: skip
            continue
        refusal = _refused(each, own)
        if refusal:
            yield Finding(refusal.code, refusal.title, of.file, row, "unit", refusal.facts())


def _refused(price: Parameter, own: Parameter) -> DifferentDimension | None:
    """Return why a price cannot stand in place of a pack's own; None where it can."""
    try:
        units.conversion(units.parse(price.unit), units.parse(own.unit))
    except DifferentDimension as refusal:
        return refusal
    return None


def dated(pack: Pack, of: PriceList, year: int) -> Pack:
    """Return the pack with the prices that a list has of a year; the others stay the pack's.

    Under another pack than the case's, so does a price of another dimension.
    """
    lines = (_priced(line, of.prices.get((line.service, year))) for line in pack.lines)
    return replace(pack, lines=tuple(lines)) if of.prices else pack


def _priced(line: ServiceLine, price: Parameter | None) -> ServiceLine:
    own = line.price
    if price is None or own is None or _refused(price, own):
        return line
    return replace(line, parameters={**line.parameters, PRICE: price})
