"""Distributions as data: of which parameter or reading, what shape, on whose authority."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from accounting import figures
from accounting.figures import NotANumber
from accounting.method import TAGS, Array, Source
from ledger.core.errors import Finding, InputRefused
from ledger.statements.statement import Label

Kind = Literal["normal", "lognormal", "triangular", "uniform"]
Of = Literal["parameter", "reading"]
NUMBERS: Mapping[Kind, tuple[str, ...]] = {
    "normal": ("cv",), "lognormal": ("cv",), "triangular": ("low", "high"),
    "uniform": ("low", "high"),
}  # fmt: skip
SELECTORS: Mapping[Of, tuple[str, ...]] = {
    "parameter": ("name", "unit"),
    "reading": ("quantity", "status"),
}
ASSUMED = "assumed"
LATEST = "proposal-1"
LEAST = 0.001
"""A normal factor is cut off here, and as far above 1: no area is drawn below nothing."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """The factor around a figure; ``source`` is None where the shape is assumed."""

    kind: Kind
    numbers: tuple[float, ...]
    source: Source | None = None
    why: str = ""

    @property
    def tag(self) -> str:
        """What the shape rests on: the tag of its source, or `assumed`."""
        return self.source.tag if self.source else ASSUMED

    def fill(self, generator: np.random.Generator, out: Array) -> None:
        """Fill a row, shape (draws,), with factors; they have no unit."""
        if self.kind == "normal":
            generator.standard_normal(out=out)
            out *= self.numbers[0]
            out += 1
            np.clip(out, LEAST, 2 - LEAST, out=out)
        elif self.kind == "lognormal":
            generator.standard_normal(out=out)
            variance = np.log1p(self.numbers[0] ** 2)
            out *= np.sqrt(variance)
            out -= variance / 2
            np.exp(out, out=out)
        elif self.kind == "triangular":
            low, high = self.numbers
            out[:] = generator.triangular(low, 1, high, out.size)
        else:
            low, high = self.numbers
            generator.random(out=out)
            out *= high - low
            out += low


@dataclass(frozen=True, slots=True)
class Row:
    """A distribution, and which parameters or readings it is of."""

    of: Of
    selects: Mapping[str, str]
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class Distributions:
    """One file of distributions, with its digest."""

    id: str
    title: Label
    rows: tuple[Row, ...]
    digest: str

    def find(self, of: Of, **facts: str) -> Distribution:
        """Return the distribution of the last row that fits; a file has one that fits all."""
        return next(
            row.distribution
            for row in reversed(self.rows)
            if row.of == of and row.selects.items() <= facts.items()
        )


def load(path: Path | None = None) -> Distributions:
    """Read a file of distributions, ours unless said; refuse it with all its findings."""
    shelf = resources.files("accounting").joinpath("uncertainty", "editions", f"{LATEST}.toml")
    file: Path | Traversable = path or shelf
    try:
        content = file.read_bytes()
        table = tomllib.loads(content.decode())
    except OSError as error:
        why = error.strerror or "cannot be read"
        raise _refused("The file cannot be read", file.name, why) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused("Not a TOML file", file.name, str(error)) from None
    findings = tuple(_findings(file.name, table))
    if findings:
        raise InputRefused(findings)
    rows = tuple(_row(entry) for entry in table["distribution"])
    digest = hashlib.sha256(content).hexdigest()
    return Distributions(table["id"], Label(**table["title"]), rows, digest)


def _refused(title: str, file: str, why: str) -> InputRefused:
    return InputRefused((Finding("distribution.unreadable", title, file, facts={"why": why}),))


def _row(entry: Mapping[str, Any]) -> Row:
    of, kind = entry["of"], entry["kind"]
    numbers = tuple(float(figures.read(entry[name]).value) for name in NUMBERS[kind])
    source = Source(**entry["source"]) if "source" in entry else None
    selects = {name: entry[name] for name in SELECTORS[of] if name in entry}
    return Row(of, selects, Distribution(kind, numbers, source, entry.get(ASSUMED, "")))


def _findings(file: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("id", "title", "distribution"):
        if name not in table:
            title = "A file of distributions must say this"
            yield Finding("distribution.missing-field", title, file, field=name)
    entries = table.get("distribution", [])
    for place, entry in enumerate(entries, 1):
        for code, title, name in _faults(entry):
            yield Finding(f"distribution.{code}", title, file, None, name, {"distribution": place})
    for of in get_args(Of):
        if not any(each.get("of") == of and not _selects(each) for each in entries):
            title = "One row must fit every " + of
            yield Finding("distribution.no-default", title, file, field=of)


def _selects(entry: Mapping[str, Any]) -> set[str]:
    return set(SELECTORS.get(entry.get("of", ""), ())) & entry.keys()


def _faults(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    of, kind = entry.get("of", ""), entry.get("kind", "")
    if of not in SELECTORS:
        yield "unknown-object", "A distribution is of a parameter or of a reading", "of"
        return
    if kind not in NUMBERS:
        yield "unknown-kind", "Known are " + ", ".join(NUMBERS), "kind"
        return
    for name in sorted(entry.keys() - {"of", "kind", "source", ASSUMED, *NUMBERS[kind]}):
        if name not in SELECTORS[of]:
            yield "unknown-field", f"A distribution of a {of} has no such field", name
    if ("source" in entry) == bool(entry.get(ASSUMED)):
        yield "no-source", "A distribution has a source, or says why it is assumed", "source"
    elif entry.get("source", {}).get("tag", "K") not in TAGS:
        yield "unknown-tag", "A source is tagged R, R*, K or C", "source"
    yield from _number_faults(entry)


def _number_faults(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    numbers = {}
    for name in NUMBERS[entry["kind"]]:
        try:
            numbers[name] = figures.read(str(entry.get(name, ""))).value
        except NotANumber:
            yield "not-a-number", 'A number as text, such as "0.2"', name
    if numbers.get("cv", 0) < 0:
        yield "out-of-range", "A coefficient of variation is not negative", "cv"
    if len(numbers) == 2 and not numbers["low"] <= 1 <= numbers["high"]:  # noqa: PLR2004
        yield "out-of-range", "The figure itself, factor 1, lies between low and high", "low"
    if len(numbers) == 2 and numbers["low"] == numbers["high"]:  # noqa: PLR2004
        yield "out-of-range", "A width of nought is no distribution", "high"
