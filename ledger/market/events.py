"""What happens in a market, in its own gapless sequence; time and rule version are fields.

Nothing in a market is drawn by lot, so no event carries a random number; ties go by sequence.
"""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ledger.market.matching.auction import Terms
from ledger.market.rules import Mode

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Quanta = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Side = Literal[1, -1]
Picks = Annotated[tuple[tuple[int, Quanta], ...], Meta(max_length=1000)]


class Event(Struct, frozen=True, tag_field="event", tag=str.lower):
    """One event: its number in the market, and its instant in microseconds since 1970, UTC."""

    seq: int
    at: int


class OpenDay(Event, frozen=True):
    """A day begins under the rules of ``rules_on``; ``closes`` are those of the day before.

    ``holdings`` are what may be sold today, by product and party; without them the ledger's holds
    decide alone. ``groups`` names the parties that act in concert. ``registry`` and ``clearing``
    are the entities in whose accounts a market of a book settles.
    """

    day: dt.date
    venue: Name
    rules_on: dt.date
    closes: dict[Name, Quanta]
    holdings: dict[Name, dict[Name, Quanta]] | None = None
    groups: dict[Name, Name] = {}
    registry: Name | None = None
    clearing: Name | None = None


class CloseDay(Event, frozen=True):
    """A day ends: what is open lapses. ``closes`` are stated where the close is composite."""

    closes: dict[Name, Quanta] = {}


class Halt(Event, frozen=True):
    """Trading in a product, or by a party, stops; open orders may be withdrawn."""

    subject: Name
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Resume(Event, frozen=True):
    """It goes on."""

    subject: Name


class Submit(Event, frozen=True):
    """An order: it meets the book by price and time, or is listed, as its mode says."""

    product: Name
    party: Name
    side: Side
    price: Quanta
    quantity: Quanta
    mode: Mode


class Take(Event, frozen=True):
    """Listings are taken: which, and how much of each."""

    product: Name
    party: Name
    side: Side
    picks: Picks
    mode: Mode


class Withdraw(Event, frozen=True):
    """A party takes its open order back."""

    product: Name
    party: Name
    order: int


class Propose(Event, frozen=True):
    """A block trade is proposed to one counterparty."""

    product: Name
    party: Name
    counterparty: Name
    side: Side
    price: Quanta
    quantity: Quanta


class Counter(Event, frozen=True):
    """Other terms for a proposal."""

    proposal: int
    party: Name
    price: Quanta
    quantity: Quanta


class Confirm(Event, frozen=True):
    """The terms of a proposal are agreed to."""

    proposal: int
    party: Name
    price: Quanta
    quantity: Quanta


class Decline(Event, frozen=True):
    """The talks end."""

    proposal: int
    party: Name


class Announce(Event, frozen=True):
    """A one-way auction begins."""

    product: Name
    party: Name
    terms: Terms


class Qualify(Event, frozen=True):
    """A bidder has paid the deposit."""

    auction: int
    party: Name
    deposit: Quanta


class Offer(Event, frozen=True):
    """A bid in an auction."""

    auction: int
    party: Name
    price: Quanta
    quantity: Quanta


class Call(Event, frozen=True):
    """The seller calls the next round at a higher price."""

    auction: int
    party: Name
    price: Quanta


class Hammer(Event, frozen=True):
    """The seller ends the bidding."""

    auction: int
    party: Name


class Paid(Event, frozen=True):
    """A winner has paid."""

    auction: int
    party: Name


class Defaulted(Event, frozen=True):
    """A winner has not paid, as the seller (``party``) says."""

    auction: int
    party: Name
    winner: Name


AnyEvent = (
    OpenDay | CloseDay | Halt | Resume | Submit | Take | Withdraw | Propose | Counter | Confirm
    | Decline | Announce | Qualify | Offer | Call | Hammer | Paid | Defaulted
)  # fmt: skip

_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_encoder = msgspec.json.Encoder(order="deterministic")


def kind_of(event: AnyEvent) -> str:
    """Return what an event is called where it is stored."""
    return type(event).__name__.lower()


def encode(event: AnyEvent) -> bytes:
    """Write an event as one line of JSON."""
    return _encoder.encode(event)


def decode(line: bytes) -> AnyEvent:
    """Read an event; refuse what has not its form."""
    return _decoder.decode(line)
