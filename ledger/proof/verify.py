"""The second opinion: reads an export with none of the ledger's code and recomputes everything.

Standard library only (with ``layout``, its own reading of the encoding). It rebuilds the canonical
bytes of every record from its fields, the tree from the leaves, every balance from the postings,
and holds every law of the ledger against them.
"""

import json
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.proof.layout import SIDES, Json, record_bytes

FIXED = ("no", "class", "normal", "basis", "party")
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
        self.peaks: list[tuple[int, bytes]] = []
        self.last_booked = ""
        self.policy: Json = {}
        self.accounts: dict[str, Json] = {}
        self.numbers: set[int] = set()
        self.scales: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        self.totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.latest: dict[tuple[str, str], str] = {}
        self.moved: dict[tuple[str, str], int] = {}
        self.transactions: dict[str, Any] = {}
        self.reversed: set[str] = set()
        self.holds: dict[str, Json] = {}
        self.needed: dict[str, tuple[str, int]] = {}
        self.evidence: dict[str, Json] = {}
        self.stated: set[tuple[str, str]] = set()
        self.opened = self.closed = False
        self.line: Json = {}

    def read(self, line: Json) -> None:
        self.line = line
        verb = next((KEYWORDS[key] for key in KEYWORDS if key in line), None)
        if verb is None:
            self.found("verify.unknown-line", f"a line with the keys {sorted(line)[:5]}")
            return
        try:
            verb(self, line)
        except UNREADABLE as error:
            self.found("verify.unreadable", f"{type(error).__name__}: {error}")

    def found(self, code: str, why: str) -> None:
        seq, id = self.line.get("seq"), self.line.get("id")
        self.report.findings.append(VerifyFinding(code, why, seq, id))

    def opening(self, line: Json) -> None:
        self.book, self.report.book, self.opened = UUID(line["uuid"]), line["book"], True

    def record(self, line: Json) -> None:
        self.report.records += 1
        if line["seq"] != self.report.records:
            self.found("verify.sequence", f"expected record {self.report.records}")
            self.report.records = line["seq"]
        if line["booked_at"] < self.last_booked:
            self.found("verify.booked-at", "booked before the record in front of it")
        self.last_booked = line["booked_at"]
        self.leaf(line)
        LAWS.get(line["record"], _Reader.nothing)(self, line)

    def leaf(self, line: Json) -> None:
        try:
            leaf = sha256(b"\x00" + record_bytes(self.book, line)).digest()
        except UNREADABLE as error:
            self.found("verify.unreadable", f"its fields make no record: {error}")
            leaf = bytes.fromhex(line["leaf"])
        if leaf.hex() != line["leaf"]:
            self.found("verify.leaf", "its fields do not give the leaf that was stored for it")
        height = 0
        while self.peaks and self.peaks[-1][0] == height:
            leaf, height = sha256(b"\x01" + self.peaks.pop()[1] + leaf).digest(), height + 1
        self.peaks.append((height, leaf))

    def nothing(self, line: Json) -> None:
        """Some records change no balance."""

    def book_opened(self, line: Json) -> None:
        self.policy = line["policy"]
        ZoneInfo(line["time_zone"])

    def account_opened(self, line: Json) -> None:
        if line["code"] in self.accounts or line["no"] in self.numbers:
            self.found("verify.account-twice", line["code"])
        self.numbers.add(line["no"])
        self.account_changed(line)

    def account_changed(self, line: Json) -> None:
        known = self.accounts.get(line["code"], line)
        if any(known[name] != line[name] for name in FIXED):
            self.found("verify.account-changed", f"{line['code']} is another account now")
        if line["entity"] != line["code"].split(":")[0]:
            self.found("verify.entity", f"{line['code']} is not of {line['entity']}")
        self.accounts[line["code"]] = line

    def commodity(self, line: Json) -> None:
        if line["code"] in self.scales:
            self.found("verify.commodity-twice", line["code"])
        self.scales[line["code"]], self.kinds[line["code"]] = line["scale"], line["kind"]

    def hold(self, line: Json) -> None:
        self.holds[line["id"]] = line

    def transaction(self, line: Json) -> None:
        if line["id"] in self.transactions:
            self.found("verify.id-twice", line["id"])
        self.approval(line)
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        signed: list[Any] = []
        before: dict[Any, int] = {}
        for posting in line["postings"]:
            key, quanta = self.posting(line, posting, before)
            account = self.accounts[key[0]]
            sums[account["entity"], account["basis"], key[1]] += quanta
            signed.append((*key, quanta))
        for at, difference in sums.items():
            if difference:
                self.found("verify.unbalanced", f"{' / '.join(at)} differs by {difference} quanta")
        for key, was in before.items():
            self.bounds(key, was)
        self.reversal(line, signed)
        self.transactions[line["id"]] = sorted(signed)
        if "evidence" in line["metadata"]:
            digest = line["metadata"]["evidence_digest"]
            self.needed[line["metadata"]["evidence"]] = (digest, line["seq"])

    def posting(self, line: Json, posting: Json, before: dict[Any, int]) -> tuple[Any, int]:
        key = (posting["account"], posting["commodity"])
        account = self.accounts[key[0]]
        if account["state"] != "open":
            self.found("verify.account-state", f"{key[0]} is {account['state']}")
        quanta = _quanta(posting["amount"], self.scales[key[1]])
        if account["kinds"] and self.kinds[key[1]] not in account["kinds"]:
            self.found("verify.commodity-not-accepted", f"{key[0]} takes no {key[1]}")
        column = SIDES.index(posting["side"])
        if not quanta or ((quanta > 0) == bool(column) and not line["reverses"]):
            self.found("verify.amount", f"{posting['amount']} on the {posting['side']} side")
        total = self.totals[key]
        self.moved[key] = line["seq"]
        before.setdefault(key, total[0] - total[1])
        total[column] += -quanta if column else quanta
        after = _quanta(posting["balance_after"], self.scales[key[1]])
        if after != total[0] - total[1]:
            self.found("verify.balance-after", f"{key[0]} {key[1]}: {posting['balance_after']}")
        ordered = self.kinds[key[1]] != "money" or account["basis"] == "clearing"
        if ordered and line["effective_on"] < self.latest.get(key, ""):
            self.found("verify.back-dated", f"{key[0]} {key[1]} before {self.latest[key]}")
        self.latest[key] = max(line["effective_on"], self.latest.get(key, ""))
        return key, quanta

    def bounds(self, key: tuple[str, str], was: int) -> None:
        account = self.accounts[key[0]]
        sign = 1 if account["normal"] == "debit" else -1
        debits, credits = self.totals[key]
        now, grew = sign * (debits - credits), sign * (debits - credits - was)
        stated = {each["commodity"]: each for each in account["bounds"]}
        bound = stated.get(key[1], stated.get("*", {"floor": None, "ceiling": None}))
        unit = Decimal(10) ** self.scales[key[1]]
        if bound["floor"] is not None and grew < 0 and now < Decimal(bound["floor"]) * unit:
            self.found("verify.floor", f"{key[0]} {key[1]} falls to {now} quanta")
        if bound["ceiling"] is not None and grew > 0 and now > Decimal(bound["ceiling"]) * unit:
            self.found("verify.ceiling", f"{key[0]} {key[1]} rises to {now} quanta")

    def reversal(self, line: Json, signed: list[Any]) -> None:
        original = line["reverses"]
        if original is None:
            return
        mirror = sorted((account, commodity, -quanta) for account, commodity, quanta in signed)
        if self.transactions.get(original) != mirror or original in self.reversed:
            self.found(
                "verify.reversal", f"does not take back {original}, or not for the first time"
            )
        self.reversed.add(original)

    def approval(self, line: Json) -> None:
        if line["kind"] not in self.policy.get("dual", "").split():
            return
        hold = self.holds.get(line["id"], {})
        if line["approver"] is None or line["approver"] == line["preparer"]:
            self.found("verify.approval", "a dual transaction without a second person")
        if (hold.get("digest"), hold.get("preparer")) != (line["digest"], line["preparer"]):
            self.found("verify.approval", "what was approved is not what was prepared")

    def balance(self, line: Json) -> None:
        stated = line["balance"]
        key = (stated["account"], stated["commodity"])
        self.stated.add(key)
        if self.totals.get(key, [0, 0]) != [int(stated["debits"]), int(stated["credits"])]:
            self.line = {"seq": self.moved.get(key)}
            self.found("verify.balance", f"{key[0]} {key[1]}: its postings do not add up to it")

    def kept(self, line: Json) -> None:
        kept = line["evidence"]
        whole = {name: kept[name] for name in ("kind", "code", "rests_on")}
        text = _canonical({**whole, "content": json.loads(kept["content"])})
        if sha256(text.encode()).hexdigest() != kept["digest"]:
            self.found("verify.evidence", f"{kept['kind']} {kept['id']} is not what was digested")
        self.evidence[kept["id"]] = kept

    def head(self, line: Json) -> None:
        self.closed = True
        root = sha256(b"").digest() if not self.peaks else self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
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
        for key in sorted(set(self.totals) - self.stated):
            self.line = {"seq": self.moved[key]}
            self.found("verify.balance", f"{key[0]} {key[1]} has postings and no balance")
        wanted = {id: digest for id, (digest, _) in self.needed.items()}
        for kept in self.evidence.values():
            wanted.update(kept["rests_on"])
        for id, digest in wanted.items():
            if self.evidence.get(id, {}).get("digest") != digest:
                self.found("verify.evidence", f"{id} is missing, or not what was rested on")
        return self.report


def _quanta(amount: str, scale: int) -> int:
    scaled = Decimal(amount) * 10**scale
    if scaled != int(scaled):
        raise InvalidOperation(f"{amount} is finer than scale {scale}")
    return int(scaled)


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
    "transaction": _Reader.transaction,
}
KEYWORDS: dict[str, Callable[[_Reader, Json], None]] = {
    "record": _Reader.record,
    "balance": _Reader.balance,
    "evidence": _Reader.kept,
    "head": _Reader.head,
    "format": _Reader.opening,
}
