"""What each formula rests on: the page of methods, written from the methods themselves.

`python -m accounting.evidence > docs/methods.md` writes it; a test holds the page to this.
"""

import inspect
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from accounting.coefficients import Coefficient, coefficients
from accounting.method import TAGS, Method, Source
from accounting.methods import METHODS
from accounting.models import MODELS

HEAD = """# Methods, and what their formulas rest on

Written by `python -m accounting.evidence`; each line is declared in the method's own file, where
its symbols, laws and hand example stand too.

{counts}

No clause of a Chinese standard was read: what names one is recalled, until somebody reads it.
A formula that is recalled may be used, and an account that uses it says so.

Scope: `cell` adds over areas and serves table and raster alike, `object` is computed for each lake,
road or flood and added, `region` is computed once. Negative: what becomes of a negative result.
"""
COLUMNS = ("method", "formula", "gives", "scope", "negative", "source", "evidence")
OF_COEFFICIENTS = ("coefficient", "of", "value", "unit", "source", "evidence")


def page() -> str:
    """Return the page: tables of services, of the models that feed them, of coefficients."""
    services = [method for method in METHODS if method not in MODELS]
    tags: Counter[str] = Counter(method.source.tag for method in METHODS)
    counts = ", ".join(f"{tags[tag]} {meaning}" for tag, meaning in TAGS.items() if tags[tag])
    parts = [
        HEAD.format(counts=f"Of {len(METHODS)} formulas: {counts}."),
        "## Services",
        *_table(services),
        "",
        "## Models that feed them",
        *_table(MODELS),
        "",
        "## Coefficients",
        "",
        _row(OF_COEFFICIENTS),
        _row(["---"] * len(OF_COEFFICIENTS)),
        *(_row(_said(row)) for table in coefficients().values() for row in table.values()),
    ]
    return "\n".join(parts) + "\n"


def _table(methods: Iterable[Method]) -> Iterator[str]:
    yield ""
    yield _row(COLUMNS)
    yield _row(["---"] * len(COLUMNS))
    for method in sorted(methods, key=lambda each: each.code):
        yield _row(_cells(method))


def _cells(method: Method) -> Iterator[str]:
    unit = method.unit.replace("[U]", "U")
    yield f"`{method.code}`"
    yield (inspect.getdoc(method.formula) or "").splitlines()[0].rstrip(".:")
    yield f"`{method.gives}`, {unit}" if method.gives else unit
    yield method.scope
    yield "" if method.negative == "none" else method.negative
    yield _cited(method.source)
    yield f"{method.source.tag}: {TAGS[method.source.tag]}"


def _said(row: Coefficient) -> Iterator[str]:
    yield f"`{row.parameter.name}`"
    yield f"{row.name.zh} {row.name.en}"
    yield row.parameter.value
    yield row.parameter.unit
    yield _cited(row.parameter.source)
    yield f"{row.parameter.source.tag}: {TAGS[row.parameter.source.tag]}"


def _cited(source: Source) -> str:
    place = f"{source.document} {source.clause}".strip()
    return f"{place} ({source.title})" if source.title else place


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(each.replace("|", "/") for each in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(page())
