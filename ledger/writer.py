"""The one commit of journal state: lock, load, decide, write, commit, then answer.

All callers of one process share the batches of a book: while one commits, the next is decided on
the state that it leaves. Whoever comes first leads, and hands over to the next who waits.
"""

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.core.body import canonical_json
from ledger.core.book import TIME_ZONE, Book
from ledger.core.command import Command, Item
from ledger.core.entering import Torn
from ledger.core.errors import DomainError
from ledger.core.footprint import footprint
from ledger.core.refusals import BookConflict, Internal, UnknownBook
from ledger.core.rules import Answers, decide, named, opening
from ledger.core.state import REFUSED, Decision, Outcome, State
from ledger.proof.merkle import Tree
from ledger.queueing import SHORT, Ahead, Lead, Ready, Ticket, Turn
from ledger.store import tables
from ledger.store.bulk import Head
from ledger.store.driver import TAKEN, sqlstate, worth_repeating
from ledger.store.load import bulk, find_book
from ledger.store.pause import PAUSE
from ledger.store.prepared import Prepared
from ledger.store.session import Session, Sessions
from ledger.store.store import Store
from ledger.store.write import prepare, write

TRIES = 6
CONTENDED = 16
"""So many batches in a row must find the head as they left it before nobody else is thought to
write."""
BATCH_MAX, GATHERED = 8_000, 1_000
"""A batch that has gathered so many records takes no more: the next is decided while it commits."""
LOG = logging.getLogger(__name__)


def submit(store: Store, book: str, command: Command) -> Answers:
    """Post one command, wholly and durably, or refuse it; answer only after the commit."""
    return desk(store, book).submit(command)


def submit_batch(store: Store, book: str, commands: Sequence[Command]) -> tuple[Answers, ...]:
    """Decide several commands in one commit; each stands or falls alone."""
    return desk(store, book).decide(commands)


def desk(store: Store, book: str) -> "Desk":
    """Return the desk of this process for a book of a store."""
    with store.mutex:
        if book not in store.desks:
            store.desks[book] = Desk(store, book)
        found = store.desks[book]
    assert isinstance(found, Desk)
    return found


def _internal(item: Item) -> Outcome:
    return Outcome(REFUSED, named(item), None, Internal(str(named(item))))


