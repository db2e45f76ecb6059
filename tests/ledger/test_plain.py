"""The short ways are the long ways, only shorter: the same bodies, the same records."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import body as bodies
from ledger.core import posting
from tests.simulation.world import World

SEEDS = range(40)
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["ok", "造纸厂", "e\u0301", "a\tb", " ", '"', "\\", "\x7f"]),
)
AMOUNTS = st.sampled_from(
    ["1", "-1", "1.00", "-0.50", "+2", "007", "-0", "0.0", "1e3", ".5", "1.", "12345678901.10", ""]
)
POSTINGS = st.fixed_dictionaries(
    {"account": TEXTS, "commodity": TEXTS, "amount": AMOUNTS},
    optional={"side": st.sampled_from(["debit", "credit", "both"]), "up_to": st.booleans()},
)
BODIES = st.fixed_dictionaries(
    {
        "book": TEXTS,
        "id": st.sampled_from(
            ["0193e6aa-0000-4aaa-8aaa-00000000000A", "0193e6aa00004aaa8aaa00000000000b", "x"]
        ),
        "postings": st.lists(POSTINGS, max_size=3),
    },
    optional={
        "kind": TEXTS,
        "narrative": TEXTS,
        "reference": TEXTS,
        "effective_on": st.sampled_from(["2026-01-01", "2026-1-1", "2026-01-01T00:00:00", None]),
        "metadata": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "reverses": st.none(),
        "unknown": st.just(1),
    },
)


@given(sent=BODIES)
def test_what_is_read_fast_is_read_the_same(sent: dict[str, object]) -> None:
    """Where the fast reader reads at all, the careful one reads the same body."""
    fast = bodies.parsed(json.dumps(sent, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if fast is None:
        return
    careful = bodies.read(sent)

    assert fast == careful
    assert fast.digest == careful.digest


@pytest.mark.parametrize("text", [
    '{"book":"main","book":"main","id":"0193e6aa-0000-4aaa-8aaa-00000000000a","postings":[]}',
    '{"book":"main","id":"0193e6aa-0000-4aaa-8aaa-00000000000a","postings":'
    '[{"account":"A:b","account":"A:b","commodity":"CNY","amount":"1"}]}',
])  # fmt: skip
def test_a_key_that_stands_there_twice_is_left_to_the_careful_reader(text: str) -> None:
    """Which refuses it."""
    assert bodies.parsed(text.encode()) is None


@pytest.mark.parametrize(("account", "commodity"), [(" ", "CNY"), ("A:b", " ")])
def test_what_says_nothing_is_left_to_the_careful_reader(account: str, commodity: str) -> None:
    """Which refuses it."""
    line = {"account": account, "commodity": commodity, "amount": "1"}
    sent = {"book": "main", "id": "0193e6aa-0000-4aaa-8aaa-00000000000a", "postings": [line]}

    assert bodies.parsed(json.dumps(sent).encode()) is None


def test_a_plain_body_is_read_fast() -> None:
    """And normalised on the way."""
    line = {"account": "A:1001国库", "commodity": "CNY", "amount": "1.00"}
    sent = {"book": "main", "id": "0193E6AA-0000-4aaa-8aaa-00000000000a", "narrative": "拨付"}
    sent["postings"] = [line]  # type: ignore[assignment]
    fast = bodies.parsed(json.dumps(sent, ensure_ascii=False).encode())

    assert fast is not None
    assert fast == bodies.read(sent)
    assert fast.postings[0].amount == "1"


def test_rule_by_rule_every_history_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seeds lead to the same log, whether plain postings go straight through or not."""
    straight = [_roots(seed) for seed in SEEDS]
    monkeypatch.setattr(posting, "post_plainly", lambda state, body, digest, preparer: None)

    assert [_roots(seed) for seed in SEEDS] == straight


def _roots(seed: int) -> bytes:
    world = World(seed)
    world.live()
    return world.store.shelves["main"].frontier
