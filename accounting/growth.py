"""The growth of an account between years: five factors, Shapley per line, aggregated after.

The value of a line is extent × quantity per area × price, each as it comes out in either year,
under either year's method and within either year's boundary. A factor's effect is the mean of
what it changes over all orders in which the five can be moved from the one year to the other.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from accounting.method import Array
from ledger.core.errors import RuleBroken

Factor = Literal["extent", "quantity_per_area", "price", "method", "boundary"]
Whole = Literal["method", "boundary"]
FACTORS: tuple[Factor, ...] = ("extent", "quantity_per_area", "price", "method", "boundary")
ROUNDINGS = 128  # operations between a corner and a sum of effects, each half an ulp of a corner


@dataclass(eq=False)
class NotRecomputable(RuleBroken):
    """A line lacks a figure under one method or boundary, and nobody says what that comes from."""

    code = "growth.not-recomputable"
    title = "The line cannot be split, and does not say which factor it goes to whole"
    region: str
    ecosystem_type: str
    service: str


@dataclass(eq=False)
class YearsApart(RuleBroken):
    """Splits that are added up do not follow one another."""

    code = "growth.years-apart"
    title = "Each split begins in the year in which the one before ends"
    ends: int
    begins: int


@dataclass(frozen=True, slots=True)
class Line:
    """One service in one place; ``whole`` names the factor of what cannot be split."""

    region: str
    ecosystem_type: str
    service: str
    whole: Whole | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What two years have, each array by (year, method, boundary, line); nan where unknown.

    ``extent`` in hm2 (1 throughout for a service without an area), ``quantity`` in any unit U,
    ``price`` in CNY/U. Index 0 is of the earlier year, 1 of the later one.
    """

    years: tuple[int, int]
    lines: tuple[Line, ...]
    extent: Array
    quantity: Array
    price: Array


@dataclass(frozen=True, slots=True)
class Growth:
    """The effects in CNY by (factor, line); they sum to ``after - before`` within ``slack``."""

    years: tuple[int, int]
    lines: tuple[Line, ...]
    before: Array
    after: Array
    effects: Array
    slack: Array

    @property
    def whole(self) -> tuple[Line, ...]:
        """The lines that went whole to the factor they name."""
        return tuple(line for line in self.lines if line.whole)

    def by(self, key: Callable[[Line], str]) -> dict[str, dict[Factor, float]]:
        """Add up the effects of the lines that share a key: a service, a region, a type."""
        keys = [key(line) for line in self.lines]
        return {
            name: {
                factor: math.fsum(
                    effect for effect, of in zip(effects, keys, strict=True) if of == name
                )
                for factor, effects in zip(FACTORS, self.effects, strict=True)
            }
            for name in dict.fromkeys(keys)
        }

    def total(self) -> dict[Factor, float]:
        """Add up the effects of all lines, in CNY."""
        return {f: math.fsum(each) for f, each in zip(FACTORS, self.effects, strict=True)}


def split(observed: Observed) -> Growth:
    """Split the growth of every line.

    A line that is in one year only, or lacks a figure under the other method or boundary, goes
    whole to the factor it names; refused where it names none.
    """
    corners = _corners(observed)
    known = np.asarray(np.isfinite(corners).all(axis=(0, 1, 2, 3, 4)))
    lines = tuple(
        _named(line, split_=bool(each)) for line, each in zip(observed.lines, known, strict=True)
    )
    before, after = (np.nan_to_num(corners[(end,) * 5]) for end in (0, 1))
    effects = shapley(np.where(known, corners, 0.0))
    for place, line in enumerate(lines):
        if line.whole:
            effects[FACTORS.index(line.whole), place] = after[place] - before[place]
    return Growth(observed.years, lines, before, after, effects, slack(corners))


def shapley(corners: Array) -> Array:
    """Return the Shapley value of each axis, shape (axes, …), of corners of shape (2, 2, …, …).

    The weight of a change in which s of the other n - 1 axes have moved is s! (n - 1 - s)! / n!.
    """
    axes = len(FACTORS)
    moved = np.indices((2,) * (axes - 1)).sum(axis=0)
    weights = np.vectorize(math.factorial)(moved) * np.vectorize(math.factorial)(axes - 1 - moved)
    weights = weights / math.factorial(axes)
    changes = [np.take(corners, 1, axis) - np.take(corners, 0, axis) for axis in range(axes)]
    return np.stack([np.tensordot(weights, change, axes - 1) for change in changes])


def slack(corners: Array) -> Array:
    """Return by how much, in CNY, float64 may let the effects of a line miss its growth.

    In exact numbers the sum telescopes. Each effect is a mean of differences of the same corners,
    so that every rounding on the way is at most half an ulp of the largest corner.
    """
    largest = np.nan_to_num(np.abs(corners)).max(axis=tuple(range(len(FACTORS))))
    return np.asarray(ROUNDINGS * np.finfo(np.float64).eps * largest)


def chained(splits: Sequence[Growth]) -> Growth:
    """Return the growth of several years as the sum of the annual splits, line by line.

    A line of which any year went whole keeps the name of that factor; refuses a gap.
    """
    for one, other in pairwise(splits):
        if one.years[1] != other.years[0]:
            raise YearsApart(one.years[1], other.years[0])
    lines: dict[Line, int] = {}
    whole: dict[Line, Whole] = {}
    for each in splits:
        for line in each.lines:
            lines.setdefault(_unnamed(line), len(lines))
            if line.whole:
                whole.setdefault(_unnamed(line), line.whole)
    effects, slack_ = np.zeros((len(FACTORS), len(lines))), np.zeros(len(lines))
    for each in splits:
        at = [lines[_unnamed(line)] for line in each.lines]
        effects[:, at] += each.effects
        slack_[at] += each.slack
    first, last = splits[0], splits[-1]
    return Growth(
        (first.years[0], last.years[1]),
        tuple(replace(x, whole=whole[x]) if x in whole else x for x in lines),
        _placed(first.lines, first.before, lines), _placed(last.lines, last.after, lines),
        effects, slack_,
    )  # fmt: skip


def _corners(observed: Observed) -> Array:
    """Return the value of every line with each factor as in either year, shape (2,) * 5 + (n,)."""
    intensity = _per_area(observed.quantity, observed.extent)
    return np.asarray(
        np.einsum("embn,imbn,pmbn->eipmbn", observed.extent, intensity, observed.price)
    )


def _per_area(quantity: Array, extent: Array) -> Array:
    """Return quantity per area; where a year has no extent, that of the other year.

    What came with the extent is then the extent's, and not of an intensity that nobody saw.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        own = quantity / extent
    empty = (extent == 0) & (quantity == 0)
    other = np.where(empty[::-1], 0.0, own[::-1])
    return np.where(empty, other, np.where(extent == 0, np.nan, own))


def _named(line: Line, *, split_: bool) -> Line:
    if split_:
        return _unnamed(line)
    if line.whole is None:
        raise NotRecomputable(line.region, line.ecosystem_type, line.service)
    return line


def _unnamed(line: Line) -> Line:
    return replace(line, whole=None) if line.whole else line


def _placed(lines: Sequence[Line], values: Array, places: dict[Line, int]) -> Array:
    placed = np.zeros(len(places))
    placed[[places[_unnamed(line)] for line in lines]] = values
    return placed
