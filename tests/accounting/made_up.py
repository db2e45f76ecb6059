"""A made-up county with four townships, three years and a map: nothing of it is real."""

import csv
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
GARZE = ROOT / "examples" / "garze-2010"
YEARS = (2010, 2011, 2012)
COUNTY = ("X", "虚拟县", "Made-up County")
TOWNSHIPS = (
    ("X1", "甲乡", "North-west", 0.002), ("X2", "乙镇", "North-east", 0.001),
    ("X3", "丙乡", "South-west", 0.0015), ("X4", "丁镇", "South-east", 0.0005),
)  # fmt: skip
BY_TYPE = ("water_retained", "oxygen_released", "carbon_fixed_co2")
TYPES = (("forest", 0.5), ("grassland", 0.3), ("wetland", 0.2))
GROWTH, SPREAD = 0.04, 0.015
WEST, SOUTH, SIDE = 100.0, 30.0, 0.2
TITLES = {"zh-CN": "虚拟县生态系统生产总值（虚构数据）", "en": "GEP of a made-up county"}
HEAD = f"""# Made up from end to end: no such county, figures or borders.
id = "made-up"
title = {{ zh = "{TITLES["zh-CN"]}", en = "{TITLES["en"]}" }}
pack = "garze-2010"
edition = "2010"
ecosystems = "garze-2010"
years = [2010, 2011, 2012]
readings = "readings.csv"
polygons = "polygons.geojson"
"""


def write(folder: Path) -> Path:
    """Write the case into a folder and return it; the same files every time."""
    folder.mkdir(parents=True, exist_ok=True)
    regions = [(*COUNTY, ""), *((c, zh, en, COUNTY[0]) for c, zh, en, _ in TOWNSHIPS)]
    (folder / "case.toml").write_text(HEAD + "".join(_region(*each) for each in regions), "utf-8")
    with (folder / "readings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_readings())
    (folder / "polygons.geojson").write_text(json.dumps(polygons()), "utf-8")
    return folder


def polygons() -> dict[str, object]:
    """Return four squares that share a crooked middle, written anticlockwise."""
    x, y = WEST + SIDE * 1.1, SOUTH + SIDE * 0.9
    west, east, south, north = WEST, WEST + 2 * SIDE, SOUTH, SOUTH + 2 * SIDE
    corners = {
        "X1": ((west, y), (x, y), (x, north), (west, north)),
        "X2": ((x, y), (east, y), (east, north), (x, north)),
        "X3": ((west, south), (x, south), (x, y), (west, y)),
        "X4": ((x, south), (east, south), (east, y), (x, y)),
    }
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [[*map(list, ring), list(ring[0])]]},
        }
        for code, ring in corners.items()
    ]
    return {"type": "FeatureCollection", "features": features}


def _region(code: str, zh: str, en: str, parent: str) -> str:
    said = f'\n[[region]]\ncode = "{code}"\nzh = "{zh}"\nen = "{en}"\n'
    return said + (f'parent = "{parent}"\n' if parent else "")


def _readings() -> list[list[str]]:
    """Return those of Garzê, scaled down to townships and up by the year, some of them by type."""
    with (GARZE / "readings.csv").open(encoding="utf-8", newline="") as file:
        head, *read = csv.reader(file)
    rows = [head]
    for year, index in zip(YEARS, ("100", "104", "107"), strict=True):
        rows.append([COUNTY[0], "all", str(year), "consumer_price_index", index, "1", "measured",
                     "made up", ""])  # fmt: skip
    for code, _, _, share in TOWNSHIPS:
        for place, year in enumerate(YEARS):
            for at, (_, kind, _, quantity, value, unit, *_) in enumerate(read):
                many = GROWTH + SPREAD * ((at % 7) - 3)
                scaled = float(value) * share * (1 + many * place)
                parts = TYPES if quantity in BY_TYPE else ((kind, 1.0),)
                rows += [
                    [code, type_, str(year), quantity, f"{scaled * part:.6g}", unit, "measured",
                     "made up", ""]
                    for type_, part in parts
                ]  # fmt: skip
    return rows
