"""Where a running bot listens over HTTP: health and metrics, and the webhook if there is one.

Who has something to offer gives routes; routes for the same address share one site.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.workers.link import Stopped

MOST_BYTES = 8 * 2**20
"""A larger body is refused with 413. An update that is refused comes for ever, so this is several
times what Telegram sends."""
LAST_ANSWERS_S = 5.0
"""How long a stop waits for requests that have begun."""


@asynccontextmanager
async def listening(
    address: str, routes: Iterable[web.AbstractRouteDef], *, most_bytes: int = MOST_BYTES
) -> AsyncIterator[str]:
    """Serve the routes at `HOST:PORT` meanwhile; port 0 takes a free one. Yields the URL.

    Raises Stopped if nothing can listen there.
    """
    host, _, port = address.rpartition(":")
    app = web.Application(client_max_size=most_bytes)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_ANSWERS_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            # asyncio puts the address into its words once more.
            code = error.errno or 0
            reason = os.strerror(code) if code > 0 else error.strerror
            raise Stopped(f"{address} cannot be listened at: {reason}") from None
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
