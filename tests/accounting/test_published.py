"""Other people's tables: what a row prints is recomputed, and nothing they hold is a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting import published
from accounting.published import PublishedCheck, Row
from ledger.core.errors import InputRefused

HEADER = (
    "service,indicator,year,quantity,unit,unit_price,price_unit,factor,factor_unit,value,value_unit"
)


def checked(folder: Path, *rows: str, header: str = HEADER) -> PublishedCheck:
    """Check a table of these rows."""
    path = folder / "table.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return published.check(path)


def verdict(folder: Path, cells: str) -> Row:
    """Check one row `quantity,unit,price,price_unit,factor,factor_unit,value,value_unit`."""
    return checked(folder, f"a service,an indicator,2020,{cells}").rows[0]


HALVES = [
    ("1.36,亿m3,2.6,元/m3,,,3.5360,亿元", "reproduced", "3.536"),
    ("1.36,亿m3,2.6,元/m3,,,3.5400,亿元", "rounding", "3.536"),
    ("1.36,亿m3,2.6,元/m3,,,3.6173,亿元", "rounding", "3.536"),  # 1.365 × 2.65 = 3.61725
    ("1.36,亿m3,2.6,元/m3,,,3.6174,亿元", "deviates", "3.536"),
    ("1.36,亿m3,2.6,元/m3,,,3.4552,亿元", "rounding", "3.536"),  # 1.355 × 2.55 = 3.45525
    ("1.36,亿m3,2.6,元/m3,,,3.4551,亿元", "deviates", "3.536"),
    ("158,万hm2,375,元/hm2,,,5.925,亿元", "reproduced", "5.925"),
    ("0,visits,20,CNY/visit,,,0,CNY", "reproduced", "0"),
    ("-100,t,2,元/t,,,-200,元", "reproduced", "-200"),
    ("-100,t,2,元/t,,,200,元", "deviates", "-200"),
]


@pytest.mark.parametrize(("cells", "status", "recomputed"), HALVES)
def test_a_row_holds_within_half_a_unit_of_each_last_digit(
    tmp_path: Path, cells: str, status: str, recomputed: str
) -> None:
    """Rounding is v in [(q - h_q)(p - h_p)f - h_v, (q + h_q)(p + h_p)f + h_v]; else it deviates."""
    row = verdict(tmp_path, cells)

    assert (row.status, row.recomputed) == (status, recomputed)


TYPED = [
    "12.5,万吨,300,元/吨,,,3750,万元",
    "200,公顷,15000,元/公顷,,,300,万元",
    "2,km2,15000,元/hm²,,,300,万元",
    '"1,200,000",m³,6.11,元/m³,,,733.2,万元',
    "0.5,亿立方米,6.1107,元/立方米,,,3.05535,亿元",
    "100,t,30,USD/t,,,3000,USD",
    "100,万t,380,CNY/t,,,0.38,billion CNY",
    "100,万t,380,CNY/t,,,380,million CNY",
    "12,GWh,0.53,元/kWh,,,636,万元",
    "1200,万度,0.53,元/千瓦时,,,636,万元",
    "100,tC,1320,元/tC,,,13.2,万元",
    "100,tC,380,元/tCO2,3.6667,tCO2/tC,13.93346,万元",
    "779.42,万t,3.75,元/m2,7.8125,m2/t,2.2835,亿元",
    "300,亩,1000,元/hm2,,,2.0,万元",
    "5,10⁶m³,2,yuan/m³,,,10,×10⁶ yuan",
    "100,hm2,2,元/(hm2·a),,,200,元",
    "１００,ｔ,２,元／ｔ,,,２００,元",
    "1.5亿,m3,2,元/m3,,,3亿,元",
    "10.5%,,200,元,,,21,元",
]


@pytest.mark.parametrize("cells", TYPED)
def test_units_and_numbers_are_read_as_people_type_them(tmp_path: Path, cells: str) -> None:
    """万吨, hm², 亿立方米, USD, billion CNY, 度, tC against tCO2, 10⁶, 亿 in the cell."""
    assert verdict(tmp_path, cells).status == "reproduced"


REASONS = [
    ("100,t,2,元/m3,,,200,元", "unit.dimension", "value_unit", "t × 元/m3 is not 元"),
    ("100,tC,380,元/tCO2,,,3.8,万元", "unit.dimension", "value_unit", "tC × 元/tCO2 is not 万元"),
    ("100,t,2,USD/t,,,200,CNY", "unit.dimension", "value_unit", "t × USD/t is not CNY"),
    ("9000,visits,10,doubloon/visit,,,90000,CNY", "unit.unknown", "price_unit", "doubloon/visit"),
    ("1,t,2,CNY/t,,,2,-", "unit.unknown", "value_unit", "-"),
    ("1,t,2,CNY/t,,,2,", "unit.unknown", "value_unit", "value_unit"),
    ('1,t,2,CNY/t,,,2,"printed ""CNY billion"""', "unit.unknown", "value_unit", "CNY billion"),
    ("678.33,USD/t.C,1-exp(-0.02),USD/t.C,,,13.43,USD", "figure.not-a-number", "unit_price", "exp"),
    ("1e400,t,2,CNY/t,,,2,CNY", "figure.not-a-number", "quantity", "1e400"),
    ("1.5亿,亿m3,2,元/m3,,,3,亿元", "unit.unknown", "unit", "亿m3"),
]


