"""The proof file of one transaction: what it says, that it is in the log, and who vouches for it.

A file holds the transaction as a line of the export, its path to a root, the checkpoint of that
root if there is one, and beside it the records that give it its meaning, each with its own path:
the commodities of its postings, since the leaf holds whole quanta and only the scale says where
the point of an amount stands; and the book's opening, which says the book's code.

The check reads the file with ``layout`` alone and accepts each value in one spelling only, so that
whatever differs from the record in the log is found. A record's balances after are not part of
its leaf; ``proof_file`` leaves them out, and a file that has them is refused.
"""

import json
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from ledger.proof.inclusion import leaf_hash, root_from_inclusion
from ledger.proof.layout import record_bytes
from ledger.proof.note import NoteRefused, Verifier, body_of, checked, read_checkpoint

FORMAT = "gep-ledger-proof"
VERSION = 1
NUMBER_MAX = 2**64 - 1
Json = dict[str, Any]
Shape = Any
"""A pattern of text, a type, a mapping of exact keys, a list of one shape, or ``Maybe`` one."""

NOT_SHOWN = frozenset(
    (
        "bundle.no-checkpoint",
        "bundle.not-authenticated",
        "bundle.code-not-shown",
        "bundle.scale-not-shown",
    )
)
"""Findings that say what the file leaves open; every other one says that something is wrong."""


class BundleFinding(NamedTuple):
    """One thing that does not hold or is not shown: a stable code, and why."""

    code: str
    why: str


class Maybe(NamedTuple):
    """A shape, or nothing."""

    shape: Shape


TEXT = re.compile(r".*", re.DOTALL)
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HASH = re.compile(r"[0-9a-f]{64}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
QUANTA = re.compile(r"0|[1-9][0-9]{0,19}")
AMOUNT = re.compile(r"(?!-0(\.0+)?$)-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,9})?")
STRINGS = Mapping[str, str]
"""The shape of a mapping of any strings."""

HEAD: Shape = {"seq": int, "booked_at": INSTANT, "leaf": HASH}
VOUCHER: Shape = {"type": TEXT, "number": int}
TRANSACTION: Shape = {
    **HEAD,
    "record": re.compile("transaction"),
    "id": UUID_TEXT,
    "digest": HASH,
    "kind": TEXT,
    "effective_on": DAY,
    "periods": [{"entity": TEXT, "period": TEXT, "voucher": Maybe(VOUCHER)}],
    "narrative": TEXT,
    "reference": TEXT,
    "preparer": Maybe(UUID_TEXT),
    "approver": Maybe(UUID_TEXT),
    "metadata": STRINGS,
    "attachments": [HASH],
    "reverses": Maybe(UUID_TEXT),
    "late_for": Maybe(TEXT),
    "chain": Maybe(UUID_TEXT),
    "up_to": [{"line": int, "quanta": QUANTA}],
    "consumes": [{"hold": UUID_TEXT, "line": int, "quanta": QUANTA, "final": bool}],
    "postings": [
        {
            "account": TEXT,
            "commodity": TEXT,
            "amount": AMOUNT,
            "side": re.compile("debit|credit"),
        }
    ],
}
COMMODITY: Shape = {
    **HEAD,
    "record": re.compile("commodity"),
    "code": TEXT,
    "unit": TEXT,
    "scale": int,
    "kind": TEXT,
    "instrument": TEXT,
}
BOOK: Shape = {
    **HEAD,
    "record": re.compile("book"),
    "code": TEXT,
    "time_zone": TEXT,
    "policy": STRINGS,
    "user": Maybe(UUID_TEXT),
}
PLACE: Shape = {"index": int, "path": [HASH]}
FILE: Shape = {
    **PLACE,
    "format": re.compile(FORMAT),
    "version": int,
    "book": UUID_TEXT,
    "code": TEXT,
    "record": TRANSACTION,
    "size": int,
    "root": HASH,
    "checkpoint": Maybe(TEXT),
    "beside": [{**PLACE, "record": dict}],
}
BESIDE: Mapping[str, Shape] = {"commodity": COMMODITY, "book": BOOK}


@dataclass(frozen=True)
class Placed:
    """A record as a line of the export, with the audit path from its place to the root."""

    record: Mapping[str, Any]
    index: int
    path: Sequence[bytes]


def proof_file(
    book: UUID,
    code: str,
    transaction: Placed,
    size: int,
    root: bytes,
    *,
    beside: Sequence[Placed] = (),
    checkpoint: str | None = None,
) -> Json:
    """Write the proof file of a transaction: all that its leaf says, and nothing else."""
    postings = [
        {name: value for name, value in line.items() if name != "balance_after"}
        for line in transaction.record["postings"]
    ]
    record = {**transaction.record, "postings": postings}
    return {
        "format": FORMAT,
        "version": VERSION,
        "book": str(book),
        "code": code,
        **_written(replace(transaction, record=record)),
        "size": size,
        "root": root.hex(),
        "checkpoint": checkpoint,
        "beside": [_written(each) for each in beside],
    }


def read_bundle(text: str) -> Json:
    """Read a proof file; a key that stands twice in it is refused, since readers would differ."""
    try:
        read: Json = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refused, parse_float=_refused
        )
    except RecursionError as error:
        raise ValueError("a proof file is not that deep") from error
    return read


