"""What stands in line at the desk of a book: commands, the lead, a batch that is decided."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.core.command import Command
from ledger.core.state import Decision, Outcome, State
from ledger.store.prepared import Prepared

Answers = tuple[Outcome, ...]


@dataclass(eq=False, slots=True)
class Ticket:
    """A command that waits for its answer, or for its caller to lead the next batch."""

    command: Command
    called: threading.Event = field(default_factory=threading.Event)
    answers: Answers | None = None
    error: BaseException | None = None

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
