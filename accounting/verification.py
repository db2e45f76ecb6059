"""The verification of a dossier by a stranger: every figure again, from the dossier alone.

The run is done over from the inputs and the pack it carries. Figures of `account.json` may differ
by 1e-9 relative, which is what another machine's float64 may cost; the tables must then follow
from the recorded figures to the last digit, and so must the digest of their strings.
"""

import csv
import io
import json
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accounting import (
    case,
    dossier,
    dossier_workbook,
    manifest,
    pack,
    span,
    translation,
    workbook_reading,
)
from accounting import run as runs
from accounting.account import Account, Line
from accounting.case import Case
from accounting.dossier import ACCOUNT_FILE, INPUTS, PACK_FILE, Drawn
from accounting.manifest import Manifest
from accounting.pack import Pack
from accounting.span import Span
from ledger.core.errors import DomainError, Finding, InputRefused, NotFound
from ledger.statements.statement import Statement

RELATIVE = 1e-9
DIFFERS = "dossier.figure-differs"
REPORT_DIFFERS = "dossier.report-differs"
CAN_FAIL = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip


@dataclass(eq=False)
class NoDossier(NotFound):
    """The folder holds no dossier."""

    code = "dossier.none"
    title = "The folder holds no dossier.json"
    folder: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found, of which dossier, made and verified with which versions."""

    findings: tuple[Finding, ...]
    digest: str | None = None
    made_with: Mapping[str, str] | None = None
    figures: int = 0
    reports: tuple[str, ...] = ()


Redraw = Callable[
    [Manifest, Case, Account, Mapping[str, Statement], Sequence[Account]], Mapping[str, bytes]
]
"""Draws the reports of a dossier again, by name; none where it could not draw the same bytes.

