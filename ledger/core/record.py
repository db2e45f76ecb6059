"""What the log holds: records, and their canonical encoding, version 1 (docs/encoding-v1.md).

One record is one leaf of the book's tree and one gapless sequence number. The bytes are derived
again whenever they are needed, never stored; balances are not in them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct as Layout
from typing import ClassVar, NamedTuple, Protocol
from uuid import UUID

from msgspec import Struct

from ledger.core.account import BASES, CLASSES, STATES, Account, Side
from ledger.core.amount import Commodity, canonical
from ledger.core.hold import Consumption, HoldLine
from ledger.core.parts import day, i64, many, maybe, strings, text, u8, u16, u32, u64, who, word

VERSION = 1
HEAD = Layout(">BB16sQq").pack
QUANTA_SIDE_RED = Layout(">QBB").pack
NOTHING_RARE = bytes(4 + 4 + 1 + 1 + 1 + 4 + 4)
PERIOD_STATES = ("open", "closing", "closed", "reopened")


class Record(Protocol):
    """Anything the log can hold."""

    KIND: ClassVar[int]
    NAME: ClassVar[str]

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""


class Voucher(NamedTuple):
    """The gapless voucher number (凭证号) of a fiscal transaction in one entity and period."""

    type: str
    number: int


class EntityPeriod(NamedTuple):
    """The accounting period in which a transaction stands in one entity's books."""

    entity: str
    period: str
    voucher: Voucher | None = None


class Spot(Struct, frozen=True, gc=False):
    """Where postings stand: an account in one commodity, with its canonical bytes."""

    account: str
    commodity: str
    words: bytes


def spot(account: str, commodity: str) -> Spot:
    """Name a spot."""
    return Spot(account, commodity, text(account) + text(commodity))


class Line(Struct, frozen=True, gc=False):
    """A posting as recorded: quanta are never negative, red marks a negative entry."""

    at: Spot
    quanta: int
    side: Side
    red: bool

    @property
    def account(self) -> str:
        """The code of the account."""
        return self.at.account

    @property
    def commodity(self) -> str:
        """The code of the commodity."""
        return self.at.commodity

    @property
    def signed(self) -> int:
        """The debit-positive quanta."""
        return self.quanta if (self.side is Side.DEBIT) != self.red else -self.quanta


class UpTo(NamedTuple):
    """What a line asked for at most, where it took all that was there."""

    line: int
    quanta: int


