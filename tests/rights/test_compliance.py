"""Compliance: what is owed, surrendered, offset, carried over, missing and cut, with a pencil."""

import datetime as dt
from decimal import Decimal

import pytest

from ledger.core.amount import Amount
from ledger.rights.compliance import Compliance, compliances, fine
from ledger.rights.instrument import find
from ledger.store.load import find_book
from tests.rights.desk import BOOK, Desk

CEA, NEXT, CCER = "CEA.2023", "CEA.2024", "CCER.FOREST.2023"
PLANT = {"holder": "Plant", "year": "2023"}


def standing(desk: Desk, on: str) -> dict[str, Compliance]:
    """Return how every operator stands for 2023 on a day."""
    with desk.store.reading() as connection:
        found = compliances(connection, find_book(connection, BOOK), dt.date.fromisoformat(on))
        return {each.operator: each for each in found}


def test_from_verified_emissions_to_met(registry_everywhere: Desk) -> None:
    """1,000 t owed: 950 surrendered and 50 of reductions, 5 %; not a tonne more of either."""
    desk = registry_everywhere
    desk.supplied(CEA, [("Plant", "2000")], cap="2000")
    desk.supplied(CCER, [("Plant", "100")])
    none_owed = desk.does("surrender", CEA, "1", **PLANT)
    desk.must("verify", CEA, "1000", **PLANT)
    over = desk.does("offset", CCER, "51", **PLANT)
    desk.must("offset", CCER, "50", **PLANT)
    again = desk.does("offset", CCER, "1", **PLANT)
    too_much = desk.does("surrender", CEA, "951", **PLANT)
    wrong = desk.does("surrender", CCER, "1", **PLANT)
    before = standing(desk, "2024-12-01")["Plant"]
    desk.must("surrender", CEA, "950", **PLANT)
    after = standing(desk, "2024-12-31")["Plant"]

    assert (none_owed, too_much) == ("rights.over-obligation", "rights.over-obligation")
    assert (over, again) == ("rights.over-offset", "rights.over-offset")
    assert wrong == "rights.not-allowed"
    assert (before.status, str(before.owed)) == ("due", "950")
    assert (after.status, str(after.cleared), str(after.offset)) == ("met", "1000", "50")
    assert desk.findings() == set()


@pytest.mark.parametrize(("verified", "most"), [("1019", "50"), ("1020", "51"), ("19", "0")])
def test_five_per_cent_is_rounded_down(registry: Desk, verified: str, most: str) -> None:
    """5 % of 1,019 t is 50.95 t: 50 t."""
    registry.supplied(CCER, [("Plant", "100")])
    registry.must("verify", CEA, verified, **PLANT)

    assert registry.does("offset", CCER, str(int(most) + 1), **PLANT) == "rights.over-offset"
    assert most == "0" or registry.does("offset", CCER, most, **PLANT) == "posted"


def test_a_correction_is_a_new_posting_and_its_excess_comes_back(registry: Desk) -> None:
    """1,000 t verified and surrendered, corrected to 900: 100 t come back; then to 950: 50 owed."""
    registry.supplied(CEA, [("Plant", "2000")], cap="2000")
    registry.must("verify", CEA, "1000", **PLANT)
    registry.must("surrender", CEA, "1000", **PLANT)
    registry.must("verify", CEA, "900", **PLANT)
    excess = standing(registry, "2024-12-31")["Plant"]
    over = registry.does("reclaim", CEA, "101", **PLANT)
    registry.supplied("CEA.2022", [("Mill", "300")], cap="300")
    registry.must("verify", CEA, "300", holder="Mill", year="2023")
    registry.must("surrender", "CEA.2022", "300", holder="Mill", year="2023")
    others = registry.does("reclaim", "CEA.2022", "100", **PLANT)
    registry.must("reclaim", CEA, "100", **PLANT)
    registry.must("verify", CEA, "950", **PLANT)
    late = standing(registry, "2025-01-01")["Plant"]

    assert others == "rights.not-surrendered"
    assert (str(excess.excess), excess.status, over) == ("100", "met", "rights.over-obligation")
    assert (str(late.owed), str(late.cleared), late.status) == ("50", "900", "default")
    assert registry.findings() == set()


