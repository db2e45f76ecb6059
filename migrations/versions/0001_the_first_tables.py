"""The first tables: the log, its projections, reference, evidence, users and keys."""

import sqlalchemy as sa
from alembic import op

from ledger.store.tables import Big, Day, Id, Small

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


INSERT_ONLY = (
    "records", "book_events", "transactions", "entity_periods", "postings", "holds", "voids",
    "account_events", "commodity_uses", "evidence", "evidence_links", "books", "commodities",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables; on SQLite, close the log to change by triggers."""
    _create()
    if op.get_bind().dialect.name == "sqlite":
        for table in INSERT_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
                )


def downgrade() -> None:
    """Drop the tables."""
    _drop()


def _create() -> None:
    op.create_table(
        "account_events",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("account_no", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("normal", Small, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("party", Id(), nullable=True),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("bounds", sa.Text(), nullable=False),
        sa.Column("always_zero_days", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("user_id", Id(), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_account_events")),
        sqlite_strict=True,
    )
    op.create_table(
        "accounts",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("normal", Small, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("party", Id(), nullable=True),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("bounds", sa.Text(), nullable=False),
        sa.Column("always_zero_days", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "no", name=op.f("pk_accounts")),
        sa.UniqueConstraint("book_id", "code", name=op.f("uq_accounts_book_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "api_keys",
        sa.Column("sha256", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("created_at_us", Big, nullable=False),
        sa.Column("revoked_at_us", Big, nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_api_keys")),
        sqlite_strict=True,
    )
    op.create_table(
        "balances",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("account_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("commodity", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("dr_posted", Big, nullable=False),
        sa.Column("cr_posted", Big, nullable=False),
        sa.Column("dr_held", Big, nullable=False),
        sa.Column("cr_held", Big, nullable=False),
        sa.Column("last_effective_on", Day(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "account_no", "commodity", name=op.f("pk_balances")),
        sqlite_strict=True,
    )
    op.create_table(
        "book_events",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("user_id", Id(), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_book_events")),
        sqlite_strict=True,
    )
    op.create_table(
        "books",
        sa.Column("id", Small, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("uuid", Id(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
        sa.UniqueConstraint("code", name=op.f("uq_books_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "commodities",
        sa.Column("code", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scale", Small, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_commodities")),
        sqlite_strict=True,
    )
    op.create_table(
        "commodity_uses",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scale", Small, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_commodity_uses")),
        sa.UniqueConstraint("book_id", "code", name=op.f("uq_commodity_uses_book_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "entity_periods",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("voucher_type", sa.Text(), nullable=True),
        sa.Column("voucher_number", Big, nullable=True),
        sa.PrimaryKeyConstraint("book_id", "seq", "entity", name=op.f("pk_entity_periods")),
        sqlite_strict=True,
    )
    op.create_table(
        "evidence",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("id", Id(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_evidence")),
        sqlite_strict=True,
    )
    op.create_table(
        "evidence_links",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("id", Id(), autoincrement=False, nullable=False),
        sa.Column("rests_on", Id(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", "rests_on", name=op.f("pk_evidence_links")),
        sqlite_strict=True,
    )
    op.create_table(
        "grants",
        sa.Column("id", Id(), autoincrement=False, nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("book_id", Small, nullable=True),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("party", Id(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_user_id"), ["user_id"], unique=False)

    op.create_table(
        "heads",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("booked_at_us", Big, nullable=False),
        sa.Column("accounts_opened", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name=op.f("pk_heads")),
        sqlite_strict=True,
    )
    op.create_table(
        "holds",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("group_id", Id(), nullable=True),
        sa.Column("deadline_us", Big, nullable=True),
        sa.Column("preparer", Id(), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_holds")),
        sa.UniqueConstraint("book_id", "id", name=op.f("uq_holds_book_id_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "parties",
        sa.Column("id", Id(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sqlite_strict=True,
    )
    op.create_table(
        "postings",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_no", sa.Integer(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("side", Small, nullable=False),
        sa.Column("red", Small, nullable=False),
        sa.Column("quanta", Big, nullable=False),
        sa.Column("balance_after", Big, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", "line", name=op.f("pk_postings")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("postings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_postings_book_id_account_no_commodity_seq"),
            ["book_id", "account_no", "commodity", "seq"],
            unique=False,
        )

    op.create_table(
        "proposals",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("id", Id(), autoincrement=False, nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("preparer", Id(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_proposals")),
        sqlite_strict=True,
    )
    op.create_table(
        "records",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("kind", Small, nullable=False),
        sa.Column("booked_at_us", Big, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_records")),
        sqlite_strict=True,
    )
    op.create_table(
        "refusals",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("id", Id(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_refusals")),
        sqlite_strict=True,
    )
    op.create_table(
        "transactions",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", Day(), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("preparer", Id(), nullable=True),
        sa.Column("approver", Id(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("reverses", Id(), nullable=True),
        sa.Column("late_for", sa.Text(), nullable=True),
        sa.Column("chain", Id(), nullable=True),
        sa.Column("consumes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_transactions")),
        sa.UniqueConstraint("book_id", "id", name=op.f("uq_transactions_book_id_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("transactions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transactions_book_id_reverses"), ["book_id", "reverses"], unique=False
        )

    op.create_table(
        "turnovers",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("account_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("commodity", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("effective_on", Day(), autoincrement=False, nullable=False),
        sa.Column("booked_on", Day(), autoincrement=False, nullable=False),
        sa.Column("dr", Big, nullable=False),
        sa.Column("cr", Big, nullable=False),
        sa.PrimaryKeyConstraint(
            "book_id",
            "account_no",
            "commodity",
            "effective_on",
            "booked_on",
            name=op.f("pk_turnovers"),
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "users",
        sa.Column("id", Id(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "voids",
        sa.Column("book_id", Small, autoincrement=False, nullable=False),
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("hold", Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", Id(), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_voids")),
        sqlite_strict=True,
    )


def _drop() -> None:
    op.drop_table("voids")
    op.drop_table("users")
    op.drop_table("turnovers")
    with op.batch_alter_table("transactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transactions_book_id_reverses"))

    op.drop_table("transactions")
    op.drop_table("refusals")
    op.drop_table("records")
    op.drop_table("proposals")
    with op.batch_alter_table("postings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_postings_book_id_account_no_commodity_seq"))

    op.drop_table("postings")
    op.drop_table("parties")
    op.drop_table("holds")
    op.drop_table("heads")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grants_user_id"))

    op.drop_table("grants")
    op.drop_table("evidence_links")
    op.drop_table("evidence")
    op.drop_table("entity_periods")
    op.drop_table("commodity_uses")
    op.drop_table("commodities")
    op.drop_table("books")
    op.drop_table("book_events")
    op.drop_table("balances")
    op.drop_table("api_keys")
    op.drop_table("accounts")
    op.drop_table("account_events")
