"""From year to year: a vintage carried over, a lasting entitlement that issues each year's."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR

from ledger.core.amount import Amount, Commodity
from ledger.core.draft import Draft, credit, debit
from ledger.core.errors import RuleBroken
from ledger.core.refusals import Malformed
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.instrument import Instrument
from ledger.rights.registry import BY_CARRY, ISSUED


@dataclass(eq=False)
class OverCarry(RuleBroken):
    """More would be carried over than the rule allows."""

    code = "rights.over-carry"
    title = "More would be carried over than the rule allows"
    amount: str
    allowed: str


@dataclass(eq=False)
class OverEntitlement(RuleBroken):
    """More would be issued for a year than the holder's entitlement carries."""

    code = "rights.over-entitlement"
    title = "More would be issued for the year than the entitlement carries"
    entitlement: str
    amount: str
    left: str


def carry_max(rules: Instrument, net_sold: int, event: Event) -> int:
    """Return how much may be carried over: net sold (not below 0) times a factor, and a base."""
    factor = rules.number("carry-per-net-sold", event.on)
    allowed = max(net_sold, 0) * factor + rules.number("carry-base", event.on)
    return int(allowed.to_integral_value(ROUND_FLOOR))


def carrying(event: Event, facts: Facts) -> Draft:
    """R21: exchange a vintage for a later one, one for one, as far as the rule goes."""
    event.require("carry-over")
    book, (amount,) = event.registry, event.amounts
    if event.into is None or event.into.instrument is not event.instrument:
        raise Malformed("into", "is no right of the same kind")
    if event.into.commodity.code <= amount.commodity.code:
        raise Malformed("into", "is no later vintage")
    left = carry_max(event.instrument, facts.net_sold, event) - facts.carried
    if amount.quanta > left:
        raise OverCarry(str(amount), str(Amount(max(left, 0), amount.commodity)))
    later = Amount(amount.quanta, event.into.commodity)
    moved = event.moved(book.sink("Converted"), book.holding(event.holder))
    new = (debit(book.holding(event.holder), later), credit(book.at(BY_CARRY), later))
    return event.draft((*moved, *new))


def accruing(event: Event, facts: Facts) -> Draft:
    """Issue a year's right to whoever has the entitlement: the share that was announced of it."""
    book, (amount,), (right,) = event.registry, event.amounts, event.rights
    rules = event.instrument
    if not rules.entitlement or amount.commodity.code == _entitlement(rules, right.parts).code:
        raise Malformed("right", "is no year's right of an entitlement")
    lasting = _entitlement(rules, right.parts)
    year, code = amount.commodity, book.code
    accrued = book.accrual(event.holder, ISSUED)
    own = facts.total(f"{code}:Holding:{event.holder}:", lasting) * event.share
    all_ = facts.total(f"{code}:{ISSUED}", lasting) * event.share
    of_all = sum(
        quanta for (account, right), quanta in facts.standing.items()
        if right == year.code and account.startswith(f"{code}:Accrual:")
        and account.endswith(f":{ISSUED}")
    )  # fmt: skip
    left = min(int(own) - facts.at(accrued, year).quanta, int(all_) - of_all)
    if amount.quanta > left:
        raise OverEntitlement(lasting.code, str(amount), str(Amount(max(left, 0), year)))
    memo = (debit(accrued, amount), credit(book.accrual(event.holder, "Contra"), amount))
    return event.draft((*event.moved(book.holding(event.holder), book.at(ISSUED)), *memo))


def _entitlement(rules: Instrument, parts: Mapping[str, str]) -> Commodity:
    code = rules.entitlement.format(**parts)
    return Commodity(code, rules.unit, rules.scale, rules.kind, rules.id)
