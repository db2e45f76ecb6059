"""Foreign digests, and consumptions without a posting: two more tables of the log."""

import sqlalchemy as sa
from alembic import op

from ledger.store.tables import Big, Id, Small

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NEW_LOG = ("consumptions", "foreign_digests")


def upgrade() -> None:
    """Add the tables; on SQLite, close them to change."""
    _of_records(
        "consumptions",
        _need("id", Id()), _need("digest", sa.LargeBinary()), _need("consumes", sa.Text()),
        sa.Column("user_id", Id()),
        sa.UniqueConstraint("book_id", "id", name="uq_consumptions_book_id_id"),
    )  # fmt: skip
    _of_records(
        "foreign_digests",
        _need("what", sa.Text()), _need("reference", sa.Text()),
        _need("digest", sa.LargeBinary()), _need("metadata", sa.Text()),
        sa.Column("user_id", Id()),
        sa.UniqueConstraint(
            "book_id", "reference", "what", name="uq_foreign_digests_book_id_reference_what"
        ),
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        for table in NEW_LOG:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
                )


def downgrade() -> None:
    """Take them away again."""
    for table in reversed(NEW_LOG):
        op.drop_table(table)


def _of_records(name: str, *columns: sa.Column[object] | sa.UniqueConstraint) -> None:
    op.create_table(
        name,
        _need("book_id", Small), _need("seq", Big), *columns,
        sa.PrimaryKeyConstraint("book_id", "seq", name=f"pk_{name}"),
        sqlite_strict=True,
    )  # fmt: skip


def _need(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)  # type: ignore[arg-type]
