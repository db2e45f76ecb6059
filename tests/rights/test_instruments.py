"""Instruments as dated data: the rules of the day, their sources, no day without or with two."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from ledger.core.amount import Amount
from ledger.rights import instrument
from ledger.rights.instrument import (
    TOPICS,
    Instrument,
    NoRule,
    NotWholeLots,
    OffTick,
    Rule,
    UnknownRight,
    findings,
    right,
)

TAGS = {"R", "R*", "C", instrument.RECALLED}


def lot(value: str, since: dt.date, until: dt.date | None = None) -> Rule:
    """An invented rule of lots."""
    return Rule("lot", value, "t.CO2", since, until, "invented", "", "R")


def cea_with(*lots: Rule) -> Instrument:
    """The national allowance under other rules of lots."""
    cea = instrument.find("cea")
    return replace(cea, rules=(*(each for each in cea.rules if each.name != "lot"), *lots))


def test_any_day_is_replayed_under_the_rules_of_that_day() -> None:
    """Lots of 1 t to 2029, of 10 t from 2030; before the first day there is no rule."""
    changed, from_2030 = dt.date(2029, 12, 31), dt.date(2030, 1, 1)
    amended = cea_with(lot("1", dt.date(2021, 7, 16), changed), lot("10", from_2030))
    five = Amount(5, right("CEA.2030").commodity)
    amended.check_lot(five, changed)

    assert list(findings(amended)) == []
    with pytest.raises(NotWholeLots):
        amended.check_lot(five, from_2030)
    with pytest.raises(NoRule):
        amended.rule("lot", dt.date(2021, 7, 15))
    with pytest.raises(OffTick):
        amended.check_tick(Decimal("55.905"), changed)


@pytest.mark.parametrize(
    ("first_until", "code"),
    [
        (None, "rights.rules-overlap"),
        (dt.date(2030, 1, 1), "rights.rules-overlap"),
        (dt.date(2029, 12, 30), "rights.rules-gap"),
    ],
)
def test_a_day_with_two_rules_or_none_is_a_finding(first_until: dt.date | None, code: str) -> None:
    """The earlier rule ends on the eve of the later."""
    found = cea_with(lot("1", dt.date(2021, 7, 16), first_until), lot("10", dt.date(2030, 1, 1)))

    assert [each.code for each in findings(found)] == [code]


def test_a_right_that_says_nothing_of_a_topic_is_a_finding() -> None:
    """Without lots nobody knows what may be moved."""
    assert [(each.code, each.field) for each in findings(cea_with())] == [
        ("rights.rule-missing", "lot")
    ]


@pytest.mark.parametrize("id", sorted(instrument.catalogue()))
def test_every_rule_says_where_it_is_written_or_that_it_is_recalled(id: str) -> None:
    """A document, or the words "recalled: to be confirmed"; and every topic is spoken of."""
    found = instrument.find(id)
    for rule in found.rules:
        assert rule.document or rule.tag == instrument.RECALLED, rule.name
        assert rule.tag in TAGS, rule.name

    assert list(findings(found)) == []
    assert found.kind == "memo" or {*TOPICS} <= {rule.name for rule in found.rules}


@pytest.mark.parametrize(
    ("code", "id", "ends"),
    [
        ("CEA.2023", "cea", dt.date(2025, 12, 31)),
        ("CEA.2024", "cea", None),
        ("PR.NH3-N.331125.2018", "discharge", dt.date(2018, 12, 31)),
        ("PE.COD.331125", "discharge", None),
        ("WE.YC", "water", None),
        ("BC.XSG.2023", "blue-carbon", None),
        ("EB.330109.2022", "energy-budget", dt.date(2022, 12, 31)),
    ],
)
def test_a_code_says_its_instrument_and_its_last_day(
    code: str, id: str, ends: dt.date | None
) -> None:
    """A flow right ends with its year, a vintage as its rule says, an entitlement not at all."""
    found = right(code)

    assert (found.instrument.id, found.ends(dt.date(2025, 6, 1))) == (id, ends)


@pytest.mark.parametrize(
    "code", ["", "CNY", "CEA", "CEA.2023.1", "WR.YC.25", "cea.2023", "EM.2023"]
)
def test_another_code_is_no_right(code: str) -> None:
    """Money, a typing error, a memo of emissions."""
    with pytest.raises(UnknownRight):
        right(code)
