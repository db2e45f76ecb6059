"""`gep demo`: the whole chain on the examples that ship, printed; run twice, nothing twice."""

from dataclasses import asdict

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from accounting import dossier
from api.commands.speech import (
    BOOK,
    DATABASE,
    FOUND,
    BookCode,
    Database,
    Json,
    Locale,
    print_json,
    refusals,
)
from api.commands.verification import say
from api.demo.run import Demonstration
from api.demo.run import run as run_demo
from api.render import text
from api.render.json import plain
from ledger.statements import trial_balance
from ledger.statements.statement import Statement
from ledger.store import Store, open_store
from ledger.store.load import find_book
from ledger.store.migration import migrate

HIDDEN = frozenset({"region", "ecosystem_type", "class", "service", "source", "total"})
HEADINGS = {
    "en": ("Example", "What", "Quantity", "Price or rule", "CNY", "Published", "Status"),
    "zh-CN": ("示例", "内容", "数量", "单价或规则", "金额（元）", "公布值", "状态"),
}
SYNTHETIC_NOTE = (
    "Openings, issues and deposits behind the sales are synthetic: they count for no figure.",
    "交易之前的开账、发放与入金均为示例，不计入任何公布值。",
)
STATUS_STYLES = {"synthetic": "dim", "inferred": "yellow", "checked": "cyan", "booked": "blue"}


def demo(
    database: Database = DATABASE,
    book: BookCode = BOOK,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Migrate, load the examples, run the whole chain, print it, verify it."""
    with refusals(as_json):
        open_store(database).close()
        migrate(database)
        with open_store(database) as store:
            shown = run_demo(store, book)
            trial = _trial(store, book)
    if as_json:
        _as_json(shown, trial)
    else:
        _print(shown, trial, locale)
    if shown.report.findings:
        raise typer.Exit(FOUND)


def _trial(store: Store, code: str) -> Statement:
    with store.reading() as connection:
        made = trial_balance(connection, find_book(connection, code))
        return Statement(made.title, made.columns, tuple(made.rows))


def _print(shown: Demonstration, trial: Statement, locale: str) -> None:
    out = text.console()
    statements = dossier.statements(shown.account)
    other = "name_en" if locale.startswith("zh") else "name_zh"
    for name in ("monetary", "totals"):
        text.show(out, statements[name], locale, HIDDEN | {other})
    _print_told(out, shown, locale)
    text.show(out, trial, locale, frozenset())
    out.print(f"{shown.posted} transactions new in this run", highlight=False)
    of = shown.edition
    out.print(f"GEP account {of.id}: {of.state}, dossier {of.digest}", highlight=False)
    say(shown.report, as_json=False)


def _print_told(out: Console, shown: Demonstration, locale: str) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    right = {2, 4, 5}
    for place, heading in enumerate(HEADINGS["zh-CN" if locale.startswith("zh") else "en"]):
        table.add_column(heading, justify="right" if place in right else "left", overflow="fold")
    for each in shown.told:
        cells = (
            each.example, each.what.in_(locale), each.quantity, each.price, each.amount,
            each.published, each.status,
        )  # fmt: skip
        style = STATUS_STYLES.get(each.status, "")
        table.add_row(*(escape(cell) for cell in cells), style=style)
    out.print(table)
    out.print(SYNTHETIC_NOTE[locale.startswith("zh")], highlight=False)
    out.print()


def _as_json(shown: Demonstration, trial: Statement) -> None:
    keys = [column.key for column in trial.columns]
    print_json({
        "gep": dossier.summary(shown.account),
        "figures": [asdict(each) for each in shown.told],
        "posted": shown.posted,
        "edition": {"id": shown.edition.id, "state": shown.edition.state,
                    "digest": shown.edition.digest},
        "trial_balance": [dict(zip(keys, map(plain, row), strict=True)) for row in trial.rows],
        "verified": not shown.report.findings,
        "records": shown.report.records,
        "findings": [str(each) for each in shown.report.findings],
    })  # fmt: skip
