"""A purchase of gross ecosystem product (云和): a rate of GEP, paid in instalments."""

from ledger.compensation.sheet import Payment, Sheet, Step, Terms, money, step
from ledger.core.amount import decimal_of


def assessed(terms: Terms) -> Sheet:
    """Assess the price and its instalments; the last one takes what is left over."""
    base, rate = terms.read("gep").decimal, terms.number("rate")
    total = money(base * rate)
    steps = [
        Step("GEP", "as recognised", terms.read("gep").value, "CNY"),
        step("price", f"GEP × {rate}", total),
    ]
    payments, left = [], total
    shares = terms.agreed_to("instalments")
    for number, share in enumerate(shares, start=1):
        last = number == len(shares)
        part = left if last else money(total.value * decimal_of(share, "instalments"))
        left -= part
        expression = "price − earlier instalments" if last else f"price × {share}"
        steps.append(step(f"instalment {number}", expression, part))
        payer, payee = terms.agreed_to("payer"), terms.agreed_to("payee")
        payments.append(Payment(payer, payee, part, f"{number}"))
    return Sheet(tuple(steps), tuple(payments))
