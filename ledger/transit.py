"""Transit between books: sent by one, taken in or refused by another, concluded in the first.

Every step is one commit in one book, under ids that follow from the transfer's own, and facts are
loaded again before each: wherever a process died, delivering again completes it, exactly once.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger import foreign_digests
from ledger.balances import commodities
from ledger.core.account import Side
from ledger.core.book import Book
from ledger.core.command import Command, Post
from ledger.core.errors import DomainError
from ledger.core.record import Transaction
from ledger.core.refusals import ChainBroken, ForeignDigestConflict, Internal
from ledger.core.state import HELD, Outcome
from ledger.core.transfer import (
    CHARGED,
    CODE,
    CREDITED,
    PAYEE,
    PENDING,
    RECEIVED,
    RECORD,
    REFUSED,
    SAID,
    SEND,
    TO,
    WAITING,
    Answer,
    Facts,
    Line,
    Sent,
    Step,
    Transfer,
    conclusion_id,
    decide,
    refusing,
    sending,
    twin_id,
)
from ledger.proof.export import amount
from ledger.store import tables
from ledger.store.load import find_book, rows_where
from ledger.store.log import read_log
from ledger.store.rows import account_of
from ledger.store.store import Store
from ledger.writer import submit

STEPS_MAX = 8
"""More steps than a transfer has, each perhaps lost to another process."""
Acting = Callable[[Store, Book], UUID | None]
"""Returns who acts in a book, or refuses."""


class Told(NamedTuple):
    """What became of a transfer: a step that was taken, or why it waits."""

    id: UUID
    to: str
    state: str
    seq: int | None = None
    code: str = ""


def send(store: Store, book: str, transfer: Transfer, *, actor: UUID | None) -> Outcome:
    """Pay into transit; what is not concluded stands on ``<entity>:Transit:<other book>``."""
    with store.reading() as connection:
        found = find_book(connection, book)
        named = (transfer.payer, transfer.charged)
        accounts = {
            row["code"]: account_of(row, row["no"])
            for row in rows_where(connection, tables.accounts, found.id, "code", named)
        }
    body = sending(transfer, found, accounts)
    (outcome,) = submit(store, book, Command((Post(body),), actor))
    if outcome.error is not None:
        raise outcome.error
    return outcome


def deliver(
    store: Store, book: str, acting: Acting, *, receiving: Store | None = None
) -> Iterator[Told]:
    """Carry all that waits as far as it goes; yields each step when it is committed."""
    for sent in waiting(store, book):
        try:
            yield from _carried(store, receiving or store, book, sent, acting)
        except DomainError as error:
            yield Told(sent.id, sent.metadata[TO], WAITING, None, error.code)


def waiting(store: Store, book: str) -> list[Sent]:
    """Return the transfers of a book that are not concluded, the oldest first."""
    at, made, line = tables.accounts.c, tables.transactions.c, tables.postings.c
    with store.reading() as connection:
        found = find_book(connection, book)
        on = (line.book_id == made.book_id) & (line.seq == made.seq)
        posted = (
            select(made.id, made.seq, made.metadata, at.code)
            .join(tables.postings, on)
            .join(tables.accounts, (at.book_id == line.book_id) & (at.no == line.account_no))
            .where(made.book_id == found.id, at.code.like("%:Transit:%"))
            .where(made.kind == SEND, made.reverses.is_(None))
        )
        rows = connection.execute(posted).all()
        seqs = {row.id: row.seq for row in rows if _readable(row.metadata, row.code)}
        open_ = seqs.keys() - _concluded(connection, found, seqs)
        return [_sent(connection, found, seq) for seq in sorted(seqs[id] for id in open_)]


def _carried(store: Store, other: Store, book: str, sent: Sent, acting: Acting) -> Iterator[Told]:
    to = sent.metadata[TO]
    for _ in range(STEPS_MAX):
        facts = _facts(store, other, book, sent)
        if facts is None:
            return
        step = decide(facts)
        if step is None:
            yield Told(sent.id, to, PENDING, facts.answer and facts.answer.seq)
            return
        outcomes = _taken(store, other, facts, step, acting)
        error = _why(outcomes)
        if (
            error is not None
            and step.receiving
            and not isinstance(error, Internal | ForeignDigestConflict)
        ):
            step = refusing(facts, error)
            outcomes = _taken(store, other, facts, step, acting)
        unforeseen = _why(outcomes)
        if unforeseen is None:
            code = error.code if error is not None else ""
            held = outcomes[-1].status == HELD
            yield Told(sent.id, to, PENDING if held else step.said, outcomes[-1].seq, code)
            if held and not step.receiving:
                return
        elif not isinstance(unforeseen, ForeignDigestConflict):
            raise unforeseen


def _taken(
    store: Store, other: Store, facts: Facts, step: Step, acting: Acting
) -> Sequence[Outcome]:
    at, book = (other, facts.receiving) if step.receiving else (store, facts.paying)
    return submit(at, book.code, Command(step.items, acting(at, book)))


def _why(outcomes: Sequence[Outcome]) -> DomainError | None:
    """Return why a step was refused: the refusal itself, not that others fell with it."""
    errors = [each.error for each in outcomes if each.error is not None]
    own = [each for each in errors if not isinstance(each, ChainBroken)]
    return next(iter([*own, *errors]), None)


def _facts(store: Store, other: Store, book: str, sent: Sent) -> Facts | None:
    """Load what the next step depends on; none if the transfer is concluded."""
    with store.reading() as connection:
        paying = find_book(connection, book)
        if _concluded(connection, paying, [sent.id]):
            return None
    with other.reading() as connection:
        receiving = find_book(connection, sent.metadata[TO])
        answer = _answer(connection, paying, receiving, sent)
        rows = rows_where(connection, tables.accounts, receiving.id, "code", [sent.metadata[PAYEE]])
        normal = next((Side(row["normal"]) for row in rows), Side.DEBIT)
    return Facts(sent, paying, receiving, normal, answer)


def _answer(connection: Connection, paying: Book, receiving: Book, sent: Sent) -> Answer | None:
    reference = f"{paying.code}/{sent.seq}"
    said = next(foreign_digests.read(connection, receiving, what=RECORD, reference=reference), None)
    if said is None:
        return None
    if said.digest != sent.leaf:
        raise ForeignDigestConflict(RECORD, reference)
    state, seq, code = REFUSED, said.seq, said.metadata.get(CODE, "")
    if said.metadata.get(SAID) == RECEIVED:
        twin, void = twin_id(sent.id, receiving), tables.voids.c
        rejected = select(void.seq).where(void.book_id == receiving.id, void.hold == twin)
        posted = _with_id(connection, receiving, twin)
        voided = connection.execute(rejected).scalar_one_or_none()
        if posted is not None:
            state, seq = RECEIVED, posted
        elif voided is not None:
            state, seq, code = REFUSED, voided, "ledger.proposal-rejected"
        else:
            state = PENDING
    record = tables.records.c
    leaf = select(record.leaf).where(record.book_id == receiving.id, record.seq == seq)
    return Answer(state, seq, connection.execute(leaf).scalar_one(), code)


def _with_id(connection: Connection, book: Book, id: UUID) -> int | None:
    made = tables.transactions.c
    chosen = select(made.seq).where(made.book_id == book.id, made.id == id)
    return connection.execute(chosen).scalar_one_or_none()


def _concluded(connection: Connection, book: Book, ids: Iterable[UUID]) -> set[UUID]:
    ends = {conclusion_id(id): id for id in ids}
    found = rows_where(connection, tables.transactions, book.id, "id", ends)
    return {ends[row["id"]] for row in found}


def _sent(connection: Connection, book: Book, seq: int) -> Sent:
    entry, leaf = next(read_log(connection, book, seq, seq))
    record = entry.record
    assert isinstance(record, Transaction)
    scales = commodities(connection)
    lines = tuple(
        Line(each.account, each.commodity, amount(each.signed, scales[each.commodity]))
        for each in record.postings
    )
    return Sent(
        record.id, seq, leaf, entry.booked_at_us, dict(record.metadata), record.narrative,
        record.reference, lines,
    )  # fmt: skip


def _readable(metadata: str, account: str) -> bool:
    said = json.loads(metadata)
    named = all(said.get(name) for name in (TO, PAYEE, CHARGED, CREDITED))
    return named and account.endswith(f":Transit:{said[TO]}")
