"""What was never fetched comes before what nobody has looked at"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_UNSEEN = sa.text("picture IS NULL AND unseen IS NULL")
_PICTURED = sa.text("picture IS NOT NULL")


def upgrade() -> None:
    _drop()
    _create("ix_files_unseen", ["sha256", "sent_at"], _UNSEEN)
    _create("ix_files_picture", ["picture"], _PICTURED)


def downgrade() -> None:
    _drop()
    _create("ix_files_unseen", ["sent_at"], _UNSEEN)
    op.create_index("ix_files_picture", "files", ["picture"])


def _drop() -> None:
    op.drop_index("ix_files_unseen", "files")
    op.drop_index("ix_files_picture", "files")


def _create(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "files", columns, sqlite_where=where, postgresql_where=where)
