"""One scheme form a file: pure functions from terms and readings to a formula sheet."""

from collections.abc import Callable, Mapping

from ledger.compensation.formula import area_and_people, gep_purchase, pooled_basin
from ledger.compensation.sheet import Sheet, Terms

FORMULAS: Mapping[str, Callable[[Terms], Sheet]] = {
    "area-and-people": area_and_people.assessed,
    "gep-purchase": gep_purchase.assessed,
    "pooled-basin": pooled_basin.assessed,
}
