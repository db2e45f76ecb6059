"""The contracts of pyproject.toml, each seen to fail on a house that breaks every one of them."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
BREAKING = {
    "the interfaces rest on accounting, accounting on the ledger": (
        "ledger/core/amount.py",
        "import accounting.units",
    ),
    "inside the ledger every floor rests on the one below": (
        "ledger/core/amount.py",
        "import ledger.journal",
    ),
    "values, formulas and rules know no storage and no HTTP": (
        "accounting/units.py",
        "import sqlalchemy",
    ),
    "an estimate becomes money or a right in accounting.recognition only": (
        "accounting/units.py",
        "import ledger.journal",
    ),
    "only the writer writes to the log": (
        "ledger/journal.py",
        "import ledger.store.write",
    ),
    "a resource never imports another resource": (
        "api/resources/accounts.py",
        "import api.resources.transactions",
    ),
    "the second implementation shares nothing with the first": (
        "ledger/proof/verify.py",
        "import ledger.proof.merkle",
    ),
}


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a house with the same modules, all empty but for the bad imports."""
    house = tmp_path_factory.mktemp("house")
    modules = {
        module.relative_to(PROJECT.parent): ""
        for root in ("ledger", "accounting", "api", "migrations")
        for module in (PROJECT.parent / root).rglob("*.py")
    }
    modules[Path("api/resources/transactions.py")] = ""
    for name, statement in BREAKING.values():
        modules[Path(name)] = modules.get(Path(name), "") + f"{statement}\n"
    for module, text in modules.items():
        (house / module).parent.mkdir(parents=True, exist_ok=True)
        (house / module.parent / "__init__.py").touch()
        (house / module).write_text(text)
    (house / "pyproject.toml").write_bytes(PROJECT.read_bytes())
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    lint = [sys.executable, "-c", command, "--no-cache"]
    return subprocess.run(lint, cwd=house, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    "contract",
    tomllib.loads(PROJECT.read_text())["tool"]["importlinter"]["contracts"],
    ids=lambda contract: contract["type"],
)
def test_a_contract_that_is_broken_is_seen(contract: dict[str, str], verdict: str) -> None:
    """Each contract names the import that breaks it."""
    module, statement = BREAKING[contract["name"]]
    importer = module.removesuffix(".py").replace("/", ".")

    assert f"{contract['name']} BROKEN" in verdict
    assert f"{importer} -> {statement.removeprefix('import ')}" in verdict
