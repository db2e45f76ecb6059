"""Registry events as worked examples: what each moves, and what each refuses."""

from uuid import UUID

import pytest

from ledger.core.errors import DomainError
from ledger.rights.catalogue import CATALOGUE
from ledger.rights.event import read
from tests.rights.desk import Desk

CEA, COD = "CEA.2023", "PR.COD.331125.{year}"


def test_from_the_cap_to_the_holder(registry_everywhere: Desk) -> None:
    """A cap of 1,000 t: 900 issued, 600 for allocation, 500 allocated, 20 returned; 101 refused."""
    desk = registry_everywhere
    assert desk.does("issue", CEA, "1") == "rights.over-cap"
    desk.must("cap", CEA, "1000")
    desk.must("issue", CEA, "900")
    assert desk.does("issue", CEA, "101") == "rights.over-cap"
    desk.must("assign", CEA, "600", pool="Allocation")
    desk.must("allocate", CEA, "500", holder="Plant")
    desk.must("return", CEA, "20", holder="Plant")

    assert desk.standing(CEA) == {
        "Cap:Authorised": "1000", "Cap:Issued": "900", "Cap:Unissued": "100", "Issued": "900",
        "Pool:Total": "300", "Pool:Allocation": "120", "Holding:Plant:Free": "480",
    }  # fmt: skip
    assert desk.findings() == set()


def test_a_sale_moves_right_and_money_together(registry: Desk) -> None:
    """100 t for 8,000.00; bought today they are free tomorrow; without price it needs a reason."""
    registry.supplied(CEA, [("Plant", "500")], cap="1000")
    registry.funded("Mill", "10000.00")
    registry.must("transfer", CEA, "100", holder="Plant", to="Mill", money="8000.00")
    without = registry.does("transfer", CEA, "1", holder="Plant", to="Mill")
    too_early = registry.does("transfer", CEA, "1", holder="Mill", to="Plant", reason="gift")

    assert (without, too_early) == ("rights.no-reason", "ledger.floor")
    assert registry.standing(CEA, "CRC:Holding:Mill") == {"Holding:Mill:BoughtToday": "100"}
    assert registry.standing("CNY", "CRC:Client") == {
        "Client:Mill:Free": "2000.00", "Client:Plant:Free": "8000.00",
    }  # fmt: skip
    registry.on = "2024-11-02"
    registry.must("roll", CEA, "100", holder="Mill")
    registry.must("fill", CEA, "40", holder="Mill")
    registry.must("settle", CEA, "40", holder="Mill", to="Plant", money="3000.00")
    registry.must("succeed", CEA, "60", holder="Mill", to="Plant", reason="merger")
    assert registry.standing(CEA, "CRC:Holding") == {
        "Holding:Plant:BoughtToday": "40", "Holding:Plant:Free": "460",
    }  # fmt: skip
    assert registry.findings() == set()


def test_what_is_pledged_moves_by_consent_or_foreclosure(registry: Desk) -> None:
    """400 of 500 pledged: 200 cannot be sold; 100 released; 300 sold for 9,000, the debt 7,000."""
    registry.supplied(CEA, [("Plant", "500")], cap="1000")
    registry.funded("Mill", "9000.00")
    registry.must("pledge", CEA, "400", holder="Plant", lender="Bank", reference="LOAN-1")
    sold = registry.does("transfer", CEA, "200", holder="Plant", to="Mill", reason="x")
    silent = registry.does("release", CEA, "100", holder="Plant", lender="Bank")
    registry.must("release", CEA, "100", holder="Plant", lender="Bank", consent="letter 7")
    seized = {"holder": "Plant", "lender": "Bank", "money": "9000.00", "debt": "7000.00"}
    nobody = registry.does("foreclose", CEA, "300", reason="default", **seized)
    registry.must("foreclose", CEA, "300", reason="default", to="Mill", **seized)

    assert (sold, silent, nobody) == ("ledger.floor", "ledger.malformed", "rights.no-foreclosure")
    assert registry.standing(CEA, "CRC:Holding") == {
        "Holding:Mill:Free": "300", "Holding:Plant:Free": "200",
    }  # fmt: skip
    assert registry.standing("CNY", "CRC:Client") == {
        "Client:Bank:Free": "7000.00", "Client:Plant:Free": "2000.00",
    }  # fmt: skip
    assert registry.findings() == set()


def test_the_reserve_buys_back_or_recovers_with_a_reason(registry: Desk) -> None:
    """5 t a year for 2024 to 2026 bought for 60,000.00; a freeze by court; a foreclosure to it."""
    registry.must("issue", COD, "10", years="2024-2026")
    registry.must("allocate", COD, "10", years="2024-2026", holder="Plant", pool="Total")
    paid = {"years": "2024-2026", "holder": "Plant", "money": "60000.00"}
    registry.must("recover", COD, "5", **paid)
    free = registry.does("recover", COD, "1", years="2025", holder="Plant")
    registry.must("freeze", COD, "2", years="2025", holder="Plant", reference="(2024)浙01执1号")
    frozen = registry.does("recover", COD, "4", years="2025", holder="Plant", reason="gratis")
    registry.must("unfreeze", COD, "2", years="2025", holder="Plant", reference="(2024)浙01执2号")
    registry.must("recover", COD, "5", years="2025", holder="Plant", reason="gratis")

    assert (free, frozen) == ("rights.no-reason", "ledger.floor")
    assert registry.standing("PR.COD.331125.2025", "CRC:Pool") == {"Pool:Reserve": "10.000000"}
    assert registry.standing("PR.COD.331125.2026", "CRC:Pool") == {"Pool:Reserve": "5.000000"}
    assert registry.findings() == set()