class Desk:
    """Where one process writes one book.

    ``state`` and ``tree`` are those after the last batch that was decided, moved on under the lock
    ``deciding``; they hold only while the locked head is this desk's own last, and are dropped
    together with a batch that fails (another ``epoch``). ``committing`` is had before ``deciding``.
    """

    def __init__(self, store: Sessions, book: str) -> None:
        self.store, self.book = store, book
        self.mutex = threading.Lock()
        self.deciding = threading.Lock()
        self.committing = threading.Lock()
        self.waiting: deque[Ticket] = deque()
        self.led = False
        self.state: State | None = None
        self.tree = Tree(0, [])
        self.epoch = 0
        self.committed = 0
        self.contended = 0
        self.turn = Turn()
        self.reader: Session | None = None
        self.writer: Session | None = None

    def submit(self, command: Command) -> Answers:
        """Wait for a place in a batch, or lead one."""
        ticket = Ticket(command)
        self._come(ticket)
        if not ticket.answered:
            self._lead(ticket)
        return ticket.result()

    def decide(self, commands: Sequence[Command]) -> tuple[Answers, ...]:
        """Decide commands that one caller sends together in one batch."""
        self._come(Ticket(Command(())))
        return self._turn(commands)

    def _come(self, ticket: Ticket) -> None:
        """Lead at once where nobody does, or wait to be called."""
        with self.mutex:
            leads, self.led = not self.led, True
            if not leads:
                self.waiting.append(ticket)
        if not leads:
            self._wait(ticket)

    def _wait(self, ticket: Ticket) -> None:
        """Wait to be answered or called to lead; who gives up passes the lead on."""
        try:
            ticket.called.wait()
        except BaseException:
            with self.mutex:
                waits = ticket in self.waiting
                if waits:
                    self.waiting.remove(ticket)
            if not waits and ticket.called.is_set() and not ticket.answered:
                self._hand_over()
                with self.committing:
                    self.turn.end(self.writer, idle=not self.led)
            raise

    def _lead(self, ticket: Ticket) -> None:
        with self.mutex:
            tickets = [ticket]
            size = len(ticket.command.items)
            while size < GATHERED and self.waiting and self.waiting[0].command.items:
                size += len(self.waiting[0].command.items)
                if size > BATCH_MAX:
                    break
                tickets.append(self.waiting.popleft())
        try:
            answers = self._turn([each.command for each in tickets])
        except Exception as error:  # noqa: BLE001 - told to whom it concerns
            self._alone(tickets, error)
        except BaseException as error:
            for each in tickets:
                each.error = error
            raise
        else:
            for each, answer in zip(tickets, answers, strict=True):
                each.answers = answer
        finally:
            for each in tickets[1:]:
                each.called.set()

    def _alone(self, tickets: Sequence[Ticket], error: Exception) -> None:
        """Run each command of a failed batch by itself: only the culprit gets the error."""
        for each in tickets:
            try:
                with self.committing:
                    try:
                        each.answers = self._whole((each.command,), Lead(lambda: None))[0]
                    finally:
                        self.turn.end(self.writer, idle=not self.led)
            except (DBAPIError, DomainError, Torn) as own:
                each.error = own.refusal if isinstance(own, Torn) else own
            except Exception:
                LOG.exception("a command failed in a way that no rule foresees: %s", error)
                each.answers = tuple(_internal(item) for item in each.command.items)

    def _turn(self, commands: Sequence[Command]) -> tuple[Answers, ...]:
        """Decide a batch while the one before commits; pass the lead on as soon as may be."""
        lead = Lead(self._hand_over)
        try:
            with self.turn.join() as ahead:
                ready, failed = self._tried(commands, ahead)
                with self.committing:
                    ahead.leave()
                    try:
                        if failed:
                            self._drop()
                        kept = None
                        if ready is not None and ready.epoch == self.epoch:
                            lead.pass_on()
                            kept = self._kept(ready)
                        return self._whole(commands, lead) if kept is None else kept
                    finally:
                        lead.pass_on()
                        self.turn.end(self.writer, idle=not self.led)
        finally:
            lead.pass_on()

    def _tried(self, commands: Sequence[Command], ahead: Ahead) -> tuple[Ready | None, bool]:
        """Decide ahead where nobody disturbs; say whether that failed."""
        try:
            return self._ahead(commands) if ahead.joined or not self.contended else None, False
        except Exception:  # noqa: BLE001 - the locked way says what is wrong, for each by itself
            self._drop_reader()
            return None, True
        except BaseException:
            self._drop_reader()
            with self.committing:
                self._drop()
            raise

    def _hand_over(self) -> None:
        with self.mutex:
            if self.waiting:
                self.waiting.popleft().called.set()
            else:
                self.led = False

    def _ahead(self, commands: Sequence[Command]) -> Ready | None:
        """Decide on the state as this desk left it, before the book's lock is had."""
        with self.deciding:
            epoch, state = self.epoch, self.state
            if state is None or state.full:
                return None
            if self.reader is None:
                self.reader = self.store.session(writing=False)
            try:
                decision, prepared = self._decided(self.reader, state, commands)
            except BaseException:
                self.state, self.epoch = None, self.epoch + 1
                raise
            self.reader.connection.rollback()
        return Ready(epoch, state, decision, prepared)

    def _decided(
        self, session: Session, state: State, commands: Sequence[Command]
    ) -> tuple[Decision, Prepared]:
        now_us = self.store.clock()
        with PAUSE:
            session.fill(state, footprint(commands), now_us)
            decision, prepared = decide(state, commands, now_us), session.prepare(state, self.tree)
        self.turn.few = prepared.seq - prepared.before.seq <= SHORT
        return decision, prepared

    def _kept(self, ready: Ready) -> tuple[Answers, ...] | None:
        """Write and commit what was decided ahead; none if it must be decided again."""
        try:
            kept = self._kept_few(ready) if ready.prepared.few else self._kept_many(ready)
        except DBAPIError as error:
            self._drop()
            if not worth_repeating(error):
                raise
            self.contended = CONTENDED if sqlstate(error) in TAKEN else 0
            return None
        except BaseException:
            self._drop()
            raise
        if not kept:
            self._drop()
            self.contended = CONTENDED
            return None
        self.committed = ready.prepared.seq
        return ready.decision.outcomes

    def _kept_few(self, ready: Ready) -> bool:
        """Send rows that are kept at once: a head that another moved on refuses them."""
        session = self._writing()
        session.connection.begin()
        with session.one_trip():
            session.write(ready.prepared)
        session.connection.commit()
        return True

    def _kept_many(self, ready: Ready) -> bool:
        """Write and commit if the locked head is still what was decided on."""
        session = self._writing()
        if session.lock(ready.state.book).marks != ready.prepared.before:
            session.connection.rollback()
            return False
        session.write(ready.prepared)
        session.connection.commit()
        return True

    def _whole(self, commands: Sequence[Command], lead: Lead) -> tuple[Answers, ...]:
        """Lock, load, decide, write, commit; a lost connection repeats it all: ids are safe."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(commands, lead)
            except DBAPIError as error:
                self._drop()
                if attempt == TRIES or not worth_repeating(error):
                    raise
            except BaseException:
                self._drop()
                raise
        raise AssertionError("unreachable")

    def _once(self, commands: Sequence[Command], lead: Lead) -> tuple[Answers, ...]:
        session = self._writing()
        with self.deciding:
            book = session.find(self.book) if self.state is None else self.state.book
            if self.contended and not self.turn.held:
                self.turn.take(session, book)
            head = session.lock(book)
            while not self._stands(head) and head.balanced_seq < head.seq:
                session.catch_up(book, head)
                session.connection.commit()  # who decides ahead reads what is committed
                head = session.lock(book)
            state = self._at(session, book, head)
            decision, prepared = self._decided(session, state, commands)
        lead.pass_on()
        session.write(prepared)
        session.connection.commit()
        self.committed = prepared.seq
        return decision.outcomes

    def _at(self, session: Session, book: Book, head: Head) -> State:
        """Return the state at the locked head: this desk's own, or a fresh one."""
        state = self.state
        if state is not None and self._stands(head):
            self.contended = max(0, self.contended - 1)
            if state.full:
                state.forget()
            return state
        clean = state is not None and state.seq == self.committed and not state.large
        self.epoch += 1
        fresh, self.tree = session.fresh(book, head, state if clean else None)
        self.state = fresh
        return fresh

    def _stands(self, head: Head) -> bool:
        """Whether this desk's own state is that of the head, and not too large to go on with."""
        own = self.state
        return own is not None and own.is_at(head.seq, head.marks) and not own.large

    def _writing(self) -> Session:
        if self.writer is None:
            self.writer = self.store.session(writing=True)
        return self.writer

    def _drop(self) -> None:
        """Forget the state and the writing session: nothing of a failed batch is built upon."""
        self.state = None
        self.epoch += 1
        self.turn.give(self.writer)
        if self.writer is not None:
            self.writer.connection.close()
        self.writer = None

    def _drop_reader(self) -> None:
        """Give back the reading session; only who decides ahead uses it."""
        if self.reader is not None:
            self.reader.connection.close()
        self.reader = None

    def close(self) -> None:
        """Give back the connections."""
        with self.committing, self.deciding:
            self._drop()
            self._drop_reader()


