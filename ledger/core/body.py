"""What callers send, as it is sent: read strictly, normalised, and digested before defaults."""

import datetime as dt
import json
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from ledger.core.account import Side
from ledger.core.amount import AMOUNT_FORM, canonical_text
from ledger.core.draft import Draft
from ledger.core.fields import (
    METADATA_MAX,
    POSTINGS_MAX,
    SIDES,
    TEXT_MAX,
    WORD_MAX,
    Readers,
    amount_of,
    date_of,
    digests_of,
    fields_of,
    flag_of,
    instant_of,
    list_of,
    number_of,
    side_of,
    strings_of,
    text_of,
    unsigned_of,
    uuid_of,
    word_of,
)
from ledger.core.refusals import Malformed

EVIDENCE, EVIDENCE_DIGEST = "evidence", "evidence_digest"
HOLD = "hold"
TRANSIT_SEND, TRANSIT_TO, TRANSIT_RECORD, TRANSIT_SAID = (
    "transit.send", "transit_to", "transit-record", "transit",
)  # fmt: skip
TRANSIT_RETURNED = "returned"
ENCODER = msgspec.json.Encoder(order="sorted")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Word = Literal["credit", "debit"]


class BodyPosting(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A line as sent: account and commodity by code, a debit-positive decimal, perhaps a side.

    ``up_to``: take what is there, at most this.
    """

    account: str
    amount: str
    commodity: str
    side: Word | None = None
    up_to: bool | None = None

    @property
    def value(self) -> Decimal:
        """The amount as a decimal."""
        return Decimal(self.amount)

    @property
    def column(self) -> Side:
        """The side stated, else the side of the sign."""
        if self.side is not None:
            return SIDES[self.side]
        return Side.CREDIT if self.amount.startswith("-") else Side.DEBIT


class BodyConsumption(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What is taken of one line (counted from 1) of a hold; ``final`` lets its remainder go."""

    amount: str
    hold: UUID
    line: int
    final: bool | None = None


class Digested(Struct):
    """A body whose digest makes a replay a replay."""

    @property
    def text(self) -> str:
        """The body in the canonical form of RFC 8785."""
        if _has_rare_keys(self):
            return canonical_json(msgspec.to_builtins(self))
        return ENCODER.encode(self).decode()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical form."""
        if _has_rare_keys(self):
            return sha256(self.text.encode()).digest()
        return sha256(ENCODER.encode(self)).digest()


class Body(Digested, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A transaction that a caller asks to post; what was not sent is none."""

    book: str
    id: UUID
    postings: list[BodyPosting]
    kind: str | None = None
    effective_on: dt.date | None = None
    narrative: str | None = None
    reference: str | None = None
    metadata: dict[str, str] | None = None
    attachments: list[str] | None = None
    periods: dict[str, str] | None = None
    reverses: UUID | None = None
    late_for: str | None = None
    chain: UUID | None = None
    consumes: list[BodyConsumption] | None = None

    @property
    def entities(self) -> set[str]:
        """The accounting entities its lines name."""
        return {line.account.partition(":")[0] for line in self.postings}

    @property
    def evidence(self) -> tuple[tuple[UUID | None, str], ...]:
        """The evidence its metadata name, by id (none where it is no id) and digest."""
        said = self.metadata
        if not said or EVIDENCE not in said:
            return ()
        try:
            id = UUID(said[EVIDENCE])
        except ValueError:
            return ((None, ""),)
        canonical_id = id if str(id) == said[EVIDENCE] else None
        return ((canonical_id, said.get(EVIDENCE_DIGEST, "")),)


class BodyHoldLine(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What one line of a hold reserves: never negative, on one side."""

    account: str
    amount: str
    commodity: str
    side: Word


class HoldBody(Digested, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A hold that a caller asks to place; ``deadline`` is an instant in UTC."""

    book: str
    id: UUID
    lines: list[BodyHoldLine]
    kind: str | None = None
    reference: str | None = None
    group: UUID | None = None
    deadline: str | None = None

    @property
    def entities(self) -> set[str]:
        """The accounting entities its lines name."""
        return {line.account.partition(":")[0] for line in self.lines}

    @property
    def deadline_us(self) -> int | None:
        """The deadline in microseconds UTC."""
        if self.deadline is None:
            return None
        return (dt.datetime.fromisoformat(self.deadline) - EPOCH) // dt.timedelta(microseconds=1)


class ConsumeBody(Digested, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What a caller asks to take of holds without a posting."""

    book: str
    id: UUID
    consumes: list[BodyConsumption]


DECODER = msgspec.json.Decoder(Body)


def canonical_json(value: object) -> str:
    """Write strings, integers, lists and mappings as RFC 8785 does (there are no floats)."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":"))


def parsed(text: bytes) -> Body | None:
    """Read a transaction from JSON where nothing about it needs a second look; else none.

    What this reads, ``read`` reads to the same body; all the rest is for ``read`` to normalise or
    to refuse. As many quotation marks as in the canonical form: no key stands there twice.
    """
    try:
        body = DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if b"\\" in text or not _plain(body):
        return None
    for line in body.postings:
        line.amount = canonical_text(line.amount)
    return body if text.count(b'"') == ENCODER.encode(body).count(b'"') else None


def read(body: object) -> Body:
    """Read a transaction from parsed JSON; refuse what is missing, unknown or of another type."""
    return Body(**fields_of(body, READERS, ("book", "id", "postings"), "a transaction"))


def read_hold(body: object) -> HoldBody:
    """Read a hold from parsed JSON; refuse what is missing, unknown or of another type."""
    return HoldBody(**fields_of(body, HOLD_READERS, ("book", "id", "lines"), "a hold"))


def read_consume(body: object) -> ConsumeBody:
    """Read what is to be taken of holds; refuse what is missing, unknown or of another type."""
    needed = ("book", "id", "consumes")
    return ConsumeBody(**fields_of(body, CONSUME_READERS, needed, "a consumption of holds"))


def of(draft: Draft, book: str) -> Body:
    """Write a draft as the body that would be sent for it."""
    return read({
        "book": book,
        "id": str(draft.id),
        "kind": draft.kind,
        "effective_on": draft.effective_on.isoformat(),
        "narrative": draft.narrative,
        "reference": draft.reference or None,
        "metadata": dict(draft.metadata) or None,
        "attachments": list(draft.attachments) or None,
        "periods": dict(draft.periods) or None,
        "reverses": str(draft.reverses) if draft.reverses else None,
        "late_for": draft.late_for,
        "chain": str(draft.chain) if draft.chain else None,
        "postings": [
            {
                "account": line.account.code,
                "commodity": line.amount.commodity.code,
                "amount": str(line.amount),
                **({"side": line.side.name.lower()} if line.red else {}),
            }
            for line in draft.postings
        ],
    })  # fmt: skip


def _plain(body: Body) -> bool:
    """Whether every text is in its normal form already and within its limits."""
    if body.consumes or body.attachments or body.periods or not body.postings:
        return False
    if len(body.postings) > POSTINGS_MAX or not _plain_text(body.narrative, TEXT_MAX):
        return False
    words = (body.book, body.kind, body.reference, body.late_for)
    return (
        all(word is None or _plain_text(word, WORD_MAX) for word in words)
        and all(map(_plain_line, body.postings))
        and (body.metadata is None or _plain_strings(body.metadata))
    )


def _plain_line(line: BodyPosting) -> bool:
    return (
        line.account.isprintable()
        and 0 < len(line.account) <= WORD_MAX
        and unicodedata.is_normalized("NFC", line.account)
        and line.commodity.isascii()
        and line.commodity.isprintable()
        and 0 < len(line.commodity) <= WORD_MAX
        and not (line.account.isspace() or line.commodity.isspace())
        and AMOUNT_FORM.fullmatch(line.amount) is not None
    )


def _plain_text(text: str | None, longest: int) -> bool:
    if text is None:
        return True
    printable = text.isprintable() and 0 < len(text) <= longest
    return printable and unicodedata.is_normalized("NFC", text) and not text.isspace()


def _plain_strings(strings: dict[str, str]) -> bool:
    size = sum(len(key) + len(value) for key, value in strings.items())
    return size <= METADATA_MAX and all(
        _plain_text(key, WORD_MAX) and _plain_text(value, METADATA_MAX)
        for key, value in strings.items()
    )


def _has_rare_keys(body: Struct) -> bool:
    """Whether UTF-16 order, which RFC 8785 asks for, may differ from that of the bytes."""
    if type(body) is not Body or (body.metadata is None and body.periods is None):
        return False
    return not all(map(str.isascii, (*(body.metadata or ()), *(body.periods or ()))))


def _sorted(value: object) -> object:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _sorted(value[key]) for key in keys}
    return [_sorted(each) for each in value] if isinstance(value, list | tuple) else value


def _postings(value: object, at: str) -> list[BodyPosting]:
    return _lines(value, at, _posting)


def _posting(value: object, at: str) -> BodyPosting:
    needed = ("account", "commodity", "amount")
    return BodyPosting(**fields_of(value, POSTING_READERS, needed, "a posting", at))


def _hold_line(value: object, at: str) -> BodyHoldLine:
    needed = ("account", "commodity", "amount", "side")
    return BodyHoldLine(**fields_of(value, HOLD_LINE_READERS, needed, "a hold's line", at))


def _consumption(value: object, at: str) -> BodyConsumption:
    needed = ("hold", "line", "amount")
    return BodyConsumption(**fields_of(value, CONSUMPTION_READERS, needed, "a consumption", at))


def _lines(value: object, at: str, reader: Callable[[object, str], Any]) -> list[Any]:
    lines = list_of(value, at, POSTINGS_MAX)
    if not lines:
        raise Malformed(at, "is empty")
    return [reader(each, f"{at}[{index}]") for index, each in enumerate(lines)]


POSTING_READERS: Readers = {
    "account": word_of, "commodity": word_of, "amount": amount_of, "side": side_of,
    "up_to": flag_of,
}  # fmt: skip
HOLD_LINE_READERS: Readers = {
    "account": word_of, "commodity": word_of, "amount": unsigned_of, "side": side_of,
}  # fmt: skip
CONSUMPTION_READERS: Readers = {
    "hold": uuid_of, "line": number_of, "amount": unsigned_of, "final": flag_of,
}  # fmt: skip
READERS: Readers = {
    "book": word_of,
    "id": uuid_of,
    "kind": word_of,
    "effective_on": date_of,
    "narrative": text_of,
    "reference": lambda value, at: text_of(value, at, WORD_MAX),
    "metadata": strings_of,
    "attachments": digests_of,
    "periods": strings_of,
    "reverses": uuid_of,
    "late_for": word_of,
    "chain": uuid_of,
    "consumes": lambda value, at: _lines(value, at, _consumption),
    "postings": _postings,
}
CONSUME_READERS: Readers = {name: READERS[name] for name in ("book", "id", "consumes")}
HOLD_READERS: Readers = {
    "book": word_of,
    "id": uuid_of,
    "kind": word_of,
    "reference": lambda value, at: text_of(value, at, WORD_MAX),
    "group": uuid_of,
    "deadline": instant_of,
    "lines": lambda value, at: _lines(value, at, _hold_line),
}
