"""The other side of the line: Telegram and 100 people at a time, in a process of its own.

`python -m tests.bench.exchange CONVERSATION.json` listens on a free port, which it prints. It is
lean, so that the bots are what is measured, and the same for all of them: it answers as Telegram
does, with the whole message; every person takes the next step when all that the conversation
foresees for the last one has been said, and whatever is not foreseen is counted as odd.

`POST /play {"token", "pid", "chats", "warm_s", "seconds"}` lets people talk to one bot and answers
with what was seen.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from tests.bench.people import Json, Line, Step
from tests.bench.posting import CONNECTIONS, Posting

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


# ---------------------------------------------------------------------- HTTP, as little as will do


class Connection(asyncio.Protocol):
    """One kept connection; requests come one after the other."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            found = LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(self._buffer) < end + 4 + length:
                if b"100-continue" in head.lower():
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._exchange.request(head, body, self.answer)

    def answer(self, result: bytes, status: int = 200) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(
            b"HTTP/1.1 %d OK\r\nServer: nginx/1.18.0\r\nDate: %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: keep-alive\r\n"
            b"Strict-Transport-Security: max-age=31536000; includeSubDomains; preload\r\n\r\n"
            % (status, self._exchange.date, len(result))
            + result
        )


Reply = Callable[..., None]


class Exchange:
    """All lines, by token."""

    def __init__(self, script: Json) -> None:
        self._script = script
        self.lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._dated = 0.0
        self._date = b""

    @property
    def date(self) -> bytes:
        now = time.time()
        if now - self._dated >= 1:
            self._dated, self._date = now, formatdate(now, usegmt=True).encode()
        return self._date

    def line(self, token: str) -> Line:
        if token not in self.lines:
            steps = [Step(act, what, Counter(calls)) for act, what, calls in self._script["steps"]]
            orders = iter([tuple(each) for each in self._script["orders"]])
            self.lines[token] = Line(token, steps, orders)
        return self.lines[token]

    def request(self, head: bytes, body: bytes, reply: Reply) -> None:
        target = head.split(b" ", 2)[1].decode()
        path, _, query = target.partition("?")
        if path.startswith("/file/"):
            reply(b"jpg")
            return
        if not path.startswith("/bot"):
            task = asyncio.create_task(self._command(path, json.loads(body), reply))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        token, _, method = path[4:].partition("/")
        line = self.line(unquote_plus(token))
        params = dict(parse_qsl(query)) | params_of(head, body)
        if method.lower() == "getupdates":
            task = asyncio.create_task(self._updates(line, params, reply))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        result = line.hear(method.lower(), params)
        reply(json.dumps({"ok": True, "result": result}).encode())
        if method == "setWebhook" and params.get("url"):
            most = int(params.get("max_connections") or CONNECTIONS)
            line.push = Posting(line, params["url"], params.get("secret_token", ""), most)
            line.ready.set()

    async def _updates(self, line: Line, params: Json, reply: Reply) -> None:
        offset = int(params.get("offset") or 0)
        line.ready.set()
        while line.pending and line.pending[0]["update_id"] < offset:
            line.pending.popleft()
        timeout = int(params.get("timeout") or 0)
        if not line.pending and timeout:
            line.poll = asyncio.get_running_loop().create_future()
            await asyncio.wait([line.poll], timeout=timeout)
        page = [each for each, _ in zip(line.pending, range(100), strict=False)]
        reply(json.dumps({"ok": True, "result": page}).encode())

    async def _command(self, path: str, given: Json, reply: Reply) -> None:
        line = self.line(given["token"])
        match path:
            case "/play":
                reply(json.dumps(await play(line, **given)).encode())
            case _:
                reply(b"{}", 404)


def params_of(head: bytes, body: bytes) -> Json:
    """The parameters of a body: JSON, a form, or a form in parts."""
    if not body:
        return {}
    if body[:1] == b"{":
        values: Json = json.loads(body)
        return values
    lower = head.lower()
    if b"multipart/" in lower:
        return dict(_parts(head, body))
    return dict(parse_qsl(body.decode()))


def _parts(head: bytes, body: bytes) -> Iterator[tuple[str, str]]:
    found = re.search(rb'boundary="?([^"\r\n;]+)', head)
    if not found:
        return
    for part in body.split(b"--" + found[1])[1:-1]:
        names, _, content = part.partition(b"\r\n\r\n")
        if name := re.search(rb'name="([^"]+)"', names):
            yield name[1].decode(), content[:-2].decode()


async def play(
    line: Line, *, token: str, chats: int, warm_s: float, seconds: float, pid: int
) -> Json:
    """Let so many people talk at a time; count in the steady middle, and let them finish."""
    async with asyncio.timeout(60):
        await line.ready.wait()
    line.playing, line.all_steps = True, 0
    for _ in range(chats):
        # Not all at once, or they would go through their steps in a wave.
        line.begin()
        await asyncio.sleep(warm_s / chats / 2)
    await asyncio.sleep(warm_s / 2)
    line.reset()
    own, theirs, began = time.process_time(), cpu_of(pid), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    seen = {
        "conversations": line.steps_done / len(line.steps),
        "seconds": took,
        "cpu_s": cpu_of(pid) - theirs,
        "exchange_cpu_s": time.process_time() - own,
        "calls": dict(line.calls),
        "waits": line.waits,
    }
    line.playing = False
    async with asyncio.timeout(60):
        while line.people:
            await asyncio.sleep(0.02)
    return {**seen, "steps": line.all_steps, "odd": dict(line.odd), "samples": line.samples}


def cpu_of(pid: int) -> float:
    """Seconds of processor that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def main(script: Json) -> None:
    """Listen until killed."""
    exchange = Exchange(script)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(exchange), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
