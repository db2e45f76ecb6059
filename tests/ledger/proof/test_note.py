"""Signed notes and their keys, with the published vectors of the format."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import partial
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proof.note import (
    COSIGNATURE,
    ED25519,
    NOTE_CHARACTERS_MAX,
    Checkpoint,
    NoteRefused,
    Signer,
    Verifier,
    body_of,
    cosigned,
    new_key,
    opened,
    signed,
)

# The example of the package golang.org/x/mod/sumdb/note and of its tests.
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
# The example of c2sp.org/signed-note.
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRK"
    "uwHjG1Yu72IneyaQM=\n"
)
# Two public keys in use: of Go's checksum database, and of a witness.
SUM_DB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
NAVIGLI = (
    "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G"
)
LOG = Signer("ledger.example/main", ED25519, bytes(range(32)))
WITNESSES = [Signer(f"w{number}.example", COSIGNATURE, bytes([number]) * 32) for number in (1, 2)]
CHECKPOINT = Checkpoint("ledger.example/main", 5, sha256(b"root").digest())
NOTE = signed(CHECKPOINT.text, LOG)
TIME = 1_679_315_147


def refused(code: str, what: Callable[..., object], *given: object) -> None:
    """Expect a refusal with this code."""
    with pytest.raises(NoteRefused) as caught:
        what(*given)
    assert caught.value.code == code, caught.value.reason


def rewritten(note: str, at: int, change: Callable[[bytes], bytes]) -> str:
    """Change the bytes of one signature line."""
    lines = note.split("\n")
    dash, name, run = lines[at].split(" ")
    changed = b64encode(change(b64decode(run))).decode()
    lines[at] = f"{dash} {name} {changed}"
    return "\n".join(lines)


def test_the_vector_of_the_go_package() -> None:
    """The published key signs the published text into the published note, byte for byte."""
    signer = Signer.read(PETER_PRIVATE + "\n")

    assert signer.text == PETER_PRIVATE
    assert signer.verifier.text == PETER
    assert signed(TEXT, signer) == f"{TEXT}\n{PETER_LINE}"


def test_two_signatures_of_the_go_package() -> None:
    """Unknown keys are passed over, known ones are told, in the order of the note."""
    peter, enoch = Verifier.read(PETER), Verifier.read(ENOCH)
    note = f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}"

    assert opened(note, [peter]) == (TEXT, (peter,))
    assert opened(note, [enoch, peter]) == (TEXT, (peter, enoch))
    refused("note.unknown-keys", opened, note, [])
    refused("note.unknown-keys", opened, note, [LOG.verifier])


def test_the_vector_of_the_specification() -> None:
    """The verifier key and the note of c2sp.org/signed-note."""
    foo = Verifier.read(FOO)

    assert foo.text == FOO
    assert opened(FOO_NOTE, [foo]) == ("This is an example message.\n", (foo,))


def test_the_key_id_is_that_of_the_specification() -> None:
    """SHA-256(name, newline, kind, key), its first four bytes; a witness's key has another."""
    for text, kind in ((SUM_DB, ED25519), (NAVIGLI, COSIGNATURE)):
        assert Verifier.read(text).kind == kind
        assert Verifier.read(text).text == text
        key = Signer("w", kind, bytes(32)).verifier
        assert key.id == sha256(b"w\n" + bytes((kind,)) + key.key).digest()[:4]


@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE])
def test_a_new_key_is_read_back(kind: int) -> None:
    """The private line makes the public one; the private one is never shown by accident."""
    private, public = new_key("ledger.example/账", kind)
    signer = Signer.read(private)

    assert signer.kind == kind
    assert signer.verifier == Verifier.read(public)
    assert new_key("ledger.example/账", kind)[0] != private
    assert repr(signer.seed) not in repr(signer)
    assert private.split("+", 4)[4] not in repr(signer)


@pytest.mark.parametrize("text", [PETER, PETER_PRIVATE])
def test_no_mangled_key_is_read(text: str) -> None:
    """No part of a key and no key with one other character is a key."""
    read = Signer.read if text.startswith("PRIVATE") else Verifier.read
    parts = {text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)} - {text}
    changed = {text[:i] + chr(ord(text[i]) + 1) + text[i + 1 :] for i in range(len(text))}
    for wrong in parts | changed:
        refused("note.key", read, wrong)
    for wrong in (f" {text}", f"{text} ", f"{text}\n\n", f"{text}=", text.upper(), ""):
        with pytest.raises(NoteRefused):
            read(wrong)


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.replace("c74f20a3", "C74F20A3"),
    ],
    ids=["length", "kind", "upper case"],
)
def test_a_key_of_another_length_or_kind(key: str) -> None:
    """Keys whose id fits but that are not Ed25519 keys; the first two are Go's."""
    refused("note.key", Verifier.read, key)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u3000b", "a\x01", "\ud800", "a" * 256]
)
def test_a_name_without_spaces_or_plus(name: str) -> None:
    """A key's name is a name in every reader's eyes."""
    refused("note.key", new_key, name)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(0, 3))
