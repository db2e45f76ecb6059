"""The bridge from GEP to SEEA EA: one code for every service, and totals that meet."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting import case, pack, run
from accounting.account import Account
from accounting.pack import Pack
from accounting.seea import bridge, bridge_tables, reference
from ledger.core.errors import InputRefused

ROOT = Path(__file__).parents[3]
GARZE = ROOT / "examples" / "garze-2010"
EVERY_PACK = [pack.load(id, edition) for id, all_ in pack.known().items() for edition in all_]
CODES = (*reference.services(), *reference.OFF_THE_LIST)
ACCOUNT = run.run(case.read(GARZE), pack.load("garze-2010"))


def test_the_reference_list_has_34_services() -> None:
    """9 provisioning, 20 regulating, 4 cultural, 1 outside; nursery is intermediate."""
    sections = [each.section for each in reference.services().values()]
    counts = [sections.count(each) for each in ("provisioning", "regulating", "cultural")]

    assert (len(sections), counts) == (34, [9, 20, 4])
    assert {c for c, e in reference.services().items() if e.account != "final"} == {"2.20", "4.1"}


@pytest.mark.parametrize("of", EVERY_PACK, ids=lambda of: f"{of.id}-{of.edition}")
def test_every_service_of_every_pack_has_one_code(of: Pack) -> None:
    """A code of the reference list, or none, abiotic or intermediate."""
    assert [line.service for line in of.lines if line.seea not in CODES] == []


@pytest.mark.parametrize("code", ["2.99", "2.9/2.10", "", "none "])
def test_a_pack_with_another_code_is_refused(tmp_path: Path, code: str) -> None:
    """Two codes on one line are no code."""
    text = (ROOT / "accounting/packs/garze-2010/2010.toml").read_text("utf-8")
    path = tmp_path / "2010.toml"
    path.write_text(text.replace('seea = "2.11"', f'seea = "{code}"'), "utf-8")
    with pytest.raises(InputRefused) as refused:
        pack.read(path)

    found = {(each.code, each.field): each for each in refused.value.findings}
    finding = found["pack.unknown-seea-code", "seea"]
    assert {field for _, field in found} == {"seea"}
    assert finding.facts["service"] == "water-retention"


def test_garze_counts_oxygen_and_hydropower_and_seea_does_not() -> None:
    """7548.9501 - 1824.7700 (oxygen) - 50.5090 (hydropower) = 5673.6711 (亿元)."""
    found = bridge.bridge(ACCOUNT)
    statement = bridge_tables.bridge(found)
    totals = [(row[2], str(row[-2]), str(row[-1])) for row in statement.totals]

    assert totals == [
        ("GEP", "7548.9501", "7548.9501"),
        ("Less: no SEEA service", "None", "-1824.7700"),
        ("Less: abiotic flows", "None", "-50.5090"),
        ("Final services of SEEA EA", "None", "5673.6711"),
    ]
    assert len(found.lines) == len(ACCOUNT.lines) == 28


def test_the_sums_by_code_are_the_seea_total() -> None:
    """Three kinds of water are one 1.9; nitrogen, phosphorus and ammonia one 2.9."""
    found = bridge.bridge(ACCOUNT)
    sums = {row[0]: str(row[3]) for row in bridge_tables.by_code(found).rows}

    assert (sums["1.9"], sums["2.9"]) == ("545.3597", "243.3468")
    assert sum(found.by_code().values()) == pytest.approx(found.seea_cny, rel=1e-12)


MAPPED = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.sampled_from(["gep", "memo"]),
        st.one_of(st.none(), st.floats(-1e12, 1e12)),
    ),
    max_size=28,
)


@settings(deadline=None)
@given(mapped=MAPPED)
def test_the_items_lead_from_one_total_to_the_other(
    mapped: list[tuple[str, str, float | None]],
) -> None:
    """Whatever codes, accounts and values: GEP + items = SEEA, and GEP is the account's own."""
    account = _account(mapped)
    found = bridge.bridge(account)
    scale = 1e-9 * (1 + sum(abs(value or 0.0) for _, _, value in mapped))

    assert abs(found.gep_cny + sum(found.items.values()) - found.seea_cny) <= scale
    assert abs(found.gep_cny - account.gep_cny) <= scale
    assert abs(sum(found.by_code().values()) - found.seea_cny) <= scale


def _account(mapped: list[tuple[str, str, float | None]]) -> Account:
    lines = [
        replace(line, of=replace(line.of, seea=code, counts_in=counts), value_cny=value)  # type: ignore[arg-type]
        for line, (code, counts, value) in zip(ACCOUNT.lines, mapped, strict=False)
    ]
    return replace(ACCOUNT, lines=tuple(lines))


def test_what_is_not_estimated_is_said() -> None:
    """A line without a value has none on either side, and is named."""
    account = _account([("2.1", "gep", None), ("2.3", "gep", 1e8)])
    statement = bridge_tables.bridge(bridge.bridge(account))

    assert next(row[-2:] for row in statement.rows) == (None, None)
    assert statement.notes[-1].en == f"Not estimated: {account.lines[0].name.en}."
