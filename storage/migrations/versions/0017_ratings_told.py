"""What sellers have been told of their ratings: figures that move in steps"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_SEEN = """
UPDATE ratings SET told = stars WHERE seller IN
(SELECT seller FROM ratings GROUP BY seller HAVING count(*) >= 5)
"""


def upgrade() -> None:
    op.add_column("ratings", sa.Column("told", sa.Integer(), nullable=True))
    op.execute(_SEEN)


def downgrade() -> None:
    op.drop_column("ratings", "told")
