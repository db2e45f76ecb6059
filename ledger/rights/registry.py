"""A registry's accounts: where rights stand, what each place is called, and how it behaves."""

import re
from typing import NamedTuple
from uuid import UUID

from ledger.core.account import ANY_COMMODITY, Account, AccountRef, Bound, Side, normal_side
from ledger.core.amount import decimal_of
from ledger.core.refusals import Malformed

REGISTRY, MEMO, CLEARING = "registry", "memo", "clearing"
RIGHTS = ("allowance", "credit", "flow-right")
SEGMENT = re.compile(r"[A-Za-z0-9一-鿿_-]{1,40}")
FREE, BOUGHT_TODAY, PLEDGED, FROZEN, LEASED_IN = (
    "Free", "BoughtToday", "Pledged", "Frozen", "LeasedIn",
)  # fmt: skip
STATES = (FREE, BOUGHT_TODAY, PLEDGED, FROZEN, LEASED_IN)
POOLS = ("Total", "Allocation", "Auction", "NewEntrant", "Adjustment", "Reserve", "Cut")
SINKS = ("Surrendered", "Offset", "Cancelled", "Expired", "Converted")
ISSUED, BY_CARRY, SETTLE = "Issued", "Issued:ByCarry", "Settle:In"
EMISSION, OBLIGATION, CLEARED, CUT, EXCESS, OFFSET_ROOM, OFFSET_USED = (
    "Emission", "Obligation", "Cleared", "Cut", "Excess", "OffsetRoom", "OffsetUsed",
)  # fmt: skip
CAPS = ("Unissued", "Issued", "Authorised")
BUDGETS = AVAILABLE, COMMITTED, USED, CARRIED, VOID, GRANTED = (
    "Available", "Committed", "Used", "Carried", "Void", "Granted",
)  # fmt: skip
OF_HOLDER = (
    *(("Holding", name) for name in STATES if name != PLEDGED),
    *(("Compliance", name) for name in
      (EMISSION, OBLIGATION, CLEARED, CUT, EXCESS, OFFSET_ROOM, OFFSET_USED)),
    *(("Budget", name) for name in BUDGETS),
    ("Accrual", ISSUED),
)  # fmt: skip
CREDIT_MEMOS = ("Authorised", "Contra", OBLIGATION, CLEARED, CUT, GRANTED)
OF_HOLDERS = ("Holding", "Compliance", "Budget", "Accrual")
WITHOUT_FLOOR = (ISSUED, BY_CARRY, "Contra")


class Registry(NamedTuple):
    """The accounts of one registry, named by what they are."""

    code: str

    def at(self, path: str, basis: str = REGISTRY) -> AccountRef:
        """Name one of its accounts."""
        return AccountRef(f"{self.code}:{path}", basis)

    def named(self, *holders: str) -> tuple[str, ...]:
        """Return the codes of the pools, the cap, and every account of holders but pledges."""
        paths = [f"Pool:{name}" for name in POOLS] + [f"Cap:{name}" for name in CAPS]
        for holder in holders:
            paths += [f"{kind}:{holder}:{name}" for kind, name in OF_HOLDER]
        return tuple(f"{self.code}:{path}" for path in paths)

    def pool(self, name: str) -> AccountRef:
        """Name a pool of the authority."""
        if name not in POOLS:
            raise Malformed("pool", f"{name!r} is none of {', '.join(POOLS)}")
        return self.at(f"Pool:{name}")

    def holding(self, holder: str, state: str = FREE, lender: str = "") -> AccountRef:
        """Name what a holder has in one state; what is pledged stands by its lender."""
        return self.at(f"Holding:{holder}:{state}" + (f":{lender}" if lender else ""))

    def sink(self, kind: str, year: str = "") -> AccountRef:
        """Name where rights end."""
        return self.at(f"Sink:{kind}" + (f":{year}" if year else ""))

    def cap(self, name: str) -> AccountRef:
        """Name a memo of the cap: Unissued, Issued, Authorised."""
        return self.at(f"Cap:{name}", MEMO)

    def compliance(self, holder: str, name: str) -> AccountRef:
        """Name a memo of what a holder owes and has cleared."""
        return self.at(f"Compliance:{holder}:{name}", MEMO)

    def budget(self, holder: str, name: str) -> AccountRef:
        """Name a memo of a holder's budget."""
        return self.at(f"Budget:{holder}:{name}", MEMO)

    def accrual(self, holder: str, name: str) -> AccountRef:
        """Name a memo of what was issued to a holder on an entitlement."""
        return self.at(f"Accrual:{holder}:{name}", MEMO)

    def client(self, holder: str) -> AccountRef:
        """Name a holder's money, where this is a clearing house."""
        return self.at(f"Client:{holder}:Free", CLEARING)


def account_of(ref: AccountRef, party: UUID | None) -> Account:
    """Return the account as a registry opens it: never below zero but where rights come from."""
    _, _, path = ref.code.partition(":")
    last = path.rpartition(":")[2]
    issuing = path in {ISSUED, BY_CARRY}
    class_ = "memo" if ref.basis == MEMO else "equity" if issuing else "asset"
    credit = ref.basis == MEMO and last in CREDIT_MEMOS
    bounds = () if path in WITHOUT_FLOOR or last in WITHOUT_FLOOR else (_NEVER_BELOW_ZERO,)
    return Account(
        code=ref.code, class_=class_, basis=ref.basis,
        normal=Side.CREDIT if credit else normal_side(class_), party=party,
        kinds=RIGHTS if ref.basis == REGISTRY else (), bounds=bounds,
    )  # fmt: skip


def holder_of(code: str) -> str:
    """Return the holder that an account is of; empty where it is nobody's."""
    _, kind, *rest = code.split(":")
    return rest[0] if kind in OF_HOLDERS and rest else ""


def place_of(code: str) -> str | None:
    """Return the kind of place an account of a registry is; none where it is no known one."""
    path = code.partition(":")[2]
    kind, *rest = path.split(":")
    if path in {ISSUED, BY_CARRY}:
        return path
    if kind == "Pool":
        return path if rest and rest[0] in POOLS else None
    if kind == "Settle":
        return kind
    if kind == "Sink":
        return rest[0] if rest and rest[0] in SINKS else None
    return rest[1] if kind == "Holding" and len(rest) > 1 and rest[1] in STATES else None


_NEVER_BELOW_ZERO = Bound(ANY_COMMODITY, floor=decimal_of("0"))
