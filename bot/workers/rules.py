"""The rules in force: at a start, and whenever any process has switched on others (N-10)."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from bot.domain.policy import Policy, PolicyError
from bot.services import ruling
from bot.services.again import Away, until_kept
from bot.services.desk import ReturnDesk
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.workers.link import Stopped

log = structlog.get_logger(__name__)


class Rules:
    """Keeps the desk at the rules in force. `changed` is set when others may be."""

    def __init__(
        self, memory: Memory, desk: ReturnDesk, clock: Clock, policy: Policy, name: str
    ) -> None:
        """`policy` and `name` are those of the settings."""
        self._memory = memory
        self._desk = desk
        self._clock = clock
        self._policy = policy
        self._name = name
        self._followed = 0
        """The version of the rules that were looked at last: their digest is that under which they
        were stored, which a program with other keys does not come to.
        """
        self.changed = asyncio.Event()

    async def begin(self, unit: Unit) -> Policy:
        """The policy to begin with. Raises Stopped where only a newer program understands it."""
        try:
            return await ruling.begin(unit, self._policy, self._name)
        except ruling.NotUnderstood as error:
            raise Stopped(str(error)) from error

    async def run(self) -> None:
        """Look whenever something may have changed, until cancelled."""
        while True:
            await self.changed.wait()
            self.changed.clear()
            with suppress(Away):
                await until_kept(self.look)

    async def look(self) -> None:
        """Go by the rules that are in force by now, wherever they were switched on."""
        async with self._memory.reading(self._clock()) as unit:
            last = await unit.policies.in_force()
            if last is None or last.version == self._followed:
                return
            if last.digest != self._desk.policy.digest:
                try:
                    self._desk.adopt(await ruling.policy_in(unit, last.digest))
                except (PolicyError, LookupError) as error:
                    # A newer program may know keys that this one does not: it goes on as it did.
                    log.error("rules cannot be followed", digest=last.digest, reason=str(error))
            self._followed = last.version
