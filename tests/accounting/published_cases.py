"""The page of published cases: what is reproduced, what deviates, and why.

`python -m tests.accounting.published_cases > docs/published-cases.md` writes it from the checks
that the tests run; a test refuses a page that is out of date.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from accounting import case, figures, findings, pack, published, run, totals
from accounting.account import Account
from accounting.plausibility import audit
from accounting.published import STATUSES, PublishedCheck, Row
from accounting.seea import accounts
from accounting.seea import case as seea_case
from ledger.core.errors import Finding
from tests.accounting.fact import Fact
from tests.accounting.published_facts import FACTS, PUBLISHED
from tests.accounting.seea import seealand, test_seealand

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"
DIGITS = 10
LONG = 40  # rows: a longer table shows its totals and what deviates
HEAD = """# Published cases, recomputed

Written by `python -m tests.accounting.published_cases` from the checks that the tests run (or by
the tests, with `GEP_PUBLISHED_CASES_WRITE=1`); a test refuses a page that is out of date. The
tables are in `tests/accounting/published/`, each row with its source.

With h half a unit of the last digit as typed: `reproduced` is within h of the printed value,
`rounding` within what the half-units of all readings allow (parameters are exact), `deviates`
neither. `not checkable` prints too little, or its units do not come out as the value's.

