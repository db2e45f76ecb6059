"""The account of a case that ships, for the console; the instruments with their dated rules."""

from functools import cache
from typing import Any

from fastapi import APIRouter

from accounting import case, translation
from accounting import run as runs
from accounting.account import Account
from api import cases, problems
from api.caller import AnyCaller
from api.demo.example import FOLDER
from ledger.rights import instrument

router = APIRouter(prefix="/v1", tags=["rights"], responses=problems.DOCUMENTED)


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


@cache
def account(name: str) -> Account:
    """Run a case that ships under its own pack."""
    if name not in cases.shipped():
        raise cases.UnknownCase
    found = case.read(FOLDER / name)
    under = found.under()
    return runs.run(translation.into(found, under.ecosystems), under)
