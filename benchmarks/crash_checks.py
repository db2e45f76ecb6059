"""What must hold after a crash: what was answered stands, nothing else does, nothing is half."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from benchmarks.crash_client import ANSWER, FAILED, RETRIED, Going, Said, told
from benchmarks.crash_traffic import Step
from ledger.core.command import Approve, Command, Item, Place, Post, Release
from ledger.core.errors import every_error
from ledger.store import Store, tables
from ledger.store.load import find_book
from ledger.verification import verify_book
from ledger.writer import submit_batch

TRANSACTIONS, HOLDS, VOIDS = "transactions", "holds", "voids"
TRANSIENT = frozenset(error.code for error in every_error() if error.transient)
TOGETHER = 100
Fact = tuple[str, UUID]


class Verdict(NamedTuple):
    """How many of each were found after a crash; all but the first are nought when all is well."""

    found: int
    lost: int
    duplicates: int
    unsent: int
    half: int
    contradicted: int
    verify: int
    why: tuple[str, ...] = ()


@dataclass
class Known:
    """What a book's callers may have sent, and what they were answered."""

    book: str
    digests: dict[UUID, set[bytes]] = field(default_factory=dict)
    facts: dict[Fact, int] = field(default_factory=dict)
    burnt: dict[UUID, str] = field(default_factory=dict)
    chains: list[tuple[UUID, ...]] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    twice: set[Fact] = field(default_factory=set)
    contradictions: list[str] = field(default_factory=list)

    def hear(self, going: Going, said: Sequence[Said]) -> tuple[list[Step], list[Step]]:
        """Take in what a client said; return the steps that were answered, and those that hang."""
        self.retried += sum(each.what == RETRIED for each in said)
        self.contradictions += [str(each.told) for each in said if each.what == FAILED]
        answers = {(each.thread, each.number): each.told for each in said if each.what == ANSWER}
        answered, open_ = [], []
        for thread in range(going.threads):
            last = max((number for of, number in answers if of == thread), default=-1)
            for number, step in enumerate(islice(going.caller(thread).steps(), last + 2)):
                self.learn(step)
                if (thread, number) in answers:
                    self.answered(step, answers[thread, number])
                    answered.append(step)
                else:
                    open_.append(step)
        return answered, open_

    def learn(self, step: Step) -> None:
        """Note what a step may write."""
        posts = [item.body for item in step.command.items if isinstance(item, Post | Place)]
        for body in posts:
            self.digests.setdefault(body.id, set()).add(body.digest)
        if len(posts) > 1 and (step.command.atomic or getattr(posts[0], "chain", None)):
            self.chains.append(tuple(body.id for body in posts))

    def answered(self, step: Step, answers: Sequence[tuple[str, int | None]]) -> None:
        """Note what a step was answered, and whether that may be."""
        for item, (status, seq) in zip(step.command.items, answers, strict=True):
            self.statuses[status] += 1
            if status not in step.may:
                self.contradictions.append(f"{type(item).__name__} {_id(item)}: {status}")
            if seq is not None:
                fact = (_table(item, status), _id(item))
                if self.facts.setdefault(fact, seq) != seq:
                    self.twice.add(fact)
            elif status in TRANSIENT and isinstance(item, Post | Place) and _alone(step, item):
                self.burnt[item.body.id] = status


def check(store: Store, known: Known) -> Verdict:
    """Hold the book against everything its callers were told."""
    with store.reading() as connection:
        book = find_book(connection, known.book).id
        there = list(_there(connection, book))
        refused = dict(_refused(connection, book))
        half = _half(connection, book)
    placed = {(table, id): seq for table, id, seq, _ in there}
    posted = {id for table, id in placed if table == TRANSACTIONS}
    wrong = [
        id for _, id, _, digest in there
        if digest is not None and digest not in known.digests.get(id, ())
    ]  # fmt: skip
    for chain in known.chains:
        half += 0 < sum(id in posted for id in chain) < len(chain)
    lost = sum(placed.get(fact) != seq for fact, seq in known.facts.items())
    lost += sum(refused.get(id) != code for id, code in known.burnt.items())
    known.contradictions += [f"refused and posted: {id}" for id in known.burnt if id in posted]
    contradicted, known.contradictions = known.contradictions, []
    times = Counter((table, id) for table, id, _, _ in there)
    report = verify_book(store, known.book)
    return Verdict(
        len(there), lost, sum(each > 1 for each in times.values()) + len(known.twice), len(wrong),
        half, len(contradicted), len(report.findings),
        (*contradicted, *map(str, report.findings)),
    )  # fmt: skip


def resend(store: Store, known: Known, steps: Sequence[Step]) -> Counter[str]:
    """Send steps again, answered or not: what stands must be told as it was the first time."""
    before = Counter(known.statuses)
    for start in range(0, len(steps), TOGETHER):
        some = steps[start : start + TOGETHER]
        commands: list[Command] = [step.command for step in some]
        for step, answers in zip(some, submit_batch(store, known.book, commands), strict=True):
            known.answered(step, told(answers))
    return known.statuses - before


def _alone(step: Step, item: Post | Place) -> bool:
    """Whether a refusal stays with its id: nothing of a chain burns one."""
    command = step.command
    chained = command.evidence or (command.atomic and len(command.items) > 1)
    return not chained and getattr(item.body, "chain", None) is None


def _id(item: Item) -> UUID:
    id = item.body.id if isinstance(item, Post | Place) else getattr(item, "id", None)
    assert id is not None
    return id


def _table(item: Item, status: str) -> str:
    if isinstance(item, Release):
        return VOIDS
    held = isinstance(item, Place) or (isinstance(item, Post) and status == "held")
    assert held or isinstance(item, Post | Approve)
    return HOLDS if held else TRANSACTIONS


def _there(connection: Connection, book: int) -> Iterator[tuple[str, UUID, int, bytes | None]]:
    for table in (tables.transactions, tables.holds):
        at = table.c
        for row in connection.execute(select(at.id, at.seq, at.digest).where(at.book_id == book)):
            yield table.name, row.id, row.seq, bytes(row.digest)
    void = tables.voids.c
    for hold, seq in connection.execute(select(void.hold, void.seq).where(void.book_id == book)):
        yield tables.voids.name, hold, seq, None


def _refused(connection: Connection, book: int) -> Iterator[tuple[UUID, str]]:
    at = tables.refusals.c
    for row in connection.execute(select(at.id, at.code).where(at.book_id == book)):
        yield row.id, row.code


def _half(connection: Connection, book: int) -> int:
    """Count transactions that do not balance by themselves, and those without postings."""
    line, made = tables.postings.c, tables.transactions.c
    signed = line.quanta * (1 - 2 * line.side) * (1 - 2 * line.red)
    uneven = (
        select(line.seq).where(line.book_id == book)
        .group_by(line.seq, line.commodity).having(func.sum(signed) != 0)
    )  # fmt: skip
    posted = select(line.seq).where(line.book_id == book)
    bare = select(made.seq).where(made.book_id == book, made.seq.not_in(posted))
    return len(connection.execute(uneven.union(bare)).all())
