"""The laws of transactions: exact, balanced, in date order, within bounds, taken back once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.proof.calendar import Calendar, Group
from ledger.proof.layout import Json, count
from ledger.proof.reserves import Reserves
from ledger.proof.standing import (
    Broken,
    Found,
    Standing,
    Standings,
    accepted,
    quanta_of,
    within,
)

Sums = Mapping[Group, int]
Posted = Sequence[Any]
"""A transaction's standings and quanta, in turns."""


class Transactions:
    """Every transaction of a book by its id, with what it posted."""

    def __init__(
        self, found: Found, standings: Standings, reserves: Reserves, calendar: Calendar
    ) -> None:
        self.found = found
        self.standings = standings
        self.reserves = reserves
        self.calendar = calendar
        self.dual: frozenset[str] = frozenset()
        self.known: dict[str, Posted] = {}
        self.reversed: set[str] = set()

    def post(self, line: Json) -> None:
        """Hold a transaction against every law, and move the balances."""
        id, consumes = line["id"], line["consumes"]
        if id in self.known:
            self.found("verify.id-twice", id)
        dual = line["kind"] in self.dual
        if consumes or dual or line["approver"] is not None or id in self.reserves.holds:
            self.reserves.approve(line, dual=dual)
        before = self._taken(line) if consumes else {}
        posted, sums = self._posted(line, before)
        if not posted:
            self.found("verify.amount", "a transaction without postings")
        if any(sums.values()):
            self._unbalanced(sums)
        if before:
            within(before, self.found)
        self.calendar.post(line, sums)
        if line["up_to"]:
            self._at_most(line["up_to"], posted)
        if line["reverses"] is not None:
            self._reversal(line["reverses"], posted)
        self.known[id] = posted

    def _unbalanced(self, sums: Sums) -> None:
        for at, difference in sums.items():
            if difference:
                self.found("verify.unbalanced", f"{' / '.join(at)} differs by {difference} quanta")

    def _taken(self, line: Json) -> dict[Standing, tuple[int, int]]:
        """Take what a transaction consumes of holds; return how its standings stood before."""
        takings = self.reserves.takings([each for each in line["consumes"] if each["line"]])
        if not takings:
            return {}
        named = [self.standings.at(each["account"], each["commodity"]) for each in line["postings"]]
        before = {each: each.room for each in (*named, *(each.standing for each in takings))}
        self.reserves.take(takings)
        return before

    def _posted(self, line: Json, before: dict[Standing, tuple[int, int]]) -> tuple[Posted, Sums]:
        """Move the balances line by line; return what moved, and its sums by group."""
        standings, on, seq = self.standings.known, line["effective_on"], line["seq"]
        posted: list[Any] = []
        sums: dict[Group, int] = {}
        for posting in line["postings"]:
            key = (posting["account"], posting["commodity"])
            standing = standings.get(key) or self.standings.at(*key)
            scale, group = standing.scale, standing.group
            if not standing.usable:
                accepted(standing, self.found)
            if standing.bounded and standing not in before:
                before[standing] = standing.room
            quanta = quanta_of(posting["amount"], scale)
            if posting["side"] == "debit":
                standing.debits += quanta
                usual = quanta > 0
            else:
                standing.credits -= quanta
                usual = quanta < 0
            if not usual:
                self._unusual(line, posting, quanta)
            standing.moved = seq
            if quanta_of(posting["balance_after"], scale) != standing.debits - standing.credits:
                self.found("verify.balance-after", f"{' '.join(key)}: {posting['balance_after']}")
            if on != standing.latest:
                self._dated(standing, on)
            sums[group] = sums.get(group, 0) + quanta
            posted.append(standing)
            posted.append(quanta)
        return posted, sums

    def _unusual(self, line: Json, posting: Json, quanta: int) -> None:
        """Zero stands only where a hold is consumed, a red entry only in a reversal."""
        named = f"{posting['account']} {posting['commodity']}"
        if not quanta:
            if not any(each["line"] for each in line["consumes"]):
                self.found("verify.amount", f"{named} moves nothing")
        elif line["reverses"] is None:
            self.found("verify.amount", f"{posting['amount']} on the {posting['side']} side")

    def _dated(self, standing: Standing, on: str) -> None:
        """Rights, memos and client cash are posted in date order."""
        if on > standing.latest:
            standing.latest = on
        elif standing.ordered:
            self.found("verify.back-dated", f"{' '.join(standing.key)} before {standing.latest}")

    def _at_most(self, up_to: Sequence[Json], posted: Posted) -> None:
        """A line that asked for at most so much took no more, and its commodity alike."""
        asked: dict[str, set[int]] = {}
        for each in up_to:
            if not 0 < each["line"] <= len(posted) // 2:
                raise Broken("verify.up-to", f"there is no line {each['line']}")
            commodity = posted[2 * each["line"] - 2].key[1]
            asked.setdefault(commodity, set()).add(count(each["quanta"]))
        for commodity, most in asked.items():
            moved = zip(posted[::2], posted[1::2], strict=True)
            taken = {abs(quanta) for standing, quanta in moved if standing.key[1] == commodity}
            if len(most) > 1 or len(taken) > 1 or max(taken) > max(most):
                why = f"{sorted(taken)} quanta of {commodity}, of {sorted(most)} at most"
                self.found("verify.up-to", why)

    def _reversal(self, original: str, posted: Posted) -> None:
        """A reversal is the mirror of a transaction that was not reversed before."""
        first = self.known.get(original) or ()
        if _counted(first, -1) != _counted(posted, 1) or original in self.reversed:
            self.found(
                "verify.reversal", f"does not take back {original}, or not for the first time"
            )
        self.reversed.add(original)


def _counted(posted: Posted, sign: int) -> Counter[Any]:
    moved = zip(posted[::2], posted[1::2], strict=True)
    return Counter((standing.key, sign * quanta) for standing, quanta in moved)
