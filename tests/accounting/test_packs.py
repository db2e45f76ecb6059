"""What every pack on the shelf keeps, and what a new one inherits."""

import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from accounting import (
    case,
    coefficients,
    department,
    dossier,
    graph,
    needs,
    pack,
    pack_difference,
    run,
    side_by_side,
    units,
    verification,
    workbook,
)
from accounting.account import Account
from accounting.method import TAGS, VARIABLE
from accounting.methods import METHODS
from accounting.pack import GIVEN, Pack
from accounting.quantity import quantities
from accounting.reading import STATUS_NAMES
from accounting.seea import reference
from ledger.core.errors import InputRefused
from ledger.statements.statement import Label
from tests.accounting.made_case import YEAR, made, value

ROOT = Path(__file__).parents[2]
COUNTY = Path(__file__).parent / "national_draft"
CATALOGUE = {method.code: method for method in METHODS}
NATIONAL = "gbt46869-2025-draft"

# An edition that was used never changes: what differs is a new edition.
DIGESTS = Path(__file__).parent / "pack_digests.csv"
EDITIONS = [(id, each) for id, all_ in pack.known().items() for each in all_]

every_edition = pytest.mark.parametrize(("id", "edition"), EDITIONS, ids=lambda each: each)


def test_no_edition_that_ships_has_changed() -> None:
    """Every edition has its digest here, and still says what it said."""
    shelf = [f"{id},{each},{pack.load(id, each).digest}" for id, each in EDITIONS]

    assert shelf == DIGESTS.read_text("utf-8").splitlines()[1:]


@every_edition
def test_every_quantity_of_a_pack_comes_from_somewhere(id: str, edition: str) -> None:
    """The graph of each line resolves: no circle, nothing unbound, nothing bound in vain."""
    for line in pack.load(id, edition).lines:
        order = graph.order(line, CATALOGUE)

        assert set(line.bind) == set(order), line.service
        assert line.from_above <= set(order), line.service
        assert set(line.parameters) <= {
            name for method in graph.formulas(line, CATALOGUE) for name in method.inputs
        }, line.service


@every_edition
def test_every_unit_of_a_pack_fits(id: str, edition: str) -> None:
    """What a method takes is what the quantity, the parameter or the model beneath it is."""
    for line in pack.load(id, edition).lines:
        for method in graph.formulas(line, CATALOGUE):
            given = {n: x.unit for n, x in line.parameters.items() if n in method.inputs}
            given |= {n: quantities()[x].unit for n, x in graph.named(line, method).items()}
            wanted = method.wanted(given)
            for name, unit in given.items():
                units.conversion(units.parse(unit), units.parse(wanted[name]))
            bound = [name for name, source in line.bind.items() if source == method.code]
            for name in bound:
                variable = next((given[n] for n, u in method.inputs.items() if u == VARIABLE), "1")
                unit = method.unit.replace(VARIABLE, f"({variable})")
                units.conversion(units.parse(unit), units.parse(quantities()[name].unit))


@every_edition
def test_a_pack_says_of_each_line_where_it_belongs(id: str, edition: str) -> None:
    """Class, account and exactly one SEEA code, or none, abiotic or intermediate; no line twice."""
    found = pack.load(id, edition)

    for line in found.lines:
        assert line.class_ in pack.CLASSES
        assert line.counts_in in ("gep", "memo")
        assert reference.known(line.seea)
        assert line.group in found.groups
    assert len({line.service for line in found.lines}) == len(found.lines)
    assert set(found.groups) >= {line.group for line in found.lines}


@every_edition
def test_a_case_made_from_what_a_pack_needs_runs(id: str, edition: str, tmp_path: Path) -> None:
    """A county and two townships: every line has an estimate, and a dossier that verifies."""
    found = pack.load(id, edition)
    own = made(tmp_path, found)
    account = run.run(own, found)
    dossier.write(account, tmp_path / "dossier", tmp_path)

    assert {line.service for line in account.lines} == {line.service for line in found.lines}
    assert account.not_estimated == ()
    assert verification.verify(tmp_path / "dossier").findings == ()


@every_edition
def test_a_bureau_can_fill_in_the_workbook(id: str, edition: str, tmp_path: Path) -> None:
    """Every row of the workbook filled in, objects and items named: the case runs."""
    found = pack.load(id, edition)
    regions = {"330101": Label("县", "county")}
    workbook.new(tmp_path / "case", workbook.Blank(found, regions, YEAR))
    head = tmp_path / "case" / case.CASE_FILE
    head.write_text(head.read_text("utf-8") + 'zone = "east-plain"\n', "utf-8")
    rows = fill(tmp_path / "case" / workbook.FILE)
    account = run.run(case.read(tmp_path / "case"), found)

    assert {name for name, _ in rows} == set(workbook.needed(found))
    assert account.not_estimated == ()
    assert account.gep_cny > 0