def check_bundle(
    bundle: Mapping[str, Any],
    *,
    trusted: Sequence[Verifier] = (),
    witnesses: Sequence[Verifier] = (),
    needed: int = 0,
) -> list[BundleFinding]:
    """Return what does not hold and what is not shown; with neither, the transaction is proven."""
    misfits = [*_misfits(bundle, FILE, "")] or [
        misfit
        for number, each in enumerate(bundle["beside"])
        for misfit in _beside(each["record"], f"beside[{number}].record")
    ]
    if misfits or bundle["version"] != VERSION:
        whys = misfits or [f"version {bundle['version']} is not known"]
        return [BundleFinding("bundle.malformed", why) for why in whys]
    places = [bundle, *bundle["beside"]]
    return [
        *(finding for place in places for finding in _included(bundle, place)),
        *_meaning(bundle),
        *_vouched(bundle, trusted, witnesses, needed),
    ]


def _included(bundle: Mapping[str, Any], place: Mapping[str, Any]) -> Iterator[BundleFinding]:
    record, index = place["record"], place["index"]
    named = f"record {record['seq']}"
    if record["seq"] != index + 1:
        yield BundleFinding("bundle.place", f"{named} does not stand at index {index}")
    try:
        leaf = leaf_hash(record_bytes(UUID(bundle["book"]), dict(record)))
        path = [bytes.fromhex(step) for step in place["path"]]
        root = root_from_inclusion(leaf, index, bundle["size"], path)
    except (ValueError, ArithmeticError, struct.error) as error:
        yield BundleFinding("bundle.unreadable", f"{named}: {error}")
        return
    if leaf.hex() != record["leaf"]:
        yield BundleFinding("bundle.leaf", f"{named}: its fields do not give its leaf")
    if root.hex() != bundle["root"]:
        yield BundleFinding("bundle.root", f"{named}: its path does not lead to the root")


def _meaning(bundle: Mapping[str, Any]) -> Iterator[BundleFinding]:
    records = [each["record"] for each in bundle["beside"]]
    codes = [each["code"] for each in records if each["record"] == "book"]
    if not codes:
        why = f"the book's opening is not beside it: {bundle['code']} is only a label"
        yield BundleFinding("bundle.code-not-shown", why)
    if any(code != bundle["code"] for code in codes):
        yield BundleFinding("bundle.code", f"the book is not {bundle['code']}")
    used = [each for each in records if each["record"] == "commodity"]
    scales = {each["code"]: each["scale"] for each in used}
    if len(codes) > 1 or len(scales) < len(used):
        yield BundleFinding("bundle.twice", "the opening or a commodity is twice beside it")
    yield from _amounts(bundle["record"]["postings"], scales)


def _amounts(postings: Sequence[Json], scales: Mapping[str, int]) -> Iterator[BundleFinding]:
    for commodity in sorted({line["commodity"] for line in postings} - set(scales)):
        why = f"{commodity} is not beside it: where the point of its amounts stands is not shown"
        yield BundleFinding("bundle.scale-not-shown", why)
    for line in postings:
        point = len(line["amount"].partition(".")[2])
        if point != scales.get(line["commodity"], point):
            why = f"{line['amount']} {line['commodity']} is not in its scale"
            yield BundleFinding("bundle.amount", why)


def _vouched(
    bundle: Mapping[str, Any],
    trusted: Sequence[Verifier],
    witnesses: Sequence[Verifier],
    needed: int,
) -> Iterator[BundleFinding]:
    note = bundle["checkpoint"]
    if note is None:
        yield BundleFinding("bundle.no-checkpoint", "nobody vouches for the root")
        return
    try:
        if trusted:
            checkpoint = checked(note, trusted, witnesses, needed).checkpoint
        else:
            checkpoint = read_checkpoint(body_of(note))
    except NoteRefused as refused:
        yield BundleFinding("bundle.checkpoint", str(refused))
        return
    if not trusted:
        why = "no key is trusted: the root is not authenticated"
        yield BundleFinding("bundle.not-authenticated", why)
    if (checkpoint.size, checkpoint.root.hex()) != (bundle["size"], bundle["root"]):
        why = "the checkpoint is of another size or root"
        yield BundleFinding("bundle.checkpoint-differs", why)


def _written(placed: Placed) -> Json:
    path = [step.hex() for step in placed.path]
    return {"record": dict(placed.record), "index": placed.index, "path": path}


def _beside(record: Json, at: str) -> Iterator[str]:
    kind = record.get("record")
    if kind in tuple(BESIDE):
        yield from _misfits(record, BESIDE[kind], at)
    else:
        yield f"{at} is neither of a commodity nor of a book"


def _misfits(value: Any, shape: Shape, at: str) -> Iterator[str]:
    if isinstance(shape, Maybe):
        if value is not None:
            yield from _misfits(value, shape.shape, at)
    elif isinstance(shape, dict) and isinstance(value, dict):
        for name in sorted(map(str, set(shape) ^ set(value))):
            yield f"{at}.{name} is {'missing' if name in shape else 'not part of the proof'}"
        for name in (each for each in shape if each in value):
            yield from _misfits(value[name], shape[name], f"{at}.{name}")
    elif isinstance(shape, list) and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _misfits(each, shape[0], f"{at}[{number}]")
    elif not _plain(value, shape):
        yield f"{at} cannot be {json.dumps(value, ensure_ascii=True, default=str)[:80]}"


def _plain(value: Any, shape: Shape) -> bool:
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if shape is STRINGS:
        return isinstance(value, dict) and all(
            isinstance(text, str) for pair in value.items() for text in pair
        )
    if shape is int:
        return type(value) is int and 0 <= value <= NUMBER_MAX
    return type(value) is shape


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return read


def _refused(text: str) -> Any:
    raise ValueError(f"{text} is no value of a proof file")
