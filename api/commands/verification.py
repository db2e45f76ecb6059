"""`gep verify`, `gep checkpoint`, `gep prove`: books, exports and proofs that a stranger can check.

A note or a proof is read with the trusted keys alone; a database is opened only for its own books.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from sqlalchemy.exc import DatabaseError, OperationalError

from api import auth, editions, signing
from api.commands.acting import acting, named_book
from api.commands.speech import (
    BOOK,
    DATABASE,
    FOUND,
    BookCode,
    Database,
    Json,
    finding_of,
    print_json,
    refusals,
    tell_refusal,
)
from ledger import checkpoint as checkpoints
from ledger.core.errors import Finding, InputRefused
from ledger.core.refusals import Malformed
from ledger.proof.bundle import NOT_SHOWN, BundleFinding, check_bundle, read_bundle
from ledger.proof.note import (
    CheckedNote,
    Checkpoint,
    NoteRefused,
    Verifier,
    checked,
    new_key,
)
from ledger.proof.verify import Report, VerifyFinding
from ledger.store import open_store
from ledger.verification import verify_book

PRIVATE_MODE, PUBLIC_MODE = 0o600, 0o644
FINDINGS_MAX = 20
PROOF_BYTES_MAX = 16 << 20
Out = Annotated[str, typer.Option("-o", "--out", help="A new file, or - for here.")]
Keys = Annotated[list[str] | None, typer.Option(help="A public key, or a file of it; repeatable.")]


class Trust:
    """Whom the reader believes: keys of logs, and witnesses who must all have cosigned."""

    def __init__(self, keys: Sequence[str], witnesses: Sequence[str]) -> None:
        self.keys = [_verifier(each) for each in keys]
        self.witnesses = [_verifier(each) for each in witnesses]
        self.needed = len({each.key for each in self.witnesses})

    def opened(self, note: str) -> CheckedNote:
        """Return the checkpoint of a note, or refuse it."""
        return checked(note, self.keys, self.witnesses, self.needed)


def checkpoint(
    database: Database = DATABASE,
    book: BookCode = BOOK,
    out: Out = "-",
    key_name: Annotated[
        str | None, typer.Option("--new-key", help="Write a new signing key of this name instead.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="An earlier note: sign only what it has grown into.")
    ] = None,
    trust: Keys = None,
    as_json: Json = False,
) -> None:
    """Sign what the log says of itself now, with the key in the file that GEP_SIGNING_KEY names.

    The note is kept beside the book too. With --since, and where one was kept before, exit 1 says
    that the log does not begin with what was signed then: nothing is signed.
    """
    with refusals(as_json):
        if key_name is not None:
            _new_key(key_name, out, as_json)
            return
        signer = signing.signer()
        earlier = _earlier(since, signer.verifier, trust or ()) if since else None
        with open_store(database) as store:
            found = named_book(store, book)
            acting(store, found, auth.SIGN)
            try:
                sealed, note = signing.sign_head(store, found, signer, earlier)
            except checkpoints.NotGrown as refusal:
                tell_refusal((finding_of(refusal),), as_json)
                raise typer.Exit(FOUND) from None
        if out != "-":
            _create(out, note, PUBLIC_MODE)
        told = {**_plain(sealed), "signer": signer.verifier.text, "note": note}
        _told(as_json, told, note if out == "-" else f"{out}: {sealed.size} records, signed\n")


def prove(
    transaction: Annotated[str, typer.Argument(help="The id of a transaction.")],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    note: Annotated[
        Path | None, typer.Option("--checkpoint", help="The note under which to prove it.")
    ] = None,
    out: Out = "-",
    as_json: Json = False,
) -> None:
    """Write a proof that a transaction is in the log; `gep verify` reads it without a database."""
    with refusals(as_json):
        id, text = _id(transaction), _text(note) if note else None
        with open_store(database) as store:
            found = named_book(store, book)
            acting(store, found, auth.READ)
            with store.reading() as connection:
                proof = checkpoints.proof_of(connection, found, id, text)
        findings = [each for each in check_bundle(proof) if each.code not in NOT_SHOWN]
        written = json.dumps(proof, ensure_ascii=False, indent=1) + "\n"
        if not findings:
            if out != "-":
                _create(out, written, PUBLIC_MODE)
            named = {"transaction": str(id), "seq": proof["record"]["seq"], "size": proof["size"]}
            told = proof if out == "-" else {**named, "file": out}
            _told(as_json, told, written if out == "-" else f"{out}: record {named['seq']}\n")
    if findings:
        _say_proof(proof, findings, [], as_json)
        raise typer.Exit(FOUND)


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="An export (gep export journal) or a proof (gep prove).")
    ] = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    note: Annotated[
        Path | None, typer.Option("--checkpoint", help="A signed note that the log must extend.")
    ] = None,
    trust: Keys = None,
    witness: Keys = None,
    as_json: Json = False,
) -> None:
    """Recompute every record, balance and root; exit 1 names what does not hold.

    With --checkpoint, the log must begin with the one that was signed: by a key of --trust, and
    seen by each --witness.
    """
    with refusals(as_json):
        believed, text = Trust(trust or (), witness or ()), _text(note) if note else None
        proof = _proof(file) if file is not None else None
        if proof is None and (text is None) != (not believed.keys):
            raise Malformed("checkpoint", "--checkpoint and --trust belong together")
        if believed.witnesses and not believed.keys:
            raise Malformed("witness", "a witness vouches beside a key of --trust")
    if proof is not None:
        _verify_proof(proof, text, believed, as_json)
        return
    with refusals(as_json), _progress(as_json) as tell:
        vouched, findings = _opened(text, believed)
        sealed = vouched.checkpoint if vouched else None
        if file is not None:
            report = checkpoints.verify_export(_lines(file, tell), sealed)
        else:
            report = _verified(database, book, tell, sealed)
    report.findings += findings
    say(report, as_json, vouched)
    if report.findings:
        raise typer.Exit(FOUND)


def say(report: Report, as_json: bool, vouched: CheckedNote | None = None) -> None:
    """Print the verdict: verified, or each finding with its record."""
    if as_json:
        held = None if vouched is None else _vouched(vouched)
        print_json({"verified": not report.findings, **asdict(report), "checkpoint": held})
        return
    console = Console(soft_wrap=True, emoji=False)
    for line in _shown(report.findings):
        console.print(escape(line), style="red", highlight=False)
    if report.findings:
        return
    said = f"verified: {report.records} records of book {report.book}, root {report.root}"
    if vouched is not None:
        names = ", ".join(each.name for each in vouched.signers)
        said += f"; its first {vouched.checkpoint.size} are those that {names} signed"
    console.print(escape(said), style="green", highlight=False)


def _shown(findings: Sequence[VerifyFinding]) -> Iterator[str]:
    """Yield the first findings of each code and how many more there are: one fault has many."""
    told = Counter[str]()
    for each in findings:
        told[each.code] += 1
        if told[each.code] <= FINDINGS_MAX:
            yield str(each)
    for code, count in told.items():
        if count > FINDINGS_MAX:
            yield f"{code}: {count - FINDINGS_MAX} more of this kind; --json lists all"


def _verified(
    database: str, book: str, tell: Callable[[], None], sealed: Checkpoint | None
) -> Report:
    """Verify a book; a file that is no longer a database is a finding too."""
    try:
        with open_store(database) as store:
            acting(store, named_book(store, book), auth.READ)
            also = (editions.findings,)
            return verify_book(store, book, progress=tell, checkpoint=sealed, also=also)
    except DatabaseError as error:
        if isinstance(error, OperationalError):
            raise
        return Report([VerifyFinding("verify.unreadable-database", str(error.orig))], book=book)


def _opened(note: str | None, trust: Trust) -> tuple[CheckedNote | None, list[VerifyFinding]]:
    """Open the note with the trusted keys; one that is not to be believed is a finding."""
    if note is None:
        return None, []
    try:
        return trust.opened(note), []
    except NoteRefused as refused:
        return None, [VerifyFinding(refused.code, refused.reason)]


def _verify_proof(proof: Any, note: str | None, trust: Trust, as_json: bool) -> None:
    """Check a proof alone; where keys are named, what it leaves open is a finding as well."""
    if note is not None and isinstance(proof, dict):
        proof = {**proof, "checkpoint": note}
    found = check_bundle(
        proof, trusted=trust.keys, witnesses=trust.witnesses, needed=trust.needed
    )  # fmt: skip
    left_open = [each for each in found if each.code in NOT_SHOWN and not trust.keys]
    findings = [each for each in found if each not in left_open]
    _say_proof(proof, findings, left_open, as_json)
    if findings:
        raise typer.Exit(FOUND)


def _say_proof(
    proof: Any, findings: list[BundleFinding], left_open: list[BundleFinding], as_json: bool
) -> None:
    if as_json:
        lists = {"findings": findings, "not_shown": left_open}
        said = {name: [each._asdict() for each in found] for name, found in lists.items()}
        authenticated = not findings and not left_open
        print_json({"verified": not findings, "authenticated": authenticated, **said})
        return
    console = Console(soft_wrap=True, emoji=False)
    for finding in findings:
        console.print(escape(f"{finding.code}: {finding.why}"), style="red", highlight=False)
    if findings:
        return
    record = proof["record"]
    said_so = "consistent in itself" if left_open else "proven"
    said_so += f": transaction {record['id']} is record {record['seq']} of book {proof['code']}"
    console.print(escape(f"{said_so}, root {proof['root']}"), style="green", highlight=False)
    for finding in left_open:
        console.print(escape(f"{finding.code}: {finding.why}"), style="yellow", highlight=False)


def _proof(file: Path) -> Any:
    """Return what a file holds if it is one JSON value, as a proof is; none for lines of them."""
    with file.open("rb") as lines:
        first, more = lines.readline(PROOF_BYTES_MAX), lines.read(1)
        whole = not more or not _is_json(first)
        if not first.strip() or not whole or os.fstat(lines.fileno()).st_size > PROOF_BYTES_MAX:
            return None
    try:
        return read_bundle(file.read_bytes().decode())
    except ValueError as error:
        raise InputRefused((Finding("verify.not-json", str(error), file.name),)) from error


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(file: Path, tell: Callable[[], None]) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for row, line in enumerate(lines, start=1):
            try:
                read_in = json.loads(line)
            except (ValueError, RecursionError) as error:
                why = "Nested too deep" if isinstance(error, RecursionError) else str(error)
                wrong = Finding("verify.not-json", why, file.name, row)
                raise InputRefused((wrong,)) from error
            tell()
            yield read_in if isinstance(read_in, dict) else {}


def _earlier(note: Path, own: Verifier, others: Sequence[str]) -> Checkpoint:
    """Read the note to sign on from: made with the same key, or one that is trusted."""
    trusted = [own, *(_verifier(each) for each in others)]
    try:
        return checked(_text(note), trusted).checkpoint
    except NoteRefused as refused:
        raise InputRefused((Finding(refused.code, refused.reason, note.name),)) from refused


def _new_key(name: str, out: str, as_json: bool) -> None:
    """Write a private key where no file is yet, for its owner only; print the public one."""
    if out == "-":
        raise Malformed("out", "a private key is written to a file (-o FILE), never printed")
    try:
        private, public = new_key(name)
    except NoteRefused as refused:
        raise Malformed("new-key", str(refused)) from refused
    _create(out, private + "\n", PRIVATE_MODE)
    _told(as_json, {"file": out, "public_key": public}, public + "\n")


def _verifier(text: str) -> Verifier:
    """Read a public key, or the file that it stands in."""
    try:
        return Verifier.read(_text(Path(text)).strip() if Path(text).is_file() else text)
    except NoteRefused as refused:
        raise Malformed("trust", str(refused)) from refused


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Malformed(file.name, "is no text") from error


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Malformed("transaction", f"{text!r} is no id of a transaction") from error


def _create(out: str, text: str, mode: int) -> None:
    """Write a file that is not there yet."""
    try:
        number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Malformed("out", f"{out} exists") from error
    with os.fdopen(number, "wb") as sink:
        sink.write(text.encode())


def _plain(sealed: Checkpoint) -> dict[str, Any]:
    return {"origin": sealed.origin, "size": sealed.size, "root": sealed.root.hex()}


def _vouched(vouched: CheckedNote) -> dict[str, Any]:
    seen = [{"name": each.witness.name, "timestamp": each.timestamp} for each in vouched.witnesses]
    signers = [each.name for each in vouched.signers]
    return {**_plain(vouched.checkpoint), "signers": signers, "witnesses": seen}


def _told(as_json: bool, values: Any, text: str) -> None:
    if as_json:
        print_json(values)
    else:
        typer.echo(text, nl=False)


@contextmanager
def _progress(as_json: bool) -> Iterator[Callable[[], None]]:
    console = Console(stderr=True, emoji=False)
    if as_json or not console.is_terminal:
        yield lambda: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("verifying", total=None)
        yield lambda: bar.advance(task)