def test_a_surrender_is_taken_back_once_and_in_time(registry: Desk) -> None:
    """Within 14 days, by its mirror."""
    registry.supplied(CEA, [("Plant", "2000")], cap="2000")
    registry.must("verify", CEA, "1000", **PLANT)
    ids = [str(registry.must("surrender", CEA, "400", **PLANT)) for _ in range(2)]
    registry.on = "2024-11-15"
    back = {"original": ids[0], "reason": "typing error"}
    undone = registry.must("unsurrender", "", **back)
    twice = registry.does("unsurrender", "", **back)
    mirror = registry.does("unsurrender", "", original=str(undone), reason="again")
    registry.on = "2024-11-16"
    late = registry.does("unsurrender", "", original=ids[1], reason="too late")
    other = registry.does(
        "unsurrender", "", original=str(registry.must("cap", CEA, "1")), reason="x"
    )

    assert mirror == "ledger.malformed"
    assert (twice, late, other) == (
        "ledger.already-reversed", "rights.too-late", "ledger.malformed",
    )  # fmt: skip
    assert str(standing(registry, "2024-11-16")["Plant"].owed) == "600"
    assert registry.findings() == set()


def test_what_is_missing_is_cut_from_the_next_allocation(registry: Desk) -> None:
    """300 t missing after the deadline: default, fined 5 to 10 times, cut from the next year."""
    registry.supplied(CEA, [("Plant", "700")], cap="1000")
    registry.must("verify", CEA, "1000", **PLANT)
    registry.must("surrender", CEA, "700", **PLANT)
    registry.must("cap", NEXT, "1000")
    registry.must("issue", NEXT, "1000")
    registry.must("assign", NEXT, "1000", pool="Allocation")
    due, default = (standing(registry, day)["Plant"] for day in ("2024-12-31", "2025-01-01"))
    registry.on = "2025-01-02"
    over = registry.does("cut", NEXT, "301", **PLANT)
    registry.must("cut", NEXT, "300", **PLANT)
    met = standing(registry, "2025-01-02")["Plant"]
    least, most = fine(find("cea"), default.owed, Decimal("97.00"), dt.date(2025, 1, 1))

    assert (due.status, default.status, str(default.owed)) == ("due", "default", "300")
    assert (over, met.status, str(met.cut)) == ("rights.not-what-is-missing", "met", "300")
    assert (least, most) == (Decimal("145500.00"), Decimal("291000.00"))
    assert registry.standing(NEXT, "CRC:Pool") == {"Pool:Allocation": "700", "Pool:Cut": "300"}
    assert registry.findings() == set()


def test_an_operator_whose_emissions_nobody_verified(registry: Desk) -> None:
    """Known from another year, or not at all."""
    registry.must("verify", CEA, "10", holder="Plant", year="2022")
    registry.must("verify", CEA, "10", holder="Mill", year="2023")
    with registry.store.reading() as connection:
        found = compliances(connection, find_book(connection, BOOK), dt.date(2024, 12, 1))
        seen = [(each.operator, each.year, each.status) for each in found]

    assert seen == [
        ("Mill", "2022", "unverified"), ("Mill", "2023", "due"),
        ("Plant", "2022", "default"), ("Plant", "2023", "unverified"),
    ]  # fmt: skip


