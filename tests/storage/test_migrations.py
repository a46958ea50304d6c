"""The tables that the migrations make are the tables that the program means, up and down."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError

from storage import migrate, tables
from storage.database import open_database
from storage.engines import open_engine, parsed
from storage.errors import WrongSchema
from storage.tables import EPOCH


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        yield request.getfixturevalue("postgres").make()


async def described(url: str) -> tuple[list[str], list[object]]:
    """The tables of a database, and how they differ from the program's."""

    def look(connection: Connection) -> tuple[list[str], list[object]]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return inspect(connection).get_table_names(), compare_metadata(context, tables.metadata)

    engine = open_engine(parsed(url))
    async with engine.connect() as connection:
        found = await connection.run_sync(look)
    await engine.dispose()
    return found


async def test_up_down_and_up_again(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    assert await migrate.current(empty_url) == tables.SCHEMA
    await migrate.downgrade(empty_url, "base")
    assert (await described(empty_url))[0] == ["alembic_version"]
    assert await migrate.current(empty_url) is None
    await migrate.upgrade(empty_url)
    await migrate.upgrade(empty_url)
    assert await migrate.current(empty_url) == tables.SCHEMA
    await the_last_topic_becomes_the_cases(empty_url)
    await what_is_shown_against_deductions_is_compared_with_what_is_new(empty_url)
    await receipts_of_before_are_left_out_of_what_looks_alike(empty_url)
    await blocks_of_before_have_their_clocks(empty_url)
    await pairs_of_returns_become_sightings(empty_url)
    await every_word_of_a_name_is_found(empty_url)


async def the_last_topic_becomes_the_cases(url: str) -> None:
    """Once each dispute had a topic: the slot of the last one becomes that of the case."""
    await migrate.downgrade(url, "0008")
    slots = ["topic:1:2026-03-01T10:00:00+00:00", "topic:1:2026-03-09T10:00:00+00:00", "card:1"]
    rows = [{"chat": -5, "slot": slot, "message": n} for n, slot in enumerate(slots)]
    engine = open_engine(parsed(url))
    async with engine.begin() as connection:
        await connection.execute(tables.slots.insert(), rows)
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        found = await connection.execute(tables.slots.select().order_by(tables.slots.c.message))
    await engine.dispose()
    assert [row.slot for row in found] == [slots[0], "topic:1", "card:1"]


async def what_is_shown_against_deductions_is_compared_with_what_is_new(url: str) -> None:
    await migrate.downgrade(url, "0017")
    row = {
        "id": 7, "order_number": "1001", "posting": "1001-1", "sku": "A", "title": "A", "units": 1,
        "minor": 1, "currency": "RUB", "seller": "acme", "customer": 0, "by": 1, "at": EPOCH,
        "state": "contested", "photos": '["f1", "f2"]',
    }  # fmt: skip
    engine = open_engine(parsed(url))
    async with engine.begin() as connection:
        await connection.execute(tables.withholdings.insert(), [row])
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        found = (await connection.execute(tables.displays.select())).all()
    await engine.dispose()
    assert {(each.spot, each.file, each.compared) for each in found} == {
        ("deduction:7", "f1", True), ("deduction:7", "f2", True)
    }  # fmt: skip


async def blocks_of_before_have_their_clocks(url: str) -> None:
    """An objection without a clock waited for ever, and nobody heard that a block was over."""
    await migrate.downgrade(url, "0020")
    later, day = datetime(2100, 1, 1, tzinfo=UTC), timedelta(days=1)
    row = {"account": 1, "by": 2, "at": EPOCH, "reason": "", "state": "stands"}
    objected = {"appeal": "No.", "appealed_at": EPOCH}
    rows = [
        {"id": 1, **row, "until": None, **objected},
        {"id": 2, **row, "until": later, "appeal": None, "appealed_at": None},
        {"id": 3, **row, "until": EPOCH, **objected},
        {"id": 4, **row, "until": later, **objected, "state": "lifted"},
    ]
    engine = open_engine(parsed(url))
    async with engine.begin() as connection:
        await connection.execute(tables.blocks.insert(), rows)
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        found = (await connection.execute(tables.desk_timers.select())).all()
    await engine.dispose()
    assert {tuple(each) for each in found} == {
        ("block_confirm", 1, EPOCH + 3 * day, EPOCH + day),
        ("block_end", 2, later, later),
    }


async def pairs_of_returns_become_sightings(url: str) -> None:
    """Once they had a table of their own, and their own words in the outbox."""
    pair = [7, "b", 3, "a", "alike", 2]
    waits = {"notice": "photo_reused", "case": 7, "pairs": [pair], "more": 0}
    message = {"chat": 1, "kind": "notice", "how": "send", "silent": False, "at_most_once": False}
    message |= {"created_at": EPOCH, "not_before": EPOCH}
    case = {"status": "", "live": False, "alarmed": False, "address_known": False, "seq": 1}
    words = dict.fromkeys(("body", "seller", "order_number", "digest"), "")
    case |= {"version": 1, "customer": 1, "status_since": EPOCH, **words}
    engine = open_engine(parsed(url))
    async with engine.begin() as connection:
        await connection.execute(tables.cases.insert(), [{"id": id, **case} for id in (3, 7)])
        seen = dict(
            zip(tables.sightings.c.keys(), ["return:7", "b", "return:3", *pair[3:]], strict=True)
        )
        await connection.execute(tables.sightings.insert(), seen)
    await migrate.downgrade(url, "0021")
    async with engine.begin() as connection:
        old = await connection.execute(text("SELECT * FROM reuses"))
        assert [[*row] for row in old] == [pair]
        row = {"key": "old", "payload": json.dumps(waits), **message}
        await connection.execute(tables.outbox.insert(), row)
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        (found,) = await connection.execute(tables.sightings.select())
        told = (await connection.execute(select(tables.outbox.c.payload))).scalar_one()
    await engine.dispose()
    assert found._asdict() == seen
    values = ["return:7", "", "b", "return:3", "", "a", "alike", 2]
    assert json.loads(told) == {
        "notice": "photo_sighted", "case": 7, "more": 0, "sightings": [values]
    }  # fmt: skip


async def every_word_of_a_name_is_found(url: str) -> None:
    """Once the whole of a name had one key."""
    names = {"1001": "{Anna} de la Cruz-Lopez", "1002": "", "1003": "Anna Anna"}
    orders = [
        {"number": number, "created_at": EPOCH, "body": json.dumps({"customer_name": name})}
        for number, name in names.items()
    ]
    person = {"language": "en", "zone": "UTC", "role": "customer", "blocked": False}
    people = [
        {"id": id, "name": name, "flagged": False, **person}
        for id, name in ((1, "Пётр  Petrov"), (2, ""))
    ]
    engine = open_engine(parsed(url))
    async with engine.begin() as connection:
        await connection.execute(tables.orders.insert(), orders)
        await connection.execute(tables.accounts.insert(), people)
    await migrate.downgrade(url, "0022")
    async with engine.connect() as connection:
        keys = (await connection.execute(text("SELECT name_key FROM orders"))).scalars().all()
        assert {*keys} == {"{anna} de la cruz-lopez", None, "anna anna"}
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        found = [
            {tuple(row) for row in await connection.execute(each.select())}
            for each in (tables.order_names, tables.account_names)
        ]
    await engine.dispose()
    assert found == [
        {("1001", word) for word in ("{anna}", "de", "la", "cruz", "lopez")} | {("1003", "anna")},
        {(1, "пётр"), (1, "petrov")},
    ]


async def receipts_of_before_are_left_out_of_what_looks_alike(url: str) -> None:
    """Once no receipt was marked: those that came as nothing else are known by their events."""
    await migrate.downgrade(url, "0018")
    came = {"submit": ["mug", "both"], "sent": ["receipt", "both"], "cancel": []}
    words = dict.fromkeys(("body", "seller", "order_number", "status", "digest"), "")
    flags = dict.fromkeys(("live", "alarmed", "address_known"), False)
    case = {"id": 1, "version": 1, "customer": 1, "seq": 2, "status_since": EPOCH, **words, **flags}
    line = {column.name: "" for column in tables.history.columns}
    engine = open_engine(parsed(url))
    async with engine.begin() as connection:
        await connection.execute(tables.cases.insert(), case)
        for seq, (event, photos) in enumerate(came.items()):
            own = {"case_id": 1, "seq": seq, "version": seq, "n": 0, "at": EPOCH, "person": 0}
            await connection.execute(tables.history.insert(), line | own | {"event": event})
            body = json.dumps({"photos": photos} if photos else {"text": "No"})
            content = {"case_id": 1, "seq": seq, "salt": "", "body": body}
            await connection.execute(tables.contents.insert(), content)
        shown = [{"case_id": 1, "file": each} for each in ("mug", "both", "receipt")]
        await connection.execute(tables.evidence.insert(), shown)
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        found = await connection.execute(tables.evidence.select())
        assert [row.file for row in found if row.receipt] == ["receipt"]
    await engine.dispose()


async def test_the_migrations_make_the_tables_that_the_program_means(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    names, differences = await described(empty_url)
    assert differences == []
    assert {*names} == {*tables.metadata.tables, "alembic_version"}
    if empty_url.startswith("sqlite"):
        # A partial index is only used where its own words stand.
        async with open_engine(parsed(empty_url)).connect() as connection:
            made = await connection.execute(text("SELECT name, sql FROM sqlite_master"))
            wheres = {name: sql.partition(" WHERE ")[2] for name, sql in made if sql}
        for table in tables.metadata.sorted_tables:
            for index in table.indexes:
                where = index.dialect_options["sqlite"]["where"]
                assert wheres[index.name] == ("" if where is None else str(where)), index.name


def test_the_newest_migration_is_the_schema_that_the_program_reads() -> None:
    assert ScriptDirectory.from_config(migrate.config()).get_heads() == [tables.SCHEMA]


async def pretend(url: str, revision: str) -> None:
    """Let the tables say that they are of this revision."""
    engine = open_engine(parsed(url))
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision}
        )
    await engine.dispose()


