"""What stands in line at the desk of a book: commands, the lead, a batch that is decided."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from ledger.core.book import Book
from ledger.core.command import Command
from ledger.core.rules import Answers
from ledger.core.state import Decision, State
from ledger.store.prepared import Prepared
from ledger.store.session import Session

SKIPPED_MAX = 64
"""For so many batches one who waited for a turn in vain does not ask for one."""
SHORT = 128
"""So many records are a short batch."""
SHORT_US, LONG_US = 100_000, 1_000_000
"""How long one process goes on while others wait for their turn: with a few records, with many."""


@dataclass(eq=False, slots=True)
class Ticket:
    """A command that waits for its answer, or for its caller to lead the next batch."""

    command: Command
    called: threading.Event = field(default_factory=threading.Event)
    answers: Answers | None = None
    error: BaseException | None = None

    @property
    def answered(self) -> bool:
        """Whether there is an answer, or it is known what went wrong."""
        return self.answers is not None or self.error is not None

    def result(self) -> Answers:
        """Return the answers, or raise what went wrong."""
        if self.error is not None:
            raise self.error
        assert self.answers is not None
        return self.answers


class Lead:
    """The lead of a desk, passed on once."""

    def __init__(self, hand_over: Callable[[], None]) -> None:
        self.hand_over: Callable[[], None] | None = hand_over

    def pass_on(self) -> None:
        """Call the next who waits, unless that was done before."""
        if self.hand_over is not None:
            hand_over, self.hand_over = self.hand_over, None
            hand_over()


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch decided ahead: on which state, and what is to be written."""

    epoch: int
    state: State
    decision: Decision
    prepared: Prepared


class Turn:
    """The turn of one process while several write one book: several batches, one after the other.

    ``ahead`` counts what is decided ahead and not yet written: a turn ends behind it. ``few`` says
    whether the last batch was a short one.
    """

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.book: Book | None = None
        self.began_us = 0
        self.few = True
        self.ahead = 0
        self.skipped = SKIPPED_MAX

    @property
    def held(self) -> bool:
        """Whether the turn was taken and not yet given up."""
        return bool(self.began_us)

    @property
    def goes_on(self) -> bool:
        """Whether another batch may still be decided within the turn."""
        return self.held and _now_us() - self.began_us < (SHORT_US if self.few else LONG_US)

    def join(self) -> "Ahead":
        """Count a batch that is decided ahead, if the turn goes on: it does not end before that."""
        with self.mutex:
            joined = self.goes_on
            self.ahead += joined
        return Ahead(self, joined)

    def take(self, session: Session, book: Book) -> None:
        """Wait for a turn; who waited in vain goes on without for some batches."""
        if self.skipped < SKIPPED_MAX:
            self.skipped += 1
            return
        self.book, self.began_us = book, _now_us()  # given back, should the wait be interrupted
        self.began_us = _now_us() if session.take_turn(book) else 0
        self.skipped = SKIPPED_MAX if self.held else 0

    def end(self, session: Session | None, *, idle: bool) -> None:
        """Give the turn up when it is over or nobody waits, and nothing is decided ahead."""
        with self.mutex:
            over = self.held and (idle or not self.goes_on) and not self.ahead
            if over:
                self.give(session)

    def give(self, session: Session | None) -> None:
        """Give the turn up, if it is held."""
        if self.held and session is not None and self.book is not None:
            session.give_turn(self.book)
        self.began_us = 0


class Ahead:
    """A batch that may be decided ahead; it counts until it is about to be written, or given up."""

    def __init__(self, turn: Turn, joined: bool) -> None:
        self.turn, self.joined = turn, joined

    def leave(self) -> None:
        """Count no longer."""
        with self.turn.mutex:
            self.turn.ahead -= self.joined
            self.joined = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()


def _now_us() -> int:
    return time.monotonic_ns() // 1000