def open_book(
    store: Store,
    code: str,
    *,
    time_zone: str = TIME_ZONE,
    policy: Mapping[str, str] | None = None,
    actor: UUID | None = None,
) -> Book:
    """Open a book; the same again changes nothing, another form is refused."""
    stated = Book(0, code, uuid4(), time_zone, dict(policy or {}))
    for last_try in (False, True):
        try:
            with store.writing() as connection:
                return _same_book(connection, stated) or _new_book(store, connection, stated, actor)
        except IntegrityError:
            if last_try:
                raise
    raise AssertionError("unreachable")


def _same_book(connection: Connection, stated: Book) -> Book | None:
    try:
        known = find_book(connection, stated.code)
    except UnknownBook:
        return None
    if (known.time_zone, known.policy) != (stated.time_zone, stated.policy):
        raise BookConflict(stated.code)
    return known


def _new_book(store: Store, connection: Connection, stated: Book, actor: UUID | None) -> Book:
    highest = connection.execute(select(func.max(tables.books.c.id))).scalar_one()
    book = Book((highest or 0) + 1, stated.code, stated.uuid, stated.time_zone, stated.policy)
    connection.execute(insert(tables.books), {"id": book.id, "code": book.code, "uuid": book.uuid})
    head = {"book_id": book.id, "seq": 0, "frontier": b"", "booked_at_us": 0}
    policy = canonical_json(dict(book.policy))
    behind = {"turned_seq": 0, "balanced_seq": 0, "refusals": 0}
    named = {"accounts_opened": 0, "time_zone": book.time_zone, "policy": policy}
    connection.execute(insert(tables.heads), {**head, **behind, **named})
    state = State(book, 0, 0, 0)
    opening(state, actor, store.clock())
    write(connection, prepare(state, Tree(0, []), bulk(connection)))
    connection.commit()
    return book
