"""The roll-up of an account along its region tree: what is own and the children make the parent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from accounting import figures
from accounting.account import Account, Line
from accounting.pack import CLASSES, GEP_NAME, Class
from accounting.tables import CNY_UNIT, DECIMALS, WAN
from accounting.totals import yi
from ledger.statements.statement import Column, Label, Row, Statement


@dataclass(frozen=True, slots=True)
class RegionSum:
    """What counts in GEP within a region, in CNY: its own lines and those of all that lie in it."""

    region: str
    depth: int
    own_cny: float
    classes: Mapping[Class, float]
    gep_cny: float
    population: float | None
    not_estimated: tuple[str, ...]


def rolled_up(account: Account) -> tuple[RegionSum, ...]:
    """Return the sums of every region with a boundary in the year, parents before children."""
    tree, held = account.tree, defaultdict(list)
    for line in account.counted:
        for code in (line.cell.region, *tree.above(line.cell.region)):
            held[code].append(line)
    return tuple(
        _sum(account, code, depth, held[code])
        for root in tree.roots()
        for code, depth in tree.within(root)
        if tree.regions[code].in_year(account.year)
    )


def _sum(account: Account, code: str, depth: int, lines: Sequence[Line]) -> RegionSum:
    return RegionSum(
        region=code,
        depth=depth,
        own_cny=_added(line for line in lines if line.cell.region == code),
        classes={c: _added(line for line in lines if line.class_ == c) for c in CLASSES},
        gep_cny=_added(lines),
        population=account.context.get("population", {}).get(code),
        not_estimated=tuple(dict.fromkeys(x.service for x in lines if x.value_cny is None)),
    )


def _added(lines: Iterable[Line]) -> float:
    return fsum(line.value_cny or 0.0 for line in lines)


def statement(account: Account) -> Statement:
    """Return GEP by region; a region that leaves something out says what."""
    names = account.regions
    columns = (
        Column("region", Label("地区", "Region")),
        Column("level", Label("层级", "Level"), None, 0, "right"),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        *(Column(c, name, CNY_UNIT, DECIMALS, "right") for c, name in CLASSES.items()),
        Column("gep", GEP_NAME, CNY_UNIT, DECIMALS, "right"),
        Column("own", Label("其中本级直接核算", "of it, of this level alone"), CNY_UNIT, DECIMALS,
               "right"),
        Column("per_person", Label("人均", "Per person"), "1e4 CNY", DECIMALS, "right"),
        Column("not_estimated", Label("未估算", "Not estimated")),
    )  # fmt: skip
    title = Label(f"{account.title.zh}：分地区", f"{account.title.en}: by region")
    rows = tuple(_row(each, names[each.region]) for each in rolled_up(account))
    return Statement(title, columns, rows)


def _row(of: RegionSum, name: Label) -> Row:
    values = (*of.classes.values(), of.gep_cny, of.own_cny)
    head = figures.rounded(of.gep_cny / of.population / WAN, DECIMALS) if of.population else None
    missing = ", ".join(of.not_estimated) or None
    return (of.region, of.depth, name.zh, name.en, *map(yi, values), head, missing)
