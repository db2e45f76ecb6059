"""The laws of the registry: each is broken by hand and seen; any history of events keeps all."""

from collections import Counter
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger import journal
from ledger.rights.catalogue import decide
from ledger.rights.event import read
from ledger.rights.laws import CHECKS
from ledger.rights.loading import load
from ledger.store import open_store
from ledger.store.load import find_book
from ledger.store.migration import migrate
from tests.rights.desk import BOOK, HOLDERS, Desk

CEA, NEXT, CCER, WATER = "CEA.2023", "CEA.2024", "CCER.FOREST.2023", "WR.YC.2025"
FREE = "Holding:Plant:Free"
ADD = ("Issued", -100)
BROKEN: tuple[tuple[str, tuple[tuple[str, int], ...], str, dict[str, str]], ...] = (
    ("audit.waterfall", (ADD, ("Shed:Old", 100)), "right.issue", {}),
    ("audit.oversold", (("Holding:Gone:Free", -1), ("Pool:Reserve", 1)), "transaction", {}),
    ("audit.serials", (("Holding:Gone:Free", -1), ("Pool:Reserve", 1)), "transaction", {}),
    ("audit.serials", (ADD, ("Pool:Total", 100)), "right.issue", {"serials": "7"}),
    ("audit.serials", (ADD, ("Pool:Total", 100)), "right.issue", {"serials": "seven"}),
    ("audit.cap", (("Issued", -1000), ("Pool:Total", 1000)), "right.issue", {}),
    ("audit.surrendered", ((FREE, -1), ("Sink:Surrendered:2023", 1)), "right.surrender", {}),
    ("audit.carry", ((FREE, -1), ("Sink:Converted", 1)), "right.carry", {}),
    ("audit.pledge", (("Holding:Plant:Pledged:Bank", -1), (FREE, 1)), "transaction", {}),
    ("audit.pledge", (("Holding:Plant:Pledged:Bank", -1), (FREE, 1)), "right.release", {}),
    ("audit.sink", (("Sink:Cancelled", -1), (FREE, 1)), "transaction", {}),
)


@pytest.mark.parametrize(("code", "lines", "kind", "said"), BROKEN)
def test_what_is_posted_past_the_desk_against_a_law_is_found(
    registry: Desk, code: str, lines: tuple[tuple[str, int], ...], kind: str, said: dict[str, str]
) -> None:
    """A whole book has no finding; one posting by hand, and the law names it."""
    registry.supplied(CEA, [("Plant", "900")], cap="900")
    registry.must("pledge", CEA, "10", holder="Plant", lender="Bank", reference="L")
    registry.must("cancel", CEA, "10", holder="Plant", beneficiary="x", reason="y")
    assert registry.findings() == set()
    registry.by_hand(CEA, kind, *lines, **said)

    assert code in registry.findings()


def test_an_obligation_that_does_not_add_up_is_found(registry: Desk) -> None:
    """Emissions that nobody owes for; reductions beyond the share, written past the desk."""
    registry.must("verify", CEA, "100", holder="Plant", year="2023")
    registry.by_hand("EM.2023", "memo", ("Compliance:Plant:Emission", 1),
                     ("Compliance:Plant:Contra", -1), basis="memo")  # fmt: skip
    assert registry.findings() == {"audit.obligation"}
    registry.by_hand("EM.2023", "memo", ("Compliance:Plant:Emission", -1),
                     ("Compliance:Plant:Contra", 1), basis="memo")  # fmt: skip
    assert registry.findings() == set()
    registry.by_hand("EM.2023", "memo", ("Compliance:Plant:OffsetUsed", 6),
                     ("Compliance:Plant:Contra", -6), basis="memo")  # fmt: skip
    assert registry.findings() == {"audit.obligation"}


