"""The formula sheet: every step from what was agreed and read to what is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.core.amount import CNY, Amount, canonical, decimal_of
from ledger.core.errors import RuleBroken


@dataclass(eq=False)
class MissingTerm(RuleBroken):
    """The agreement, as published, lacks a term that these readings need."""

    code = "compensation.missing-term"
    title = "The agreement as published lacks a term that is needed"
    scheme: str
    term: str


@dataclass(eq=False)
class MissingReading(RuleBroken):
    """The assessment needs a reading that nobody has given."""

    code = "compensation.missing-reading"
    title = "The assessment needs a reading that was not given"
    scheme: str
    reading: str


class Reading(NamedTuple):
    """One thing measured or counted: the digits as typed, its unit, and where it comes from."""

    code: str
    value: str
    unit: str
    source: str

    @property
    def decimal(self) -> Decimal:
        """The value as a number."""
        return decimal_of(self.value, self.code)


class Step(NamedTuple):
    """One step of the computation, as an auditor would write it down."""

    name: str
    expression: str
    value: str
    unit: str


class Payment(NamedTuple):
    """Who owes whom how much; an instalment carries its name."""

    payer: str
    payee: str
    amount: Amount
    instalment: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All steps in order, and the payments they lead to."""

    steps: tuple[Step, ...]
    payments: tuple[Payment, ...]


class Terms(NamedTuple):
    """What was agreed, as data, with the readings of the period."""

    scheme: str
    agreed: Mapping[str, Any]
    readings: Mapping[str, Reading]

    def number(self, name: str) -> Decimal:
        """Return an agreed number, or refuse."""
        return decimal_of(self.agreed_to(name), name)

    def agreed_to(self, name: str) -> Any:
        """Return an agreed term of any kind, or refuse."""
        if name not in self.agreed:
            raise MissingTerm(self.scheme, name)
        return self.agreed[name]

    def read(self, code: str) -> Reading:
        """Return a reading, or refuse."""
        if code not in self.readings:
            raise MissingReading(self.scheme, code)
        return self.readings[code]


def money(value: Decimal) -> Amount:
    """Round an assessed sum half up to the fen."""
    return Amount.rounded(value, CNY)


def step(name: str, expression: str, value: Decimal | Amount, unit: str = "CNY") -> Step:
    """Write a step."""
    return Step(
        name, expression, str(value) if isinstance(value, Amount) else canonical(value), unit
    )
