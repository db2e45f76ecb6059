"""The command line: `gep`, every command in one place."""

import typer

from api.commands import (
    bench,
    books,
    case,
    demo,
    digests,
    pack,
    persons,
    posting,
    reads,
    seea,
    serving,
    transits,
    verification,
)

app = typer.Typer(
    name="gep",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Ecosystem accounts, environmental rights and compensation money in one provable ledger.",
)
app.command("demo")(demo.demo)
app.command("serve")(serving.serve)
app.command("migrate")(books.migrate_database)
app.add_typer(books.book_app, name="book")
app.add_typer(books.chart_app, name="chart")
app.add_typer(books.key_app, name="key")
app.add_typer(books.account_app, name="account")
app.add_typer(books.period_app, name="period")
app.add_typer(persons.person_app, name="person")
app.add_typer(digests.app, name="digest")
app.add_typer(transits.app, name="transit")
app.command("post")(posting.post)
app.command("proposals")(posting.proposals)
app.command("approve")(posting.approve)
app.command("reject")(posting.reject)
app.command("reverse")(posting.reverse)
app.command("balance")(reads.balance)
app.command("register")(reads.register)
app.command("trial-balance")(reads.trial_balance)
app.command("export")(reads.export)
app.command("verify")(verification.verify)
app.command("checkpoint")(verification.checkpoint)
app.command("prove")(verification.prove)
app.add_typer(case.app, name="case")
app.add_typer(pack.app, name="pack")
app.add_typer(seea.app, name="seea")
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command line."""
    app()
