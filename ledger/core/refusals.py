"""The refusals of the ledger; ``precedence`` says which of several is told.

A ``transient`` one stays with its id: a late duplicate cannot succeed after the caller gave up.
"""

from dataclasses import dataclass

from ledger.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    RuleBroken,
)


@dataclass(eq=False)
class Malformed(RuleBroken):
    """What was given does not have the form that is needed."""

    code = "ledger.malformed"
    title = "Not in the form that is needed"
    at: str
    problem: str


@dataclass(eq=False)
class UnknownBook(NotFound):
    """No book has this code."""

    code = "ledger.unknown-book"
    title = "No book has this code"
    book: str


@dataclass(eq=False)
class IdConflict(Conflict):
    """The id was used before, with another body."""

    code = "ledger.id-conflict"
    title = "The id was used before, with another body"
    id: str


@dataclass(eq=False)
class UnknownAccount(NotFound):
    """The book has no such account."""

    code = "ledger.unknown-account"
    title = "The book has no such account"
    transient = True
    account: str


@dataclass(eq=False)
class AccountNotOpen(RuleBroken):
    """The account is frozen or closed."""

    code = "ledger.account-state"
    title = "The account is not open"
    transient = True
    account: str
    state: str


@dataclass(eq=False)
class UnknownCommodity(NotFound):
    """Nobody has declared this commodity."""

    code = "ledger.unknown-commodity"
    title = "Nobody has declared this commodity"
    commodity: str


@dataclass(eq=False)
class CommodityNotAccepted(RuleBroken):
    """The account does not take commodities of this kind."""

    code = "ledger.commodity-not-accepted"
    title = "The account does not take commodities of this kind"
    account: str
    commodity: str
    kind: str


@dataclass(eq=False)
class InexactAmount(RuleBroken):
    """The amount is finer than the smallest part of its commodity."""

    code = "ledger.inexact-amount"
    title = "The amount is finer than the smallest part of its commodity"
    amount: str
    commodity: str
    scale: int


@dataclass(eq=False)
class AmountOverflow(RuleBroken):
    """The amount, or the balance it leads to, is beyond 64 bits of quanta."""

    code = "ledger.overflow"
    title = "The amount is larger than the ledger can hold"
    commodity: str


@dataclass(eq=False)
class ZeroAmount(RuleBroken):
    """A posting moves nothing."""

    code = "ledger.zero-amount"
    title = "A posting moves nothing"
    account: str
    commodity: str


@dataclass(eq=False)
class Unbalanced(RuleBroken):
    """Debits and credits differ; ``difference`` is debits less credits, in the commodity's unit."""

    code = "ledger.unbalanced"
    title = "Debits and credits differ"
    entity: str
    basis: str
    commodity: str
    difference: str


@dataclass(eq=False)
class RedOutsideReversal(RuleBroken):
    """A negative debit or credit (红字) stands in a transaction that reverses nothing."""

    code = "ledger.red-outside-reversal"
    title = "A red entry may only stand in a reversal"
    account: str


@dataclass(eq=False)
class UnknownTransaction(NotFound):
    """The book has no such transaction."""

    code = "ledger.unknown-transaction"
    title = "The book has no such transaction"
    id: str


@dataclass(eq=False)
class NotTheMirror(RuleBroken):
    """A reversal must take back exactly what the original posted."""

    code = "ledger.not-the-mirror"
    title = "The reversal does not take back what the original posted"
    reverses: str


@dataclass(eq=False)
class AlreadyReversed(Conflict):
    """A transaction is reversed once."""

    code = "ledger.already-reversed"
    title = "The transaction has been reversed before"
    reverses: str


@dataclass(eq=False)
class InTransit(RuleBroken):
    """What was sent to another book comes back only by what that book decided."""

    code = "ledger.in-transit"
    title = "What is in transit comes back only when the other book has refused it"
    reverses: str
    to: str


@dataclass(eq=False)
class UpToUnclear(RuleBroken):
    """Lines of one commodity that take what is there must all state the same amount."""

    code = "ledger.up-to-unclear"
    title = "Lines that take what is there must all state the same amount"
    commodity: str


@dataclass(eq=False)
class NothingThere(RuleBroken):
    """A line takes what is there, at most, and nothing is there."""

    code = "ledger.nothing-there"
    title = "Nothing is there to be taken"
    transient = True
    account: str
    commodity: str


