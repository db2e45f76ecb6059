"""Indicators of an account: GEP by area and head, beside GDP, and what has become products.

The green-gold index 绿金指数 is GEP over GDP [R: used so by Huoshan and Hulunbuir]; 两山转化 is the
value of material and cultural services, and its share of GEP [R: Ninghai]. What nobody read of a
region is named, and nothing is computed from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from accounting import figures, rollup
from accounting.account import CONTEXT, Account
from accounting.pack import GEP_NAME, Class
from accounting.rollup import RegionSum
from accounting.tables import CNY_UNIT
from accounting.totals import DECIMALS, yi
from ledger.statements.statement import Cell, Column, Label, Row, Statement

CONVERTED: tuple[Class, ...] = ("material", "cultural")
PERCENT_DECIMALS = 2
WAN_POWER = 4  # of ten: 万, the display scale by head and area


@dataclass(frozen=True, slots=True)
class Indicators:
    """The indicators of a region in one year; None where a reading is missing: ``not_given``.

    CNY, CNY/km2 and CNY/person; ``ggi`` and ``conversion_share`` are plain ratios. GEP leaves out
    what is ``not_estimated``.
    """

    region: str
    depth: int
    gep_cny: float
    per_km2_cny: float | None
    per_person_cny: float | None
    ggi: float | None
    conversion_cny: float
    conversion_share: float | None
    not_given: tuple[str, ...]
    not_estimated: tuple[str, ...]


def of(account: Account) -> tuple[Indicators, ...]:
    """Return the indicators of every region of the year, parents before children."""
    return tuple(_of(account, each) for each in rollup.rolled_up(account))


def _of(account: Account, sums: RegionSum) -> Indicators:
    context = {name: account.context.get(name, {}).get(sums.region) for name in CONTEXT}
    converted = fsum(sums.classes[each] for each in CONVERTED)
    return Indicators(
        sums.region, sums.depth, sums.gep_cny,
        _ratio(sums.gep_cny, context["land_area"]), _ratio(sums.gep_cny, context["population"]),
        _ratio(sums.gep_cny, context["gdp"]), converted, _ratio(converted, sums.gep_cny),
        tuple(name for name, value in context.items() if not value), sums.not_estimated,
    )  # fmt: skip


def _ratio(value: float, by: float | None) -> float | None:
    return value / by if by else None


def statement(account: Account) -> Statement:
    """Return the indicators by region; what was not given is named."""
    rows = tuple(_row(account.regions, each) for each in of(account))
    title = Label(f"{account.title.zh}：指标", f"{account.title.en}: indicators")
    return Statement(title, columns(), rows)


def columns() -> tuple[Column, ...]:
    """Return the columns of indicators: region, then each indicator with its unit."""
    return (
        Column("region", Label("地区", "Region")),
        Column("level", Label("层级", "Level"), None, 0, "right"),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        _number("gep", GEP_NAME.zh, GEP_NAME.en, CNY_UNIT, DECIMALS),
        _number("per_km2", "单位面积", "Per km2", "1e4 CNY/km2", DECIMALS),
        _number("per_person", "人均", "Per person", "1e4 CNY/person", DECIMALS),
        _number("ggi", "绿金指数（GEP/GDP）", "GEP/GDP", "1", DECIMALS),
        _number("conversion", "两山转化（物质+文化）", "Converted (material + cultural)", CNY_UNIT,
                DECIMALS),
        _number("conversion_share", "两山转化占GEP", "Converted, of GEP", "%", PERCENT_DECIMALS),
        Column("not_given", Label("未提供", "Not given")),
        Column("not_estimated", Label("未估算", "Not estimated")),
    )  # fmt: skip


def _number(key: str, zh: str, en: str, unit: str, decimals: int) -> Column:
    return Column(key, Label(zh, en), unit, decimals, "right")


def _row(names: Mapping[str, Label], of: Indicators) -> Row:
    name = names[of.region]
    return (
        of.region, of.depth, name.zh, name.en, yi(of.gep_cny), _wan(of.per_km2_cny),
        _wan(of.per_person_cny), _rounded(of.ggi, DECIMALS), yi(of.conversion_cny),
        _rounded(of.conversion_share, PERCENT_DECIMALS, 2), ", ".join(of.not_given) or None,
        ", ".join(of.not_estimated) or None,
    )  # fmt: skip


def _wan(cny: float | None) -> Cell:
    return _rounded(cny, DECIMALS, -WAN_POWER)


def _rounded(value: float | None, decimals: int, power: int = 0) -> Cell:
    return None if value is None else figures.rounded(value, decimals, power)
