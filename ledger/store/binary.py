"""Values and arrays of values in PostgreSQL's binary form, as its driver sends them."""

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from uuid import UUID

import numpy as np
import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

NULL = b"\xff\xff\xff\xff"
LENGTH = Struct(">i").pack
INT, LONG = Struct(">ii").pack, Struct(">iq").pack
FEW = 16
"""So few values are packed one by one sooner than together."""
ARRAY_HEAD = Struct(">iiiii").pack
UUID_OID, TEXT_OID, INT4_OID, INT8_OID, DATE_OID = 2950, 25, 23, 20, 1082
INT2_OID, BYTEA_OID = 21, 17
ARRAY_OIDS = {
    UUID_OID: 2951, TEXT_OID: 1009, INT4_OID: 1007, INT8_OID: 1016, DATE_OID: 1182,
    INT2_OID: 1005, BYTEA_OID: 1001,
}  # fmt: skip


class Array:
    """Elements of one type, packed as PostgreSQL's binary array."""

    __slots__ = ("oid", "packed")

    def __init__(self, oid: int, size: int, elements: bytes) -> None:
        self.oid = oid
        self.packed = ARRAY_HEAD(1 if size else 0, 0, oid, size, 1)[: 20 if size else 12] + elements


class Raw(bytes):
    """A value in PostgreSQL's binary form, of whatever type its column has."""

    __slots__ = ()


class RawDumper(Dumper):
    """Sends a value as it is."""

    format = Format.BINARY
    oid = 0

    def dump(self, obj: Raw) -> Buffer | None:
        """Send it as it is."""
        return bytes(obj)


def _dumper(element: int) -> type[Dumper]:
    class ArrayDumper(Dumper):
        format = Format.BINARY
        oid = ARRAY_OIDS[element]

        def dump(self, obj: Array) -> Buffer | None:
            return obj.packed

    return ArrayDumper


KINDS: dict[int, type[Array]] = {oid: type(f"Array{oid}", (Array,), {}) for oid in ARRAY_OIDS}
psycopg.adapters.register_dumper(Raw, RawDumper)
for _oid, _kind in KINDS.items():
    psycopg.adapters.register_dumper(_kind, _dumper(_oid))


def uuids(values: Sequence[UUID]) -> Array:
    """Pack UUIDs."""
    length = LENGTH(16)
    elements = b"".join([length + each.bytes for each in values])
    return KINDS[UUID_OID](UUID_OID, len(values), elements)


def texts(values: Sequence[str]) -> Array:
    """Pack texts, of which many are the same."""
    return KINDS[TEXT_OID](TEXT_OID, len(values), b"".join(map(code, values)))


def integers(oid: int, values: Sequence[int]) -> Array:
    """Pack integers of four or eight bytes, or days."""
    width = 8 if oid == INT8_OID else 4
    if len(values) <= FEW:
        pack = LONG if oid == INT8_OID else INT
        return KINDS[oid](oid, len(values), b"".join([pack(width, each) for each in values]))
    packed = np.empty(len(values), dtype=[("length", ">i4"), ("value", f">i{width}")])
    packed["length"] = width
    packed["value"] = values
    return KINDS[oid](oid, len(values), packed.tobytes())


@lru_cache(maxsize=1 << 16)
def code(value: str) -> bytes:
    """Pack a code, of which there are few."""
    return text(value)


def text(value: str | None) -> bytes:
    """Pack a text, or nothing."""
    if value is None:
        return NULL
    run = value.encode()
    return LENGTH(len(run)) + run
