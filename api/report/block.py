"""What a report is made of: paragraphs, tables and charts, as JSON for the template."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from api.charts import drawing
from api.charts.drawing import Specification
from api.render.printed import Block, Heading, Printed, table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; a wide one is printed across the page."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    wide: bool = False

    def said(self) -> Block:
        """Return the section as JSON values."""
        return {"title": self.title, "blocks": self.blocks, "wide": self.wide}


def text(said: str) -> Block:
    """Return a paragraph."""
    return {"kind": "text", "text": said}


def points(said: Iterable[str]) -> Block:
    """Return a list of points."""
    return {"kind": "points", "points": list(said)}


def rows(
    headings: Sequence[str],
    of: Iterable[Sequence[str]],
    widths: Sequence[float],
    figures: Collection[int] = (),
    strong: Sequence[int] = (),
) -> Block:
    """Return a table of texts; ``figures`` are the columns that hold numbers."""
    columns = tuple(
        Heading("", each, "", "right" if at in figures else "left")
        for at, each in enumerate(headings)
    )
    return table(Printed("", columns, tuple(map(tuple, of))), widths, strong)


def charts(of: Specification, said: str, share: float = 1) -> list[Block]:
    """Return a chart, drawn, with what it shows in words; none where it has nothing to show."""
    if drawing.is_empty(of):
        return []
    return [{"kind": "chart", "svg": drawing.svg(of), "said": said, "share": share}]
