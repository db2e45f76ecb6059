"""The made-up county as a case folder: readings, flows, use, prices and its pack, all synthetic."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from accounting.method import Array
from benchmarks.gep.county import SEED, County

PACK = Path(__file__).parent / "county_pack.toml"
LINE = "[[line]]"
CODE, NAME = "999901", "虚拟县"
FIRST_YEAR = 2011
OUTSIDE = "888800"
SOURCE = f"synthetic, seed {SEED}"
MARK = "# Everything in this folder is synthetic: invented from a seed, about no place on earth."
TYPES = (
    "0301", "0305", "0401", "0101", "0103", "0201", "1101", "1102", "1108", "07", "0302", "1206",
)  # fmt: skip


class Made(NamedTuple):
    """How a quantity is invented: its unit, its middle, its spread and its growth a year."""

    unit: str
    middle: float
    spread: float = 0.3
    growth: float = 0.0


MADE = {
    "area": Made("hm2", 1500, 0.8, 0.001),
    "net_output_agriculture": Made("万元", 900, 0.6, 0.03),
    "net_output_livestock": Made("万元", 400, 0.6, 0.02),
    "precipitation": Made("mm", 1200, 0.1),
    "storm_runoff": Made("mm", 220, 0.2),
    "evapotranspiration": Made("mm", 550, 0.1),
    "carbon_rate": Made("t.C/(hm2.a)", 1.1, 0.4, 0.004),
    "visits": Made("万人次", 1.5, 0.9, 0.06),
    "water_use_domestic": Made("万m3", 40, 0.5, 0.02),
    "water_use_industrial": Made("万m3", 60, 0.6, 0.01),
    "hydropower_generated": Made("万kWh", 90, 0.8),
    "rainfall_erosivity": Made("MJ.mm/(hm2.h.a)", 4000, 0.1),
    "soil_erodibility": Made("t.hm2.h/(hm2.MJ.mm)", 0.028, 0.1),
    "slope_length_factor": Made("1", 2.2, 0.2),
    "slope_steepness_factor": Made("1", 3.1, 0.3),
    "vegetation_cover": Made("%", 55, 0.15, 0.003),
    "sand_fixed": Made("t", 5000, 0.7, 0.01),
    "lake_flood_storage": Made("万m3", 25, 0.7),
    "so2_removed": Made("t.SO2", 12, 0.5, -0.02),
    "nox_removed": Made("t.NOx", 9, 0.5, -0.01),
    "cod_removed": Made("t.COD", 30, 0.5),
    "ammonia_nitrogen_removed": Made("t.N", 4, 0.5),
    "transpiration_heat": Made("kJ/(m2.d)", 40, 0.3),
    "cooling_days": Made("d", 80, 0.05, 0.005),
    "housing_area": Made("万m2", 3, 0.7, 0.03),
    "housing_price": Made("元/m2", 4500, 0.2, 0.05),
}
SAME = {"vegetation_area": ("area", "hm2")}  # one reading under two names
CONTEXT = {
    "population": Made("人", 18_000, 0.4, -0.01),
    "gdp": Made("亿元", 9, 0.5, 0.06),
}
KM2_PER_HM2 = 0.01
INDEX_GROWTH, PRICE_GROWTH, PRICE_SPREAD = 0.021, 0.03, 0.01
FLOWS = (("crops", "product", "net_output_agriculture"),
         ("water-supply/domestic", "product", "water_use_domestic"),
         ("recreation", "intermediate", "visits"))  # fmt: skip
USES = (("recreation", "households", "visits", 0.7), ("recreation", "visitors", "visits", 0.3),
        ("water-supply/domestic", "households", "water_use_domestic", 0.95))  # fmt: skip
COOLING = "climate-regulation/vegetation"
COOLING_USED = 0.21
SHARE_FROM_NEXT, SHARE_FROM_OUTSIDE = 0.02, 0.03
KWH_PER_HM2_KJ_DAY = 10_000 / (3600 * 3.0)

Rows = Iterable[Sequence[object]]


def write(folder: Path, of: County) -> Path:
    """Write the county as a case folder with its pack, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pack = _pack(of.services)
    (folder / "pack.toml").write_text(pack, "utf-8")
    (folder / "case.toml").write_text("\n".join(_case(of)), "utf-8")
    made = _Made(of, [each for each in (*MADE, *SAME) if f'bind.{each} = "given"' in pack])
    services = {each.split('"')[1] for each in pack.splitlines() if each.startswith("service = ")}
    _table(folder / "readings.csv", READING, _readings(made))
    _table(folder / "imports.csv", IMPORT, (x for x in _imports(made) if x[0] in services))
    _table(folder / "use.csv", USE, (x for x in _uses(made) if x[0] in services))
    _table(folder / "prices.csv", PRICE, _prices(made, pack))
    return folder


