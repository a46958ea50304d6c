"""Messages: sending, editing, deleting, keyboards, albums, and how Telegram refuses."""

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendDice
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    Message,
    ReplyKeyboardMarkup,
    ReplyParameters,
)

from bot.playground.faults import Limits
from bot.playground.files import sample_photo
from bot.playground.people import Person
from bot.playground.telegram import Telegram
from tests.playground.local_telegram import Clock, keyboard, local_telegram


@pytest.fixture
def desk() -> tuple[Telegram, Bot, Clock]:
    return local_telegram()


def started(telegram: Telegram) -> Person:
    anna = telegram.add_person("Anna", "ru")
    anna.start()
    return anna


async def test_an_edit_changes_text_and_buttons_and_keeps_every_version(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, clock = desk
    anna = started(telegram)
    sent = await bot.send_message(anna.id, "One", reply_markup=keyboard("Go"))
    clock.pass_by(days=30)
    edited = await bot.edit_message_text("Two", chat_id=anna.id, message_id=sent.message_id)
    assert isinstance(edited, Message)
    assert edited.edit_date is not None
    assert edited.reply_markup is None
    assert anna.screen == "Two"
    assert anna.buttons() == []
    assert anna.last.version_history == ["One", "Two"]
    assert len(anna.texts()) == 1


async def test_edits_that_telegram_refuses(desk: tuple[Telegram, Bot, Clock]) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    same = await bot.send_message(anna.id, "<b>Same</b>", reply_markup=keyboard("Go"))
    with_keyboard = await bot.send_message(
        anna.id, "Menu", reply_markup=ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="A")]])
    )
    photo = await bot.send_photo(anna.id, anna.send_photo().photo[-1].id)
    refusals = {
        "message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message": (
            same.message_id, "<b>Same</b>", keyboard("Go")),
        "message to edit not found": (999, "x", None),
        "message can't be edited": (with_keyboard.message_id, "x", None),
        "there is no text in the message to edit": (photo.message_id, "x", None),
    }  # fmt: skip
    for complaint, (message_id, text, markup) in refusals.items():
        with pytest.raises(TelegramBadRequest) as refused:
            await bot.edit_message_text(
                text, chat_id=anna.id, message_id=message_id, reply_markup=markup
            )
        assert str(refused.value) == f"Telegram server says - Bad Request: {complaint}"
    request = {
        "chat_id": str(anna.id),
        "message_id": str(same.message_id),
        "text": "x",
        "reply_markup": '{"remove_keyboard": true}',
    }
    answer = await telegram.call(bot.token, "editMessageText", request)
    assert "Bad Request: inline keyboard expected" in answer.body
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("x", chat_id=anna.id, message_id=1)
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await bot.edit_message_caption(chat_id=anna.id, message_id=same.message_id, caption="x")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(
            chat_id=anna.id, message_id=same.message_id, reply_markup=keyboard("Go")
        )


