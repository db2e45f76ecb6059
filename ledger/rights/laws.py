"""The laws of the registry, each a function returning findings; ``ledger.audit`` runs them.

Of rights that an instrument rules: what a book counts beside them is its own matter.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise

from sqlalchemy import Connection

from ledger.balances import commodities
from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.core.errors import Finding
from ledger.rights.instrument import find, right_of
from ledger.rights.loading import lines_of, ruled, serials_of, standing_of_rights
from ledger.rights.registry import (
    BY_CARRY,
    CLEARED,
    CUT,
    EMISSION,
    EXCESS,
    ISSUED,
    MEMO,
    OBLIGATION,
    OFFSET_USED,
    PLEDGED,
    REGISTRY,
    SINKS,
    place_of,
)
from ledger.rights.waterfall import ELSEWHERE, waterfalls
from ledger.store import tables

Check = Callable[[Connection, Book], Iterator[Finding]]
CONSENTED = ("right.release", "right.foreclose", "right.expire")
AFTER_THE_END = (
    "right.expire", "right.surrender", "right.reclaim", "right.release", "right.freeze",
    "right.unfreeze", "right.settle", "right.cut",
)  # fmt: skip
STATED = "Stated"
"""All that was ever stated of emissions: a correction downwards takes back no offset."""
OUT_OF_SINKS = ("right.reclaim",)


def every_unit_stands_somewhere(connection: Connection, book: Book) -> Iterator[Finding]:
    """Of each right, issued is pools, holdings, sinks and what is being settled (invariant 2)."""
    for each in waterfalls(connection, book):
        facts = {"right": each.commodity.code, "registry": each.registry}
        if each.difference.quanta:
            facts |= {"difference": str(each.difference), "elsewhere": str(each.at(ELSEWHERE))}
            yield Finding("audit.waterfall", "Issued is not what stands somewhere", facts=facts)


def nothing_is_oversold(connection: Connection, book: Book) -> Iterator[Finding]:
    """No holding, pool or sink was ever below zero, not even within a day (invariant 4)."""
    for row in lines_of(connection, book, tables.postings.c.balance_after < 0):
        if place_of(row.code) not in {ISSUED, BY_CARRY}:
            facts = {"account": row.code, "right": row.commodity, "seq": row.seq}
            yield Finding("audit.oversold", "More left than was there", facts=facts)


def issues_are_within_caps(connection: Connection, book: Book) -> Iterator[Finding]:
    """What was issued, and not carried over, is not above the cap approved (invariant 5)."""
    caps: dict[tuple[str, Commodity], int] = {}
    issued: dict[tuple[str, Commodity], int] = {}
    for each in standing_of_rights(connection, book):
        path, key = each.account.code.partition(":")[2], (each.account.entity, each.commodity)
        if each.account.basis == MEMO and path == "Cap:Authorised":
            caps[key] = each.normal.quanta
        if each.account.basis == REGISTRY and path == ISSUED:
            issued[key] = each.normal.quanta
    for key, cap in caps.items():
        if issued.get(key, 0) > cap:
            facts = {"right": key[1].code, "cap": str(Amount(cap, key[1]))}
            yield Finding("audit.cap", "More was issued than the cap", facts=facts)


def serial_blocks_partition_the_issue(connection: Connection, book: Book) -> Iterator[Finding]:
    """Blocks are disjoint, cover the issue, and stand where the balances stand (invariant 6)."""
    stood: dict[str, dict[str, int]] = defaultdict(dict)
    for each in standing_of_rights(connection, book):
        if each.account.basis == REGISTRY and right_of(each.commodity) is not None:
            stood[each.commodity.code][each.account.code] = each.balance.quanta
    for code, accounts in stood.items():
        found = serials_of(connection, book, commodities(connection)[code])
        blocks = sorted(block for held in found.held.values() for block in held)
        apart = all(one.last < next_.first for one, next_ in pairwise(blocks))
        whole = sum(block.size for block in blocks) + found.gone == found.issued
        there = {name: sum(block.size for block in held) for name, held in found.held.items()}
        same = all(
            there.get(name, 0) == quanta
            for name, quanta in accounts.items()
            if place_of(name) not in {ISSUED, BY_CARRY}
        )
        if found.short or not (apart and whole and same):
            facts = {"right": code, "transactions": " ".join(map(str, found.short))}
            yield Finding("audit.serials", "Serial blocks do not cover the issue", facts=facts)


def obligations_are_cleared_by_what_ended(connection: Connection, book: Book) -> Iterator[Finding]:
    """Surrendered and offset is what was cleared, never above what was verified (invariant 10)."""
    memo: dict[tuple[str, str, Commodity], dict[str, int]] = defaultdict(dict)
    sinks: dict[tuple[str, str], int] = defaultdict(int)
    cleared: dict[tuple[str, str], int] = defaultdict(int)
    for each in standing_of_rights(connection, book):
        entity, kind, *rest = each.account.code.split(":")
        if kind == "Compliance" and each.commodity.instrument:
            at = memo[entity, rest[0], each.commodity]
            at[rest[1]] = each.normal.quanta
            at[STATED] = at.get(STATED, 0) + (each.debits if rest[1] == EMISSION else 0)
        ends = kind == "Sink" and len(rest) > 1 and rest[0] in {"Surrendered", "Offset"}
        if ends and right_of(each.commodity) is not None:
            sinks[entity, rest[1]] += each.normal.quanta
    for (entity, holder, owed), at in memo.items():
        cleared[entity, owed.code.partition(".")[2]] += at.get(CLEARED, 0)
        owing = at.get(EMISSION, 0) + at.get(EXCESS, 0)
        settled = at.get(OBLIGATION, 0) + at.get(CLEARED, 0) + at.get(CUT, 0)
        if owing != settled or _over_offset(owed, at):
            facts = {"holder": f"{entity}:{holder}", "of": owed.code}
            yield Finding("audit.obligation", "Cleared is not what is owed", facts=facts)
    for key in sinks.keys() | cleared.keys():
        if sinks[key] != cleared[key]:
            facts = {"registry": key[0], "year": key[1]}
            yield Finding("audit.surrendered", "Surrendered is not what was cleared", facts=facts)


def carried_is_converted(connection: Connection, book: Book) -> Iterator[Finding]:
    """What leaves one vintage arrives in another, transaction by transaction (invariant 11)."""
    moved: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in lines_of(connection, book, tables.accounts.c.code.like("%:%")):
        place = place_of(row.code)
        if place == "Converted":
            moved[row.seq][0] += row.signed
        elif place == BY_CARRY:
            moved[row.seq][1] -= row.signed
    for seq, (converted, issued) in moved.items():
        if converted != issued:
            facts = {"seq": seq, "converted": converted, "issued": issued}
            yield Finding("audit.carry", "Carried out is not carried in", facts=facts)


def nothing_moves_after_its_end(connection: Connection, book: Book) -> Iterator[Finding]:
    """After its last day a right only expires, or is surrendered late (invariant 11)."""
    rights = ruled(connection, book)
    for row in lines_of(connection, book, tables.transactions.c.kind.not_in(AFTER_THE_END)):
        right = rights.get(row.commodity)
        last = None if right is None or row.reverses else right.ends(row.effective_on)
        if last is not None and row.effective_on > last:
            facts = {"right": row.commodity, "ended": last.isoformat(), "seq": row.seq}
            yield Finding("audit.ended", "Moved after its last day", facts=facts)


def the_pledged_moves_by_consent(connection: Connection, book: Book) -> Iterator[Finding]:
    """What is pledged leaves by release with consent, foreclosure or expiry (invariant 12)."""
    for row in lines_of(connection, book, tables.transactions.c.reverses.is_(None)):
        if row.signed >= 0 or place_of(row.code) != PLEDGED:
            continue
        released = row.kind == CONSENTED[0]
        if row.kind not in CONSENTED or (released and not json.loads(row.metadata).get("consent")):
            facts = {"account": row.code, "right": row.commodity, "seq": row.seq}
            yield Finding("audit.pledge", "Left without the lender's consent", facts=facts)


def what_ended_stays(connection: Connection, book: Book) -> Iterator[Finding]:
    """Nothing leaves a sink but by reversal, or as surrendered in excess."""
    for row in lines_of(connection, book, tables.transactions.c.reverses.is_(None)):
        if row.signed < 0 and place_of(row.code) in SINKS and row.kind not in OUT_OF_SINKS:
            facts = {"account": row.code, "right": row.commodity, "seq": row.seq}
            yield Finding("audit.sink", "Came back from its end", facts=facts)


CHECKS: tuple[Check, ...] = (
    every_unit_stands_somewhere,
    nothing_is_oversold,
    issues_are_within_caps,
    serial_blocks_partition_the_issue,
    obligations_are_cleared_by_what_ended,
    carried_is_converted,
    nothing_moves_after_its_end,
    the_pledged_moves_by_consent,
    what_ended_stays,
)


def _over_offset(owed: Commodity, at: Mapping[str, int]) -> bool:
    rules = find(owed.instrument).rules
    shares = [Decimal(rule.value) for rule in rules if rule.name == "offset-max"]
    most = at.get(STATED, 0) * max(shares, default=Decimal(0))
    return at.get(OFFSET_USED, 0) > int(most.to_integral_value(ROUND_FLOOR))
