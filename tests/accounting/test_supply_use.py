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
    whole = balance(account, COUNTY)
    assert (whole.used, whole.not_used, whole.unknown) == (210, None, ("used",)), "B was not read"


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


def test_what_nobody_uses_adds_up_along_the_tree(tmp_path: Path) -> None:
    """A 1000 less 600 and 100 to B, B 500 less 450: 350 nobody uses; so says the county."""
    account = account_of(
        tmp_path,
        (f"water,{A},farms,2020,600,m3,measured,x", f"water,{B},farms,2020,450,m3,measured,x"),
        (f"water,{A},{B},2020,product,100,m3,measured,x",),
    )

    assert [balance(account, each).not_used for each in (A, B, COUNTY)] == [300, 50, 350]


def test_a_use_read_for_the_county_covers_its_townships(tmp_path: Path) -> None:
    """900 of 1500 m3 are used; in which township nobody says."""
    account = account_of(tmp_path, (f"water,{COUNTY},farms,2020,900,m3,measured,x",))

    assert balance(account, COUNTY).not_used == 600


NOT_ESTIMATED = [
    ((f"water,{A},farms,2020,,m3,not estimated,x",), (), "used"),
    ((f"water,{A},farms,2020,100,m3,measured,x", f"water,{A},mills,2020,,m3,not estimated,x"), (),
     "used"),
    ((f"water,{A},farms,2020,100,m3,measured,x",),
     (f"water,{A},{ELSEWHERE},2020,product,,m3,not estimated,x",), "exported"),
]  # fmt: skip


@pytest.mark.parametrize(("use", "imports", "unknown"), NOT_ESTIMATED)
def test_what_is_not_estimated_is_not_nought(
    tmp_path: Path, use: tuple[str, ...], imports: tuple[str, ...], unknown: str
) -> None:
    """Whoever does not know one use or export does not know what is left."""
    of = balance(account_of(tmp_path, use, imports), A)

    assert (of.not_used, of.used_share, of.not_used_cny) == (None, None, None)
    assert of.unknown == (unknown,)


def test_an_import_that_is_not_estimated_leaves_known_what_is_not_used(tmp_path: Path) -> None:
    """What comes from elsewhere is no part of the supply."""
    use = (f"water,{A},farms,2020,100,m3,measured,x",)
    imports = (f"water,{ELSEWHERE},{A},2020,product,,m3,not estimated,x",)
    of = balance(account_of(tmp_path, use, imports), A)

    assert (of.not_used, of.unknown) == (900, ("imported",))


def test_a_supply_that_is_not_estimated_is_not_nought(tmp_path: Path) -> None:
    """A's water was not estimated: neither its supply nor the county's is known whole."""
    readings = [x.replace("1000,m3,modelled", ",m3,not estimated") for x in hand.READINGS]
    use = tuple(f"water,{each},farms,2020,100,m3,measured,x" for each in (A, B))
    found = case.read(hand.write(tmp_path, readings, use=use))
    account = run.run(found, found.under())

    assert (balance(account, A).supplied, balance(account, A).not_used) == (None, None)
    assert (balance(account, COUNTY).supplied, balance(account, COUNTY).not_used) == (500, None)
    assert balance(account, B).not_used == 400


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
