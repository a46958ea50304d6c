"""Messages that were given up, by chat"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    dead = sa.text("state = 'dead'")
    op.create_index("ix_outbox_dead", "outbox", ["chat"], sqlite_where=dead, postgresql_where=dead)


def downgrade() -> None:
    op.drop_index("ix_outbox_dead", "outbox")
