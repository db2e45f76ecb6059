"""Signed checkpoints of a book, and proofs of its transactions that a stranger can check."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import auth, problems, signing
from api.caller import BookVisitor
from api.parameters import SEQ_MAX, Limit
from ledger import checkpoint as checkpoints
from ledger import journal
from ledger.core.errors import Conflict, NotFound
from ledger.core.refusals import Malformed
from ledger.proof.bundle import NOT_SHOWN, check_bundle
from ledger.proof.export import instant
from ledger.proof.note import NOTE_CHARACTERS_MAX, Checkpoint, NoteRefused, Verifier, checked

router = APIRouter(prefix="/v1/books/{book}", tags=["proofs"], responses=problems.DOCUMENTED)
Size = Annotated[int, Query(ge=0, le=SEQ_MAX, description="So many records.")]


@dataclass(eq=False)
class NoCheckpoint(NotFound):
    """No signed checkpoint of this book was kept."""

    code = "checkpoint.none"
    title = "No signed checkpoint of this book was kept"
    book: str


@dataclass(eq=False)
class Unprovable(Conflict):
    """The log as it stands does not prove the transaction: ``gep verify`` says more."""

    code = "checkpoint.unprovable"
    title = "The log as it stands does not prove the transaction"
    id: str
    found: str


class CheckpointOut(BaseModel):
    """A checkpoint and the note that signs it; keep the note elsewhere."""

    origin: str
    size: int
    root: str
    note: str
    made_at: str | None = None


class CheckpointPage(BaseModel):
    """A page of checkpoints, the oldest first, and the link to the next."""

    items: list[CheckpointOut]
    next: str | None


class SigningIn(BaseModel):
    """From which earlier note the log must have grown, besides the one that was kept last."""

    model_config = ConfigDict(extra="forbid")
    since: str | None = Field(default=None, max_length=NOTE_CHARACTERS_MAX)


class TreeOut(BaseModel):
    """So many records, and the root over them."""

    size: int
    root: str


class ConsistencyOut(BaseModel):
    """The path (RFC 9162) which shows that the second tree begins with the first."""

    origin: str
    first: TreeOut
    second: TreeOut
    path: list[str]


@router.get("/checkpoints")
def list_checkpoints(
    visitor: BookVisitor,
    cursor: Annotated[int, Query(ge=0, le=SEQ_MAX, description="So many to pass over.")] = 0,
    limit: Limit = 50,
) -> CheckpointPage:
    """List the signed checkpoints that were kept, the oldest first. Any role that reads."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        found = checkpoints.kept_notes(connection, visitor.book, cursor, limit + 1)
    path = f"/v1/books/{visitor.book.code}/checkpoints?cursor={cursor + limit}&limit={limit}"
    items = [_kept(each) for each in found[:limit]]
    return CheckpointPage(items=items, next=path if len(found) > limit else None)


@router.get("/checkpoints/latest")
def latest_checkpoint(visitor: BookVisitor) -> CheckpointOut:
    """Return the signed checkpoint that was kept last. Any role that reads."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        found = checkpoints.last_note(connection, visitor.book)
    if found is None:
        raise NoCheckpoint(visitor.book.code)
    return _kept(found)


@router.post("/checkpoints", status_code=201)
def sign_checkpoint(visitor: BookVisitor, asked: SigningIn | None = None) -> CheckpointOut:
    """Sign the head with the server's key and keep the note. Needs ``auditor`` or ``admin``.

    A log that has not grown out of the checkpoint kept last, or of ``since``, is not signed (409).
    The same head again is answered with the note that it has.
    """
    visitor.principal.require(auth.SIGN, visitor.book)
    key = signing.signer()
    since = _earlier(asked.since, key.verifier) if asked and asked.since else None
    sealed, note = signing.sign_head(visitor.store, visitor.book, key, since)
    return CheckpointOut(**_tree(sealed), note=note)


@router.get("/checkpoints/consistency")
def show_consistency(visitor: BookVisitor, first: Size, second: Size) -> ConsistencyOut:
    """Show that the log of the second size begins with that of the first. Any role that reads."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        head = checkpoints.checkpoint(connection, visitor.book)
        if not first <= second <= head.size:
            raise Malformed("second", f"is not between {first} and {head.size} records")
        path = checkpoints.consistency(connection, visitor.book, first, second)
        one, other = (
            TreeOut(size=size, root=checkpoints.root_at(connection, visitor.book, size).hex())
            for size in (first, second)
        )
    steps = [step.hex() for step in path]
    return ConsistencyOut(origin=head.origin, first=one, second=other, path=steps)


@router.get("/proofs/{id}")
def prove(
    id: UUID,
    visitor: BookVisitor,
    signed: Annotated[bool, Query(description="Under the checkpoint kept last.")] = False,
) -> dict[str, Any]:
    """Return the proof of a transaction, as ``gep prove`` writes and ``gep verify FILE`` reads it.

    Needs a role that reads the book, or every entity in the transaction.
    """
    visitor.principal.require_some_read(visitor.book)
    _, record = journal.find(visitor.store, visitor.book.code, id)
    visitor.principal.require(auth.READ, visitor.book, record.entities)
    with visitor.store.reading() as connection:
        kept = checkpoints.last_note(connection, visitor.book) if signed else None
        if signed and kept is None:
            raise NoCheckpoint(visitor.book.code)
        note = kept.note if kept else None
        proof: dict[str, Any] = checkpoints.proof_of(connection, visitor.book, id, note)
    found = {each.code for each in check_bundle(proof) if each.code not in NOT_SHOWN}
    if found:
        raise Unprovable(str(id), ", ".join(sorted(found)))
    return proof


def _earlier(note: str, own: Verifier) -> Checkpoint:
    try:
        return checked(note, [own]).checkpoint
    except NoteRefused as refused:
        raise Malformed("since", str(refused)) from refused


def _tree(sealed: Checkpoint) -> dict[str, Any]:
    return {"origin": sealed.origin, "size": sealed.size, "root": sealed.root.hex()}


def _kept(each: checkpoints.Kept) -> CheckpointOut:
    sealed = each.checkpoint
    return CheckpointOut(**_tree(sealed), note=each.note, made_at=instant(each.made_at_us))
