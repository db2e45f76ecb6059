"""The laws of holds: what is reserved, taken, let go and expired, read from an export alone."""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from ledger.proof.layout import SIDES, Json, count
from ledger.proof.standing import Broken, Found, Standing, Standings, accepted, fits, within

APPROVAL, PENDING = "approval", "pending"
NEVER = "~"
"""A deadline that sorts after every instant."""


class Reserved(NamedTuple):
    """One line of a hold: quanta of a standing, on a side."""

    standing: Standing
    column: int


class Reserve:
    """A hold, and what remains of each of its lines."""

    __slots__ = ("line", "lines", "remaining", "state")

    def __init__(self, line: Json, lines: Sequence[Reserved]) -> None:
        self.line = line
        self.lines = lines
        self.remaining = [count(each["quanta"]) for each in line["lines"]]
        self.state = PENDING


class Taking(NamedTuple):
    """What is taken of one line of a hold, what is let go with it, and where it was held."""

    reserve: Reserve
    number: int
    quanta: int
    freed: int

    @property
    def standing(self) -> Standing:
        """The account and commodity in which it was held."""
        return self.reserve.lines[self.number].standing


class Reserves:
    """Every hold of a book, as the records so far left it."""

    def __init__(self, found: Found, standings: Standings) -> None:
        self.found = found
        self.standings = standings
        self.holds: dict[str, Reserve] = {}
        self.deadlines: list[tuple[str, str]] = []
        self.earliest = NEVER

    def place(self, line: Json) -> None:
        """Reserve all lines together, within the bounds; an approval reserves nothing."""
        lines = [
            Reserved(
                self.standings.at(each["account"], each["commodity"]), SIDES.index(each["side"])
            )
            for each in line["lines"]
        ]
        reserve = Reserve(line, lines)
        if line["kind"] == APPROVAL:
            if lines or line["deadline"] is not None or line["group"] is not None:
                self.found("verify.hold", "an approval with lines, a deadline or a group")
        elif not lines or not all(reserve.remaining):
            self.found("verify.hold", "a hold that reserves nothing")
        deadline = line["deadline"]
        if deadline is not None and deadline <= line["booked_at"]:
            self.found("verify.deadline", f"placed when its deadline {deadline} had come")
        before = {each.standing: each.standing.room for each in lines}
        for each, quanta in zip(lines, reserve.remaining, strict=True):
            accepted(each.standing, self.found)
            each.standing.held[each.column] += quanta
            fits(each.standing, self.found)
        within(before, self.found)
        self.holds[line["id"]] = reserve
        if deadline is not None:
            heappush(self.deadlines, (deadline, line["id"]))
            self._next_deadline()

    def void(self, line: Json) -> None:
        """Let all go that a hold still reserves; a rejected proposal lets nothing go."""
        self._end(line["hold"], "voided")

    def expire(self, line: Json) -> None:
        """Let all go at the deadline that the hold has, and not before it."""
        id, deadline = line["hold"], line["deadline"]
        if line["booked_at"] < deadline:
            self.found("verify.expiry", f"hold {id} expires before {deadline}")
        if id in self.holds and self.holds[id].line["deadline"] != deadline:
            self.found("verify.expiry", f"{deadline} is not the deadline of hold {id}")
        self._end(id, "expired")

    def overdue(self, booked_at: str) -> None:
        """Say which hold should have expired before anything else was booked."""
        deadline, id = self.deadlines[0]
        self.found("verify.overdue", f"booked at {booked_at}; hold {id} was due at {deadline}")

    def takings(self, consumes: Sequence[Json]) -> list[Taking]:
        """Read what is taken of holds that are pending, and never more than remains of a line."""
        takings: list[Taking] = []
        left: dict[tuple[str, int], int] = {}
        for each in consumes:
            reserve, number = self._pending(each["hold"]), each["line"] - 1
            if reserve.line["kind"] == APPROVAL or not 0 <= number < len(reserve.lines):
                raise Broken("verify.hold", f"hold {each['hold']} has no line {each['line']}")
            at, quanta = (each["hold"], number), count(each["quanta"])
            there = left.get(at, reserve.remaining[number])
            if quanta > there:
                self.found("verify.hold-exceeded", f"{quanta} of {there} quanta of hold {at[0]}")
            freed = max(0, there - quanta) if each["final"] else 0
            left[at] = there - quanta - freed
            takings.append(Taking(reserve, number, quanta, freed))
        return takings

    def take(self, takings: Sequence[Taking]) -> None:
        """Take down what remains; a hold of which nothing remains is consumed."""
        for reserve, number, quanta, freed in takings:
            reserve.remaining[number] -= quanta + freed
            standing, column = reserve.lines[number]
            standing.held[column] -= quanta + freed
            if not any(reserve.remaining):
                reserve.state = "consumed"
        self._next_deadline()

    def approve(self, line: Json, *, dual: bool) -> None:
        """Two people; what the second approved is what the first prepared, and once only."""
        id, reserve = line["id"], self.holds.get(line["id"])
        taken = [each for each in line["consumes"] if not each["line"]]
        if taken and taken != [{"hold": id, "line": 0, "quanta": "0", "final": True}]:
            self.found("verify.approval", "consumes an approval that is not its own")
        if not taken and (dual or line["approver"] is not None):
            self.found("verify.approval", "has or needs an approver, and consumes no approval")
        if dual or taken:
            self._approved(line, reserve)
        elif reserve is not None:
            self.found("verify.id-twice", f"{id} is the id of a hold")

    def _approved(self, line: Json, reserve: Reserve | None) -> None:
        if line["approver"] is None or line["approver"] == line["preparer"]:
            self.found("verify.approval", "a dual transaction without a second person")
        prepared = reserve.line if reserve is not None else {"kind": None}
        names = ("digest", "preparer")
        same = prepared["kind"] == APPROVAL and all(prepared[name] == line[name] for name in names)
        if not same:
            self.found("verify.approval", "what was approved is not what was prepared")
        elif reserve is not None and reserve.state != PENDING:
            self.found("verify.hold-not-pending", f"the approval {line['id']} is {reserve.state}")
        elif reserve is not None:
            reserve.state = "consumed"

    def _pending(self, id: str) -> Reserve:
        reserve = self.holds.get(id)
        if reserve is None:
            raise Broken("verify.hold", f"there is no hold {id}")
        if reserve.state != PENDING:
            raise Broken("verify.hold-not-pending", f"hold {id} is {reserve.state}")
        return reserve

    def _end(self, id: str, state: str) -> None:
        reserve = self._pending(id)
        for (standing, column), quanta in zip(reserve.lines, reserve.remaining, strict=True):
            standing.held[column] -= quanta
        reserve.remaining = [0] * len(reserve.lines)
        reserve.state = state
        self._next_deadline()

    def _next_deadline(self) -> None:
        while self.deadlines and self.holds[self.deadlines[0][1]].state != PENDING:
            heappop(self.deadlines)
        self.earliest = self.deadlines[0][0] if self.deadlines else NEVER
