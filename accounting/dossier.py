"""The evidence of one run as files: four tables and account.json, the same bytes every time."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from accounting import rollup, tables
from accounting.account import Account, Line
from ledger.statements.statement import Row, Statement

ACCOUNT_FILE = "account.json"


def write(
    account: Account, folder: Path, more: Mapping[str, Statement] | None = None
) -> tuple[Path, ...]:
    """Write the dossier of a run, with more statements where there are, and return its files.

    No clock, no path and no chance enters; draws come from a seed that they name.
    """
    written = write_statements(statements(account) | dict(more or {}), folder)
    path = folder / ACCOUNT_FILE
    text = json.dumps(summary(account), ensure_ascii=False, indent=2, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
    return (*written, path)


def write_statements(of: Mapping[str, Statement], folder: Path) -> tuple[Path, ...]:
    """Write each statement as a CSV file of its name, with keys for headings; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, statement in of.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(_rows(statement))
        written.append(path)
    return tuple(written)


def statements(account: Account) -> dict[str, Statement]:
    """Return the statements of an account by the name of their file."""
    return {
        "physical": tables.physical(account),
        "monetary": tables.monetary(account),
        "by_type": tables.by_type(account),
        "totals": tables.totals(account),
    } | ({"by_region": rollup.statement(account)} if len(account.regions) > 1 else {})


def summary(account: Account) -> dict[str, object]:
    """Return the account as JSON values: what it rests on, its lines and its totals."""
    return {
        "case": account.case,
        "title": {"zh": account.title.zh, "en": account.title.en},
        "year": account.year,
        "pack": {
            "id": account.pack.id,
            "edition": account.pack.edition,
            "digest": account.pack.digest,
        },
        "inputs": dict(account.inputs),
        "digest": account.digest,
        "lines": [_line(line) for line in account.lines],
        "classes": dict(account.class_sums()),
        "groups": account.group_sums(),
        "population": account.population,
        "gep_cny": account.gep_cny,
        "gep_per_person_cny": account.gep_per_person_cny,
        "totals": _totals(account),
        "notes": [{"zh": note.zh, "en": note.en} for note in tables.totals(account).notes],
    }


def _line(line: Line) -> Mapping[str, object]:
    return {
        "region": line.cell.region,
        "ecosystem_type": line.cell.ecosystem_type,
        "service": line.service,
        "name": {"zh": line.name.zh, "en": line.name.en},
        "group": line.group,
        "class": line.class_,
        "counts_in": line.of.counts_in,
        "seea": line.of.seea,
        "method": line.of.method,
        "quantity": line.quantity,
        "unit": line.unit,
        "value_cny": line.value_cny,
        "check": line.check.status if line.check else None,
        "notes": list(line.notes),
    }


def as_json(statements_: Mapping[str, Statement]) -> dict[str, list[dict[str, object]]]:
    """Return statements as JSON values, by the name of their file: rows, then totals."""
    return {name: _records(each, (*each.rows, *each.totals)) for name, each in statements_.items()}


def _totals(account: Account) -> list[dict[str, object]]:
    statement = tables.totals(account)
    return _records(statement, statement.rows)


def _records(statement: Statement, rows: Iterable[Row]) -> list[dict[str, object]]:
    keys = [column.key for column in statement.columns]
    return [{key: _text(cell) for key, cell in zip(keys, row, strict=True)} for row in rows]


def _rows(statement: Statement) -> Iterator[list[str | None]]:
    yield [column.key for column in statement.columns]
    for row in (*statement.rows, *statement.totals):
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)
