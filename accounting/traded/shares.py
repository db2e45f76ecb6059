"""Tables that are neither deals nor days: sums shared out among regions, and worked examples."""

import re
from collections.abc import Iterator
from fractions import Fraction

from accounting.sheet import Record, Sheet
from accounting.traded import printed
from accounting.traded.verdict import Check, Status, Verdict, equal, invented, number
from ledger.core.errors import Finding

SHARES = ("total_100m_cny", "already_issued", "this_issue")
SHARE_COLUMNS = ("region", "of_which_three_regions", "of_which_other_deep_poor", "source_url")
SHARE_HEADINGS = {
    "地区": "region", "合计": "total_100m_cny", "已下达": "already_issued",
    "此次下达": "this_issue", "来源": "source_url",
}  # fmt: skip
WHOLE = ("合计", "总计", "total")
EXAMPLES = ("given", "expected", "basis")
EXAMPLE_COLUMNS = ("id", "scheme", "source_url", "note")
AMOUNT = re.compile(r"\d")
RECALLED = re.compile(r"recalled|verify|待核|回忆")
RATE = re.compile(r"<=|≤|\bX\b|\bper\b|not found|未找到")
SOLVED = re.compile(r"inferred|反算|推算")


def shared(table: Sheet) -> Iterator[tuple[Verdict, tuple[Finding, ...]]]:
    """Total = issued before + issued now; the whole = its rows where all are printed."""
    parts = [each for each in table.records if each["region"].casefold() not in WHOLE]
    for record in table.records:
        checks = list(_row(record))
        doubts: tuple[Finding, ...] = ()
        if record not in parts:
            summed = [_sum(record, column, parts) for column in SHARES]
            checks += [each for each in summed if each]
            doubts = tuple(
                Finding(
                    "market.not-summed", "The rows printed are not all of this whole",
                    table.file, record.row, each.what,
                    {"rows": each.recomputed, "whole": each.published},
                )
                for each in summed if each and each.status == "not bookable"
            )  # fmt: skip
        missing = tuple(each for each in SHARES if number(record, each) is None)
        yield _judged(table.file, record, missing, tuple(checks)), doubts


def examples(table: Sheet) -> Iterator[tuple[Verdict, tuple[Finding, ...]]]:
    """Payments under a scheme: published totals, solved figures, examples on invented bases."""
    for record in table.records:
        text = " ".join(record[each] for each in EXAMPLES)
        checks = tuple(printed.identities(text))
        missing: tuple[str, ...] = ()
        if invented(record):
            status, reason = _status("computed", checks), "an example of a rule on an invented base"
        elif RECALLED.search(record["basis"]):
            status, missing, reason = "not bookable", ("basis",), "the formula is only recalled"
        elif not AMOUNT.search(record["expected"]) or RATE.search(record["expected"]):
            status, missing = "not bookable", ("amount",)
            reason = "a rule, a rate or a span, and no amount that was paid"
        elif SOLVED.search(text):
            status, reason = "inferred", "solved back from a printed total"
        else:
            status, reason = _status("booked", checks), record["basis"]
        yield (
            Verdict(
                table.file, record.row, f"{record['id']} {record['scheme']}".strip(), status,
                record["expected"], "", missing, reason, invented(record), checks,
            ),
            (),
        )  # fmt: skip


def _row(record: Record) -> Iterator[Check]:
    total, before, now = (number(record, each) for each in SHARES)
    if total and before and now:
        what = "already_issued + this_issue = total_100m_cny"
        yield equal(what, before.value + now.value, total, before.half + now.half)


def _sum(record: Record, column: str, parts: list[Record]) -> Check | None:
    whole, values = number(record, column), [number(each, column) for each in parts]
    if whole is None or not values:
        return None
    added = sum((each.value for each in values if each), Fraction(0))
    slack = sum((each.half for each in values if each), Fraction(0))
    check = equal(f"rows of {column} add up", added, whole, slack)
    if check.status == "deviates" and (added < whole.value or None in values):
        return Check(
            check.what, "not bookable", check.recomputed, check.published, "rows are missing"
        )
    return check


def _judged(
    file: str, record: Record, missing: tuple[str, ...], checks: tuple[Check, ...]
) -> Verdict:
    status = "not bookable" if missing else _status("booked", checks)
    reason = "; ".join(f"{each} is not published" for each in missing)
    return Verdict(
        file, record.row, record["region"], status, record[SHARES[0]], "100000000 CNY", missing,
        reason, invented(record), checks,
    )  # fmt: skip


def _status(otherwise: Status, checks: tuple[Check, ...]) -> Status:
    if any(each.status == "deviates" for each in checks):
        return "deviates"
    return "checked" if any(each.status == "checked" for each in checks) else otherwise
