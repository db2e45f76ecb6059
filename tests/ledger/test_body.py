"""Whatever is sent as a transaction is read strictly or refused by name, never misread."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import body as bodies
from ledger.core.errors import DomainError
from ledger.core.refusals import Malformed

GOOD: dict[str, object] = {
    "book": "main",
    "id": "0193e6c0-0000-7000-8000-000000000001",
    "effective_on": "2023-02-28",
    "postings": [
        {"account": "T1:1", "commodity": "CNY", "amount": "1.00"},
        {"account": "T1:2", "commodity": "CNY", "amount": "-1.00"},
    ],
}
LINE: dict[str, object] = {"account": "T1:1", "commodity": "CNY", "amount": "1.00"}
WRONG: tuple[tuple[str, dict[str, object], str], ...] = (
    ("no book", {"book": None}, "book"),
    ("no id", {"id": None}, "id"),
    ("an id that is no UUID", {"id": "42"}, "id"),
    ("a date of another form", {"effective_on": "28.02.2023"}, "effective_on"),
    ("a date that does not exist", {"effective_on": "2023-02-29"}, "effective_on"),
    ("a week date", {"effective_on": "2023-W09-2"}, "effective_on"),
    ("no postings", {"postings": []}, "postings"),
    ("postings of another type", {"postings": {}}, "postings"),
    ("an amount as a JSON number", {"postings": [{**LINE, "amount": 1.0}]}, "postings[0].amount"),
    ("an exponent", {"postings": [{**LINE, "amount": "1e2"}]}, "postings[0].amount"),
    ("not a number", {"postings": [{**LINE, "amount": "NaN"}]}, "postings[0].amount"),
    ("no amount", {"postings": [LINE, {"account": "a:b", "commodity": "CNY"}]},
     "postings[1].amount"),
    ("a third side", {"postings": [{**LINE, "side": "left"}]}, "postings[0].side"),
    ("an unknown key", {"colour": "red"}, "colour"),
    ("an unknown key of a line", {"postings": [{**LINE, "memo": "x"}]}, "postings[0].memo"),
    ("metadata that is no string", {"metadata": {"a": 1}}, "metadata.a"),
    ("too much metadata", {"metadata": {"a": "x" * 20_000}}, "metadata.a"),
    ("a NUL", {"narrative": "a\x00b"}, "narrative"),
    ("half a surrogate", {"narrative": "\ud800"}, "narrative"),
    ("too long a narrative", {"narrative": "x" * 2_001}, "narrative"),
    ("a hold to consume", {"consumes": [{"hold": "x"}]}, "consumes[0].line"),
    ("a digest that is none", {"attachments": ["abc"]}, "attachments"),
)  # fmt: skip


@pytest.mark.parametrize(("story", "change", "at"), WRONG, ids=[each[0] for each in WRONG])
def test_what_is_wrong_is_named(story: str, change: dict[str, object], at: str) -> None:
    """The refusal names the field."""
    with pytest.raises(Malformed) as refused:
        bodies.read({**GOOD, **change})

    assert refused.value.at == at, story


def test_the_digest_is_of_what_was_said_not_of_how() -> None:
    """Key order, trailing zeros, letter case of ids, nulls and Unicode forms do not matter."""
    said = {**GOOD, "narrative": "é"}
    again = {
        "postings": [
            {"amount": "+1", "commodity": "CNY", "account": "T1:1"},
            {"amount": "-001.0", "commodity": "CNY", "account": "T1:2"},
        ],
        "narrative": "e\u0301",
        "effective_on": "2023-02-28",
        "reference": None,
        "id": str(GOOD["id"]).upper(),
        "book": "main",
    }

    assert bodies.read(said).digest == bodies.read(again).digest


@pytest.mark.parametrize("change", [{"narrative": ""}, {"kind": "transaction"}, {"metadata": {}}])
def test_a_default_that_was_sent_is_another_body(change: dict[str, object]) -> None:
    """The digest is of the body before defaults."""
    assert bodies.read({**GOOD, **change}).digest != bodies.read(GOOD).digest


def test_a_body_reads_back_from_its_own_canonical_text() -> None:
    """What waits for approval is stored as this text."""
    body = bodies.read({**GOOD, "metadata": {"€": "1", "\U0001f600": "2", "ﬀ": "3"}})
    again = bodies.read(json.loads(body.text))

    assert (again, again.text) == (body, body.text)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(field=st.sampled_from(sorted(bodies.READERS)), value=anything)
def test_no_value_of_any_field_escapes_as_anything_but_a_refusal(field: str, value: object) -> None:
    """Any JSON in any field is read or refused."""
    try:
        read = bodies.read({**GOOD, field: value})
    except DomainError:
        return
    assert len(read.digest) == 32
