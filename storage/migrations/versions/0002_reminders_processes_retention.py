"""Reminders, several processes, retention"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("called_at", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("purged", sa.Integer(), nullable=False, server_default="0"))
    stopped = sa.text("NOT reachable")
    op.create_index(
        "ix_accounts_unreachable",
        "accounts",
        ["id"],
        sqlite_where=stopped,
        postgresql_where=stopped,
    )
    closed = sa.text("NOT live AND purged < seq")
    op.create_index(
        "ix_cases_kept", "cases", ["status_since"], sqlite_where=closed, postgresql_where=closed
    )
    op.add_column(
        "orders", sa.Column("purged", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    kept = sa.text("NOT purged")
    op.create_index(
        "ix_orders_kept", "orders", ["created_at"], sqlite_where=kept, postgresql_where=kept
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE case_numbers")
        op.execute("SELECT setval('case_numbers', value) FROM counters WHERE name = 'case'")
    op.create_table(
        "held_reminders",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owes", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_held_reminders_case_id")),
        sa.PrimaryKeyConstraint(
            "person", "case_id", "kind", "owes", "at", name=op.f("pk_held_reminders")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_held_reminders_until"), "held_reminders", ["until"])
    person = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "reminded",
        sa.Column("person", person, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_reminded")),
    )
    op.create_table(
        "opened_orders",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_opened_orders")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_opened_orders_look_at"), "opened_orders", ["look_at"])
    aside = sa.text("state IN ('quarantine', 'shed')")
    op.create_index(
        "ix_inbox_aside", "inbox", ["state"], sqlite_where=aside, postgresql_where=aside
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_aside", "inbox")
    op.drop_table("opened_orders")
    op.drop_table("reminded")
    op.drop_table("held_reminders")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "INSERT INTO counters SELECT 'case', last_value FROM case_numbers WHERE is_called "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        op.execute("DROP SEQUENCE case_numbers")
    op.drop_index("ix_accounts_unreachable", "accounts")
    op.drop_index("ix_orders_kept", "orders")
    op.drop_column("orders", "purged")
    op.drop_index("ix_cases_kept", "cases")
    op.drop_column("cases", "purged")
    op.drop_column("accounts", "called_at")
