"""Editions in the log: what was changed is found, of two who act at once one wins, books pay."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from accounting.edition import WHAT, Step, Who
from accounting.edition_refusals import NotPublished
from api import editions, session
from api.demo.example import FOLDER
from ledger import chart, journal
from ledger.checkpoint import verify_export
from ledger.compensation.assessment import Agreement, assess
from ledger.compensation.transfer import FORMS, Transfer
from ledger.core.errors import DomainError
from ledger.export import export
from ledger.store import tables
from ledger.verification import verify_book
from tests.gep.conftest import Bureau
from tests.ledger import forger

STEP = tables.foreign_digests
KEPT = tables.archives


def codes(bureau: Bureau) -> set[str]:
    """Verify the book, editions too, and return what kinds of finding there are."""
    report = verify_book(bureau.store, bureau.book.code, also=(editions.findings,))
    return {each.code for each in report.findings}


def test_a_published_edition_verifies_and_its_export_names_every_step(bureau: Bureau) -> None:
    """An auditor reads from the export alone who did what, when, why, and the dossier's digest."""
    digest = bureau.run()
    bureau.draft("garze-1", digest)
    bureau.take("garze-1")
    with bureau.store.reading() as connection:
        lines = list(export(connection, bureau.book))
    steps = [each for each in lines if each.get("record") == "foreign-digest"]

    assert codes(bureau) == set()
    assert verify_export(iter(lines)).findings == []
    assert [each["reference"] for each in steps] == [f"garze-1/{n}" for n in range(1, 6)]
    assert {each["what"] for each in steps} == {WHAT}
    assert {each["digest"] for each in steps} == {digest}
    assert [each["metadata"]["state"] for each in steps][-1] == "published"
    assert all(each["user"] == each["metadata"]["person"] for each in steps)
    assert all(each["metadata"]["reason"] for each in steps)


def changed(connection: Connection) -> None:
    """Write another reason into the review."""
    was = connection.execute(
        STEP.select().where(STEP.c.reference == "garze-1/3")
    ).mappings().one()["metadata"]  # fmt: skip
    becomes = was.replace("review it", "never looked at")
    connection.execute(
        STEP.update().where(STEP.c.reference == "garze-1/3").values(metadata=becomes)
    )


def reviewed_by_another(connection: Connection) -> None:
    """Let somebody else have reviewed it."""
    at = STEP.c.reference == "garze-1/3"
    connection.execute(STEP.update().where(at).values(user_id=UUID(int=7)))


def removed(connection: Connection) -> None:
    """Take the review out of the table."""
    connection.execute(STEP.delete().where(STEP.c.reference == "garze-1/3"))


def exchanged(connection: Connection) -> None:
    """Put another archive in the place of the dossier."""
    connection.execute(KEPT.update().values(content=b"PK"))


def lost(connection: Connection) -> None:
    """Take the dossier away."""
    connection.execute(KEPT.delete())


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (changed, "verify.leaf"),
        (reviewed_by_another, "verify.leaf"),
        (removed, "verify.sequence"),
        (removed, "edition.step-forbidden"),
        (exchanged, "edition.dossier-differs"),
        (lost, "edition.dossier-differs"),
    ],
)
def test_what_the_owner_of_the_database_changes_is_found(
    bureau: Bureau, tamper: Callable[[Connection], None], code: str
) -> None:
    """A step rewritten or taken out, a dossier exchanged or lost: named by the verification."""
    bureau.draft("garze-1", bureau.run())
    bureau.take("garze-1")
    with forger.owner(bureau.store) as connection:
        tamper(connection)

    assert code in codes(bureau)


