"""What is counted at night is what the whole log says, whatever happened and whenever it was."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from bot.domain.cases import CLOCK, Action, Event, Given, Refused, ReturnCase
from bot.domain.lifecycle import available_actions, decide
from bot.domain.money import Purse
from bot.domain.policy import Policy
from bot.domain.reasons import Reason
from bot.domain.timers import next_timer
from bot.services.figures import (
    SPAN,
    Figures,
    bring_up_to_date,
    count_meters,
    counted,
    meter,
)
from bot.services.records import Archive
from bot.services.tallying import Ended, Turn, marks
from storage.database import Database, open_database
from tests.databases import SqliteFiles
from tests.domain.life import march
from tests.domain.test_properties import PEOPLE, fitting, lines

PASSED = {
    Turn.DECISION: "decision_due",
    Turn.OFFER: "offer_due",
    Turn.COUNTER: "counter_due",
    Turn.SHIP: "ship_due",
    Turn.INSPECT: "inspect_due",
    Turn.REPLY: "dispute_reply_due",
    Turn.PREMOD: "premod_due",
}
"""Deadlines of which each line that says so is one that was missed."""
EVER = timedelta(days=9_000)


class Stage:
    """Random lives in a database, counted now and then."""

    def __init__(self, memory: Database, draw: st.DataObject) -> None:
        self.memory = memory
        self.draw = draw
        self.next = 1
        self.now = march(1)
        self.cases: list[ReturnCase] = []

    async def play(self) -> None:
        sellers = st.lists(st.sampled_from(["acme", "other"]), min_size=1, max_size=3)
        for seller in self.draw.draw(sellers):
            await self.submit(seller)
        for _ in range(self.draw.draw(st.integers(0, 24))):
            await self.step(self.draw.draw(st.integers(0, len(self.cases) - 1)))
            if self.draw.draw(st.integers(0, 4)) == 0:
                await bring_up_to_date(self.memory)

    async def submit(self, seller: str) -> None:
        drawn = zip(self.draw.draw(lines), "AB", strict=False)
        named = [replace(each, sku=sku) for each, sku in drawn]
        case = ReturnCase(
            id=self.next,
            lines=tuple(named),
            delivered_at=march(1, 8),
            customer=1,
            seller=seller,
            order=f"O-{self.next}",
            posting=f"O-{self.next}-1",
            premoderated=self.draw.draw(st.booleans()),
        )
        self.next += 2
        self.cases.append(case)
        reason = self.draw.draw(st.sampled_from(Reason))
        given = Given(reason=reason, text="Words", photos=("one", "two"))
        await self.happen(len(self.cases) - 1, Event(Action.SUBMIT, PEOPLE[0], given))

    async def step(self, place: int) -> None:
        case = self.cases[place]
        self.now += timedelta(hours=self.draw.draw(st.sampled_from([0, 1, 20])))
        buttons = [
            (party, option)
            for party in PEOPLE
            for option in available_actions(case, party, self.now, Policy())
            if option.opens is None
        ]
        timer = next_timer(case)
        waits = self.draw.draw(st.integers(0, 2)) == 0
        if timer is not None and (timer.due_at <= self.now or waits):
            self.now = max(self.now, timer.due_at)
            await self.happen(place, Event(Action.FIRE, CLOCK, timer=timer.kind), timer.due_at)
        elif buttons:
            party, option = self.draw.draw(st.sampled_from(buttons))
            given = fitting(self.draw, case, option)
            await self.happen(place, Event(option.action, party, given))

    async def happen(self, place: int, event: Event, at: datetime | None = None) -> None:
        before, at = self.cases[place], at or self.now
        try:
            decision = decide(before, event, at, Policy())
        except Refused:
            return
        if decision.child is not None:
            child = replace(decision.child, id=before.id + 1)
            decision = replace(decision, child=child)
            self.cases.append(child)
        self.cases[place] = decision.case
        async with self.memory.group() as group:
            unit = group.unit(at)
            unit.cases.save(before, decision, event, at)
            group.keep(unit)
            assert not await group.commit()


def test_what_is_stored_of_random_lives_is_what_their_log_says(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(draw=st.data())
    def lives(draw: st.DataObject) -> None:
        asyncio.run(one(sqlite_files.make(tmp_path), draw))

    lives()


async def one(url: str, draw: st.DataObject) -> None:
    """Play, count, and count again from the whole log."""
    async with await open_database(url) as memory:
        stage = Stage(memory, draw)
        await stage.play()
        await count_meters(memory, lambda: stage.now)
        stored = Figures()
        async for _, mark in counted(memory, march(1) - EVER, march(1) + EVER, None):
            stored.add((mark,))
        log = await logged(memory, stage.next)
        whole, sellers = Figures(), {"acme": Figures(), "other": Figures()}
        for case, archive in log:
            found = marks(archive)
            whole.add(found)
            sellers[case.seller].add(m for m in found if stage.now - SPAN <= m.at < stage.now)
        assert {**asdict(stored), "answered_after": 0, "decided_after": 0} == {
            **asdict(whole), "answered_after": 0, "decided_after": 0,
        }  # fmt: skip
        assert sorted(stored.answered_after) == sorted(whole.answered_after)
        assert sorted(stored.decided_after) == sorted(whole.decided_after)
        async with memory.reading(stage.now) as unit:
            for seller, figures in sellers.items():
                assert await unit.cases.meter(seller) == (
                    None if figures == Figures() else meter(figures)
                )
            lost = [await unit.cases.lost_disputes(each, march(1) - EVER) for each in sellers]
        # And what the lines themselves say, without a mark of ours.
        assert stored.disputes[Ended.LOST] == sum(map(len, lost))
        events = Counter(line.event for _, archive in log for line in archive.lines)
        assert {turn: stored.missed[turn] for turn in PASSED} == {
            turn: events[event] for turn, event in PASSED.items()
        }
        assert stored.asked.total() == events["submit"]
        assert stored.sums.get("RUB", 0) == sum(
            line.amount.minor if line.to is Purse.CUSTOMER else -line.amount.minor
            for _, archive in log
            for _, line in archive.ledger
            if Purse.CUSTOMER in (line.to, line.source)
        )


async def logged(memory: Database, end: int) -> list[tuple[ReturnCase, Archive]]:
    """All cases below a number, with all that is written of them."""
    async with memory.reading(march(1)) as unit:
        cases = [await unit.cases.get(id) for id in range(1, end)]
        return [(case, await unit.cases.archive(case.id)) for case in cases if case]
