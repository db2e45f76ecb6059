"""The national draft by hand: one made-up county, from what was measured to CNY."""

from math import cos, exp, isclose, radians
from pathlib import Path

import pytest

from accounting import case, dossier, pack, run, verification
from accounting.account import Account, Line

COUNTY = Path(__file__).parent / "national_draft"


@pytest.fixture(scope="module")
def account() -> Account:
    """The account of the county."""
    found = case.read(COUNTY)
    return run.run(found, pack.load(found.pack, found.edition))


def line(account: Account, service: str, kind: str = "mixed-forest") -> Line:
    """Return one line."""
    (found,) = (x for x in account.lines if (x.service, x.cell.ecosystem_type) == (service, kind))
    return found


HAND = [
    # 100 − 40 − 30 − 10 万元
    ("material-supply/agriculture", "all", None, 200_000),
    # α of mixed forest 0.0229: 1000 − 22.9 − 477.1 = 500 mm on 100 hm2, at 7.06
    ("water-retention", "mixed-forest", 500_000, 3_530_000),
    # 100 mm of storms, 2.29 of which run off, on 100 hm2
    ("flood-mitigation/vegetation", "mixed-forest", 97_710, 97_710 * 7.06),
    # two coasts of 2 and 3 km at 30 + 5 万元 a km
    ("coastal-protection", "mangrove", 5, 1_750_000),
    # 35 % of 1000 and 2000 万m3
    ("flood-mitigation/reservoirs", "reservoir", 10_500_000, 10_500_000 * 7.06),
    # 10 hm2 take up 0.3 m
    ("flood-mitigation/marshes", "marsh", 30_000, 211_800),
    # the standard is met: 100 t emitted, 100 of 120 hm2 are forest
    ("air-purification/so2", "mixed-forest", 100 * 100 / 120, 100_000),
    ("air-purification/so2", "urban-green", 100 * 20 / 120, 20_000),
    # it is not met: 0.05 t on each hm2
    ("air-purification/nox", "mixed-forest", 5, 3_150),
    ("air-purification/nox", "urban-green", 1, 630),
    # not met either: 1 t on each of 10 hm2, 0.1 t on each of 100
    ("water-purification/nitrogen", "marsh", 10, 8_750),
    ("water-purification/nitrogen", "lake", 110, 96_250),
    # (5 − 6 · 50 %) t C on 100 hm2, times 44/12, at 380; 32/44 of that is oxygen, at 727
    ("carbon", "mixed-forest", 200 * 44 / 12, 200 * 44 / 12 * 380),
    ("oxygen", "mixed-forest", 200 * 32 / 12, 200 * 32 / 12 * 727),
    # 70.4 kJ on 1e6 m2 in 54 days, over 3600 · 3
    ("climate-regulation/vegetation", "mixed-forest", 352_000, 186_560),
    # 1e6 m3 times 2450 · 1000 / 3600 / 3 + 120 kWh
    ("climate-regulation/water-surface", "lake", 2.45e12 / 10_800 + 1.2e8, None),
    # 3 dB · 2 km and 5 dB · 1 km, at 1000 CNY
    ("noise-reduction", "urban-green", 11, 11_000),
    # (1 + 0.1 + 0.1) · 10,000 on 100 hm2
    ("species-conservation", "mixed-forest", None, 1_200_000),
    # 80 hm2 · (15 − 5) %, at 375
    ("pest-control", "mixed-forest", 8, 3_000),
    # 1000 · 50 % · (100 + 10 h · 20 · 0.3)
    ("recreation/tourism", "all", 1_000, 80_000),
    ("recreation/leisure", "all", 1_000, 5_000),
    # 1000 m2 · 10,000 · 5 % · 2 %
    ("landscape-premium", "all", 1_000, 10_000),
]


@pytest.mark.parametrize(("service", "kind", "quantity", "value"), HAND)
def test_a_line_is_what_a_pencil_gives(
    account: Account, service: str, kind: str, quantity: float | None, value: float | None
) -> None:
    """Each in one line of arithmetic, above."""
    found = line(account, service, kind)

    assert found.quantity == (quantity if quantity is None else pytest.approx(quantity))
    if value is not None:
        assert found.value_cny == pytest.approx(value)


def test_lakes_are_computed_one_by_one_and_added(account: Account) -> None:
    """1 and 10 km2 of the eastern plain: e^4.924 · (1 + 10^1.128) · 3.19 万m3, not 11^1.128."""
    found = line(account, "flood-mitigation/lakes", "lake")

    assert found.quantity == pytest.approx(exp(4.924) * (1 + 10**1.128) * 3.19 * 1e4)
    assert {each.name: each.source.tag for each in found.coefficients} == {
        "lake_intercept": "K",
        "lake_exponent": "K",
        "lake_turnover": "K",
    }


