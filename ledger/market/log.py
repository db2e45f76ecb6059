"""The event log of a market as lines of JSON: written, read back whole or refused, replayed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from ledger.core.errors import Finding, InputRefused
from ledger.market.engine import apply
from ledger.market.events import AnyEvent, decode, encode
from ledger.market.market import Market, Outcome
from ledger.market.refusals import BackInTime, OutOfSequence

LINE_MAX = 1 << 20
FINDINGS_MAX = 100


def write(path: Path, events: Iterable[AnyEvent]) -> None:
    """Write events, one a line."""
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events))


def read(path: Path) -> list[AnyEvent]:
    """Read every event of a log; refuse it with each line that is none."""
    events: list[AnyEvent] = []
    findings: list[Finding] = []
    with path.open("rb") as lines:
        row = 0
        while (line := lines.readline(LINE_MAX)) and len(findings) < FINDINGS_MAX:
            row += 1
            try:
                events.append(decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                title = "This line is no event of a market"
                facts = {"problem": str(error)}
                findings.append(Finding("market.no-event", title, path.name, row, facts=facts))
    if findings:
        raise InputRefused(tuple(findings))
    return events


def replay(events: Sequence[AnyEvent], market: Market, file: str = "") -> list[Outcome]:
    """Carry a market over a log; refuse a log with a gap, a doublet or a step back in time."""
    outcomes: list[Outcome] = []
    for row, event in enumerate(events, 1):
        try:
            outcomes.append(apply(market, event))
        except (OutOfSequence, BackInTime) as error:
            finding = Finding(error.code, error.title, file or None, row, "seq", error.facts())
            raise InputRefused((finding,)) from None
    return outcomes
