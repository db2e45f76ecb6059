"""A position: one account in one commodity, with its bounds in quanta, as a batch moves it."""

import datetime as dt

from ledger.core.account import Account, Side
from ledger.core.amount import QUANTA_MAX, Amount, Commodity
from ledger.core.record import spot

NEVER = dt.date.min
Totals = tuple[int, int, int, int, dt.date]
NOTHING: Totals = (0, 0, 0, 0, NEVER)


class Position:
    """Debits and credits, posted and held, of one account in one commodity, in quanta.

    ``stored``: whether the database has a balance of it; ``moved_in``: the batch that last moved
    it; ``packed``: how the store names it, once it was asked; ``day``: on which it moved since
    debits and credits were ``day_dr`` and ``day_cr``. What its account may do is worked out once,
    when the position is first needed.
    """

    __slots__ = (
        "account", "ceiling", "code", "commodity", "cr", "cr_held", "day", "day_cr", "day_dr",
        "dr", "dr_held", "entity",
        "floor", "group", "latest", "moved_in", "ordered", "packed", "scale", "sign", "spot",
        "stored", "symbol", "usable",
    )  # fmt: skip

    def __init__(
        self, account: Account, commodity: Commodity, totals: Totals | None = None
    ) -> None:
        self.commodity = commodity
        self.symbol, self.scale = commodity.code, commodity.scale
        self.dr, self.cr, self.dr_held, self.cr_held, self.latest = totals or NOTHING
        self.day, self.day_dr, self.day_cr = NEVER, self.dr, self.cr
        self.stored = totals is not None
        self.moved_in = 0
        self.packed = b""
        self.spot = spot(account.code, commodity.code)
        self.ruled_by(account)

    def ruled_by(self, account: Account) -> None:
        """Take the bounds and the state of an account, now and whenever they change."""
        self.account = account
        self.code, self.entity = account.code, account.entity
        bound = account.bound(self.commodity)
        self.floor = bound.floor_quanta(self.commodity)
        self.ceiling = bound.ceiling_quanta(self.commodity)
        self.sign = 1 if account.normal is Side.DEBIT else -1
        self.group = f"{self.entity} {account.basis} {self.symbol}"
        self.ordered = self.commodity.kind != "money" or account.basis == "clearing"
        accepted = not account.kinds or self.commodity.kind in account.kinds
        self.usable = accepted and account.state == "open"

    @property
    def key(self) -> tuple[str, str]:
        """Account code and commodity code."""
        return self.code, self.symbol

    @property
    def signed(self) -> int:
        """The debit-positive balance."""
        return self.dr - self.cr

    @property
    def available(self) -> int:
        """What may go out: the balance on the normal side, less what is held to go out."""
        if self.sign > 0:
            return self.dr - self.cr - self.cr_held
        return self.cr - self.dr - self.dr_held

    @property
    def filled(self) -> int:
        """What counts against the ceiling: the balance, and what is held to come in."""
        if self.sign > 0:
            return self.dr - self.cr + self.dr_held
        return self.cr - self.dr + self.cr_held

    def takes(self, quanta: int, on: dt.date) -> bool:
        """Say whether so many debit-positive quanta, on a day, come near no bound at all."""
        towards = quanta * self.sign
        if towards < 0:
            if self.floor is not None and self.available + towards < self.floor:
                return False
        elif self.ceiling is not None and self.filled + towards > self.ceiling:
            return False
        most = max(self.dr + self.dr_held, self.cr + self.cr_held)
        return most + abs(quanta) <= QUANTA_MAX and not (self.ordered and on < self.latest)

    def was_available(self, totals: Totals) -> int:
        """What might go out when the totals were these."""
        dr, cr, dr_held, cr_held, _ = totals
        return dr - cr - cr_held if self.sign > 0 else cr - dr - dr_held

    def was_filled(self, totals: Totals) -> int:
        """What counted against the ceiling when the totals were these."""
        dr, cr, dr_held, cr_held, _ = totals
        return dr - cr + dr_held if self.sign > 0 else cr - dr + cr_held

    def there(self, side: Side) -> int:
        """All that is there to be taken by a posting on a side, never negative."""
        taken = self.dr + self.dr_held, self.cr + self.cr_held
        left = self.cr - taken[0] if side is Side.DEBIT else self.dr - taken[1]
        outgoing = (side is Side.CREDIT) == (self.sign > 0)
        return max(0, left - (self.floor or 0 if outgoing else 0))

    def hold(self, side: Side, quanta: int) -> None:
        """Hold more on a side, or (negative) less."""
        if side is Side.DEBIT:
            self.dr_held += quanta
        else:
            self.cr_held += quanta

    def begin_day(self, on: dt.date) -> tuple[int, int]:
        """Count anew what moves on a day; return the debits and credits of the day before."""
        moved = self.dr - self.day_dr, self.cr - self.day_cr
        self.day, self.day_dr, self.day_cr = on, self.dr, self.cr
        return moved

    @property
    def totals(self) -> Totals:
        """All that moves."""
        return self.dr, self.cr, self.dr_held, self.cr_held, self.latest

    def restore(self, totals: Totals) -> None:
        """Put back what was taken down before."""
        self.dr, self.cr, self.dr_held, self.cr_held, self.latest = totals

    def amount(self, quanta: int) -> Amount:
        """Say quanta of this commodity as an amount."""
        return Amount(quanta, self.commodity)
