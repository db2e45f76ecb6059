"""Whether data that somebody shows of a person are those that a log was bound to.

Standard library only, with none of the ledger's code: an auditor who is shown name, numbers and
salt, and has an export, needs nothing else.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from ledger.proof.verify import VerifyFinding

COMMITTED = b"gep-ledger person 1\n"
TEXTS = ("name", "identity_number", "bank_account")


def commitment_of(shown: Mapping[str, Any]) -> str:
    """Return the SHA-256 over salt, id and the texts, each with its length, in hexadecimal."""
    texts = [str(shown[name]).encode() for name in TEXTS]
    run = COMMITTED + bytes.fromhex(shown["salt"]) + UUID(shown["id"]).bytes
    return sha256(run + b"".join(len(each).to_bytes(4) + each for each in texts)).hexdigest()


def check_person(
    shown: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]
) -> list[VerifyFinding]:
    """Return what does not hold of data that are shown, against the lines of an export."""
    try:
        id, bound = str(UUID(shown["id"])), commitment_of(shown)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [VerifyFinding("person.unreadable", f"not shown whole: {error}")]
    bindings = [
        str(line.get("code", "")).rpartition(":")[2]
        for line in lines
        if line.get("record") == "account-opened" and line.get("party") == id
    ]
    if not bindings:
        return [VerifyFinding("person.unknown", "the log knows no such person", id=id)]
    if bound not in bindings:
        return [VerifyFinding("person.not-bound", "other data than the log is bound to", id=id)]
    return []
