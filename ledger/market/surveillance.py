"""Abnormal trading: each alert names its rule, its parties and the events that are its evidence.

An alert is a reason to look, never a verdict. What is unusual is a threshold, and thresholds are
stated by whoever looks: those of the national market were not read (recalled: to be confirmed).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from ledger.market.events import AnyEvent, OpenDay, Submit, Withdraw
from ledger.market.market import Outcome
from ledger.market.order import Fill, Withdrawal

Kind = Literal["wash-trade", "layering", "concentration"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on trading is looked at: counts, and shares of a day's quantity."""

    round_trips: int = 2
    layers: int = 3
    withdrawn: Fraction = Fraction(9, 10)
    concentration: Fraction = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at: by which rule, who, how much, and the sequence numbers that show it."""

    kind: Kind
    product: str
    parties: tuple[str, ...]
    quantity: int
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Dealt:
    """A fill with the event in which it happened."""

    seq: int
    fill: Fill


def alerts(
    events: Sequence[AnyEvent],
    outcomes: Sequence[Outcome],
    thresholds: Thresholds = Thresholds(),
) -> tuple[Alert, ...]:
    """Look through the log of one or several days, day by day and product by product."""
    found: list[Alert] = []
    for start, end in _days(events):
        day, came = events[start:end], outcomes[start:end]
        for product, dealt in _dealt(day, came).items():
            found += _wash_trades(product, dealt, thresholds)
            found += _concentrated(product, dealt, thresholds)
        found += _layers(day, came, thresholds)
    return tuple(found)


def _days(events: Sequence[AnyEvent]) -> Iterator[tuple[int, int]]:
    starts = [at for at, event in enumerate(events) if isinstance(event, OpenDay)]
    yield from zip(starts, [*starts[1:], len(events)], strict=True)


def _dealt(events: Sequence[AnyEvent], outcomes: Sequence[Outcome]) -> dict[str, list[Dealt]]:
    products: dict[int, str] = {}
    found: dict[str, list[Dealt]] = defaultdict(list)
    for event, outcome in zip(events, outcomes, strict=True):
        if product := getattr(event, "product", None):
            products[event.seq] = product
        for effect in outcome.effects:
            if isinstance(effect, Fill):
                found[products.get(effect.resting, "")].append(Dealt(event.seq, effect))
    return found


def _wash_trades(product: str, dealt: Sequence[Dealt], limits: Thresholds) -> Iterator[Alert]:
    """Two parties sell to one another and back: as much as went both ways, on one day."""
    ways: dict[tuple[str, str], list[Dealt]] = defaultdict(list)
    for each in dealt:
        ways[each.fill.seller, each.fill.buyer].append(each)
    for (seller, buyer), there in ways.items():
        back = ways.get((buyer, seller), [])
        if seller < buyer and len(there) + len(back) >= limits.round_trips and back:
            quantity = min(sum(each.fill.quantity for each in way) for way in (there, back))
            evidence = tuple(sorted({each.seq for each in (*there, *back)}))
            yield Alert("wash-trade", product, (seller, buyer), quantity, evidence)


def _concentrated(product: str, dealt: Sequence[Dealt], limits: Thresholds) -> Iterator[Alert]:
    """One party is on one side of more than its share of a day's quantity, among three or more."""
    whole = sum(each.fill.quantity for each in dealt)
    parties = {name for each in dealt for name in (each.fill.buyer, each.fill.seller)}
    for side in ("buyer", "seller"):
        sums = Counter[str]()
        for each in dealt:
            sums[getattr(each.fill, side)] += each.fill.quantity
        for party, quantity in sums.items():
            if len(parties) > 2 and quantity > limits.concentration * whole:  # noqa: PLR2004
                seqs = {each.seq for each in dealt if getattr(each.fill, side) == party}
                evidence = tuple(sorted(seqs))
                yield Alert("concentration", product, (party,), quantity, evidence)


@dataclass(slots=True)
class _Side:
    """What one party put on one side of a book within a day."""

    entered: int = 0
    withdrawn: int = 0
    prices: set[int] = field(default_factory=set)
    evidence: list[int] = field(default_factory=list)


def _layers(
    events: Sequence[AnyEvent], outcomes: Sequence[Outcome], limits: Thresholds
) -> Iterator[Alert]:
    """Many levels of one side are nearly all taken back, and the party deals on the other."""
    sides: dict[tuple[str, str, int], _Side] = defaultdict(_Side)
    orders: dict[int, tuple[str, str, int]] = {}
    dealing: set[tuple[str, str, int]] = set()
    for event, outcome in zip(events, outcomes, strict=True):
        if outcome.refusal is not None:
            continue
        if isinstance(event, Submit):
            key = orders[event.seq] = event.product, event.party, event.side
            side = sides[key]
            side.entered += event.quantity
            side.prices.add(event.price)
            side.evidence.append(event.seq)
        for effect in outcome.effects:
            if isinstance(effect, Fill):
                product = getattr(event, "product", "")
                dealing.add((product, effect.party, effect.side))
                dealing.add((product, effect.counterparty, -effect.side))
            elif isinstance(effect, Withdrawal) and isinstance(event, Withdraw):
                side = sides[orders[effect.order]]
                side.withdrawn += effect.quantity
                side.evidence.append(event.seq)
    for (product, party, sign), side in sides.items():
        layered = len(side.prices) >= limits.layers and (product, party, -sign) in dealing
        if layered and side.withdrawn >= limits.withdrawn * side.entered:
            yield Alert("layering", product, (party,), side.withdrawn, tuple(side.evidence))
