"""Flood water that a wetland held, flood by flood."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source


def flood_event(
    *,
    highest_storage: Annotated[Array, "m3", NOT_NEGATIVE],
    lowest_storage: Annotated[Array, "m3", NOT_NEGATIVE],
) -> Annotated[Array, "m3"]:
    """C = Vmax − Vmin, one flood.

    Highest and lowest storage in m3 during the flood; floods are added.
    """
    return highest_storage - lowest_storage


METHOD = Method(
    code="flood-mitigation/event",
    scope="object",
    formula=flood_event,
    laws=(("increasing", "highest_storage"), ("decreasing", "lowest_storage")),
    source=Source("Baiyangdian study", title="0.81 + 1.64 = 2.45 亿m3", tag="R"),
    gives="event_flood_storage",
    negative="keep",
    example=Example(
        given={"highest_storage": (2.81, "亿m3"), "lowest_storage": (2.0, "亿m3")},
        gives=(0.81, "亿m3"),
        working="2.81 − 2.00",
    ),
)
