"""What one TigerBeetle event is in this ledger: one item, or a few that stand together."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from ledger.core import body as bodies
from ledger.core.account import Account, Side
from ledger.core.amount import QUANTA_MAX, Commodity
from ledger.core.body import EPOCH
from ledger.core.command import Change, Declare, Item, Open, Place, Post, Release
from tests.conformance.books import (
    BOOK,
    DESK,
    TRANSACTION,
    UNIT,
    Books,
    Totals,
    limits,
    line,
    nothing_of_the_token,
)
from tests.conformance.tigerbeetle_events import (
    BALANCING,
    CREDIT_LIMIT,
    DEBIT_LIMIT,
    NS,
    NS_MAX,
    PENDING,
    VOID,
    AccountEvent,
    TransferEvent,
)

CLOSED = ("debit_account_already_closed", "credit_account_already_closed")
SETTLED = (
    "pending_transfer_already_posted", "pending_transfer_already_voided",
    "pending_transfer_expired",
)  # fmt: skip
EXCEEDS = ("exceeds_credits", "exceeds_debits")
Lines = list[dict[str, Any]]


@dataclass
class Unit:
    """The items of one event.

    ``known``: its id was used before, so that only the first item is asked; ``zero``: what it
    becomes where nothing is there to be taken; ``rehearsed``: it is only asked, and burns no id;
    ``then``: the answer where the ledger has nothing against it, and where it says one of
    ``over``, which the peer says after this; ``overflow``: which of the peer's limits the amount
    is beyond.
    """

    event: AccountEvent | TransferEvent
    items: Sequence[Item]
    known: str | None = None
    zero: Sequence[Item] = ()
    rehearsed: bool = False
    then: str = ""
    over: Collection[str] = ()
    overflow: str = ""

    @property
    def ends_a_chain(self) -> bool:
        """Whether the peer breaks a chain off here whatever the ledger says."""
        return bool(self.known or (self.then and not self.overflow))


def account_code(id: int) -> str:
    """Name an account of the peer's."""
    return f"TB:A{id}"


def symbol(ledger: int) -> str:
    """Name a ledger of the peer's, which is a commodity here."""
    return f"L{ledger}"


def hold_id(event: TransferEvent) -> UUID:
    """Name the hold of a pending transfer; one of nothing has a hold on the adapter's desk."""
    id = UUID(int=event.id)
    return id if event.amount else uuid5(id, PENDING)


@dataclass
class Sheet:
    """The balances as they will stand within a chain: for amounts that a hold cannot ask for."""

    books: Books
    known: dict[int, Totals] = field(default_factory=dict)

    def of(self, account: AccountEvent | None) -> Totals:
        """Return an account's balances."""
        if account is None:
            return Totals()
        if account.id not in self.known:
            code, money = account_code(account.id), symbol(account.ledger)
            self.known[account.id] = self.books.totals(code, money)
        return self.known[account.id]

    def clamped(self, event: TransferEvent, debit: Totals, credit: Totals) -> int:
        """Return what is there to be taken, at most the amount."""
        amount = event.amount
        if "balancing_debit" in event.flags:
            taken = debit.debits_posted + debit.debits_pending
            amount = min(amount, max(0, debit.credits_posted - taken))
        if "balancing_credit" in event.flags:
            taken = credit.credits_posted + credit.credits_pending
            amount = min(amount, max(0, credit.debits_posted - taken))
        return amount

    def move(self, debit: int, credit: int, *, pending: int = 0, posted: int = 0) -> None:
        """Take down what an event moves."""
        at, of = self.known.get(debit), self.known.get(credit)
        if at is not None:
            held, moved = at.debits_pending + pending, at.debits_posted + posted
            self.known[debit] = at._replace(debits_pending=held, debits_posted=moved)
        if of is not None:
            held, moved = of.credits_pending + pending, of.credits_posted + posted
            self.known[credit] = of._replace(credits_pending=held, credits_posted=moved)


