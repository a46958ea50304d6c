"""The dispute room: the parties write to each other through the bot, and nobody is named."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.cases import DisputeKind, Role, Status
from bot.playground.chats import Chat, Message
from bot.playground.people import Person
from bot.services.heads import compare
from bot.services.verifying import Changed, verify
from tests.databases import SqliteFiles
from tests.stories.test_support import on_its_way
from tests.world import World, order, world

ANNAS_PHONE = "+994501234567"
NOT_TRUE = "The seller's reason is not true"


@pytest.fixture
async def room(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[World]:
    """A stage on one database: what is stored is tested on both elsewhere."""
    async with world(sqlite_files.make(tmp_path), tmp_path) as running:
        yield running


async def parties(stage: World) -> tuple[Person, Person]:
    """Anna and Emre, who has refused; each has a username and a phone that is nobody else's."""
    emre = await stage.seller()
    emre.username, emre.phone = "emre_sells", "+905321112233"
    anna = await stage.customer("Anna", order())
    anna.username, anna.phone = "anna_baku", ANNAS_PHONE
    await stage.ask(anna)
    await refuse_and_dispute(stage, anna, emre)
    return anna, emre


async def refuse_and_dispute(
    stage: World, anna: Person, emre: Person, about: str = NOT_TRUE
) -> None:
    """Emre refuses, Anna does not accept it."""
    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "There are coffee stains inside.")
    await stage.press(emre, "Skip", "Yes: Reject")
    await stage.press(anna, "Open a dispute", about)
    await stage.say(anna, "I have never used it.")
    await stage.press(anna, "Skip")
    assert (await stage.case()).status is Status.DISPUTE


async def code_of(stage: World) -> str:
    async with stage.running.memory.reading(stage.clock()) as unit:
        found = await unit.rooms.get(1)
    assert found is not None
    return found.code


async def reply(stage: World, person: Person, text: str) -> None:
    """Answer to the newest card."""
    messages = reversed(person.chat.messages)
    card = next(each for each in messages if each.text.startswith("Return R-000001 · "))
    person.send(text, reply_to=card)
    await stage.settle()


async def test_what_is_said_in_a_dispute_names_nobody_and_bears_the_code_word(room: World) -> None:
    anna, emre = await parties(room)
    await room.say(room.owner, "/return 1")
    code, before = await code_of(room), room.clock()
    assert f"Code word: {code}" in anna.screen
    assert f"Code word: {code}" in emre.screen
    await room.later(minutes=1)
    marks = {person: len(person.texts()) for person in (anna, emre, room.owner)}
    await room.press(anna, "Write to the other side")
    await room.say(anna, f"Call me: {ANNAS_PHONE}, @anna_baku or https://t.me/anna_baku. It leaks!")
    assert "Contacts in it are hidden" in anna.screen
    assert "It leaks!" in emre.screen
    assert "the customer" in emre.screen
    assert ANNAS_PHONE[1:] in room.owner.screen
    answer = emre.send("Write to emre@acme.example, please.", reply_to=emre.last)
    await room.settle()
    assert "please" in anna.screen
    emre.edit(answer, "I shall look at the photos again.")
    await room.settle()
    assert "I shall look at the photos again." in anna.screen
    assert "Corrected by its writer." in anna.screen
    assert "Before that:" in room.owner.screen
    await room.press(emre, "Write again")
    await room.show(emre, 3)
    await room.press(emre, "Send")
    assert any("the seller: photos" in text for text in anna.texts())
    for person in marks:
        said = person.texts()[marks[person] :]
        assert said
        assert all(code in text for text in said if text), said
    secrets = {
        anna: ("emre_sells", "905321112233", "emre@", str(emre.id), "Emre"),
        emre: ("anna_baku", "501234567", str(anna.id), "Anna"),
    }
    for call in room.telegram.calls:
        to = next((each for each in secrets if call.params.get("chat_id") == each.id), None)
        if to and call.at > before:
            sent = json.dumps({**call.params, "chat_id": ""}, ensure_ascii=False, default=str)
            assert not any(secret in sent for secret in secrets[to]), sent
    async with room.running.memory.reading(room.clock()) as unit:
        letters = await unit.rooms.letters(1)
    first, second, third = letters
    assert (first.by, second.by, len(third.photos)) == (Role.CUSTOMER, Role.SELLER, 3)
    assert ANNAS_PHONE in first.text
    assert second.earlier == ("Write to emre@acme.example, please.",)


