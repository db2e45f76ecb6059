"""A pack that lies beside its case: used as one of the shelf is, refused as one of the shelf is."""

from pathlib import Path

import pytest

from accounting import case, findings
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
    ("case.toml", 'pack_file = "pack.toml"', 'pack_file = "none.toml"', "pack.unreadable"),
    ("case.toml", 'pack_file = "pack.toml"', "pack_file = 5", "case.no-file-name"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code"), BROKEN)
def test_a_broken_one_is_refused_with_the_case(
    tmp_path: Path, file: str, old: str, new: str, code: str
) -> None:
    """Another id than the case names, no TOML, no pack, no file, no name of a file."""
    path = hand.write(tmp_path) / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(InputRefused) as refused:
        case.read(tmp_path)

    assert [each.code for each in refused.value.findings] == [code]
    assert [each.code for each in findings.of(tmp_path).findings] == [code]
