"""A wall round the program in its process: its n-th statement or call fails, or is its last.

Points are counted over all starts of a run, in a file, so that a start goes on counting where a
death has ended the one before. A death is a real `kill -9`, sent by the process to itself in the
driver of the database or in the session to Telegram: nothing between it and the point can run.
"""

from __future__ import annotations

import mmap
import os
import re
import signal
import sqlite3
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import asyncpg
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

from bot.workers import link
from storage import hops

Kind = Literal["statement", "call"]
Blow = Literal["fails", "dies"]
_COUNT = struct.Struct("=q")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Blows:
    """Every `stride`-th point of a kind from `first` on. `folder` holds the count and the log.

    `at`: only the points of this name count. `times`: so many points in a row are struck.
    """

    kind: Kind
    blow: Blow
    first: int
    stride: int
    folder: str
    at: str = ""
    times: int = 1

    def struck(self) -> list[str]:
        """What was struck so far, in order."""
        log = Path(self.folder) / "struck"
        return log.read_text().splitlines() if log.exists() else []

    def passed(self) -> int:
        """How many points there were so far."""
        count = Path(self.folder) / "count"
        return int(_COUNT.unpack(count.read_bytes())[0]) if count.exists() else 0


class _Wall:
    def __init__(self, blows: Blows) -> None:
        self._blows = blows
        path = Path(blows.folder) / "count"
        if not path.exists():
            path.write_bytes(bytes(_COUNT.size))
        with path.open("r+b") as file:
            self._count = mmap.mmap(file.fileno(), _COUNT.size)
        self._log = os.open(Path(blows.folder) / "struck", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def struck(self, kind: Kind, point: str) -> bool:
        """Whether this point fails; does not return where it is the last one."""
        if kind != self._blows.kind or self._blows.at not in ("", point):
            return False
        number = _COUNT.unpack_from(self._count)[0] + 1
        _COUNT.pack_into(self._count, 0, number)
        late = number - self._blows.first
        if late < 0 or late % self._blows.stride >= self._blows.times:
            return False
        os.write(self._log, f"{point}\n".encode())
        if self._blows.blow == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    def statement(self, sql: str) -> None:
        """A statement to SQLite."""
        if self.struck("statement", _named(sql)):
            raise sqlite3.OperationalError("disk I/O error")

    def journey(self, connection: asyncpg.Connection, sql: str) -> None:
        """A statement to PostgreSQL: where it fails, so does the line."""
        if self.struck("statement", _named(sql)):
            connection.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed")


def _named(sql: str) -> str:
    words = sql.rstrip(";").split(maxsplit=2)
    table = _TABLE.search(sql)
    return f"{words[0].upper()} {table[1]}" if table else " ".join(words[:2]).upper()


def build(blows: Blows) -> None:
    """Wall in the program that is about to start in this process."""
    wall = _Wall(blows)

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
            wall.statement(sql)
            super().execute(sql, parameters)
            return self

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
            wall.statement(sql)
            super().executemany(sql, parameters)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = None) -> Any:
            return super().cursor(Cursor)

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            return self.cursor().execute(sql, parameters)  # type: ignore[no-any-return]

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
            return self.cursor().executemany(sql, parameters)  # type: ignore[no-any-return]

        def commit(self) -> None:
            wall.statement("COMMIT")
            super().commit()

    class ServerConnection(asyncpg.Connection):  # type: ignore[misc]
        async def execute(self, query: str, *given: Any, **options: Any) -> Any:
            wall.journey(self, query)
            return await super().execute(query, *given, **options)

        async def executemany(self, command: str, *given: Any, **options: Any) -> Any:
            wall.journey(self, command)
            return await super().executemany(command, *given, **options)

        async def fetch(self, query: str, *given: Any, **options: Any) -> Any:
            wall.journey(self, query)
            return await super().fetch(query, *given, **options)

        async def fetchmany(self, query: str, *given: Any, **options: Any) -> Any:
            wall.journey(self, query)
            return await super().fetchmany(query, *given, **options)

        async def fetchrow(self, query: str, *given: Any, **options: Any) -> Any:
            wall.journey(self, query)
            return await super().fetchrow(query, *given, **options)

    class Session(link.TelegramSession):
        async def make_request(
            self,
            bot: Bot,
            method: TelegramMethod[TelegramType],
            timeout: int | None = None,  # noqa: ASYNC109
        ) -> TelegramType:
            name = method.__api_method__
            if wall.struck("call", f"before {name}"):
                raise TelegramNetworkError(method, "ServerDisconnectedError: before it was sent")
            answer = await super().make_request(bot, method, timeout)
            if wall.struck("call", f"after {name}"):
                raise TelegramNetworkError(method, "ServerDisconnectedError: after it was sent")
            return answer

    connect = partial(hops.connect, factory=Connection)
    hops.connect = connect
    asyncpg.connect = partial(asyncpg.connect, connection_class=ServerConnection)
    _replace(link.TelegramSession, Session, ("bot.app", "bot.workers.link"))


def _replace(old: type, new: type, modules: Sequence[str]) -> None:
    for name in modules:
        module = sys.modules[name]
        if getattr(module, old.__name__) is not old:
            raise RuntimeError(f"{name} has another {old.__name__}")
        setattr(module, old.__name__, new)
