"""Editions of a GEP account: from draft to published, each step by one person in one role.

Pure: a step is decided from the steps before it. Each becomes a record in the log of a book, under
`gep-edition` and `<edition>/<number>`, with the digest of the dossier as it stood at that step.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from accounting import pack as packs
from accounting.edition_refusals import (
    AlreadySuperseded,
    EditionExists,
    MovedOn,
    NeedsOverride,
    NotNow,
    NotPublished,
    OtherAccount,
    SamePerson,
)
from accounting.pack import Pack
from ledger.core.errors import Finding
from ledger.core.fields import text_of
from ledger.core.refusals import Malformed, NotPermitted

WHAT = "gep-edition"
"""What a step is called in the log; its reference is ``<edition>/<number>``."""
COMPILER, REVIEWER, PUBLISHER = ROLES = ("compiler", "reviewer", "publisher")
DRAFT, SUBMITTED, REVIEWED, APPROVED, PUBLISHED, SUPERSEDED = STATES = (
    "draft", "submitted", "reviewed", "approved", "published", "superseded",
)  # fmt: skip
NAMED = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}", re.ASCII)
COMPILING = ("draft", "submit")
AUTOMATIC = "supersede"
ABOUT = "account."

TAKEN: Mapping[tuple[str, str | None], tuple[str, tuple[str, ...]]] = {
    ("draft", None): (DRAFT, (COMPILER,)),
    ("submit", DRAFT): (SUBMITTED, (COMPILER,)),
    ("review", SUBMITTED): (REVIEWED, (REVIEWER,)),
    ("approve", REVIEWED): (APPROVED, (PUBLISHER,)),
    ("publish", APPROVED): (PUBLISHED, (PUBLISHER,)),
    ("return", SUBMITTED): (DRAFT, (REVIEWER, COMPILER)),
    ("return", REVIEWED): (DRAFT, (PUBLISHER, REVIEWER)),
    ("return", APPROVED): (DRAFT, (PUBLISHER,)),
    (AUTOMATIC, PUBLISHED): (SUPERSEDED, (PUBLISHER,)),
}
"""What may be done in which state: the state it leads to, and the roles that may do it."""
ACTIONS = ("submit", "review", "approve", "publish", "return")


@dataclass(frozen=True, slots=True)
class Who:
    """A person, and the roles that person was granted in the book."""

    id: UUID
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A kept dossier: its digest, and what account it is the evidence of."""

    digest: str
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the log has it; ``about`` names the account where the step brought a dossier."""

    number: int
    action: str
    state: str
    role: str
    person: UUID | None
    reason: str
    digest: str
    about: Mapping[str, str] = field(default_factory=dict)
    override: str | None = None
    replaces: str | None = None
    by: str | None = None
    seq: int | None = None
    booked_at_us: int | None = None

    @property
    def metadata(self) -> dict[str, str]:
        """What the record says beside the digest; the person too, so that no two are the same."""
        said = {"action": self.action, "state": self.state, "role": self.role,
                "person": str(self.person), "reason": self.reason}  # fmt: skip
        more = {"override": self.override, "replaces": self.replaces, "by": self.by}
        kept = {name: value for name, value in more.items() if value is not None}
        return said | kept | {f"{ABOUT}{name}": value for name, value in self.about.items()}


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition with its steps, the first of them its draft."""

    id: str
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """The step that was taken last."""
        return self.steps[-1]

    @property
    def state(self) -> str:
        """Where the edition stands."""
        return self.last.state

    @property
    def digest(self) -> str:
        """The digest of its dossier, as it stands."""
        return self.last.digest

    @property
    def about(self) -> Mapping[str, str]:
        """What account it is: case, year, pack; of the dossier that was brought last."""
        return next(each.about for each in reversed(self.steps) if each.about)

    @property
    def replaces(self) -> str | None:
        """The edition it is a revision of."""
        return self.steps[0].replaces

    @property
    def published(self) -> Step | None:
        """The step that published it."""
        return next((each for each in self.steps if each.state == PUBLISHED), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that somebody asks for; ``after`` is the number of the last step that was seen."""

    action: str
    reason: str
    dossier: Dossier | None = None
    override: str | None = None
    after: int | None = None


def named(id: str) -> str:
    """Return the name of an edition, or refuse it."""
    if not NAMED.fullmatch(id):
        raise Malformed("id", "is 1 to 80 of a-z, 0-9, dot, dash and underscore")
    return id


def about(case: str, title: str, year: int, under: Pack) -> dict[str, str]:
    """Say which account a dossier is the evidence of, and what its pack needs to be published."""
    said = {"case": case, "title": title, "year": str(year), "pack": f"{under.id} {under.edition}",
            "pack_digest": under.digest}  # fmt: skip
    why = needs_override(under)
    return said | ({"needs_override": why} if why else {})


def needs_override(under: Pack) -> str | None:
    """Say why a pack cannot be published without an override: a reconstruction, or none of ours."""
    editions = packs.known().get(under.id, ())
    shipped = packs.load(under.id, under.edition) if under.edition in editions else None
    if shipped is None or shipped.digest != under.digest:
        return "not a pack as shipped"
    return packs.RECONSTRUCTION.en if under.reconstruction else None


def drafted(
    before: Edition | None, asked: Asked, who: Who, revised: Edition | None = None
) -> tuple[Step, bool]:
    """Decide the first step; ``before`` is what has the name already. True where it is a replay."""
    if asked.dossier is None:
        raise Malformed("dossier", "is missing")
    _may(who, (COMPILER,), (), "draft")
    if revised is not None:
        _same_account(revised, asked.dossier)
        if revised.state != PUBLISHED:
            raise NotPublished(revised.id, revised.state)
    step = Step(
        1, "draft", DRAFT, COMPILER, who.id, _reason(asked.reason), asked.dossier.digest,
        asked.dossier.about, replaces=revised.id if revised else None,
    )  # fmt: skip
    if before is None:
        return step, False
    if before.steps[0].metadata != step.metadata or before.steps[0].digest != step.digest:
        raise EditionExists(before.id, before.state)
    return before.steps[0], True


def decided(edition: Edition, asked: Asked, who: Who) -> tuple[Step, bool]:
    """Decide the next step of an edition, or refuse; True where it was taken already."""
    if asked.action not in ACTIONS:
        raise Malformed("action", f"is one of {', '.join(ACTIONS)}")
    if asked.dossier is not None and asked.action not in COMPILING:
        raise Malformed("dossier", "is brought by a submission only")
    reason = _reason(asked.reason)
    if _is_replay(edition, asked, who, reason):
        return edition.last, True
    if asked.after is not None and asked.after != edition.last.number:
        raise MovedOn(edition.id, edition.state, edition.last.number)
    if (asked.action, edition.state) not in TAKEN:
        raise NotNow(edition.id, asked.action, edition.state)
    state, allowed = TAKEN[asked.action, edition.state]
    role = _may(who, allowed, edition.steps, asked.action)
    brought = asked.dossier
    if brought is not None:
        _same_account(edition, brought)
    step = Step(
        edition.last.number + 1, asked.action, state, role, who.id, reason,
        brought.digest if brought else edition.digest, brought.about if brought else {},
        _override(edition, asked),
    )  # fmt: skip
    return step, False


def superseded(revised: Edition, by: Edition, who: Who) -> Step:
    """Decide the step that ends the edition which a published revision replaces."""
    if revised.state != PUBLISHED:
        raise AlreadySuperseded(revised.id, revised.last.by or revised.state)
    return Step(
        revised.last.number + 1, AUTOMATIC, SUPERSEDED, PUBLISHER, who.id,
        f"replaced by {by.id}", revised.digest, by=by.id,
    )  # fmt: skip


def step_of(number: int, digest: str, metadata: Mapping[str, str], person: UUID | None) -> Step:
    """Read a step back from its record; what a record leaves out is empty."""
    said = metadata.get
    told = {
        name.removeprefix(ABOUT): value
        for name, value in metadata.items()
        if name.startswith(ABOUT)
    }
    return Step(
        number, said("action", ""), said("state", ""), said("role", ""), person,
        said("reason", ""), digest, told, said("override"), said("replaces"), said("by"),
    )  # fmt: skip


def findings(edition: Edition) -> Iterator[Finding]:
    """Yield a finding for each step that no rule of these could have led to."""
    before: tuple[Step, ...] = ()
    for step in edition.steps:
        why = _against(before, step)
        if why:
            facts = {"edition": edition.id, "step": step.number, "seq": step.seq, "why": why}
            title = "The log holds a step that the rules of editions forbid"
            yield Finding("edition.step-forbidden", title, facts=facts)
        before = (*before, step)


def _against(before: Sequence[Step], step: Step) -> str | None:
    """Say which rule a step breaks that the log holds."""
    state = before[-1].state if before else None
    if step.number != len(before) + 1:
        return "a step before it is missing"
    target, roles = TAKEN.get((step.action, state), ("", ()))
    if step.state != target or step.role not in roles:
        return f"{step.action} as {step.role} does not lead from {state} to {step.state}"
    others = {each.role for each in before if each.person == step.person} - {step.role}
    if others and step.action != AUTOMATIC:
        return f"the same person was {', '.join(sorted(others))}"
    if before and step.digest != before[-1].digest and step.action not in COMPILING:
        return "the dossier was exchanged"
    told = next((each.about for each in reversed(before) if each.about), {})
    if step.action == "publish" and "needs_override" in told and not step.override:
        return "published without the override that its pack needs"
    return None


def _may(who: Who, allowed: Sequence[str], before: Sequence[Step], action: str) -> str:
    """Return the role in which somebody acts: one that was granted, and no second one here."""
    granted = [each for each in allowed if each in who.roles]
    if not granted:
        raise NotPermitted(action, " or ".join(f"gep.{each}" for each in allowed))
    acted = {each.role for each in before if each.person == who.id and each.action != AUTOMATIC}
    for role in granted:
        if not acted - {role}:
            return role
    raise SamePerson(action, ", ".join(sorted(acted)))


def _override(edition: Edition, asked: Asked) -> str | None:
    why = edition.about.get("needs_override")
    if asked.override is not None and asked.action != "publish":
        raise Malformed("override", "is given when publishing")
    if asked.action != "publish":
        return None
    if why is None:
        if asked.override is not None:
            raise Malformed("override", "is given for a pack that needs none")
        return None
    if asked.override is None:
        raise NeedsOverride(edition.id, edition.about.get("pack", ""), why)
    return _reason(asked.override, "override")


def _same_account(edition: Edition, brought: Dossier) -> None:
    """Refuse a dossier of another case or year than the edition's."""
    for name in ("case", "year"):
        if edition.about.get(name) != brought.about.get(name):
            was, found = edition.about.get(name, ""), brought.about.get(name, "")
            raise OtherAccount(edition.id, name, was, found)


def _is_replay(edition: Edition, asked: Asked, who: Who, reason: str) -> bool:
    last = edition.last
    wanted = replace(
        last, action=asked.action, person=who.id, reason=reason, override=asked.override,
        digest=asked.dossier.digest if asked.dossier else last.digest,
    )  # fmt: skip
    seen = asked.after is None or asked.after == last.number - 1
    return seen and wanted == last


def _reason(text: str, at: str = "reason") -> str:
    """Return why somebody did something; it is kept for ever."""
    said = text_of(text, at).strip()
    if not said:
        raise Malformed(at, "is empty")
    return said
