"""The steps of an edition, decided from the steps before: who may do what, when, and only once."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting import edition, pack
from accounting.edition import ACTIONS, ROLES, Asked, Dossier, Edition, Step, Who
from ledger.core.errors import DomainError

HERE = UUID(int=1)
ABOUT = {"case": "garze-2010", "title": "甘孜州2010年", "year": "2010", "pack": "garze-2010 2010"}
DOSSIER = Dossier("aa" * 32, ABOUT)
OTHER = Dossier("bb" * 32, ABOUT)
LI, WANG, ZHAO = (
    Who(uuid5(HERE, name), frozenset({role}))
    for name, role in zip(("li", "wang", "zhao"), ROLES, strict=True)
)
ALL = Who(uuid5(HERE, "all"), frozenset(ROLES))


def drafted(dossier: Dossier = DOSSIER, by: Who = LI) -> Edition:
    """Draft an edition."""
    step, _ = edition.drafted(None, Asked("draft", "first", dossier), by)
    return Edition("garze-1", (step,))


def after(of: Edition, *steps: tuple[Who, str]) -> Edition:
    """Take steps one after another."""
    for by, action in steps:
        made, replayed = edition.decided(of, Asked(action, f"{action} it"), by)
        assert not replayed
        of = Edition(of.id, (*of.steps, made))
    return of


PUBLISHED: Sequence[tuple[Who, str]] = (
    (LI, "submit"), (WANG, "review"), (ZHAO, "approve"), (ZHAO, "publish"),
)  # fmt: skip


def test_three_people_publish_an_account() -> None:
    """Li compiles, Wang reviews, Zhao approves and publishes; the rules find nothing in it."""
    made = after(drafted(), *PUBLISHED)

    assert [each.state for each in made.steps] == [
        "draft", "submitted", "reviewed", "approved", "published",
    ]  # fmt: skip
    assert [each.role for each in made.steps] == [
        "compiler", "compiler", "reviewer", "publisher", "publisher",
    ]  # fmt: skip
    assert list(edition.findings(made)) == []


@pytest.mark.parametrize(
    ("steps", "by", "action", "code"),
    [
        ((), WANG, "review", "edition.not-now"),
        ((), WANG, "submit", "ledger.not-permitted"),
        (PUBLISHED[:1], LI, "review", "ledger.not-permitted"),
        (PUBLISHED[:1], ZHAO, "approve", "edition.not-now"),
        (PUBLISHED[:2], ZHAO, "publish", "edition.not-now"),
        (PUBLISHED[:2], LI, "return", "ledger.not-permitted"),
        (PUBLISHED[:3], WANG, "return", "ledger.not-permitted"),
        (PUBLISHED, ZHAO, "return", "edition.not-now"),
        (PUBLISHED, LI, "submit", "edition.not-now"),
        (PUBLISHED, ZHAO, "supersede", "ledger.malformed"),
    ],
)
def test_what_may_not_be_done(
    steps: Sequence[tuple[Who, str]], by: Who, action: str, code: str
) -> None:
    """Each step has its state and its role; what is published is never returned."""
    of = after(drafted(), *steps)

    with pytest.raises(DomainError) as refused:
        edition.decided(of, Asked(action, "because"), by)

    assert refused.value.code == code


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_one_person_with_every_grant_acts_in_one_role(steps: int) -> None:
    """Whoever compiled it may not review it, whoever reviewed it may not publish it."""
    of = after(drafted(by=ALL if steps == 1 else LI), *PUBLISHED[:1])
    if steps == 1:
        acts = ALL, "review"
    elif steps == 2:
        of = after(of, (ALL, "review"))
        acts = ALL, "approve"
    else:
        of = after(of, (WANG, "review"), (ALL, "return"))
        acts = ALL, "submit"

    with pytest.raises(DomainError) as refused:
        edition.decided(of, Asked(acts[1], "because"), acts[0])

    assert refused.value.code == "edition.same-person"


def test_a_returned_edition_is_submitted_with_another_dossier() -> None:
    """Wang sends it back; Li corrects it; both dossiers stay in the history."""
    back = after(drafted(), (LI, "submit"), (WANG, "return"))
    again, _ = edition.decided(back, Asked("submit", "corrected", OTHER), LI)
    of = after(Edition(back.id, (*back.steps, again)), *PUBLISHED[1:])

    assert [each.digest[:2] for each in of.steps] == ["aa", "aa", "aa", "bb", "bb", "bb", "bb"]
    assert of.digest == OTHER.digest
    assert list(edition.findings(of)) == []


def test_the_same_step_again_is_a_replay_and_another_is_not() -> None:
    """A lost answer is asked for again; a second reviewer is told that somebody was faster."""
    of = after(drafted(), *PUBLISHED[:2])
    second = Who(uuid5(HERE, "sun"), frozenset({"reviewer"}))

    assert edition.decided(of, Asked("review", "review it"), WANG) == (of.last, True)
    assert edition.decided(of, Asked("review", "review it", after=2), WANG) == (of.last, True)
    for asked, code in (
        (Asked("review", "review it"), "edition.not-now"),
        (Asked("review", "review it", after=2), "edition.moved-on"),
    ):
        with pytest.raises(DomainError) as refused:
            edition.decided(of, asked, second)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked("submit", " "), "ledger.malformed"),
        (Asked("submit", "x" * 2001), "ledger.malformed"),
        (
            Asked("submit", "x", Dossier("cc" * 32, ABOUT | {"year": "2011"})),
            "edition.other-account",
        ),
        (Asked("submit", "x", override="y"), "ledger.malformed"),
        (Asked("eat", "x"), "ledger.malformed"),
    ],
)
def test_what_is_asked_for_is_read_strictly(asked: Asked, code: str) -> None:
    """A reason says something; a submission is of the same case and year."""
    with pytest.raises(DomainError) as refused:
        edition.decided(drafted(), asked, LI)

    assert refused.value.code == code


def test_a_reconstruction_is_published_only_with_an_override() -> None:
    """Refused without; with one, it is kept in the step; a standard takes none."""
    rebuilt = Dossier("aa" * 32, ABOUT | {"needs_override": "reconstruction, not the standard"})
    of = after(drafted(rebuilt), *PUBLISHED[:3])
    with pytest.raises(DomainError) as refused:
        edition.decided(of, Asked("publish", "out"), ZHAO)
    made, _ = edition.decided(of, Asked("publish", "out", override="trial, meeting 12"), ZHAO)
    with pytest.raises(DomainError) as needless:
        edition.decided(after(drafted(), *PUBLISHED[:3]), Asked("publish", "o", override="x"), ZHAO)

    assert refused.value.code == "edition.needs-override"
    assert made.override == "trial, meeting 12"
    assert made.metadata["override"] == "trial, meeting 12"
    assert needless.value.code == "ledger.malformed"
    assert list(edition.findings(Edition(of.id, (*of.steps, made)))) == []


def test_which_packs_need_an_override() -> None:
    """A shipped edition of a study needs none; a changed copy of it, or a draft, does."""
    garze = pack.load("garze-2010")
    changed = pack.of_table("x", dict(garze.table) | {"title": {"zh": "另", "en": "other"}})

    assert edition.needs_override(garze) is None
    assert edition.needs_override(changed) == "not a pack as shipped"
    for id, editions in pack.known().items():
        for each in (pack.load(id, one) for one in editions):
            assert (edition.needs_override(each) is not None) == ("重建稿" in each.title.zh), id


def test_a_revision_names_a_published_edition_of_the_same_account() -> None:
    """And ends it by one step of the publisher; a second revision comes too late."""
    old = after(drafted(), *PUBLISHED)
    step, _ = edition.drafted(None, Asked("draft", "corrected", OTHER), LI, old)
    new = Edition("garze-2", (step,))
    ended = Edition(old.id, (*old.steps, edition.superseded(old, new, ZHAO)))

    assert new.replaces == "garze-1"
    assert (ended.state, ended.last.by) == ("superseded", "garze-2")
    assert list(edition.findings(ended)) == []
    for revised, code in ((drafted(), "edition.not-published"), (ended, "edition.not-published")):
        with pytest.raises(DomainError) as refused:
            edition.drafted(None, Asked("draft", "x", OTHER), LI, revised)
        assert refused.value.code == code
    with pytest.raises(DomainError) as late:
        edition.superseded(ended, new, ZHAO)
    assert late.value.code == "edition.already-superseded"


def tampered(steps: tuple[Step, ...]) -> dict[str, tuple[Step, ...]]:
    """Change a history in every way that a rule forbids."""
    draft, submitted, reviewed, approved, published = steps
    return {
        "a step is missing": (draft, submitted, approved, published),
        "the reviewer is the compiler": (draft, submitted, replace(reviewed, person=LI.id)),
        "the publisher is the reviewer": (*steps[:3], replace(approved, person=WANG.id)),
        "a step leads elsewhere": (draft, replace(submitted, state="published")),
        "a role is another": (draft, replace(submitted, role="publisher")),
        "the dossier is exchanged": (draft, submitted, replace(reviewed, digest="cc" * 32)),
        "an override is missing": (
            replace(draft, about=ABOUT | {"needs_override": "reconstruction"}), *steps[1:],
        ),
        "an action is unknown": (draft, replace(submitted, action="eat")),
    }  # fmt: skip


@pytest.mark.parametrize("how", list(tampered(after(drafted(), *PUBLISHED).steps)))
def test_a_history_that_no_rule_led_to_is_found(how: str) -> None:
    """Whatever wrote it, the check names the step."""
    steps = tampered(after(drafted(), *PUBLISHED).steps)[how]

    assert {each.code for each in edition.findings(Edition("garze-1", steps))} == {
        "edition.step-forbidden"
    }


PEOPLE = tuple(
    Who(uuid5(HERE, str(number)), frozenset(roles))
    for number, roles in enumerate(
        ((ROLES[0],), (ROLES[1],), (ROLES[2],), ROLES, ROLES[:2], ROLES[1:], ROLES)
    )
)


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTIONS)), max_size=25))
def test_whatever_is_tried_the_history_keeps_the_rules(tried: list[tuple[Who, str]]) -> None:
    """Nobody acts in two roles, nothing leaves the published state, records read back the same."""
    of = drafted(by=PEOPLE[0])
    for number, (by, action) in enumerate(tried):
        try:
            step, replayed = edition.decided(of, Asked(action, f"try {number}"), by)
        except DomainError:
            continue
        assert not replayed
        of = Edition(of.id, (*of.steps, step))

    assert list(edition.findings(of)) == []
    for each in of.steps:
        read = edition.step_of(each.number, each.digest, each.metadata, each.person)
        assert read == each
    roles = {(each.person, each.role) for each in of.steps}
    assert len(roles) == len({person for person, _ in roles})
    assert all(each.state != "published" for each in of.steps[:-1])
