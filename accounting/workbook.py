"""The workbook a bureau fills in: one sheet per department, exactly what a pack's graph needs."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from accounting import case, department, ecosystem, needs, region
from accounting.case import Case
from accounting.coefficients import GENERAL, coefficients
from accounting.department import Department
from accounting.needs import Need
from accounting.pack import Pack
from accounting.quantity import quantities
from accounting.reading import ALL_TYPES, STATUS_NAMES, Cell
from ledger.core.errors import Conflict
from ledger.statements.statement import Label

FILE = "readings.xlsx"
GUIDE, PARAMETERS, CODES = "填表说明", "参数", "代码"
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)  # the same bytes every time
ALWAYS = ("population",)
SHOWN = (
    "地区", "地区名称", "生态系统类型", "对象", "序列项", "年份", "指标", "指标名称", "数值",
    "单位", "状态", "来源", "部门", "上年值", "备注",
)  # fmt: skip
OPEN = frozenset({"生态系统类型", "对象", "序列项", "数值", "状态", "来源", "备注"})
WIDTHS = (12, 18, 14, 14, 12, 8, 30, 26, 16, 12, 12, 30, 18, 20, 34)
OBJECTS = "每个对象（湖泊、水库、道路、岸段等）一行，填写“对象”"
SERIES = "逐日、逐级或逐客源地各一行，填写“序列项”"
ROWS_MORE = 200  # rows below the last that drop-downs reach, for readings by type


@dataclass(eq=False)
class CaseExists(Conflict):
    """A new case is written into a folder of its own."""

    code = "case.exists"
    title = "The folder is not empty"
    folder: str


@dataclass(frozen=True, slots=True)
class Blank:
    """A case to be filled in; ``last`` is the case whose latest earlier values stand beside."""

    pack: Pack
    regions: Mapping[str, Label]
    year: int
    by_type: bool = False
    last: Case | None = None

    def places(self, need: Need) -> dict[str, Label]:
        """Return the regions to read a quantity in: those in which no other lies.

        What is shared down is read for the regions that lie in no other.
        """
        named = [{"code": code, "zh": x.zh, "en": x.en} for code, x in self.regions.items()]
        tree, _ = region.read(named)
        lowest = [code for code in self.regions if not tree.children(code)]
        return {code: self.regions[code] for code in (tree.roots() if need.above else lowest)}


def needed(pack: Pack) -> Mapping[str, Need]:
    """Return what a case under a pack must give, in the order of its lines."""
    return {name: Need(name) for name in ALWAYS} | dict(needs.needs(pack))


def new(folder: Path, blank: Blank) -> tuple[Path, ...]:
    """Write case.toml and the workbook; refuses a folder that holds anything."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CaseExists(folder.name)
    folder.mkdir(parents=True, exist_ok=True)
    head, sheets = folder / case.CASE_FILE, folder / FILE
    _write(sheets, blank)
    head.write_text(_case_toml(blank), "utf-8")
    return head, sheets


def _case_toml(blank: Blank) -> str:
    pack, first = blank.pack, next(iter(blank.regions.values()))
    title = Label(f"{first.zh}{blank.year}年生态产品总值", f"GEP of {first.en}, {blank.year}")
    lines = [
        f"id = {_quoted('-'.join((*blank.regions, str(blank.year))))}",
        f"title = {{ zh = {_quoted(title.zh)}, en = {_quoted(title.en)} }}",
        f"pack = {_quoted(pack.id)}",
        f"edition = {_quoted(pack.edition)}",
        f"ecosystems = {_quoted(pack.ecosystems)}",
        f"years = [{blank.year}]",
        f"readings = {_quoted(FILE)}",
    ]
    zones = _zones(pack)
    for code, name in blank.regions.items():
        lines += ["", "[[region]]", f"code = {_quoted(code)}"]
        lines += [f"zh = {_quoted(name.zh)}", f"en = {_quoted(name.en)}"]
        lines += [f"# zone = {_quoted(zones[0])} # of: {', '.join(zones)}"] if zones else []
    return "\n".join(lines) + "\n"


def _zones(pack: Pack) -> tuple[str, ...]:
    """Return the natural regions by which a coefficient of the pack is told apart."""
    listed = ecosystem.load(pack.ecosystems)
    types = {*listed.types, *listed.classes.values(), GENERAL}
    rows = (code for name, of in _bound(pack) if not of for code in coefficients()[name])
    return tuple(dict.fromkeys(code for code in rows if code not in types))


def _bound(pack: Pack) -> tuple[tuple[str, str], ...]:
    """Return the coefficients that a pack takes, with the class of each, "" for the place's own."""
    found = ((name, line.coefficient(name)) for line in pack.lines for name in line.bind)
    return tuple(dict.fromkeys((name, of) for name, of in found if of is not None))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _write(path: Path, blank: Blank) -> None:
    types = ecosystem.load(blank.pack.ecosystems).types
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        book.set_properties({"created": CREATED})
        bold, shut, unlocked = (
            book.add_format(each)
            for each in (
                {"bold": True},
                {"bg_color": "#EEEEEE"},
                {"locked": False, "num_format": "@"},
            )
        )
        _lines(book.add_worksheet(GUIDE), [[each] for each in _guide(blank)], bold)
        for held, asked in _by_department(needed(blank.pack).values()):
            sheet = book.add_worksheet(held.name.zh)
            rows = list(_rows(blank, held, asked, types))
            _form(sheet, rows, bold, shut, unlocked)
            _choices(sheet, len(rows) + ROWS_MORE, len(types))
        _lines(book.add_worksheet(PARAMETERS), list(_parameters(blank.pack)), bold)
        _lines(book.add_worksheet(CODES), list(_codes(types)), bold)


