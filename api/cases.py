"""Cases and dossiers kept beside the log of a book: uploaded, run under a pack, verified again.

Whatever computes on somebody's files is bounded: so many bytes, so many draws, one at a time.
"""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

from accounting import (
    archive,
    dossier,
    edition,
    explain,
    manifest,
    pack,
    revision,
    translation,
    verification,
)
from accounting import case as cases
from accounting import run as runs
from accounting.account import Account
from accounting.case import CASE_FILE, Case
from accounting.dossier import Drawn
from accounting.edition import Dossier
from accounting.verification import NoDossier, Verification
from api import session
from api.demo.example import FOLDER
from api.kept import Kept
from api.report import again
from ledger import archives
from ledger.archives import Archive
from ledger.core.body import canonical_json
from ledger.core.book import Book
from ledger.core.errors import Conflict, Finding, InputRefused, NotFound
from ledger.core.refusals import Malformed
from ledger.statements.statement import Statement
from ledger.store import Store

CASE, DOSSIER = "case", "dossier"
DRAWS_MAX = 20_000
SEED_MAX = 2**63 - 1
WAITED_S = 10
WHY_MAX = 300
REPORTS = Kept(8)
COMPUTING = threading.BoundedSemaphore(1)


@dataclass(eq=False)
class UnknownCase(NotFound):
    """No case of this name ships, and none of this digest was kept beside the book."""

    code = "gep.unknown-case"
    title = "There is no such case"


@dataclass(eq=False)
class Busy(Conflict):
    """Another account is being computed, and one at a time is."""

    code = "gep.busy"
    title = "Another account is being computed; try again"
    waited_s: int


class Wanted(NamedTuple):
    """How to run a case: under its own pack, of its latest year, without draws, unless said."""

    pack: str | None = None
    edition: str | None = None
    year: int | None = None
    draws: int | None = None
    seed: int = 1


def shipped() -> list[str]:
    """Name the case folders that ship."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{CASE_FILE}"))


def keep_case(store: Store, book: Book, user: UUID, content: bytes) -> Archive:
    """Keep a case that was uploaded as an archive; refuse it with all findings of its reading."""
    files = archive.unpacked(content, archive.CASE_BYTES_MAX)
    with _folder(files) as folder, computing(), _refusing():
        found = _read(folder)
    named = {PurePosixPath(each).as_posix() for each in found.digests}
    used = {name: content for name, content in files.items() if name in named}
    said = {"case": found.id, "title": found.title.zh, "pack": f"{found.pack} {found.edition}",
            "years": " ".join(map(str, found.years))}  # fmt: skip
    kept = Archive(CASE, digest_of(used), said, archive.packed(used))
    session.keep_archive(store, book, kept, user)
    return kept


def run(store: Store, book: Book, user: UUID, case: str, wanted: Wanted) -> Dossier:
    """Run a case that ships (by name) or was kept (by digest), and keep its dossier."""
    if wanted.draws is not None and wanted.draws > DRAWS_MAX:
        raise Malformed("draws", f"are at most {DRAWS_MAX} here; gep case run draws more")
    if not 0 <= wanted.seed <= SEED_MAX:
        raise Malformed("seed", "is no whole number of 64 bits")
    with _folder(case_files(store, book, case)) as folder, computing(), _refusing():
        files, made = _run(folder, wanted)
    keep_dossier(store, book, user, files, made)
    return made


def read_dossier(folder: Path) -> tuple[dict[str, bytes], Dossier]:
    """Read the dossier in a folder; refuse one in which anything differs when recomputed."""
    files = archive.of_folder(folder)
    if manifest.FILE not in files:
        raise NoDossier(folder.name)
    with _folder(files) as copy, _refusing():
        found = verification.verify(copy, again.same)
        if found.findings:
            raise InputRefused(found.findings)
        if dossier.ACCOUNTS_FILE in files:
            title = "An edition is of one year: write the dossier of that year"
            raise InputRefused((Finding("edition.many-years", title, dossier.ACCOUNTS_FILE),))
        said = manifest.read_json(copy, dossier.ACCOUNT_FILE)
        under = pack.of_table(dossier.PACK_FILE, manifest.read_json(copy, dossier.PACK_FILE))
    told = edition.about(said["case"], said["title"]["zh"], said["year"], under)
    return files, Dossier(str(found.digest), told)


def keep_dossier(
    store: Store, book: Book, user: UUID, files: Mapping[str, bytes], made: Dossier
) -> None:
    """Keep the files of a dossier under its digest."""
    kept = Archive(DOSSIER, made.digest, made.about, archive.packed(files))
    session.keep_archive(store, book, kept, user)


def verify(files: Mapping[str, bytes]) -> Verification:
    """Recompute every figure of a dossier from its files alone."""
    with _folder(files) as folder, computing():
        return verification.verify(folder, again.same)


def difference(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, Statement]:
    """Return what the account of one dossier changed in that of another, as statements."""
    with _folder(old) as before, _folder(new) as after, computing(), _refusing():
        found = revision.difference(revision.side(before), revision.side(after))
        return revision.statements(found)


def statements(files: Mapping[str, bytes]) -> dict[str, Statement]:
    """Return the statements of the account of a dossier, made again from its files."""
    with _folder(files) as folder, computing(), _refusing():
        of = revision.side(folder)
        return dossier.statements(runs.run(of.case, of.pack, of.year))


def explained(files: Mapping[str, bytes], cell: str) -> dict[str, Any]:
    """Explain a figure of the account of a dossier, or refuse what is not in it."""
    with _folder(files) as folder, computing(), _refusing():
        of = revision.side(folder)
        return explain.of(of.case, of.pack, cell).as_json()


def case_files(store: Store, book: Book, case: str) -> dict[str, bytes]:
    """Return the files of a case that ships (by name) or was kept (by digest), or refuse it."""
    if case in shipped():
        return archive.of_folder(FOLDER / case)
    try:
        with store.reading() as connection:
            return archive.unpacked(archives.find(connection, book, CASE, case).content)
    except archives.UnknownArchive:
        raise UnknownCase from None


def read(store: Store, book: Book, case: str) -> Case:
    """Return a case that ships (by name) or was kept (by digest) as read, or refuse it."""
    with _folder(case_files(store, book, case)) as folder:
        return _read(folder)


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return the digest of a case: over the names and digests of its files."""
    said = {name: manifest.sha256(content) for name, content in files.items()}
    return manifest.sha256(canonical_json(said).encode())


