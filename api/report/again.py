"""The reports of a dossier: drawn where what draws is installed, and drawn again to verify them.

Another machine may verify a dossier without the typesetter: it is imported when something is drawn.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import cast

from accounting import manifest
from accounting.account import Account
from accounting.case import Case
from accounting.manifest import Manifest
from ledger.statements.statement import Statement

DRAWS = ("gep-ledger", "altair", "vl-convert-python", "typst", "noto-cjk-sans-otc")
SUFFIX = ".pdf"


def files(
    case: Case, account: Account, drawn: Mapping[str, Statement], chosen: Sequence[Account] = ()
) -> Mapping[str, bytes]:
    """Return the reports of an account, or of chosen years up to it, by the name of their file."""
    report = importlib.import_module("api.report.report")
    return cast(Mapping[str, bytes], report.files(case, account, drawn, chosen))


def same(
    said: Manifest,
    case: Case,
    account: Account,
    drawn: Mapping[str, Statement],
    chosen: Sequence[Account],
) -> Mapping[str, bytes]:
    """Draw the reports of a dossier again; none with other versions, which draw other bytes."""
    own = manifest.versions()
    alike = all(said.versions.get(each) == own[each] for each in DRAWS)
    return files(case, account, drawn, chosen) if alike and listed(said) else {}


def listed(said: Manifest) -> tuple[str, ...]:
    """Name the reports that a dossier lists."""
    return tuple(sorted(name for name in said.files if name.endswith(SUFFIX)))