class Units:
    """What was sent so far, and how the next event is said to the ledger."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.now_ns = books.now_us * 1_000
        self.accounts: dict[int, AccountEvent] = {}
        self.sent: dict[int, TransferEvent] = {}
        self.began: dict[int, int] = {}
        self.chained: dict[int, AccountEvent | TransferEvent] = {}
        self.sheet = Sheet(books)

    def begin(self) -> None:
        """Begin a chain, or a single event."""
        self.chained, self.sheet = {}, Sheet(self.books)

    def account(self, event: AccountEvent, state: str = "") -> Account:
        """Return the account of this ledger that stands for the peer's."""
        limited = event.flags & {DEBIT_LIMIT, CREDIT_LIMIT}
        normal = Side.CREDIT if DEBIT_LIMIT in event.flags else Side.DEBIT
        bound = limits(symbol(event.ledger), 0 if limited else None)
        stated = state or ("closed" if "closed" in event.flags else "open")
        code = account_code(event.id)
        return Account(code, "memo", "accrual", normal, bounds=(bound,), state=stated)

    def of(self, event: AccountEvent | TransferEvent) -> Unit | str:
        """Say an event in the ledger's items, or what the wire format has against it."""
        unit = self._opening(event) if isinstance(event, AccountEvent) else self._transfer(event)
        if isinstance(unit, Unit):
            self.chained.setdefault(event.id, unit.event)
        return unit

    def _opening(self, event: AccountEvent) -> Unit | str:
        known = event.id in self.accounts or event.id in self.chained
        wrong = event.malformed() or (None if known else event.forbidden())
        if wrong:
            return wrong
        self.books.must(Declare(Commodity(symbol(event.ledger), "unit", 0, "money")))
        return Unit(event, (Open(self.account(event)),), "account" if known else None)

    def _transfer(self, event: TransferEvent) -> Unit | str:
        wrong = event.malformed()
        if wrong:
            return wrong
        known = self.books.kind_of(UUID(int=event.id))
        if event.id in self.chained:
            known = TRANSACTION
        wrong = None if known else event.forbidden()
        if wrong:
            return wrong
        return self._settlement(event, known) if event.settles else self._movement(event, known)

    def _movement(self, event: TransferEvent, known: str | None) -> Unit | str:
        debit = self.accounts.get(event.debit_account_id)
        credit = self.accounts.get(event.credit_account_id)
        if known is None and debit is not None and credit is not None:
            if debit.ledger != credit.ledger:
                plain = replace(event, flags=event.flags - BALANCING)
                asked = Post(self._body(plain, self._lines(plain, event.amount or 1)))
                then = "accounts_must_have_the_same_ledger"
                return Unit(event, (asked,), rehearsed=True, then=then, over=CLOSED)
            if event.ledger != debit.ledger:
                return "transfer_must_have_the_same_ledger_as_accounts"
        at, of = self.sheet.of(debit), self.sheet.of(credit)
        amount = self.sheet.clamped(event, at, of)
        unit = Unit(event, (), known, overflow=_overflow(PENDING in event.flags, amount, at, of))
        if unit.overflow:
            unit.rehearsed, unit.then, unit.over = True, unit.overflow, EXCEEDS
        if PENDING in event.flags:
            self._pending(unit, replace(event, amount=amount))
            self.sheet.move(event.debit_account_id, event.credit_account_id, pending=amount)
        else:
            self._plain(unit, event)
            self.sheet.move(event.debit_account_id, event.credit_account_id, posted=amount)
        return unit

    def _plain(self, unit: Unit, event: TransferEvent) -> None:
        zero = (Post(self._body(event, self._lines(event, 0), [nothing_of_the_token()])),)
        if not event.amount:
            unit.items = zero
            return
        unit.items = (Post(self._body(event, self._lines(event, event.amount))),)
        unit.zero = zero if event.flags & BALANCING else ()

    def _pending(self, unit: Unit, event: TransferEvent) -> None:
        """Place a hold on both accounts; one that closes them does so in the same command."""
        unit.event = event
        began_ns = self.began.get(event.id, self.now_ns)
        deadline_ns = began_ns + event.timeout * NS if event.timeout else None
        if deadline_ns is not None and deadline_ns > NS_MAX:
            unit.rehearsed, unit.then, deadline_ns = (
                True,
                unit.overflow or "overflows_timeout",
                None,
            )
            unit.over = EXCEEDS
        closing = [
            Change(self.account(account, "closed"))
            for account in self._closed_by(event)
            if account is not None
        ]
        if event.amount:
            lines = _held(self._lines(event, event.amount))
            placed = Place(self._hold(event, UUID(int=event.id), lines, deadline_ns))
            unit.items = (placed, *closing)
            return
        lines = _held(_desk("1"))
        marker = self._hold(event, hold_id(event), lines, deadline_ns, "marker")
        checked = Post(self._body(event, self._lines(event, 0), [nothing_of_the_token()]))
        unit.items = (checked, Place(marker), *closing)

    def _closed_by(self, event: TransferEvent) -> list[AccountEvent | None]:
        named = {"closing_debit": event.debit_account_id, "closing_credit": event.credit_account_id}
        return [self.accounts.get(id) for flag, id in named.items() if flag in event.flags]

    def reopening(self, event: TransferEvent) -> list[Item]:
        """Open again what a pending transfer had closed."""
        closed = [each for each in self._closed_by(event) if each is not None]
        return [Change(self.account(each, "open")) for each in closed]

    def pending(self, id: int) -> TransferEvent | None:
        """Return a pending transfer by its id."""
        found = self.chained.get(id) or self.sent.get(id)
        if isinstance(found, TransferEvent) and PENDING in found.flags:
            return found
        return None

    def _settlement(self, event: TransferEvent, known: str | None) -> Unit | str:
        """Consume a hold, or release it; where that cannot be, the lines do not matter."""
        pending = self.pending(event.pending_id)
        if pending is None:
            taken = [{"hold": str(UUID(int=event.pending_id)), "line": 1, "amount": "0"}]
            body = self._body(event, _desk("0"), taken)
            other = event.pending_id in self.sent or event.pending_id in self.chained
            return Unit(event, (Post(body),), known, rehearsed=other)
        wrong = None if known else event.contradicts(pending)
        if wrong:
            return wrong
        resolved, hold = event.resolved(pending), hold_id(pending)
        between = (pending.debit_account_id, pending.credit_account_id)
        for id in between:
            self.sheet.of(self.accounts.get(id))
        self.sheet.move(*between, pending=-pending.amount)
        if VOID in event.flags:
            body = self._body(resolved, _desk("0"), _taken(hold, 0))
            items = (Post(body), Release(hold, VOID), *self.reopening(pending))
            return Unit(resolved, items, known)
        self.sheet.move(*between, posted=resolved.amount)
        stands = self.books.hold_state(hold) in (None, "pending")
        possible = known or (stands and resolved.amount <= pending.amount)
        lines = self._lines(resolved, resolved.amount) if possible else _desk("0")
        taken_of = resolved.amount if pending.amount else resolved.amount + 1
        body = self._body(resolved, lines, _taken(hold, min(taken_of, QUANTA_MAX), final=True))
        unit = Unit(resolved, (Post(body),), known)
        if resolved.amount > pending.amount and not known:
            unit.then, unit.over = "exceeds_pending_transfer_amount", SETTLED
        return unit

    def _lines(self, event: TransferEvent, amount: int) -> Lines:
        """Debit one account, credit the other, each in the commodity of its ledger."""
        lines = []
        for id, side in ((event.debit_account_id, "debit"), (event.credit_account_id, "credit")):
            account = self.accounts.get(id)
            money = symbol(account.ledger if account else event.ledger)
            up_to = {"up_to": True} if amount and f"balancing_{side}" in event.flags else {}
            lines.append(line(account_code(id), money, str(amount), side, **up_to))
        return lines

    def _body(
        self, event: TransferEvent, lines: Lines, consumes: list[dict[str, Any]] | None = None
    ) -> bodies.Body:
        return bodies.read({
            "book": BOOK, "id": str(UUID(int=event.id)), "kind": f"transfer-{event.code}",
            "reference": event.reference, "postings": lines, "consumes": consumes,
        })  # fmt: skip

    def _hold(
        self, event: TransferEvent, id: UUID, lines: Lines, deadline_ns: int | None, kind: str = ""
    ) -> bodies.HoldBody:
        return bodies.read_hold({
            "book": BOOK, "id": str(id), "kind": kind or f"transfer-{event.code}",
            "reference": event.reference, "lines": lines, "deadline": _instant(deadline_ns),
        })  # fmt: skip

    def created(self, event: AccountEvent | TransferEvent) -> None:
        """Keep what was sent, so that a later one with its id can be compared."""
        if isinstance(event, AccountEvent):
            self.accounts[event.id] = event
        else:
            self.sent[event.id] = event
            self.began[event.id] = self.now_ns


