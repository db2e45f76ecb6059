"""The money of a registry event: in the same transaction as the right, or not at all."""

from dataclasses import dataclass

from ledger.core.account import AccountRef
from ledger.core.draft import Posting, credit, debit
from ledger.core.errors import RuleBroken
from ledger.rights.event import Event


@dataclass(eq=False)
class NoReason(RuleBroken):
    """What is taken without payment needs a reason."""

    code = "rights.no-reason"
    title = "What is moved without payment needs a reason"
    event: str


def paid(event: Event, payer: AccountRef, payee: AccountRef) -> tuple[Posting, ...]:
    """Move what is paid from a client to another account; nothing where nothing is paid."""
    if event.money is None:
        return ()
    return debit(payer, event.money), credit(payee, event.money)


def paid_or_reasoned(event: Event, payer: AccountRef, payee: AccountRef) -> tuple[Posting, ...]:
    """Move what is paid; without payment the event must say why."""
    if event.money is None and not event.reason.strip():
        raise NoReason(event.name)
    return paid(event, payer, payee)
