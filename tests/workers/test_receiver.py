"""What Telegram was told we have is in the inbox, whatever comes and whatever fails."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.playground.faults import BAD_GATEWAY, RESET_BEFORE, UNAUTHORIZED, refusal, too_many
from bot.services.memory import Memory
from bot.services.records import Received
from bot.workers.contact import Contact
from bot.workers.link import Stopped, TelegramClock
from bot.workers.receiver import PAGE, Receiver, alone, read_update
from storage.database import Database
from tests.workers.local_bot import NOON, Clock, in_process, over_http


class Desk:
    """A receiver with what it needs, and what it told."""

    def __init__(self, memory: Memory, clock: Clock) -> None:
        self.memory, self.clock = memory, clock
        self.telegram, self.bot = in_process(clock)
        self.alerts: list[str] = []
        self.woken = 0
        self.receiver = self.restarted()

    def restarted(self) -> Receiver:
        """The receiver of a new process."""
        self.contact = Contact(
            self.clock,
            TelegramClock(self.clock, self.clock.steady),
            timedelta(minutes=15),
            steady=self.clock.steady,
        )
        self.receiver = Receiver(
            self.bot,
            self.memory,
            self.clock,
            contact=self.contact,
            alert=self._alert,
            receive=alone(self.memory, self._on_received),
            sleep=self.clock.sleep,
        )
        return self.receiver

    async def _alert(self, name: str, facts: Mapping[str, Any]) -> None:
        self.alerts.append(name)

    def _on_received(self) -> None:
        self.woken += 1

    def _next_poll_began(self, answered: int) -> bool:
        polls, waits = self.telegram.counts["getUpdates"], self.telegram.updates._waiter is not None
        return polls + waits > answered

    async def inbox(self) -> list[Received]:
        """All that waits, taken one group after the other."""
        found: list[Received] = []
        async with self.memory.group() as group:
            while page := await group.pending(64, self.clock()):
                for update in page:
                    group.done(update, group.unit(self.clock()))
                found += page
                break
            await group.commit()
        return found + (await self.inbox() if found else [])

    async def run_until(self, polls: int) -> None:
        """Run as the program does until so many polls have been worked off, then kill."""
        answered = self.telegram.counts["getUpdates"] + polls
        running = asyncio.create_task(self.receiver.run())
        while not (running.done() or self._next_poll_began(answered)):
            await asyncio.sleep(0)
        running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            return


@pytest.fixture
def desk(memory: Database, clock: Clock) -> Desk:
    return Desk(memory, clock)


async def test_an_update_is_committed_before_it_is_confirmed(desk: Desk) -> None:
    confirmed: list[int] = []

    async def in_the_inbox(ids: list[int]) -> None:
        assert await desk.memory.last_update_id() >= max(ids)
        confirmed.extend(ids)

    desk.telegram.on_confirm = in_the_inbox
    anna = desk.telegram.add_person("Anna")
    for word in ("one", "two", "three"):
        anna.send(word)
        await desk.receiver.poll()
    desk.clock.pass_by(1)
    anna.send("four")
    await desk.receiver.poll()
    assert desk.telegram.violations == []
    assert len(confirmed) == 3
    assert [json.loads(each.raw)["message"]["text"] for each in await desk.inbox()] == [
        "one",
        "two",
        "three",
        "four",
    ]


async def test_what_could_not_be_committed_is_not_confirmed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = desk.telegram.add_person("Anna")
    anna.send("one")
    with monkeypatch.context() as patch:

        def full() -> object:
            raise OSError("disk full")

        patch.setattr(desk.memory, "receiving", full)
        with pytest.raises(OSError, match="disk full"):
            await desk.receiver.poll()
    assert desk.telegram.updates.confirmed == 0
    await desk.receiver.poll()
    anna.send("two")
    await desk.receiver.poll()
    assert desk.telegram.updates.confirmed == 1
    assert len(await desk.inbox()) == 2


async def test_doubles_wake_nobody_twice_and_stay_one_row(desk: Desk) -> None:
    anna = desk.telegram.add_person("Anna")
    anna.send("one")
    await desk.receiver.poll()
    desk.telegram.faults.redeliver = 1
    await desk.receiver.poll()
    desk.telegram.faults.redeliver = 1
    await desk.receiver.poll()
    assert len(await desk.inbox()) == 1


async def test_a_poisonous_update_stops_nobody(desk: Desk) -> None:
    anna = desk.telegram.add_person("Anna")
    anna.send("before")
    desk.telegram.updates.put_raw({"message": {"chat": "no chat", "date": {}}})
    desk.telegram.updates.put_raw({"message": {"text": "\ud800\x00"}})
    desk.telegram.updates.put_raw({"message": {"chat": {"id": 10**30}}})
    desk.telegram.updates.put_raw({"update_id": "no id", "message": {}})
    desk.telegram.updates.put_raw({"update_id": 2**63, "message": {}})
    anna.send("after")
    await desk.receiver.poll()
    by_id = sorted(await desk.inbox(), key=lambda update: update.update_id)
    assert [update.chat for update in by_id] == [anna.id, 0, 0, 0, anna.id]
    assert desk.alerts == ["update_unreadable"]


async def test_an_update_without_an_id_does_not_make_the_receiver_spin(desk: Desk) -> None:
    desk.telegram.updates.put_raw({"update_id": None})
    await desk.run_until(polls=3)
    assert desk.clock.slept[:3] == [1, 1, 1]
    assert desk.alerts == ["update_unreadable"]


async def test_a_webhook_left_behind_is_deleted_and_nothing_is_dropped(desk: Desk) -> None:
    anna = desk.telegram.add_person("Anna")
    anna.send("waits")
    desk.telegram.updates.webhook_url = "https://old.example"
    await desk.receiver.poll()
    assert desk.telegram.updates.webhook_url == ""
    assert len(await desk.inbox()) == 1


async def test_a_webhook_set_while_running_is_deleted_too(desk: Desk) -> None:
    await desk.receiver.poll()
    anna = desk.telegram.add_person("Anna")
    anna.send("waits")
    desk.telegram.updates.webhook_url = "https://other.example"
    await desk.run_until(polls=2)
    assert len(await desk.inbox()) == 1


async def test_a_second_program_is_named(desk: Desk) -> None:
    conflict = refusal(409, "Conflict: terminated by other getUpdates request")
    desk.telegram.faults.next("getUpdates", conflict, times=4)
    await desk.run_until(polls=5)
    desk.telegram.faults.next("getUpdates", conflict, times=5)
    with pytest.raises(Stopped, match="Another program"):
        await desk.receiver.run()


@pytest.mark.parametrize("fault", [UNAUTHORIZED, refusal(404, "Not Found")])
async def test_a_token_that_is_not_accepted_stops_at_once(desk: Desk, fault: Any) -> None:
    desk.telegram.faults.next("*", fault, times=100)
    with pytest.raises(Stopped, match="RETURNDESK_BOT_TOKEN"):
        await desk.receiver.run()
    assert desk.clock.slept == []


async def test_an_outage_is_waited_for_with_growing_pauses(desk: Desk) -> None:
    desk.telegram.faults.next("getUpdates", RESET_BEFORE, times=5)
    desk.telegram.faults.next("getUpdates", BAD_GATEWAY)
    await desk.run_until(polls=7)
    assert desk.clock.slept == [1, 2, 4, 5, 5, 5]


async def test_a_named_time_is_respected(desk: Desk) -> None:
    desk.telegram.faults.next("getUpdates", too_many(33))
    await desk.run_until(polls=2)
    assert desk.clock.slept == [33]


# -------------------------------------------------------------------------------- time


async def test_after_a_start_timers_wait_until_all_that_waited_is_here(desk: Desk) -> None:
    anna = desk.telegram.add_person("Anna")
    for _ in range(PAGE + 1):
        anna.send("hello")
    assert not desk.contact.settled
    await desk.receiver.poll()
    assert not desk.contact.settled
    await desk.receiver.poll()
    assert desk.contact.settled


async def test_what_waited_during_a_pause_counts_as_received_before_it(desk: Desk) -> None:
    anna = desk.telegram.add_person("Anna")
    await desk.receiver.poll()
    desk.clock.pass_by(minutes=10)
    for _ in range(PAGE + 1):
        anna.send("in the pause")
    desk.telegram.faults.next("getUpdates", RESET_BEFORE)
    await desk.run_until(polls=3)
    assert desk.contact.settled
    anna.send("afterwards")
    await desk.receiver.poll()
    received = [update.received_at for update in await desk.inbox()]
    assert received == [NOON] * (PAGE + 1) + [desk.clock.now]


async def test_a_restart_remembers_when_people_could_last_reach_us(desk: Desk) -> None:
    anna = desk.telegram.add_person("Anna")
    await desk.receiver.poll()
    desk.clock.pass_by(hours=5)
    anna.send("while it was down")
    desk.restarted()
    await desk.run_until(polls=1)
    [update] = await desk.inbox()
    assert update.received_at == NOON


async def _outages(desk: Desk) -> list[tuple[datetime, datetime]]:
    async with desk.memory.group() as group:
        outage = await group.outage()
    return [(outage.since, outage.until)] if outage else []


async def test_an_outage_is_stored_with_the_heartbeat_that_ends_it(desk: Desk) -> None:
    await desk.receiver.poll()
    desk.clock.pass_by(hours=5)
    desk.restarted()
    await desk.run_until(polls=1)
    assert await _outages(desk) == [(NOON, NOON + timedelta(hours=5))]


async def test_a_failure_while_running_is_an_outage_too(desk: Desk) -> None:
    await desk.receiver.poll()
    desk.telegram.faults.next("getUpdates", RESET_BEFORE, times=300)
    await desk.run_until(polls=301)
    [(since, until)] = await _outages(desk)
    assert since == NOON
    assert until - since > timedelta(minutes=20)


async def test_a_short_pause_is_no_outage(desk: Desk) -> None:
    await desk.receiver.poll()
    desk.clock.pass_by(minutes=14)
    desk.restarted()
    await desk.run_until(polls=1)
    assert await _outages(desk) == []


async def test_a_local_clock_that_is_moved_is_no_outage(desk: Desk) -> None:
    await desk.receiver.poll()
    desk.clock.now += timedelta(days=1)
    desk.telegram.add_person("Anna").send("a day later by our clock")
    await desk.receiver.poll()
    assert await _outages(desk) == []
    assert desk.contact.settled


async def test_a_poll_that_hangs_is_no_proof_that_nobody_waits(desk: Desk) -> None:
    await desk.receiver.poll()
    assert desk.contact.settled
    desk.clock.pass_by(60)
    assert not desk.contact.settled


async def test_a_jump_of_the_local_clock_is_seen_before_the_next_answer(clock: Clock) -> None:
    async with over_http(clock) as (telegram, bot, heard):
        await bot.get_me()
        clock.pass_by(hours=1)
        assert abs(heard.disagreement()) < timedelta(seconds=1)
        clock.now += timedelta(seconds=130)
        assert heard.disagreement() >= timedelta(seconds=130)
        await bot.get_me()
        assert abs(heard.disagreement()) < timedelta(seconds=1)
        telegram.clock_skew = timedelta(seconds=-200)
        await bot.get_me()
        assert timedelta(seconds=199) < heard.disagreement() < timedelta(seconds=201)


async def test_updates_come_raw_over_http(memory: Database, clock: Clock) -> None:
    async with over_http(clock) as (telegram, bot, _):
        desk = Desk(memory, clock)
        desk.telegram, desk.bot = telegram, bot
        anna = telegram.add_person("Анна")
        anna.send("Привет")
        telegram.updates.put_raw({"message": {"no": "chat"}})
        await desk.restarted().poll()
        raw = [json.loads(update.raw) for update in await desk.inbox()]
    assert raw[0]["message"]["text"] == "Привет"
    assert raw[1]["message"] == {"no": "chat"}


@pytest.mark.parametrize(
    ("content", "chat"),
    [
        ({"message": {"chat": {"id": -5}, "from": {"id": 7}}}, -5),
        ({"callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -5}}}}, -5),
        ({"callback_query": {"from": {"id": 7}}}, 7),
        ({"my_chat_member": {"chat": {"id": 7}}}, 7),
        ({"message": {"chat": {"id": 10**30}}}, 0),
        ({"future_kind": [1, 2]}, 0),
        ({}, 0),
    ],
)
def test_an_update_waits_in_the_line_of_its_chat(content: dict[str, Any], chat: int) -> None:
    update = read_update({"update_id": 5} | content, NOON)
    assert update is not None
    assert update.chat == chat


@pytest.mark.parametrize("id", [None, "5", 0, -1, True, 2**63, 1.5])
def test_an_id_that_no_inbox_can_hold_is_none(id: object) -> None:
    assert read_update({"update_id": id, "message": {}}, NOON) is None


@pytest.mark.parametrize("kind", ["a\0b", "\ud800", "й"])
async def test_a_field_whose_name_no_database_takes_is_kept_for_the_quarantine(kind: str) -> None:
    update = read_update({"update_id": 5, kind: {"chat": {"id": 7}, "text": kind}}, NOON)
    assert update
    assert (update.kind, update.chat) == ("", 7)
    assert update.raw.encode()
    assert "\0" not in update.raw
