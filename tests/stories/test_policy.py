"""Admins see the rules in force, try others on the past, and two of them switch them on (N-10)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import Program, program
from bot.domain.cases import Refused, Role, TimerKind
from bot.domain.intake import Context
from bot.domain.policy import Policy
from bot.playground.people import Person
from bot.playground.session import PlaygroundSession
from bot.services import ruling
from bot.services.records import InForce
from tests.stories.test_exports import files
from tests.stories.test_support import admin
from tests.world import World, order, world

WEEK = b"[ship]\ndays = 7\n"


async def tried(stage: World, olga: Person, content: bytes, name: str = "week.toml") -> str:
    """What an admin is told of a file of rules; its name behind the command is no hindrance."""
    await stage.say(olga, f"/policy diff {name}")
    olga.send_document(content, name)
    await stage.settle()
    await stage.running.look_at_files()
    await stage.settle()
    return olga.screen


async def refused(stage: World, person: Person, code: str) -> None:
    """Who forges the press that switches on what waits is told no."""
    async with stage.running.memory.reading(stage.clock()) as unit:
        account = await unit.accounts.get(person.id)
        (asked, *_) = [each for each in await unit.policies.open_trials() if each.asked_by]
        assert account is not None
        with pytest.raises(Refused) as caught:
            await ruling.confirm(unit, stage.running.desk, account, asked.id)
    assert caught.value.code == code


@asynccontextmanager
async def another(stage: World) -> AsyncIterator[Program | None]:
    """A second process beside the stage, where its database allows for one."""
    if not stage.running.memory.shared:
        yield None
        return
    session, stop = PlaygroundSession(stage.telegram), asyncio.Event()
    async with program(stage.running.settings, stage.clock, session) as other:
        work = asyncio.create_task(other.run(stop))
        try:
            yield other
        finally:
            stop.set()
            await work


async def test_a_week_to_ship_is_tried_on_the_past_and_switched_on_by_two(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as stage, another(stage) as other:
        olga = stage.owner
        await stage.seller()
        anna = await stage.customer("Anna", *(order(number) for number in ("1", "2", "3", "4")))
        await stage.ask_for(anna, "1")
        await stage.later(days=3)
        await stage.ask_for(anna, "2")
        await stage.ask_for(anna, "3")
        await stage.say(anna, "/return R-000003")
        await stage.press(anna, "Cancel the return", "Yes: Cancel the return")
        await stage.later(days=3, hours=12)

        assert "Look at what would be different" in await tried(stage, olga, WEEK)
        await stage.press(olga, "Look at it")
        assert "Returns decided anew: 3\nOther outcomes: 1\nOther sums: 0\nOther deadlines: 1" in (
            olga.screen
        )
        await stage.press(olga, "Other outcomes")
        assert (
            "R-000001: Overdue on Fri 6 March, 10:00 (UTC) → Approved, waits until" in olga.screen
        )
        assert "waits until Mon 9 March, 10:00 (UTC)" in olga.screen
        await stage.press(olga, "Back to the rules", "Other deadlines")
        assert "R-000002: Approved, waits until Mon 9 March" in olga.screen
        await stage.press(olga, "Back to the rules", "Switch them on")
        assert "You are the only administrator" in "\n".join(olga.texts()[-2:])

        boris = await admin(stage, "Boris")
        await stage.say(olga, "/policy")
        assert "Rules in force: built-in, version 1" in olga.screen
        await tried(stage, olga, WEEK)
        await stage.press(olga, "Look at it", "Switch them on")
        assert "Confirm: switch them on" not in olga.buttons()
        assert "Olga wants the rules week in force" in boris.screen
        await refused(stage, olga, "second_admin")
        await stage.say(boris, "/policy activate")
        await stage.press(boris, "Confirm: switch them on")
        assert "Rules in force: week, version 2" in boris.screen
        assert "Switched on by Olga and Boris." in boris.screen
        assert "The rules week are in force now, version 2." in olga.screen
        week = Policy.parse(WEEK.decode())
        if other is not None:
            async with asyncio.timeout(60):
                while other.desk.policy != week:
                    await asyncio.sleep(0.01)

        await stage.ask_for(anna, "4")
        await stage.later(days=1)
        ship = [(await stage.case(id)).timer(TimerKind.SHIP) for id in (2, 4)]
        assert [str(each.due_at - each.since) for each in ship if each] == [
            "4 days, 0:00:00",
            "7 days, 0:00:00",
        ]

    async with world(database_url, tmp_path, before=stage) as again:
        assert again.running.desk.policy == week
        await again.say(boris, "/policy show")
        assert "Rules in force: week, version 2" in "\n".join(boris.texts())
        assert Policy.parse(files(boris)["week.toml"].decode()) == week


async def test_rules_that_cannot_be_are_refused_with_their_line(embedded: World) -> None:
    olga = embedded.owner
    for content, said in (
        (b"[ship]\ndays = 7\nhours = 3", "Line 2, ship.days: give one of days or hours, not both."),
        (b"[ship]\ndayz = 7", "Line 2, ship.dayz: there is no such key."),
        (b"[ship]\ndays 7", "Line 2: this is not TOML: look for a quote"),
        (b"[ship]\ndays = -1", "Line 2, ship.days: a number that is not below 0 is expected."),
        (b"offer.min = 1e30", "Line 1, offer.min: a number is too large or too small."),
        (b"ship.days = " + b"9" * 5_000, "a number is too large, or tables are nested too deeply"),
        (b"\xff\xfe", "could not be read: it is no text"),
    ):
        assert said in await tried(embedded, olga, content), content
    assert "Please send the rules as a file in TOML" in await tried(embedded, olga, WEEK, "a.txt")
    assert "64\xa0KB at most" in await tried(embedded, olga, b"#" * 70_000)
    await embedded.press(olga, "Cancel")
    await tried(embedded, olga, WEEK)
    await embedded.press(olga, "Look at it", "Drop them")
    assert "Nothing waits here any more." in olga.screen
    await embedded.say(olga, "/policy activate")
    assert "Rules in force: built-in, version 1" in olga.screen
    emre = await embedded.seller()
    await embedded.say(emre, "/policy")
    assert "Rules in force" not in emre.screen
    emre.send_document(WEEK, "week.toml", "/policy diff")
    await embedded.settle()
    assert emre.texts()[-2:] == ["This is not open to you."] * 2


async def test_a_faulty_file_of_rules_leaves_the_form_waiting_for_a_right_one(
    embedded: World,
) -> None:
    olga = embedded.owner
    assert "Line 2, ship.dayz: there is no such key." in await tried(
        embedded, olga, b"[ship]\ndayz = 7"
    )
    assert "Send the file again when it is mended: I wait for it." in olga.screen
    olga.send_document(WEEK, "week.toml")
    await embedded.settle()
    await embedded.running.look_at_files()
    await embedded.settle()
    assert "was tried on 0 returns." in olga.screen
    await embedded.say(olga, "What now?")
    assert "Please send the rules" not in olga.screen, "the form has ended"

    # The command below the file is enough, and so is the name of a right one while it waits.
    olga.send_document(WEEK, "week.txt", "/policy diff")
    await embedded.settle()
    assert "Please send the rules as a file in TOML, .toml.\n\nSend me the rules" in olga.screen
    olga.send_document(b"[ship", "week.toml", "/policy diff week.toml")
    await embedded.settle()
    await embedded.press(olga, "Cancel")
    await embedded.running.look_at_files()
    await embedded.settle()
    assert "Nothing was changed." in olga.screen
    assert "I wait for it" not in olga.screen, "who has left the form is not waited for"


async def test_rules_of_another_program_neither_end_this_one_nor_are_adopted_at_every_look(
    embedded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, adopted = embedded.running, list[Policy]()
    before = program.desk.policy
    monkeypatch.setattr(program.desk, "adopt", adopted.append)
    for version, canonical in ((2, '{"tomorrow":{"days":7}}'), (3, '{"ship":{"length":"P7D"}}')):
        async with program.memory.group() as group:
            unit = group.unit(embedded.clock())
            unit.policies.keep(digest := f"{version:064}", canonical)
            rules = InForce(
                version=version,
                digest=digest,
                name="of another program",
                since=embedded.clock(),
                asked_by=1,
                confirmed_by=2,
            )
            unit.policies.bring(rules)
            group.keep(unit)
            await group.commit()
        for _ in range(2):
            await program.rules.look()
        assert len(adopted) == version - 2
    assert program.desk.policy == before


async def test_rules_switched_on_while_a_return_is_opened_are_not_mixed_with_those_before(
    embedded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, week = embedded.running.desk, Policy.parse("decision.hours = 7")
    before, form = desk.policy, desk.form

    async def overtaken(*which: Any) -> Context:
        desk.adopt(before)
        context = await form(*which)
        desk.adopt(week)
        return context

    await embedded.seller()
    anna = await embedded.customer("Anna", order("1"), order("2"))
    monkeypatch.setattr(desk, "form", overtaken)
    await embedded.ask_for(anna, "1")
    case = await embedded.case(1)
    (timer,) = case.timers
    policy = {each.digest: each for each in (before, week)}[case.policy]
    assert timer.due_at - timer.since == policy.length(TimerKind.DECISION)


async def staffed(stage: World, person: Person, role: Role | None) -> None:
    """A person of the staff becomes something else."""
    async with stage.running.memory.group() as group:
        unit = group.unit(stage.clock())
        if role:
            unit.accounts.join(person.id, role)
        else:
            unit.accounts.leave(person.id, Role.ADMIN)
        group.keep(unit)
        await group.commit()


async def test_rules_do_not_wait_for_ever_once_who_asked_for_them_is_no_admin(
    embedded: World,
) -> None:
    olga, boris = embedded.owner, await admin(embedded, "Boris")
    marta = await admin(embedded, "Marta")
    await tried(embedded, olga, WEEK)
    await embedded.say(boris, "/policy activate")
    await embedded.press(boris, "Switch them on")
    await staffed(embedded, boris, None)
    await embedded.say(olga, "/policy")
    assert "waits for a second administrator" not in olga.screen
    await embedded.say(olga, "/policy activate")
    await embedded.press(olga, "Switch them on")
    await staffed(embedded, boris, Role.MODERATOR)
    await embedded.say(marta, "/policy activate")
    await embedded.press(marta, "Confirm: switch them on")
    assert "The rules week are in force now, version 2." in "\n".join(olga.texts())
    assert "The rules week are in force now" not in "\n".join(boris.texts())