What a method of ours gives is computed by it, under its code. A method that is recalled stays
recalled ([methods.md](methods.md)): that it gives a printed figure does not make it a standard's.
"""
GUIDE = {
    "garze_2010": "甘孜 2010. All 23 products of quantity and price hold.",
    "garze_2010_by_ecosystem": "The same values by ecosystem type; no quantity by type was "
    "published, so rows are compared as sums and never prorated.",
    "altai_forest_2014": "Refuted in part: the values of water do not follow from any one price; "
    "species follow from the classes of diversity in 15 of 16 stands.",
    "carbon_rental_scc": "The price is printed as a formula, which a table cannot hold: computed "
    "below by the method.",
    "china_forest_asset_npv_2010": "The price is an annuity, not a price per unit: computed below; "
    "the paper's 662 follows, the 691 of its abstract does not.",
    "guangxi_2005_2020": "Refuted: printed in billions of CNY, which must be 亿元.",
    "travel_cost_zonal_box4": "Four zones; the surplus is welfare and no part of an account.",
}
COLUMNS = ("row", "what", "recomputed", "published", "unit", "verdict", "why")
OF_FACTS = ("what", "how", "recomputed", "published", "unit", "verdict", "why")


def page() -> str:
    """Return the page."""
    checks = {path.stem: published.check(path) for path in sorted(PUBLISHED.glob("*.csv"))}
    lines = [HEAD, *_summary(checks), ""]
    for name, check in checks.items():
        lines += _case(name, check)
    lines += [*_totals(), *_by_type(), *_seealand()]
    lines += ["## Other studies", "", "Figures that the design quotes, where several meet.", ""]
    lines += _facts(each for each in FACTS if each.case not in checks)
    return "\n".join(lines) + "\n"


def _summary(checks: dict[str, PublishedCheck]) -> Iterator[str]:
    yield from _header(("case", "rows", *STATUSES, "figures that follow from others"))
    for name, check in checks.items():
        counts = [str(check.count(each)) for each in STATUSES]
        yield _line((f"`{name}`", str(len(check.rows)), *counts, _counted(name)))
    printed, held, typed, refuted = _figures_of_seealand()
    why = f"{held} to nine digits, {typed} to the digits typed, {refuted} refuted with a reason"
    yield _line(("`seealand`", str(printed), str(held), str(typed), str(refuted), "0", why))


def _counted(name: str) -> str:
    counts = Counter(each.status() for each in FACTS if each.case == name)
    return ", ".join(f"{counts[each]} {each}" for each in STATUSES if counts[each])


def _case(name: str, check: PublishedCheck) -> Iterator[str]:
    path = f"tests/accounting/published/{name}.csv"
    yield from (f"## `{name}`", "", GUIDE[name], "", f"    gep case check {path}", "")
    shown = [each for each in check.rows if len(check.rows) <= LONG or each.sum]
    yield from _header(COLUMNS)
    yield from (_line(_cells(each)) for each in shown)
    said = [*check.findings, *audit.of_table(PUBLISHED / f"{name}.csv")]
    if said:
        yield from ("", "Found:", "", *(f"- {_told(each)}" for each in said))
    facts = [each for each in FACTS if each.case == name]
    if facts:
        yield from ("", *_facts(facts))
    yield ""


def _cells(row: Row) -> tuple[str, ...]:
    why = [row.reason, *row.notes, _sum(row)]
    what = f"{row.service} {row.indicator}".strip()
    return (
        str(row.row), what, row.recomputed or "", row.published, row.value_unit, row.status,
        "; ".join(each for each in why if each),
    )  # fmt: skip


def _sum(row: Row) -> str:
    if row.sum is None:
        return ""
    verdict = "within half-units" if row.sum.within_half_units else f"off by {row.sum.difference}"
    return f"rows add up to {row.sum.recomputed}: {verdict}"


def _told(finding: Finding) -> str:
    doubt = "a doubt" if audit.is_doubt(finding) else "a fault"
    facts = ", ".join(f"{name} {_short(value)}" for name, value in finding.facts.items())
    row = f"row {finding.row}, " if finding.row else ""
    return f"`{finding.code}` ({row}{doubt}): {finding.title}. {facts}"


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _facts(facts: Iterable[Fact]) -> Iterator[str]:
    yield from _header(OF_FACTS)
    for each in facts:
        what = each.what if each.case in GUIDE else f"{each.case}: {each.what}"
        how = f"`{each.how}`" if each.formula is None else each.how
        recomputed = f"{each.recomputed():.{DIGITS}g}"
        yield _line((what, how, recomputed, each.printed, each.unit, each.status(), each.reason))


def garze() -> Account:
    """Return the account of the shipped example."""
    return run.run(case.read(GARZE), pack.load("garze-2010"))


def _totals() -> Iterator[str]:
    account = garze()
    yield from ("## Garzê as a case of our own", "", "    gep case run examples/garze-2010", "")
    yield from _header(("GEP, 亿元", "from"))
    computed = figures.rounded(account.gep_cny / float(totals.YI), 4)
    yield _line((str(computed), "quantity × price, line by line"))
    for line in totals.parted_lines(account):
        yield _line(
            (f"{_yi(line.difference)}", f"of it {line.name.en}, {line.printed_digits} digits")
        )
    for group in totals.parted_groups(account):
        printed = f"{group.name.zh}, which is printed {totals.decimal(group.printed)}"
        yield _line((_yi(group.lines), f"the lines of {printed}: cut, not rounded"))
    doubts = [each for each in findings.of(GARZE).findings if audit.is_doubt(each)]
    yield from ("", "Found on the account:", "", *(f"- {_told(each)}" for each in doubts), "")


def _by_type() -> Iterator[str]:
    by_type = garze().by_type
    if by_type is None:
        return
    yield from ("Values by type, printed total less what its cells add up to:", "")
    yield from _header(("total of", "difference, 亿元", "within half-units"))
    for each in (*by_type.type_differences(), *by_type.group_differences()):
        yield _line((each.name, _yi(each.difference), "yes" if each.within_half_units else "no"))
    yield ""


def _yi(cny: object) -> str:
    return str(figures.rounded(cny / totals.YI, 4))  # type: ignore[operator]


def _figures_of_seealand() -> tuple[int, int, int, int]:
    refuted = _refuted()
    typed = sum(test_seealand.reason(each) == test_seealand.TYPED for each in refuted)
    printed = len(test_seealand.PRINTED)
    return printed, printed - len(refuted), typed, len(refuted) - typed


def _refuted() -> list[seealand.Key]:
    of = accounts.accounts(seea_case.read(seealand.EXAMPLE))
    recomputed = seealand.recomputed(of)
    return [key for key in test_seealand.PRINTED if not test_seealand.holds(key, recomputed[key])]


def _seealand() -> Iterator[str]:
    refuted = _refuted()
    reasons = Counter(test_seealand.reason(key) or "" for key in refuted)
    yield from ("## `seealand`", "", "    gep seea run examples/seealand", "")
    of = accounts.accounts(seea_case.read(seealand.EXAMPLE))
    effects = (of.effects.area, of.effects.volume, of.effects.price)
    area, volume, price = (f"{each[:, 0].sum():.3f}" for each in effects)
    product, change = of.monetary.gross_ecosystem_product(), of.effects.total[:, 0].sum()
    yield "Every figure from extents, condition, flows, prices and the discount convention alone:"
    yield f"gross ecosystem product {product:.0f}; the forest's change of net present value"
    yield f"{change:.3f}, by area {area}, by volume {volume}, by price {price}."
    yield ""
    yield from _header(("table", "printed", "hold", "do not"))
    wrong = Counter(key.table for key in refuted)
    for table, printed in Counter(key.table for key in test_seealand.PRINTED).items():
        yield _line((table, str(printed), str(printed - wrong[table]), str(wrong[table])))
    yield from ("", "Why the rest does not hold:", "")
    all_three = "in a total, from all the slips of tab 13 together"
    yield from (
        f"- {count}: {all_three if reason == 'all three' else reason}"
        for reason, count in reasons.items()
    )
    yield ""


def _header(columns: Sequence[str]) -> Iterator[str]:
    yield _line(columns)
    yield _line(["---"] * len(columns))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(each.replace("|", "/") for each in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(page())
