"""Two languages: which one a caller wants, and the Chinese titles of refusals."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ZH, EN = "zh-CN", "en"
LOCALES = (ZH, EN)
ORIGINS = {
    r"^of (.+), apportioned by (.+)$": r"取自\1，按\2分摊",
    r"^series read for (.+)$": r"序列读自\1",
}
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


def formula(said: str, locale: str) -> str:
    """Return the formula of a method with its words in a locale, and from where it was taken."""
    if locale != ZH:
        return said
    head, _, origin = said.partition("; ")
    for pattern, words in ORIGINS.items():
        origin = re.sub(pattern, words, origin)
    return "；".join(each for each in (formulas().get(head, head), origin) if each)


def formulas() -> Mapping[str, str]:
    """Return the formulas that have words beside their symbols, with the words in Chinese."""
    return _catalogue()["formula"]


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
