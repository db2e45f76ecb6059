"""Holds with lines, periods, vouchers, annotations, the nodes of the tree, folded turnovers."""

import sqlalchemy as sa
from alembic import op

from ledger.store.tables import Big, Id, Small

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEW_LOG = ("hold_lines", "expiries", "period_events", "annotations", "tree_nodes")
NEW = (*NEW_LOG, "hold_states", "period_states", "voucher_counters")


def upgrade() -> None:
    """Add the tables and columns; on SQLite, close the new log tables to change."""
    _log_tables()
    _projections()
    op.add_column("transactions", sa.Column("up_to", sa.Text(), nullable=True))
    op.drop_index("ix_transactions_book_id_reverses", "transactions")
    op.create_index(
        "ix_transactions_reverses", "transactions", ["book_id", "reverses"],
        sqlite_where=sa.text("reverses IS NOT NULL"),
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )  # fmt: skip
    op.add_column("heads", sa.Column("turned_seq", Big, nullable=False, server_default="0"))
    op.execute("UPDATE heads SET turned_seq = seq")
    if op.get_bind().dialect.name == "sqlite":
        for table in NEW_LOG:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
                )


def downgrade() -> None:
    """Take them away again."""
    for table in reversed(NEW):
        op.drop_table(table)
    op.drop_index("ix_transactions_reverses", "transactions")
    op.create_index("ix_transactions_book_id_reverses", "transactions", ["book_id", "reverses"])
    op.execute("ALTER TABLE transactions DROP COLUMN up_to")
    op.execute("ALTER TABLE heads DROP COLUMN turned_seq")


def _log_tables() -> None:
    _of_records(
        "hold_lines",
        _key("line", sa.Integer()), _need("account_no", sa.Integer()),
        _need("commodity", sa.Text()), _need("side", Small), _need("quanta", Big),
        key=("book_id", "seq", "line"),
    )  # fmt: skip
    _of_records("expiries", _need("hold", Id()), _need("deadline_us", Big))
    _of_records(
        "period_events",
        _need("entity", sa.Text()), _need("basis", sa.Text()), _need("period", sa.Text()),
        _need("state", sa.Text()), _need("reason", sa.Text()), sa.Column("seal", sa.LargeBinary()),
        sa.Column("user_id", Id()),
    )  # fmt: skip
    _of_records(
        "annotations",
        _need("transaction_id", Id()), _need("metadata", sa.Text()), sa.Column("user_id", Id()),
    )  # fmt: skip
    op.create_index(
        "ix_annotations_book_id_transaction_id", "annotations", ["book_id", "transaction_id"]
    )
    op.create_table(
        "tree_nodes",
        _key("book_id", Small), _key("level", Small), _key("place", Big),
        _need("hash", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("book_id", "level", "place", name="pk_tree_nodes"),
        sqlite_strict=True,
    )  # fmt: skip


def _projections() -> None:
    op.create_table(
        "hold_states",
        _key("book_id", Small), _key("id", Id()), _need("seq", Big),
        _need("digest", sa.LargeBinary()), _need("kind", sa.Text()), sa.Column("group_id", Id()),
        sa.Column("deadline_us", Big), _need("remaining", sa.Text()), _need("state", sa.Text()),
        sa.Column("settled_seq", Big),
        sa.PrimaryKeyConstraint("book_id", "id", name="pk_hold_states"),
        sqlite_strict=True,
    )  # fmt: skip
    for column, where in (
        ("deadline_us", "state = 'pending' AND deadline_us IS NOT NULL"),
        ("group_id", "group_id IS NOT NULL"),
    ):
        op.create_index(
            f"ix_hold_states_{column}", "hold_states", ["book_id", column],
            sqlite_where=sa.text(where), postgresql_where=sa.text(where),
        )  # fmt: skip
    op.create_table(
        "period_states",
        _key("book_id", Small), _key("entity", sa.Text()), _key("basis", sa.Text()),
        _key("period", sa.Text()), _need("state", sa.Text()),
        sa.PrimaryKeyConstraint("book_id", "entity", "basis", "period", name="pk_period_states"),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "voucher_counters",
        _key("book_id", Small), _key("entity", sa.Text()), _key("period", sa.Text()),
        _key("type", sa.Text()), _need("last", Big),
        sa.PrimaryKeyConstraint("book_id", "entity", "period", "type", name="pk_voucher_counters"),
        sqlite_strict=True,
    )  # fmt: skip


def _of_records(
    name: str, *columns: sa.Column[object], key: tuple[str, ...] = ("book_id", "seq")
) -> None:
    op.create_table(
        name,
        _key("book_id", Small), _key("seq", Big), *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sqlite_strict=True,
    )  # fmt: skip


def _key(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)  # type: ignore[arg-type]


def _need(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]