def test_a_lease_is_a_posting_in_each_leased_year(registry: Desk) -> None:
    """10 t a year for five years, 4 t let for two of them; each year ends by its expiry."""
    term = {"years": "2024-2028"}
    registry.must("issue", COD, "10", **term)
    registry.must("allocate", COD, "10", holder="Plant", pool="Total", **term)
    registry.must("lease", COD, "4", years="2025-2026", holder="Plant", to="Mill")
    over = registry.does("lease", COD, "7", years="2026-2027", holder="Plant", to="Mill")

    assert over == "ledger.floor"
    for year, plant in (("2024", "10"), ("2025", "6"), ("2026", "6"), ("2027", "10")):
        held = registry.standing(f"PR.COD.331125.{year}", "CRC:Holding")
        assert held["Holding:Plant:Free"] == f"{plant}.000000"
        assert held.get("Holding:Mill:LeasedIn") == (None if plant == "10" else "4.000000")
    early = registry.does("expire", COD, years="2025", holder="Mill")
    registry.on = "2026-01-01"
    late = registry.does("lease", COD, "1", years="2025", holder="Plant", to="Mill")
    for holder in ("Plant", "Mill"):
        registry.must("expire", COD, years="2025", holder=holder)
    again = registry.does("expire", COD, years="2025", holder="Mill")

    assert (early, late, again) == ("rights.not-ended", "rights.ended", "rights.nothing-to-expire")
    assert registry.standing("PR.COD.331125.2025") == {
        "Issued": "10.000000", "Sink:Expired": "10.000000",
    }  # fmt: skip
    assert registry.findings() == set()


def test_a_lasting_entitlement_issues_each_year_s_right(registry: Desk) -> None:
    """1,000 m3 a year for ever: 80 % announced gives 800, once; half of it sold, half follows."""
    registry.supplied("WE.YC", [("Plant", "1000")])
    year = "WR.YC.2025"
    registry.must("accrue", year, "500", holder="Plant", share="0.8")
    over = registry.does("accrue", year, "301", holder="Plant", share="0.8")
    registry.must("accrue", year, "300", holder="Plant", share="0.8")
    registry.must("pledge", "WE.YC", "400", holder="Plant", lender="Bank", reference="L-2")
    registry.must("transfer", "WE.YC", "600", holder="Plant", to="Mill", reason="gift")
    twice = registry.does("accrue", year, "100", holder="Mill", share="0.8")
    registry.must("accrue", "WR.YC.2026", "400", holder="Plant")
    registry.must("accrue", "WR.YC.2026", "600", holder="Mill")

    assert (over, twice) == ("rights.over-entitlement", "rights.over-entitlement")
    assert registry.does("accrue", "WR.YC.2026", "1", holder="Mill") == "rights.over-entitlement"
    assert registry.standing(year) == {
        "Issued": "800.000", "Holding:Plant:Free": "800.000",
        "Accrual:Plant:Issued": "800.000", "Accrual:Plant:Contra": "800.000",
    }  # fmt: skip
    assert registry.findings() == set()


def test_blue_carbon_of_xiangshan_is_cancelled_for_somebody(registry: Desk) -> None:
    """2,340.1 t issued and delivered; they count against no obligation; 100 t are cancelled."""
    bc = "BC.XSG.2023"
    registry.on = "2023-02-28"
    registry.funded("Mill", "248050.60")
    registry.must("issue", bc, "2340.1")
    registry.must("assign", bc, "2340.1", pool="Auction")
    registry.must("deliver", bc, "2340.1", holder="Mill", money="248050.60")
    whom = {"holder": "Mill", "beneficiary": "易锻", "reason": "会议碳中和"}
    nobody = registry.does("cancel", bc, "100", holder="Mill", reason="x")
    registry.must("cancel", bc, "100", **whom)

    assert nobody == "rights.no-beneficiary"
    for event in ("surrender", "offset"):
        refused = registry.does(event, bc, "1", holder="Mill", year="2023")
        assert refused == "rights.not-allowed"
    assert registry.standing("CNY", "CRC:Due") == {"Due:Treasury": "248050.60"}
    assert registry.standing(bc) == {
        "Issued": "2340.100", "Holding:Mill:Free": "2240.100", "Sink:Cancelled": "100.000",
    }  # fmt: skip
    assert registry.findings() == set()