def test_a_right_that_moves_after_its_end_is_found(registry: Desk) -> None:
    """The water of 2025 in 2026."""
    registry.supplied(WATER, [("Plant", "900")])
    registry.on = "2026-01-01"
    registry.by_hand(WATER, "transaction", (FREE, -1), ("Pool:Reserve", 1))

    assert registry.findings() == {"audit.ended"}


def test_of_two_that_were_decided_on_the_same_facts_one_is_refused(registry: Desk) -> None:
    """A cap of 1,000 t, 400 issued: two more of 400 both fit the facts, and one fits the books."""
    registry.supplied(CEA, [("Plant", "400")], cap="1000")
    events = [read(registry.told("issue", CEA, "400")) for _ in range(2)]
    with registry.store.reading() as connection:
        book = find_book(connection, BOOK)
        drafts = [decide(each, load(connection, book, each)) for each in events]
    answers = [journal.post(registry.store, BOOK, [each], actor=None)[0] for each in drafts]

    assert answers[0].error is None
    assert answers[1].error is not None
    assert answers[1].error.code == "ledger.floor"
    assert registry.findings() == set()


def test_every_law_says_what_it_holds() -> None:
    """No law twice, each with its sentence."""
    assert all(check.__doc__ for check in CHECKS)
    assert max(Counter(check.__name__ for check in CHECKS).values()) == 1


