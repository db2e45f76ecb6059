"""A case made from what a pack itself says it needs: every reading there, each with one value."""

import csv
from pathlib import Path

from accounting import case, ecosystem, needs
from accounting.needs import Need
from accounting.pack import Pack
from accounting.quantity import Quantity, quantities
from accounting.reading import ALL_TYPES

COUNTY, TOWNSHIPS = "330101", ("330101001", "330101002")
YEAR = 2020
TEN, SHARE = "10", "0.3"
VALUES = {
    "air_temperature": "288",
    "period_days": "30",
    "rain_days": "3",
    "rain_and_irrigation": "40",
    "potential_evapotranspiration": "100",
    "precipitation": "1200",
    "storm_precipitation": "300",
    "elevation": "0.5",
    "planted_incidence": "0.4",
    "endangered_index": "1",
}
HEADING = (
    "region", "ecosystem_type", "object", "item", "year", "quantity", "value", "unit", "status",
    "source",
)  # fmt: skip
HEAD = """id = "made"
title = {{ zh = "例", en = "example" }}
pack = "{pack}"
edition = "{edition}"
ecosystems = "{ecosystems}"
years = [{year}]
readings = "readings.csv"
[[region]]
code = "330101"
zh = "县"
en = "county"
zone = "east-plain"
[[region]]
code = "330101001"
zh = "甲"
en = "A"
[[region]]
code = "330101002"
zh = "乙"
en = "B"
"""


def made(folder: Path, pack: Pack) -> case.Case:
    """Write a case of a county and two townships under a pack, and read it."""
    said = {"pack": pack.id, "edition": pack.edition, "ecosystems": pack.ecosystems}
    (folder / case.CASE_FILE).write_text(HEAD.format(year=YEAR, **said), "utf-8")
    with (folder / "readings.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADING)
        for need in needs.needs(pack).values():
            out.writerows(rows(need, tuple(ecosystem.load(pack.ecosystems).types)))
    return case.read(folder)


def rows(need: Need, types: tuple[str, ...]) -> list[list[str]]:
    """Return the readings of one quantity: by region, type, object and item as it is needed."""
    quantity = quantities()[need.quantity]
    regions = (COUNTY,) if need.above or (need.series and not need.types) else TOWNSHIPS
    kinds = [each for each in types if each in need.types] or [ALL_TYPES]
    return [
        [region, kind, object_, item, str(YEAR), need.quantity, value(quantity), quantity.unit,
         "measured", "made up"]
        for region in regions
        for kind in kinds
        for object_ in (("one", "two") if need.objects else ("",))
        for item in (("1", "2", "3") if need.series else ("",))
    ]  # fmt: skip


def value(quantity: Quantity) -> str:
    """Return a value that the quantity may have."""
    if quantity.code in VALUES:
        return VALUES[quantity.code]
    if quantity.code.startswith("meets_standard"):
        return "0"
    return TEN if quantity.lowest <= 10 <= quantity.highest else SHARE