def test_daily_rain_and_soil_become_silt(account: Account) -> None:
    """One erosive day of 100 mm in July; L 1, S 9.995, C 0.3072; 24 % settles at 1 t/m3."""
    rain = 0.3937 * 100**1.7265
    sand, silt, clay, carbon = 40.0, 40.0, 20.0, 1.0
    rest = 1 - sand / 100
    epic = (
        (0.2 + 0.3 * exp(-0.0256 * sand * (1 - silt / 100)))
        * (silt / (clay + silt)) ** 0.3
        * (1 - 0.25 * carbon / (carbon + exp(3.72 - 2.95 * carbon)))
        * (1 - 0.7 * rest / (rest + exp(-5.51 + 22.9 * rest)))
    )
    erodibility = (-0.01383 + 0.51575 * epic) * 0.1317
    soil = rain * erodibility * 1 * (21.91 * 0.5 - 0.96) * (1 - 0.3072) * 100
    found = line(account, "soil-retention/silt")

    assert found.quantity == pytest.approx(soil * 0.24, rel=1e-4)
    assert found.value_cny == pytest.approx(soil * 0.24 * 15.58, rel=1e-4)
    assert line(account, "soil-retention/nitrogen").quantity == pytest.approx(
        soil * 0.002, rel=1e-4
    )


def test_two_classes_of_wind_become_sand_fixed(account: Account) -> None:
    """4 m/s moves nothing; 10 m/s at 10 m are 7.946 at 2 m, 2.946 above the threshold."""
    wind = 10 * 0.2 ** (1 / 7)
    density = 348 * 1.013 / 288
    wetness = (100 - 50 * 15 / 30) / 100
    weather = 0.1 * wind * (wind - 5) ** 2 * 30 * density / 9.8 * wetness
    erodible = (29.09 + 0.31 * 40 + 0.17 * 40 + 0.33 * 40 / 20 - 2.59 * 2) / 100
    crust = 1 / (1 + 0.0066 * 20**2 + 0.021 * 2**2)
    factor = weather * erodible * crust * cos(radians(30))

    def carried_off(cover: float) -> float:
        scale = 150.71 * (factor * cover) ** -0.3711
        eroded = 2 * 50 / scale**2 * 109.8 * factor * cover * exp(-((50 / scale) ** 2))
        return float(eroded)

    tonnes = (carried_off(1) - carried_off(exp(-0.1535 * 10))) * 1e6 / 1000
    found = line(account, "sand-fixation")

    assert found.quantity == pytest.approx(tonnes)
    assert found.value_cny == pytest.approx(tonnes / 1.28 / 0.1 * 3.75)


def test_what_is_shared_down_is_all_there(account: Account) -> None:
    """The account gives the 100 t emitted back, whichever types took them."""
    shared = [x.quantity or 0 for x in account.lines if x.service == "air-purification/so2"]

    assert sum(shared) == pytest.approx(100)


def test_memo_is_shown_and_not_added(account: Account) -> None:
    """Oxygen, water, hydropower, ions, species and pests: lines, and no part of GEP."""
    memo = {x.service.partition("/")[0] for x in account.lines if x.of.counts_in == "memo"}
    counted = sum(x.value_cny or 0 for x in account.lines if x.of.counts_in == "gep")

    assert memo == {
        "water-supply", "hydropower", "oxygen", "negative-ions", "species-conservation",
        "pest-control",
    }  # fmt: skip
    assert isclose(account.gep_cny, counted)
    assert not account.not_estimated


def test_its_dossier_can_be_verified_by_a_stranger(account: Account, tmp_path: Path) -> None:
    """Objects, series, shares and coefficients are all recomputed from the dossier alone."""
    dossier.write(account, tmp_path / "dossier", COUNTY)
    found = verification.verify(tmp_path / "dossier")

    assert (found.findings, found.figures > 1000) == ((), True)


def test_the_dossier_names_what_is_recalled(account: Account) -> None:
    """Each line says which formulas and figures nobody read, and the coefficients it took."""
    (said,) = (
        x
        for x in dossier.summary(account)["lines"]  # type: ignore[attr-defined]
        if x["service"] == "climate-regulation/vegetation"
    )

    assert said["recalled"] == [
        "climate-regulation/vegetation",
        "transpiration_heat",
        "device_efficiency",
    ]
    assert {each["name"]: each["value"] for each in said["coefficients"]} == {
        "transpiration_heat": "70.4",
        "device_efficiency": "3.0",
    }
