"""The webhook: updates are posted in order per chat until they are taken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiogram import Bot
from aiohttp import web

from bot.playground.server import serve
from bot.playground.telegram import Telegram
from bot.playground.webhook import SECRET_HEADER, push_updates
from bot.playground.wire import Json
from tests.playground.local_telegram import local_telegram

Take = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def pushing(take: Take) -> AsyncIterator[tuple[Telegram, Bot]]:
    telegram, bot, _ = local_telegram()
    app = web.Application()
    app.router.add_post("/hook", take)
    server = await serve(app)
    pusher = asyncio.create_task(push_updates(telegram, pause=0.01))
    await bot.set_webhook(f"{server.url}/hook", secret_token="s3cret")
    try:
        yield telegram, bot
    finally:
        pusher.cancel()
        await asyncio.gather(pusher, return_exceptions=True)
        await server.close()


async def test_a_200_confirms_and_its_body_may_call_a_method() -> None:
    seen: list[tuple[str | None, Json]] = []

    async def take(request: web.Request) -> web.Response:
        update = await request.json()
        seen.append((request.headers.get(SECRET_HEADER), update))
        chat_id = update["message"]["chat"]["id"]
        return web.json_response({"method": "sendMessage", "chat_id": chat_id, "text": "taken"})

    async with pushing(take) as (telegram, _):
        confirmed: list[int] = []
        telegram.on_confirm = confirmed.extend
        anna = telegram.add_person("Anna")
        anna.send("hello")
        await anna.sees("taken")
        assert [(secret, update["message"]["text"]) for secret, update in seen] == [
            ("s3cret", "hello")
        ]
        assert confirmed == [seen[0][1]["update_id"]]


async def test_a_refused_update_comes_again_before_the_next_of_its_chat() -> None:
    texts: list[str] = []
    refusals = 2

    async def take(request: web.Request) -> web.Response:
        nonlocal refusals
        text = (await request.json())["message"]["text"]
        texts.append(text)
        if text == "one" and refusals:
            refusals -= 1
            return web.Response(status=500)
        return web.Response()

    async with pushing(take) as (telegram, bot):
        taken = asyncio.Event()
        telegram.on_confirm = lambda _: taken.set() if len(telegram.updates.pending) == 1 else None
        anna, boris = telegram.add_person("Anna"), telegram.add_person("Boris")
        anna.send("one")
        anna.send("two")
        boris.send("three")
        await asyncio.wait_for(taken.wait(), 5)
        await asyncio.sleep(0)
        assert [text for text in texts if text != "three"] == ["one", "one", "one", "two"]
        assert texts.index("three") < texts.index("two")
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500"
        assert telegram.updates.confirmed == 3
