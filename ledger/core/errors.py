"""Every way the system says no: four kinds, one permanent code each, typed facts, no prose.

DomainError
├── NotFound     what was named does not exist
├── Conflict     it exists already, in another form
├── RuleBroken   the input, or a rule of the books, forbids it
└── Forbidden    this person may not

Wrong input that is read as a whole (a case, a chart, a file of transactions) is reported as
values, all at once: ``Finding``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from dataclasses import field as attribute


@dataclass(eq=False)
class DomainError(Exception):
    """A refusal with a permanent ``code``; its dataclass fields are its facts."""

    code = "domain-error"
    title = "Refused"
    transient = False

    def facts(self) -> dict[str, object]:
        """Return the typed facts of this refusal, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.facts().items())
        return f"{self.code}: {self.title}" + (f" ({said})" if said else "")


class NotFound(DomainError):
    """What was named does not exist."""


class Conflict(DomainError):
    """It exists already, in another form."""


class RuleBroken(DomainError):
    """The input, or a rule of the books, forbids it."""


class Forbidden(DomainError):
    """This person may not."""


KINDS: tuple[type[DomainError], ...] = (NotFound, Conflict, RuleBroken, Forbidden)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in what was read, and where: file, row (header = 1) and field."""

    code: str
    title: str
    file: str | None = None
    row: int | None = None
    field: str | None = None
    facts: Mapping[str, object] = attribute(default_factory=dict)

    def __str__(self) -> str:
        where = ":".join(
            str(part) for part in (self.file, self.row, self.field) if part is not None
        )
        said = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{where + ': ' if where else ''}{self.code}: {self.title}" + (
            f" ({said})" if said else ""
        )


@dataclass(eq=False)
class InputRefused(RuleBroken):
    """A file or folder was read whole and has findings; nothing of it was used."""

    code = "input.refused"
    title = "The input has findings"
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


def every_error(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Walk the tree of errors, leaves and branches."""
    for child in kind.__subclasses__():
        yield child
        yield from every_error(child)
