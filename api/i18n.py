"""Two languages: which one a caller wants, and the Chinese titles of refusals."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ZH, EN = "zh-CN", "en"
LOCALES = (ZH, EN)
CATALOGUE = Path(__file__).parent / "locales" / "zh-CN.toml"


def preferred(accepted: str | None, default: str = EN) -> str:
    """Choose a locale by the order and weights of an Accept-Language header."""
    wanted = []
    for place, part in enumerate((accepted or "").split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag.lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(wanted):
        if tag.startswith("zh"):
            return ZH
        if tag.startswith("en"):
            return EN
    return default


def title(code: str, english: str, locale: str) -> str:
    """Return the title of a refusal or of a finding in a locale."""
    if locale != ZH:
        return english
    return titles().get(code) or findings().get(code, english)


def fact(name: str, locale: str) -> str:
    """Return the name of a fact of a finding in a locale."""
    plain = name.replace("_", " ")
    return _catalogue()["fact"].get(name, plain) if locale == ZH else plain


def titles() -> Mapping[str, str]:
    """Return the Chinese titles of refusals by code."""
    return _catalogue()["title"]


def findings() -> Mapping[str, str]:
    """Return the Chinese titles of findings by code."""
    return _catalogue()["finding"]


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    read: dict[str, dict[str, str]] = tomllib.loads(CATALOGUE.read_text("utf-8"))
    return read
