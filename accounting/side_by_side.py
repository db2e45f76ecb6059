"""One case under several packs: what each service comes to under each, and why they part."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from accounting import pack_difference, run, translation
from accounting.account import Account
from accounting.case import Case
from accounting.pack import GEP, Pack
from accounting.pack_difference import KINDS
from accounting.tables import CNY_UNIT, DECIMALS, SERVICE, marked
from accounting.totals import yi
from accounting.uncertainty.ranges import MethodRange, over_packs
from ledger.statements.statement import Column, Label, Row, Statement


def under(case: Case, packs: Sequence[Pack], year: int | None = None) -> tuple[Account, ...]:
    """Run a case under each of several packs; refuses what any of them refuses."""
    return tuple(run.run(translation.into(case, each.ecosystems), each, year) for each in packs)


def statement(accounts: Sequence[Account]) -> Statement:
    """Return what counts in GEP under each pack, and how each departs from the first and why."""
    first = accounts[0].pack
    names = [f"{each.pack.id} {each.pack.edition}" for each in accounts]
    columns = [*SERVICE]
    for at, name in enumerate(names):
        columns.append(_money(f"value_{at + 1}", Label(name, name)))
    for at, name in enumerate(names[1:], 2):
        less = Label(f"{name} 减 {names[0]}", f"{name} less {names[0]}")
        columns.append(_money(f"difference_{at}", less))
        columns.append(Column(f"why_{at}_zh", Label("原因", "Why (Chinese)")))
        columns.append(Column(f"why_{at}_en", Label("原因（英文）", "Why")))
    why = [_why(first, each.pack) for each in accounts[1:]]
    *rows, total = (_row(each, why) for each in over_packs(accounts))
    year = accounts[0].year
    title = accounts[0].title
    said = Statement(
        Label(f"{title.zh}：各方法包比较（{year}）", f"{title.en}: packs side by side, {year}"),
        tuple(columns),
        tuple(rows),
        (total,),
    )
    for each in accounts:
        said = marked(each.pack, said)
    return said


def _row(of: MethodRange, why: Sequence[Mapping[str, tuple[str, ...]]]) -> Row:
    values = list(of.values.values())
    row: list[Decimal | str | None] = [of.service, of.name.zh, of.name.en]
    row += [yi(each) for each in values]
    for value, reasons in zip(values[1:], why, strict=True):
        known = (values[0], value) != (None, None)
        row.append(yi((value or 0.0) - (values[0] or 0.0)) if known else None)
        kinds = reasons.get(of.service, ())
        row.append("、".join(KINDS[each].zh for each in kinds))
        row.append(", ".join(KINDS[each].en for each in kinds))
    return tuple(row)


def _why(first: Pack, other: Pack) -> dict[str, tuple[str, ...]]:
    """Return the kinds of difference by service; the total has none of its own."""
    found: dict[str, tuple[str, ...]] = {GEP: ()}
    for each in pack_difference.between(first, other):
        found[each.service] = tuple(dict.fromkeys((*found.get(each.service, ()), each.kind)))
    return found


def _money(key: str, label: Label) -> Column:
    return Column(key, label, CNY_UNIT, DECIMALS, "right")