async def test_a_room_has_limits_and_says_them(room: World) -> None:
    anna, emre = await parties(room)
    for number in range(20):
        await room.press(anna, "Write to the other side")
        await room.say(anna, f"Word {number}")
    await room.press(anna, "Write to the other side")
    await room.say(anna, "And one more")
    assert "20 messages within an hour" in anna.screen
    assert "And one more" not in "".join(emre.texts())
    await room.press(anna, "Cancel")
    emre.block()
    await room.later(hours=2)
    await reply(room, anna, "Are you there?")
    assert "cannot be reached" in anna.screen
    await room.later(days=3)
    assert (await room.case()).status is Status.APPROVED
    await reply(room, anna, "And now?")
    assert any("only while a dispute is open" in text for text in anna.texts())
    stranger = await room.customer("Boris")
    press = stranger.forge_press("w:1", message_id=1)
    await room.settle()
    assert press.toast is not None
    assert "no such return" in press.toast.text


async def test_a_dispute_that_opens_by_itself_ends_as_both_propose(room: World) -> None:
    emre = await room.seller()
    anna = await on_its_way(room, emre)
    await room.later(days=32)
    case = await room.case()
    assert case.dispute is not None
    assert case.dispute.kind is DisputeKind.TRANSIT_AUTO
    assert "The seller is to reply to the dispute." in anna.screen, "she has opened none"
    await room.press(emre, "Propose a settlement", "Wait for the parcel", "Skip")
    await room.press(emre, "Yes: Propose a settlement")
    await room.say(room.owner, "/return 1")
    await room.press(room.owner, "Propose a settlement", "Full refund", "Skip")
    await room.press(room.owner, "Yes: Propose a settlement")
    for line in ("• You: nothing yet", "• The seller: wait for the parcel"):
        assert line in anna.screen
    assert "• The moderator: full refund" in anna.screen
    await room.press(anna, "Accept: Full refund")
    told = (
        "as soon as the other side accepts it, too. The dispute then ends like this. You get "
        "2,500.00\xa0RUB for the product and 350.50\xa0RUB for shipping, 2,850.50\xa0RUB in "
        "all. The dispute ends with it. The money usually comes within 3–10 days."
    )
    assert told in anna.screen
    await room.press(anna, "Yes: Accept")
    assert "• The customer: full refund" in emre.screen
    assert await room.ledger() == ()
    await room.press(emre, "Accept: Full refund")
    assert "2,500.00\xa0RUB for the product and 350.50\xa0RUB for shipping" in emre.screen
    confirm, yes = emre.last, next(each for each in emre.last.buttons if "Yes" in each.text)
    await room.press(emre, "Yes: Accept")
    emre.forge_press(yes.data, confirm.id)
    await room.settle()
    assert (await room.case()).status is Status.REFUND_DUE
    assert [str(line.amount) for line in await room.ledger()] == ["2500.00 RUB", "350.50 RUB"]


@pytest.fixture
async def forum(
    sqlite_files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[World, Chat]]:
    """A stage whose staff have a group with topics."""
    monkeypatch.setenv("RETURNDESK_SUPPORT_CHAT", "-1002000000001")
    async with world(sqlite_files.make(tmp_path), tmp_path) as running:
        yield (
            running,
            running.telegram.add_group("Support", running.owner, forum=True, administrator=True),
        )


