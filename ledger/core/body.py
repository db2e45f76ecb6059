"""A transaction as its caller sends it: read strictly, normalised, and digested before defaults."""

import datetime as dt
import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from ledger.core.account import Side
from ledger.core.amount import canonical, decimal_of
from ledger.core.draft import Draft
from ledger.core.hold import Consumption
from ledger.core.refusals import Malformed

TEXT_MAX = 2_000
METADATA_MAX = 16_384
POSTINGS_MAX = 10_000
WORD_MAX = 120
CONTROL_END = 32
EVIDENCE, EVIDENCE_DIGEST = "evidence", "evidence_digest"
SHA256_DIGITS = 64
SIDES = {"debit": Side.DEBIT, "credit": Side.CREDIT}
Sent = dict[str, Any]


class BodyPosting(NamedTuple):
    """A line as sent: account and commodity by code, a debit-positive decimal, perhaps a side."""

    account: str
    commodity: str
    amount: Decimal
    side: Side | None

    @property
    def column(self) -> Side:
        """The side stated, else the side of the sign."""
        if self.side is not None:
            return self.side
        return Side.DEBIT if self.amount >= 0 else Side.CREDIT


@dataclass(frozen=True, slots=True)
class Body:
    """What a caller asks to post; ``sent`` holds the normalised keys that were really there."""

    sent: Sent
    book: str
    id: UUID
    postings: tuple[BodyPosting, ...]
    kind: str = "transaction"
    effective_on: dt.date | None = None
    narrative: str = ""
    reference: str = ""
    metadata: Mapping[str, str] | None = None
    attachments: tuple[str, ...] = ()
    periods: Mapping[str, str] | None = None
    reverses: UUID | None = None
    late_for: str | None = None
    chain: UUID | None = None
    consumes: tuple[Consumption, ...] = ()

    @property
    def entities(self) -> set[str]:
        """The accounting entities its lines name."""
        return {line.account.partition(":")[0] for line in self.postings}

    @property
    def evidence(self) -> tuple[tuple[UUID | None, str], ...]:
        """The evidence its metadata name, by id (none where it is no id) and digest."""
        said = self.metadata or {}
        if EVIDENCE not in said:
            return ()
        try:
            id = UUID(said[EVIDENCE])
        except ValueError:
            return ((None, ""),)
        canonical_id = id if str(id) == said[EVIDENCE] else None
        return ((canonical_id, said.get(EVIDENCE_DIGEST, "")),)

    @property
    def text(self) -> str:
        """The body in the canonical form of RFC 8785."""
        return canonical_json(self.sent)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical form: what makes a replay a replay."""
        return sha256(self.text.encode()).digest()


def canonical_json(value: object) -> str:
    """Write strings, integers, lists and mappings as RFC 8785 does (there are no floats)."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":"))


def read(body: object) -> Body:
    """Read a transaction from parsed JSON; refuse what is missing, unknown or of another type."""
    given = _mapping(body, "body")
    unknown = sorted(set(given) - set(READERS))
    if unknown:
        raise Malformed(unknown[0], "is no field of a transaction")
    for needed in ("book", "id", "postings"):
        if given.get(needed) is None:
            raise Malformed(needed, "is missing")
    fields = {key: READERS[key](value, key) for key, value in given.items() if value is not None}
    return Body(sent={key: sent_form(value) for key, value in fields.items()}, **fields)


def of(draft: Draft, book: str) -> Body:
    """Write a draft as the body that would be sent for it."""
    written = {
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
    }
    return read(written)


def sent_form(value: object) -> Any:
    """Write a value that was read back in its one normal form."""
    if isinstance(value, BodyPosting):
        side = {} if value.side is None else {"side": value.side.name.lower()}
        return {
            "account": value.account,
            "commodity": value.commodity,
            "amount": canonical(value.amount),
            **side,
        }
    if isinstance(value, Consumption):
        return {"hold": str(value.hold), "line": value.line, "final": value.final}
    if isinstance(value, tuple | list):
        return [sent_form(each) for each in value]
    if isinstance(value, Mapping):
        return {key: sent_form(each) for key, each in value.items()}
    return value.isoformat() if isinstance(value, dt.date) else str(value)


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


def _sorted(value: object) -> object:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _sorted(value[key]) for key in keys}
    return [_sorted(each) for each in value] if isinstance(value, list | tuple) else value


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


def _strings(value: object, at: str) -> dict[str, str]:
    read_in = {
        text_of(key, f"{at}.key", WORD_MAX): text_of(each, f"{at}.{key}", METADATA_MAX)
        for key, each in _mapping(value, at).items()
    }
    if sum(len(key) + len(each) for key, each in read_in.items()) > METADATA_MAX:
        raise Malformed(at, f"is longer than {METADATA_MAX} characters")
    return read_in


def _digests(value: object, at: str) -> tuple[str, ...]:
    digests = tuple(text_of(each, at, SHA256_DIGITS) for each in _list(value, at, 100))
    for each in digests:
        if len(each) != SHA256_DIGITS or set(each) - set("0123456789abcdef"):
            raise Malformed(at, f"{each!r} is not a SHA-256 in lower-case hexadecimal")
    return digests


def _postings(value: object, at: str) -> tuple[BodyPosting, ...]:
    lines = _list(value, at, POSTINGS_MAX)
    if not lines:
        raise Malformed(at, "is empty")
    return tuple(_posting(each, f"{at}[{index}]") for index, each in enumerate(lines))


def _posting(value: object, at: str) -> BodyPosting:
    given = _mapping(value, at)
    unknown = sorted(set(given) - {"account", "commodity", "amount", "side"})
    if unknown:
        raise Malformed(f"{at}.{unknown[0]}", "is no field of a posting")
    side = given.get("side")
    if side is not None and side not in SIDES:
        raise Malformed(f"{at}.side", f"{side!r} is neither debit nor credit")
    return BodyPosting(
        _word(given.get("account"), f"{at}.account"),
        _word(given.get("commodity"), f"{at}.commodity"),
        decimal_of(given.get("amount"), f"{at}.amount"),
        SIDES[side] if isinstance(side, str) else None,
    )


def _consumes(value: object, at: str) -> tuple[Consumption, ...]:
    if _list(value, at, POSTINGS_MAX):
        raise Malformed(at, "holds are not open for posting yet")
    return ()


READERS: Mapping[str, Callable[[object, str], Any]] = {
    "book": _word,
    "id": uuid_of,
    "kind": _word,
    "effective_on": date_of,
    "narrative": text_of,
    "reference": lambda value, at: text_of(value, at, WORD_MAX),
    "metadata": _strings,
    "attachments": _digests,
    "periods": _strings,
    "reverses": uuid_of,
    "late_for": _word,
    "chain": uuid_of,
    "consumes": _consumes,
    "postings": _postings,
}
