"""The reference: the same draws with one dense array for each service and no loop over cells."""

import numpy as np

from accounting.method import Array
from accounting.uncertainty.simulation import Input, Simulation
from benchmarks.gep.county import PRICED, READ, County
from ledger.statements.statement import Label


def simulate(county: County, draws: int, seed: int) -> Simulation:
    """Return what the simulation returns, from other draws of the same distributions."""
    generator = np.random.default_rng(seed)
    quantities, prices = county.quantities(), county.prices()
    factors = _lognormal(generator, PRICED.numbers[0], (county.services, draws))
    totals = np.zeros((county.years, draws))
    services: dict[tuple[str, int], Array] = {}
    inputs: dict[int, dict[str, Input]] = {year: {} for year in range(county.years)}
    for service in range(county.services):
        shape = county.years, county.cells, draws
        drawn = quantities[service][:, :, None] * _lognormal(generator, READ.numbers[0], shape)
        values = (drawn * (prices[service] * factors[service])).sum(axis=1)
        alone = (drawn * prices[service]).sum(axis=1)
        totals += values
        for year in range(county.years):
            name = f"service-{service}"
            label = Label(name, name)
            services[name, year] = values[year]
            inputs[year][f"price-{service}"] = Input(label, frozenset(), factors[service])
            inputs[year][f"{name}/{year}"] = Input(label, frozenset(), alone[year])
    estimates = quantities.sum(axis=2) * prices[:, None]
    return Simulation(
        draws, seed, services, dict(enumerate(totals)),
        {(name, year): float(estimates[int(name.split("-")[1]), year]) for name, year in services},
        dict(enumerate(estimates.sum(axis=0).tolist())), inputs,
    )  # fmt: skip


def _lognormal(generator: np.random.Generator, cv: float, shape: tuple[int, ...]) -> Array:
    """Return factors with mean 1 and this coefficient of variation."""
    variance = np.log1p(cv**2)
    drawn = generator.standard_normal(shape) * np.sqrt(variance) - variance / 2
    return np.asarray(np.exp(drawn))
