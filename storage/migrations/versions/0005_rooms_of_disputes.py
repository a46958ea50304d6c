"""Rooms of disputes, what was written in them, and proposals of three sides"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_DISPUTED = sa.text("SELECT id, body FROM cases WHERE status = 'DISPUTE'")
_KEEP = sa.text("UPDATE cases SET body = :body WHERE id = :id")


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rooms_case_id")),
        sa.PrimaryKeyConstraint("case_id", "opened_at", name=op.f("pk_rooms")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "letters",
        sa.Column("chat", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_letters_case_id")),
        sa.PrimaryKeyConstraint("chat", "message", "n", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_case_id"), "letters", ["case_id"])
    in_groups = sa.text("chat < 0")
    op.create_index(
        "ix_slots_in_groups",
        "slots",
        ["chat", "message"],
        sqlite_where=in_groups,
        postgresql_where=in_groups,
    )
    _rewrite(_as_proposal)


def downgrade() -> None:
    _rewrite(_as_settlement)
    op.drop_index("ix_slots_in_groups", "slots")
    op.drop_table("letters")
    op.drop_table("rooms")


def _rewrite(change: Callable[[Any], bool]) -> None:
    connection = op.get_bind()
    for id, body in connection.execute(_DISPUTED).all():
        case = json.loads(body)
        if change(case["dispute"]):
            said = json.dumps(case, ensure_ascii=False, separators=(",", ":"))
            connection.execute(_KEEP, {"id": id, "body": said})


def _as_proposal(dispute: Any) -> bool:
    """Before, the seller alone could propose something: a sum."""
    amount = dispute.pop("settlement", None)
    if amount:
        dispute["proposals"] = [{"by": "seller", "terms": "part", "amount": amount}]
    return amount is not None


def _as_settlement(dispute: Any) -> bool:
    proposals = dispute.pop("proposals", ())
    for proposal in proposals:
        if (proposal["by"], proposal["terms"]) == ("seller", "part"):
            dispute["settlement"] = proposal["amount"]
    return bool(proposals)
