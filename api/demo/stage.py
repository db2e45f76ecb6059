"""The stage of the demonstration: one book, two people, and what has been told so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from api.demo.example import Example
from ledger import chart, journal
from ledger.core.amount import Amount, decimal_of
from ledger.core.book import Book
from ledger.core.command import Evidence
from ledger.core.draft import Draft
from ledger.core.errors import RuleBroken
from ledger.core.refusals import ChainBroken
from ledger.core.state import HELD, POSTED, Outcome
from ledger.rights import desk
from ledger.rights import event as events
from ledger.statements.statement import Label
from ledger.store import Store

SYNTHETIC = {"synthetic": "true"}
PEOPLE = UUID("7d1c9df2-5b0e-5f6b-9d0c-2f6c1b0f4a11")


@dataclass(eq=False)
class FigureDiffers(RuleBroken):
    """What was computed is not what the example says was published."""

    code = "demo.figure-differs"
    title = "The figure computed is not the one published"
    example: str
    what: str
    computed: str
    published: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the report: figures as booked and as published, and how they come about."""

    example: str
    what: Label
    quantity: str
    price: str
    amount: str
    published: str
    status: str


@dataclass
class Stage:
    """Posts the drafts of examples: one person prepares, another approves."""

    store: Store
    book: Book
    preparer: UUID
    approver: UUID
    told: list[Told] = field(default_factory=list)
    posted: int = 0

    def id(self, example: Example, event: str) -> UUID:
        """Return the id of an event, the same in every run on this book."""
        return uuid5(self.book.uuid, f"{example.id}/{event}")

    def load(self, example: Example) -> None:
        """Load the example's chart; a second time nothing changes."""
        _settled(chart.load(self.store, self.book.code, example.chart, actor=self.preparer))

    def post(self, drafts: Iterable[Draft], evidence: Sequence[Evidence] = ()) -> None:
        """Post drafts as the preparer; what needs a second person is approved by the approver."""
        outcomes = journal.post(
            self.store, self.book.code, list(drafts), actor=self.preparer, evidence=evidence
        )
        _settled(outcomes)
        for outcome in outcomes:
            self.posted += outcome.status == POSTED
            if outcome.status == HELD and outcome.id is not None:
                code = self.book.code
                approved = journal.approve(self.store, code, outcome.id, actor=self.approver)
                _settled([approved])
                self.posted += approved.status == POSTED

    def register(self, example: Example, event: str, said: Mapping[str, Any]) -> None:
        """Enter an invented event at the registry's desk, as its keeper would."""
        whole = {
            **said, "id": str(self.id(example, event)), "metadata": example.metadata(**SYNTHETIC),
            "registry": example.stated["deal"]["registry"],
        }  # fmt: skip
        outcome = desk.post(self.store, self.book.code, events.read(whole), actor=self.preparer)
        self.posted += outcome.status == POSTED

    def tell(self, example: Example, what: Label, *figures: str, status: str = "") -> None:
        """Add a line to the report: quantity, price, amount, published."""
        quantity, price, amount, published = figures
        stated = status or example.status
        self.told.append(Told(example.id, what, quantity, price, amount, published, stated))


def agree(example: Example, what: str, computed: Amount, published: str) -> None:
    """Refuse a figure that does not come out as published."""
    if computed.value != decimal_of(published, what):
        raise FigureDiffers(example.id, what, str(computed), published)


def _settled(outcomes: Iterable[Outcome]) -> None:
    errors = [each.error for each in outcomes if each.error is not None]
    for error in errors:
        if not isinstance(error, ChainBroken):
            raise error
