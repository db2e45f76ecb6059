"""From what was sent to what is meant: a body becomes a balanced draft, or is refused."""

from ledger.core.account import Account
from ledger.core.amount import Amount, Commodity
from ledger.core.body import Body, BodyPosting
from ledger.core.draft import Draft, Posting
from ledger.core.refusals import AccountNotOpen, UnknownAccount, UnknownCommodity
from ledger.core.state import State


def drafted(state: State, body: Body) -> Draft:
    """Turn a body into a balanced draft, or refuse it by the first rule that it breaks."""
    accounts = [account_named(state, line.account) for line in body.postings]
    for account in accounts:
        if account.state != "open":
            raise AccountNotOpen(account.code, account.state)
    commodities = [commodity_named(state, line.commodity) for line in body.postings]
    for account, commodity in zip(accounts, commodities, strict=True):
        account.accept(commodity)
    return Draft(
        id=body.id,
        kind=body.kind,
        effective_on=body.effective_on or state.book.day_of(state.booked_at_us),
        narrative=body.narrative,
        reference=body.reference,
        metadata=body.metadata or {},
        attachments=body.attachments,
        periods=body.periods or {},
        reverses=body.reverses,
        postings=tuple(map(_meant, body.postings, accounts, commodities)),
    )


def _meant(line: BodyPosting, account: Account, commodity: Commodity) -> Posting:
    return Posting(account.ref, Amount.exactly(line.amount, commodity), line.column)


def account_named(state: State, code: str) -> Account:
    """Return the account, or refuse its code."""
    account = state.accounts.get(code)
    if account is None:
        raise UnknownAccount(code)
    return account


def commodity_named(state: State, code: str) -> Commodity:
    """Return the commodity, or refuse its code."""
    commodity = state.commodities.get(code)
    if commodity is None:
        raise UnknownCommodity(code)
    return commodity