def test_what_is_signed_is_opened(text: str, blanks: int) -> None:
    """Any text, empty lines and lines that look like signatures too."""
    body = f"{text}\n" + "\n" * blanks + f"{PETER_LINE}" + "\n" * blanks

    assert opened(signed(body, LOG), [LOG.verifier]) == (body, (LOG.verifier,))


def test_every_changed_character_is_found() -> None:
    """One other character, anywhere in the note, and it is refused."""
    for at, character in enumerate(NOTE):
        for other in {"A", "1", "\n", " ", chr(ord(character) ^ 1)} - {character}:
            with pytest.raises(NoteRefused):
                opened(NOTE[:at] + other + NOTE[at + 1 :], [LOG.verifier])


def test_every_changed_bit_of_a_signature_is_found() -> None:
    """Another key id is another key; another signature is a wrong one."""
    for at in range(68):
        for bit in range(8):
            wrong = rewritten(NOTE, -2, partial(flip, at, bit))
            code = "note.unknown-keys" if at < 4 else "note.bad-signature"
            refused(code, opened, wrong, [LOG.verifier])


def flip(at: int, bit: int, run: bytes) -> bytes:
    """Change one bit."""
    return run[:at] + bytes((run[at] ^ 1 << bit,)) + run[at + 1 :]


def test_one_wrong_signature_spoils_the_note() -> None:
    """A wrong signature of a trusted key is not outweighed by a right one of another."""
    note = signed(TEXT, Signer.read(PETER_PRIVATE)) + NOTE.split("\n")[-2] + "\n"

    refused("note.bad-signature", opened, note, [Verifier.read(PETER), LOG.verifier])
    assert opened(note, [Verifier.read(PETER)])[0] == TEXT


def test_a_signature_of_another_length_is_wrong() -> None:
    """Cut short or made longer, of a log or of a witness."""
    note = cosigned(NOTE, WITNESSES[0], TIME)
    for change in (lambda run: run[:-1], lambda run: run + b"\0", lambda run: run[:5]):
        for at, key in ((-3, LOG.verifier), (-2, WITNESSES[0].verifier)):
            wrong = rewritten(note, at, change)
            refused("note.bad-signature", opened, wrong, [key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        TEXT + PETER_LINE,
        f"{TEXT}\n",
        f"{TEXT}\n\n",
        PETER_LINE,
        f"\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}"[:-1],
        f"{TEXT}\n{PETER_LINE}\n",
        f"{TEXT}\n {PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}rest\n",
        f"{TEXT}\r\n{PETER_LINE}",
        f"{TEXT}\t\n{PETER_LINE}",
        f"\ud800{TEXT}\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}".replace("—", "-"),
        f"{TEXT}\n{PETER_LINE}".replace("AM=", "AN="),
        f"{TEXT}\n{PETER_LINE}".replace("AM=", "AM"),
        f"{TEXT}\n{PETER_LINE}".replace("AM=", "AM=="),
        f"{TEXT}\n{PETER_LINE}".replace("n x08", "n  x08"),
        f"{TEXT}\n{PETER_LINE}".replace("n x08", "n+ x08"),
        f"{TEXT}\n{PETER_LINE}".replace("/", "_"),
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        f"{TEXT}\n" + PETER_LINE * 101,
        "a" * NOTE_CHARACTERS_MAX + f"\n\n{PETER_LINE}",
    ],
)
def test_a_malformed_note_is_refused(note: str) -> None:
    """What is not exactly a note is none, whoever would have signed it."""
    refused("note.malformed", opened, note, [Verifier.read(PETER)])
    refused("note.malformed", body_of, note)


def test_sixteen_signatures_and_more_are_read() -> None:
    """The specification asks for sixteen at least."""
    others = [Signer(f"log{n}", ED25519, bytes([n]) * 32) for n in range(99)]
    lines = [signed(CHECKPOINT.text, each).split("\n")[-2] for each in others]
    note = NOTE + "\n".join(lines) + "\n"

    trusted = [LOG.verifier, *(each.verifier for each in others)]
    assert opened(note, trusted)[1] == tuple(trusted)


@pytest.mark.parametrize("body", ["no end of line", "", "tab\t\n", "\ud800\n"])
def test_such_a_body_is_not_signed(body: str) -> None:
    """A log signs what readers accept."""
    refused("note.malformed", signed, body, LOG)
