"""One figure is the same wherever it stands: in every table, in the summary, explained."""

from decimal import Decimal

import pytest

from accounting import case, comparison, dossier, explain, run, series, span
from accounting.account import Account
from accounting.case import Case
from accounting.totals import yi
from benchmarks.gep import county_case
from benchmarks.gep.county import County
from ledger.statements.statement import Statement

COUNTY = County(6, 12, 18, 2)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A part of the made-up county, large enough for rounded figures not to add up by chance."""
    return case.read(county_case.write(tmp_path_factory.mktemp("county"), COUNTY))


@pytest.fixture(scope="module")
def account(found: Case) -> Account:
    """Its last account."""
    return run.run(found, found.under())


def cell(of: Statement, key: str, *, total: bool = False) -> object:
    """Return a cell of the first row, or of the last total."""
    row = of.totals[-1] if total else next(iter(of.rows))
    return row[[column.key for column in of.columns].index(key)]


def test_gep_is_one_figure_in_every_table(found: Case, account: Account) -> None:
    """Value by service, totals, by type, by region, indicators, years, series, an explanation."""
    gep = yi(account.gep_cny)
    one, many = (
        dossier.statements(account),
        span.statements(span.of(found, found.under(), found.years)),
    )
    year = str(account.year)
    priced = series.of(span.of(found, found.under(), found.years).accounts, series.index(found))
    compared = comparison.years([account])[0]
    whole = explain.of(found, found.under(), f"{county_case.CODE}/all/gep/{year}")

    assert cell(one["monetary"], "value", total=True) == gep
    assert cell(one["totals"], "gep_exact") == gep
    assert cell(one["by_type"], "sum", total=True) == gep
    assert cell(one["by_region"], "gep") == gep
    assert cell(one["indicators"], "gep") == gep
    assert cell(many["monetary"], year, total=True) == gep
    assert yi(priced.gep("current")[-1]) == gep
    assert yi(compared.gep_cny) == gep
    assert yi(whole.value_cny) == gep
    assert dossier.summary(account)["gep_cny"] == account.gep_cny


def test_groups_by_type_are_what_they_are_elsewhere(account: Account) -> None:
    """Their sums are added up before they are rounded: 298.4693, not 298.4695."""
    table = dossier.statements(account)["by_type"]
    keys = [column.key for column in table.columns]
    sums = {row[keys.index("group")]: row[keys.index("sum")] for row in table.rows}

    assert sums == {group: yi(value) for group, value in account.group_sums().items()}
    cells = [row[at] for row in table.rows for at, key in enumerate(keys) if key in account.types]
    rounded = sum((each for each in cells if isinstance(each, Decimal)), Decimal(0))
    assert rounded != cell(table, "sum", total=True), "the case shows no difference of rounding"
