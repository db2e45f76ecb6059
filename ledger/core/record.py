"""What the log holds: records, and their canonical encoding, version 1 (docs/encoding-v1.md).

One record is one leaf of the book's tree and one gapless sequence number. The bytes are derived
again whenever they are needed, never stored; balances are not in them.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct as Layout
from typing import ClassVar, NamedTuple, Protocol, TypeVar
from uuid import UUID

from msgspec import Struct

from ledger.core.account import BASES, CLASSES, STATES, Account, Side
from ledger.core.amount import Commodity, canonical
from ledger.core.hold import Consumption, HoldLine

VERSION = 1
HEAD = Layout(">BB16sQq").pack
QUANTA_SIDE_RED = Layout(">QBB").pack
NOTHING_RARE = bytes(4 + 4 + 1 + 1 + 1 + 4 + 4)
T = TypeVar("T")
EPOCH = dt.date(1970, 1, 1)
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


class Line(NamedTuple):
    """A posting as recorded: quanta are never negative, red marks a negative entry."""

    account: str
    commodity: str
    quanta: int
    side: Side
    red: bool

    @property
    def signed(self) -> int:
        """The debit-positive quanta."""
        return self.quanta if (self.side is Side.DEBIT) != self.red else -self.quanta


class UpTo(NamedTuple):
    """What a line asked for at most, where it took all that was there."""

    line: int
    quanta: int


class Transaction(Struct, frozen=True):
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

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return b"".join((
            self.id.bytes, self.digest, _word(self.kind), _day(self.effective_on),
            _periods(self.periods), _str(self.narrative), _word(self.reference),
            _people(self.preparer, self.approver), self._rare(),
            _u32(len(self.postings)), *[
                _word(account) + _word(commodity) + QUANTA_SIDE_RED(quanta, side, red)
                for account, commodity, quanta, side, red in self.postings
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
            _map(self.metadata), _list(bytes.fromhex(each) for each in self.attachments),
            _party(self.reverses), _opt(self.late_for, _str), _party(self.chain),
            _list(_u16(each.line) + _u64(each.quanta) for each in self.up_to),
            _list(_consumption(each) for each in self.consumes),
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
            self.id.bytes, self.digest, _str(self.kind), _str(self.reference), _party(self.group),
            _opt(self.deadline_us, _i64), _party(self.preparer),
            _list(
                _str(each.account) + _str(each.commodity) + _u64(each.quanta) + _u8(each.side)
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
        return (
            self.id.bytes + _party(self.user) + _list(_consumption(each) for each in self.consumes)
        )


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
        return self.hold.bytes + _str(self.reason) + _party(self.user)


@dataclass(frozen=True, slots=True)
class Expiry:
    """A hold that reached its deadline."""

    KIND: ClassVar[int] = 5
    NAME: ClassVar[str] = "expiry"
    hold: UUID
    deadline_us: int

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return self.hold.bytes + _i64(self.deadline_us)


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account as it was opened."""

    KIND: ClassVar[int] = 6
    NAME: ClassVar[str] = "account-opened"
    account: Account
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return _account(self.account) + _party(self.user)


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """An account's whole new state: its bounds, its kinds, whether it is open."""

    KIND: ClassVar[int] = 7
    NAME: ClassVar[str] = "account-changed"
    account: Account
    user: UUID | None

    def payload(self) -> bytes:
        """Return the canonical bytes that follow the common head."""
        return _account(self.account) + _party(self.user)


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
            (_str(used.code), _str(used.unit), _u8(used.scale), _str(used.kind),
             _str(used.instrument))
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
            _str(self.entity), _str(self.basis), _str(self.period),
            _u8(PERIOD_STATES.index(self.state)), _str(self.reason), _opt(self.seal, bytes),
            _party(self.user),
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
        return self.transaction.bytes + _map(self.metadata) + _party(self.user)


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
            _str(self.what), _str(self.reference), self.digest, _map(self.metadata),
            _party(self.user),
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
        return _str(self.code) + _str(self.time_zone) + _map(self.policy) + _party(self.user)


def encoded(record: Record, book: UUID, seq: int, booked_at_us: int) -> bytes:
    """Return the canonical bytes of a record: the common head, then its payload."""
    return HEAD(VERSION, record.KIND, book.bytes, seq, booked_at_us) + record.payload()


def _u8(value: int) -> bytes:
    return value.to_bytes(1, "big")


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


_u32 = Layout(">I").pack


def _u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def _i64(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


@lru_cache(maxsize=1 << 12)
def _day(value: dt.date) -> bytes:
    return (value - EPOCH).days.to_bytes(4, "big", signed=True)


def _str(value: str) -> bytes:
    run = value.encode()
    return _u32(len(run)) + run


@lru_cache(maxsize=1 << 16)
def _word(value: str) -> bytes:
    """Write a code, of which a book has few and writes the same ones again and again."""
    return _str(value)


@lru_cache(maxsize=1 << 12)
def _people(preparer: UUID | None, approver: UUID | None) -> bytes:
    return _party(preparer) + _party(approver)


@lru_cache(maxsize=1 << 12)
def _periods(periods: tuple[EntityPeriod, ...]) -> bytes:
    return _list(_entity_period(each) for each in periods)


def _opt(value: T | None, write: Callable[[T], bytes]) -> bytes:
    return b"\x00" if value is None else b"\x01" + write(value)


def _party(value: UUID | None) -> bytes:
    return b"\x00" if value is None else b"\x01" + value.bytes


def _list(items: Iterable[bytes]) -> bytes:
    runs = list(items)
    return _u32(len(runs)) + b"".join(runs)


def _map(items: Mapping[str, str]) -> bytes:
    pairs = sorted(items.items(), key=lambda pair: pair[0].encode())
    return _list(_str(key) + _str(value) for key, value in pairs)


def _consumption(each: Consumption) -> bytes:
    return each.hold.bytes + _u16(each.line) + _u64(each.quanta) + _u8(each.final)


def _entity_period(each: EntityPeriod) -> bytes:
    voucher = _opt(each.voucher, lambda it: _str(it.type) + _u64(it.number))
    return _str(each.entity) + _str(each.period) + voucher


def _account(account: Account) -> bytes:
    return b"".join((
        _u32(account.no), _str(account.code), _u8(CLASSES.index(account.class_)),
        _u8(account.normal), _str(account.entity), _u8(BASES.index(account.basis)),
        _party(account.party), _list(_str(kind) for kind in account.kinds),
        _list(
            _str(bound.commodity)
            + _opt(bound.floor, lambda limit: _str(canonical(limit)))
            + _opt(bound.ceiling, lambda limit: _str(canonical(limit)))
            for bound in account.bounds
        ),
        _opt(account.always_zero_days, _u32), _u8(STATES.index(account.state)),
    ))  # fmt: skip
