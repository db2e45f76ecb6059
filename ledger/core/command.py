"""What callers ask of the writer: items that change the log, and the evidence that goes with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from ledger.core.account import Account
from ledger.core.amount import Commodity
from ledger.core.body import Body, canonical_json

EVIDENCE_KINDS = ("reading", "agreement", "assessment", "account")


class Post(NamedTuple):
    """Post a transaction; of a kind that is ``dual``, propose it."""

    body: Body


class Approve(NamedTuple):
    """Post what another person proposed."""

    id: UUID


class Reject(NamedTuple):
    """Refuse what another person proposed, with the reason."""

    id: UUID
    reason: str


class Declare(NamedTuple):
    """Declare a commodity; the same again changes nothing."""

    commodity: Commodity


class Party(NamedTuple):
    """An organisation, a random id for a person, or a group that its source leaves unnamed."""

    id: UUID
    kind: str
    name: str


class Open(NamedTuple):
    """Open an account; the same again changes nothing."""

    account: Account


class Change(NamedTuple):
    """Give an account new bounds, kinds or state."""

    account: Account


Item = Post | Approve | Reject | Declare | Party | Open | Change


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a payment rests on: a reading, an agreement, an assessment with every step kept.

    ``content`` is JSON of strings, lists and mappings, never a float; a transaction names the
    evidence in its metadata (``evidence``: id, ``evidence_digest``: SHA-256 of the content), so
    that the log proves it. ``rests_on`` names other evidence.
    """

    id: UUID
    kind: str
    code: str
    content: Mapping[str, Any]
    rests_on: tuple[UUID, ...] = ()

    @property
    def text(self) -> str:
        """The content in canonical form."""
        return canonical_json(self.content)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical form."""
        return sha256(self.text.encode()).digest()

    @property
    def metadata(self) -> dict[str, str]:
        """What a transaction that rests on it says in its metadata."""
        return {"evidence": str(self.id), "evidence_digest": self.digest.hex()}


@dataclass(frozen=True, slots=True)
class Command:
    """Items and evidence written in one database transaction.

    ``atomic``: all stand or fall together; else each item alone. Evidence needs ``atomic``.
    """

    items: tuple[Item, ...]
    actor: UUID | None = None
    evidence: tuple[Evidence, ...] = ()
    atomic: bool = True