def _desk(amount: str) -> Lines:
    return [line(DESK.code, UNIT.code, amount, side) for side in ("debit", "credit")]


def _held(lines: Lines) -> Lines:
    """Write lines as a hold has them: never negative, and no more than they say."""
    return [
        {**{name: each[name] for name in ("account", "commodity", "side")},
         "amount": each["amount"].lstrip("-")}
        for each in lines
    ]  # fmt: skip


def _taken(hold: UUID, amount: int, *, final: bool = False) -> list[dict[str, Any]]:
    kept = {"final": True} if final else {}
    return [{"hold": str(hold), "line": no, "amount": str(amount), **kept} for no in (1, 2)]


def _instant(ns: int | None) -> str | None:
    if ns is None:
        return None
    seconds, rest = divmod(ns // 1_000, 1_000_000)
    day = EPOCH + dt.timedelta(seconds=seconds)
    return f"{day:%Y-%m-%dT%H:%M:%S}.{rest:06}Z"


def _overflow(pending: bool, amount: int, debit: Totals, credit: Totals) -> str:
    """Name the first of the peer's limits that an amount is beyond."""
    sums = {
        "debits_pending": debit.debits_pending if pending else 0,
        "credits_pending": credit.credits_pending if pending else 0,
        "debits_posted": debit.debits_posted,
        "credits_posted": credit.credits_posted,
        "debits": debit.debits_pending + debit.debits_posted,
        "credits": credit.credits_pending + credit.credits_posted,
    }
    beyond = [name for name, there in sums.items() if there + amount > QUANTA_MAX]
    return f"overflows_{beyond[0]}" if beyond else ""
