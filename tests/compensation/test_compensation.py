"""Compensation on published agreements, step by step, and the lines that are booked."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.recognition import NotRecognisable, recognise
from ledger.compensation.assessment import Agreement, UnknownFormula, assess
from ledger.compensation.formula import FORMULAS
from ledger.compensation.sheet import MissingReading, MissingTerm, Reading, Sheet, Terms
from ledger.compensation.transfer import FORMS, Transfer
from ledger.core.amount import CNY, Amount

YUNNAN, GUIZHOU, SICHUAN = "T530000", "T520000", "T510000"
SECTION = {"code": "清水铺", "losers": {YUNNAN: "1"}, "gainers": {GUIZHOU: "1", SICHUAN: "1"}}
CHISHUI: dict[str, Any] = {
    "pot": "200000000",
    "contribute": {YUNNAN: "1", GUIZHOU: "5", SICHUAN: "4"},
    "distribute": {YUNNAN: "3", GUIZHOU: "4", SICHUAN: "3"},
    "sections": [SECTION],
}


def sheet(form: str, agreed: Mapping[str, Any], **readings: str) -> Sheet:
    """Assess terms on readings given by value."""
    given = {code: Reading(code, value, "", "test") for code, value in readings.items()}
    return FORMULAS[form](Terms("scheme", agreed, given))


def steps(made: Sheet) -> dict[str, str]:
    """Return the value of each step by name."""
    return {each.name: each.value for each in made.steps}


def test_chishui_pays_the_nets_only() -> None:
    """In 2000, 10000, 8000; out 6000, 8000, 6000; so Guizhou and Sichuan give Yunnan 2000 each."""
    made = sheet("pooled-basin", CHISHUI, 清水铺="met")
    said = steps(made)

    assert [said[f"contribution {p}"] for p in (YUNNAN, GUIZHOU, SICHUAN)] == [
        "20000000.00", "100000000.00", "80000000.00",
    ]  # fmt: skip
    assert [said[f"net {p}"] for p in (YUNNAN, GUIZHOU, SICHUAN)] == [
        "40000000.00", "-20000000.00", "-20000000.00",
    ]  # fmt: skip
    assert [(p.payer, p.payee, str(p.amount)) for p in made.payments] == [
        (GUIZHOU, YUNNAN, "20000000.00"),
        (SICHUAN, YUNNAN, "20000000.00"),
    ]


def test_a_missed_section_needs_the_deduction_that_was_not_published() -> None:
    """Without it the assessment is refused; with it Yunnan loses and the others gain half each."""
    with pytest.raises(MissingTerm):
        sheet("pooled-basin", CHISHUI, 清水铺="missed")
    with pytest.raises(MissingReading):
        sheet("pooled-basin", CHISHUI)
    said = steps(sheet("pooled-basin", CHISHUI | {"deduction": "1000000"}, 清水铺="missed"))

    assert [said[f"net {p}"] for p in (YUNNAN, GUIZHOU, SICHUAN)] == [
        "39000000.00", "-19500000.00", "-19500000.00",
    ]  # fmt: skip


ratios = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any)


@given(pot=st.integers(0, 10**13), paid=ratios, shared=ratios)
def test_a_closed_scheme_loses_nothing(pot: int, paid: list[int], shared: list[int]) -> None:
    """For any pot and ratios the nets add up to zero, and the payments make them."""
    parties = (YUNNAN, GUIZHOU, SICHUAN)
    agreed = {
        "pot": f"{pot // 100}.{pot % 100:02d}",
        "contribute": dict(zip(parties, map(str, paid), strict=True)),
        "distribute": dict(zip(parties, map(str, shared), strict=True)),
        "sections": [],
    }
    made = sheet("pooled-basin", agreed)
    said = steps(made)
    nets = {party: Amount.exactly(said[f"net {party}"], CNY).quanta for party in parties}
    moved = dict.fromkeys(parties, 0)
    for payment in made.payments:
        moved[payment.payer] -= payment.amount.quanta
        moved[payment.payee] += payment.amount.quanta

    assert sum(nets.values()) == 0
    assert moved == nets


PURCHASE = {"rate": "0.002", "instalments": ["0.7", "0.3"], "payer": "T331125", "payee": "U"}


def test_yunhe_buys_a_share_of_gep() -> None:
    """From the published tail 2,084,600.00: total 6,948,666.67, first part 4,864,066.67."""
    made = sheet("gep-purchase", PURCHASE, gep="3474333333.33")

    assert steps(made)["price"] == "6948666.67"
    assert [str(payment.amount) for payment in made.payments] == ["4864066.67", "2084600.00"]


def test_the_printed_base_misses_the_published_tail_by_200_yuan() -> None:
    """34.74亿 × 0.2 % = 6,948,000; 30 % of it is 2,084,400."""
    made = sheet("gep-purchase", PURCHASE, gep=str(recognise(34.74e8, CNY)))

    assert [str(payment.amount) for payment in made.payments] == ["4863600.00", "2084400.00"]


@given(gep=st.integers(1, 10**15), shares=st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_instalments_add_up_to_the_price(gep: int, shares: list[int]) -> None:
    """The last takes what is left over."""
    agreed = PURCHASE | {"instalments": [f"0.{share}" for share in shares]}
    made = sheet("gep-purchase", agreed, gep=str(gep))
    price = Amount.exactly(steps(made)["price"], CNY)

    assert sum(payment.amount.quanta for payment in made.payments) == price.quanta


def test_jinhua_pays_by_mu_and_by_head() -> None:
    """3.5 × 856,000 + 109 × 37,000 = 2,996,000 + 4,033,000 = 7,029,000."""
    agreed = {"rates": {"catchment": "3.5", "people": "109"}, "payer": "A", "payee": "B"}
    made = sheet("area-and-people", agreed, catchment="856000", people="37000")

    assert steps(made) == {
        "catchment": "2996000.00", "people": "4033000.00", "total": "7029000.00",
    }  # fmt: skip
    assert [str(payment.amount) for payment in made.payments] == ["7029000.00"]


def test_an_assessment_is_bound_to_what_it_rests_on() -> None:
    """Another reading, or another term, gives another digest."""
    agreement = Agreement("chishui", "pooled-basin", CHISHUI, "2019", "协议")
    met = Reading("清水铺", "met", "class II", "monitoring")
    first = assess(agreement, [met], UUID(int=1))
    again = assess(agreement, [met], UUID(int=1))
    other = assess(agreement, [met._replace(source="another file")], UUID(int=1))

    assert first.metadata == again.metadata != other.metadata
    assert [each.kind for each in first.evidence] == ["agreement", "reading", "assessment"]
    with pytest.raises(UnknownFormula):
        assess(Agreement("x", "no-such-form", {}, "2019", ""), [], UUID(int=1))


BOOKED = {
    "between-regions": [
        ["5103地区间援助费用", "2105Due:B", "1205Due:A", "4105地区间援助收入"],
        ["2105Due:B", "1001国库存款", "1001国库存款", "1205Due:A",
         "7103援助预算支出", "8001资金结存", "8001资金结存", "6105援助预算收入"],
    ],
    "to-subordinate": [
        ["5101补助费用", "1001国库存款", "1001国库存款", "4101补助收入",
         "7101补助预算支出", "8001资金结存", "8001资金结存", "6101补助预算收入"],
    ],
    "appropriated": [
        ["5201拨款费用", "2301应付"],
        ["2301应付", "1001国库存款", "7201预算支出211", "8001资金结存"],
    ],
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(FORMS))
def test_each_form_books_both_books(form: str) -> None:
    """The lines of the accrual book and of the budget book, payer first; all need two people."""
    made = sheet("area-and-people", {"rates": {"people": "1"}, "payer": "A", "payee": "B"},
                 people="7")  # fmt: skip
    transfer = Transfer(UUID(int=1), "t", dt.date(2022, 12, 31), made.payments[0], "n", "r", {})
    drafts = list(FORMS[form]([transfer]))

    assert [
        [line.account.code.partition(":")[2] for line in draft.postings] for draft in drafts
    ] == BOOKED[form]
    assert {draft.kind for draft in drafts} == {"fiscal.transfer"}


@pytest.mark.parametrize("estimate", [float("nan"), float("inf")])
def test_an_estimate_that_is_no_number_becomes_no_money(estimate: float) -> None:
    """Recognition refuses it."""
    with pytest.raises(NotRecognisable):
        recognise(estimate, CNY)


def test_recognition_rounds_half_up() -> None:
    """0.005 yuan is a fen; float noise is not."""
    assert [str(recognise(each, CNY)) for each in (0.005, 1.005, 0.1 + 0.2)] == [
        "0.01", "1.01", "0.30",
    ]  # fmt: skip
