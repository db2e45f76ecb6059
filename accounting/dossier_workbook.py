"""The workbook of a dossier in the form a bureau files: 封面, then a sheet for each statement.

What stands in its cells is made first, as rows, so that a verification can compare cell by cell.
Names and units are Chinese; the CSV files beside it carry keys and English.
"""

import datetime as dt
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from accounting.account import CONTEXT, Account
from accounting.pack import CLASSES, GEP_NAME
from accounting.quantity import quantities
from accounting.reading import ALL_TYPES
from ledger.statements.statement import Cell, Column, Row, Statement

COVER = "封面"
NAMES: Mapping[str, str] = {
    "totals": "合计", "monetary": "价值量", "physical": "实物量", "by_type": "按生态系统类型",
    "by_region": "按地区",
    "indicators": "指标", "net": "进口与净额", "imports": "进口明细", "supply_use": "供给与使用",
    "users": "使用者", "series": "价格序列", "series_growth": "价格序列增长",
    "growth": "增长因素", "growth_by_year": "逐年增长因素", "services_by_year": "分年比较",
    "services_by_region": "分地区比较", "plausibility": "合理性审核",
    "uncertainty": "不确定性", "variance": "方差来源", "range": "方法选择范围",
}  # fmt: skip
UNITS: Mapping[str, str] = {
    "1e8 CNY": "亿元", "1e4 CNY": "万元", "1e4 CNY/person": "万元/人", "1e4 CNY/km2": "万元/km2",
}  # fmt: skip
WORDS: Mapping[str, str] = {
    "measured": "实测", "modelled": "模型估算", "carried forward": "沿用",
    "not estimated": "未估算", "not occurring": "不存在", "computed": "计算",
    "not published": "未公布", "reproduced": "可复现", "rounding": "舍入差",
    "deviates": "偏离", "not checkable": "不可核", ALL_TYPES: "全部类型",
    "product": "产品", "intermediate": "中间服务", "use": "使用", "export": "供区外使用",
    "doubt": "疑点", "fault": "错误", "current": "现价", "fixed": "不变价",
    "deflated": "价格指数缩减", "value": "价值量", "share": "占GEP", "per_km2": "单位面积",
    "supply": "供给", "used": "本地使用", "exported": "供区外使用", "imported": "来自区外",
}  # fmt: skip
LISTED = frozenset({"not_estimated", "not_given", "unknown"})  # codes, one beside the other
LEFT_OUT = frozenset({"name_en", "total", "input"})  # keys and English: in the CSV files
MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # a file names no hour, so that its bytes stay
DIGITS_OF_A_SPREADSHEET = 15
TITLE_ROW, HEADING_ROW = 0, 2
WIDTH, WIDTH_OF_COVER = 16, 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows from the title down; where its totals begin, where its table ends."""

    name: str
    rows: tuple[Row, ...]
    totals_from: int
    end: int
    columns: tuple[Column, ...] = ()


def sheets(
    account: Account,
    of: Mapping[str, Statement],
    versions: Mapping[str, str],
    years: str | None = None,
) -> tuple[Sheet, ...]:
    """Return the sheets of an account: cover, totals, value, quantity, types, then the others.

    ``years`` are those of the statements where they are of many; the account is of the last.
    """
    names = [*(each for each in NAMES if each in of), *(each for each in of if each not in NAMES)]
    said = years or account.year
    cover = _cover(account, versions, said)
    return (cover, *(_sheet(account, each, of[each], said) for each in names))


def write(of: tuple[Sheet, ...]) -> bytes:
    """Write sheets as one XLSX file, the same bytes every time."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE.replace(tzinfo=None)})
    shape = _shapes(book)
    for each in of:
        _write_sheet(book.add_worksheet(each.name), each, shape)
    book.close()
    return out.getvalue()


def _cover(account: Account, versions: Mapping[str, str], years: str | int) -> Sheet:
    pack, gep = account.pack, account.gep_cny
    facts: list[Row] = [
        ("案例", account.case),
        ("核算年份", years),
        ("核算区域", "、".join(f"{name.zh}（{code}）" for code, name in account.regions.items())),
        ("核算方法包", pack.title.zh),
        ("方法包编号与版次", f"{pack.id} {pack.edition}"),
        ("方法包摘要（SHA-256）", pack.digest),
        ("依据", " ".join(x for x in (pack.source.document, pack.source.clause) if x)),
        (f"{GEP_NAME.zh}（元）", f"{gep:.12g}"),
        ("核算账户摘要（SHA-256）", account.digest),
        *((f"输入文件 {name}（SHA-256）", digest) for name, digest in account.inputs.items()),
        *((f"软件版本 {name}", version) for name, version in sorted(versions.items())),
        ("复核", "gep case verify 核算档案文件夹"),
    ]
    rows: tuple[Row, ...] = ((account.title.zh,), ("核算档案",), ("项目", "内容"), *facts)
    return Sheet(COVER, rows, len(rows), len(rows))


