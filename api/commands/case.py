"""`gep case`: check a case or a published table, run a case, write and verify its dossier."""

from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from accounting import case as cases
from accounting import (
    compared,
    comparison,
    dossier,
    findings,
    manifest,
    published,
    side_by_side,
    span,
    translation,
    verification,
)
from accounting import run as runs
from accounting.plausibility import audit
from accounting.published import STATUSES, PublishedCheck
from api.commands import case_explain, case_form, case_years
from api.commands import edition as editions
from api.commands.speech import FOUND, Json, Locale, print_json, refusals
from api.render.text import console as terminal
from api.render.text import show
from api.report import again
from ledger.core.errors import Finding
from ledger.statements.statement import Label, Statement

app = typer.Typer(no_args_is_help=True, help="GEP accounting: check a case or a table, run a case.")
app.command("new")(case_form.new)
app.command("submit")(editions.submit)
app.command("review")(editions.review)
app.command("approve")(editions.approve)
app.command("return")(editions.send_back)
app.command("publish")(editions.publish)
app.command("revise")(editions.revise)
app.command("editions")(editions.list_editions)
app.command("explain")(case_explain.explain)


class By(StrEnum):
    """What a comparison sets side by side."""

    GROWTH = "growth"
    REGION = "region"
    YEAR = "year"


HIDDEN = frozenset({"region", "ecosystem_type", "class", "service", "source", "total", "input"})


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A case folder, or a published table as CSV.")],
    as_json: Json = False,
) -> None:
    """Report every finding at once; of a published table, a verdict on every row.

    Exit 1 when there is a finding that is more than a doubt of plausibility, such as a row that
    deviates; 2 when there is nothing that can be read.
    """
    with refusals(as_json):
        if path.is_dir() or path.name == cases.CASE_FILE:
            found = findings.of(path)
            said, table = found.findings, found.published
        else:
            table = published.check(path)
            said = (*table.findings, *audit.of_table(path))
    if as_json:
        rows = [asdict(row) for row in table.rows] if table else []
        counts = {each: table.count(each) for each in STATUSES} if table else {}
        print_json({"rows": rows, "counts": counts, "findings": _facts(said)})
    else:
        _tell_check(table, said)
    raise typer.Exit(0 if all(audit.is_doubt(each) for each in said) else FOUND)


