"""R10: messages under Telegram's limits."""

from __future__ import annotations

from bot.playground.faults import Limits, too_many
from storage.database import open_database
from tests.torture.trial import Report, Setting, Trial, awaited
from tests.workers.local_bot import Clock, in_process
from tests.workers.post_office import PostOffice


async def _flood(setting: Setting) -> Report:
    """Messages to many chats under Telegram's limits, by a virtual clock; then a 429."""
    report = Report()
    clock = Clock()
    limits = Limits(now=clock.steady)
    telegram, bot = in_process(clock, limits)
    async with await open_database(await setting.database()) as memory:
        office = PostOffice(memory, clock, telegram, bot)
        people = [office.person(f"P{n}") for n in range(max(2, setting.size // 25))]
        began = clock()
        for at in range(0, setting.size, 250):
            rows = [
                office.screen(people[n % len(people)].id, f"message {n}")
                for n in range(at, min(at + 250, setting.size))
            ]
            await office.put(*rows)
        await office.deliver(setting.size / 3600)
        spent = (list(telegram.calls)[-1].at - began).total_seconds()
        got = sum(len(person.texts()) for person in people)
        most = limits.per_second
        report.expect(setting.size / spent <= most, f"more than {most} a second met no limit")
        report.expect(limits.refused == 0, f"{limits.refused} messages met the limits")
        report.expect(got == setting.size, f"{got} of {setting.size} messages came")
        for person in people:
            numbers = [int(text.split()[1]) for text in person.texts()]
            report.expect(numbers == sorted(numbers), f"{person.name} got them out of order")
        first, second = people[0], people[1]
        clock.pass_by(60)
        telegram.faults.next("sendMessage", too_many(30), chat_id=first.id)
        await office.put(office.screen(first.id, "message 0 late"))
        await office.put(office.screen(second.id, "message 1 soon"))
        calls = len(telegram.calls)
        await office.deliver(0.02)
        later = [call for call in list(telegram.calls)[calls:] if call.method == "sendMessage"]
        mine = [c for c in later if int(c.params["chat_id"]) == first.id]
        others = [c for c in later if int(c.params["chat_id"]) == second.id]
        report.expect(len(mine) == 2, f"the chat was tried {len(mine)} times")
        pause = (mine[-1].at - mine[0].at).total_seconds()
        report.expect(pause >= 30, f"it was tried again after {pause} s of 30")
        delay = (others[0].at - mine[0].at).total_seconds() if others else 99
        report.expect(delay <= 1, f"another chat waited {delay} s")
    rate = f"{setting.size / spent:.1f} a second"
    report.seen = (
        f"to {len(people)} chats, {rate} of the clock, 0 met a limit, 429 kept to {pause:.0f} s"
    )
    return report


TRIALS = (
    Trial(
        name="limits",
        goals="R10",
        what="many messages meet no limit; a 429 holds its chat and no other",
        size=2_000,
        most=10_000,
        unit="messages",
        run=awaited(_flood),
    ),
)
