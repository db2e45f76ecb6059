"""Where an account stands in one commodity, as the postings and holds of an export make it."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor

from ledger.proof.layout import Json

LIMIT = re.compile(r"(?!-0$)-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
QUANTA_MAX = 2**63 - 1
FIXED = ("no", "class", "normal", "basis", "party", "entity")
UNBOUNDED: Json = {"floor": None, "ceiling": None}
Found = Callable[[str, str], None]


class Broken(Exception):
    """A law broken in such a way that the rest of the record has no meaning."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


class Standing:
    """Debits and credits, posted and held, of one account in one commodity, in quanta."""

    __slots__ = (
        "account", "bounded", "ceiling", "commodity", "credits", "debits", "floor", "group",
        "held", "key", "latest", "moved", "ordered", "outgoing", "scale", "usable",
    )  # fmt: skip

    def __init__(self, account: Json, commodity: Json) -> None:
        self.commodity = commodity
        self.key = (account["code"], commodity["code"])
        self.scale = commodity["scale"]
        self.debits = self.credits = 0
        self.held = [0, 0]
        self.latest = ""
        self.moved: int | None = None
        self.ruled_by(account)

    def ruled_by(self, account: Json) -> None:
        """Take the bounds and the state of the account, now and whenever they change."""
        commodity = self.commodity
        self.account = account
        self.group = (account["entity"], account["basis"], commodity["code"])
        self.outgoing = 1 if account["normal"] == "debit" else 0
        self.ordered = commodity["kind"] != "money" or account["basis"] == "clearing"
        accepted = not account["kinds"] or commodity["kind"] in account["kinds"]
        self.usable = accepted and account["state"] == "open"
        stated = {each["commodity"]: each for each in account["bounds"]}
        bound = stated.get(commodity["code"], stated.get("*", UNBOUNDED))
        self.floor = _limit(bound["floor"], self.scale, ceil)
        self.ceiling = _limit(bound["ceiling"], self.scale, floor)
        self.bounded = self.floor is not None or self.ceiling is not None

    @property
    def room(self) -> tuple[int, int]:
        """What may go out, and what counts against the ceiling; each with what is held."""
        debits_held, credits_held = self.held
        if self.outgoing:
            normal = self.debits - self.credits
            return normal - credits_held, normal + debits_held
        normal = self.credits - self.debits
        return normal - debits_held, normal + credits_held


class Standings:
    """The accounts and commodities of a book, and where they stand."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.accounts: dict[str, Json] = {}
        self.numbers: set[int] = set()
        self.commodities: dict[str, Json] = {}
        self.known: dict[tuple[str, str], Standing] = {}

    def open(self, line: Json) -> None:
        """Open an account, once, under its own number and in its own entity."""
        if line["code"] in self.accounts or line["no"] in self.numbers:
            self.found("verify.account-twice", line["code"])
        self.numbers.add(line["no"])
        if line["entity"] != line["code"].partition(":")[0]:
            self.found("verify.entity", f"{line['code']} is not of {line['entity']}")
        self.accounts[line["code"]] = line

    def change(self, line: Json) -> None:
        """Give an account new bounds, kinds or state; what it is stays."""
        known = self.accounts.get(line["code"])
        if known is None:
            raise Broken("verify.account-unknown", line["code"])
        if any(known[name] != line[name] for name in FIXED):
            self.found("verify.account-changed", f"{line['code']} is another account now")
        self.accounts[line["code"]] = line
        for (account, _), standing in self.known.items():
            if account == line["code"]:
                standing.ruled_by(line)

    def use(self, line: Json) -> None:
        """Take the scale and kind of a commodity, once."""
        if line["code"] in self.commodities:
            self.found("verify.commodity-twice", line["code"])
        self.commodities[line["code"]] = line

    def at(self, account: str, commodity: str) -> Standing:
        """Return where an account stands in a commodity, from now on or since long."""
        known = self.known.get((account, commodity))
        if known is not None:
            return known
        if account not in self.accounts:
            raise Broken("verify.account-unknown", account)
        if commodity not in self.commodities:
            raise Broken("verify.commodity-unknown", commodity)
        new = Standing(self.accounts[account], self.commodities[commodity])
        self.known[account, commodity] = new
        return new


def within(before: Mapping[Standing, tuple[int, int]], found: Found) -> None:
    """Hold the bounds against what moved towards them."""
    for standing, (available, filled) in before.items():
        now, full = standing.room
        floor, ceiling = standing.floor, standing.ceiling
        if floor is not None and now < floor and now < available:
            found("verify.floor", f"{' '.join(standing.key)} falls to {now} quanta")
        if ceiling is not None and full > ceiling and full > filled:
            found("verify.ceiling", f"{' '.join(standing.key)} rises to {full} quanta")


def fits(standing: Standing, found: Found) -> None:
    """No column is beyond 64 bits, what is held in it included."""
    debits, credits = standing.debits + standing.held[0], standing.credits + standing.held[1]
    if not (-QUANTA_MAX <= debits <= QUANTA_MAX and -QUANTA_MAX <= credits <= QUANTA_MAX):
        found("verify.overflow", f"{' '.join(standing.key)} is beyond 64 bits")


def accepted(standing: Standing, found: Found) -> None:
    """Only an open account takes anything, and only of the kinds that it states."""
    if standing.usable:
        return
    code, commodity = standing.key
    if standing.account["state"] != "open":
        found("verify.account-state", f"{code} is {standing.account['state']}")
    else:
        found("verify.commodity-not-accepted", f"{code} takes no {commodity}")


def quanta_of(amount: str, scale: int) -> int:
    """Read an amount with exactly the decimals of its commodity, which the leaf cannot show."""
    digits = amount
    if scale:
        point = len(amount) - scale - 1
        if point < 1 or amount[point] != "." or amount[point - 1] == "-":
            raise Broken("verify.amount", f"{amount!r} is not in scale {scale}")
        digits = amount[:point] + amount[point + 1 :]
    if not (digits.isascii() and digits.removeprefix("-").isdecimal()):
        raise Broken("verify.amount", f"{amount!r} is not in scale {scale}")
    return int(digits)


def _limit(limit: str | None, scale: int, rounded: Callable[[Fraction], int]) -> int | None:
    if limit is None:
        return None
    if not LIMIT.fullmatch(limit):
        raise ValueError(f"{limit!r} is no decimal in its normal form")
    return rounded(Fraction(limit) * 10**scale)
