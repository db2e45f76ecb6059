"""What runs where django-hordak is installed; it is told a database and seconds, prints JSON.

It is also told whether the triggers that look at each leg and at the sum at commit stay on.
Unchecked, only its tables, keys and Python remain, which is the fastest that it can be.
"""

import json
import sys
import time
from datetime import date
from importlib import import_module
from itertools import count
from typing import Any

BATCH = 100
ACCOUNTS = 10_000


def main(dsn: str, seconds: float, *, checked: bool) -> None:
    """Make the tables and the accounts, then post batches until the time is over."""
    _configure(dsn)
    connection = import_module("django.db").connection
    models = import_module("hordak.models")
    import_module("django.core.management").call_command("migrate", verbosity=0)
    accounts = _accounts(models)
    if not checked:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE hordak_leg DISABLE TRIGGER USER")
    start = time.perf_counter()
    for number in count():
        _post(models, accounts, number * BATCH)
        taken = time.perf_counter() - start
        if taken >= seconds:
            break
    posted = models.Transaction.objects.count()
    sys.stdout.write(json.dumps({"transactions": posted, "seconds": taken}) + "\n")


def _configure(dsn: str) -> None:
    told: dict[str, str] = import_module("psycopg.conninfo").conninfo_to_dict(dsn)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": told["dbname"],
        **{name.upper(): told.get(name, "") for name in ("user", "password", "host", "port")},
    }
    django = import_module("django")
    import_module("django.conf").settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=[
            "django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak",
        ],
        SECRET_KEY="none is kept",  # noqa: S106
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        CURRENCIES=["CNY"],
        DEFAULT_CURRENCY="CNY",
        HORDAK_INTERNAL_CURRENCY="CNY",
    )  # fmt: skip
    django.setup()


def _accounts(models: Any) -> list[Any]:
    made = [
        models.Account(
            name=f"account {number}", type="AS", currencies=["CNY"],
            lft=1, rght=2, level=0, tree_id=number + 1,
        )
        for number in range(ACCOUNTS)
    ]  # fmt: skip
    return list(models.Account.objects.bulk_create(made))


def _post(models: Any, accounts: list[Any], first: int) -> None:
    amount = import_module("moneyed").Money("1.00", "CNY")
    transactions = [
        models.Transaction(date=date(2026, 1, 1), description="deposit") for _ in range(BATCH)
    ]
    legs = []
    for number, each in enumerate(transactions, first):
        debited, credited = accounts[number % ACCOUNTS], accounts[(number + 1) % ACCOUNTS]
        legs.append(models.Leg(transaction=each, account=debited, debit=amount))
        legs.append(models.Leg(transaction=each, account=credited, credit=amount))
    with import_module("django.db").transaction.atomic():
        models.Transaction.objects.bulk_create(transactions)
        models.Leg.objects.bulk_create(legs)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), checked=sys.argv[3] == "checked")