READING = ("region", "ecosystem_type", "year", "quantity", "value", "unit", "status", "source")
IMPORT = ("service", "from_region", "to_region", "year", "kind", "quantity", "unit", "status",
          "source")  # fmt: skip
USE = ("service", "region", "user", "year", "quantity", "unit", "status", "source")
PRICE = ("service", "year", "price", "unit", "source", "tag")


class _Made:
    """The invented figures, by quantity: shape (townships, types, years)."""

    def __init__(self, of: County, names: Sequence[str]) -> None:
        self.county = of
        self.codes = [f"{CODE}{at:03d}" for at in range(1, of.townships + 1)]
        self.types = TYPES[: of.types]
        self.years = range(FIRST_YEAR, FIRST_YEAR + of.years)
        shape = len(self.codes), len(self.types), of.years
        drawn = {name: _drawn(each, at, shape) for at, (name, each) in enumerate(MADE.items())}
        self.figures = {n: drawn[SAME[n][0] if n in SAME else n] for n in ("area", *names)}
        self.units = {n: SAME[n][1] if n in SAME else MADE[n].unit for n in self.figures}


def _drawn(of: Made, stream: int, shape: tuple[int, ...]) -> Array:
    """Draw a lasting level for each place, a little noise and a trend for each year."""
    generator = np.random.default_rng((SEED, stream))
    level = generator.lognormal(0, of.spread, shape[:-1])
    noise = generator.lognormal(0, of.spread / 10, shape)
    trend = (1 + of.growth) ** np.arange(shape[-1])
    return np.asarray(of.middle * level[..., None] * noise * trend)


def _pack(services: int) -> str:
    """Return the pack with its first so many lines."""
    head, *lines = PACK.read_text("utf-8").split(LINE)
    return LINE.join([head, *lines[:services]])


def _case(of: County) -> Iterator[str]:
    years = ", ".join(str(FIRST_YEAR + at) for at in range(of.years))
    yield MARK
    yield 'id = "county"\npack = "county"\nedition = "synthetic"\npack_file = "pack.toml"'
    yield 'title = { zh = "虚拟县生态产品总值（合成数据）", en = "A made-up county (synthetic)" }'
    yield f'ecosystems = "land-survey-3"\nyears = [{years}]\nreadings = "readings.csv"'
    yield 'imports = "imports.csv"\nuse = "use.csv"\nprices = "prices.csv"'
    yield f'[[region]]\ncode = "{CODE}"\nzh = "{NAME}"\nen = "Made-up County"'
    for at in range(1, of.townships + 1):
        yield f'[[region]]\ncode = "{CODE}{at:03d}"\nzh = "{at}号镇"\nen = "Township {at}"'


def _readings(made: _Made) -> Iterator[Sequence[object]]:
    for name, figures in made.figures.items():
        for code, of_code in zip(made.codes, figures, strict=True):
            for type_, of_type in zip(made.types, of_code, strict=True):
                for year, value in zip(made.years, of_type, strict=True):
                    yield code, type_, year, name, _typed(value), made.units[name], MODELLED, SOURCE
    yield from _context(made)


