"""Broken SEEA EA cases, one fault each: refused with the file, the row, the field and the code."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.seea import accounts, case
from ledger.core.errors import Finding, InputRefused
from tests.accounting.seea.seealand import EXAMPLE


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the shipped example, to be broken."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "case"))


def change(path: Path, old: str, new: str) -> None:
    """Replace one text that occurs once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def findings(folder: Path) -> tuple[Finding, ...]:
    """Read a case that must be refused."""
    with pytest.raises(InputRefused) as refused:
        case.read(folder)
    return refused.value.findings


ROWS = [
    ("extent.csv", "lake,lake,unchanged,30", "lake,pond,unchanged,30", 4, "closing_type",
     "seea.unknown-name"),
    ("extent.csv", "forest,cropland,managed", "forest,cropland,felled", 3, "kind",
     "seea.unknown-name"),
    ("extent.csv", "forest,cropland,managed", "forest,cropland,unchanged", 3, "kind",
     "seea.kind-of-change"),
    ("extent.csv", "lake,lake,unchanged,30", "lake,lake,unchanged,-30", 4, "area",
     "seea.negative"),
    ("extent.csv", "lake,lake,unchanged,30", "lake,lake,unchanged,", 4, "area",
     "figure.not-a-number"),
    ("extent.csv", "lake,lake,unchanged,30,ha", "lake,lake,unchanged,30,m", 4, "unit",
     "unit.dimension"),
    ("extent.csv", "lake,lake,unchanged,30", "forest,forest,unchanged,30", 4, "opening_type",
     "seea.duplicate"),
    ("condition.csv", "forest,B2,Tree cover,%,81,75,0,100", "forest,B4,Tree cover,%,81,75,0,100",
     6, "class", "seea.unknown-name"),
    ("condition.csv", "forest,B2,Tree cover,%,81,75,0,100", "forest,B2,Tree cover,%,81,75,0,0",
     6, "upper", "seea.no-reference-range"),
    ("condition.csv", "forest,B2,Tree cover,%,81,75", "forest,B2,Tree cover,%,,75", 6, "opening",
     "figure.not-a-number"),
    ("condition.csv", "forest,C1,Forest area density,%,74,59,0,100,0.16666666666666666",
     "forest,C1,Forest area density,%,74,59,0,100,0.2", None, "weight", "seea.weights"),
    ("supply.csv", "wood,forest,140", "timber,forest,140", 2, "service", "seea.unknown-name"),
    ("supply.csv", "60,USD/m3", "60,USD/t", 2, "price_unit", "unit.dimension"),
    ("supply.csv", "60,USD/m3", "60,CNY/m3", 2, "price_unit", "unit.dimension"),
    ("supply.csv", "climate,forest,150,t.CO2", "climate,forest,150,t.C", 6, "unit",
     "unit.dimension"),
    ("supply.csv", "wild-fish,seagrass", "wild-fish,lake", 5, "supplier", "seea.duplicate"),
    ("use.csv", "crops,agriculture", "crops,abroad", 3, "user", "seea.unknown-name"),
    ("expected.csv", "wood,forest,closing", "wood,forest,later", 3, "date", "seea.unknown-name"),
    ("expected.csv", "wood,forest,closing", "crops,forest,closing", None, "date",
     "seea.one-date-only"),
    ("expected.csv", "crops,cropland,opening,150,t,75", "crops,cropland,opening,150,t,-75", 4,
     "price", "seea.negative"),
    ("use.csv", "service,user", "service,users", 1, "user", "header.missing"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "row", "field", "code"), ROWS)
def test_a_broken_row_is_refused_where_it_stands(
    broken: Path, file: str, old: str, new: str, row: int | None, field: str, code: str
) -> None:
    """File, row, field and code; nothing of the case is used."""
    change(broken / file, old, new)

    assert (file, row, field, code) in [(e.file, e.row, e.field, e.code) for e in findings(broken)]


@pytest.mark.parametrize(
    ("file", "old", "new", "supply", "use"),
    [
        ("supply.csv", "wood,forest,140", "wood,forest,139", 139.0, 140.0),
        ("use.csv", "wood,forestry,140", "wood,forestry,141", 140.0, 141.0),
    ],
)
def test_what_is_supplied_and_not_used_is_refused(
    broken: Path, file: str, old: str, new: str, supply: float, use: float
) -> None:
    """1 m3 of wood too few supplied, or too many used: named with both totals."""
    change(broken / file, old, new)
    (finding,) = findings(broken)

    assert (finding.file, finding.code) == ("use.csv", "seea.supply-is-not-use")
    assert {"service": "wood", "supply": supply, "use": use}.items() <= finding.facts.items()


