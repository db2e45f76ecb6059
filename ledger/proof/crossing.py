"""What books say of one another, read from their exports alone: names agree, payments arrive once.

Each export verifies by itself (``verify``); this holds several of them against each other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ledger.proof.layout import Json
from ledger.proof.verify import VerifyFinding

Opened = Callable[[], Iterable[Json]]
"""An export that can be read from its beginning as often as is needed."""
NAMES = ("book-record", "transit-record")
SEND, RECEIVE, SETTLE = "transit.send", "transit.receive", "transit.settle"
Sums = dict[str, Decimal]


@dataclass
class Side:
    """What one export says of other books."""

    book: str = ""
    named: list[Json] = field(default_factory=list)
    sent: dict[str, Json] = field(default_factory=dict)
    received: dict[str, Json] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)

    def read(self, lines: Iterable[Json]) -> None:
        """Gather it, line by line."""
        for line in lines:
            if "format" in line:
                self.book = line["book"]
            elif line.get("record") == "foreign-digest" and line["what"] in NAMES:
                self.named.append(line)
            elif line.get("record") == "transaction":
                self._transaction(line)

    def _transaction(self, line: Json) -> None:
        transfer = line["metadata"].get("transit_transfer", "")
        if line["reverses"] is not None:
            self.returned.add(line["reverses"])
        elif line["kind"] == SEND and "transit_to" in line["metadata"]:
            self.sent[line["id"]] = line
        elif line["kind"] == RECEIVE:
            self.received[transfer] = line
        elif line["kind"] == SETTLE:
            self.settled.add(transfer)


def crossed(exports: Sequence[Opened]) -> list[VerifyFinding]:
    """Hold exports of several books against one another; those that agree give no findings."""
    sides: dict[str, Side] = {}
    opened: dict[str, Opened] = {}
    for each in exports:
        side = Side()
        side.read(each())
        sides[side.book], opened[side.book] = side, each
    found = [finding for side in sides.values() for finding in _payments(side, sides)]
    for book, each in opened.items():
        found += _names(book, each(), sides.values())
    return found


def _names(book: str, lines: Iterable[Json], sides: Iterable[Side]) -> Iterator[VerifyFinding]:
    """A record that another book names is there, and has the leaf that is named."""
    named: dict[int, list[tuple[str, Json]]] = {}
    for side in sides:
        for line in side.named:
            code, _, seq = line["reference"].rpartition("/")
            if code == book and seq.isdecimal():
                named.setdefault(int(seq), []).append((side.book, line))
    for line in lines:
        for by, name in named.pop(line.get("seq", 0), []):
            if line["leaf"] != name["digest"]:
                yield _finding("crossing.leaf", f"{by}/{name['seq']} names another leaf", line)
    for seq, names in sorted(named.items()):
        for by, _ in names:
            yield VerifyFinding("crossing.missing", f"{by} names {book}/{seq}, which is not there")


def _payments(paying: Side, sides: dict[str, Side]) -> Iterator[VerifyFinding]:
    """What was settled arrived, what came back did not, and nothing arrived that was not sent."""
    for id, sent in paying.sent.items():
        receiving = sides.get(sent["metadata"]["transit_to"])
        if receiving is None:
            continue
        twin = receiving.received.get(id)
        if id in paying.returned and twin is not None and twin["id"] not in receiving.returned:
            yield _finding("crossing.twice", f"came back, and arrived in {receiving.book}", sent)
        if id in paying.settled and twin is None:
            yield _finding("crossing.lost", f"settled, and not in {receiving.book}", sent)
        if twin is not None and _sums(twin) != _sums(sent):
            yield _finding("crossing.amount", f"another amount in {receiving.book}", sent)
    for receiving in sides.values():
        for id, twin in receiving.received.items():
            of = twin["metadata"].get("transit", "").rpartition("/")[0]
            if of == paying.book and id not in paying.sent:
                yield _finding("crossing.unsent", f"{of} did not send {id}", twin)


def _sums(line: Json) -> Sums:
    """Add up what goes through the account of the transit; a twin goes in and out of it."""
    ways = 2 if line["kind"] == RECEIVE else 1
    sums: Sums = {}
    for posting in line["postings"]:
        if ":Transit:" in posting["account"]:
            value = abs(Decimal(posting["amount"])) / ways
            sums[posting["commodity"]] = sums.get(posting["commodity"], Decimal(0)) + value
    return sums


def _finding(code: str, why: str, line: Json) -> VerifyFinding:
    return VerifyFinding(code, why, line["seq"], line.get("id"))
