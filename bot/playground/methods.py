"""The Bot API's methods by name, and those that make no message."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiogram.methods import (
    AnswerCallbackQuery,
    CloseForumTopic,
    CreateForumTopic,
    DeleteMyCommands,
    DeleteWebhook,
    EditForumTopic,
    GetChat,
    GetChatMember,
    GetChatMenuButton,
    GetFile,
    GetMyCommands,
    ReopenForumTopic,
    SendChatAction,
    SetChatMenuButton,
    SetMyCommands,
    SetWebhook,
)

from bot.playground import sending
from bot.playground.chats import Chat, Message, Toast
from bot.playground.sending import Uploads
from bot.playground.updates import CONNECTIONS
from bot.playground.wire import Json, Method, bad_request

if TYPE_CHECKING:
    from bot.playground.telegram import Telegram

MAX_CALLBACK_ANSWER = 200
MAX_COMMANDS = 100
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def get_me(telegram: Telegram, _: Method, __: Uploads) -> Json:
    return telegram.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": telegram.reads_groups,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def answer_callback_query(telegram: Telegram, request: AnswerCallbackQuery, _: Uploads) -> bool:
    text = request.text or ""
    if len(text) > MAX_CALLBACK_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    press = telegram.open_press_of(request.callback_query_id)
    if press is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if not press.answered:
        press.answered = True
        if text or request.url:
            toast = Toast(text, bool(request.show_alert), telegram.clock(), request.url or "")
            press.toast = toast
            press.person.toasts.append(toast)
            telegram.record(f"toast to {press.person.name}: {text}", press.person.chat)
        else:
            telegram.touch()
    return True


def send_chat_action(telegram: Telegram, request: SendChatAction, _: Uploads) -> bool:
    if request.action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = telegram.chat_to_write(request.chat_id)
    chat.action = (request.action, telegram.clock())
    telegram.touch()
    return True


def get_file(telegram: Telegram, request: GetFile, _: Uploads) -> Json:
    return telegram.files.described(request.file_id)


def get_chat(telegram: Telegram, request: GetChat, _: Uploads) -> Json:
    chat = telegram.chat_to_write(request.chat_id)
    gifts = dict.fromkeys(
        [
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ],
        False,
    )
    return chat.wire() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }


def get_chat_member(telegram: Telegram, request: GetChatMember, _: Uploads) -> Json:
    chat = telegram.chat_to_write(request.chat_id)
    for person in chat.members:
        if person.id == request.user_id:
            return {"user": person.user(), "status": "member"}
    person_known = telegram.people.get(request.user_id)
    if person_known is None:
        raise bad_request("user not found")
    return {"user": person_known.user(), "status": "left"}


def create_forum_topic(telegram: Telegram, request: CreateForumTopic, _: Uploads) -> Json:
    chat = telegram.chat_to_write(request.chat_id)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request("not enough rights to create a topic")
    if not 1 <= len(request.name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not request.name else "TOPIC_TITLE_TOO_LONG")
    color = request.icon_color or 0x6FB9F0
    topic = {"name": request.name, "icon_color": color}
    service: Json = {"forum_topic_created": topic}
    message_id = telegram.next_message_id(chat)
    chat.topics[message_id] = request.name
    message = Message(chat, message_id, None, telegram.clock(), service=service)
    message.thread_id = message_id
    telegram.bot_posts(message)
    return topic | {"message_thread_id": message_id}


def close_forum_topic(telegram: Telegram, request: CloseForumTopic, _: Uploads) -> bool:
    return _turn_topic(telegram, request, "forum_topic_closed")


def reopen_forum_topic(telegram: Telegram, request: ReopenForumTopic, _: Uploads) -> bool:
    return _turn_topic(telegram, request, "forum_topic_reopened")


def edit_forum_topic(telegram: Telegram, request: EditForumTopic, _: Uploads) -> bool:
    chat, id = _forum(telegram, request), request.message_thread_id
    name = request.name or ""
    if len(name) > 128:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    if name in ("", chat.topics[id]):
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.topics[id] = name
    return _served(telegram, chat, id, {"forum_topic_edited": {"name": name}})


def _turn_topic(
    telegram: Telegram, request: CloseForumTopic | ReopenForumTopic, service: str
) -> bool:
    chat, id = _forum(telegram, request), request.message_thread_id
    if (id in chat.closed) is (service == "forum_topic_closed"):
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.closed ^= {id}
    return _served(telegram, chat, id, {service: {}})


def _forum(
    telegram: Telegram, request: CloseForumTopic | ReopenForumTopic | EditForumTopic
) -> Chat:
    chat = telegram.chat_to_write(request.chat_id)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request("not enough rights to change the topic")
    if request.message_thread_id not in chat.topics:
        raise bad_request("TOPIC_ID_INVALID")
    return chat


def _served(telegram: Telegram, chat: Chat, topic: int, service: Json) -> bool:
    id, now = telegram.next_message_id(chat), telegram.clock()
    telegram.bot_posts(Message(chat, id, None, now, service=service, thread_id=topic))
    return True


def set_my_commands(telegram: Telegram, request: SetMyCommands, _: Uploads) -> bool:
    key = _commands_key(telegram, request)
    commands = []
    for command in request.commands:
        name, description = command.command.strip().removeprefix("/"), command.description.strip()
        if not name:
            raise bad_request("Command must be non-empty")
        if len(name) > 32:
            raise bad_request("Command length must not exceed 32")
        if not description:
            raise bad_request("Command description must be non-empty")
        if len(description) > 256:
            raise bad_request("Command description length must not exceed 256")
        if not re.fullmatch(r"[a-z0-9_]+", name):
            raise bad_request("BOT_COMMAND_INVALID")
        commands.append((name, description))
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    if commands:
        telegram.commands[key] = commands
    else:
        telegram.commands.pop(key, None)
    telegram.touch()
    return True


def get_my_commands(telegram: Telegram, request: GetMyCommands, _: Uploads) -> list[Json]:
    commands = telegram.commands.get(_commands_key(telegram, request), [])
    return [{"command": name, "description": description} for name, description in commands]


def delete_my_commands(telegram: Telegram, request: DeleteMyCommands, _: Uploads) -> bool:
    telegram.commands.pop(_commands_key(telegram, request), None)
    telegram.touch()
    return True


def _commands_key(telegram: Telegram, request: Any) -> tuple[str, str]:
    language = request.language_code or ""
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("Invalid language code specified")
    scope = request.scope
    if scope is None:
        return "default", language
    if getattr(scope, "chat_id", None) is None:
        return scope.type, language
    chat = telegram.chat_to_write(scope.chat_id)
    member = getattr(scope, "user_id", None)
    name = f"{scope.type}:{chat.id}" + (f":{member}" if member is not None else "")
    return name, language


def set_chat_menu_button(telegram: Telegram, request: SetChatMenuButton, _: Uploads) -> bool:
    chat_id = 0 if request.chat_id is None else telegram.chat_to_write(request.chat_id).id
    button = request.menu_button
    telegram.menu_buttons[chat_id] = (
        {"type": "default"} if button is None else button.model_dump(exclude_none=True)
    )
    telegram.touch()
    return True


def get_chat_menu_button(telegram: Telegram, request: GetChatMenuButton, _: Uploads) -> Json:
    return telegram.menu_button(request.chat_id or 0)


def set_webhook(telegram: Telegram, request: SetWebhook, uploads: Uploads) -> bool:
    if not request.url:
        return delete_webhook(telegram, DeleteWebhook(), uploads)
    if not re.match(r"https?://[^/\s]+", request.url):
        raise bad_request("bad webhook: invalid webhook URL specified")
    secret = request.secret_token or ""
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    updates = telegram.updates
    updates.allow(request.allowed_updates)
    if request.drop_pending_updates:
        updates.drop()
    updates.webhook_url, telegram.webhook_secret = request.url, secret
    updates.webhook_connections = request.max_connections or CONNECTIONS
    updates.end_poll("Conflict: terminated by setWebhook request")
    updates.changed()
    return True


def delete_webhook(telegram: Telegram, request: DeleteWebhook, _: Uploads) -> bool:
    telegram.updates.webhook_url, telegram.webhook_secret = "", ""
    if request.drop_pending_updates:
        telegram.updates.drop()
    return True


def get_webhook_info(telegram: Telegram, _: Method, __: Uploads) -> Json:
    updates = telegram.updates
    info: Json = {
        "url": updates.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": len(updates.pending),
        "max_connections": updates.webhook_connections,
    }
    if updates.last_webhook_error:
        info["last_error_message"] = updates.last_webhook_error
    if updates.allowed is not None:
        info["allowed_updates"] = sorted(updates.allowed)
    return info


def _yes(telegram: Telegram, _: Method, __: Uploads) -> bool:
    telegram.touch()
    return True


HANDLERS: dict[str, Callable[[Telegram, Any, Uploads], Any]] = {
    "getme": get_me,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "getfile": get_file,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "createforumtopic": create_forum_topic,
    "editforumtopic": edit_forum_topic,
    "closeforumtopic": close_forum_topic,
    "reopenforumtopic": reopen_forum_topic,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setchatmenubutton": set_chat_menu_button,
    "getchatmenubutton": get_chat_menu_button,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "setmyname": _yes,
    "setmydescription": _yes,
    "setmyshortdescription": _yes,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendvideo": sending.send_video,
    "sendmediagroup": sending.send_media_group,
    "editmessagetext": sending.edit_message_text,
    "editmessagecaption": sending.edit_message_caption,
    "editmessagemedia": sending.edit_message_media,
    "editmessagereplymarkup": sending.edit_message_reply_markup,
    "deletemessage": sending.delete_message,
    "deletemessages": sending.delete_messages,
    "pinchatmessage": sending.pin_chat_message,
    "unpinchatmessage": sending.unpin_chat_message,
}
