"""Lists of ecosystem types: every pack and every case names the one it speaks in."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from accounting.method import Source
from ledger.core.errors import NotFound
from ledger.statements.statement import Label


@dataclass(eq=False)
class UnknownEcosystemList(NotFound):
    """No list of ecosystem types has this id."""

    code = "ecosystems.unknown"
    title = "There is no such list of ecosystem types"
    id: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EcosystemList:
    """One list of ecosystem types in the order of its source, with the class of each, if any."""

    id: str
    title: Label
    source: Source
    types: Mapping[str, Label]
    classes: Mapping[str, str] = field(default_factory=dict)
    _codes: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes: dict[str, str] = {}
        for code, name in self.types.items():
            for text in (code, name.zh, name.en, f"{name.zh} {name.en}"):
                codes.setdefault(text, code)
        object.__setattr__(self, "_codes", codes)

    def named(self, text: str) -> str | None:
        """Return the code of a type given by code, 中文, English, or `中文 English`."""
        return self._codes.get(text)


@cache
def load(id: str) -> EcosystemList:
    """Return the list of this id."""
    folder = resources.files("accounting").joinpath("ecosystems")
    known = {each.name.removesuffix(".toml"): each for each in folder.iterdir()}
    if id not in known:
        raise UnknownEcosystemList(id, tuple(sorted(known)))
    table = tomllib.loads(known[id].read_text("utf-8"))
    types = {each["code"]: Label(each["zh"], each["en"]) for each in table["type"]}
    classes = {each["code"]: each["class"] for each in table["type"] if "class" in each}
    title, source = Label(**table["title"]), Source(**table["source"])
    return EcosystemList(table["id"], title, source, types, classes)
