"""A further peer: python-telegram-bot with a `ConversationHandler`, in memory or in a pickle."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

from telegram import (  # type: ignore[import-not-found]
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
)
from telegram.constants import ParseMode  # type: ignore[import-not-found]
from telegram.ext import (  # type: ignore[import-not-found]
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    Defaults,
    MessageHandler,
    PicklePersistence,
    filters,
)

from tests.bench.bots.spoken import SELLER, Saying, Spoken, number_in, return_number

ORDER, REASON, STORY, PHOTOS, SUMMARY = range(5)
returns = itertools.count(1)
spoken = Spoken(Path(sys.argv[3]))


def inline(saying: Saying, number: str, named: str = "") -> Any:
    if not saying.rows:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(text=label, callback_data=data) for label, data, _ in row]
            for row in saying.buttons(number, named)
        ]
    )


async def start(update: Any, context: Any) -> int:
    number = number_in(context.args[0])
    context.user_data.update(number=number, photos=[])
    chat = update.effective_chat.id
    await context.bot.set_my_commands(
        [BotCommand(name, text) for name, text in spoken.commands], scope=BotCommandScopeChat(chat)
    )
    menu, order = spoken.at(0)
    keys = ReplyKeyboardMarkup([list(row) for row in menu.keys], resize_keyboard=True)
    await update.message.reply_text(menu.text, reply_markup=keys)
    await update.message.reply_text(order.words(number), reply_markup=inline(order, number))
    return ORDER


async def edited(update: Any, context: Any, step: int) -> None:
    (saying,) = spoken.at(step)
    number = context.user_data["number"]
    query = update.callback_query
    await query.edit_message_text(saying.words(number), reply_markup=inline(saying, number))


async def open_order(update: Any, context: Any) -> int:
    await update.callback_query.answer()
    await edited(update, context, 1)
    return ORDER


async def begin(update: Any, context: Any) -> int:
    await update.callback_query.answer()
    (saying,) = spoken.at(2)
    number = context.user_data["number"]
    await context.bot.send_message(
        update.effective_chat.id, saying.words(number), reply_markup=inline(saying, number)
    )
    return REASON


async def reason(update: Any, context: Any) -> int:
    query = update.callback_query
    await query.answer()
    context.user_data.update(reason=query.data, asked=query.message.message_id)
    await edited(update, context, 3)
    return STORY


async def ask(update: Any, context: Any, step: int) -> None:
    (saying,) = spoken.at(step)
    number, asked = context.user_data["number"], context.user_data["asked"]
    sent = await update.message.reply_text(
        saying.words(number), reply_markup=inline(saying, number)
    )
    context.user_data["asked"] = sent.message_id
    await context.bot.edit_message_reply_markup(chat_id=update.effective_chat.id, message_id=asked)


async def story(update: Any, context: Any) -> int:
    context.user_data["story"] = update.message.text
    await ask(update, context, 4)
    return PHOTOS


async def photo(update: Any, context: Any) -> int:
    photos = context.user_data["photos"]
    photos.append(update.message.photo[-1].file_id)
    await ask(update, context, 4 + len(photos))
    return PHOTOS


async def done(update: Any, context: Any) -> int:
    await update.callback_query.answer()
    await edited(update, context, 7)
    return SUMMARY


async def send(update: Any, context: Any) -> int:
    query = update.callback_query
    await query.answer()
    number, named = context.user_data["number"], return_number(next(returns))
    card, closed = sorted(spoken.at(8), key=lambda saying: not saying.rows)
    (asked,) = spoken.at(8, "seller")
    caption = spoken.album.replace("R-000001", named)
    await context.bot.send_media_group(
        SELLER,
        [
            InputMediaPhoto(photo, caption=None if n else caption)
            for n, photo in enumerate(context.user_data["photos"])
        ],
        disable_notification=True,
    )
    await context.bot.send_message(
        update.effective_chat.id,
        card.words(number, named),
        reply_markup=inline(card, number, named),
        disable_notification=True,
    )
    await context.bot.send_message(
        SELLER, asked.words(number, named), reply_markup=inline(asked, number, named)
    )
    await query.edit_message_text(closed.words(number, named))
    context.user_data.clear()
    return int(ConversationHandler.END)


def main(api: str, token: str, kept: str = "") -> None:
    builder = ApplicationBuilder().token(token).base_url(f"{api}/bot")
    builder = builder.defaults(Defaults(parse_mode=ParseMode.HTML)).concurrent_updates(False)
    builder = builder.connection_pool_size(256).pool_timeout(30)
    if kept:
        builder = builder.persistence(PicklePersistence(kept, update_interval=5))
    application = builder.build()
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                ORDER: [
                    CallbackQueryHandler(open_order, pattern="^o:"),
                    CallbackQueryHandler(begin, pattern="^s:"),
                ],
                REASON: [CallbackQueryHandler(reason)],
                STORY: [MessageHandler(filters.TEXT & ~filters.COMMAND, story)],
                PHOTOS: [
                    MessageHandler(filters.PHOTO, photo),
                    CallbackQueryHandler(done, pattern="^q:photos:done$"),
                ],
                SUMMARY: [CallbackQueryHandler(send, pattern="^q:summary:send$")],
            },
            fallbacks=[],
            name="return",
            persistent=bool(kept),
        )
    )
    application.run_polling()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *sys.argv[4:5])
