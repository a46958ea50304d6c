"""HTTP, as little of it as a call of the Bot API needs.

Connections, their encryption and the reading of answers are aiohttp's. What its session makes of
every request and answer besides (cookies, redirects, forms, a reader of the body) costs more than
all of that together.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from aiohttp import ClientConnectionError, ClientRequest, ClientSession, ClientTimeout, hdrs
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

_WHOLE = ClientTimeout()
"""Only the call as a whole has a limit."""


class Answer(NamedTuple):
    """What came back; `date` is that of the header."""

    status: int
    date: str | None
    content: bytes


class Posts:
    """Posts JSON through the connections of a session."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self._prepared: dict[str, tuple[ClientRequest, bytes]] = {}

    async def post(self, url: str, body: bytes, timeout_s: float) -> Answer:
        """Post to a URL. Raises ClientError and TimeoutError, as the session does."""
        connector = self.session.connector
        if connector is None:
            raise ClientConnectionError("the session is closed")
        addressed, head = self._prepared.get(url) or self._prepare(url)
        async with asyncio.timeout(timeout_s):
            connection = await connector.connect(addressed, [], _WHOLE)
            try:
                protocol, transport = connection.protocol, connection.transport
                if protocol is None or transport is None:
                    raise ClientConnectionError("the connection is closed")
                protocol.set_response_params(read_until_eof=True)
                transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
                message, content = await protocol.read()
                while message.code < 200:
                    message, content = await protocol.read()
                answer = Answer(message.code, message.headers.get(hdrs.DATE), await content.read())
            except HttpProcessingError as error:
                connection.close()
                raise ClientConnectionError(f"no HTTP: {error.message}") from error
            except BaseException:
                connection.close()
                raise
            connection.release()
            return answer

    def _prepare(self, url: str) -> tuple[ClientRequest, bytes]:
        """To whom a connection is wanted, and what is said up to the length of the body.

        There are as many as methods that are called.
        """
        address = URL(url)
        addressed = ClientRequest(
            "GET", address, headers=self.session.headers, loop=asyncio.get_running_loop()
        )
        lines = [
            f"POST {address.raw_path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in addressed.headers.items()),
            "Content-Type: application/json",
            "Content-Length: ",
        ]
        self._prepared[url] = addressed, "\r\n".join(lines).encode()
        return self._prepared[url]
