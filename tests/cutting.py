"""A wire to PostgreSQL, which may be slow, and may break when a commit is answered.

Then it happened, and nobody knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import make_url


@dataclass
class Wire:
    """`url` leads through the wire; of the next `cuts` commits the answer is lost.

    `delay_s`: how long everything takes in each direction.
    """

    url: str
    cuts: int = 0
    delay_s: float = 0.0


@asynccontextmanager
async def cutting(database_url: str) -> AsyncIterator[Wire]:
    """A wire to this database."""
    to = make_url(database_url)
    socket = to.query.get("host")
    wire = Wire("")

    async def carry(
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        passes: Callable[[bytes], bool],
    ) -> None:
        with suppress(OSError):
            while part := await reader.read(2**16):
                if not passes(part):
                    break
                if wire.delay_s:
                    await asyncio.sleep(wire.delay_s)
                writer.write(part)
                await writer.drain()
        writer.close()

    async def connected(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if socket:
            far, on = await asyncio.open_unix_connection(f"{socket}/.s.PGSQL.{to.port or 5432}")
        else:
            far, on = await asyncio.open_connection(to.host, to.port or 5432)
        commits = False

        def asked(part: bytes) -> bool:
            nonlocal commits
            commits = wire.cuts > 0 and b"COMMIT" in part
            return True

        def answered(_: bytes) -> bool:
            if commits:
                wire.cuts -= 1
            return not commits

        ways = [carry(near, on, asked), carry(far, back, answered)]
        await asyncio.gather(*ways)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wire.url = to.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
    try:
        yield wire
    finally:
        server.close()