TOML = [
    ('currency = "USD"', "", "currency", "seea.missing-field"),
    ('currency = "USD"', 'currency = "doubloon"', "currency", "unit.unknown"),
    ('ecosystems = "seealand"', 'ecosystems = "atlantis"', "ecosystems", "ecosystems.unknown"),
    ("rate = 0.02", "rate = -1.0", "discounting", "seea.no-convention"),
    ("rate = 0.02", "rate = nan", "discounting", "seea.no-convention"),
    ("rate = 0.02", 'rate = "2 %"', "discounting", "seea.malformed"),
    ("life = 100", "life = 0", "discounting", "seea.no-convention"),
    ("life = 100", "life = 99.5", "discounting", "seea.malformed"),
    ('timing = "period-end"', 'timing = "mid-year"', "discounting", "seea.unknown-word"),
    ("closing = 2020-12-31", "closing = 2019-12-31", "closing", "seea.no-period"),
    ('seea = "1.5"', 'seea = "1.55"', "service", "seea.unknown-word"),
    ('seea = "1.5"', "seea = 1.5", "service", "seea.unknown-word"),
    ('unit = "m3"', "", "service", "seea.malformed"),
    ('code = "crops"', 'code = "wood"', "service", "seea.listed-twice"),
    ('kind = "households"', 'kind = "people"', "economic_unit", "seea.unknown-word"),
    ('code = "households"', 'code = "forest"', "economic_unit", "seea.listed-twice"),
]


@pytest.mark.parametrize(("old", "new", "field", "code"), TOML)
def test_a_broken_seea_toml_is_refused(
    broken: Path, old: str, new: str, field: str, code: str
) -> None:
    """What is missing, unknown or impossible is named."""
    change(broken / "seea.toml", old, new)

    assert ("seea.toml", field, code) in [(e.file, e.field, e.code) for e in findings(broken)]


def test_all_faults_of_all_files_come_at_once(broken: Path) -> None:
    """A table that is gone, a wrong type and a wrong unit: three findings, no traceback."""
    (broken / "condition.csv").unlink()
    change(broken / "extent.csv", "lake,lake", "lake,pond")
    change(broken / "supply.csv", "60,USD/m3", "60,USD/t")

    assert {each.file for each in findings(broken)} == {"condition.csv", "extent.csv", "supply.csv"}


def test_a_flow_is_expected_only_where_there_is_extent(broken: Path) -> None:
    """No lake at either date, and fish from it at both: each row is a finding."""
    text = (broken / "extent.csv").read_text("utf-8")
    (broken / "extent.csv").write_text(text.replace("lake,lake,unchanged,30,ha\n", ""), "utf-8")
    rows = [each.row for each in findings(broken) if each.code == "seea.flow-without-extent"]

    assert rows == [6, 7, 22, 23]


def test_a_folder_without_seea_toml_is_refused(tmp_path: Path) -> None:
    """One finding, no traceback."""
    (finding,) = findings(tmp_path)

    assert (finding.code, finding.file) == ("seea.unreadable", "seea.toml")


PIECES = st.sampled_from(
    ["forest", "森林", "wood", "households", "imports/final", "exports/final", "opening", "managed",
     "unchanged", "A1", "ha", "m3", "USD/m3", "1.5", "-3", "0", "", "1e60", "亿", "½", '"', "\n",
     "\x01"]
)  # fmt: skip


@given(
    name=st.sampled_from(["extent", "condition", "supply", "use", "expected"]),
    rows=st.lists(st.lists(PIECES, max_size=9).map(",".join), max_size=4),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_table_is_a_traceback(broken: Path, name: str, rows: list[str]) -> None:
    """Whatever stands in the cells, a case is read or refused."""
    path = broken / f"{name}.csv"
    whole = path.read_bytes()
    path.write_text("\n".join((",".join(case.COLUMNS[name]), *rows)) + "\n", "utf-8")
    with suppress(InputRefused):
        accounts.accounts(case.read(broken))
    path.write_bytes(whole)


def test_losses_are_read_where_a_case_names_them(broken: Path) -> None:
    """1 thousand USD lost to fire is -1000 of the volume effect; a negative loss is refused."""
    change(broken / "seea.toml", 'use = "use.csv"', 'use = "use.csv"\nlosses = "losses.csv"')
    (broken / "losses.csv").write_text("ecosystem_type,value,unit\nforest,1,thousand USD\n")

    assert case.read(broken).losses.tolist() == [-1000, 0, 0, 0, 0, 0]

    (broken / "losses.csv").write_text("ecosystem_type,value,unit\nforest,-1000,USD\n")

    assert [each.code for each in findings(broken)] == ["seea.negative"]
