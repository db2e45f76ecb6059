"""A transfer between two books: what is sent, what the other answers, what comes next; all pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

from ledger.core import body as bodies
from ledger.core.account import CODE_FORM, Account, Side
from ledger.core.body import Body
from ledger.core.book import Book
from ledger.core.command import Cite, Item, Post
from ledger.core.errors import DomainError
from ledger.core.fields import unsigned_of
from ledger.core.refusals import Malformed, UnknownAccount

SEND = bodies.TRANSIT_SEND
RECEIVE, SETTLE, RETURN = "transit.receive", "transit.settle", "transit.return"
RECORD = bodies.TRANSIT_RECORD
"""What the record of the other book is called in the foreign digest that names it."""
TO, SAID = bodies.TRANSIT_TO, bodies.TRANSIT_SAID
PAYEE, CHARGED, CREDITED = "transit_payee", "transit_charged", "transit_credited"
CODE, TRANSFER = "transit_code", "transit_transfer"
RECEIVED, REFUSED, SETTLED, RETURNED, PENDING, WAITING = (
    "received", "refused", "settled", bodies.TRANSIT_RETURNED, "pending", "waiting",
)  # fmt: skip


class Transfer(NamedTuple):
    """What is to be paid into another book: from the payer's account to the payee's.

    ``charged`` (in the paying book) and ``credited`` (in the receiving book) stand against it for
    good: an expense and an income, what is owed and what is due.
    """

    id: UUID
    to: str
    commodity: str
    amount: str
    payer: str
    charged: str
    payee: str
    credited: str
    on: dt.date | None = None
    narrative: str = ""
    reference: str = ""


class Line(NamedTuple):
    """A posting as it is carried: debit-positive, a decimal string."""

    account: str
    commodity: str
    amount: str


class Sent(NamedTuple):
    """A transfer as the paying book's log has it."""

    id: UUID
    seq: int
    leaf: bytes
    booked_at_us: int
    metadata: Mapping[str, str]
    narrative: str
    reference: str
    lines: tuple[Line, ...]

    @property
    def transit(self) -> tuple[Line, ...]:
        """What stands on the account of the transit."""
        end = f":Transit:{self.metadata[TO]}"
        return tuple(line for line in self.lines if line.account.endswith(end))


class Answer(NamedTuple):
    """What the receiving book's log says of a transfer, and in which record."""

    state: str
    seq: int
    leaf: bytes
    code: str = ""


class Facts(NamedTuple):
    """All that the next step of a transfer depends on."""

    sent: Sent
    paying: Book
    receiving: Book
    payee_normal: Side
    answer: Answer | None


class Step(NamedTuple):
    """What is submitted next, all or none of it, and in which of the two books."""

    receiving: bool
    items: tuple[Item, ...]
    said: str


def sending(transfer: Transfer, book: Book, accounts: Mapping[str, Account]) -> Body:
    """Write the payment into transit; refuse what could never be concluded."""
    for code in (transfer.payer, transfer.charged):
        if code not in accounts:
            raise UnknownAccount(code)
    payer, charged = accounts[transfer.payer], accounts[transfer.charged]
    if (payer.entity, payer.basis) != (charged.entity, charged.basis):
        raise Malformed("charged", "is not of the entity and basis of the payer")
    transit = f"{payer.entity}:Transit:{transfer.to}"
    if transfer.to == book.code or not CODE_FORM.fullmatch(transit):
        raise Malformed("to", "is this book, or no segment of an account's code")
    paid = unsigned_of(transfer.amount, "amount")
    rise, counter = _rise(payer.normal, paid)
    return _body(
        book, transfer.id, SEND,
        (Line(payer.code, transfer.commodity, counter), Line(transit, transfer.commodity, rise)),
        effective_on=transfer.on and transfer.on.isoformat(),
        narrative=transfer.narrative or None, reference=transfer.reference or None,
        metadata={
            TO: transfer.to, PAYEE: transfer.payee, CHARGED: transfer.charged,
            CREDITED: transfer.credited,
        },
    )  # fmt: skip


def twin_id(transfer: UUID, receiving: Book) -> UUID:
    """Return the id of the transaction that takes a transfer in."""
    return uuid5(transfer, str(receiving.uuid))


