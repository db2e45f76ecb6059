"""The choice of method, as a range over packs: shown beside the bands, never mixed into draws."""

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from accounting import pack, run
from accounting.account import Account
from accounting.case import Case
from accounting.pack import GEP, GEP_NAME, Pack
from accounting.run import OtherEcosystemList
from ledger.core.errors import InputRefused, RuleBroken
from ledger.statements.statement import Label


@dataclass(eq=False)
class OtherAccount(RuleBroken):
    """A range over packs is of one case and one year."""

    code = "uncertainty.other-account"
    title = "A range over packs takes the accounts of one case and one year"
    case: str
    year: int


@dataclass(frozen=True, slots=True)
class MethodRange:
    """What one service, or GEP, comes to in CNY under each pack; None where a pack lacks it."""

    service: str
    name: Label
    values: Mapping[str, float | None]

    @property
    def lowest(self) -> float:
        """The least of the packs that value it."""
        return min(each for each in self.values.values() if each is not None)

    @property
    def highest(self) -> float:
        """The most of the packs that value it."""
        return max(each for each in self.values.values() if each is not None)


def beside(own: Pack) -> tuple[Pack, ...]:
    """Return the latest edition of every other pack that speaks of the same ecosystem types."""
    latest = [pack.load(id) for id in pack.known()]
    others = [each for each in latest if (each.id, each.edition) != (own.id, own.edition)]
    return tuple(each for each in others if each.ecosystems == own.ecosystems)


def under_packs(
    case: Case, year: int, own: Pack, others: Iterable[Pack] | None = None
) -> tuple[Account, ...]:
    """Run a case under its own pack and every other (all, unless said) that can value it."""
    accounts = [run.run(case, own, year)]
    for other in beside(own) if others is None else others:
        with suppress(InputRefused, OtherEcosystemList):
            accounts.append(run.run(case, other, year))
    return tuple(accounts)


def over_packs(accounts: Sequence[Account]) -> tuple[MethodRange, ...]:
    """Set the accounts of one case and year under several packs side by side, GEP last."""
    for each in accounts[1:]:
        if (each.case, each.year) != (accounts[0].case, accounts[0].year):
            raise OtherAccount(each.case, each.year)
    names: dict[str, Label] = {}
    for line in (line for account in accounts for line in account.counted):
        names.setdefault(line.service, line.name)
    ranges = [
        MethodRange(service, name, {_pack(each): _value(each, service) for each in accounts})
        for service, name in names.items()
    ]
    total = MethodRange(GEP, GEP_NAME, {_pack(each): each.gep_cny for each in accounts})
    return (*(each for each in ranges if set(each.values.values()) != {None}), total)


def _pack(account: Account) -> str:
    return f"{account.pack.id} {account.pack.edition}"


def _value(account: Account, service: str) -> float | None:
    values = [x.value_cny for x in account.counted if x.service == service]
    known = [each for each in values if each is not None]
    return math.fsum(known) if known else None