def test_carry_over_is_net_sold_times_one_and_a_half_and_a_base(registry: Desk) -> None:
    """4,000 t sold and 1,000 t bought: 3,000 × 1.5 + 10,000 = 14,500 t may be carried over."""
    registry.supplied(CEA, [("Plant", "50000"), ("Mill", "50000")], cap="100000")
    registry.must("transfer", CEA, "4000", holder="Plant", to="Mill", reason="no price told")
    registry.on = "2024-11-02"
    registry.must("transfer", CEA, "1000", holder="Mill", to="Plant", reason="no price told")
    moved = {"holder": "Plant", "into": NEXT}
    over = registry.does("carry", CEA, "14501", **moved)
    registry.must("carry", CEA, "14000", **moved)
    rest = registry.does("carry", CEA, "501", **moved)
    registry.must("carry", CEA, "500", **moved)
    buyer = registry.does("carry", CEA, "10001", holder="Mill", into=NEXT)
    registry.must("carry", CEA, "10000", holder="Mill", into=NEXT)

    assert (over, rest, buyer) == ("rights.over-carry",) * 3
    assert registry.standing(NEXT) == {
        "Issued:ByCarry": "24500", "Holding:Plant:Free": "14500", "Holding:Mill:Free": "10000",
    }  # fmt: skip
    assert registry.standing(CEA, "CRC:Sink") == {"Sink:Converted": "24500"}
    assert registry.findings() == set()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"into": "CEA.2022"}, "ledger.malformed"),
        ({"into": CEA}, "ledger.malformed"),
        ({"into": "WR.YC.2024"}, "ledger.malformed"),
        ({"on": "2024-10-14"}, "rights.not-allowed"),
        ({"on": "2026-01-01"}, "rights.ended"),
    ],
)
def test_only_forward_only_by_rule_only_in_time(
    registry: Desk, changed: dict[str, str], code: str
) -> None:
    """Before the plan there was no carry-over; after its last day a vintage only expires."""
    registry.on = "2024-10-01"
    registry.supplied(CEA, [("Plant", "50")], cap="50")
    said = {"holder": "Plant", "into": NEXT, "on": "2024-11-01"} | changed

    assert registry.does("carry", CEA, "1", **said) == code


def test_a_budget_is_granted_committed_used_and_void(registry: Desk) -> None:
    """9,680 tce: 8,000 committed, 500 freed, 7,000 used, 1,000 lent, the rest void; no carry."""
    eb = "EB.330109.2024"
    registry.must("budget-grant", eb, "9680", holder="Plant")
    over = registry.does("budget-commit", eb, "9681", holder="Plant", reference="project 1")
    registry.must("budget-commit", eb, "8000", holder="Plant", reference="project 1")
    registry.must("budget-free", eb, "500", holder="Plant")
    registry.must("budget-adjust", eb, "1000", holder="Plant", to="Mill")
    registry.on = "2025-01-10"
    registry.must("budget-use", eb, "7000", holder="Plant")
    late = registry.does("budget-adjust", eb, "1", holder="Plant", to="Mill")
    carried = registry.does("budget-carry", eb, "1", holder="Plant", into="EB.330109.2025")
    registry.must("budget-void", eb, "1180", holder="Plant")

    assert (over, late, carried) == ("ledger.floor", "rights.ended", "rights.not-allowed")
    assert registry.standing(eb, "CRC:Budget:Plant") == {
        "Budget:Plant:Granted": "9680.000", "Budget:Plant:Committed": "500.000",
        "Budget:Plant:Used": "7000.000", "Budget:Plant:Void": "1180.000",
    }  # fmt: skip
    assert registry.standing(eb, "CRC:Budget:Mill") == {"Budget:Mill:Available": "1000.000"}
    assert registry.findings() == set()


def test_a_fine_is_counted_in_money_with_the_price_of_the_month_before() -> None:
    """1 t missing at 76.10: 380.50 to 761.00."""
    missing = Amount(1, find("cea").owed("2023"))

    assert fine(find("cea"), missing, Decimal("76.10"), dt.date(2025, 1, 1)) == (
        Decimal("380.50"), Decimal("761.00"),
    )  # fmt: skip
