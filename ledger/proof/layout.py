"""Encoding version 1 written a second time, from docs/encoding-v1.md, for the verifier alone."""

import datetime as dt
import re
import struct
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

Json = dict[str, Any]
SIDES = ("debit", "credit")
CLASSES = ("asset", "liability", "equity", "income", "expense", "memo")
BASES = ("accrual", "budget", "registry", "clearing", "memo")
ACCOUNT_STATES = ("open", "frozen", "closed")
PERIOD_STATES = ("open", "closing", "closed", "reopened")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def record_bytes(book: UUID, line: Json) -> bytes:
    """Rebuild the canonical bytes (encoding version 1) of an exported record."""
    number, payload = LAYOUTS[line["record"]]
    head = struct.pack(
        ">BB16sQq", 1, number, book.bytes, line["seq"], _microseconds(line["booked_at"])
    )
    return head + payload(line)


def _microseconds(instant: str) -> int:
    if not INSTANT.fullmatch(instant):
        raise ValueError(f"{instant!r} is no instant")
    return (dt.datetime.fromisoformat(instant) - EPOCH) // dt.timedelta(microseconds=1)


def text(value: str) -> bytes:
    """Length and UTF-8."""
    run = value.encode()
    return struct.pack(">I", len(run)) + run


def many(items: Iterable[bytes]) -> bytes:
    """Count and items."""
    runs = tuple(items)
    return struct.pack(">I", len(runs)) + b"".join(runs)


def maybe(value: Any, write: Callable[[Any], bytes]) -> bytes:
    """A zero byte for nothing, else a one and the value."""
    return b"\0" if value is None else b"\1" + write(value)


def uuid(value: str) -> bytes:
    """Sixteen bytes."""
    return UUID(value).bytes


def who(value: str | None) -> bytes:
    """A UUID or nothing."""
    return maybe(value, uuid)


def strings(value: dict[str, str]) -> bytes:
    """A mapping of strings, by the bytes of its keys."""
    return many(text(key) + text(value[key]) for key in sorted(value, key=str.encode))


def day(value: str) -> bytes:
    """Days since 1970-01-01."""
    return struct.pack(">i", (dt.date.fromisoformat(value) - EPOCH.date()).days)


def u64(value: str | int) -> bytes:
    """Eight bytes, unsigned."""
    return struct.pack(">Q", int(value))


def micros(value: str) -> bytes:
    """An instant in microseconds UTC."""
    return struct.pack(">q", _microseconds(value))


def _posting(line: Json, scales: dict[str, int] | None = None) -> bytes:
    quanta = int(line["amount"].replace(".", ""))
    column = SIDES.index(line["side"])
    red = (quanta > 0) == bool(column)
    flags = struct.pack(">QBB", abs(quanta), column, red)
    return text(line["account"]) + text(line["commodity"]) + flags


def _taken(each: Json) -> bytes:
    return uuid(each["hold"]) + struct.pack(
        ">HQ?", each["line"], int(each["quanta"]), each["final"]
    )


def _voucher(each: Json) -> bytes:
    return text(each["type"]) + u64(each["number"])


def _period(each: Json) -> bytes:
    return text(each["entity"]) + text(each["period"]) + maybe(each["voucher"], _voucher)


def _transaction(it: Json) -> bytes:
    return b"".join((
        uuid(it["id"]), bytes.fromhex(it["digest"]), text(it["kind"]), day(it["effective_on"]),
        many(map(_period, it["periods"])), text(it["narrative"]), text(it["reference"]),
        who(it["preparer"]), who(it["approver"]), strings(it["metadata"]),
        many(map(bytes.fromhex, it["attachments"])), who(it["reverses"]),
        maybe(it["late_for"], text), who(it["chain"]),
        many(struct.pack(">H", each["line"]) + u64(each["quanta"]) for each in it["up_to"]),
        many(map(_taken, it["consumes"])), many(map(_posting, it["postings"])),
    ))  # fmt: skip


def _held(each: Json) -> bytes:
    column = SIDES.index(each["side"])
    return text(each["account"]) + text(each["commodity"]) + u64(each["quanta"]) + bytes((column,))


def _hold(it: Json) -> bytes:
    return b"".join((
        uuid(it["id"]), bytes.fromhex(it["digest"]), text(it["kind"]), text(it["reference"]),
        who(it["group"]), maybe(it["deadline"], micros), who(it["preparer"]),
        many(map(_held, it["lines"])),
    ))  # fmt: skip


def _bound(each: Json) -> bytes:
    return text(each["commodity"]) + maybe(each["floor"], text) + maybe(each["ceiling"], text)


def _account(it: Json) -> bytes:
    return b"".join((
        struct.pack(">I", it["no"]), text(it["code"]),
        bytes((CLASSES.index(it["class"]), SIDES.index(it["normal"]))), text(it["entity"]),
        bytes((BASES.index(it["basis"]),)), who(it["party"]), many(map(text, it["kinds"])),
        many(map(_bound, it["bounds"])),
        maybe(it["always_zero_days"], lambda days: struct.pack(">I", days)),
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
            maybe(it["seal"], bytes.fromhex), who(it["user"]),
        )),
    ),
    "annotation": (
        10, lambda it: uuid(it["transaction"]) + strings(it["metadata"]) + who(it["user"])
    ),
    "foreign-digest": (
        11,
        lambda it: b"".join((
            text(it["what"]), text(it["reference"]), bytes.fromhex(it["digest"]),
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