async def test_the_staff_talk_in_a_topic_and_pass_on_what_they_mark(
    forum: tuple[World, Chat],
) -> None:
    stage, group = forum
    anna, emre = await parties(stage)
    vera = stage.telegram.add_person("Vera", "en")
    group.members.append(vera)
    (topic,) = group.topics
    assert group.topics[topic] == f"R-000001: {NOT_TRUE}"
    opening, stated = group.messages[-2:]
    assert f"Topic of the dispute: {NOT_TRUE}" in opening.text
    assert stated.text.startswith("The customer wrote:\nI have never used it.\n")
    assert await code_of(stage) in stated.text
    assert stated.thread_id == topic
    await stage.press(anna, "Write to the other side")
    assert f"Topic of the dispute: {NOT_TRUE}" in anna.screen
    await stage.say(anna, "The stains were there when it came.")
    mirrored = group.messages[-1]
    assert mirrored.thread_id == topic
    assert "The stains were there when it came." in mirrored.text

    async def in_topic(person: Person, text: str, to: object = mirrored) -> str:
        person.send(text, reply_to=to, chat=group)  # type: ignore[arg-type]
        await stage.settle()
        return group.messages[-1].text

    olga, seen = stage.owner, len(anna.texts())
    assert "not open to you" in await in_topic(vera, "/say both I am the boss here")
    assert len(anna.texts()) == seen
    await in_topic(olga, "Who has seen such stains before?", group.messages[0])
    assert len(anna.texts()) == seen
    assert "the customer" in await in_topic(olga, "Please send a photo of the box.")
    assert "Please send a photo of the box." in anna.screen
    assert "the moderator" in anna.screen
    assert "Please send a photo of the box." not in "".join(emre.texts())
    assert "the seller" in await in_topic(olga, "/say seller Was it checked before sending?")
    assert "Was it checked before sending?" in emre.screen
    await in_topic(olga, "Was it opened?", stated)
    assert "Was it opened?" in anna.screen
    await stage.press(emre, "Reply to the dispute")
    await stage.say(emre, "Call +905321112233: it was.")
    await stage.show(emre, 2)
    await stage.press(emre, "Done")
    answered = group.messages[-1].text.replace("\u2060", "")
    assert answered.startswith("The seller wrote, with 2 photos:\nCall +905321112233: it was.\n")
    assert "Olga" not in "".join(anna.texts())
    await stage.press(anna, "Withdraw the dispute", "Skip", "Yes: Withdraw the dispute")
    assert "has ended" in group.messages[-2].text
    assert group.closed == {topic}
    await dispute_again(stage, anna, emre, "The product has a fault")
    assert group.topics == {topic: "R-000001: The product has a fault"}
    assert not group.closed
    assert group.messages[-1].thread_id == topic
    # What somebody deletes by hand is made anew when it is needed again, and never mourned.
    del group.topics[topic]
    await stage.press(anna, "Write to the other side")
    await stage.say(anna, "Is somebody there?")
    await stage.press(anna, "Withdraw the dispute", "Skip", "Yes: Withdraw the dispute")
    await dispute_again(stage, anna, emre)
    (second,) = group.topics
    assert second != topic
    group.bot_status = "member"
    await stage.press(anna, "Withdraw the dispute", "Skip", "Yes: Withdraw the dispute")
    assert not group.closed
    assert not [text for text in olga.texts() if "given up" in text or "No topic" in text]


async def dispute_again(stage: World, anna: Person, emre: Person, about: str = NOT_TRUE) -> None:
    """A return that was finally refused is reopened, refused and disputed once more."""
    await stage.later(minutes=1)
    await stage.say(stage.owner, "/return 1")
    await stage.press(stage.owner, "Open again", "The seller decides")
    await stage.say(stage.owner, "Let us look at it once more.")
    while "Skip" in stage.owner.last.labels:
        await stage.press(stage.owner, "Skip")
    await stage.press(stage.owner, "Yes: Open again")
    await refuse_and_dispute(stage, anna, emre, about)


async def test_each_day_is_sealed_once_in_the_group_and_shows_what_was_written_anew(
    forum: tuple[World, Chat],
) -> None:
    stage, group = forum
    anna, _ = await parties(stage)
    await stage.say(stage.owner, "/export 1")
    record = next(
        each.document.content
        for each in stage.owner.chat.messages
        if each.document and each.document.name.endswith("jsonl")
    )

    async def posted() -> list[Message]:
        await asyncio.gather(stage.running.sealing.work(), stage.running.sealing.work())
        await stage.running.sealing.work()
        await stage.settle()
        return [each for each in group.messages if each.document]

    (first,) = await posted()
    assert first.thread_id is None
    assert first.document is not None
    heads = first.document.content
    assert hashlib.sha256(heads).hexdigest() in first.text
    assert first.document.name == "heads_2026-03-01.jsonl"
    verified = verify(record)
    found = compare(heads, verified)
    assert (found.day, found.event) == ("2026-03-01", len(verified.digests))
    forged = replace(verified, digests=(*verified.digests[:-1], "0" * 64))
    with pytest.raises(Changed, match="has another digest") as changed:
        compare(heads, forged)
    assert changed.value.line == 2
    # What happens on the same day waits for the next one, whose file names the one before.
    await stage.press(anna, "Withdraw the dispute", "Skip", "Yes: Withdraw the dispute")
    assert len(await posted()) == 1
    await stage.later(days=1)
    _, second = await posted()
    assert second.document is not None
    assert hashlib.sha256(heads).hexdigest() in second.document.content.decode()
    assert compare(second.document.content, verified).event is None
    await stage.later(days=1)
    assert len(await posted()) == 2, "nothing has happened since"


async def test_without_topics_the_staff_are_told_once_and_disputes_go_on(
    forum: tuple[World, Chat],
) -> None:
    stage, group = forum
    group.bot_status = "member"
    anna, emre = await parties(stage)
    await stage.press(emre, "Write to the other side")
    await stage.say(emre, "Let us find a way.")
    assert "Let us find a way." in anna.screen
    await stage.press(anna, "Withdraw the dispute", "Skip", "Yes: Withdraw the dispute")
    told = [text for text in stage.owner.texts() if "No topic could be made" in text]
    assert len(told) == 1
