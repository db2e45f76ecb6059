"""The totals of an account beside the printed ones, and where they part, by how much and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accounting import figures
from accounting.account import Account, Line, added
from accounting.figures import Figure
from accounting.pack import CLASSES, Class
from ledger.statements.statement import Label

YI = 10**8  # 亿, the display scale of CNY in these accounts
NAMED_SHARE = Fraction(95, 100)  # differences are named until this share of them is told
DECIMALS = 4  # of 亿元
SIGNED_DECIMALS = 3  # of a difference in 亿元
YI_POWER = 8  # of ten


def yi(cny: Fraction | float | None, decimals: int = DECIMALS) -> Decimal | None:
    """Return CNY in 亿元, half up: the one way in which every table says money."""
    return None if cny is None else figures.rounded(cny, decimals, -YI_POWER)


@dataclass(frozen=True, slots=True)
class PartedLine:
    """A line whose quantity × price differs from what was printed, in CNY."""

    name: Label
    difference: Fraction
    printed_digits: int


@dataclass(frozen=True, slots=True)
class PartedGroup:
    """A group whose printed total is not what its printed lines round to, in CNY."""

    name: Label
    printed: Figure
    lines: Fraction
    cut: bool


def class_totals_as_printed(account: Account) -> Mapping[Class, Fraction | None]:
    """Add up the printed values of the lines of each class, in CNY."""
    return {c: added(x.printed for x in account.counted if x.class_ == c) for c in CLASSES}


def class_totals_printed(account: Account) -> Mapping[Class, Fraction | None]:
    """Add up the printed totals of the groups of each class, in CNY."""
    totals = account.by_type.group_totals if account.by_type else {}
    groups = {line.group: line.class_ for line in account.counted}
    return {c: added(totals.get(g) for g, of in groups.items() if of == c) for c in CLASSES}


def parted_lines(account: Account) -> tuple[PartedLine, ...]:
    """Name the lines that make the most of the gap between computed and printed, largest first."""
    gaps = [(_gap(line), line) for line in account.counted if line.printed and line.value_cny]
    gaps.sort(key=lambda each: -abs(each[0]))
    whole = sum((abs(gap) for gap, _ in gaps), Fraction(0))
    named: list[PartedLine] = []
    told = Fraction(0)
    for gap, line in gaps:
        if told >= whole * NAMED_SHARE:
            break
        told += abs(gap)
        named.append(PartedLine(line.name, gap, _digits(line)))
    return tuple(named)


def parted_groups(account: Account) -> tuple[PartedGroup, ...]:
    """Name the groups whose printed total is not the rounded sum of their printed lines."""
    parted = []
    for group, printed in (account.by_type.group_totals if account.by_type else {}).items():
        lines = added(line.printed for line in account.counted if line.group == group)
        if lines and yi(lines, places(printed)) != decimal(printed):
            step = 2 * printed.half
            cut = lines // step * step == printed.value
            name = account.pack.groups.get(group, Label(group, group))
            parted.append(PartedGroup(name, printed, lines, cut))
    return tuple(parted)


def places(figure: Figure) -> int:
    """Return how many decimals a figure in CNY was printed with, in 亿元."""
    return max(0, len(str((2 * figure.half / YI).denominator)) - 1)


def decimal(figure: Figure) -> Decimal:
    """Return a figure in CNY as it was printed, in 亿元."""
    return figures.rounded(figure.value, places(figure), -YI_POWER)


def reasons(account: Account) -> tuple[Label, ...]:
    """Say in two languages why the totals differ; every number is computed from the account."""
    printed = account.as_printed()
    if printed is None:
        return ()
    said = [_lines_reason(account, printed)]
    if account.printed_total:
        said.append(_total_reason(printed, account.printed_total))
    return (*said, *(_group_reason(each) for each in parted_groups(account)))


def _lines_reason(account: Account, printed: Fraction) -> Label:
    gap = signed(Fraction(repr(account.gep_cny)) - printed)
    parted = parted_lines(account)
    zh = "、".join(f"{e.name.zh}{signed(e.difference)}（{e.printed_digits}位）" for e in parted)
    en = ", ".join(f"{e.name.en} {signed(e.difference)} ({e.printed_digits})" for e in parted)
    return Label(
        f"实物量×单价之和减各项公布值之和为{gap}亿元，主要因为公布的实物量位数少：{zh}。",
        f"Quantity × price less the services as printed is {gap} (亿元), mostly because few digits"
        f" of the quantities were printed: {en}.",
    )


def _total_reason(lines: Fraction, printed: Figure) -> Label:
    gap = signed(lines - printed.value)
    rounded = yi(lines, places(printed))
    return Label(
        f"各项公布值之和减公布总值为{gap}亿元（舍入后{rounded}，公布{decimal(printed)}）。",
        f"The services as printed less the printed total is {gap} (亿元):"
        f" {rounded} when rounded, {decimal(printed)} as printed.",
    )


def _group_reason(group: PartedGroup) -> Label:
    printed, lines = decimal(group.printed), yi(group.lines)
    zh = "（截尾而非四舍五入）" if group.cut else ""
    en = ", cut and not rounded" if group.cut else ""
    return Label(
        f"{group.name.zh}：公布合计为{printed}，各项公布值之和为{lines}{zh}。",
        f"{group.name.en}: printed {printed} where the lines add up to {lines}{en}.",
    )


def _gap(line: Line) -> Fraction:
    printed = line.printed.value if line.printed else Fraction(0)
    return Fraction(repr(line.value_cny or 0.0)) - printed


def _digits(line: Line) -> int:
    typed = line.reading.typed if line.reading else ""
    return len(typed.split("e")[0].replace(".", "").lstrip("+-0"))


def signed(cny: Fraction) -> str:
    """Return a difference in 亿元 with its sign, as the notes beneath a table say it."""
    return f"{figures.rounded(cny, SIGNED_DECIMALS, -YI_POWER):+f}"
