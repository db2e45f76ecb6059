"""A natural person (自然人) in the books: a random id, and a salted commitment to what is personal.

The log holds the id and the commitment, never the data: both data and salt can be erased, and
without the salt nobody can tell by trying whose commitment it was.
"""

import re
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from ledger.core.account import Account
from ledger.core.parts import text

PERSON = "person"
SALT_BYTES = 32
COMMITTED = b"gep-ledger person 1\n"
RANDOM_UUID = 4
SHOWN_DIGITS, SHOWN_FROM = 4, 8
BINDING = re.compile(r"[^:]+:Person:([0-9a-f]{64})")


class Person(NamedTuple):
    """What is personal: name, identity number (身份证号) and bank account."""

    name: str
    identity_number: str
    bank_account: str

    @property
    def masked(self) -> "Person":
        """What anybody may see: the first character of the name, the last digits of numbers."""
        first = self.name[:1] + "*" if self.name else ""
        return Person(first, _last(self.identity_number), _last(self.bank_account))


def commitment(id: UUID, salt: bytes, person: Person) -> bytes:
    """Return the SHA-256 that binds a person's id to the data, in the parts of encoding v1."""
    return sha256(COMMITTED + salt + id.bytes + b"".join(map(text, person))).digest()


def binding_account(id: UUID, salt: bytes, person: Person, entity: str) -> Account:
    """Return the memo account whose opening puts the commitment into the log; it takes nothing."""
    bound = commitment(id, salt, person).hex()
    return Account(f"{entity}:Person:{bound}", "memo", "memo", party=id, state="closed")


def _last(number: str) -> str:
    if not number:
        return ""
    return "****" + (number[-SHOWN_DIGITS:] if len(number) >= SHOWN_FROM else "")
