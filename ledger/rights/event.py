"""A registry event as it is told: which right, how much, from whom to whom, on which day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from ledger.core import fields
from ledger.core.account import AccountRef
from ledger.core.amount import CNY, Amount, decimal_of
from ledger.core.body import canonical_json
from ledger.core.draft import Draft, Posting, credit, debit
from ledger.core.errors import RuleBroken
from ledger.core.refusals import Malformed
from ledger.rights.instrument import Instrument, Right, find, right
from ledger.rights.registry import SEGMENT, Registry

YEARS_MAX = 70
"""The longest term of a land-use right, years."""
NAMES = ("registry", "holder", "to", "pool", "lender", "year", "clearing")
TOLD = ("lender", "year", "beneficiary", "reason", "consent", "serials")
TEXTS = (*NAMES, "right", "years", "into", "beneficiary", "reason", "consent", "serials", "share",
         "amount", "money", "debt", "narrative", "reference", "original")  # fmt: skip
EVENT_DIGEST = "event_digest"
NOBODY = Registry("")


@dataclass(eq=False)
class Ended(RuleBroken):
    """A right does not move after its last day, except to expire."""

    code = "rights.ended"
    title = "The right has ended"
    right: str
    ended: str


@dataclass(eq=False)
class NotAllowed(RuleBroken):
    """The rules of that day do not allow this of this right."""

    code = "rights.not-allowed"
    title = "The rules of that day do not allow this of this right"
    instrument: str
    rule: str
    on: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to rights: one amount, or one for each year of a term.

    Holders, lenders and pools are named as in the registry's accounts; ``money`` is what is paid
    for it at once, ``debt`` what the pledgee is owed of that, ``share`` the part of an entitlement.
    """

    id: UUID
    on: dt.date
    amounts: tuple[Amount, ...]
    name: str = ""
    registry: Registry = NOBODY
    holder: str = ""
    to: str = ""
    pool: str = ""
    lender: str = ""
    year: str = ""
    into: Right | None = None
    money: Amount | None = None
    debt: Amount | None = None
    clearing: str = ""
    share: Decimal = Decimal(1)
    original: UUID | None = None
    beneficiary: str = ""
    reason: str = ""
    consent: str = ""
    serials: str = ""
    narrative: str = ""
    reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def rights(self) -> tuple[Right, ...]:
        """The rights it is about."""
        return tuple(right(each.commodity.code) for each in self.amounts)

    @property
    def instrument(self) -> Instrument:
        """The rules of its rights."""
        return find(self.amounts[0].commodity.instrument)

    @property
    def entities(self) -> set[str]:
        """The entities whose books it touches: the registry, and where money moves the clearing."""
        return {self.registry.code, *([self.clearing] if self.money else [])}

    @property
    def holders(self) -> tuple[str, ...]:
        """The holders whose accounts it moves or looks at."""
        return tuple(filter(None, (self.holder, self.to)))

    @property
    def cash(self) -> Registry:
        """The clearing house through which it is paid."""
        return Registry(self.clearing)

    def require(self, rule: str) -> None:
        """Refuse unless the rule of that day says yes."""
        if not self.instrument.allows(rule, self.on):
            raise NotAllowed(self.instrument.id, rule, self.on.isoformat())

    def moved(
        self, to: AccountRef, source: AccountRef, *, ended: bool = False
    ) -> tuple[Posting, ...]:
        """Move its rights in whole lots; after their last day only where ``ended`` may move."""
        for each in self.amounts:
            self.instrument.check_lot(each, self.on)
            last = None if ended else right(each.commodity.code).ends(self.on)
            if last is not None and self.on > last:
                raise Ended(each.commodity.code, last.isoformat())
        return tuple(
            line for each in self.amounts for line in (debit(to, each), credit(source, each))
        )

    def draft(self, postings: tuple[Posting, ...], name: str = "") -> Draft:
        """Draft what it moves."""
        return Draft(
            id=self.id, kind=f"right.{name or self.name}", effective_on=self.on,
            narrative=self.narrative, postings=postings, reference=self.reference,
            metadata=self.metadata,
        )  # fmt: skip


def digest(said: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an event as it was told, in canonical form."""
    stated = {name: value for name, value in said.items() if value}
    return sha256(canonical_json(stated).encode()).hexdigest()


def read(said: Mapping[str, Any]) -> Event:
    """Read an event strictly: what is unknown, misspelt or of another type is refused."""
    unknown = sorted(set(said) - {*TEXTS, "id", "event", "on", "metadata"})
    if unknown:
        raise Malformed(unknown[0], "is no field of a registry event")
    text = {name: fields.text_of(said[name], name) for name in TEXTS if name in said}
    text = {name: text.get(name, "") for name in TEXTS}
    for name in NAMES:
        if text[name] and not SEGMENT.fullmatch(text[name]):
            raise Malformed(name, f"{text[name]!r} is not the name of an account")
    for name in ("id", "event", "on", "registry"):
        if not said.get(name):
            raise Malformed(name, "is missing")
    stated = fields.strings_of(said.get("metadata", {}), "metadata")
    for name in (*TOLD, EVENT_DIGEST):
        if name in stated:
            raise Malformed("metadata", f"{name} is a field of the event")
    return Event(
        id=fields.uuid_of(said["id"], "id"),
        on=fields.date_of(said["on"], "on"),
        amounts=tuple(_amounts(text)),
        name=fields.word_of(said["event"], "event"),
        registry=Registry(text["registry"]),
        into=right(text["into"]) if text["into"] else None,
        money=_money(text, "money"),
        debt=_money(text, "debt"),
        clearing=text["clearing"] or text["registry"],
        share=_share(text["share"]),
        original=fields.uuid_of(text["original"], "original") if text["original"] else None,
        metadata={
            **stated, **{name: text[name] for name in TOLD if text[name]},
            EVENT_DIGEST: digest(said),
        },
        **{name: text[name] for name in ("holder", "to", "pool", "lender", "year", "beneficiary",
                                         "reason", "consent", "serials", "narrative", "reference")},
    )  # fmt: skip


def _amounts(text: Mapping[str, str]) -> list[Amount]:
    if not text["right"]:
        return []
    codes = [text["right"].replace("{year}", year) for year in _years(text["years"])]
    rights = [right(code) for code in codes or [text["right"]]]
    value = decimal_of(text["amount"]) if text["amount"] else Decimal(0)
    if value < 0:
        raise Malformed("amount", "is below zero")
    return [Amount.exactly(value, each.commodity) for each in rights]


def _years(span: str) -> list[str]:
    first, _, last = span.partition("-")
    if not span:
        return []
    if not (first.isdecimal() and (last or first).isdecimal()):
        raise Malformed("years", f"{span!r} is neither a year nor two, as 2024-2028")
    found = range(int(first), int(last or first) + 1)
    if not 0 < len(found) <= YEARS_MAX:
        raise Malformed("years", f"holds {len(found)} years, not 1 to {YEARS_MAX}")
    return [str(year) for year in found]


def _share(text: str) -> Decimal:
    share = decimal_of(text, "share") if text else Decimal(1)
    if not 0 <= share <= 1:
        raise Malformed("share", "is not within 0 and 1")
    return share


def _money(text: Mapping[str, str], name: str) -> Amount | None:
    if not text[name]:
        return None
    amount = Amount.exactly(decimal_of(text[name], name), CNY)
    if amount.quanta <= 0:
        raise Malformed(name, "is not above zero")
    return amount
