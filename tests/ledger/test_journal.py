"""What the journal promises, told on one worked book, on SQLite and on PostgreSQL."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from ledger import journal
from ledger.core import body as bodies
from ledger.core.body import Body
from ledger.core.command import Evidence
from ledger.core.errors import DomainError
from ledger.core.precedence import PRECEDENCE
from ledger.core.refusals import (
    AccountNotOpen,
    AmountOverflow,
    BackDated,
    BookConflict,
    CeilingBroken,
    CommodityNotAccepted,
    FloorBroken,
    IdConflict,
    InexactAmount,
    NotTheMirror,
    RedOutsideReversal,
    Unbalanced,
    UnknownAccount,
    UnknownBook,
    UnknownCommodity,
    UnknownTransaction,
    ZeroAmount,
)
from ledger.store import Store
from ledger.verification import verify_book
from tests.ledger.worked import (
    APPROVER,
    BOOK,
    POLICY,
    PREPARER,
    balance,
    body,
    code_of,
    post,
    worked_store,
)

DEPOSIT = """
    2025-06-01 The mill deposits its money
      CLR:Bank:Settlement    80,000.00 CNY
      CLR:Client:Mill:Free  -80,000.00 CNY
"""
ISSUE = """
    2025-06-01 1,000 t are issued to the plant
      CRC:Holding:Plant:Free   1,000 CEA.2024
      CRC:Issued              -1,000 CEA.2024
"""
TRADE = """
    2025-06-30 Trade 1
      CRC:Holding:Plant:Free   -1,000 CEA.2024
      CRC:Holding:Mill:Free     1,000 CEA.2024
      CLR:Client:Mill:Free     80,000.00 CNY      ; the clearing house owes the mill less
      CLR:Client:Plant:Free   -80,000.00 CNY      ; and the plant more
"""


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A book with the worked chart, money with the mill and allowances with the plant."""
    with worked_store(database_url, tmp_path) as store:
        first = post(store, body(DEPOSIT), body(ISSUE))
        assert [code_of(each) for each in first] == ["posted"] * 2
        yield store


def test_sale_of_allowances_is_delivery_against_payment(store: Store) -> None:
    """1,000 t of allowances at 80.00 CNY: units one way, money the other, at once."""
    (outcome,) = post(store, body(TRADE))

    assert outcome.status == "posted"
    assert balance(store, "CRC:Holding:Mill:Free", "CEA.2024") == "1000"
    assert balance(store, "CLR:Client:Plant:Free", "CNY") == "80000.00"
    assert verify_book(store, BOOK).findings == []


def test_rights_do_not_move_when_the_money_is_not_there(store: Store) -> None:
    """The mill has spent its money: neither leg is posted."""
    post(store, body(TRADE))
    again = body(TRADE.replace("Trade 1", "Trade 2").replace("1,000 CEA", "1 CEA"))

    assert code_of(post(store, again)[0]) == "ledger.floor"
    assert balance(store, "CRC:Holding:Mill:Free", "CEA.2024") == "1000"


def test_the_same_body_again_is_answered_as_the_first_time(store: Store) -> None:
    """A replay books nothing; 80000.00 and 80000 are the same amount."""
    first, again = (
        post(store, body(text, name="trade"))[0] for text in (TRADE, TRADE.replace(".00", ""))
    )

    assert (first.status, again.status) == ("posted", "replayed")
    assert again.seq == first.seq


def test_the_same_id_with_another_body_is_a_conflict(store: Store) -> None:
    """One id, one body."""
    post(store, body(TRADE, name="trade"))
    other = body(TRADE.replace("Trade 1", "Trade one"), name="trade")

    assert code_of(post(store, other)[0]) == "ledger.id-conflict"


def test_a_refusal_for_lack_of_funds_stays_with_its_id(store: Store) -> None:
    """A late duplicate cannot succeed after the caller gave up; a new id can."""
    early = TRADE.replace("1,000 CEA", "1,001 CEA")
    assert code_of(post(store, body(early, name="early"))[0]) == "ledger.floor"
    post(store, body(ISSUE, name="more"))

    assert code_of(post(store, body(early, name="early"))[0]) == "ledger.floor"
    assert code_of(post(store, body(early, name="late"))[0]) == "posted"


def test_all_or_nothing_burns_no_id(store: Store) -> None:
    """One line of a request is refused: the others may be sent again under their ids."""
    bad = body(TRADE.replace("1,000 CEA", "9,999 CEA"), name="bad")
    together = post(store, body(TRADE, name="good"), bad)

    assert [code_of(each) for each in together] == ["ledger.chain-broken", "ledger.floor"]
    assert code_of(post(store, body(TRADE, name="good"))[0]) == "posted"


