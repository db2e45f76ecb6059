"""GEP accounts of the cases that ship, and the instruments with their dated rules."""

from functools import cache
from typing import Any

from fastapi import APIRouter

from accounting import case, dossier, tables, translation
from accounting import run as runs
from accounting.account import Account
from accounting.case import CASE_FILE
from api import auth, problems
from api.caller import AnyCaller
from api.demo.example import FOLDER
from api.render.json import plain
from ledger.core.errors import NotFound
from ledger.rights import instrument
from ledger.statements.statement import Statement

router = APIRouter(prefix="/v1", tags=["gep"], responses=problems.DOCUMENTED)


class UnknownCase(NotFound):
    """There is no such case."""

    code = "gep.unknown-case"
    title = "There is no such case"


@router.get("/gep/cases")
def list_cases(caller: AnyCaller) -> list[str]:
    """Name the cases that ship. Needs a role that reads GEP."""
    caller.principal.require_anywhere(auth.GEP)
    return cases()


@router.get("/gep/accounts/{name}")
def get_account(name: str, caller: AnyCaller) -> dict[str, Any]:
    """Return the physical and monetary account of a case. Needs a role that reads GEP."""
    caller.principal.require_anywhere(auth.GEP)
    made = account(name)
    return {
        "summary": dossier.summary(made),
        "physical": _rows(tables.physical(made)),
        "monetary": _rows(tables.monetary(made)),
        "by_type": _rows(tables.by_type(made)),
        "totals": _rows(tables.totals(made)),
    }


@router.get("/instruments")
def list_instruments(caller: AnyCaller) -> list[dict[str, Any]]:
    """Return every kind of right with its dated rules and their sources. Any key."""
    return [
        {
            "id": each.id,
            "title": {"zh": each.title.zh, "en": each.title.en},
            "kind": each.kind,
            "unit": each.unit,
            "scale": each.scale,
            "code": each.code,
            "rules": [
                {name: str(getattr(rule, name) or "") for name in rule.__dataclass_fields__}
                for rule in each.rules
            ],
        }
        for each in instrument.catalogue().values()
    ]


def cases() -> list[str]:
    """Name the case folders that ship."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{CASE_FILE}"))


@cache
def account(name: str) -> Account:
    """Run a case that ships under its own pack."""
    if name not in cases():
        raise UnknownCase
    found = case.read(FOLDER / name)
    under = found.under()
    return runs.run(translation.into(found, under.ecosystems), under)


def _rows(statement: Statement) -> list[dict[str, Any]]:
    keys = [column.key for column in statement.columns]
    return [dict(zip(keys, map(plain, row), strict=True)) for row in statement.rows]
