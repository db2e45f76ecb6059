"""What a decision about rights rests on: how things stand, loaded once, then only read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.core.account import Account, AccountRef
from ledger.core.amount import Amount, Commodity
from ledger.core.draft import Draft
from ledger.rights.serials import Block


@dataclass(frozen=True, slots=True)
class Facts:
    """How an event finds the books: balances on their normal side, accounts, and what was sold.

    ``net_sold``: sold less bought of the event's instrument, since the day its rule names;
    ``carried``: what the holder carried over of the event's right before;
    ``surrendered``: what the holder surrendered of it for the event's year, less what came back;
    ``blocks``: the serial blocks by account, where the event names serials;
    ``original``: the transaction that the event takes back, and the day it is of.
    """

    standing: Mapping[tuple[str, str], int] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    net_sold: int = 0
    carried: int = 0
    surrendered: int = 0
    blocks: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    original: Draft | None = None

    def total(self, prefix: str, commodity: Commodity) -> int:
        """Add up what stands at and below accounts that begin so, in quanta."""
        return sum(
            quanta
            for (account, code), quanta in self.standing.items()
            if code == commodity.code and account.startswith(prefix)
        )

    def at(self, account: AccountRef, commodity: Commodity) -> Amount:
        """Return what stands there; nothing where nothing was ever posted."""
        return Amount(self.standing.get((account.code, commodity.code), 0), commodity)
