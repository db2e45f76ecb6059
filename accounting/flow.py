"""Flows of services as typed: what comes from another region, and who uses what is supplied."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from accounting import figures, sheet, units
from accounting.figures import Figure, NotANumber
from accounting.reading import WITHOUT_VALUE, Scope, Status, status_named
from accounting.sheet import Record
from accounting.units import DifferentDimension, UnknownUnit
from ledger.core.errors import Finding

ImportKind = Literal["product", "intermediate"]
Kind = Literal["product", "intermediate", "use"]
IMPORT_KINDS: tuple[ImportKind, ...] = get_args(ImportKind)
KIND_NAMES: Mapping[Kind, str] = {
    "product": "产品", "intermediate": "中间服务", "use": "使用",
}  # fmt: skip
MEASURE = ("quantity", "unit", "status", "source")
OPTIONAL = ("department", "note")
IMPORT_COLUMNS = ("service", "from_region", "to_region", "year", "kind", *MEASURE)
USE_COLUMNS = ("service", "region", "user", "year", *MEASURE)
HEADINGS: Mapping[str, str] = {
    "服务": "service", "来源地区": "from_region", "去向地区": "to_region", "地区": "region",
    "使用者": "user", "年份": "year", "类别": "kind", "数量": "quantity", "单位": "unit",
    "状态": "status", "来源": "source", "部门": "department", "备注": "note",
}  # fmt: skip

Fault = tuple[str, str, str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Flow:
    """One row: a service that goes from a region to another, or (use) to a user within it.

    ``figure`` is None where it was not estimated; ``unit`` is as typed: that of the service's
    quantity, or of money.
    """

    service: str
    origin: str
    destination: str
    kind: Kind
    year: int
    figure: Figure | None
    unit: str
    status: Status
    source: str
    department: str
    file: str
    row: int

    def in_unit(self, unit: str) -> float | None:
        """Return the amount in a unit; 0 where it does not occur, None where it is unknown.

        Refuses a unit that measures something else.
        """
        change = units.conversion(units.parse(self.unit), units.parse(unit))
        if self.status == "not occurring":
            return 0.0
        return float(self.figure.value * change.factor) if self.figure else None

    def finding(self, code: str, title: str, field: str, **facts: object) -> Finding:
        """Return what is wrong with this row."""
        return Finding(code, title, self.file, self.row, field, facts)


def read_imports(path: Path, scope: Scope) -> tuple[tuple[Flow, ...], tuple[Finding, ...], str]:
    """Read the imports of a case with everything that is wrong in them."""
    table = sheet.read(path, IMPORT_COLUMNS, OPTIONAL, HEADINGS)
    return _flows(table, scope, imports=True)


def read_use(path: Path, scope: Scope) -> tuple[tuple[Flow, ...], tuple[Finding, ...], str]:
    """Read who uses what, region by region, with everything that is wrong in it."""
    table = sheet.read(path, USE_COLUMNS, OPTIONAL, HEADINGS)
    return _flows(table, scope, imports=False)


def _flows(
    table: sheet.Sheet, scope: Scope, *, imports: bool
) -> tuple[tuple[Flow, ...], tuple[Finding, ...], str]:
    flows: dict[tuple[str, str, str, int, str], Flow] = {}
    findings = list(table.findings)
    misread = {each.row for each in table.findings}
    for record in table.records if 1 not in misread else ():
        if record.row in misread:
            continue
        faults = [*(_ends(record, scope) if imports else _use_ends(record, scope)),
                  *_measure_faults(record, scope)]  # fmt: skip
        findings += [Finding(c, t, table.file, record.row, n, f) for c, t, n, f in faults]
        if faults:
            continue
        flow = _flow(record, table.file, imports=imports)
        key = (flow.service, flow.origin, flow.destination, flow.year, flow.kind)
        first = flows.setdefault(key, flow)
        if first is not flow:
            title = "This flow was read before for the same year"
            findings.append(flow.finding("flow.duplicate", title, "service", first_row=first.row))
    if not imports:
        findings += _twice(tuple(flows.values()), scope)
    return tuple(flows.values()), tuple(findings), table.digest


def _ends(record: Record, scope: Scope) -> Iterator[Fault]:
    """Yield what is wrong with where an import comes from and goes to; its kind too."""
    tree, ends = scope.tree, (record["from_region"], record["to_region"])
    if _kind(record) is None:
        title = "An import is a product, or intermediate: " + ", ".join(IMPORT_KINDS)
        yield "flow.unknown-kind", title, "kind", {"found": record["kind"]}
    for name, end in zip(("from_region", "to_region"), ends, strict=True):
        if not end:
            yield "flow.no-region", "A flow says where it comes from and goes to", name, {}
    if all(ends) and not any(end in tree.regions for end in ends):
        title = "The case has neither of the two regions"
        yield "flow.unknown-regions", title, "to_region", {"found": ends}
    if all(ends) and (ends[0] in (ends[1], *tree.above(ends[1])) or ends[1] in tree.above(ends[0])):
        title = "A region imports nothing from itself, nor from what it lies in or what lies in it"
        yield "flow.within-itself", title, "from_region", {"found": ends}


def _use_ends(record: Record, scope: Scope) -> Iterator[Fault]:
    if record["region"] not in scope.tree.regions:
        title = "The case has no such region"
        yield "flow.unknown-region", title, "region", {"found": record["region"]}
    if not record["user"]:
        yield "flow.no-user", "A use says who uses the service", "user", {}


def _measure_faults(record: Record, scope: Scope) -> Iterator[Fault]:
    if not record["service"]:
        yield "flow.no-service", "A flow says of which service", "service", {}
    if record["year"] not in {str(year) for year in scope.years}:
        title = "The case has no such year"
        yield "flow.unknown-year", title, "year", {"found": record["year"]}
    if not record["source"]:
        yield "flow.no-source", "A flow says where it was read", "source", {}
    status = status_named(record["status"])
    if status is None:
        title = "No such status"
        yield "flow.unknown-status", title, "status", {"found": record["status"]}
    elif (status in WITHOUT_VALUE) == bool(record["quantity"]):
        title = "A value, or a status that says why there is none: never both, never neither"
        yield "flow.value-or-status", title, "quantity", {"found": record["quantity"]}
    try:
        units.parse(record["unit"])
        if record["quantity"] and figures.read(record["quantity"]).value < 0:
            title = "A flow is not negative: say it the other way round"
            yield "flow.negative", title, "quantity", {"found": record["quantity"]}
    except UnknownUnit as refusal:
        yield refusal.code, refusal.title, "unit", refusal.facts()
    except NotANumber as refusal:
        yield refusal.code, refusal.title, "quantity", refusal.facts()


def _twice(flows: tuple[Flow, ...], scope: Scope) -> Iterator[Finding]:
    """Yield a finding for each use read for a region and for one that it lies in."""
    read = {(each.service, each.destination, each.year, each.origin): each for each in flows}
    for each in flows:
        for above in scope.tree.above(each.origin):
            whole = read.get((each.service, each.destination, each.year, above))
            if whole:
                title = "Read for a region and for one that it lies in: it would count twice"
                facts = {"in": above, "in_row": whole.row}
                yield each.finding("flow.counted-twice", title, "region", **facts)


def _kind(record: Record) -> ImportKind | None:
    return next((e for e in IMPORT_KINDS if record["kind"] in (e, KIND_NAMES[e])), None)


def _flow(record: Record, file: str, *, imports: bool) -> Flow:
    """Make the flow of a row without faults."""
    status = status_named(record["status"])
    assert status is not None
    kind = _kind(record) if imports else None
    ends = ("from_region", "to_region") if imports else ("region", "user")
    return Flow(
        record["service"], record[ends[0]], record[ends[1]], kind or "use", int(record["year"]),
        figures.read(record["quantity"]) if record["quantity"] else None, record["unit"], status,
        record["source"], record["department"], file, record.row,
    )  # fmt: skip


def unit_refusal(flow: Flow, refusal: DifferentDimension) -> Finding:
    """Return the finding of a flow whose unit is not that of its service."""
    return flow.finding(refusal.code, refusal.title, "unit", **refusal.facts())
