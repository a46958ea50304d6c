"""Clocks of blocks of before: of objections that wait for an answer, and of their own ends"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_DAY = 24 * 3600 * 10**6
"""Microseconds."""
_OBJECTIONS = """
INSERT INTO desk_timers (kind, subject, due_at, look_at)
SELECT 'block_confirm', id, appealed_at + :due, appealed_at + :look FROM blocks
WHERE state = 'stands' AND appealed_at IS NOT NULL AND ruled_by IS NULL
AND (until IS NULL OR until > :now)
"""
_ENDS = """
INSERT INTO desk_timers (kind, subject, due_at, look_at)
SELECT 'block_end', id, until, until FROM blocks WHERE state <> 'lifted' AND until > :now
"""


def upgrade() -> None:
    now, line = time.time_ns() // 1000, op.get_bind()
    line.execute(sa.text(_OBJECTIONS), {"now": now, "due": 3 * _DAY, "look": _DAY})
    line.execute(sa.text(_ENDS), {"now": now})


def downgrade() -> None:
    """Objections keep their clock, which stops by itself where it is not known."""
    op.execute("DELETE FROM desk_timers WHERE kind = 'block_end'")
