"""The topic of a case is opened again by its next dispute: it is known by the case alone"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    slots = sa.table("slots", sa.column("slot"), sa.column("chat"))
    old = sa.select(slots).where(slots.c.slot.like("topic:%:%")).order_by(slots.c.slot)
    # Of several disputes of a case the last one says which topic is its; slots end with instants.
    last = {(row.chat, row.slot.split(":")[1]): row.slot for row in op.get_bind().execute(old)}
    for (chat, case), slot in last.items():
        this = sa.update(slots).where(slots.c.slot == slot, slots.c.chat == chat)
        op.execute(this.values(slot=f"topic:{case}"))


def downgrade() -> None:
    # A dispute that is open goes on without its topic.
    pass