def conclusion_id(transfer: UUID) -> UUID:
    """Return the id of the one transaction that settles a transfer, or takes it back."""
    return uuid5(transfer, "transit concluded")


def decide(facts: Facts) -> Step | None:
    """Say what comes next: the other book takes it in, or this one concludes; none: it waits."""
    if facts.answer is None:
        cite = _naming(facts.paying, facts.sent.seq, facts.sent.leaf, {SAID: RECEIVED})
        return Step(True, (cite, Post(_twin(facts))), RECEIVED)
    if facts.answer.state == PENDING:
        return None
    settled = facts.answer.state == RECEIVED
    body = _settling(facts) if settled else _returning(facts, facts.answer)
    said = SETTLED if settled else RETURNED
    cite = _naming(facts.receiving, facts.answer.seq, facts.answer.leaf, {SAID: said})
    return Step(False, (cite, Post(body)), said)


def refusing(facts: Facts, because: DomainError) -> Step:
    """Say in the receiving book's log that it refuses: from then on it cannot take it in."""
    said = {SAID: REFUSED, CODE: because.code}
    cite = _naming(facts.paying, facts.sent.seq, facts.sent.leaf, said)
    return Step(True, (cite,), REFUSED)


def _twin(facts: Facts) -> Body:
    """Take in what was sent: through the account of the transit, which stays at zero."""
    sent, said = facts.sent, facts.sent.metadata
    transit = f"{said[PAYEE].partition(':')[0]}:Transit:{facts.paying.code}"
    lines: list[Line] = []
    for each in sent.transit:
        rise, counter = _rise(facts.payee_normal, each.amount.removeprefix("-"))
        lines += (
            Line(said[PAYEE], each.commodity, rise), Line(transit, each.commodity, counter),
            Line(transit, each.commodity, rise), Line(said[CREDITED], each.commodity, counter),
        )  # fmt: skip
    return _body(
        facts.receiving, twin_id(sent.id, facts.receiving), RECEIVE, lines,
        narrative=sent.narrative or None, reference=sent.reference or None,
        metadata={TRANSFER: str(sent.id), SAID: f"{facts.paying.code}/{sent.seq}"},
    )  # fmt: skip


def _settling(facts: Facts) -> Body:
    """Charge what is no longer in transit."""
    sent = facts.sent
    lines: list[Line] = []
    for each in sent.transit:
        lines += (
            Line(each.account, each.commodity, _minus(each.amount)),
            Line(sent.metadata[CHARGED], each.commodity, each.amount),
        )
    return _concluding(facts, SETTLE, lines)


def _returning(facts: Facts, answer: Answer) -> Body:
    """Take back what the other book refuses."""
    lines = [line._replace(amount=_minus(line.amount)) for line in facts.sent.lines]
    return _concluding(facts, RETURN, lines, reverses=str(facts.sent.id), code=answer.code)


def _concluding(
    facts: Facts, kind: str, lines: Sequence[Line], reverses: str | None = None, code: str = ""
) -> Body:
    sent, answer = facts.sent, facts.answer
    named = f"{facts.receiving.code}/{answer.seq}" if answer is not None else ""
    return _body(
        facts.paying, conclusion_id(sent.id), kind, lines, reverses=reverses,
        narrative=sent.narrative or None, reference=sent.reference or None,
        metadata={TRANSFER: str(sent.id), SAID: named, **({CODE: code} if code else {})},
    )  # fmt: skip


def _naming(book: Book, seq: int, leaf: bytes, metadata: dict[str, str]) -> Cite:
    """Name a record of the other book: where it stands, and its leaf."""
    return Cite(RECORD, f"{book.code}/{seq}", leaf, metadata)


def _body(book: Book, id: UUID, kind: str, lines: Sequence[Line], **more: object) -> Body:
    sent = {"book": book.code, "id": str(id), "kind": kind}
    return bodies.read({**sent, "postings": [line._asdict() for line in lines], **more})


def _rise(normal: Side, amount: str) -> tuple[str, str]:
    """Return by how much an account rises on its normal side, debit-positive, and the opposite."""
    return (amount, _minus(amount)) if normal is Side.DEBIT else (_minus(amount), amount)


def _minus(amount: str) -> str:
    return amount.removeprefix("-") if amount.startswith("-") else f"-{amount}"
