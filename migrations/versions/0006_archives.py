"""Archives: cases and dossiers beside the log, which names them by their digest."""

import sqlalchemy as sa
from alembic import op

from ledger.store.tables import Big, Id, Small

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; on SQLite, close it to change."""
    op.create_table(
        "archives",
        _need("book_id", Small), _need("kind", sa.Text()), _need("digest", sa.LargeBinary()),
        _need("about", sa.Text()), _need("content", sa.LargeBinary()), _need("kept_at_us", Big),
        sa.Column("user_id", Id()),
        sa.PrimaryKeyConstraint("book_id", "kind", "digest", name="pk_archives"),
        sqlite_strict=True,
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER archives_no_{verb.lower()} BEFORE {verb} ON archives "
                "BEGIN SELECT RAISE(ABORT, 'what the log names is never changed'); END"
            )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("archives")


def _need(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)  # type: ignore[arg-type]
