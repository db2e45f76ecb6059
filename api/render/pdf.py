"""PDF: a statement as a table across the page, its heading on every page, in one language."""

from typing import BinaryIO

from api.render import typeset
from api.render.printed import printed, table
from ledger.core.refusals import Malformed
from ledger.statements.statement import Statement

ROWS_MAX = 20_000


def write(statement: Statement, out: BinaryIO, locale: str) -> None:
    """Write a statement of so many rows that somebody reads them; a longer one is a spreadsheet."""
    shown = printed(statement, locale, hidden=frozenset())
    if len(shown.rows) > ROWS_MAX:
        raise Malformed("format", f"pdf prints at most {ROWS_MAX} rows: use csv or xlsx")
    said = {"title": shown.title, "table": table(shown)}
    out.write(typeset.pdf("statement.typ", said, locale))
