"""Raw updates become models: the same ones as whole, but for what nobody reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import InaccessibleMessage, Update

from bot.services.records import Received
from bot.workers.updates import Updates

BOT = Bot("42:updates")
ANNA = {"id": 5, "is_bot": False, "first_name": "Anna", "language_code": "en"}
CHAT = {"id": 5, "type": "private", "first_name": "Anna"}
MESSAGE = {"message_id": 7, "date": 1_772_359_200, "chat": CHAT, "from": ANNA, "text": "Hello"}
PRESS = {"id": "1", "from": ANNA, "chat_instance": "1", "data": "a:b", "message": MESSAGE}

SIZE = {"file_id": "f1", "file_unique_id": "u1", "width": 9, "height": 9}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def updates() -> Updates:
    return Updates(BOT)


def read(updates: Updates, **content: Any) -> Update:
    return updates.read(received({"update_id": 3, **content}))


def received(said: dict[str, Any], **known: Any) -> Received:
    return Received(update_id=3, chat=5, kind="", raw=json.dumps(said), received_at=NOON, **known)


def whole(**content: Any) -> Update:
    return Update.model_validate({"update_id": 3, **content}, context={"bot": BOT})


def test_a_message_is_read_whole_every_time(updates: Updates) -> None:
    for _ in range(2):
        found = read(updates, message=MESSAGE)
        assert found == whole(message=MESSAGE)
        assert found.message is not None
        assert found.message.bot is BOT


def test_of_a_pressed_message_only_which_one_is_read(updates: Updates) -> None:
    press = read(updates, callback_query=PRESS).callback_query
    assert press is not None
    expected = whole(callback_query=PRESS).callback_query
    assert expected is not None
    assert (press.from_user, press.data, press.id) == (expected.from_user, "a:b", "1")
    assert isinstance(press.message, InaccessibleMessage)
    assert (press.message.message_id, press.message.chat.id) == (7, 5)


def test_of_a_photo_only_the_largest_size_is_read(updates: Updates) -> None:
    sizes = [SIZE, SIZE | {"file_id": "f9"}]
    found = read(updates, message=MESSAGE | {"photo": sizes}).message
    assert found is not None
    assert found.photo is not None
    assert [size.file_id for size in found.photo] == ["f9"]


@pytest.mark.parametrize(
    "content",
    [
        {"message": MESSAGE},
        {"message": MESSAGE | {"photo": [SIZE, SIZE | {"file_id": "f9"}]}},
        {"callback_query": PRESS},
    ],
)
def test_what_has_just_come_is_read_as_from_its_text_and_stays_as_it_is(
    updates: Updates, content: dict[str, Any]
) -> None:
    said = {"update_id": 3, **content}
    text = json.dumps(said)
    assert updates.read(received(said, value=said)) == updates.read(received(said))
    assert json.dumps(said) == text


def test_a_person_with_a_new_name_is_not_taken_for_the_old_one(updates: Updates) -> None:
    read(updates, message=MESSAGE)
    found = read(updates, message=MESSAGE | {"from": ANNA | {"first_name": "Anja"}}).message
    assert found is not None
    assert found.from_user is not None
    assert found.from_user.first_name == "Anja"


def test_what_telegram_may_add_to_a_person_is_not_in_the_way(updates: Updates) -> None:
    message = MESSAGE | {"from": ANNA | {"badges": [{"id": 1}]}}
    assert read(updates, message=message) == whole(message=message)


@pytest.mark.parametrize(
    "content",
    [
        {"callback_query": PRESS | {"message": {}}},
        {"callback_query": PRESS | {"from": 5}},
        {"message": MESSAGE | {"chat": {"id": "x"}}},
        {"message": {}},
    ],
)
def test_what_is_no_update_is_an_error(updates: Updates, content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read(updates, **content)
