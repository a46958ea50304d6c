"""Reads the order files that the staff send in the chat, outside every transaction.

A file is fetched into a folder that is gone afterwards, read as any other, and its sender is told
what came of it in the same commit that marks it as read. One whose reading was broken off is read
again, which changes nothing twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiohttp import ClientConnectionError

from bot.services.again import until_kept
from bot.services.announcing import notice
from bot.services.importing import Report, import_orders
from bot.services.ports import Clock, Memory
from bot.services.records import OrderFile
from bot.services.shielding import to_the_end
from bot.workers.evidence import FETCH_S, MOST_BYTES, TooBig
from bot.workers.imports import Reader

ROUND = 4
"""Files read in one round."""

log = structlog.get_logger(__name__)


class ChatFiles:
    """Looks for order files that wait, at every `look`."""

    def __init__(self, bot: Bot, memory: Memory, clock: Clock, read: Reader) -> None:
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._read = read

    async def look(self) -> int:
        """Read what waits. Answers how many files there were."""
        waiting = await to_the_end(self._memory.waiting_files(ROUND))
        for at, file in enumerate(waiting):
            try:
                facts = await self._take(file)
            except (TelegramNetworkError, ClientConnectionError, TimeoutError) as error:
                # The word of such an error may hold the address, and with it the token.
                log.warning("no order file for now", reason=type(error).__name__)
                return at
            await to_the_end(until_kept(partial(self._tell, file, facts)))
        return len(waiting)

    async def _take(self, file: OrderFile) -> Mapping[str, Any]:
        with tempfile.TemporaryDirectory(prefix="returndesk-") as folder:
            # No name that a person chose touches the disk.
            path = Path(folder) / "orders"
            try:
                await self._fetch(file, path)
                report = await import_orders(self._memory, self._read(path), self._clock)
            except (TelegramBadRequest, TooBig, ValueError) as error:
                log.warning("an order file cannot be read", reason=type(error).__name__)
                return {"unread": True}
        log.info("orders imported", kept=report.kept, bad=report.bad)
        return _facts(report)

    async def _fetch(self, file: OrderFile, path: Path) -> None:
        told = await self._bot.get_file(file.file_id, request_timeout=FETCH_S)
        if told.file_path is None or (told.file_size or 0) > MOST_BYTES:
            raise TooBig
        await self._bot.download_file(told.file_path, path, timeout=FETCH_S)

    async def _tell(self, file: OrderFile, facts: Mapping[str, Any]) -> None:
        async with self._memory.group() as group:
            unit = group.unit(self._clock())
            unit.order_files.done(file)
            key = f"import:{file.id}"
            notice(unit, file.account, "imported", {"name": file.name, **facts}, key=key)
            group.keep(unit)
            await group.commit()


def _facts(report: Report) -> dict[str, Any]:
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "bad": report.bad,
        "faults": [
            {"line": number, "words": each.words, "place": each.place, "values": {**each.values}}
            for number, faults in report.faults
            for each in faults
        ],
    }
