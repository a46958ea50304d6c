"""The HTTP face: what a real bot and a bare client get, and the page's API."""

import asyncio
import base64
import json
from datetime import timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramUnauthorizedError
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile, InputMediaDocument

from bot.playground.files import sample_photo
from bot.playground.server import make_app, serve
from bot.playground.telegram import Telegram
from bot.playground.wire import Json
from tests.playground.local_telegram import TOKEN, Clock, keyboard, over_http


async def test_a_bot_talks_over_http_as_in_process() -> None:
    async with over_http() as (telegram, bot, _, _url):
        anna = telegram.add_person("Anna", "ru")
        anna.start("tok")
        [update] = await bot.get_updates(timeout=5)
        assert update.message is not None
        assert update.message.text == "/start tok"
        sent = await bot.send_message(
            anna.id, "<b>Привет</b> &amp; 😀", reply_markup=keyboard("Да", data="я" * 32)
        )
        assert sent.html_text == "<b>Привет</b> &amp; 😀"
        anna.press("Да")
        [update] = await bot.get_updates(offset=update.update_id + 1)
        assert update.callback_query is not None
        await bot.answer_callback_query(update.callback_query.id, "Готово")
        assert anna.toasts[0].text == "Готово"
        with pytest.raises(TelegramBadRequest, match="message to edit not found"):
            await bot.edit_message_text("x", chat_id=anna.id, message_id=99)


async def test_uploads_and_downloads_over_http() -> None:
    async with over_http() as (telegram, bot, _, _url):
        anna = telegram.add_person("Anna")
        anna.start()
        photo = await bot.send_photo(anna.id, BufferedInputFile(sample_photo(1), "a.png"))
        assert photo.photo is not None
        content = await bot.download(photo.photo[-1].file_id)
        assert content is not None
        assert content.read() == sample_photo(1)
        papers = [
            InputMediaDocument(media=BufferedInputFile(b"one", "1.txt"), caption="<i>cap</i>"),
            InputMediaDocument(media=BufferedInputFile(b"two", "2.txt")),
        ]
        sent = await bot.send_media_group(anna.id, list(papers))
        assert [m.document.file_name for m in sent if m.document] == ["1.txt", "2.txt"]
        assert anna.texts()[1] == "cap"


async def test_the_date_of_an_answer_is_the_playgrounds_and_can_disagree() -> None:
    async with over_http() as (telegram, _, clock, url), aiohttp.ClientSession() as client:
        for skew in (timedelta(), timedelta(minutes=10)):
            telegram.clock_skew = skew
            async with client.get(f"{url}/bot{TOKEN}/getMe") as response:
                assert parsedate_to_datetime(response.headers["Date"]) == clock() + skew
            clock.pass_by(days=30)


async def test_json_queries_and_wrong_requests() -> None:
    async with over_http() as (telegram, _, _, url), aiohttp.ClientSession() as client:
        anna = telegram.add_person("Anna")
        anna.start()

        async def post(method: str, body: Json, token: str = TOKEN) -> tuple[int, Json]:
            async with client.post(f"{url}/bot{token}/{method}", json=body) as response:
                return response.status, await response.json()

        markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
        status, body = await post(
            "SENDMESSAGE", {"chat_id": anna.id, "text": "hi", "reply_markup": markup}
        )
        assert (status, body["result"]["reply_markup"]) == (200, markup)
        async with client.get(
            f"{url}/bot{TOKEN}/sendMessage", params={"chat_id": str(anna.id), "text": "hey"}
        ) as response:
            assert (await response.json())["ok"]
        assert anna.texts() == ["hi", "hey"]
        assert await post("getMe", {}, token="1:no") == (
            401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        )  # fmt: skip
        assert (await post("getNothing", {}))[0] == 404
        assert (await post("sendMessage", {"text": "x"}))[1]["description"] == (
            "Bad Request: chat_id is empty"
        )
        bad_markup = {"chat_id": anna.id, "text": "x", "reply_markup": "{"}
        assert (await post("sendMessage", bad_markup))[1]["description"] == (
            "Bad Request: can't parse reply keyboard markup JSON object"
        )
        async with client.post(f"{url}/bot{TOKEN}/getMe", data=b"[1]", headers={
            "Content-Type": "application/json"
        }) as response:  # fmt: skip
            assert response.status == 400
        async with client.get(f"{url}/file/bot{TOKEN}/../../etc/passwd") as response:
            assert response.status == 404


