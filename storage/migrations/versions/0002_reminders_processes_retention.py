"""Reminders, several processes, retention"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("reminded_at", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("purged", sa.Integer(), nullable=False, server_default="0"))
    closed = sa.text("NOT live AND purged < seq")
    op.create_index(
        "ix_cases_kept", "cases", ["status_since"], sqlite_where=closed, postgresql_where=closed
    )
    no = sa.Column("purged", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("orders", no)
    kept = sa.text("NOT purged")
    op.create_index(
        "ix_orders_kept", "orders", ["created_at"], sqlite_where=kept, postgresql_where=kept
    )


def downgrade() -> None:
    op.drop_index("ix_orders_kept", "orders")
    op.drop_column("orders", "purged")
    op.drop_index("ix_cases_kept", "cases")
    op.drop_column("cases", "purged")
    op.drop_column("accounts", "reminded_at")
