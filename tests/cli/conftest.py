"""What the tests of the command line may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.playground.server import make_app, serve
from bot.playground.telegram import Telegram
from tests.cli.shell import TOKEN, Running, Shell
from tests.databases import SqliteFiles


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An empty folder and a token."""
    return Shell(tmp_path)


@pytest.fixture
def installed(shell: Shell, sqlite_files: SqliteFiles) -> Shell:
    """A folder as `returndesk init` leaves it."""
    made = Path(sqlite_files.make(shell.folder).removeprefix("sqlite:///"))
    made.rename(shell.folder / "returndesk.db")
    return shell


@pytest.fixture
async def telegram(shell: Shell) -> AsyncIterator[Telegram]:
    """A Telegram over HTTP, to which the shell's settings lead."""
    telegram = Telegram(lambda: datetime.now(UTC), TOKEN, "return_desk_bot")
    server = await serve(make_app(telegram))
    shell.settings["API_BASE"] = server.url
    yield telegram
    await server.close()


@pytest.fixture
async def bot(installed: Shell, telegram: Telegram) -> AsyncIterator[Running]:
    """`returndesk run`, which has begun."""
    running = await installed.start("run")
    try:
        await running.says("started")
        yield running
    finally:
        await running.kill()
