"""Balances may be behind the log: the head says up to which record they tell all.

Every process that writes is stopped first: one of an older edition would not move the marks.
"""

import sqlalchemy as sa
from alembic import op

from ledger.store.tables import Big

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark; all balances that are there tell everything."""
    op.add_column("heads", sa.Column("balanced_seq", Big, nullable=False, server_default="0"))
    op.add_column("heads", sa.Column("refusals", Big, nullable=False, server_default="0"))
    op.execute(
        "UPDATE heads SET balanced_seq = seq, refusals = "
        "(SELECT count(*) FROM refusals WHERE refusals.book_id = heads.book_id)"
    )


def downgrade() -> None:
    """Refuse where balances are behind: an older edition would take them for all there is."""
    behind = op.get_bind().execute(sa.text("SELECT count(*) FROM heads WHERE balanced_seq < seq"))
    if behind.scalar_one():
        raise RuntimeError("balances are behind the log: post from a new process, then go down")
    op.execute("ALTER TABLE heads DROP COLUMN refusals")
    op.execute("ALTER TABLE heads DROP COLUMN balanced_seq")
