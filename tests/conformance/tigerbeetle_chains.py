"""Batches and linked chains of TigerBeetle events, and the ledger's answers in its words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from ledger import balances, journal
from ledger.core.command import Item
from ledger.core.errors import DomainError
from ledger.core.hold_refusals import HoldExceeded, HoldNotPending, UnknownHold
from ledger.core.refusals import (
    AccountConflict,
    AccountNotOpen,
    AmountOverflow,
    FloorBroken,
    IdConflict,
    NothingThere,
    Unbalanced,
    UnknownAccount,
)
from ledger.core.state import REFUSED, REPLAYED, Outcome
from tests.conformance.books import BOOK, REFUSAL, Books, culprit, stop
from tests.conformance.tigerbeetle_events import (
    BALANCING,
    EXISTS,
    PENDING,
    TRANSIENT,
    AccountEvent,
    TransferEvent,
)
from tests.conformance.tigerbeetle_units import Unit, Units, account_code

Event = AccountEvent | TransferEvent
Answer = tuple[str, str]
CREATED, FAILED, OPEN = "created", "linked_event_failed", "linked_event_chain_open"
WIRE, CHAINED = "wire format", "chained"
SETTLED = {
    "consumed": "pending_transfer_already_posted",
    "voided": "pending_transfer_already_voided",
    "expired": "pending_transfer_expired",
}


STATUSES: Mapping[type[DomainError], tuple[str, str]] = {
    UnknownAccount: ("debit_account_not_found", "credit_account_not_found"),
    AccountNotOpen: ("debit_account_already_closed", "credit_account_already_closed"),
    FloorBroken: ("exceeds_credits", "exceeds_debits"),
    HoldExceeded: ("exceeds_pending_transfer_amount",) * 2,
    Unbalanced: ("accounts_must_have_the_same_ledger",) * 2,
}


class Chains:
    """Sends events one by one, and linked ones as one command."""

    def __init__(self, books: Books, units: Units) -> None:
        self.books, self.units = books, units

    def batch(self, events: Sequence[Event]) -> list[Answer]:
        """Answer every event of a request, in order."""
        answers: list[Answer] = []
        while len(answers) < len(events):
            last = len(answers)
            while "linked" in events[last].flags and last + 1 < len(events):
                last += 1
            chain = events[len(answers) : last + 1]
            self.units.begin()
            single = len(chain) == 1 and "linked" not in chain[0].flags
            answers += [self._single(chain[0])] if single else self._chain(chain)
        return answers

    def _single(self, event: Event) -> Answer:
        unit = self.units.of(event)
        if isinstance(unit, str):
            return unit, WIRE
        if unit.known:
            (outcome,) = self.books.say(unit.items[0])
            return self._replayed(unit, outcome), ""
        if unit.rehearsed or unit.zero:
            refused = self.books.rehearse(*unit.items)
            if refused and isinstance(refused[1], NothingThere) and unit.zero:
                unit.items = unit.zero
            elif unit.rehearsed:
                return self._asked(unit, refused[1] if refused else None)
        outcomes = self.books.say(*unit.items)
        if any(each.status == REFUSED for each in outcomes):
            _, error = culprit(outcomes)
            status = self._status(unit, error)
            if len(unit.items) > 1:
                self._retire(unit, status)
            return status, ""
        if outcomes[0].status == REPLAYED:
            return REPLAYED, ""
        self._created(unit)
        return CREATED, ""

    def _asked(self, unit: Unit, error: DomainError | None) -> Answer:
        """Answer an event that was only rehearsed."""
        allowed = CREATED if unit.overflow else unit.then
        status = allowed if error is None else self._status(unit, error)
        self._retire(unit, status)
        answered = error is not None and self._word(unit, error) == status
        return status, "" if answered else WIRE

    def _chain(self, chain: Sequence[Event]) -> list[Answer]:
        """Send a chain as one command; where the peer breaks it off, so does this."""
        closed = "linked" not in chain[-1].flags
        units: list[Unit] = []
        verdict = ""
        for event in chain if closed else chain[:-1]:
            again = event.id in self.units.chained
            unit = self.units.of(event)
            if isinstance(unit, str):
                verdict = unit
                break
            if again:
                unit.known = CHAINED
            units.append(unit)
            if unit.ends_a_chain:
                break
        whole = closed and len(units) == len(chain) and not units[-1].ends_a_chain
        broken, status, wire = self._sent(units, whole=whole, verdict=verdict)
        if not status:
            for unit in units:
                self._created(unit)
            return [(CREATED, "")] * len(chain)
        answers = [(FAILED, "")] * len(chain)
        if broken < len(chain) and (closed or broken < len(chain) - 1):
            answers[broken] = (status, wire)
        if not closed:
            answers[-1] = (OPEN, WIRE)
        return answers

    def _sent(self, units: list[Unit], *, whole: bool, verdict: str) -> tuple[int, str, str]:
        """Return which event of a chain failed, and why; no reason where all stand."""
        while True:
            items = [(item, unit) for unit in units for item in _asked_of(unit)]
            said = [item for item, _ in items] + ([] if whole else [stop()])
            outcomes = self.books.say(*said)
            if all(each.status != REFUSED for each in outcomes):
                return 0, "", ""
            first, error = culprit(outcomes)
            if first == len(items):
                break
            unit = items[first][1]
            at = units.index(unit)
            if isinstance(error, NothingThere) and unit.zero:
                unit.items, unit.zero = unit.zero, ()
                continue
            status = self._status(unit, error)
            self._retire(unit, status)
            return at, status, ""
        if verdict:
            return len(units), verdict, WIRE
        if units and units[-1].known:
            return len(units) - 1, self._repeated(units[-1]), ""
        if units and units[-1].then:
            return len(units) - 1, units[-1].then, WIRE
        return len(units), FAILED, ""

    def _repeated(self, unit: Unit) -> str:
        """Answer an id that breaks a chain off: one the ledger had before, or one of the chain."""
        if unit.known == CHAINED:
            return self._compared(unit.event)
        return self._replayed(unit, self.books.say(unit.items[0])[0])

    def _replayed(self, unit: Unit, outcome: Outcome) -> str:
        """Answer an id that was used before, as the ledger did: a replay, or a conflict."""
        if outcome.error is not None:
            return self._status(unit, outcome.error)
        if outcome.status != REPLAYED and outcome.seq is not None:
            return outcome.status
        return self._compared(unit.event)

    def _compared(self, event: Event) -> str:
        """Say which field of an event differs from what was sent first under its id."""
        if isinstance(event, TransferEvent):
            known = self.units.sent.get(event.id) or self.units.chained[event.id]
            assert isinstance(known, TransferEvent)
            return event.compared(known, self.units.pending(event.pending_id))
        first = self.units.accounts.get(event.id)
        if first is None:
            chained = self.units.chained[event.id]
            assert isinstance(chained, AccountEvent)
            return event.compared(chained, closed="closed" in chained.flags)
        with self.books.store.reading() as connection:
            found = balances.account(connection, self.books.book, account_code(event.id))
        return event.compared(first, closed=found.state == "closed")

    def _status(self, unit: Unit, error: DomainError) -> str:
        """Say a refusal of the ledger's in the peer's words, and in the peer's precedence."""
        status = self._word(unit, error)
        return unit.then if status in unit.over else status

    def _word(self, unit: Unit, error: DomainError) -> str:
        """Say a refusal of the ledger's in the peer's words; one without a word stays as it is."""
        event = unit.event
        if unit.known == REFUSAL:
            return "id_already_failed"
        if isinstance(error, IdConflict | AccountConflict):
            compared = self._compared(event)
            lenient = compared != EXISTS or event.flags & BALANCING
            return compared if lenient else error.code
        if isinstance(error, HoldNotPending):
            return SETTLED[error.state]
        if isinstance(error, UnknownHold):
            return f"pending_transfer_not_{'pending' if unit.rehearsed else 'found'}"
        if isinstance(error, AmountOverflow) and unit.overflow:
            return unit.overflow
        debit = "" if isinstance(event, AccountEvent) else account_code(event.debit_account_id)
        on_debit, on_credit = STATUSES.get(type(error), (error.code, error.code))
        return on_debit if error.facts().get("account", debit) == debit else on_credit

    def _retire(self, unit: Unit, status: str) -> None:
        """Burn an id that failed for a transient reason where the ledger itself does not.

        A command of several items burns none, whatever the reason.
        """
        if status in TRANSIENT and self.books.kind_of(UUID(int=unit.event.id)) is None:
            self.books.retire(UUID(int=unit.event.id))

    def _created(self, unit: Unit) -> None:
        event = unit.event
        balancing = event.flags & BALANCING and PENDING not in event.flags
        if isinstance(event, TransferEvent) and balancing:
            _, record = journal.find(self.books.store, BOOK, UUID(int=event.id))
            event = replace(event, amount=record.postings[0].quanta)
        self.units.created(event)


def _asked_of(unit: Unit) -> Sequence[Item]:
    return unit.items[:1] if unit.known else unit.items
