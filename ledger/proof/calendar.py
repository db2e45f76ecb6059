"""The laws of accounting periods, voucher numbers and seals, read from an export alone."""

import re
from collections.abc import Iterable, Sequence

from ledger.proof.layout import Json
from ledger.proof.standing import Found, Standing
from ledger.proof.sumtree import seal_root

PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-3])")
OPEN, CLOSING, CLOSED, REOPENED = "open", "closing", "closed", "reopened"
SHUT = (CLOSING, CLOSED)
TURNS = {
    OPEN: (CLOSING, CLOSED),
    CLOSING: (OPEN, CLOSED),
    CLOSED: (REOPENED,),
    REOPENED: (CLOSING, CLOSED),
}
FISCAL = ("accrual", "budget")
MONTHS = 12
Group = tuple[str, str, str]
"""What a transaction balances in: entity, basis, commodity."""


class Calendar:
    """The periods of every entity and basis, and the voucher numbers given in them."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.states: dict[tuple[str, str, str], str] = {}
        self.numbers: dict[tuple[str, str, str], int] = {}
        self.voucher: str | None = None

    def turn(self, line: Json, standings: Iterable[Standing]) -> None:
        """A period goes from state to state in order; a close finds it in order and may seal it."""
        key = (line["entity"], line["basis"], line["period"])
        now, wanted = self.states.get(key, OPEN), line["state"]
        if wanted not in TURNS[now]:
            self.found("verify.period-order", f"{' '.join(key)} goes from {now} to {wanted}")
        if wanted == REOPENED and not line["reason"].strip():
            self.found("verify.period-order", f"{' '.join(key)} is reopened without a reason")
        if not PERIOD.fullmatch(line["period"]):
            self.found("verify.period", f"{line['period']!r} is no period")
        self.states[key] = wanted
        if wanted == CLOSED:
            self._close(line, [each for each in standings if each.group[:2] == key[:2]])
        elif line["seal"] is not None:
            self.found("verify.seal", "only a close seals")

    def post(self, line: Json, groups: Iterable[Group]) -> None:
        """A transaction stands, in each of its entities, in a period that takes it."""
        bases: dict[str, list[str]] = {}
        for entity, basis, _ in groups:
            bases.setdefault(entity, []).append(basis)
        periods, late_for = line["periods"], line["late_for"]
        if [each["entity"] for each in periods] != sorted(bases):
            self.found("verify.period", "its periods are not those of its entities, in order")
            return
        month = line["effective_on"][:7]
        for each in periods:
            entity, period = each["entity"], each["period"]
            if period != month and not PERIOD.fullmatch(period):
                self.found("verify.period", f"{period!r} is no period")
            if self.states and self._is(entity, bases[entity], period, (CLOSED,)):
                self.found("verify.period-closed", f"{period} of {entity} is closed")
            if self.voucher is not None or each["voucher"] is not None:
                self._number(each, bases[entity])
        if late_for is not None:
            self._late(periods, bases, late_for)

    def _is(self, entity: str, bases: Sequence[str], period: str, states: Sequence[str]) -> bool:
        return any(self.states.get((entity, basis, period), OPEN) in states for basis in bases)

    def _late(self, periods: Sequence[Json], bases: dict[str, list[str]], late_for: str) -> None:
        if not PERIOD.fullmatch(late_for) or not any(
            self._is(entity, found, late_for, SHUT) for entity, found in bases.items()
        ):
            self.found("verify.late-for", f"late for {late_for}, which is not closed")
            return
        for each in periods:
            first = late_for
            while self._is(each["entity"], bases[each["entity"]], first, SHUT):
                first = _after(first)
            if each["period"] != first:
                why = f"late for {late_for} in {each['period']}, and {first} is the first open one"
                self.found("verify.late-for", why)

    def _number(self, each: Json, bases: Sequence[str]) -> None:
        """Count the vouchers of fiscal bases without a gap, where the book numbers them."""
        voucher, kind = each["voucher"], self.voucher
        fiscal = any(basis in FISCAL for basis in bases)
        if kind is None or not fiscal or voucher is None or voucher["type"] != kind:
            if voucher is not None or (kind is not None and fiscal):
                why = f"{each['entity']} has {voucher}, and the book's type is {kind}"
                self.found("verify.voucher", why)
            return
        key = (each["entity"], each["period"], kind)
        expected = self.numbers.get(key, 0) + 1
        if voucher["number"] != expected:
            self.found("verify.voucher", f"{voucher['number']} where {expected} comes next")
        self.numbers[key] = voucher["number"]

    def _close(self, line: Json, standings: Sequence[Standing]) -> None:
        for each in standings:
            if each.account["always_zero_days"] is not None and each.debits != each.credits:
                self.found("verify.not-zero", f"{' '.join(each.key)} is not zero at the close")
        if line["seal"] is None:
            return
        moved = [each for each in standings if each.moved is not None]
        root = seal_root((*each.key, each.debits, each.credits) for each in moved)
        if root.hex() != line["seal"]:
            self.found("verify.seal", "the balances do not give the seal")


def _after(period: str) -> str:
    year, month = map(int, period.split("-"))
    return f"{year + 1:04}-01" if month >= MONTHS else f"{year:04}-{month + 1:02}"