def fill(path: Path) -> list[tuple[str, str]]:
    """Fill in every row of a workbook; return quantity and type of each."""
    book = openpyxl.load_workbook(path)
    column = {heading: place for place, heading in enumerate(workbook.SHOWN, 1)}
    rows = []
    for sheet in book.worksheets:
        if sheet.title in (workbook.GUIDE, workbook.PARAMETERS, workbook.CODES):
            continue
        for row in range(2, sheet.max_row + 1):
            name = str(sheet.cell(row, column["指标"]).value)
            hint = str(sheet.cell(row, column["备注"]).value or "")
            filled = {
                "数值": value(quantities()[name]),
                "状态": STATUS_NAMES["measured"],
                "来源": "made up",
                "对象": "one" if workbook.OBJECTS in hint else "",
                "序列项": "1" if workbook.SERIES in hint else "",
            }
            for heading, text in filled.items():
                sheet.cell(row, column[heading]).value = text
            rows.append((name, str(sheet.cell(row, column["生态系统类型"]).value)))
    book.save(path)
    return rows


def test_every_department_is_asked_for_something_it_holds() -> None:
    """What no department is named for goes to the compilers, and is little."""
    asked = {name for id, each in EDITIONS for name in needs.needs(pack.load(id, each))}
    compilers = [name for name in asked if department.holding(name).code == "compilers"]

    assert len(compilers) < len(asked) / 2


def test_what_is_no_standard_is_titled_so() -> None:
    """Every draft is a reconstruction, and nothing but the drafts and their variants is."""
    for id, edition in EDITIONS:
        found = pack.load(id, edition)

        assert found.reconstruction == ("-draft" in id)
        assert (pack.RECONSTRUCTION.zh in found.title.zh) == found.reconstruction
        assert (pack.RECONSTRUCTION.en in found.title.en) == found.reconstruction
        if found.reconstruction:
            assert found.source.tag == "K"


def test_nothing_recalled_is_called_conformant() -> None:
    """In no pack, coefficient or guide: a text that nobody read is conformed to by nobody."""
    claims = re.compile(r"conformant|conforms? to|compliant with|符合\S{0,12}(标准|规范|指南)")
    texts = [*(ROOT / "accounting").rglob("*.toml"), ROOT / "docs" / "guide-gep.md"]
    texts += [ROOT / "docs" / "methods.md"]

    assert len(texts) > 20
    assert [path.name for path in texts if claims.search(path.read_text("utf-8"))] == []


def test_the_national_draft_has_eighteen_services() -> None:
    """Those of section 1.2 of the design; water supply and hydropower are more, in memo."""
    lines = pack.load(NATIONAL).lines
    services = {line.service.partition("/")[0] for line in lines}
    split = {line.service for line in lines if line.service.startswith("recreation/")}

    assert len(services - {"water-supply", "hydropower", "recreation"} | split) == 18


def test_new_national_packs_add_no_oxygen_and_nothing_abiotic() -> None:
    """They are shown in memo; a study or a province follows its own text."""
    for id in (NATIONAL, "ndrc-2022-draft", "marine-draft", "seea-ea"):
        for line in pack.load(id).lines:
            if line.seea in ("none", "abiotic", "intermediate"):
                assert line.counts_in == "memo", (id, line.service)


def test_the_three_methods_of_carbon_can_be_chosen(county: case.Case) -> None:
    """NEP 2 t C, rate 1.5 t C and biomass 3 t C on 100 hm2, times 44/12."""
    tonnes = {
        id: carbon(run.run(county, pack.load(id)))
        for id in (NATIONAL, f"{NATIONAL}-carbon-rate", f"{NATIONAL}-carbon-biomass")
    }

    assert list(tonnes.values()) == [
        pytest.approx(200 * 44 / 12),
        pytest.approx(150 * 44 / 12),
        pytest.approx(300 * 44 / 12),
    ]


@pytest.fixture(scope="module")
def county() -> case.Case:
    """The county of the national draft, which gives what its variants need as well."""
    return case.read(COUNTY)


def carbon(account: Account) -> float:
    """Return the carbon dioxide fixed."""
    return sum(x.quantity or 0 for x in account.lines if x.service == "carbon")


def test_cooling_as_measured_can_be_chosen(county: case.Case) -> None:
    """5 K in two days · 1.2 · 6000 m3 are 10 kWh; the two other lines are gone."""
    account = run.run(county, pack.load(f"{NATIONAL}-cooling-measured"))
    cooling = [x for x in account.lines if x.group == "局部气候调节"]

    assert [x.service for x in cooling] == ["climate-regulation/measured"]
    assert cooling[0].quantity == pytest.approx(10)