def test_the_auction_of_jingzhou_goes_to_the_treasury(registry: Desk) -> None:
    """Four pollutants delivered for 188,000.90 in all."""
    registry.on = "2016-01-20"
    lots = (("COD", "9.195", "96473.55"), ("NH3-N", "0.298", "4685.00"),
            ("SO2", "12.315", "50463.15"), ("NOX", "8.392", "36379.20"))  # fmt: skip
    registry.funded("Mill", "188000.90")
    for pollutant, tonnes, money in lots:
        right = f"PR.{pollutant}.421000.2016"
        registry.must("issue", right, tonnes)
        registry.must("assign", right, tonnes, pool="Auction")
        registry.must("deliver", right, tonnes, holder="Mill", money=money)

    assert registry.standing("CNY", "CRC:Due") == {"Due:Treasury": "188000.90"}
    assert registry.findings() == set()


def test_the_same_again_is_a_replay_and_another_a_conflict(registry: Desk) -> None:
    """A lost answer is asked for again; the books have moved on since."""
    registry.supplied(CEA, [("Plant", "500")], cap="500")
    said = registry.told("issue", CEA, "1")
    first = registry.told("pledge", CEA, "500", holder="Plant", lender="Bank", reference="L")
    outcomes = [registry.post(first), registry.post(first)]
    with pytest.raises(DomainError) as refused:
        registry.post({**first, "amount": "499"})

    assert [each.status for each in outcomes] == ["posted", "replayed"]
    assert outcomes[0].seq == outcomes[1].seq
    assert refused.value.code == "ledger.id-conflict"
    with pytest.raises(DomainError):
        registry.post(said)
    assert registry.findings() == set()


BAD = (
    ({"event": "give"}, "rights.unknown-event"),
    ({"right": "CNY"}, "rights.unknown-right"),
    ({"right": "EB.330109.2024"}, "ledger.malformed"),
    ({"holder": "Nobody"}, "rights.unknown-holder"),
    ({"holder": "A:B"}, "ledger.malformed"),
    ({"holder": ""}, "ledger.malformed"),
    ({"holder": 7}, "ledger.malformed"),
    ({"year": "2023"}, "ledger.malformed"),
    ({"colour": "green"}, "ledger.malformed"),
    ({"pool": "Sea"}, "ledger.malformed"),
    ({"amount": ""}, "ledger.malformed"),
    ({"amount": "-1"}, "ledger.malformed"),
    ({"amount": 1}, "ledger.malformed"),
    ({"amount": "1.5"}, "ledger.inexact-amount"),
    ({"amount": "9" * 30}, "ledger.overflow"),
    ({"on": "2024-13-01"}, "ledger.malformed"),
    ({"on": None}, "ledger.malformed"),
    ({"id": "1"}, "ledger.malformed"),
    ({"right": "WR.YC.{year}", "years": "2028-2024"}, "ledger.malformed"),
    ({"right": "WR.YC.{year}", "years": "2000-2999"}, "ledger.malformed"),
    ({"serials": "5-1"}, "ledger.malformed"),
    ({"serials": "1-3,2-4"}, "ledger.malformed"),
    ({"serials": "900"}, "rights.serials-not-there"),
    ({"metadata": "x"}, "ledger.malformed"),
    ({"metadata": {"consent": "x"}}, "ledger.malformed"),
    ({"right": "", "serials": "1"}, "ledger.malformed"),
    (
        {
            "event": "unsurrender",
            "right": "",
            "amount": "",
            "holder": "",
            "pool": "",
            "reason": "x",
            "original": "00000000-0000-0000-0000-000000000001",
            "serials": "1",
        },
        "ledger.malformed",
    ),
    ({"event": "carry", "right": "", "into": "CEA.2024", "pool": ""}, "ledger.malformed"),
    ({"event": "succeed", "to": "Plant", "reason": "x", "pool": ""}, "ledger.malformed"),
    ({"event": "verify", "right": "WR.YC.2024", "year": "2024", "pool": ""}, "rights.no-rule"),
    (
        {
            "event": "carry",
            "right": "WR.YC.{year}",
            "years": "2024-2025",
            "into": "WR.YC.2026",
            "pool": "",
        },
        "ledger.malformed",
    ),
)


@pytest.mark.parametrize(("changed", "code"), BAD, ids=[str(each[0])[:40] for each in BAD])
def test_what_is_wrong_is_refused_and_nothing_is_done(
    registry: Desk, changed: dict[str, object], code: str
) -> None:
    """An allocation told wrongly in one field."""
    registry.supplied(CEA, [("Plant", "500")], cap="1000")
    before = registry.standing(CEA)
    said = registry.told("allocate", CEA, "1", holder="Plant") | {"pool": "Total"}
    with pytest.raises(DomainError) as refused:
        registry.post(said | changed)

    assert refused.value.code == code
    assert registry.standing(CEA) == before


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_event_names_what_it_lacks(registry: Desk, name: str) -> None:
    """An event with nothing but its day is refused, never a fault of the program."""
    said = {"id": str(UUID(int=9)), "event": name, "on": "2024-11-01", "registry": "CRC"}
    with pytest.raises(DomainError) as refused:
        registry.post({**said, "right": CEA})

    assert refused.value.code in {"ledger.malformed", "ledger.unknown-transaction"}
    assert read(said).amounts == ()