def test_each_alone_posts_what_can_be_posted(store: Store) -> None:
    """Without all-or-nothing the good line posts beside the refused one."""
    bad = body(TRADE.replace("1,000 CEA", "9,999 CEA"), name="bad")

    assert [code_of(each) for each in post(store, bad, body(TRADE), atomic=False)] == [
        "ledger.floor",
        "posted",
    ]


REFUSALS = (
    ("unknown account", TRADE.replace("Client:Plant", "Client:Nobody"), "ledger.unknown-account"),
    ("closed account", TRADE.replace("Client:Plant", "Client:Closed"), "ledger.account-state"),
    ("unknown commodity", ISSUE.replace("CEA.2024", "CEA.1999"), "ledger.unknown-commodity"),
    ("money in a holding", DEPOSIT.replace("CLR:Bank:Settlement", "CRC:Holding:Mill:Free"),
     "ledger.commodity-not-accepted"),
    ("half a tonne", ISSUE.replace("1,000", "0.5"), "ledger.inexact-amount"),
    ("beyond 64 bits", ISSUE.replace("1,000", "9223372036854775808"), "ledger.overflow"),
    ("nothing moves", ISSUE.replace("1,000", "0"), "ledger.zero-amount"),
    ("one fen short", TRADE.replace("-80,000.00", "-79,999.99"), "ledger.unbalanced"),
    ("across entities", DEPOSIT.replace("CLR:Client:Mill:Free", "T1:4002非税收入"),
     "ledger.unbalanced"),
    ("across bases", "2025-06-30 x\n T1:1001国库存款 1 CNY\n T1:8001资金结存 -1 CNY",
     "ledger.unbalanced"),
    ("before the last trade", ISSUE.replace("2025-06-01", "2025-05-31"), "ledger.back-dated"),
    ("more than there is", TRADE.replace("1,000 CEA", "1,001 CEA"), "ledger.floor"),
    ("above the position limit", ISSUE.replace("Plant", "Mill").replace("1,000", "5,001"),
     "ledger.ceiling"),
)  # fmt: skip


@pytest.mark.parametrize(("story", "text", "code"), REFUSALS, ids=[each[0] for each in REFUSALS])
def test_refusals(store: Store, story: str, text: str, code: str) -> None:
    """Each wrong transaction is refused by its code, and nothing of it is booked."""
    before = verify_book(store, BOOK)

    assert code_of(post(store, body(text, name=story))[0]) == code
    after = verify_book(store, BOOK)
    assert (after.records, after.root, after.findings) == (before.records, before.root, [])


PEELING: tuple[tuple[dict[str, object], type[DomainError]], ...] = (
    ({"book": "nobody's"}, UnknownBook),
    ({"book": BOOK, "id": str(body(ISSUE).id)}, IdConflict),
    ({"taker": "CRC:Nobody"}, UnknownAccount),
    ({"taker": "CLR:Client:Closed:Free"}, AccountNotOpen),
    ({"taker": "CRC:Holding:Mill:Free"}, UnknownCommodity),
    ({"commodity": "CNY"}, CommodityNotAccepted),
    ({"commodity": "CEA.2024"}, InexactAmount),
    ({"amount": "9223372036854775808"}, AmountOverflow),
    ({"amount": "0"}, ZeroAmount),
    ({"amount": "6000"}, Unbalanced),
    ({"given": "-6000", "side": "credit"}, RedOutsideReversal),
    ({"reverses": str(UUID(int=6))}, UnknownTransaction),
    ({"reverses": str(body(DEPOSIT).id)}, NotTheMirror),
    ({"reverses": None, "side": None}, BackDated),
    ({"effective_on": "2025-07-01"}, FloorBroken),
    ({"giver": "CRC:Issued"}, CeilingBroken),
)


def test_of_several_refusals_the_first_in_the_order_of_precedence_is_told(store: Store) -> None:
    """One transaction wrong in every way is mended fault by fault, each told in its turn."""
    wrong: dict[str, object] = {
        "giver": "CRC:Holding:Plant:Free", "commodity": "CEA.1999", "amount": "0.5",
        "given": "-5999", "effective_on": "2020-01-01", "side": None, "reverses": None,
    }  # fmt: skip
    told = []
    for number, (mended, _) in enumerate(PEELING):
        wrong |= {"id": str(UUID(int=100 + number)), **mended}
        (outcome,) = post(store, _of_parts(wrong))
        told.append(type(outcome.error))

    assert told == [kind for _, kind in PEELING]
    assert told == [kind for kind in PRECEDENCE if kind in told]


