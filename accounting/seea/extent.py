"""Ecosystem extent: the area of each type, and what became of it in the accounting period."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accounting.method import Array
from ledger.core.errors import RuleBroken

Map = npt.NDArray[np.int64]


@dataclass(eq=False)
class DifferentArea(RuleBroken):
    """Two maps of one area do not cover the same cells, or hold a type that is not listed."""

    code = "seea.different-area"
    title = "The two maps do not show the same area in listed types"
    cells: int


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """Areas in hm2 of T types: what stayed, shape (T,), and what was converted, shapes (T, T).

    ``managed[i, j]`` was turned from type i into type j by people, ``unmanaged[i, j]`` not.
    """

    types: tuple[str, ...]
    unchanged: Array
    managed: Array
    unmanaged: Array

    @property
    def change_matrix(self) -> Array:
        """The areas in hm2 by opening type (rows) and closing type (columns)."""
        return self.managed + self.unmanaged + np.diag(self.unchanged)

    @property
    def opening(self) -> Array:
        """The area of each type at the start, in hm2: the sums of the rows."""
        areas: Array = self.change_matrix.sum(axis=1)
        return areas

    @property
    def closing(self) -> Array:
        """The area of each type at the end, in hm2: the sums of the columns."""
        areas: Array = self.change_matrix.sum(axis=0)
        return areas

    @property
    def net_change(self) -> Array:
        """Closing less opening extent, in hm2; over all types it is zero."""
        return self.closing - self.opening


def change_matrix(*, opening: Map, closing: Map, types: int, cell_area: float) -> Array:
    """Cross two maps of type numbers (0 to types - 1, -1 outside the area) into areas by type.

    Shape (types, types), in the unit of ``cell_area``. Refuses maps that differ in what is inside.
    """
    inside = (opening >= 0) & (closing >= 0)
    wrong = (inside != ((opening != -1) | (closing != -1))) | (
        np.maximum(opening, closing) >= types
    )
    if wrong.any():
        raise DifferentArea(int(wrong.sum()))
    pairs = opening[inside] * types + closing[inside]
    cells = np.bincount(pairs, minlength=types * types).reshape(types, types)
    return cells.astype(np.float64) * cell_area
