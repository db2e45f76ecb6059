"""What runs where python-accounting is installed; it is told a database and seconds, prints JSON.

Entries are made and posted as its README says; `post` commits each.
"""

import json
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from typing import Any

ACCOUNTS = 100  # it keeps no balances: more of them change nothing


def main(dsn: str, seconds: float) -> None:
    """Make the tables and the accounts, then post entries until the time is over."""
    models = import_module("python_accounting.models")
    engine = import_module("sqlalchemy").create_engine(
        "postgresql+psycopg2://",
        connect_args=import_module("psycopg2.extensions").parse_dsn(dsn),
    )
    models.Base.metadata.create_all(engine)
    with import_module("python_accounting.database.session").get_session(engine) as session:
        entity, accounts = _accounts(models, session)
        start = time.perf_counter()
        for number in count():
            payer, payee = accounts[number % ACCOUNTS], accounts[(number + 1) % ACCOUNTS]
            _post(models, session, entity, payer, payee)
            taken = time.perf_counter() - start
            if taken >= seconds:
                break
        posted = session.query(models.Transaction).count()
    sys.stdout.write(json.dumps({"transactions": posted, "seconds": taken}) + "\n")


def _accounts(models: Any, session: Any) -> tuple[int, list[int]]:
    entity = models.Entity(name="Bureau")
    session.add(entity)
    session.commit()
    currency = models.Currency(name="Yuan", code="CNY", entity_id=entity.id)
    session.add(currency)
    session.commit()
    made = [
        models.Account(
            name=f"Account {number}",
            account_type=models.Account.AccountType.BANK,
            currency_id=currency.id,
            entity_id=entity.id,
        )
        for number in range(ACCOUNTS)
    ]
    for each in made:
        session.add(each)
        session.flush()
    session.commit()
    return entity.id, [each.id for each in made]


def _post(models: Any, session: Any, entity: int, payer: int, payee: int) -> None:
    entry = import_module("python_accounting.transactions").JournalEntry(
        narration="deposit",
        transaction_date=datetime.now(UTC).replace(tzinfo=None),
        account_id=payer,
        entity_id=entity,
    )
    session.add(entry)
    session.flush()
    line = models.LineItem(narration="deposit", account_id=payee, amount=1, entity_id=entity)
    session.add(line)
    session.flush()
    entry.line_items.add(line)
    session.add(entry)
    entry.post(session)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
