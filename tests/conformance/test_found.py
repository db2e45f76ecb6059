"""What the scenarios found in this ledger, each in as few steps as show it."""

from uuid import UUID

from ledger.balances import balances
from ledger.core import body as bodies
from ledger.core.account import Account
from ledger.core.command import Open, Post
from tests.conformance.books import BOOK, UNIT, Books, line, stop

ONE, OTHER = Account("E:One", "asset", "accrual"), Account("E:Other", "asset", "accrual")


def _moved(number: int, **more: object) -> Post:
    debit, credit = ("credit", "debit") if more else ("debit", "credit")
    lines = [line(ONE.code, UNIT.code, "5", debit), line(OTHER.code, UNIT.code, "5", credit)]
    sent = {"book": BOOK, "id": str(UUID(int=number)), "postings": lines, **more}
    return Post(bodies.read(sent))


def test_accounts_of_a_failed_command_leave_no_position(database_url: str) -> None:
    """Opened in another order after a failed command, accounts keep their own balances."""
    with Books(database_url, 1) as books:
        books.say(Open(ONE), Open(OTHER), _moved(1), stop())
        books.must(Open(OTHER), Open(ONE), _moved(2))
        with books.store.reading() as connection:
            found = balances(connection, books.book, account="E")
            debits = {row.account.code: row.debits for row in found}

    assert debits == {ONE.code: 5, OTHER.code: 0}


def test_a_command_may_take_back_what_it_posts(database_url: str) -> None:
    """A transaction and its reversal may stand in one command."""
    with Books(database_url, 1) as books:
        books.must(Open(ONE), Open(OTHER))
        outcomes = books.say(_moved(1), _moved(2, reverses=str(UUID(int=1))))

    assert [each.error for each in outcomes] == [None, None]
