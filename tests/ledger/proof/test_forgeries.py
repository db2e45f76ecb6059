"""Every law of the ledger, broken in an export that is sealed again: found, and named.

Who owns the database can work out every leaf and root again; what the records say must still obey
the laws, and the second implementation holds each of them.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.proof.verify import verify
from tests.ledger.proof.history import (
    APPROVER,
    BANK,
    CASH_MILL,
    CASH_PLANT,
    MILL,
    PLANT,
    PREPARER,
    Exported,
    Json,
    id_of,
    minute,
)

Forge = Callable[[Exported], Json]
LATER = "2099-01-01T00:00:00.000000Z"


def changed(name: str, kind: str = "transaction", **fields: Any) -> Forge:
    """Change fields of a record."""

    def forge(history: Exported) -> Json:
        line = history.named(name, kind)
        line.update(fields)
        return line

    return forge


def posting(name: str, number: int, **fields: Any) -> Forge:
    """Change fields of a posting."""

    def forge(history: Exported) -> Json:
        line = history.named(name)
        line["postings"][number].update(fields)
        return line

    return forge


def again(name: str, kind: str = "transaction", **fields: Any) -> Forge:
    """Put a changed copy of a record behind the last one."""
    return lambda history: history.last(history.named(name, kind), **fields)


def moving(*moved: tuple[str, int], **fields: Any) -> Forge:
    """Put a transaction behind the last one."""
    return lambda history: history.moving("forged", *moved, **fields)


def holding(*lines: tuple[str, int, str], **fields: Any) -> Forge:
    """Put a hold behind the last record."""
    return lambda history: history.holding("forged", *lines, **fields)


def taking(hold: str, line: int, quanta: int) -> Forge:
    """Put a transaction behind the last one that takes of a hold."""
    taken = {"hold": id_of(hold), "line": line, "quanta": str(quanta), "final": False}
    return moving((BANK, 1), (CASH_PLANT, -1), consumes=[taken])


def removed(name: str, kind: str, named: str, named_kind: str = "transaction") -> Forge:
    """Leave a record out; another one is named."""

    def forge(history: Exported) -> Json:
        history.lines.remove(history.named(name, kind))
        return history.named(named, named_kind)

    return forge


def first_record_left_out(history: Exported) -> Json:
    """Begin with an account."""
    history.lines.pop(1)
    return history.lines[1]


def record_behind_the_balances(history: Exported) -> Json:
    """Put the last transaction in front of the head."""
    line = history.named("last")
    history.lines.remove(line)
    history.lines.insert(-1, line)
    return line


def expiry_too_late(history: Exported) -> Json:
    """Let something else be booked before the expiry that is due."""
    line = history.kind("expiry")
    after = history.named("after")
    history.lines.remove(line)
    history.lines.insert(history.lines.index(after) + 1, line)
    return after


def expiry_too_early(history: Exported) -> Json:
    """Give a hold more time, and let it expire when it did."""
    line = history.kind("expiry")
    history.named("short", "hold")["deadline"] = line["deadline"] = LATER
    return line


def taken_more_than_asked(history: Exported) -> Json:
    """Ask for less than was taken."""
    line = history.named("sweep")
    line["up_to"][0]["quanta"] = "1"
    return line


def two_amounts_of_at_most(history: Exported) -> Json:
    """Let two lines ask for different amounts."""
    line = history.named("sweep")
    line["up_to"].append({"line": 2, "quanta": "99"})
    return line


def asked_by_no_line(history: Exported) -> Json:
    """Let a line ask that is not there."""
    line = history.named("sweep")
    line["up_to"][0]["line"] = 3
    return line


def another_scale(history: Exported) -> Json:
    """Shift the point of every amount: the leaf holds whole quanta and stays the same."""
    line = history.named("levy")
    for each in line["postings"]:
        each["amount"] = each["amount"].replace("00.", "0.0")
    return line


def zero_without_a_hold(history: Exported) -> Json:
    """Move nothing, and consume no more than the approval."""
    line = history.named("approved")
    for each in line["postings"]:
        each["amount"] = "0.00"
    return line


def approved_when_rejected(history: Exported) -> Json:
    """Post what the second person turned down."""
    id, digest = id_of("rejected"), history.named("rejected", "hold")["digest"]
    consumes = [{"hold": id, "line": 0, "quanta": "0", "final": True}]
    return history.last(history.named("approved"), id=id, digest=digest, consumes=consumes)


def not_zero_at_the_close(history: Exported) -> Json:
    """Leave something in transit when the period closes again."""
    line = history.named("corrected")
    line["postings"][0]["account"] = "T1:Transit"
    return [each for each in history.lines if each.get("state") == "closed"][-1]


def voucher(name: str, **fields: Any) -> Forge:
    """Change the voucher of a fiscal transaction."""

    def forge(history: Exported) -> Json:
        line = history.named(name)
        number = line["periods"][0]["voucher"]
        line["periods"][0]["voucher"] = {**number, **fields} if fields else None
        return line

    return forge


def voucher_of_a_trade(history: Exported) -> Json:
    """Number what is not fiscal."""
    line = history.named("trade")
    line["periods"][0]["voucher"] = {"type": "记", "number": 1}
    return line


def in_period(name: str, period: str) -> Forge:
    """Put a transaction into another period."""

    def forge(history: Exported) -> Json:
        line = history.named(name)
        line["periods"][0]["period"] = period
        return line

    return forge


def balance(of: str, **fields: str) -> Forge:
    """State another balance."""

    def forge(history: Exported) -> Json:
        history.balance(of).update(fields)
        return {}

    return forge


def no_balance(history: Exported) -> Json:
    """Leave a balance out."""
    history.lines.remove({"balance": history.balance(PLANT)})
    return {}


NO_ONE = id_of("nobody")
PERIOD = {"entity": "T1", "basis": "accrual", "period": "2025-06", "reason": "", "seal": None}
APPROVED = {"hold": id_of("approved"), "line": 0, "quanta": "0", "final": True}
RED = {"id": id_of("forged")}
FORGERIES: tuple[tuple[str, str, Forge], ...] = (
    ("verify.book", "another book", changed("main", "book", code="other")),
    ("verify.book", "no opening of the book", first_record_left_out),
    ("verify.order", "a record behind the balances", record_behind_the_balances),
    ("verify.booked-at", "booked in the past", changed("trade", booked_at=minute(1))),
    ("verify.account-twice", "opened twice", again(BANK, "account-opened")),
    ("verify.account-changed", "another basis", changed("CLR:Former", "account-changed",
                                                        basis="registry")),
    ("verify.account-unknown", "changed, never opened", again(BANK, "account-opened",
                                                              record="account-changed",
                                                              code="CLR:Nobody")),
    ("verify.account-unknown", "posted, never opened", posting("last", 0, account="CLR:Nobody")),
    ("verify.entity", "of another entity", changed(BANK, "account-opened", entity="CRC")),
    ("verify.commodity-twice", "a second scale", again("CNY", "commodity", scale=3)),
    ("verify.commodity-unknown", "never used", posting("last", 0, commodity="USD")),
    ("verify.account-state", "posted when frozen", moving((BANK, 1), ("CLR:Former", -1))),
    ("verify.account-state", "held when frozen", holding(("CLR:Former", 1, "credit"))),
    ("verify.commodity-not-accepted", "money in a holding", posting("last", 1, account=PLANT)),
    ("verify.id-twice", "a transaction twice", again("last")),
    ("verify.id-twice", "a hold twice", again("standing", "hold")),
    ("verify.id-twice", "the id of a hold", again("last", id=id_of("standing"))),
    ("verify.id-twice", "the id of a proposal", again("last", id=id_of("waiting"))),
    ("verify.id-twice", "the id of a transaction", again("standing", "hold", id=id_of("last"))),
    ("verify.unbalanced", "one quantum more", posting("levy", 0, amount="100.01")),
    ("verify.amount", "red outside a reversal", posting("levy", 0, side="credit")),
    ("verify.amount", "the point elsewhere", another_scale),
    ("verify.amount", "nothing, without a hold", zero_without_a_hold),
    ("verify.amount", "nothing, the hold not taken of", changed("fee", consumes=[])),
    ("verify.amount", "no postings", again("last", id=RED["id"], postings=[], periods=[])),
    ("verify.balance-after", "another balance", posting("trade", 0, balance_after="1")),
    ("verify.back-dated", "before the last", changed("last", effective_on="2025-06-29")),
    ("verify.floor", "more than is there", moving((BANK, -300_000_00), (CASH_MILL, 300_000_00))),
    ("verify.floor", "what is held to go out", moving((PLANT, -8_394), ("CRC:Issued", 8_394))),
    ("verify.floor", "held, and not there", holding((PLANT, 8_394, "credit"))),
    ("verify.ceiling", "more than may be", moving((PLANT, -4_401), (MILL, 4_401))),
    ("verify.ceiling", "held to come in", holding((MILL, 4_401, "debit"))),
    ("verify.overflow", "beyond 64 bits", holding((BANK, 2**63, "debit"))),
    ("verify.reversal", "taken back twice", again("red", **RED)),
    ("verify.reversal", "of nothing", changed("red", reverses=NO_ONE)),
    ("verify.reversal", "of another", changed("red", reverses=id_of("deposit"))),
    ("verify.up-to", "more than asked", taken_more_than_asked),
    ("verify.up-to", "two amounts", two_amounts_of_at_most),
    ("verify.up-to", "no such line", asked_by_no_line),
    ("verify.hold", "of nothing", holding()),
    ("verify.hold", "of zero", holding((PLANT, 0, "credit"))),
    ("verify.hold", "an approval with lines", holding((PLANT, 1, "credit"), kind="approval")),
    ("verify.hold", "taken of no hold", taking("nobody", 1, 1)),
    ("verify.hold", "taken of no line", taking("standing", 2, 1)),
    ("verify.hold", "taken of an approval", taking("waiting", 1, 0)),
    ("verify.hold", "voided, never placed", again("given up", "void", hold=NO_ONE)),
    ("verify.deadline", "placed too late", holding((PLANT, 1, "credit"), deadline=minute(3))),
    ("verify.hold-exceeded", "more than remains", taking("standing", 1, 8)),
    ("verify.hold-exceeded", "more than remains, without a posting", changed(
        "picked up", "consume", consumes=[{"hold": id_of("parcel"), "line": 1, "quanta": "11",
                                           "final": False}])),
    ("verify.hold", "nothing taken", changed("picked up", "consume", consumes=[])),
    ("verify.id-twice", "two consumptions", again("picked up", "consume", consumes=[])),
    ("verify.foreign-digest", "twice", lambda it: it.last(it.kind("foreign-digest"))),
    ("verify.foreign-digest", "of nothing", lambda it: it.last(it.kind("foreign-digest"), what="")),
    ("verify.hold-not-pending", "taken when void", taking("given up", 1, 1)),
    ("verify.hold-not-pending", "taken when expired", taking("short", 1, 1)),
    ("verify.hold-not-pending", "voided twice", again("given up", "void")),
    ("verify.hold-not-pending", "voided when expired", again("given up", "void",
                                                             hold=id_of("short"))),
    ("verify.hold-not-pending", "rejected when approved", again("given up", "void",
                                                                hold=id_of("approved"))),
    ("verify.hold-not-pending", "expired twice", lambda it: it.last(it.kind("expiry"))),
    ("verify.hold-not-pending", "approved when rejected", approved_when_rejected),
    ("verify.expiry", "too early", expiry_too_early),
    ("verify.expiry", "another deadline", changed("short", "expiry", deadline=minute(19))),
    ("verify.overdue", "no expiry", removed("short", "expiry", "after")),
    ("verify.overdue", "an expiry too late", expiry_too_late),
    ("verify.approval", "one person", changed("approved", approver=str(PREPARER))),
    ("verify.approval", "no approver", changed("approved", approver=None)),
    ("verify.approval", "no approval", changed("approved", consumes=[])),
    ("verify.approval", "another body", changed("approved", digest="00" * 32)),
    ("verify.approval", "never proposed", removed("approved", "hold", "approved")),
    ("verify.approval", "another's approval", changed(
        "approved", consumes=[APPROVED | {"hold": id_of("waiting")}])),
    ("verify.approval", "two approvals", changed("approved", consumes=[APPROVED, APPROVED])),
    ("verify.approval", "an approver of nothing", changed("levy", approver=str(APPROVER))),
    ("verify.period-order", "closed twice", again("closed", "period", **PERIOD)),
    ("verify.period-order", "closed, then open", again("open", "period", **PERIOD)),
    ("verify.period-order", "reopened, never closed", again(
        "reopened", "period", **PERIOD | {"period": "2025-09"})),
    ("verify.period-order", "reopened for no reason", changed("reopened", "period", reason=" ")),
    ("verify.period", "closed, and no period", again(
        "closed", "period", **PERIOD | {"period": "2025-14"})),
    ("verify.period", "posted, and no period", in_period("last", "2025-00")),
    ("verify.period", "of another entity", again("last", **RED, periods=[])),
    ("verify.period-closed", "posted into a closed one", again("corrected", **RED)),
    ("verify.late-for", "for an open period", changed("late", late_for="2025-12")),
    ("verify.late-for", "for no period", changed("late", late_for="June")),
    ("verify.late-for", "not the first open one", in_period("late", "2025-08")),
    ("verify.voucher", "a gap", voucher("red", number=9)),
    ("verify.voucher", "another type", voucher("red", type="付")),
    ("verify.voucher", "none", voucher("red")),
    ("verify.voucher", "not fiscal", voucher_of_a_trade),
    ("verify.not-zero", "something in transit", not_zero_at_the_close),
    ("verify.seal", "of other balances", changed("closed", "period", seal="00" * 32)),
    ("verify.seal", "without a close", changed("reopened", "period", seal="00" * 32)),
    ("verify.annotation", "of nothing", lambda it: it.last(it.kind("annotation"),
                                                           transaction=NO_ONE)),
    ("verify.balance", "another balance", balance(BANK, debits="1")),
    ("verify.balance", "another amount to read", balance(BANK, balance="1.00")),
    ("verify.balance", "of no account", balance(BANK, account="CLR:Nobody")),
    ("verify.balance", "left out", no_balance),
    ("verify.held", "another reserve", balance(PLANT, held_credits="8")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "forge"), [(code, forge) for code, _, forge in FORGERIES],
    ids=[f"{code.removeprefix('verify.')}: {what}" for code, what, _ in FORGERIES],
)  # fmt: skip
def test_a_broken_law_is_named(history: Exported, code: str, forge: Forge) -> None:
    """The finding has the code of the law, and the record that breaks it."""
    named = forge(history)
    findings = verify(history.sealed()).findings

    assert code in {finding.code for finding in findings}
    if named:
        assert (code, named["seq"]) in {(finding.code, finding.seq) for finding in findings}
    assert not {"verify.leaf", "verify.root"} & {finding.code for finding in findings}


def test_a_bound_is_held_only_against_what_moves_towards_it(history: Exported) -> None:
    """An account below its floor may rise, and stay below it."""
    raised = history.kind("account-changed")
    opened = history.named(CASH_PLANT, "account-opened")
    bounds = [{"commodity": "*", "floor": "1000000", "ceiling": None}]
    history.last({**opened, "record": raised["record"]}, bounds=bounds)
    assert verify(history.sealed()).findings == []

    fall = history.moving("fall", (BANK, -1), (CASH_PLANT, 1))
    rise = history.moving("rise", (BANK, 1), (CASH_PLANT, -1))
    found = {(each.code, each.seq) for each in verify(history.sealed()).findings}
    assert ("verify.floor", fall["seq"]) in found
    assert ("verify.floor", rise["seq"]) not in found