async def test_a_wrong_token_over_http_and_a_raw_poll() -> None:
    class RawUpdates(TelegramMethod[list[Json]]):
        __returning__ = list[Json]
        __api_method__ = "getUpdates"
        timeout: int

    async with over_http() as (telegram, bot, _, _url):
        telegram.add_person("Anna").send("hello")
        telegram.updates.put_raw({"new_kind": {"of": "update"}})
        raw = await bot(RawUpdates(timeout=1))
        assert [set(update) - {"update_id"} for update in raw] == [{"message"}, {"new_kind"}]
        with pytest.raises(TelegramUnauthorizedError):
            await type(bot)("43:no", session=bot.session).get_me()


async def test_the_page_sees_and_does_what_people_see_and_do() -> None:
    telegram = Telegram(Clock(), TOKEN, "return_desk_bot")
    moved: list[str] = []

    async def advance(by: str) -> str:
        if by not in ("1h", "1d", "next"):
            raise ValueError(f"no such step: {by}")
        moved.append(by)
        return "one hour later"

    server = await serve(make_app(telegram, advance=advance))
    anna = telegram.add_person("Anna", "ru", role="customer")
    async with aiohttp.ClientSession(server.url) as client:

        async def do(what: str, **body: object) -> Json:
            async with client.post(f"/play/{what}", json={"person": anna.id} | body) as response:
                answer: Json = await response.json()
                return answer | {"status": response.status}

        async with client.get("/play/events") as events:
            assert (await events.content.readline()).startswith(b"data: ")
            await events.content.readline()
            version = (await do("start", parameter="tok"))["version"]
            line = await asyncio.wait_for(events.content.readline(), 5)
            assert json.loads(line.removeprefix(b"data: "))["version"] >= version

        await do("send", text="hello <b>")
        await do("photo", caption="torn", data=base64.b64encode(sample_photo(1)).decode())
        await do("album", count=2)
        await do("contact")
        await do("document")
        row = keyboard("Go").model_dump_json(exclude_none=True)
        params = {"chat_id": str(anna.id), "text": "<b>Card</b>", "parse_mode": "HTML"}
        await telegram.call(TOKEN, "sendMessage", params | {"reply_markup": row})
        card = anna.last.id
        assert "query" in await do("press", message=card, row=0, column=0)
        assert "query" in await do("press", label="Go")
        assert "'Stop': Anna sees ['Go']" in (await do("press", label="Stop"))["error"]
        assert (await do("press", message=99, label="Go"))["error"] == "this message is gone"
        assert (await do("send", person=1, text="x"))["status"] == 400

        async with client.get("/play/state") as response:
            state = await response.json()
        [person], [chat] = state["people"], state["chats"]
        assert (person["name"], person["role"], person["language"]) == ("Anna", "customer", "ru")
        texts = [message["text"] for message in chat["messages"]]
        assert texts == ["/start tok", "hello <b>", "torn", "", "", "", "", "Card"]
        assert chat["messages"][1]["html"] == "hello &lt;b&gt;"
        assert chat["messages"][-1]["html"] == "<b>Card</b>"
        assert chat["messages"][-1]["buttons"] == [
            [{"text": "Go", "kind": "callback", "style": ""}]
        ]
        async with client.get(chat["messages"][2]["photo"]["url"]) as response:
            assert response.content_type == "image/png"
            assert await response.read() == sample_photo(1)

        assert (await do("clock", by="1h"))["label"] == "one hour later"
        assert (await do("clock", by="1y"))["error"] == "no such step: 1y"
        assert moved == ["1h"]
        await do("block", blocked=True)
        assert anna.blocked
    await server.close()


async def test_without_a_program_the_clock_cannot_be_moved() -> None:
    async with over_http() as (_, _, _, url), aiohttp.ClientSession(url) as client:
        async with client.post("/play/clock", json={"by": "1h"}) as response:
            assert response.status == 400
        async with client.get("/play/state") as response:
            assert (await response.json())["can_advance"] is False
