"""Templates of rejections, and ratings of finished returns"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "templates",
        sa.Column("id", id, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
    )
    op.create_index(op.f("ix_templates_seller"), "templates", ["seller"])
    op.create_table(
        "ratings",
        sa.Column("case_id", id, autoincrement=False, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("word", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_ratings_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_ratings")),
    )
    op.create_index("ix_ratings_seller", "ratings", ["seller", "stars"])
    words = sa.text("word IS NOT NULL")
    op.create_index(
        "ix_ratings_worded", "ratings", ["case_id"], sqlite_where=words, postgresql_where=words
    )


def downgrade() -> None:
    op.drop_table("ratings")
    op.drop_table("templates")
