"""The accounts of many years of one case, side by side, and everything that is said of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from accounting import (
    compared,
    comparison,
    figures,
    growth,
    imports,
    indicators,
    rollup,
    run,
    series,
    supply_use,
)
from accounting.account import Account
from accounting.case import Case
from accounting.compared import Side
from accounting.method import Array
from accounting.pack import CLASSES, GEP, GEP_NAME, Pack
from accounting.plausibility import audit
from accounting.run import UnknownYear
from accounting.tables import CNY_UNIT, SERVICE, left_out_by_year, marked
from accounting.totals import DECIMALS, yi
from ledger.core.errors import Finding, InputRefused, RuleBroken
from ledger.statements.statement import Cell, Column, Label, Row, Statement

ALL = "all"
YEARS = re.compile(r"\d{4}(?:-\d{4})?(?:,\d{4}(?:-\d{4})?)*", re.ASCII)
YEAR = Column("year", Label("年份", "Year"), None, 0, "right")
Place = tuple[str, str, str]


@dataclass(eq=False)
class NotYears(RuleBroken):
    """What was given is no list of years."""

    code = "span.not-years"
    title = "Years are `all`, or like 2011-2015 or 2011,2013"
    found: str


@dataclass(frozen=True)
class Span:
    """The accounts of a case by year; ``quantity`` and ``value_cny`` by (place, year), nan unknown.

    A place is a region, an ecosystem type and a service.
    """

    case: Case
    pack: Pack
    accounts: tuple[Account, ...]
    places: tuple[Place, ...] = field(init=False)
    quantity: Array = field(init=False, repr=False)
    value_cny: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rows: dict[Place, int] = {}
        for account in self.accounts:
            for line in account.lines:
                rows.setdefault((*line.cell[:2], line.service), len(rows))
        arrays = [np.full((len(rows), len(self.accounts)), np.nan) for _ in range(2)]
        for at, account in enumerate(self.accounts):
            held = [rows[(*line.cell[:2], line.service)] for line in account.lines]
            for array, name in zip(arrays, ("quantity", "value_cny"), strict=True):
                array[held, at] = [getattr(line, name) for line in account.lines]
        for name, value in zip(("places", "quantity", "value_cny"), (tuple(rows), *arrays),
                               strict=True):  # fmt: skip
            object.__setattr__(self, name, value)

    @property
    def years(self) -> tuple[int, ...]:
        """The years, in order."""
        return tuple(each.year for each in self.accounts)

    @property
    def named(self) -> str:
        """The years as a text: the first and the last, or each where one between is left out."""
        first, last = self.years[0], self.years[-1]
        whole = len(self.years) == last - first + 1 > 1
        return f"{first}-{last}" if whole else ", ".join(map(str, self.years))


def years_named(text: str, case: Case) -> tuple[int, ...]:
    """Return the years that a text names: `all`, a range, a list; refuse others than the case's."""
    if text == ALL:
        return tuple(sorted(case.years))
    if not YEARS.fullmatch(text):
        raise NotYears(text)
    chosen: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        own = [year for year in case.years if int(first) <= year <= int(last or first)]
        if not own or (not last and int(first) not in own):
            raise UnknownYear(int(first), case.years)
        chosen.update(own)
    return tuple(sorted(chosen))


def of(case: Case, pack: Pack, years: Sequence[int]) -> Span:
    """Run the years of a case; refuses, with the findings of all of them, what a run refuses."""
    accounts: list[Account] = []
    findings: list[Finding] = []
    for year in sorted(years):
        try:
            accounts.append(run.run(case, pack, year))
        except InputRefused as refused:
            findings += refused.findings
    if findings:
        raise InputRefused(tuple(findings))
    return Span(case, pack, tuple(accounts))


def statements(of: Span) -> dict[str, Statement]:
    """Return the statements of all years by the name of their file."""
    last, title = of.accounts[-1], of.accounts[-1].title
    names = {line.service: line.name for line in of.pack.lines}
    priced, refused = _priced(of)
    said = priced | {
        "indicators": _stacked(of, indicators.statement),
        "by_region": _stacked(of, rollup.statement),
        "services_by_year": comparison.statement(
            Label(f"{title.zh}：分年比较", f"{title.en}: years compared"),
            comparison.years(of.accounts), names,
        ),
        "services_by_region": comparison.statement(
            Label(f"{title.zh}：{last.year}年分地区比较",
                  f"{title.en}: regions compared, {last.year}"),
            comparison.regions(last), names,
        ),
    }  # fmt: skip
    if of.case.imports:
        said["net"] = _stacked(of, imports.statement)
        said["imports"] = _stacked(of, imports.flows_statement)
    if of.case.imports or of.case.use:
        said["supply_use"] = _stacked(of, supply_use.statement)
        said["users"] = _stacked(of, supply_use.users_statement)
    if len(of.accounts) > 1:
        said |= _growth(of)
    said |= {
        "monetary": _wide(of, of.value_cny, "价值量账户", "monetary account", money=True),
        "physical": _wide(of, of.quantity, "实物量账户", "physical account", money=False),
        "plausibility": findings_statement(of, refused),
    }
    return {name: marked(of.pack, each) for name, each in said.items()}


