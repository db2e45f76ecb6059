"""The account service by service: quantity, price, value, and what each rests on."""

import math
from collections.abc import Sequence
from fractions import Fraction

from accounting import figures
from accounting.account import Account, Line
from accounting.pack import CLASSES
from accounting.tables import DECIMALS
from accounting.totals import YI
from api.render import printed
from api.render.text import number
from api.report import block
from api.report.block import Section
from api.report.material import Material
from ledger.core.label import Label

SOURCES_MAX, DIGITS = 2, 5
HEADS_ZH = (
    "服务",
    "数据来源",
    "依据",
    "单价",
    "单价单位",
    "实物量",
    "单位",
    "价值量（亿元）",
    "占GEP",
)
HEADS_EN = (
    "Service", "Source of the readings", "Evidence", "Price", "Price unit", "Quantity", "Unit",
    "Value (100 million CNY)", "Of GEP",
)  # fmt: skip
WIDTHS, FIGURES = (1.5, 2.6, 0.6, 0, 0, 0, 0, 0, 0), (3, 5, 7, 8)
LEGEND = Label(
    "“依据”依次为公式、参数与系数的证据：R已读原文，R*据转述，K凭记忆录入、待核实，C由已读数字计算。备查项不计入GEP。",
    "Evidence is of the formulas, then of parameters and coefficients: R read in the source,"
    " R* second-hand, K recalled and to be confirmed, C computed from numbers read."
    " Memo lines are not in GEP.",
)


def section(material: Material, locale: str) -> Section:
    """Return the table of all services, class by class, each with its source and evidence."""
    account, zh = material.account, locale.startswith("zh")
    rows: list[list[str]] = []
    cells, sums = [], []
    for code, name in CLASSES.items():
        found = services(account, code)
        if found:
            sums.append(len(rows))
            rows.append(_sum(name.in_(locale), account.class_sums()[code], account, locale))
            rows += [_row(material, lines, locale) for lines in found]
            cells += [code, *(lines[0].service for lines in found)]
    heads = HEADS_ZH if zh else HEADS_EN
    made = block.rows(heads, rows, WIDTHS, FIGURES, sums)
    total = _sum("GEP", account.gep_cny, account, locale)
    title = "按类别与服务的账户" if zh else "The account by class and service"
    more = {"totals": [total], "notes": [LEGEND.in_(locale)], "cells": cells}
    return Section(title, [made | more], wide=True)


def services(account: Account, class_: str) -> list[Sequence[Line]]:
    """Return the lines of each service of a class, in the order of the pack."""
    found: dict[str, list[Line]] = {}
    for line in account.lines:
        if line.class_ == class_:
            found.setdefault(line.service, []).append(line)
    return list(found.values())


def quantity(lines: Sequence[Line], locale: str) -> tuple[str, str]:
    """Return what a service supplied, as typed where one reading says it, else added up."""
    first = lines[0]
    if len(lines) == 1 and first.reading and first.reading.figure:
        return number(first.reading.figure.decimal, locale), printed.unit(
            first.reading.unit, locale
        )
    known = [line.quantity for line in lines if line.quantity is not None]
    shown = plain(math.fsum(known), locale) if known else ""
    return shown, printed.unit(first.unit, locale)


def plain(of: float, locale: str) -> str:
    """Write a sum with five digits, or all before the point where there are more."""
    whole = len(str(int(abs(of))))
    return number(figures.rounded(Fraction(repr(of)), max(0, DIGITS - whole)), locale)


def value(lines: Sequence[Line]) -> float | None:
    """Add up what a service is worth, in CNY; None where none of it was estimated."""
    known = [line.value_cny for line in lines if line.value_cny is not None]
    return math.fsum(known) if known else None


def _sum(name: str, cny: float, account: Account, locale: str) -> list[str]:
    return [name, *[""] * 6, _value(cny, locale), _share(cny, account)]


def _row(material: Material, lines: Sequence[Line], locale: str) -> list[str]:
    account, first, zh = material.account, lines[0], locale.startswith("zh")
    worth = value(lines)
    memo = "（备查）" if zh else " (memo)"
    counted = first.of.counts_in == "gep"
    price = first.of.price
    none = "未核算" if zh else "not estimated"
    return [
        first.name.in_(locale) + ("" if counted else memo),
        _sources(material, lines, locale),
        evidence(first),
        number(price.decimal, locale) if price else "",
        printed.unit(price.unit, locale) + _year(first, locale) if price else "",
        *quantity(lines, locale),
        none if worth is None else _value(worth, locale),
        "" if worth is None or not counted else _share(worth, account),
    ]


def evidence(line: Line) -> str:
    """Return the tags of a line: of its formulas, then of its parameters and coefficients."""
    formulas = dict.fromkeys(each.source.tag for each in line.formulas)
    taken = (*line.of.parameters.values(), *line.coefficients)
    numbers = dict.fromkeys(each.source.tag for each in taken)
    return " · ".join("/".join(each) for each in (formulas, numbers) if each)


def _year(line: Line, locale: str) -> str:
    year = line.of.price.price_year if line.of.price else None
    return "" if year is None else f"（{year}）" if locale.startswith("zh") else f" ({year})"


def _sources(material: Material, lines: Sequence[Line], locale: str) -> str:
    """Name where the readings of a service come from, also those that it is a value of."""
    found = [
        reading.source
        for line in lines
        for quantity in dict.fromkeys((line.of.quantity or "", *line.of.arguments.values()))
        if (reading := material.case.readings.get((quantity, line.cell))) and reading.source
    ]
    named = list(dict.fromkeys(found))
    more = len(named) - SOURCES_MAX
    etc = f"等{len(named)}项" if locale.startswith("zh") else f" and {more} more"
    return "; ".join(named[:SOURCES_MAX]) + (etc if more > 0 else "")


def _value(cny: float, locale: str) -> str:
    return number(figures.rounded(Fraction(repr(cny)) / YI, DECIMALS), locale)


def _share(cny: float, account: Account) -> str:
    gep = account.gep_cny
    return f"{figures.rounded(Fraction(repr(cny / gep)) * 100, 2)}%" if gep else ""