MODELLED = "modelled"


def _context(made: _Made) -> Iterator[Sequence[object]]:
    """Yield population, GDP and land area of each township, and the index of the county."""
    for at, (name, each) in enumerate(CONTEXT.items(), len(MADE)):
        figures = _drawn(each, at, (len(made.codes), len(made.years)))
        for code, of_code in zip(made.codes, figures, strict=True):
            for year, value in zip(made.years, of_code, strict=True):
                typed = round(value) if name == "population" else _typed(value)
                yield code, "all", year, name, typed, each.unit, MODELLED, SOURCE
    for code, land in zip(made.codes, made.figures["area"][:, :, 0].sum(axis=1), strict=True):
        for year in made.years:
            typed = _typed(land * KM2_PER_HM2)
            yield code, "all", year, "land_area", typed, "km2", MODELLED, SOURCE
    for at, year in enumerate(made.years):
        index = _typed(100 * (1 + INDEX_GROWTH) ** at)
        yield CODE, "all", year, "consumer_price_index", index, "1", MODELLED, SOURCE


def _imports(made: _Made) -> Iterator[Sequence[object]]:
    """Yield what each township gets from the next, and from outside the county."""
    for service, kind, name in FLOWS:
        for at, code in enumerate(made.codes if name in made.figures else ()):
            supplied = made.figures[name][at].sum(axis=0)
            ends = ((made.codes[at - 1], SHARE_FROM_NEXT), (OUTSIDE, SHARE_FROM_OUTSIDE))
            for origin, share in ends:
                for year, whole in zip(made.years, supplied, strict=True):
                    quantity = _typed(whole * share)
                    yield (service, origin, code, year, kind, quantity, made.units[name],
                           MODELLED, SOURCE)  # fmt: skip


def _uses(made: _Made) -> Iterator[Sequence[object]]:
    """Yield who uses what; of what cools, only the part of it that anybody feels."""
    for service, user, name, share in USES:
        for at, code in enumerate(made.codes if name in made.figures else ()):
            supplied = made.figures[name][at].sum(axis=0)
            for year, whole in zip(made.years, supplied, strict=True):
                quantity = _typed(whole * share)
                yield service, code, user, year, quantity, made.units[name], MODELLED, SOURCE
    if {"transpiration_heat", "vegetation_area", "cooling_days"} <= made.figures.keys():
        heat = made.figures["transpiration_heat"] * made.figures["vegetation_area"]
        cooled = (heat * made.figures["cooling_days"] * KWH_PER_HM2_KJ_DAY).sum(axis=1)
        for code, of_code in zip(made.codes, cooled, strict=True):
            for year, whole in zip(made.years, of_code, strict=True):
                quantity = _typed(whole * COOLING_USED)
                yield COOLING, code, "households", year, quantity, "kWh", MODELLED, SOURCE


def _prices(made: _Made, pack: str) -> Iterator[Sequence[object]]:
    """Yield the price of each priced service, year by year: a walk around a trend."""
    generator = np.random.default_rng((SEED, len(MADE) + len(CONTEXT)))
    for line in pack.split(LINE)[1:]:
        service = line.split('service = "')[1].split('"')[0]
        walk = generator.normal(PRICE_GROWTH, PRICE_SPREAD, len(made.years)).cumsum()
        if "price = {" in line:
            price = line.split("price = {")[1]
            value, unit = (price.split(f'{key} = "')[1].split('"')[0] for key in ("value", "unit"))
            for year, step in zip(made.years, walk, strict=True):
                yield service, year, _typed(float(value) * float(np.exp(step))), unit, SOURCE, "C"


def _typed(value: float) -> str:
    """Write a figure with four digits, as a bureau would."""
    return f"{float(f'{value:.4g}'):.10g}"


def _table(path: Path, columns: Sequence[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])
