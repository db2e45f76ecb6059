"""The account of one run: what each service supplied and what that is worth, line by line.

Physical and monetary, by region × ecosystem type × service. Estimates are float64 in CNY,
not money; typed digits of readings and prices are kept beside them.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from accounting.by_type import ByType
from accounting.figures import Figure
from accounting.flow import Flow
from accounting.method import RECALLED, Method, Parameter
from accounting.pack import CLASSES, Class, Pack, ServiceLine
from accounting.published import Row
from accounting.quantity import quantities
from accounting.reading import Cell, Reading
from accounting.region import RegionTree
from ledger.statements.statement import Label

CONTEXT = ("population", "land_area", "gdp")  # what a region's account is set beside


@dataclass(frozen=True, slots=True)
class Line:
    """One service in one place; ``None`` where it was not published or not estimated."""

    of: ServiceLine
    cell: Cell
    quantity: float | None
    value_cny: float | None
    reading: Reading | None = None
    notes: tuple[str, ...] = ()
    printed: Figure | None = None
    check: Row | None = None
    coefficients: tuple[Parameter, ...] = ()
    formulas: tuple[Method, ...] = ()

    @property
    def service(self) -> str:
        """The code of the service."""
        return self.of.service

    @property
    def name(self) -> Label:
        """The name of the service, 中文 and English."""
        return self.of.name

    @property
    def group(self) -> str:
        """The group the pack puts it in."""
        return self.of.group

    @property
    def class_(self) -> Class:
        """Material, regulating or cultural."""
        return self.of.class_

    @property
    def recalled(self) -> tuple[str, ...]:
        """Name what the line rests on and nobody read: formulas, parameters, coefficients."""
        taken = (*self.of.parameters.values(), *self.coefficients)
        said = [(each.code, each.source) for each in self.formulas]
        said += [(each.name, each.source) for each in taken]
        return tuple(dict.fromkeys(name for name, source in said if source.tag == RECALLED))

    @property
    def unit(self) -> str:
        """The unit of ``quantity``; empty where the service has no physical quantity."""
        return quantities()[self.of.quantity].unit if self.of.quantity else ""


@dataclass(frozen=True, slots=True)
class ServiceSum:
    """One service within a region: what was estimated of its quantity and of its value in CNY.

    ``gaps`` are the regions and types without an estimate: left out, and never 0.
    """

    quantity: float | None
    value_cny: float | None
    gaps: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Account:
    """The GEP account of one year, with the pack and the digests of the files it rests on.

    ``context`` holds what was read of each region, by quantity: persons, km2, CNY.
    ``flows_left_out`` are services of flows that a pack other than the case's own cannot take.
    """

    case: str
    title: Label
    year: int
    pack: Pack
    inputs: Mapping[str, str]
    tree: RegionTree
    types: Mapping[str, Label]
    lines: tuple[Line, ...]
    population: float | None
    printed_total: Figure | None = None
    by_type: ByType | None = None
    context: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    imports: tuple[Flow, ...] = ()
    use: tuple[Flow, ...] = ()
    flows_left_out: tuple[str, ...] = ()

    @property
    def regions(self) -> Mapping[str, Label]:
        """The name of each region, by code."""
        return self.tree.names

    @cached_property
    def counted(self) -> tuple[Line, ...]:
        """The lines that count in GEP; the others are memo."""
        return tuple(line for line in self.lines if line.of.counts_in == "gep")

    @cached_property
    def by_service(self) -> Mapping[tuple[str, str], ServiceSum]:
        """The sums of every region and service, memo ones too, with all that lies beneath."""
        held: dict[tuple[str, str], list[Line]] = {}
        above = {code: (code, *self.tree.above(code)) for code in self.tree.regions}
        for line in self.lines:
            for code in above[line.cell.region]:
                held.setdefault((code, line.service), []).append(line)
        return {place: _sum(lines) for place, lines in held.items()}

    @property
    def gep_cny(self) -> float:
        """Gross ecosystem product in CNY, over all lines that have an estimate."""
        return math.fsum(line.value_cny or 0.0 for line in self.counted)

    @property
    def gep_per_person_cny(self) -> float | None:
        """GEP by head of the resident population, where the case gives it."""
        return self.gep_cny / self.population if self.population else None

    @property
    def not_estimated(self) -> tuple[Line, ...]:
        """The lines that count in GEP and have no estimate: every total says which."""
        return tuple(line for line in self.counted if line.value_cny is None)

    def class_sums(self) -> dict[Class, float]:
        """Add up the lines of GEP by class, in CNY."""
        return {
            each: math.fsum(line.value_cny or 0.0 for line in self.counted if line.class_ == each)
            for each in CLASSES
        }

    def group_sums(self) -> dict[str, float]:
        """Add up the lines of GEP by group, in CNY, in the order of the pack."""
        return {
            each: math.fsum(line.value_cny or 0.0 for line in self.counted if line.group == each)
            for each in self.pack.groups
        }

    def as_printed(self) -> Fraction | None:
        """Add up the values as published, in CNY; None unless every line of GEP has one."""
        return added(line.printed for line in self.counted)

    def recalled(self) -> tuple[str, ...]:
        """Name the services that rest on what is recalled, not read: to be confirmed."""
        return tuple(dict.fromkeys(line.service for line in self.lines if line.recalled))

    @property
    def digest(self) -> str:
        """The digest of the account's figures, each of 12 significant digits."""
        rows = sorted((*line.cell[:3], line.service, *_said(line)) for line in self.lines)
        text = json.dumps([self.pack.digest, rows], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _sum(lines: Sequence[Line]) -> ServiceSum:
    quantities_ = [line.quantity for line in lines if line.quantity is not None]
    values = [line.value_cny for line in lines if line.value_cny is not None]
    return ServiceSum(
        math.fsum(quantities_) if quantities_ else None,
        math.fsum(values) if values else None,
        frozenset(line.cell[:2] for line in lines if line.value_cny is None),
    )


def added(figures: Iterable[Figure | None]) -> Fraction | None:
    """Add up figures exactly; None where one of them is missing."""
    total = Fraction(0)
    for each in figures:
        if each is None:
            return None
        total += each.value
    return total


def _said(line: Line) -> tuple[str, str, str]:
    quantity, value = (
        "" if each is None else f"{each:.12g}" for each in (line.quantity, line.value_cny)
    )
    return quantity, line.unit, value
