"""The peer: a stock aiogram bot, `Dispatcher.start_polling` with `MemoryStorage` and states."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
)

from tests.bench.bots.spoken import SELLER, Saying, Spoken, number_in, return_number

router = Router()
returns = itertools.count(1)
spoken: Spoken


class Return(StatesGroup):
    order = State()
    reason = State()
    story = State()
    photos = State()
    summary = State()


def inline(saying: Saying, number: str, named: str = "") -> InlineKeyboardMarkup | None:
    if not saying.rows:
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text=label, callback_data=data, style=style)
                for label, data, style in row
            ]
            for row in saying.buttons(number, named)
        ]
    )


@router.message(CommandStart(deep_link=True))
async def start(message: Message, command: CommandObject, state: FSMContext, bot: Bot) -> None:
    number = number_in(command.args or "")
    await state.set_state(Return.order)
    await state.update_data(number=number, photos=[])
    await bot.set_my_commands(
        [BotCommand(command=name, description=text) for name, text in spoken.commands],
        scope=BotCommandScopeChat(chat_id=message.chat.id),
    )
    menu, order = spoken.at(0)
    await message.answer(
        menu.text,
        reply_markup=ReplyKeyboardMarkup(
            keyboard=[[KeyboardButton(text=key) for key in row] for row in menu.keys],
            resize_keyboard=True,
        ),
    )
    await message.answer(order.words(number), reply_markup=inline(order, number))


@router.callback_query(Return.order, F.data.startswith("o:"))
async def open_order(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await edit(query, 1, (await state.get_data())["number"])


@router.callback_query(Return.order, F.data.startswith("s:"))
async def begin(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await state.set_state(Return.reason)
    number = (await state.get_data())["number"]
    (saying,) = spoken.at(2)
    if query.message is not None:
        await query.message.answer(saying.words(number), reply_markup=inline(saying, number))


@router.callback_query(Return.reason)
async def reason(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await state.set_state(Return.story)
    if query.message is not None:
        await state.update_data(reason=query.data, asked=query.message.message_id)
    await edit(query, 3, (await state.get_data())["number"])


@router.message(Return.story, F.text)
async def story(message: Message, state: FSMContext) -> None:
    await state.set_state(Return.photos)
    await state.update_data(story=message.text)
    await ask(message, 4, await state.get_data(), state)


@router.message(Return.photos, F.photo)
async def photo(message: Message, state: FSMContext) -> None:
    data = await state.get_data()
    photos = [*data["photos"], (message.photo or [])[-1].file_id]
    await state.update_data(photos=photos)
    await ask(message, 4 + len(photos), data, state)


@router.callback_query(Return.photos, F.data == "q:photos:done")
async def done(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await state.set_state(Return.summary)
    await edit(query, 7, (await state.get_data())["number"])


@router.callback_query(Return.summary, F.data == "q:summary:send")
async def send(query: CallbackQuery, state: FSMContext, bot: Bot) -> None:
    await query.answer()
    data = await state.get_data()
    await state.clear()
    number, named = data["number"], return_number(next(returns))
    caption = spoken.album.replace("R-000001", named)
    card, closed = spoken.at(8)
    if card.rows == ():
        card, closed = closed, card
    (asked,) = spoken.at(8, "seller")
    await bot.send_media_group(
        SELLER,
        [
            InputMediaPhoto(media=photo, caption=None if n else caption)
            for n, photo in enumerate(data["photos"])
        ],
        disable_notification=True,
    )
    await bot.send_message(
        query.from_user.id,
        card.words(number, named),
        reply_markup=inline(card, number, named),
        disable_notification=True,
    )
    await bot.send_message(
        SELLER, asked.words(number, named), reply_markup=inline(asked, number, named)
    )
    if isinstance(query.message, Message):
        await query.message.edit_text(closed.words(number, named))


async def edit(query: CallbackQuery, step: int, number: str) -> None:
    (saying,) = spoken.at(step)
    if isinstance(query.message, Message):
        await query.message.edit_text(saying.words(number), reply_markup=inline(saying, number))


async def ask(message: Message, step: int, data: dict[str, Any], state: FSMContext) -> None:
    """Ask the next thing, and take the buttons off the last question."""
    (saying,) = spoken.at(step)
    number = data["number"]
    sent = await message.answer(saying.words(number), reply_markup=inline(saying, number))
    await state.update_data(asked=sent.message_id)
    if message.bot is not None:
        await message.bot.edit_message_reply_markup(
            chat_id=message.chat.id, message_id=data["asked"]
        )


async def main(api: str, token: str, path: Path) -> None:
    global spoken
    spoken = Spoken(path)
    bot = Bot(
        token,
        session=AiohttpSession(api=TelegramAPIServer.from_base(api)),
        default=DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True),
    )
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(router)
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
