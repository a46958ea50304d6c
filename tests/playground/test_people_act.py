"""What people do, as a bot hears it, and what they see."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.types import (
    CopyTextButton,
    InaccessibleMessage,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)

from bot.playground.chats import Press
from bot.playground.people import NoSuchButton
from tests.playground.local_telegram import keyboard, local_telegram


async def heard(bot: Bot) -> list[Message]:
    return [update.message for update in await bot.get_updates() if update.message is not None]


async def last_press(bot: Bot) -> Update:
    return (await bot.get_updates())[-1]


async def test_a_press_finds_the_newest_button_of_the_label_and_else_a_part_of_it() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    await bot.send_message(anna.id, "Old", reply_markup=keyboard("Send", data="old"))
    await bot.send_message(anna.id, "Mid", reply_markup=keyboard("Send", data="mid"))
    await bot.send_message(anna.id, "New", reply_markup=keyboard("✅ Send it", data="new"))
    assert anna.buttons() == ["✅ Send it", "Send", "Send"]
    pressed = [anna.press(label) for label in ("Send", "send it")]
    assert [press.data for press in pressed if isinstance(press, Press)] == ["mid", "new"]
    old = next(message for message in anna.chat.messages if message.text == "Old")
    on_old = anna.press_on(old, "Send")
    assert isinstance(on_old, Press)
    assert on_old.data == "old"
    with pytest.raises(NoSuchButton, match=r"'Refund': Anna sees \['✅ Send it', 'Send', 'Send'\]"):
        anna.press("Refund")
    queries = [u.callback_query for u in await bot.get_updates() if u.callback_query]
    assert [query.data for query in queries] == ["mid", "new", "old"]
    assert all(isinstance(query.message, Message) for query in queries)
    assert [query.message.text for query in queries if isinstance(query.message, Message)] == [
        "Mid", "New", "Old"
    ]  # fmt: skip


async def test_a_forged_press_says_anything_about_any_message() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    card = await bot.send_message(anna.id, "Card", reply_markup=keyboard("Go"))
    anna.forge_press("refund:1", card.message_id)
    query = (await last_press(bot)).callback_query
    assert query is not None
    assert query.data == "refund:1"
    assert isinstance(query.message, Message)
    await bot.delete_message(anna.id, card.message_id)
    anna.forge_press("refund:1", card.message_id)
    query = (await last_press(bot)).callback_query
    assert query is not None
    assert isinstance(query.message, InaccessibleMessage)
    assert await query.answer("no").as_(bot)
    assert anna.toasts[-1].text == "no"


async def test_links_copies_and_dead_buttons() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    button = InlineKeyboardButton
    row = [
        button(text="Order", url="https://t.me/return_desk_bot?start=tok_1-a"),
        button(text="Rules", url="https://example.org/rules"),
        button(text="Address", copy_text=CopyTextButton(text="Main street 1")),
    ]
    await bot.send_message(anna.id, "x", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row]))
    assert anna.press("Rules") is None
    assert anna.press("Address") is None
    assert anna.clipboard == "Main street 1"
    anna.press("Order")
    assert (await heard(bot))[-1].text == "/start tok_1-a"
    assert anna.opened[0] == "https://example.org/rules"
    with pytest.raises(ValueError, match="drops this start parameter"):
        anna.open_link("https://t.me/return_desk_bot?start=a.b")


async def test_reply_keyboards_send_texts_and_contacts_and_go_away() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna", phone="+79990000001")
    anna.start()
    share = KeyboardButton(text="📱 Share", request_contact=True)
    once = ReplyKeyboardMarkup(keyboard=[[share]], one_time_keyboard=True)
    await bot.send_message(anna.id, "Who are you?", reply_markup=once)
    anna.press("Share")
    contact = (await heard(bot))[-1].contact
    assert contact is not None
    assert (contact.user_id, contact.phone_number) == (anna.id, "+79990000001")
    assert anna.buttons() == []
    menu = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="My orders")]])
    await bot.send_message(anna.id, "Menu", reply_markup=menu)
    anna.press("My orders")
    assert (await heard(bot))[-1].text == "My orders"
    assert anna.buttons() == ["My orders"]
    await bot.send_message(anna.id, "Bye", reply_markup=ReplyKeyboardRemove())
    assert anna.buttons() == []
    anna.share_contact(own=False, phone="+1")
    contact = (await heard(bot))[-1].contact
    assert contact is not None
    assert contact.user_id is None


async def test_each_part_of_an_album_is_an_update() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.send_album(3, "torn")
    parts = await heard(bot)
    assert len({part.media_group_id for part in parts}) == 1
    assert [part.caption for part in parts] == ["torn", None, None]
    assert len({part.photo[-1].file_unique_id for part in parts if part.photo}) == 3


async def test_a_forwarded_photo_is_the_same_file_without_buttons() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    photo = anna.send_photo(caption="torn")
    anna.forward(photo)
    first, second = await heard(bot)
    assert first.photo is not None
    assert second.photo is not None
    assert first.photo[-1].file_unique_id == second.photo[-1].file_unique_id
    assert second.forward_origin is not None


async def test_a_person_edits_and_both_versions_stay() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    said = anna.send("It broke")
    anna.edit(said, "It arrived broken")
    update = (await bot.get_updates())[-1]
    assert update.edited_message is not None
    assert update.edited_message.text == "It arrived broken"
    assert said.version_history == ["It broke", "It arrived broken"]


async def test_a_very_long_text_arrives_in_pieces() -> None:
    telegram, bot, _ = local_telegram()
    telegram.add_person("Anna").send("я" * 5000)
    assert [len(message.text or "") for message in await heard(bot)] == [4096, 904]


async def test_people_wait_for_what_they_should_see() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    waiting = asyncio.create_task(anna.sees("Approved"))
    await asyncio.sleep(0)
    await bot.send_message(anna.id, "Case R-000001: Approved")
    assert (await waiting).text.startswith("Case")
    with pytest.raises(AssertionError, match="Anna does not see 'Refunded' but:\nCase R-000001"):
        await anna.sees("Refunded", within=0.01)


async def test_ids_are_larger_than_32_bits_and_message_ids_run_over_all_private_chats() -> None:
    telegram, bot, _ = local_telegram()
    anna, boris = telegram.add_person("Anna"), telegram.add_person("Boris", id=7)
    assert anna.id > 2**32
    anna.start()
    boris.start()
    sent = await bot.send_message(anna.id, "x")
    assert sent.message_id == 3


async def test_the_transcript_tells_all_chats_in_time_order() -> None:
    telegram, bot, clock = local_telegram()
    anna, boris = telegram.add_person("Anna"), telegram.add_person("Boris")
    anna.start()
    clock.pass_by(minutes=5)
    boris.send_photo(caption="torn")
    card = await bot.send_message(anna.id, "Two\nlines", reply_markup=keyboard("Go", "No"))
    anna.press("Go")
    query = (await last_press(bot)).callback_query
    assert query is not None
    await query.answer("Done").as_(bot)
    await bot.edit_message_text("Three", chat_id=anna.id, message_id=card.message_id)
    await bot.delete_message(anna.id, card.message_id)
    assert telegram.transcript() == "\n".join(
        [
            "2026-03-01 12:00:00  Anna | Anna: /start",
            "2026-03-01 12:05:00  Boris | Boris: (photo) torn",
            "2026-03-01 12:05:00  Anna | bot: Two",
            "                     lines",
            "                     [Go]  [No]",
            "2026-03-01 12:05:00  Anna | Anna presses [Go]",
            "2026-03-01 12:05:00  Anna | toast to Anna: Done",
            "2026-03-01 12:05:00  Anna | bot edits: Three",
            "2026-03-01 12:05:00  Anna | bot deletes: Three",
        ]
    )
