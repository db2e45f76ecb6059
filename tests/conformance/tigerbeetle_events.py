"""TigerBeetle's accounts and transfers as its clients send them, and what its wire format forbids.

Statuses are ordered by precedence: of several, the first is told. What is checked here is what
this ledger has no field for; everything about the books is left to the ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.core.amount import QUANTA_MAX

ID_MAX = 2**128 - 1
NS_MAX = 2**63 - 1
NS, NS_PER_US = 1_000_000_000, 1_000
IDS = ("id", "debit_account_id", "credit_account_id", "pending_id", "account_id", "account")
USER_DATA = ("user_data_128", "user_data_64", "user_data_32")
BALANCES = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
INHERITED = ("debit_account_id", "credit_account_id", "ledger", "code")
FLAGS = (
    "linked", "pending", "post_pending_transfer", "void_pending_transfer", "balancing_debit",
    "balancing_credit", "closing_debit", "closing_credit", "imported",
)  # fmt: skip
POST, VOID, PENDING = "post_pending_transfer", "void_pending_transfer", "pending"
DEBIT_LIMIT, CREDIT_LIMIT = "debits_must_not_exceed_credits", "credits_must_not_exceed_debits"
BALANCING = frozenset({"balancing_debit", "balancing_credit"})
CLOSING = frozenset({"closing_debit", "closing_credit"})
TRANSIENT = (
    "debit_account_not_found", "credit_account_not_found", "pending_transfer_not_found",
    "exceeds_credits", "exceeds_debits", "debit_account_already_closed",
    "credit_account_already_closed",
)  # fmt: skip
EXISTS = "exists"


def number(value: object, name: str) -> int:
    """Read a number; ``MAX-n`` is the largest one that its field can hold, less n."""
    if isinstance(value, str) and value.startswith("MAX"):
        return (ID_MAX if name in IDS else QUANTA_MAX) - int(value.partition("-")[2] or 0)
    return int(str(value))


def numbers(fields: Mapping[str, Any]) -> dict[str, int]:
    """Read all numbers of a step's fields."""
    return {name: number(value, name) for name, value in fields.items()}


@dataclass(frozen=True)
class AccountEvent:
    """An account as it was sent; ``other`` holds what must be zero."""

    id: int
    ledger: int = 0
    code: int = 0
    user_data_128: int = 0
    user_data_64: int = 0
    user_data_32: int = 0
    timestamp: int = 0
    flags: frozenset[str] = frozenset()
    other: Mapping[str, int] = field(default_factory=dict)

    def malformed(self) -> str | None:
        """Return what is wrong before the id is even looked at."""
        if self.timestamp:
            return "timestamp_must_be_zero"
        for name, status in (("reserved", "reserved_field"), ("reserved_flags", "reserved_flag")):
            if self.other.get(name):
                return status
        return reserved_id(self.id, "id")

    def forbidden(self) -> str | None:
        """Return what is wrong with an account whose id is new."""
        if {DEBIT_LIMIT, CREDIT_LIMIT} <= self.flags:
            return "flags_are_mutually_exclusive"
        for name in BALANCES:
            if self.other.get(name):
                return f"{name}_must_be_zero"
        return _zero(self.ledger, "ledger") or _zero(self.code, "code")

    def compared(self, known: "AccountEvent", *, closed: bool) -> str:
        """Say in what this differs from the account that has its id."""
        flags = known.flags - {"closed"} | ({"closed"} if closed else set())
        if self.flags != flags:
            return "exists_with_different_flags"
        return _differing(self, known, (*USER_DATA, "ledger", "code"))


