"""Any statement as PDF: its figures in it, its heading on every page, its length bounded."""

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from api.render import FORMATS, pdf
from ledger.core.refusals import Malformed
from ledger.statements.statement import Column, Label, Statement

COLUMNS = (
    Column("account", Label("科目", "Account")),
    Column("debit", Label("借方", "Debit"), "CNY", 2, "right"),
)


def printed(rows: int, locale: str) -> list[str]:
    """Print a statement of so many rows, and read the words of its pages."""
    made = Statement(
        Label("试算平衡表", "Trial balance"),
        COLUMNS,
        (("#eval[$x$] 银行", Decimal(f"{1000 + at}.50")) for at in range(rows)),
        (("合计", Decimal("-248050.60")),),
        (Label("借贷相等。", "Debits equal credits."),),
    )
    out = io.BytesIO()
    FORMATS["pdf"](made, out, locale)
    return [page.extract_text() for page in PdfReader(io.BytesIO(out.getvalue())).pages]


def test_a_statement_is_printed_whole() -> None:
    """Title, both columns, every row, the total and the note; text of a user stays text."""
    (page,) = printed(2, "zh-CN")

    for each in (
        "试算平衡表",
        "科目",
        "借方",
        "元",
        "1,000.50",
        "1,001.50",
        "-248,050.60",
        "借贷相等",
    ):
        assert each in page, each
    assert "#eval[$x$]" in page


def test_every_page_has_the_heading() -> None:
    """Two hundred rows go over several pages, in English."""
    pages = printed(200, "en")

    assert len(pages) > 2
    assert all("Account" in page and "Debit" in page for page in pages)


def test_what_nobody_reads_is_no_pdf() -> None:
    """A longer statement is a spreadsheet: refused, with the way out."""
    with pytest.raises(Malformed, match="use csv or xlsx"):
        printed(pdf.ROWS_MAX + 1, "en")
