"""Connections: kept from one transaction to the next, replaced when they broke, waited for."""

import asyncio
import sqlite3
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import func, select

from storage import lines, tables
from storage.database import Database, open_database
from storage.engines import parsed, path_of
from storage.gathered import KEYS
from storage.server_line import PostgresLine
from tests.databases import SqliteFiles
from tests.storage.samples import NOW
from tests.storage.test_inbox import update

on_a_server = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]


async def server(database_url: str, sql: str) -> list[int]:
    """What the server itself says, in numbers."""
    connection = await asyncpg.connect(database_url)
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


_COUNT = select(func.count()).select_from(tables.inbox)
_THESE = select(tables.inbox).where(tables.inbox.c.update_id.in_(KEYS))
_OURS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class TestOnAServer:
    """What only a server has: many connections, which break."""

    pytestmark = on_a_server

    async def test_a_transaction_takes_the_connection_that_the_last_one_left(
        self, database_url: str, memory: Database
    ) -> None:
        before = await server(database_url, f"SELECT pid {_OURS}")
        for number in range(1, 4):
            await memory.receive([update(number)], NOW)
        assert await server(database_url, f"SELECT pid {_OURS}") == before

    async def test_what_is_let_go_of_after_the_database_was_closed_is_not_kept(
        self, database_url: str
    ) -> None:
        async with await open_database(database_url) as memory:
            line = await memory._lines.begin()
            assert len(await server(database_url, f"SELECT pid {_OURS}")) == 1
        await memory._lines.let_go(line)
        assert await server(database_url, f"SELECT pid {_OURS}") == []

    async def test_what_is_asked_in_the_same_moment_makes_one_journey(
        self, memory: Database
    ) -> None:
        await memory.receive([update(1), update(2)], NOW)
        async with memory._transaction() as line:
            assert isinstance(line, PostgresLine)
            asked: list[str] = []
            line._driver.add_query_logger(lambda record: asked.append(record.query))
            counted, these, none = await asyncio.gather(
                line.execute(_COUNT),
                line.execute(_THESE, {"keys": [2, 3]}),
                line.execute(_THESE, {"keys": [4]}),
            )
        assert counted.scalar_one() == 2
        assert [(row.update_id, row.received_at) for row in these] == [(2, NOW)]
        assert none == []
        assert len([sql for sql in asked if "inbox" in sql]) == 1

    async def test_what_comes_in_is_looked_for_together_with_who_sent_it(
        self, memory: Database
    ) -> None:
        async with memory.group(receives=True) as group:
            line = group._connection
            assert isinstance(line, PostgresLine)
            arrivals = group.intake
            asked: list[str] = []
            line._driver.add_query_logger(lambda record: asked.append(record.query))
            assert await arrivals.keep([update(1), update(2)], NOW) == 2
        (sql,) = [each for each in asked if each.startswith("SELECT")]
        assert "accounts" in sql
        assert "inbox" in sql

    async def test_what_the_driver_refuses_is_refused_for_who_asked_it_alone(
        self, memory: Database
    ) -> None:
        async with memory._transaction() as line:
            counted, refused = await asyncio.gather(
                line.execute(_COUNT),
                line.execute(_THESE, {"keys": [2**63]}),
                return_exceptions=True,
            )
        assert counted == [(0,)]
        assert isinstance(refused, asyncpg.DataError)

    async def test_a_connection_that_died_while_nobody_used_it_costs_no_transaction(
        self, database_url: str, memory: Database
    ) -> None:
        async with memory.reading(NOW), memory.reading(NOW):
            pass
        killed = await server(database_url, f"SELECT pg_terminate_backend(pid)::int {_OURS}")
        assert killed == [1, 1]
        assert await memory.receive([update(1)], NOW) == 1

    async def test_who_is_cancelled_in_a_statement_leaves_no_transaction_open(
        self, database_url: str, memory: Database
    ) -> None:
        for turns in range(30):
            asked = asyncio.create_task(memory.vitals(NOW))
            for _ in range(turns):
                await asyncio.sleep(0.0003)
            asked.cancel()
            await asyncio.wait([asked])
            assert await memory.receive([update(turns + 1)], NOW) == 1
        assert await server(database_url, f"SELECT 1 {_OURS} AND state <> 'idle'") == []

    async def test_who_is_cancelled_while_a_transaction_waits_to_begin_leaves_nobody_waiting(
        self, database_url: str, memory: Database
    ) -> None:
        waits = f"SELECT 1 {_OURS} AND wait_event_type = 'Lock'"
        async with memory.group(receives=True):
            looking = asyncio.create_task(memory.horizon(lambda: NOW))
            async with asyncio.timeout(60):
                while not await server(database_url, waits):
                    await asyncio.sleep(0.01)
                looking.cancel()
                await asyncio.wait([looking])
                while await server(database_url, waits):
                    await asyncio.sleep(0.01)
        assert await memory.horizon(lambda: NOW) == NOW

    async def test_more_transactions_than_connections_wait_for_one_another(
        self, database_url: str, memory: Database
    ) -> None:
        most = 0

        async def read() -> None:
            nonlocal most
            async with memory.reading(NOW):
                (count,) = await server(database_url, f"SELECT count(*) {_OURS}")
                most = max(most, count)

        async with asyncio.timeout(60):
            await asyncio.gather(*(read() for _ in range(lines.MOST + 5)))
        # Those who ask are connected, too.
        assert most <= 2 * lines.MOST
        assert len(await server(database_url, f"SELECT pid {_OURS}")) <= lines.KEPT


async def test_a_long_reader_holds_up_nobody_while_the_log_is_emptied(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    url = sqlite_files.make(tmp_path)
    async with await open_database(url) as memory:
        await memory.receive([update(1)], NOW)
        reader = sqlite3.connect(path_of(parsed(url)) or "", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM inbox").fetchone()
        await memory.receive([update(2)], NOW)
        async with asyncio.timeout(60):
            assert not await memory.scrub()
        reader.execute("COMMIT")
        reader.close()
        assert await memory.scrub()
