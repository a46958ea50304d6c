"""Seals of the history, and when returns were opened"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was written before keeps its digest: it is not sealed.
    op.add_column("history", sa.Column("salt", sa.Text(), nullable=False, server_default=""))
    first = sa.text("seq = 1")
    op.create_index(
        "ix_history_opened", "history", ["at"], sqlite_where=first, postgresql_where=first
    )


def downgrade() -> None:
    # Sealed lines do not hold without their salts.
    op.drop_index("ix_history_opened", "history")
    op.drop_column("history", "salt")
