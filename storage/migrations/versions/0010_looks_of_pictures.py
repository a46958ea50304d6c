"""How pictures look, and which of them were found in two returns"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UNSEEN = sa.text("picture IS NULL AND unseen IS NULL")
_UNCOMPARED = sa.text("NOT compared")


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=False),
        sa.Column("views", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    op.create_table(
        "looks",
        sa.Column("band", sa.Integer(), autoincrement=False),
        sa.Column("picture", sa.BigInteger(), autoincrement=False),
        sa.Column("view", sa.Integer(), autoincrement=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("band", "picture", "view", name=op.f("pk_looks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reuses",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False),
        sa.Column("file", sa.Text()),
        sa.Column("older", sa.BigInteger(), autoincrement=False),
        sa.Column("older_file", sa.Text()),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reuses_case_id_cases")),
        sa.ForeignKeyConstraint(["older"], ["cases.id"], name=op.f("fk_reuses_older_cases")),
        sa.PrimaryKeyConstraint("case_id", "file", "older", "older_file", name=op.f("pk_reuses")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reuses_older", "reuses", ["older"])
    op.add_column(
        "files", sa.Column("forwarded", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("files", sa.Column("picture", sa.BigInteger(), nullable=True))
    op.add_column("files", sa.Column("unseen", sa.Text(), nullable=True))
    op.create_index("ix_files_picture", "files", ["picture"])
    op.create_index(
        "ix_files_unseen", "files", ["sent_at"], sqlite_where=_UNSEEN, postgresql_where=_UNSEEN
    )
    op.add_column(
        "evidence", sa.Column("compared", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    # Staff have been told of what is the same in these; they are found by what is new.
    op.execute("UPDATE evidence SET compared = TRUE")
    op.create_index(
        "ix_evidence_uncompared",
        "evidence",
        ["case_id", "file"],
        sqlite_where=_UNCOMPARED,
        postgresql_where=_UNCOMPARED,
    )


def downgrade() -> None:
    op.drop_index("ix_evidence_uncompared", "evidence")
    op.drop_column("evidence", "compared")
    op.drop_index("ix_files_unseen", "files")
    op.drop_index("ix_files_picture", "files")
    for column in ("unseen", "picture", "forwarded"):
        op.drop_column("files", column)
    for table in ("reuses", "looks", "pictures"):
        op.drop_table(table)
