"""`returndesk run --webhook`: what it needs, and two of them behind one address."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import asyncpg
import pytest

from bot.playground.people import Person
from bot.playground.telegram import Telegram
from bot.playground.webhook import push_updates
from bot.playground.wire import Json
from tests.cli.shell import Running, Shell
from tests.ports import free_port

SECRET = "a-secret-of-the-tests"
PEOPLE, WORDS = 6, 3


@pytest.mark.parametrize("missing", ["WEBHOOK_URL", "WEBHOOK_SECRET"])
def test_a_webhook_needs_an_address_and_a_secret(installed: Shell, missing: str) -> None:
    installed.settings |= {"WEBHOOK_URL": "https://shop.example/hook", "WEBHOOK_SECRET": SECRET}
    del installed.settings[missing]
    refused = installed("run", "--webhook")
    assert refused.status == 1
    assert refused.line.startswith(f"RETURNDESK_{missing} is not set")


@pytest.mark.parametrize(
    ("name", "value"),
    [("WEBHOOK_SECRET", "short"), ("WEBHOOK_URL", "shop.example"), ("WEBHOOK_LISTEN", "8080")],
)
def test_a_wrong_setting_of_the_webhook_is_named(installed: Shell, name: str, value: str) -> None:
    installed.settings |= {"WEBHOOK_URL": "https://shop.example/hook", "WEBHOOK_SECRET": SECRET}
    installed.settings[name] = value
    assert installed("run", "--webhook").line.startswith(f"RETURNDESK_{name} is wrong")


class Address:
    """One address behind which processes take turns."""

    def __init__(self, telegram: Telegram, ports: Sequence[int]) -> None:
        self.telegram = telegram
        self._turns = itertools.cycle(ports)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Telegram posts what it has, meanwhile."""
        async with aiohttp.ClientSession() as session:

            async def post(url: str, body: Json, headers: dict[str, str]) -> tuple[int, str]:
                place = f"http://127.0.0.1:{next(self._turns)}/hook"
                async with session.post(place, json=body, headers=headers) as response:
                    return response.status, await response.text()

            pushing = asyncio.create_task(push_updates(self.telegram, post))
            try:
                yield
            finally:
                pushing.cancel()
                await asyncio.wait([pushing])


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_share_the_work_and_one_follows_a_killed_one(
    shell: Shell, telegram: Telegram, database_url: str
) -> None:
    ports = free_port(), free_port()
    shell.settings |= {
        "DATABASE_URL": database_url,
        "WEBHOOK_URL": "http://shop.example/hook",
        "WEBHOOK_SECRET": SECRET,
    }
    async with AsyncExitStack() as stack:
        running: list[Running] = []
        for port, word in zip(ports, ("this process leads", "started"), strict=True):
            shell.settings["WEBHOOK_LISTEN"] = f"127.0.0.1:{port}"
            process = await shell.start("run", "--webhook")
            stack.push_async_callback(process.kill)
            await process.says(word)
            running.append(process)
        await stack.enter_async_context(Address(telegram, ports).open())
        people = [telegram.add_person(f"Anna {n}") for n in range(PEOPLE)]
        for _ in range(WORDS):
            for person in people:
                person.send("hello")
        await all_is_said(database_url, telegram)
        for person in people:
            person.send("once more")
        await running[0].kill()
        for person in people:
            person.send("and again")
        await running[1].says("this process leads")
        await all_is_said(database_url, telegram)
        assert telegram.violations == []
    await check_order(database_url, people)


async def all_is_said(database_url: str, telegram: Telegram) -> None:
    """Wait until everything is received, done and delivered."""
    connection = await asyncpg.connect(database_url)
    try:
        async with asyncio.timeout(60):
            while telegram.updates.pending or await connection.fetchval(UNDONE):
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


UNDONE = """
    SELECT (SELECT count(*) FROM inbox WHERE state = 'new')
         + (SELECT count(*) FROM outbox WHERE state IN ('new', 'sending', 'unknown'))"""


async def check_order(database_url: str, people: Sequence[Person]) -> None:
    """Every update was handled once, and those of one chat in their order."""
    connection = await asyncpg.connect(database_url)
    updates = await connection.fetch("SELECT update_id, chat, state FROM inbox ORDER BY update_id")
    said = await connection.fetch("SELECT chat, key FROM outbox WHERE key LIKE 'u:%' ORDER BY id")
    await connection.close()
    assert len(updates) == len(people) * (WORDS + 2)
    assert {row["state"] for row in updates} == {"done"}
    given, handled = defaultdict(list), defaultdict(list)
    for row in updates:
        given[row["chat"]].append(row["update_id"])
    for row in said:
        _, update, position = row["key"].split(":")
        if position == "0":
            handled[row["chat"]].append(int(update))
    assert handled == given
