"""The polygons of a case: read whole or refused whole, every fault with its feature."""

import copy
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from accounting import case, polygons
from ledger.core.errors import InputRefused
from tests.accounting import made_up

REGIONS = ("X", "X1", "X2", "X3", "X4")


def written(folder: Path, said: object) -> Path:
    """Write a file of polygons."""
    path = folder / "polygons.geojson"
    path.write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    return path


def area(ring: polygons.Ring) -> float:
    """Return the area of a ring: above 0 where it runs anticlockwise, with north above."""
    sides = pairwise(ring)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in sides) / 2


def test_outer_rings_run_clockwise_and_holes_the_other_way(tmp_path: Path) -> None:
    """Whichever way a file has them: a sphere is drawn inside out otherwise."""
    said = made_up.polygons()
    ring = said["features"][0]["geometry"]["coordinates"]  # type: ignore[index]
    (west, south), (east, north) = ring[0][0], ring[0][2]
    at = [west + (east - west) / 4, south + (north - south) / 4]
    ring.append([at, [at[0] + 0.01, at[1]], [at[0], at[1] + 0.01], at])

    found, findings, digest = polygons.read(written(tmp_path, said), REGIONS)

    assert findings == ()
    assert len(digest) == 64
    assert found is not None
    outer, hole = found.of["X1"][0]
    assert area(outer) < 0 < area(hole)


def change(path: str, value: object) -> Callable[[Any], None]:
    """Set one place of the file."""

    def changed(said: Any) -> None:
        *above, last = path.split(".")
        for name in above:
            said = said[int(name) if name.isdigit() else name]
        said[int(last) if last.isdigit() else last] = value

    return changed


FIRST = "features.0.geometry"
BROKEN = {
    "type": (change("type", "Feature"), "polygons.unreadable", None),
    "no list": (change("features", {}), "polygons.unreadable", None),
    "region": (change("features.1.properties.code", "Y"), "polygons.unknown-region", 2),
    "no code": (change("features.1.properties", None), "polygons.unknown-region", 2),
    "code": (change("features.1.properties.code", 7), "polygons.unknown-region", 2),
    "twice": (change("features.1.properties.code", "X1"), "polygons.duplicate", 2),
    "no feature": (change("features.2", 3), "polygons.unknown-region", 3),
    "point": (change(f"{FIRST}.type", "Point"), "polygons.not-polygons", 1),
    "kind": (change(f"{FIRST}.type", []), "polygons.not-polygons", 1),
    "depth": (change(f"{FIRST}.type", "MultiPolygon"), "polygons.not-polygons", 1),
    "open": (change(f"{FIRST}.coordinates.0.0", [0, 0]), "polygons.not-polygons", 1),
    "few": (change(f"{FIRST}.coordinates.0", [[0, 0], [0, 0]]), "polygons.not-polygons", 1),
    "metres": (change(f"{FIRST}.coordinates.0.1", [500_000, 3e6]), "polygons.not-polygons", 1),
    "text": (change(f"{FIRST}.coordinates.0.1", ["1", 2]), "polygons.not-polygons", 1),
    "empty": (change(f"{FIRST}.coordinates", []), "polygons.not-polygons", 1),
    "nan": (change(f"{FIRST}.coordinates.0.1", [float("nan"), 1]), "polygons.not-polygons", 1),
    "points": (
        change(f"{FIRST}.coordinates.0", [[0, 0]] * (polygons.POINTS_MAX + 1)),
        "polygons.too-many-points", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    """One fault each: the code, the file, and the feature it is in."""
    broken, code, row = BROKEN[what]
    said = copy.deepcopy(made_up.polygons())
    broken(said)

    found, findings, _ = polygons.read(written(tmp_path, said), REGIONS)

    assert found is None
    assert (code, "polygons.geojson", row) in [(x.code, x.file, x.row) for x in findings]


@pytest.mark.parametrize("said", ["", "{", "[" * 100_000, "\x00", " " * (polygons.BYTES_MAX + 1)])
def test_what_is_no_geojson_is_refused(tmp_path: Path, said: str) -> None:
    """Nothing, half an object, too deep, no text, too long; and no file at all."""
    found, findings, _ = polygons.read(written(tmp_path, said), REGIONS)

    assert found is None
    assert [x.code for x in findings] == ["polygons.unreadable"]
    missing = polygons.read(tmp_path / "missing", REGIONS)
    assert [x.code for x in missing[1]] == ["polygons.unreadable"]


def test_a_case_tells_the_faults_of_its_map_with_all_others(tmp_path: Path) -> None:
    """The map is part of the case: its digest is kept, its faults refuse the case."""
    folder = made_up.write(tmp_path)
    assert "polygons.geojson" in case.read(folder).digests
    (folder / "polygons.geojson").write_text("{}", "utf-8")

    with pytest.raises(InputRefused) as refused:
        case.read(folder)
    assert [x.code for x in refused.value.findings] == ["polygons.unreadable"]
