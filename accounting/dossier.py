"""The evidence of one run as files, the same bytes every time, that a stranger can recompute.

Tables as CSV and as one workbook, `account.json`, the inputs and the resolved pack as they were,
and a manifest with the digest of each file, the versions and the seed: `accounting.verification`
needs nothing else.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from accounting import (
    dossier_workbook,
    imports,
    indicators,
    manifest,
    rollup,
    span,
    supply_use,
    tables,
)
from accounting.account import Account, Line
from accounting.case import CASE_FILE, Case
from accounting.manifest import Draws, Manifest
from accounting.method import Parameter
from accounting.pack import Pack
from accounting.span import Span
from accounting.uncertainty import ranges
from accounting.uncertainty import statements as uncertainty
from ledger.core.errors import Finding, InputRefused, RuleBroken
from ledger.statements.statement import Row, Statement

ACCOUNTS_FILE = "accounts.json"  # of many years
ACCOUNT_FILE, PACK_FILE, WORKBOOK_FILE = "account.json", "pack.json", "account.xlsx"
INPUTS, PACKS = "inputs", "packs"


@dataclass(eq=False)
class FolderInUse(RuleBroken):
    """A dossier goes into a folder of its own."""

    code = "dossier.folder-in-use"
    title = "The folder holds files that are no part of a dossier"
    folder: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The statements of uncertainty of an account, and what they were drawn from."""

    draws: int
    seed: int
    packs: Mapping[str, Pack]
    statements: Mapping[str, Statement]

    @property
    def of(self) -> Draws:
        """What the manifest says of them."""
        return Draws(self.draws, self.seed, tuple(self.packs))


def draw(
    case: Case, account: Account, draws: int, seed: int, packs: Iterable[Pack] | None = None
) -> Drawn:
    """Draw how sure an account is, beside other packs (all there are, unless said)."""
    others = ranges.beside(account.pack) if packs is None else packs
    named = {f"{PACKS}/{each.id}-{each.edition}.json": each for each in others}
    said = uncertainty.statements_of(case, account, draws, seed, named.values())
    return Drawn(
        draws, seed, named, {name: tables.marked(account.pack, each) for name, each in said.items()}
    )


def write(
    account: Account,
    folder: Path,
    source: Path,
    drawn: Drawn | None = None,
    reports: Mapping[str, bytes] | None = None,
) -> tuple[Path, ...]:
    """Write the dossier of a run of the case in ``source``, and return its files.

    Reports of the account, by name, go in beside its tables.

    No clock, no path and no chance enters; draws come from a seed that they name. Takes the place
    of a dossier, refuses a folder with anything else and inputs that changed since they were read.
    """
    return put(folder, contents(account, source, drawn, reports))