@app.command()
def run(
    path: Annotated[Path, typer.Argument(metavar="CASE", help="A case folder.")],
    packs: Annotated[
        list[str] | None, typer.Option("--pack", help="Another pack; several are set side by side.")
    ] = None,
    edition: Annotated[str | None, typer.Option(help="Another edition of the pack.")] = None,
    year: Annotated[int | None, typer.Option(help="The latest year unless said.")] = None,
    years: Annotated[
        str | None, typer.Option(help="Many at once: `all`, 2011-2015 or 2011,2013.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A folder for the dossier.")] = None,
    draws: Annotated[int | None, typer.Option(help="Draw how sure it is, so often.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same draws.")] = 1,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Compute the physical and monetary account of a case and its GEP, of a year or of many.

    Under several packs: what each service comes to under each, and why they part.
    """
    if years is not None and (year is not None or draws is not None):
        raise typer.BadParameter("--years goes without --year and --draws")
    if packs and len(packs) > 1:
        if out or edition or years or draws is not None:
            raise typer.BadParameter("several packs take no --out, --edition, --years or --draws")
        _tell_side_by_side(path, packs, year, locale, as_json)
        return
    with refusals(as_json):
        found = cases.read(path)
        under = found.under(packs[0] if packs else None, edition)
        found = translation.into(found, under.ecosystems)
        if years is not None:
            made, written = case_years.run(found, under, years, path, out)
            hidden = HIDDEN | {_other(locale)}
            case_years.tell(made, written, out, hidden=hidden, locale=locale, as_json=as_json)
            return
        account = runs.run(found, under, year)
        drawn = dossier.draw(found, account, draws, seed) if draws is not None else None
        bands = dict(drawn.statements) if drawn else {}
        reports = again.files(found, account, bands) if out else {}
        written = dossier.write(account, out, path, drawn, reports) if out else ()
    if as_json:
        files = {"files": [each.relative_to(out).as_posix() for each in written] if out else []}
        print_json(dossier.summary(account) | files | dossier.as_json(bands))
        return
    console = terminal()
    statements = dossier.statements(account) | bands
    for name in [each for each in statements if each != "physical"]:
        show(console, statements[name], locale, HIDDEN | {_other(locale)})
    said = account.pack
    console.print(f"pack {said.id} {said.edition}, digest {said.digest[:16]}", highlight=False)
    for each in written:
        console.print(escape(str(each)), highlight=False)


def _tell_side_by_side(
    path: Path, packs: list[str], year: int | None, locale: str, as_json: bool
) -> None:
    with refusals(as_json):
        found = cases.read(path)
        named = [None if each == found.pack else each for each in dict.fromkeys(packs)]
        accounts = side_by_side.under(found, [found.under(each) for each in named], year)
        statement = side_by_side.statement(accounts)
    if as_json:
        print_json(dossier.as_json({"packs": statement}))
        return
    other = "_en" if locale.startswith("zh") else "_zh"
    hidden = {each.key for each in statement.columns if each.key.endswith(other)}
    show(terminal(), statement, locale, HIDDEN | hidden)


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="DOSSIER", help="The folder of a dossier.")],
    as_json: Json = False,
) -> None:
    """Recompute every figure of a dossier from the dossier alone, and name what differs.

    Exit 1 when a figure, a file, an input or a digest differs; 2 when there is no dossier.
    """
    with refusals(as_json):
        found = verification.verify(path, again.same)
    own = manifest.versions()
    if as_json:
        said = {"digest": found.digest, "figures": found.figures, "reports": found.reports}
        versions = {"made_with": found.made_with, "verified_with": own}
        print_json(said | versions | {"findings": [asdict(each) for each in found.findings]})
    else:
        console = terminal()
        console.print(f"dossier digest {found.digest}", highlight=False)
        for name, version in (found.made_with or {}).items():
            with_ = f"made with {name} {version}, verified with {own.get(name, 'none')}"
            console.print(escape(with_), highlight=False)
        _tell_findings(console, found.findings)
        drawn = ", ".join(found.reports) or "no report: none is listed, or other versions made it"
        console.print(f"drawn again: {drawn}", highlight=False)
        result = f"{len(found.findings)} findings" if found.findings else "nothing differs"
        console.print(f"{found.figures} figures recomputed: {result}", highlight=False)
    raise typer.Exit(FOUND if found.findings else 0)


@app.command()
def compare(
    path: Annotated[Path, typer.Argument(metavar="CASE", help="A case folder.")],
    other: Annotated[
        Path | None, typer.Argument(metavar="[CASE]", help="The case of the later year.")
    ] = None,
    first: Annotated[int | None, typer.Option("--from", help="The earlier year.")] = None,
    last: Annotated[int | None, typer.Option("--to", help="The later year.")] = None,
    by: Annotated[
        By, typer.Option(help="What stands side by side; growth splits what changed.")
    ] = By.GROWTH,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Split the growth of GEP into extent, quantity per area, price, method and boundary.

    Years of one case are split one by one and added up; two cases are split at once. With --by
    region or year: each service's value, its share of GEP and its value by area, side by side.
    """
    if by is not By.GROWTH and other is not None:
        raise typer.BadParameter("regions and years are those of one case")
    with refusals(as_json):
        if by is not By.GROWTH:
            statement = _beside(cases.read(path), by, first, last)
            if as_json:
                print_json(dossier.as_json({by.value: statement}))
            else:
                show(terminal(), statement, locale, HIDDEN | {_other(locale), "measure"})
            return
        grown, names = compared.of_cases([cases.read(each) for each in (path, other) if each],
                                         first, last)  # fmt: skip
        statement = compared.statement(grown, names)
    if as_json:
        notes = {"notes": [each.en for each in statement.notes]}
        print_json({"years": list(grown.years)} | dossier.as_json({"growth": statement}) | notes)
        return
    show(terminal(), statement, locale, HIDDEN | {_other(locale)})


def _beside(found: cases.Case, by: By, first: int | None, last: int | None) -> Statement:
    """Set the regions of the last year, or the years, of a case side by side."""
    under = found.under()
    found = translation.into(found, under.ecosystems)
    names = {line.service: line.name for line in under.lines}
    if by is By.REGION:
        account = runs.run(found, under, last if last is not None else first)
        title = Label(f"{found.title.zh}：{account.year}年分地区比较",
                      f"{found.title.en}: regions compared, {account.year}")  # fmt: skip
        return comparison.statement(title, comparison.regions(account), names)
    title = Label(f"{found.title.zh}：分年比较", f"{found.title.en}: years compared")
    chosen = [y for y in found.years if (first or y) <= y <= (last or y)]
    accounts = span.of(found, under, chosen or [first or last or 0]).accounts
    return comparison.statement(title, comparison.years(accounts), names)


def _other(locale: str) -> str:
    return "name_en" if locale.startswith("zh") else "name_zh"


def _tell_check(table: PublishedCheck | None, said: Iterable[Finding]) -> None:
    console = terminal()
    if table:
        console.print(escape(table.file), style="bold", highlight=False)
        console.print(_verdicts(table))
        counts = ", ".join(f"{table.count(each)} {each}" for each in STATUSES)
        held = table.count("reproduced") + table.count("rounding")
        console.print(f"{counts}; {held} of {table.checkable} hold", highlight=False)
    _tell_findings(console, said)


def _verdicts(check_: PublishedCheck) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for name in ("row", "recomputed", "published"):
        table.add_column(name, justify="right")
    for name in ("unit", "verdict", "what"):
        table.add_column(name, overflow="fold")
    for row in check_.rows:
        added = row.sum and f"its rows add up to {row.sum.recomputed} {row.value_unit}"
        why = "; ".join(each for each in (row.reason, *row.notes, added) if each)
        what = " ".join(each for each in (row.service, row.indicator) if each)
        verdict = f"{row.status} ({why})" if why else row.status
        table.add_row(
            *(escape(each) for each in (
                str(row.row), row.recomputed or "", row.published, row.value_unit, verdict, what,
            ))
        )  # fmt: skip
    return table


def _tell_findings(console: Console, said: Iterable[Finding]) -> None:
    for finding in said:
        style = "yellow" if audit.is_doubt(finding) else "red"
        console.print(escape(str(finding)), style=style, highlight=False)


def _facts(said: Iterable[Finding]) -> list[dict[str, object]]:
    return [asdict(finding) | {"doubt": audit.is_doubt(finding)} for finding in said]
