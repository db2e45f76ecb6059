"""The parts of the canonical encoding, version 1 (docs/encoding-v1.md): integers, texts, lists."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from struct import Struct as Layout
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
EPOCH = dt.date(1970, 1, 1)


def u8(value: int) -> bytes:
    """One byte, unsigned."""
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    """Two bytes, unsigned."""
    return value.to_bytes(2, "big")


u32 = Layout(">I").pack


def u64(value: int) -> bytes:
    """Eight bytes, unsigned."""
    return value.to_bytes(8, "big")


def i64(value: int) -> bytes:
    """Eight bytes, two's complement."""
    return value.to_bytes(8, "big", signed=True)


@lru_cache(maxsize=1 << 12)
def day(value: dt.date) -> bytes:
    """Days since 1970-01-01."""
    return (value - EPOCH).days.to_bytes(4, "big", signed=True)


def text(value: str) -> bytes:
    """Length and UTF-8."""
    run = value.encode()
    return u32(len(run)) + run


@lru_cache(maxsize=1 << 16)
def word(value: str) -> bytes:
    """Write a code, of which a book has few and writes the same ones again and again."""
    return text(value)


def maybe(value: T | None, write: Callable[[T], bytes]) -> bytes:
    """A zero byte for nothing, else a one and the value."""
    return b"\x00" if value is None else b"\x01" + write(value)


def who(value: UUID | None) -> bytes:
    """A UUID or nothing."""
    return b"\x00" if value is None else b"\x01" + value.bytes


def many(items: Iterable[bytes]) -> bytes:
    """Count and items."""
    runs = list(items)
    return u32(len(runs)) + b"".join(runs)


def strings(items: Mapping[str, str]) -> bytes:
    """Pairs of strings by the bytes of their keys."""
    pairs = sorted(items.items(), key=lambda pair: pair[0].encode())
    return many(text(key) + text(value) for key, value in pairs)
