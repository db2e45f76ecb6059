"""What callers ask of the writer: items that change the log, and the evidence beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from ledger.core.account import Account
from ledger.core.amount import Commodity
from ledger.core.body import EVIDENCE, EVIDENCE_DIGEST, Body, ConsumeBody, HoldBody, canonical_json
from ledger.core.person import Person

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


class Annotate(NamedTuple):
    """Add metadata to a transaction that is posted."""

    transaction: UUID
    metadata: Mapping[str, str]


class Place(NamedTuple):
    """Place a hold."""

    body: HoldBody


class Take(NamedTuple):
    """Take up quanta of holds without a posting."""

    body: ConsumeBody


class Release(NamedTuple):
    """Void a hold, with the reason."""

    id: UUID
    reason: str


class ReleaseGroup(NamedTuple):
    """Void all holds of a group, with the reason."""

    group: UUID
    reason: str


class Cite(NamedTuple):
    """Write down the digest of something kept elsewhere: what it is, and where it is found."""

    what: str
    reference: str
    digest: bytes
    metadata: Mapping[str, str] = MappingProxyType({})


class Turn(NamedTuple):
    """Bring a period of one entity and basis into another state; ``seal`` is made at a close."""

    entity: str
    basis: str
    period: str
    state: str
    reason: str = ""
    seal: Callable[[Any], bytes] | None = None


class Declare(NamedTuple):
    """Declare a commodity; the same again changes nothing."""

    commodity: Commodity


class Party(NamedTuple):
    """An organisation, a random id for a person, or a group that its source leaves unnamed."""

    id: UUID
    kind: str
    name: str


class Entrust(NamedTuple):
    """Keep what is personal beside the log, in the erasable table; ``account`` binds it."""

    id: UUID
    account: str
    salt: bytes
    person: Person


class Open(NamedTuple):
    """Open an account; the same again changes nothing."""

    account: Account


class Change(NamedTuple):
    """Give an account new bounds, kinds or state."""

    account: Account


class Enter(NamedTuple):
    """Tell a market an event: an order, a withdrawal, the opening of a day; it stands alone.

    ``told`` has no number and no instant yet, ``digest`` is over it; ``floor`` makes the market as
    it was before its first event.
    """

    id: UUID
    market: str
    told: Any
    digest: bytes
    floor: Callable[[], Any]


Item = (
    Post | Approve | Reject | Annotate | Place | Take | Release | ReleaseGroup | Cite | Turn
    | Declare | Party | Entrust | Open | Change | Enter
)  # fmt: skip


class EvidenceRef(NamedTuple):
    """Evidence by id and digest: it cannot be exchanged without the reference noticing."""

    id: UUID
    digest: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a payment rests on: a reading, an agreement, an assessment with every step kept.

    ``content`` is JSON of strings, lists and mappings, never a float. A transaction names its
    evidence in its metadata (id and digest), and the digest covers what that rests on in turn:
    the log proves the whole chain down to the reading.
    """

    id: UUID
    kind: str
    code: str
    content: Mapping[str, Any]
    rests_on: tuple[EvidenceRef, ...] = ()

    @property
    def text(self) -> str:
        """The content in canonical form."""
        return canonical_json(self.content)

    @property
    def digest(self) -> bytes:
        """SHA-256 over kind, code, content and the references it rests on."""
        rests_on = {str(each.id): each.digest.hex() for each in self.rests_on}
        whole = {"kind": self.kind, "code": self.code, "content": self.content}
        return sha256(canonical_json({**whole, "rests_on": rests_on}).encode()).digest()

    @property
    def ref(self) -> EvidenceRef:
        """How other evidence names this."""
        return EvidenceRef(self.id, self.digest)

    @property
    def metadata(self) -> dict[str, str]:
        """What a transaction that rests on it says in its metadata."""
        return {EVIDENCE: str(self.id), EVIDENCE_DIGEST: self.digest.hex()}


@dataclass(frozen=True, slots=True)
class Command:
    """Items and evidence written in one database transaction.

    ``atomic``: all stand or fall together; else each item alone. Evidence needs ``atomic``.
    """

    items: tuple[Item, ...]
    actor: UUID | None = None
    evidence: tuple[Evidence, ...] = ()
    atomic: bool = True
