"""Serial blocks: which units of an issue stand where, followed from the issue through the log.

A unit is one of the smallest parts of its right, numbered in the order of issue. What a
transaction moves are the lowest numbers there, unless it names others; a reversal moves back what
its original moved. So the blocks follow from the log alone, and nobody states them (decision 0095).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from ledger.core.refusals import Malformed
from ledger.rights.registry import BY_CARRY, ISSUED


class Block(NamedTuple):
    """Units from one number to another, both included, and the transaction that issued them."""

    first: int
    last: int
    issue: UUID

    @property
    def size(self) -> int:
        """How many units."""
        return self.last - self.first + 1


class Moved(NamedTuple):
    """One line of a transaction that moves a right; ``quanta`` are debit-positive."""

    id: UUID
    reverses: UUID | None
    serials: str
    account: str
    quanta: int

    @property
    def issues(self) -> bool:
        """Whether the account is where rights come from."""
        return self.account.partition(":")[2] in {ISSUED, BY_CARRY}


@dataclass
class Serials:
    """The blocks of one right as they stand after so many transactions."""

    held: dict[str, list[Block]] = field(default_factory=lambda: defaultdict(list))
    issued: int = 0
    gone: int = 0
    short: list[UUID] = field(default_factory=list)
    moved: dict[UUID, list[Block]] = field(default_factory=dict)

    def follow(self, lines: Sequence[Moved]) -> None:
        """Follow one transaction: first what leaves, then what arrives."""
        first = lines[0]
        named = self._named(first)
        wanted = named or [each[:2] for each in self.moved.get(first.reverses or first.id, ())]
        passing: list[Block] = []
        for line in lines:
            if line.quanta < 0:
                passing += self._issue(line) if line.issues else self._leave(line, wanted)
        if named and named != joined(passing):
            self.short.append(first.id)
        self.moved[first.id] = list(passing)
        for line in lines:
            if line.quanta > 0:
                part, passing = _split(passing, line.quanta)
                if line.issues:
                    self.gone += sum(each.size for each in part)
                else:
                    self.held[line.account] = _in_order([*self.held[line.account], *part])

    def _named(self, line: Moved) -> list[tuple[int, int]]:
        try:
            return spans(line.serials)
        except Malformed:
            self.short.append(line.id)
            return []

    def _issue(self, line: Moved) -> list[Block]:
        block = Block(self.issued + 1, self.issued - line.quanta, line.id)
        self.issued = block.last
        return [block]

    def _leave(self, line: Moved, wanted: Sequence[Sequence[int]]) -> list[Block]:
        named, rest = _choose(self.held[line.account], wanted)
        part, kept = _split(named, -line.quanta)
        more, rest = _split(rest, -line.quanta - sum(each.size for each in part))
        self.held[line.account] = _in_order([*kept, *rest])
        if sum(each.size for each in (*part, *more)) < -line.quanta:
            self.short.append(line.id)
        return [*part, *more]


def spans(serials: str) -> list[tuple[int, int]]:
    """Read numbers as ``1-100,205``, neighbours put together; refuse what is none, or overlaps."""
    found = []
    for part in filter(None, serials.replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            raise Malformed("serials", f"{part!r} is neither a number nor two, as 1-100")
        found.append((int(first), int(last or first)))
        if found[-1][0] > found[-1][1]:
            raise Malformed("serials", f"{part!r} runs backwards")
    found.sort()
    if any(one[1] >= next_[0] for one, next_ in pairwise(found)):
        raise Malformed("serials", "names a unit twice")
    return joined(found)


def joined(numbers: Iterable[Sequence[Any]]) -> list[tuple[int, int]]:
    """Return the numbers of blocks, from and to, with neighbours put together."""
    found: list[tuple[int, int]] = []
    for first, last, *_ in sorted(tuple(each) for each in numbers):
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def chosen(blocks: Iterable[Block], wanted: Sequence[Sequence[int]]) -> list[Block]:
    """Return what of blocks has the numbers wanted."""
    return _choose(blocks, wanted)[0]


def _choose(
    blocks: Iterable[Block], wanted: Sequence[Sequence[int]]
) -> tuple[list[Block], list[Block]]:
    """Cut blocks at the numbers wanted: what is wanted of them, and the rest."""
    inside_all, rest = [], list(blocks)
    for first, last in wanted:
        left = []
        for block in rest:
            inside = Block(max(block.first, first), min(block.last, last), block.issue)
            if inside.size <= 0:
                left.append(block)
                continue
            inside_all.append(inside)
            around = ((block.first, first - 1), (last + 1, block.last))
            left += [Block(a, b, block.issue) for a, b in around if a <= b]
        rest = left
    return inside_all, _in_order(rest)


def _split(blocks: Sequence[Block], quanta: int) -> tuple[list[Block], list[Block]]:
    """Part blocks after so many units."""
    part: list[Block] = []
    left = quanta
    for at, block in enumerate(blocks):
        if block.size > left:
            cut = block.first + left
            inside = [block._replace(last=cut - 1)] if left > 0 else []
            return [*part, *inside], [block._replace(first=cut), *blocks[at + 1 :]]
        part.append(block)
        left -= block.size
    return part, []


def _in_order(blocks: Iterable[Block]) -> list[Block]:
    """Sort blocks by number; put neighbours of one issue together again."""
    found: list[Block] = []
    for block in sorted(blocks):
        if found and found[-1].last + 1 == block.first and found[-1].issue == block.issue:
            found[-1] = found[-1]._replace(last=block.last)
        else:
            found.append(block)
    return found