Of an account with its bands; of many years, all their accounts besides.
"""


def verify(folder: Path, redraw: Redraw | None = None) -> Verification:
    """Recompute a dossier from itself; refuse only a folder that holds none.

    Reports are drawn again from the figures, where somebody says how.
    """
    if not (folder / manifest.FILE).is_file():
        raise NoDossier(folder.name)
    try:
        said = manifest.read(folder)
    except InputRefused as refused:
        return Verification(refused.findings)
    own = (*said.own_findings(), *manifest.file_findings(folder, said.files))
    of_years = dossier.ACCOUNTS_FILE in said.files
    check = (_YearsRecomputation if of_years else _Recomputation)(folder, said, redraw)
    try:
        differing = tuple(check.differences())
    except InputRefused as refused:
        differing = tuple(refused.findings)
    except DomainError as refusal:
        differing = (Finding(refusal.code, refusal.title, facts=refusal.facts()),)
    except CAN_FAIL as error:
        title = "The figures cannot be recomputed from what the dossier holds"
        differing = (Finding("dossier.not-recomputable", title, facts={"why": str(error)}),)
    return Verification(
        (*own, *differing), said.digest, said.versions, check.figures, tuple(check.reports)
    )


class _Recomputation:
    """One dossier and the account recomputed from it; ``figures`` counts what was compared."""

    def __init__(self, folder: Path, said: Manifest, redraw: Redraw | None = None) -> None:
        self.folder, self.said, self.redraw, self.figures = folder, said, redraw, 0
        self.reports: list[str] = []

    def differences(self) -> Iterator[Finding]:
        """Yield a finding for each figure that does not follow from the inputs and the pack."""
        recorded = manifest.read_json(self.folder, ACCOUNT_FILE)
        found, account, drawn = self._again(recorded.get("year"))
        as_recorded = _with_recorded(account, recorded)
        yield from self._figures(recorded, json.loads(json.dumps(dossier.summary(as_recorded))))
        if recorded.get("digest") != as_recorded.digest:
            facts = {"recorded": recorded.get("digest"), "recomputed": as_recorded.digest}
            title = "The digest is not that of the recorded figures"
            yield Finding("dossier.digest-differs", title, ACCOUNT_FILE, None, "digest", facts)
        bands = dict(drawn.statements if drawn else {})
        tables = dossier.statements(as_recorded) | bands
        for name, statement in tables.items():
            yield from self._table(f"{name}.csv", statement)
        yield from self._workbook(as_recorded, tables)
        if self.redraw:
            yield from self._reports(self.redraw(self.said, found, as_recorded, bands, ()))

    def _again(self, year: Any) -> tuple[Case, Account, Drawn | None]:
        """Run the case of the dossier under its pack, and draw it where the dossier did."""
        found, under = self._case()
        account = runs.run(found, under, year)
        draws = self.said.draws
        if draws is None:
            return found, account, None
        others = [self._pack(name) for name in draws.packs if manifest.is_inside(name)]
        return found, account, dossier.draw(found, account, draws.draws, draws.seed, others)

    def _case(self) -> tuple[Case, Pack]:
        """Read the inputs of the dossier and the pack it carries."""
        inputs = self.folder / INPUTS
        refuse_outside(inputs / case.CASE_FILE, f"{INPUTS}/{case.CASE_FILE}")
        try:
            found = case.read(inputs)
        except InputRefused as refused:
            placed = (replace(each, file=f"{INPUTS}/{each.file}") for each in refused.findings)
            raise InputRefused(tuple(placed)) from None
        under = self._pack(PACK_FILE)
        return translation.into(found, under.ecosystems), under

    def _pack(self, file: str) -> Pack:
        table = manifest.read_json(self.folder, file)
        try:
            return pack.of_table(file, table)
        except CAN_FAIL as error:
            title = "Not a pack that can be read"
            finding = Finding("pack.malformed", title, file, facts={"why": str(error)})
            raise InputRefused((finding,)) from None

    def _figures(
        self, recorded: Any, again: Any, place: str = "", file: str = ACCOUNT_FILE
    ) -> Iterator[Finding]:
        """Compare JSON values part by part; the digest has a check of its own."""
        if isinstance(recorded, dict) and isinstance(again, dict):
            for key in sorted({*recorded, *again}):
                at = f"{place}.{key}" if place else key
                if at != "digest":
                    yield from self._figures(recorded.get(key), again.get(key), at, file)
        elif isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
            for at, (one, other) in enumerate(zip(recorded, again, strict=True)):
                yield from self._figures(one, other, f"{place}[{_name(other, at)}]", file)
        else:
            yield from self._one(recorded, again, file, None, place)

    def _table(self, file: str, statement: Statement) -> Iterator[Finding]:
        """Compare a CSV file with the statement cell by cell."""
        again = list(dossier.rows(statement))
        try:
            recorded = _csv_rows(self.folder / file)
        except InputRefused as refused:
            yield from refused.findings
            return
        if len(recorded) != len(again):
            facts = {"recorded": len(recorded), "recomputed": len(again)}
            yield Finding("dossier.rows-differ", "Not as many rows", file, None, None, facts)
        keys = again[0]
        for row, (one, other) in enumerate(zip(recorded, again, strict=False), 1):
            if len(one) != len(other):
                facts = {"recorded": len(one), "recomputed": len(other)}
                yield Finding("dossier.rows-differ", "Not as many cells", file, row, None, facts)
            for key, cell, computed in zip(keys, one, other, strict=False):
                yield from self._one(cell, computed, file, row, key)

    def _workbook(
        self, account: Account, tables: Mapping[str, Statement], years: str | None = None
    ) -> Iterator[Finding]:
        """Compare every cell of every sheet of the workbook."""
        file = dossier.WORKBOOK_FILE
        try:
            recorded = workbook_reading.cells(self.folder / file)
        except InputRefused as refused:
            yield from refused.findings
            return
        again = {
            (sheet.name, row, column): dossier_workbook.shown(cell)
            for sheet in dossier_workbook.sheets(account, tables, self.said.versions, years)
            for row, cells in enumerate(sheet.rows, 1)
            for column, cell in enumerate(cells, 1)
            if cell is not None
        }
        for place in sorted({*recorded, *again}):
            sheet, row, column = place
            field = f"{sheet}!{workbook_reading.letter(column)}{row}"
            yield from self._one(recorded.get(place), again.get(place), file, row, field)

    def _reports(self, again: Mapping[str, bytes]) -> Iterator[Finding]:
        """Compare each report that the manifest lists with the one these figures draw."""
        for name in sorted(again.keys() & self.said.files.keys()):
            self.reports.append(name)
            if self.said.files[name] != manifest.sha256(again[name]):
                yield Finding(REPORT_DIFFERS, "The report is not what these figures draw", name)

    def _one(
        self, recorded: object, again: object, file: str, row: int | None, field: str
    ) -> Iterator[Finding]:
        self.figures += 1
        if not _same(recorded, again):
            facts = {"recorded": recorded, "recomputed": again}
            title = "The figure does not follow from the inputs and the pack"
            yield Finding(DIFFERS, title, file, row, field, facts)


class _YearsRecomputation(_Recomputation):
    """The dossier of many years and its accounts recomputed from it."""

    def differences(self) -> Iterator[Finding]:
        """Yield a finding for each figure that does not follow from the inputs and the pack."""
        file = dossier.ACCOUNTS_FILE
        recorded = manifest.read_json(self.folder, file)
        found, under = self._case()
        again = span.of(found, under, [int(year) for year in recorded.get("years", ())])
        as_recorded = _years_with_recorded(again, recorded)
        said = json.loads(json.dumps(span.summary(as_recorded)))
        yield from self._figures(recorded, said, "", file)
        for year, own in said["years"].items():
            digest = recorded["years"][year].get("digest")
            if digest != own["digest"]:
                facts = {"recorded": digest, "recomputed": own["digest"]}
                title = "The digest is not that of the recorded figures"
                at = f"years.{year}.digest"
                yield Finding("dossier.digest-differs", title, file, None, at, facts)
        tables = span.statements(as_recorded)
        for name, statement in tables.items():
            yield from self._table(f"{name}.csv", statement)
        last = as_recorded.accounts[-1]
        yield from self._workbook(last, tables, as_recorded.named)
        if self.redraw:
            drawn = self.redraw(self.said, found, last, {}, as_recorded.accounts)
            yield from self._reports(drawn)


def _years_with_recorded(of: Span, recorded: Mapping[str, Any]) -> Span:
    """Return the accounts with their figures as recorded, where they are those of the run."""
    rows = {place: at for at, place in enumerate(of.places)}
    columns = {name: recorded.get(name) for name in ("quantity", "value_cny")}
    accounts = []
    for account in of.accounts:
        own = {n: c.get(str(account.year)) for n, c in columns.items() if isinstance(c, dict)}
        whole = {n: c for n, c in own.items() if isinstance(c, list) and len(c) == len(rows)}
        lines = [
            _taken(line, {n: c[rows[(*line.cell[:2], line.service)]] for n, c in whole.items()})
            for line in account.lines
        ]
        accounts.append(replace(account, lines=tuple(lines)))
    return Span(of.case, of.pack, tuple(accounts))


def refuse_outside(path: Path, place: str = case.CASE_FILE) -> None:
    """Refuse a case.toml that names a file outside its folder; what else is wrong comes later."""
    try:
        table = tomllib.loads(path.read_bytes().decode())
    except (OSError, ValueError, RecursionError):
        return
    said = {name: table[name] for name in case.PARTS if isinstance(table.get(name), str)}
    outside = [name for name, file in said.items() if file and not manifest.is_inside(file)]
    if outside:
        title = "The case names a file outside its folder"
        raise InputRefused(
            tuple(Finding("dossier.input-outside", title, place, field=each) for each in outside)
        )


def _csv_rows(path: Path) -> Sequence[list[str]]:
    """Read the rows of a CSV file; refuse what is none."""
    try:
        text = path.read_bytes().decode()
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        title = "Not a file of a dossier that can be read"
        finding = Finding(manifest.UNREADABLE, title, path.name, facts={"why": why})
        raise InputRefused((finding,)) from None


def _with_recorded(account: Account, recorded: Mapping[str, Any]) -> Account:
    """Return the account with its figures as recorded, where they are those of the run.

    What was printed from them then follows to the last digit, on whatever machine.
    """
    said = recorded.get("lines")
    if not isinstance(said, list) or len(said) != len(account.lines):
        return account
    lines = tuple(_taken(line, each) for line, each in zip(account.lines, said, strict=True))
    return replace(account, lines=lines)


def _taken(line: Line, said: object) -> Line:
    figures: dict[str, Any] = {}
    for name in ("quantity", "value_cny"):
        recorded = said.get(name) if isinstance(said, dict) else None
        if isinstance(recorded, float) and _same(recorded, getattr(line, name)):
            figures[name] = recorded
    return replace(line, **figures)


def _same(recorded: object, again: object) -> bool:
    """Compare numbers within 1e-9 relative, anything else exactly."""
    one, other = _number(recorded), _number(again)
    if one is not None and other is not None:
        return math.isclose(one, other, rel_tol=RELATIVE)
    return type(recorded) is type(again) and recorded == again


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _name(part: object, at: int) -> str:
    """Name one of a list by the place and service it is about, else by its number."""
    if isinstance(part, dict) and "service" in part:
        named = (part.get("region"), part.get("ecosystem_type"), part["service"])
        return "/".join(str(each) for each in named if each)
    return str(at)
