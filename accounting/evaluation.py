"""What is computed at the places of a line: by method and model, over series, or from above."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np

from accounting import graph, units
from accounting.inputs import Inputs
from accounting.method import Measured, Method, Parameter
from accounting.pack import GIVEN
from accounting.quantity import quantities
from accounting.reading import Cell, Reading

Origin = Reading | Parameter | Cell | None
Items = tuple[str, ...]
ON_MEANS = "method.computed-on-means"  # a zone is not its mean where a formula is not linear


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is not computed from others at its place, and where each value comes from."""

    measured: Measured
    origins: tuple[Origin, ...]


class Evaluation:
    """The quantities of a line at some places, each found or computed once.

    Within a series, ``items`` names what stands on the last axis; ``inside`` is the apportioned
    quantity that these places are above of.
    """

    def __init__(
        self, inputs: Inputs, places: Sequence[Cell], items: Items = (), inside: str = ""
    ) -> None:
        self.inputs, self.places, self.items, self.inside = inputs, tuple(places), items, inside
        self.line, self.catalogue = inputs.line, inputs.catalogue
        self.known: dict[str, Measured] = {}
        self.leaves: dict[str, Leaf] = {}

    def of(self, name: str) -> Measured:
        """Return a quantity at the places, shape (places,), or (places, items) in a series."""
        if name not in self.known:
            model = self.catalogue.get(self.line.bind[name])
            apportioned = name in self.line.apportioned and name != self.inside
            if model and not model.series and not apportioned:
                self.known[name] = self.computed(model)
            else:
                self.leaves[name] = (
                    self._apportioned(name) if apportioned else self._leaf(name, model)
                )
                self.known[name] = self.leaves[name].measured
        return self.known[name]

    def computed(self, method: Method) -> Measured:
        """Apply a method to what it takes at the places."""
        taken = graph.named(self.line, method)
        return self._applied(method, {arg: self.of(name) for arg, name in taken.items()})

    def _applied(self, method: Method, taken: Mapping[str, Measured]) -> Measured:
        """Apply a method; note it where it is not linear and was given the means of a zone."""
        own = {name: each for name, each in self.line.parameters.items() if name in method.inputs}
        parameters = {n: Measured(np.array(float(x.decimal)), x.unit) for n, x in own.items()}
        result = method.compute(**taken, **parameters)
        varying = {
            argument
            for argument, name in graph.named(self.line, method).items()
            if quantities()[name].kind == "intensive" and self.line.coefficient(name) is None
        }
        if method.scope == "cell" and not method.exact_on_means(varying):
            return replace(result, notes=(*result.notes, ON_MEANS))
        return result

    def _leaf(self, name: str, model: Method | None) -> Leaf:
        if model:
            return self._summed(model)
        return self._given(name) if self.line.bind[name] == GIVEN else self._coefficient(name)

    def _given(self, name: str) -> Leaf:
        found = [self.inputs.series(name, place) for place in self.places]
        if self.items:
            rows = [[_estimate(x.get(item, x.get(""))) for item in self.items] for x in found]
            return Leaf(Measured(np.array(rows), quantities()[name].unit), ())
        if any(each and "" not in each for each in found):
            title = "Read item by item, where the method takes one value"
            self.inputs.find("run.unexpected-series", title, name, {})
        readings = tuple(each.get("") for each in found)
        values = np.array([_estimate(each) for each in readings], np.float64)
        notes = dict.fromkeys(note for each in readings if each for note in each.notes)
        return Leaf(Measured(values, quantities()[name].unit, tuple(notes)), readings)

    def _coefficient(self, name: str) -> Leaf:
        """Return the case's own reading for each place, else the coefficient on the shelf."""
        unit = quantities()[name].unit
        own = [self.inputs.series(name, place).get("") for place in self.places]
        origins = tuple(
            each or self.inputs.coefficient(name, place)
            for each, place in zip(own, self.places, strict=True)
        )
        values = np.array(
            [_in(x, unit) if isinstance(x, Parameter) else _estimate(x) for x in origins],
            np.float64,
        )
        return Leaf(Measured(values[:, None] if self.items else values, unit), origins)

    def _summed(self, method: Method) -> Leaf:
        """Apply a method that adds over series; places with the same items at once."""
        taken = graph.named(self.line, method)
        series = [argument for argument in taken if argument in method.series]
        groups: dict[tuple[Items, ...], list[int]] = defaultdict(list)
        for at, place in enumerate(self.places):
            groups[tuple(self._items(taken[each], place) for each in series)].append(at)
        values, notes = np.full(len(self.places), np.nan), dict[str, None]()
        for listed, rows in groups.items():
            items = dict(zip(series, listed, strict=True))
            if all(listed) and self._aligned(method, items):
                result = self._at(rows, method, items)
                values[rows] = result.values
                notes |= dict.fromkeys(result.notes)
        read = next(graph.given(self.line, [taken[series[0]]], self.catalogue))
        origins = tuple(self.inputs.found(read, place) for place in self.places)
        return Leaf(Measured(values, method.unit, tuple(notes)), origins)

    def _at(self, at: Sequence[int], method: Method, items: Mapping[str, Items]) -> Measured:
        """Apply a method that adds over series to some of the places, which have these items."""
        places = [self.places[each] for each in at]
        arguments = {}
        for argument, name in graph.named(self.line, method).items():
            if argument in items:
                series = Evaluation(self.inputs, places, items[argument], self.inside)
                arguments[argument] = series.of(name)
            else:
                whole = self.of(name)
                values = np.broadcast_to(whole.values, len(self.places))[at]
                arguments[argument] = replace(whole, values=values)
        return self._applied(method, arguments)

    def _items(self, name: str, place: Cell) -> Items:
        """Return the items read beneath a series, in the order of their names."""
        beneath = graph.given(self.line, [name], self.catalogue)
        found = {item for each in beneath for item in self.inputs.series(each, place)}
        return tuple(sorted(found - {""} or found))

    def _aligned(self, method: Method, items: Mapping[str, Items]) -> bool:
        together = [set(each) for name, each in items.items() if name not in method.apart]
        odd = {each for one in together for each in one if not all(each in x for x in together)}
        if odd:
            title = "Quantities of one series were not read for the same items"
            name = next(each for each in items if each not in method.apart)
            self.inputs.find("run.series-differ", title, name, {"items": sorted(odd)})
        return not odd

    def _apportioned(self, name: str) -> Leaf:
        """Compute a quantity where it was read, and share it down by the key of the line."""
        inputs, key = self.inputs, self.line.apportioned[name]
        model = self.catalogue.get(self.line.bind[name])
        taken = graph.named(self.line, model).values() if model else ()
        given = graph.given(self.line, taken, self.catalogue) if model else (name,)
        above = Evaluation(inputs, inputs.read_at(given), inside=name)
        whole = dict(zip(above.places, above.of(name).values.tolist(), strict=True))
        origins = [
            next((each for each in (place, *inputs.above(place)) if each in whole), None)
            for place in self.places
        ]
        parts: dict[Cell | None, list[float]] = defaultdict(list)
        weights = self.of(key).values.tolist()
        for origin, weight in zip(origins, weights, strict=True):
            parts[origin].append(weight)
        for each in whole.keys() - parts.keys():
            title = "Nothing beneath this has the key by which it is apportioned"
            inputs.find("run.nothing-beneath", title, name, {"region": each.region, "key": key})
        values = [
            whole[origin] * weight / fsum(parts[origin])
            if origin and fsum(parts[origin])
            else np.nan
            for origin, weight in zip(origins, weights, strict=True)
        ]
        measured = Measured(np.array(values, np.float64), above.of(name).unit, above.of(name).notes)
        return Leaf(measured, tuple(origins))


def _estimate(reading: Reading | None) -> float:
    """Return the value of a reading in the unit of its quantity; nan where there is no estimate."""
    return np.nan if reading is None or reading.estimate is None else reading.estimate


def _in(parameter: Parameter, unit: str) -> float:
    change = units.conversion(units.parse(parameter.unit), units.parse(unit))
    return float(parameter.decimal) * float(change.factor)