class Transaction(Struct, frozen=True, gc=False):
    """A posted transaction."""

    KIND: ClassVar[int] = 1
    NAME: ClassVar[str] = "transaction"
    id: UUID
    digest: bytes
    kind: str
    effective_on: dt.date
    periods: tuple[EntityPeriod, ...]
    narrative: str
    reference: str
    preparer: UUID | None
    approver: UUID | None
    metadata: Mapping[str, str]
    attachments: tuple[str, ...]
    reverses: UUID | None
    late_for: str | None
    chain: UUID | None
    up_to: tuple[UpTo, ...]
    consumes: tuple[Consumption, ...]
    postings: tuple[Line, ...]

    @property
    def entities(self) -> set[str]:
        """The accounting entities its lines are of."""
        return {line.account.partition(":")[0] for line in self.postings}

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return b"".join((
            self.id.bytes, self.digest, word(self.kind), day(self.effective_on),
            _periods(self.periods), text(self.narrative), word(self.reference),
            _people(self.preparer, self.approver), self._rare(),
            u32(len(self.postings)), *[
                each.at.words + QUANTA_SIDE_RED(each.quanta, each.side, each.red)
                for each in self.postings
            ],
        ))  # fmt: skip

    def _rare(self) -> bytes:
        """Write the fields between people and postings, which most transactions leave empty."""
        if not (
            self.metadata or self.attachments or self.reverses or self.late_for or self.chain
            or self.up_to or self.consumes
        ):  # fmt: skip
            return NOTHING_RARE
        return b"".join((
            strings(self.metadata), many(bytes.fromhex(each) for each in self.attachments),
            who(self.reverses), maybe(self.late_for, text), who(self.chain),
            many(u16(each.line) + u64(each.quanta) for each in self.up_to),
            many(_consumption(each) for each in self.consumes),
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hold:
    """Quanta reserved; an approval hold has no lines, its digest is that of the proposed body."""

    KIND: ClassVar[int] = 2
    NAME: ClassVar[str] = "hold"
    id: UUID
    digest: bytes
    kind: str
    reference: str
    group: UUID | None
    deadline_us: int | None
    preparer: UUID | None
    lines: tuple[HoldLine, ...] = ()

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return b"".join((
            self.id.bytes, self.digest, text(self.kind), text(self.reference), who(self.group),
            maybe(self.deadline_us, i64), who(self.preparer),
            many(
                text(each.account) + text(each.commodity) + u64(each.quanta) + u8(each.side)
                for each in self.lines
            ),
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consume:
    """A hold taken up without a posting of its own."""

    KIND: ClassVar[int] = 3
    NAME: ClassVar[str] = "consume"
    id: UUID
    user: UUID | None
    consumes: tuple[Consumption, ...]

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return self.id.bytes + who(self.user) + many(_consumption(each) for each in self.consumes)


@dataclass(frozen=True, slots=True)
class Void:
    """A hold given up, with the reason; rejecting a proposal voids its hold."""

    KIND: ClassVar[int] = 4
    NAME: ClassVar[str] = "void"
    hold: UUID
    reason: str
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return self.hold.bytes + text(self.reason) + who(self.user)


@dataclass(frozen=True, slots=True)
class Expiry:
    """A hold that reached its deadline."""

    KIND: ClassVar[int] = 5
    NAME: ClassVar[str] = "expiry"
    hold: UUID
    deadline_us: int

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return self.hold.bytes + i64(self.deadline_us)


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account as it was opened."""

    KIND: ClassVar[int] = 6
    NAME: ClassVar[str] = "account-opened"
    account: Account
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return _account(self.account) + who(self.user)


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """An account's whole new state: its bounds, its kinds, whether it is open."""

    KIND: ClassVar[int] = 7
    NAME: ClassVar[str] = "account-changed"
    account: Account
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return _account(self.account) + who(self.user)


@dataclass(frozen=True, slots=True)
class CommodityUsed:
    """The first use of a commodity in this book, so that an export verifies alone."""

    KIND: ClassVar[int] = 8
    NAME: ClassVar[str] = "commodity"
    commodity: Commodity

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        used = self.commodity
        return b"".join(
            (text(used.code), text(used.unit), u8(used.scale), text(used.kind),
             text(used.instrument))
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeriodEvent:
    """A period of one entity and basis opened, closing, closed or reopened."""

    KIND: ClassVar[int] = 9
    NAME: ClassVar[str] = "period"
    entity: str
    basis: str
    period: str
    state: str
    reason: str
    seal: bytes | None
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return b"".join((
            text(self.entity), text(self.basis), text(self.period),
            u8(PERIOD_STATES.index(self.state)), text(self.reason), maybe(self.seal, bytes),
            who(self.user),
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Annotation:
    """Metadata added to a transaction later: the latest wins, all are kept."""

    KIND: ClassVar[int] = 10
    NAME: ClassVar[str] = "annotation"
    transaction: UUID
    metadata: Mapping[str, str]
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return self.transaction.bytes + strings(self.metadata) + who(self.user)


@dataclass(frozen=True, slots=True)
class ForeignDigest:
    """The digest of something kept elsewhere: a verified GEP account, another book's record."""

    KIND: ClassVar[int] = 11
    NAME: ClassVar[str] = "foreign-digest"
    what: str
    reference: str
    digest: bytes
    metadata: Mapping[str, str]
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return b"".join((
            text(self.what), text(self.reference), self.digest, strings(self.metadata),
            who(self.user),
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookOpened:
    """The book itself: always its first record, and again whenever its policy changes."""

    KIND: ClassVar[int] = 12
    NAME: ClassVar[str] = "book"
    code: str
    time_zone: str
    policy: Mapping[str, str]
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return text(self.code) + text(self.time_zone) + strings(self.policy) + who(self.user)


def encoded(record: Record, book: UUID, seq: int, booked_at_us: int) -> bytes:
    """Return the canonical bytes of a record: the common head, then its payload."""
    return HEAD(VERSION, record.KIND, book.bytes, seq, booked_at_us) + record.payload()


@lru_cache(maxsize=1 << 12)
def _people(preparer: UUID | None, approver: UUID | None) -> bytes:
    return who(preparer) + who(approver)


@lru_cache(maxsize=1 << 12)
def _periods(periods: tuple[EntityPeriod, ...]) -> bytes:
    return many(_entity_period(each) for each in periods)


def _consumption(each: Consumption) -> bytes:
    return each.hold.bytes + u16(each.line) + u64(each.quanta) + u8(each.final)


def _entity_period(each: EntityPeriod) -> bytes:
    voucher = maybe(each.voucher, lambda it: text(it.type) + u64(it.number))
    return text(each.entity) + text(each.period) + voucher


def _account(account: Account) -> bytes:
    return b"".join((
        u32(account.no), text(account.code), u8(CLASSES.index(account.class_)),
        u8(account.normal), text(account.entity), u8(BASES.index(account.basis)),
        who(account.party), many(text(kind) for kind in account.kinds),
        many(
            text(bound.commodity)
            + maybe(bound.floor, lambda limit: text(canonical(limit)))
            + maybe(bound.ceiling, lambda limit: text(canonical(limit)))
            for bound in account.bounds
        ),
        maybe(account.always_zero_days, u32), u8(STATES.index(account.state)),
    ))  # fmt: skip
