"""The check of published deals and market figures: every row gets a verdict, no trap is swallowed.

The form of a table is known by its columns: deals; days, weeks and years of a market; sums shared
out; worked examples. Invented rows are marked synthetic and count for no published figure.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from accounting import sheet
from accounting.sheet import Sheet
from accounting.traded import days, deals, shares, totals
from accounting.traded.verdict import (
    DOUBTS,
    Check,
    Status,
    Verdict,
    against_itself,
    contradictions,
)
from ledger.core.errors import Finding, InputRefused

BYTES_MAX = 32 * 2**20

Judged = Iterator[tuple[Verdict, tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of table: the columns by which it is known, its others, and who judges its rows."""

    known: Sequence[str]
    columns: Sequence[str]
    headings: Mapping[str, str]
    judge: Callable[[Sheet], Judged]
    least: int = 2


FORMS = (
    Form(shares.EXAMPLES, shares.EXAMPLE_COLUMNS, {}, shares.examples, 3),
    Form(shares.SHARES, shares.SHARE_COLUMNS, shares.SHARE_HEADINGS, shares.shared, 3),
    Form(days.KNOWN, days.COLUMNS, days.HEADINGS, days.verdicts),
    Form(deals.KNOWN, deals.COLUMNS, deals.HEADINGS, deals.verdicts),
)


@dataclass(frozen=True, slots=True)
class MarketCheck:
    """All verdicts on one or several tables, and everything found wrong with them."""

    rows: tuple[Verdict, ...]
    findings: tuple[Finding, ...]

    def count(self, status: Status) -> int:
        """Return how many rows have this status, the invented ones left out."""
        return Counter(row.status for row in self.rows if not row.synthetic)[status]

    @property
    def synthetic(self) -> int:
        """How many rows are invented."""
        return sum(row.synthetic for row in self.rows)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are more than a doubt."""
        return tuple(each for each in self.findings if each.code not in DOUBTS)


def check(paths: Sequence[Path]) -> MarketCheck:
    """Check tables together; refuse one that is of no known form, or two of one name."""
    for name, times in Counter(path.name for path in paths).items():
        if times > 1:
            title = "Two files of one name cannot be told apart"
            raise InputRefused((Finding("sheet.same-name", title, name),))
    read = [_read(path) for path in paths]
    rows: list[Verdict] = []
    findings: list[Finding] = []
    for form, table in read:
        findings += table.findings
        crowded = {each.row for each in table.findings if each.code == "row.too-many-cells"}
        for verdict, doubts in form.judge(table):
            if verdict.row in crowded:
                reason = "more cells than columns"
                verdict = replace(verdict, status="not bookable", checks=(), reason=reason)  # noqa: PLW2901
            rows.append(verdict)
            findings += doubts
    histories = [table for form, table in read if form.judge is days.verdicts]
    sums, changes = totals.checks(histories), totals.changes(histories)
    judged = tuple(
        _tied(each, (*sums.get((each.file, each.row), ()), *changes.get((each.file, each.row), ())))
        for each in rows
    )
    findings += [finding for each in judged for finding in contradictions(each)]
    order = {path.name: at for at, path in enumerate(paths)}
    findings.sort(key=lambda each: (order.get(each.file or "", 0), each.row or 0))
    return MarketCheck(judged, tuple(findings))


def _tied(verdict: Verdict, more: Sequence[Check]) -> Verdict:
    """Add what other rows say of this one."""
    checks = (*verdict.checks, *more)
    status = verdict.status
    if not verdict.missing and any(map(against_itself, checks)):
        status = "deviates"
    elif status == "booked" and any(each.status in ("checked", "computed") for each in more):
        status = "checked"
    return replace(verdict, status=status, checks=checks)


def _read(path: Path) -> tuple[Form, Sheet]:
    """Read a table in the form whose own columns it has most of."""
    if path.is_file() and path.stat().st_size > BYTES_MAX:
        facts = {"most": f"{BYTES_MAX} bytes"}
        title = "The file is larger than a published table may be"
        raise InputRefused((Finding("sheet.too-large", title, path.name, facts=facts),))
    best: tuple[int, Form, Sheet] | None = None
    for form in FORMS:
        names = (*form.known, *form.columns)
        try:
            table = sheet.read(path, (), names, form.headings)
        except InputRefused as refused:
            if any(each.code != "sheet.no-header" for each in refused.findings):
                raise
            continue
        known = sum(column in form.known for column in table.columns)
        if known >= form.least and (best is None or known > best[0]):
            best = known, form, table
    if best is None:
        title = "Neither deals nor figures of a market: no such columns"
        facts = {"deals": ", ".join(deals.KNOWN), "days": ", ".join(days.KNOWN)}
        raise InputRefused((Finding("sheet.no-header", title, path.name, 1, facts=facts),))
    return best[1], best[2]
