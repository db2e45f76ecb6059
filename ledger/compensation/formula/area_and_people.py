"""A payment by measures (金华 饮用水源): so much for each mu of catchment and each person in it."""

from ledger.compensation.sheet import Payment, Sheet, Terms, money, step
from ledger.core.amount import CNY, Amount, decimal_of


def assessed(terms: Terms) -> Sheet:
    """Assess a year: each measure times its rate, added up."""
    steps, total = [], Amount(0, CNY)
    for measure, rate in terms.agreed_to("rates").items():
        reading = terms.read(measure)
        part = money(decimal_of(rate, measure) * reading.decimal)
        steps.append(step(measure, f"{rate} × {reading.value} {reading.unit}", part))
        total += part
    steps.append(step("total", "sum", total))
    return Sheet(
        tuple(steps), (Payment(terms.agreed_to("payer"), terms.agreed_to("payee"), total),)
    )
