"""Checkpoints and proofs of a book: nodes of its tree read from the database, a few at a time.

The leaves stand with the records and every eighth level in ``tree_nodes``, so that any other node
is hashed from at most 128 rows. What a book older than ``tree_nodes`` does not have there is hashed
from its leaves. Stored hashes are not believed: whatever is made of them is checked against the
bytes of the records by the second implementation, here in ``Growth`` and in ``proof.bundle``.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.core.amount import Commodity
from ledger.core.book import Book
from ledger.core.errors import Conflict, Finding, InputRefused
from ledger.core.record import CommodityUsed
from ledger.core.refusals import UnknownTransaction
from ledger.proof.bundle import Json, Placed, proof_file
from ledger.proof.export import record_line
from ledger.proof.inclusion import (
    check_consistency,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
)
from ledger.proof.layout import record_bytes
from ledger.proof.merkle import HASH_BYTES, KEPT_LEVELS, Tree, root
from ledger.proof.note import Checkpoint, NoteRefused, body_of, read_checkpoint
from ledger.proof.verify import UNREADABLE, Report, VerifyFinding, verify
from ledger.store import tables
from ledger.store.log import read_log

ORIGIN = "gep-ledger/"
NO_RECORD = bytes(HASH_BYTES)
"""Stands for the leaf of a record whose fields make none: no bytes hash to it."""


def origin(book: UUID) -> str:
    """Return the line by which a checkpoint names the log that it is of."""
    return f"{ORIGIN}{book}"


def checkpoint(connection: Connection, book: Book) -> Checkpoint:
    """Return what the log says of itself now: O(1), from the frontier at its head."""
    head = tables.heads.c
    row = connection.execute(select(head.seq, head.frontier).where(head.book_id == book.id)).one()
    if len(row.frontier) != row.seq.bit_count() * HASH_BYTES:
        raise _refused("checkpoint.frontier", "The frontier is not that of so many records")
    return Checkpoint(origin(book.uuid), row.seq, Tree.read(row.seq, row.frontier).root)


@dataclass(eq=False)
class NotGrown(Conflict):
    """The log does not begin with the records of an earlier checkpoint."""

    code = "checkpoint.not-grown"
    title = "The log does not begin with what an earlier checkpoint signed"
    signed: int
    records: int


class Kept(NamedTuple):
    """A signed note as it is kept beside its book."""

    size: int
    root: bytes
    made_at_us: int
    note: str

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says; nothing is known here of who signed it."""
        return _read(self.note)


def kept_notes(connection: Connection, book: Book, first: int, count: int) -> list[Kept]:
    """Return some of the notes that were kept, the oldest first, from so many on."""
    at = tables.checkpoints.c
    chosen = select(*(at[name] for name in Kept._fields)).where(at.book_id == book.id)
    ordered = chosen.order_by(at.size, at.made_at_us).offset(first).limit(count)
    return [Kept(*row) for row in connection.execute(ordered)]


def last_note(connection: Connection, book: Book) -> Kept | None:
    """Return the note that was kept last, if one was."""
    at = tables.checkpoints.c
    chosen = select(*(at[name] for name in Kept._fields)).where(at.book_id == book.id)
    row = connection.execute(chosen.order_by(at.size.desc(), at.made_at_us.desc())).first()
    return None if row is None else Kept(*row)


def grown(connection: Connection, book: Book, earlier: Checkpoint) -> Checkpoint:
    """Return the head's checkpoint, refused unless it extends an earlier one (RFC 9162).

    Stored nodes are not believed: a path that convinces cannot be made of wrong ones.
    """
    now = checkpoint(connection, book)
    if earlier.origin != now.origin:
        raise _refused("note.origin", "The checkpoint is of another log", origin=earlier.origin)
    if earlier.size <= now.size:
        path = consistency_path(earlier.size, now.size, Nodes(connection, book))
        if check_consistency(earlier.size, earlier.root, now.size, now.root, path):
            return now
    raise NotGrown(earlier.size, now.size)


