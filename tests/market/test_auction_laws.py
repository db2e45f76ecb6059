"""Auctions at random: price, then time; nothing awarded twice; every deposit goes one way once."""

from collections import Counter
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.market.events import Announce, Call, Defaulted, Hammer, Offer, Paid, Qualify
from ledger.market.matching.auction import Terms
from ledger.market.order import Award, Deposit, Effect, Fill
from tests.market.floor import CEA, Floor, every_mode

BIDDERS = ("Alpha", "Bravo", "Charlie", "Delta")
QUANTITY, FLOOR, STEP, DEPOSIT = 20, 3000, 10, 777
PRICES = tuple(FLOOR + more for more in (-1, 0, 5, 10, 20, 30, 40))
bids = st.tuples(
    st.sampled_from((*BIDDERS * 4, "Township", "Nobody")),
    st.sampled_from(PRICES),
    st.sampled_from((QUANTITY, QUANTITY, QUANTITY // 2, 7, 0, QUANTITY + 1)),
)
calls = st.sampled_from(PRICES[:5])


@dataclass
class Standing:
    """A bid as a second implementation keeps it."""

    seq: int
    party: str
    price: int
    quantity: int


@given(
    steps=st.lists(bids | bids | bids | calls, max_size=20)
    | st.lists(bids, min_size=8, max_size=20),
    pricing=st.sampled_from(("uniform", "pay-as-bid")),
    whole=st.booleans(),
    paying=st.sets(st.sampled_from(BIDDERS)),
)
@settings(max_examples=150, deadline=None)
def test_an_auction(
    steps: list[tuple[str, int, int] | int], pricing: str, whole: bool, paying: set[str]
) -> None:
    """What is awarded, to whom and at which price is what the definition says."""
    floor = Floor(every_mode(), holdings={CEA: {"Township": QUANTITY}})
    terms = Terms(QUANTITY, FLOOR, STEP, DEPOSIT, pricing, whole)  # type: ignore[arg-type]
    floor.did(Announce, product=CEA, party="Township", terms=terms)
    id = floor.seq
    for party in BIDDERS:
        floor.did(Qualify, auction=id, party=party, deposit=DEPOSIT)
    standing = _bidding(floor, id, steps, whole)
    effects = list(floor.did(Hammer, auction=id, party="Township"))

    awards = [each for each in effects if isinstance(each, Award)]
    expected = _shared_out(standing, pricing)
    assert [(each.party, each.price, each.quantity) for each in awards] == expected
    for each in awards:
        if each.party in paying:
            effects += floor.did(Paid, auction=id, party=each.party)
        else:
            effects += floor.did(Defaulted, auction=id, party="Township", winner=each.party)
    _all_is_concluded(floor, effects, awards, paying)


def _bidding(
    floor: Floor, id: int, steps: list[tuple[str, int, int] | int], whole: bool
) -> dict[str, Standing]:
    """Bid and call; keep what stands, and hold every accepted bid to the rules."""
    standing: dict[str, Standing] = {}
    least = FLOOR
    for step in steps:
        if isinstance(step, int):
            outcome = floor.try_(Call, auction=id, party="Township", price=step)
            assert (outcome.refusal is None) == (step >= least + STEP)
            least = step if outcome.refusal is None else least
            continue
        party, price, quantity = step
        said = {"auction": id, "party": party, "price": price, "quantity": quantity}
        if floor.try_(Offer, **said).refusal is None:
            before = standing.get(party)
            assert party in BIDDERS
            assert price >= max(least, before.price if before else 0)
            assert quantity == QUANTITY if whole else 0 < quantity <= QUANTITY
            assert not whole or all(price >= each.price + STEP for each in standing.values())
            standing[party] = Standing(floor.seq, *step)
    return standing


def _shared_out(standing: dict[str, Standing], pricing: str) -> list[tuple[str, int, int]]:
    """Give unit after unit to whoever bid most and, of those, first."""
    left, given_ = {party: each.quantity for party, each in standing.items()}, Counter[str]()
    for _ in range(QUANTITY):
        wanting = [each for party, each in standing.items() if left[party]]
        if wanting:
            best = max(wanting, key=lambda each: (each.price, -each.seq))
            left[best.party] -= 1
            given_[best.party] += 1
    clearing = min((standing[party].price for party in given_), default=0)
    ranked = sorted(given_, key=lambda party: (-standing[party].price, standing[party].seq))
    uniform = pricing == "uniform"
    return [(p, clearing if uniform else standing[p].price, given_[p]) for p in ranked]


def _all_is_concluded(
    floor: Floor, effects: list[Effect], awards: list[Award], paying: set[str]
) -> None:
    """Each deposit went one way once, only what was paid for moved, nothing stays set aside."""
    deposits = Counter(each.party for each in effects if isinstance(each, Deposit))
    kept = {each.party for each in effects if isinstance(each, Deposit) and each.kept}
    fills = {each.buyer: each.quantity for each in effects if isinstance(each, Fill)}
    assert deposits == Counter(BIDDERS)
    assert kept == {each.party for each in awards} - paying
    assert fills == {each.party: each.quantity for each in awards if each.party in paying}
    assert floor.market.auctions == {}
    assert floor.market.day is not None
    of = floor.market.day.products[CEA].positions.of or {}
    assert all(each.offered == each.wanted == 0 for each in of.values())
    assert sum(each.held for each in of.values()) == QUANTITY
    assert {party: each.bought for party, each in of.items() if each.bought} == fills
