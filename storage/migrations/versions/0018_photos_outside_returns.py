"""Photos that are shown outside returns, and where they were seen, too"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_UNCOMPARED = sa.text("NOT compared")


def upgrade() -> None:
    displays = op.create_table(
        "displays",
        sa.Column("spot", sa.Text()),
        sa.Column("file", sa.Text()),
        sa.Column("compared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("spot", "file", name=op.f("pk_displays")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_displays_file", "displays", ["file"])
    op.create_index(
        "ix_displays_uncompared",
        "displays",
        ["spot", "file"],
        sqlite_where=_UNCOMPARED,
        postgresql_where=_UNCOMPARED,
    )
    op.create_table(
        "sightings",
        sa.Column("spot", sa.Text()),
        sa.Column("file", sa.Text()),
        sa.Column("older", sa.Text()),
        sa.Column("older_file", sa.Text()),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("spot", "file", "older", "older_file", name=op.f("pk_sightings")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sightings_older", "sightings", ["older"])
    # What was shown against deductions before is found by what is new.
    shown = op.get_bind().execute(sa.text("SELECT id, photos FROM withholdings")).all()
    rows = [
        {"spot": f"deduction:{id}", "file": file, "compared": True}
        for id, photos in shown
        for file in dict.fromkeys(json.loads(photos))
    ]
    if rows:
        op.bulk_insert(displays, rows)


def downgrade() -> None:
    op.drop_table("sightings")
    op.drop_table("displays")