def _of_parts(parts: dict[str, object]) -> Body:
    taken = {"account": parts["taker"], "amount": parts["amount"]} if "taker" in parts else {}
    given = {"account": parts["giver"], "amount": parts["given"]}
    commodity = {"commodity": parts["commodity"]}
    lines = [{**taken, **commodity, "side": parts["side"]}] if taken else []
    sent = {name: parts[name] for name in ("book", "effective_on", "reverses")}
    return bodies.read({**sent, "id": parts["id"], "postings": [*lines, {**given, **commodity}]})


def test_an_overdraft_may_be_granted_for_one_commodity(store: Store) -> None:
    """The mill may owe up to 100.00 CNY, and not one fen more."""
    post(store, body(ISSUE, name="more"))
    overdrawn = TRADE.replace("80,000.00", "80,100.00")

    assert code_of(post(store, body(overdrawn))[0]) == "posted"
    more = "2025-06-30 x\n CLR:Client:Mill:Free 0.01 CNY\n CLR:Client:Plant:Free -0.01 CNY"
    assert code_of(post(store, body(more))[0]) == "ledger.floor"
    assert balance(store, "CLR:Client:Mill:Free", "CNY") == "-100.00"


TRANSFER = "2025-07-01 专项\n T1:1001国库存款 500 CNY\n T1:4002非税收入 -500 CNY"


def test_a_transfer_is_prepared_by_one_and_approved_by_another(store: Store) -> None:
    """The preparer cannot approve; the approver posts; both names are in the record."""
    transfer = body(TRANSFER, kind="fiscal.transfer")
    (prepared,) = post(store, transfer)
    assert prepared.status == "held"
    assert balance(store, "T1:1001国库存款", "CNY") == "none"

    by_himself = journal.approve(store, BOOK, transfer.id, actor=PREPARER)
    by_nobody = journal.approve(store, BOOK, transfer.id, actor=None)
    approved = journal.approve(store, BOOK, transfer.id, actor=APPROVER)
    again = journal.approve(store, BOOK, transfer.id, actor=APPROVER)

    assert (code_of(by_himself), code_of(by_nobody)) == ("ledger.self-approval",) * 2
    assert (approved.status, again.status) == ("posted", "replayed")
    assert balance(store, "T1:1001国库存款", "CNY") == "500.00"
    _, record = journal.find(store, BOOK, transfer.id)
    assert (record.preparer, record.approver) == (PREPARER, APPROVER)
    assert post(store, transfer)[0].status == "replayed"
    assert verify_book(store, BOOK).findings == []


def test_a_rejected_transfer_can_neither_be_approved_nor_sent_again(store: Store) -> None:
    """A rejection is final for this id."""
    transfer = body(TRANSFER, kind="fiscal.transfer")
    post(store, transfer)

    assert journal.reject(store, BOOK, transfer.id, "重复", actor=APPROVER).status == "done"
    assert code_of(journal.approve(store, BOOK, transfer.id, actor=APPROVER)) == (
        "ledger.proposal-rejected"
    )
    assert code_of(post(store, transfer)[0]) == "ledger.proposal-rejected"
    assert verify_book(store, BOOK).findings == []


def test_a_correction_is_a_reversal_and_happens_once(store: Store) -> None:
    """The mirror takes every line back; a second one is refused."""
    trade = body(TRADE)
    post(store, trade)
    day = dt.date(2025, 7, 1)
    undone, again = (
        journal.reverse(store, BOOK, trade.id, actor=PREPARER, on=day, narrative="冲销",
                        reversal_id=UUID(int=id)) for id in (77, 78)
    )  # fmt: skip

    assert (undone.status, code_of(again)) == ("posted", "ledger.already-reversed")
    assert balance(store, "CRC:Holding:Plant:Free", "CEA.2024") == "1000"
    assert balance(store, "CLR:Client:Plant:Free", "CNY") == "0.00"
    assert verify_book(store, BOOK).findings == []


