"""The second opinion: reads an export with none of the ledger's code and recomputes everything.

Standard library only (with ``layout``, its own reading of the encoding). It rebuilds the canonical
bytes of every record from its fields, the tree from the leaves, every balance from the postings,
and holds every law of the ledger against them: here those of the log, of balances and evidence, in
``standing`` those of accounts, in ``transactions``, ``reserves`` (holds) and ``calendar`` the rest.
"""

import json
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.proof.calendar import Calendar
from ledger.proof.layout import Json, record_bytes
from ledger.proof.reserves import Reserves
from ledger.proof.standing import Broken, Standings, fits, quanta_of
from ledger.proof.transactions import Transactions

UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, struct.error)


@dataclass(frozen=True)
class VerifyFinding:
    """One thing that does not hold: a stable code, the record it was found at, and why."""

    code: str
    why: str
    seq: int | None = None
    id: str | None = None

    def __str__(self) -> str:
        at = "" if self.seq is None else f"record {self.seq}"
        named = f" (id {self.id})" if self.id else ""
        return f"{at}{named}{': ' if at else ''}{self.code}: {self.why}"


@dataclass
class Report:
    """What was found, how many records were read, and the root that they lead to."""

    findings: list[VerifyFinding] = field(default_factory=list)
    records: int = 0
    root: str = ""
    book: str = ""


def verify(lines: Iterable[Json]) -> Report:
    """Recompute an export line by line; an intact one has no findings."""
    reader = _Reader()
    for line in lines:
        reader.read(line)
    return reader.finished()


