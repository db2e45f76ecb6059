"""The GEP account of the demonstration is published by three people, once."""

from collections.abc import Mapping
from uuid import uuid5

from accounting.edition import COMPILER, PUBLISHED, PUBLISHER, REVIEWER, STATES, Edition, Who
from accounting.edition_refusals import UnknownEdition
from api import cases, editions
from api.demo.stage import PEOPLE
from api.session import known_user
from ledger.core.book import Book
from ledger.store import Store

STEPS: tuple[tuple[str, str, str], ...] = (
    ("submit", COMPILER, "示例：提交审核"),
    ("review", REVIEWER, "示例：与原文逐行核对"),
    ("approve", PUBLISHER, "示例：批准"),
    ("publish", PUBLISHER, "示例：发布"),
)


def publish(store: Store, book: Book, case: str) -> Edition:
    """Publish the account of a case that ships; where that was done, or begun, go on from there."""
    people = {role: _person(store, role) for role in (COMPILER, REVIEWER, PUBLISHER)}
    found = _found(store, book, people, f"{case}-1", case)
    begun = STATES.index(found.state)
    for action, role, reason in STEPS[begun:] if begun <= STATES.index(PUBLISHED) else ():
        found = editions.step(store, book, people[role], found.id, action, reason).edition
    return found


def _person(store: Store, role: str) -> Who:
    name = f"demo-{role}"
    return Who(known_user(store, name, uuid5(PEOPLE, name)), frozenset({role}))


def _found(store: Store, book: Book, people: Mapping[str, Who], id: str, case: str) -> Edition:
    try:
        with store.reading() as connection:
            return editions.find(connection, book, id)
    except UnknownEdition:
        compiler = people[COMPILER]
        made = cases.run(store, book, compiler.id, case, cases.Wanted())
        return editions.draft(store, book, compiler, id, made.digest, "示例：初稿").edition
