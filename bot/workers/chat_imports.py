"""Reads the files of orders, rules and scripts that the staff send, outside every transaction.

A file is fetched into a folder that is gone afterwards, read as any other, and its sender is told
what came of it in the same commit that marks it as read. One whose reading was broken off is read
again, which changes nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiohttp import ClientConnectionError

from bot.domain.cases import STAFF
from bot.domain.policy import Policy, PolicyError
from bot.screens.screen import Screen
from bot.services.again import Away, Overtaken, until_kept
from bot.services.announcing import notice
from bot.services.comparing import Found, compared
from bot.services.importing import (
    IMPORT,
    LARGEST_RULES,
    LARGEST_SCRIPT,
    ORDERS,
    Report,
    import_orders,
)
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.services.records import Account, DraftKind, OrderFile, Trial
from bot.services.shielding import to_the_end
from bot.workers.evidence import FETCH_S, MOST_BYTES, TooBig
from bot.workers.imports import Reader
from bot.workers.processor import outgoing

ROUND = 4
"""Files read in one round."""


class Told(NamedTuple):
    """What the sender hears."""

    notice: str
    facts: Mapping[str, Any]
    mendable: bool = False
    """Whether the file can be mended and sent again."""


class Tried(NamedTuple):
    """Rules, and what would have differed under them at an instant."""

    policy: Policy
    at: datetime
    found: Found


class Played(NamedTuple):
    """What came of a script."""

    screens: Sequence[Screen]


Took = Told | Tried | Played

Play = Callable[[Account, str, str | None, datetime], Awaitable[Sequence[Screen]]]
"""Plays the script in a file for somebody: its name, its text or None, and the instant."""

log = structlog.get_logger(__name__)


class ChatFiles:
    """Looks for order files that wait, at every `look`."""

    def __init__(self, bot: Bot, memory: Memory, clock: Clock, read: Reader, play: Play) -> None:
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._read = read
        self._play = play

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

    async def _take(self, file: OrderFile) -> Took:
        match file.kind:
            case "orders":
                return await self._orders(file)
            case "rules":
                return await self._rules(file)
            case "simulate":
                return await self._script(file)

    async def _script(self, file: OrderFile) -> Took:
        """A script, played for who has sent it."""
        text = await self._text(file, LARGEST_SCRIPT)
        async with self._memory.reading(self._clock()) as unit:
            account = await unit.accounts.get(file.account)
        if account is None or account.staff not in STAFF:
            return Played(())
        return Played(await self._play(account, file.name, text, self._clock()))

    async def _rules(self, file: OrderFile) -> Took:
        """Rules, tried on all that has happened so far."""
        text = await self._text(file, LARGEST_RULES)
        if text is None:
            return Told("rules_wrong", {"unread": True}, mendable=True)
        try:
            return await self._tried(text)
        except (Away, Overtaken):
            raise
        except Exception:
            # A file that was given up on for good holds up none behind it.
            log.exception("rules were not tried")
            return Told("rules_wrong", {"broken": True})

    async def _tried(self, text: str) -> Took:
        try:
            policy = Policy.parse(text)
        except PolicyError as fault:
            return Told("rules_wrong", _fault(fault), mendable=True)
        at = self._clock()
        found = await compared(self._memory, self._clock, policy)
        log.info("rules tried", returns=found.cases)
        return Tried(policy, at, found)

    async def _orders(self, file: OrderFile) -> Took:
        with tempfile.TemporaryDirectory(prefix="returndesk-") as folder:
            # No name that a person chose touches the disk.
            path = Path(folder) / "orders"
            try:
                await self._fetch(file, path, MOST_BYTES)
                report = await import_orders(self._memory, self._read(path), self._clock)
            except (TelegramBadRequest, TooBig, ValueError) as error:
                log.warning("an order file cannot be read", reason=type(error).__name__)
                return Told("imported", {"unread": True}, mendable=True)
        log.info("orders imported", kept=report.kept, bad=report.bad)
        whole = report.kept > 0 and not report.bad
        return Told("imported", _facts(report), mendable=not whole)

    async def _text(self, file: OrderFile, most: int) -> str | None:
        """What a file says; None if it cannot be read."""
        with tempfile.TemporaryDirectory(prefix="returndesk-") as folder:
            path = Path(folder) / "text"
            try:
                await self._fetch(file, path, most)
                return path.read_text("utf-8-sig")
            except (TelegramBadRequest, TooBig, UnicodeDecodeError) as error:
                log.warning("a file cannot be read", kind=file.kind, reason=type(error).__name__)
                return None

    async def _fetch(self, file: OrderFile, path: Path, most: int) -> None:
        told = await self._bot.get_file(file.file_id, request_timeout=FETCH_S)
        if told.file_path is None or (told.file_size or 0) > most:
            raise TooBig
        await self._bot.download_file(told.file_path, path, timeout=FETCH_S)
        if (await asyncio.to_thread(path.stat)).st_size > most:
            raise TooBig

    async def _tell(self, file: OrderFile, took: Took) -> None:
        async with self._memory.group() as group:
            unit = group.unit(self._clock())
            unit.order_files.done(file)
            if isinstance(took, Played):
                await _show(unit, file, took)
            else:
                told = took if isinstance(took, Told) else await _kept(unit, file, took)
                await _say(unit, file, told)
            group.keep(unit)
            await group.commit()


async def _say(unit: Unit, file: OrderFile, told: Told) -> None:
    facts = {"name": file.name, **told.facts}
    if await _asked_for(unit, file):
        if told.mendable:
            facts["waits"] = True
        else:
            unit.drafts.drop(file.account)
    notice(unit, file.account, told.notice, facts, key=f"import:{file.id}")


async def _show(unit: Unit, file: OrderFile, played: Played) -> None:
    """What came of a script; the form asks for another only who has not left it."""
    waits = await _asked_for(unit, file)
    for place, screen in enumerate(played.screens):
        if waits or screen.slot is None:
            key = f"import:{file.id}:{place}"
            unit.outbox.put(outgoing(screen, file.account, key, None, unit.now))


async def _kept(unit: Unit, file: OrderFile, tried: Tried) -> Told:
    policy, id = tried.policy, await unit.policies.next_trial()
    unit.policies.keep(policy.digest, policy.canonical)
    unit.policies.save_trial(
        Trial(
            id=id,
            account=file.account,
            name=PurePath(file.name).stem,
            digest=policy.digest,
            at=tried.at,
            found=tried.found.model_dump_json(),
        )
    )
    return Told("rules_tried", {"trial": id, "returns": tried.found.cases})


async def _asked_for(unit: Unit, file: OrderFile) -> bool:
    """Whether the form in which a file came is still what the person has open."""
    row = await unit.drafts.get(file.account)
    if row is None or row.due_at <= unit.now or row.kind is not DraftKind.SLIP:
        return False
    wanted = IMPORT if file.kind == ORDERS else file.kind
    return bool(json.loads(row.body)["purpose"] == wanted)


def _fault(fault: PolicyError) -> dict[str, Any]:
    return {"words": fault.words, "values": {**fault.values}, "key": fault.key, "line": fault.line}


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
