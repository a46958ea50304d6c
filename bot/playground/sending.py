"""The methods that make, change and remove messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiogram.methods import (
    DeleteMessage,
    DeleteMessages,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    PinChatMessage,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SendVideo,
    UnpinChatMessage,
)
from aiogram.types import InputMediaDocument, InputMediaPhoto, InputMediaVideo

from bot.playground.chats import Chat, Message
from bot.playground.entities import MAX_CAPTION, MAX_TEXT, read_text
from bot.playground.files import File, FileKind
from bot.playground.keyboards import Keyboards, read_keyboards
from bot.playground.markup import utf16_length
from bot.playground.wire import Json, Upload, bad_request, given

if TYPE_CHECKING:
    from bot.playground.telegram import Telegram

MAX_ALBUM = 10
DELETABLE_FOR = timedelta(hours=48)

Uploads = Mapping[str, Upload]


@dataclass
class Content:
    """What a message shows: a text, or one file with a caption."""

    text: str = ""
    entities: list[Json] = field(default_factory=list)
    photo: list[File] = field(default_factory=list)
    document: File | None = None
    video: File | None = None


def send_message(telegram: Telegram, request: SendMessage, _: Uploads) -> Json:
    content = _text(request)
    return _send(telegram, request, content).wire()


def send_photo(telegram: Telegram, request: SendPhoto, uploads: Uploads) -> Json:
    content = _media(telegram, "photo", request.photo, request, uploads)
    return _send(telegram, request, content).wire()


def send_document(telegram: Telegram, request: SendDocument, uploads: Uploads) -> Json:
    content = _media(telegram, "document", request.document, request, uploads)
    return _send(telegram, request, content).wire()


def send_video(telegram: Telegram, request: SendVideo, uploads: Uploads) -> Json:
    content = _media(telegram, "video", request.video, request, uploads)
    return _send(telegram, request, content).wire()


def send_media_group(telegram: Telegram, request: SendMediaGroup, uploads: Uploads) -> list[Json]:
    contents = [_input_media(telegram, part, uploads, album=True) for part in request.media]
    chat = telegram.chat_to_write(request.chat_id)
    if len(contents) > MAX_ALBUM:
        raise bad_request("Too many messages to send as an album")
    if not contents:
        raise bad_request("There are no messages to send")
    if any(content.document for content in contents) and not all(c.document for c in contents):
        raise bad_request("Document can't be mixed with other media types")
    reply_to = _reply_to(telegram, chat, request.reply_parameters)
    telegram.spend(chat, len(contents))
    group = telegram.next_group_id() if len(contents) > 1 else None
    return [
        _post(telegram, chat, content, Keyboards(), request, reply_to, group).wire()
        for content in contents
    ]


def edit_message_text(telegram: Telegram, request: EditMessageText, _: Uploads) -> Json:
    content = _text(request)
    message = _to_edit(telegram, request)
    if message.has_media or message.contact:
        raise bad_request("There is no text in the message to edit")
    return _edit(telegram, message, content, request)


def edit_message_caption(telegram: Telegram, request: EditMessageCaption, _: Uploads) -> Json:
    caption = Content(*_caption(request))
    message = _to_edit(telegram, request)
    if not message.has_media:
        raise bad_request("There is no caption in the message to edit")
    caption.photo, caption.document, caption.video = (
        message.photo,
        message.document,
        message.video,
    )
    return _edit(telegram, message, caption, request)


def edit_message_media(telegram: Telegram, request: EditMessageMedia, uploads: Uploads) -> Json:
    content = _input_media(telegram, request.media, uploads, album=False)
    return _edit(telegram, _to_edit(telegram, request), content, request)


def edit_message_reply_markup(
    telegram: Telegram, request: EditMessageReplyMarkup, _: Uploads
) -> Json:
    return _edit(telegram, _to_edit(telegram, request), None, request)


def delete_message(telegram: Telegram, request: DeleteMessage, _: Uploads) -> bool:
    chat = telegram.chat_to_write(request.chat_id)
    message = chat.find(request.message_id)
    if message is None:
        raise bad_request("message to delete not found")
    _delete(telegram, message)
    return True


def delete_messages(telegram: Telegram, request: DeleteMessages, _: Uploads) -> bool:
    chat = telegram.chat_to_write(request.chat_id)
    if len(request.message_ids) > 100:
        raise bad_request("Too many message identifiers specified")
    for message_id in request.message_ids:
        message = chat.find(message_id)
        if message is not None:
            _delete(telegram, message)
    return True


def pin_chat_message(telegram: Telegram, request: PinChatMessage, _: Uploads) -> bool:
    chat = telegram.chat_to_write(request.chat_id)
    if chat.find(request.message_id) is None:
        raise bad_request("message to pin not found")
    if not chat.is_private and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    if request.message_id in chat.pinned:
        chat.pinned.remove(request.message_id)
    chat.pinned.append(request.message_id)
    telegram.touch()
    return True


def unpin_chat_message(telegram: Telegram, request: UnpinChatMessage, _: Uploads) -> bool:
    chat = telegram.chat_to_write(request.chat_id)
    message_id = request.message_id or (chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("Message to unpin not found")
    chat.pinned.remove(message_id)
    telegram.touch()
    return True


def _text(request: SendMessage | EditMessageText) -> Content:
    if not request.text:
        raise bad_request("Message text is empty")
    return Content(*read_text(request.text, given(request.parse_mode), request.entities))


def _caption(request: Any) -> tuple[str, list[Json]]:
    caption = request.caption or ""
    mode = given(request.parse_mode)
    return read_text(caption, mode if caption else None, request.caption_entities, empty=True)


def _media(
    telegram: Telegram, kind: FileKind, source: Any, captioned: Any, uploads: Uploads
) -> Content:
    content = Content(*_caption(captioned))
    upload = None
    if str(source).startswith("attach://"):
        upload = uploads.get(str(source).removeprefix("attach://"))
        if upload is None:
            raise bad_request(f"There is no {kind} in the request")
    elif str(source).lower().startswith(("http://", "https://")):
        raise bad_request("Failed to get HTTP URL content")
    if kind == "photo":
        files = telegram.files
        content.photo = files.add_photo(upload.content) if upload else files.photo(source)
        return content
    if upload is not None and not upload.content:
        raise bad_request("File must be non-empty")
    mime = "video/mp4" if kind == "video" else "application/octet-stream"
    file = (
        telegram.files.add(kind, upload.content, upload.name, mime)
        if upload is not None
        else telegram.files.get(source, kind)
    )
    if kind == "video":
        content.video = file
    else:
        content.document = file
    return content


def _input_media(telegram: Telegram, media: Any, uploads: Uploads, *, album: bool) -> Content:
    match media:
        case InputMediaPhoto():
            return _media(telegram, "photo", media.media, media, uploads)
        case InputMediaVideo():
            return _media(telegram, "video", media.media, media, uploads)
        case InputMediaDocument():
            return _media(telegram, "document", media.media, media, uploads)
        case _:
            what = "can't be used in sendMediaGroup" if album else "is unsupported"
            raise bad_request(f'Can\'t parse InputMedia: type "{media.type}" {what}')


def _reply_to(telegram: Telegram, chat: Chat, parameters: Any) -> Message | None:
    if parameters is None:
        return None
    message = chat.find(parameters.message_id)
    if message is None and not given(parameters.allow_sending_without_reply):
        raise bad_request("message to be replied not found")
    return message


def _send(
    telegram: Telegram,
    request: SendMessage | SendPhoto | SendDocument | SendVideo,
    content: Content,
) -> Message:
    private = str(request.chat_id).isdigit()
    keyboards = read_keyboards(request.reply_markup, private=private)
    chat = telegram.chat_to_write(request.chat_id)
    reply_to = _reply_to(telegram, chat, request.reply_parameters)
    _check_length(content)
    telegram.spend(chat, 1)
    return _post(telegram, chat, content, keyboards, request, reply_to, None)


def _check_length(content: Content) -> None:
    media = content.photo or content.document or content.video
    if utf16_length(content.text) > (MAX_CAPTION if media else MAX_TEXT):
        raise bad_request("Message caption is too long" if media else "Message is too long")


def _post(
    telegram: Telegram,
    chat: Chat,
    content: Content,
    keyboards: Keyboards,
    request: Any,
    reply_to: Message | None,
    group: str | None,
) -> Message:
    if group is not None:
        _check_length(content)
    thread = request.message_thread_id
    if thread is not None and chat.forum and thread not in chat.topics:
        raise bad_request("message thread not found")
    if thread in chat.closed and chat.bot_status != "administrator":
        raise bad_request("TOPIC_CLOSED")
    message = Message(
        chat,
        telegram.next_message_id(chat),
        None,
        telegram.clock(),
        text=content.text,
        entities=content.entities,
        photo=content.photo,
        document=content.document,
        video=content.video,
        rows=keyboards.inline,
        markup=keyboards.wire,
        bars_editing=keyboards.bars_editing,
        media_group_id=group,
        reply_to=reply_to,
        thread_id=thread if chat.forum else None,
        silent=bool(request.disable_notification),
    )
    if keyboards.reply is not None:
        chat.reply_keyboard = keyboards.reply
    elif keyboards.remove_reply:
        chat.reply_keyboard = None
    chat.action = None
    telegram.bot_posts(message)
    return message


def _to_edit(telegram: Telegram, request: Any) -> Message:
    if request.chat_id is None:
        raise bad_request("Message identifier is not specified")
    chat = telegram.chat_to_write(request.chat_id)
    message = chat.find(request.message_id or 0)
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot or message.bars_editing or message.service is not None:
        raise bad_request("Message can't be edited")
    return message


def _edit(telegram: Telegram, message: Message, content: Content | None, request: Any) -> Json:
    keyboards = read_keyboards(request.reply_markup, private=message.chat.is_private)
    if content is None:
        content = Content(
            message.text, message.entities, message.photo, message.document, message.video
        )
    _check_length(content)
    old = (message.text, message.entities, message.photo, message.document, message.video)
    new = (content.text, content.entities, content.photo, content.document, content.video)
    if old == new and message.markup == keyboards.wire:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    telegram.spend(message.chat, 1)
    message.text, message.entities, message.photo, message.document, message.video = new
    message.rows, message.markup = keyboards.inline, keyboards.wire
    message.edited = telegram.clock()
    telegram.bot_edits(message)
    return message.wire()


def _delete(telegram: Telegram, message: Message) -> None:
    chat = message.chat
    if not message.from_bot and not chat.is_private and chat.bot_status != "administrator":
        raise bad_request("Message can't be deleted")
    if telegram.clock() - message.date > DELETABLE_FOR and chat.type != "supergroup":
        raise bad_request("Message can't be deleted for everyone")
    message.deleted = True
    telegram.record(f"bot deletes: {message.text}", chat)
