"""A pack that lies beside its case: used as one of the shelf is, refused as one of the shelf is."""

from pathlib import Path

import pytest

from accounting import case, dossier, findings, run, verification
from ledger.core.errors import InputRefused
from tests.accounting import hand


def test_the_case_is_accounted_under_it_unless_another_is_named(tmp_path: Path) -> None:
    """Its digest is among the inputs of the account."""
    found = case.read(hand.write(tmp_path))

    assert (found.under().id, found.under("garze-2010").id) == ("hand", "garze-2010")
    assert "pack.toml" in found.digests


BROKEN = [
    ("pack.toml", 'id = "hand"', 'id = "other"', "case.other-pack"),
    ("pack.toml", 'id = "hand"', "id = ", "pack.malformed"),
    ("pack.toml", 'title = { zh = "手算方法包", en = "A pack by hand" }', "title = 3",
     "pack.malformed"),
    ("pack.toml", 'class = "cultural"', 'class = "other"', "pack.unknown-class"),
    ("pack.toml", 'service = "crops"', 'service = "water"', "pack.duplicate-service"),
    ("pack.toml", 'service = "crops"', 'service = "gep"', "pack.reserved-service"),
    ("pack.toml", 'service = "crops"', "service = 5", "pack.not-a-text"),
    ("pack.toml", 'quantity = "water_retained"', 'quantity = ["visits"]', "pack.not-a-text"),
    ("pack.toml", 'value = "2"', "value = 0.1", "pack.not-a-text"),
    ("pack.toml", 'seea = "2.11"', "seea = 2.11", "pack.unknown-seea-code"),
    ("pack.toml", 'value = "2"', 'value = "-2"', "pack.negative-price"),
    ("pack.toml", 'value = "2"', 'value = "12万"', "figure.not-a-number"),
    ("pack.toml", 'value = "2", unit = "CNY/m3", price_year = 2020',
     'value = "2", unit = "CNY/m3", price_year = true', "pack.price-without-year"),
    ("pack.toml", 'tag = "R"', 'tag = "Q"', "pack.unknown-tag"),
    ("pack.toml", 'group = "水"', 'type = ["forest"]\ngroup = "水"', "pack.unknown-word"),
    ("pack.toml", 'group = "水"', 'depth = { value = "1", unit = "m" }\ngroup = "水"',
     "pack.unknown-word"),
    ("pack.toml", 'bind.visits = "given"', 'bind.visits = "carbon/rate"',
     "pack.model-of-another"),
    ("pack.toml", 'method = "stated-value"\nvalue', 'method = "oxygen/from-co2"\ncarbon_fixed_co2',
     "pack.method-not-money"),
    ("pack.toml", 'id = "hand"', f"id = {'[' * 3000}{']' * 3000}", "pack.malformed"),
    ("case.toml", 'pack_file = "pack.toml"', 'pack_file = "none.toml"', "pack.unreadable"),
    ("case.toml", 'pack_file = "pack.toml"', "pack_file = 5", "case.no-file-name"),
]  # fmt: skip


@pytest.mark.parametrize("typed", ["1,000", "１０００", "1.0×10³", "1 000"])
def test_a_figure_of_a_pack_is_read_as_any_other(tmp_path: Path, typed: str) -> None:
    """1500 m3 at a thousand CNY, however that is typed; the dossier is verified."""
    pack = hand.PACK.replace('value = "2"', f'value = "{typed}"')
    found = case.read(hand.write(tmp_path / "case", pack=pack))
    account = run.run(found, found.under())
    dossier.write(account, tmp_path / "dossier", tmp_path / "case")

    assert account.by_service[hand.COUNTY, "water"].value_cny == 1_500_000
    assert verification.verify(tmp_path / "dossier").findings == ()


@pytest.mark.parametrize(("file", "old", "new", "code"), BROKEN)
def test_a_broken_one_is_refused_with_the_case(
    tmp_path: Path, file: str, old: str, new: str, code: str
) -> None:
    """Another id, no TOML, no pack, no file; a line that names or takes what it may not."""
    path = hand.write(tmp_path) / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(InputRefused) as refused:
        case.read(tmp_path)

    assert [each.code for each in refused.value.findings] == [code]
    assert [each.code for each in findings.of(tmp_path).findings] == [code]