@dataclass(eq=False)
class BackDated(RuleBroken):
    """Rights and client cash are posted in date order."""

    code = "ledger.back-dated"
    title = "Rights and client cash are posted in date order"
    account: str
    commodity: str
    effective_on: str
    latest: str


@dataclass(eq=False)
class FloorBroken(RuleBroken):
    """The account would fall below its floor."""

    code = "ledger.floor"
    title = "The account would fall below its floor"
    transient = True
    account: str
    commodity: str
    available: str
    floor: str


@dataclass(eq=False)
class CeilingBroken(RuleBroken):
    """The account would rise above its ceiling."""

    code = "ledger.ceiling"
    title = "The account would rise above its ceiling"
    transient = True
    account: str
    commodity: str
    balance: str
    ceiling: str


@dataclass(eq=False)
class UnknownProposal(NotFound):
    """Nothing with this id waits for approval."""

    code = "ledger.unknown-proposal"
    title = "Nothing with this id waits for approval"
    id: str


@dataclass(eq=False)
class ProposalRejected(Conflict):
    """The proposal was rejected."""

    code = "ledger.proposal-rejected"
    title = "The proposal was rejected"
    id: str


@dataclass(eq=False)
class SelfApproval(Forbidden):
    """Preparer and approver are two people."""

    code = "ledger.self-approval"
    title = "Preparer and approver must be two people"
    id: str


@dataclass(eq=False)
class NotPermitted(Forbidden):
    """No grant of this user covers it."""

    code = "ledger.not-permitted"
    title = "No grant of this user covers this"
    action: str
    scope: str


@dataclass(eq=False)
class AccountConflict(Conflict):
    """The account exists already, with another class, side, basis or party."""

    code = "ledger.account-conflict"
    title = "The account exists already, in another form"
    account: str
    differs: str


@dataclass(eq=False)
class CommodityConflict(Conflict):
    """The commodity exists already; unit, scale and kind are fixed for ever."""

    code = "ledger.commodity-conflict"
    title = "The commodity exists already; unit, scale and kind are fixed for ever"
    commodity: str
    differs: str


@dataclass(eq=False)
class BookConflict(Conflict):
    """The book exists already, with another time zone or policy."""

    code = "ledger.book-conflict"
    title = "The book exists already, in another form"
    book: str


@dataclass(eq=False)
class UnknownEvidence(NotFound):
    """The metadata name evidence that the book does not hold, or another digest of it."""

    code = "ledger.unknown-evidence"
    title = "The book holds no such evidence"
    evidence: str


@dataclass(eq=False)
class EvidenceConflict(Conflict):
    """Evidence with this id exists already, with another content."""

    code = "ledger.evidence-conflict"
    title = "Evidence with this id exists already, with another content"
    id: str


@dataclass(eq=False)
class ForeignDigestConflict(Conflict):
    """Another digest, or other metadata, was written down under this reference before."""

    code = "ledger.foreign-digest-conflict"
    title = "Something else was written down under this reference"
    what: str
    reference: str


@dataclass(eq=False)
class ChainBroken(RuleBroken):
    """Another part of the same all-or-nothing command was refused."""

    code = "ledger.chain-broken"
    title = "Another part of the same command was refused"
    because: str


@dataclass(eq=False)
class UnreadableRecord(RuleBroken):
    """The stored rows of a record no longer make a record."""

    code = "ledger.unreadable-record"
    title = "The stored rows of a record no longer make a record"
    seq: int
    problem: str


@dataclass(eq=False)
class Internal(RuleBroken):
    """Something failed that no rule foresees; nothing was posted, and no id was burnt."""

    code = "ledger.internal"
    title = "Something failed inside; nothing was posted"
    id: str


@dataclass(eq=False)
class Undurable(RuleBroken):
    """The database would lose what it acknowledged."""

    code = "ledger.undurable-database"
    title = "The database would lose what it acknowledged"
    setting: str
    value: str


@dataclass(eq=False)
class NotMigrated(RuleBroken):
    """The database does not have this edition's tables."""

    code = "ledger.not-migrated"
    title = "The database does not have this edition's tables; run gep migrate"
    found: str
    expected: str
