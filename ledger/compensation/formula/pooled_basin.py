"""A basin's pot (赤水河): paid in by one ratio, shared out by another, only the nets are paid.

Where a section misses its class, its losers give the agreed deduction to its gainers.
"""

from collections.abc import Iterator, Mapping

from ledger.compensation.sheet import Payment, Sheet, Step, Terms, money, step
from ledger.core.amount import CNY, Amount

MET = "met"


def assessed(terms: Terms) -> Sheet:
    """Assess a year: pot, contributions, shares, deductions, nets, and who pays whom."""
    pot = money(terms.number("pot"))
    contribute, distribute = terms.agreed_to("contribute"), terms.agreed_to("distribute")
    paid_in, shared = _by_ratio(pot, contribute), _by_ratio(pot, distribute)
    net = {party: shared[party] - paid_in[party] for party in paid_in}
    steps = [step("pot", "agreed", pot)]
    steps += _shares("contribution", contribute, paid_in)
    steps += _shares("share", distribute, shared)
    for section in terms.agreed_to("sections"):
        reading = terms.read(section["code"])
        steps.append(Step(section["code"], "annual mean class against target", *reading[1:3]))
        if reading.value != MET:
            moved = _deducted(terms, section)
            net = {party: net[party] + moved.get(party, _nothing()) for party in net}
            steps += _told(f"deduction {section['code']}", "losers to gainers", moved)
    steps += _told("net", "share − contribution ± deductions", net)
    return Sheet(tuple(steps), tuple(_payments(net)))


def _by_ratio(pot: Amount, ratio: Mapping[str, str]) -> dict[str, Amount]:
    weights = [int(weight) for weight in ratio.values()]
    return dict(zip(ratio, pot.split(weights), strict=True))


def _shares(name: str, ratio: Mapping[str, str], amounts: Mapping[str, Amount]) -> list[Step]:
    whole = sum(int(weight) for weight in ratio.values())
    return [
        step(f"{name} {party}", f"pot × {weight} / {whole}", amounts[party])
        for party, weight in ratio.items()
    ]


def _deducted(terms: Terms, section: Mapping[str, Mapping[str, str]]) -> dict[str, Amount]:
    deduction = money(terms.number("deduction"))
    lost, gained = (_by_ratio(deduction, section[side]) for side in ("losers", "gainers"))
    moved = {party: -amount for party, amount in lost.items()}
    for party, amount in gained.items():
        moved[party] = moved.get(party, _nothing()) + amount
    return moved


def _payments(net: Mapping[str, Amount]) -> Iterator[Payment]:
    """Let each net payer pay the net receivers in proportion to what they receive."""
    due = {party: amount.quanta for party, amount in net.items() if amount.quanta > 0}
    for payer, amount in net.items():
        if amount.quanta < 0:
            for payee, part in zip(due, (-amount).split(list(due.values())), strict=True):
                due[payee] -= part.quanta
                if part.quanta:
                    yield Payment(payer, payee, part)


def _told(name: str, expression: str, amounts: Mapping[str, Amount]) -> list[Step]:
    return [step(f"{name} {party}", expression, amount) for party, amount in amounts.items()]


def _nothing() -> Amount:
    return Amount(0, CNY)
