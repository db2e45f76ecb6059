"""Supply and use: what nobody uses stands apart, and who uses what is said row by row."""

from pathlib import Path

import pytest

from accounting import case, run, supply_use
from accounting.account import Account
from accounting.supply_use import Balance
from ledger.core.errors import InputRefused
from tests.accounting import hand
from tests.accounting.hand import COUNTY, ELSEWHERE, A, B


def account_of(folder: Path, use: tuple[str, ...], imports: tuple[str, ...] = ()) -> Account:
    """Run the case by hand with these rows of use and of imports."""
    found = case.read(hand.write(folder, use=use, imports=imports))
    return run.run(found, found.under())


def balance(account: Account, region: str, service: str = "water") -> Balance:
    """Return one balance."""
    (found,) = (
        x for x in supply_use.balances(account) if (x.region, x.service) == (region, service)
    )
    return found


def test_supply_beyond_use_stands_apart(tmp_path: Path) -> None:
    """Of 1000 m3 households use 210, as in Miyun: 790 m3, worth 1580 CNY, are not used."""
    account = account_of(tmp_path, (f"water,{A},households,2020,210,m3,measured,x",))
    of = balance(account, A)

    assert (of.supplied, of.used, of.not_used, of.used_share) == (1000, 210, 790, 0.21)
    assert of.not_used_cny == 1580
    assert account.gep_cny == 4500, "GEP counts supply"
    assert balance(account, COUNTY).not_used == 1290


def test_where_no_use_was_read_nothing_is_said_of_it(tmp_path: Path) -> None:
    """B has no row of use and exports 50 m3: what it does not use is unknown, not 450."""
    flows = (f"water,{B},{ELSEWHERE},2020,product,50,m3,measured,x",)
    of = balance(account_of(tmp_path, (), flows), B)

    assert (of.exported, of.used, of.not_used, of.used_share) == (50, None, None, None)


def test_what_a_neighbour_takes_is_use_of_the_township_and_not_of_the_county(
    tmp_path: Path,
) -> None:
    """100 m3 go from A to B: used elsewhere by A's account, nowhere else by the county's."""
    account = account_of(
        tmp_path, (f"water,{A},farms,2020,600,m3,measured,x",),
        (f"water,{A},{B},2020,product,100,m3,measured,x",),
    )  # fmt: skip

    assert (balance(account, A).exported, balance(account, A).not_used) == (100, 300)
    assert balance(account, COUNTY).exported == 0
    assert balance(account, B).imported == 100


def test_users_and_regions_downstream_are_named(tmp_path: Path) -> None:
    """Farms within A, and B downstream of it, each with quantity and value."""
    account = account_of(
        tmp_path, (f"water,{A},farms,2020,600,m3,measured,x",),
        (f"water,{A},{B},2020,intermediate,100,m3,measured,x",),
    )  # fmt: skip
    statement = supply_use.users_statement(account)
    said = [[str(each) for each in row[3:8]] for row in statement.rows]

    assert said == [
        [A, "farms", "use", "600.0000", "m3"],
        [A, "乙镇", "export", "100.0000", "m3"],
    ]


BROKEN = [
    (f"water,{ELSEWHERE},farms,2020,1,m3,measured,x", "region", "flow.unknown-region"),
    (f"water,{A},,2020,1,m3,measured,x", "user", "flow.no-user"),
    (f"water,{COUNTY},farms,2020,1,m3,measured,x", "region", "flow.counted-twice"),
    (f"water,{B},farms,2020,1,kWh,measured,x", "unit", "unit.dimension"),
]


@pytest.mark.parametrize(("row", "field", "code"), BROKEN)
def test_a_broken_row_of_use_is_refused(tmp_path: Path, row: str, field: str, code: str) -> None:
    """A sound row of A's farms first: what is also read for the county would count twice."""
    sound = f"water,{A},farms,2020,1,m3,measured,x"
    with pytest.raises(InputRefused) as refused:
        account_of(tmp_path, (sound, row))
    (found,) = refused.value.findings

    assert (found.file, found.field, found.code) == ("use.csv", field, code)
    assert found.row == (2 if code == "flow.counted-twice" else 3)
