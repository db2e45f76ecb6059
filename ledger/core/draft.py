"""A balanced proposal: a draft that does not balance cannot be built."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from ledger.core.account import AccountRef, Side
from ledger.core.amount import EXACT, Amount
from ledger.core.hold import Consumption
from ledger.core.refusals import Malformed, RedOutsideReversal, Unbalanced, ZeroAmount


class Posting(NamedTuple):
    """One line: the amount is debit-positive, the side is the column it stands in."""

    account: AccountRef
    amount: Amount
    side: Side

    @property
    def red(self) -> bool:
        """Whether this is a negative entry in its column (红字)."""
        return (self.amount.quanta > 0) != (self.side is Side.DEBIT)


def posting(account: AccountRef, amount: Amount) -> Posting:
    """Post a debit-positive amount on the side of its sign."""
    return Posting(account, amount, Side.DEBIT if amount.quanta > 0 else Side.CREDIT)


def debit(account: AccountRef, amount: Amount) -> Posting:
    """Post an amount to the debit side."""
    return Posting(account, amount, Side.DEBIT)


def credit(account: AccountRef, amount: Amount) -> Posting:
    """Post an amount to the credit side."""
    return Posting(account, -amount, Side.CREDIT)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted together: it balances per (entity, basis, commodity), or is not."""

    id: UUID
    kind: str
    effective_on: dt.date
    narrative: str
    postings: tuple[Posting, ...]
    reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    periods: Mapping[str, str] = field(default_factory=dict)
    reverses: UUID | None = None
    late_for: str | None = None
    chain: UUID | None = None
    consumes: tuple[Consumption, ...] = ()

    def __post_init__(self) -> None:
        if not self.postings:
            raise Malformed("postings", "a transaction has at least one posting")
        for line in self.postings:
            _moves_something(line)
        balanced(self.postings)
        for line in self.postings:
            if line.red and self.reverses is None:
                raise RedOutsideReversal(line.account.code)

    @property
    def entities(self) -> tuple[str, ...]:
        """The accounting entities it touches, sorted."""
        return tuple(sorted({line.account.entity for line in self.postings}))

    def reversed(self, *, id: UUID, on: dt.date, narrative: str) -> "Draft":
        """Draft what takes this back: the same lines with the columns exchanged."""
        mirror = tuple(posting(line.account, -line.amount) for line in self.postings)
        return replace(
            self, id=id, effective_on=on, narrative=narrative, postings=mirror,
            reverses=self.id, consumes=(), periods={}, attachments=(), chain=None,
        )  # fmt: skip


def balanced(postings: Iterable[Posting]) -> None:
    """Refuse lines whose debits and credits differ in an (entity, basis, commodity)."""
    sums: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for account, amount, _ in postings:
        commodity = amount.commodity
        sums[account.entity, account.basis, commodity.code, commodity.scale] += amount.quanta
    for (entity, basis, code, scale), difference in sums.items():
        if difference:
            shown = Decimal(difference).scaleb(-scale, EXACT)
            raise Unbalanced(entity, basis, code, f"{shown:f}")


def _moves_something(line: Posting) -> None:
    if not line.amount.quanta:
        raise ZeroAmount(line.account.code, line.amount.commodity.code)
