"""A 200 means that the update is committed, whatever is posted and whoever posts it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.playground.webhook import push_updates
from bot.screens.screen import Toast
from bot.services.records import Received
from bot.workers.contact import Contact
from bot.workers.health import Watch
from bot.workers.link import Stopped, TelegramClock
from bot.workers.listener import listening
from bot.workers.receiver import alone
from bot.workers.webhook import SECRET_HEADER, Webhook
from storage.database import Database
from storage.errors import Full
from tests.workers.local_bot import NOON, Clock, in_process

SECRET = "a-secret-of-the-tests"


class Door:
    """A webhook that listens, with what it needs and what it told."""

    def __init__(self, memory: Database, clock: Clock) -> None:
        self.memory, self.clock = memory, clock
        self.telegram, self.bot = in_process(clock)
        self.alerts: list[str] = []
        self.url = ""
        self.contact = Contact(
            clock, TelegramClock(clock, clock.steady), timedelta(minutes=15), steady=clock.steady
        )
        self.webhook = self.built("http://127.0.0.1:1/hook")

    def built(self, url: str) -> Webhook:
        return Webhook(
            self.bot,
            self.memory,
            self.clock,
            url=url,
            secret=SECRET,
            contact=self.contact,
            alert=self._alert,
            receive=alone(self.memory, lambda: None),
            sleep=self.clock.sleep,
        )

    async def _alert(self, name: str, facts: Mapping[str, Any]) -> None:
        self.alerts.append(name)

    async def post(self, body: bytes, secret: str | bytes = SECRET) -> tuple[int, str]:
        """Post as anybody may: the status and the body of the answer."""
        headers = {SECRET_HEADER.encode(): secret if isinstance(secret, bytes) else secret.encode()}
        async with aiohttp.ClientSession() as session:
            raw = {key.decode(): value.decode("latin-1") for key, value in headers.items()}
            async with session.post(self.url, data=body, headers=raw) as response:
                return response.status, await response.text()

    async def inbox(self) -> list[Received]:
        async with self.memory.group() as group:
            return list(await group.pending(64, self.clock()))


@pytest.fixture
async def door(memory: Database, clock: Clock) -> AsyncIterator[Door]:
    """A door at which nobody has knocked."""
    found = Door(memory, clock)
    async with listening("127.0.0.1:0", [found.webhook.route], most_bytes=2**16) as place:
        found.url = f"{place}/hook"
        yield found


@asynccontextmanager
async def pushing(door: Door) -> AsyncIterator[None]:
    """Telegram posts what it has, meanwhile."""
    task = asyncio.create_task(push_updates(door.telegram))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def press(id: int, query: str) -> bytes:
    return json.dumps(
        {"update_id": id, "callback_query": {"id": query, "message": {"chat": {"id": id}}}}
    ).encode()


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "s\u00e9cret".encode()])
async def test_who_does_not_know_the_secret_is_refused(door: Door, secret: str | bytes) -> None:
    assert (await door.post(b'{"update_id": 1}', secret))[0] == 401
    assert await door.inbox() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"update_id": "x"}', b"[" * 50_000])
async def test_what_is_no_update_is_refused_and_told_once(door: Door, body: bytes) -> None:
    assert (await door.post(body))[0] == 400
    assert (await door.post(body))[0] == 400
    assert door.alerts == ["update_unreadable"]
    assert await door.inbox() == []


async def test_an_update_of_no_known_kind_is_kept_for_the_quarantine(door: Door) -> None:
    assert await door.post(b'{"update_id": 7, "message": {"chat": "no chat"}}') == (200, "")
    assert [row.update_id for row in await door.inbox()] == [7]


async def test_a_body_that_is_too_large_is_told_to_the_staff(door: Door) -> None:
    assert (await door.post(b"x" * (2**16 + 1)))[0] == 413
    assert door.alerts == ["update_too_large"]


async def test_what_cannot_be_committed_is_not_taken(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> object:
        raise Full("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(door.memory, "receiving", full)
        assert (await door.post(b'{"update_id": 1}'))[0] == 503
    assert await door.post(b'{"update_id": 1}') == (200, "")
    assert await door.post(b'{"update_id": 1}') == (200, "")
    assert len(await door.inbox()) == 1


async def test_posts_that_come_together_share_a_commit(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = 0
    receiving = door.memory.receiving

    def counted() -> Any:
        nonlocal commits
        commits += 1
        return receiving()

    monkeypatch.setattr(door.memory, "receiving", counted)
    posts = (
        door.post(b'{"update_id": %d, "message": {"chat": {"id": %d}}}' % (i, i))
        for i in range(1, 41)
    )
    assert {status for status, _ in await asyncio.gather(*posts)} == {200}
    assert len(await door.inbox()) == 40
    assert commits < 40


async def test_posts_that_come_before_the_transaction_begins_are_in_it(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, all_there = 0, asyncio.Event()
    receiving = door.memory.receiving

    @asynccontextmanager
    async def late() -> AsyncIterator[Any]:
        nonlocal commits
        commits += 1
        await all_there.wait()
        async with receiving() as intake:
            yield intake

    monkeypatch.setattr(door.memory, "receiving", late)
    posts = [asyncio.create_task(door.post(press(1, "q1")))]
    while not commits:
        await asyncio.sleep(0)
    posts += [asyncio.create_task(door.post(press(id, f"q{id}"))) for id in (2, 3, 4)]
    while len(door.webhook._waiting) < 3:
        await asyncio.sleep(0)
    all_there.set()
    assert {status for status, _ in await asyncio.gather(*posts)} == {200}
    assert commits == 1


async def test_the_answer_to_a_press_rides_in_the_response(door: Door) -> None:
    posted = asyncio.create_task(door.post(press(1, "q1")))
    while not await door.inbox():
        await asyncio.sleep(0)
    assert door.webhook.answer("q1", Toast(text="Done"))
    status, body = await posted
    assert (status, json.loads(body)) == (
        200,
        {"method": "answerCallbackQuery", "callback_query_id": "q1", "text": "Done"},
    )
    assert not door.webhook.answer("q1", None)


async def test_a_press_that_takes_long_is_taken_all_the_same(door: Door) -> None:
    assert await door.post(press(1, "q1")) == (200, "")


async def test_telegram_is_told_where_to_post_and_loses_nothing(door: Door) -> None:
    anna = door.telegram.add_person("Anna")
    anna.send("before")
    door.webhook._url = door.url
    door.contact.begin(await door.memory.heartbeat())
    assert not door.contact.settled
    async with pushing(door):
        await door.webhook.look()
        assert door.telegram.webhook_secret == SECRET
        assert door.telegram.updates.webhook_connections == 100
        anna.send("after")
        async with asyncio.timeout(60):
            while door.telegram.updates.pending:
                await asyncio.sleep(0.01)
    assert not door.contact.settled
    await door.webhook.look()
    assert door.contact.settled
    assert await door.memory.heartbeat() == NOON


async def test_what_waited_in_an_outage_counts_as_received_before_it(door: Door) -> None:
    door.webhook._url = door.url
    door.contact.begin(await door.memory.heartbeat())
    await door.webhook.look()
    door.clock.pass_by(minutes=30)
    door.telegram.add_person("Anna").send("in the dark")
    door.contact.interrupted()
    async with pushing(door):
        async with asyncio.timeout(60):
            while door.telegram.updates.pending:
                await asyncio.sleep(0.01)
    await door.webhook.look()
    assert [row.received_at for row in await door.inbox()] == [NOON]
    async with door.memory.group() as group:
        outage = await group.outage()
    assert outage is not None
    assert (outage.since, outage.until) == (NOON, door.clock.now)


async def test_a_backlog_is_no_silence_or_no_balancer_would_let_it_drain(door: Door) -> None:
    await door.memory.receive([], NOON)
    door.clock.pass_by(minutes=30)
    door.telegram.add_person("Anna").send("in the dark")
    door.webhook._url = door.url
    door.contact.begin(await door.memory.heartbeat())
    await door.webhook.look()
    assert (door.contact.last_answer, door.contact.last_poll) == (door.clock.now, NOON)
    watch = Watch(
        door.memory,
        door.clock,
        door.contact,
        sends={},
        results={},
        met=lambda: True,
        delivers=lambda: False,
    )
    async with (
        listening("127.0.0.1:0", watch.routes) as place,
        aiohttp.ClientSession() as client,
        client.get(f"{place}/readyz") as answer,
    ):
        assert (answer.status, await answer.json()) == (200, {"ready": True, "wrong": []})


async def test_an_outage_that_another_process_told_is_told_once(door: Door) -> None:
    door.webhook._url = door.url
    door.contact.begin(await door.memory.heartbeat())
    door.clock.pass_by(minutes=30)
    dark = (NOON + timedelta(seconds=2), door.clock.now)
    await door.memory.receive([], door.clock.now, dark)
    await door.webhook.look()
    async with door.memory.receiving() as intake:
        await intake.keep([], door.clock.now, (NOON, door.clock.now))
    async with door.memory.group() as group:
        outage = await group.outage()
        assert outage is not None
        assert (outage.since, outage.until) == dark
        group.credited(outage, None)
        await group.commit()
    async with door.memory.group() as group:
        assert await group.outage() is None


async def test_a_refused_address_ends_the_program(door: Door) -> None:
    door.webhook._url = "ftp://nowhere"
    with pytest.raises(Stopped, match="RETURNDESK_WEBHOOK_URL is wrong"):
        await door.webhook.run()


async def test_a_webhook_that_somebody_removed_is_set_again(door: Door) -> None:
    door.webhook._url = door.url
    await door.webhook.look()
    door.telegram.updates.webhook_url = ""
    await door.webhook.look()
    await door.webhook.look()
    assert door.telegram.updates.webhook_url == door.url


async def test_a_press_that_is_posted_twice_at_once_is_kept_once_and_taken_twice(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, posts = door.webhook._kept, 0
    both, first_is_over = asyncio.Event(), asyncio.Event()

    async def slowly(update: Any, posted: str) -> None:
        nonlocal posts
        posts += 1
        if posts == 1:
            await both.wait()
        else:
            both.set()
            await first_is_over.wait()
        await kept(update, posted)

    monkeypatch.setattr(door.webhook, "_kept", slowly)
    first, second = (asyncio.create_task(door.post(press(1, "q1"))) for _ in range(2))
    await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
    first_is_over.set()
    assert (await first, await second) == ((200, ""), (200, ""))
    assert len(await door.inbox()) == 1
