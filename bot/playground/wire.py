"""What goes over the wire: a request read into aiogram's method models, an answer, a refusal."""

from __future__ import annotations

import datetime
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

import aiogram.methods
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile
from pydantic import ValidationError

Json = dict[str, Any]
Method = TelegramMethod[Any]


class ApiError(Exception):
    """A refusal in Telegram's words: HTTP status, ``description`` as sent, ``parameters``."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad_request(reason: str, **parameters: int) -> ApiError:
    """400 with ``Bad Request: `` and the reason, its first letter lowered as Telegram does."""
    if not (len(reason) > 1 and (reason[1] == "_" or "A" <= reason[1] <= "Z")):
        reason = reason[:1].lower() + reason[1:]
    return ApiError(400, f"Bad Request: {reason}", **parameters)


def forbidden(reason: str) -> ApiError:
    return ApiError(403, f"Forbidden: {reason}")


class Ending(Enum):
    """How the connection ends."""

    WHOLE = "whole"
    RESET = "reset"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; ``body`` does not matter where the connection is reset or times out."""

    status: int
    body: str
    ending: Ending = Ending.WHOLE
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file part of a multipart request."""

    name: str
    content: bytes = field(repr=False)


def succeeded(result: Any, description: str | None = None) -> Answer:
    body: Json = {"ok": True, "result": result}
    if description:
        body["description"] = description
    return Answer(200, json.dumps(body, ensure_ascii=False))


def refused(error: ApiError) -> Answer:
    body: Json = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return Answer(error.status, json.dumps(body, ensure_ascii=False))


METHODS: dict[str, type[Method]] = {
    model.__api_method__.lower(): model
    for name in aiogram.methods.__all__
    if isinstance(model := getattr(aiogram.methods, name), type)
    and issubclass(model, TelegramMethod)
    and model is not TelegramMethod
}
"""aiogram's request models by the lower-cased name of the method: Telegram ignores the case."""

_NOT_INLINE = {"keyboard", "remove_keyboard", "force_reply"}
_PLAIN = (str, bool, int, float, type(None), datetime.datetime, datetime.timedelta, Default)


@cache
def _structured(model: type[Method]) -> frozenset[str]:
    """The fields that a form carries as JSON."""
    model.model_rebuild()
    return frozenset(
        name
        for name, info in model.model_fields.items()
        if not all(_is_plain(kind) for kind in _alternatives(info.annotation))
    )


def _alternatives(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [kind for part in typing.get_args(annotation) for kind in _alternatives(part)]
    if typing.get_origin(annotation) is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    return [annotation]


def _is_plain(kind: Any) -> bool:
    if typing.get_origin(kind) is typing.Literal:
        return True
    return isinstance(kind, type) and issubclass(kind, (*_PLAIN, InputFile, Enum))


def read_request(name: str, params: Mapping[str, Any]) -> Method:
    """The request as aiogram's model.

    ``params`` are form fields (strings, structures as JSON text) or already decoded JSON.
    Raises `ApiError`: 404 for an unknown method, 400 for what does not fit the model.
    """
    model = METHODS.get(name.lower())
    if model is None:
        raise ApiError(404, "Not Found: method not found")
    values = dict(params)
    for key in _structured(model) & values.keys():
        if isinstance(values[key], str):
            try:
                values[key] = json.loads(values[key])
            except ValueError:
                raise bad_request(_unreadable(key)) from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        markup = values.get("reply_markup")
        misplaced = isinstance(markup, dict) and bool(_NOT_INLINE & markup.keys())
        if misplaced and first["loc"][:1] == ("reply_markup",):
            raise bad_request("Inline keyboard expected") from None
        raise _misfit([str(part) for part in first["loc"]], first["type"]) from None


def _unreadable(key: str) -> str:
    name = "reply keyboard markup" if key == "reply_markup" else key
    return f"can't parse {name} JSON object"


def _misfit(place: list[str], kind: str) -> ApiError:
    key = place[0] if place else "request"
    match key, kind:
        case "chat_id", _:
            return bad_request("chat_id is empty")
        case "text", "missing":
            return bad_request("message text is empty")
        case "reply_markup", _:
            return bad_request("object expected as reply markup")
        case "media", "missing":
            return bad_request('parameter "media" is required')
        case _, "missing":
            return bad_request(f'parameter "{key}" is required')
        case _:
            return bad_request(f"can't parse {'.'.join(place)}")


def given(value: Any) -> Any:
    """The value that the client sent, or None where aiogram's model holds a client default."""
    return None if isinstance(value, Default) else value
