"""How a folder of methods becomes a tuple: each file holds one, so adding a file is enough."""

import importlib
import pkgutil
from collections.abc import Iterable

from accounting.method import Method


def every(folder: Iterable[str], package: str) -> tuple[Method, ...]:
    """Return the METHOD of each file of a package, by file name."""
    names = sorted(each.name for each in pkgutil.iter_modules(folder))
    return tuple(importlib.import_module(f"{package}.{name}").METHOD for name in names)
