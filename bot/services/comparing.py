"""Rules tried on the past: every return decided anew, a few at a time (N-10).

It reads in transactions of its own, beside everything else, and lets others work after every few
returns: whoever taps a button meanwhile is answered as ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from bot.domain.cases import Action, Outages, ReturnCase
from bot.domain.policy import Policy, PolicyError
from bot.domain.replay import Aspect, Difference, Past, comes_out, differences
from bot.services.memory import Memory
from bot.services.pasts import past_of
from bot.services.ports import Clock, Unit
from bot.services.records import HistoryLine, Trial

STEP = 20
"""Requests that are decided anew before others may work: some milliseconds."""
PAGE = 8
"""Differences on a page."""

_EVER = datetime(1, 1, 1, tzinfo=UTC)


class Found(BaseModel):
    """What came of a trial, by the ids of returns."""

    model_config = ConfigDict(frozen=True)

    cases: int = 0
    """Returns that were compared."""
    unlike: tuple[int, ...] = ()
    """Those that under their own rules do not come out as they are, so that nothing is said."""
    outcome: tuple[int, ...] = ()
    sum: tuple[int, ...] = ()
    deadline: tuple[int, ...] = ()

    def of(self, aspect: Aspect) -> tuple[int, ...]:
        """The returns of which this would differ."""
        match aspect:
            case Aspect.OUTCOME:
                return self.outcome
            case Aspect.SUM:
                return self.sum
            case Aspect.DEADLINE:
                return self.deadline


def found_in(trial: Trial) -> Found:
    """What came of it."""
    return Found.model_validate_json(trial.found)


async def compared(memory: Memory, clock: Clock, new: Policy) -> Found:
    """Decide every return anew under a policy."""
    policies: dict[str, Policy | None] = {}
    count, unlike = 0, list[int]()
    found: dict[Aspect, list[int]] = {aspect: [] for aspect in Aspect}
    async for past, outages, own, now in _pasts(memory, clock, policies):
        family = [past.case.id, *(child.id for child in past.children)]
        differs = differences(past, own, new, outages, now) if own and past.deeds else ()
        if own is None or not past.deeds or (differs and not comes_out(past, own, outages, now)):
            unlike += family
            continue
        count += len(family)
        for each in differs:
            found[each.aspect].append(each.case)
    return Found(
        cases=count,
        unlike=tuple(unlike),
        **{str(aspect): tuple(sorted(ids)) for aspect, ids in found.items()},
    )


async def _pasts(
    memory: Memory, clock: Clock, policies: dict[str, Policy | None]
) -> AsyncIterator[tuple[Past, Outages, Policy | None, datetime]]:
    after = 0
    while True:
        now = clock()
        async with memory.reading(now) as unit:
            rows = await unit.cases.opened_after(after, _EVER, now, None, STEP)
            cases = [case for _, case in rows]
            outages = await unit.cases.outages(_EVER)
            pasts = await _read(unit, cases)
            for digest in {case.policy for case in cases} - policies.keys():
                policies[digest] = await _policy(unit, digest)
        for past in pasts:
            yield past, outages, policies[past.case.policy], now
        if len(rows) < STEP:
            return
        after = cases[-1].id
        await asyncio.sleep(0)


async def _read(unit: Unit, cases: Sequence[ReturnCase]) -> list[Past]:
    histories = await _histories(unit, cases)
    families = [(case, await _children(unit, case, histories[case.id])) for case in cases]
    children = [child for _, family in families for child in family]
    histories |= await _histories(unit, children)
    return [past_of(case, family, histories) or Past(case, (), family) for case, family in families]


async def _histories(unit: Unit, cases: Iterable[ReturnCase]) -> dict[int, tuple[HistoryLine, ...]]:
    ids = [case.id for case in cases]
    return dict(zip(ids, await asyncio.gather(*map(unit.cases.history, ids)), strict=True))


async def _children(
    unit: Unit, case: ReturnCase, lines: Sequence[HistoryLine]
) -> tuple[ReturnCase, ...]:
    """What was split from a case, if there was a verdict that could have done it."""
    if not any(line.event == Action.VERDICT for line in lines):
        return ()
    family = {case.id}
    for each in await unit.cases.of_order(case.order):
        if each.parent in family:
            family.add(each.id)
    found = [await unit.cases.get(id) for id in sorted(family - {case.id})]
    return tuple(child for child in found if child is not None)


async def _policy(unit: Unit, digest: str) -> Policy | None:
    canonical = await unit.policies.get(digest)
    try:
        return Policy.from_canonical(canonical) if canonical else None
    except PolicyError:
        return None


async def page(unit: Unit, trial: Trial, ids: Sequence[int]) -> Mapping[int, Difference]:
    """What would have differed of these returns when the trial was made."""
    new = await _policy(unit, trial.digest)
    found: dict[int, Difference] = {}
    for id in ids:
        case = await unit.cases.get(id)
        while case is not None and case.parent:
            case = await unit.cases.get(case.parent)
        own = await _policy(unit, case.policy) if case else None
        if case is None or own is None or new is None:
            continue
        (past,) = await _read(unit, [case])
        outages = await unit.cases.outages(_EVER)
        for each in differences(past, own, new, outages, trial.at) if past.deeds else ():
            if each.case == id:
                found[id] = each
    return found
