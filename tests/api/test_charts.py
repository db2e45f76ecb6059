"""Charts as specifications: what they show follows from the account, and nothing is fetched."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from accounting import case, dossier, run
from api.charts import (
    bands,
    choropleth,
    classes,
    drawing,
    ecosystems,
    series,
    services,
    waterfall,
)
from api.charts.drawing import Specification
from api.report.material import Material, gather
from ledger.core.label import Label
from tests.accounting import made_up

MARKED = "<script>alert(1)</script>&\"'"


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The made-up county of 2012 with ten thousand draws."""
    found = case.read(made_up.write(tmp_path_factory.mktemp("made-up")))
    account = run.run(found, found.under())
    return gather(found, account, dossier.draw(found, account, 10_000, 1).statements)


def every(of: Material, locale: str) -> dict[str, Specification]:
    """Return every chart there is of an account."""
    assert of.growth is not None
    assert of.case.polygons is not None
    return {
        "classes": classes.chart(of.account, locale),
        "services": services.chart(of.account, locale),
        "ecosystems": ecosystems.chart(of.account, locale),
        "series": series.chart(of.years, locale),
        "waterfall": waterfall.chart(of.growth, locale),
        "bands": bands.chart(of.drawn["uncertainty"], locale),
        "choropleth": choropleth.chart(of.account, of.case.polygons, locale),
    }


def rows(of: Specification) -> list[dict[str, Any]]:
    """Return all rows that a specification holds, each once."""
    return [row for values in of["datasets"].values() for row in values]


def keys(of: object) -> Iterator[str]:
    """Yield every key of a specification."""
    if isinstance(of, dict):
        yield from of
    for each in of.values() if isinstance(of, dict) else of if isinstance(of, list) else ():
        yield from keys(each)


def test_a_specification_is_whole(material: Material) -> None:
    """It fetches nothing: its rows are in it, and no key of it is an address."""
    for name, specification in every(material, "zh-CN").items():
        assert rows(specification), name
        assert not {"url", "href", "image"} & set(keys(json.loads(json.dumps(specification)))), name


def test_the_waterfall_leads_from_the_one_year_to_the_other(material: Material) -> None:
    """37.74 and the five effects make 39.35; each column starts where the one before ends."""
    assert material.growth is not None
    first, *factors, last = waterfall.steps(material.growth, "en")

    assert (first["name"], last["name"], len(factors)) == ("2010", "2012", 5)
    at = first["end"]
    for each in factors:
        assert each["start"] == pytest.approx(at, abs=2e-6)
        at = each["end"]
    assert at == pytest.approx(last["end"], abs=2e-6)


def test_the_map_shows_the_smallest_regions(material: Material) -> None:
    """Four townships that add up to GEP; the county that holds them is not drawn over them."""
    specification = every(material, "en")["choropleth"]
    areas = [row for row in rows(specification) if row.get("type") == "Feature"]

    assert {each["name"] for each in areas} == {en for _, _, en, _ in made_up.TOWNSHIPS}
    whole = sum(each["value"] for each in areas)
    assert whole == pytest.approx(material.account.gep_cny / 1e8, abs=1e-5)


def test_the_bars_of_the_classes_and_of_the_services_are_the_account(material: Material) -> None:
    """Both add up to GEP, within what is too small for the scale."""
    drawn = every(material, "en")
    for name in ("classes", "services"):
        gep = material.account.gep_cny / 1e8
        found = [row["value"] for row in rows(drawn[name])]
        assert sum(found) == pytest.approx(gep, abs=services.FLOOR * 10), name


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_chart_is_drawn(material: Material, locale: str) -> None:
    """Well-formed, in the font that ships, without a script or a picture."""
    for name, specification in every(material, locale).items():
        svg = drawing.svg(specification)
        found = {each.tag.rpartition("}")[2] for each in ET.fromstring(svg).iter()}  # noqa: S314
        assert "text" in found, name
        assert not {"script", "image", "foreignObject", "a"} & found, name
        assert "Noto Sans CJK SC" in svg


def test_a_name_with_markup_stays_a_name(material: Material) -> None:
    """Whatever a case calls its regions and services: it is text in the drawing."""
    label = Label(MARKED, MARKED)
    account = material.account
    regions = {c: replace(each, name=label) for c, each in account.tree.regions.items()}
    tree = replace(account.tree, regions=regions)
    lines = tuple(replace(x, of=replace(x.of, name=label)) for x in account.lines)
    marked = replace(material, account=replace(account, tree=tree, lines=lines))

    for name in ("choropleth", "services"):
        svg = drawing.svg(every(marked, "en")[name])
        assert "<script" not in svg
        assert "&lt;script" in svg
