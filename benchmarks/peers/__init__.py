"""The systems that the ledger is measured beside: each a module of its own, each run for real."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What a peer reached, or the reason why it could not be run."""

    value: float | None
    reason: str = ""


def not_available(reason: object) -> Figure:
    """Say why there is no figure."""
    return Figure(None, f"not available: {reason}")
