"""HTTP, as little of it as a call of the Bot API needs.

Connections, their encryption and the reading of answers are aiohttp's. What its session makes of
every request and answer besides (cookies, redirects, forms, a reader of the body) costs more than
all of that together.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import NamedTuple

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientRequest,
    ClientSession,
    ClientTimeout,
    hdrs,
)
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL


@lru_cache
def _connecting(timeout_s: float) -> ClientTimeout:
    """How long a connection may be waited for; one that is kept is there at once."""
    return ClientTimeout(connect=timeout_s)


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
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        connection = await connector.connect(addressed, [], _connecting(timeout_s))
        protocol, transport = connection.protocol, connection.transport
        if protocol is None or transport is None:
            connection.close()
            raise ClientConnectionError("the connection is closed")
        # `asyncio.timeout` around it would be a tenth of a call and more.
        late = loop.call_at(until, transport.abort)
        try:
            protocol.set_response_params(read_until_eof=True)
            transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
            message, content = await protocol.read()
            while message.code < 200:
                message, content = await protocol.read()
            answer = Answer(message.code, message.headers.get(hdrs.DATE), await content.read())
            if loop.time() >= until:
                # An answer that ends with its connection was perhaps ended by us.
                raise TimeoutError
        except ClientError as error:
            connection.close()
            if loop.time() >= until:
                raise TimeoutError from error
            raise
        except HttpProcessingError as error:
            connection.close()
            raise ClientConnectionError(f"no HTTP: {error.message}") from error
        except BaseException:
            connection.close()
            raise
        finally:
            late.cancel()
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
