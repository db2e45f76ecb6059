"""Signing what a log says of itself: on demand, and at every close where a key is configured."""

import os
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from api import session
from ledger import periods
from ledger.checkpoint import Kept, checkpoint, grown, last_note
from ledger.core.book import Book
from ledger.core.command import Turn
from ledger.core.periods import CLOSED
from ledger.core.refusals import Malformed
from ledger.core.state import Outcome
from ledger.proof.note import (
    ED25519,
    Checkpoint,
    NoteRefused,
    Signer,
    opened,
    signed,
)
from ledger.store import Store

SIGNING_KEY = "GEP_SIGNING_KEY"


class Signed(NamedTuple):
    """A checkpoint, and the note that signs it."""

    checkpoint: Checkpoint
    note: str


def configured() -> bool:
    """Say whether a file with a signing key is named."""
    return bool(os.environ.get(SIGNING_KEY))


def signer() -> Signer:
    """Return the key in the file that GEP_SIGNING_KEY names, or refuse."""
    place = os.environ.get(SIGNING_KEY)
    if not place:
        raise Malformed(SIGNING_KEY, "names no file (gep checkpoint --new-key NAME -o FILE)")
    try:
        read = Signer.read(Path(place).read_bytes().decode())
    except NoteRefused as refused:
        raise Malformed(SIGNING_KEY, str(refused)) from refused
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(SIGNING_KEY, "names a file that cannot be read") from error
    if read.kind != ED25519:
        raise Malformed(SIGNING_KEY, "is a witness's key")
    return read


def sign_head(store: Store, book: Book, key: Signer, since: Checkpoint | None = None) -> Signed:
    """Sign the head and keep the note; what was signed of this head by this key stays.

    Refused where the log has not grown out of ``since``, or of the note that was kept last.
    """
    sealed, last = _looked_at(store, book, since)
    if last is not None and last.size == sealed.size and _is_signed(last.note, key):
        return Signed(sealed, last.note)
    note = signed(sealed.text, key)
    session.keep_note(store, book, sealed, note)
    return Signed(sealed, note)


def turn(store: Store, book: Book, asked: Turn, *, actor: UUID | None) -> Outcome:
    """Turn a period; where a key is configured, a close also makes the note of its seal.

    The key is read and the head looked at first: what could not be signed is not closed.
    """
    if asked.state != CLOSED or not configured():
        return periods.turn(store, book.code, asked, actor=actor)
    key = signer()
    _looked_at(store, book, None)
    outcome = periods.turn(store, book.code, asked, actor=actor)
    sign_head(store, book, key)
    return outcome


def _looked_at(
    store: Store, book: Book, since: Checkpoint | None
) -> tuple[Checkpoint, Kept | None]:
    """Return the head and the note kept last, once the head has grown out of all that is known."""
    with store.reading() as connection:
        last = last_note(connection, book)
        for earlier in (last and last.checkpoint, since):
            if earlier is not None:
                grown(connection, book, earlier)
        return checkpoint(connection, book), last


def _is_signed(note: str, key: Signer) -> bool:
    try:
        opened(note, [key.verifier])
    except NoteRefused:
        return False
    return True
