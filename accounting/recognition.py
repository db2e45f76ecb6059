"""The one place where an estimate becomes an amount: of money, or of a right."""

from dataclasses import dataclass
from decimal import Decimal

from ledger.core.amount import Amount, Commodity
from ledger.core.errors import RuleBroken


@dataclass(eq=False)
class NotRecognisable(RuleBroken):
    """An estimate that is missing or no finite number cannot become an amount."""

    code = "recognition.not-finite"
    title = "The estimate is no finite number"
    estimate: str


def recognise(estimate: float, commodity: Commodity) -> Amount:
    """Round an estimate, in the commodity's unit, half up (四舍五入) to its smallest part."""
    value = Decimal(repr(float(estimate)))
    if not value.is_finite():
        raise NotRecognisable(repr(estimate))
    return Amount.rounded(value, commodity)
