"""Signed notes, checkpoints and witness cosignatures, as C2SP specifies them, with Ed25519.

https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint and
https://c2sp.org/tlog-cosignature (cosignature/v1); keys are written as by Go's checksum database.
A log signs with keys of kind 1, a witness with keys of kind 4, and no key does both.
"""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.proof.inclusion import EMPTY_ROOT, HASH_BYTES

ED25519 = 1
COSIGNATURE = 4
KEY_BYTES = 32
KEY_ID_BYTES = 4
SIGNATURE_BYTES = 64
TIME_BYTES = 8
NUMBER_MAX = 2**63 - 1
NOTE_CHARACTERS_MAX = 1_000_000
SIGNATURES_MAX = 100
CHECKPOINT_LINES_MIN = 3
NAME = re.compile(r"[^\s+]{1,255}")
SIGNATURE_LINE = re.compile(r"— ([^\s+]{1,255}) ([A-Za-z0-9+/=]+)")
KEY_LINE = re.compile(r"([^\s+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
PRIVATE = "PRIVATE+KEY+"
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteRefused(ValueError):
    """A note, a checkpoint or a key that is not to be believed: a stable code, and why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Verifier:
    """A public key under its name, and the kind of signature it is good for."""

    name: str
    kind: int
    key: bytes

    def __post_init__(self) -> None:
        _key_fits(self.name, self.kind, self.key)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``<name>+<key id>+<base64 of kind and key>``."""
        return cls(*_key_read(text, cls))

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names the key."""
        return sha256(self.name.encode() + b"\n" + bytes((self.kind,)) + self.key).digest()[:4]

    @property
    def text(self) -> str:
        """The key as it is handed out."""
        return f"{self.name}+{self.id.hex()}+{_base64(bytes((self.kind,)) + self.key)}"

    def accepts(self, body: str, signature: bytes) -> bool:
        """Tell whether the key made this signature (for a witness: time and signature)."""
        stamp = signature[:TIME_BYTES] if self.kind == COSIGNATURE else b""
        if len(signature) != len(stamp) + SIGNATURE_BYTES or _time(stamp) > NUMBER_MAX:
            return False
        message = _cosigned_message(body, _time(stamp)) if stamp else body.encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature[len(stamp) :], message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key under its name; it is never shown."""

    name: str
    kind: int
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _key_fits(self.name, self.kind, self.seed)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the one line of a private key file."""
        if not text.startswith(PRIVATE):
            raise NoteRefused("note.key", "this is no private key")
        return cls(*_key_read(text.removeprefix(PRIVATE).removesuffix("\n"), cls))

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.kind, self._key.public_key().public_bytes_raw())

    @property
    def text(self) -> str:
        """The key as it is kept in its file."""
        sealed = _base64(bytes((self.kind,)) + self.seed)
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{sealed}"

    def sign(self, message: bytes) -> bytes:
        """Sign bytes."""
        return self._key.sign(message)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: who it is, how many records it has, and the root over them."""

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extension)
        if not all(lines) or any("\n" in line or not _printable(line) for line in lines):
            raise NoteRefused("note.checkpoint", "a line is empty or has control characters")
        if not 0 <= self.size <= NUMBER_MAX or len(self.root) != HASH_BYTES:
            raise NoteRefused("note.checkpoint", "its size or its root is out of bounds")
        if not self.size and self.root != EMPTY_ROOT:
            raise NoteRefused("note.checkpoint", "the root of no records is the hash of nothing")

    @property
    def text(self) -> str:
        """The body of the note, to be signed."""
        return "\n".join((self.origin, str(self.size), _base64(self.root), *self.extension, ""))


class Cosigned(NamedTuple):
    """A witness, and when it last said that it saw this checkpoint (POSIX seconds)."""

    witness: Verifier
    timestamp: int


class CheckedNote(NamedTuple):
    """A checkpoint that is to be believed, and who vouches for it."""

    checkpoint: Checkpoint
    signers: tuple[Verifier, ...]
    witnesses: tuple[Cosigned, ...]


class _Signature(NamedTuple):
    name: str
    id: bytes
    signature: bytes


def new_key(name: str, kind: int = ED25519) -> tuple[str, str]:
    """Make a key, for a log or for a witness: the private line and the public one."""
    signer = Signer(name, kind, secrets.token_bytes(KEY_BYTES))
    return signer.text, signer.verifier.text


def signed(body: str, signer: Signer) -> str:
    """Write a body as a note with a log's signature."""
    if signer.kind != ED25519:
        raise NoteRefused("note.key-kind", f"{signer.name} is a witness's key")
    note = f"{body}\n{_line(signer, signer.sign(_body_bytes(body)))}"
    _split(note)
    return note


def read_checkpoint(body: str) -> Checkpoint:
    """Read the body of a note as a checkpoint; nothing is known yet of who signed it."""
    lines = body.split("\n")
    if len(lines) <= CHECKPOINT_LINES_MIN or lines.pop() or not NUMBER.fullmatch(lines[1]):
        raise NoteRefused("note.checkpoint", "it is no origin, size and root, each on its line")
    origin, size, root, *extension = lines
    return Checkpoint(origin, int(size), _unbase64(root, "note.checkpoint"), tuple(extension))


def body_of(note_text: str) -> str:
    """Return the body of a well-formed note; nothing is known yet of who signed it."""
    return _split(note_text)[0]


def opened(note_text: str, trusted: Sequence[Verifier]) -> tuple[str, tuple[Verifier, ...]]:
    """Return the body of a note and which of the trusted keys signed it: at least one.

    Signatures of other keys are passed over; a wrong one of a trusted key refuses the note.
    """
    body, found = _vouched(note_text, trusted)
    if not found:
        raise NoteRefused("note.unknown-keys", "none of the trusted keys signed this note")
    return body, tuple(found)


