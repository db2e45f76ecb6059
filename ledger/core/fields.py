"""Reading the fields of what is sent: each strictly, in its one normal form, or refused."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from ledger.core.account import Side
from ledger.core.amount import canonical_text, decimal_of
from ledger.core.refusals import Malformed

TEXT_MAX = 2_000
METADATA_MAX = 16_384
POSTINGS_MAX = 10_000
WORD_MAX = 120
CONTROL_END = 32
SHA256_DIGITS = 64
SIDES = {"debit": Side.DEBIT, "credit": Side.CREDIT}
INSTANT_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
Readers = Mapping[str, Callable[[object, str], Any]]


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


def fields_of(
    value: object, readers: Readers, needed: tuple[str, ...], what: str, at: str = ""
) -> dict[str, Any]:
    """Read an object by the readers of its fields; name what is unknown or missing."""
    given = mapping_of(value, at or "body")
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


def mapping_of(value: object, at: str) -> Mapping[str, object]:
    """Read an object."""
    if not isinstance(value, Mapping):
        raise Malformed(at, "is not an object")
    return value


def list_of(value: object, at: str, longest: int) -> list[object]:
    """Read a list, not longer than it may be."""
    if not isinstance(value, list):
        raise Malformed(at, "is not a list")
    if len(value) > longest:
        raise Malformed(at, f"has more than {longest} items")
    return value


def word_of(value: object, at: str) -> str:
    """Read a text that says something, and not at length."""
    text = text_of(value, at, WORD_MAX)
    if not text.strip():
        raise Malformed(at, "is empty")
    return text


def strings_of(value: object, at: str) -> dict[str, str]:
    """Read a mapping of strings to strings, limited in size."""
    read_in = {
        text_of(key, f"{at}.key", WORD_MAX): text_of(each, f"{at}.{key}", METADATA_MAX)
        for key, each in mapping_of(value, at).items()
    }
    if sum(len(key) + len(each) for key, each in read_in.items()) > METADATA_MAX:
        raise Malformed(at, f"is longer than {METADATA_MAX} characters")
    return read_in


def digests_of(value: object, at: str) -> list[str]:
    """Read a list of SHA-256 in hexadecimal."""
    digests = [text_of(each, at, SHA256_DIGITS) for each in list_of(value, at, 100)]
    for each in digests:
        if len(each) != SHA256_DIGITS or set(each) - set("0123456789abcdef"):
            raise Malformed(at, f"{each!r} is not a SHA-256 in lower-case hexadecimal")
    return digests


def amount_of(value: object, at: str) -> str:
    """Read a decimal string in its one normal form."""
    decimal_of(value, at)
    return canonical_text(str(value))


def unsigned_of(value: object, at: str) -> str:
    """Read a decimal string that is not negative."""
    amount = amount_of(value, at)
    if amount.startswith("-"):
        raise Malformed(at, "is negative")
    return amount


def side_of(value: object, at: str) -> str:
    """Read debit or credit."""
    if not isinstance(value, str) or value not in SIDES:
        raise Malformed(at, f"{value!r} is neither debit nor credit")
    return value


def flag_of(value: object, at: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise Malformed(at, "is neither true nor false")
    return value


def number_of(value: object, at: str) -> int:
    """Read the number of a line."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= POSTINGS_MAX:
        raise Malformed(at, f"is no line, 1 to {POSTINGS_MAX}")
    return value


def instant_of(value: object, at: str) -> str:
    """Read an instant in UTC, to the microsecond."""
    text = text_of(value, at, 32)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(at, f"{text!r} is no instant") from error
    if not INSTANT_FORM.fullmatch(text):
        raise Malformed(at, f"{text!r} is no instant in UTC (YYYY-MM-DDTHH:MM:SS.ffffffZ)")
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
