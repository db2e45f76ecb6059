"""The bridge from gross ecosystem product to SEEA EA: every service to one code, item by item.

A pack counts its lines in GEP or as memo; SEEA EA counts final services of its reference list.
Between the two totals stand what GEP counts and SEEA does not, and what a memo leaves out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from accounting.account import Account, Line
from accounting.seea import reference
from ledger.statements.statement import Label

ITEMS: Mapping[str, Label] = {
    "none": Label("减：SEEA无对应服务", "Less: no SEEA service"),
    "abiotic": Label("减：非生物流量", "Less: abiotic flows"),
    "intermediate": Label("减：中间服务", "Less: intermediate services"),
    "outside": Label("减：核心账户之外", "Less: outside the core accounts"),
    "memo": Label("加：备查的最终服务", "Plus: final services that are memo"),
}


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """One line of an account: its code, the item that parts it, its value in either total, in CNY.

    ``item`` is None where both count the line, or neither; a value is None where not estimated.
    """

    line: Line
    code: str
    item: str | None
    gep_cny: float | None
    seea_cny: float | None

    @property
    def name(self) -> Label:
        """The name of its code."""
        on_list = reference.services().get(self.code)
        return on_list.name if on_list else reference.OFF_THE_LIST[self.code]


@dataclass(frozen=True, slots=True)
class Bridge:
    """Every line of an account, and the totals on both sides in CNY."""

    account: Account
    lines: tuple[BridgeLine, ...]

    @property
    def gep_cny(self) -> float:
        """What the pack counts: gross ecosystem product by its own rule."""
        return sum(each.gep_cny or 0.0 for each in self.lines)

    @property
    def seea_cny(self) -> float:
        """What SEEA EA counts: final services of the reference list."""
        return sum(each.seea_cny or 0.0 for each in self.lines)

    @property
    def items(self) -> dict[str, float]:
        """What leads from the first total to the second, by item, signed."""
        return {name: sum(_gap(each) for each in self.lines if each.item == name) for name in ITEMS}

    def by_code(self) -> dict[str, float]:
        """Add up what SEEA EA counts by code, in the order of the reference list, in CNY."""
        return {
            code: sum(each.seea_cny for each in self.lines if each.seea_cny and each.code == code)
            for code in reference.services()
            if any(each.code == code and each.seea_cny is not None for each in self.lines)
        }


def bridge(account: Account) -> Bridge:
    """Map every line of an account to its one code, as its pack states it."""
    return Bridge(account, tuple(_bridged(line) for line in account.lines))


def _bridged(line: Line) -> BridgeLine:
    code, counted = line.of.seea, line.of.counts_in == "gep"
    on_list = reference.services().get(code)
    account = on_list.account if on_list else code
    final = account == "final"
    item = None if counted == final else "memo" if final else account
    return BridgeLine(
        line,
        code,
        item if counted or final else None,
        line.value_cny if counted else 0.0,
        line.value_cny if final else 0.0,
    )


def _gap(each: BridgeLine) -> float:
    return (each.seea_cny or 0.0) - (each.gep_cny or 0.0)
