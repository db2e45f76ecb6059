"""Editions of GEP accounts in the log of a book: load the steps, decide the next one, write it.

The log is the history: a step is a foreign digest that nobody writes by hand, and the dossier it
names is kept beside the log. Of two people who act at once, one writes the step.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from accounting import archive, edition, manifest
from accounting.dossier import ACCOUNT_FILE
from accounting.edition import WHAT, Asked, Dossier, Edition, Step, Who
from accounting.edition_refusals import AlreadySuperseded, MovedOn, NotPublished, UnknownEdition
from accounting.recognition import recognise
from api import auth
from api.auth import Principal
from ledger import archives, foreign_digests
from ledger.compensation.sheet import Reading
from ledger.core.amount import CNY
from ledger.core.book import Book
from ledger.core.command import Cite, Command, Evidence
from ledger.core.errors import Finding, InputRefused
from ledger.core.refusals import ForeignDigestConflict
from ledger.foreign_digests import ForeignDigest
from ledger.store import Store, tables
from ledger.writer import submit

DOSSIER = "dossier"
STEPS_READ = 64
ROLES: Mapping[str, str] = {
    auth.COMPILE: edition.COMPILER,
    auth.REVIEW: edition.REVIEWER,
    auth.PUBLISH: edition.PUBLISHER,
}


class Taken(NamedTuple):
    """An edition after a step, and whether the step had been taken before."""

    edition: Edition
    replayed: bool


class Cited(NamedTuple):
    """A published account as an assessment rests on it: the evidence, and its GEP in CNY."""

    evidence: Evidence
    reading: Reading


def who(book: Book, id: UUID, principal: Principal | None) -> Who:
    """Return a person with the roles of editions; the system's user, who has no key, has all."""
    if principal is None:
        return Who(id, frozenset(ROLES.values()))
    held = {role for action, role in ROLES.items() if principal.holds(action, book)}
    return Who(id, frozenset(held))


def draft(
    store: Store,
    book: Book,
    by: Who,
    id: str,
    dossier: str,
    reason: str,
    *,
    replaces: str | None = None,
) -> Taken:
    """Make a dossier that was kept an edition's draft, perhaps a revision of a published one."""
    name = edition.named(id)
    with store.reading() as connection:
        before = _found(connection, book, name)
        revised = find(connection, book, replaces) if replaces is not None else None
        asked = Asked("draft", reason, kept_dossier(connection, book, dossier))
    step, replayed = edition.drafted(before, asked, by, revised)
    if not replayed:
        _write(store, book, by, {name: step})
    return Taken(_read(store, book, name), replayed)


def step(
    store: Store,
    book: Book,
    by: Who,
    id: str,
    action: str,
    reason: str,
    *,
    dossier: str | None = None,
    override: str | None = None,
    after: int | None = None,
) -> Taken:
    """Submit, review, approve, publish or return an edition; publishing supersedes what it revises.

    ``after`` is the number of the last step that was seen: refused where somebody was faster.
    """
    with store.reading() as connection:
        before = find(connection, book, id)
        brought = kept_dossier(connection, book, dossier) if dossier is not None else None
        old = find(connection, book, before.replaces) if before.replaces else None
    made, replayed = edition.decided(before, Asked(action, reason, brought, override, after), by)
    if not replayed:
        steps = {id: made}
        if old is not None and made.state == edition.PUBLISHED:
            steps[old.id] = edition.superseded(old, before, by)
        _write(store, book, by, steps)
    return Taken(_read(store, book, id), replayed)


def find(connection: Connection, book: Book, id: str) -> Edition:
    """Return an edition with its steps, or refuse its name."""
    found = _found(connection, book, id)
    if found is None:
        raise UnknownEdition(id)
    return found


def listed(
    connection: Connection, book: Book, *, after: int = 0, limit: int | None = None
) -> list[Edition]:
    """Return editions in the order they were drafted; ``after`` is the record of a draft."""
    at = tables.foreign_digests.c
    chosen = (
        select(at.reference)
        .where(at.book_id == book.id, at.what == WHAT, at.seq > after, at.reference.like("%/1"))
        .order_by(at.seq)
        .limit(limit)
    )
    ids = [each.rpartition("/")[0] for each in connection.execute(chosen).scalars().all()]
    return [find(connection, book, each) for each in ids]


def kept_dossier(connection: Connection, book: Book, digest: str) -> Dossier:
    """Return a dossier that was kept, without its files; or refuse its digest."""
    return Dossier(digest, archives.about(connection, book, DOSSIER, digest))


