"""Messages in their slots: edited, renewed, albums, menus, and what has nothing to say."""

from bot.playground.faults import (
    refusal,
)
from bot.screens.screen import Button, Key, Screen
from bot.services.records import How
from bot.workers.messages import Album, Commands, InReply, Medium
from storage.tables import EPOCH
from tests.workers.post_office import PostOffice, edit, renew


async def test_a_renewed_card_takes_the_buttons_off_the_old_one(office: PostOffice) -> None:
    anna = office.person()
    buttons = ((Button(label="Approve", data="a"),),)
    await office.put(office.screen(anna.id, Screen(text="old", rows=buttons), slot="card:1"))
    await office.deliver()
    new = Screen(text="new", rows=buttons)
    await office.put(office.screen(anna.id, new, **renew("card:1")))
    await office.deliver()
    old_message, new_message = anna.chat.messages[-2:]
    assert (old_message.rows, len(new_message.rows)) == ((), 1)
    assert not new_message.silent


async def test_the_pressed_message_is_edited(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "first"), office.screen(anna.id, "second"))
    await office.deliver()
    first = anna.chat.messages[-2]
    await office.put(office.screen(anna.id, "pressed", how=How.EDIT, message=first.id))
    await office.deliver()
    assert anna.texts() == ["pressed", "second"]


async def test_of_many_edits_of_a_card_only_the_last_is_made(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "0", slot="card:1"))
    await office.deliver()
    await office.put(*(office.screen(anna.id, str(n), **edit("card:1")) for n in range(1, 20)))
    await office.deliver()
    assert anna.texts() == ["19"]
    assert office.telegram.counts["editMessageText"] == 1


async def test_an_album_goes_out_whole_and_a_card_answers_it(office: PostOffice) -> None:
    anna = office.person()
    photos = [anna.send_photo().photo[-1].id for _ in range(12)]
    paper = anna.send_document(b"receipt", "receipt.txt").document
    assert paper is not None
    media = (
        *(Medium(photo) for photo in photos),
        Medium(paper.id, "document"),
    )
    await office.put(office.says(anna.id, "album", Album(media, "<b>R-1</b>"), slot="album:1"))
    await office.deliver()
    album = anna.chat.messages[-13:]
    assert [bool(message.photo) for message in album] == [True] * 12 + [False]
    assert [message.text for message in album] == ["R-1"] + [""] * 12
    async with office.memory.reading(EPOCH) as unit:
        first = await unit.outbox.message_of(anna.id, "album:1")
    assert first is not None
    assert first == album[0].id
    await office.put(office.says(anna.id, "card", InReply(Screen(text="card"), first)))
    await office.deliver()
    assert anna.last.reply_to is album[0]


async def test_a_command_menu_is_set_for_its_person(office: PostOffice) -> None:
    anna, boris = office.person(), office.person("Boris")
    menu = Commands((("queue", "Open returns"), ("help", "Help")))
    await office.put(office.says(anna.id, "commands", menu))
    await office.deliver()
    assert office.telegram.commands_for(anna) == [("queue", "Open returns"), ("help", "Help")]
    assert office.telegram.commands_for(boris) == []


async def test_keyboards_buttons_and_silence_arrive_as_they_were_meant(office: PostOffice) -> None:
    anna = office.person()
    rows = (
        (Button(label="Yes", data="y", style="success"), Button(label="No", data="n")),
        (Button(label="Copy", copy="R-1"), Button(label="Open", url="https://example.org/")),
    )
    shown = Screen(text='<a href="https://example.org/">link</a>', rows=rows)
    await office.put(office.screen(anna.id, shown, silent=True))
    keys = ((Key("Share my phone number", contact=True),),)
    await office.put(office.screen(anna.id, Screen(text="phone?", keys=keys)))
    await office.deliver()
    assert anna.chat.messages[-2].silent
    sent = [call.params for call in office.telegram.calls if call.method == "sendMessage"]
    assert all('"is_disabled": true' in str(params["link_preview_options"]) for params in sent)
    assert "Share my phone number" in anna.buttons()
    await office.put(office.screen(anna.id, Screen(text="thanks", keys=())))
    await office.deliver()
    assert "Share my phone number" not in anna.buttons()


async def test_what_has_nothing_to_say_any_more_is_dropped(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.says(anna.id, "notice", None), office.screen(anna.id, "two"))
    await office.deliver()
    assert anna.texts() == ["two"]
    assert await office.memory.waiting() == 0


async def test_what_cannot_be_rendered_is_tried_again_and_then_given_up(
    office: PostOffice,
) -> None:
    anna = office.person()
    await office.put(office.row(anna.id, "card", {"says": "nothing known"}))
    await office.deliver(hours=48)
    assert [name for name, _ in office.alerts] == ["dead_letter"]
    await office.put(office.screen(anna.id, "afterwards"))
    await office.deliver()
    assert anna.texts() == ["afterwards"]


async def test_dates_are_switched_off_where_the_server_does_not_know_them(
    office: PostOffice,
) -> None:
    anna = office.person()
    unknown = refusal(400, 'Bad Request: can\'t parse entities: Unsupported start tag "tg-time"')
    office.telegram.faults.next("sendMessage", unknown)
    text = 'by <tg-time unix="1772452800">2 March, 15:00</tg-time> <b>at last</b>'
    await office.put(office.screen(anna.id, text), office.screen(anna.id, text))
    await office.deliver()
    assert anna.texts() == ["by 2 March, 15:00 at last"] * 2
    assert [entity["type"] for entity in anna.last.entities] == ["bold"]
    assert office.telegram.counts["sendMessage"] == 3
    assert office.alerts == []
