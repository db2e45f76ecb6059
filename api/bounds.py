"""Another state, or other bounds, for an account that is open: read, replaced, changed."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from ledger.balances import account as account_of
from ledger.core.account import Account, Bound
from ledger.core.book import Book
from ledger.core.command import Change, Command
from ledger.core.state import DONE, Outcome
from ledger.store import Store
from ledger.writer import submit


def known_account(store: Store, book: Book, code: str) -> Account:
    """Return an account as it stands, or refuse its code."""
    with store.reading() as connection:
        return account_of(connection, book, code)


def change(
    store: Store,
    book: Book,
    known: Account,
    *,
    actor: UUID | None,
    state: str | None = None,
    bounds: Sequence[Bound] | None = None,
) -> Outcome:
    """Give an account another state or all its bounds anew; what stands so already is done."""
    wanted = replace(
        known,
        state=known.state if state is None else state,
        bounds=known.bounds if bounds is None else tuple(bounds),
    )
    if wanted == known:
        return Outcome(DONE)
    (outcome,) = submit(store, book.code, Command((Change(wanted),), actor))
    if outcome.error is not None:
        raise outcome.error
    return outcome


def with_bound(known: Account, bound: Bound) -> tuple[Bound, ...]:
    """Return the bounds of an account with those of one commodity replaced."""
    others = [each for each in known.bounds if each.commodity != bound.commodity]
    stated = bound.floor is not None or bound.ceiling is not None
    return tuple(sorted([*others, *([bound] if stated else [])], key=lambda each: each.commodity))
