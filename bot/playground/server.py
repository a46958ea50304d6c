"""The HTTP face of a `Telegram`: the Bot API as aiogram speaks it, and the page's API.

How to use:

    app = make_app(telegram, advance=advance, deadlines=deadlines, facts=facts)
    server = await serve(app)                       # 127.0.0.1, a free port
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(server.url)))
    …
    await server.close()

``advance("1h" | "1d" | "next" | …)`` moves the program's clock (it belongs to the composition
root) and returns a line to show; without it the clock buttons answer with an error.
``deadlines()`` gives what is due, ``facts(person)`` what the page tells of the cast. What the
page asks for is described in `play.py`.

Every answer carries a ``Date`` from the playground's clock plus ``telegram.clock_skew``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from bot.playground.files import MAX_UPLOAD
from bot.playground.play import Advance, Deadlines, Facts, add_play_routes
from bot.playground.telegram import Telegram
from bot.playground.wire import Answer, ApiError, Ending, Upload, refused

PAGE = Path(__file__).parent / "page"

TELEGRAM = web.AppKey("telegram", Telegram)


@dataclass
class Server:
    """A running server; ``url`` has no slash at its end."""

    url: str
    runner: web.AppRunner = field(repr=False)

    async def close(self) -> None:
        await self.runner.cleanup()


def make_app(
    telegram: Telegram,
    *,
    advance: Advance | None = None,
    deadlines: Deadlines | None = None,
    facts: Facts | None = None,
) -> web.Application:
    """The Bot API, its files, ``/play/…`` and the page at ``/``."""
    app = web.Application(client_max_size=MAX_UPLOAD + (1 << 20), middlewares=[_dated])
    app[TELEGRAM] = telegram
    app.router.add_route("*", "/bot{token}/{method}", _bot_api)
    app.router.add_get("/file/bot{token}/{path:.+}", _file)
    add_play_routes(app, telegram, advance, deadlines, facts)
    app.router.add_get("/", _page)
    app.router.add_get(r"/{name:[\w-]+\.[\w]+}", _page)
    return app


async def serve(app: web.Application, *, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Listen; port 0 takes a free one."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    bound = runner.addresses[0][1]
    return Server(f"http://{host}:{bound}", runner)


@web.middleware
async def _dated(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    response = await handler(request)
    if not response.prepared:
        response.headers[hdrs.DATE] = http_date(request.app[TELEGRAM])
    return response


def http_date(telegram: Telegram) -> str:
    """The Date header of an answer given now."""
    moment = telegram.clock() + telegram.clock_skew
    return format_datetime(moment.astimezone(UTC), usegmt=True)


async def _bot_api(request: web.Request) -> web.StreamResponse:
    telegram = request.app[TELEGRAM]
    try:
        params, uploads = await _read(request)
    except web.HTTPRequestEntityTooLarge:
        return _respond(refused(ApiError(413, "Request Entity Too Large")))
    except ValueError:
        return _respond(refused(ApiError(400, "Bad Request: can't parse request body")))
    method = request.match_info["method"]
    answer = await telegram.call(request.match_info["token"], method, params, uploads)
    if answer.ending is Ending.WHOLE:
        return _respond(answer)
    return await _break_off(request, answer)


async def _read(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    params: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        body = await request.json() if request.can_read_body else {}
        if not isinstance(body, dict):
            raise ValueError("the body is no object")
        return params | body, uploads
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[key] = Upload(value.filename, value.file.read())
        else:
            params[key] = value
    return params, uploads


def _respond(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, text=answer.body, content_type=answer.content_type)


async def _break_off(request: web.Request, answer: Answer) -> web.StreamResponse:
    telegram = request.app[TELEGRAM]
    response = web.StreamResponse(headers={hdrs.DATE: http_date(telegram)})
    if answer.ending is Ending.TIMEOUT:
        await asyncio.sleep(telegram.faults.timeout)
    elif answer.ending is Ending.TRUNCATED:
        body = answer.body.encode()
        response.content_type = answer.content_type
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort() if answer.ending is Ending.RESET else request.transport.close()
    return response


async def _file(request: web.Request) -> web.Response:
    telegram = request.app[TELEGRAM]
    try:
        if request.match_info["token"] != telegram.token:
            raise ApiError(401, "Unauthorized")
        file = telegram.files.download(request.match_info["path"])
    except ApiError as error:
        return _respond(refused(error))
    return web.Response(body=file.content, content_type="application/octet-stream")


async def _page(request: web.Request) -> web.StreamResponse:
    path = PAGE / request.match_info.get("name", "index.html")
    if not path.is_file():
        raise web.HTTPNotFound
    headers = {hdrs.CACHE_CONTROL: "no-cache", "Content-Security-Policy": "default-src 'self'"}
    return web.FileResponse(path, headers=headers)
