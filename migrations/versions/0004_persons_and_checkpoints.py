"""Personal data in a table that can be erased, the notes of checkpoints, accounts by party."""

import sqlalchemy as sa
from alembic import op

from ledger.store.tables import Big, Id, Small

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; on SQLite, close the notes to change and persons to all but erasure."""
    op.create_table(
        "checkpoints",
        _key("book_id", Small), _key("size", Big), _key("made_at_us", Big),
        _need("root", sa.LargeBinary()), _need("note", sa.Text()),
        sa.PrimaryKeyConstraint("book_id", "size", "made_at_us", name="pk_checkpoints"),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "persons",
        _key("book_id", Small), _key("account", sa.Text()), _need("id", Id()),
        _need("salt", sa.LargeBinary()), _need("name", sa.Text()),
        _need("identity_number", sa.Text()), _need("bank_account", sa.Text()),
        sa.PrimaryKeyConstraint("book_id", "account", name="pk_persons"),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index("ix_persons_book_id_id", "persons", ["book_id", "id"])
    op.create_index(
        "ix_accounts_party", "accounts", ["book_id", "party"],
        sqlite_where=sa.text("party IS NOT NULL"), postgresql_where=sa.text("party IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_account_events_book_id_account_no", "account_events", ["book_id", "account_no"]
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER checkpoints_no_{verb.lower()} BEFORE {verb} ON checkpoints "
                "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
            )
        op.execute(
            "CREATE TRIGGER persons_no_update BEFORE UPDATE ON persons "
            "BEGIN SELECT RAISE(ABORT, 'what is personal is erased, never rewritten'); END"
        )


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_account_events_book_id_account_no", "account_events")
    op.drop_index("ix_accounts_party", "accounts")
    op.drop_index("ix_persons_book_id_id", "persons")
    op.drop_table("persons")
    op.drop_table("checkpoints")


def _key(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)  # type: ignore[arg-type]


def _need(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]