def _run(folder: Path, wanted: Wanted) -> tuple[dict[str, bytes], Dossier]:
    found = _read(folder)
    under = found.under(wanted.pack, wanted.edition)
    found = translation.into(found, under.ecosystems)
    account = runs.run(found, under, wanted.year)
    drawn = None
    if wanted.draws is not None:
        drawn = dossier.draw(found, account, wanted.draws, wanted.seed)
    files = dossier.contents(account, folder, drawn, _reports(found, account, drawn))
    said = manifest.of(manifest.json_of(manifest.FILE, files[manifest.FILE]))
    about = edition.about(account.case, account.title.zh, account.year, account.pack)
    return files, Dossier(said.digest, about)


def _reports(found: Case, account: Account, drawn: Drawn | None) -> Mapping[str, bytes]:
    """Return the reports of an account; those of the same files, pack and draws are the same."""
    bands = dict(drawn.statements) if drawn else {}
    of = (drawn.draws, drawn.seed) if drawn else None
    key = (account.digest, account.pack.digest, tuple(found.digests.items()), of)
    reports: Mapping[str, bytes] = REPORTS.get(key, lambda: again.files(found, account, bands))
    return reports


def _read(folder: Path) -> Case:
    verification.refuse_outside(folder / CASE_FILE)
    return cases.read(folder)


@contextmanager
def _folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gep-") as name:
        archive.write(files, Path(name))
        yield Path(name)


@contextmanager
def computing() -> Iterator[None]:
    """Compute alone, after waiting for whoever computes now; or refuse."""
    if not COMPUTING.acquire(timeout=WAITED_S):
        raise Busy(WAITED_S)
    try:
        yield
    finally:
        COMPUTING.release()


@contextmanager
def _refusing() -> Iterator[None]:
    """Refuse files that no rule of reading foresaw, as the verification of a dossier does."""
    try:
        yield
    except verification.CAN_FAIL as error:
        title = "The account cannot be computed from these files"
        why = error.strerror if isinstance(error, OSError) else str(error)
        facts = {"why": f"{type(error).__name__}: {why}"[:WHY_MAX]}
        raise InputRefused((Finding("case.not-computable", title, facts=facts),)) from None
