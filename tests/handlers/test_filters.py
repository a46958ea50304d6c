import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Chat, Message, User
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import Role
from bot.screens import buttons, keys
from bot.services.links import invitation_of, order_of, order_parameter
from bot.services.records import Account
from bot.texts import Catalogues
from handlers.filters import Asks, Commanding, Pressed, command_of, read, working_role

CATALOGUES = Catalogues()
ANNA = User(id=5, is_bot=False, first_name="Anna")
KINDS = [
    kind
    for kind in vars(buttons).values()
    if isinstance(kind, type) and issubclass(kind, CallbackData) and kind is not CallbackData
]


def message(text: str) -> Message:
    chat = Chat(id=5, type="private")
    return Message(message_id=1, date=datetime.now(UTC), chat=chat, from_user=ANNA, text=text)


def query(data: str) -> CallbackQuery:
    return CallbackQuery(id="1", from_user=ANNA, chat_instance="1", data=data)


def passed(filter: Any, *given: Any) -> Any:
    return asyncio.run(filter(*given))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/start", ("start", "")),
        ("/start oMTAwMQ", ("start", "oMTAwMQ")),
        ("/Return@return_desk_bot  R-000123 ", ("return", "R-000123")),
        ("/cancel\nplease", ("cancel", "please")),
        ("start", None),
        ("/", None),
        ("", None),
        (None, None),
    ],
)
def test_a_command_is_read_with_what_follows_it(
    text: str | None, said: tuple[str, str] | None
) -> None:
    assert command_of(text) == said


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_button_of_the_reply_keyboard_is_known_in_every_language(language: str) -> None:
    label = CATALOGUES.texts(language).plain(keys.MY_ORDERS)
    assert passed(Asks("orders", keys.MY_ORDERS), message(label), CATALOGUES) == {"rest": ""}
    assert passed(Commanding(True), message(label), CATALOGUES)
    assert not passed(Asks("returns", keys.MY_RETURNS), message(label), CATALOGUES)


def test_words_that_are_no_command_go_to_the_open_form() -> None:
    assert passed(Commanding(False), message("It is broken"), CATALOGUES)
    assert not passed(Commanding(False), message("/cancel"), CATALOGUES)


@pytest.mark.parametrize(
    "data",
    [
        "a:+1:2:approve",
        "a:01:2:approve",
        "a:1_0:2:approve",
        "a: 1:2:approve",
        "a:1.0:2:approve",
        "a:-1:2:approve",
        "a:\u0661:2:approve",
        "a:9223372036854775808:2:approve",
        "a:99999999999999999999999:2:approve",
        "a:1:2",
        "a:1:2:approve:x",
        "a:1:2:app rove",
        "k:1:2:approve",
        "A:1:2:approve",
    ],
)
def test_a_number_has_one_canonical_form(data: str) -> None:
    assert passed(Pressed(buttons.Act), query(data)) is False


def test_the_largest_number_that_the_database_holds_is_read() -> None:
    found = read(buttons.Act, "a:9223372036854775807:0:approve")
    assert found == buttons.Act(case=2**63 - 1, version=0, action="approve")


@given(st.one_of(st.text(max_size=70), st.from_regex(r"[a-z]:[0-9+_. -]{0,25}(:[\w.-]{0,9}){0,3}")))
def test_no_callback_data_breaks_the_reading(data: str) -> None:
    for kind in KINDS:
        found = read(kind, data)
        assert found is None or found.pack() == data


@given(st.one_of(st.text(max_size=80), st.from_regex(r"[oi][A-Za-z0-9_-]{0,63}", fullmatch=True)))
def test_no_start_parameter_breaks_the_door(parameter: str) -> None:
    assert order_of(parameter, "secret") is None
    assert invitation_of(parameter) is None or len(parameter) == 23


@given(st.text(min_size=1, max_size=7), st.integers(0, 63), st.characters(codec="ascii"))
def test_an_order_link_with_another_sign_opens_nothing(number: str, at: int, sign: str) -> None:
    genuine = order_parameter(number, "secret")
    assert order_of(genuine, "secret") == number
    assert order_of(genuine, "another secret") is None
    forged = genuine[: at % len(genuine)] + sign + genuine[at % len(genuine) + 1 :]
    assert order_of(forged, "secret") == (number if forged == genuine else None)


@pytest.mark.parametrize(
    ("account", "role"),
    [
        (Account(id=1), Role.CUSTOMER),
        (Account(id=1, sellers=("a",)), Role.SELLER),
        (Account(id=1, sellers=("a",), staff=Role.ADMIN), Role.SELLER),
        (Account(id=1, sellers=("a",), staff=Role.ADMIN, role=Role.ADMIN), Role.ADMIN),
        (Account(id=1, staff=Role.MODERATOR, role=Role.SELLER), Role.MODERATOR),
    ],
)
def test_a_command_of_work_finds_the_role_for_it(account: Account, role: Role) -> None:
    assert working_role(account) is role
