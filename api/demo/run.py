"""Runs the whole chain on what ships: GEP, trades, transfers, trial balance, verification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid5

from accounting import case, pack, translation
from accounting import run as runs
from accounting.account import Account
from accounting.edition import Edition
from api import editions
from api.demo import payments, publication, sales
from api.demo.example import FOLDER, Example, every
from api.demo.stage import PEOPLE, Stage, Told
from api.session import known_user
from ledger import journal
from ledger.compensation.transfer import KIND
from ledger.core.book import ALLOWED, COMMAND_LINE, DUAL
from ledger.proof.verify import Report
from ledger.store import Store
from ledger.verification import verify_book

GEP_CASE = "garze-2010"
POLICY = {DUAL: KIND, COMMAND_LINE: ALLOWED}
PREPARER, APPROVER = "demo-preparer", "demo-approver"
PLAYS: Mapping[str, Callable[[Stage, Example], None]] = {
    "compensation": payments.compensate,
    "energy-budget": payments.grant_energy_budget,
    "sale": sales.play,
}


@dataclass(frozen=True)
class Demonstration:
    """What was shown: the GEP account, every figure, how many were new, and the verdict."""

    account: Account
    told: tuple[Told, ...]
    posted: int
    report: Report
    edition: Edition


def gep_account() -> Account:
    """Run the GEP case that ships under its own pack."""
    found = case.read(FOLDER / GEP_CASE)
    under = pack.load(found.pack, found.edition)
    return runs.run(translation.into(found, under.ecosystems), under)


def run(store: Store, code: str) -> Demonstration:
    """Book every example in the order of their days; a second run is all replays."""
    preparer, approver = (
        known_user(store, name, uuid5(PEOPLE, name)) for name in (PREPARER, APPROVER)
    )
    book = journal.open_book(store, code, policy=POLICY, actor=preparer)
    stage = Stage(store, book, preparer, approver)
    for example in every():
        stage.load(example)
        PLAYS[example.kind](stage, example)
    published = publication.publish(store, book, GEP_CASE)
    report = verify_book(store, code, also=(editions.findings,))
    return Demonstration(gep_account(), tuple(stage.told), stage.posted, report, published)
