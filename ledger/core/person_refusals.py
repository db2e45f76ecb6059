"""The refusals of personal data."""

from dataclasses import dataclass

from ledger.core.errors import Conflict, NotFound


@dataclass(eq=False)
class UnknownPerson(NotFound):
    """The book knows no natural person of this id."""

    code = "person.unknown"
    title = "The book knows no natural person of this id"
    id: str


@dataclass(eq=False)
class PersonConflict(Conflict):
    """Other data stand under this id; what has changed is restated."""

    code = "person.conflict"
    title = "Other data stand under this id; state that they have changed"
    id: str


@dataclass(eq=False)
class PersonErased(Conflict):
    """The personal data of this id were erased, and do not come back under it."""

    code = "person.erased"
    title = "The personal data of this id were erased"
    id: str