class _Reader:
    """Follows a book from its first record to its head."""

    def __init__(self) -> None:
        self.report = Report()
        self.book = UUID(int=0)
        self.leaves = 0
        self.peaks: list[bytes] = []
        self.last_booked = ""
        self.standings = Standings(self.found)
        self.reserves = Reserves(self.found, self.standings)
        self.calendar = Calendar(self.found)
        self.transactions = Transactions(self.found, self.standings, self.reserves, self.calendar)
        self.needed: dict[str, tuple[str, int]] = {}
        self.evidence: dict[str, Json] = {}
        self.cited: set[tuple[str, str]] = set()
        self.stated: set[tuple[str, str]] = set()
        self.opened = self.closed = False
        self.line: Json = {}

    def read(self, line: Json) -> None:
        self.line = line
        verb: Callable[[_Reader, Json], None] | None = _Reader.record
        if "record" not in line:
            verb = next((KEYWORDS[key] for key in KEYWORDS if key in line), None)
        if verb is None:
            self.found("verify.unknown-line", f"a line with the keys {sorted(line)[:5]}")
            return
        try:
            verb(self, line)
        except Broken as broken:
            self.found(broken.code, broken.why)
        except UNREADABLE as error:
            self.found("verify.unreadable", f"{type(error).__name__}: {error}")

    def found(self, code: str, why: str) -> None:
        seq, id = self.line.get("seq"), self.line.get("id")
        self.report.findings.append(VerifyFinding(code, why, seq, id))

    def opening(self, line: Json) -> None:
        self.book, self.report.book, self.opened = UUID(line["uuid"]), line["book"], True

    def record(self, line: Json) -> None:
        report, booked_at, kind, seq = self.report, line["booked_at"], line["record"], line["seq"]
        report.records += 1
        if seq != report.records:
            self.found("verify.sequence", f"expected record {report.records}")
            report.records = seq
        if not self.last_booked and kind != "book":
            self.found("verify.book", "the first record does not open the book")
        if booked_at < self.last_booked:
            self.found("verify.booked-at", "booked before the record in front of it")
        self.last_booked = booked_at
        if self.stated or self.closed:
            self.found("verify.order", "a record behind the balances or the head")
        if booked_at >= self.reserves.earliest and kind != "expiry":
            self.reserves.overdue(booked_at)
        self.leaf(line)
        LAWS[kind](self, line)

    def leaf(self, line: Json) -> None:
        try:
            leaf = sha256(b"\x00" + record_bytes(self.book, line)).digest()
        except UNREADABLE as error:
            self.found("verify.unreadable", f"its fields make no record: {error}")
            leaf = bytes.fromhex(line["leaf"])
        if leaf.hex() != line["leaf"]:
            self.found("verify.leaf", "its fields do not give the leaf that was stored for it")
        size, peaks = self.leaves, self.peaks
        self.leaves += 1
        while size & 1:
            leaf, size = sha256(b"\x01" + peaks.pop() + leaf).digest(), size >> 1
        peaks.append(leaf)

    def foreign_digest(self, line: Json) -> None:
        """What is kept elsewhere has one digest, written down once."""
        key = (line["what"], line["reference"])
        if not all(each.strip() for each in key):
            self.found("verify.foreign-digest", "does not say of what it is, or where that is")
        if key in self.cited:
            self.found("verify.foreign-digest", f"{' '.join(key)} is written down a second time")
        self.cited.add(key)

    def book_opened(self, line: Json) -> None:
        if line["code"] != self.report.book:
            self.found("verify.book", f"the book is {line['code']}, not {self.report.book}")
        self.transactions.dual = frozenset(line["policy"].get("dual", "").split())
        self.calendar.voucher = line["policy"].get("voucher")
        ZoneInfo(line["time_zone"])

    def account_opened(self, line: Json) -> None:
        self.standings.open(line)

    def account_changed(self, line: Json) -> None:
        self.standings.change(line)

    def commodity(self, line: Json) -> None:
        self.standings.use(line)

    def hold(self, line: Json) -> None:
        self.unused(line["id"])
        self.reserves.place(line)

    def void(self, line: Json) -> None:
        self.reserves.void(line)

    def expiry(self, line: Json) -> None:
        self.reserves.expire(line)

    def consumed(self, line: Json) -> None:
        self.unused(line["id"])
        self.transactions.known[line["id"]] = ()
        if not line["consumes"]:
            self.found("verify.hold", "a consumption that takes nothing")
        self.reserves.take(self.reserves.takings(line["consumes"]))

    def period(self, line: Json) -> None:
        self.calendar.turn(line, self.standings.known.values())

    def annotation(self, line: Json) -> None:
        if not self.transactions.known.get(line["transaction"]):
            self.found("verify.annotation", f"there is no transaction {line['transaction']}")

    def transaction(self, line: Json) -> None:
        self.transactions.post(line)
        if "evidence" in line["metadata"]:
            digest = line["metadata"]["evidence_digest"]
            self.needed[line["metadata"]["evidence"]] = (digest, line["seq"])

    def unused(self, id: str) -> None:
        """An id is used once, by a hold or a transaction."""
        if id in self.reserves.holds or id in self.transactions.known:
            self.found("verify.id-twice", id)

    def balance(self, line: Json) -> None:
        stated = line["balance"]
        key = (stated["account"], stated["commodity"])
        self.stated.add(key)
        known = self.standings.known.get(key)
        if known is None:
            self.found("verify.balance", f"{key[0]} {key[1]} has a balance and no record")
            return
        self.line = {"seq": known.moved}
        names = ("debits", "credits", "held_debits", "held_credits")
        if [int(stated[name]) for name in names[:2]] != [known.debits, known.credits]:
            self.found("verify.balance", f"{key[0]} {key[1]}: its postings do not add up to it")
        if [int(stated[name]) for name in names[2:]] != known.held:
            self.found("verify.held", f"{key[0]} {key[1]}: its holds do not add up to it")
        fits(known, self.found)
        if quanta_of(stated["balance"], known.scale) != known.debits - known.credits:
            self.found("verify.balance", f"{key[0]} {key[1]}: {stated['balance']}")

    def kept(self, line: Json) -> None:
        kept = line["evidence"]
        whole = {name: kept[name] for name in ("kind", "code", "rests_on")}
        text = _canonical({**whole, "content": json.loads(kept["content"])})
        if sha256(text.encode()).hexdigest() != kept["digest"]:
            self.found("verify.evidence", f"{kept['kind']} {kept['id']} is not what was digested")
        self.evidence[kept["id"]] = kept

    def head(self, line: Json) -> None:
        self.closed = True
        root = sha256(b"").digest() if not self.peaks else self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root).digest()
        self.report.root = root.hex()
        if line["head"]["seq"] != self.report.records:
            self.found("verify.head", f"the head says {line['head']['seq']} records")
        elif line["head"]["root"] != self.report.root:
            self.found("verify.root", "the records do not lead to the root of the head")

    def finished(self) -> Report:
        self.line = {}
        if not (self.opened and self.closed):
            self.found("verify.incomplete", "the export has no opening line or no head")
        for key, standing in sorted(self.standings.known.items()):
            if key not in self.stated and (standing.moved is not None or any(standing.held)):
                self.line = {"seq": standing.moved}
                self.found("verify.balance", f"{key[0]} {key[1]} has postings and no balance")
        for id, (digest, seq) in self.needed.items():
            if self.evidence.get(id, {}).get("digest") != digest:
                self.line = {"seq": seq}
                self.found("verify.evidence", f"{id} is missing, or not what was rested on")
        self.line = {}
        rested = [pair for kept in self.evidence.values() for pair in kept["rests_on"].items()]
        for id, digest in rested:
            if self.evidence.get(id, {}).get("digest") != digest:
                self.found("verify.evidence", f"{id} is missing, or not what was rested on")
        return self.report


def _canonical(value: object) -> str:
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(k)}:{_canonical(v)}" for k, v in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


LAWS: dict[str, Callable[[_Reader, Json], None]] = {
    "book": _Reader.book_opened,
    "account-opened": _Reader.account_opened,
    "account-changed": _Reader.account_changed,
    "commodity": _Reader.commodity,
    "hold": _Reader.hold,
    "consume": _Reader.consumed,
    "void": _Reader.void,
    "expiry": _Reader.expiry,
    "period": _Reader.period,
    "annotation": _Reader.annotation,
    "foreign-digest": _Reader.foreign_digest,
    "transaction": _Reader.transaction,
}
KEYWORDS: dict[str, Callable[[_Reader, Json], None]] = {
    "balance": _Reader.balance,
    "evidence": _Reader.kept,
    "head": _Reader.head,
    "format": _Reader.opening,
}
