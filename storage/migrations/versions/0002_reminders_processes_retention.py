"""Reminders, several processes, retention"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("reminded_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("accounts", "reminded_at")
