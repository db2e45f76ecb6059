"""Declaring: commodities, parties and accounts, said once and the same ever after."""

from uuid import UUID

from ledger.core.account import Account
from ledger.core.command import Change, Declare, Entrust, Open, Party
from ledger.core.movement import account_named
from ledger.core.person import PERSON
from ledger.core.position import Position
from ledger.core.record import AccountChanged, AccountOpened
from ledger.core.refusals import AccountConflict, CommodityConflict, Malformed
from ledger.core.state import DONE, Outcome, State


def declare(state: State, item: Declare, actor: UUID | None) -> Outcome:
    """Declare a commodity; another unit, scale or kind is refused."""
    stated = item.commodity
    declared = state.commodities.get(stated.code)
    if declared is None:
        state.put(state.commodities, stated.code, stated)
        state.written.commodities.append(stated)
    elif declared != stated:
        raise CommodityConflict(declared.code, _differs(declared, stated))
    return Outcome(DONE)


def know(state: State, item: Party, actor: UUID | None) -> Outcome:
    """Know a party; its first name stays, and a natural person's is not kept here."""
    if item.kind == PERSON and item.name:
        raise Malformed("party.name", "a natural person's name is kept in the erasable table")
    if item.id not in state.parties:
        state.put(state.parties, item.id, item)
        state.written.parties.append(item)
    return Outcome(DONE, item.id)


def entrust(state: State, item: Entrust, actor: UUID | None) -> Outcome:
    """Keep personal data beside the log, once the account that binds them is open."""
    account_named(state, item.account)
    state.written.persons.append(item)
    return Outcome(DONE, item.id)


def open_account(state: State, item: Open, actor: UUID | None) -> Outcome:
    """Open an account; the same again changes nothing, another form is refused."""
    known = state.accounts.get(item.account.code)
    if known is not None:
        differs = _differs(known, numbered(item.account, known.no))
        if differs:
            raise AccountConflict(known.code, differs)
        return Outcome(DONE)
    state.accounts_opened += 1
    account = numbered(item.account, state.accounts_opened)
    return _stand(state, account, AccountOpened(account, actor))


def change(state: State, item: Change, actor: UUID | None) -> Outcome:
    """Give an account new bounds, kinds or state; what it is cannot change."""
    known = account_named(state, item.account.code)
    account = numbered(item.account, known.no)
    fixed = ("class_", "basis", "normal", "party")
    differs = [name for name in fixed if getattr(known, name) != getattr(account, name)]
    if differs:
        raise AccountConflict(account.code, ", ".join(differs))
    outcome = _stand(state, account, AccountChanged(account, actor))
    for (code, _), position in state.positions.items():
        if code == account.code:
            _rule(state, position, account)
    return outcome


def numbered(account: Account, no: int) -> Account:
    """Return the account with its number in the book."""
    names = [name for name in account.__dataclass_fields__ if name != "no"]
    return Account(**{name: getattr(account, name) for name in names}, no=no)


def _rule(state: State, position: Position, account: Account) -> None:
    if state.undo is not None:
        before = position.account
        state.undo.append(lambda: position.ruled_by(before))
    position.ruled_by(account)


def _stand(state: State, account: Account, record: AccountOpened | AccountChanged) -> Outcome:
    state.put(state.accounts, account.code, account)
    state.written.accounts.append(account)
    return Outcome(DONE, None, state.append(record))


def _differs(one: object, other: object) -> str:
    names = getattr(one, "__dataclass_fields__", {})
    return ", ".join(name for name in names if getattr(one, name) != getattr(other, name))
