"""What the spread of a total comes from: squared rank correlations, normalised to 1."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from accounting.uncertainty.distribution import ASSUMED
from accounting.uncertainty.simulation import Input
from ledger.statements.statement import Label

SHOWN_FROM = 0.01


@dataclass(frozen=True, slots=True)
class Contribution:
    """The share of the variance of a total that goes with one input; shares add up to 1."""

    input: str
    label: Label
    share: float
    tags: frozenset[str]

    @property
    def shown(self) -> bool:
        """Whether it is worth a line: from one in a hundred on."""
        return self.share >= SHOWN_FROM

    @property
    def assumed(self) -> bool:
        """Whether any of its distributions is assumed."""
        return ASSUMED in self.tags


def contributions(inputs: Mapping[str, Input], total: Array) -> tuple[Contribution, ...]:
    """Return the share of every input in the variance of a total, largest first.

    A parameter is one input wherever it is used; the readings of one quantity are one. Shares
    are of what monotone effects explain: they tell nothing of interactions.
    """
    ranked = _ranks(total)
    squares = {name: float(_ranks(each.drawn) @ ranked) ** 2 for name, each in inputs.items()}
    whole = sum(squares.values())
    found = [
        Contribution(name, inputs[name].label, square / whole if whole else 0.0, inputs[name].tags)
        for name, square in squares.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.share, each.input)))


def assumed_share(found: tuple[Contribution, ...]) -> float:
    """Return the share of the variance that rests on assumed distributions."""
    return sum(each.share for each in found if each.assumed)


def _ranks(drawn: Array) -> Array:
    """Return ranks about their mean, scaled to length 1; nothing where nothing varies."""
    if not np.ptp(drawn):
        return np.zeros(drawn.size)
    ranks = np.empty(drawn.size)
    ranks[np.argsort(drawn)] = np.arange(drawn.size) - (drawn.size - 1) / 2
    return np.asarray(ranks / np.linalg.norm(ranks))
