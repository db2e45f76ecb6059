"""Encoding version 1 written a second time, from docs/encoding-v1.md, for the verifier alone.

A value has one spelling: an id or a hash in another one would be another key to whoever compares
the fields, and the same bytes in the leaf.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from struct import Struct
from typing import Any
from uuid import UUID

Json = dict[str, Any]
SIDES = ("debit", "credit")
CLASSES = ("asset", "liability", "equity", "income", "expense", "memo")
BASES = ("accrual", "budget", "registry", "clearing", "memo")
ACCOUNT_STATES = ("open", "frozen", "closed")
PERIOD_STATES = ("open", "closing", "closed", "reopened")
COLUMN = {"debit": 0, "credit": 1}
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
COUNT = re.compile(r"0|[1-9][0-9]{0,19}")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
EPOCH_DAY = EPOCH.toordinal()
NOTHING, NONE_OF_THEM = b"\0", b"\0\0\0\0"
FLAG = {False: b"\0", True: b"\1"}
HASH_BYTES, UUID_BYTES, UUID_LENGTH = 32, 16, 36
U16, U32, U64 = Struct(">H").pack, Struct(">I").pack, Struct(">Q").pack
I32, I64 = Struct(">i").pack, Struct(">q").pack
HEAD, QUANTA = Struct(">BB16sQq").pack, Struct(">QBB").pack


def record_bytes(book: UUID, line: Json) -> bytes:
    """Rebuild the canonical bytes (encoding version 1) of an exported record."""
    number, payload = LAYOUTS[line["record"]]
    return HEAD(1, number, book.bytes, line["seq"], _micros(line["booked_at"])) + payload(line)


@lru_cache(maxsize=1 << 10)
def _micros(instant: str) -> int:
    if not INSTANT.fullmatch(instant):
        raise ValueError(f"{instant!r} is no instant")
    return (dt.datetime.fromisoformat(instant) - EPOCH) // dt.timedelta(microseconds=1)


def text(value: str) -> bytes:
    """Length and UTF-8."""
    run = value.encode()
    if b"\0" in run or (len(run) != len(value) and not unicodedata.is_normalized("NFC", value)):
        raise ValueError(f"{value!r} is not in NFC, or holds a NUL")
    return U32(len(run)) + run


@lru_cache(maxsize=1 << 16)
def word(value: str) -> bytes:
    """Write a text that a book has few of and writes again and again."""
    return text(value)


def many(items: Iterable[bytes]) -> bytes:
    """Count and items."""
    runs = tuple(items)
    return U32(len(runs)) + b"".join(runs)


def maybe(value: Any, write: Callable[[Any], bytes]) -> bytes:
    """A zero byte for nothing, else a one and the value."""
    return NOTHING if value is None else b"\1" + write(value)


def uuid(value: str) -> bytes:
    """Sixteen bytes."""
    run = bytes.fromhex(value.replace("-", ""))
    spelt = len(value) == UUID_LENGTH and value[8:24:5] == "----" and value == value.lower()
    if len(run) != UUID_BYTES or not spelt:
        raise ValueError(f"{value!r} is no UUID in its canonical form")
    return run


def digest(value: str) -> bytes:
    """Thirty-two bytes."""
    run = bytes.fromhex(value)
    if len(run) != HASH_BYTES or run.hex() != value:
        raise ValueError(f"{value!r} is no SHA-256 in lower-case hexadecimal")
    return run


def who(value: str | None) -> bytes:
    """A UUID or nothing."""
    return NOTHING if value is None else b"\1" + uuid(value)


def strings(value: dict[str, str]) -> bytes:
    """A mapping of strings, by the bytes of its keys."""
    return many(text(key) + text(value[key]) for key in sorted(value, key=str.encode))


@lru_cache(maxsize=1 << 12)
def day(value: str) -> bytes:
    """Days since 1970-01-01."""
    date = dt.date.fromisoformat(value)
    if date.isoformat() != value:
        raise ValueError(f"{value!r} is no day (YYYY-MM-DD)")
    return I32(date.toordinal() - EPOCH_DAY)


def count(value: str) -> int:
    """Read quanta, which are never negative."""
    if not COUNT.fullmatch(value):
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def u64(value: str) -> bytes:
    """Eight bytes, unsigned."""
    return U64(count(value))


def micros(value: str) -> bytes:
    """An instant in microseconds UTC."""
    return I64(_micros(value))


@lru_cache(maxsize=1 << 16)
def _codes(account: str, commodity: str) -> bytes:
    return text(account) + text(commodity)


def _posting(line: Json) -> bytes:
    quanta = int(line["amount"].replace(".", ""))
    column = COLUMN[line["side"]]
    red = quanta != 0 and (quanta > 0) == column
    codes = _codes(line["account"], line["commodity"])
    return codes + QUANTA(-quanta if quanta < 0 else quanta, column, red)


def _taken(each: Json) -> bytes:
    return uuid(each["hold"]) + U16(each["line"]) + u64(each["quanta"]) + FLAG[each["final"]]


def _up_to(each: Json) -> bytes:
    return U16(each["line"]) + u64(each["quanta"])


def _voucher(each: Json) -> bytes:
    return word(each["type"]) + U64(each["number"])


def _period(each: Json) -> bytes:
    if each["voucher"] is None:
        return _month(each["entity"], each["period"])
    return word(each["entity"]) + word(each["period"]) + b"\1" + _voucher(each["voucher"])


@lru_cache(maxsize=1 << 12)
def _month(entity: str, period: str) -> bytes:
    return text(entity) + text(period) + NOTHING


def _transaction(it: Json) -> bytes:
    postings = it["postings"]
    return b"".join((
        uuid(it["id"]), digest(it["digest"]), word(it["kind"]), day(it["effective_on"]),
        U32(len(it["periods"])), *map(_period, it["periods"]),
        word(it["narrative"]), word(it["reference"]), who(it["preparer"]), who(it["approver"]),
        strings(it["metadata"]) if it["metadata"] else NONE_OF_THEM,
        many(map(digest, it["attachments"])) if it["attachments"] else NONE_OF_THEM,
        who(it["reverses"]), maybe(it["late_for"], text), who(it["chain"]),
        many(map(_up_to, it["up_to"])) if it["up_to"] else NONE_OF_THEM,
        many(map(_taken, it["consumes"])) if it["consumes"] else NONE_OF_THEM,
        U32(len(postings)), *map(_posting, postings),
    ))  # fmt: skip


def _held(each: Json) -> bytes:
    column = bytes((COLUMN[each["side"]],))
    return _codes(each["account"], each["commodity"]) + u64(each["quanta"]) + column


def _hold(it: Json) -> bytes:
    return b"".join((
        uuid(it["id"]), digest(it["digest"]), text(it["kind"]), text(it["reference"]),
        who(it["group"]), maybe(it["deadline"], micros), who(it["preparer"]),
        many(map(_held, it["lines"])),
    ))  # fmt: skip


def _bound(each: Json) -> bytes:
    return text(each["commodity"]) + maybe(each["floor"], text) + maybe(each["ceiling"], text)


def _account(it: Json) -> bytes:
    return b"".join((
        U32(it["no"]), text(it["code"]),
        bytes((CLASSES.index(it["class"]), COLUMN[it["normal"]])), text(it["entity"]),
        bytes((BASES.index(it["basis"]),)), who(it["party"]), many(map(text, it["kinds"])),
        many(map(_bound, it["bounds"])), maybe(it["always_zero_days"], U32),
        bytes((ACCOUNT_STATES.index(it["state"]),)), who(it["user"]),
    ))  # fmt: skip


def _commodity(it: Json) -> bytes:
    scale = bytes((it["scale"],))
    return text(it["code"]) + text(it["unit"]) + scale + text(it["kind"]) + text(it["instrument"])


LAYOUTS: dict[str, tuple[int, Callable[[Json], bytes]]] = {
    "transaction": (1, _transaction),
    "hold": (2, _hold),
    "consume": (
        3, lambda it: uuid(it["id"]) + who(it["user"]) + many(map(_taken, it["consumes"]))
    ),
    "void": (4, lambda it: uuid(it["hold"]) + text(it["reason"]) + who(it["user"])),
    "expiry": (5, lambda it: uuid(it["hold"]) + micros(it["deadline"])),
    "account-opened": (6, _account),
    "account-changed": (7, _account),
    "commodity": (8, _commodity),
    "period": (
        9,
        lambda it: b"".join((
            text(it["entity"]), text(it["basis"]), text(it["period"]),
            bytes((PERIOD_STATES.index(it["state"]),)), text(it["reason"]),
            maybe(it["seal"], digest), who(it["user"]),
        )),
    ),
    "annotation": (
        10, lambda it: uuid(it["transaction"]) + strings(it["metadata"]) + who(it["user"])
    ),
    "foreign-digest": (
        11,
        lambda it: b"".join((
            text(it["what"]), text(it["reference"]), digest(it["digest"]),
            strings(it["metadata"]), who(it["user"]),
        )),
    ),
    "book": (
        12,
        lambda it: b"".join((
            text(it["code"]), text(it["time_zone"]), strings(it["policy"]), who(it["user"]),
        )),
    ),
}  # fmt: skip
