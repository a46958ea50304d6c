"""Orders are found by every word of a name, no longer only by how the whole of it begins"""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BATCH = 1000

_BETWEEN = re.compile(r"[\s.,/()\-‐-―]+")


def upgrade() -> None:
    _words_of("orders", "number", "order_names", sa.Column("number", sa.Text()))
    account = sa.Column("account", sa.BigInteger(), autoincrement=False)
    _words_of("accounts", "id", "account_names", account)


def _words_of(table: str, key: str, names: str, whose: sa.Column[str] | sa.Column[int]) -> None:
    words = op.create_table(
        names,
        whose,
        sa.Column("word", sa.Text()),
        sa.PrimaryKeyConstraint(whose.name, "word", name=op.f(f"pk_{names}")),
        sqlite_with_rowid=False,
    )
    for batch in _batches(table, key, "name_key"):
        rows = [
            {whose.name: id_, "word": word}
            for id_, name in batch
            for word in dict.fromkeys(filter(None, _BETWEEN.split(name or "")))
        ]
        if rows:
            op.bulk_insert(words, rows)
    op.create_index(
        f"ix_{names}_word", names, ["word"], postgresql_ops={"word": "text_pattern_ops"}
    )
    op.drop_index(f"ix_{table}_name", table)
    op.drop_column(table, "name_key")


def downgrade() -> None:
    for table, key, source, name in (
        ("orders", "number", "body", lambda body: json.loads(body).get("customer_name", "")),
        ("accounts", "id", "name", str),
    ):
        op.add_column(table, sa.Column("name_key", sa.Text(), nullable=True))
        rows = sa.table(table, sa.column(key), sa.column("name_key"))
        named = rows.update().where(rows.c[key] == sa.bindparam("key_"))
        for batch in _batches(table, key, source):
            keys = [{"key_": id_, "name_key": _key(name(said))} for id_, said in batch]
            op.get_bind().execute(named, keys)
        op.create_index(
            f"ix_{table}_name", table, ["name_key"], postgresql_ops={"name_key": "text_pattern_ops"}
        )
    op.drop_table("account_names")
    op.drop_table("order_names")


def _batches(table: str, key: str, source: str):  # type: ignore[no-untyped-def]
    """(key, what the source says) of all rows, some at a time."""
    rows = sa.table(table, sa.column(key), sa.column(source))
    query, after = sa.select(rows.c[key], rows.c[source]).order_by(rows.c[key]).limit(BATCH), None
    while True:
        behind = query if after is None else query.where(rows.c[key] > after)
        batch = op.get_bind().execute(behind).all()
        if not batch:
            return
        yield batch
        after = batch[-1][0]


def _key(name: str) -> str | None:
    return " ".join(name.split()).casefold() or None