async def test_media_captions_and_markups_can_be_edited(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    photo = BufferedInputFile(sample_photo(1), "1.png")
    sent = await bot.send_photo(anna.id, photo, caption="One")
    card = sent.message_id
    await bot.edit_message_caption(chat_id=anna.id, message_id=card, caption="Two")
    assert anna.screen == "Two"
    await bot.edit_message_reply_markup(
        chat_id=anna.id, message_id=card, reply_markup=keyboard("Go")
    )
    assert anna.buttons() == ["Go"]
    other = InputMediaPhoto(media=BufferedInputFile(sample_photo(2), "2.png"), caption="Three")
    edited = await bot.edit_message_media(other, chat_id=anna.id, message_id=card)
    assert isinstance(edited, Message)
    assert edited.photo is not None
    assert sent.photo is not None
    assert edited.photo[-1].file_unique_id != sent.photo[-1].file_unique_id
    assert anna.screen == "Three"


async def test_deleting_ends_after_48_hours_and_finds_nothing_twice(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, clock = desk
    anna = started(telegram)
    old = await bot.send_message(anna.id, "Old")
    clock.pass_by(hours=49)
    new = await bot.send_message(anna.id, "New")
    await bot.delete_message(anna.id, new.message_id)
    with pytest.raises(TelegramBadRequest, match="Bad Request: message to delete not found"):
        await bot.delete_message(anna.id, new.message_id)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await bot.delete_message(anna.id, old.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=anna.id, message_id=new.message_id)
    assert anna.texts() == ["Old"]


async def test_who_cannot_be_written_to(desk: tuple[Telegram, Bot, Clock]) -> None:
    telegram, bot, _ = desk
    with pytest.raises(TelegramBadRequest, match="Bad Request: chat not found"):
        await bot.send_message(777, "x")
    anna, boris = telegram.add_person("Anna"), telegram.add_person("Boris")
    with pytest.raises(TelegramBadRequest, match="Bad Request: chat not found"):
        await bot.send_message(anna.id, "x")
    telegram.add_group("Shop", boris)
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await bot.send_message(boris.id, "x")
    anna.start()
    await bot.send_message(anna.id, "x")
    anna.block()
    with pytest.raises(TelegramForbiddenError, match="Forbidden: bot was blocked by the user"):
        await bot.send_message(anna.id, "y")
    anna.send("I am back")
    await bot.send_message(anna.id, "z")
    anna.delete_account()
    with pytest.raises(TelegramForbiddenError, match="Forbidden: user is deactivated"):
        await bot.send_message(anna.id, "x")
    kinds = [u.event_type for u in await bot.get_updates()]
    assert kinds == ["my_chat_member", "message", "my_chat_member", "my_chat_member", "message"]


async def test_groups_kick_upgrade_and_have_topics(desk: tuple[Telegram, Bot, Clock]) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    basic = telegram.add_group("Shop", anna, type="group")
    await bot.send_message(basic.id, "hello")
    large = telegram.upgrade_group(basic)
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(basic.id, "hello")
    assert moved.value.migrate_to_chat_id == large.id
    assert (await bot.send_message(large.id, "hello")).message_id == 1
    with pytest.raises(TelegramBadRequest, match="phone number can be requested in private chats"):
        await bot.send_message(
            large.id,
            "x",
            reply_markup=ReplyKeyboardMarkup(
                keyboard=[[KeyboardButton(text="Phone", request_contact=True)]]
            ),
        )
    with pytest.raises(TelegramBadRequest, match="the chat is not a forum"):
        await bot.create_forum_topic(large.id, "R-000001")
    telegram.kick_bot(large)
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await bot.send_message(large.id, "x")

    staff = telegram.add_group("Staff", anna, forum=True, administrator=True)
    topic = await bot.create_forum_topic(staff.id, "R-000001")
    await bot.send_message(staff.id, "x", message_thread_id=topic.message_thread_id)
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(staff.id, "x", message_thread_id=99)
    thread = topic.message_thread_id
    assert await bot.close_forum_topic(staff.id, thread)
    with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(staff.id, thread)
    assert await bot.reopen_forum_topic(staff.id, thread)
    with pytest.raises(TelegramBadRequest, match="TOPIC_ID_INVALID"):
        await bot.reopen_forum_topic(staff.id, 99)


async def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    group = telegram.add_group("Shop", anna)
    await bot.get_updates(offset=-1)
    post = await bot.send_message(group.id, "New return")
    anna.send("chatter", chat=group)
    anna.send("/queue", chat=group)
    anna.send("hey @return_desk_bot", chat=group)
    anna.send("fine", chat=group, reply_to=group.find(post.message_id))
    heard = [u.message.text for u in await bot.get_updates() if u.message]
    assert heard == ["/queue", "hey @return_desk_bot", "fine"]


async def test_keyboards_that_telegram_refuses(desk: tuple[Telegram, Bot, Clock]) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    button = InlineKeyboardButton
    refusals = {
        "BUTTON_DATA_INVALID": [button(text="x", callback_data="я" * 33)],
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard":
            [button(text="x", callback_data="")],
        "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL":
            [button(text="x", url="nowhere")],
        "can't parse inline keyboard button: invalid button style specified":
            [button(text="x", callback_data="x", style="rainbow")],
        "BUTTON_COPY_TEXT_INVALID": [button(text="x", copy_text=CopyTextButton(text="x" * 257))],
        "reply markup is too long": [button(text="x", callback_data="x")] * 101,
    }  # fmt: skip
    for complaint, row in refusals.items():
        markup = InlineKeyboardMarkup(inline_keyboard=[row])
        with pytest.raises(TelegramBadRequest) as refused:
            await bot.send_message(anna.id, "x", reply_markup=markup)
        assert str(refused.value) == f"Telegram server says - Bad Request: {complaint}"
    longest = keyboard("x", data="я" * 32)
    await bot.send_message(anna.id, "x", reply_markup=longest)
    assert anna.last.buttons[0].data == "я" * 32


async def test_albums_go_out_whole_and_within_their_rules(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    photo = anna.send_photo().photo[-1].id
    paper = anna.send_document().document
    assert paper is not None
    parts = [InputMediaPhoto(media=photo, caption="cap"), InputMediaPhoto(media=photo)]
    sent = await bot.send_media_group(anna.id, list(parts))
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["cap", None]
    with pytest.raises(TelegramBadRequest, match="too many messages to send as an album"):
        await bot.send_media_group(anna.id, [parts[1]] * 11)
    with pytest.raises(TelegramBadRequest, match="document can't be mixed with other media types"):
        await bot.send_media_group(anna.id, [parts[1], InputMediaDocument(media=paper.id)])
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_media_group(
            anna.id, [InputMediaPhoto(media=photo, caption="x" * 1025), parts[1]]
        )


async def test_a_reply_needs_its_message(desk: tuple[Telegram, Bot, Clock]) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    question = anna.send("Where is my refund?")
    answer = await bot.send_message(
        anna.id, "On its way", reply_parameters=ReplyParameters(message_id=question.id)
    )
    assert answer.reply_to_message is not None
    lost = ReplyParameters(message_id=999)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(anna.id, "x", reply_parameters=lost)
    anyway = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    assert (await bot.send_message(anna.id, "x", reply_parameters=anyway)).reply_to_message is None


async def test_answers_to_presses_are_short_timely_and_seen_once(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, clock = desk
    anna = started(telegram)
    await bot.send_message(anna.id, "x", reply_markup=keyboard("Go"))
    anna.press("Go")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    with pytest.raises(TelegramBadRequest, match="Bad Request: MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(query.id, "я" * 201)
    await bot.answer_callback_query(query.id, "я" * 200, show_alert=True)
    await bot.answer_callback_query(query.id, "again")
    assert [(toast.text, toast.alert) for toast in anna.toasts] == [("я" * 200, True)]
    clock.pass_by(seconds=61)
    for query_id in (query.id, "17"):
        with pytest.raises(
            TelegramBadRequest,
            match="query is too old and response timeout expired or query ID is invalid",
        ):
            await bot.answer_callback_query(query_id)


async def test_commands_are_kept_per_scope_and_language(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    boris = telegram.add_person("Boris", "en")
    boris.start()
    await bot.set_my_commands([BotCommand(command="start", description="Begin")])
    await bot.set_my_commands(
        [BotCommand(command="start", description="Начать")], language_code="ru"
    )
    assert (anna.commands(), boris.commands()) == ([("start", "Начать")], [("start", "Begin")])
    chat = BotCommandScopeChat(chat_id=boris.id)
    await bot.set_my_commands([BotCommand(command="queue", description="Work")], scope=chat)
    assert boris.commands() == [("queue", "Work")]
    assert (await bot.get_my_commands(scope=chat))[0].command == "queue"
    await bot.delete_my_commands(scope=chat)
    assert boris.commands() == [("start", "Begin")]
    for command, complaint in (("Queue", "BOT_COMMAND_INVALID"), ("", "command must be non-empty")):
        with pytest.raises(TelegramBadRequest, match=complaint):
            await bot.set_my_commands([BotCommand(command=command, description="x")])
    await bot.set_chat_menu_button(anna.id, MenuButtonCommands())
    assert telegram.menu_button(anna.id) == {"type": "commands"}


async def test_a_wrong_token_and_an_unknown_method(desk: tuple[Telegram, Bot, Clock]) -> None:
    telegram, bot, _ = desk
    stranger = Bot("43:OTHER", session=bot.session)
    with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
        await stranger.get_me()
    with pytest.raises(TelegramNotFound, match="Not Found: method not found"):
        await bot(SendDice(chat_id=1))
    answer = await telegram.call("42:TOKEN", "sendNothing", {})
    assert answer.status == 404


async def test_limits_are_enforced_where_asked_for() -> None:
    telegram, bot, clock = local_telegram(limits=Limits())
    people = [telegram.add_person(f"P{number}") for number in range(31)]
    for person in people:
        person.start()
    await bot.send_message(people[0].id, "x")
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(people[0].id, "y")
    assert refused.value.retry_after == 1
    for person in people[1:30]:
        await bot.send_message(person.id, "x")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(people[30].id, "x")
    clock.pass_by(seconds=1)
    await bot.send_message(people[30].id, "x")
    group = telegram.add_group("Shop", people[0])
    for _ in range(20):
        clock.pass_by(seconds=1)
        await bot.send_message(group.id, "x")
    clock.pass_by(seconds=1)
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(group.id, "x")
    assert refused.value.retry_after == 40
    assert telegram.limits is not None
    assert telegram.limits.refused == 3


async def test_a_chat_action_shows_until_the_next_message(
    desk: tuple[Telegram, Bot, Clock],
) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    await bot.send_chat_action(anna.id, "upload_document")
    assert anna.chat.action is not None
    await bot.send_message(anna.id, "x")
    assert anna.chat.action is None
    with pytest.raises(TelegramBadRequest, match="wrong parameter action in request"):
        await bot.send_chat_action(anna.id, "dancing")


async def test_messages_can_be_pinned(desk: tuple[Telegram, Bot, Clock]) -> None:
    telegram, bot, _ = desk
    anna = started(telegram)
    sent = await bot.send_message(anna.id, "Card")
    await bot.pin_chat_message(anna.id, sent.message_id)
    assert anna.chat.pinned == [sent.message_id]
    await bot.unpin_chat_message(anna.id, message_id=sent.message_id)
    assert anna.chat.pinned == []
    with pytest.raises(TelegramBadRequest, match="message to pin not found"):
        await bot.pin_chat_message(anna.id, 999)
