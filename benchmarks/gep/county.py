"""A made-up county, the same from its seed everywhere: what the draws are measured on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from accounting.methods import priced
from accounting.uncertainty.distribution import Distribution
from accounting.uncertainty.simulation import Readings, Shared, Term
from ledger.statements.statement import Label

SEED = 20_260_101
READ = Distribution("lognormal", (0.2,), why="made up")
PRICED = Distribution("lognormal", (0.15,), why="made up")


@dataclass(frozen=True)
class County:
    """Quantities by (service, year, cell) and a price for each service, all synthetic."""

    townships: int = 20
    types: int = 12
    services: int = 18
    years: int = 10

    @property
    def cells(self) -> int:
        """Townships × types: the cells of one service in one year."""
        return self.townships * self.types

    def quantities(self) -> Array:
        """Return the readings, shape (services, years, cells)."""
        shape = self.services, self.years, self.cells
        return np.random.default_rng(SEED).lognormal(10, 1, shape)

    def prices(self) -> Array:
        """Return the prices in CNY a unit, shape (services,)."""
        return np.random.default_rng(SEED + 1).uniform(1, 100, self.services)


QUICK = County(townships=2, types=3, services=4, years=2)


def value(readings: Mapping[str, Array], parameters: Mapping[str, Array]) -> Array:
    """Return quantity × price, by the method that most lines of a pack use."""
    return priced.METHOD.formula(quantity=readings["quantity"], price=parameters["price"])


def terms(county: County) -> Iterator[Term]:
    """Yield the county as the simulation takes it: a term for each service and year."""
    quantities, prices = county.quantities(), county.prices()
    for service in range(county.services):
        name = f"service-{service}"
        label = Label(name, name)
        price = Shared(f"price-{service}", label, float(prices[service]), PRICED)
        for year in range(county.years):
            names = tuple(f"{name}/{cell}/{year}" for cell in range(county.cells))
            centre = quantities[service, year]
            read = Readings(name, label, names, centre, (READ,) * county.cells)
            yield Term(name, year, True, value, {"quantity": read}, {"price": price})
