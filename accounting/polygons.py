"""The polygons of a case's regions, from a GeoJSON file: for the map, never for a figure."""

import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from ledger.core.errors import Finding

BYTES_MAX, POINTS_MAX = 8 << 20, 100_000
CORNERS_MIN = 4  # of a ring, its first repeated at its end
LONGITUDE_MAX, LATITUDE_MAX = 180, 90
DECIMALS = 6  # of a degree: 0.1 m
DEPTHS: Mapping[str, int] = {"Polygon": 0, "MultiPolygon": 1}

Point = tuple[float, float]
Ring = tuple[Point, ...]
Polygon = tuple[Ring, ...]


class NotAFile(ValueError):
    """Not a file of polygons at all: it says why."""


@dataclass(frozen=True, slots=True)
class Polygons:
    """Polygons in degrees of longitude and latitude, by region; outer rings run clockwise."""

    of: Mapping[str, tuple[Polygon, ...]]


def read(path: Path, regions: Collection[str]) -> tuple[Polygons | None, tuple[Finding, ...], str]:
    """Read a FeatureCollection whose features name a region as property `code`.

    Returns no polygons where anything is wrong, everything that is wrong, and the digest.
    """
    try:
        content = _content(path)
        features = _features(json.loads(content))
    except OSError as error:
        return None, (_unreadable(path, error.strerror or "cannot be read"),), ""
    except (ValueError, RecursionError) as error:
        return None, (_unreadable(path, str(error)),), ""
    digest = hashlib.sha256(content).hexdigest()
    findings = tuple(_findings(path.name, features, regions))
    if findings:
        return None, findings, digest
    found = {each["properties"]["code"]: _polygons(each["geometry"]) for each in features}
    return Polygons(found), (), digest


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise NotAFile(f"is longer than {BYTES_MAX} bytes")
    return content


def _features(said: Any) -> Sequence[Any]:
    if not isinstance(said, dict) or said.get("type") != "FeatureCollection":
        raise NotAFile("is no FeatureCollection of GeoJSON")
    features = said.get("features")
    if not isinstance(features, list):
        raise NotAFile("has no list of features")
    return features


def _findings(file: str, features: Sequence[Any], regions: Collection[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    points = 0
    for row, each in enumerate(features, 1):
        code = _code(each)
        if code is None or code not in regions:
            title = "A polygon names a region of the case as its property code"
            yield Finding("polygons.unknown-region", title, file, row, "code", {"code": code})
        elif code in seen:
            yield Finding("polygons.duplicate", "This region is drawn twice", file, row, "code",
                          {"code": code})  # fmt: skip
        seen.add(code or "")
        rings = _rings(each)
        if rings is None or not all(map(_is_ring, rings)):
            title = "A geometry is a Polygon or MultiPolygon of closed rings in degrees"
            yield Finding("polygons.not-polygons", title, file, row, "geometry")
        else:
            points += sum(map(len, rings))
    if points > POINTS_MAX:
        title = "The polygons have more points than a map shows: simplify them"
        yield Finding("polygons.too-many-points", title, file, None, "geometry",
                      {"points": points, "at_most": POINTS_MAX})  # fmt: skip


def _unreadable(path: Path, why: str) -> Finding:
    title = "Not a file of polygons that can be read"
    return Finding("polygons.unreadable", title, path.name, facts={"why": why})


def _code(feature: Any) -> str | None:
    stated = feature.get("properties") if isinstance(feature, dict) else None
    code = stated.get("code") if isinstance(stated, dict) else None
    return code if isinstance(code, str) else None


def _rings(feature: Any) -> list[Any] | None:
    """Return all rings of a feature; None where it is no list of them."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or not isinstance(kind, str) or kind not in DEPTHS:
        return None
    parts = geometry.get("coordinates")
    parts = parts if DEPTHS[kind] else [parts]
    if not isinstance(parts, list) or not parts:
        return None
    if not all(isinstance(part, list) and part for part in parts):
        return None
    return [ring for part in parts for ring in part]


def _is_ring(ring: Any) -> bool:
    closed = isinstance(ring, list) and len(ring) >= CORNERS_MIN and ring[0] == ring[-1]
    return closed and all(map(_is_point, ring))


def _is_point(point: Any) -> bool:
    if not isinstance(point, list) or len(point) not in (2, 3):
        return False
    if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in point):
        return False
    x, y = point[:2]
    return bool(abs(x) <= LONGITUDE_MAX and abs(y) <= LATITUDE_MAX)


def _polygons(geometry: Mapping[str, Any]) -> tuple[Polygon, ...]:
    parts = geometry["coordinates"] if DEPTHS[geometry["type"]] else [geometry["coordinates"]]
    return tuple(
        tuple(_turned(ring, clockwise=not place) for place, ring in enumerate(part))
        for part in parts
    )


def _turned(ring: Sequence[Sequence[float]], *, clockwise: bool) -> Ring:
    """Return a ring the way round that is asked for, seen with north above."""
    points = tuple((round(float(x), DECIMALS), round(float(y), DECIMALS)) for x, y, *_ in ring)
    doubled = math.fsum((x1 - x0) * (y1 + y0) for (x0, y0), (x1, y1) in pairwise(points))
    return points if (doubled > 0) == clockwise else points[::-1]
