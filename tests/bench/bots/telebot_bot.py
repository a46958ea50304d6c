"""A further peer: telebot (pyTelegramBotAPI), synchronous, with its states in memory."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import telebot  # type: ignore[import-not-found]
from telebot import apihelper, types

from tests.bench.bots.spoken import SELLER, Saying, Spoken, number_in, return_number

apihelper.API_URL = f"{sys.argv[1]}/bot{{0}}/{{1}}"
bot = telebot.TeleBot(sys.argv[2], parse_mode="HTML")
spoken = Spoken(Path(sys.argv[3]))
returns = itertools.count(1)
drafts: dict[int, dict[str, Any]] = {}


def inline(saying: Saying, number: str, named: str = "") -> Any:
    if not saying.rows:
        return None
    markup = types.InlineKeyboardMarkup()
    for row in saying.buttons(number, named):
        markup.row(*(types.InlineKeyboardButton(text, callback_data=data) for text, data, _ in row))
    return markup


@bot.message_handler(commands=["start"])  # type: ignore[untyped-decorator]
def start(message: Any) -> None:
    number = number_in(message.text.split()[1])
    drafts[message.chat.id] = {"number": number, "photos": []}
    bot.set_my_commands(
        [types.BotCommand(name, text) for name, text in spoken.commands],
        scope=types.BotCommandScopeChat(message.chat.id),
    )
    menu, order = spoken.at(0)
    keys = types.ReplyKeyboardMarkup(resize_keyboard=True)
    for row in menu.keys:
        keys.row(*row)
    bot.send_message(message.chat.id, menu.text, reply_markup=keys)
    bot.send_message(message.chat.id, order.words(number), reply_markup=inline(order, number))


@bot.callback_query_handler(func=lambda query: True)  # type: ignore[untyped-decorator]
def pressed(query: Any) -> None:
    bot.answer_callback_query(query.id)
    chat, data = query.message.chat.id, query.data
    draft = drafts[chat]
    number = draft["number"]
    if data.startswith("o:"):
        edit(query, 1, number)
    elif data.startswith("s:"):
        (saying,) = spoken.at(2)
        bot.send_message(chat, saying.words(number), reply_markup=inline(saying, number))
    elif data == "q:photos:done":
        edit(query, 7, number)
    elif data == "q:summary:send":
        send(query, drafts.pop(chat))
    else:
        draft["reason"], draft["asked"] = data, query.message.message_id
        edit(query, 3, number)


def send(query: Any, draft: dict[str, Any]) -> None:
    number, named = draft["number"], return_number(next(returns))
    card, closed = sorted(spoken.at(8), key=lambda saying: not saying.rows)
    (asked,) = spoken.at(8, "seller")
    caption = spoken.album.replace("R-000001", named)
    chat = query.message.chat.id
    bot.send_media_group(
        SELLER,
        [
            types.InputMediaPhoto(photo, caption=None if n else caption)
            for n, photo in enumerate(draft["photos"])
        ],
        disable_notification=True,
    )
    buttons = inline(card, number, named)
    bot.send_message(
        chat, card.words(number, named), reply_markup=buttons, disable_notification=True
    )
    bot.send_message(SELLER, asked.words(number, named), reply_markup=inline(asked, number, named))
    bot.edit_message_text(closed.words(number, named), chat, query.message.message_id)


@bot.message_handler(content_types=["text"])  # type: ignore[untyped-decorator]
def story(message: Any) -> None:
    drafts[message.chat.id]["story"] = message.text
    ask(message, 4)


@bot.message_handler(content_types=["photo"])  # type: ignore[untyped-decorator]
def photo(message: Any) -> None:
    photos = drafts[message.chat.id]["photos"]
    photos.append(message.photo[-1].file_id)
    ask(message, 4 + len(photos))


def edit(query: Any, step: int, number: str) -> None:
    (saying,) = spoken.at(step)
    message = query.message
    bot.edit_message_text(
        saying.words(number),
        message.chat.id,
        message.message_id,
        reply_markup=inline(saying, number),
    )


def ask(message: Any, step: int) -> None:
    (saying,) = spoken.at(step)
    draft = drafts[message.chat.id]
    number, asked = draft["number"], draft["asked"]
    sent = bot.send_message(
        message.chat.id, saying.words(number), reply_markup=inline(saying, number)
    )
    draft["asked"] = sent.message_id
    bot.edit_message_reply_markup(message.chat.id, asked)


if __name__ == "__main__":
    bot.infinity_polling(skip_pending=False)
