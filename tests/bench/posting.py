"""Telegram's side of a webhook: updates are posted over kept connections, one each at a time."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from tests.bench.people import Json, Line

CONNECTIONS = 40
"""As many as Telegram opens to who asks for no other number."""


class Posting:
    """Posts the updates of one line; a call in a response is heard like any other."""

    def __init__(self, line: Line, url: str, secret: str, most: int) -> None:
        """`most`: of connections, at the same time."""
        self.line = line
        self._most = most
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._head = (
            f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._free: list[_Post] = []
        self._open = 0
        self._waiting: deque[bytes] = deque()
        self._tasks: set[asyncio.Task[Any]] = set()

    def __call__(self, update: Json) -> None:
        """Post it on a free connection, or on the next that becomes free."""
        body = json.dumps(update).encode()
        request = self._head + b"%d\r\n\r\n" % len(body) + body
        if self._free:
            self._free.pop().send(request)
            return
        self._waiting.append(request)
        if self._open < self._most:
            self._open += 1
            loop = asyncio.get_running_loop()
            connecting = loop.create_connection(lambda: _Post(self), self._host, self._port)
            task = asyncio.create_task(connecting)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def free(self, post: _Post) -> None:
        """The connection has nothing to do."""
        if self._waiting:
            post.send(self._waiting.popleft())
        else:
            self._free.append(post)

    def lost(self, post: _Post) -> None:
        self._open -= 1
        if post in self._free:
            self._free.remove(post)


class _Post(asyncio.Protocol):
    def __init__(self, posting: Posting) -> None:
        self._posting = posting
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._posting.free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._posting.lost(self)

    def send(self, request: bytes) -> None:
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        at = head.find(b"Content-Length: ")
        length = int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if not end or len(body) < length:
            return
        self._buffer = body[length:]
        line = self._posting.line
        if b" 200 " not in head[:16]:
            line.odd[head[:16].decode()] += 1
        elif length:
            call = json.loads(body[:length])
            line.hear(call.pop("method").lower(), call)
        self._posting.free(self)
