"""Photos that are shown in two returns are sightings as all others are"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_MOVED = """
INSERT INTO sightings (spot, file, older, older_file, how, bits)
SELECT 'return:' || case_id, file, 'return:' || older, older_file, how, bits FROM reuses
"""
_BACK = """
INSERT INTO reuses (case_id, file, older, older_file, how, bits)
SELECT CAST(substr(spot, 8) AS BIGINT), file, CAST(substr(older, 8) AS BIGINT), older_file, how,
bits FROM sightings WHERE spot LIKE 'return:%' AND older LIKE 'return:%'
"""


def upgrade() -> None:
    op.execute(_MOVED)
    op.drop_table("reuses")
    line = op.get_bind()
    # What has not been told yet is told in the new words.
    waiting = line.execute(
        sa.text("SELECT id, payload FROM outbox WHERE payload LIKE '%\"pairs\"%'")
    )
    rows = [{"id": id, "payload": _in_new_words(payload)} for id, payload in waiting]
    if rows:
        line.execute(sa.text("UPDATE outbox SET payload = :payload WHERE id = :id"), rows)


def _in_new_words(payload: str) -> str:
    facts = json.loads(payload)
    facts["sightings"] = [
        [f"return:{case}", "", file, f"return:{older}", "", older_file, how, bits]
        for case, file, older, older_file, how, bits in facts.pop("pairs", ())
    ]
    if facts.get("notice") == "photo_reused":
        facts["notice"] = "photo_sighted"
    return json.dumps(facts)


def downgrade() -> None:
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
    op.execute(_BACK)
    op.execute("DELETE FROM sightings WHERE spot LIKE 'return:%' AND older LIKE 'return:%'")