@pytest.mark.parametrize(("cells", "code", "field", "reason"), REASONS)
def test_what_cannot_be_checked_says_why_and_is_a_finding(
    tmp_path: Path, cells: str, code: str, field: str, reason: str
) -> None:
    """A tonne times a price per cubic metre is not money: not checkable, with its reason."""
    check = checked(tmp_path, f"a service,an indicator,2020,{cells}")
    (finding,) = check.findings

    assert check.rows[0].status == "not checkable"
    assert reason in (check.rows[0].reason or "")
    assert (finding.code, finding.row, finding.field) == (code, 2, field)


def test_a_row_without_a_price_is_not_checkable_and_no_fault(tmp_path: Path) -> None:
    """A value alone, NOT READ, or a dash: nothing to multiply, nothing wrong."""
    check = checked(tmp_path, "s,a,2010,,,,,,,12.2875,亿元", "s,b,2010,3,t,-,,,,NOT READ,")

    assert [row.status for row in check.rows] == ["not checkable", "not checkable"]
    assert check.rows[0].reason == "not published: quantity, unit_price"
    assert check.findings == ()


def test_an_untyped_tonne_at_a_typed_price_is_noted(tmp_path: Path) -> None:
    """100 t at 380 元/tCO2: computed, with a note."""
    row = verdict(tmp_path, "100,t,380,元/tCO2,,,3.8,万元")

    assert (row.status, row.notes) == ("reproduced", ("unit.untyped-mass",))


def test_the_line_in_the_file_is_counted_with_blank_and_broken_lines(tmp_path: Path) -> None:
    """Row 2 is the first under the header; a cell with a line break takes two lines."""
    check = checked(
        tmp_path, '"two\nlines",a,2020,1,t,2,元/t,,,2,元', "", "s,b,2020,1,t,2,元/t,,,2,元"
    )

    assert [row.row for row in check.rows] == [2, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_come_in_any_encoding(
    tmp_path: Path, encoding: str, line_end: str, delimiter: str
) -> None:
    """Excel's BOM, GBK, Windows and old Mac line ends, tabs and semicolons."""
    rows = (HEADER, "水源涵养,水量,2020,1.36,亿m3,2.6,元/m3,,,3.5360,亿元")
    text = line_end.join(rows).replace(",", delimiter)
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))

    assert [row.status for row in published.check(path).rows] == ["reproduced"]


