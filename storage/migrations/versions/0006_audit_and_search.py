"""What the staff do, who they are since when, and what returns and orders are found by"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000

# What was written stays: whoever holds the program's own connection cannot change it either.
_SEALED = {
    "sqlite": [
        f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"
        for act in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_sealed() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit is only ever added to'; END $$",
        "CREATE TRIGGER audit_sealed BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_sealed()",
    ],
}


def upgrade() -> None:
    id_ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit",
        sa.Column("id", id_, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_by", "audit", ["by", "id"])
    of_a_case = sa.text("case_id > 0")
    op.create_index(
        "ix_audit_case",
        "audit",
        ["case_id", "id"],
        sqlite_where=of_a_case,
        postgresql_where=of_a_case,
    )
    for statement in _SEALED[op.get_bind().dialect.name]:
        op.execute(statement)
    op.add_column("memberships", sa.Column("since", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("track", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("name_key", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("name_key", sa.Text(), nullable=True))
    _fill("cases", "id", "body", "track", lambda body: json.loads(body).get("track"))
    _fill("orders", "number", "body", "name_key", lambda body: _key(_name_in(body)))
    _fill("accounts", "id", "name", "name_key", _key)
    tracked = sa.text("track IS NOT NULL")
    op.create_index(
        "ix_cases_track", "cases", ["track"], sqlite_where=tracked, postgresql_where=tracked
    )
    for table in ("orders", "accounts"):
        op.create_index(
            f"ix_{table}_name",
            table,
            ["name_key"],
            postgresql_ops={"name_key": "text_pattern_ops"},
        )
    op.drop_index("ix_orders_unclaimed", "orders")
    op.create_index(op.f("ix_orders_phone"), "orders", ["phone"])


def _name_in(body: str) -> str:
    name: str = json.loads(body).get("customer_name", "")
    return name


def _key(name: str) -> str | None:
    return " ".join(name.split()).casefold() or None


def _fill(table: str, key: str, source: str, target: str, made) -> None:  # type: ignore[no-untyped-def]
    """Give a new column its values, a batch of rows at a time."""
    rows = sa.table(table, sa.column(key), sa.column(source), sa.column(target))
    connection, after = op.get_bind(), None
    while True:
        query = sa.select(rows.c[key], rows.c[source]).order_by(rows.c[key]).limit(BATCH)
        if after is not None:
            query = query.where(rows.c[key] > after)
        batch = connection.execute(query).all()
        if not batch:
            return
        values = [{"key_": row[0], "made_": made(row[1])} for row in batch]
        if told := [each for each in values if each["made_"] is not None]:
            connection.execute(
                rows.update()
                .where(rows.c[key] == sa.bindparam("key_"))
                .values({target: sa.bindparam("made_")}),
                told,
            )
        after = batch[-1][0]


def downgrade() -> None:
    unclaimed = sa.text("owner IS NULL")
    op.drop_index(op.f("ix_orders_phone"), "orders")
    op.create_index(
        "ix_orders_unclaimed",
        "orders",
        ["phone"],
        sqlite_where=unclaimed,
        postgresql_where=unclaimed,
    )
    op.drop_index("ix_accounts_name", "accounts")
    op.drop_index("ix_orders_name", "orders")
    op.drop_index("ix_cases_track", "cases")
    op.drop_column("accounts", "name_key")
    op.drop_column("orders", "name_key")
    op.drop_column("cases", "track")
    op.drop_column("memberships", "since")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_sealed()")