def put(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write the files of a dossier in the place of one, and return them."""
    for name in _stale(folder):
        (folder / name).unlink()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tuple(folder / name for name in files)


def contents(
    account: Account,
    source: Path,
    drawn: Drawn | None = None,
    reports: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Return the files of a dossier by name, the manifest last."""
    of = statements(account) | dict(drawn.statements if drawn else {})
    packs = {PACK_FILE: account.pack} | dict(drawn.packs if drawn else {})
    own = {ACCOUNT_FILE: _json(summary(account))}
    own |= {name: _json(each.table) for name, each in packs.items()} | dict(reports or {})
    return sealed(account, source, of, own, drawn.of if drawn else None)


def contents_of_years(
    of: Span, source: Path, reports: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """Return the files of the dossier of many years by name, the manifest last."""
    figures = json.dumps(span.summary(of), ensure_ascii=False, separators=(",", ":")) + "\n"
    own = {ACCOUNTS_FILE: figures.encode(), PACK_FILE: _json(of.pack.table)} | dict(reports or {})
    return sealed(of.accounts[-1], source, span.statements(of), own, years=of.named)


def sealed(
    account: Account, source: Path, of: Mapping[str, Statement], own: Mapping[str, bytes],
    draws: Draws | None = None, years: str | None = None,
) -> dict[str, bytes]:  # fmt: skip
    """Add to the figures of a dossier its tables, its workbook, its inputs and its manifest."""
    made_with = manifest.versions()
    files = {f"{name}.csv": _csv(each).encode() for name, each in of.items()} | dict(own)
    sheets = dossier_workbook.sheets(account, of, made_with, years)
    files[WORKBOOK_FILE] = dossier_workbook.write(sheets)
    files |= _inputs(account, source)
    digests = {name: manifest.sha256(content) for name, content in files.items()}
    return files | {manifest.FILE: Manifest(digests, made_with, draws).text().encode()}


def _stale(folder: Path) -> list[str]:
    """Return the files of the dossier that stands in a folder; refuse one with anything else."""
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    known = {manifest.FILE, *manifest.read(folder).files} if manifest.FILE in there else set()
    if foreign := sorted(there - known):
        raise FolderInUse(folder.name, tuple(foreign))
    return sorted(there)


def _inputs(account: Account, source: Path) -> dict[str, bytes]:
    """Return the files of a case as they were read; refuse one that is not inside its folder."""
    folder = source.parent if source.name == CASE_FILE else source
    files: dict[str, bytes] = {}
    findings = []
    for name, digest in account.inputs.items():
        if not manifest.is_inside(name):
            title = "A dossier holds inputs that lie in the folder of their case only"
            findings.append(Finding("dossier.input-outside", title, name))
            continue
        files[f"{INPUTS}/{Path(name).as_posix()}"] = content = (folder / name).read_bytes()
        if manifest.sha256(content) != digest:
            title = "The input has changed since the run read it"
            findings.append(Finding("dossier.input-changed", title, name))
    if findings:
        raise InputRefused(tuple(findings))
    return files


def write_statements(of: Mapping[str, Statement], folder: Path) -> tuple[Path, ...]:
    """Write each statement as a CSV file of its name, with keys for headings; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, statement in of.items():
        path = folder / f"{name}.csv"
        path.write_bytes(_csv(statement).encode())
        written.append(path)
    return tuple(written)


def statements(account: Account) -> dict[str, Statement]:
    """Return the statements of an account by the name of their file."""
    own = (
        {
            "physical": tables.physical(account),
            "monetary": tables.monetary(account),
            "by_type": tables.by_type(account),
            "totals": tables.totals(account),
            "indicators": indicators.statement(account),
        }
        | ({"by_region": rollup.statement(account)} if len(account.regions) > 1 else {})
        | _flows(account)
    )
    return {name: tables.marked(account.pack, each) for name, each in own.items()}


def _flows(account: Account) -> dict[str, Statement]:
    """Return what a case with imports or use has besides."""
    said: dict[str, Statement] = {}
    if account.imports or account.flows_left_out:
        said["net"] = imports.statement(account)
    if account.imports:
        said["imports"] = imports.flows_statement(account)
    if account.imports or account.use:
        said["supply_use"] = supply_use.statement(account)
        said["users"] = supply_use.users_statement(account)
    return said


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
            "reconstruction": account.pack.reconstruction,
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
        "recalled": list(line.recalled),
        "coefficients": [_coefficient(each) for each in line.coefficients],
    }


def _coefficient(of: Parameter) -> dict[str, str]:
    source = " ".join(x for x in (of.source.document, of.source.clause, of.source.title) if x)
    said = {"name": of.name, "value": of.value, "unit": of.unit}
    return {**said, "source": source, "tag": of.source.tag}


def as_json(statements_: Mapping[str, Statement]) -> dict[str, list[dict[str, object]]]:
    """Return statements as JSON values, by the name of their file: rows, then totals."""
    return {name: _records(each, (*each.rows, *each.totals)) for name, each in statements_.items()}


def _totals(account: Account) -> list[dict[str, object]]:
    statement = tables.totals(account)
    return _records(statement, statement.rows)


def _records(statement: Statement, of: Iterable[Row]) -> list[dict[str, object]]:
    keys = [column.key for column in statement.columns]
    return [{key: _text(cell) for key, cell in zip(keys, row, strict=True)} for row in of]


def rows(statement: Statement) -> Iterator[list[str]]:
    """Yield the rows of a statement as its CSV file has them, keys first."""
    yield [column.key for column in statement.columns]
    for row in (*statement.rows, *statement.totals):
        yield [_text(cell) or "" for cell in row]


def _csv(statement: Statement) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows(statement))
    return out.getvalue()


def _json(value: Mapping[str, object]) -> bytes:
    # The order of a pack is said: it is that of its groups in every table.
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)