def test_a_red_reversal_takes_the_turnover_back_too(store: Store) -> None:
    """红字冲销: a negative entry in the same column; outside a reversal it is refused."""
    post(store, body(TRANSFER, name="t"))
    cny = {"commodity": "CNY"}
    red = (
        {**cny, "account": "T1:1001国库存款", "amount": "-500", "side": "debit"},
        {**cny, "account": "T1:4002非税收入", "amount": "500", "side": "credit"},
    )
    text = "2025-07-02 红字冲销\n a 1 CNY"
    alone = body(text, name="red", postings=list(red))
    reversal = body(
        text, name="red 2", postings=list(red), reverses=str(body(TRANSFER, name="t").id)
    )

    assert code_of(post(store, alone)[0]) == "ledger.red-outside-reversal"
    assert code_of(post(store, reversal)[0]) == "posted"
    assert balance(store, "T1:1001国库存款", "CNY") == "0.00"
    assert verify_book(store, BOOK).findings == []


def test_a_reversal_must_be_the_mirror_of_something_posted(store: Store) -> None:
    """Half of it, or of nothing, is refused."""
    post(store, body(TRADE, name="t"))
    original = str(body(TRADE, name="t").id)
    half = body("2025-07-01 x\n CRC:Holding:Mill:Free -500 CEA.2024\n CRC:Issued 500 CEA.2024",
                reverses=original)  # fmt: skip
    nothing = body(ISSUE, name="n", reverses=str(UUID(int=9)))

    assert code_of(post(store, half)[0]) == "ledger.not-the-mirror"
    assert code_of(post(store, nothing)[0]) == "ledger.unknown-transaction"


def test_the_books_of_a_day_as_known_at_a_record(store: Store) -> None:
    """30 June before and after a late entry of 29 June became known."""
    first = post(store, body(TRANSFER.replace("2025-07-01", "2025-06-30"), name="1"))[0]
    post(store, body(TRANSFER.replace("2025-07-01", "2025-06-29"), name="2"))
    post(store, body(TRANSFER, name="3"))
    day, treasury = dt.date(2025, 6, 30), ("T1:1001国库存款", "CNY")

    assert balance(store, *treasury) == "1500.00"
    assert balance(store, *treasury, as_of=day) == "1000.00"
    assert balance(store, *treasury, as_of=day, known_at=first.seq) == "500.00"
    assert balance(store, *treasury, as_of=dt.date(2025, 6, 28)) == "none"


def test_a_payment_names_the_readings_it_rests_on(store: Store) -> None:
    """Transaction, assessment and reading are bound by digests; other content is a conflict."""
    reading = Evidence(UUID(int=10), "reading", "清水铺/CODMn", {"value": "1.9", "unit": "mg/L"})
    assessed = Evidence(
        UUID(int=11), "assessment", "2019", {"steps": [{"P": "0.85"}]}, (reading.ref,)
    )
    paid = body(TRANSFER, metadata=assessed.metadata)
    posted = journal.post_bodies(store, BOOK, [paid], actor=PREPARER, evidence=[reading, assessed])
    changed = Evidence(UUID(int=10), "reading", "清水铺/CODMn", {"value": "1.8", "unit": "mg/L"})
    conflict = journal.post_bodies(
        store, BOOK, [body(TRANSFER, name="again")], actor=PREPARER, evidence=[changed]
    )

    assert [code_of(each) for each in posted] == ["posted"]
    assert [code_of(each) for each in conflict] == ["ledger.evidence-conflict"]
    assert verify_book(store, BOOK).findings == []


NAMED: tuple[dict[str, str], ...] = (
    {"evidence": "not an id"},
    {"evidence": "0000000000000000000000000000000b"},
    {"evidence": str(UUID(int=11))},
    {"evidence": str(UUID(int=11)), "evidence_digest": "00" * 32},
)


@pytest.mark.parametrize(
    "metadata", NAMED, ids=["no id", "another form", "no digest", "another digest"]
)
def test_nobody_names_evidence_that_the_book_does_not_hold(
    store: Store, metadata: dict[str, str]
) -> None:
    """Else the books would fail to verify for a word in somebody's metadata."""
    kept = Evidence(UUID(int=11), "assessment", "2019", {"steps": []})
    journal.post_bodies(store, BOOK, [body(TRANSFER)], actor=PREPARER, evidence=[kept])
    named = body(TRANSFER, name="named", metadata=metadata)

    assert code_of(post(store, named)[0]) == "ledger.unknown-evidence"
    held = body(TRANSFER, name="held", metadata=kept.metadata)
    assert code_of(post(store, held)[0]) == "posted"
    assert verify_book(store, BOOK).findings == []


def test_a_book_opens_once(store: Store) -> None:
    """The same again is the same book; another policy is refused."""
    again = journal.open_book(store, BOOK, policy=POLICY)

    assert again.code == BOOK
    with pytest.raises(BookConflict):
        journal.open_book(store, BOOK, policy={})
