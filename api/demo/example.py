"""An example folder: published facts as typed strings, its chart, its readings."""

import csv
import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ledger import chart as charts
from ledger.chart import Chart
from ledger.compensation.sheet import Reading
from ledger.statements.statement import Label

FOLDER = Path(__file__).resolve().parents[2] / "examples"
FILE, CHART, READINGS = "example.toml", "chart.toml", "readings.csv"


@dataclass(frozen=True)
class Example:
    """One published deal, payment or rule, as its folder states it."""

    folder: Path
    stated: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its name, the folder's."""
        return str(self.stated["id"])

    @property
    def title(self) -> Label:
        """Its title in both languages."""
        return Label(**self.stated["title"])

    @property
    def kind(self) -> str:
        """What kind of story it is."""
        return str(self.stated["kind"])

    @property
    def on(self) -> dt.date:
        """Its day; the last of the year where none was published."""
        day: dt.date = self.stated["on"]
        return day

    @property
    def status(self) -> str:
        """How its figures come about: computed, booked, checked, inferred or synthetic."""
        return str(self.stated["status"])

    @cached_property
    def chart(self) -> Chart:
        """Its commodities, parties and accounts."""
        return charts.read(self.folder / CHART)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """What was measured or counted."""
        with (self.folder / READINGS).open(encoding="utf-8", newline="") as lines:
            return tuple(Reading(**row) for row in csv.DictReader(lines))

    def metadata(self, **more: str) -> dict[str, str]:
        """What every transaction of the example says of itself."""
        said = {"example": self.id, "source": self.stated["source"]["document"], **more}
        if self.stated.get("date_assumed"):
            said["date"] = "assumed"
        return said


def every() -> list[Example]:
    """Read every example that books something, in the order of their days."""
    found = [
        Example(path.parent, tomllib.loads(path.read_text("utf-8")))
        for path in FOLDER.glob(f"*/{FILE}")
    ]
    return sorted(found, key=lambda each: (each.on, each.id))