def test_one_case_under_several_packs_line_by_line(county: case.Case) -> None:
    """Zhejiang takes crops gross and reservoirs at 6.1107 · 2 % + 0.05 CNY, and says why."""
    packs = [pack.load(id) for id in (NATIONAL, "db33-2020-draft", "seea-ea")]
    statement = side_by_side.statement(side_by_side.under(county, packs))
    keys = [column.key for column in statement.columns]
    rows = {row[0]: dict(zip(keys, row, strict=True)) for row in statement.rows}
    (total,) = (dict(zip(keys, row, strict=True)) for row in statement.totals)
    crops, water = rows["material-supply/agriculture"], rows["water-retention"]

    assert [str(crops[key]) for key in ("value_1", "value_2", "difference_2", "why_2_en")] == [
        "0.0020", "0.0100", "0.0080", "other method",
    ]  # fmt: skip
    assert [str(water[key]) for key in ("value_1", "value_2", "value_3")] == [
        "0.0353", "0.0009", "0.0282",
    ]  # fmt: skip
    assert rows["coastal-protection"]["why_2_en"] == "dropped"
    assert rows["oxygen"]["why_2_en"] == "counts elsewhere"
    assert total["difference_2"] == total["value_2"] - total["value_1"]  # type: ignore[operator]


def test_a_pack_does_not_differ_from_itself_and_differences_turn_round() -> None:
    """What one adds, the other drops."""
    packs = [pack.load(id, each) for id, each in EDITIONS]
    turned = {"added": "dropped", "dropped": "added"}

    for one in packs:
        assert pack_difference.between(one, one) == ()
        for other in packs:
            there = [
                (x.service, turned.get(x.kind, x.kind), x.what, x.second, x.first)
                for x in pack_difference.between(one, other)
            ]
            back = [
                (x.service, x.kind, x.what, x.first, x.second)
                for x in pack_difference.between(other, one)
            ]
            assert sorted(there) == sorted(back)


@pytest.mark.parametrize(
    ("change", "kind", "what"),
    [
        ({"class_": "cultural"}, "class", "class"),
        ({"counts_in": "memo"}, "account", "counts_in"),
        ({"seea": "none"}, "seea", "seea"),
        ({"types": frozenset({"lake"})}, "reach", "types"),
        ({"parameters": {}}, "parameter", "price"),
        ({"method": "stated-value"}, "method", "method"),
        ({"bind": {}}, "method", "area"),
    ],
)
def test_each_difference_has_its_name(change: dict[str, object], kind: str, what: str) -> None:
    """One thing changed in one line: it is named."""
    whole = pack.load(NATIONAL)
    at = next(n for n, line in enumerate(whole.lines) if line.service == "carbon")
    line = replace(whole.lines[at], **change)  # type: ignore[arg-type]
    other = replace(whole, lines=(*whole.lines[:at], line, *whole.lines[at + 1 :]))
    found = pack_difference.between(whole, other)

    assert (kind, what) in {(x.kind, x.what) for x in found}
    assert {x.service for x in found} == {"carbon"}


BROKEN = [
    ('from_above = ["precipitation"]', 'from_above = ["area"]', "pack.not-from-above"),
    (
        'apportioned.so2_emission = "area"',
        'apportioned.so2_emission = "slope"',
        "pack.not-apportioned",
    ),
    ('types = ["lake"]', 'types = ["pond"]', "pack.unknown-type"),
    ('bind.lake_area = "given"', 'bind.lake_area = "coefficient"', "pack.no-coefficient"),
    ('ecosystems = "national-2021-level-3"', 'ecosystems = "none"', "ecosystems.unknown"),
    (
        'method = "material-supply/resource-rent"',
        'method = "recreation/consumer-surplus-zonal"',
        "pack.method-of-a-series",
    ),
]


@pytest.mark.parametrize(("old", "new", "code"), BROKEN)
def test_a_line_that_reaches_too_far_is_refused(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    """What would count twice, be unknown or have no axis is refused when the pack is read."""
    text = (ROOT / "accounting" / "packs" / NATIONAL / "1.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "broken.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputRefused) as refused:
        pack.read(path)

    assert code in {each.code for each in refused.value.findings}


def test_a_coefficient_that_is_bound_is_on_the_shelf() -> None:
    """And each row of it says what it rests on."""
    bound = {
        name
        for id, each in EDITIONS
        for line in pack.load(id, each).lines
        for name in line.bind
        if line.coefficient(name) is not None
    }

    assert bound
    for name in bound:
        for each in coefficients.coefficients()[name].values():
            assert each.parameter.source.tag in TAGS


def test_a_pack_that_asks_for_a_reading_says_so_in_the_workbook() -> None:
    """Needs are the given leaves of the graph, no more and no less."""
    for id, edition in EDITIONS:
        found: Pack = pack.load(id, edition)
        given = {n for line in found.lines for n, source in line.bind.items() if source == GIVEN}

        assert set(needs.needs(found)) == given
