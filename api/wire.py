"""What crosses the wire: strict JSON in, posted transactions out in the form of the contract."""

import json
from typing import Any

from ledger.core.book import Book
from ledger.core.record import Transaction
from ledger.core.refusals import Malformed
from ledger.core.state import Entry
from ledger.proof.export import Scales, instant, postings


def read_json(text: bytes, longest: int) -> Any:
    """Read JSON that is UTF-8, names no key twice and holds no NaN; refuse anything else."""
    if len(text) > longest:
        raise Malformed("line", f"is longer than {longest} bytes")
    try:
        return json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Malformed("line", "is not UTF-8") from error
    except RecursionError as error:
        raise Malformed("line", "is nested too deep") from error
    except ValueError as error:
        raise Malformed("line", f"is not JSON: {error}") from error


def read_object(text: bytes, longest: int) -> dict[str, Any]:
    """Read a JSON object strictly."""
    read_in = read_json(text, longest)
    if not isinstance(read_in, dict):
        raise Malformed("line", "is not a JSON object")
    return read_in


def transaction_json(
    book: Book, entry: Entry, record: Transaction, scales: Scales
) -> dict[str, Any]:
    """Write a posted transaction in the form of the contract, with its place in the log."""
    return {
        "book": book.code,
        "id": str(record.id),
        "seq": entry.seq,
        "booked_at": instant(entry.booked_at_us),
        "effective_on": record.effective_on.isoformat(),
        "kind": record.kind,
        "narrative": record.narrative,
        "reference": record.reference,
        "metadata": dict(record.metadata),
        "preparer": record.preparer and str(record.preparer),
        "approver": record.approver and str(record.approver),
        "reverses": record.reverses and str(record.reverses),
        "postings": list(postings(record, entry.after, scales)),
    }


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("line", "names a key twice")
    return made


def _no_constant(name: str) -> None:
    raise Malformed("line", f"{name} is no JSON")
