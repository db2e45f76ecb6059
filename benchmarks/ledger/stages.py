"""Where the time of a batch goes: each stage by itself, one after the other, in one thread."""

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from benchmarks import books
from benchmarks.ledger.place import Place
from benchmarks.ledger.traffic import MOST, THOUSAND
from ledger.core.footprint import footprint
from ledger.core.rules import decide
from ledger.core.state import State
from ledger.proof.merkle import Tree
from ledger.store.prepared import Prepared
from ledger.store.session import Session

STAGES = ("footprint", "fill", "decide", "leaf_and_pack", "ship", "commit")
TRANSACTIONS, QUICK_TRANSACTIONS = 80_000, 8_000
WARMING = 2
Result = TypeVar("Result")


def profile(place: Place) -> list[dict[str, Any]]:
    """Return, for two sizes of batches, microseconds a transaction of every stage."""
    store = place.book("stages")
    number = QUICK_TRANSACTIONS if place.quick else TRANSACTIONS
    writer, reader = store.session(writing=True), store.session(writing=False)
    book = writer.find(books.BOOK)
    state, tree = writer.fresh(book, writer.lock(book))
    writer.connection.rollback()
    try:
        return [
            _stages(Batches(writer, reader, state, tree, store.clock), size, max(number // size, 1))
            for size in (THOUSAND, MOST)
        ]
    finally:
        writer.connection.close()
        reader.connection.close()


class Batches:
    """What the writer does with a batch, each stage timed."""

    def __init__(
        self, writer: Session, reader: Session, state: State, tree: Tree, clock: Callable[[], int]
    ) -> None:
        self.writer, self.reader, self.clock = writer, reader, clock
        self.state, self.tree = state, tree
        self.spent = dict.fromkeys(STAGES, 0.0)

    def post(self, load: books.Load) -> None:
        """Post one batch."""
        commands, now_us, state = (load.command,), self.clock(), self.state
        needs = self._timed("footprint", lambda: footprint(commands))
        self._timed("fill", lambda: self.reader.fill(state, needs, now_us))
        decision = self._timed("decide", lambda: decide(state, commands, now_us))
        prepared = self._timed("leaf_and_pack", lambda: self.writer.prepare(state, self.tree))
        self._timed("ship", lambda: self._ship(prepared))
        self._timed("commit", self.writer.connection.commit)
        books.check((load,), decision.outcomes)

    def _ship(self, prepared: Prepared) -> None:
        self.writer.lock(self.state.book)
        self.writer.write(prepared)

    def _timed(self, stage: str, work: Callable[[], Result]) -> Result:
        start = time.perf_counter()
        result = work()
        self.spent[stage] += time.perf_counter() - start
        return result


def _stages(batches: Batches, size: int, number: int) -> dict[str, Any]:
    made: Iterator[books.Load] = books.loads(size)
    for _ in range(WARMING):
        batches.post(next(made))
    batches.spent = dict.fromkeys(STAGES, 0.0)
    ready = [next(made) for _ in range(number)]
    gc.collect()
    gc.disable()
    for each in ready:
        batches.post(each)
    gc.enable()
    spent = {name: each * 1e6 / (size * number) for name, each in batches.spent.items()}
    return {"batch": size, **spent, "all": sum(spent.values())}
