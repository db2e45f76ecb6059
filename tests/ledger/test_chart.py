"""A chart is loaded whole or refused whole, with every finding at once."""

from pathlib import Path

import pytest

from ledger import chart
from ledger.core.errors import InputRefused
from tests.ledger.worked import BOOK, CHART, code_of, worked_store

WRONG = """
[[commodity]]
code = "cny"
unit = "CNY"
scale = 2
kind = "money"

[[commodity]]
code = "USD"
unit = "USD"
scale = "2"
kind = "money"

[[party]]
code = "p"
kind = "person"
name = "somebody"

[[account]]
code = "no entity"
class = "asset"
basis = "accrual"

[[account]]
code = "T1:1001"
class = "thing"
basis = "accrual"
colour = "red"

[[account]]
code = "T1:1002"
class = "asset"
basis = "accrual"
floor = "none"

[[surprise]]
"""


def test_every_finding_is_reported_at_once(tmp_path: Path) -> None:
    """Seven faults, each by the number of its entry and its key; nothing is loaded."""
    path = tmp_path / "chart.toml"
    path.write_text(WRONG, "utf-8")
    with pytest.raises(InputRefused) as refused:
        chart.read(path)

    assert [(each.row, each.field) for each in refused.value.findings] == [
        (None, "surprise"),
        (1, "commodity.code"),
        (2, "commodity.scale"),
        (1, "party.kind"),
        (1, "account.code"),
        (2, "account.colour"),
        (3, "account.floor"),
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[[account]", b"account = 1"])
def test_a_file_that_is_no_chart(tmp_path: Path, content: bytes) -> None:
    """Bytes, broken TOML and another shape are findings too."""
    path = tmp_path / "chart.toml"
    path.write_bytes(content)

    with pytest.raises(InputRefused):
        chart.read(path)
    with pytest.raises(InputRefused):
        chart.read(tmp_path / "missing.toml")


def test_loading_again_changes_nothing_and_another_form_is_refused(
    database_url: str, tmp_path: Path
) -> None:
    """A scale is fixed for ever; a bound changes only by a change."""
    with worked_store(database_url, tmp_path) as store:
        for old, new, code in (
            ("scale = 2", "scale = 3", "ledger.commodity-conflict"),
            ('basis = "budget"', 'basis = "accrual"', "ledger.account-conflict"),
        ):
            path = tmp_path / "other.toml"
            path.write_text(CHART.replace(old, new), "utf-8")
            codes = [
                code_of(each) for each in chart.load(store, BOOK, chart.read(path), actor=None)
            ]
            assert code in codes
            assert set(codes) == {code, "ledger.chain-broken"}
        path.write_text(CHART, "utf-8")
        again = chart.load(store, BOOK, chart.read(path), actor=None)
        assert {code_of(each) for each in again} == {"done"}
