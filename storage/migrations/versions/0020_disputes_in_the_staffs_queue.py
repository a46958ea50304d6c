"""A dispute is in the queue of the staff from its first hour on"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BEFORE = "live AND (alarmed OR owes IN ('moderator', 'admin'))"
_NOW = "live AND (alarmed OR owes IN ('moderator', 'admin') OR status = 'DISPUTE')"


def upgrade() -> None:
    _index(_NOW)


def downgrade() -> None:
    _index(_BEFORE)


def _index(which: str) -> None:
    where = sa.text(which)
    op.drop_index("ix_cases_staff", "cases")
    op.create_index(
        "ix_cases_staff", "cases", ["due_at"], sqlite_where=where, postgresql_where=where
    )
