"""A naive REST endpoint over an ORM: what a careful beginner writes, served as it ships.

FastAPI and SQLAlchemy, no async, one session a request: the transaction and its two postings are
inserted, the two balances locked, in order, and moved, and the request commits.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import BigInteger, ForeignKey, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from benchmarks.peers.address import engine
from benchmarks.peers.load import Load, load, post

ACCOUNTS = 10_000
HOST = "127.0.0.1"
PATH = "/transactions"
ROOT = Path(__file__).parents[2]


class Base(DeclarativeBase):
    """The tables of the endpoint."""

    type_annotation_map = {int: BigInteger}  # noqa: RUF012 (as SQLAlchemy documents it)


class Balance(Base):
    """What is on an account."""

    __tablename__ = "balances"
    account: Mapped[int] = mapped_column(primary_key=True)
    quanta: Mapped[int]


class Transaction(Base):
    """What happened, and when."""

    __tablename__ = "transactions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date]
    narrative: Mapped[str]


class Posting(Base):
    """One line of a transaction, and the balance that it leaves."""

    __tablename__ = "postings"
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("transactions.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("balances.account"))
    quanta: Mapped[int]
    balance_after: Mapped[int]


class PostingIn(BaseModel):
    """One line as it is sent."""

    account: int
    quanta: int


class TransactionIn(BaseModel):
    """A transaction as it is sent."""

    id: UUID
    day: date
    narrative: str
    postings: list[PostingIn]


def application(url: str) -> FastAPI:
    """Return the endpoint over a database that has been prepared."""
    app, sessions = FastAPI(), sessionmaker(engine(url, clients=64))

    def session() -> Iterator[Session]:
        with sessions() as each:
            yield each

    @app.post(PATH, status_code=201)
    def create(sent: TransactionIn, session: Annotated[Session, Depends(session)]) -> TransactionIn:
        if sum(each.quanta for each in sent.postings):
            raise HTTPException(422, "unbalanced")
        write(session, sent)
        session.commit()
        return sent

    return app


def write(session: Session, sent: TransactionIn) -> None:
    """Insert the rows and move the balances, each locked before it is read."""
    accounts = sorted({each.account for each in sent.postings})
    wanted = select(Balance).where(Balance.account.in_(accounts)).order_by(Balance.account)
    balances = {each.account: each for each in session.scalars(wanted.with_for_update())}
    session.add(Transaction(id=sent.id, day=sent.day, narrative=sent.narrative))
    session.flush()
    for line, each in enumerate(sent.postings):
        balance = balances[each.account]
        balance.quanta += each.quanta
        session.add(
            Posting(
                transaction_id=sent.id,
                line=line,
                account=each.account,
                quanta=each.quanta,
                balance_after=balance.quanta,
            )
        )


def prepare(url: str) -> None:
    """Make the tables and the accounts in an empty database."""
    made = engine(url)
    Base.metadata.create_all(made)
    with made.begin() as connection:
        opened = [{"account": number, "quanta": 0} for number in range(ACCOUNTS)]
        connection.execute(insert(Balance), opened)
    made.dispose()


@contextmanager
def served(url: str) -> Iterator[int]:
    """Serve the endpoint from a process of its own; give the port."""
    with socket.create_server((HOST, 0), backlog=256) as listening:
        told = [url, str(listening.fileno())]
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "benchmarks.peers.orm_endpoint", *told],
            cwd=ROOT,
            pass_fds=[listening.fileno()],
        )
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.terminate()
            server.wait()


def requests() -> Iterator[bytes]:
    """Yield requests without end, each a new transaction between two of the accounts."""
    for number in count():
        payer, payee = number % ACCOUNTS, (number * 7 + 1) % ACCOUNTS
        sent = {
            "id": str(uuid4()),
            "day": "2026-01-01",
            "narrative": "deposit",
            "postings": [
                {"account": payer, "quanta": -100},
                {"account": payee, "quanta": 100},
            ],
        }
        yield post(PATH, json.dumps(sent).encode())


def rate(url: str, *, seconds: float = 10, connections: int = 64) -> Load:
    """Prepare an empty database, serve, and return what the connections got out of it."""
    prepare(url)
    with served(url) as port:
        load(HOST, port, requests(), seconds=1, connections=connections)
        return load(HOST, port, requests(), seconds=seconds, connections=connections)


def main(url: str, listening: int) -> None:
    """Serve on a socket that the parent has opened."""
    config = uvicorn.Config(application(url), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=listening)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