def _priced(of: Span) -> tuple[dict[str, Statement], tuple[Finding, ...]]:
    """Return the three series; where a price hinders them, none, and what the fault is."""
    try:
        priced = series.of(of.accounts, series.index(of.case))
    except (series.NoPriceYear, series.MixedPriceYears) as refusal:
        return {}, (Finding(refusal.code, refusal.title, facts=refusal.facts()),)
    tables = series.statement(priced), series.growth_statement(priced)
    return dict(zip(("series", "series_growth"), tables, strict=True)), ()


def _growth(of: Span) -> dict[str, Statement]:
    """Return the growth of all years, and from each to the next, by five factors."""
    sides = [Side(of.case, of.pack, year) for year in of.years]
    splits = compared.splits(sides, {each.year: each for each in of.accounts})
    whole = compared.statement(growth.chained(splits), compared.names(sides))
    return {"growth": whole, "growth_by_year": compared.by_year(splits)}


def _stacked(of: Span, made: Callable[[Account], Statement]) -> Statement:
    """Return the statements of the years, one beneath the other, each row with its year."""
    each_year = [(account.year, made(account)) for account in of.accounts]
    first = each_year[0][1]
    rows = tuple((year, *row) for year, each in each_year for row in each.rows)
    return Statement(first.title, (YEAR, *first.columns), rows, notes=first.notes)


def _wide(of: Span, figures: Array, zh: str, en: str, *, money: bool) -> Statement:
    """Return a row for each place with a column for each year."""
    lines = {line.service: line for line in of.pack.lines}
    units = {line.service: line.unit for account in of.accounts for line in account.lines}
    unit = CNY_UNIT if money else "@unit"
    columns = (
        Column("region", Label("地区", "Region")),
        Column("ecosystem_type", Label("生态系统类型", "Ecosystem type")),
        Column("class", Label("类别", "Class")),
        *SERVICE,
        *(() if money else (Column("unit", Label("单位", "Unit")),)),
        *(Column(str(year), Label(f"{year}年", str(year)), unit, DECIMALS, "right")
          for year in of.years),
    )  # fmt: skip
    say = yi if money else _rounded
    heads = {n: (x.class_, n, x.name.zh, x.name.en, *(() if money else (units.get(n, ""),)))
             for n, x in lines.items()}  # fmt: skip
    rows = tuple(
        (region, type_, *heads[service], *(None if x != x else say(x) for x in row))  # noqa: PLR0124 - nan
        for (region, type_, service), row in zip(of.places, figures.tolist(), strict=True)
    )
    title = of.accounts[0].title
    said = Label(f"{title.zh}：{zh}", f"{title.en}: {en}")
    if not money:
        return Statement(said, columns, rows)
    return Statement(said, columns, rows, tuple(_class_totals(of)), left_out_by_year(of.accounts))


def _class_totals(of: Span) -> list[Row]:
    sums = [account.class_sums() for account in of.accounts]
    rows: list[Row] = [
        (None, None, code, None, name.zh, name.en, *(yi(each[code]) for each in sums))
        for code, name in CLASSES.items()
    ]
    gep = (yi(account.gep_cny) for account in of.accounts)
    return [*rows, (None, None, None, GEP, GEP_NAME.zh, GEP_NAME.en, *gep)]


def _rounded(value: float) -> Decimal:
    return figures.rounded(value, DECIMALS)


def findings_statement(of: Span, more: Sequence[Finding] = ()) -> Statement:
    """Return what the auditor of plausibility finds, year by year, with its evidence."""
    columns = (
        YEAR,
        Column("code", Label("编号", "Code")),
        Column("kind", Label("性质", "Kind")),
        Column("finding", Label("发现", "Finding")),
        Column("evidence", Label("依据", "Evidence")),
    )
    found: list[tuple[int | None, Finding]] = [(None, each) for each in more]
    for account in of.accounts:
        found += [(account.year, each) for each in audit.of_account(account, of.case)]
    rows = tuple(
        (year, each.code, "doubt" if audit.is_doubt(each) else "fault", each.title,
         "; ".join(f"{name}={_said(value)}" for name, value in each.facts.items()))
        for year, each in found
    )  # fmt: skip
    title = of.accounts[0].title
    return Statement(Label(f"{title.zh}：合理性审核", f"{title.en}: plausibility"), columns, rows)


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(each)}" for name, each in value.items())
    return ", ".join(map(_said, value)) if isinstance(value, list | tuple) else str(value)


def summary(of: Span) -> dict[str, object]:
    """Return the accounts as JSON values: what they rest on, totals by year, figures by place."""
    columns = {"quantity": of.quantity, "value_cny": of.value_cny}
    figures: dict[str, dict[str, list[Cell | float]]] = {
        name: {str(year): [None if x != x else x for x in column]  # noqa: PLR0124 - nan
               for year, column in zip(of.years, array.T.tolist(), strict=True)}
        for name, array in columns.items()
    }  # fmt: skip
    first = of.accounts[0]
    return {
        "case": first.case,
        "title": {"zh": first.title.zh, "en": first.title.en},
        "pack": {"id": of.pack.id, "edition": of.pack.edition, "digest": of.pack.digest,
                 "reconstruction": of.pack.reconstruction},
        "inputs": dict(first.inputs),
        "years": {
            str(each.year): {
                "digest": each.digest, "gep_cny": each.gep_cny, "classes": each.class_sums(),
                "context": {n: dict(values) for n, values in each.context.items()},
            }
            for each in of.accounts
        },
        "places": [list(place) for place in of.places],
        **figures,
    }  # fmt: skip
