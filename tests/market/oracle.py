"""A second, slow implementation of the rules of matching, written from their definitions."""

from dataclasses import dataclass, field

Effects = list[tuple[object, ...]]


@dataclass
class Entry:
    """An order as the oracle keeps it."""

    id: int
    party: str
    group: str
    side: int
    price: int
    quantity: int


@dataclass
class Oracle:
    """Every open order in one list; each question walks all of it."""

    self_trade: str
    orders: list[Entry] = field(default_factory=list)

    def submit(self, order: Entry) -> Effects:
        """Meet whatever is best, one after the other, until nothing meets any more."""
        effects: Effects = []
        while order.quantity and (met := self._best(order)):
            quantity = min(order.quantity, met.quantity)
            if met.group == order.group:
                effects += self._kept_apart(order, met, quantity)
            else:
                effects.append(("fill", order.id, met.id, met.price, quantity))
                order.quantity -= quantity
                met.quantity -= quantity
                self.orders = [each for each in self.orders if each.quantity]
        self._rest(order)
        return effects

    def post(self, order: Entry) -> bool:
        """List an order unless it meets anybody."""
        if self._best(order):
            return False
        self._rest(order)
        return True

    def may_take(
        self, group: str, side: int, picks: tuple[tuple[int, int], ...], best: int
    ) -> bool:
        """Say whether these may be picked: each open, no better one left, within the best."""
        against = [each for each in self.orders if each.side == -side]
        named = {each.id: each for each in against if each.group != group}
        wanted = dict(picks)
        if not picks or len(wanted) < len(picks) or not wanted.keys() <= named.keys():
            return False
        if not all(0 < quantity <= named[id].quantity for id, quantity in picks):
            return False
        prices = sorted({each.price for each in against}, reverse=side < 0)[:best]
        for id in wanted:
            price = named[id].price
            better = [each for each in named.values() if (price - each.price) * side > 0]
            if price not in prices or any(wanted.get(e.id, 0) < e.quantity for e in better):
                return False
        return True

    def take(self, picks: tuple[tuple[int, int], ...]) -> None:
        """Take what was picked."""
        for id, quantity in picks:
            next(each for each in self.orders if each.id == id).quantity -= quantity
        self.orders = [each for each in self.orders if each.quantity]

    def withdraw(self, id: int) -> None:
        """Forget an order."""
        self.orders = [each for each in self.orders if each.id != id]

    def _best(self, order: Entry) -> Entry | None:
        meeting = [
            each
            for each in self.orders
            if each.side == -order.side and (order.price - each.price) * order.side >= 0
        ]
        return min(meeting, key=lambda each: (each.price * order.side, each.id), default=None)

    def _kept_apart(self, order: Entry, met: Entry, quantity: int) -> Effects:
        gone = {
            "cancel-newest": [(order, order.quantity)],
            "cancel-oldest": [(met, met.quantity)],
            "cancel-both": [(met, met.quantity), (order, order.quantity)],
            "decrement": [(met, quantity), (order, quantity)],
        }[self.self_trade]
        for each, less in gone:
            each.quantity -= less
        self.orders = [each for each in self.orders if each.quantity]
        return [("withdrawal", each.id, less) for each, less in gone]

    def _rest(self, order: Entry) -> None:
        self.orders = [each for each in [*self.orders, order] if each.quantity]
