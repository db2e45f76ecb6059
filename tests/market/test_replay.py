"""A recorded day from its lines (invented, by the rules of 2023-08-23), and lines that are none."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app

DAY = Path(__file__).parent / "days" / "2023-08-23.jsonl"


def replayed(path: Path, *more: str) -> tuple[int, dict[str, list[dict[str, object]]]]:
    """Replay by the command; return its exit code and what it prints."""
    printed = CliRunner().invoke(app, ["market", "replay", str(path), "--json", *more])
    return printed.exit_code, json.loads(printed.stdout)


def test_a_recorded_day_gives_the_same_fills() -> None:
    """Mill was picked before Plant, who listed first; the close is the mean of 500 and 1,000 t."""
    code, found = replayed(DAY)
    effects = [each for outcome in found["outcomes"] for each in outcome["effects"]]  # type: ignore[attr-defined]
    fills = [
        (each["counterparty"], each["price"], each["quantity"])
        for each in effects
        if each["type"] == "fill"
    ]
    refused = [each["refusal"]["code"] for each in found["outcomes"] if each["refusal"]]  # type: ignore[index]

    assert code == 0
    assert fills == [("Smelter", 7460, 500), ("Mill", 7490, 1000), ("Utility", 5300, 140_000)]
    assert refused == [
        "market.worse-picked", "market.not-sellable", "market.band", "market.closed",
    ]  # fmt: skip
    assert [each["close"] for each in found["closes"]] == [7480, 7450]


def test_from_the_day_after_the_close_is_composite_and_must_be_stated() -> None:
    """The same events under the rules of 2023-08-24: the same fills, and no close."""
    _, before = replayed(DAY)
    code, after = replayed(DAY, "--rules-on", "2023-08-24")

    assert code == 0
    assert after["outcomes"][:-1] == before["outcomes"][:-1]
    assert after["outcomes"][-1]["refusal"]["code"] == "market.no-close"  # type: ignore[index]


@pytest.mark.parametrize(
    ("line", "code", "row"),
    [
        ('{"event":"opendoor"}', "market.no-event", 15),
        ("{", "market.no-event", 15),
        ('{"event":"closeday","seq":15.5,"at":1}', "market.no-event", 15),
        ('{"event":"closeday","seq":3,"at":1692775800000000}', "market.out-of-sequence", 15),
        ('{"event":"closeday","seq":15,"at":1}', "market.back-in-time", 15),
    ],
)
def test_a_line_that_does_not_follow_refuses_the_log(
    tmp_path: Path, line: str, code: str, row: int
) -> None:
    """Exit 2 with the line's number; nothing is replayed."""
    log = tmp_path / "log.jsonl"
    log.write_text(DAY.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    exit_code, found = replayed(log)

    assert exit_code == 2
    assert [(each["code"], each["row"]) for each in found["findings"]] == [(code, row)]


def test_a_venue_that_nobody_knows_is_refused_event_by_event(tmp_path: Path) -> None:
    """The day does not open, so that nothing after it is open either; no traceback."""
    log = tmp_path / "log.jsonl"
    log.write_text(DAY.read_text("utf-8").replace('"cea"', '"moon"'), encoding="utf-8")
    printed = CliRunner().invoke(app, ["market", "replay", str(log)])

    assert printed.exit_code == 0
    assert "market.unknown-venue" in printed.output
    assert "market.closed" in printed.output


def test_for_people_prices_are_yuan() -> None:
    """And a log that is not there is said so."""
    printed = CliRunner().invoke(app, ["market", "replay", str(DAY)])

    assert "price=74.60 quantity=500" in printed.output
    assert "price=82.51 low=67.50 high=82.50" in printed.output
    assert CliRunner().invoke(app, ["market", "replay", "none.jsonl"]).exit_code == 2