async def test_tables_of_another_version_say_what_to_run(database_url: str) -> None:
    await pretend(database_url, "0000")
    with pytest.raises(WrongSchema, match=r"older .* run `returndesk init`"):
        await open_database(database_url)
    await pretend(database_url, "9999")
    with pytest.raises(WrongSchema, match=r"newer .* upgrade the program"):
        await open_database(database_url)
    with pytest.raises(WrongSchema, match="newer"):
        await migrate.upgrade(database_url)
    await pretend(database_url, tables.SCHEMA)


async def test_a_database_without_tables_says_what_to_run(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    await migrate.downgrade(empty_url, "base")
    with pytest.raises(WrongSchema, match="run `returndesk init`"):
        await open_database(empty_url)
    async with await open_database(empty_url, create=True) as database:
        assert await database.last_update_id() == 0


@pytest.mark.parametrize("act", ["DELETE FROM audit", "UPDATE audit SET person = 0"])
async def test_a_line_of_the_audit_can_be_neither_changed_nor_deleted(
    database_url: str, act: str
) -> None:
    line = {"at": EPOCH, "by": 1, "deed": "acted", "case_id": 1, "person": 0, "thing": ""}
    engine = open_engine(parsed(database_url))
    async with engine.begin() as connection:
        await connection.execute(tables.audit.insert(), {**line, "facts": "{}"})
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with engine.begin() as connection:
            await connection.execute(text(act))
    await engine.dispose()