def root_at(connection: Connection, book: Book, size: int) -> bytes:
    """Return the root over the first records of a log."""
    nodes, frontier, first = Nodes(connection, book), [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            frontier.append(nodes(level, first >> level))
            first += 1 << level
    return root(frontier)


class Nodes:
    """Reads the roots of perfect subtrees of one book (a ``NodeReader``)."""

    def __init__(self, connection: Connection, book: Book) -> None:
        self.connection, self.book = connection, book

    def __call__(self, level: int, index: int, /) -> bytes:
        """Hash a node from the run of kept nodes, or of leaves, that it is over."""
        kept = level - level % KEPT_LEVELS
        return _folded(self._run(kept, index << level - kept, 1 << level - kept))

    def _run(self, level: int, first: int, count: int) -> list[bytes]:
        """Return so many nodes of a kept level side by side, or so many leaves."""
        stored = self._stored(level, first, count)
        places = range(first, first + count)
        if level:
            return [stored.get(place) or self._hashed(level, place) for place in places]
        if missing := [place + 1 for place in places if place not in stored]:
            raise _refused("checkpoint.no-record", "A record is not there", seq=missing[0])
        return [stored[place] for place in places]

    def _hashed(self, level: int, place: int) -> bytes:
        below = level - KEPT_LEVELS
        return _folded(self._run(below, place << KEPT_LEVELS, 1 << KEPT_LEVELS))

    def _stored(self, level: int, first: int, count: int) -> dict[int, bytes]:
        node, record = tables.tree_nodes.c, tables.records.c
        chosen = (
            select(node.place, node.hash).where(
                node.book_id == self.book.id, node.level == level,
                node.place.between(first, first + count - 1),
            )
            if level
            else select(record.seq - 1, record.leaf).where(
                record.book_id == self.book.id, record.seq.between(first + 1, first + count)
            )
        )  # fmt: skip
        return {place: bytes(run) for place, run in self.connection.execute(chosen)}


def consistency(
    connection: Connection, book: Book, old_size: int, size: int | None = None
) -> list[bytes]:
    """Return the path which shows that the log only grew since it had so many records."""
    if size is None:
        size = checkpoint(connection, book).size
    return consistency_path(old_size, size, Nodes(connection, book))


def proof_of(connection: Connection, book: Book, id: UUID, note: str | None = None) -> Json:
    """Write the proof file of a transaction, under a checkpoint's note or the root of now.

    A log that no longer leads to the note gives a file which does not check: ask ``check_bundle``.
    """
    sealed = checkpoint(connection, book)
    if note is not None:
        sealed = _sealed(note, sealed)
    made, used, opened = tables.transactions.c, tables.commodity_uses.c, tables.book_events.c
    seq = connection.scalar(select(made.seq).where(made.book_id == book.id, made.id == id))
    if seq is None:
        raise UnknownTransaction(str(id))
    if seq > sealed.size:
        raise _refused("checkpoint.later", "The transaction is later", seq=seq, size=sealed.size)
    line = tables.postings.c
    codes = select(line.commodity).where(line.book_id == book.id, line.seq == seq)
    uses = select(used.seq).where(used.book_id == book.id, used.code.in_(codes))
    first = select(opened.seq).where(opened.book_id == book.id).order_by(opened.seq).limit(1)
    beside = [
        each
        for chosen in (first, uses.order_by(used.seq))
        for each in connection.scalars(chosen)
        if each <= sealed.size
    ]
    scales: dict[str, Commodity] = {}
    others = [_placed(connection, book, each, sealed.size, scales) for each in beside]
    transaction = _placed(connection, book, seq, sealed.size, scales)
    return proof_file(
        book.uuid, book.code, transaction, sealed.size, sealed.root, beside=others, checkpoint=note
    )


def _sealed(note: str, now: Checkpoint) -> Checkpoint:
    sealed = _read(note)
    if sealed.origin != now.origin:
        raise _refused("note.origin", "The checkpoint is of another log", origin=sealed.origin)
    if sealed.size > now.size:
        raise _refused("checkpoint.ahead", AHEAD, size=sealed.size, records=now.size)
    return sealed


def _read(note: str) -> Checkpoint:
    try:
        return read_checkpoint(body_of(note))
    except NoteRefused as refused:
        raise _refused(refused.code, refused.reason) from refused


def _placed(
    connection: Connection, book: Book, seq: int, size: int, scales: dict[str, Commodity]
) -> Placed:
    """Put a record in its place; a commodity is noted with the scale that the log has for it."""
    for entry, leaf in read_log(connection, book, seq, seq):
        if isinstance(entry.record, CommodityUsed):
            scales[entry.record.commodity.code] = entry.record.commodity
        try:
            line = record_line(entry, leaf, scales)
        except KeyError as error:
            raise _refused("checkpoint.no-commodity", f"{error} has no record", seq=seq) from error
        path = inclusion_path(seq - 1, size, Nodes(connection, book))
        return Placed(line, seq - 1, path)
    raise _refused("checkpoint.no-record", "A record is not there", seq=seq)


def verify_export(lines: Iterable[Json], sealed: Checkpoint | None = None) -> Report:
    """Recompute an export; with a checkpoint that is believed, hold its log against that too."""
    if sealed is None:
        return verify(lines)
    growth = Growth(sealed)
    report = verify(growth.followed(lines))
    report.findings += growth.findings()
    return report


AHEAD = "The checkpoint has more records than the log: some were deleted at its end"


class Growth:
    """Follows an export beside the verifier, to tell whether its log begins with a checkpoint's.

    Every leaf is hashed again from the fields of its record, by the second implementation.
    """

    def __init__(self, sealed: Checkpoint) -> None:
        self.sealed = sealed
        self.book: UUID | None = None
        self.records = 0
        self.peaks: list[tuple[int, bytes]] = []
        self.root: bytes | None = None if sealed.size else sha256(b"").digest()

    def followed(self, lines: Iterable[Json]) -> Iterator[Json]:
        """Pass the lines of an export on, noting what they lead to."""
        for line in lines:
            self._read(line)
            yield line

    def findings(self) -> Iterator[VerifyFinding]:
        """Say what does not hold, once all lines have passed."""
        sealed = self.sealed
        if self.book is None or sealed.origin != origin(self.book):
            why = f"the checkpoint is of {sealed.origin}, the book of {ORIGIN}{self.book}"
            yield VerifyFinding("verify.checkpoint-origin", why)
        elif self.root is None:
            why = f"{AHEAD} ({sealed.size} of which {self.records} are left)"
            yield VerifyFinding("verify.checkpoint-ahead", why)
        elif self.root != sealed.root:
            why = (
                f"the log does not extend it: its first {sealed.size} records lead to "
                f"{self.root.hex()}, the checkpoint to {sealed.root.hex()}"
            )
            yield VerifyFinding("verify.checkpoint", why)

    def _read(self, line: Json) -> None:
        if "record" in line:
            if self.records < self.sealed.size:
                self._grow(line)
        elif "format" in line:
            with suppress(*UNREADABLE):
                self.book = UUID(line["uuid"])

    def _grow(self, line: Json) -> None:
        try:
            run, height = leaf_hash(record_bytes(self.book or UUID(int=0), line)), 0
        except UNREADABLE:
            run, height = NO_RECORD, 0
        while self.peaks and self.peaks[-1][0] == height:
            run, height = node_hash(self.peaks.pop()[1], run), height + 1
        self.peaks.append((height, run))
        self.records += 1
        if self.records == self.sealed.size:
            self.root = self.peaks[-1][1]
            for _, peak in reversed(self.peaks[:-1]):
                self.root = node_hash(peak, self.root)


def _folded(run: Sequence[bytes]) -> bytes:
    """Hash a power of two of nodes, side by side, into the one over them."""
    while len(run) > 1:
        run = [node_hash(*pair) for pair in zip(run[::2], run[1::2], strict=True)]
    return run[0]


def _refused(code: str, title: str, **facts: Any) -> InputRefused:
    return InputRefused((Finding(code, title, facts=facts),))
