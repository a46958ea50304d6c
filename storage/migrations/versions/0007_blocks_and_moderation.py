"""Blocks of customers, the desk's own clocks, and why a seller is pre-moderated"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LOST = (
    "before = 'DISPUTE' AND after IN ('APPROVED', 'REFUND_DUE')"
    " AND event IN ('decide', 'dispute_reply_due', 'receive', 'delivered_due')"
)


def upgrade() -> None:
    id_ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "blocks",
        sa.Column("id", id_, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_at", sa.BigInteger(), nullable=True),
        sa.Column("ruled_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    op.create_index("ix_blocks_account", "blocks", ["account", "id"])
    held = sa.text("state <> 'lifted'")
    op.create_index("ix_blocks_held", "blocks", ["id"], sqlite_where=held, postgresql_where=held)
    op.create_table(
        "desk_timers",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_desk_timers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_desk_timers_look_at"), "desk_timers", ["look_at"])
    op.add_column("accounts", sa.Column("blocked_until", sa.BigInteger(), nullable=True))
    op.add_column("sellers", sa.Column("premod_by", sa.BigInteger(), nullable=True))
    op.add_column("sellers", sa.Column("premod_until", sa.BigInteger(), nullable=True))
    lost = sa.text(_LOST)
    op.create_index("ix_history_lost", "history", ["at"], sqlite_where=lost, postgresql_where=lost)


def downgrade() -> None:
    op.drop_index("ix_history_lost", "history")
    op.drop_column("sellers", "premod_until")
    op.drop_column("sellers", "premod_by")
    op.drop_column("accounts", "blocked_until")
    op.drop_table("desk_timers")
    op.drop_table("blocks")
