"""Deals and energy budgets on published figures: computed with a pencil, refused by rule."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.account import Entity
from ledger.core.amount import CNY, Amount
from ledger.core.draft import Draft
from ledger.core.errors import DomainError
from ledger.fiscal.energy_budget import budget
from ledger.market.settlement import Deal, Lot, NoTerm, Price, UnknownPriceBasis, settling
from ledger.rights import instrument

DAY = dt.date(2023, 2, 28)
REG, CLR = Entity("XS-REG", "registry"), Entity("XS-CLR", "clearing")


def lines(draft: Draft) -> list[tuple[str, str, str]]:
    """Return a draft's lines as an accountant would write them."""
    return [
        (line.account.code, str(line.amount), line.amount.commodity.code) for line in draft.postings
    ]


def test_xiangshan_blue_carbon() -> None:
    """2,340.1 t at 106.00 are 248,050.60; right and money move in one transaction."""
    right = Amount.exactly(
        "2340.1", instrument.find("blue-carbon").commodity(site="XSG", vintage="2023")
    )
    lot = Lot(
        right, Price(Decimal("106.00")).consideration(right),
        REG("Holding:1001:Free"), REG("Holding:1002:Free"),
        CLR("Client:1002:Free"), CLR("Client:1001:Free"),
    )  # fmt: skip

    assert lines(settling(Deal(UUID(int=1), DAY, (lot,), "auction"))) == [
        ("XS-REG:Holding:1002:Free", "2340.100", "BC.XSG.2023"),
        ("XS-REG:Holding:1001:Free", "-2340.100", "BC.XSG.2023"),
        ("XS-CLR:Client:1002:Free", "248050.60", "CNY"),
        ("XS-CLR:Client:1001:Free", "-248050.60", "CNY"),
    ]


def test_a_price_per_year_is_not_a_price_for_the_term() -> None:
    """0.0276 t/a at 4,000 per t and year: 110.40 for one year, 552.00 for five, none for none."""
    cod = instrument.find("discharge").commodity(pollutant="COD", region="331125", year="2018")
    right = Amount.exactly("0.0276", cod)
    per_year = Decimal(4000)

    assert str(Price(per_year, "per_unit_year", 1).consideration(right)) == "110.40"
    assert str(Price(per_year, "per_unit_year", 5).consideration(right)) == "552.00"
    assert str(Price(Decimal("96473.55"), "whole_term").consideration(right)) == "96473.55"
    with pytest.raises(NoTerm):
        Price(per_year, "per_unit_year").consideration(right)
    with pytest.raises(UnknownPriceBasis):
        Price(per_year, "per_moon").consideration(right)  # type: ignore[arg-type]


@given(quanta=st.integers(1, 10**12), fen=st.integers(1, 10**9))
def test_the_money_is_quantity_times_price_to_half_a_fen(quanta: int, fen: int) -> None:
    """Settlement rounds half up, once."""
    water = instrument.find("water").commodity(source="YC", year="2025")
    price = Decimal(fen).scaleb(-2)
    right = Amount(quanta, water)
    due = Price(price).consideration(right).value

    assert abs(due - right.value * price) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("tier", "grade", "tce"),
    [("3", "A", "9680"), ("1", "B", "9930"), ("5", "D", "9100"), ("2", "C", "9700")],
)
def test_the_energy_budget_of_xiaoshan(tier: str, grade: str, tce: str) -> None:
    """10,000 tce, tier 3, grade A: 10,000 × (1 - 4 % + 0.8 %) = 9,680."""
    rules = instrument.find("energy-budget")

    assert budget(rules, Decimal(10000), tier, grade, dt.date(2022, 12, 31)).value == Decimal(tce)
    with pytest.raises(DomainError):
        budget(rules, Decimal(10000), "6", grade, dt.date(2022, 12, 31))


def test_money_is_never_mixed_with_a_right() -> None:
    """Adding tonnes to yuan is refused."""
    with pytest.raises(DomainError):
        Amount(1, CNY) + Amount(1, instrument.right("CEA.2022").commodity)
