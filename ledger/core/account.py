"""Where commodities stand: an account of one entity, on one basis, with its bounds."""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from ledger.core.amount import COMMODITY_KINDS, EXACT, Commodity
from ledger.core.refusals import CommodityNotAccepted, Malformed

CLASSES = ("asset", "liability", "equity", "income", "expense", "memo")
DEBIT_CLASSES = ("asset", "expense", "memo")
BASES = ("accrual", "budget", "registry", "clearing", "memo")
STATES = ("open", "frozen", "closed")
ANY_COMMODITY = "*"
CODE_FORM = re.compile(r"[A-Za-z0-9一-鿿_-]+(:[A-Za-z0-9一-鿿_-]+)+")
CODE_LENGTH_MAX = 120


class Side(IntEnum):
    """The two columns of an account."""

    DEBIT = 0
    CREDIT = 1


class AccountRef(NamedTuple):
    """An account as a draft names it: its code and the basis it balances on."""

    code: str
    basis: str

    @property
    def entity(self) -> str:
        """The accounting entity (会计主体): the first segment of the code."""
        return self.code.partition(":")[0]


class Entity(NamedTuple):
    """One entity's accounts on one basis: ``Entity("T520000", "accrual")("1001国库存款")``."""

    code: str
    basis: str

    def __call__(self, path: str) -> AccountRef:
        """Name one of its accounts."""
        return AccountRef(f"{self.code}:{path}", self.basis)


@dataclass(frozen=True, slots=True)
class Bound:
    """Floor and ceiling on the normal side, in units, of one commodity or (``*``) of each."""

    commodity: str
    floor: Decimal | None = None
    ceiling: Decimal | None = None

    def floor_quanta(self, commodity: Commodity) -> int | None:
        """Return the floor in quanta, rounded to the stricter side."""
        return _quanta(self.floor, commodity, ROUND_CEILING)

    def ceiling_quanta(self, commodity: Commodity) -> int | None:
        """Return the ceiling in quanta, rounded to the stricter side."""
        return _quanta(self.ceiling, commodity, ROUND_FLOOR)


UNBOUNDED = Bound(ANY_COMMODITY)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a book; its code begins with its entity, its party is a column."""

    code: str
    class_: str
    basis: str
    normal: Side = Side.DEBIT
    party: UUID | None = None
    kinds: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    always_zero_days: int | None = None
    state: str = "open"
    no: int = 0

    def __post_init__(self) -> None:
        if not CODE_FORM.fullmatch(self.code) or len(self.code) > CODE_LENGTH_MAX:
            raise Malformed("account.code", f"{self.code!r} is not an account code")
        _one_of("account.class", self.class_, CLASSES)
        _one_of("account.basis", self.basis, BASES)
        _one_of("account.state", self.state, STATES)
        for kind in self.kinds:
            _one_of("account.kinds", kind, COMMODITY_KINDS)

    @property
    def ref(self) -> AccountRef:
        """The account as a draft names it."""
        return AccountRef(self.code, self.basis)

    @property
    def entity(self) -> str:
        """The accounting entity: the first segment of the code."""
        return self.code.partition(":")[0]

    def accept(self, commodity: Commodity) -> None:
        """Refuse a commodity of a kind that this account does not take; no kinds takes all."""
        if self.kinds and commodity.kind not in self.kinds:
            raise CommodityNotAccepted(self.code, commodity.code, commodity.kind)

    def bound(self, commodity: Commodity) -> Bound:
        """Return the bound stated for this commodity, else the one for any."""
        stated = {bound.commodity: bound for bound in self.bounds}
        return stated.get(commodity.code, stated.get(ANY_COMMODITY, UNBOUNDED))


def normal_side(class_: str) -> Side:
    """Return the side on which accounts of a class grow, unless one says otherwise."""
    return Side.DEBIT if class_ in DEBIT_CLASSES else Side.CREDIT


def _one_of(at: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Malformed(at, f"{value!r} is none of {', '.join(allowed)}")


def _quanta(limit: Decimal | None, commodity: Commodity, rounding: str) -> int | None:
    if limit is None:
        return None
    return int(limit.scaleb(commodity.scale, EXACT).to_integral_value(rounding))
