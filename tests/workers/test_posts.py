"""Posts of JSON: what a server may answer, and what is made of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector

from bot.workers.posts import Posts

WHOLE = b"HTTP/1.1 200 OK\r\nDate: Mon, 02 Mar 2026 12:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}"

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(answering: Answering) -> AsyncIterator[tuple[Posts, str]]:
    """Posts, and the URL of a server that answers so."""
    listening = await asyncio.start_server(answering, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with ClientSession(headers={"User-Agent": "desk"}) as session:
        yield Posts(session), f"http://127.0.0.1:{port}/bot42:x/getMe"
    listening.close()


async def request(reader: asyncio.StreamReader) -> tuple[list[bytes], bytes]:
    """The lines of a request's head, and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    (length,) = (int(line[16:]) for line in head if line.startswith(b"Content-Length: "))
    return head, await reader.readexactly(length)


async def test_a_call_is_said_whole_and_its_connection_serves_the_next() -> None:
    heard: list[tuple[list[bytes], bytes]] = []
    connections = 0

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while not reader.at_eof():
            heard.append(await request(reader))
            writer.write(WHOLE)

    async with server(answering) as (posts, url):
        for _ in range(2):
            answer = await posts.post(url, b'{"a":1}', 5)
            assert answer == (200, "Mon, 02 Mar 2026 12:00:00 GMT", b"{}")
    head, body = heard[0]
    assert head[0] == b"POST /bot42:x/getMe HTTP/1.1"
    assert {b"User-Agent: desk", b"Content-Type: application/json"} <= set(head)
    assert body == b'{"a":1}'
    assert len(heard) == 2
    assert connections == 1


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad",
        b"HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbad\r\n0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\nbad",
    ],
    ids=["after a provisional one", "in parts", "up to the end"],
)
async def test_an_answer_is_read_however_it_is_sent(said: bytes) -> None:
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(said)
        writer.write_eof()

    async with server(answering) as (posts, url):
        assert await posts.post(url, b"{}", 5) == (502, None, b"bad")


@pytest.mark.parametrize("said", [b"", WHOLE[:-1], b"what?\r\n\r\n"], ids=["no", "half", "odd"])
async def test_who_is_not_answered_hears_of_it(said: bytes) -> None:
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(said)
        writer.close()

    async with server(answering) as (posts, url):
        with pytest.raises(ClientError):
            await posts.post(url, b"{}", 5)


async def test_an_answer_that_comes_too_late_is_nobody_elses() -> None:
    late = [True]

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        if late:
            late.clear()
            await reader.read()
        writer.write(WHOLE)

    async with server(answering) as (posts, url):
        with pytest.raises(TimeoutError):
            await posts.post(url, b"{}", 0.05)
        assert (await posts.post(url, b"{}", 5)).status == 200


@pytest.mark.parametrize(
    "said", [WHOLE, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 60], ids=["measured", "up to the end"]
)
async def test_an_answer_in_drops_has_no_more_time_than_one_at_once(said: bytes) -> None:
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(said[:30])
        for drop in range(30, len(said) - 1):
            if writer.is_closing():
                break
            writer.write(said[drop : drop + 1])
            await asyncio.sleep(0.02)

    async with server(answering) as (posts, url):
        with pytest.raises(TimeoutError):
            await posts.post(url, b"{}", 0.1)


async def test_who_waits_for_a_connection_waits_no_longer_than_for_an_answer() -> None:
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with server(answering) as (_, url), ClientSession(connector=TCPConnector(limit=1)) as one:
        posts = Posts(one)
        first = asyncio.create_task(posts.post(url, b"{}", 1))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await posts.post(url, b"{}", 0.05)
        assert not first.done()
        first.cancel()
