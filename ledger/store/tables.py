"""The tables: the log (insert only), projections of it, global reference, and evidence.

Every log and projection key begins with ``book_id``. On PostgreSQL there are no triggers and no
row-checked foreign keys; on SQLite the tables are STRICT and the log has append-only triggers.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.types import TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)
Big = BigInteger().with_variant(Integer(), "sqlite")
Small = SmallInteger().with_variant(Integer(), "sqlite")


class Id(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, readable text in a STRICT SQLite table."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the dialect."""
        native: TypeEngine[Any] = Uuid() if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(native)

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """Write a UUID."""
        return value if value is None or dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        """Read a UUID."""
        return UUID(value) if isinstance(value, str) else value


class Day(TypeDecorator[dt.date]):
    """A date: native on PostgreSQL, ISO text in a STRICT SQLite table."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the dialect."""
        native: TypeEngine[Any] = Date() if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(native)

    def process_bind_param(self, value: dt.date | None, dialect: Dialect) -> Any:
        """Write a date."""
        return value if value is None or dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.date | None:
        """Read a date."""
        return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _key(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _need(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _table(name: str, *parts: Any) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True)


def _index(table: str, *columns: str, where: str) -> Index:
    name = f"ix_{table}_{'_'.join(columns)}"
    condition = text(where)
    return Index(name, "book_id", *columns, postgresql_where=condition, sqlite_where=condition)


# Global reference

books = _table(
    "books", _key("id", Small), _need("code", Text), _need("uuid", Id), UniqueConstraint("code")
)
commodities = _table(
    "commodities", _key("code", Text), _need("unit", Text), _need("scale", Small),
    _need("kind", Text), _need("instrument", Text),
)  # fmt: skip
parties = _table("parties", _key("id", Id), _need("kind", Text), _need("name", Text))
users = _table("users", _key("id", Id), _need("name", Text), UniqueConstraint("name"))
api_keys = _table(
    "api_keys", _key("sha256", LargeBinary), _need("user_id", Id), _need("created_at_us", Big),
    Column("revoked_at_us", Big),
)  # fmt: skip
grants = _table(
    "grants", _key("id", Id), _need("user_id", Id), _need("role", Text), Column("book_id", Small),
    Column("entity", Text), Column("party", Id), Index(None, "user_id"),
)  # fmt: skip

# The log: insert only

records = _table(
    "records", _key("book_id", Small), _key("seq", Big), _need("kind", Small),
    _need("booked_at_us", Big), _need("leaf", LargeBinary),
)  # fmt: skip
book_events = _table(
    "book_events", _key("book_id", Small), _key("seq", Big), _need("code", Text),
    _need("time_zone", Text), _need("policy", Text), Column("user_id", Id),
)  # fmt: skip
transactions = _table(
    "transactions", _key("book_id", Small), _key("seq", Big), _need("id", Id),
    _need("digest", LargeBinary), _need("kind", Text), _need("effective_on", Day),
    _need("narrative", Text), _need("reference", Text), Column("preparer", Id),
    Column("approver", Id), _need("metadata", Text), _need("attachments", Text),
    Column("reverses", Id), Column("late_for", Text), Column("chain", Id), _need("consumes", Text),
    Column("up_to", Text),
    UniqueConstraint("book_id", "id"),
    _index("transactions", "reverses", where="reverses IS NOT NULL"),
)  # fmt: skip
entity_periods = _table(
    "entity_periods", _key("book_id", Small), _key("seq", Big), _key("entity", Text),
    _need("period", Text), Column("voucher_type", Text), Column("voucher_number", Big),
)  # fmt: skip
postings = _table(
    "postings", _key("book_id", Small), _key("seq", Big), _key("line", Integer),
    _need("account_no", Integer), _need("commodity", Text), _need("side", Small),
    _need("red", Small), _need("quanta", Big), _need("balance_after", Big),
    Index(None, "book_id", "account_no", "commodity", "seq"),
)  # fmt: skip
holds = _table(
    "holds", _key("book_id", Small), _key("seq", Big), _need("id", Id),
    _need("digest", LargeBinary), _need("kind", Text), _need("reference", Text),
    Column("group_id", Id), Column("deadline_us", Big), Column("preparer", Id),
    UniqueConstraint("book_id", "id"),
)  # fmt: skip
hold_lines = _table(
    "hold_lines", _key("book_id", Small), _key("seq", Big), _key("line", Integer),
    _need("account_no", Integer), _need("commodity", Text), _need("side", Small),
    _need("quanta", Big),
)  # fmt: skip
consumptions = _table(
    "consumptions", _key("book_id", Small), _key("seq", Big), _need("id", Id),
    _need("digest", LargeBinary), _need("consumes", Text), Column("user_id", Id),
    UniqueConstraint("book_id", "id"),
)  # fmt: skip
expiries = _table(
    "expiries", _key("book_id", Small), _key("seq", Big), _need("hold", Id),
    _need("deadline_us", Big),
)  # fmt: skip
period_events = _table(
    "period_events", _key("book_id", Small), _key("seq", Big), _need("entity", Text),
    _need("basis", Text), _need("period", Text), _need("state", Text), _need("reason", Text),
    Column("seal", LargeBinary), Column("user_id", Id),
)  # fmt: skip
annotations = _table(
    "annotations", _key("book_id", Small), _key("seq", Big), _need("transaction_id", Id),
    _need("metadata", Text), Column("user_id", Id), Index(None, "book_id", "transaction_id"),
)  # fmt: skip
foreign_digests = _table(
    "foreign_digests", _key("book_id", Small), _key("seq", Big), _need("what", Text),
    _need("reference", Text), _need("digest", LargeBinary), _need("metadata", Text),
    Column("user_id", Id), UniqueConstraint("book_id", "reference", "what"),
)  # fmt: skip
tree_nodes = _table(
    "tree_nodes", _key("book_id", Small), _key("level", Small), _key("place", Big),
    _need("hash", LargeBinary),
)  # fmt: skip
checkpoints = _table(
    "checkpoints", _key("book_id", Small), _key("size", Big), _key("made_at_us", Big),
    _need("root", LargeBinary), _need("note", Text),
)  # fmt: skip
voids = _table(
    "voids", _key("book_id", Small), _key("seq", Big), _need("hold", Id), _need("reason", Text),
    Column("user_id", Id),
)  # fmt: skip
account_events = _table(
    "account_events", _key("book_id", Small), _key("seq", Big), _need("account_no", Integer),
    _need("code", Text), _need("class", Text), _need("normal", Small), _need("basis", Text),
    Column("party", Id), _need("kinds", Text), _need("bounds", Text),
    Column("always_zero_days", Integer), _need("state", Text), Column("user_id", Id),
    Index(None, "book_id", "account_no"),
)  # fmt: skip
commodity_uses = _table(
    "commodity_uses", _key("book_id", Small), _key("seq", Big), _need("code", Text),
    _need("unit", Text), _need("scale", Small), _need("kind", Text), _need("instrument", Text),
    UniqueConstraint("book_id", "code"),
)  # fmt: skip

# Evidence: insert only, named by digest in the metadata of the transactions that rest on it

evidence = _table(
    "evidence", _key("book_id", Small), _key("id", Id), _need("kind", Text), _need("code", Text),
    _need("content", Text), _need("digest", LargeBinary),
)  # fmt: skip
evidence_links = _table(
    "evidence_links", _key("book_id", Small), _key("id", Id), _key("rests_on", Id),
    _need("digest", LargeBinary),
)  # fmt: skip

# Projections: rebuilt from the log, and verified against it

heads = _table(
    "heads", _key("book_id", Small), _need("seq", Big), _need("frontier", LargeBinary),
    _need("booked_at_us", Big), _need("accounts_opened", Integer), _need("time_zone", Text),
    _need("policy", Text), _need("turned_seq", Big), _need("balanced_seq", Big),
    _need("refusals", Big),
)  # fmt: skip
accounts = _table(
    "accounts", _key("book_id", Small), _key("no", Integer), _need("code", Text),
    _need("class", Text), _need("normal", Small), _need("entity", Text), _need("basis", Text),
    Column("party", Id), _need("kinds", Text), _need("bounds", Text),
    Column("always_zero_days", Integer), _need("state", Text), UniqueConstraint("book_id", "code"),
    _index("accounts", "party", where="party IS NOT NULL"),
)  # fmt: skip
balances = _table(
    "balances", _key("book_id", Small), _key("account_no", Integer), _key("commodity", Text),
    _need("dr_posted", Big), _need("cr_posted", Big), _need("dr_held", Big), _need("cr_held", Big),
    _need("last_effective_on", Day),
)  # fmt: skip
turnovers = _table(
    "turnovers", _key("book_id", Small), _key("account_no", Integer), _key("commodity", Text),
    _key("effective_on", Day), _key("booked_on", Day), _need("dr", Big), _need("cr", Big),
)  # fmt: skip
hold_states = _table(
    "hold_states", _key("book_id", Small), _key("id", Id), _need("seq", Big),
    _need("digest", LargeBinary), _need("kind", Text), Column("group_id", Id),
    Column("deadline_us", Big), _need("remaining", Text), _need("state", Text),
    Column("settled_seq", Big),
    _index("hold_states", "deadline_us", where="state = 'pending' AND deadline_us IS NOT NULL"),
    _index("hold_states", "group_id", where="group_id IS NOT NULL"),
)  # fmt: skip
period_states = _table(
    "period_states", _key("book_id", Small), _key("entity", Text), _key("basis", Text),
    _key("period", Text), _need("state", Text),
)  # fmt: skip
voucher_counters = _table(
    "voucher_counters", _key("book_id", Small), _key("entity", Text), _key("period", Text),
    _key("type", Text), _need("last", Big),
)  # fmt: skip
refusals = _table(
    "refusals", _key("book_id", Small), _key("id", Id), _need("digest", LargeBinary),
    _need("code", Text), _need("facts", Text),
)  # fmt: skip
proposals = _table(
    "proposals", _key("book_id", Small), _key("id", Id), _need("seq", Big),
    _need("digest", LargeBinary), _need("body", Text), Column("preparer", Id),
    _need("state", Text),
)  # fmt: skip

# Erasable: what may have to be forgotten, bound to the log by a salted commitment only

persons = _table(
    "persons", _key("book_id", Small), _key("account", Text), _need("id", Id),
    _need("salt", LargeBinary), _need("name", Text), _need("identity_number", Text),
    _need("bank_account", Text), Index(None, "book_id", "id"),
)  # fmt: skip

# Beside the log, insert only: files that records of the log name by their digest

archives = _table(
    "archives", _key("book_id", Small), _key("kind", Text), _key("digest", LargeBinary),
    _need("about", Text), _need("content", LargeBinary), _need("kept_at_us", Big),
    Column("user_id", Id),
)  # fmt: skip

# Beside the log, insert only: what markets are told, in a sequence of their own, and its effects

market_events = _table(
    "market_events", _key("book_id", Small), _key("market", Text), _key("number", Big),
    _need("id", Id), _need("digest", LargeBinary), _need("at_us", Big), _need("kind", Text),
    _need("party", Text), _need("event", Text), Column("refusal", Text), Column("carried", Text),
    Column("user_id", Id),
    UniqueConstraint("book_id", "id"), Index(None, "book_id", "party", "market", "number"),
    _index("market_events", "market", "number", where="carried IS NOT NULL"),
)  # fmt: skip
market_effects = _table(
    "market_effects", _key("book_id", Small), _key("market", Text), _key("number", Big),
    _key("place", Integer), _need("kind", Text), Column("one", Big), Column("other", Big),
    _need("product", Text), _need("mode", Text), _need("effect", Text),
    Index(None, "book_id", "market", "one"),
    _index("market_effects", "market", "other", where="other IS NOT NULL"),
    _index("market_effects", "market", "product", "number", where="kind = 'fill'"),
)  # fmt: skip

LOG = (
    records, book_events, transactions, entity_periods, postings, holds, hold_lines, voids,
    expiries, period_events, annotations, account_events, commodity_uses, evidence,
    evidence_links, tree_nodes, checkpoints, consumptions, foreign_digests,
    archives, market_events, market_effects,
)  # fmt: skip
REFERENCE = (books, commodities, parties)
UPDATABLE = (
    heads, accounts, balances, turnovers, proposals, hold_states, period_states, voucher_counters,
    api_keys,
)  # fmt: skip
INSERTABLE = (refusals, users, grants)
ERASABLE = (persons,)
