"""What must happen, told a second time in the plainest way: dictionaries and loops."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ledger.core.body import Body, ConsumeBody, HoldBody
from ledger.core.command import Cite, Command, Item, Place, Post, Release, Take

FLOORS = {"CLR:Client:A:Free": 0, "CLR:Client:B:Free": 0, "CLR:Client:C:Free": -50}
CEILINGS = {"CLR:Client:B:Free": 400}
ACCOUNTS = ("CLR:Bank:Settlement", *FLOORS)
CREDIT_NORMAL = frozenset(FLOORS)
Line = tuple[str, str, int]


@dataclass
class OracleHold:
    """What a hold still reserves, line by line."""

    lines: list[Line]
    left: list[int]
    deadline_us: int | None
    state: str = "pending"


@dataclass
class Oracle:
    """Balances, holds and ids as they must be; ``decide`` says what must be answered."""

    debits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    credits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    holds: dict[UUID, OracleHold] = field(default_factory=dict)
    told: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    transactions: int = 0
    cited: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def expire(self, now_us: int) -> None:
        """Let go of what was held until now or before."""
        for hold in self.holds.values():
            due = hold.deadline_us is not None and hold.deadline_us <= now_us
            if hold.state == "pending" and due:
                hold.state, hold.left = "expired", [0] * len(hold.left)

    def decide(self, command: Command, now_us: int) -> list[str]:
        """Say what becomes of each item, and move on."""
        if command.atomic and len(command.items) > 1:
            return self._together(command.items, now_us)
        answers: list[str] = []
        for item in command.items:
            code = self._item(item, now_us)
            transient = code in {"ledger.floor", "ledger.ceiling", "ledger.unknown-hold"}
            if transient and isinstance(item, Post | Place | Take):
                self.told.setdefault(item.body.id, (item.body.text, code))
            answers.append(code)
        return answers

    def _together(self, items: Sequence[Item], now_us: int) -> list[str]:
        before = (
            dict(self.debits), dict(self.credits), dict(self.told), self.transactions,
            {id: OracleHold(h.lines, list(h.left), h.deadline_us, h.state)
             for id, h in self.holds.items()},
        )  # fmt: skip
        cited = dict(self.cited)
        answers = [self._item(item, now_us) for item in items]
        if any(answer.startswith("ledger.") for answer in answers):
            self.debits, self.credits, self.told, self.transactions, self.holds = before
            self.cited = cited
            return [a if a.startswith("ledger.") else "ledger.chain-broken" for a in answers]
        return answers

    def _item(self, item: Item, now_us: int) -> str:
        if isinstance(item, Release):
            return self._release(item.id)
        if isinstance(item, Cite):
            return self._cite(item)
        assert isinstance(item, Post | Place | Take)
        if item.body.id in self.told:
            text, answer = self.told[item.body.id]
            if text != item.body.text:
                return "ledger.id-conflict"
            return answer if answer.startswith("ledger.") else "replayed"
        if isinstance(item, Take):
            return self._take(item.body)
        return self._post(item.body) if isinstance(item, Post) else self._place(item.body, now_us)

    def _cite(self, item: Cite) -> str:
        known = self.cited.get((item.what, item.reference))
        if known is not None:
            return "replayed" if known == item.digest else "ledger.foreign-digest-conflict"
        self.cited[item.what, item.reference] = item.digest
        return "done"

    def _release(self, id: UUID) -> str:
        hold = self.holds.get(id)
        if hold is None:
            return "ledger.unknown-hold"
        if hold.state != "pending":
            return "replayed" if hold.state == "voided" else "ledger.hold-not-pending"
        hold.state, hold.left = "voided", [0] * len(hold.left)
        return "done"

    def _take(self, body: ConsumeBody) -> str:
        left = self._left_after(body)
        if isinstance(left, str):
            return left
        self._set_left(left)
        self._close_empty()
        self.told[body.id] = (body.text, "done")
        return "done"

    def _left_after(self, body: Body | ConsumeBody) -> dict[UUID, list[int]] | str:
        """Work out what is left of every hold, or the refusal."""
        left = {id: list(hold.left) for id, hold in self.holds.items()}
        for each in body.consumes or ():
            hold = self.holds.get(each.hold)
            if hold is None:
                return "ledger.unknown-hold"
            if hold.state != "pending":
                return "ledger.hold-not-pending"
            if int(each.amount) > left[each.hold][each.line - 1]:
                return "ledger.hold-exceeded"
            left[each.hold][each.line - 1] -= int(each.amount)
            if each.final:
                left[each.hold][each.line - 1] = 0
        return left

    def _close_empty(self) -> None:
        for hold in self.holds.values():
            if hold.state == "pending" and not any(hold.left):
                hold.state = "consumed"

    def _post(self, body: Body) -> str:
        left = self._left_after(body)
        if isinstance(left, str):
            return left
        was = {id: hold.left for id, hold in self.holds.items()}
        moves = [(line.account, int(line.amount)) for line in body.postings]
        before = {account: self.standing(account) for account in self.touched(body)}
        self._set_left(left)
        self._move(moves, 1)
        broken = self._broken(before)
        if broken:
            self._move(moves, -1)
            self._set_left(was)
            return broken
        self._close_empty()
        self.told[body.id] = (body.text, "posted")
        self.transactions += 1
        return "posted"

    def _place(self, body: HoldBody, now_us: int) -> str:
        lines: list[Line] = [(at.account, at.side, int(at.amount)) for at in body.lines]
        if body.deadline_us is not None and body.deadline_us <= now_us:
            return "ledger.deadline-passed"
        before = {account: self.standing(account) for account, _, _ in lines}
        self.holds[body.id] = OracleHold(lines, [each[2] for each in lines], body.deadline_us)
        broken = self._broken(before)
        if broken:
            del self.holds[body.id]
            return broken
        self.told[body.id] = (body.text, "held")
        return "held"

    def touched(self, body: Body) -> list[str]:
        """Name the accounts that a transaction moves, and those whose holds it takes of."""
        held = [
            self.holds[each.hold].lines[each.line - 1][0]
            for each in body.consumes or ()
            if each.hold in self.holds
        ]
        return list(dict.fromkeys([*(line.account for line in body.postings), *held]))

    def standing(self, account: str) -> tuple[int, int]:
        """Return what may go out of an account, and what fills it."""
        outgoing, incoming = (
            ("debit", "credit") if account in CREDIT_NORMAL else ("credit", "debit")
        )
        normal = self.debits[account] - self.credits[account]
        normal = -normal if account in CREDIT_NORMAL else normal
        return normal - self.held(account, outgoing), normal + self.held(account, incoming)

    def held(self, account: str, side: str) -> int:
        """Add up what holds reserve on a side of an account."""
        return sum(
            left
            for hold in self.holds.values()
            for (of, column, _), left in zip(hold.lines, hold.left, strict=True)
            if (of, column) == (account, side)
        )

    def _broken(self, before: dict[str, tuple[int, int]]) -> str:
        for account, (was, _) in before.items():
            now = self.standing(account)[0]
            if account in FLOORS and now < was and now < FLOORS[account]:
                return "ledger.floor"
        for account, (_, was) in before.items():
            now = self.standing(account)[1]
            if account in CEILINGS and now > was and now > CEILINGS[account]:
                return "ledger.ceiling"
        return ""

    def _move(self, moves: Sequence[tuple[str, int]], sign: int) -> None:
        for account, quanta in moves:
            if quanta < 0:
                self.credits[account] -= sign * quanta
            else:
                self.debits[account] += sign * quanta

    def _set_left(self, left: dict[UUID, list[int]]) -> None:
        for id, remaining in left.items():
            self.holds[id].left = remaining
