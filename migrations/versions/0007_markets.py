"""Markets: what they are told, in a sequence of their own, and what it came to."""

import sqlalchemy as sa
from alembic import op

from ledger.store.tables import Big, Id, Small

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("market_events", "market_effects")


def upgrade() -> None:
    """Add the tables; on SQLite, close them to change."""
    _events()
    _effects()
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'what a market was told is never changed'); END"
                )


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        op.drop_table(table)


def _events() -> None:
    op.create_table(
        "market_events",
        _need("book_id", Small), _need("market", sa.Text()), _need("number", Big),
        _need("id", Id()), _need("digest", sa.LargeBinary()), _need("at_us", Big),
        _need("kind", sa.Text()), _need("party", sa.Text()), _need("event", sa.Text()),
        sa.Column("refusal", sa.Text()), sa.Column("carried", sa.Text()),
        sa.Column("user_id", Id()),
        sa.PrimaryKeyConstraint("book_id", "market", "number", name="pk_market_events"),
        sa.UniqueConstraint("book_id", "id", name="uq_market_events_book_id_id"),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index(
        "ix_market_events_book_id_party_market_number", "market_events",
        ["book_id", "party", "market", "number"],
    )  # fmt: skip
    _partly("market_events", "number", where="carried IS NOT NULL")


def _effects() -> None:
    op.create_table(
        "market_effects",
        _need("book_id", Small), _need("market", sa.Text()), _need("number", Big),
        _need("place", sa.Integer()), _need("kind", sa.Text()),
        sa.Column("one", Big), sa.Column("other", Big),
        _need("product", sa.Text()), _need("mode", sa.Text()), _need("effect", sa.Text()),
        sa.PrimaryKeyConstraint("book_id", "market", "number", "place", name="pk_market_effects"),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index(
        "ix_market_effects_book_id_market_one", "market_effects", ["book_id", "market", "one"]
    )
    _partly("market_effects", "other", where="other IS NOT NULL")
    _partly("market_effects", "product", "number", where="kind = 'fill'")


def _partly(table: str, *columns: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        f"ix_{table}_market_{'_'.join(columns)}", table, ["book_id", "market", *columns],
        postgresql_where=condition, sqlite_where=condition,
    )  # fmt: skip


def _need(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)  # type: ignore[arg-type]
