"""Requests as they are stored, put into a database of which nobody was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.cases import Action, Decision, Event, Happened, Party, ReturnCase, Role
from bot.domain.policy import Policy
from bot.playground.cast import ANATOLIA
from storage.database import Database
from tests.domain.life import CUSTOMER, Life, draft, march

PAGE = 500
START = march(1)


def request(number: int, customer: int, since: datetime) -> ReturnCase:
    """A request of that instant, as it is stored."""
    life = Life(draft(delivered_at=since - timedelta(days=2)))
    life.do(since, CUSTOMER, Action.SUBMIT, reason="changed_mind", photos=("one", "two"))
    return replace(
        life.case,
        id=number,
        customer=customer,
        seller=ANATOLIA.code,
        order=f"{number}",
        policy=life.policy.digest,
    )


async def put(memory: Database, cases: Sequence[ReturnCase], now: datetime) -> None:
    """Store requests of which nobody was told."""
    policy, by = Policy(), Party(Role.SYSTEM)
    for at in range(0, len(cases), PAGE):
        async with memory.group() as group:
            unit = group.unit(now)
            unit.policies.keep(policy.digest, policy.canonical)
            for case in cases[at : at + PAGE]:
                stored = Decision(case, (Happened("stored", by, "", "", case.status, case.status),))
                unit.cases.save(replace(case, version=0), stored, Event(Action.SUBMIT, by), now)
            group.keep(unit)
            await group.commit()
