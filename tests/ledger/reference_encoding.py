"""Encoding version 1 a third time: a grammar read by a small interpreter, sharing no code.

Each layout below is a line of docs/encoding-v1.md: fields by name with the type of each.
"""

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

GRAMMAR = {
    "transaction": "id:uuid digest:hash kind:str effective_on:day periods:*entity_period "
    "narrative:str reference:str preparer:?uuid approver:?uuid metadata:map attachments:*hash "
    "reverses:?uuid late_for:?str chain:?uuid up_to:*up_to consumes:*consumption postings:*posting",
    "hold": "id:uuid digest:hash kind:str reference:str group:?uuid deadline:?instant "
    "preparer:?uuid lines:*hold_line",
    "consume": "id:uuid user:?uuid consumes:*consumption",
    "void": "hold:uuid reason:str user:?uuid",
    "expiry": "hold:uuid deadline:instant",
    "account-opened": "no:u32 code:str class:class normal:side entity:str basis:basis party:?uuid "
    "kinds:*str bounds:*bound always_zero_days:?u32 state:account_state user:?uuid",
    "commodity": "code:str unit:str scale:u8 kind:str instrument:str",
    "period": "entity:str basis:str period:str state:period_state reason:str seal:?hash user:?uuid",
    "annotation": "transaction:uuid metadata:map user:?uuid",
    "foreign-digest": "what:str reference:str digest:hash metadata:map user:?uuid",
    "book": "code:str time_zone:str policy:map user:?uuid",
    "entity_period": "entity:str period:str voucher:?voucher",
    "voucher": "type:str number:u64",
    "up_to": "line:u16 quanta:u64",
    "consumption": "hold:uuid line:u16 quanta:u64 final:u8",
    "hold_line": "account:str commodity:str quanta:u64 side:side",
    "bound": "commodity:str floor:?str ceiling:?str",
}
GRAMMAR["account-changed"] = GRAMMAR["account-opened"]
KINDS = (
    "transaction", "hold", "consume", "void", "expiry", "account-opened", "account-changed",
    "commodity", "period", "annotation", "foreign-digest", "book",
)  # fmt: skip
CHOICES = {
    "class": "asset liability equity income expense memo",
    "side": "debit credit",
    "basis": "accrual budget registry clearing memo",
    "account_state": "open frozen closed",
    "period_state": "open closing closed reopened",
}
WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def encode(book: str, line: dict[str, Any]) -> bytes:
    """Write a record from its exported fields: head, then payload."""
    kind = 1 + KINDS.index(line["record"])
    head = bytes([1, kind]) + UUID(book).bytes + write("u64", line["seq"])
    return head + write("instant", line["booked_at"]) + write(line["record"], line)


def write(kind: str, value: Any) -> bytes:
    """Write a value of a type of the grammar."""
    if kind[0] == "?":
        return b"\x00" if value is None else b"\x01" + write(kind[1:], value)
    if kind[0] == "*":
        return write("u32", len(value)) + b"".join(write(kind[1:], each) for each in value)
    if kind in GRAMMAR:
        fields = (field.split(":") for field in GRAMMAR[kind].split())
        return b"".join(write(form, value[name]) for name, form in fields)
    if kind in CHOICES:
        return bytes([CHOICES[kind].split().index(value)])
    if kind in WIDTHS:
        return int(value).to_bytes(WIDTHS[kind], "big")
    return PRIMITIVES[kind](value)


def leaf(record: bytes) -> bytes:
    """Hash a record."""
    return hashlib.sha256(b"\x00" + record).digest()


def root(leaves: list[bytes]) -> bytes:
    """Hash a tree as RFC 6962 defines it: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    at = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:at]) + root(leaves[at:])).digest()


def body_text(body: dict[str, Any]) -> str:
    """Normalise a body as the page says, and write it as RFC 8785 does."""
    said = {key: value for key, value in body.items() if value is not None}
    said["id"] = str(UUID(said["id"]))
    said["postings"] = [
        {**posting, "amount": _shortest(posting["amount"])} for posting in said["postings"]
    ]
    return _jcs(said)


def _shortest(amount: str) -> str:
    whole, _, part = str(abs(Decimal(amount))).partition(".")
    part = part.rstrip("0")
    sign = "-" if Decimal(amount) < 0 else ""
    return sign + (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _jcs(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(unicodedata.normalize("NFC", value), ensure_ascii=False)
    if isinstance(value, list):
        return f"[{','.join(map(_jcs, value))}]"
    keys = {unicodedata.normalize("NFC", key): key for key in value}
    order = sorted(keys, key=lambda key: list(memoryview(key.encode("utf-16-be"))))
    return "{" + ",".join(f"{_jcs(key)}:{_jcs(value[keys[key]])}" for key in order) + "}"


def _instant(text: str) -> bytes:
    moment = dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)
    passed = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    micros = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    return micros.to_bytes(8, "big", signed=True)


def _day(text: str) -> bytes:
    days = dt.date.fromisoformat(text).toordinal() - dt.date(1970, 1, 1).toordinal()
    return days.to_bytes(4, "big", signed=True)


def _str(text: str) -> bytes:
    return len(text.encode()).to_bytes(4, "big") + text.encode()


def _map(pairs: dict[str, str]) -> bytes:
    runs = sorted((key.encode(), value) for key, value in pairs.items())
    written = b"".join(_str(key.decode()) + _str(value) for key, value in runs)
    return len(runs).to_bytes(4, "big") + written


def _posting(line: dict[str, str]) -> bytes:
    """A negative amount in the debit column, or a positive one in the credit column, is red."""
    quanta = Decimal(line["amount"].replace(".", ""))
    column = CHOICES["side"].split().index(line["side"])
    red = int(quanta > 0) if column else int(quanta < 0)
    return (
        _str(line["account"]) + _str(line["commodity"]) + write("u64", abs(quanta))
        + bytes([column, red])
    )  # fmt: skip


PRIMITIVES: dict[str, Callable[[Any], bytes]] = {
    "uuid": lambda text: UUID(text).bytes,
    "hash": bytes.fromhex,
    "str": _str,
    "map": _map,
    "day": _day,
    "instant": _instant,
    "posting": _posting,
}