def _by_department(asked: Iterable[Need]) -> Iterator[tuple[Department, list[Need]]]:
    every = list(asked)
    for held in department.departments():
        own = [each for each in every if department.holding(each.quantity) is held]
        if own:
            yield held, own


def _rows(
    blank: Blank, held: Department, asked: Sequence[Need], types: Mapping[str, Label]
) -> Iterator[list[str]]:
    for need in asked:
        name, quantity = need.quantity, quantities()[need.quantity]
        by_type = need.types or (blank.by_type and name not in ALWAYS and not need.above)
        wanted = [each for each in types if each in need.types or not need.types]
        hint = "；".join([OBJECTS] * need.objects + [SERIES] * need.series)
        for place, label in blank.places(need).items():
            for type_ in wanted if by_type else (ALL_TYPES,):
                last = _last(blank, name, Cell(place, type_, blank.year))
                yield [
                    place, label.zh, type_, "", "", str(blank.year), name, quantity.name.zh, "",
                    quantity.unit, "", "", held.name.zh, last, hint,
                ]  # fmt: skip


def _last(blank: Blank, name: str, cell: Cell) -> str:
    """Return the latest earlier value of the same cell, as typed, with unit and year."""
    for year in sorted(blank.last.years if blank.last else (), reverse=True):
        found = blank.last and blank.last.readings.get((name, cell._replace(year=year)))
        if found and year < blank.year:
            return f"{found.typed or STATUS_NAMES[found.status]} {found.unit} ({year})"
    return ""


def _form(sheet: Any, rows: Sequence[Sequence[str]], bold: Any, shut: Any, unlocked: Any) -> None:
    """Write the rows of one department; what is not to be filled in is locked, not hidden."""
    sheet.protect("", {"insert_rows": True, "format_columns": True, "sort": True})
    sheet.freeze_panes(1, 0)
    for place, (heading, width) in enumerate(zip(SHOWN, WIDTHS, strict=True)):
        sheet.set_column(place, place, width, unlocked)
        sheet.write_string(0, place, heading, bold)
    for line, row in enumerate(rows, 1):
        for place, text in enumerate(row):
            if SHOWN[place] in OPEN:
                sheet.write(line, place, text, unlocked)
            else:
                sheet.write_string(line, place, text, shut)
    sheet.ignore_errors({"number_stored_as_text": "A1:O1048576"})


def _choices(sheet: Any, last: int, types: int) -> None:
    """Offer the statuses, and `all` and the types of the list."""
    at = SHOWN.index("状态")
    sheet.data_validation(1, at, last, at, {"validate": "list", "source": [*STATUS_NAMES.values()]})
    at = SHOWN.index("生态系统类型")
    source = f"={CODES}!$A$2:$A${types + 2}"
    sheet.data_validation(1, at, last, at, {"validate": "list", "source": source})


def _lines(sheet: Any, rows: Sequence[Sequence[str]], bold: Any) -> None:
    for line, row in enumerate(rows):
        for place, text in enumerate(row):
            sheet.write_string(line, place, text, *([] if line else [bold]))
    sheet.protect()


def _guide(blank: Blank) -> list[str]:
    pack = blank.pack
    return [
        f"{pack.title.zh} {pack.title.en}：{pack.id} {pack.edition} {pack.digest[:16]}",
        "每个部门一张表；灰色单元格不填。数值、状态、来源三项必填，单位固定。",
        "One sheet per department; grey cells are fixed. Value, status and source are required.",
        "空格不等于零：没有估算写“未估算”，不存在写“不存在”，两者都不填数值。",
        "An empty cell is never 0: say 未估算 (not estimated) or 不存在 (not occurring), no value.",
        "湖泊、水库、道路、岸段逐个填写“对象”，逐日降雨、风速等级、客源地填写“序列项”：复制该行。",
        "Copy the row for each lake, reservoir, road, coast (对象, object), and for each day, class"
        " of wind, zone of origin (序列项, item).",
        "有分类型数据时，复制该行并在“生态系统类型”中选择类型；同一指标不得既填全部又填分类型。",
        "Where values by type are known, copy the row and choose the type; never all and types.",
        f"“{PARAMETERS}”列出方法包的默认参数和系数及其来源，系数可用本地读数代替；“{CODES}”列出类型代码。"
        f" Sheets {PARAMETERS} and {CODES}: the pack's parameters with their sources, the types.",
    ]


def _parameters(pack: Pack) -> Iterator[list[str]]:
    yield ["服务", "参数", "数值", "单位", "价格年份", "文件", "条款", "证据等级"]
    for line in pack.lines:
        for each in line.parameters.values():
            year = str(each.price_year or "")
            source = each.source
            yield [
                line.name.zh, each.name, each.value, each.unit, year, source.document,
                source.clause, source.tag,
            ]  # fmt: skip
    for name, of in _bound(pack):
        for code, row in coefficients()[name].items():
            if of in ("", code):
                each, source = row.parameter, row.parameter.source
                year, said = str(each.price_year or ""), quantities()[name].name.zh
                yield [
                    f"{said}（{row.name.zh} {code}）", name, each.value, each.unit, year,
                    source.document, source.clause, source.tag,
                ]  # fmt: skip


def _codes(types: Mapping[str, Label]) -> Iterator[list[str]]:
    yield ["代码", "名称", "English"]
    yield [ALL_TYPES, "全部", "all types together"]
    yield from ([code, name.zh, name.en] for code, name in types.items())
