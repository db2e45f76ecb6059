"""Imports: what a parent deducts, the law that joins gross and net, and rows that are refused."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from accounting import case, dossier, imports, pack, rollup, run, span, verification
from accounting.account import Account
from accounting.figures import Figure
from accounting.flow import IMPORT_KINDS, Flow, ImportKind
from api.commands.case import app
from benchmarks.gep import county_case
from benchmarks.gep.county import County
from ledger.core.errors import InputRefused
from tests.accounting import hand
from tests.accounting.hand import COUNTY, ELSEWHERE, A, B

WATER = f"water,{ELSEWHERE},{A},2020,product,100,m3,measured,x"


def account_of(folder: Path, *rows: str) -> Account:
    """Run the case by hand with these imports."""
    found = case.read(hand.write(folder, imports=rows))
    return run.run(found, found.under())


def by_region(account: Account) -> dict[str, imports.NetSum]:
    """Return the net sums by region."""
    return {each.region: each for each in imports.net(account)}


def test_a_parent_deducts_only_what_comes_from_outside_it(tmp_path: Path) -> None:
    """A gets 100 m3 from elsewhere and 50 from B, at 2 CNY: net 2500 of 2800; the county 4300."""
    net = by_region(account_of(tmp_path, WATER, f"water,{B},{A},2020,product,50,m3,measured,x"))

    assert net[A].net_cny("product") == 2800 - 200 - 100
    assert net[B].net_cny("product") == 1700
    assert net[COUNTY].net_cny("product") == 4500 - 200
    assert net[COUNTY].between_cny["product"] == 100


def test_the_two_kinds_are_two_deductions(tmp_path: Path) -> None:
    """200 CNY of product and 60 of an intermediate service are never 260."""
    rows = WATER, f"water,{ELSEWHERE},{A},2020,intermediate,30,m3,measured,x"
    net = by_region(account_of(tmp_path, *rows))

    assert (net[A].net_cny("product"), net[A].net_cny("intermediate")) == (2600, 2740)


def test_an_import_may_be_said_in_money_and_of_a_service_without_quantity(tmp_path: Path) -> None:
    """Crops have no quantity: 0.01 万元 of them are 100 CNY."""
    net = by_region(
        account_of(tmp_path, f"crops,{ELSEWHERE},{A},2020,product,0.01,万元,measured,x")
    )

    assert net[A].net_cny("product") == pytest.approx(2700)


def test_what_is_not_estimated_is_named_and_not_deducted(tmp_path: Path) -> None:
    """The net account of A and of the county says of which service it does not know."""
    rows = (f"water,{ELSEWHERE},{A},2020,product,,m3,not estimated,x",)
    net = by_region(account_of(tmp_path, *rows))

    assert net[A].net_cny("product") == 2800
    assert net[A].not_estimated == net[COUNTY].not_estimated == ("water",)
    assert net[B].not_estimated == ()


def test_another_pack_leaves_out_the_flows_it_cannot_take(tmp_path: Path) -> None:
    """A pack without water takes the imported crops, and says that it left out the water."""
    flows = WATER, f"crops,{ELSEWHERE},{A},2020,product,100,元,measured,x"
    folder = hand.write(
        tmp_path / "case", imports=flows, use=(f"water,{A},farms,2020,1,m3,measured,x",)
    )
    first, *lines = hand.PACK.split("[[line]]")
    other = tmp_path / "other.toml"
    other.write_text("[[line]]".join((first.replace('"hand"', '"dry"'), *lines[1:])), "utf-8")
    account = run.run(case.read(folder), pack.read(other))
    dossier.write(account, tmp_path / "dossier", folder)

    assert [each.service for each in account.imports] == ["crops"]
    assert by_region(account)[COUNTY].net_cny("product") == 1500 - 100
    assert imports.statement(account).notes[-1].en == "Pack dry cannot take the flows of: water."
    assert verification.verify(tmp_path / "dossier").findings == ()


BROKEN = [
    (WATER.replace("water", "air"), "service", "flow.unknown-service"),
    (WATER.replace("product", "gift"), "kind", "flow.unknown-kind"),
    (WATER.replace("2020", "2031"), "year", "flow.unknown-year"),
    (WATER.replace("measured", "heard"), "status", "flow.unknown-status"),
    (WATER.removesuffix("x"), "source", "flow.no-source"),
    (WATER.replace(ELSEWHERE, ""), "from_region", "flow.no-region"),
    (WATER.replace(A, "777700"), "to_region", "flow.unknown-regions"),
    (WATER.replace(ELSEWHERE, A), "from_region", "flow.within-itself"),
    (WATER.replace(ELSEWHERE, COUNTY), "from_region", "flow.within-itself"),
    (WATER.replace(",100,", ",,"), "quantity", "flow.value-or-status"),
    (WATER.replace(",100,", ",-100,"), "quantity", "flow.negative"),
    (WATER.replace(",100,", ",some,"), "quantity", "figure.not-a-number"),
    (WATER.replace("m3", "buckets"), "unit", "unit.unknown"),
    (WATER.replace("m3", "kWh"), "unit", "unit.dimension"),
    (WATER.replace(",100,", ",1001,"), "quantity", "flow.exceeds-supply"),
]


@pytest.mark.parametrize(("row", "field", "code"), BROKEN)
def test_a_broken_row_is_refused_where_it_stands(
    tmp_path: Path, row: str, field: str, code: str
) -> None:
    """File, row, field and rule; the row before it is sound."""
    sound = f"crops,{ELSEWHERE},{B},2020,product,1,元,measured,x"
    with pytest.raises(InputRefused) as refused:
        account_of(tmp_path, sound, row)

    assert [(each.file, each.row, each.field, each.code) for each in refused.value.findings] == [
        ("imports.csv", 3, field, code)
    ]


def test_a_case_with_a_broken_row_leaves_nothing_behind(tmp_path: Path) -> None:
    """`check` and `run`, of a year and of many, tell file, row and rule; nothing is written."""
    folder, out = tmp_path / "case", tmp_path / "out"
    hand.write(folder, imports=(WATER.replace("product", "gift"),))
    runs = (["check"], ["run", "--out", str(out)], ["run", "--years", "all", "--out", str(out)])
    for command, *more in runs:
        told = CliRunner().invoke(app, [command, str(folder), *more], env={"COLUMNS": "300"})

        assert told.exit_code == (1 if command == "check" else 2)
        assert "imports.csv:2:kind: flow.unknown-kind" in told.output
    assert not out.exists()


def test_a_flow_that_is_told_twice_is_refused(tmp_path: Path) -> None:
    """The same service, ends, year and kind: the second row names the first."""
    with pytest.raises(InputRefused, match=r"flow\.duplicate") as refused:
        account_of(tmp_path, WATER, WATER)

    assert refused.value.findings[0].facts == {"first_row": 2}


def laws_hold(account: Account) -> None:
    """Σ children (gross) + own = parent (gross); Σ children (net) + flows between = parent (net).

    Sums of float64: equal within a millionth of a CNY on billions.
    """
    net, gross = by_region(account), {each.region: each for each in rollup.rolled_up(account)}
    for region, of in net.items():
        children = [net[each] for each in account.tree.children(region)]
        if not children:
            continue
        own = gross[region].own_cny
        assert sum(each.gross_cny for each in children) + own == pytest.approx(of.gross_cny)
        for kind in IMPORT_KINDS:
            parts = sum(each.net_cny(kind) for each in children) + own
            assert parts + of.between_cny[kind] == pytest.approx(of.net_cny(kind), rel=1e-12)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> span.Span:
    """Every township, type and service of the made-up county, in two of its years."""
    folder = county_case.write(tmp_path_factory.mktemp("county"), County(years=2))
    found = case.read(folder)
    return span.of(found, found.under(), found.years)


def test_the_townships_make_the_county_gross_and_net(county: span.Span) -> None:
    """Twenty townships that import from one another and from outside, in each year."""
    for account in county.accounts:
        between = by_region(account)[county_case.CODE].between_cny

        assert len(account.tree.children(county_case.CODE)) == 20
        assert min(between.values()) > 0
        laws_hold(account)


ENDS = st.sampled_from(
    [county_case.OUTSIDE, *(f"{county_case.CODE}{at:03d}" for at in range(1, 6))]
)
FLOWS = st.lists(
    st.tuples(
        st.sampled_from(["crops", "water-supply/domestic", "hydropower"]), ENDS, ENDS,
        st.sampled_from(IMPORT_KINDS), st.integers(0, 10**9),
    ),
    max_size=12,
)  # fmt: skip


def made(service: str, ends: tuple[str, str], kind: ImportKind, cny: int) -> Flow:
    """Make a flow of so many CNY."""
    figure = Figure(str(cny), Fraction(cny), Fraction(1, 2))
    return Flow(service, *ends, kind, 2011, figure, "CNY", "measured", "x", "", "imports.csv", 2)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=FLOWS)
def test_whatever_flows_gross_and_net_are_joined(
    county: span.Span, rows: list[tuple[str, str, str, ImportKind, int]]
) -> None:
    """Any flows between townships and from outside, memo services among them."""
    flows = tuple(made(s, (a, b), kind, cny) for s, a, b, kind, cny in rows if a != b)
    laws_hold(replace(county.accounts[0], imports=flows))
