"""Supply and use of ecosystem services: who supplied each, who used it, and that both agree."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from ledger.statements.statement import Label

IMPORTS: Mapping[str, Label] = {
    "imports/final": Label("进口：最终服务", "Imports, final"),
    "imports/intermediate": Label("进口：中间服务", "Imports, intermediate"),
}
EXPORTS: Mapping[str, Label] = {
    "exports/final": Label("出口：最终服务", "Exports, final"),
    "exports/intermediate": Label("出口：中间服务", "Exports, intermediate"),
}


@dataclass(frozen=True, slots=True, eq=False)
class SupplyUse:
    """Flows of S services over a period, each service in its own unit, or all in one currency.

    ``supply`` (S, T + 2): ecosystem types, then IMPORTS. ``use`` (S, U + T + 2): economic units,
    then ecosystem types (their use is intermediate), then EXPORTS.
    """

    services: tuple[str, ...]
    types: tuple[str, ...]
    economic_units: tuple[str, ...]
    supply: Array
    use: Array

    @property
    def suppliers(self) -> tuple[str, ...]:
        """The columns of supply."""
        return (*self.types, *IMPORTS)

    @property
    def users(self) -> tuple[str, ...]:
        """The columns of use."""
        return (*self.economic_units, *self.types, *EXPORTS)

    @property
    def imbalance(self) -> Array:
        """Total supply less total use of each service (S,): zero in a table that holds."""
        difference: Array = self.supply.sum(axis=1) - self.use.sum(axis=1)
        return difference

    def supplied(self, *suppliers: str) -> Array:
        """Add up what these supply, by service (S,)."""
        columns = [self.suppliers.index(each) for each in suppliers]
        flows: Array = self.supply[:, columns].sum(axis=1)
        return flows

    def used(self, *users: str) -> Array:
        """Add up what these use, by service (S,)."""
        columns = [self.users.index(each) for each in users]
        flows: Array = self.use[:, columns].sum(axis=1)
        return flows

    def valued(self, prices: Array) -> "SupplyUse":
        """Return the same in money: supply at its prices (S, T + 2), use at the average of them.

        One average for all users of a service, so that the values balance where quantities do.
        """
        value = self.supply * prices
        quantity = self.supply.sum(axis=1)
        none = quantity == 0
        average = np.where(none, 0.0, value.sum(axis=1) / np.where(none, 1.0, quantity))
        return SupplyUse(
            self.services, self.types, self.economic_units, value, self.use * average[:, None]
        )

    def gross_ecosystem_product(self) -> float:
        """Return final services supplied here, less net imports of intermediate ones (SEEA 9.18).

        Of a monetary table; in its currency.
        """
        imported = self.supplied("imports/intermediate") - self.used("exports/intermediate")
        intermediate = self.used(*self.types) - imported
        final = self.supplied(*self.types) - intermediate
        return float((final - imported).sum())
