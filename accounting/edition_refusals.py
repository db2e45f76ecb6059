"""The refusals of editions: what may not be done now, by whom not, and of which account not."""

from dataclasses import dataclass

from ledger.core.errors import Conflict, Forbidden, NotFound, RuleBroken


@dataclass(eq=False)
class UnknownEdition(NotFound):
    """The book has no such edition of a GEP account."""

    code = "edition.unknown"
    title = "The book has no such edition"
    edition: str


@dataclass(eq=False)
class EditionExists(Conflict):
    """The name was given before, to another dossier, by another person or for another reason."""

    code = "edition.exists"
    title = "An edition of this name exists already, in another form"
    edition: str
    state: str


@dataclass(eq=False)
class NotNow(Conflict):
    """What is asked for cannot be done where the edition stands."""

    code = "edition.not-now"
    title = "This cannot be done where the edition stands"
    edition: str
    action: str
    state: str


@dataclass(eq=False)
class MovedOn(Conflict):
    """Somebody else took a step since the edition was looked at."""

    code = "edition.moved-on"
    title = "Somebody else took a step since; look at the edition again"
    edition: str
    state: str
    step: int


@dataclass(eq=False)
class SamePerson(Forbidden):
    """Whoever compiles, reviews or publishes an edition does no other of the three."""

    code = "edition.same-person"
    title = "Compiler, reviewer and publisher must be three people"
    action: str
    acted_as: str


@dataclass(eq=False)
class NeedsOverride(RuleBroken):
    """The pack is a reconstruction, or none that ships: publishing needs a recorded override."""

    code = "edition.needs-override"
    title = "An account under this pack is published only with a recorded override"
    edition: str
    pack: str
    why: str


@dataclass(eq=False)
class NotPublished(Conflict):
    """Only an edition that is published, and not superseded, can be cited or revised."""

    code = "edition.not-published"
    title = "The edition is not published, or is superseded"
    edition: str
    state: str


@dataclass(eq=False)
class AlreadySuperseded(Conflict):
    """Another revision took the place of the edition first."""

    code = "edition.already-superseded"
    title = "Another revision has replaced this edition"
    edition: str
    by: str


@dataclass(eq=False)
class OtherAccount(RuleBroken):
    """A submission or a revision is of the same case and year."""

    code = "edition.other-account"
    title = "The dossier is of another case or year"
    edition: str
    field: str
    edition_has: str
    dossier_has: str
