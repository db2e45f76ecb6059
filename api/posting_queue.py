"""One queue a book: what comes in while a batch commits makes up the next one, without a timer.

The commands of all requests meet in the event loop; a batch is decided and committed in a thread,
and each request is answered after the commit of its own. The next batch is not begun earlier: two
half as long would cost more than the time of a commit.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.applications import Starlette

from ledger.core.command import Command
from ledger.core.state import Outcome
from ledger.store import Store
from ledger.writer import BATCH_MAX, submit, submit_batch

Answers = tuple[Outcome, ...]
Answer = asyncio.Future[Answers]
WAITING_MAX = 20_000
"""Some seconds of work: whoever comes then is told to come again, and nothing of it is kept."""


class Busy(Exception):
    """More waits to be posted in this book than it can answer in a few seconds."""


class PostingQueue:
    """What waits to be posted in one book, and whether a batch is under way."""

    def __init__(self, store: Store, book: str, loop: asyncio.AbstractEventLoop) -> None:
        self.store, self.book, self.loop = store, book, loop
        self.waiting: list[tuple[Command, Answer]] = []
        self.under_way = False
        self.called = False
        self.threads = ThreadPoolExecutor(1, f"post-{book}")

    def post(self, command: Command) -> Answer:
        """Wait for a place in a batch; the answer comes after its commit. Raises ``Busy``."""
        if len(self.waiting) >= WAITING_MAX:
            raise Busy
        answer: Answer = self.loop.create_future()
        self.waiting.append((command, answer))
        self._call()
        return answer

    def _call(self) -> None:
        """Send a batch off once everything that has already come in has been read."""
        if self.waiting and not self.called and not self.under_way:
            self.called = True
            self.loop.call_soon(self._send_off)

    def _send_off(self) -> None:
        self.called = False
        batch, self.waiting = self.waiting[:BATCH_MAX], self.waiting[BATCH_MAX:]
        self.under_way = True
        commands = [command for command, _ in batch]
        sent = self.loop.run_in_executor(self.threads, decided, self.store, self.book, commands)
        sent.add_done_callback(lambda done: self._come_back([each for _, each in batch], done))

    def _come_back(
        self, waited: Sequence[Answer], done: "asyncio.Future[list[Answers | Exception]]"
    ) -> None:
        self.under_way = False
        self._call()
        failed = done.exception()
        results = [failed] * len(waited) if failed is not None else done.result()
        for answer, result in zip(waited, results, strict=True):
            if answer.cancelled():
                continue
            if isinstance(result, BaseException):
                answer.set_exception(result)
            else:
                answer.set_result(result)


def decided(store: Store, book: str, commands: Sequence[Command]) -> list[Answers | Exception]:
    """Decide commands in one commit; when that fails, each alone: only the culprit has an error."""
    try:
        return list(submit_batch(store, book, commands))
    except (InterfaceError, OperationalError) as error:
        return [error] * len(commands)  # the database is away: for each of them alike
    except Exception:  # noqa: BLE001 - told to whom it concerns
        return [_alone(store, book, command) for command in commands]


def queue_of(app: Starlette, store: Store, book: str) -> PostingQueue:
    """Return the queue of a book in this event loop."""
    loop = asyncio.get_running_loop()
    queues: dict[str, PostingQueue] = app.state.queues
    found = queues.get(book)
    if found is None or found.loop is not loop:
        found = queues[book] = PostingQueue(store, book, loop)
    return found


def _alone(store: Store, book: str, command: Command) -> Answers | Exception:
    try:
        return submit(store, book, command)
    except Exception as error:  # noqa: BLE001 - raised where the request is answered
        return error
