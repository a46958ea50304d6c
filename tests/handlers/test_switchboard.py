from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.filters import Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused, Role
from bot.services.records import Account, DraftKind, DraftRow
from handlers.filters import DraftOpen, Pressed
from handlers.switchboard import Switchboard
from handlers.tree import ADMIN, ANYONE
from tests.handlers.test_filters import message, query

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA = Account(id=5)
ADMIN_OLGA = Account(id=6, staff=Role.ADMIN)


class Open(CallbackData, prefix="zo"):
    number: str


class Pay(CallbackData, prefix="zp"):
    number: str


class Long(Filter):
    """A filter that counts how often it was asked."""

    asked = 0

    async def __call__(self, event: Message | CallbackQuery) -> bool:
        Long.asked += 1
        return isinstance(event, Message) and len(event.text or "") > 5


def board() -> Switchboard:
    first, second = Router(name="first"), Router(name="second")

    @first.message(Long(), flags=ANYONE)
    async def long(message: Message) -> str:
        return "long"

    @first.callback_query(Pressed(Open), flags=ANYONE)
    async def open_(query: CallbackQuery, pressed: Open) -> str:
        return f"open {pressed.number}"

    @first.callback_query(Pressed(Pay), flags=ADMIN)
    async def pay(query: CallbackQuery) -> str:
        return "paid"

    @second.message(flags=ANYONE)
    async def any_message(message: Message) -> str:
        return "message"

    @second.callback_query(flags=ANYONE)
    async def any_press(query: CallbackQuery) -> str:
        return "press"

    switchboard = Switchboard()
    switchboard.take(first, second)
    return switchboard


async def put(event: Message | CallbackQuery, account: Account = ANNA) -> Any:
    kind = "message" if isinstance(event, Message) else "callback_query"
    return await board().propagate_event(kind, event, account=account)


async def test_the_first_handler_that_takes_an_update_gets_it() -> None:
    assert await put(message("a long story")) == "long"
    assert await put(message("no")) == "message"


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("zo:1001", "open 1001"),
        ("zo", "press"),
        ("zz:1", "press"),
        ("", "press"),
        ("zo2:1", "press"),
    ],
)
async def test_a_press_goes_to_what_its_data_begin_with(data: str, answer: str) -> None:
    assert await put(query(data)) == answer


async def test_only_who_holds_the_role_is_put_through() -> None:
    assert await put(query("zp:1"), ADMIN_OLGA) == "paid"
    with pytest.raises(Refused, match="not_your_role"):
        await put(query("zp:1"))


async def test_an_update_that_nobody_takes_is_unhandled() -> None:
    empty = Switchboard()
    assert await empty.propagate_event("message", message("hello"), account=ANNA) is UNHANDLED


async def test_handlers_for_other_presses_are_not_asked() -> None:
    router = Router()

    @router.callback_query(Pressed(Pay), Long(), flags=ANYONE)
    async def pay(query: CallbackQuery) -> None: ...

    switchboard = Switchboard()
    switchboard.take(router)
    asked = Long.asked
    await switchboard.propagate_event("callback_query", query("zo:1"), account=ANNA)
    assert Long.asked == asked
    await switchboard.propagate_event("callback_query", query("zp:1"), account=ANNA)
    assert Long.asked == asked + 1


async def test_handlers_of_other_forms_are_not_asked() -> None:
    router = Router()

    @router.message(Long(), DraftOpen(DraftKind.CLAIM), flags=ANYONE)
    async def claim(message: Message) -> str:
        return "claim"

    @router.message(flags=ANYONE)
    async def any_message(message: Message) -> str:
        return "message"

    async def said(kind: DraftKind | None) -> Any:
        row = kind and DraftRow(account=5, kind=kind, body="{}", due_at=NOON)
        return await switchboard.propagate_event("message", story, account=ANNA, draft=row)

    switchboard, story = Switchboard(), message("a long story")
    switchboard.take(router)
    asked = Long.asked
    assert [await said(DraftKind.RETURN), await said(None)] == ["message", "message"]
    assert Long.asked == asked
    assert await said(DraftKind.CLAIM) == "claim"
    assert Long.asked == asked + 1


async def test_more_filters_are_for_messages_only() -> None:
    router = Router()

    @router.message(flags=ANYONE)
    async def any_message(message: Message) -> str:
        return "message"

    @router.callback_query(flags=ANYONE)
    async def any_press(query: CallbackQuery) -> str:
        return "press"

    switchboard = Switchboard()
    switchboard.take(router, messages=[Long()])
    put = switchboard.propagate_event
    assert await put("message", message("no"), account=ANNA) is UNHANDLED
    assert await put("message", message("a long story"), account=ANNA) == "message"
    assert await put("callback_query", query("1"), account=ANNA) == "press"
