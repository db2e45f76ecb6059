"""The reference list of ecosystem services of SEEA EA, and the words for what is on no list."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from ledger.statements.statement import Label

Section = Literal["provisioning", "regulating", "cultural", "non-use"]
Account = Literal["final", "intermediate", "outside"]

OFF_THE_LIST: Mapping[str, Label] = {
    "none": Label("SEEA无对应服务", "no SEEA service"),
    "abiotic": Label("非生物流量", "abiotic flow"),
    "intermediate": Label("中间服务", "intermediate service"),
}


@dataclass(frozen=True, slots=True)
class ReferenceService:
    """One service of the reference list."""

    code: str
    name: Label
    section: Section
    account: Account


@cache
def services() -> Mapping[str, ReferenceService]:
    """Read reference.toml once: the services by their code."""
    text = resources.files("accounting.seea").joinpath("reference.toml").read_text("utf-8")
    return {
        each["code"]: ReferenceService(
            each["code"], Label(each["zh"], each["en"]), each["section"], each["account"]
        )
        for each in tomllib.loads(text)["service"]
    }


def known(code: str) -> bool:
    """Say whether this is a code of the list, or `none`, `abiotic` or `intermediate`."""
    return code in services() or code in OFF_THE_LIST