def cosigned(note: str, signer: Signer, timestamp: int) -> str:
    """Add a witness's cosignature to the note of a checkpoint.

    It is a witness's promise that the log only grew since its last one: check the note and the
    consistency with the checkpoint seen before first.
    """
    if signer.kind != COSIGNATURE:
        raise NoteRefused("note.key-kind", f"{signer.name} is no witness's key")
    if not 0 <= timestamp <= NUMBER_MAX:
        raise NoteRefused("note.time", "the time is out of bounds")
    body, _ = _split(note)
    read_checkpoint(body)
    signature = signer.sign(_cosigned_message(body, timestamp))
    whole = note + _line(signer, timestamp.to_bytes(TIME_BYTES) + signature)
    _split(whole)
    return whole


def checked(
    note_text: str,
    trusted: Sequence[Verifier],
    witnesses: Sequence[Verifier] = (),
    needed: int = 0,
    *,
    origin: str | None = None,
) -> CheckedNote:
    """Return the checkpoint of a note that a trusted log signed and enough witnesses saw.

    A witness counts once however often it signed or is named, and never with a log's own key.
    """
    if any(each.kind != ED25519 for each in trusted):
        raise NoteRefused("note.key-kind", "a witness's key is trusted as a log's")
    if any(each.kind != COSIGNATURE for each in witnesses):
        raise NoteRefused("note.key-kind", "a log's key is trusted as a witness's")
    body, signers = opened(note_text, trusted)
    checkpoint = read_checkpoint(body)
    if origin is not None and checkpoint.origin != origin:
        raise NoteRefused("note.origin", f"it is of {checkpoint.origin}, not of {origin}")
    own = {each.key for each in trusted}
    _, stamps = _vouched(note_text, [each for each in witnesses if each.key not in own])
    seen = tuple(Cosigned(witness, _time(at)) for witness, at in stamps.items())
    if len({each.witness.key for each in seen}) < needed:
        raise NoteRefused("note.witnesses", f"{len(seen)} witnesses signed of {needed} needed")
    return CheckedNote(checkpoint, signers, seen)


def _vouched(note: str, trusted: Sequence[Verifier]) -> tuple[str, Mapping[Verifier, bytes]]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for each in trusted:
        if known.setdefault((each.name, each.id), each) != each:
            raise NoteRefused("note.ambiguous-key", f"two keys are {each.name}+{each.id.hex()}")
    body, signatures = _split(note)
    found: dict[Verifier, bytes] = {}
    for one in signatures:
        verifier = known.get((one.name, one.id))
        if verifier is None:
            continue
        if not verifier.accepts(body, one.signature):
            raise NoteRefused("note.bad-signature", f"the signature of {one.name} is wrong")
        found[verifier] = max(found.get(verifier, b""), one.signature[:TIME_BYTES])
    return body, found


def _split(note: str) -> tuple[str, list[_Signature]]:
    if len(note) > NOTE_CHARACTERS_MAX or not _printable(note):
        raise NoteRefused("note.malformed", "it is too long, or has control characters")
    text, blank, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank or lines.pop() or not 0 < len(lines) <= SIGNATURES_MAX:
        raise NoteRefused("note.malformed", "it is no text, blank line and lines of signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> _Signature:
    match = SIGNATURE_LINE.fullmatch(line)
    run = _unbase64(match[2], "note.malformed") if match else b""
    if not match or len(run) <= KEY_ID_BYTES:
        raise NoteRefused("note.malformed", "a line of signature is no name and signature")
    return _Signature(match[1], run[:KEY_ID_BYTES], run[KEY_ID_BYTES:])


def _line(signer: Signer, signature: bytes) -> str:
    return f"— {signer.name} {_base64(signer.verifier.id + signature)}\n"


def _cosigned_message(body: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{body}".encode()


def _body_bytes(body: str) -> bytes:
    if not body.endswith("\n") or not _printable(body):
        raise NoteRefused("note.malformed", "a body ends its last line and is plain text")
    return body.encode()


def _key_fits(name: str, kind: int, key: bytes) -> None:
    if not NAME.fullmatch(name) or not _printable(name):
        raise NoteRefused("note.key", "a key's name has no spaces and no plus")
    if kind not in (ED25519, COSIGNATURE) or len(key) != KEY_BYTES:
        raise NoteRefused("note.key", "only Ed25519 keys of kind 1 and 4 are known")


def _key_read(text: str, kind: type[Verifier | Signer]) -> tuple[str, int, bytes]:
    match = KEY_LINE.fullmatch(text)
    run = _unbase64(match[3], "note.key") if match else b""
    if not match or not run:
        raise NoteRefused("note.key", "it is no name, key id and key")
    key = kind(match[1], run[0], run[1:])
    verifier = key.verifier if isinstance(key, Signer) else key
    if verifier.id.hex() != match[2]:
        raise NoteRefused("note.key", "the key id is not that of the name and the key")
    return match[1], run[0], run[1:]


def _printable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return not CONTROL.search(text)


def _time(stamp: bytes) -> int:
    return int.from_bytes(stamp)


def _base64(run: bytes) -> str:
    return b64encode(run).decode()


def _unbase64(text: str, code: str) -> bytes:
    try:
        run = b64decode(text, validate=True)
    except ValueError as error:
        raise NoteRefused(code, "its base64 cannot be read") from error
    if _base64(run) != text:
        raise NoteRefused(code, "its base64 is not the canonical one")
    return run
