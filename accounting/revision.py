"""What a revision changed in an account, line by line: data, method, parameter or boundary.

Between the old account and the new one stand two more: the new case under the old pack, and under
the new pack with the parameters of the old. Each step is one cause, and they add up exactly. What
lies in a region that only one case has is of the boundary, whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from accounting import case as cases
from accounting import figures, manifest, pack, run, translation
from accounting.account import Account
from accounting.case import Case
from accounting.compared import Place, Side
from accounting.dossier import ACCOUNT_FILE, INPUTS, PACK_FILE
from accounting.flow import Flow
from accounting.method import Parameter
from accounting.pack import Pack, ServiceLine
from accounting.reading import Reading
from accounting.tables import SERVICE
from ledger.core.errors import DomainError
from ledger.statements.statement import Column, Label, Row, Statement

CAUSES: Mapping[str, Label] = {
    "boundary": Label("边界", "Boundary"),
    "data": Label("数据", "Data"),
    "method": Label("方法", "Method"),
    "parameter": Label("参数", "Parameter"),
}
TOLD_APART = ("service", "name", "parameters")
UNIT, DECIMALS = "CNY", 2
ZERO = Fraction(0)
Values = Mapping[Place, Fraction]


@dataclass(frozen=True, slots=True)
class Effect:
    """One line that changed: its values in CNY, and how much of the change each cause made."""

    place: Place
    name: Label
    before: Fraction
    after: Fraction
    by: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed, as it was typed: a reading, a method, a parameter, a region."""

    cause: str
    what: str
    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What a revision changed: the effects on GEP, and what was changed."""

    effects: tuple[Effect, ...]
    changes: tuple[Change, ...]


def side(folder: Path) -> Side:
    """Return case, pack and year of the dossier in a folder; refuse what cannot be read."""
    table = manifest.read_json(folder, PACK_FILE)
    under = pack.of_table(PACK_FILE, table)
    found = translation.into(cases.read(folder / INPUTS), under.ecosystems)
    return Side(found, under, manifest.read_json(folder, ACCOUNT_FILE)["year"])


def difference(old: Side, new: Side) -> Difference:
    """Return what a revision changed; refuses what a run refuses."""
    accounts = [run.run(each.case, each.pack, each.year) for each in (old, new)]
    first, last = map(_values, accounts)
    steps = _between(old, new, first, last)
    names = {line.service: line.name for each in accounts for line in each.lines}
    effects = []
    for place in sorted({*first, *last}):
        values = [each.get(place, ZERO) for each in steps]
        if len(set(values)) > 1:
            within = all(place[0] in each.case.regions for each in (old, new))
            by = _by_cause(values, within=within)
            effects.append(Effect(place, names[place[2]], values[0], values[-1], by))
    return Difference(tuple(effects), tuple(_changes(old, new)))


def statements(of: Difference) -> dict[str, Statement]:
    """Return the effects and the changes as two statements."""
    return {"difference": _effects(of), "changes": _listed(of)}


def _between(old: Side, new: Side, first: Values, last: Values) -> list[Values]:
    """Return the values as they were, with the new data, the new methods, the new parameters."""
    if (old.pack.digest, old.case.prices) == (new.pack.digest, new.case.prices):
        return [first, last, last, last]
    read = replace(new, case=replace(new.case, prices=old.case.prices))
    new_readings = _run(read, old.pack)
    if new_readings is None:  # the new case lacks what the old pack needs
        same = _same_lines(old.pack, new.pack)
        new_readings = {
            place: (last if place[2] in same else first).get(place, ZERO)
            for place in {*first, *last}
        }
    new_methods = _run(read, _with_parameters(new.pack, old.pack))
    return [first, new_readings, last if new_methods is None else new_methods, last]


def _by_cause(values: list[Fraction], *, within: bool) -> dict[str, Fraction]:
    first, read, valued, last = values
    if not within:
        return {**dict.fromkeys(CAUSES, ZERO), "boundary": last - first}
    parts = (ZERO, read - first, valued - read, last - valued)
    return dict(zip(CAUSES, parts, strict=True))


def _run(of: Side, under: Pack) -> Values | None:
    try:
        return _values(run.run(of.case, under, of.year))
    except DomainError:
        return None


def _values(account: Account) -> Values:
    """Return what each line counts in GEP, in CNY."""
    values: dict[Place, Fraction] = {}
    for line in account.counted:
        place = (line.cell.region, line.cell.ecosystem_type, line.service)
        if line.value_cny is not None:
            values[place] = values.get(place, ZERO) + Fraction(repr(line.value_cny))
    return values


def _lines(of: Pack) -> dict[str, ServiceLine]:
    return {line.service: line for line in of.lines}


def _same_lines(old: Pack, new: Pack) -> set[str]:
    before = _lines(old)
    return {line.service for line in new.lines if before.get(line.service) == line}


def _with_parameters(new: Pack, old: Pack) -> Pack:
    """Return a pack with the parameters of another, where both give one in the same unit."""
    before = _lines(old)
    lines = []
    for line in new.lines:
        given = before[line.service].parameters if line.service in before else {}
        taken = {
            name: given[name] if name in given and given[name].unit == own.unit else own
            for name, own in line.parameters.items()
        }
        lines.append(replace(line, parameters=taken))
    return replace(new, lines=tuple(lines))


def _changes(old: Side, new: Side) -> Iterator[Change]:
    yield from _regions(old.case, new.case)
    yield from _readings(old, new)
    yield from _flows(old, new)
    before, after = _lines(old.pack), _lines(new.pack)
    for service in sorted({*before, *after}):
        yield from _line(service, before.get(service), after.get(service))
    yield from _prices(old.case, new.case)


def _prices(old: Case, new: Case) -> Iterator[Change]:
    """Yield the prices of its own that a case changed."""
    before, after = old.prices.prices, new.prices.prices
    for service, year in sorted({*before, *after}):
        said = [_parameter(each.get((service, year))) for each in (before, after)]
        if said[0] != said[1]:
            yield Change("parameter", "price", f"{service}/{year}", *said)


def _regions(old: Case, new: Case) -> Iterator[Change]:
    for region in sorted(old.regions.keys() ^ new.regions.keys()):
        before, after = old.regions.get(region), new.regions.get(region)
        yield Change("boundary", "region", region, before.zh if before else "",
                     after.zh if after else "")  # fmt: skip


def _readings(old: Side, new: Side) -> Iterator[Change]:
    before, after = old.case.readings, new.case.readings
    for key in sorted({*before, *after}):
        quantity, cell = key
        said = [_said(each.get(key)) for each in (before, after)]
        if cell.year in (old.year, new.year) and said[0] != said[1]:
            yield Change("data", quantity, str(cell), *said)


def _flows(old: Side, new: Side) -> Iterator[Change]:
    """Yield the imports and uses that changed: they move no line, but the net account."""
    before, after = _flows_of(old), _flows_of(new)
    for key in sorted({*before, *after}):
        said = [_flow(each.get(key)) for each in (before, after)]
        if said[0] != said[1]:
            kind, *place = key
            yield Change("data", kind, "/".join(place), *said)


def _flows_of(side: Side) -> dict[tuple[str, ...], Flow]:
    return {
        (each.kind, each.service, each.origin, each.destination): each
        for each in (*side.case.imports, *side.case.use)
        if each.year == side.year
    }


def _flow(of: Flow | None) -> str:
    if of is None:
        return ""
    return " ".join(x for x in (of.figure.typed if of.figure else "", of.unit, of.status) if x)


def _said(reading: Reading | None) -> str:
    if reading is None:
        return ""
    return " ".join(each for each in (reading.typed, reading.unit, reading.status) if each)


def _line(service: str, old: ServiceLine | None, new: ServiceLine | None) -> Iterator[Change]:
    """Yield what changed in a line of the pack: how it is valued, and with which parameters."""
    if old is None or new is None:
        yield Change("method", "service", service, old.method if old else "",
                     new.method if new else "")  # fmt: skip
        return
    for what in (each.name for each in fields(ServiceLine) if each.name not in TOLD_APART):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield Change("method", what, service, _text(before), _text(after))
    for name in sorted({*old.parameters, *new.parameters}):
        one, other = old.parameters.get(name), new.parameters.get(name)
        if _parameter(one) != _parameter(other):
            yield Change("parameter", name, service, _parameter(one), _parameter(other))


def _parameter(of: Parameter | None) -> str:
    return f"{of.decimal} {of.unit}" if of else ""


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {value[name]}" for name in sorted(value))
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return "" if value is None else str(value)


def _effects(of: Difference) -> Statement:
    columns = (
        Column("region", Label("地区", "Region")),
        Column("ecosystem_type", Label("生态系统类型", "Ecosystem type")),
        *SERVICE,
        _money("before", Label("修订前", "Before")),
        _money("after", Label("修订后", "After")),
        _money("change", Label("变动", "Change")),
        *(_money(cause, name) for cause, name in CAUSES.items()),
    )
    rows: tuple[Row, ...] = tuple(
        (*each.place, each.name.zh, each.name.en, *_figures(each.before, each.after, each.by))
        for each in of.effects
    )
    by = {cause: sum((each.by[cause] for each in of.effects), ZERO) for cause in CAUSES}
    before = sum((each.before for each in of.effects), ZERO)
    after = sum((each.after for each in of.effects), ZERO)
    total: Row = (
        None,
        None,
        None,
        "变动行合计",
        "Lines that changed",
        *_figures(before, after, by),
    )
    notes = () if of.effects else (Label("没有变动的行。", "No line changed."),)
    title = Label("与被修订版次的差异", "Difference from the edition that is replaced")
    return Statement(title, columns, rows, (total,), notes)


def _listed(of: Difference) -> Statement:
    columns = (
        Column("cause", Label("类别", "Cause")),
        Column("what", Label("项目", "What")),
        Column("place", Label("位置", "Where")),
        Column("before", Label("修订前", "Before")),
        Column("after", Label("修订后", "After")),
    )
    rows = tuple(
        (each.cause, each.what, each.place, each.before, each.after) for each in of.changes
    )
    return Statement(Label("修订内容", "What was changed"), columns, rows)


def _figures(before: Fraction, after: Fraction, by: Mapping[str, Fraction]) -> tuple[Decimal, ...]:
    values = (before, after, after - before, *(by[cause] for cause in CAUSES))
    return tuple(figures.rounded(each, DECIMALS) for each in values)


def _money(key: str, label: Label) -> Column:
    return Column(key, label, UNIT, DECIMALS, "right")