def _sheet(account: Account, name: str, of: Statement, years: str | int) -> Sheet:
    kept = [at for at, column in enumerate(of.columns) if column.key not in LEFT_OUT]
    columns = tuple(of.columns[at] for at in kept)
    say = _sayer(account)
    body = [tuple(say(of.columns[at], row[at]) for at in kept) for row in of.rows]
    last = [tuple(say(of.columns[at], row[at]) for at in kept) for row in of.totals]
    notes: list[Row] = [(f"注{number}：{note.zh}",) for number, note in enumerate(of.notes, 1)]
    about = f"核算年份：{years}　核算方法包：{account.pack.id} {account.pack.edition}"
    top: tuple[Row, ...] = ((of.title.zh,), (about,), tuple(_heading(each) for each in columns))
    totals_from = len(top) + len(body)
    rows = (*top, *body, *last, *notes)
    return Sheet(NAMES.get(name, name), rows, totals_from, totals_from + len(last), columns)


def _heading(column: Column) -> str:
    unit = column.unit if column.unit and not column.unit.startswith("@") else ""
    return column.label.zh + (f"（{UNITS.get(unit, unit)}）" if unit else "")


def _sayer(account: Account) -> Callable[[Column, Cell], Cell]:
    """Return how a cell is said in Chinese: codes by their names, 元 for CNY."""
    names: dict[str, Mapping[str, str]] = {
        "region": {code: name.zh for code, name in account.regions.items()},
        "ecosystem_type": {**WORDS, **{code: name.zh for code, name in account.types.items()}},
        "class": {code: name.zh for code, name in CLASSES.items()},
        "status": WORDS,
        "check": WORDS,
        "kind": WORDS,
        "series": WORDS,
        "measure": WORDS,
        "unknown": WORDS,
        "not_estimated": {line.service: line.name.zh for line in account.lines},
        "not_given": {name: quantities()[name].name.zh for name in CONTEXT},
    }

    def say(column: Column, cell: Cell) -> Cell:
        if cell is None or cell == "":
            return None
        if column.key in ("unit", "price_unit"):
            return UNITS.get(str(cell), str(cell).replace("CNY", "元"))
        own = names.get(column.key, {})
        if column.key in LISTED:
            return "、".join(own.get(each, each) for each in str(cell).split(", "))
        return own.get(str(cell), cell)

    return say


def shown(cell: Cell) -> float | str | None:
    """Return a cell as a spreadsheet holds it: a number where it keeps every digit, else text."""
    if not isinstance(cell, Decimal | int):
        return None if cell is None else str(cell)
    fits = len(Decimal(cell).as_tuple().digits) <= DIGITS_OF_A_SPREADSHEET
    return float(cell) if fits else f"{cell:f}"


def _shapes(book: Any) -> Callable[..., Any]:
    """Return the formats of a workbook by what they show, each made once."""
    made: dict[tuple[tuple[str, object], ...], Any] = {}

    def shape(**said: object) -> Any:
        key = tuple(sorted(said.items()))
        if key not in made:
            made[key] = book.add_format(said)
        return made[key]

    return shape


def _write_sheet(page: Any, sheet: Sheet, shape: Callable[..., Any]) -> None:
    page.set_paper(9)  # A4
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEADING_ROW)
    page.freeze_panes(HEADING_ROW + 1, 0)
    last = len(sheet.rows[HEADING_ROW]) - 1
    page.set_column(0, last, WIDTH if sheet.columns else WIDTH_OF_COVER)
    for line, row in enumerate(sheet.rows):
        for at, cell in enumerate(row):
            inside = HEADING_ROW <= line < sheet.end
            said = _look(line, cell) if inside else {}
            bold = line in (TITLE_ROW, HEADING_ROW) or sheet.totals_from <= line < sheet.end
            size = {"font_size": 14} if line == TITLE_ROW else {}
            _write_cell(page, line, at, cell, shape(**said, **size, bold=bold))


def _look(line: int, cell: Cell) -> dict[str, object]:
    said: dict[str, object] = {"border": 1, "text_wrap": line == HEADING_ROW}
    if isinstance(cell, Decimal):
        exponent = cell.as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
        said["num_format"] = "#,##0" + ("." + "0" * decimals if decimals else "")
    return said


def _write_cell(page: Any, line: int, at: int, cell: Cell, look: Any) -> None:
    said = shown(cell)
    if said is None:
        page.write_blank(line, at, None, look)
    elif isinstance(said, str):
        page.write_string(line, at, said, look)
    else:
        page.write_number(line, at, said, look)
