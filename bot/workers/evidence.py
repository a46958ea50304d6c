"""Fetches the bytes of what people sent, once, outside every transaction.

Nothing is decoded and no name that a person chose touches the disk: a file lies under the
SHA-256 of its bytes, which is also how the same picture is found again in another case.
"""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiohttp import ClientConnectionError

from bot.services.again import until_kept
from bot.services.ports import Clock, Memory
from bot.services.records import File
from bot.services.shielding import to_the_end
from bot.workers.evidence_folder import keep

MOST_BYTES = 20 * 2**20
"""What a bot may download."""
ROUND = 16
"""Files fetched in one round."""
TRIES = 3
FETCH_S = 60

log = structlog.get_logger(__name__)


class TooBig(Exception):
    """The file is larger than a bot may download."""


class EvidenceFetcher:
    """Brings files from Telegram into the folder and their digests into the memory."""

    def __init__(self, bot: Bot, memory: Memory, clock: Clock, folder: Path) -> None:
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._folder = folder
        self._failures: Counter[str] = Counter()

    async def fetch(self) -> int:
        """Fetch what has come since. Answers how many files are new in the folder."""
        given_up = [key for key, failures in self._failures.items() if failures >= TRIES]
        fetched = 0
        for file in await to_the_end(self._memory.unfetched(ROUND, given_up)):
            try:
                digest = await self._bring(file)
            except (TelegramNetworkError, ClientConnectionError, TimeoutError) as error:
                # The word of such an error may hold the address, and with it the token.
                log.warning("no evidence for now", reason=type(error).__name__)
                return fetched
            except (TelegramBadRequest, TooBig) as error:
                self._failures[file.key] = TRIES
                log.warning("evidence cannot be fetched", reason=type(error).__name__)
            except Exception as error:
                self._failures[file.key] += 1
                log.warning("evidence was not fetched", reason=type(error).__name__)
            else:
                known = replace(file, sha256=digest)
                await to_the_end(until_kept(partial(self._remember, known)))
                fetched += 1
        return fetched

    async def _bring(self, file: File) -> str:
        told = await self._bot.get_file(file.file_id, request_timeout=FETCH_S)
        if told.file_path is None or (told.file_size or 0) > MOST_BYTES:
            raise TooBig
        content = _Capped()
        await self._bot.download_file(told.file_path, content, timeout=FETCH_S)
        return await asyncio.to_thread(keep, self._folder, content.getvalue())

    async def _remember(self, file: File) -> None:
        async with self._memory.group() as group:
            unit = group.unit(self._clock())
            unit.files.keep(file)
            group.keep(unit)
            await group.commit()


class _Capped(io.BytesIO):
    """Memory for one file, whatever its size was said to be."""

    def write(self, part: bytes, /) -> int:  # type: ignore[override]
        if self.tell() + len(part) > MOST_BYTES:
            raise TooBig
        return super().write(part)
