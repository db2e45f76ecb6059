"""Serial blocks: split and merged as rights move, each unit traceable to its issue."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.rights.serials import Moved, Serials, joined
from tests.rights.desk import Desk

CEA = "CEA.2023"
PLACES = ("CRC:Holding:A:Free", "CRC:Holding:B:Free", "CRC:Sink:Cancelled")


def test_the_lowest_numbers_move_unless_others_are_named(registry: Desk) -> None:
    """Two issues of 100: 30 of the first move, then 150-159 by name, then back again together."""
    for _ in range(2):
        registry.supplied(CEA, [("Plant", "100")], cap="100")
    registry.must("succeed", CEA, "30", holder="Plant", to="Mill", reason="division")
    named = {"holder": "Plant", "to": "Mill", "reason": "division", "serials": "150-159"}
    registry.must("succeed", CEA, "10", **named)
    split = registry.blocks(CEA)
    gone = registry.does("succeed", CEA, "10", **named)
    fewer = registry.does("succeed", CEA, "9", **{**named, "serials": "160-169"})
    registry.must("succeed", CEA, "40", holder="Mill", to="Plant", reason="merger")

    assert split == {
        "Holding:Mill:Free": [(1, 30), (150, 159)],
        "Holding:Plant:Free": [(31, 149), (160, 200)],
    }
    assert (gone, fewer) == ("rights.serials-not-there", "rights.serials-not-there")
    assert registry.blocks(CEA) == {"Holding:Plant:Free": [(1, 200)]}
    assert registry.findings() == set()


def test_a_reversal_moves_back_the_same_units(registry: Desk) -> None:
    """Surrendered 1-50, bought 200 more, taken back: again 1-50, not the lowest of the pool."""
    registry.supplied(CEA, [("Plant", "100"), ("Mill", "100")], cap="500")
    registry.must("verify", CEA, "500", holder="Plant", year="2023")
    first = registry.must("surrender", CEA, "50", holder="Plant", year="2023")
    registry.must("surrender", CEA, "20", holder="Plant", year="2023")
    registry.must("unsurrender", "", original=str(first), reason="twice")

    assert registry.blocks(CEA) == {
        "Holding:Plant:Free": [(1, 50), (71, 100)],
        "Holding:Mill:Free": [(101, 200)],
        "Sink:Surrendered:2023": [(51, 70)],
    }
    assert registry.findings() == set()


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(1, 60))))
def test_blocks_always_partition_the_issue(moves: list[tuple[str, str, int]]) -> None:
    """However 100 + 100 units wander, each is in one place, and none is lost or made."""
    serials = Serials()
    numbers = iter(range(1, 10_000))
    balance = dict.fromkeys(PLACES, 0)
    for account in PLACES[:2]:
        _follow(serials, next(numbers), "CRC:Issued", account, 100)
        balance[account] += 100
    for source, to, quanta in moves:
        if source != to and balance[source] >= quanta:
            _follow(serials, next(numbers), source, to, quanta)
            balance[source] -= quanta
            balance[to] += quanta
    blocks = [block for held in serials.held.values() for block in held]

    assert joined(blocks) == [(1, 200)]
    assert sum(block.size for block in blocks) == 200
    assert {block.issue for block in blocks} <= {UUID(int=1), UUID(int=2)}
    assert all(sum(b.size for b in serials.held[at]) == balance[at] for at in PLACES)
    assert all(block.issue == UUID(int=1 + (block.first > 100)) for block in blocks)


def test_more_than_is_there_is_told() -> None:
    """Where a ledger let an account go below zero, the transaction is named."""
    serials = Serials()
    _follow(serials, 1, "CRC:Issued", PLACES[0], 5)
    _follow(serials, 2, PLACES[0], PLACES[1], 6)

    assert serials.short == [UUID(int=2)]


def _follow(serials: Serials, number: int, source: str, to: str, quanta: int) -> None:
    id = UUID(int=number)
    serials.follow([Moved(id, None, "", to, quanta), Moved(id, None, "", source, -quanta)])
