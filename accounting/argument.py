"""The inputs that many formulas share: an array, its unit, and what it may be."""

from typing import Annotated

from accounting.method import Array, Range

NOT_NEGATIVE = Range()
POSITIVE = Range(above=True)

Share = Annotated[Array, "1", Range(0, 1)]
YesOrNo = Annotated[Array, "1", Range(0, 1, whole=True)]
Hectares = Annotated[Array, "hm2", NOT_NEGATIVE]
Millimetres = Annotated[Array, "mm", NOT_NEGATIVE]
Degrees = Annotated[Array, "deg", Range(0, 90)]
Cny = Annotated[Array, "CNY"]