def test_headings_are_known_in_chinese_and_in_any_case(tmp_path: Path) -> None:
    """功能量, 单位, 单价, 单价单位, 价值量, 价值量单位 are the same columns."""
    row = "水源涵养,2,亿m3,6.11,元/m3,12.22,亿元"
    chinese = checked(tmp_path, row, header="服务,功能量,单位,单价,单价单位,价值量,价值量单位")
    shouted = checked(
        tmp_path, row, header="Service,QUANTITY,Unit, Unit Price ,Price_Unit,Value,Value Unit"
    )

    assert chinese.rows[0].status == shouted.rows[0].status == "reproduced"


FORMS = [
    ("quantity,unit,unit_price,price_unit,value", "1,t,2,元/t,2", "header.missing", "value_unit"),
    (f"{HEADER},value", "s,i,2020,1,t,2,元/t,,,2,元,3", "header.duplicate", "value"),
    (HEADER, "s,i,2020,1,234,t,2,元/t,,,2,元,", "row.too-many-cells", None),
]


@pytest.mark.parametrize(("header", "row", "code", "field"), FORMS)
def test_a_table_of_poor_form_is_told_what_is_wrong(
    tmp_path: Path, header: str, row: str, code: str, field: str | None
) -> None:
    """A missing or doubled column, or a comma inside a number: said, and the row not judged."""
    check = checked(tmp_path, row, header=header)

    assert (code, field) in [(finding.code, finding.field) for finding in check.findings]
    assert check.rows[0].status == "not checkable"


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n\x00", b"no,such,columns\n1,2,3\n"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty file, a picture, another table: one finding, no traceback."""
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputRefused):
        published.check(path)
    with pytest.raises(InputRefused):
        published.check(tmp_path / "nowhere.csv")


def test_a_total_is_no_product_but_its_sum_is_told(tmp_path: Path) -> None:
    """小计 takes its service, 合计 the whole year; the verdict stays `not checkable`."""
    check = checked(
        tmp_path,
        "水,生活,2020,,,,,,,1.00,亿元",
        "水,工业,2020,,,,,,,20000,万元",
        "水,小计,2020,,,,,,,3.0,亿元",
        "土,减淤,2020,,,,,,,4,亿元",
        "合计,GEP,2020,,,,,,,7.9,亿元",
    )
    sums = {row.row: row.sum for row in check.rows if row.sum}

    assert {place: (each.of_rows, each.recomputed) for place, each in sums.items()} == {
        4: ((2, 3), "3"),
        6: ((2, 3, 5), "7"),
    }
    assert (sums[4].within_half_units, sums[6].within_half_units) == (True, False)
    assert check.findings == ()


PIECES = st.sampled_from(
    ["1.36", "亿m3", "元", "1,234", "１２", "－5", "%", "", "-", "abc", "1e400", "t", "元/t",
     "tCO2", "1e8 CNY", "合计", "=1+1", '"', "\n", "((", "10^8", "×10⁸", "亿", "人次", "😀",
     "\x01", "½"]
)  # fmt: skip
CELLS = st.lists(PIECES, max_size=3).map("".join)


@given(rows=st.lists(st.lists(CELLS, max_size=13), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_table_is_a_traceback(tmp_path: Path, rows: list[list[str]]) -> None:
    """Whatever stands in the cells, every row gets one of the four verdicts."""
    check = checked(tmp_path, *(",".join(row) for row in rows))

    assert {row.status for row in check.rows} <= set(published.STATUSES)


def test_poplar_of_altai_deviates(tmp_path: Path) -> None:
    """杨树: 4647.33 hm2 at 5,000 元 is 23.24 million, printed 24.56 (ChinaXiv-202101.00012V1)."""
    row = verdict(tmp_path, "4647.33,hm2,5000,元/hm2/a,,,24.56,1e6 CNY")

    assert (row.status, row.recomputed, row.difference) == ("deviates", "23.23665", "-1.32335")
