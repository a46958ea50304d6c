"""Fetches the bytes of what people sent, once, and looks at pictures, outside every transaction.

No name that a person chose touches the disk: a file lies under the SHA-256 of its bytes. Pictures
are looked at by another process. What was looked at is compared with the evidence of all other
cases. A file that cannot be fetched or looked at stays evidence, with the reason.
"""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiohttp import ClientConnectionError

from bot.services.again import until_kept
from bot.services.desk import ReturnDesk
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.services.records import File, Picture, Spot, Twin, Unseen
from bot.services.reuse import match
from bot.services.shielding import to_the_end
from bot.workers.evidence_folder import keep, place
from bot.workers.looking import Looking

MOST_BYTES = 20 * 2**20
"""What a bot may download."""
ROUND = 16
"""Files fetched in one round."""
COMPARED = 20
"""Photos compared in one round."""
TRIES = 3
FETCH_S = 60

Where = TypeVar("Where", int, Spot)
"""A return by its number, or a spot outside returns."""
Twins = Mapping[str, Sequence[Twin]]

log = structlog.get_logger(__name__)


class TooBig(Exception):
    """The file is larger than a bot may download."""


class EvidenceFetcher:
    """Brings files from Telegram into the folder, and into the memory what they are and show."""

    def __init__(
        self,
        bot: Bot,
        memory: Memory,
        clock: Clock,
        folder: Path,
        desk: ReturnDesk,
        told: Callable[[], None],
    ) -> None:
        """`told` is called when something is to be said."""
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._folder = folder.absolute()
        self._desk = desk
        self._told = told
        self._failures: Counter[str] = Counter()

    async def work(self, looking: Looking) -> None:
        """Fetch and look at what has come since, and compare it."""
        await self.fetch(looking)
        while await self.compare():
            pass

    async def fetch(self, looking: Looking) -> int:
        """Fetch and look at what has come since. Answers of how many files all is known now."""
        given_up = [key for key, failures in self._failures.items() if failures >= TRIES]
        fetched = 0
        for file in await to_the_end(self._memory.unfetched(ROUND, given_up)):
            try:
                known = await self._known(file, looking)
            except (TelegramNetworkError, ClientConnectionError, TimeoutError) as error:
                # The word of such an error may hold the address, and with it the token.
                log.warning("no evidence for now", reason=type(error).__name__)
                return fetched
            except (TelegramBadRequest, TooBig) as error:
                reason = Unseen.TOO_BIG if isinstance(error, TooBig) else Unseen.GONE
                log.warning("evidence cannot be fetched", reason=reason)
                await self._settle(replace(file, unseen=reason))
            except Exception as error:
                self._failures[file.key] += 1
                log.warning("evidence was not fetched", reason=type(error).__name__)
            else:
                await self._settle(*known)
                fetched += 1
        return fetched

    async def _known(self, file: File, looking: Looking) -> tuple[File, Picture | None]:
        """The file with its digest, and with how it looks or why nobody can say."""
        digest = file.sha256
        if digest is None or not place(self._folder, digest).exists():
            digest = await self._bring(file)
        if file.kind == "video":
            return replace(file, sha256=digest, unseen=Unseen.NO_PICTURE), None
        seen = await looking.look(place(self._folder, digest), digest)
        if isinstance(seen, Unseen):
            return replace(file, sha256=digest, unseen=seen), None
        return replace(file, sha256=digest, picture=seen.id), seen

    async def compare(self) -> bool:
        """Compare photos with all others, each once. Answers whether there may be more."""
        found = await to_the_end(self._memory.uncompared(COMPARED))
        await self._compare_all(found, self._desk.compare)
        shown = await to_the_end(self._memory.unmatched(COMPARED))
        await self._compare_all(shown, match)
        return COMPARED in (len(found), len(shown))

    async def _compare_all(
        self,
        photos: Sequence[tuple[Where, str]],
        follow: Callable[[Unit, Where, Twins], Awaitable[None]],
    ) -> None:
        """What follows for each place, in a commit of its own, from photos that are shown there."""
        for where, keys in groupby(photos, key=itemgetter(0)):
            twins = {key: await to_the_end(self._memory.twins(key)) for _, key in keys}
            await to_the_end(until_kept(partial(self._compare, where, twins, follow)))
            self._told()

    async def _compare(
        self, where: Where, twins: Twins, follow: Callable[[Unit, Where, Twins], Awaitable[None]]
    ) -> None:
        async with self._memory.group() as group:
            unit = group.unit(self._clock())
            await follow(unit, where, twins)
            group.keep(unit)
            await group.commit()

    async def _bring(self, file: File) -> str:
        told = await self._bot.get_file(file.file_id, request_timeout=FETCH_S)
        if told.file_path is None or (told.file_size or 0) > MOST_BYTES:
            raise TooBig
        content = _Capped()
        await self._bot.download_file(told.file_path, content, timeout=FETCH_S)
        return await asyncio.to_thread(keep, self._folder, content.getvalue())

    async def _settle(self, file: File, picture: Picture | None = None) -> None:
        await to_the_end(until_kept(partial(self._remember, file, picture)))

    async def _remember(self, file: File, picture: Picture | None) -> None:
        async with self._memory.group() as group:
            unit = group.unit(self._clock())
            unit.files.keep(file)
            if picture is not None:
                unit.files.seen(picture)
            group.keep(unit)
            await group.commit()


class _Capped(io.BytesIO):
    """Memory for one file, whatever its size was said to be."""

    def write(self, part: bytes, /) -> int:  # type: ignore[override]
        if self.tell() + len(part) > MOST_BYTES:
            raise TooBig
        return super().write(part)