@pytest.mark.parametrize("table", ["archives", "foreign_digests"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET digest = digest", "DELETE FROM {}"])
def test_the_program_itself_may_change_nothing(bureau: Bureau, table: str, verb: str) -> None:
    """Neither the history of an edition nor its dossier, on either database."""
    bureau.draft("garze-1", bureau.run())

    with (
        pytest.raises(DatabaseError, match=r"append-only|never changed|permission denied"),
        bureau.store.writing() as connection,
    ):
        connection.execute(text(verb.format(table)))


def test_of_two_who_act_at_once_one_wins(bureau: Bureau) -> None:
    """Two reviewers, one step; the other is told that somebody was faster."""
    bureau.draft("garze-1", bureau.run())
    bureau.take("garze-1", 1)
    more = [session.named_user(bureau.store, f"reviewer {number}") for number in range(6)]
    start = Barrier(len(more))

    def review(id: UUID) -> str:
        start.wait()
        try:
            by = Who(id, frozenset({"reviewer"}))
            editions.step(bureau.store, bureau.book, by, "garze-1", "review", "seen", after=2)
        except DomainError as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(more)) as pool:
        said = sorted(pool.map(review, more))
    with bureau.store.reading() as connection:
        steps: tuple[Step, ...] = editions.find(connection, bureau.book, "garze-1").steps

    assert said == ["done"] + ["edition.moved-on"] * 5
    assert [each.action for each in steps] == ["draft", "submit", "review"]
    assert codes(bureau) == set()


def test_of_two_revisions_one_replaces_the_edition(bureau: Bureau) -> None:
    """Both were approved; the second to be published is refused, and stays approved."""
    digest = bureau.run()
    bureau.draft("garze-1", digest)
    bureau.take("garze-1")
    for id, seed in (("garze-2", 1), ("garze-3", 2)):
        bureau.draft(id, bureau.run(seed), replaces="garze-1")
        bureau.take(id, 3)
    publisher = bureau.people[2]
    editions.step(bureau.store, bureau.book, publisher, "garze-2", "publish", "out")
    with pytest.raises(DomainError) as refused:
        editions.step(bureau.store, bureau.book, publisher, "garze-3", "publish", "out")
    with bureau.store.reading() as connection:
        states = [each.state for each in editions.listed(connection, bureau.book)]

    assert refused.value.code == "edition.already-superseded"
    assert states == ["superseded", "published", "approved"]


CHART = FOLDER / "yunhe-gep-purchase" / "chart.toml"
TERMS = {"rate": "0.00001", "instalments": ["1"], "payer": "T331125", "payee": "Unit331125"}


def test_a_payment_rests_on_a_published_edition_and_on_no_other(bureau: Bureau) -> None:
    """0.001 % of Garzê's 754,895,007,538.13: 7,548,950.08 CNY; the payment's evidence names it."""
    bureau.draft("garze-1", bureau.run())
    bureau.take("garze-1", 3)
    store, code = bureau.store, bureau.book.code
    with store.reading() as connection, pytest.raises(NotPublished):
        editions.cited(connection, bureau.book, "garze-1")
    editions.step(store, bureau.book, bureau.people[2], "garze-1", "publish", "out")
    with store.reading() as connection:
        cited = editions.cited(connection, bureau.book, "garze-1")
    chart.load(store, code, chart.read(CHART), actor=None)
    agreement = Agreement("purchase", "gep-purchase", TERMS, "2010", "test")
    made = assess(agreement, [cited.reading], UUID(int=1), [cited.evidence])
    (payment,) = made.sheet.payments
    transfer = Transfer(UUID(int=1), "purchase", dt.date(2011, 6, 30), payment, "购买", "P-1",
                        made.metadata)  # fmt: skip
    drafts = FORMS["appropriated"]([transfer])
    outcomes = journal.post(store, code, list(drafts), actor=None, evidence=made.evidence)

    assert str(payment.amount) == "7548950.08"
    assert {each.error for each in outcomes} == {None}
    assert cited.evidence.content["digest"] in cited.reading.source
    assert cited.evidence.ref in made.evidence[-1].rests_on
    assert codes(bureau) == set()
