"""What callers send, as it is sent: read strictly, normalised, and digested before defaults."""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from ledger.core.account import Side
from ledger.core.amount import AMOUNT_FORM, canonical_text, decimal_of
from ledger.core.draft import Draft
from ledger.core.refusals import Malformed

TEXT_MAX = 2_000
METADATA_MAX = 16_384
POSTINGS_MAX = 10_000
WORD_MAX = 120
CONTROL_END = 32
EVIDENCE, EVIDENCE_DIGEST = "evidence", "evidence_digest"
SHA256_DIGITS = 64
HOLD = "hold"
SIDES = {"debit": Side.DEBIT, "credit": Side.CREDIT}
ENCODER = msgspec.json.Encoder(order="sorted")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
INSTANT_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
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
    return Body(**_fields(body, READERS, ("book", "id", "postings"), "a transaction"))


def read_hold(body: object) -> HoldBody:
    """Read a hold from parsed JSON; refuse what is missing, unknown or of another type."""
    return HoldBody(**_fields(body, HOLD_READERS, ("book", "id", "lines"), "a hold"))


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


def text_of(value: object, at: str, longest: int = TEXT_MAX) -> str:
    """Read a string: NFC, without control characters, not longer than it may be."""
    if not isinstance(value, str):
        raise Malformed(at, "is not a string")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Malformed(at, "is not valid Unicode") from error
    text = unicodedata.normalize("NFC", value)
    if len(text) > longest:
        raise Malformed(at, f"is longer than {longest} characters")
    if any(ord(char) < CONTROL_END and char not in "\t\n" for char in text):
        raise Malformed(at, "holds a control character")
    return text


def uuid_of(value: object, at: str) -> UUID:
    """Read a UUID."""
    try:
        return UUID(text_of(value, at, 64))
    except ValueError as error:
        raise Malformed(at, f"{value!r} is not a UUID") from error


def date_of(value: object, at: str) -> dt.date:
    """Read a date as YYYY-MM-DD."""
    text = text_of(value, at, 32)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(at, f"{text!r} is not a date (YYYY-MM-DD)") from error
    if day.isoformat() != text:
        raise Malformed(at, f"{text!r} is not a date (YYYY-MM-DD)")
    return day


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


Readers = Mapping[str, Callable[[object, str], Any]]


def _fields(
    value: object, readers: Readers, needed: tuple[str, ...], what: str, at: str = ""
) -> dict[str, Any]:
    given = _mapping(value, at or "body")
    prefix = f"{at}." if at else ""
    unknown = sorted(set(given) - set(readers))
    if unknown:
        raise Malformed(f"{prefix}{unknown[0]}", f"is no field of {what}")
    for name in needed:
        if given.get(name) is None:
            raise Malformed(f"{prefix}{name}", "is missing")
    return {
        name: readers[name](each, f"{prefix}{name}")
        for name, each in given.items()
        if each is not None
    }


def _mapping(value: object, at: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise Malformed(at, "is not an object")
    return value


def _list(value: object, at: str, longest: int) -> list[object]:
    if not isinstance(value, list):
        raise Malformed(at, "is not a list")
    if len(value) > longest:
        raise Malformed(at, f"has more than {longest} items")
    return value


def _word(value: object, at: str) -> str:
    text = text_of(value, at, WORD_MAX)
    if not text.strip():
        raise Malformed(at, "is empty")
    return text


def strings_of(value: object, at: str) -> dict[str, str]:
    """Read a mapping of strings to strings, limited in size."""
    read_in = {
        text_of(key, f"{at}.key", WORD_MAX): text_of(each, f"{at}.{key}", METADATA_MAX)
        for key, each in _mapping(value, at).items()
    }
    if sum(len(key) + len(each) for key, each in read_in.items()) > METADATA_MAX:
        raise Malformed(at, f"is longer than {METADATA_MAX} characters")
    return read_in


def _digests(value: object, at: str) -> list[str]:
    digests = [text_of(each, at, SHA256_DIGITS) for each in _list(value, at, 100)]
    for each in digests:
        if len(each) != SHA256_DIGITS or set(each) - set("0123456789abcdef"):
            raise Malformed(at, f"{each!r} is not a SHA-256 in lower-case hexadecimal")
    return digests


def _amount(value: object, at: str) -> str:
    decimal_of(value, at)
    return canonical_text(str(value))


def _unsigned(value: object, at: str) -> str:
    amount = _amount(value, at)
    if amount.startswith("-"):
        raise Malformed(at, "is negative")
    return amount


def _side(value: object, at: str) -> str:
    if not isinstance(value, str) or value not in SIDES:
        raise Malformed(at, f"{value!r} is neither debit nor credit")
    return value


def _flag(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(at, "is neither true nor false")
    return value


def _number(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= POSTINGS_MAX:
        raise Malformed(at, f"is no line, 1 to {POSTINGS_MAX}")
    return value


def _instant(value: object, at: str) -> str:
    text = text_of(value, at, 32)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(at, f"{text!r} is no instant") from error
    if not INSTANT_FORM.fullmatch(text):
        raise Malformed(at, f"{text!r} is no instant in UTC (YYYY-MM-DDTHH:MM:SS.ffffffZ)")
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _postings(value: object, at: str) -> list[BodyPosting]:
    return _lines(value, at, _posting)


def _posting(value: object, at: str) -> BodyPosting:
    needed = ("account", "commodity", "amount")
    return BodyPosting(**_fields(value, POSTING_READERS, needed, "a posting", at))


def _hold_line(value: object, at: str) -> BodyHoldLine:
    needed = ("account", "commodity", "amount", "side")
    return BodyHoldLine(**_fields(value, HOLD_LINE_READERS, needed, "a hold's line", at))


def _consumption(value: object, at: str) -> BodyConsumption:
    needed = ("hold", "line", "amount")
    return BodyConsumption(**_fields(value, CONSUMPTION_READERS, needed, "a consumption", at))


def _lines(value: object, at: str, reader: Callable[[object, str], Any]) -> list[Any]:
    lines = _list(value, at, POSTINGS_MAX)
    if not lines:
        raise Malformed(at, "is empty")
    return [reader(each, f"{at}[{index}]") for index, each in enumerate(lines)]


POSTING_READERS: Readers = {
    "account": _word, "commodity": _word, "amount": _amount, "side": _side, "up_to": _flag,
}  # fmt: skip
HOLD_LINE_READERS: Readers = {
    "account": _word, "commodity": _word, "amount": _unsigned, "side": _side,
}  # fmt: skip
CONSUMPTION_READERS: Readers = {
    "hold": uuid_of, "line": _number, "amount": _unsigned, "final": _flag,
}  # fmt: skip
READERS: Readers = {
    "book": _word,
    "id": uuid_of,
    "kind": _word,
    "effective_on": date_of,
    "narrative": text_of,
    "reference": lambda value, at: text_of(value, at, WORD_MAX),
    "metadata": strings_of,
    "attachments": _digests,
    "periods": strings_of,
    "reverses": uuid_of,
    "late_for": _word,
    "chain": uuid_of,
    "consumes": lambda value, at: _lines(value, at, _consumption),
    "postings": _postings,
}
HOLD_READERS: Readers = {
    "book": _word,
    "id": uuid_of,
    "kind": _word,
    "reference": lambda value, at: text_of(value, at, WORD_MAX),
    "group": uuid_of,
    "deadline": _instant,
    "lines": lambda value, at: _lines(value, at, _hold_line),
}
