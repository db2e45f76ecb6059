"""Example files for `gep post`, one of each form, ready to be filled in."""

import csv
import io
import json
from collections.abc import Callable, Mapping

import xlsxwriter

from api.sheets import COLUMNS

SHOWN = tuple(name for name in COLUMNS if name not in {"side", "chain"})
LINES = (
    ("1001国库存款", "100.00"),
    ("4002非税收入", "-100.00"),
)
TEXTS = {
    "id": "2026-0001",
    "effective_on": "2026-01-31",
    "kind": "transaction",
    "narrative": "example: one transaction of two lines",
    "reference": "voucher 1",
}


def as_jsonl() -> bytes:
    """Write one transaction as a line of JSON."""
    postings = [
        {"account": f"T1:{path}", "commodity": "CNY", "amount": amount} for path, amount in LINES
    ]
    return (json.dumps(TEXTS | {"postings": postings}, ensure_ascii=False) + "\n").encode()


def as_csv() -> bytes:
    """Write one transaction as rows of CSV."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_rows())
    return out.getvalue().encode("utf-8-sig")


def as_xlsx() -> bytes:
    """Write one transaction as rows of a sheet; every cell is text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("transactions")
        for number, row in enumerate(_rows()):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return out.getvalue()


EXAMPLES: Mapping[str, Callable[[], bytes]] = {
    ".jsonl": as_jsonl,
    ".csv": as_csv,
    ".xlsx": as_xlsx,
}


def _rows() -> list[tuple[str, ...]]:
    texts = tuple(TEXTS.values())
    lines = [(*texts, f"T1:{path}", "CNY", amount) for path, amount in LINES]
    return [SHOWN, *lines]