def files(connection: Connection, book: Book, digest: str) -> dict[str, bytes]:
    """Return the files of a dossier that was kept, or refuse its digest."""
    return archive.unpacked(archives.find(connection, book, DOSSIER, digest).content)


def cited(connection: Connection, book: Book, id: str) -> Cited:
    """Return a published edition as an assessment cites it; refuse any other, superseded ones too.

    The evidence names edition, dossier and record; the reading is its GEP, recognised as money.
    """
    found = find(connection, book, id)
    published = found.published
    if published is None or found.state != edition.PUBLISHED:
        raise NotPublished(id, found.state)
    account = manifest.json_of(ACCOUNT_FILE, files(connection, book, found.digest)[ACCOUNT_FILE])
    content = {"book": book.code, "edition": id, "digest": found.digest,
               "record": str(published.seq), **found.about}  # fmt: skip
    named = uuid5(book.uuid, f"edition {id} {found.digest}")
    source = f"edition {id} in book {book.code}, dossier {found.digest}"
    return Cited(
        Evidence(named, "account", id, content),
        Reading("gep", str(recognise(account["gep_cny"], CNY)), CNY.unit, source),
    )


def findings(connection: Connection, book: Book) -> Iterator[Finding]:
    """Yield what is wrong with the editions of a book: steps against the rules, lost dossiers."""
    for each in listed(connection, book):
        yield from edition.findings(each)
        for digest in dict.fromkeys(one.digest for one in each.steps):
            why = _differs(connection, book, digest)
            if why:
                title = "The dossier that the log names is not the one that was kept"
                facts = {"edition": each.id, "digest": digest, "why": why}
                yield Finding("edition.dossier-differs", title, facts=facts)


def _differs(connection: Connection, book: Book, digest: str) -> str | None:
    """Say why what was kept is not what a digest was made over."""
    try:
        kept = files(connection, book, digest)
        said = manifest.of(manifest.json_of(manifest.FILE, kept.get(manifest.FILE, b"")))
    except (archives.UnknownArchive, InputRefused) as refused:
        return str(refused)
    found = {name: manifest.sha256(content) for name, content in kept.items()}
    found.pop(manifest.FILE)
    if said.digest != digest:
        return f"its manifest has the digest {said.digest}"
    wrong = sorted(n for n in {*found, *said.files} if found.get(n) != said.files.get(n))
    return f"not as recorded: {', '.join(wrong)}" if wrong else None


def _found(connection: Connection, book: Book, id: str) -> Edition | None:
    found: list[ForeignDigest] = []
    while len(found) % STEPS_READ == 0:
        first = len(found) + 1
        wanted = [f"{id}/{number}" for number in range(first, first + STEPS_READ)]
        more = list(foreign_digests.read(connection, book, what=WHAT, reference=wanted))
        if not more:
            break
        found += more
    times = _times(connection, book, [each.seq for each in found])
    steps = tuple(_step(each, times) for each in found)
    return Edition(id, steps) if steps else None


def _step(found: ForeignDigest, times: Mapping[int, int]) -> Step:
    number = int(found.reference.rpartition("/")[2])
    step = edition.step_of(number, found.digest.hex(), found.metadata, found.user)
    return replace(step, seq=found.seq, booked_at_us=times[found.seq])


def _times(connection: Connection, book: Book, seqs: Sequence[int]) -> dict[int, int]:
    at = tables.records.c
    chosen = select(at.seq, at.booked_at_us).where(at.book_id == book.id, at.seq.in_(seqs))
    return {row.seq: row.booked_at_us for row in connection.execute(chosen)}


def _read(store: Store, book: Book, id: str) -> Edition:
    with store.reading() as connection:
        return find(connection, book, id)


def _write(store: Store, book: Book, by: Who, steps: Mapping[str, Step]) -> None:
    """Write steps of editions, all or none; refuse where somebody wrote one of them first."""
    items = tuple(
        Cite(WHAT, f"{id}/{each.number}", bytes.fromhex(each.digest), each.metadata)
        for id, each in steps.items()
    )
    outcomes = submit(store, book.code, Command(items, by.id))
    for (id, each), outcome in zip(steps.items(), outcomes, strict=True):
        if isinstance(outcome.error, ForeignDigestConflict):
            now = _read(store, book, id)
            if each.action == edition.AUTOMATIC:
                raise AlreadySuperseded(id, now.last.by or now.state)
            raise MovedOn(id, now.state, now.last.number)
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
