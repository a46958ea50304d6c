"""Order files from the chat, and deductions for products that were missing"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id_ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "imports",
        sa.Column("id", id_, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    waits = sa.text("NOT done")
    op.create_index(
        "ix_imports_waiting", "imports", ["id"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "withholdings",
        sa.Column("id", id_, autoincrement=False, nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("posting", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("customer", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("contest", sa.Text(), nullable=True),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.Column("contested_by", sa.BigInteger(), nullable=True),
        sa.Column("contested_at", sa.BigInteger(), nullable=True),
        sa.Column("ruled_by", sa.BigInteger(), nullable=True),
        sa.Column("ruled_at", sa.BigInteger(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withholdings")),
    )
    op.create_index(op.f("ix_withholdings_order_number"), "withholdings", ["order_number"])
    op.create_index("ix_withholdings_seller", "withholdings", ["seller", "id"])
    waits = sa.text("ref IS NULL OR state = 'contested'")
    op.create_index(
        "ix_withholdings_work", "withholdings", ["id"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "withheld_money",
        sa.Column("withholding", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["withholding"], ["withholdings.id"], name=op.f("fk_withheld_money_withholding")
        ),
        sa.PrimaryKeyConstraint("withholding", "n", name=op.f("pk_withheld_money")),
    )


def downgrade() -> None:
    op.drop_table("withheld_money")
    op.drop_table("withholdings")
    op.drop_table("imports")