@dataclass(frozen=True)
class TransferEvent:
    """A transfer as it was sent, or as it was resolved from the pending one that it settles."""

    id: int
    debit_account_id: int = 0
    credit_account_id: int = 0
    amount: int = 0
    pending_id: int = 0
    user_data_128: int = 0
    user_data_64: int = 0
    user_data_32: int = 0
    timeout: int = 0
    ledger: int = 0
    code: int = 0
    timestamp: int = 0
    flags: frozenset[str] = frozenset()
    reserved_flags: int = 0

    @property
    def settles(self) -> bool:
        """Whether it posts or voids a pending transfer."""
        return POST in self.flags or VOID in self.flags

    @property
    def bits(self) -> int:
        """The flags as a number, as they are kept in a reference."""
        return sum(1 << place for place, name in enumerate(FLAGS) if name in self.flags)

    @property
    def reference(self) -> str:
        """What of a transfer has no field in this ledger, as one word."""
        return "/".join(f"{each:x}" for each in (self.bits, *(getattr(self, n) for n in USER_DATA)))

    def malformed(self) -> str | None:
        """Return what is wrong before the id is even looked at."""
        if self.timestamp:
            return "timestamp_must_be_zero"
        if self.reserved_flags:
            return "reserved_flag"
        return reserved_id(self.id, "id")

    def forbidden(self) -> str | None:
        """Return what is wrong with a transfer whose id is new, before any account is read."""
        flags = self.flags
        exclusive = [name for name in (PENDING, POST, VOID) if name in flags]
        if len(exclusive) > 1 or (self.settles and flags & (BALANCING | CLOSING)):
            return "flags_are_mutually_exclusive"
        wrong = self._settlement_forbidden() if self.settles else self._accounts_forbidden()
        if wrong:
            return wrong
        if PENDING not in flags:
            if self.timeout:
                return "timeout_reserved_for_pending_transfer"
            if flags & CLOSING:
                return "closing_transfer_must_be_pending"
        if self.settles:
            return None
        return _zero(self.ledger, "ledger") or _zero(self.code, "code")

    def _settlement_forbidden(self) -> str | None:
        wrong = reserved_id(self.pending_id, "pending_id")
        if wrong is None and self.pending_id == self.id:
            return "pending_id_must_be_different"
        return wrong

    def _accounts_forbidden(self) -> str | None:
        for name in ("debit_account_id", "credit_account_id"):
            if wrong := reserved_id(getattr(self, name), name):
                return wrong
        if self.debit_account_id == self.credit_account_id:
            return "accounts_must_be_different"
        return "pending_id_must_be_zero" if self.pending_id else None

    def contradicts(self, pending: "TransferEvent") -> str | None:
        """Return the first field that repeats one of the pending transfer, and wrongly."""
        for name in INHERITED:
            if getattr(self, name) not in (0, getattr(pending, name)):
                return f"pending_transfer_has_different_{name}"
        resolved = self.resolved(pending)
        if VOID in self.flags and resolved.amount > pending.amount:
            return "exceeds_pending_transfer_amount"
        if VOID in self.flags and resolved.amount < pending.amount:
            return "pending_transfer_has_different_amount"
        return None

    def resolved(self, pending: "TransferEvent") -> "TransferEvent":
        """Fill in from the pending transfer what was left out."""
        whole = (POST in self.flags and self.amount == QUANTA_MAX) or (
            VOID in self.flags and not self.amount
        )
        filled = {
            name: getattr(self, name) or getattr(pending, name) for name in INHERITED + USER_DATA
        }
        return replace(self, amount=pending.amount if whole else self.amount, **filled)

    def compared(self, known: "TransferEvent", pending: "TransferEvent | None") -> str:
        """Say in what this differs from the transfer that has its id."""
        first = ("flags", "pending_id", "timeout")
        differs = _differing(self, known, first)
        if differs != EXISTS:
            return differs
        stated = self.resolved(pending) if self.settles and pending else self
        differs = _differing(stated, known, ("debit_account_id", "credit_account_id"))
        if differs != EXISTS:
            return differs
        less = stated.amount < known.amount
        if less or (stated.amount > known.amount and not self.flags & BALANCING):
            return "exists_with_different_amount"
        return _differing(stated, known, (*USER_DATA, "ledger", "code"))


def account_event(fields: Mapping[str, Any], flags: list[str]) -> AccountEvent:
    """Read an account from a step."""
    read = numbers(fields)
    own = {name: read.pop(name) for name in list(read) if name in AccountEvent.__dataclass_fields__}
    return AccountEvent(**own, flags=frozenset(flags), other=read)


def transfer_event(fields: Mapping[str, Any], flags: list[str]) -> TransferEvent:
    """Read a transfer from a step."""
    return TransferEvent(**numbers(fields), flags=frozenset(flags))


def reserved_id(id: int, name: str) -> str | None:
    """Refuse the two numbers that are no id."""
    if id == ID_MAX:
        return f"{name}_must_not_be_int_max"
    return _zero(id, name)


def _zero(value: int, name: str) -> str | None:
    return None if value else f"{name}_must_not_be_zero"


def _differing(one: object, other: object, names: tuple[str, ...]) -> str:
    for name in names:
        if getattr(one, name) != getattr(other, name):
            return f"exists_with_different_{name}"
    return EXISTS
