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
    """Return a refusal's title in a locale."""
    return titles().get(code, english) if locale == ZH else english


@cache
def titles() -> Mapping[str, str]:
    """Read the Chinese titles by code."""
    stated: dict[str, str] = tomllib.loads(CATALOGUE.read_text("utf-8"))["title"]
    return stated