class AnyHistory(RuleBasedStateMachine):
    """Registry events at random, beside a plain model that knows only who has how much of what."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'gep.db'}"
        migrate(url)
        self.desk = Desk(open_store(url))
        self.years = count(2027)
        self.model: Counter[tuple[str, str]] = Counter()

    def teardown(self) -> None:
        """Hold the book against the store in memory, close it and remove it."""
        assert self.desk.in_memory() == self.desk.on_disk()
        self.desk.store.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        """A cap, an issue, reductions, and what each plant emitted."""
        self.desk.supplied(CEA, [("Plant", "600"), ("Mill", "300")], cap="1000")
        self.desk.supplied(CCER, [("Plant", "50"), ("Mill", "50")])
        self.model.update({(CEA, "Plant"): 600, (CEA, "Mill"): 300})
        self.model.update({(CCER, "Plant"): 50, (CCER, "Mill"): 50})
        for holder, tonnes in (("Plant", "400"), ("Mill", "350")):
            self.desk.must("verify", CEA, tonnes, holder=holder, year="2023")

    @rule(amount=st.integers(1, 120), holder=st.sampled_from(HOLDERS))
    def issue(self, amount: int, holder: str) -> None:
        """Issue under the cap and allocate, or neither."""
        if self.desk.does("issue", CEA, str(amount)) == "posted":
            self.desk.must("allocate", CEA, str(amount), holder=holder, pool="Total")
            self.model[CEA, holder] += amount

    @rule(right=st.sampled_from((CEA, NEXT, CCER)), holder=st.sampled_from(HOLDERS),
          to=st.sampled_from(HOLDERS), amount=st.integers(1, 400),
          event=st.sampled_from(("succeed", "transfer", "fill")))  # fmt: skip
    def move(self, right: str, holder: str, to: str, amount: int, event: str) -> None:
        """From one holder to another, at once or through settlement."""
        if holder == to:
            return
        said = {"holder": holder, "to": to, "reason": "x"}
        fills = event == "fill"
        done = self.desk.does(event, right, str(amount), **({"holder": holder} if fills else said))
        self.expect(done, right, holder, amount)
        if done == "posted":
            self.model[right, holder] -= amount
            if fills:
                self.desk.must("settle", right, str(amount), holder=holder, to=to)
            if event != "succeed" and right != CCER:
                self.desk.must("roll", right, str(amount), holder=to)
            self.model[right, to] += amount

    @rule(holder=st.sampled_from(HOLDERS), amount=st.integers(1, 300), give_back=st.booleans())
    def pledge(self, holder: str, amount: int, give_back: bool) -> None:
        """Pledge, and perhaps release with consent."""
        said = {"holder": holder, "lender": "Bank"}
        done = self.desk.does("pledge", CEA, str(amount), reference="L", **said)
        self.expect(done, CEA, holder, amount)
        if done == "posted" and give_back:
            self.desk.must("release", CEA, str(amount), consent="letter", **said)
        elif done == "posted":
            self.model[CEA, holder] -= amount

    @rule(right=st.sampled_from((CEA, CCER)), holder=st.sampled_from(HOLDERS),
          amount=st.integers(1, 200))  # fmt: skip
    def surrender(self, right: str, holder: str, amount: int) -> None:
        """Surrender allowances or offset with reductions."""
        event = "surrender" if right == CEA else "offset"
        done = self.desk.does(event, right, str(amount), holder=holder, year="2023")
        assert done in {
            "posted", "ledger.floor", "rights.over-obligation", "rights.over-offset",
        }  # fmt: skip
        if done == "posted":
            self.model[right, holder] -= amount

    @rule(holder=st.sampled_from(HOLDERS), total=st.integers(0, 500))
    def correct(self, holder: str, total: int) -> None:
        """State another total of verified emissions."""
        done = self.desk.does("verify", CEA, str(total), holder=holder, year="2023")
        assert done in {"posted", "ledger.malformed"}  # the same total again says nothing

    @rule(holder=st.sampled_from(HOLDERS), amount=st.integers(1, 100))
    def reclaim(self, holder: str, amount: int) -> None:
        """Take back what was surrendered beyond a lower total."""
        done = self.desk.does("reclaim", CEA, str(amount), holder=holder, year="2023")
        if done == "posted":
            self.model[CEA, holder] += amount

    @rule(holder=st.sampled_from(HOLDERS), amount=st.integers(1, 300))
    def carry(self, holder: str, amount: int) -> None:
        """Carry over into the next vintage."""
        done = self.desk.does("carry", CEA, str(amount), holder=holder, into=NEXT)
        self.expect(done, CEA, holder, amount)
        if done == "posted":
            self.model[CEA, holder] -= amount
            self.model[NEXT, holder] += amount

    @rule(holder=st.sampled_from(HOLDERS), amount=st.integers(1, 50))
    def cancel(self, holder: str, amount: int) -> None:
        """Cancel of one's own will."""
        why = {"beneficiary": "x", "reason": "y"}
        done = self.desk.does("cancel", CCER, str(amount), holder=holder, **why)
        self.expect(done, CCER, holder, amount)
        if done == "posted":
            self.model[CCER, holder] -= amount

    @rule(holder=st.sampled_from(HOLDERS), lent=st.integers(1, 90))
    def let_a_year_pass(self, holder: str, lent: int) -> None:
        """A flow right of its own year: issued, let in part, and expired on both sides."""
        right, to = f"WR.YC.{next(self.years)}", next(h for h in HOLDERS if h != holder)
        self.desk.supplied(right, [(holder, "90")])
        self.desk.must("lease", right, str(lent), holder=holder, to=to)
        day, self.desk.on = self.desk.on, "2099-01-01"
        for each in (to,) if lent == 90 else (to, holder):
            self.desk.must("expire", right, holder=each)
        self.desk.on = day

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        """Free holdings are the plain model's; nothing is made, lost or sold twice."""
        for (right, holder), amount in self.model.items():
            held = self.desk.standing(right, f"CRC:Holding:{holder}:Free")
            assert int(held.get(f"Holding:{holder}:Free", "0")) == amount

    @invariant()
    def the_auditor_finds_nothing(self) -> None:
        """Every law of the ledger and of the registry."""
        assert self.desk.findings() == set()

    def expect(self, done: str, right: str, holder: str, amount: int) -> None:
        """Posted exactly where the holder has as much."""
        assert done == ("posted" if self.model[right, holder] >= amount else "ledger.floor")


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
