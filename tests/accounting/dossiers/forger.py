"""How a dossier is verified and tampered with in these tests, and what it consists of."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from accounting import manifest, verification
from api.commands.case import app
from ledger.core.errors import Finding

ROOT = Path(__file__).parents[3]
GARZE = ROOT / "examples" / "garze-2010"
TABLES = ("by_type.csv", "indicators.csv", "monetary.csv", "physical.csv", "totals.csv",
          "uncertainty.csv", "variance.csv")  # fmt: skip
INPUTS = ("inputs/case.toml", "inputs/published.csv", "inputs/published_by_type.csv",
          "inputs/readings.csv")  # fmt: skip
FILES = (*TABLES, *INPUTS, "account.json", "account.xlsx", "dossier.json", "pack.json")


def found(folder: Path) -> tuple[Finding, ...]:
    """Verify with the command and without it: exit 1 when and only when there is a finding."""
    findings = verification.verify(folder).findings
    result = CliRunner().invoke(app, ["verify", str(folder), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code == (1 if findings else 0)
    assert len(json.loads(result.output)["findings"]) == len(findings)
    return findings


def adapt(folder: Path) -> None:
    """Write the digests of all files into the manifest, as a careful forger would."""
    said = manifest.read(folder)
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in said.files}
    (folder / manifest.FILE).write_text(replace(said, files=files).text(), "utf-8")


def edit(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    """Change a JSON file of a dossier."""
    said = json.loads((folder / name).read_text("utf-8"))
    change(said)
    (folder / name).write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")


def codes(findings: tuple[Finding, ...]) -> set[str]:
    """Return what kinds of finding there are."""
    return {each.code for each in findings}
